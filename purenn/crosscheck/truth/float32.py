"""float32 arithmetic without NumPy: every operation rounded to 24 bits.

Each operation is done in float64 and its result rounded to float32.  For + − · / that is the
correctly rounded float32 result, because 53 bits are more than twice 24 and two.
"""
from __future__ import annotations

import math
import struct
from typing import Any

from purenn.linalg import Number

_FORMAT = struct.Struct("f")


def rounded(x: float) -> float:
    """The float32 nearest to x, as a float; an infinity if x is too large for one."""
    try:
        return _FORMAT.unpack(_FORMAT.pack(x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


class Single:
    """A float32 number.  It mixes with ints and floats, which are rounded to float32 first."""

    __slots__ = ("x",)

    def __init__(self, x: int | float | Single) -> None:
        self.x: float = x.x if isinstance(x, Single) else rounded(float(x))

    @property
    def real(self) -> Single:
        return self

    def __add__(self, other: Number) -> Single:
        return Single(self.x + Single(other).x)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Single:
        return Single(self.x - Single(other).x)

    def __rsub__(self, other: Number) -> Single:
        return Single(Single(other).x - self.x)

    def __mul__(self, other: Number) -> Single:
        return Single(self.x * Single(other).x)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Single:
        return Single(self.x / Single(other).x)

    def __rtruediv__(self, other: Number) -> Single:
        return Single(Single(other).x / self.x)

    def __neg__(self) -> Single:
        return Single(-self.x)

    def exp(self) -> Single:
        return Single(math.exp(min(self.x, 709.0)))  # both 709 and 710 are infinite in float32

    def expm1(self) -> Single:
        return Single(math.expm1(min(self.x, 709.0)))

    def ln(self) -> Single:
        return Single(math.log(self.x))

    def log1p(self) -> Single:
        return Single(math.log1p(self.x))

    def __float__(self) -> float:
        return self.x

    def __bool__(self) -> bool:
        return self.x != 0

    def __eq__(self, other: Number) -> bool:
        return self.x == float(other)

    def __hash__(self) -> int:
        return hash(self.x)

    def __lt__(self, other: Number) -> bool:
        return self.x < float(other)

    def __gt__(self, other: Number) -> bool:
        return self.x > float(other)

    def __le__(self, other: Number) -> bool:
        return self.x <= float(other)

    def __ge__(self, other: Number) -> bool:
        return self.x >= float(other)

    def __repr__(self) -> str:
        return f"Single({self.x!r})"


def float_of(value: Any) -> Any:
    """Nested lists of numbers as nested lists of floats."""
    return [float_of(v) for v in value] if isinstance(value, list) else float(value)
