"""Pictures in characters: learning curves, a confusion matrix, and handwritten digits."""
from __future__ import annotations

import math
from typing import Dict, List, Sequence

from purenn.linalg import Vector

CHART_WIDTH, CHART_HEIGHT = 60, 10
MARKS = "●○", "*o"  # the first where the terminal has it
SHADES = " ░▒▓█", " .:*#"
HALVES = " ▀▄█"


def learning_curves(series: Dict[str, Sequence[float]], unicode: bool) -> List[str]:
    """Curves of fractions of 1, one value an epoch, in one chart; later series lie on top."""
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
        lines.append(f"{100 * level:6.1f} % |{''.join(cells)}")
    lines.append(" " * 9 + "+" + "-" * width)
    lines.append(" " * 10 + "1" + f"epoch {epochs}".rjust(width - 1))
    lines.append(" " * 10 + "   ".join(f"{mark} {name}" for mark, name in zip(marks, series)))
    return lines


def confusion_matrix(matrix: Sequence[Sequence[int]]) -> List[str]:
    """A table of how often a digit (the row) was taken for a digit (the column)."""
    width = max(3, len(str(max(max(row) for row in matrix))) + 1)
    head = " " * 5 + "".join(f"{said:>{width}}" for said in range(len(matrix)))
    lines = [head + "   <- what the network said"]
    for digit, row in enumerate(matrix):
        cells = "".join(f"{count or '.':>{width}}" for count in row)
        lines.append(f"{digit:>4} {cells}   {row[digit]} of {sum(row)} right")
    return lines


def digit(image: Vector, unicode: bool) -> List[str]:
    """A square image, with values from 0 (paper) to 1 (ink), in characters.

    A small image gets two characters a pixel, in shades.  A larger one gets half a character a
    pixel where the terminal has half blocks.  An image that is not square gives no lines.
    """
    side = math.isqrt(len(image))
    if side * side != len(image):
        return []
    rows = [image[k:k + side] for k in range(0, len(image), side)]
    if side > 16 and unicode:
        if side % 2:
            rows.append([0] * side)
        return ["".join(HALVES[(upper >= 0.5) + 2 * (lower >= 0.5)]
                        for upper, lower in zip(*pair)) for pair in zip(rows[::2], rows[1::2])]
    shades = SHADES[0] if unicode else SHADES[1]
    return ["".join(2 * shades[max(0, min(round(value * (len(shades) - 1)), len(shades) - 1))]
                    for value in row) for row in rows]


def side_by_side(blocks: Sequence[Sequence[str]], gap: int = 3) -> List[str]:
    """Blocks of lines beside each other, each as wide as its widest line."""
    height = max(len(block) for block in blocks)
    widths = [max(len(line) for line in block) for block in blocks]
    return [(" " * gap).join((block[row] if row < len(block) else "").ljust(width)
                             for block, width in zip(blocks, widths)).rstrip()
            for row in range(height)]
