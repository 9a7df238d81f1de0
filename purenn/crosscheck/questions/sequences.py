"""Questions that take more than one step: a network, examples in order, and how to go through them.

One step from given weights shows nothing of what a program keeps between steps: gradients that are
not reset, momentum left on, the last, smaller mini-batch, arrays that share memory.  A sequence
case asks for several steps in a row, and for what the network says in the end.
"""
from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from purenn.crosscheck.questions.cases import (
    VERSION,
    Case,
    case_of,
    read_cases,
)
from purenn.linalg import Matrix, Number, Vector, total

SEQUENCES_FORMAT, MOST_EPOCHS = "purenn-sequences", 1000

#: what an answer to a sequence case may hold beside its name, in the order of the computation
SEQUENCE_FIELDS = ("steps", "final_weights", "final_biases", "predictions", "correct", "mean_cost")

Examples = list[tuple[Vector, Vector]]


class SequenceCase(NamedTuple):
    """A question about several steps; n is the number of examples."""

    name: str
    sizes: list[int]
    hidden: str
    output: str
    cost: str
    weights: list[Matrix]
    biases: list[Vector]
    #: how many examples each mini-batch takes, one after the other
    mini_batch_sizes: list[int]
    #: (x, y) in the order in which they are used
    examples: Examples
    #: how often to go through all of them
    epochs: int
    eta: Number
    lmbda: Number
    n: int


def to_json(case: SequenceCase) -> dict[str, Any]:
    """The case as it stands in a file; this is also what a Python function is given."""
    content = case._asdict()
    content["examples"] = [{"x": x, "y": y} for x, y in case.examples]
    return content


def sequences_content(cases: Sequence[SequenceCase]) -> dict[str, Any]:
    """A whole file of sequence cases, as a JSON value."""
    return {"format": SEQUENCES_FORMAT, "version": VERSION, "cases": list(map(to_json, cases))}


def sequences_from(content: Any, source: str) -> list[SequenceCase]:
    """The sequence cases that the JSON value from a source holds.

    Raises ValueError, naming the source, the case and the field.
    """
    return read_cases(content, source, SEQUENCES_FORMAT, _sequence_case)


def _sequence_case(item: dict[str, Any]) -> SequenceCase:
    own = ("mini_batch_sizes", "examples", "epochs")
    for field in SequenceCase._fields:
        if field not in item:
            raise ValueError(f'the field "{field}" is missing')
    whole = case_of({**{field: value for field, value in item.items() if field not in own},
                     "mini_batch": item["examples"]})
    sizes, epochs = item["mini_batch_sizes"], item["epochs"]
    if not isinstance(sizes, list) or not all(type(k) is int and k > 0 for k in sizes):
        raise ValueError('"mini_batch_sizes" must be a list of whole numbers from 1 on')
    if total(sizes) != len(whole.mini_batch):
        raise ValueError(f'"mini_batch_sizes" take {total(sizes)} examples, and there are '
                         f"{len(whole.mini_batch)}")
    if type(epochs) is not int or not 1 <= epochs <= MOST_EPOCHS:
        raise ValueError(f'"epochs" must be a whole number from 1 to {MOST_EPOCHS}')
    return SequenceCase(whole.name, whole.sizes, whole.hidden, whole.output, whole.cost,
                        whole.weights, whole.biases, sizes, whole.mini_batch, epochs, whole.eta,
                        whole.lmbda, whole.n)


def mini_batches(case: SequenceCase) -> list[Examples]:
    """The mini-batch of every step, all epochs one after the other."""
    found, k = [], 0
    for size in case.mini_batch_sizes:
        found.append(case.examples[k:k + size])
        k += size
    return found * case.epochs


def one_step(case: SequenceCase, weights: list[Matrix], biases: list[Vector],
             mini_batch: Examples) -> Case:
    """The question about a single step from these weights and biases."""
    return Case(case.name, case.sizes, case.hidden, case.output, case.cost, weights, biases,
                mini_batch, case.eta, case.lmbda, case.n)


@functools.lru_cache(maxsize=1)
def built_in_sequences() -> list[SequenceCase]:
    """The built-in sequence cases, the simplest first.  They are the same in every process.

    Most have mini-batches of one size and a smaller last one, which is what a program with a
    batch size makes of its data.  η is large enough for a step to change the later gradients.
    """
    sigmoid, relu, tanh = "sigmoid", "relu", "tanh"
    return [
        _drawn("four single examples", [2, 3, 1], sigmoid, sigmoid, "quadratic", [1] * 4, 1.5),
        _drawn("three mini-batches, quadratic", [2, 3, 2], sigmoid, sigmoid, "quadratic",
               [3, 3, 2], 2.25),
        _drawn("three mini-batches, cross-entropy, weight decay", [3, 4, 2], tanh, sigmoid,
               "cross-entropy", [3, 3, 2], 0.75, lmbda=2.0),
        _drawn("three mini-batches, softmax", [3, 4, 3], relu, "softmax", "log-likelihood",
               [3, 3, 2], 0.625),
        _drawn("single examples, softmax, weight decay", [3, 4, 3], sigmoid, "softmax",
               "log-likelihood", [1] * 4, 0.875, lmbda=0.5),
        _drawn("one output, cross-entropy, weight decay", [2, 3, 1], tanh, sigmoid,
               "cross-entropy", [3, 3, 2], 0.375, lmbda=1.5),
        _drawn("growing mini-batches, weight decay", [3, 4, 3], sigmoid, sigmoid, "quadratic",
               [1, 2, 3], 2.5, lmbda=0.25),
        _drawn("two hidden layers, two epochs", [2, 3, 3, 2], tanh, "softmax", "quadratic",
               [3, 2], 1.75, epochs=2),
        _drawn("ReLU, the last mini-batch of one", [3, 4, 2], relu, sigmoid, "cross-entropy",
               [2, 2, 2, 1], 0.25, lmbda=3.0),
        _drawn("two epochs, weight decay", [2, 4, 2], sigmoid, sigmoid, "quadratic",
               [2, 2, 1], 1.25, lmbda=0.5, epochs=2),
        _drawn("single examples, ReLU, quadratic", [2, 4, 2], relu, sigmoid, "quadratic",
               [1] * 5, 1.125),
    ]


def _drawn(name: str, sizes: list[int], hidden: str, output: str, cost: str,
           mini_batch_sizes: list[int], eta: float, lmbda: float = 0.0, epochs: int = 1
           ) -> SequenceCase:
    """A case with numbers of few bits, drawn by a generator that is seeded with its name.

    Each class occurs, and no target stands beside an equal one for long: only so can a target
    that was paired with another example be seen.
    """
    rng = random.Random(name)

    def eighths(most: int) -> float:  # random() alone gives the same on all versions of Python
        return (int(rng.random() * (2 * most + 1)) - most) / 8

    n, outputs = sum(mini_batch_sizes), sizes[-1]
    weights = [[[eighths(14) for _ in range(k)] for _ in range(j)]
               for k, j in zip(sizes, sizes[1:])]
    biases = [[eighths(6) or 0.125 for _ in range(j)] for j in sizes[1:]]
    first = int(rng.random() * max(outputs, 2))
    classes = [(first + e + e // 3) % max(outputs, 2) for e in range(n)]
    examples = [([eighths(8) for _ in range(sizes[0])],
                 [float(c)] if outputs == 1 else [float(j == c) for j in range(outputs)])
                for c in classes]
    return SequenceCase(name, sizes, hidden, output, cost, weights, biases, mini_batch_sizes,
                        examples, epochs, eta, lmbda, n)
