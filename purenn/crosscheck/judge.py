"""From answers to a report: what is right, what is wrong, and why."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from purenn.crosscheck.answers.function import ask
from purenn.crosscheck.answers.reading import as_floats
from purenn.crosscheck.catalogue.entries import CONVENTIONS, SHAPES
from purenn.crosscheck.catalogue.recipe import Change, Mistake, together
from purenn.crosscheck.diagnosis.findings import Finding
from purenn.crosscheck.diagnosis.search import diagnose, right_answer
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.report import Report, Verdict
from purenn.crosscheck.several_steps import SequenceReport, check_sequences
from purenn.crosscheck.truth.blocks import RIGHT
from purenn.crosscheck.truth.compare import shape_of, wrong_quantities
from purenn.crosscheck.truth.reference import PRECISIONS, Answer


def conventions_named(names: Sequence[str]) -> list[Mistake]:
    """The conventions with these names.  Raises ValueError for one that there is not."""
    known = {convention.id: convention for convention in CONVENTIONS}
    for name in names:
        if name not in known:
            raise ValueError(f'there is no convention "{name}", only {", ".join(known)}')
    return [known[name] for name in dict.fromkeys(names)]


def judge(cases: Sequence[Case], answers: dict[str, Answer], precision: str = "float64",
          conventions: Sequence[Mistake] = (), problems: dict[str, str] | None = None) -> Report:
    """The report on answers to some of the cases, by name.

    A problem, by name too, is why there is no answer to a case.  Where the answers have the shape
    of a convention that is not named, they are compared by it, and the report says so.
    """
    given = {name: as_floats(answer) for name, answer in answers.items()}
    recognized = _shown_by_shape(cases, given, conventions)
    shapes = [c for c in [*conventions, *recognized] if c in SHAPES]
    given = {case.name: _plainly(case, given[case.name], shapes) for case in cases
             if case.name in given}
    rest = [c for c in conventions if c not in SHAPES]
    right = {case.name: right_answer(case, precision, rest) for case in cases
             if case.name in given}
    verdicts = [Verdict(case, given.get(case.name), (problems or {}).get(case.name, ""),
                        wrong_quantities(case, given[case.name], right[case.name])
                        if case.name in given else []) for case in cases]
    findings: Sequence[Finding] = ()
    if any(verdict.wrong for verdict in verdicts):
        answered = [case for case in cases if case.name in given]
        findings = diagnose(answered, given, right, precision, rest).findings
    return Report(precision, [*conventions, *recognized], verdicts, findings, recognized)


def _plainly(case: Case, answer: Answer, shapes: Sequence[Mistake]) -> Answer:
    """The answer's numbers in the reference's lists."""
    undo: dict[str, Callable[[Answer], Answer]] = {
        "columns": lambda a: {"activations": [[_flat(v) for v in layers]
                                              for layers in a.get("activations", [])],
                              **{f: [_flat(v) for v in a.get(f, [])]
                                 for f in ("nabla_b", "new_biases")}},
        "biases-as-columns": lambda a: {f: [_flat(v) for v in a.get(f, [])]
                                        for f in ("nabla_b", "new_biases")},
        "weights-transposed": lambda a: {f: [[list(c) for c in zip(*W)] for W in a.get(f, [])]
                                         for f in ("nabla_w", "new_weights")},
        "input-included": lambda a: {"activations": [layers[1:] for layers
                                                     in a.get("activations", [])]}}
    for shape in shapes:
        try:
            new = undo[shape.id](answer)
        except TypeError:
            continue
        answer = {field: new.get(field, value) for field, value in answer.items()}
    return answer


def _flat(v: Any) -> Any:
    return [x[0] if isinstance(x, list) and len(x) == 1 else x for x in v]


def _shown_by_shape(cases: Sequence[Case], answers: dict[str, Answer],
                    conventions: Sequence[Mistake]) -> list[Mistake]:
    """The conventions of shape that leave the fewest fields in lists that do not fit; of several
    such sets the smallest, the first."""
    answered = [case for case in cases if case.name in answers]
    unnamed = [convention for convention in SHAPES if convention not in conventions]
    sets = [found for k in range(len(unnamed) + 1) for found in combinations(unnamed, k)]
    return list(min(sets, key=lambda found: len(_unfitting(
        answered, answers, together(*(c.change for c in [*conventions, *found]))))))


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
    named = conventions_named(conventions)
    if sequences:
        return check_sequences(function, cases, precision)
    cases = built_in() if cases is None else cases
    answers, problems = ask(function, cases)
    return judge(cases, answers, precision, named, problems)
