"""exp, expm1, log and log1p of floats, and normal random numbers, from arithmetic alone.

IEEE 754 says to the last bit what + − * / and the square root of floats are, and nothing else.  A C
library's exp differs in its last bits from another's, and in one library between processors with
and without a fused multiply-add.  What is computed here has the same bits everywhere.

All four functions go the usual way.  A power of two is split off, which leaves a number near 0 or
1, and for that a power series is added up, as many of its terms as a float can tell:

    e^x = 2^k e^r   where x = k ln 2 + r,         ln x = k ln 2 + ln m   where x = 2^k m.

``ldexp(m, k)`` is 2^k m, which is exact, or rounded once if it is subnormal; ``frexp`` undoes it.
ln 2 is taken in two parts: the first has 32 bits, so that k times it is exact, and the second is
the float next to what is missing, so that the two are right to 1.2 · 10⁻²⁶.  A sum y = a + b with
|a| ≥ |b| has the exact rounding error b − (y − a), which is added to what is small.

Each docstring adds up the roundings, at the argument where they are worst, in units of u = 2⁻⁵³.
The distance from a float to the next, an ulp, is u from ½ to 1, 2u from 1 to 2, and so on, and a
rounding is off by half of it at most.  tests/reference/test_floats.py compares with fifty digits.

Sources: W. Cody and W. Waite, Software Manual for the Elementary Functions (1980), for the two
parts of ln 2; their values, and the order in which ln m is added up, are those of fdlibm (Sun
Microsystems, 1993; e_exp.c, e_log.c); T. Dekker, A floating-point technique for extending the
available precision, Numerische Mathematik 18 (1971), for the rounding error of a sum.
"""
from __future__ import annotations

from math import floor, frexp, inf, ldexp, sqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

LN2_FIRST = float.fromhex("0x1.62e42feep-1")
LN2_REST = float.fromhex("0x1.a39ef35793c76p-33")
ONE_BY_LN2 = float.fromhex("0x1.71547652b82fep+0")
LOG2_4_BY_3 = float.fromhex("0x1.a8ff971810a5ep-2")
ROOT_HALF = float.fromhex("0x1.6a09e667f3bcdp-1")


def exp(x: float) -> float:
    """e^x.  Raises OverflowError if that is more than the largest float.

    The error is below 0.82 ulp.  It is worst near r = ln(3/2), where an ulp of e^r is 2u: 0.37u
    come from ``_reduced``, ¼u from rounding e^r − 1, and u from adding the 1.  A subnormal result
    is rounded a second time, by half an ulp of its own; the 0.82 are of one half as wide at most,
    so it is below 0.91.
    """
    if -746.0 < x < 710.0:
        k, r, rest = _reduced(x)
        return ldexp(1.0 + (r + rest), k)
    if x < 0:
        return 0.0
    if x < inf:
        raise OverflowError("math range error")
    return x  # infinite or NaN


def expm1(x: float) -> float:
    """e^x − 1, accurate also for small x.  Raises OverflowError as ``exp`` does.

    It is 2^k ((1 − 2⁻ᵏ) + (e^r − 1)), with the rounding errors of both sums added to what is small.

    The error is below 0.94 ulp.  For k = 0 it is worst near r = ln(3/2), where the result has just
    not reached ½ and its ulp is ½u: 0.19u from ``_reduced``, and the last rounding.  For k ≠ 0
    there are 0.43u near ln(3/2), where the sum is ½ or more, and 0.21u near ln(3/4), where it is ¼
    or more.  That its ulp is u there, and ½u here, is why these are the ends of the range of r.
    """
    if x == 0:
        return 1.0 * x  # 0 has a sign, which the sums below would lose
    if not -37.0 <= x <= 40.0:
        return exp(x) - 1.0
    k, r, rest = _reduced(x)
    power = ldexp(1.0, -k)
    a = 1.0 - power
    y = a + r
    return ldexp(y + ((r - (y - a)) + (((1.0 - a) - power) + rest)), k)


def _reduced(x: float) -> tuple[int, float, float]:
    """k, r and rest such that e^x = 2^k (1 + r + rest) and ¾ ≤ 1 + r + rest ≤ 3/2.

    r is exact.  The rest is what the second part of k ln 2 takes away, and the series from its
    second term on: e^t − 1 = t + t²/2 + t³ (1/6 + t/24 + …).  The first term left out, t¹⁵/15!, is
    less than 0.01u.

    The error of the rest, at t = ln(3/2): t is rounded by ¼u, which moves e^t − 1 − t by half of
    that.  t²/2 = 0.08 is off by 0.06u, t³ (…) = 0.012 by 0.06u, and their sum and the difference
    are rounded by 0.06u each: together 0.37u, but 0.19u if k is 0 and there is nothing to take
    away.  At t = ln(3/4) the same comes to 0.18u and 0.08u.
    """
    k = floor(x * ONE_BY_LN2 + LOG2_4_BY_3)
    second = k * LN2_REST
    r = x - k * LN2_FIRST
    t = r - second
    s = t * t
    w = 1 / 6 + t * (1 / 24 + t * (1 / 120 + t * (1 / 720 + t * (1 / 5040 + t * (1 / 40320 + t * (
        1 / 362880 + t * (1 / 3628800 + t * (1 / 39916800 + t * (1 / 479001600 + t * (
            1 / 6227020800 + t * (1 / 87178291200)))))))))))
    return k, r, 0.5 * s + t * s * w - second


def log(x: float) -> float:
    """The natural logarithm of x.  Raises ValueError unless x > 0."""
    if 0 < x < inf:
        k, m = _split(x)
        return _log(k, m - 1.0, 0.0)
    if x <= 0:
        raise ValueError(f"{x!r} has no logarithm")
    return x  # infinite or NaN


def log1p(x: float) -> float:
    """ln(1 + x), accurate also for small x.  Raises ValueError unless x > −1.

    y = 1 + x is rounded.  With its error e, ln(1 + x) = ln y + ln(1 + e/y), and the last term is
    e/y but for its square, 10⁻³² at most.
    """
    y = 1.0 + x
    if not 0 < y < inf:
        return log(y)
    k, m = _split(y)
    if k == 0:  # x itself is f, with no error; and a 0 keeps its sign
        return _log(0, x, 0.0) if x else 1.0 * x
    e = x - (y - 1.0) if x < 1 else 1.0 - (y - x)
    return _log(k, m - 1.0, e / y)


def _split(x: float) -> tuple[int, float]:
    """k and m with x = 2^k m and √½ ≤ m < √2."""
    m, k = frexp(x)
    return (k, m) if m >= ROOT_HALF else (k - 1, 2.0 * m)


def _log(k: int, f: float, rest: float) -> float:
    """k ln 2 + ln(1 + f) + rest, for √½ ≤ 1 + f < √2 and a rest that is negligible beside 1.

    With s = f/(2 + f), 1 + f is (1 + s)/(1 − s), whose logarithm is 2s + 2s³/3 + 2s⁵/5 + …, and 2s
    is f − s f.  So ln(1 + f) = f − s f + s z (2/3 + 2z/5 + …) with z = s²; and since s f is
    f²/2 − s f²/2, it is f − (f²/2 − s (f²/2 + z (2/3 + …))), where all but f is small.  The first
    term left out, 2s²³/23, is less than 0.002u.

    The error is below 0.96 ulp.  It is worst near 1 + f = √2 with k = 0 or −1, where an ulp is ½u:
    f²/2 = 0.086 is off by 0.06u, s (…) = 0.018 by 0.09u and, with the other small terms added, by
    0.02u more, the difference of the two is rounded by 0.06u, and then comes the last rounding.
    """
    s = f / (2.0 + f)
    z = s * s
    half = 0.5 * f * f
    series = z * (2 / 3 + z * (2 / 5 + z * (2 / 7 + z * (2 / 9 + z * (2 / 11 + z * (
        2 / 13 + z * (2 / 15 + z * (2 / 17 + z * (2 / 19 + z * (2 / 21))))))))))
    first = k * LN2_FIRST
    y = first + f
    small = (f - (y - first)) + (k * LN2_REST + rest)
    return y - (half - (s * (half + series) + small))


def gaussians(rng: Random) -> Iterator[float]:
    """Random numbers with a normal distribution, of mean 0 and standard deviation 1, without end.

    Two independent ones are the coordinates of a point whose direction is uniform and whose
    distance R from 0 has P(R² > t) = e^(−t/2).  A point (x, y) drawn uniformly from the unit disc
    has such a direction, and independently of it s = x² + y² is uniform between 0 and 1.  So
    −2 ln s is distributed as R² is, P(−2 ln s > t) = P(s < e^(−t/2)) = e^(−t/2), and the point
    moved from distance √s to √(−2 ln s) is what is wanted.  Points of the square around the disc
    are drawn until one lies in the disc.  (G. Marsaglia and T. Bray, A convenient method for
    generating normal variables, SIAM Review 6, 1964.)
    """
    while True:
        x, y = 2.0 * rng.random() - 1.0, 2.0 * rng.random() - 1.0
        s = x * x + y * y
        if 0 < s < 1:
            factor = sqrt(-2.0 * log(s) / s)
            yield x * factor
            yield y * factor
