#!/usr/bin/env python3
"""Write purenn/data/xor.csv, moons.csv and spiral.csv: 300 points each, to three decimals.

They were computed once, by this program; what is checked in is what counts.
"""
from __future__ import annotations

import argparse
import math
import os
import random
from collections.abc import Iterator

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "purenn", "data")
Point = tuple[float, float, int]


def xor(rng: random.Random) -> Iterator[Point]:
    """A square of four quarters: 1 where the signs of x and y differ.  A strip is left free."""
    count = 0
    while count < 300:
        x, y = rng.uniform(-1, 1), rng.uniform(-1, 1)
        if min(abs(x), abs(y)) > 0.06:
            count += 1
            yield x, y, int(x * y < 0)


def moons(rng: random.Random) -> Iterator[Point]:
    """Two half circles, each with an end inside the other."""
    for k in range(300):
        t = math.pi * (k // 2) / 149
        x, y = (math.cos(t), math.sin(t)) if k % 2 == 0 else (1 - math.cos(t), 0.5 - math.sin(t))
        yield x - 0.5 + rng.gauss(0, 0.12), y - 0.25 + rng.gauss(0, 0.12), k % 2


def spiral(rng: random.Random) -> Iterator[Point]:
    """Three arms that wind out of the middle, as in Stanford's course CS231n."""
    for k in range(300):
        r = (k // 3 + 1) / 100
        t = 4 * r + 4 * (k % 3) + rng.gauss(0, 0.2)
        yield r * math.sin(t), r * math.cos(t), k % 3


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the three small sets of points.")
    parser.add_argument("--out", metavar="FOLDER", default=FOLDER,
                        help="where to write (default: %(default)s)")
    folder = parser.parse_args().out
    for make in (xor, moons, spiral):
        lines = [f"{x:.3f},{y:.3f},{c}\n" for x, y, c in make(random.Random(0))]
        with open(os.path.join(folder, make.__name__ + ".csv"), "w", newline="\n") as file:
            file.write("x,y,class\n" + "".join(lines))


if __name__ == "__main__":
    main()
