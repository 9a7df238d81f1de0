"""Kinds of numbers that the tests run the network on, beside those of the standard library."""
from __future__ import annotations

from typing import Any

from purenn.elementary import exp, expm1, log, log1p


class Dual:
    """A value together with its derivative with respect to one variable (forward-mode derivatives).

    Arithmetic is that of value + derivative·ε with ε² = 0, so each rule below is a rule of
    calculus.  Both parts may be of any kind of number; a number that is not Dual is a constant.
    """

    __slots__ = ("value", "derivative")

    def __init__(self, value: Any, derivative: Any = 0) -> None:
        self.value = value
        self.derivative = derivative

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.derivative!r})"

    def __bool__(self) -> bool:
        """Whether it is not zero; one whose value alone is 0 still moves with the variable."""
        return bool(self.value) or bool(self.derivative)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.derivative)

    def __add__(self, other: Dual | Any) -> Dual:
        other = dual(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other: Dual | Any) -> Dual:
        other = dual(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self

    def __mul__(self, other: Dual | Any) -> Dual:
        other = dual(other)
        return Dual(self.value * other.value,
                    self.value * other.derivative + self.derivative * other.value)

    __rmul__ = __mul__

    def __truediv__(self, other: Dual | Any) -> Dual:
        if not isinstance(other, Dual):  # 0 is left alone: half of an int would be a float
            return Dual(self.value / other, self.derivative and self.derivative / other)
        quotient = self.value / other.value
        return Dual(quotient, (self.derivative - quotient * other.derivative) / other.value)

    def __rtruediv__(self, other: Any) -> Dual:
        return dual(other) / self

    @property
    def real(self) -> Any:
        """The value, whose sign decides where a formula branches on a sign."""
        return self.value.real

    def exp(self) -> Dual:
        e = exp(self.value)
        return Dual(e, e * self.derivative)

    def expm1(self) -> Dual:
        return Dual(expm1(self.value), exp(self.value) * self.derivative)

    def ln(self) -> Dual:
        return Dual(log(self.value), self.derivative / self.value)

    def log1p(self) -> Dual:
        return Dual(log1p(self.value), self.derivative / (1 + self.value))


def dual(x: Dual | Any) -> Dual:
    """x itself if it is Dual, else the constant x, whose derivative is 0."""
    return x if isinstance(x, Dual) else Dual(x)
