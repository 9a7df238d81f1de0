"""Pictures in characters: learning curves, a confusion matrix, and handwritten digits."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Callable

from purenn.linalg import Vector

CHART_WIDTH, CHART_HEIGHT = 60, 10
MARKS = "●○", "*o"  # the first where the terminal can show it
SHADES = " ░▒▓█", " .:*#"
HALVES = " ▀▄█"
INK = 0.4  # the value from which a half block is filled; at 0.5 thin strokes would break up
FINE_SHADES = " .:-=+*#%@"
EIGHTHS = " ▏▎▍▌▋▊▉█"
BAR_WIDTH = 20


def percent(value: float) -> str:
    """A fraction of 1 as it stands at the axis of a chart."""
    return f"{100 * value:6.1f} %"


def learning_curves(series: dict[str, Sequence[float]], unicode: bool,
                    label: Callable[[float], str] = percent,
                    ends: tuple[str, str] | None = None) -> list[str]:
    """Curves with one value an epoch in one chart; later series lie on top.

    ``label`` writes a value at the axis, eight characters wide; ``ends`` stand below the first and
    the last value where these are not those of epochs.
    """
    marks = MARKS[0] if unicode else MARKS[1]
    values = [value for curve in series.values() for value in curve]
    low, high = min(values), max(values)
    if high - low < 0.01:
        low = high - 0.01
    epochs = max(len(curve) for curve in series.values())
    width = min(CHART_WIDTH, max(epochs, 2) if epochs > CHART_WIDTH // 2 else 2 * epochs)
    grid = [[" "] * width for _ in range(CHART_HEIGHT)]
    for mark, curve in zip(marks, series.values()):
        for column in range(width):
            value = curve[min(column * len(curve) // width, len(curve) - 1)]
            row = round((high - value) / (high - low) * (CHART_HEIGHT - 1))
            grid[row][column] = mark
    lines = []
    for row, cells in enumerate(grid):
        level = high - (high - low) * row / (CHART_HEIGHT - 1)
        lines.append(f"{label(level)} |{''.join(cells)}")
    lines.append(" " * 9 + "+" + "-" * width)
    first, last = ends or ("1", f"epoch {epochs}")
    lines.append(" " * 10 + (last if epochs == 1 else f"{first} {last:>{width - len(first) - 1}}"))
    lines.append(" " * 10 + "   ".join(f"{mark} {name}" for mark, name in zip(marks, series)))
    return lines


def confusion_matrix(matrix: Sequence[Sequence[int]]) -> list[str]:
    """A table of how often a digit (the row) was taken for a digit (the column)."""
    width = max(3, len(str(max(max(row) for row in matrix))) + 1)
    head = " " * 5 + "".join(f"{said:>{width}}" for said in range(len(matrix)))
    lines = [head + "   <- what the network said"]
    for digit, row in enumerate(matrix):
        cells = "".join(f"{count or '.':>{width}}" for count in row)
        lines.append(f"{digit:>4} {cells}   {row[digit]} of {sum(row)} right")
    return lines


def digit(image: Vector, unicode: bool) -> list[str]:
    """A square image, with values from 0 (paper) to 1 (ink), in characters.

    A small image gets two characters a pixel, in shades.  In a larger one each character stands for
    two pixels, one above the other: half blocks where the terminal can show them, else the shade of
    both together.  An image that is not square gives no lines.
    """
    side = math.isqrt(len(image))
    if side * side != len(image):
        return []
    rows = [image[k:k + side] for k in range(0, len(image), side)]
    if side <= 16:
        shades = SHADES[0] if unicode else SHADES[1]
        return ["".join(2 * shade(value, shades) for value in row) for row in rows]
    if side % 2:
        rows.append([0] * side)
    pairs = [list(zip(upper, lower)) for upper, lower in zip(rows[::2], rows[1::2])]
    if unicode:
        return ["".join(HALVES[(upper >= INK) + 2 * (lower >= INK)] for upper, lower in pair)
                for pair in pairs]
    return ["".join(shade((upper + lower) / 2, FINE_SHADES) for upper, lower in pair)
            for pair in pairs]


def shade(value: float, shades: str) -> str:
    """The character for a value from 0, the first of the shades, to 1, the last."""
    return shades[round(min(max(value, 0), 1) * (len(shades) - 1))]


def bar(value: float, whole: float, unicode: bool, width: int = BAR_WIDTH) -> str:
    """A bar as wide as the value's share of the whole; empty for a negative value."""
    part = min(max(value / whole, 0), 1)
    if not unicode:
        return ("#" * round(part * width)).ljust(width)
    full, eighths = divmod(round(part * 8 * width), 8)
    return (EIGHTHS[8] * full + EIGHTHS[eighths] * (eighths > 0)).ljust(width)


def outputs(values: Vector, names: dict[int, str], unicode: bool) -> list[str]:
    """One line for each output of a network: the digit, a bar, the number, and for some a name.

    The bars' scale ends at 1, or at the largest output where that is more.
    """
    whole = max([1, *values])
    return [f"{k}  {bar(value, whole, unicode)} {value:5.2f}  {names.get(k, '')}".rstrip()
            for k, value in enumerate(values)]


def a(digit: int) -> str:
    """The digit with its article: a 7, an 8."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def centered(blocks: Sequence[list[str]]) -> list[list[str]]:
    """The blocks with empty lines above the shorter ones, so that their middles align."""
    height = max(len(block) for block in blocks)
    return [[""] * ((height - len(block)) // 2) + block for block in blocks]


def side_by_side(blocks: Sequence[Sequence[str]], gap: int = 3) -> list[str]:
    """Blocks of lines beside each other, each as wide as its widest line."""
    height = max(len(block) for block in blocks)
    widths = [max(len(line) for line in block) for block in blocks]
    return [(" " * gap).join((block[row] if row < len(block) else "").ljust(width)
                             for block, width in zip(blocks, widths)).rstrip()
            for row in range(height)]
