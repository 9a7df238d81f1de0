"""Numbers with a rounding-error bound: the bound holds, is not wide, and is 0 where it can be.

What a program computes is played here with floats, rounded to float32 by ``struct`` after every
operation where that is the format, and sums in any order.  What it should compute is found with
fractions, which are exact, or with decimals of eighty digits.
"""
from __future__ import annotations

import decimal
import math
import struct
from decimal import Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purenn import elementary
from purenn.crosscheck.truth.bounded import Bounded, Float32, Float64, widest

EIGHTY = Context(prec=80)
UNITS = {Float64: Fraction(1, 2 ** 53), Float32: Fraction(1, 2 ** 24)}
FORMATS = pytest.mark.parametrize("kind", [Float64, Float32])


def rounded(kind, x):
    """The number of the format that is nearest to the float x."""
    return x if kind is Float64 else struct.unpack("f", struct.pack("f", x))[0]


def off(number, computed):
    """How far a computed float is from the bounded number's value, exactly."""
    return abs(Fraction(computed) - Fraction(number.value))


numbers = st.floats(-1000, 1000, width=32).filter(lambda x: x == 0 or abs(x) > 1e-6)


@FORMATS
@given(pairs=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12), data=st.data())
def test_any_order_of_summation_stays_within_the_bound(kind, pairs, data):
    exact = sum((Fraction(a) * Fraction(b) for a, b in pairs), Fraction(0))
    number = kind(0)
    for a, b in pairs:
        number = number + kind(a) * kind(b)
    terms = [rounded(kind, a * b) for a, b in pairs]
    while len(terms) > 1:  # add two of them, whichever
        k = data.draw(st.integers(0, len(terms) - 2))
        terms[k:k + 2] = [rounded(kind, terms[k] + terms[k + 1])]
        terms = data.draw(st.permutations(terms))
    assert abs(Fraction(number.value) - exact) <= Fraction(1, 10 ** 38)
    assert off(number, terms[0]) <= Fraction(number.error) + Fraction(1, 10 ** 38)


@FORMATS
@given(a=numbers, b=numbers, c=numbers)
def test_arithmetic_stays_within_the_bound(kind, a, b, c):
    total = kind(a) * kind(b) - kind(c)
    computed = rounded(kind, rounded(kind, a * b) - c)
    assert off(total, computed) <= Fraction(total.error) + Fraction(1, 10 ** 38)
    if abs(total.value) > 2 * total.error:
        quotient = kind(c) / total
        assert off(quotient, rounded(kind, c / computed)) <= (Fraction(quotient.error)
                                                              + Fraction(1, 10 ** 30))


FUNCTIONS = [("exp", math.exp), ("expm1", math.expm1), ("log1p", math.log1p)]


@pytest.mark.parametrize("name, of_float", FUNCTIONS + [("log", math.log)])
@given(x=st.floats(1e-9, 30))
def test_functions_have_the_right_value_and_a_bound_that_libraries_keep(name, of_float, x):
    exact = {"exp": lambda d: EIGHTY.exp(d),
             "expm1": lambda d: EIGHTY.subtract(EIGHTY.exp(d), 1),
             "log1p": lambda d: EIGHTY.ln(EIGHTY.add(1, d)),
             "log": lambda d: EIGHTY.ln(d)}[name](Decimal(x))
    number = getattr(elementary, name)(Float64(x))
    assert abs(number.value - exact) <= abs(exact) * Decimal("1e-45")
    assert abs(Decimal(of_float(x)) - exact) <= number.error
    # four units in the last place, each at most 2u of the value, and what may be flushed to zero;
    # and one percent for the digits
    unit = abs(exact) * Decimal(2) ** -53 + Float64.LEAST
    assert number.error <= 4 * 2 * unit * Decimal("1.01")


@given(x=st.floats(-20, 20), noise=st.floats(-1, 1))
def test_an_error_is_passed_on_by_functions(x, noise):
    """A number that is off by up to its error makes a result that is off by no more than its."""
    number = Float64(x).with_error(Decimal(x), Decimal("0.01"))
    shifted = x + 0.01 * noise
    for name, function in (("exp", math.exp), ("expm1", math.expm1)):
        result = getattr(number, name)()
        assert off(result, function(shifted)) <= Fraction(result.error)
    if x > 0.1:
        for name, function in (("ln", math.log), ("log1p", math.log1p), ("sqrt", math.sqrt)):
            result = getattr(number, name)()
            assert off(result, function(shifted)) <= Fraction(result.error)


@FORMATS
def test_the_bound_of_one_rounding_is_u(kind):
    third = kind(1) / kind(3)
    assert Fraction(third.error) == pytest.approx(float(UNITS[kind] / 3), rel=1e-6)
    added = third + kind(1)
    # the error of 1/3, and u for the addition to numbers of magnitude 1 and 1/3
    assert float(added.error) == pytest.approx(
        float(UNITS[kind] * (Fraction(1, 3) + Fraction(4, 3))), rel=1e-6)


@FORMATS
def test_numbers_of_few_bits_have_no_error(kind):
    z = kind(0.5) * kind(3.0) + kind(-1.25) * kind(2.0) + kind(1.0)
    assert z.value == 0 and z.error == 0 and not z
    square = kind(0.375) * kind(-0.375) * 4
    assert square.value == Decimal("-0.5625") and square.error == 0


def test_a_number_the_format_does_not_have_is_rounded_when_it_is_read():
    assert Float64(0.1).error == 0
    assert 0 < Float32(0.1).error <= Decimal(0.1) * Decimal(2) ** -24 * Decimal("1.001")
    assert Float32(0.5).error == 0
    assert Float32(2.0 ** 30 + 1).error > 0 == Float64(2.0 ** 30 + 1).error


def test_a_zero_that_may_be_off_still_counts():
    almost = (Float64(0.1) + Float64(0.2)) - (Float64(0.1) + Float64(0.2)).exactly()
    assert almost == 0 and almost.error > 0 and almost
    assert Float64(0) == 0 and not Float64(0)
    assert almost * 0 == 0 and not almost * 0


def test_division_by_what_may_be_zero_has_no_bound():
    nothing = Float64(1).with_error(Decimal(0), Decimal("1e-20"))
    assert (1 / nothing).error == Decimal("Infinity")
    assert nothing.ln().error == Decimal("Infinity")
    assert (nothing.ln() * 0).error == Decimal("Infinity")  # 0 · ∞ is NaN in a program


def test_widest_keeps_the_first_value_and_the_largest_error():
    narrow, wide = (Float64(1).with_error(Decimal(1), Decimal(e)) for e in ("1e-17", "1e-12"))
    assert widest(narrow, wide).value == 1 and widest(narrow, wide).error == Decimal("1e-12")
    assert widest(wide, narrow).error == Decimal("1e-12")


def test_the_callers_decimal_context_makes_no_difference():
    def compute():
        x = Float64(0.1) * Float64(0.7) + Float64(1.3)
        return [n.value for n in (x, x.exp(), x.ln(), 1 / x)] + [x.exp().error, (1 / x).error]

    expected = compute()
    with decimal.localcontext(Context(prec=3, Emax=5, Emin=-5, traps=[decimal.Inexact])):
        assert compute() == expected


def test_it_mixes_with_ints_and_not_with_floats():
    assert 2 * Float64(0.25) + 1 - 1 == Float64(0.5)
    assert 1 - Float64(0.25) == Float64(0.75) and 1 / Float64(4) == Float64(0.25)
    assert Float64(1) < 2 <= Float64(2) and Float64(3) > 2 >= Float64(2) and Float64(1) != 2
    with pytest.raises(TypeError):
        Float64(1) + 0.5
    assert isinstance(Float64(1) + 1, Bounded) and "±" in repr(Float64(1))
