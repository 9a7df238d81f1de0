"""The catalogue by itself: each entry is whole, gives wrong numbers, and is like no other."""
from __future__ import annotations

import os
from itertools import chain, combinations
from typing import Any

import pytest

from purenn.crosscheck.catalogue.entries import CONVENTIONS, GROUPS, MISTAKES
from purenn.crosscheck.catalogue.recipe import together
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.truth.blocks import BLOCKS, RIGHT, CannotAnswer, step
from purenn.terminal.source import line_of

ENTRIES = {entry.id: entry for _, entries in GROUPS for entry in entries}
CASES = built_in()

#: pairs that no case can tell apart, and why that is so
THE_SAME: dict[frozenset[str], str] = {
    frozenset(["bias-left-out", "no-biases"]): "a convention where no bias is shown"}


def written(value: Any) -> Any:
    """Nested lists of numbers as something that can be compared: to nine digits, for what comes
    later is rounding, and NaN like NaN."""
    if isinstance(value, dict):
        return {field: written(v) for field, v in value.items()}
    return [written(v) for v in value] if isinstance(value, list) else f"{float(value):.9g}"


def answer_of_program_with(id: str, case: Case) -> str | None:
    """What a program with this entry answers, as one string; None where it would stop."""
    change = ENTRIES[id].change if id in ENTRIES else together()
    try:
        return repr(written(step(case, change(RIGHT))))
    except (CannotAnswer, ArithmeticError, ValueError):
        return None


@pytest.fixture(scope="module")
def alike():
    """The pairs of entries, or of one and a right program, that give the same numbers wherever both
    answer.  Case after case, only what no earlier one has told apart is computed."""
    pairs = list(combinations([*ENTRIES, "right"], 2))
    for case in CASES:
        given = {id: answer_of_program_with(id, case) for id in {*chain(*pairs)}}
        pairs = [pair for pair in pairs
                 if given[pair[0]] == given[pair[1]] or None in (given[pair[0]], given[pair[1]])]
    return [set(pair) for pair in pairs]


def test_every_entry_is_wrong_in_some_case(alike):
    assert [pair - {"right"} for pair in alike if "right" in pair] == []


def test_no_two_entries_give_the_same_numbers_in_all_cases(alike):
    assert {frozenset(pair) for pair in alike if "right" not in pair} == set(THE_SAME)


def test_the_catalogue_is_long_and_its_entries_are_complete():
    assert len(MISTAKES) >= 200 and len(CONVENTIONS) >= 7
    assert len(ENTRIES) == len(MISTAKES) + len(CONVENTIONS) == sum(len(e) for _, e in GROUPS)
    assert len({entry.sentence for entry in ENTRIES.values()}) == len(ENTRIES)
    for entry in ENTRIES.values():
        assert entry.id and entry.sentence and entry.instead, entry
        assert not entry.sentence.endswith(".") and not entry.instead.endswith(".")
        assert not entry.sentence[0].isupper() or entry.sentence.startswith(("ReLU", "Σ")), entry.id
        module, label = entry.see
        assert line_of(label, module) > 0
        assert entry.convention == (entry in CONVENTIONS)
        assert not entry.convention or entry.instead == f"--convention {entry.id}"
        assert entry.blocks, entry.id


@pytest.mark.parametrize("group, entries", GROUPS, ids=[group for group, _ in GROUPS])
def test_a_group_is_of_its_own_block(group, entries):
    """What a group is called is where its entries begin to act."""
    of = {"forward pass": BLOCKS[:1], "costs": BLOCKS[1:3], "output error": BLOCKS[1:4],
          "derivatives": BLOCKS[3:5], "way back": BLOCKS[4:5], "gradients": BLOCKS[5:7],
          "step": BLOCKS[7:], "of numbers": BLOCKS[:7]}
    first, = (blocks for name, blocks in of.items() if name in group)
    for entry in entries:
        assert entry.blocks[0] in first, entry.id


def test_every_file_says_by_what_it_is_ordered():
    folder = os.path.join(os.path.dirname(__file__), "..", "..", "purenn", "crosscheck")
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
        assert "How common the mistakes are" in file.read()
    names = [name for name in os.listdir(os.path.join(folder, "catalogue")) if name in (
        "forward.py", "cost.py", "error.py", "derivative.py", "back.py", "gradient.py", "step.py",
        "convention.py")]
    assert len(names) == 8
    for name in names:
        with open(os.path.join(folder, "catalogue", name), encoding="utf-8") as file:
            assert '"How common the mistakes are"' in file.read().split('"""')[1], name
