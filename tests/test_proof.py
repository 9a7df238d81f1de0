"""The network proved right: the same code on exact, fifty-digit, complex and dual numbers.

Backpropagation is compared with other ways to differentiate the cost, each of which only ever runs
the network forward: difference quotients, the complex step, dual numbers.  Where the arithmetic is
exact so is the comparison; elsewhere the tolerance is a rounding-error bound that is computed
along with the result, by the same code (``purenn.crosscheck.bounded``).
"""
from __future__ import annotations

import decimal
import os
import random
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Callable, List

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from number_types import Dual, dual
from purenn.activations import Identity, ReLU, Sigmoid, Softmax, Tanh, softmax
from purenn.costs import CrossEntropyCost, LogLikelihoodCost, QuadraticCost
from purenn.linalg import Number, Target, Vector
from purenn.network import Gradient, Network
from purenn.sgd import decay_cost, total_cost, update_mini_batch
from purenn.store import load, save

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))

from random_networks import (COMBINATIONS, Case, example, network, random_case, random_input,
                             random_target)

RATIONAL = [(hidden, QuadraticCost, output)
            for hidden in (Identity, ReLU) for output in (Identity, ReLU)]
seeds = st.integers(0, 2 ** 32)


def random_fraction(rng: random.Random) -> Fraction:
    return Fraction(rng.choice((-1, 1)) * rng.randint(1, 9), rng.randint(1, 7))


def exact_case(seed: int, combination) -> Case:
    return random_case(random.Random(seed), combination, random_fraction, most_neurons=3)


def float_case(seed: int, combination) -> Case:
    return random_case(random.Random(seed), combination)


def digits(count: int):
    """Decimal arithmetic to that many digits, with room for exponents beyond any float's."""
    return decimal.localcontext(decimal.Context(prec=count, Emin=decimal.MIN_EMIN,
                                                Emax=decimal.MAX_EMAX))


# Derivatives found without backpropagation.

def cost(net: Network, x: Vector, y: Target) -> Number:
    return net.example_cost(net.forward(x), y)


def signs(net: Network, x: Vector) -> List[List[int]]:
    """The sign of every weighted input: on which side of its kink each ReLU neuron is."""
    return [[(z.real > 0) - (z.real < 0) for z in layer.z] for layer in net.forward(x)]


def differentiate(net: Network, derivative: Callable[[Vector, int], Number]) -> Gradient:
    """The gradient, from a function that finds the derivative for the parameter v[k]."""
    return Gradient([[[derivative(row, k) for k in range(len(row))] for row in W]
                     for W in net.weights],
                    [[derivative(b, j) for j in range(len(b))] for b in net.biases])


def put(v: Vector, k: int, value: Number, f: Callable[[], Number]) -> Number:
    """f() while v[k] has another value."""
    old, v[k] = v[k], value
    try:
        return f()
    finally:
        v[k] = old


def difference_quotients(net: Network, x: Vector, y: Target, h: Number) -> Gradient:
    """Central difference quotients.  The example is discarded if a ReLU neuron changes sides."""
    where = signs(net, x)

    def quotient(v: Vector, k: int) -> Number:
        for value in (v[k] + h, v[k] - h):
            assume(put(v, k, value, lambda: signs(net, x)) == where)
        return (put(v, k, v[k] + h, lambda: cost(net, x, y))
                - put(v, k, v[k] - h, lambda: cost(net, x, y))) / (2 * h)
    return differentiate(net, quotient)


def complex_steps(net: Network, x: Vector, y: Target, h: float) -> Gradient:
    """Im C(w + ih)/h, which is ∂C/∂w + O(h²) with nothing subtracted."""
    return differentiate(
        net, lambda v, k: put(v, k, complex(v[k], h), lambda: cost(net, x, y)).imag / h)


def forward_mode(net: Network, x: Vector, y: Target) -> Gradient:
    """∂C/∂w from one forward pass with dual numbers for each weight."""
    return differentiate(
        net, lambda v, k: dual(put(v, k, Dual(v[k], 1), lambda: cost(net, x, y))).derivative)


def numbers(gradient: Gradient) -> List[Number]:
    """The entries of a gradient in a row."""
    return ([w for W in gradient.weights for row in W for w in row]
            + [b for v in gradient.biases for b in v])


# 1. Exact: on fractions nothing is rounded, and nothing but equality will do.

@given(seeds, st.sampled_from(RATIONAL))
def test_backprop_equals_the_difference_quotient(seed, combination):
    """The cost is a quadratic in each single weight: its central difference quotient is exact."""
    case = exact_case(seed, combination)
    net, (x, y) = network(case), example(case, Fraction)
    # No kink lies within 10⁻⁹ but by the rare accident of a weighted input of exactly 0.
    assert net.backprop(x, y) == difference_quotients(net, x, y, Fraction(1, 10 ** 9))


@given(seeds, st.sampled_from(RATIONAL), st.integers(1, 4))
def test_a_step_is_the_update_written_out(seed, combination, m):
    """w − η (mean ∂C/∂w + (λ/n) w) and b − η mean ∂C/∂b, derivatives by difference quotient."""
    case = exact_case(seed, combination)
    net = network(case)
    rng = random.Random(seed + 1)
    batch = [(random_input(rng, case.sizes[0], random_fraction),
              [random_fraction(rng) for _ in range(case.sizes[-1])]) for _ in range(m)]
    eta, lmbda, n = Fraction(3, 7), Fraction(5, 11), 13
    gradients = [difference_quotients(net, x, y, Fraction(1, 10 ** 9)) for x, y in batch]
    update_mini_batch(net, batch, eta, lmbda, n)
    for l, W in enumerate(case.weights):
        for j, row in enumerate(W):
            for k, w in enumerate(row):
                mean = sum(g.weights[l][j][k] for g in gradients) / Fraction(m)
                assert net.weights[l][j][k] == w - eta * (mean + lmbda / n * w)
            mean = sum(g.biases[l][j] for g in gradients) / Fraction(m)
            assert net.biases[l][j] == case.biases[l][j] - eta * mean


@given(seeds, st.sampled_from(RATIONAL))
def test_a_step_descends_the_cost_of_the_data_set(seed, combination):
    """With the whole data set in one mini-batch, the step is −η ∇(total_cost), decay included."""
    case = exact_case(seed, combination)
    net = network(case)
    rng = random.Random(seed + 1)
    data = [example(case, Fraction), (random_input(rng, case.sizes[0], random_fraction),
                                      random_target(rng, case.sizes[-1], case.output))]
    data = [(x, y if isinstance(y, int) else [Fraction(y_j) for y_j in y]) for x, y in data]
    lmbda, h = Fraction(5, 11), Fraction(1, 10 ** 9)
    where = [signs(net, x) for x, _ in data]

    def quotient(v: Vector, k: int) -> Number:
        for value in (v[k] + h, v[k] - h):
            assume(put(v, k, value, lambda: [signs(net, x) for x, _ in data]) == where)
        return (put(v, k, v[k] + h, lambda: total_cost(net, data, lmbda))
                - put(v, k, v[k] - h, lambda: total_cost(net, data, lmbda))) / (2 * h)

    slope = differentiate(net, quotient)
    before = Gradient(net.weights, net.biases)
    update_mini_batch(net, data, Fraction(1), lmbda, len(data))
    after = Gradient(net.weights, net.biases)
    assert [b - a for b, a in zip(numbers(before), numbers(after))] == numbers(slope)


# 3. Dual numbers: derivatives carried forward.

@given(seeds, st.sampled_from(RATIONAL))
def test_backprop_equals_forward_mode(seed, combination):
    case = exact_case(seed, combination)
    net, (x, y) = network(case), example(case, Fraction)
    # A dual number that is 0 with a derivative stands exactly on the kink, where there is none.
    assume(all(0 not in layer for layer in signs(net, x)[1:]))
    assert net.backprop(x, y) == forward_mode(net, x, y)


@given(seeds, st.sampled_from(RATIONAL))
def test_the_second_derivatives_are_symmetric(seed, combination):
    """backprop itself runs on dual numbers and gives second derivatives: ∂²C/∂v∂w = ∂²C/∂w∂v."""
    case = exact_case(seed, combination)
    net, (x, y) = network(case), example(case, Fraction)
    assume(all(0 not in layer for layer in signs(net, x)[1:]))
    rows = numbers(differentiate(net, lambda v, k: put(
        v, k, Dual(v[k], 1),
        lambda: [dual(g).derivative for g in numbers(net.backprop(x, y))])))
    assert rows == [list(column) for column in zip(*rows)]


# 4. Fifty digits.

@given(seeds, st.sampled_from(COMBINATIONS))
def test_backprop_agrees_to_25_digits(seed, combination):
    """With h = 10⁻⁴⁰ and 120 digits the quotient is off by about 10⁻⁸⁰, by h² as by 10⁻¹²⁰/h.

    So the error is that of backprop's own fifty digits.  The networks are small, their weights
    below 20: what cancels on the way has at most a few digits before the point, and 40 after it
    are right; of a derivative that is itself tiny (saturated neurons) 25 digits are right.
    """
    case = float_case(seed, combination)
    net, (x, y) = network(case, Decimal), example(case, Decimal)
    with digits(50):
        gradient = net.backprop(x, y)
    with digits(120):
        quotients = difference_quotients(net, x, y, Decimal("1e-40"))
        for g, q in zip(numbers(gradient), numbers(quotients)):
            assert abs(g - q) <= max(Decimal("1e-25") * min(abs(q), 1), Decimal("1e-60"))
