"""Pictures in characters: learning curves, a confusion matrix, and handwritten digits.

Each fits into a number of columns: what is too wide is drawn smaller, or in parts.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Callable

from purenn.linalg import Vector, total
from purenn.terminal.screen import USUAL, cells

CHART_WIDTH, CHART_HEIGHT = 60, 10
MARKS = "●○", "*o"  # the first where the terminal can show it
SHADES = " ░▒▓█", " .:*#"
HALVES = " ▀▄█"
INK = 0.4  # the value from which a half block is filled; at 0.5 thin strokes would break up
FINE_SHADES = " .:-=+*#%@"
EIGHTHS = " ▏▎▍▌▋▊▉█"
BAR_WIDTH = 20
MOST_IN_HEAD, MOST_BESIDE_BAR = 8, 16  # cells of a class's name


def percent(value: float) -> str:
    """A fraction of 1 as it stands at the axis of a chart."""
    return f"{100 * value:6.1f} %"


def learning_curves(series: dict[str, Sequence[float]], unicode: bool,
                    label: Callable[[float], str] = percent,
                    ends: tuple[str, str] | None = None, columns: int = USUAL) -> list[str]:
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
    most = min(CHART_WIDTH, columns - 10)
    width = min(most, max(epochs, 2) if epochs > most // 2 else 2 * epochs)
    grid = [[" "] * width for _ in range(CHART_HEIGHT)]
    for mark, curve in zip(marks, series.values()):
        for column in range(width):
            value = curve[min(column * len(curve) // width, len(curve) - 1)]
            row = round((high - value) / (high - low) * (CHART_HEIGHT - 1))
            grid[row][column] = mark
    lines = []
    for row, line in enumerate(grid):
        level = high - (high - low) * row / (CHART_HEIGHT - 1)
        lines.append(f"{label(level)} |{''.join(line)}")
    lines.append(" " * 9 + "+" + "-" * width)
    first, last = ends or ("1", f"epoch {epochs}")
    last = last.rjust(width - len(first) - 1)
    lines.append(" " * 10 + (last.strip() if epochs == 1 else f"{first} {last}"))
    lines.append(" " * 10 + "   ".join(f"{mark} {name}" for mark, name in zip(marks, series)))
    return lines


def confusion_head(things: str) -> str:
    """What stands above a confusion matrix of some things: the test digits."""
    return f"The {things} by class (down), and what the network took them for (across):"


def confusion_matrix(matrix: Sequence[Sequence[int]], columns: int = USUAL,
                     classes: Sequence[str] = ()) -> list[str]:
    """A table of how often a class (the row) was taken for a class (the column).

    Classes without names have numbers.  If it is too wide, some of its columns stand below the
    others.
    """
    classes = classes or numbered(matrix)
    count = len(str(max(max(row) for row in matrix)))
    width = max(2, count, min(MOST_IN_HEAD, max(map(cells, classes)))) + 1
    most = max(4, min(max(map(cells, classes)), columns // 4))
    names = [cut(name, most).rjust(most) + " " for name in classes]
    table = [[cut(name, width - 1).rjust(width),
              *(f"{row[said] or '.':>{width}}" for row in matrix)]
             for said, name in enumerate(classes)]
    last = [f"   {row[digit]} of {sum(row)} right" for digit, row in enumerate(matrix)]
    note = "   <- what the network said"
    fits = len(names[0]) + width * len(matrix) + len(note) <= columns
    return in_parts([" " * (most + 1), *names], [*table, [note if fits else "", *last]], columns)


def numbered(classes: Sequence[object]) -> list[str]:
    """The names of classes that have none."""
    return [str(k) for k in range(len(classes))]


def cut(name: str, most: int) -> str:
    """A name in at most so many cells."""
    if cells(name) <= most:
        return name
    while cells(name) >= most and name:
        name = name[:-1]
    return name + ("." if most > 1 else "")


def in_parts(names: list[str], table: list[list[str]], columns: int) -> list[str]:
    """A table, given by its columns, in as many parts as it takes, each with the rows' names."""
    lines: list[str] = []
    part = names
    for column in table:
        wider = [left + right for left, right in zip(part, column)]
        if part is not names and max(map(cells, wider)) > columns:
            lines += [*part, ""]
            wider = [left + right for left, right in zip(names, column)]
        part = wider
    return [line.rstrip() for line in lines + part]


def digit(image: Vector, unicode: bool, columns: int = USUAL) -> list[str]:
    """A square image, with values from 0 (paper) to 1 (ink), in characters.

    A small image gets two characters a pixel, in shades.  In a larger one each character stands for
    two pixels, one above the other: half blocks where the terminal can show them, else the shade of
    both together.  One that is wider than the columns is drawn smaller.  An image that is not
    square gives no lines.
    """
    side = math.isqrt(len(image))
    if side * side != len(image):
        return []
    rows = [image[k:k + side] for k in range(0, len(image), side)]
    small = side <= 16
    rows = shrunk(rows, -(-side * (1 + small) // columns))
    if small:
        shades = SHADES[0] if unicode else SHADES[1]
        return ["".join(2 * shade(value, shades) for value in row) for row in rows]
    if len(rows) % 2:
        rows.append([0] * len(rows))
    pairs = [list(zip(upper, lower)) for upper, lower in zip(rows[::2], rows[1::2])]
    if unicode:
        return ["".join(HALVES[(upper >= INK) + 2 * (lower >= INK)] for upper, lower in pair)
                for pair in pairs]
    return ["".join(shade((upper + lower) / 2, FINE_SHADES) for upper, lower in pair)
            for pair in pairs]


def shrunk(rows: list[Vector], times: int) -> list[Vector]:
    """A square image so many times smaller: each pixel is the mean of a square of pixels."""
    if times < 2:
        return rows
    places = [slice(k, k + times) for k in range(0, len(rows), times)]
    squares = [[[pixel for row in rows[down] for pixel in row[across]] for across in places]
               for down in places]
    return [[total(square) / len(square) for square in line] for line in squares]


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


def outputs(values: Vector, names: dict[int, str], unicode: bool,
            columns: int = USUAL, classes: Sequence[str] = ()) -> list[str]:
    """One line for each class: its name or number, a bar, the output, and a note for some of them.

    The bars' scale ends at 1, or at the largest output where that is more.
    """
    classes = classes or numbered(values)
    whole = max([1, *values])
    beside = min(MOST_BESIDE_BAR, columns // 4, max(map(cells, classes)))
    begin = [cut(name, beside) + " " * (beside - cells(cut(name, beside))) for name in classes]
    ends = [f" {value:5.2f}  {names.get(k, '')}" if abs(value) < 1000
            else f" {value:.0e}  {names.get(k, '')}" for k, value in enumerate(values)]
    width = max(1, min(BAR_WIDTH, columns - beside - 2 - max(map(cells, ends))))
    return [f"{name}  {bar(value, whole, unicode, width)}{end}".rstrip()
            for name, value, end in zip(begin, values, ends)]


def a(name: str | int) -> str:
    """A digit with its article: a 7, an 8; any other class by its name."""
    digit = str(name)
    return f"{'an' if digit == '8' else 'a'} {digit}" if digit in set("0123456789") else digit


def centered(blocks: Sequence[list[str]]) -> list[list[str]]:
    """The blocks with empty lines above the shorter ones, so that their middles align."""
    height = max(len(block) for block in blocks)
    return [[""] * ((height - len(block)) // 2) + block for block in blocks]


def side_by_side(blocks: Sequence[list[str]], gap: int = 3, columns: int = USUAL) -> list[str]:
    """Blocks of lines beside each other, each as wide as its widest line, their middles level.

    Those for which there is no room stand below, after an empty line.
    """
    rows: list[list[list[str]]] = [[]]
    for block in blocks:
        widths = [max(map(cells, beside)) for beside in [*rows[-1], block]]
        if rows[-1] and total(widths) + gap * (len(widths) - 1) > columns:
            rows.append([])
        rows[-1].append(block)
    lines: list[str] = []
    for row in rows:
        lines += ["", *_beside(centered(row), gap)]
    return lines[1:]


def _beside(blocks: list[list[str]], gap: int) -> list[str]:
    height = max(len(block) for block in blocks)
    widths = [max(map(cells, block)) for block in blocks]
    return [(" " * gap).join(line + " " * (width - cells(line)) for block, width
                             in zip(blocks, widths)
                             for line in [block[row] if row < len(block) else ""]).rstrip()
            for row in range(height)]
