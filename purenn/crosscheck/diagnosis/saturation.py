"""A cost that has lost its digits: computed from an a that has rounded to 0 or 1, or nearly so.

Between z = 33 and 37 the float64 1 − a has a digit or two left, and which ones depends on how a was
computed.  So ln(1 − a) is nothing that a variant of the reference could reproduce.  But it is known
how far a may be off, and so in what range the cost of a program is that takes logarithms of a.
"""
from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Callable, Optional

from purenn.crosscheck.catalogue.recipe import Change, cost_changed, step_with_bounds, together
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.bounded import ONE, ZERO, Bounded, power_of_two
from purenn.crosscheck.truth.compare import Flat, flat, limits

Key = tuple[str, Optional[int]]

COST_FIELDS = ("costs", "total_cost")


def lost_in_a(case: Case, answer: list[Flat], truth: list[Flat], precision: str,
              force: Change) -> bool:
    """Whether the answer is right, but perhaps for costs that are those of an a in reach.

    ``force`` are the conventions that the truth was found with.
    """
    right = by_key(truth)
    wrong = [q for q in answer if not _is_right(q, right.get((q.field, q.layer)))]
    if any(q.field not in COST_FIELDS or q.shape != right[q.field, q.layer].shape
           for q in wrong):
        return False
    if not wrong:
        return True
    ends = [by_key(flat(step_with_bounds(case, precision, together(_costs_from_a(sign), force)),
                        len(case.sizes) - 1)) for sign in (1, -1)]
    saturated = any(near(a, sign) in (ZERO, ONE) for sign in (1, -1) for a in _outputs(truth))
    return all(_is_between(x, true, low, high, saturated) for q in wrong for x, true, low, high
               in zip(q.numbers, *(found[q.field, q.layer].numbers for found in (right, *ends))))


def _is_between(x: float, true: Any, low: Any, high: Any, saturated: bool) -> bool:
    """Whether x is in the range, which takes in what is not finite if a can be 0 or 1."""
    if not math.isfinite(x):
        return saturated
    tolerance = limits(true)[1]
    return limits(low)[0] - tolerance <= Decimal(x) <= limits(high)[0] + tolerance


def by_key(quantities: list[Flat]) -> dict[Key, Flat]:
    """Quantities by field and layer."""
    return {(q.field, q.layer): q for q in quantities}


def _outputs(truth: list[Flat]) -> list[Bounded]:
    """The activations of the last layer."""
    return [q for q in truth if q.field == "activations"][-1].numbers


def _is_right(given: Flat, true: Flat | None) -> bool:
    if true is None or given.shape != true.shape:
        return False
    for x, number in zip(given.numbers, true.numbers):
        value, tolerance = limits(number)
        if not math.isfinite(x) or abs(Decimal(x) - value) > tolerance:
            return False
    return True


def near(a: Any, sign: int) -> Decimal:
    """The largest (1) or smallest (−1) that a program may have for a, and a probability can be."""
    value, tolerance = limits(a)
    return min(max(value + sign * tolerance, ZERO), ONE)


def _costs_from_a(sign: int) -> Change:
    """Logarithmic costs from those a in reach that make them smallest (1) or largest (−1)."""
    def surprise(y: Decimal, a: Decimal) -> Decimal:
        return -y * a.ln() if y else ZERO

    def cross_entropy(y: Decimal, a: Bounded) -> Decimal:
        rest = max(1 - near(a, -sign), power_of_two(-a.BITS))  # unless it is 0, it is no less
        return surprise(y, near(a, sign)) + surprise(1 - y, rest)

    def of(term: Callable[[Decimal, Bounded], Decimal]) -> Callable[..., Bounded]:
        return lambda old, z, a, y: z[0].with_error(
            sum((term(limits(y_j)[0], a_j) for y_j, a_j in zip(y, a)), ZERO), ZERO)

    return together(
        cost_changed("cross-entropy", fn=of(cross_entropy)),
        cost_changed("log-likelihood", fn=of(lambda y, a: surprise(y, near(a, sign)))))
