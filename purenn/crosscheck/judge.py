"""From answers to a report: what is right, what is wrong, and why."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from purenn.crosscheck.answers.function import ask
from purenn.crosscheck.answers.reading import as_floats
from purenn.crosscheck.catalogue.entries import CONVENTIONS, SHAPES
from purenn.crosscheck.catalogue.recipe import Change, Mistake, step_with_bounds
from purenn.crosscheck.diagnosis.saturation import COST_FIELDS
from purenn.crosscheck.diagnosis.search import (
    LOST,
    Diagnosis,
    diagnose,
    evidence,
    in_force,
    only_costs_are_lost,
)
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.report import Report, Verdict
from purenn.crosscheck.truth.blocks import RIGHT
from purenn.crosscheck.truth.compare import flat, limits, shape_of, wrong_quantities
from purenn.crosscheck.truth.reference import PRECISIONS, Answer, truth


def conventions_named(names: Sequence[str]) -> list[Mistake]:
    """The conventions with these names.  Raises ValueError for one that there is not."""
    known = {convention.id: convention for convention in CONVENTIONS}
    for name in names:
        if name not in known:
            raise ValueError(f'there is no convention "{name}", only {", ".join(known)}')
    return [known[name] for name in dict.fromkeys(names)]


def right_answer(case: Case, precision: str, conventions: Sequence[Mistake]) -> Answer:
    """The truth with its tolerances, written down according to the conventions.

    Raises ValueError for a case that cannot be computed in that precision at all.
    """
    answer = truth(case, precision) if not conventions else step_with_bounds(
        case, precision, in_force(conventions))
    largest = 2 / PRECISIONS[precision].LEAST
    for quantity in flat(answer, len(case.sizes) - 1):
        for value, tolerance in map(limits, quantity.numbers):
            if not (value.is_finite() and value.copy_abs() < largest and tolerance.is_finite()):
                raise ValueError(f'the case "{case.name}" goes beyond the range or the digits of '
                                 f"{precision}: no program can be expected to get "
                                 f"{quantity.field} right")
    return answer


def judge(cases: Sequence[Case], answers: dict[str, Answer], precision: str = "float64",
          conventions: Sequence[Mistake] = (), problems: dict[str, str] | None = None) -> Report:
    """The report on answers to some of the cases, by name.

    A problem, by name too, is why there is no answer to a case.  Where the answers have the shape
    of a convention that is not named, they are compared by it, and the report says so.
    """
    given = {name: as_floats(answer) for name, answer in answers.items()}
    recognized = _shown_by_shape(cases, given, conventions)
    report = _judged(cases, given, precision, [*conventions, *recognized], problems or {})
    if not recognized:
        return report
    diagnosis = report.diagnosis or Diagnosis([tuple(recognized)], [], 0)
    if not diagnosis.explanations:  # perhaps it is a mistake that has the shape of a convention
        plainly = _judged(cases, given, precision, conventions, problems or {})
        if plainly.diagnosis and plainly.diagnosis.explanations:
            return plainly
    return report._replace(recognized=recognized, diagnosis=diagnosis)


def _shown_by_shape(cases: Sequence[Case], answers: dict[str, Answer],
                    conventions: Sequence[Mistake]) -> list[Mistake]:
    """The conventions of shape that leave the fewest fields in lists that do not fit; of several
    such sets the smallest, the first."""
    answered = [case for case in cases if case.name in answers]
    unnamed = [convention for convention in SHAPES if convention not in conventions]
    sets = [found for k in range(len(unnamed) + 1) for found in combinations(unnamed, k)]
    return list(min(sets, key=lambda found: len(_unfitting(
        answered, answers, in_force([*conventions, *found])))))


def _unfitting(cases: Sequence[Case], answers: dict[str, Answer], force: Change) -> set[str]:
    """The fields that in some case have another shape than they should have."""
    present = force(RIGHT).present
    return {field for case in cases
            for field, value in present(_blank(case), case).items() if field in answers[case.name]
            and shape_of(answers[case.name][field]) != shape_of(value)}


def _blank(case: Case) -> Answer:
    """An answer of the right shape, whatever the numbers."""
    return {"activations": [case.biases for _ in case.mini_batch],
            "nabla_w": case.weights, "nabla_b": case.biases,
            "new_weights": case.weights, "new_biases": case.biases}


def _judged(cases: Sequence[Case], given: dict[str, Answer], precision: str,
            conventions: Sequence[Mistake], problems: dict[str, str]) -> Report:
    """The report by these conventions and no other."""
    right = {case.name: right_answer(case, precision, conventions) for case in cases
             if case.name in given}
    verdicts = [Verdict(case, given.get(case.name), problems.get(case.name, ""),
                        wrong_quantities(case, given[case.name], right[case.name])
                        if case.name in given else [])
                for case in cases]
    diagnosis = None
    if any(verdict.wrong for verdict in verdicts):
        diagnosis = _diagnosis(verdicts, right, precision, conventions)
    return Report(precision, list(conventions), verdicts, diagnosis)


def _diagnosis(verdicts: Sequence[Verdict], right: dict[str, Answer], precision: str,
               conventions: Sequence[Mistake]) -> Diagnosis:
    answered = [v for v in verdicts if v.answer is not None]
    exhibits = [evidence(v.case, v.answer or {}, right[v.case.name], precision) for v in answered]
    if precision != "float64":
        return diagnose(exhibits, conventions)
    if _is_float32(answered, conventions) and not only_costs_are_lost(exhibits, conventions):
        return Diagnosis([], [], 0, single=True)
    diagnosis = diagnose(exhibits, conventions)
    if diagnosis.explanations or diagnosis.digits is not None:
        return diagnosis
    try:
        in_single = diagnose([
            evidence(v.case, v.answer or {}, right_answer(v.case, "float32", conventions),
                     "float32")
            for v in answered], conventions)
    except ValueError:  # one of the cases cannot be computed in float32
        return diagnosis
    other = any(w.field not in COST_FIELDS for v in answered for w in v.wrong)
    if in_single.explanations and (other or in_single.explanations != [(LOST,)]):
        return in_single._replace(single=True)
    return diagnosis


def _is_float32(answered: Sequence[Verdict], conventions: Sequence[Mistake]) -> bool:
    """Whether all the answers are right as float32 answers."""
    wrong_first = sorted(answered, key=lambda v: not v.wrong)  # it is soon over, as a rule
    try:
        return not any(
            wrong_quantities(v.case, v.answer or {}, right_answer(v.case, "float32", conventions))
            for v in wrong_first)
    except ValueError:  # one of the cases cannot be computed in float32
        return False


def check(function: Callable[[dict[str, Any]], dict[str, Any]],
          cases: Sequence[Case] | None = None, precision: str = "float64",
          conventions: Sequence[str] = ()) -> Report:
    """Cross-check a function from a case to an answer, both as in the JSON files (README.md).

    For a test suite, in one line:  ``check(my_step).assert_right()``.  Where the function returns
    None, the case counts as not answered.  Raises ValueError for an unknown precision or
    convention.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"the precision is one of {', '.join(PRECISIONS)}, not {precision!r}")
    cases = built_in() if cases is None else cases
    named = conventions_named(conventions)
    answers, problems = ask(function, cases)
    return judge(cases, answers, precision, named, problems)
