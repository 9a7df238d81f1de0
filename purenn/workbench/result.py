"""What a person looks at when a run is over: how well it did, and on what it failed."""
from __future__ import annotations

from typing import Iterable, List, NamedTuple, Optional, Sequence

from purenn.linalg import Vector, argmax
from purenn.network import Network
from purenn.sgd import Example
from purenn.workbench import charts
from purenn.workbench.training import Run

WRONG_SHOWN = 4


class Classified(NamedTuple):
    """An image, the digit it is, the network's output for it, and its place in the data set."""

    image: Vector
    digit: int
    output: Vector
    index: int

    @property
    def said(self) -> int:
        return argmax(self.output)


def classify(net: Network, data: Sequence[Example],
             chosen: Optional[Iterable[int]] = None) -> List[Classified]:
    """What the network makes of the examples of a data set, or of those chosen by their places."""
    examples = enumerate(data) if chosen is None else ((k, data[k]) for k in chosen)
    return [Classified(x, argmax(net.target(y)), net.feedforward(x), k) for k, (x, y) in examples]


def right(classified: List[Classified]) -> int:
    """How many were classified right."""
    return len([c for c in classified if c.said == c.digit])


def worst_first(classified: List[Classified]) -> List[Classified]:
    """First those classified wrong, the most confident mistake first, then the least sure ones."""
    return sorted(classified, key=lambda c: ((0, -c.output[c.said]) if c.said != c.digit
                                             else (1, c.output[c.said])))


def wrong(classified: List[Classified]) -> List[Classified]:
    """Those classified wrong, the most confident mistake first."""
    return worst_first([c for c in classified if c.said != c.digit])


def confusion(classified: List[Classified]) -> List[List[int]]:
    """matrix[i][j]: how often a digit i was taken for a j."""
    classes = len(classified[0].output)
    matrix = [[0] * classes for _ in range(classes)]
    for c in classified:
        matrix[c.digit][c.said] += 1
    return matrix


def accuracy(classified: List[Classified]) -> float:
    """How many were classified right, as a fraction of all."""
    return right(classified) / len(classified)


def accuracy_line(classified: List[Classified]) -> str:
    """How many were classified right, as 95.83 % (345 of 360)."""
    return (f"{100 * accuracy(classified):.2f} % "
            f"({right(classified):,} of {len(classified):,})")


def page(run: Run, classified: List[Classified], unicode: bool) -> List[str]:
    """Learning curves, confusion matrix and a few misclassified digits, in lines of text."""
    curves = {
        "training": [k / len(run.data.training) for k in run.monitors.training_accuracy],
        "evaluation": [k / len(run.data.validation) for k in run.monitors.evaluation_accuracy]}
    lines = ["", "Accuracy after each epoch:", *charts.learning_curves(curves, unicode),
             "", "The test digits (rows), and what the network took them for (columns):",
             *charts.confusion_matrix(confusion(classified))]
    mistakes = wrong(classified)[:WRONG_SHOWN]
    blocks = [[f"{charts.a(c.digit)}, network: {c.said}", *charts.digit(c.image, unicode)]
              for c in mistakes]
    if mistakes:
        lines += ["", f"Its most confident mistake{'s' if mistakes[1:] else ''}:",
                  *charts.side_by_side(blocks)]
    return lines
