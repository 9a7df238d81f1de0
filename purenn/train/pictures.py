"""Pictures for a web page: digits and weights as PNG, learning curves as SVG.

They look right on light and on dark paper: ink and colors are transparent, and the page's style
sheet decides the colors of the curves.
"""
from __future__ import annotations

import base64
import html
import math
import struct
import sys
import zlib
from collections.abc import Sequence
from typing import Callable, NamedTuple

from purenn.linalg import Vector

POSITIVE, NEGATIVE = (59, 130, 246), (234, 88, 12)  # blue and orange: everybody can tell them apart
GRAY_ALPHA, RGBA = 4, 6  # PNG's numbers for a pixel's form

WIDTH, HEIGHT = 360, 230  # as wide as a phone, where letters then keep their size
LEFT, RIGHT, TOP, BOTTOM = 48, 348, 34, 190
MOST_MARKS = 30


# --- PNG --------------------------------------------------------------------------------------

def png(width: int, height: int, form: int, pixels: bytes) -> bytes:
    """A PNG file of pixels given row by row, as bytes in the given form."""
    stride = len(pixels) // height
    rows = b"".join(b"\0" + pixels[k:k + stride] for k in range(0, len(pixels), stride))
    return (b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, form, 0, 0, 0))
            + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b""))


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def as_uri(file: bytes) -> str:
    """A PNG file as a data URI."""
    return "data:image/png;base64," + base64.b64encode(file).decode("ascii")


def side_of(v: Vector) -> int:
    """The side of the square picture of a vector, or 0 if it does not form a square."""
    side = math.isqrt(len(v))
    return side if side * side == len(v) else 0


def digit(image: Vector) -> bytes:
    """A PNG of a square image with values from 0 (see-through) to 1 (black ink)."""
    pixels = bytes(byte for value in image for byte in (0, round(255 * min(max(value, 0), 1))))
    return png(side_of(image), side_of(image), GRAY_ALPHA, pixels)


def weights(w: Vector) -> bytes:
    """A PNG of a square of weights: blue for positive ones, orange for negative ones.

    The largest magnitude is full color, 0 is see-through.
    """
    largest = max(map(abs, w)) or 1
    pixels = bytes(byte for w_k in w for byte in (*(NEGATIVE if w_k < 0 else POSITIVE),
                                                  round(255 * abs(w_k / largest))))
    return png(side_of(w), side_of(w), RGBA, pixels)


#: A color for each class, told apart in light and in dark; with more classes they come again.
CLASSES = [(37, 99, 235), (234, 88, 12), (5, 150, 105), (147, 51, 234), (219, 39, 119),
           (161, 98, 7), (8, 145, 178), (100, 116, 139)]
GROUND_ALPHA = 80  # of 255: the ground below the points


def ground(classes: Sequence[Sequence[int]]) -> bytes:
    """A PNG of the class in each cell, in the class's color."""
    pixels = bytes(byte for row in classes for k in row
                   for byte in (*CLASSES[k % len(CLASSES)], GROUND_ALPHA))
    return png(len(classes[0]), len(classes), RGBA, pixels)


# --- SVG --------------------------------------------------------------------------------------

def curves(name: str, text: str, series: dict[str, Sequence[float]], ticks: list[tuple[float, str]],
           label: Callable[[float], str], ends: tuple[str, str] | None = None) -> str:
    """A chart of curves with one value an epoch, the first at epoch 1.

    ``text`` describes it in words.  The values' axis runs from the first of the ticks, each
    a value with its text, to the last.  The first curve is a line with dots, the second a dashed
    line with squares; ``label`` gives the text for one of their values.  ``ends`` stand below the
    first and the last value where these are not those of epochs.
    """
    low, high = ticks[0][0], ticks[-1][0]
    epochs = max(len(curve) for curve in series.values())

    def x(epoch: int) -> float:
        return LEFT + 8 + (RIGHT - LEFT - 16) * ((epoch - 1) / (epochs - 1) if epochs > 1 else 0.5)

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * ((value - low) / (high - low))

    parts = [_grid_line(y(tick), shown) for tick, shown in ticks]
    shown_below = [(epoch, f"{epoch}") for epoch in epoch_ticks(epochs)] if ends is None \
        else [(1, ends[0]), (epochs, ends[1])]
    parts += [f'<text class="tick" x="{x(epoch):.1f}" y="{BOTTOM + 17}" text-anchor="middle">'
              f"{shown}</text>" for epoch, shown in shown_below]
    if ends is None:
        parts.append(f'<text class="tick" x="{(LEFT + RIGHT) // 2}" y="{HEIGHT - 6}" '
                     'text-anchor="middle">epoch</text>')
    every = -(-epochs // MOST_MARKS)
    for k, (kind, curve) in enumerate(series.items()):
        points = [(x(epoch), y(value)) for epoch, value in enumerate(curve, 1)]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline class="curve {kind}" points="{path}"/>')
        parts += [_mark(kind, k, *points[i], f"epoch {i + 1}, {kind}: {label(curve[i])}")
                  for i in range(0, len(curve), every)]
        parts += _legend(kind, k)
    return "\n".join([f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
                      f'aria-labelledby="{name}-title {name}-text">',
                      f'<title id="{name}-title">{name.capitalize()} after each epoch</title>',
                      f'<desc id="{name}-text">{html.escape(text)}</desc>', *parts, "</svg>"])


class Place(NamedTuple):
    """A point on the plane: where, of which class, whether that was seen, and a text for it."""

    x: float
    y: float
    of: int
    right: bool
    text: str


def plane(text: str, classes: Sequence[Sequence[int]], ends: Sequence[float],
          places: Sequence[Place], axes: Sequence[str]) -> str:
    """The plane with the class that is seen in each cell, and points on it.

    ``ends`` are left, right, bottom and top, in the numbers that stand at the axes and that the
    places have.  A ring goes around a point whose class is not the one that is seen there.
    """
    left, right, bottom, top = ends
    width, height = RIGHT - LEFT, round((RIGHT - LEFT) * len(classes) / len(classes[0]))
    low = TOP + height

    def x(value: float) -> float:
        return LEFT + width * (value - left) / (right - left)

    def y(value: float) -> float:
        return low - height * (value - bottom) / (top - bottom)

    parts = [f'<image x="{LEFT}" y="{TOP}" width="{width}" height="{height}" '
             f'preserveAspectRatio="none" href="{as_uri(ground(classes))}"/>']
    parts += [f'<text class="tick" x="{x(tick):.1f}" y="{low + 17}" text-anchor="middle">{tick:g}'
              "</text>" for tick in round_ticks(left, right) if left <= tick <= right]
    parts += [f'<text class="tick" x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}'
              "</text>" for tick in round_ticks(bottom, top) if bottom <= tick <= top]
    parts.append(f'<text class="tick" x="{(LEFT + RIGHT) // 2}" y="{low + 34}" '
                 f'text-anchor="middle">{html.escape(axes[0])}</text>')
    parts.append(f'<text class="tick" x="{LEFT}" y="{TOP - 10}">{html.escape(axes[1])}</text>')
    parts += [f'<circle class="point{"" if place.right else " wrong"}" cx="{x(place.x):.1f}" '
              f'cy="{y(place.y):.1f}" r="3" fill="rgb{CLASSES[place.of % len(CLASSES)]}">'
              f"<title>{html.escape(place.text)}</title></circle>" for place in places]
    return "\n".join([f'<svg class="chart" viewBox="0 0 {WIDTH} {low + 42}" role="img" '
                      'aria-labelledby="plane-title plane-text">',
                      '<title id="plane-title">What the network sees where</title>',
                      f'<desc id="plane-text">{html.escape(text)}</desc>', *parts, "</svg>"])


def _grid_line(y: float, text: str) -> str:
    return (f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')


def _mark(kind: str, k: int, x: float, y: float, text: str) -> str:
    """A dot on the first curve, a square on the second; its title shows when it is pointed at."""
    title = f"<title>{text}</title>"
    if k == 0:
        return f'<circle class="mark {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3">{title}</circle>'
    return (f'<rect class="mark {kind}" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6">'
            f"{title}</rect>")


def _legend(kind: str, k: int) -> list[str]:
    x = LEFT + 110 * k
    return [f'<polyline class="curve {kind}" points="{x},14 {x + 28},14"/>',
            _mark(kind, k, x + 14, 14, kind),
            f'<text class="legend" x="{x + 34}" y="18">{kind}</text>']


def round_ticks(low: float, high: float) -> list[float]:
    """Up to six round numbers, evenly spaced, from at most low to at least high.

    For values that are not close together far from 0: high − low is at least a hundredth of high.
    """
    if not high - low > sys.float_info.min * 1e9:
        high = low + 1
    power = 10.0 ** math.floor(math.log10((high - low) / 4))
    step = next(step for step in (power, 2 * power, 2.5 * power, 5 * power, 10 * power)
                if math.ceil(high / step) - math.floor(low / step) <= 5)
    return [min(k * step, sys.float_info.max)
            for k in range(math.floor(low / step), math.ceil(high / step) + 1)]


def epoch_ticks(epochs: int) -> list[int]:
    """Epochs to write on the axis: 1, and about six round ones."""
    power = 10 ** max(len(str(epochs)) - 2, 0)
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power, 20 * power)
                if epochs // step <= 6)
    return [1] + [epoch for epoch in range(step, epochs + 1, step) if epoch - 1 > step / 2]
