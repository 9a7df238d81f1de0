"""The report in words, as the best compilers write theirs: what, where, why, what instead."""
from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from purenn.crosscheck.answers.layouts import Layout
from purenn.crosscheck.catalogue.recipe import Mistake
from purenn.crosscheck.diagnosis.findings import Finding
from purenn.crosscheck.questions.cases import FIELDS, Case
from purenn.crosscheck.questions.described import what_confines
from purenn.crosscheck.truth.blocks import BACK, DELTA, GRAD_B, GRAD_W
from purenn.crosscheck.truth.compare import Wrong
from purenn.crosscheck.truth.reference import PRECISIONS, Answer
from purenn.terminal.running import short
from purenn.terminal.screen import known_columns
from purenn.terminal.source import line_of

WIDTH = 96
#: no more names than this are listed one by one
MOST_NAMES = 6
#: for whoever has not answered anything
EXPECTED = ("A function is given one case, a dictionary, and returns its answer, a dictionary with "
            f"one or more of {', '.join(FIELDS)}; or None for a case that it leaves out. A program "
            'prints such answers as JSON, each with the "name" of its case. crosscheck answers '
            "shows how they look.")


#: what one step cannot show, commonest first
NEXT = ("One step from given weights does not show what a program keeps between its steps "
        "(gradients that are not reset, arrays that share memory, momentum, the last smaller "
        "mini-batch), how it draws its first weights, whether its inputs are scaled, or how it "
        "counts its accuracy. Next: run --sequences (in Python check(…, sequences=True)) asks for "
        "several steps, run --epoch for an epoch of real digits from given weights.")


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
    #: what explains what is wrong, in the order of the computation
    findings: Sequence[Finding] = ()
    #: the layouts that the answers were recognized to be in, which is no reason to fail
    recognized: Sequence[Layout] = ()
    #: what went wrong on the way, for all cases
    failures: Sequence[str] = ()
    #: what else there is to say
    notes: Sequence[str] = ()

    @property
    def answered(self) -> int:
        """How many cases were answered."""
        return sum(verdict.answer is not None for verdict in self.verdicts)

    @property
    def ok(self) -> bool:
        """Whether something was answered, all of it is right, by the conventions that were named,
        and nothing went wrong on the way."""
        return self.answered > 0 and not self.failures and not any(
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
    parts = [_block("error: ", failure) for failure in report.failures]
    parts += [_block("note: ", f"recognized: {layout.sentence}.") for layout in report.recognized]
    parts += [_block("note: ", note) for note in report.notes]
    parts += [_finding(report, k, finding) for k, finding in enumerate(report.findings, 1)]
    problems = [v for v in report.verdicts if v.problem]
    if problems:
        parts.append(problems_of(problems))
    if verbose:
        parts.append("\n".join(line for v in report.verdicts for line in _every_field(v)))
    parts.append(_summary(report))
    return "\n\n".join(parts)


# A finding: what, where, why, what instead, what follows.

def _finding(report: Report, number: int, finding: Finding) -> str:
    kind = "note" if finding.convention or finding.block == "format" else "error"
    lines = wrapped(f"{number}. {kind}: ", headline(finding), " " * 4)
    if finding.where is not None:
        lines += _where(report, finding, finding.where)
    cause = finding.sentence + (f", {finding.scope}" if finding.scope else "")
    if finding.convention:
        cause = f"this is a convention, and no mistake: {cause}"
    if finding.saturated and finding.explained:
        cause += " (it shows in saturated cases only)"
    lines += wrapped("    why: ", f"{cause}.", " " * 9)
    for _, sentence in finding.alternatives:
        lines += wrapped("    or:  ", f"{sentence}.", " " * 9)
    if finding.alternatives:
        lines += wrapped("         ", "The cases answered do not tell these apart; more of them "
                          "may.")
    lines += wrapped("    instead: ", f"{finding.instead}. See {place(finding.see)}.", " " * 13)
    if finding.follows:
        lines += wrapped("    what follows: ", f"{_listed(finding.follows)} "
                         f"{_off(True, len(finding.follows) > 1 or _plural(finding.follows[0]))} "
                         "for this reason, and would be right without it.", " " * 18)
    return "\n".join(lines)


def headline(finding: Finding) -> str:
    """What is wrong, or differs."""
    if finding.block == "format":
        return "the numbers are not written in full"
    if finding.where is not None and finding.where.kind == "shape":
        verb = "stand" if _plural(finding.where.stage) else "stands"
        return f"the {finding.where.stage} {verb} in lists of another shape"
    what = finding.where.stage if finding.where is not None else finding.block
    return f"the {what} {_off(finding.convention, _plural(what))}"


def _plural(what: str) -> bool:
    return what.endswith("after the step") or what.endswith("s") and "gradient" not in what


def _where(report: Report, finding: Finding, wrong: Wrong) -> list[str]:
    case = wrong.case
    lines = [f'    --> case "{short(case.name)}", {_path(wrong.field, wrong.index)}',
             f"        layers {'-'.join(map(str, case.sizes))}, hidden {case.hidden}, "
             f"output {case.output}, {case.cost} cost, mini-batch of {len(case.mini_batch)}",
             ""]
    lines += ["        " + line for line in _entry(report, wrong)]
    if wrong.field.startswith("new") and finding.block in (DELTA, BACK, GRAD_W, GRAD_B):
        lines += ["", "        The gradient is not given: it is taken from the step, "
                  "((1 − ηλ/n) w − w′)/η."]
    return lines + [""]


def _off(convention: bool, plural: bool) -> str:
    """What numbers do that are not the reference's: by a convention they are not wrong."""
    if convention:
        return "differ" if plural else "differs"
    return "are wrong" if plural else "is wrong"


def _listed(names: Sequence[str]) -> str:
    """the a, the b and the c"""
    the = [f"the {name}" for name in names]
    return ", ".join(the[:-1]) + " and " + the[-1] if len(the) > 1 else the[0]


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


def place(see: tuple[Any, str]) -> str:
    """The place in the reference, with the number that the line has now."""
    module, label = see
    prefix = f"{label}, " if label.startswith("(BP") else ""
    return f"{prefix}{module.__name__.replace('.', '/')}.py line {line_of(label, module)}"


# The rest.

def problems_of(problems: Sequence[Any]) -> str:
    """Each problem of verdicts, on one step or several, once, with the first case that has it."""
    cases: dict[str, list[str]] = {}
    for verdict in problems:
        cases.setdefault(verdict.problem, []).append(verdict.case.name)
    lines = []
    for problem, names in list(cases.items())[:MOST_NAMES]:
        more = f" (and so in {len(names) - 1} more)" if len(names) > 1 else ""
        lines += wrapped("error: ", f'case "{short(names[0])}": {problem}{more}', "       ")
    if len(cases) > MOST_NAMES:
        lines.append(f"       … and {_count(len(cases) - MOST_NAMES, 'other problem')}")
    return "\n".join(lines)


def _every_field(verdict: Verdict) -> list[str]:
    """What became of every field of a case: right, wrong, or wrong because of what came before."""
    if verdict.answer is None:
        return [f"{short(verdict.case.name)}: {verdict.problem or 'not answered'}"]
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
    return wrapped(f"{short(verdict.case.name)}: ", ", ".join(words), "    ")


def _summary(report: Report) -> str:
    answered = [v for v in report.verdicts if v.answer is not None]
    right = [v for v in answered if not v.wrong]
    fields = [field for field in FIELDS if any(field in (v.answer or {}) for v in answered)]
    force = "".join(f", {convention.id}" for convention in report.conventions)
    kind = f"{report.precision}{force}"
    if not answered:
        return _block("error: ", f"no case was answered, so nothing was checked. {EXPECTED}")
    lines = []
    if len(right) == len(answered):
        lines.append(f"{_count(len(right), 'case')}, every number right ({kind}): "
                     f"{', '.join(fields)}.")
        lines.append(NEXT)
    else:
        wrong = [f'"{short(v.case.name)}"' for v in answered if v.wrong]
        lines.append(f"{len(right)} of {_count(len(answered), 'case')} right ({kind}); "
                     f"wrong: {_names(wrong)}.")
    missing = [field for field in FIELDS if field not in fields]
    if missing:
        lines.append(f"Not given, and not judged: {', '.join(missing)}.")
    silent = [v.case for v in report.verdicts if v.answer is None and not v.problem]
    if silent:
        lines.append(_not_answered(silent, [v.case for v in answered]))
    return "\n".join(line for sentence in lines for line in wrapped("", sentence))


def _not_answered(silent: list[Case], answered: list[Case]) -> str:
    kind = what_confines(answered, silent)
    if kind and len(silent) > 1:
        return f"Not answered: the {len(silent)} cases that are not {kind}."
    return "Not answered: " + _names([f'"{short(case.name)}"' for case in silent]) + "."


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _block(head: str, sentence: str) -> str:
    return "\n".join(wrapped(head, sentence))


def wrapped(head: str, sentence: str, rest: str = "") -> list[str]:
    """The sentence in lines that the screen has room for; the first one begins with the head."""
    width = min(WIDTH, known_columns() or WIDTH)
    rest = (rest or " " * len(head))[:width // 3]
    return textwrap.wrap(sentence, width, initial_indent=head, break_on_hyphens=False,
                         subsequent_indent=rest)


# For machines.

def as_json(report: Report) -> dict[str, Any]:
    """The report as a JSON value.  Numbers that JSON does not have are null."""
    return {
        "ok": report.ok, "precision": report.precision,
        "conventions": _ids(report.conventions), "recognized": _ids(report.recognized),
        "findings": [_finding_as_json(finding, report.precision) for finding in report.findings],
        "cases": [{"name": v.case.name, "answered": v.answer is not None,
                   "problem": v.problem or None,
                   "wrong": [_wrong_as_json(w, report.precision) for w in v.wrong]}
                  for v in report.verdicts]}


def _ids(entries: Sequence[Mistake | Layout]) -> list[str]:
    return [entry.id for entry in entries]


def _finding_as_json(finding: Finding, precision: str) -> dict[str, Any]:
    return {"block": finding.block, "id": finding.id or None,
            "relation": finding.relation or None, "sentence": finding.sentence,
            "scope": finding.scope, "convention": finding.convention,
            "alternatives": [{"id": name, "sentence": sentence}
                             for name, sentence in finding.alternatives],
            "instead": finding.instead, "see": place(finding.see),
            "follows": list(finding.follows),
            "where": None if finding.where is None else {
                "case": finding.where.case.name, **_wrong_as_json(finding.where, precision)}}


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
