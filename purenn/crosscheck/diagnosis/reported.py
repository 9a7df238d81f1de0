"""Gradients that are right, or wrong for other reasons, but reported in each other's place.

Nothing else can be said of a gradient before it stands where it belongs.  So this is looked for
first, as layouts are: it is undone where the gradients then fit, in their shapes if the network
has layers of different sizes, in their numbers if not, and the diagnosis goes on from there.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from purenn.crosscheck.catalogue.entries import MISTAKES
from purenn.crosscheck.catalogue.recipe import Mistake
from purenn.crosscheck.diagnosis.scopes import DIVISIONS
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.compare import Wrong, shape_of, wrong_quantities
from purenn.crosscheck.truth.reference import Answer

GRADIENTS = ("nabla_w", "nabla_b")


class Undone(NamedTuple):
    """An entry that was undone: in which cases, in words, and what it had made wrong first."""

    entry: Mistake
    scope: str
    where: Wrong


def _reversed(answer: Answer) -> Answer:
    return {field: value[::-1] if field in GRADIENTS else value
            for field, value in answer.items()}


def _swapped(answer: Answer) -> Answer:
    """The gradients in their places again; the step taken with them has nothing more to say."""
    return {**{field: value for field, value in answer.items() if not field.startswith("new_")},
            "nabla_w": answer["nabla_b"],
            "nabla_b": [[row[0] for row in g] for g in answer["nabla_w"]]}


UNDO: dict[str, Callable[[Answer], Answer]] = {
    "layers-reversed": _reversed, "gradients-swapped": _swapped}


def undone(cases: Sequence[Case], answers: dict[str, Answer], right: dict[str, Answer]
           ) -> tuple[dict[str, Answer], list[Undone]]:
    """The answers with the gradients where they belong, and what was done to put them there."""
    found = []
    for entry in MISTAKES:
        if entry.id not in UNDO:
            continue
        fits = {case.name: _fits(case, answers[case.name], right[case.name], UNDO[entry.id])
                for case in cases}
        made, scope = _where(cases, fits)
        first = next((w for case in made for w in wrong_quantities(
            case, answers[case.name], right[case.name]) if w.field in GRADIENTS), None)
        if first is not None:
            found.append(Undone(entry, scope, first))
            answers = {**answers, **{case.name: UNDO[entry.id](answers[case.name]) for case in made
                                     if all(field in answers[case.name] for field in GRADIENTS)}}
    return answers, found


def _fits(case: Case, answer: Answer, right: Answer, undo: Callable[[Answer], Answer]) -> int:
    """1 if a case says that it was done, −1 if it says that it was not, 0 if neither."""
    if not all(field in answer for field in GRADIENTS):
        return 0
    try:
        other = undo(answer)
    except (TypeError, IndexError):
        return -1
    good, better = (all(shape_of(given[field]) == shape_of(right[field]) for field in GRADIENTS)
                    for given in (answer, other))
    if good != better:
        return 1 if better else -1
    if not good:
        return -1
    before, after = (any(w.field in GRADIENTS for w in wrong_quantities(case, given, right))
                     for given in (answer, other))
    return before - after


def _where(cases: Sequence[Case], fits: dict[str, int]) -> tuple[list[Case], str]:
    """The cases in which it was done, and words for them; none if no scope holds them all."""
    done = [case for case in cases if fits[case.name] > 0]
    if not done or not any(fits[case.name] > 0 and len(case.weights) > 1 for case in cases):
        return [], ""
    if all(fit >= 0 for fit in fits.values()):
        return list(cases), ""
    for division in DIVISIONS:
        if division.of_layers:
            continue
        values: list[Any] = list(dict.fromkeys(division.value(case, 0) for case in done))
        made = [case for case in cases if division.value(case, 0) in values]
        if all(fits[case.name] >= 0 for case in made):
            return made, " and ".join(map(division.words, values))
    return [], ""
