"""The diagnosis: from wrong answers to findings."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from purenn.crosscheck.catalogue.recipe import Mistake, step_with_bounds, together
from purenn.crosscheck.diagnosis.chains import Search
from purenn.crosscheck.diagnosis.findings import (
    Finding,
    findings_of,
    format_finding,
    undone_finding,
    unplaced,
)
from purenn.crosscheck.diagnosis.formats import Written, written
from purenn.crosscheck.diagnosis.reported import UNDO, undone
from purenn.crosscheck.diagnosis.subject import Key, Subject
from purenn.crosscheck.diagnosis.tokens import catalogue
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import BLOCKS, GRAD_W
from purenn.crosscheck.truth.compare import Wrong, flat, limits, wrong_quantities
from purenn.crosscheck.truth.reference import NUMBERS, Answer, truth

BEFORE_GRADIENTS = BLOCKS[:BLOCKS.index(GRAD_W)]


class Diagnosis(NamedTuple):
    """What was found, and what is wrong where that is taken into account which the numbers are
    written in."""

    findings: list[Finding]
    wrong: dict[str, list[Wrong]]


#: right answers by the question: who checks a program does so again and again, and the same
#: questions take a second each time.  No more are kept than this.
_RIGHT: dict[tuple[str, str, tuple[str, ...]], Answer] = {}
MOST_KEPT = 1000


def right_answer(case: Case, precision: str, conventions: Sequence[Mistake]) -> Answer:
    """The truth with its tolerances, written down according to the conventions.

    Raises ValueError for a case that cannot be computed in that precision at all.
    """
    key = (repr(case), precision, tuple(convention.id for convention in conventions))
    if key not in _RIGHT:
        if len(_RIGHT) >= MOST_KEPT:
            _RIGHT.clear()
        _RIGHT[key] = _right_answer(case, precision, conventions)
    return _RIGHT[key]


def _right_answer(case: Case, precision: str, conventions: Sequence[Mistake]) -> Answer:
    answer = truth(case, precision) if not conventions else step_with_bounds(
        case, precision, together(*(convention.change for convention in conventions)))
    largest = 2 / NUMBERS[precision].LEAST
    for quantity in flat(answer, len(case.sizes) - 1):
        for value, tolerance in map(limits, quantity.numbers):
            if not (value.is_finite() and value.copy_abs() < largest and tolerance.is_finite()):
                raise ValueError(f'the case "{case.name}" goes beyond the range or the digits of '
                                 f"{precision}: no program can be expected to get "
                                 f"{quantity.field} right")
    return answer


def diagnose(cases: Sequence[Case], answers: dict[str, Answer], right: dict[str, Answer],
             precision: str, conventions: Sequence[Mistake] = ()) -> Diagnosis:
    """What explains the answers to these cases, of which at least one is wrong.

    The conventions are in force already; they are no part of the explanation.
    """
    how = written(cases, answers)
    if how is not None and how.kind == precision:
        how = None
    unit, kind = float(NUMBERS[precision].UNIT), precision
    findings = []
    if how is not None:
        findings.append(format_finding(how, precision))
        right = _right_as_written(how, cases, answers, right, conventions)
        unit = max(unit, how.unit)
        kind = precision if how.kind == "digits" else how.kind
    slack = how.slack if how is not None and how.kind == "digits" else None
    answers, misplaced = undone(cases, answers, right)
    wrong = {case.name: wrong_quantities(case, answers[case.name], right[case.name], slack)
             for case in cases}
    if any(wrong.values()):
        subjects = [Subject(case, answers[case.name], right[case.name], kind, unit,
                            _keys(case, answers[case.name], wrong[case.name]), slack)
                    for case in cases]
        tokens = [token for token in catalogue() if token.entry not in conventions
                  and token.id not in (*UNDO, _not_proposed(answers.values()))]
        force = tuple(token for token in catalogue() if token.entry in conventions)
        search = Search(subjects, tokens, force)
        others = findings_of(search, search.run(), wrong)
        first = next((k for k, finding in enumerate(others)
                      if finding.block not in BEFORE_GRADIENTS), len(others))
        others[first:first] = map(undone_finding, misplaced)
        findings += others
    else:
        findings += map(undone_finding, misplaced)
    if not findings:
        findings.append(unplaced(next(w for found in wrong.values() for w in found)))
    return Diagnosis(findings, wrong)


def _right_as_written(how: Written, cases: Sequence[Case], answers: dict[str, Answer],
                      right: dict[str, Answer], conventions: Sequence[Mistake]
                      ) -> dict[str, Answer]:
    """The truth in the precision that the numbers show, where a case can be computed in it."""
    if how.kind == "digits":
        return right
    found = {}
    for case in cases:
        try:
            found[case.name] = right_answer(case, how.kind, conventions)
        except ValueError:
            found[case.name] = right[case.name]
    return found


def _not_proposed(answers: Iterable[Answer]) -> str:
    """Of two entries that give the same numbers, the one that the fields of the answers speak
    against: a program whose step shows no biases has none, another has left them out."""
    fields = set(chain.from_iterable(answers))
    has_none = not fields & {"nabla_b", "new_biases"} and fields & {"nabla_w", "new_weights"}
    return "bias-left-out" if has_none else "no-biases"


def _keys(case: Case, answer: Answer, wrong: Sequence[Wrong]) -> set[Key]:
    """The quantities that are wrong: where a field has not the layers that it should, all of
    them."""
    keys: set[Key] = set()
    for w in wrong:
        if w.layer is None and w.kind == "shape":
            keys.update((w.field, q.layer) for q in flat(answer, len(case.weights))
                        if q.field == w.field)
        keys.add((w.field, w.layer))
    return keys
