"""Where a mistake is made: in some cases, some layers, some kinds of example, or everywhere.

A *division* sorts the items of a block, each a case and a layer, by one property.  A mistake is
made either everywhere, or for some of the values of one division.  Entries of the catalogue know
nothing of this: whatever an entry does, it may be done in the cases with ReLU alone.
"""
from __future__ import annotations

from typing import Any, Callable, NamedTuple

from purenn.crosscheck.questions.cases import Case

ACTIVATIONS = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU", "identity": "identity",
               "softmax": "softmax"}


class Division(NamedTuple):
    """A property of items, and how its values are put into words."""

    name: str
    #: (case, layer after the input, from 0) -> value
    value: Callable[[Case, int], Any]
    #: value -> words to follow the sentence of a mistake
    words: Callable[[Any], str]
    #: whether its values are layers, and not cases
    of_layers: bool = False


def _last(case: Case) -> int:
    return len(case.weights) - 1


def in_layer_from_the_end(depth: int) -> str:
    """The words for the layer at this distance from the output layer."""
    return ("in the output layer", "in the last hidden layer",
            "in the last hidden layer but one")[depth] if depth < 3 \
        else f"in the layer {depth} before the output"


#: the cheapest to say first
DIVISIONS = (
    Division("hidden", lambda case, l: case.hidden,
             lambda v: f"in the cases with {ACTIVATIONS[v]} in the hidden layers"),
    Division("cost", lambda case, l: case.cost, lambda v: f"in the cases with the {v} cost"),
    Division("output", lambda case, l: case.output,
             lambda v: f"in the cases with {ACTIVATIONS[v]} output"),
    Division("output layer", lambda case, l: l == _last(case),
             lambda v: "in the output layer" if v else "in the hidden layers", True),
    Division("first layer", lambda case, l: l == 0,
             lambda v: "in the first layer" if v else "in all layers after the first", True),
    Division("layer from the end", lambda case, l: _last(case) - l,
             in_layer_from_the_end, True),
    Division("layer", lambda case, l: l,
             lambda v: ("in the first layer", "in the second layer", "in the third layer")[v]
             if v < 3 else f"in layer {v + 1}", True),
    Division("examples", lambda case, l: len(case.mini_batch) > 1,
             lambda v: "where the mini-batch has more than one example" if v
             else "where the mini-batch has one example"),
    Division("decay", lambda case, l: case.lmbda != 0,
             lambda v: "in the cases with weight decay" if v else "in the cases without decay"),
    Division("cost and output", lambda case, l: (case.cost, case.output),
             lambda v: f"in the cases with the {v[0]} cost and {ACTIVATIONS[v[1]]} output"),
    Division("hidden and output", lambda case, l: (case.hidden, case.output),
             lambda v: f"in the cases with {ACTIVATIONS[v[0]]} hidden layers and "
             f"{ACTIVATIONS[v[1]]} output"),
)
