"""The report in words, as the best compilers write theirs: what, where, why, what instead."""
from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from purenn import costs, network, sgd
from purenn.crosscheck.catalogue.recipe import Mistake
from purenn.crosscheck.diagnosis.search import Diagnosis, Explanation
from purenn.crosscheck.questions.cases import FIELDS, Case
from purenn.crosscheck.truth.compare import (
    COSTS_,
    HID_B,
    HID_W,
    HIDDEN_A,
    NEW_B,
    NEW_W,
    OUT_B,
    OUT_W,
    OUTPUT_A,
    STAGES,
    TOTAL,
    Wrong,
)
from purenn.crosscheck.truth.reference import PRECISIONS, Answer
from purenn.terminal.source import line_of

WIDTH = 96
#: no more names than this are listed one by one
MOST_NAMES = 6

#: where in the reference each stage is computed, for whoever wants to compare line by line
PLACES = {HIDDEN_A: (network, "zs = affine("), OUTPUT_A: (network, "zs = affine("),
          COSTS_: (costs, "def quadratic("), TOTAL: (sgd, "def decay_cost"),
          OUT_B: (network, "(BP1)"), OUT_W: (network, "(BP4)"), HID_B: (network, "(BP2)"),
          HID_W: (network, "(BP4)"), NEW_B: (sgd, "(BP3)"), NEW_W: (sgd, "decay = 1 - eta")}


class Verdict(NamedTuple):
    """What there is to say about the answer to one case."""

    case: Case
    #: the answer, or None if there is none
    answer: Answer | None
    #: why there is no answer, if somebody knows
    problem: str
    #: in the order of the computation
    wrong: list[Wrong]


class Report(NamedTuple):
    """The result of a cross-check.  ``str(report)`` is the text that the command prints."""

    precision: str
    #: those that the answers were compared with
    conventions: list[Mistake]
    verdicts: list[Verdict]
    #: None if nothing is wrong
    diagnosis: Diagnosis | None
    #: those of the conventions that nobody named: the shape of the answers shows them
    recognized: Sequence[Mistake] = ()

    @property
    def ok(self) -> bool:
        """Whether all that was answered is right, by the conventions that were named, and nothing
        went wrong on the way."""
        return not self.recognized and not any(
            verdict.wrong or verdict.problem for verdict in self.verdicts)

    def assert_right(self) -> None:
        """Raise AssertionError, with the whole report, unless it is all right."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        return text(self)

    def __repr__(self) -> str:
        return str(self)


def text(report: Report, verbose: bool = False) -> str:
    """The whole report, without a newline at the end."""
    parts = [_recognized(report)] if report.recognized else []
    first = first_wrong(report)
    if first is not None and report.diagnosis is not None:
        parts.append(_what_and_where(report, first))
        parts.append(_why(report, report.diagnosis))
    problems = [v for v in report.verdicts if v.problem]
    if problems:
        parts.append(_problems(problems))
    if verbose:
        parts.append("\n".join(line for v in report.verdicts for line in _every_field(v)))
    parts.append(_summary(report))
    return "\n\n".join(parts)


def first_wrong(report: Report) -> Any:
    """The wrong quantity that is earliest in the computation, in the simplest case; or None."""
    wrong = [v.wrong[0] for v in report.verdicts if v.wrong]
    return min(wrong, key=lambda w: w.rank[0]) if wrong else None


def _recognized(report: Report) -> str:
    """The conventions that nobody named, and that the answers were compared by."""
    sentences = "; ".join(entry.sentence for entry in report.recognized)
    options = " ".join(entry.instead for entry in report.recognized)
    one = len(report.recognized) == 1
    rest = ("What follows was compared that way." if first_wrong(report)
            else "By it, every number is right." if one else "By them, every number is right.")
    return _block("note: ", f"The shape of your answers shows: {sentences}. "
                  f"{'This is a convention, and no mistake' if one else 'These are conventions'}"
                  f"{'' if one else ', and no mistakes'}. {rest} Say {options} to let it pass.")


# What and where.

def _what_and_where(report: Report, wrong: Wrong) -> str:
    case = wrong.case
    known = report.diagnosis.explanations if report.diagnosis else []
    convention = bool(known) and all(entry.convention for entry in known[0])
    plural = _is(wrong.stage) == "are"
    lines = [f"{'note' if convention else 'error'}: the {wrong.stage} {_off(convention, plural)}",
             f'  --> case "{case.name}", {_path(wrong.field, wrong.index)}',
             f"      layers {'-'.join(map(str, case.sizes))}, hidden {case.hidden}, "
             f"output {case.output}, {case.cost} cost, mini-batch of {len(case.mini_batch)}",
             ""]
    lines += ["      " + line for line in _entry(report, wrong)]
    same = sum(any(w.stage == wrong.stage for w in v.wrong) for v in report.verdicts)
    answered = sum(v.answer is not None for v in report.verdicts)
    notes = []
    if wrong.size > 1:
        notes.append(f"{wrong.count} of the {wrong.size} numbers of this quantity "
                     f"{_off(convention, wrong.count != 1)}.")
    notes.append(f"The {wrong.stage} {_off(convention, plural)} in {same} of "
                 f"{_count(answered, 'case')}.")
    before = _stages_before(report, wrong)
    if before:
        notes.append(f"All that comes before is right: {', '.join(before)}.")
    notes.append("What comes after follows from it, and is not judged.")
    return "\n".join(lines + [""] + _wrapped("    = ", " ".join(notes)))


def _off(convention: bool, plural: bool) -> str:
    """What numbers do that are not the reference's: by a convention they are not wrong."""
    if convention:
        return "differ" if plural else "differs"
    return "are wrong" if plural else "is wrong"


def _is(stage: str) -> str:
    return "are" if stage in (HIDDEN_A, OUTPUT_A, COSTS_, NEW_B, NEW_W) else "is"


def _entry(report: Report, wrong: Wrong) -> list[str]:
    if wrong.kind == "shape":
        return [f"yours  {shape_in_words(wrong.yours)}", f"right  {shape_in_words(wrong.right)}"]
    name = _path(wrong.field, wrong.index)
    lines = [f"{name}  yours  {_number(wrong.yours, report.precision)}",
             f"{' ' * len(name)}  right  {_number(float(wrong.right), report.precision)}"]
    if wrong.kind == "value":
        lines.append(f"{' ' * len(name)}  {_how_far_off(wrong, report.precision)}")
    return lines


def _number(x: float, precision: str) -> str:
    return repr(x) if precision == "float64" else f"{x:.9g}"


def _how_far_off(wrong: Wrong, precision: str) -> str:
    ulps = in_ulps(wrong, precision)
    if ulps is not None:
        return f"off by {ulps[0]:.3g} ulp of {precision}, where rounding explains {ulps[1]:.3g}"
    off, allowed = float(abs(Decimal(wrong.yours) - wrong.right)), float(wrong.tolerance)
    return f"off by {off:.3g}, where rounding explains {f'{allowed:.3g}' if allowed else 'nothing'}"


def in_ulps(wrong: Wrong, precision: str) -> tuple[float, float] | None:
    """How far off the worst entry is, and how far it may be, in units in the last place of the
    right number.  None if that is 0 or nearly so: what is off then has nothing to do with it."""
    kind = PRECISIONS[precision]
    if abs(wrong.right) < kind.LEAST:
        return None
    ulp = Decimal(2) ** (math.frexp(float(wrong.right))[1] - kind.BITS)
    return (float(abs(Decimal(wrong.yours) - wrong.right) / ulp), float(wrong.tolerance / ulp))


def _path(field: str, index: Sequence[int]) -> str:
    return field + "".join(f"[{k}]" for k in index)


def shape_in_words(value: Any) -> str:
    """The shape of nested lists, given as such or as nested tuples of None."""
    if not isinstance(value, (list, tuple)):
        return "a number"
    inner = [shape_in_words(v) for v in value]
    if not inner:
        return "an empty list"
    if len(set(inner)) > 1:
        return f"a list of {len(inner)}: ({'; '.join(inner)})"
    if inner[0] == "a number":
        return f"a list of {len(inner)} numbers" if len(inner) != 1 else "a list of 1 number"
    return f"a list of {len(inner)}, each {inner[0]}"


def _stages_before(report: Report, wrong: Wrong) -> list[str]:
    """The fields given that belong to stages before the first wrong one."""
    given = {field for v in report.verdicts if v.answer for field in v.answer}
    fields = {"activations": (0, 1), "costs": (2,), "total_cost": (3,), "nabla_b": (4, 6),
              "nabla_w": (5, 7), "new_biases": (8,), "new_weights": (9,)}
    return [STAGES[k] for k in range(wrong.rank[0])
            if any(k in stages and field in given for field, stages in fields.items())]


# Why, and what instead.

def _why(report: Report, diagnosis: Diagnosis) -> str:
    if diagnosis.digits is not None:
        enough = "17 significant digits (%.17g)" if report.precision == "float64" \
            else "9 significant digits (%.9g)"
        where = "after the point" if diagnosis.fixed else "(significant ones)"
        return _block("why: ", f"Your numbers are right, as far as they go: they are written with "
                      f"only {_count(diagnosis.digits, 'digit')} {where}. Write {enough}.")
    if diagnosis.single and not diagnosis.explanations:
        return _block("why: ", "Your numbers agree with float32 arithmetic, all of them. If it is "
                      "float32 that you want, say --precision float32. If not, look for an array "
                      "that was made without saying float64.")
    if diagnosis.explanations:
        return _explained(diagnosis)
    if diagnosis.beginnings:
        return _half_explained(diagnosis)
    first = first_wrong(report)
    return _block("why: ", "No mistake in the catalogue gives these numbers, and no two. Compare "
                  f"your program with {place(PLACES[first.stage])}.")


def _explained(diagnosis: Diagnosis) -> str:
    explanations = diagnosis.explanations
    single = " in float32" if diagnosis.single else ""
    if len(explanations) == 1 and len(explanations[0]) == 1 and explanations[0][0].convention:
        entry, = explanations[0]
        return _block("why: ", f"This is a convention, and no mistake: {entry.sentence}. Your "
                      f"numbers{single} are exactly those of a network that follows it. With "
                      f"{entry.instead} they are compared with a reference that does, too.")
    alone = len(explanations) == 1
    kind = _these(explanations[0]) if alone else (
        f"{_one_of([entry for explanation in explanations for entry in explanation])}, which the "
        "cases answered cannot tell apart")
    blocks = [_entry_blocks(explanation, "\n\n" if alone else "\n     and\n")
              for explanation in explanations[:MOST_NAMES]]
    return "\n\n".join([_block("why: ", "Your numbers are exactly those of a network"
                               f"{single} with {kind}:")] + blocks)


def _half_explained(diagnosis: Diagnosis) -> str:
    until = STAGES[diagnosis.until] if diagnosis.until < len(STAGES) else "end"
    first = diagnosis.beginnings
    kind = _these(first) if len(first) == 1 else _one_of(first)
    then = "Name it first" if all(entry.convention for entry in first) else "Mend this first"
    return (_block("why: ", f"Until the {until}, your numbers are exactly those of a network with "
                   f"{kind}. After it there is something else, and no second entry of the "
                   f"catalogue explains it all. {then}:")
            + "\n\n" + "\n\n".join(map(_entry_block, first[:MOST_NAMES])))


def _these(entries: Sequence[Mistake]) -> str:
    """What one or two entries are: a convention is no mistake."""
    conventions = sum(entry.convention for entry in entries)
    if len(entries) == 1:
        return "this convention" if conventions else "this mistake"
    return ("these two mistakes", "this convention and this mistake",
            "these two conventions")[conventions]


def _one_of(entries: Sequence[Mistake]) -> str:
    if all(entry.convention for entry in entries):
        return "one of these conventions"
    if any(entry.convention for entry in entries):
        return "one of these conventions or mistakes"
    return "one of these mistakes"


def _entry_blocks(explanation: Explanation, between: str) -> str:
    """The entries of an explanation, a convention first."""
    return between.join(map(_entry_block, sorted(explanation, key=lambda e: not e.convention)))


def _entry_block(entry: Mistake) -> str:
    instead = (f"This is a convention; {entry.instead} allows it." if entry.convention
               else f"Instead: {entry.instead}.")
    return "\n".join(_wrapped("       ", f"{entry.sentence}.")
                     + _wrapped("       ", f"See {place(entry.see)}.")
                     + _wrapped("       ", instead))


def place(see: tuple[Any, str]) -> str:
    """The place in the reference, with the number that the line has now."""
    module, label = see
    prefix = f"{label}, " if label.startswith("(BP") else ""
    return f"{prefix}{module.__name__.replace('.', '/')}.py line {line_of(label, module)}"


# The rest.

def _problems(problems: list[Verdict]) -> str:
    """Each problem once, with the first case that has it."""
    cases: dict[str, list[str]] = {}
    for verdict in problems:
        cases.setdefault(verdict.problem, []).append(verdict.case.name)
    lines = []
    for problem, names in list(cases.items())[:MOST_NAMES]:
        more = f" (and so in {len(names) - 1} more)" if len(names) > 1 else ""
        lines += _wrapped("error: ", f'case "{names[0]}": {problem}{more}', "       ")
    if len(cases) > MOST_NAMES:
        lines.append(f"       … and {_count(len(cases) - MOST_NAMES, 'other problem')}")
    return "\n".join(lines)


def _every_field(verdict: Verdict) -> list[str]:
    """What became of every field of a case: right, wrong, or wrong because of what came before."""
    if verdict.answer is None:
        return [f"{verdict.case.name}: {verdict.problem or 'not answered'}"]
    words = []
    for field in FIELDS:
        faults = [w for w in verdict.wrong if w.field == field]
        if field not in verdict.answer:
            words.append(f"{field} not given")
        elif not faults:
            words.append(f"{field} right")
        else:
            first = faults[0].rank[0] == verdict.wrong[0].rank[0]
            words.append(f"{field} {'WRONG' if first else 'follows'}")
    return _wrapped(f"{verdict.case.name}: ", ", ".join(words), "    ")


def _summary(report: Report) -> str:
    answered = [v for v in report.verdicts if v.answer is not None]
    right = [v for v in answered if not v.wrong]
    fields = [field for field in FIELDS if any(field in (v.answer or {}) for v in answered)]
    force = "".join(f", {convention.id}" for convention in report.conventions)
    kind = f"{report.precision}{force}"
    if not answered:
        return f"No case was answered ({kind})."
    lines = []
    if len(right) == len(answered):
        lines.append(f"{_count(len(right), 'case')}, every number right ({kind}): "
                     f"{', '.join(fields)}.")
    else:
        wrong = [f'"{v.case.name}"' for v in answered if v.wrong]
        lines.append(f"{len(right)} of {_count(len(answered), 'case')} right ({kind}); "
                     f"wrong: {_names(wrong)}.")
    missing = [field for field in FIELDS if field not in fields]
    if missing:
        lines.append(f"Not given, and not judged: {', '.join(missing)}.")
    silent = [f'"{v.case.name}"' for v in report.verdicts if v.answer is None and not v.problem]
    if silent:
        lines.append(f"Not answered: {_names(silent)}.")
    return "\n".join(line for sentence in lines for line in _wrapped("", sentence))


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _block(head: str, sentence: str) -> str:
    return "\n".join(_wrapped(head, sentence))


def _wrapped(head: str, sentence: str, rest: str = "") -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent=head, break_on_hyphens=False,
                         subsequent_indent=rest or " " * len(head))


# For machines.

def as_json(report: Report) -> dict[str, Any]:
    """The report as a JSON value.  Numbers that JSON does not have are null."""
    diagnosis = report.diagnosis
    return {
        "ok": report.ok, "precision": report.precision,
        "conventions": _ids(report.conventions), "recognized": _ids(report.recognized),
        "diagnosis": None if diagnosis is None else {
            "explanations": [_ids(explanation) for explanation in diagnosis.explanations],
            "beginnings": _ids(diagnosis.beginnings),
            "beginnings_until": STAGES[diagnosis.until] if diagnosis.beginnings
            and diagnosis.until < len(STAGES) else None,
            "float32": diagnosis.single, "digits": diagnosis.digits},
        "cases": [{"name": v.case.name, "answered": v.answer is not None,
                   "problem": v.problem or None,
                   "wrong": [_wrong_as_json(w, report.precision) for w in v.wrong]}
                  for v in report.verdicts]}


def _ids(entries: Sequence[Mistake]) -> list[str]:
    return [entry.id for entry in entries]


def _wrong_as_json(wrong: Wrong, precision: str) -> dict[str, Any]:
    result = {"stage": wrong.stage, "field": wrong.field, "index": list(wrong.index),
              "kind": wrong.kind, "count": wrong.count, "size": wrong.size}
    if wrong.kind == "shape":
        return {**result, "yours": shape_in_words(wrong.yours),
                "right": shape_in_words(wrong.right)}
    result["yours"] = _finite_or_none(wrong.yours)
    result["right"] = float(wrong.right)
    if wrong.kind == "value":
        result["tolerance"] = _finite_or_none(float(wrong.tolerance))
        result["ulps"], result["ulps_allowed"] = map(
            _finite_or_none, in_ulps(wrong, precision) or (math.inf, math.inf))
    return result


def _finite_or_none(x: float) -> float | None:
    return x if math.isfinite(x) else None
