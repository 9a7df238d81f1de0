"""One complete step of learning with every number: ``python3 -m purenn.explain``."""
from __future__ import annotations

from purenn.explain.options import DIGITS, EXACT_DIGITS, MOST_DIGITS, PROG, build_parser

__all__ = ["PROG", "main"]


def main(arguments: list[str] | None = None) -> int:
    parser = build_parser()
    options = parser.parse_args(arguments)
    options.digits = options.digits or (EXACT_DIGITS if options.exact else DIGITS)
    if options.digits > MOST_DIGITS:
        parser.error(f"at most {MOST_DIGITS} digits can be shown, not {options.digits}")
    if options.network is not None and (options.case or options.cases) and not options.list:
        parser.error("--network is explained alone, without --case and --cases")
    from purenn.explain.session import session  # --help needs none of it
    return session(options)
