"""From answers to a report: what is right, what is wrong, and why."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, localcontext
from typing import Any

from purenn.crosscheck.answers.function import ask, state_kept
from purenn.crosscheck.answers.layouts import LAYOUTS, canonical
from purenn.crosscheck.answers.reading import as_floats
from purenn.crosscheck.catalogue.entries import CONVENTIONS
from purenn.crosscheck.catalogue.recipe import Mistake
from purenn.crosscheck.diagnosis.findings import Finding
from purenn.crosscheck.diagnosis.search import diagnose, right_answer
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.cases import Case, to_json
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.report import Report, Verdict
from purenn.crosscheck.several_steps import SequenceReport, check_sequences
from purenn.crosscheck.truth.bounded import DIGITS
from purenn.crosscheck.truth.compare import wrong_quantities
from purenn.crosscheck.truth.reference import PRECISIONS, Answer


def conventions_named(names: Sequence[str]) -> tuple[list[Mistake], list[str]]:
    """The conventions of numbers with these names, and the layouts.  Raises ValueError for a name
    that is neither."""
    known = {convention.id: convention for convention in CONVENTIONS}
    for name in names:
        if name not in known and name not in LAYOUTS:
            raise ValueError(f'there is no convention "{name}", only '
                             f'{", ".join([*known, *LAYOUTS])}')
    unique = dict.fromkeys(names)
    return ([known[name] for name in unique if name in known],
            [name for name in unique if name in LAYOUTS])


def judge(cases: Sequence[Case], answers: dict[str, Answer], precision: str = "float64",
          conventions: Sequence[Mistake] = (), problems: dict[str, str] | None = None,
          layouts: Sequence[str] = (), failures: Sequence[str] = (), notes: Sequence[str] = ()
          ) -> Report:
    """The report on answers to some of the cases, by name.

    A problem, by name too, is why there is no answer to a case.  Layouts are recognized; those
    that are named are taken for granted.  Failures went wrong on the way, for all cases.
    """
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        return _judge(cases, answers, precision, conventions, problems or {}, layouts
                      )._replace(failures=failures, notes=notes)


def _judge(cases: Sequence[Case], answers: dict[str, Answer], precision: str,
           conventions: Sequence[Mistake], problems: dict[str, str], layouts: Sequence[str]
           ) -> Report:
    given, recognized = canonical(
        cases, {name: as_floats(answer) for name, answer in answers.items()}, answer_of, layouts)
    right = {case.name: right_answer(case, precision, conventions) for case in cases
             if case.name in given}
    verdicts = [Verdict(case, given.get(case.name), problems.get(case.name, ""),
                        wrong_quantities(case, given[case.name], right[case.name])
                        if case.name in given else []) for case in cases]
    findings: Sequence[Finding] = ()
    if any(verdict.wrong for verdict in verdicts):
        answered = [case for case in cases if case.name in given]
        findings = diagnose(answered, given, right, precision, conventions).findings
    return Report(precision, list(conventions), verdicts, findings, recognized)


def check(function: Callable[[dict[str, Any]], dict[str, Any]],
          cases: Sequence[Any] | None = None, precision: str = "float64",
          conventions: Sequence[str] = (), sequences: bool = False) -> Report | SequenceReport:
    """Cross-check a function from a case to an answer, both as in the JSON files (README.md).

    For a test suite, in one line:  ``check(my_step).assert_right()``.  Where the function returns
    None, the case counts as not answered.  With ``sequences`` it is asked the cases of several
    steps instead.  Raises ValueError for an unknown precision or convention.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"the precision is one of {', '.join(PRECISIONS)}, not {precision!r}")
    named, layouts = conventions_named(conventions)
    if sequences:
        return check_sequences(function, cases, precision)
    cases = built_in() if cases is None else cases
    questions = list(map(to_json, cases))
    answers, problems = ask(function, questions)
    return judge(cases, answers, precision, named, problems, layouts,
                 state_kept(function, questions, answers))
