"""What the entries compute with: arithmetic as other languages have it, without exceptions."""
from __future__ import annotations

import math

from purenn.crosscheck.questions.cases import Case
from purenn.elementary import exp, log
from purenn.linalg import Number

LARGEST = 1.7976931348623157e308


def log_of(a: float) -> float:
    return log(a) if a > 0 else -math.inf if a == 0 else math.nan


def exp_of(z: float) -> float:
    return exp(z) if z < 709.78 else math.inf


def ratio(p: float, q: float) -> float:
    return p / q if q else math.copysign(math.inf, p) if p else math.nan


def clamped(a: float, least: float, most: float) -> float:
    return min(max(a, least), most)


def finite(x: float) -> float:
    """NumPy's nan_to_num."""
    return 0.0 if x != x else clamped(x, -LARGEST, LARGEST)


def sign(w: Number) -> int:
    return (w > 0) - (w < 0)


def size(case: Case) -> int:
    """m, the mini-batch's size."""
    return len(case.mini_batch)
