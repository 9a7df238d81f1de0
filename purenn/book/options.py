"""The options of python3 -m purenn.book.

This module is imported for --help, which should come at once: so it needs no more than the parser.
"""
from __future__ import annotations

import argparse

from purenn.terminal.data_options import MNIST_FILE
from purenn.terminal.options import file_name, make_parser, whole_number
from purenn.terminal.running import typed

PROG = typed("book")
EXAMPLES = f"""\
  {PROG}
        the experiments, with what each asks
  {PROG} slow
        one neuron of chapter 3, in a moment
  {PROG} overfitting --small
        on the bundled 8 × 8 digits, in seconds (nothing published to compare with)
  {PROG} weights --data mnist.pkl.gz --report weights.html
        on MNIST, both curves as a page
  {PROG} overfitting --data mnist.pkl.gz --seeds 3
        three times, to see what chance does
"""
NAMES = ("first", "slow", "overfitting", "regularized", "weights", "eta", "more-data")


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(PROG, "Run the experiments of chapters 1 to 3 of Nielsen's book, and show "
                         "their curves over the\npublished ones.", EXAMPLES)
    parser.add_argument("name", metavar="NAME", nargs="?",
                        choices=NAMES,
                        help="the experiment: "
                        + ", ".join(NAMES)
                        + " (default: list them)")
    data = parser.add_mutually_exclusive_group()
    data.add_argument("--small", action="store_true",
                      help="the 8 × 8 digits that come with the package, fewer epochs: seconds")
    data.add_argument("--data", metavar="PATH", type=file_name, default=MNIST_FILE,
                      help=f"MNIST (default: {MNIST_FILE} in this folder)")
    parser.add_argument("--seeds", metavar="N", type=whole_number(1), default=1,
                        help="how often to run it, with the seeds 0 to N − 1 (default: 1)")
    parser.add_argument("--report", metavar="FILE", type=file_name,
                        help="write a web page with the curves")
    parser.add_argument("--history", metavar="FILE", type=file_name,
                        help="write all curves, as JSON")
    return parser
