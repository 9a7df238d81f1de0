"""The options that say which data a command works on, and what a network's file leaves open."""
from __future__ import annotations

import argparse

from purenn.activations import HIDDEN, OUTPUTS
from purenn.terminal.options import file_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PARTS = ("training", "evaluation", "test")
POINTS = ("xor", "moons", "spiral")
MNIST_FILE = "mnist.pkl.gz"
SMALL_PIXELS, MNIST_PIXELS = 64, 784  # of an image


def add_data(group: argparse._ArgumentGroup, small: str, data: str, **more: Any) -> None:
    """--small, --points and --data, one of which can be given, and --label; the texts say when
    they are needed."""
    source = group.add_mutually_exclusive_group()
    source.add_argument("--small", action="store_true", **more,
                        help=f"the 8 × 8 digits that come with the package{small}")
    source.add_argument("--points", choices=POINTS, **more,
                        help="300 points of two or three classes that come with the package: "
                        + ", ".join(POINTS))
    source.add_argument("--data", metavar="PATH", type=file_name, **more,
                        help=f"{MNIST_FILE}, or IDX, .npz, .npy or CSV files, or a folder of them, "
                        f"as they are published; purenn/formats/README.md lists them ({data})")
    group.add_argument("--label", metavar="NAME", **more,
                       help="the column of a CSV that holds the class, by its name or its number "
                       "(default: label, class, species, target or y, else the last or the first "
                       "if it holds words or few whole numbers)")


def add_functions(parser: argparse.ArgumentParser) -> None:
    """--hidden and --output, for networks whose files hold arrays alone."""
    group = parser.add_argument_group("what the network's file does not say, if another program "
                                      "wrote it")
    group.add_argument("--hidden", choices=list(HIDDEN), help="its hidden neurons' activation")
    group.add_argument("--output", choices=list(OUTPUTS), help="its output's activation")
