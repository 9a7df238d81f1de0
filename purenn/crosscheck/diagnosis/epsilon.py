"""An ε that is solved for: what is added to an a, or what it is clipped to, before its logarithm.

The catalogue has the ε that are in common use, and families of entries for any other.  The larger
ε, the smaller the cost of an output that is far from its target; so the ε of a program is found by
halving an interval, and believed if it is a number with one digit or two, as people write them.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Callable

from purenn.crosscheck.catalogue import error
from purenn.crosscheck.catalogue.cost import WITH_EPSILON
from purenn.crosscheck.catalogue.recipe import Mistake

#: the exponents of ten that an ε is looked for between, and how often the interval is halved: until
#: it is narrower than a digit of the ε could be
SMALLEST, LARGEST, HALVINGS = -40.0, -0.5, 40


def with_epsilon(cost: Callable[[Mistake], float | None], given: float) -> list[Mistake]:
    """The entries with an ε for which the cost is about the one given."""
    found = []
    for family in WITH_EPSILON:
        exponent = _solved(family, cost, given)
        if exponent is not None:
            for digits in (0, 1):
                found.append(family(float(f"{10 ** exponent:.{digits}e}")))
    return found


def deltas_with_epsilon(costs: Iterable[str]) -> list[Mistake]:
    """The entries of δ with the ε of these entries of the cost."""
    found = (re.fullmatch(r"log-(?:clipped|plus|floored)-(.+)", cost) for cost in costs)
    return [family(float(match.group(1))) for match in found if match
            for family in error.WITH_EPSILON]


def _solved(family: Any, cost: Callable[[Mistake], float | None], given: float) -> float | None:
    """The exponent of ten of the ε, if there is one."""
    def excess(exponent: float) -> float:
        value = cost(family(10 ** exponent))
        return float("inf") if value is None else value - given
    low, high = SMALLEST, LARGEST
    if not excess(low) > 0 > excess(high):
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high
