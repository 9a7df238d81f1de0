"""purenn.floats, against fifty-digit decimals and the C library."""
from __future__ import annotations

import itertools
import math
import random
import sys
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

import pytest
from byhand import in_fifty_digits, ulp
from hypothesis import given
from hypothesis import strategies as st

from purenn import floats

LARGEST, SMALLEST = sys.float_info.max, 5e-324


def fifty_digits(function):
    """The function of a float, to fifty digits although the 1 takes as many as x is small."""
    def of(x: float) -> Decimal:
        lost = max(0, -math.frexp(x)[1]) // 3
        with localcontext(Context(prec=52 + lost, Emin=MIN_EMIN, Emax=MAX_EMAX)):
            return function(Decimal(x))
    return of


TRUTH = {
    "exp": fifty_digits(lambda x: x.exp()), "expm1": fifty_digits(lambda x: x.exp() - 1),
    "log": fifty_digits(lambda x: x.ln()), "log1p": fifty_digits(lambda x: (1 + x).ln())}

#: In ulp, as the docstrings derive them; that of exp where it is rounded to a subnormal comes last.
BOUNDS = {"exp": "0.82", "expm1": "0.94", "log": "0.96", "log1p": "0.96", "subnormal exp": "0.91"}
SUBNORMAL = Decimal(sys.float_info.min)


def assert_within_bound(name: str, x: float) -> None:
    true = TRUTH[name](x)
    bound = BOUNDS["subnormal exp" if name == "exp" and true < SUBNORMAL else name]
    error = abs(Decimal(getattr(floats, name)(x)) - true)
    assert error <= Decimal(bound) * ulp(true), f"{name}({x!r})"


def neighbors(x: float, count: int) -> list[float]:
    """The floats around x, so many on each side."""
    found = [x]
    for toward in (-math.inf, math.inf):
        y = x
        for _ in range(count):
            y = math.nextafter(y, toward)
            found.append(y)
    return found


def random_arguments(name: str, count: int) -> list[float]:
    draw = random.Random(name)
    powers = [draw.choice((1, -1)) * 2 ** draw.uniform(-1074, 0) for _ in range(count // 4)]
    return {
        "exp": [draw.uniform(-745, 709.7) for _ in range(count)]
        + [draw.uniform(-745.2, -708) for _ in range(count // 4)],
        "expm1": [draw.uniform(-38, 41) for _ in range(count)]
        + [draw.uniform(-1, 1) for _ in range(count)],
        "log": [2 ** draw.uniform(-1074, 1024) for _ in range(count)]
        + [draw.uniform(0.5, 2) for _ in range(count)],
        "log1p": [draw.uniform(-1, 2) for _ in range(count)]
        + [2 ** draw.uniform(0, 1023) for _ in range(count // 4)],
    }[name] + (powers if name != "log" else [])


def hard_arguments(name: str) -> list[float]:
    """The ends of the range, those of the reduced arguments, where bounds are nearly reached."""
    ends = [0.0, SMALLEST, -SMALLEST, 1e-310, -1e-310, 2.0 ** -1022, 2.0 ** -54, -2.0 ** -54,
            2.0 ** -53, 1.5 * 2.0 ** -53, -2.0 ** -53]
    if name == "exp":
        ends += neighbors(math.log(LARGEST), 3)[:-3] + neighbors(math.log(SMALLEST), 3)
        ends += neighbors(math.log(2.0 ** -1022), 20) + neighbors(-745.1332191019411, 2)
    if name in ("exp", "expm1"):
        for k in (-1074, -1000, -53, -52, -2, -1, 0, 1, 2, 52, 53, 56, 57, 1000, 1023):
            if name == "exp" or abs(k) < 60:
                ends += neighbors(k * math.log(2) + math.log(1.5), 20) + neighbors(
                    k * math.log(2), 5)
    if name == "expm1":
        ends += neighbors(math.log(0.75), 200) + neighbors(math.log(1.5), 200)
        ends += neighbors(-37.0, 3) + neighbors(40.0, 3) + [-745.0, -1e308, 700.0]
    if name == "log":
        ends = [SMALLEST, 2 * SMALLEST, 2.0 ** -1022, LARGEST] + neighbors(1.0, 50)
        for k in (-1022, -2, -1, 0, 1, 2, 1022):
            ends += neighbors(math.sqrt(2) * 2.0 ** k, 20) + neighbors(2.0 ** k, 5)
    if name == "log1p":
        ends += [LARGEST, 2.0 ** 53, 2.0 ** 54 + 2] + neighbors(-1.0, 30)[31:]
        ends += neighbors(math.sqrt(2) - 1, 100) + neighbors(math.sqrt(0.5) - 1, 100)
        ends += neighbors(1.0, 10) + neighbors(2 * math.sqrt(2) - 1, 20)
    return ends


@pytest.mark.parametrize("name", TRUTH)
def test_the_error_is_below_the_bound_that_is_derived(name):
    for x in random_arguments(name, 1500) + hard_arguments(name):
        assert_within_bound(name, x)


@pytest.mark.parametrize("name", TRUTH)
def test_the_librarys_result_is_the_same_float_or_the_next(name):
    """Its error is below an ulp, too (glibc and musl say so), and 1 + 0.96 makes no two floats."""
    function, of_the_library = getattr(floats, name), getattr(math, name)
    for x in random_arguments(name, 6000) + hard_arguments(name):
        ours, theirs = function(x), of_the_library(x)
        assert abs(ours - theirs) <= math.ulp(max(abs(ours), abs(theirs))), f"{name}({x!r})"


ARGUMENTS = {"exp": st.floats(-745.2, 709.7), "expm1": st.floats(-50, 50) | st.floats(-1, 1),
             "log": st.floats(SMALLEST, LARGEST) | st.floats(0.5, 2),
             "log1p": st.floats(math.nextafter(-1, 0), 4) | st.floats(4, LARGEST)}


@pytest.mark.parametrize("name", TRUTH)
@given(data=st.data())
def test_the_bound_anywhere(name, data):
    assert_within_bound(name, data.draw(ARGUMENTS[name]))


@in_fifty_digits
def test_the_constants_are_the_floats_next_to_what_they_stand_for():
    ln2 = Decimal(2).ln()
    first = Decimal(floats.LN2_FIRST)
    assert first * 2 ** 32 == int(first * 2 ** 32)
    assert floats.LN2_REST == float(ln2 - first)
    assert abs(first + Decimal(floats.LN2_REST) - ln2) < Decimal("1.2e-26")
    assert floats.ONE_BY_LN2 == float(1 / ln2)
    assert floats.LOG2_4_BY_3 == float((Decimal(4) / 3).ln() / ln2)
    assert floats.ROOT_HALF == float(Decimal("0.5").sqrt())


def bits(x: float) -> str:
    return x.hex()


@pytest.mark.parametrize("name, x", list(itertools.product(
    TRUTH, (0.0, -0.0, math.inf, math.nan, 0, 1, 7))))
def test_special_values_and_ints_are_as_in_math(name, x):
    """Zeros with their signs, infinity, NaN; ints become floats.  ln 0 is refused, see below."""
    if name == "log" and x == 0:
        return
    result, theirs = getattr(floats, name)(x), getattr(math, name)(x)
    assert type(result) is float
    assert bits(result) == bits(theirs) or (
        x in (1, 7) and abs(result - theirs) <= math.ulp(theirs))


def test_far_below_zero():
    for x in (-746.0, -1e5, -LARGEST, -math.inf):
        assert floats.exp(x) == 0 and floats.expm1(x) == -1
    assert floats.exp(-745.2) == 0


@pytest.mark.parametrize("x", [709.79, 710, 1e5, LARGEST])
def test_what_overflows_raises_what_math_raises(x):
    for name in ("exp", "expm1"):
        with pytest.raises(OverflowError) as theirs:
            getattr(math, name)(x)
        with pytest.raises(OverflowError) as ours:
            getattr(floats, name)(x)
        assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("function, x, sentence", [
    (floats.log, 0.0, "0.0 has no logarithm"), (floats.log, -2, "-2 has no logarithm"),
    (floats.log, -math.inf, "-inf has no logarithm"),
    (floats.log1p, -1.0, "0.0 has no logarithm"), (floats.log1p, -3.5, "-2.5 has no logarithm"),
])
def test_what_has_no_logarithm(function, x, sentence):
    with pytest.raises(ValueError) as caught:
        function(x)
    assert str(caught.value) == sentence


def test_the_bits_are_these_on_every_machine():
    """One argument for each function, chosen so that the result is not the float nearest to the
    truth: a C library's would not be the same."""
    assert floats.exp(1.0).hex() == "0x1.5bf0a8b14576ap+1"
    assert math.exp(1.0).hex() == "0x1.5bf0a8b145769p+1"


# ---- normal random numbers ----------------------------------------------------------------------

def normal(seed: int, count: int) -> list[float]:
    return list(itertools.islice(floats.gaussians(random.Random(seed)), count))


def test_their_distribution_is_the_normal_one():
    """Kolmogorov and Smirnov: the largest distance of the distribution function from that of N
    draws exceeds 2.2/√N with probability 2 exp(−2 · 2.2²) = 0.00013; the seed is fixed."""
    drawn = sorted(normal(1, 20_000))
    distance = max(abs((1 + math.erf(x / math.sqrt(2))) / 2 - (k + 0.5) / len(drawn))
                   for k, x in enumerate(drawn))
    assert distance < 2.2 / math.sqrt(len(drawn))
    assert 3.3 < drawn[-1] < 5.5 and -5.5 < drawn[0] < -3.3  # and it has its tails


def test_the_two_of_a_pair_are_independent():
    """Correlations of them, of their squares and of sizes vanish: within six of 1/√N, as each
    product is scaled to variance 1."""
    drawn = normal(2, 20_000)
    first, second = drawn[::2], drawn[1::2]
    for f, deviation in ((lambda x: x, 1), (lambda x: x * x - 1, 2),
                         (lambda x: abs(x) - math.sqrt(2 / math.pi), 1 - 2 / math.pi)):
        mean = sum(f(x) * f(y) for x, y in zip(first, second)) / len(first)
        assert abs(mean) < 6 * deviation / math.sqrt(len(first))


def test_they_are_points_of_the_disc_moved_outward():
    """By hand, with the library's logarithm and a few roundings: Marsaglia's formula."""
    draw = random.Random(5)
    expected = []
    while len(expected) < 40:
        x, y = 2 * draw.random() - 1, 2 * draw.random() - 1
        if x * x + y * y < 1:
            factor = math.sqrt(-2 * math.log(x * x + y * y) / (x * x + y * y))
            expected += [x * factor, y * factor]
    assert normal(5, 40) == pytest.approx(expected, rel=1e-15)


def test_a_generator_that_never_ends_rests_in_the_state_of_its_source():
    """Nothing is kept but what ``Random`` keeps: after whole pairs, a copy goes on alike."""
    rng = random.Random(3)
    numbers = floats.gaussians(rng)
    for _ in range(10):
        next(numbers)
    copied = random.Random()
    copied.setstate(rng.getstate())
    assert [next(numbers) for _ in range(6)] == list(
        itertools.islice(floats.gaussians(copied), 6))
