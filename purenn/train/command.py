"""python3 -m purenn.train: learn handwritten digits, and show what was learned.

With --small it needs no file: 1,797 small digits come with the package.  Without, it reads MNIST.
The data are in three parts.  The network learns from the training data; the evaluation data, which
it never learns from, show after each epoch how well it does on digits it has not seen; the test
data are looked at once, at the end.
"""
from __future__ import annotations

from purenn.train.options import PROG, build_parser

__all__ = ["PROG", "main"]


def main(arguments: list[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    from purenn.train.session import session  # --help needs none of it
    return session(options)
