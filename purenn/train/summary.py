"""What to look at when a run is over: how well the network does, and where it fails."""
from __future__ import annotations

from collections.abc import Sequence

from purenn.terminal import charts
from purenn.terminal.classified import Classified, confusion, wrong
from purenn.train.training import Run

WRONG_SHOWN = 4


def page(run: Run, classified: list[Classified], unicode: bool, columns: int) -> list[str]:
    """Learning curves, confusion matrix and a few misclassified digits, in lines of text."""
    curves: dict[str, Sequence[float]] = {
        "training": [k / len(run.data.training) for k in run.monitors.training_accuracy],
        "evaluation": [k / len(run.data.evaluation) for k in run.monitors.evaluation_accuracy]}
    lines = ["", "Accuracy after each epoch:",
             *charts.learning_curves(curves, unicode, columns=columns),
             "", "The test digits (rows), and what the network took them for (columns):",
             *charts.confusion_matrix(confusion(classified), columns)]
    mistakes = wrong(classified)[:WRONG_SHOWN]
    blocks = [[f"{charts.a(c.digit)}, network: {c.said}",
               *charts.digit(c.image, unicode, columns)] for c in mistakes]
    if mistakes:
        lines += ["", f"Its most confident mistake{'s' if mistakes[1:] else ''}:",
                  *charts.side_by_side(blocks, columns=columns)]
    return lines
