"""The command: ``python3 -m purenn.crosscheck``."""
from __future__ import annotations

import sys

from purenn.crosscheck.options import PROG, check_arguments, parser

__all__ = ["PROG", "main"]


def main(arguments: list[str] | None = None) -> int:
    before, command = split_command(sys.argv[1:] if arguments is None else list(arguments))
    options = parser().parse_intermixed_args(before)
    check_arguments(options, command)
    from purenn.crosscheck.session import session  # --help needs none of it
    return session(options, command)


def split_command(arguments: list[str]) -> tuple[list[str], list[str] | None]:
    """The arguments before "--" and those after, which are None if there is no "--"."""
    if "--" not in arguments:
        return arguments, None
    k = arguments.index("--")
    return arguments[:k], arguments[k + 1:]
