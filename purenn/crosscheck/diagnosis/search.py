"""What went wrong: the mistake, or pair of mistakes, that reproduces all the answers given.

Every entry of the catalogue is a program that makes that mistake.  It is run on the cases, and its
answers are compared with those given.  An entry that gives other numbers anywhere is out, usually
after a case or two.  When none is left, there may be two mistakes.  The first of them must explain
everything up to a later stage of the computation than is right as it stands; only for such entries
is a second one tried together with the first.  So the work grows with the length of the catalogue,
not with its square.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES
from purenn.crosscheck.catalogue.recipe import Change, Mistake, together
from purenn.crosscheck.diagnosis.saturation import lost_in_a
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import RIGHT, CannotAnswer, step
from purenn.crosscheck.truth.compare import (
    NOWHERE,
    Flat,
    Yardstick,
    first_difference,
    flat,
    limits,
    yardstick,
)
from purenn.crosscheck.truth.reference import PRECISIONS, Answer
from purenn.linalg import Number

#: no more entries than this are tried as the first of two
MOST_FIRST = 16

#: mistakes that show early what the step makes of the weights: they explain nothing by themselves
#: if there is a mistake in the step, too
AHEAD = ("cost-after-step", "updated-weights-back")

#: the mistake that no variant can reproduce to the last bit
LOST = next(entry for entry in MISTAKES if entry.id == "log-of-rounded-a")

Explanation = tuple[Mistake, ...]


class Diagnosis(NamedTuple):
    """What explains the answers: alternatives that no case given can tell apart."""

    #: one mistake each, or two
    explanations: list[Explanation]
    #: if nothing explains them all: entries that explain what comes before the stage ``until``
    beginnings: list[Mistake]
    until: int
    #: whether the answers agree with float32 arithmetic, where float64 was asked for
    single: bool = False
    #: how many digits were written, if that is what explains the answers; after the point if fixed
    digits: int | None = None
    fixed: bool = False


class Evidence(NamedTuple):
    """A case with the answer given, ready to be compared."""

    case: Case
    answer: list[Flat]
    truth: list[Flat]
    precision: str
    measure: Yardstick
    #: the catalogue's answers to the case, as far as they have been needed
    variants: dict[str, list[Flat] | None]


def evidence(case: Case, answer: Answer, truth: Answer, precision: str) -> Evidence:
    layers = len(case.sizes) - 1
    return Evidence(case, flat(answer, layers), flat(truth, layers), precision,
                    yardstick(case, truth, PRECISIONS[precision].UNIT), {})


def diagnose(exhibits: Sequence[Evidence], conventions: Sequence[Mistake] = ()) -> Diagnosis:
    """What explains all the answers, of which at least one is wrong.

    The conventions are in force already; they are no part of the explanation.
    """
    force = in_force(conventions)
    digits = _digits_written(exhibits)
    if digits:
        return Diagnosis([], [], 0, False, *digits)
    suspects = [entry for entry in CONVENTIONS + MISTAKES if entry not in conventions]
    exhibits, right_until = _most_telling_first(exhibits, force)
    reach = {entry.id: _reach(exhibits, together(entry.change, force), right_until, entry.id)
             for entry in suspects}
    alone = [entry for entry in suspects if reach[entry.id] == NOWHERE]
    if not alone and only_costs_are_lost(exhibits, conventions):
        alone = [LOST]
    if alone:
        return Diagnosis([(entry,) for entry in alone], [], 0)
    first = sorted((entry for entry in suspects if reach[entry.id] > right_until),
                   key=lambda entry: -reach[entry.id])[:MOST_FIRST]
    pairs = (_pairs(exhibits, first, suspects, force)
             or _pairs(exhibits, [e for e in suspects if e.id in AHEAD], suspects, force))
    furthest = reach[first[0].id] if first else right_until
    return Diagnosis(pairs, [entry for entry in first if reach[entry.id] == furthest], furthest)


def only_costs_are_lost(exhibits: Sequence[Evidence], conventions: Sequence[Mistake]) -> bool:
    """Whether the answers are right, but for costs computed from an a that has lost its digits."""
    force = in_force(conventions)
    return all(lost_in_a(exhibit.case, exhibit.answer, exhibit.truth, exhibit.precision, force)
               for exhibit in exhibits)


def in_force(conventions: Sequence[Mistake]) -> Change:
    """All the conventions, as one change."""
    return together(*(convention.change for convention in conventions))


def _pairs(exhibits: Sequence[Evidence], first: list[Mistake], suspects: list[Mistake],
           force: Change) -> list[Explanation]:
    """The pairs, one of which is among the first, that explain everything."""
    found: list[Explanation] = []
    for one in first:
        # the case in which the first entry fails earliest has most to say about the second
        telling = sorted(exhibits, key=lambda exhibit: _difference(
            exhibit, together(one.change, force), one.id))
        for other in suspects:
            if other is one or (other, one) in found:
                continue
            both = together(one.change, other.change, force)
            if _reach(telling, both, NOWHERE - 1) == NOWHERE:
                found.append((one, other))
    return found


def _most_telling_first(exhibits: Sequence[Evidence], force: Change
                        ) -> tuple[list[Evidence], int]:
    """The evidence, with what goes wrong earliest at the front, and the stage where that is."""
    differences = [_difference(exhibit, force, "") for exhibit in exhibits]
    order = sorted(range(len(exhibits)), key=lambda k: (differences[k], k))
    return [exhibits[k] for k in order], min(differences)


def _reach(exhibits: Sequence[Evidence], change: Change, least: int, name: str = "") -> int:
    """The first stage in which a program with this change differs from the answers; NOWHERE if
    there is none.  The search ends as soon as that is no more than the least of interest."""
    reach = NOWHERE
    for exhibit in exhibits:
        reach = min(reach, _difference(exhibit, change, name))
        if reach <= least:
            break
    return reach


def _difference(exhibit: Evidence, change: Change, name: str) -> int:
    """The first stage in which the variant differs; -1 if it has no answer.  Variants with a name
    are kept."""
    if not name or name not in exhibit.variants:
        variant = variant_of(exhibit.case, change)
        if name:
            exhibit.variants[name] = variant
    else:
        variant = exhibit.variants[name]
    return -1 if variant is None else first_difference(exhibit.answer, variant, exhibit.measure)


def variant_of(case: Case, change: Change) -> list[Flat] | None:
    """The answer of a program with this change; None if it would have none."""
    try:
        return flat(step(case, change(RIGHT)), len(case.sizes) - 1)
    except (CannotAnswer, ArithmeticError, ValueError, TypeError, IndexError):
        return None  # such a program would have stopped; two mistakes need not fit together


def _digits_written(exhibits: Sequence[Evidence]) -> tuple[int, bool] | None:
    """(how many digits, whether after the point) if the answers are right but for their number."""
    numbers: list[tuple[Any, Any]] = []
    for exhibit in exhibits:
        right = {(q.field, q.layer): q for q in exhibit.truth}
        for q in exhibit.answer:
            true = right.get((q.field, q.layer))
            if true is None or true.shape != q.shape:
                return None
            numbers.extend(zip(q.numbers, true.numbers))
    if not all(math.isfinite(x) for x, _ in numbers):
        return None
    for fixed, form in ((True, "%.*f"), (False, "%.*e")):
        for digits in range(1, 16 if fixed else 14):
            if all(float(form % (digits, x)) == x for x, _ in numbers):
                if all(_is_cut(x, number, digits, fixed) for x, number in numbers):
                    return (digits, fixed) if fixed else (digits + 1, fixed)
                break
    return None


def _is_cut(x: float, number: Number, digits: int, fixed: bool) -> bool:
    """Whether x is as near to a number of the truth as its last digit says."""
    value, tolerance = limits(number)
    exponent = -digits if fixed or not value else value.adjusted() - digits
    return abs(x - float(value)) <= float(tolerance) + 0.50001 * 10.0 ** exponent
