"""The wrong versions that tools/mutants.py makes: every edit still applies to the code."""
from __future__ import annotations

import collections
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))

from mutants import MUTANTS, Mutant, edited, first_failure


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_edit_applies_and_leaves_a_program(mutant):
    compile(edited(mutant), mutant.file, "exec")
    assert mutant.new != mutant.old


def test_there_are_enough_and_none_twice():
    assert len(MUTANTS) >= 40
    for field in (lambda m: m.name, lambda m: (m.file, m.old, m.new)):
        assert max(collections.Counter(map(field, MUTANTS)).values()) == 1


def test_an_edit_that_does_not_apply_is_refused():
    with pytest.raises(ValueError, match="'nothing' does not apply: purenn/sgd.py .* not 0 times"):
        edited(Mutant("nothing", "purenn/sgd.py", "no such text", ""))


def test_what_pytest_reports_is_understood():
    assert first_failure(0, "12 passed") is None
    said = "F\nFAILED tests/test_a.py::test_b[c] - assert\n"
    assert first_failure(1, said) == "test_a.py::test_b[c]"
    assert first_failure(2, "ERROR tests/test_a.py - SyntaxError\n") == "test_a.py"
    with pytest.raises(ValueError, match="could not run the tests: No module named pytest"):
        first_failure(1, "No module named pytest\n")
