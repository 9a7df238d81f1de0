"""purenn.activations, against fifty-digit decimals and the definitions."""
from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import byhand
import pytest
from byhand import exact, in_fifty_digits, largest_difference, ulp
from hypothesis import example, given
from hypothesis import strategies as st

from purenn import Identity, ReLU, Sigmoid, Softmax, Tanh, activations

TINY = Decimal(2) ** -1074  # the spacing of floats around 0
SCALARS = {"sigmoid": activations.sigmoid, "tanh": activations.tanh, "relu": activations.relu}
PRIMES = {"sigmoid": activations.sigmoid_prime, "tanh": activations.tanh_prime,
          "relu": activations.relu_prime}
ANY_Z = st.one_of(st.floats(-745, 745), st.floats(-2, 2), st.floats(-1e-300, 1e-300))
VECTORS = st.lists(st.integers(-640, 640).map(lambda k: k / 64), min_size=1, max_size=5)


def true_value(name, z):
    """Formulas that lose no digits, for decimals: the smaller of two terms is never subtracted."""
    if name == "sigmoid":
        return 1 / (1 + (-z).exp())
    if name == "sigmoid_prime":
        return 1 / ((1 + (-z).exp()) * (1 + z.exp()))
    if name == "tanh":  # the series where the subtraction would lose half the digits or more
        if abs(z) < Decimal("1e-12"):
            return z - z ** 3 / 3
        return (z.exp() - (-z).exp()) / (z.exp() + (-z).exp())
    assert name == "tanh_prime"
    return 4 / (z.exp() + (-z).exp()) ** 2


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_prime", "tanh", "tanh_prime"])
@given(z=ANY_Z)
@example(z=0.0)
@example(z=37.0)
@example(z=-37.0)
@example(z=40.0)
@example(z=400.0)
@example(z=745.0)
@example(z=-745.0)
@in_fifty_digits
def test_floats_are_accurate_to_a_few_ulp_everywhere(name, z):
    """To six units in the last place at most: test_derivatives.py counts the roundings."""
    actual = Decimal(getattr(activations, name)(z))
    expected = true_value(name, Decimal(z))
    assert abs(actual - expected) <= 6 * ulp(expected)


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_prime", "tanh", "tanh_prime"])
@given(z=st.floats(-50, 50).filter(lambda z: abs(z) > 1e-6))
@in_fifty_digits
def test_decimals_keep_fifty_digits(name, z):
    """The comparison's own formula for tanh loses up to 6 of 50 digits where z is small."""
    expected = true_value(name, Decimal(z))
    actual = getattr(activations, name)(Decimal(z))
    assert abs(actual - expected) <= abs(expected) * Decimal("1e-42")


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@given(z=st.integers(-20 * 64, 20 * 64).map(lambda k: Decimal(k) / 64))
@in_fifty_digits
def test_prime_is_the_derivative(name, z):
    """By central differences: truncation h² f‴/6 with f‴ ≤ 2, and rounding 10⁻⁴⁹/h."""
    h = Decimal("1e-16")
    f, f_prime = SCALARS[name], PRIMES[name]
    assert abs((f(z + h) - f(z - h)) / (2 * h) - f_prime(z)) < h * h + Decimal("1e-48") / h


@pytest.mark.parametrize("f, f_prime", [(activations.sigmoid, activations.sigmoid_prime),
                                        (activations.tanh, activations.tanh_prime)])
@given(z=st.floats(-300, 300))
def test_the_complex_step_gives_the_derivative(f, f_prime, z):
    """Im f(z + ih)/h = f′(z) + O(h²): no difference is taken, so nearly all digits are there.

    Both sides are a few dozen roundings away from the truth, 64 · 2⁻⁵³ < 1e-14; but for |z| > 18
    the imaginary part of a quotient near 1 is a difference of products near its size, and the
    bound there is against the products: exp(−|z|), of which tanh′ is the square.
    """
    h = 1e-100
    actual = f(complex(z, h)).imag / h
    assert abs(actual - f_prime(z)) <= 1e-14 * max(f_prime(z), math.exp(-abs(z)))


@pytest.mark.parametrize("z", [1e308, 1e4, 746.0])
def test_far_out_nothing_overflows(z):
    assert activations.sigmoid(z) == 1 and activations.sigmoid(-z) == 0
    assert activations.tanh(z) == 1 and activations.tanh(-z) == -1
    assert activations.sigmoid_prime(z) == activations.sigmoid_prime(-z) == 0
    assert activations.tanh_prime(z) == activations.tanh_prime(-z) == 0


def test_the_derivative_is_there_where_the_value_has_rounded_to_1():
    assert activations.sigmoid(40.0) == 1.0
    assert activations.sigmoid_prime(40.0) == pytest.approx(math.exp(-40), rel=1e-15)
    assert activations.tanh(25.0) == 1.0
    assert activations.tanh_prime(25.0) == pytest.approx(4 * math.exp(-50), rel=1e-15)


@pytest.mark.parametrize("z, value, slope", [
    (-3, 0, 0), (0, 0, 0), (0.0, 0, 0), (-0.0, 0, 0), (3, 3, 1), (5e-324, 5e-324, 1),
    (-5e-324, 0, 0), (Fraction(2, 3), Fraction(2, 3), 1), (Fraction(-2, 3), 0, 0),
    (Decimal("1e-60"), Decimal("1e-60"), 1), (2 + 1j, 2 + 1j, 1), (-2 + 1j, 0, 0),
])
def test_relu_by_hand(z, value, slope):
    assert activations.relu(z) == value
    assert activations.relu_prime(z) == slope
    assert ReLU.forward([z, z]) == [value, value]
    assert ReLU.backward([7, -7], [z, z]) == [7 * slope, -7 * slope]


@given(VECTORS)
@in_fifty_digits
def test_softmax_is_its_definition(z):
    z = exact(z)
    assert largest_difference(activations.softmax(z), byhand.softmax(z)) < Decimal("1e-47")


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=6))
@example([1000.0, 0.0])
@example([-1000.0, -1001.0])
@example([1e308, -1e308])
@example([291.5883846985508, -335.0226014748646])  # 509 ulp: as much as the bound has, nearly
@in_fifty_digits
def test_softmax_of_floats(z):
    """In units of 2⁻⁵³: the difference d = z_j − max has relative error 1, which e^d multiplies
    by |d|; exp 1.7; the quotient 1; the sum of n terms n − 1, and for the terms, of which one is
    exactly 1, their shares of |d| + 1.7: less than e^−|d| (|d| + 1.7) each, at most 1.7."""
    top = max(z)
    true = byhand.softmax([Decimal(z_j) - Decimal(top) for z_j in z])
    for a_j, expected, z_j in zip(activations.softmax(z), true, z):
        spread = min(abs(z_j - top), 1500)
        bound = (spread + 2.7 + 2.7 * (len(z) - 1)) * 2.0 ** -53
        assert abs(Decimal(a_j) - expected) <= Decimal(bound) * expected + 2 * TINY


@given(VECTORS, VECTORS)
@in_fifty_digits
def test_softmax_backward_is_the_jacobian_times_the_vector(v, z):
    n = min(len(v), len(z))
    v, z = exact(v[:n]), exact(z[:n])
    J = byhand.jacobian("softmax", z)
    expected = [sum(v[j] * J[j][k] for j in range(n)) for k in range(n)]
    assert largest_difference(Softmax.backward(v, z), expected) < Decimal("1e-46")


@pytest.mark.parametrize("activation", [Sigmoid, Tanh, ReLU, Identity])
@given(v=VECTORS, z=VECTORS)
@in_fifty_digits
def test_neurons_work_each_on_its_own(activation, v, z):
    n = min(len(v), len(z))
    v, z = exact(v[:n]), exact(z[:n])
    expected = byhand.output(activation.name, z)
    assert largest_difference(activation.forward(z), expected) < Decimal("1e-47")
    expected = [v_j * byhand.SLOPE[activation.name](z_j) for v_j, z_j in zip(v, z)]
    assert largest_difference(activation.backward(v, z), expected) < Decimal("1e-46")


def test_names():
    names = [a.name for a in (Sigmoid, Tanh, ReLU, Softmax, Identity)]
    assert names == ["sigmoid", "tanh", "relu", "softmax", "identity"]


def test_a_sigmoid_of_one_half_by_hand():
    """σ(ln 3) = 3/4 and σ′(ln 3) = 3/16; tanh(ln 2) = 3/5 and tanh′(ln 2) = 16/25."""
    assert activations.sigmoid(math.log(3)) == pytest.approx(3 / 4, rel=4e-16)
    assert activations.sigmoid_prime(math.log(3)) == pytest.approx(3 / 16, rel=1e-15)
    assert activations.tanh(math.log(2)) == pytest.approx(3 / 5, rel=1e-15)
    assert activations.tanh_prime(math.log(2)) == pytest.approx(16 / 25, rel=1e-15)
