"""The plane of a network's two inputs: which class it sees where, and points on it."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from purenn.formats.tables import Scale
from purenn.linalg import Vector
from purenn.network import Network
from purenn.terminal.classified import Classified
from purenn.terminal.screen import USUAL

WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 60, 8, 30
MARGIN = 0.08  # of the points' extent, on each side
GROUNDS = " ░▒▓", " .:%"  # of the first classes; the first string where the terminal can show it
POINTS = "●○▲△", "ox*+"
LETTERS = "abcdefghijklmnopqrstuvwxyz"  # for more classes: in small letters, and points in capitals


class Box(NamedTuple):
    """A part of the plane, in the numbers that the network takes."""

    left: float
    right: float
    bottom: float
    top: float


def box_around(places: Sequence[Vector]) -> Box:
    """A box with all places in it, and a margin."""
    ends: list[float] = []
    for values in ([x[0] for x in places], [x[1] for x in places]):
        low, high = min(values), max(values)
        margin = MARGIN * (high - low) or 1.0
        ends += [low - margin, high + margin]
    return Box(*ends)


def classes_in(net: Network, box: Box, width: int, height: int) -> list[list[int]]:
    """The class that the network sees in the middle of each cell, in rows from the top down."""
    xs = [box.left + (box.right - box.left) * (k + 0.5) / width for k in range(width)]
    ys = [box.top - (box.top - box.bottom) * (k + 0.5) / height for k in range(height)]
    return [[net.class_of(net.feedforward([x, y])) for x in xs] for y in ys]


def unscaled(value: float, column: int, scale: Scale | None) -> float:
    """What a number that the network takes was in the data."""
    return value * scale.deviations[column] + scale.means[column] if scale else value


def drawn(net: Network, points: Sequence[Classified], names: tuple[Sequence[str], Sequence[str]],
          scale: Scale | None, unicode: bool, columns: int = USUAL) -> list[str]:
    """The plane in characters: the ground says what the network sees, the marks what the points
    are.  ``names`` are those of the classes and of the two columns."""
    classes, axes = names
    grounds, marks = symbols(len(classes), unicode)
    box = box_around([c.image for c in points])
    width = max(10, min(WIDTH, columns - 9))
    ratio = (box.top - box.bottom) / (box.right - box.left)
    height = min(MOST_HEIGHT, max(LEAST_HEIGHT, round(width / 2 * min(ratio, 2))))
    cells = [[grounds[k] for k in row] for row in classes_in(net, box, width, height)]
    for c in points:
        x, y = c.image
        column = int((x - box.left) / (box.right - box.left) * width)
        row = int((box.top - y) / (box.top - box.bottom) * height)
        cells[row][column] = marks[c.digit]
    ends = {0: unscaled(box.top, 1, scale), height - 1: unscaled(box.bottom, 1, scale)}
    lines = [f"{number(ends[row]) if row in ends else '':>7}|{''.join(line)}|"
             for row, line in enumerate(cells)]
    left, right = (number(unscaled(end, 0, scale)) for end in box[:2])
    lines.append(f"{'':>7}+{'-' * width}+")
    lines.append(f"{'':>8}{left}{right.rjust(width - len(left))}")
    lines.append(f"{'':>8}across {axes[0]}, up {axes[1]}")
    return lines + [f"{'':>8}{mark} {name}, on {repr(ground) if ground == ' ' else ground}"
                    for mark, name, ground in zip(marks, classes, grounds)]


def symbols(count: int, unicode: bool) -> tuple[str, str]:
    """A ground and a mark for each class."""
    which = 0 if unicode else 1
    if count <= len(POINTS[which]):
        return GROUNDS[which], POINTS[which]
    times = -(-count // len(LETTERS))
    return LETTERS * times, LETTERS.upper() * times


def number(value: float) -> str:
    """A number at the end of an axis."""
    return f"{value:.3g}"
