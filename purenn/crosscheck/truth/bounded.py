"""Numbers that know how wrong a floating-point program may have got them.

A ``Float64`` or ``Float32`` is a fifty-digit decimal, its ``value``, and a bound on the distance
of what a program computing in that format can have got from it, its ``error``.  The reference runs
on these numbers unchanged and hands back the truth and the tolerance in one go.

The bound holds for every order of summation.  A sum remembers its n terms: the sum of their own
errors e_i and the sum of their magnitudes |t_i|.  Whatever the order of the additions, left to
right, in pairs, in the blocks of a BLAS, with products fused into sums (FMA), no term takes part
in more than n − 1 of them, and the computed sum is off by at most (N. Higham, Accuracy and
Stability of Numerical Algorithms, 2nd ed., section 4.2)

    Σ e_i + γ Σ (|t_i| + e_i),        γ = (n − 1) u / (1 − (n − 1) u),

where u is the unit roundoff, 2⁻⁵³ for float64 and 2⁻²⁴ for float32.  A product, a quotient or a
function makes of such a sum a single term again, with one more rounding of relative size u, and an
absolute error where a result falls below the normal numbers and may be flushed to zero.

Where no rounding takes place, none is charged.  A number that is exact remembers a power of two,
its ``grid``, of which it is a multiple.  A product or sum of such numbers is exact, in whatever
order, while it stays below 2⁵³ (or 2²⁴) times its grid.  That is how it can be known that a
weighted input is 0, and not just near it.

Of the library the program is written in it is assumed that exp, log and their like are wrong by no
more than LIBRARY_ULPS units in the last place.  The C libraries in use stay below 1, but vectorized
ones (NumPy's in float32, Intel's SVML) promise only up to 4.
"""
from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, Context, Decimal
from functools import cache, lru_cache
from typing import Callable

from purenn.linalg import Number

#: the error of exp, log, expm1 and log1p in the program's library, in units in the last place
LIBRARY_ULPS = 4

DIGITS = 50
ZERO, ONE, TWO, INFINITY = Decimal(0), Decimal(1), Decimal(2), Decimal("Infinity")

#: values are computed in this context, whatever the caller's is, and errors in the next: to a few
#: digits, rounded up.  Nothing overflows in either, and 0 · ∞ is a NaN rather than an exception.
_VALUES = Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_ERRORS = Context(prec=9, rounding=ROUND_CEILING, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_add, _subtract, _multiply, _divide = (_VALUES.add, _VALUES.subtract, _VALUES.multiply,
                                       _VALUES.divide)
_plus, _times, _over = _ERRORS.add, _ERRORS.multiply, _ERRORS.divide
_POWERS: dict[int, Decimal] = {}


def power_of_two(k: int) -> Decimal:
    """2ᵏ to fifty digits."""
    if k not in _POWERS:
        _POWERS[k] = _VALUES.power(TWO, Decimal(k))
    return _POWERS[k]


class Bounded:
    """A fifty-digit value and the error a program can have made on the way to it.

    This class is the arithmetic; ``Float64`` and ``Float32`` say how many bits there are.  It
    mixes with ints (which are exact) and itself.  Comparison and truth value are the value's,
    except that a zero counts as false only if it is exact: one that may be off is still a term.
    """

    __slots__ = ("value", "_leaves", "_magnitude", "_terms", "_grid")

    BITS: int                #: of the significand
    LEAST: Decimal           #: the smallest positive normal number
    UNIT: Decimal            #: u, the largest relative error of one rounding

    def __init__(self, x: int | float) -> None:
        """The number x, as a program reads it: with an error only if the format does not have x.

        Raises ValueError or OverflowError for a float that is not finite.
        """
        numerator, denominator = x.as_integer_ratio()
        self.value = (_divide(Decimal(numerator), Decimal(denominator)) if denominator != 1
                      else _VALUES.create_decimal(numerator))
        self._magnitude = self.value.copy_abs()
        self._terms = 1
        if isinstance(x, int) or self._has(numerator, denominator):
            self._leaves = ZERO
            self._grid: int | None = 1 - denominator.bit_length()
        else:
            self._leaves = self._rounding(self._magnitude)
            self._grid = None

    @property
    def error(self) -> Decimal:
        """A bound on the distance of the program's number from ``value``; it may be Infinity."""
        additions = self._terms - 1
        if additions == 0 or self._is_on_grid(self._magnitude, self._grid):
            return self._leaves
        rounding = _times(_gamma(additions, self.UNIT), _plus(self._magnitude, self._leaves))
        return _plus(_plus(self._leaves, rounding), _times(Decimal(additions), self.LEAST))

    @property
    def real(self) -> Bounded:
        return self

    # What follows makes numbers: from parts, from a value and its error, from an int.

    @classmethod
    def _of(cls, value: Decimal, leaves: Decimal, magnitude: Decimal, terms: int,
            grid: int | None) -> Bounded:
        self = object.__new__(cls)
        self.value, self._leaves, self._magnitude = value, leaves, magnitude
        self._terms, self._grid = terms, grid
        return self

    def exactly(self) -> Bounded:
        """The value without its error: what the program has, taken as what it should have."""
        return self._of(self.value, ZERO, self.value.copy_abs(), 1, None)

    def with_error(self, value: Decimal, error: Decimal) -> Bounded:
        """A single term of this format: a value, and a bound on its error that is known."""
        return self._of(value, INFINITY if error.is_nan() else error, value.copy_abs(), 1, None)

    def _rounded(self, value: Decimal, inherited: Decimal, ulps: int = 0) -> Bounded:
        """The value of an operation whose operands pass on an error, plus its own rounding.

        An operation rounds correctly, to half a unit in the last place, unless ulps are given.
        """
        own = self._rounding(_plus(value.copy_abs(), inherited))
        if ulps:
            own = _times(Decimal(2 * ulps), own)
        return self.with_error(value, _plus(inherited, own))

    def _rounding(self, magnitude: Decimal) -> Decimal:
        return _plus(_times(self.UNIT, magnitude), self.LEAST)

    def _lift(self, other: Number) -> Number:
        if isinstance(other, Bounded):
            return other
        return type(self)(other) if isinstance(other, int) else NotImplemented

    @classmethod
    def _has(cls, numerator: int, denominator: int) -> bool:
        """Whether the format has the number numerator/denominator, in lowest terms."""
        odd_part = numerator // (numerator & -numerator) if numerator else 0
        magnitude = _divide(Decimal(numerator), Decimal(denominator)).copy_abs()
        in_range = magnitude == 0 or cls.LEAST <= magnitude < _divide(TWO, cls.LEAST)
        return abs(odd_part).bit_length() <= cls.BITS and in_range

    def _is_on_grid(self, magnitude: Decimal, grid: int | None) -> bool:
        """Whether all multiples of 2**grid up to the magnitude are numbers of the format."""
        return (grid is not None and magnitude <= power_of_two(self.BITS + grid)
                and power_of_two(grid) >= self.LEAST)

    # Arithmetic.

    def __add__(self, other: Number) -> Bounded:
        other = self._lift(other)
        if other is NotImplemented:
            return other
        if not other:
            return self
        if not self:
            return other
        grid = None if self._grid is None or other._grid is None else min(self._grid, other._grid)
        return self._of(_add(self.value, other.value), _plus(self._leaves, other._leaves),
                        _plus(self._magnitude, other._magnitude), self._terms + other._terms, grid)

    __radd__ = __add__

    def __neg__(self) -> Bounded:
        return self._of(_VALUES.minus(self.value), self._leaves, self._magnitude, self._terms,
                        self._grid)

    def __sub__(self, other: Number) -> Bounded:
        if other is self:
            return type(self)(0)
        other = self._lift(other)
        return other if other is NotImplemented else self + -other

    def __rsub__(self, other: Number) -> Bounded:
        return -self + other

    def __mul__(self, other: Number) -> Bounded:
        other = self._lift(other)
        if other is NotImplemented:
            return other
        e, f = self.error, other.error
        value = _multiply(self.value, other.value)
        if not e and not f:
            if not value:
                return type(self)(0)
            if self._grid is not None and other._grid is not None:
                grid = self._grid + other._grid
                if self._is_on_grid(value.copy_abs(), grid):
                    return self._of(value, ZERO, value.copy_abs(), 1, grid)
        elif not e and not self.value or not f and not other.value:
            return (type(self)(0) if e.is_finite() and f.is_finite()
                    else self.with_error(ZERO, INFINITY))
        inherited = _plus(_times(self.value.copy_abs(), f),
                          _times(_plus(other.value.copy_abs(), f), e))
        return self._rounded(value, inherited)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Bounded:
        other = self._lift(other)
        if other is NotImplemented:
            return other
        e, f = self.error, other.error
        least = _subtract(other.value.copy_abs(), f)  # how near to 0 the divisor can be
        if not least > 0:
            return self.with_error(_divide(self.value, other.value) if other.value else ZERO,
                                   INFINITY)
        value = _divide(self.value, other.value)
        if not e and not value:
            return type(self)(0)
        return self._rounded(value, _over(_plus(e, _times(value.copy_abs(), f)), least))

    def __rtruediv__(self, other: Number) -> Bounded:
        other = self._lift(other)
        return other if other is NotImplemented else other / self

    # Functions, by the names under which elementary.py asks for them.

    def exp(self) -> Bounded:
        value = _exp(self.value)
        return self._rounded(value, _times(value, spread(self.error)), LIBRARY_ULPS)

    def expm1(self) -> Bounded:
        value = _small(self.value, lambda wide, x: wide.subtract(wide.exp(x), ONE))
        inherited = _times(_plus(ONE, value), spread(self.error))
        return self._rounded(value, inherited, LIBRARY_ULPS)

    def ln(self) -> Bounded:
        least = _subtract(self.value, self.error)
        if not least > 0:
            return self.with_error(_VALUES.ln(self.value) if self.value > 0 else ZERO, INFINITY)
        return self._rounded(_VALUES.ln(self.value), _over(self.error, least), LIBRARY_ULPS)

    def log1p(self) -> Bounded:
        least = _subtract(_add(ONE, self.value), self.error)
        if not least > 0:
            return self.with_error(ZERO, INFINITY)
        value = _small(self.value, lambda wide, x: wide.ln(wide.add(ONE, x)))
        return self._rounded(value, _over(self.error, least), LIBRARY_ULPS)

    def sqrt(self) -> Bounded:
        value = _VALUES.sqrt(self.value)
        inherited = _over(self.error, value) if value else _ERRORS.sqrt(self.error)
        return self._rounded(value, inherited)

    # Comparison: the values'.

    def __bool__(self) -> bool:
        return bool(self.value) or bool(self.error)

    def __eq__(self, other: Number) -> bool:
        other = self._lift(other)
        return other if other is NotImplemented else self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: Number) -> bool:
        other = self._lift(other)
        return other if other is NotImplemented else self.value < other.value

    def __le__(self, other: Number) -> bool:
        other = self._lift(other)
        return other if other is NotImplemented else self.value <= other.value

    def __gt__(self, other: Number) -> bool:
        other = self._lift(other)
        return other if other is NotImplemented else self.value > other.value

    def __ge__(self, other: Number) -> bool:
        other = self._lift(other)
        return other if other is NotImplemented else self.value >= other.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value} ± {self.error:.3g})"


class Float64(Bounded):
    """IEEE 754 double precision."""

    __slots__ = ()
    BITS, LEAST, UNIT = 53, power_of_two(-1022), power_of_two(-53)


class Float32(Bounded):
    """IEEE 754 single precision."""

    __slots__ = ()
    BITS, LEAST, UNIT = 24, power_of_two(-126), power_of_two(-24)


def widest(first: Bounded, *others: Bounded) -> Bounded:
    """The first number, with the largest error of all: what a program may have, whatever formula
    of these it uses.  All are the same number in exact arithmetic."""
    return first.with_error(first.value, max(number.error for number in (first, *others)))


def spread(error: Decimal) -> Decimal:
    """A bound on e^error − 1: how far a relative change can go that grows like eᵗ."""
    return _times(error, _plus(ONE, error)) if error <= 1 else _ERRORS.exp(error)


@cache
def _gamma(additions: int, unit: Decimal) -> Decimal:
    """k u / (1 − k u), for k additions."""
    k_u = _times(Decimal(additions), unit)
    return _over(k_u, _VALUES.subtract(ONE, k_u))


@lru_cache(maxsize=4096)
def _exp(x: Decimal) -> Decimal:
    """eˣ.  The same few x turn up in a function, its derivative and their other formulas."""
    return _VALUES.exp(x)


def _small(x: Decimal, function: Callable[[Context, Decimal], Decimal]) -> Decimal:
    """The function, eˣ − 1 or ln(1 + x), in a context with the digits to spare that are lost to
    the 1: as many as x is small.  If x is smaller than all digits, it is the value itself."""
    if x.adjusted() < -DIGITS:
        return x
    wide = Context(prec=DIGITS + 3 - min(0, x.adjusted()), Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
    return _VALUES.plus(function(wide, x))
