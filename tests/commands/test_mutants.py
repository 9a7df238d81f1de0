"""The wrong versions that tools/mutants.py makes: every edit still applies to the code."""
from __future__ import annotations

import collections
import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

from mutants import (
    MUTANTS,
    NOT_OF_BEHAVIOR,
    Laboratory,
    Mutant,
    drawn,
    edited,
    fast_tests,
    first_failure,
)
from random_mutants import mutations


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


@pytest.mark.parametrize("code, edits", [
    ("x = a + b", ["x = a - b"]),
    ("x = a * (b)", ["x = a / (b)"]),
    ("x += ä", ["x -= ä"]),
    ("x = ä - b", ["x = ä + b"]),
    ("x = a < b", ["x = a <= b", "x = a > b"]),
    ("x = a is None", ["x = a is not None"]),
    ("x = a and b or c", ["x = a or b or c", "x = a and b and c"]),
    ("x = -a", ["x = a"]),
    ("x = not a", ["x = a"]),
    ("x = 0", ["x = 1", "x = (-1)"]),
    ("x = 2.5", ["x = 3.5", "x = 1.5"]),
    ("x = True", ["x = False"]),
    ("x = f(a, b)", ["x = f(b, a)"]),
    ("f(x)", []), ("x = 'text'", []), ("import x", []), ("x = f'{a + 1}'", []),
    ("def f(x: 1) -> 2:\n    '3'\n    return x", ["def f(x: 1) -> 2:\n    '3'\n    pass"]),
    ("if TYPE_CHECKING:\n    x = 1", []),
])
def test_what_random_edits_there_are(code, edits):
    dropped = [] if code.startswith(("import", "def", "if")) else ["pass"]
    assert sorted(text for _, text in mutations(code)) == sorted(edits + dropped)


def test_random_edits_say_where_they_are():
    assert [what for what, _ in mutations("y = b\nx = ä + b\n")] == [
        "1:0: dropped: y = b", "2:0: dropped: x = ä + b", "2:7: + → -"]


def test_edits_are_drawn_by_the_seed_and_no_name_stands_for_two():
    every = drawn(10 ** 9, 1)
    assert len({mutant.name for mutant in every}) == len(every) > 500
    assert drawn(20, 1) == drawn(20, 1) != drawn(20, 2)
    assert {mutant.file for mutant in every} >= {"purenn/sgd.py", "purenn/train/checkpoint.py"}


@pytest.mark.skipif(os.name == "nt", reason="the pretended interpreter is a script")
def test_an_edit_that_stops_the_import_is_caught_but_not_tests_that_never_run(tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\necho NameError\nexit 4\n")
    (tmp_path / "python").chmod(0o755)
    laboratory = Laboratory(str(tmp_path / "python"), fast_tests())
    assert laboratory.caught_by(MUTANTS[0]) == "pytest could not run the tests: NameError"
    with pytest.raises(ValueError, match="could not run the tests: NameError"):
        laboratory.caught_by(None)


def test_the_tests_that_try_mutants_are_there():
    assert "tests/reference/test_sgd.py" in fast_tests()
    for name in [*fast_tests(), *NOT_OF_BEHAVIOR]:
        assert os.path.exists(os.path.join(ROOT, name)), name
    assert not set(fast_tests()) & set(NOT_OF_BEHAVIOR)


def test_what_pytest_reports_is_understood():
    assert first_failure(0, "12 passed") is None
    said = "F\nFAILED tests/test_a.py::test_b[c] - assert\n"
    assert first_failure(1, said) == "test_a.py::test_b[c]"
    assert first_failure(2, "ERROR tests/test_a.py - SyntaxError\n") == "test_a.py"
    with pytest.raises(ValueError, match="could not run the tests: No module named pytest"):
        first_failure(1, "No module named pytest\n")
