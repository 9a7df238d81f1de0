"""What stands in the files beside this module, and how it is computed.

``cases.json`` has the questions, each with what it is for: the entries of the catalogue that show
in it and in no earlier case of its profile.  That takes seconds to find out, so the command reads
it from there.  ``answers.json`` has the right answers with their tolerances: whoever compares with
them needs nothing of purenn.  ``sequences.json`` and ``sequence-answers.json`` are the same for the
cases of several steps.  tools/make_vectors.py writes them all.
"""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Context, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from purenn.crosscheck.answers.reading import answers_content, as_floats
from purenn.crosscheck.catalogue.entries import GROUPS
from purenn.crosscheck.catalogue.recipe import Mistake
from purenn.crosscheck.diagnosis.search import right_answer
from purenn.crosscheck.diagnosis.subject import STOPS
from purenn.crosscheck.questions.cases import FIELDS, Case, profile_of, to_json
from purenn.crosscheck.questions.sequences import SequenceCase
from purenn.crosscheck.truth import sequences
from purenn.crosscheck.truth.blocks import RIGHT, step
from purenn.crosscheck.truth.bounded import DIGITS
from purenn.crosscheck.truth.compare import limits, wrong_quantities
from purenn.crosscheck.truth.reference import PRECISIONS, Answer

FOLDER = Path(__file__).parent

#: the entries that change numbers; a layout shows in every case alike
ENTRIES = [entry for _, entries in GROUPS for entry in entries if entry.blocks]

#: of a tolerance, as many digits as matter, rounded up
_SHORT = Context(prec=3, rounding=ROUND_CEILING)


# Why a case is there.

def shows(case: Case, entry: Mistake, right: Answer) -> bool:
    """Whether a program with that mistake gives an answer to the case, and a wrong one."""
    try:
        answer = as_floats(step(case, entry.change(RIGHT)))
    except STOPS:
        return False
    return bool(wrong_quantities(case, answer, right))


def reasons(cases: Sequence[Case], entries: Sequence[Mistake] = ENTRIES) -> dict[str, list[str]]:
    """For each case, by name, the entries that it shows and no earlier case of its profile does."""
    left: dict[Any, list[Mistake]] = {}
    found = {}
    for case in cases:
        unseen = left.get(profile_of(case), list(entries))
        right = right_answer(case, "float64", [])
        seen = [entry for entry in unseen if shows(case, entry, right)]
        found[case.name] = [entry.id for entry in seen]
        left[profile_of(case)] = [entry for entry in unseen if entry not in seen]
    return found


@cache
def _checked_in() -> dict[str, dict[str, Any]]:
    with open(FOLDER / "cases.json", encoding="ascii") as file:
        return {item["name"]: item for item in json.load(file)["cases"]}


def known_reasons(cases: Sequence[Case]) -> dict[str, list[str]]:
    """The reasons that stand in cases.json, for those of the cases that do."""
    known = _checked_in()
    return {case.name: known[case.name]["why"] for case in cases
            if to_json(case).items() <= known.get(case.name, {}).items()}


# The right answers.

def answers_with_tolerances(cases: Sequence[Case]) -> dict[str, Any]:
    """A whole file of right answers, as a JSON value, with the tolerance of each number."""
    return answers_content([_answer(case) for case in cases])


def sequence_answers(cases: Sequence[SequenceCase]) -> dict[str, Any]:
    """The same for cases of several steps.  The tolerances grow from step to step: they are those
    of a program of which only the end is known."""
    answers = []
    for case in cases:
        right = {p: sequences.right_answer(case, p) for p in PRECISIONS}
        whole = {field: right["float64"][field] for field in ("predictions", "correct")}
        answers.append({**_with_tolerances(case.name, right), **whole})
    return answers_content(answers)


def _answer(case: Case) -> dict[str, Any]:
    right: dict[str, Answer | None] = {}
    for precision in PRECISIONS:
        try:
            answer = right_answer(case, precision, [])
            right[precision] = {field: answer[field] for field in FIELDS}
        except ValueError:
            right[precision] = None
    return _with_tolerances(case.name, right)


def _with_tolerances(name: str, right: Mapping[str, Answer | None]) -> dict[str, Any]:
    """The float64 nearest to each true number, and how far from it a program may be, in each
    precision; null for a precision in which the case cannot be computed."""
    return {"name": name, **_each(_nearest, right["float64"]), "tolerances": {
        precision: _each(_tolerance, answer) for precision, answer in right.items()}}


def _each(f: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return {field: _each(f, v) for field, v in value.items()}
    if isinstance(value, list):
        return [_each(f, v) for v in value]
    return None if value is None else f(value)


def _nearest(number: Any) -> float:
    return float(limits(number)[0])


def _tolerance(number: Any) -> float | None:
    """The tolerance from the nearest float, which may itself be off by half a unit; 0 for a number
    that is exact, but for what fifty digits leave open; None if it has no bound."""
    value, tolerance = limits(number)
    if not tolerance.is_finite():
        return None
    tolerance += abs(Decimal(_nearest(number)) - value)
    return 0.0 if tolerance <= value.copy_abs().scaleb(6 - DIGITS) else float(
        _SHORT.plus(tolerance))


# The files.

def as_document(content: dict[str, Any]) -> str:
    """A file of cases or answers with one of them in each line."""
    (key, items), = ((key, value) for key, value in content.items() if isinstance(value, list))
    head = json.dumps({k: v for k, v in content.items() if k != key})[:-1]
    lines = ",\n".join(json.dumps(item, allow_nan=False) for item in items)
    return f'{head}, "{key}": [\n{lines}\n]}}\n'
