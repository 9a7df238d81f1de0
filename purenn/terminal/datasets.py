"""The data set that a command works on, and what is known of it."""
from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from purenn import mnist
from purenn.formats.tables import Scale
from purenn.linalg import vectorized_result
from purenn.sgd import Example
from purenn.terminal.data_options import MNIST_FILE, MNIST_PIXELS, SMALL_PIXELS
from purenn.terminal.running import short

DIGITS = [str(k) for k in range(10)]


@dataclass(frozen=True)
class Data:
    """The three parts of a data set, lists of (x, y), and what is known of them."""

    training: list[Example]
    evaluation: list[Example]
    test: list[Example]
    classes: list[str] = field(default_factory=lambda: DIGITS)
    columns: list[str] = field(default_factory=list)  # of a table; empty for pictures
    scale: Scale | None = None
    notes: list[str] = field(default_factory=list)  # what was concluded from the files

    def __iter__(self) -> Iterator[list[Example]]:
        return iter((self.training, self.evaluation, self.test))

    @property
    def thing(self) -> str:
        """What one of its examples is, in the singular."""
        if self.columns:
            return "point" if self.are_points else "row"
        return "digit" if self.classes == DIGITS else "picture"

    @property
    def are_points(self) -> bool:
        """Whether an example is a place in the plane."""
        return len(self.columns) == 2

    def limited(self, most: int | None) -> Data:
        """The first so many examples of each part."""
        training, evaluation, test = (part[:most] for part in self)
        return replace(self, training=training, evaluation=evaluation, test=test)


class Known(NamedTuple):
    """A data set that need not be named: where it is, and how many pixels its images have."""

    path: str
    pixels: int


SMALL = Known(mnist.SMALL, SMALL_PIXELS)
MNIST = Known(MNIST_FILE, MNIST_PIXELS)


def path_of_points(name: str) -> str:
    return os.path.join(mnist.DATA, name + ".csv")


def load(path: str, missing: str, label: str | None = None, scale: Scale | bool = True) -> Data:
    """The data at a path, each label a class from 0 on.

    Raises OSError or ValueError; ``missing`` says what to do if there is no MNIST.
    """
    missing = missing if os.path.basename(path) == MNIST.path else ""
    if not (path == mnist.SMALL or os.path.exists(path) or os.path.isdir(os.path.dirname(path))):
        raise ValueError(f"{path} is not there{missing}")
    try:
        found = mnist.load_set(path, label, scale)
    except FileNotFoundError:
        raise ValueError(f"{path} is not there{missing}") from None
    training, evaluation, test = (mnist.examples(*part) for part in found.parts)
    parts: dict[str, Any] = {"training": training, "evaluation": evaluation, "test": test}
    return Data(**parts, classes=found.classes, columns=found.columns, scale=found.scale,
                notes=found.notes)


def one_hot(data: Data) -> Data:
    """The data with one-hot vectors as the targets to learn, if there are more than two classes;
    a network that tells two apart may have a single output."""
    k = len(data.classes)
    if k == 2:
        return data
    training: list[Any] = data.training
    return replace(data, training=[example.with_target(vectorized_result(example.y, k))
                                   for example in training])


def with_classes(data: Data, names: list[str] | None, outputs: int, model: str) -> Data:
    """The data with the classes that a network's file names, in its order and not the data's.

    Raises ValueError if the data have others.  Outputs for which there is no class get numbers.
    """
    if names is None or names == data.classes:
        more = [str(k) for k in range(len(data.classes), outputs)]
        return replace(data, classes=data.classes + more)
    others = [name for name in data.classes if name not in names]
    if others:
        raise ValueError(f"{model} tells {short(', '.join(names))} apart, but the data have "
                         f"{short(', '.join(others))}")
    places = [names.index(name) for name in data.classes]
    parts: list[Any] = list(data)
    training, evaluation, test = ([example.with_target(places[example.y]) for example in part]
                                  for part in parts)
    return replace(data, training=training, evaluation=evaluation, test=test, classes=names)
