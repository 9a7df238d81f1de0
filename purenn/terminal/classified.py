"""How a network classifies a set of digits: how many it gets right, and which it gets wrong."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from purenn.linalg import Vector, argmax
from purenn.network import Network
from purenn.sgd import Example


class Classified(NamedTuple):
    """An image, the class it is of, the network's output for each class, and its place in the data
    set.  (A class is called a digit here, which most are.)"""

    image: Vector
    digit: int
    output: Vector
    index: int  # type: ignore[assignment]  # hides tuple.index, which is not needed here

    @property
    def said(self) -> int:
        return argmax(self.output)


def classify(net: Network, data: Sequence[Example],
             chosen: Iterable[int] | None = None) -> list[Classified]:
    """How the network classifies the examples of a data set, or those at the chosen indices."""
    examples = enumerate(data) if chosen is None else ((k, data[k]) for k in chosen)
    return [Classified(x, net.class_of(net.target(y)), for_each_class(net, net.feedforward(x)), k)
            for k, (x, y) in examples]


def for_each_class(net: Network, output: Vector) -> Vector:
    """The output with an entry for each class.  A single one that says how much class 1 it is, a,
    becomes (2m − a, a), where m is the middle: for a sigmoid 1 − a and a, for tanh −a and a."""
    if len(output) == 1 and net.has_classes:
        return [2 * net.middle(output) - output[0], output[0]]
    return output


def right(classified: list[Classified]) -> int:
    """How many were classified right."""
    return len([c for c in classified if c.said == c.digit])


def worst_first(classified: list[Classified]) -> list[Classified]:
    """First those classified wrong, the most confident mistake first, then the least sure ones."""
    return sorted(classified, key=lambda c: ((0, -c.output[c.said]) if c.said != c.digit
                                             else (1, c.output[c.said])))


def wrong(classified: list[Classified]) -> list[Classified]:
    """Those classified wrong, the most confident mistake first."""
    return worst_first([c for c in classified if c.said != c.digit])


def confusion(classified: list[Classified]) -> list[list[int]]:
    """matrix[i][j]: how often a digit i was taken for a j."""
    classes = len(classified[0].output)
    matrix = [[0] * classes for _ in range(classes)]
    for c in classified:
        matrix[c.digit][c.said] += 1
    return matrix


def accuracy(classified: list[Classified]) -> float:
    """How many were classified right, as a fraction of all."""
    return right(classified) / len(classified)


def accuracy_line(classified: list[Classified]) -> str:
    """How many were classified right, as 95.83 % (345 of 360)."""
    return (f"{100 * accuracy(classified):.2f} % "
            f"({right(classified):,} of {len(classified):,})")
