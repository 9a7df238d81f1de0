"""purenn.costs, against the textbook's formulas in decimals."""
from __future__ import annotations

import decimal
import math
from decimal import Decimal
from fractions import Fraction

import byhand
import pytest
from byhand import exact, in_fifty_digits, largest_difference
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from purenn import (
    CrossEntropyCost,
    Identity,
    LogLikelihoodCost,
    QuadraticCost,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    costs,
)

PAIRS = [(QuadraticCost, Sigmoid), (QuadraticCost, Tanh), (QuadraticCost, ReLU),
         (QuadraticCost, Identity), (QuadraticCost, Softmax), (CrossEntropyCost, Sigmoid),
         (LogLikelihoodCost, Softmax)]
IDS = [f"{cost.name}-{output.name}" for cost, output in PAIRS]
Z = st.lists(st.integers(-512, 512).map(lambda k: k / 64), min_size=3, max_size=3)


def targets(cost):
    """Any numbers for the quadratic cost; from 0 to 1, or a distribution, for the others."""
    if cost is QuadraticCost:
        return Z
    parts = st.lists(st.integers(0, 64), min_size=2, max_size=2).map(sorted)
    if cost is LogLikelihoodCost:  # differences of 0 ≤ p ≤ q ≤ 64 have the sum 64
        return parts.map(lambda p: [p[0] / 64, (p[1] - p[0]) / 64, (64 - p[1]) / 64])
    return st.lists(st.integers(0, 64).map(lambda k: k / 64), min_size=3, max_size=3)


def test_each_output_that_a_cost_allows_is_tested_here():
    for cost in (QuadraticCost, CrossEntropyCost, LogLikelihoodCost):
        assert list(cost.outputs) == [output for c, output in PAIRS if c is cost]


@pytest.mark.parametrize("cost, output", PAIRS, ids=IDS)
@given(data=st.data())
@in_fifty_digits
def test_the_cost_is_the_textbooks(cost, output, data):
    z, y = exact(data.draw(Z)), exact(data.draw(targets(cost)))
    a = byhand.output(output.name, z)
    assert abs(cost.fn(z, output.forward(z), y) - byhand.cost(cost.name, a, y)) < Decimal("1e-43")


@pytest.mark.parametrize("cost, output", PAIRS, ids=IDS)
@given(data=st.data())
@in_fifty_digits
def test_delta_is_the_chain_rule_written_out(cost, output, data):
    z, y = exact(data.draw(Z)), exact(data.draw(targets(cost)))
    expected = byhand.output_error(cost.name, output.name, z, y)
    # z up to 8 puts a and 1 − a, by which the chain rule divides, above e⁻¹⁷ ≈ 4e-8: 42 digits.
    delta = cost.delta(z, output.forward(z), y, output)
    assert largest_difference(delta, expected) < Decimal("1e-40")


@pytest.mark.parametrize("cost, output", PAIRS, ids=IDS)
@given(data=st.data())
@in_fifty_digits
def test_delta_is_the_derivative_of_the_cost(cost, output, data):
    """Central differences: truncation h² C‴/6, with C‴ < 1e4 for these z and y; rounding, with
    C < 1e3, 1e3 · 10⁻⁴⁹/h = 1e-30."""
    z, y = exact(data.draw(Z)), exact(data.draw(targets(cost)))
    assume(output is not ReLU or 0 not in z)
    h = Decimal("1e-16")

    def cost_with(k, step):
        moved = [z_j + step if j == k else z_j for j, z_j in enumerate(z)]
        return cost.fn(moved, output.forward(moved), y)

    delta = cost.delta(z, output.forward(z), y, output)
    for k in range(3):
        slope = (cost_with(k, h) - cost_with(k, -h)) / (2 * h)
        assert abs(slope - delta[k]) < Decimal("1e-27")


@given(st.lists(st.tuples(st.floats(-300, 300), st.floats(0, 1)), min_size=1, max_size=4))
@example([(300.0, 0.0)])
@example([(-300.0, 1.0)])
@example([(40.0, 1.0), (-40.0, 0.0)])
def test_cross_entropy_of_floats_is_accurate_where_a_has_rounded(pairs):
    """Against −[y ln a + (1 − y) ln(1 − a)] with 190 digits, of which 1 − a = e⁻³⁰⁰ takes 131.

    In units of 2⁻⁵³: exp 2, log1p 2, z + tail 1, 1 − y 1, product 1, sum of the two 1, and n for
    the total; all terms are positive, so errors do not grow: at most 8 + n.
    """
    z, y = [z for z, _ in pairs], [y for _, y in pairs]
    actual = CrossEntropyCost.fn(z, Sigmoid.forward(z), y)
    with decimal.localcontext(decimal.Context(prec=190)):
        a = byhand.output("sigmoid", exact(z))
        expected = byhand.cost("cross-entropy", a, exact(y))
        bound = Decimal(8 + len(z)) * Decimal(2) ** -53
        assert abs(Decimal(actual) - expected) <= bound * expected + Decimal(2) ** -1070


@settings(max_examples=15)
@given(st.lists(st.floats(-300, 300), min_size=1, max_size=4), st.data())
@example([300.0, -300.0], None)
def test_log_likelihood_of_floats_is_accurate_where_a_has_rounded(z, data):
    """Against −ln a_j with 320 digits, of which 1 − a_j = e⁻⁶⁰⁰ takes 261.

    In units of 2⁻⁵³, with x = z_k − z_m, |x| ≤ 600: x has a relative error of 1, so e^x one of
    |x| + 2, and r and ln(1 + r) no larger a one but for the sum (n) and the logarithm (2).  Where
    the cost is not ln(1 + r) alone, its other term has an error of 1, and the sum of both one
    more: 600 + 6 + n.
    """
    j = data.draw(st.integers(0, len(z) - 1)) if data else 0
    y = [1 if k == j else 0 for k in range(len(z))]
    actual = LogLikelihoodCost.fn(z, Softmax.forward(z), y)
    with decimal.localcontext(decimal.Context(prec=320)):
        expected = -byhand.softmax(exact(z))[j].ln()
        bound = Decimal(606 + len(z)) * Decimal(2) ** -53
        assert abs(Decimal(actual) - expected) <= bound * expected + Decimal(2) ** -1070


def test_costs_far_out_are_finite():
    """Where −y ln a would give ∞ or NaN, as in a = 1 for y = 0."""
    z = [1e308, -1e308]
    assert CrossEntropyCost.fn(z, Sigmoid.forward(z), [1, 0]) == 0
    assert CrossEntropyCost.fn(z, Sigmoid.forward(z), [0, 0]) == 1e308
    assert CrossEntropyCost.fn(z, Sigmoid.forward(z), [1, 1]) == 1e308
    assert LogLikelihoodCost.fn([800.0, 0.0], [1.0, 0.0], [0, 1]) == 800
    assert LogLikelihoodCost.fn([800.0, 0.0], [1.0, 0.0], [1, 0]) == 0
    # −ln a is ∞ for a class that is infinitely far behind; a target of 0 asks nothing of it.
    assert LogLikelihoodCost.fn([0.0, -math.inf], [1.0, 0.0], [1, 0]) == 0
    assert LogLikelihoodCost.fn([0.0, -math.inf], [1.0, 0.0], [0, 1]) == math.inf


def test_costs_by_hand():
    """a = (3/4, 1/2) for z = (ln 3, 0); softmax of (ln 3, 0) is (3/4, 1/4)."""
    z = [math.log(3), 0.0]
    a = [0.75, 0.5]
    assert QuadraticCost.fn(z, a, [1, 0]) == (0.0625 + 0.25) / 2
    assert QuadraticCost.delta(z, a, [1, 0], Sigmoid) == pytest.approx(
        [-0.25 * 3 / 16, 0.5 / 4], rel=1e-15)
    assert CrossEntropyCost.fn(z, a, [1, 0]) == pytest.approx(math.log(8 / 3), rel=1e-15)
    assert CrossEntropyCost.delta(z, a, [1, 0], Sigmoid) == [-0.25, 0.5]
    assert LogLikelihoodCost.fn(z, [0.75, 0.25], [0, 1]) == pytest.approx(math.log(4), rel=1e-15)
    assert LogLikelihoodCost.delta(z, [0.75, 0.25], [0, 1], Softmax) == [0.75, -0.75]


def test_the_quadratic_cost_of_fractions_is_exact():
    a, y = [Fraction(1, 3), Fraction(2, 7)], [Fraction(1), Fraction(0)]
    assert QuadraticCost.fn(a, a, y) == Fraction(1, 2) * (Fraction(4, 9) + Fraction(4, 49))
    assert QuadraticCost.delta(a, a, y, Identity) == [Fraction(-2, 3), Fraction(2, 7)]


def test_softplus_by_hand():
    assert costs.softplus(0.0) == math.log(2)
    assert costs.softplus(math.log(3)) == pytest.approx(math.log(4), rel=1e-15)
    assert costs.softplus(-745.0) == 5e-324 and costs.softplus(1e308) == 1e308
