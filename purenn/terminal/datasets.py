"""Which data a command works on: the options --small and --data, and what they stand for."""
from __future__ import annotations

import argparse
import os
from typing import Any, NamedTuple

from purenn import mnist
from purenn.sgd import Example
from purenn.terminal.options import file_name


class Data(NamedTuple):
    """The three parts of a data set, lists of (x, y)."""

    training: list[Example]
    evaluation: list[Example]
    test: list[Example]


class Known(NamedTuple):
    """A data set that need not be named: where it is, and how many pixels its images have."""

    path: str
    pixels: int


SMALL = Known(mnist.SMALL, 64)
MNIST = Known("mnist.pkl.gz", 784)


def add_options(group: argparse._ArgumentGroup, small: str, data: str, **more: Any) -> None:
    """--small and --data, one of which can be given; the texts say when they are needed."""
    source = group.add_mutually_exclusive_group()
    source.add_argument("--small", action="store_true", **more,
                        help=f"the 8 × 8 digits that come with the package{small}")
    source.add_argument("--data", metavar="PATH", type=file_name, **more,
                        help=f"{MNIST.path}, or a folder of IDX files such as "
                        "train-images-idx3-ubyte.gz, or one IDX file of images with its labels "
                        f"beside it ({data})")


def load(path: str, missing: str) -> Data:
    """The data at a path.  Raises OSError or ValueError; ``missing`` says what to do if there is
    nothing."""
    if not os.path.exists(path):
        raise ValueError(f"{path} is not there{missing}")
    return Data(*mnist.load_data_wrapper(path))
