"""From answers to a report: what is right, what is wrong, and why."""
from __future__ import annotations

import copy
import math
from decimal import MAX_EMAX, MIN_EMIN, Context, localcontext
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from purenn.crosscheck.bounded import DIGITS
from purenn.crosscheck.cases import Case, built_in, check_answer, to_json, with_numbers
from purenn.crosscheck.catalogue import CONVENTIONS
from purenn.crosscheck.compare import Wrong, flat, limits, wrong_quantities
from purenn.crosscheck.diagnose import Diagnosis, diagnose, evidence
from purenn.crosscheck.mistakes import RIGHT, Mistake, step, together
from purenn.crosscheck.truth import (ALLOWED_ACTIVATIONS, ALLOWED_COSTS, PRECISIONS, Answer, truth)


class Verdict(NamedTuple):
    """What there is to say about the answer to one case."""

    case: Case
    #: the answer, or None if there is none
    answer: Optional[Answer]
    #: why there is no answer, if somebody knows
    problem: str
    #: in the order of the computation
    wrong: List[Wrong]


class Report(NamedTuple):
    """The result of a cross-check.  ``str(report)`` is the text that the command prints."""

    precision: str
    conventions: List[Mistake]
    verdicts: List[Verdict]
    #: None if nothing is wrong
    diagnosis: Optional[Diagnosis]

    @property
    def ok(self) -> bool:
        """Whether all that was answered is right, and nothing went wrong on the way."""
        return not any(verdict.wrong or verdict.problem for verdict in self.verdicts)

    def assert_right(self) -> None:
        """Raise AssertionError, with the whole report, unless it is all right."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        from purenn.crosscheck.report import text
        return text(self)

    def __repr__(self) -> str:
        return str(self)


def conventions_named(names: Sequence[str]) -> List[Mistake]:
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
    if not conventions:
        answer = truth(case, precision)
    else:
        recipe = together(*(convention.change for convention in conventions))(RIGHT)
        with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
            answer = step(with_numbers(case, PRECISIONS[precision]), recipe,
                          ALLOWED_ACTIVATIONS, ALLOWED_COSTS)
    largest = 2 / PRECISIONS[precision].LEAST
    for quantity in flat(answer, len(case.sizes) - 1):
        for value, tolerance in map(limits, quantity.numbers):
            if not (value.is_finite() and value.copy_abs() < largest and tolerance.is_finite()):
                raise ValueError(f'the case "{case.name}" goes beyond the range or the digits of '
                                 f"{precision}: no program can be expected to get "
                                 f"{quantity.field} right")
    return answer


def judge(cases: Sequence[Case], answers: Dict[str, Answer], precision: str = "float64",
          conventions: Sequence[Mistake] = (), problems: Optional[Dict[str, str]] = None) -> Report:
    """The report on answers to some of the cases, by name.

    A problem, by name too, is why there is no answer to a case.
    """
    problems = problems or {}
    given = {name: _as_floats(answer) for name, answer in answers.items()}
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


def _diagnosis(verdicts: Sequence[Verdict], right: Dict[str, Answer], precision: str,
               conventions: Sequence[Mistake]) -> Diagnosis:
    answered = [(v.case, v.answer) for v in verdicts if v.answer is not None]

    def found(right: Dict[str, Answer], precision: str) -> Diagnosis:
        return diagnose([evidence(case, answer, right[case.name], precision)
                         for case, answer in answered], conventions)

    if precision == "float64":
        right_single = {case.name: right_answer(case, "float32", conventions)
                        for case, _ in answered}
        if not any(wrong_quantities(case, answer, right_single[case.name])
                   for case, answer in answered):
            return Diagnosis([], [], 0, single=True)
    diagnosis = found(right, precision)
    if precision == "float64" and not diagnosis.explanations and diagnosis.digits is None:
        in_single = found(right_single, "float32")
        if in_single.explanations:
            return in_single._replace(single=True)
    return diagnosis


def _as_floats(value: Any) -> Any:
    """Nested lists and dictionaries of numbers with floats for numbers; null becomes NaN."""
    if isinstance(value, dict):
        return {key: _as_floats(v) for key, v in value.items() if key != "name"}
    if isinstance(value, list):
        return [_as_floats(v) for v in value]
    try:
        return math.nan if value is None else float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return math.copysign(math.inf, value)


def plain(value: Any) -> Any:
    """What a function returned as lists and numbers: arrays are asked for their ``tolist()``."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (int, float, str)) or value is None:
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def ask(function: Callable[[Dict[str, Any]], Dict[str, Any]], cases: Sequence[Case]
        ) -> Tuple[Dict[str, Answer], Dict[str, str]]:
    """A function's answers to the cases, and for those where it raised an exception, or returned
    what is no answer, the problem."""
    answers: Dict[str, Answer] = {}
    problems: Dict[str, str] = {}
    for case in cases:
        try:
            answer = function(copy.deepcopy(to_json(case)))
        except Exception as error:
            problems[case.name] = f"the function raised {type(error).__name__}: {error}"
            continue
        if answer is None:
            continue
        try:
            if not isinstance(answer, dict):
                raise ValueError(f"an answer is a dictionary, not a {type(answer).__name__}")
            answer = {field: plain(value) for field, value in answer.items() if field != "name"}
            check_answer(answer)
            answers[case.name] = answer
        except ValueError as error:
            problems[case.name] = f"what the function returned is no answer: {error}"
    return answers, problems


def check(function: Callable[[Dict[str, Any]], Dict[str, Any]],
          cases: Optional[Sequence[Case]] = None, precision: str = "float64",
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
