"""What to look at when a run is over: how well the network does, and where it fails."""
from __future__ import annotations

from collections.abc import Sequence

from purenn.activations import Softmax
from purenn.terminal import charts, plane
from purenn.terminal.classified import Classified, confusion, right, wrong
from purenn.train.training import Run

WRONG_SHOWN = 4
FLAT, MOST = 0.001, 0.8  # a slope that is next to none, and the part of a layer that may have it


def page(run: Run, classified: list[Classified], unicode: bool, columns: int) -> list[str]:
    """Learning curves, confusion matrix and a few misclassified digits, in lines of text."""
    classes = run.data.classes
    curves: dict[str, Sequence[float]] = {
        "training": [k / len(run.data.training) for k in run.monitors.training_accuracy],
        "evaluation": [k / len(run.data.evaluation) for k in run.monitors.evaluation_accuracy]}
    lines = ["", "Accuracy after each epoch:",
             *charts.learning_curves(curves, unicode, columns=columns),
             "", charts.confusion_head(f"test {run.data.thing}s"),
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


def reached(run: Run) -> str:
    """How well a run did that was ended early, as the end of a sentence."""
    if not run.epochs_done:
        return ""
    correct, images = run.monitors.evaluation_accuracy[-1], len(run.data.evaluation)
    return f", with {100 * correct / images:.2f} % of the evaluation images right"


def advice(run: Run, classified: list[Classified]) -> str | None:
    """What is probably wrong with a run that has learned nothing, and how one can tell.

    That it knows no more than the commonest class may have many reasons.  But a layer whose neurons
    have next to no slope, whatever the image, cannot learn any more, and steps that were too large
    have brought it there.
    """
    classes = [c.digit for c in classified]
    if right(classified) > 1.2 * max(map(classes.count, set(classes))):
        return None
    passes = [run.net.forward(c.image) for c in classified[:100]]
    for l in range(1, len(run.net.sizes)):
        activation = run.net.output if l == len(run.net.weights) else run.net.hidden
        if activation is not Softmax:
            slopes = [abs(slope) for layers in passes
                      for slope in activation.backward([1] * len(layers[l].z), layers[l].z)]
            flat = len([slope for slope in slopes if slope < FLAT]) / len(slopes)
            if flat > MOST:
                return (f"it has learned nothing: it does no better than always giving "
                        f"the same answer.  η = {run.settings.eta} is probably too large: "
                        f"{100 * flat:.0f} % of the neurons in layer {l} are saturated (σ′ < "
                        f"{FLAT}), as large steps make them; a smaller --eta may help")
    return None
