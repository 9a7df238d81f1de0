"""Is a network right?  Cross-check an implementation, in any language, and name the mistake.

On the command line: ``python3 -m purenn.crosscheck --help``.  From Python, in a test suite:

    from purenn.crosscheck import check

    def test_my_network():
        check(my_step).assert_right()

where ``my_step(case) -> answer`` takes and returns what README.md beside this file describes.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from purenn.crosscheck.judge import Report, check

__all__ = ["Report", "check"]


def __getattr__(name: str) -> Any:
    """What is exported, imported when it is asked for: explain needs the questions alone, which
    take a quarter of the time."""
    if name in __all__:
        from purenn.crosscheck import judge
        return getattr(judge, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
