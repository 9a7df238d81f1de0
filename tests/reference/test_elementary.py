"""purenn.elementary: the right function for each kind of number."""
from __future__ import annotations

import cmath
import decimal
import math
from decimal import Decimal
from fractions import Fraction

import pytest
from byhand import in_fifty_digits
from hypothesis import example, given
from hypothesis import strategies as st

from purenn import elementary, floats

MODERATE = st.floats(-700, 700)


@given(MODERATE)
def test_floats_and_ints_go_to_floats(x):
    for number in (x, math.floor(x)):
        assert elementary.exp(number) == floats.exp(number)
        assert elementary.expm1(number) == floats.expm1(number)
        assert elementary.log(abs(number) + 1) == floats.log(abs(number) + 1)
        assert elementary.log1p(abs(number)) == floats.log1p(abs(number))
    assert elementary.sqrt(abs(x)) == math.sqrt(abs(x))


@given(st.complex_numbers(max_magnitude=500, allow_nan=False))
def test_complex_numbers_go_to_cmath(x):
    assert elementary.exp(x) == cmath.exp(x)
    if x != 0:
        assert elementary.log(x) == cmath.log(x)


@given(st.decimals(-200, 200, places=20))
@in_fifty_digits
def test_decimals_have_their_own(x):
    assert elementary.exp(x) == x.exp()
    if x > 0:
        assert elementary.log(x) == x.ln()


SMALL_AND_LARGE = st.builds(lambda digits, power: Decimal(digits).scaleb(power),
                            st.integers(-999999, 999999), st.integers(-80, -4))


@given(SMALL_AND_LARGE)
@example(Decimal(0))
@example(Decimal("1e-50"))
@example(Decimal("-1e-49"))
@example(Decimal("-200"))
@example(Decimal("90"))
def test_expm1_and_log1p_of_decimals_lose_no_digits(x):
    """Compared with 200 digits, of which the subtraction from 1 takes at most 86.

    In units of u = 10⁻⁴⁹: Kahan's quotient is exact but for the rounding of log (1 u), of the
    product and of the quotient (1/2 u each), and the slow variation of (u − 1)/ln u, whose slope
    at the rounding of u is at most 1: together at most 4 u.
    """
    with decimal.localcontext(decimal.Context(prec=200)):
        expm1 = x.exp() - 1
        log1p = (1 + x).ln() if x > -1 else None
    with decimal.localcontext(decimal.Context(prec=50)):
        assert abs(elementary.expm1(x) - expm1) <= abs(expm1) * Decimal("4e-49")
        if log1p is not None:
            assert abs(elementary.log1p(x) - log1p) <= abs(log1p) * Decimal("4e-49")


def test_expm1_far_below_zero_is_minus_one():
    """e^x may then be 0, which has no logarithm."""
    with decimal.localcontext(decimal.Context(prec=50, Emin=-999, Emax=999)):
        assert elementary.expm1(Decimal(-10000)) == -1
    assert elementary.expm1(complex(-800, 0)) == -1


@given(st.floats(-300, 300))  # h eˣ is then no smaller than 1e-281
@example(1e-200)
@example(0.0)
def test_the_complex_step_through_expm1_and_log1p(x):
    """Im f(x + ih)/h is f′(x) up to h², and nothing is subtracted: all digits are there but for
    the roundings of exp, sine or arctangent, sum, product and quotient, 1 to 2 units of 2⁻⁵³
    each.  The real part is f(x) + O(h²), to the same accuracy."""
    h, tolerance = 1e-150, 8 * 2.0 ** -53
    forward, back = elementary.expm1(complex(x, h)), elementary.log1p(complex(abs(x), h))
    assert math.isclose(forward.imag / h, math.exp(x), rel_tol=tolerance)
    assert math.isclose(forward.real, math.expm1(x), rel_tol=tolerance, abs_tol=h * h)
    assert math.isclose(back.imag / h, 1 / (1 + abs(x)), rel_tol=tolerance)
    assert math.isclose(back.real, math.log1p(abs(x)), rel_tol=tolerance, abs_tol=h * h)


@given(st.floats(0, 2), st.floats(-3.2, 3.2))
@example(0.0, 1.0)
def test_log1p_of_complex_numbers_anywhere(a, b):
    """ln|1 + x| + i arg(1 + x).

    In units of 2⁻⁵³: a(2 + a) + b² is off by 4 of itself, no term being negative, and log1p makes
    of that no more than 4, and 2 of its result; cmath.log has 1 in 1 + a and 2 in its result, which
    is no larger than ln 4.4.  The imaginary part: 1 from 1 + a in both, 2 from each arctangent.
    """
    unit = 2.0 ** -53
    actual, expected = elementary.log1p(complex(a, b)), cmath.log(complex(1 + a, b))
    assert abs(actual.real - expected.real) <= 10 * unit * (1 + math.log(4.4))
    assert math.isclose(actual.imag, expected.imag, rel_tol=8 * unit)


@given(st.floats(-2, 2), st.floats(-3.2, 3.2))
@example(1e-9, 1.0)
@example(-1.0, 1e-9)
@example(0.5, math.pi)
def test_expm1_of_complex_numbers_anywhere(a, b):
    """e^(a+ib) − 1 has the real part eᵃ cos b − 1 and the imaginary part eᵃ sin b.

    In units of 2⁻⁵³ of what is added: the real part is (eᵃ − 1) cos b − 2 sin²(b/2), with at most
    3 for the first term (expm1 and cos 1 each, product 1), 5 for the second (sine 2, squared,
    product 1) and 1 for the sum, of terms no larger than e² and 2; cmath's own e^z − 1 has errors
    of 3 in e^z, no larger than e².  The imaginary part: 3 each.
    """
    unit = 2.0 ** -53
    actual, expected = elementary.expm1(complex(a, b)), cmath.exp(complex(a, b)) - 1
    largest = math.exp(2) + 2
    assert abs(actual.real - expected.real) <= 16 * unit * largest
    assert math.isclose(actual.imag, expected.imag, rel_tol=8 * unit)


class Named:
    """A number that brings its own functions."""

    def expm1(self):
        return "its own expm1"

    def log1p(self):
        return "its own log1p"


def test_a_number_is_asked_for_its_own_function():
    assert elementary.expm1(Named()) == "its own expm1"
    assert elementary.log1p(Named()) == "its own log1p"


@pytest.mark.parametrize("function, name", [
    (elementary.exp, "exp"), (elementary.log, "ln"),
    (elementary.expm1, "exp"), (elementary.log1p, "ln"),
])
def test_a_fraction_has_no_exponential(function, name):
    with pytest.raises(TypeError) as caught:
        function(Fraction(1, 3))
    assert str(caught.value) == f"a Fraction has no {name}(), which this network needs"


@pytest.mark.parametrize("x, negative", [
    (-1, True), (0, False), (2.5, False), (-0.0, False), (Fraction(-1, 9), True),
    (Decimal("-1e-30"), True), (complex(-1, 5), True), (complex(0, -5), False),
    (complex(1, -5), False),
])
def test_is_negative_and_magnitude(x, negative):
    assert elementary.is_negative(x) is negative
    assert elementary.magnitude(x) == (-x if negative else x)
    assert type(elementary.magnitude(x)) is type(x)
