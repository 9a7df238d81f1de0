"""exp, log and their relatives for any kind of number.

The network is written once, for every number that has + - * /, and this module is the only place
where the kind matters.  A float (or int) goes to ``floats`` and a complex number to ``cmath``;
any other number is asked for its own function, by the names ``decimal.Decimal`` uses: ``x.exp()``,
``x.ln()``.  A Fraction has none, because e^x of a fraction is not a fraction.

``expm1`` and ``log1p`` exist because e^x − 1 and ln(1 + x), computed as they stand, lose all
digits for small x.  Where a number has no such function of its own, the loss is undone by a trick
of W. Kahan (N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 1.14.1):
the rounding error of u = 1 + x spoils ln(u) and u − 1 alike, and cancels in their quotient.  The
trick saves the value but not its derivative, which numbers that carry one need as well: complex
numbers (as the imaginary part of a tiny step) have formulas below, dual numbers bring their own.
"""
from __future__ import annotations

import cmath
import math
from collections.abc import Callable

from purenn import floats
from purenn.linalg import Number


def exp(x: Number) -> Number:
    """e^x.  Raises TypeError for a number without ``exp``, such as a Fraction."""
    if isinstance(x, (float, int)):
        return floats.exp(x)
    if isinstance(x, complex):
        return cmath.exp(x)
    return _own(x, "exp")()


def log(x: Number) -> Number:
    """The natural logarithm of x.  Raises TypeError for a number without ``ln``."""
    if isinstance(x, (float, int)):
        return floats.log(x)
    if isinstance(x, complex):
        return cmath.log(x)
    return _own(x, "ln")()


def expm1(x: Number) -> Number:
    """e^x − 1, accurate also for small x."""
    if isinstance(x, (float, int)):
        return floats.expm1(x)
    if isinstance(x, complex):
        half = math.sin(x.imag / 2)  # cos b − 1 = −2 sin²(b/2)
        return complex(math.expm1(x.real) * math.cos(x.imag) - 2 * half * half,
                       math.exp(x.real) * math.sin(x.imag))
    if hasattr(x, "expm1"):
        return x.expm1()
    u = exp(x)
    if u == 1:
        return x
    if u - 1 == -1:  # u is negligible next to 1, and may have no logarithm
        return u - 1
    return (u - 1) * x / log(u)


def log1p(x: Number) -> Number:
    """ln(1 + x), accurate also for small x (for a complex x, if its real part is not negative)."""
    if isinstance(x, (float, int)):
        return floats.log1p(x)
    if isinstance(x, complex):
        a, b = x.real, x.imag  # |1 + x|² = 1 + a(2 + a) + b²
        return complex(math.log1p(a * (2 + a) + b * b) / 2, math.atan2(b, 1 + a))
    if hasattr(x, "log1p"):
        return x.log1p()
    u = 1 + x
    return x if u == 1 else x * log(u) / (u - 1)


def sqrt(x: float) -> float:
    """The square root of a float or an int."""
    return math.sqrt(x)


def is_negative(x: Number) -> bool:
    """Whether x < 0; a complex number has no order, so its real part decides."""
    return x.real < 0


def magnitude(x: Number) -> Number:
    """|x| as x or −x, so that it can still be differentiated; 0 counts as positive."""
    return -x if is_negative(x) else x


def _own(x: Number, name: str) -> Callable[[], Number]:
    function = getattr(x, name, None)
    if function is None:
        raise TypeError(f"a {type(x).__name__} has no {name}(), which this network needs")
    return function
