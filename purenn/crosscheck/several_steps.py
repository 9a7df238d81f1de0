"""From answers to sequence cases to a report, in words as the report on single steps has them."""
from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from purenn.crosscheck.answers.function import ask
from purenn.crosscheck.answers.reading import as_floats, check_sequence_answer
from purenn.crosscheck.diagnosis.findings import Finding
from purenn.crosscheck.diagnosis.sequences import explain
from purenn.crosscheck.questions.sequences import (
    SEQUENCE_FIELDS,
    SequenceCase,
    built_in_sequences,
    to_json,
)
from purenn.crosscheck.truth.reference import PRECISIONS, Answer
from purenn.crosscheck.truth.sequences import WrongNumber, wrong_numbers

WIDTH = 96
MOST_NAMES = 6


class SequenceVerdict(NamedTuple):
    """What there is to say about the answer to one sequence case."""

    case: SequenceCase
    #: the answer, or None if there is none
    answer: Answer | None
    #: why there is no answer, if somebody knows
    problem: str
    #: in the order of the computation
    wrong: list[WrongNumber]


class SequenceReport(NamedTuple):
    """The result of a cross-check over several steps; ``str(report)`` is what the command prints."""

    precision: str
    verdicts: list[SequenceVerdict]
    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """Whether something was answered, all of it is right, and nothing went wrong on the way."""
        return any(v.answer is not None for v in self.verdicts) and not any(
            v.wrong or v.problem for v in self.verdicts)

    def assert_right(self) -> None:
        """Raise AssertionError, with the whole report, unless it is all right."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        return text(self)

    def __repr__(self) -> str:
        return str(self)


def judge(cases: Sequence[SequenceCase], answers: dict[str, Answer], precision: str = "float64",
          problems: dict[str, str] | None = None) -> SequenceReport:
    """The report on answers to some of the cases, by name."""
    given = {name: as_floats(answer) for name, answer in answers.items()}
    wrong = {case.name: wrong_numbers(case, given[case.name], precision) for case in cases
             if case.name in given}
    findings: Sequence[Finding] = ()
    if any(wrong.values()):
        findings = explain([case for case in cases if case.name in given], given, wrong, precision)
    return SequenceReport(precision, [
        SequenceVerdict(case, given.get(case.name), (problems or {}).get(case.name, ""),
                        wrong.get(case.name, [])) for case in cases], findings)


def check_sequences(function: Callable[[dict[str, Any]], dict[str, Any]],
                    cases: Sequence[SequenceCase] | None = None, precision: str = "float64"
                    ) -> SequenceReport:
    """Cross-check a function over several steps: ``check(function, sequences=True)``."""
    if precision not in PRECISIONS:
        raise ValueError(f"the precision is one of {', '.join(PRECISIONS)}, not {precision!r}")
    cases = built_in_sequences() if cases is None else cases
    answers, problems = ask(function, cases, to_json, check_sequence_answer)
    return judge(cases, answers, precision, problems)
