"""python3 -m purenn.show: look at digits, and at what a trained network makes of them.

Each digit is drawn in characters, with the network's outputs beside it as bars.  What it got wrong
comes first, the most confident mistake before the others.  Of points in the plane it is drawn what
the network sees where; of the rows of a table, their numbers.
"""
from __future__ import annotations

from purenn.show.options import PROG, build_parser

__all__ = ["PROG", "main"]


def main(arguments: list[str] | None = None) -> int:
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.index is not None and (options.wrong or options.digit is not None):
        parser.error("--index says which digit to draw; it does not go with --wrong or --class")
    from purenn.show.session import session  # --help needs none of it
    return session(options)
