"""What to look at when a run is over: how well the network does, and where it fails."""
from __future__ import annotations

from collections.abc import Sequence

from purenn.terminal import charts, plane
from purenn.terminal.classified import Classified, confusion, wrong
from purenn.train.training import Run

WRONG_SHOWN = 4


def page(run: Run, classified: list[Classified], unicode: bool, columns: int) -> list[str]:
    """Learning curves, confusion matrix and a few misclassified digits, in lines of text."""
    classes, things = run.data.classes, run.data.thing + "s"
    curves: dict[str, Sequence[float]] = {
        "training": [k / len(run.data.training) for k in run.monitors.training_accuracy],
        "evaluation": [k / len(run.data.evaluation) for k in run.monitors.evaluation_accuracy]}
    lines = ["", "Accuracy after each epoch:",
             *charts.learning_curves(curves, unicode, columns=columns),
             "", f"The test {things} (rows), and what the network took them for (columns):",
             *charts.confusion_matrix(confusion(classified), columns, classes)]
    if run.data.are_points:
        return [*lines, "", "What it sees where, with the test points:",
                *plane.drawn(run.net, classified, (classes, run.data.columns), run.data.scale,
                             unicode, columns)]
    mistakes = wrong(classified)[:WRONG_SHOWN]
    blocks = [[f"{charts.a(classes[c.digit])}, network: {classes[c.said]}",
               *charts.digit(c.image, unicode, columns)] for c in mistakes]
    if mistakes and not run.data.columns:
        lines += ["", f"Its most confident mistake{'s' if mistakes[1:] else ''}:",
                  *charts.side_by_side(blocks, columns=columns)]
    return lines
