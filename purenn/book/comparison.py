"""Ours beside the published numbers: curves in characters, a table, and what the difference means.

A published curve is one draw of a random experiment, and so is each of ours.  With N seeds of mean
m and deviation s, one more draw lies within three deviations of m, s √(1 + 1/N), nearly always; a
published curve whose last third is further away on average is not explained by seeds.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from purenn.book.experiments import QUANTITIES, Run
from purenn.book.learning import Curves
from purenn.linalg import total
from purenn.terminal import charts

DEVIATIONS = 3


class Outcome(NamedTuple):
    """A run with its curves, one set for each seed."""

    run: Run
    curves: list[Curves]


def mean_curve(outcome: Outcome, quantity: str) -> list[float]:
    """The mean over the seeds, one value an epoch."""
    return [mean(values) for values in zip(*(c[quantity] for c in outcome.curves))]


def mean(values: Sequence[float]) -> float:
    return total(list(values)) / len(values)


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of several seeds (n − 1 in the denominator)."""
    m = mean(values)
    return math.sqrt(total([(v - m) * (v - m) for v in values]) / (len(values) - 1))


def drawn(outcome: Outcome, quantity: str) -> dict[str, Sequence[float]]:
    """The curves of a chart: ours, and the published one with straight lines between its points."""
    ours = mean_curve(outcome, quantity)
    points = sorted(outcome.run.published.get(quantity, {}).items())
    if len(points) < 2 or points[0][0] != 1:
        return {"here": ours}
    return {"here": ours, "published": straight(points, len(ours))}


def across_runs(outcomes: Sequence[Outcome], quantity: str) -> dict[str, Sequence[float]]:
    """A chart with one value a run: the last one, ours and the published one."""
    curves: dict[str, Sequence[float]] = {
        "here": [mean_curve(outcome, quantity)[-1] for outcome in outcomes]}
    theirs = [outcome.run.published[quantity][outcome.run.epochs] for outcome in outcomes
              if quantity in outcome.run.published]
    if len(theirs) == len(outcomes):
        curves["published"] = theirs
    return curves


def ends_of(outcomes: Sequence[Outcome]) -> tuple[str, str]:
    """What stands below the first and the last value of a chart across runs."""
    return (f"{outcomes[0].run.training:,}", f"{outcomes[-1].run.training:,} images")


def straight(points: Sequence[tuple[int, float]], epochs: int) -> list[float]:
    """A value for each epoch up to the last point's, on the straight lines between the points."""
    curve = [points[0][1]]
    for (e, v), (f, w) in zip(points, points[1:]):
        curve += [v + (w - v) * (k - e) / (f - e) for k in range(e + 1, f + 1)]
    return curve[:epochs]


def shown(quantity: str, value: float) -> str:
    return f"{100 * value:.2f} %" if quantity.endswith("correct") else f"{value:.4f}"


def chart(outcome: Outcome, quantity: str, unicode: bool, columns: int) -> list[str]:
    """A chart in characters, with a line that says what it is of."""
    curves = drawn(outcome, quantity)
    label = charts.percent if quantity.endswith("correct") else lambda value: f"{value:8.3f}"
    marks = charts.learning_curves(curves, unicode, label, columns=columns)
    return [f"{outcome.run.label}: {QUANTITIES[quantity]}", *marks]


def table(outcomes: Sequence[Outcome], columns: int) -> list[str]:
    """For every curve its last and its best value, ours and the published ones."""
    several = len(outcomes[0].curves) > 1
    rows: list[tuple[str, ...]] = [
        ("", "", "here", "published", "", "best here", "best published")]
    for outcome in outcomes:
        for quantity in outcome.run.measured:
            rows.append(row(outcome, quantity))
    lines = aligned(rows, columns, words=2)
    note = ["", f"here: the last epoch, the mean of {len(outcomes[0].curves)} seeds; ±: their "
            "standard deviation"] if several else []
    return [*lines, *note]


def aligned(rows: Sequence[Sequence[str]], columns: int, words: int = 1) -> list[str]:
    """Rows as lines with their columns aligned: the first ones hold words, the others numbers.

    What there is no room for stands below, with the first column again.
    """
    widths = [max(len(cells[k]) for cells in rows) for k in range(len(rows[0]))]
    widths[0] = min(widths[0], 3 * columns // 5)
    table = [[("  " if k else "") + (charts.cut(cells[k], width).ljust(width) if k < words
                                     else cells[k].rjust(width)) for cells in rows]
             for k, width in enumerate(widths)]
    return charts.in_parts(table[0], table[1:], columns)


def row(outcome: Outcome, quantity: str) -> tuple[str, ...]:
    """Label, quantity, last value here and published, ±, best value here and published."""
    ours = mean_curve(outcome, quantity)
    theirs = outcome.run.published.get(quantity, {})
    best = max if quantity.endswith("correct") else min
    lasts = [c[quantity][-1] for c in outcome.curves]
    spread = f"± {shown(quantity, deviation(lasts))}" if len(lasts) > 1 else ""
    last = theirs.get(max(theirs)) if theirs else None
    return (outcome.run.label, QUANTITIES[quantity], shown(quantity, ours[-1]),
            "" if last is None else shown(quantity, last), spread,
            shown(quantity, best(ours)),
            shown(quantity, best(theirs.values())) if theirs else "")


def differences(outcomes: Sequence[Outcome]) -> list[str]:
    """What the seeds do not explain, a sentence each."""
    sentences = []
    for outcome in outcomes:
        for quantity in outcome.run.measured:
            theirs = outcome.run.published.get(quantity, {})
            late = [epoch for epoch in theirs if 3 * epoch > 2 * outcome.run.epochs]
            if not late or len(outcome.curves) < 2:
                continue
            ours = [mean([c[quantity][epoch - 1] for epoch in late]) for c in outcome.curves]
            book, here = mean([theirs[epoch] for epoch in late]), mean(ours)
            within = DEVIATIONS * deviation(ours) * math.sqrt(1 + 1 / len(ours))
            if abs(book - here) > within:
                sentences.append(
                    f"{outcome.run.label}, {QUANTITIES[quantity]}: over the last third of the "
                    f"epochs {shown(quantity, here)} here and {shown(quantity, book)} published, "
                    f"and {len(ours)} seeds explain a difference of {shown(quantity, within)}.")
    return sentences
