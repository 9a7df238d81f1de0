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
from typing import Callable

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from number_types import Dual, dual

from purenn.activations import Identity, ReLU, Softmax, softmax
from purenn.costs import LogLikelihoodCost, QuadraticCost
from purenn.linalg import Number, Target, Vector
from purenn.network import Gradient, Network
from purenn.sgd import total_cost, update_mini_batch
from purenn.store.networks import load, save

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))

from proof import Errors, bounded, compare, entries, main
from random_networks import COMBINATIONS, Case, examples, network, random_case

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


def signs(net: Network, x: Vector) -> list[list[int]]:
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


def quotient(f: Callable[[], Number], where: Callable[[], list],
             h: Number) -> Callable[[Vector, int], Number]:
    """The central difference quotient of f for v[k], as a function of v and k.

    The example is discarded if where(), the sides of their kinks that neurons are on, changes.
    """
    here = where()

    def derivative(v: Vector, k: int) -> Number:
        up, down = v[k] + h, v[k] - h
        assume(put(v, k, up, where) == here == put(v, k, down, where))
        return (put(v, k, up, f) - put(v, k, down, f)) / (2 * h)
    return derivative


def difference_quotients(net: Network, x: Vector, y: Target, h: Number) -> Gradient:
    """The gradient by central difference quotients of the cost."""
    return differentiate(net, quotient(lambda: cost(net, x, y), lambda: signs(net, x), h))


def complex_steps(net: Network, x: Vector, y: Target, h: float) -> Gradient:
    """Im C(w + ih)/h, which is ∂C/∂w + O(h²) with nothing subtracted."""
    return differentiate(
        net, lambda v, k: put(v, k, complex(v[k], h), lambda: cost(net, x, y)).imag / h)


def forward_mode(net: Network, x: Vector, y: Target) -> Gradient:
    """∂C/∂w from one forward pass with dual numbers for each weight."""
    return differentiate(
        net, lambda v, k: dual(put(v, k, Dual(v[k], 1), lambda: cost(net, x, y))).derivative)


# 1. Exact: on fractions nothing is rounded, and nothing but equality will do.

@given(seeds, st.sampled_from(RATIONAL))
def test_backprop_equals_the_difference_quotient(seed, combination):
    """The cost is a quadratic in each single weight: its central difference quotient is exact."""
    case = exact_case(seed, combination)
    net, (x, y) = network(case), examples(case, Fraction)[0]
    # No kink lies within 10⁻⁹ but by the rare accident of a weighted input of exactly 0.
    assert net.backprop(x, y) == difference_quotients(net, x, y, Fraction(1, 10 ** 9))


@given(seeds, st.sampled_from(RATIONAL))
def test_a_step_is_the_update_written_out(seed, combination):
    """w − η (mean ∂C/∂w + (λ/n) w) and b − η mean ∂C/∂b, derivatives by difference quotient."""
    case = exact_case(seed, combination)
    net, batch = network(case), examples(case, Fraction)
    eta, lmbda, n = Fraction(3, 7), Fraction(5, 11), 13
    gradients = [difference_quotients(net, x, y, Fraction(1, 10 ** 9)) for x, y in batch]
    update_mini_batch(net, batch, eta, lmbda, n)
    for l, W in enumerate(case.weights):
        for j, row in enumerate(W):
            for k, w in enumerate(row):
                mean = sum(g.weights[l][j][k] for g in gradients) / Fraction(len(batch))
                assert net.weights[l][j][k] == w - eta * (mean + lmbda / n * w)
            mean = sum(g.biases[l][j] for g in gradients) / Fraction(len(batch))
            assert net.biases[l][j] == case.biases[l][j] - eta * mean


@given(seeds, st.sampled_from(RATIONAL))
def test_a_step_descends_the_cost_of_the_data_set(seed, combination):
    """With the whole data set in one mini-batch, the step is −η ∇(total_cost), decay included."""
    case = exact_case(seed, combination)
    net, data = network(case), examples(case, Fraction)
    lmbda = Fraction(5, 11)
    slope = differentiate(net, quotient(lambda: total_cost(net, data, lmbda),
                                        lambda: [signs(net, x) for x, _ in data],
                                        Fraction(1, 10 ** 9)))
    before = entries(Gradient(net.weights, net.biases))
    update_mini_batch(net, data, Fraction(1), lmbda, len(data))
    after = entries(Gradient(net.weights, net.biases))
    assert [b - a for b, a in zip(before, after)] == entries(slope)


# 2. The complex step.

@settings(max_examples=30)
@given(seeds, st.sampled_from(COMBINATIONS))
def test_backprop_agrees_with_the_complex_step(seed, combination):
    """Im C(w + ih)/h is rounded as dual numbers are, whose rounding-error bound is known.

    Each rule of complex arithmetic, with an imaginary part too small to change the real one, has
    the roundings of the rule for dual numbers.  The one exception is the argument of log1p, by
    atan2, which C libraries get right to 1 ulp where a quotient is right to half: so twice the
    bound.  Imaginary parts below 2⁻¹⁰⁷⁴ are lost, derivatives below 10⁻¹²³ with h = 10⁻²⁰⁰; what
    a few hundred of them can grow to on their way through the network is below 10⁻¹⁰⁰.
    """
    case = random_case(random.Random(seed), combination, most_neurons=3)
    net, (x, y) = network(case), examples(case)[0]
    for g, g_error, step, step_error in zip(
            entries(net.backprop(x, y)), bounds(truth_by_backprop(case)),
            entries(complex_steps(net, x, y, 1e-200)), bounds(truth_by_forward_mode(case))):
        assert abs(Decimal(g) - Decimal(step)) <= g_error + 2 * step_error + Decimal("1e-100")


def truth_by_backprop(case: Case) -> Gradient:
    """The gradient to fifty digits, with bounds on the rounding errors of floats."""
    x, y = examples(case, bounded)[0]
    layers = network(case, bounded).forward(x)
    # A ReLU input that is 0 but for rounding has no derivative, and there is nothing to bound.
    assume(ReLU not in (case.hidden, case.output)
           or all(abs(z.value) > z.error for layer in layers for z in layer.z))
    return network(case, bounded).backprop(x, y)


def truth_by_forward_mode(case: Case) -> Gradient:
    return forward_mode(network(case, bounded), *examples(case, bounded)[0])


def bounds(gradient: Gradient) -> list[Decimal]:
    return [bounded(g).error for g in entries(gradient)]


# 3. Dual numbers: derivatives carried forward.

@given(seeds, st.sampled_from(RATIONAL))
def test_backprop_equals_forward_mode(seed, combination):
    case = exact_case(seed, combination)
    net, (x, y) = network(case), examples(case, Fraction)[0]
    # A dual number that is 0 with a derivative stands exactly on the kink, where there is none.
    assume(all(0 not in layer for layer in signs(net, x)[1:]))
    assert net.backprop(x, y) == forward_mode(net, x, y)


@given(seeds, st.sampled_from(RATIONAL))
def test_the_second_derivatives_are_symmetric(seed, combination):
    """backprop itself runs on dual numbers and gives second derivatives: ∂²C/∂v∂w = ∂²C/∂w∂v."""
    case = exact_case(seed, combination)
    net, (x, y) = network(case), examples(case, Fraction)[0]
    assume(all(0 not in layer for layer in signs(net, x)[1:]))
    rows = entries(differentiate(net, lambda v, k: put(
        v, k, Dual(v[k], 1),
        lambda: [dual(g).derivative for g in entries(net.backprop(x, y))])))
    assert rows == [list(column) for column in zip(*rows)]


@settings(max_examples=30)
@given(seeds, st.sampled_from(COMBINATIONS))
def test_backprop_agrees_with_forward_mode(seed, combination):
    """Two ways to the same derivative, in floats: no further apart than their bounds together."""
    case = random_case(random.Random(seed), combination, most_neurons=3)
    net, (x, y) = network(case), examples(case)[0]
    for g, g_error, forward, forward_error in zip(
            entries(net.backprop(x, y)), bounds(truth_by_backprop(case)),
            entries(forward_mode(net, x, y)), bounds(truth_by_forward_mode(case))):
        assert abs(Decimal(g) - Decimal(forward)) <= g_error + forward_error


# 4. Fifty digits.

@given(seeds, st.sampled_from(COMBINATIONS))
def test_fifty_digits_agree_with_the_difference_quotient(seed, combination):
    """With h = 10⁻⁴⁰ and 120 digits the quotient itself is off by some 10⁻⁸⁰ (h², 10⁻¹²⁰/h)."""
    case = random_case(random.Random(seed), combination, most_neurons=3)
    with digits(120):
        quotients = difference_quotients(network(case, Decimal), *examples(case, Decimal)[0],
                                         Decimal("1e-40"))
    check_fifty_digits(case, quotients)


@given(seeds, st.sampled_from(COMBINATIONS))
def test_fifty_digits_agree_with_forward_mode(seed, combination):
    case = random_case(random.Random(seed), combination, most_neurons=3)
    with digits(120):
        derivatives = forward_mode(network(case, Decimal), *examples(case, Decimal)[0])
    check_fifty_digits(case, derivatives)


def check_fifty_digits(case: Case, expected: Gradient) -> None:
    """Compare backprop to fifty digits with what is known to 60 and more.

    The error is that of a program with unit roundoff 5·10⁻⁵⁰ instead of float's 2⁻⁵³, so float's
    error bound times 5·10⁻⁵⁰/2⁻⁵³ = 4.5·10⁻³⁴; doubled, for what is not linear in the roundoff.
    Where a float is known to be exact and its bound is 0, the decimal of fifty digits may not be:
    a float just read, below 20 and with more digits than that, or the difference of two.
    """
    with digits(50):
        gradient = network(case, Decimal).backprop(*examples(case, Decimal)[0])
    for g, known, bound in zip(entries(gradient), entries(expected),
                               bounds(truth_by_backprop(case))):
        tolerance = Decimal("9e-34") * bound + Decimal("1e-47")
        assert abs(g - known) <= tolerance < Decimal("1e-25")


# 5. Floats against the truth.

@given(seeds, st.sampled_from(COMBINATIONS))
def test_floats_lie_within_their_bounds(seed, combination):
    """Weighted inputs, activations, cost, gradient, a step: none is off by more than its bound."""
    for what, pairs in compare(float_case(seed, combination)).items():
        errors = Errors()
        for computed, truth in pairs:
            errors.add(computed, truth)
        assert errors.of_bound <= 1, what


def test_a_float_outside_its_bound_is_noticed():
    third = Decimal(1) / 3
    bound = (bounded(1) / bounded(3)).error
    for off, inside in ((Decimal("0.99"), True), (Decimal("1.01"), False)):
        errors = Errors()
        errors.add(third + off * bound, bounded(1) / bounded(3))
        assert (errors.of_bound <= 1) is inside
    errors.add(1 + 2 ** -52, bounded(1))  # an exact number has a bound of 0
    assert errors.of_bound == Decimal("Infinity")
    assert abs(errors.quantile(1) - 1) < Decimal("1e-20")


def test_the_command_that_measures_the_errors(capsys):
    assert main(["--networks", "28", "--seed", "5"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "28 random networks, seed 5: floats against fifty digits"
    assert [line.rsplit(maxsplit=5)[0] for line in printed[5:10]] == [
        "weighted inputs z", "activations a", "cost, decay included", "gradient",
        "network after a step"]
    for line in printed[5:10]:
        half, most, worst, share = map(float, line.split()[-4:])
        assert half <= most <= worst and 0 < share <= 1


# 7. Structure.

HIDDEN_AND_OUTPUT = st.sampled_from(RATIONAL)


@given(seeds, HIDDEN_AND_OUTPUT)
def test_permuting_hidden_neurons_permutes_the_gradient(seed, combination):
    case = exact_case(seed, combination)
    net, (x, y) = network(case), examples(case, Fraction)[0]
    rng = random.Random(seed)
    orders = [list(range(size)) for size in case.sizes]
    for order in orders[1:-1]:
        rng.shuffle(order)

    def permuted(gradient: Gradient) -> Gradient:
        return Gradient([[[W[j][k] for k in below] for j in order] for W, below, order
                         in zip(gradient.weights, orders, orders[1:])],
                        [[b[j] for j in order] for b, order in zip(gradient.biases, orders[1:])])

    other = network(case)
    other.weights, other.biases = permuted(Gradient(net.weights, net.biases))
    assert other.feedforward(x) == net.feedforward(x)
    assert other.backprop(x, y) == permuted(net.backprop(x, y))


@given(st.lists(st.integers(-80, 80) | st.integers(-80000, 80000), min_size=1, max_size=6),
       st.integers(-80000, 80000))
def test_a_constant_added_to_all_softmax_inputs_changes_nothing(eighths, shift):
    """Not a single bit: of eighths this small, floats add and subtract without rounding."""
    z = [k / 8 for k in eighths]
    shifted = [z_j + shift / 8 for z_j in z]
    y = [1] + [0] * (len(z) - 1)
    assert softmax(shifted) == softmax(z)
    assert Softmax.backward(y, shifted) == Softmax.backward(y, z)
    assert LogLikelihoodCost.fn(shifted, [], y) == LogLikelihoodCost.fn(z, [], y)


@given(seeds, HIDDEN_AND_OUTPUT)
def test_the_gradient_of_a_mini_batch_is_the_mean_of_its_examples(seed, combination):
    case = exact_case(seed, combination)
    net, data = network(case), examples(case, Fraction)
    gradients = [entries(net.backprop(x, y)) for x, y in data]
    before = entries(Gradient(net.weights, net.biases))
    update_mini_batch(net, data, Fraction(1), 0, len(data))
    after = entries(Gradient(net.weights, net.biases))
    assert [b - a for b, a in zip(before, after)] == [
        sum(column) / Fraction(len(data)) for column in zip(*gradients)]


@given(seeds, HIDDEN_AND_OUTPUT)
def test_weight_decay_can_be_split_out(seed, combination):
    """A step with decay is one without, and then what decay takes from the weights before it."""
    case = exact_case(seed, combination)
    data = examples(case, Fraction)
    eta, lmbda, n = Fraction(3, 7), Fraction(5, 11), 13
    plain, decayed = network(case), network(case)
    update_mini_batch(plain, data, eta, 0, n)
    update_mini_batch(decayed, data, eta, lmbda, n)
    assert decayed.biases == plain.biases
    assert decayed.weights == [
        [[w - eta * lmbda / n * before for w, before in zip(row, row_before)]
         for row, row_before in zip(W, W_before)]
        for W, W_before in zip(plain.weights, case.weights)]


@given(seeds, st.sampled_from(COMBINATIONS))
def test_a_zero_input_leaves_its_weights_gradient_zero(seed, combination):
    case = float_case(seed, combination)
    for x, y in examples(case):
        first = network(case).backprop(x, y).weights[0]
        for k, x_k in enumerate(x):
            if x_k == 0:
                assert all(row[k] == 0 for row in first)


@given(seeds, st.sampled_from(COMBINATIONS))
def test_a_saved_and_loaded_network_is_the_same_to_the_last_bit(tmp_path_factory, seed,
                                                                combination):
    case = float_case(seed, combination)
    path = str(tmp_path_factory.mktemp("networks") / "net.json")
    save(network(case), path)
    net, loaded = network(case), load(path)
    for x, _ in examples(case):
        assert repr(loaded.feedforward(x)) == repr(net.feedforward(x))
