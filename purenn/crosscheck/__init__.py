"""Is a network right?  Cross-check an implementation, in any language, and name the mistake.

On the command line: ``python3 -m purenn.crosscheck --help``.  From Python, in a test suite:

    from purenn.crosscheck import check

    def test_my_network():
        check(my_step).assert_right()

where ``my_step(case) -> answer`` takes and returns what README.md beside this file describes.
"""
from __future__ import annotations

from purenn.crosscheck.judge import Report, check

__all__ = ["Report", "check"]
