"""From answers to sequence cases to a report, in words as the report on single steps has them."""
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from purenn import sgd
from purenn.crosscheck.answers.function import ask, state_kept
from purenn.crosscheck.answers.reading import (
    as_floats,
    check_epoch_answer,
    check_sequence_answer,
)
from purenn.crosscheck.catalogue.sequences import LEARNING
from purenn.crosscheck.diagnosis.sequences import SequenceFinding, explain
from purenn.crosscheck.questions.by_reference import Answer
from purenn.crosscheck.questions.epoch import (
    EPOCH_FIELDS,
    FEWEST,
    MOST,
    as_steps,
    beginning,
    epoch_case,
    question,
)
from purenn.crosscheck.questions.sequences import (
    SEQUENCE_FIELDS,
    SequenceCase,
    built_in_sequences,
    to_json,
)
from purenn.crosscheck.report import MOST_NAMES, place, problems_of, wrapped
from purenn.crosscheck.truth.float32 import rounded
from purenn.crosscheck.truth.sequences import WrongNumber, wrong_numbers
from purenn.terminal.running import short


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
    """The result of a cross-check over several steps; ``str(report)`` is the printed text."""

    precision: str
    verdicts: list[SequenceVerdict]
    findings: Sequence[SequenceFinding]
    #: what was seen from the numbers and not said before: that they are float32
    noticed: str = ""
    #: what an answer may hold
    fields: Sequence[str] = SEQUENCE_FIELDS
    #: what went wrong on the way, for all cases
    failures: Sequence[str] = ()
    #: what else there is to say
    notes: Sequence[str] = ()

    @property
    def answered(self) -> bool:
        """Whether there is an answer to some case."""
        return any(v.answer is not None for v in self.verdicts)

    @property
    def ok(self) -> bool:
        """Whether something was answered, all of it is right, and nothing went wrong on the way."""
        return self.answered and not self.noticed and not self.failures and not any(
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
    findings: Sequence[SequenceFinding] = ()
    noticed = ""
    if any(wrong.values()):
        if precision == "float64" and are_single(list(given.values())):
            noticed, precision = SINGLE, "float32"
            wrong = {case.name: wrong_numbers(case, given[case.name], precision)
                     for case in cases if case.name in given}
        if any(wrong.values()):
            findings = explain([case for case in cases if case.name in given], given, wrong,
                               precision)
    return SequenceReport(precision, [
        SequenceVerdict(case, given.get(case.name), (problems or {}).get(case.name, ""),
                        wrong.get(case.name, [])) for case in cases], findings, noticed)


SINGLE = ("All your numbers are numbers of float32, so they were compared as such; say --precision "
          "float32 (or precision=\"float32\") to let that pass.")


#: so many numbers that need more than half of float32's bits must have no more than all of them
ENOUGH = 8


def are_single(answers: Sequence[Any]) -> bool:
    """Whether all numbers of the answers are numbers of float32, and not just short ones."""
    numbers = [x for answer in answers for x in numbers_in(answer) if math.isfinite(x)]
    return (all(rounded(x) == x for x in numbers)
            and len([x for x in numbers if math.frexp(x)[0] * 4096 % 1]) >= ENOUGH)


def numbers_in(value: Any) -> Iterator[float]:
    """The floats in nested lists and dictionaries."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for v in value:
            yield from numbers_in(v)
    elif isinstance(value, float):
        yield value


def check_sequences(function: Callable[[dict[str, Any]], dict[str, Any]],
                    cases: Sequence[SequenceCase] | None = None, precision: str = "float64"
                    ) -> SequenceReport:
    """Cross-check a function over several steps: ``check(function, sequences=True)``."""
    cases = built_in_sequences() if cases is None else cases
    questions = list(map(to_json, cases))
    answers, problems = ask(function, questions, check_sequence_answer)
    return judge(cases, answers, precision, problems)._replace(
        failures=state_kept(function, questions, answers, check_sequence_answer))


# An epoch of digits.

FEW = ("far fewer test digits are right than the reference gets. Most often the cause is, in this "
       "order: inputs that are not scaled to about 1, initial weights that are all zero or all "
       "alike, targets outside the output's range, a learning rate that is too large (the cost "
       "rises) or too small, x and y shuffled apart")


def judge_epoch(answer: Answer | None, precision: str = "float64", problem: str = ""
                ) -> SequenceReport:
    """The report on an epoch of digits: the network after some mini-batches, number by number, and
    how many test digits are right in the end."""
    case = beginning(epoch_case())
    if answer is None:
        return SequenceReport(precision, [SequenceVerdict(case, None, problem, [])], [],
                              fields=EPOCH_FIELDS)
    given = as_floats(answer)
    wrong = wrong_numbers(case, as_steps(given), precision)
    findings = list(explain([case], {case.name: as_steps(given)}, {case.name: wrong}, precision,
                            pairs=False)) if wrong else []
    correct = given.get("correct")
    if "correct" in given and not (isinstance(correct, float) and FEWEST <= correct <= MOST):
        shown = int(correct) if isinstance(correct, float) and correct.is_integer() else correct
        off = WrongNumber(case, "correct", None, (), shown, f"{FEWEST} to {MOST} with 20 seeds",
                          Decimal(0), 1, 1)
        many = isinstance(correct, float) and correct > MOST
        wrong = [*wrong, off]
        findings.append(SequenceFinding(
            "correct", "", "", "more test digits are right than one epoch of these gives: it may "
            "have been more than one, or other digits" if many else FEW, "", False, (),
            "look at what comes after the first ten mini-batches, which are right, or at how it is "
            "counted" if given.get("after") and len(wrong) == 1 else
            "compare the network after 1, 2, 5 and 10 mini-batches: give after",
            (sgd, "def train_epoch("), off))
    return SequenceReport(precision, [SequenceVerdict(case, given, "", wrong)], findings,
                          fields=EPOCH_FIELDS)


def check_epoch(function: Callable[[dict[str, Any]], dict[str, Any]], precision: str = "float64"
                ) -> SequenceReport:
    """Let a function learn an epoch of digits, and judge it."""
    asked = question(epoch_case())
    answers, problems = ask(function, [asked], check_epoch_answer)
    return judge_epoch(answers.get(asked["name"]), precision, problems.get(asked["name"], ""))


# The report in words.

#: what sequences of a few steps cannot show, commonest first
NEXT = ("What ruins a training run and shows in no small case: inputs that are not scaled to about "
        "1, initial weights that are all zero or all alike, targets outside the output's range, a "
        "learning rate that is too large (the cost rises in the first epoch) or too small, x and y "
        "shuffled apart. Next: run --epoch gives your training loop an epoch of real digits, in a "
        "fixed order and from given weights; digits writes them as CSV.")


def text(report: SequenceReport, verbose: bool = False) -> str:
    """The whole report, without a newline at the end."""
    parts = ["\n".join(wrapped("error: ", failure)) for failure in report.failures]
    notes = [*report.notes, *filter(None, [report.noticed])]
    parts += ["\n".join(wrapped("note: ", note)) for note in notes]
    parts += [_finding(report, k, finding) for k, finding in enumerate(report.findings, 1)]
    if _first_steps_are_right(report) and _kept(report):
        parts.append("\n".join(wrapped("", "Every single step that begins as the case says is "
                                        "right; what is wrong is what your program keeps between "
                                        "steps.")))
    problems = [v for v in report.verdicts if v.problem]
    if problems:
        parts.append(problems_of(problems))
    if verbose:
        parts.append("\n".join(line for v in report.verdicts for line in _every_field(v)))
    parts.append(_summary(report))
    return "\n\n".join(parts)


def _finding(report: SequenceReport, number: int, finding: SequenceFinding) -> str:
    wrong = finding.where
    kind = "note" if finding.convention else "error"
    lines = wrapped(f"{number}. {kind}: ", headline(wrong), " " * 4)
    lines += [f'    --> case "{short(wrong.case.name)}", {_path(wrong)}',
              f"        layers {'-'.join(map(str, wrong.case.sizes))}, hidden {wrong.case.hidden}, "
              f"output {wrong.case.output}, {wrong.case.cost} cost,",
              f"        mini-batches of {sizes_in_words(wrong.case.mini_batch_sizes)}; "
              f"{count(wrong.case.epochs, 'epoch')}", "",
              f"        yours  {wrong.yours}", f"        right  {_right(wrong)}", ""]
    lines += wrapped("    why: ", f"{finding.sentence}.", " " * 9)
    for _, sentence in finding.alternatives:
        lines += wrapped("    or:  ", f"{sentence}.", " " * 9)
    lines += wrapped("    instead: ", f"{finding.instead}. See {place(finding.see)}.", " " * 13)
    return "\n".join(lines)


def headline(wrong: WrongNumber) -> str:
    """What is wrong, in a few words."""
    if wrong.step is not None:
        part = "weights" if wrong.field == "new_weights" else "biases"
        return f"the {part} after step {wrong.step + 1} are wrong"
    return {"steps": "there are too few steps, or too many",
            "final_weights": "the weights at the end are wrong",
            "final_biases": "the biases at the end are wrong",
            "predictions": "the predictions are wrong",
            "correct": "the number of correct predictions is wrong",
            "mean_cost": "the mean cost is wrong"}[wrong.field]


def sizes_in_words(sizes: Sequence[int]) -> str:
    """3, 3 and 2; or how many there are, where they are many of one size."""
    if len(sizes) > 8 and len(set(sizes)) == 1:
        return f"{sizes[0]}, {len(sizes)} of them"
    *first, last = map(str, sizes)
    return f"{', '.join(first)} and {last}" if first else last


def _path(wrong: WrongNumber) -> str:
    step = "" if wrong.step is None else f"steps[{wrong.step}]."
    return step + wrong.field + "".join(f"[{k}]" for k in wrong.at)


def _right(wrong: WrongNumber) -> str:
    """The right value, and what it follows from where that is the candidate's own."""
    if not isinstance(wrong.right, Decimal):
        return str(wrong.right)
    given = ", by your final network" if wrong.field == "mean_cost" else (
        f", given your own numbers after step {wrong.step}" if wrong.step else "")
    return f"{float(wrong.right)!r}{given}"


def _kept(report: SequenceReport) -> bool:
    """Whether what was found is in what the program keeps, or nothing was found."""
    ways = {habit.id: habit.keeps for habit in LEARNING}
    return all(ways.get(finding.id, True) for finding in report.findings)


def _first_steps_are_right(report: SequenceReport) -> bool:
    """Whether some later step is wrong, and no first one is."""
    steps = [w.step for v in report.verdicts for w in v.wrong if w.step is not None]
    return bool(steps) and min(steps) > 0


def _every_field(verdict: SequenceVerdict) -> list[str]:
    if verdict.answer is None:
        return [f'"{short(verdict.case.name)}": not answered']
    wrong = {w.field for w in verdict.wrong}
    said = {field: "wrong" if field in wrong or field == "steps" and wrong & {
        "new_weights", "new_biases"} else "right" for field in SEQUENCE_FIELDS
            if field in verdict.answer}
    words = ", ".join(f"{f} {word}" for f, word in said.items())
    return wrapped(f'"{short(verdict.case.name)}": ', words, " " * 4)


def _summary(report: SequenceReport) -> str:
    answered = [v for v in report.verdicts if v.answer is not None]
    right = [v for v in answered if not v.wrong]
    if not answered:
        kinds = dict.fromkeys(f"{v.case.hidden}, {v.case.output}, {v.case.cost}"
                              for v in report.verdicts)
        return "\n".join(wrapped(
            "", "Nothing was answered, and so nothing is right. A function returns a dictionary "
            "for a case, and a program prints an object, with some of the fields "
            f"{', '.join(report.fields)}. What is asked for: {'; '.join(kinds)}."))
    fields = [field for field in report.fields
              if any(field in (v.answer or {}) for v in answered)]
    if len(right) == len(answered):
        lines = wrapped("", f"{count(len(answered), 'case')}, every number right "
                        f"({report.precision}): {', '.join(fields)}.")
        if report.ok and report.fields == SEQUENCE_FIELDS:
            lines += wrapped("", NEXT)
    else:
        names = [f'"{short(v.case.name)}"' for v in answered if v.wrong]
        more = len(names) - MOST_NAMES
        lines = wrapped("", f"{len(right)} of {count(len(answered), 'case')} right "
                        f"({report.precision}); wrong: {', '.join(names[:MOST_NAMES])}"
                        f"{f' and {more} more' if more > 0 else ''}.")
    missing = [v.case.name for v in report.verdicts if v.answer is None and not v.problem]
    if missing:
        listed = ", ".join(f'"{short(name)}"' for name in missing[:MOST_NAMES])
        rest = f" and {len(missing) - MOST_NAMES} more" if len(missing) > MOST_NAMES else ""
        lines += wrapped("", f"Not answered: {listed}{rest}.")
    return "\n".join(lines)


def count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def as_json(report: SequenceReport) -> dict[str, Any]:
    """The report as a JSON value."""
    return {"ok": report.ok, "precision": report.precision,
            "findings": [{"block": f.block, "id": f.id, "relation": f.relation,
                          "sentence": f.sentence, "scope": f.scope, "convention": f.convention,
                          "alternatives": [id for id, _ in f.alternatives],
                          "case": f.where.case.name, "field": _path(f.where)}
                         for f in report.findings],
            "cases": [{"name": v.case.name, "answered": v.answer is not None,
                       "problem": v.problem, "wrong": [_path(w) for w in v.wrong]}
                      for v in report.verdicts]}
