"""The command ``python3 -m purenn.book``: run the book's experiments, and look at both curves."""
from __future__ import annotations

from purenn.book.options import PROG, build_parser

__all__ = ["PROG", "main"]


def main(arguments: list[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    from purenn.book.session import session  # --help needs none of it
    return session(options)
