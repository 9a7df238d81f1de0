"""The experiments of chapters 1 to 3 of Nielsen's book: their settings, and what was published.

The settings are those that stand beside the published numbers in published.json; an experiment is a
name, a sentence and the runs that it compares.  A curve has one value an epoch (or, for
``more-data``, one for each number of training images).
"""
from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from purenn.formats.strict_json import read_json

PUBLISHED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "published.json")

#: what a curve can be of, and how it is called
QUANTITIES = {"training_cost": "training cost", "evaluation_cost": "evaluation cost",
              "training_correct": "training accuracy",
              "evaluation_correct": "evaluation accuracy"}


class Run(NamedTuple):
    """What one run of an experiment computes."""

    label: str
    sizes: list[int]
    cost: str
    #: "large": deviation 1, as in chapter 1; "scaled": 1/√n_in
    weights: str
    #: how many training images
    training: int
    epochs: int
    eta: float
    lmbda: float
    #: the part that evaluation curves are measured on: "test" or "evaluation"
    evaluation: str
    #: the quantities measured after each epoch, of QUANTITIES
    measured: tuple[str, ...]
    #: published values by quantity and epoch (from 1); accuracies as fractions of 1
    published: dict[str, dict[int, float]]


class Experiment(NamedTuple):
    """Runs that belong to one figure, or one passage, of the book."""

    name: str
    chapter: int
    question: str
    keys: tuple[str, ...]


EXPERIMENTS = (
    Experiment("first", 1, "How well does the first network learn, with 30 and 100 hidden "
               "neurons, and with a learning rate that is far too small or too large?", ("first",)),
    Experiment("slow", 3, "Why does a neuron that is badly wrong learn slowly, and why not with "
               "the cross-entropy?", ("slow",)),
    Experiment("overfitting", 3, "What happens when 1,000 images are learned by heart?",
               ("overfitting",)),
    Experiment("regularized", 3, "How much does weight decay help against it, with 1,000 and "
               "with all 50,000 images?",
               ("regularized", "overfitting_full", "regularized_full")),
    Experiment("weights", 3, "Do initial weights of deviation 1/√n learn faster than those of "
               "deviation 1?", ("weights_30_scaled", "weights_30_large", "weights_100_scaled",
                                "weights_100_large")),
    Experiment("eta", 3, "How does the cost fall with a small, a good and a large learning rate?",
               ("eta_0.025", "eta_0.25", "eta_2.5")),
    Experiment("more-data", 3, "How does the accuracy grow with the number of training images?",
               ("more_data",)),
)

LABELS = {
    "overfitting": "1,000 images", "regularized": "1,000 images, λ = 0.1",
    "overfitting_full": "50,000 images, λ = 0", "regularized_full": "50,000 images, λ = 5",
    "weights_30_scaled": "30 hidden, scaled weights",
    "weights_30_large": "30 hidden, large weights",
    "weights_100_scaled": "100 hidden, scaled weights",
    "weights_100_large": "100 hidden, large weights",
    "eta_0.025": "η = 0.025", "eta_0.25": "η = 0.25", "eta_2.5": "η = 2.5"}


@functools.lru_cache(maxsize=1)
def published() -> dict[str, Any]:
    """The published numbers."""
    content: dict[str, Any] = read_json(PUBLISHED)
    return content


def named(name: str) -> Experiment:
    """The experiment of that name.  Raises ValueError if there is none."""
    for experiment in EXPERIMENTS:
        if experiment.name == name:
            return experiment
    raise ValueError(f"there is no experiment {name!r}, only "
                     f"{', '.join(experiment.name for experiment in EXPERIMENTS)}")


def runs_of(experiment: Experiment) -> list[Run]:
    """The runs of an experiment, as published; ``slow`` has its own way (neuron.py)."""
    if experiment.name == "first":
        entry = published()["first"]
        return [_first(run, entry["settings"]) for run in entry["runs"]]
    if experiment.name == "more-data":
        return _more_data(published()["more_data"])
    return [_curves(key, published()[key]) for key in experiment.keys]


def _curves(key: str, entry: dict[str, Any]) -> Run:
    s = entry["settings"]
    epochs = entry.get("epochs", range(1, s["epochs"] + 1))
    curves = {quantity: dict(zip(epochs, _fractions(quantity, entry[quantity])))
              for quantity in QUANTITIES if quantity in entry}
    return Run(LABELS[key], s["sizes"], s["cost"], s["weights"], s["training"], s["epochs"],
               s["eta"], s["lmbda"], s.get("evaluation", "test data").split()[0].replace(
                   "validation", "evaluation"), tuple(curves), curves)


def _fractions(quantity: str, values: Sequence[float]) -> list[float]:
    """Counts of 10,000 evaluation images, or of 1,000 or 50,000 training images, as fractions."""
    if quantity == "training_correct":
        whole = 1000 if max(values) <= 1000 else 50000
        return [value / whole for value in values]
    return [value / 10000 for value in values] if quantity == "evaluation_correct" else list(values)


def _first(run: dict[str, Any], s: dict[str, Any]) -> Run:
    counts = {int(epoch): count / 10000 for epoch, count in run.get("correct", {}).items()}
    if "best_percent" in run:
        counts[s["epochs"]] = run["best_percent"] / 100
    return Run(f"{run['sizes'][1]} hidden, η = {run['eta']:g}", run["sizes"], s["cost"],
               s["weights"], 50000, s["epochs"], run["eta"], 0.0, "test", ("evaluation_correct",),
               {"evaluation_correct": counts})


def _more_data(entry: dict[str, Any]) -> list[Run]:
    s = entry["settings"]
    return [Run(f"{size:,} images", s["sizes"], s["cost"], s["weights"], size, 1_500_000 // size,
                s["eta"], size / 10000, "evaluation", ("evaluation_correct",),
                {"evaluation_correct": {1_500_000 // size: percent / 100}})
            for size, percent in zip(s["training"], entry["evaluation_percent"])]


#: training images and epochs of the bundled digits in place of the book's
SMALL_TRAINING = {100: 20, 200: 40, 500: 80, 1000: 150, 2000: 250, 5000: 400, 10000: 600,
                  20000: 900, 50000: 1257}
SMALL_EPOCHS = {400: 40, 30: 5}


def made_small(run: Run) -> Run:
    """The run on the bundled 8 × 8 digits: fewer images and epochs, the same λ/n; nothing
    published is comparable."""
    small = SMALL_TRAINING[run.training]
    lmbda = run.lmbda * small / run.training
    label = re.sub(r"[\d,]+ images", f"{small:,} images", run.label)
    return run._replace(label=re.sub(r"λ = [\d.]+", f"λ = {lmbda:.3g}", label),
                        sizes=[64, *run.sizes[1:]], training=small,
                        epochs=SMALL_EPOCHS.get(run.epochs, max(6000 // small, 1)),
                        lmbda=lmbda, published={})
