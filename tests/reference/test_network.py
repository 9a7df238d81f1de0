"""purenn.network: backpropagation against formulas written out, differences, published figures."""
from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from math import sqrt

import byhand
import pytest
from byhand import exact, flat, in_fifty_digits, largest_difference
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from purenn import (
    CrossEntropyCost,
    Identity,
    LogLikelihoodCost,
    Network,
    QuadraticCost,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    activations,
)
from purenn.floats import gaussians

HIDDEN = [Sigmoid, Tanh, ReLU, Identity]
PAIRS = [(cost, output) for cost in (QuadraticCost, CrossEntropyCost, LogLikelihoodCost)
         for output in cost.outputs]
COMBINATIONS = [(cost, output, hidden) for cost, output in PAIRS for hidden in HIDDEN]


def names(combination):
    return "-".join(part.name for part in combination)


# Multiples of 1/16 up to 2: sums and products of a few of them are exact, as floats too.
SIXTEENTHS = st.integers(-32, 32).map(lambda k: k / 16)


def vectors(n):
    return st.lists(SIXTEENTHS, min_size=n, max_size=n)


@st.composite
def problems(draw, sizes, cost):
    """Weights, biases, input and target for a network of these sizes."""
    weights = [[draw(vectors(n)) for _ in range(m)] for n, m in zip(sizes, sizes[1:])]
    biases = [draw(vectors(m)) for m in sizes[1:]]
    return weights, biases, draw(vectors(sizes[0])), draw(targets(sizes[-1], cost))


def targets(n, cost):
    """Any numbers for the quadratic cost; from 0 to 1, or a distribution, for the others."""
    if cost is QuadraticCost:
        return vectors(n)
    if cost is CrossEntropyCost:
        return st.lists(st.integers(0, 16).map(lambda k: k / 16), min_size=n, max_size=n)
    cuts = st.lists(st.integers(0, 16), min_size=n - 1, max_size=n - 1).map(sorted)
    return cuts.map(lambda c: [(b - a) / 16 for a, b in zip([0] + c, c + [16])])


def network(weights, biases, cost, hidden, output):
    net = Network([len(weights[0][0])] + [len(b) for b in biases], cost, hidden, output=output)
    net.weights, net.biases = weights, biases
    return net


# ---- formulas written out -----------------------------------------------------------------------

def compare(formula, sizes, cost, output, hidden, data):
    """backprop of decimals against the formula to forty digits, and of floats against decimals.

    The float bound: |z¹| ≤ 10, so its 5 roundings err by 50 u at most (u = 2⁻⁵³); |z²| ≤ 62, and
    it inherits 3 · 2 · 50 u and errs by 7 · 62 u: below 800 u.  An output error moves by at most 4
    times that (its slope in z, with |y| ≤ 2, is at most 4); a hidden one is two of them times a
    weight, 4 · 3200 u, plus its own roundings and those of the slope, 256 · 50 u; times an input
    of 2 that is below 60,000 u < 1e-11.
    """
    w, b, x, y = data.draw(problems(sizes, cost))
    exact_net = network(exact(w), exact(b), cost, hidden, output)
    if output is ReLU:  # at the kink the last rounding decides which side is taken
        assume(all(abs(z) > Decimal("1e-9") for z in exact_net.forward(exact(x))[-1].z))
    expected = formula(exact(w), exact(b), exact(x), exact(y))
    actual = exact_net.backprop(exact(x), exact(y))
    # z² ≤ 62: the formula divides by a and 1 − a ≥ e⁻⁶², which takes 27 digits and gives them
    # back but for the 50 − 27 that are left; the logarithmic costs have no simpler one.
    tolerance = Decimal("1e-40") if cost is QuadraticCost else Decimal("1e-20")
    assert largest_difference(actual.weights, expected[0]) < tolerance
    assert largest_difference(actual.biases, expected[1]) < tolerance
    floats = network(w, b, cost, hidden, output).backprop(x, y)
    assert largest_difference(floats.weights, actual.weights) < Decimal("1e-11")
    assert largest_difference(floats.biases, actual.biases) < Decimal("1e-11")


@pytest.mark.parametrize("cost, output", PAIRS, ids=map(names, PAIRS))
@settings(max_examples=10)
@given(data=st.data())
@in_fifty_digits
def test_1_1(cost, output, data):
    compare(lambda w, b, x, y: byhand.gradient_1_1(w, b, x, y, cost.name, output.name),
            [1, 1], cost, output, Sigmoid, data)


@pytest.mark.parametrize("cost, output", PAIRS, ids=map(names, PAIRS))
@settings(max_examples=6)
@given(data=st.data())
@in_fifty_digits
def test_2_1(cost, output, data):
    compare(lambda w, b, x, y: byhand.gradient_2_1(w, b, x, y, cost.name, output.name),
            [2, 1], cost, output, Sigmoid, data)


@pytest.mark.parametrize("cost, output, hidden", COMBINATIONS, ids=map(names, COMBINATIONS))
@settings(max_examples=6)
@given(data=st.data())
@in_fifty_digits
def test_2_2_1(cost, output, hidden, data):
    compare(lambda w, b, x, y: byhand.gradient_2_2_1(w, b, x, y, cost.name, output.name,
                                                     hidden.name),
            [2, 2, 1], cost, output, hidden, data)


@pytest.mark.parametrize("cost, output, hidden", COMBINATIONS, ids=map(names, COMBINATIONS))
@settings(max_examples=6)
@given(data=st.data())
@in_fifty_digits
def test_2_3_2(cost, output, hidden, data):
    compare(lambda w, b, x, y: byhand.gradient_2_3_2(w, b, x, y, cost.name, output.name,
                                                     hidden.name),
            [2, 3, 2], cost, output, hidden, data)


def test_a_linear_network_by_hand_in_fractions():
    """C = ½(u v x − y)² with u = 2, v = 3, x = 1/5, y = 1: u v x = 6/5, the error is 1/5."""
    x, y = [Fraction(1, 5)], [Fraction(1)]
    net = network([[[Fraction(3)]], [[Fraction(2)]]], [[Fraction(0)], [Fraction(0)]],
                  QuadraticCost, Identity, Identity)
    gradient = net.backprop(x, y)
    assert gradient.weights == [[[Fraction(1, 5) * 2 * Fraction(1, 5)]],
                                [[Fraction(1, 5) * Fraction(3, 5)]]]
    assert gradient.biases == [[Fraction(2, 5)], [Fraction(1, 5)]]
    assert net.example_cost(net.forward(x), y) == Fraction(1, 50)


def test_a_network_of_one_layer_by_hand():
    """All weights zero: a = (1/2, 1/2), so δ = a − y = (1/2, −1/2), and ∂C/∂W = δ xᵀ."""
    net = network([[[0.0] * 3, [0.0] * 3]], [[0.0, 0.0]], CrossEntropyCost, Sigmoid, Sigmoid)
    gradient = net.backprop([1.0, 0.0, -4.0], 1)
    assert gradient.weights == [[[0.5, 0, -2.0], [-0.5, 0, 2.0]]]
    assert gradient.biases == [[0.5, -0.5]]


# ---- central differences ------------------------------------------------------------------------

@st.composite
def random_networks(draw):
    """Up to five layers of up to four neurons, with weights up to 1."""
    cost, output = draw(st.sampled_from(PAIRS))
    hidden = draw(st.sampled_from(HIDDEN))
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    w, b, x, y = draw(problems(sizes, cost))
    halves = [[[w_jk / 2 for w_jk in row] for row in W] for W in w]
    return network(exact(halves), exact(b), cost, hidden, output), exact(x), exact(y)


@settings(max_examples=40)
@given(random_networks())
@in_fifty_digits
def test_central_differences(problem):
    """∂C/∂w = [C(w + h) − C(w − h)]/2h, with h = 1e-16, for every weight and every bias.

    Truncation: h² |C‴|/6.  A path through four layers multiplies by at most 4 · 1 each, so C and
    its derivatives stay below 1e9 and the term below 1e-23.  Rounding: costs of at most 1e4 carry
    50 digits, so 1e4 · 10⁻⁵⁰ · 10 roundings /h < 1e-28.  Together below 1e-22.
    """
    net, x, y = problem
    if ReLU in (net.hidden, net.output):  # no kink within reach of a step
        zs = flat([layer.z for layer in net.forward(x)])
        assume(all(abs(z) > Decimal("1e-9") for z in zs))
    assert_central_differences(net, x, y)


@pytest.mark.parametrize("cost, output, hidden", COMBINATIONS, ids=map(names, COMBINATIONS))
@in_fifty_digits
def test_central_differences_of_square_matrices(cost, output, hidden):
    """Where a matrix can be taken for its transpose without anything going out of step."""
    drawn = Network([2, 2, 2], QuadraticCost, seed=8)
    net = network(exact(drawn.weights), exact(drawn.biases), cost, hidden, output)
    assert_central_differences(net, exact([0.75, -1.25]), exact([0, 1]))


def assert_central_differences(net, x, y):
    h = Decimal("1e-16")
    gradient = net.backprop(x, y)
    pairs = [(row, nabla) for W, N in zip(net.weights, gradient.weights)
             for row, nabla in zip(W, N)] + list(zip(net.biases, gradient.biases))
    for numbers, nabla in pairs:
        for k, number in enumerate(numbers):
            numbers[k] = number + h
            above = net.example_cost(net.forward(x), y)
            numbers[k] = number - h
            below = net.example_cost(net.forward(x), y)
            numbers[k] = number
            assert abs((above - below) / (2 * h) - nabla[k]) < Decimal("1e-22")


@given(st.integers(0, 999), st.lists(st.integers(1, 6), min_size=2, max_size=5),
       st.sampled_from([Sigmoid, Tanh]), st.sampled_from(PAIRS[:2] + PAIRS[3:]))
def test_central_differences_of_floats(seed, sizes, hidden, pair):
    """The check that people run on their own programs, with freshly drawn networks.

    Truncation h² |C‴|/6 and rounding 2⁻⁵² |C|/h: at h = 1e-5, with |C| and |C‴| below 1000 for
    weights drawn by the default initializer, 2e-8 and 2e-8; the bound is 1e-6, relative to the
    cost or to 1.
    """
    cost, output = pair
    net = Network(sizes, cost, hidden, seed, output)
    draw = random.Random(seed)
    x = [draw.gauss(0, 1) for _ in range(sizes[0])]
    y = draw.randrange(sizes[-1])
    gradient = net.backprop(x, y)
    h = 1e-5
    for W, N in zip(net.weights, gradient.weights):
        j, k = draw.randrange(len(W)), draw.randrange(len(W[0]))
        w = W[j][k]
        costs = []
        for W[j][k] in (w + h, w - h):
            costs.append(net.example_cost(net.forward(x), y))
        W[j][k] = w
        assert abs((costs[0] - costs[1]) / (2 * h) - N[j][k]) < 1e-6 * max(1, costs[0])


# ---- published figures --------------------------------------------------------------------------

def prints(number, figure):
    """Whether the number, rounded to as many decimals as the figure has, is the figure."""
    decimals = len(figure.partition(".")[2])
    return f"{number:.{decimals}f}" == figure


def assert_prints(numbers, figures):
    for number, figure in zip(flat(numbers), figures.split()):
        assert prints(number, figure), f"{number!r} is not printed {figure}"
    assert len(flat(numbers)) == len(figures.split())


def mazur():
    return network([[[.15, .20], [.25, .30]], [[.40, .45], [.50, .55]]], [[.35, .35], [.60, .60]],
                   QuadraticCost, Sigmoid, Sigmoid)


def test_mazurs_step_by_step_example():
    """M. Mazur, A Step by Step Backpropagation Example, 17 March 2015,
    https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/: every figure of its
    forward pass and of its one step of learning with η = 1/2, to the last digit.  (The figures it
    prints for the errors after that step are another matter, see the next test.)
    """
    net, x, y = mazur(), [.05, .10], [.01, .99]
    layers = net.forward(x)
    assert_prints(layers[1].z[0], "0.3775")
    assert_prints(layers[1].a, "0.593269992 0.596884378")
    assert_prints(layers[2].z[0], "1.105905967")
    assert_prints(layers[2].a, "0.75136507 0.772928465")
    errors = [(a - target) ** 2 / 2 for a, target in zip(layers[2].a, y)]
    assert_prints(errors, "0.274811083 0.023560026")
    assert_prints(net.example_cost(layers, y), "0.298371109")
    deltas = net.errors(layers, y)
    assert_prints(deltas[1], "0.138498562 -0.038098237")
    gradient = net.backprop(x, y)
    assert_prints(gradient.weights[1][0][0], "0.082167041")
    assert_prints(gradient.weights[0][0][0], "0.000438568")
    net.update_mini_batch([(x, y)], 0.5, 0, 1)
    assert_prints(net.weights[1], "0.35891648 0.408666186 0.511301270 0.561370121")
    assert_prints(net.weights[0], "0.149780716 0.19956143 0.24975114 0.29950229")


def test_what_mazurs_example_prints_after_its_step():
    """After the step it prints the error 0.291027924; after 10,000 steps outputs of 0.015912196 and
    0.984065734 (and an error, 0.0000351085, with one digit too many).  None of these follows from
    its own first step, whose every figure is right.  They are what comes out if the hidden layer's
    errors are taken back through the output weights as they are after their update: a mistake
    that is easy to make and hard to see, because it learns just as well.

    The article keeps the biases as they are, so here they are put back after each step.  Programs
    that others have written after it find what this one finds: an error of 0.291027774, and after
    10,000 steps outputs of 0.01591362044355068 and 0.9840642735146238.
    """
    net, x, y = mazur(), [.05, .10], [.01, .99]
    biases = mazur().biases
    for step in range(10_000):
        net.update_mini_batch([(x, y)], 0.5, 0, 1)
        net.biases = biases
        if step == 0:
            assert_prints(net.total_cost([(x, y)]), "0.291027774")
    assert_prints(net.feedforward(x), "0.015913620443551 0.984064273514624")

    (v, u), (b, c) = mazur().weights, biases
    sigmoid = activations.sigmoid
    for step in range(10_001):
        h = [sigmoid(v[j][0] * x[0] + v[j][1] * x[1] + b[j]) for j in (0, 1)]
        a = [sigmoid(u[j][0] * h[0] + u[j][1] * h[1] + c[j]) for j in (0, 1)]
        if step == 1:
            assert_prints((a[0] - y[0]) ** 2 / 2 + (a[1] - y[1]) ** 2 / 2, "0.291027924")
        d = [(a[j] - y[j]) * a[j] * (1 - a[j]) for j in (0, 1)]
        u = [[u[j][k] - d[j] * h[k] / 2 for k in (0, 1)] for j in (0, 1)]  # too early
        e = [(d[0] * u[0][k] + d[1] * u[1][k]) * h[k] * (1 - h[k]) for k in (0, 1)]
        v = [[v[j][k] - e[j] * x[k] / 2 for k in (0, 1)] for j in (0, 1)]
    assert_prints(a, "0.015912196 0.984065734")


def test_the_textbook_example_of_han_kamber_and_pei():
    """J. Han, M. Kamber, J. Pei, Data Mining: Concepts and Techniques, 3rd ed. (2012), section
    9.2.3, example 9.1: three inputs, two hidden neurons, one output, all sigmoid, η = 0.9.

    The book's Err is −δ.  Its Err of the output, 0.1311, comes from an output that was rounded to
    0.474 first; with all digits it is 0.1312.  All its other figures are right.
    """
    net = network([[[.2, .4, -.5], [-.3, .1, .2]], [[-.3, -.2]]], [[-.4, .2], [.1]],
                  QuadraticCost, Sigmoid, Sigmoid)
    x, y = [1, 0, 1], [1]
    layers = net.forward(x)
    assert_prints([layers[1].z, layers[2].z], "-0.7 0.1 -0.105")
    assert_prints([layers[1].a, layers[2].a], "0.332 0.525 0.474")
    deltas = net.errors(layers, y)
    assert_prints([-delta for delta in deltas[0]], "-0.0087 -0.0065")
    assert_prints(-deltas[1][0], "0.1312")
    net.update_mini_batch([(x, y)], 0.9, 0, 1)
    assert_prints(net.weights[1], "-0.261 -0.138")
    assert_prints(net.weights[0], "0.192 0.4 -0.508 -0.306 0.1 0.194")
    assert_prints(net.biases, "-0.408 0.194 0.218")


def test_a_relu_and_softmax_example_with_twelve_digits():
    """G. E. O. J., cs231n Two-Layer Backprop Mathematics Example,
    https://github.com/g-eoj/cs231n/blob/master/two-layer-backprop-math.ipynb: ReLU, softmax and
    the log-likelihood, worked out with twelve decimals and checked there against NumPy, whose
    seventeen digits of the loss it prints as well.  One of the two hidden neurons is off.
    """
    net = network([[[.18, .1], [.04, .22]], [[.19, -.02], [-.1, -.01], [.1, .04]]],
                  [[0, 0], [0, 0, 0]], LogLikelihoodCost, ReLU, Softmax)
    x, y = [16.0, -6.0], 2
    layers = net.forward(x)
    assert_prints(layers[1].z, "2.28 -0.68")
    assert layers[1].a == [pytest.approx(2.28, rel=1e-15), 0]
    assert_prints(layers[2].z, "0.4332 -0.2280 0.2280")
    assert_prints(net.example_cost(layers, y), "1.051375468504")
    assert abs(net.example_cost(layers, y) - 1.0513754685043635) < 1e-15  # NumPy's, 5 ulp
    gradient = net.backprop(x, y)
    assert_prints(gradient.biases[1], "0.429052723714 0.221490524653 -0.650543248367")
    assert_prints([row[0] for row in gradient.weights[1]],
                  "0.978240210069 0.504998396208 -1.483238606277")
    assert [row[1] for row in gradient.weights[1]] == [0, 0, 0]
    assert gradient.biases[0][1] == 0 and gradient.weights[0][1] == [0, 0]
    assert_prints(gradient.biases[0][0], "-0.005683359796")
    assert_prints(gradient.biases[0][0], "-0.00568336")
    assert_prints(gradient.weights[0][0], "-0.09093376 0.03410016")


@pytest.mark.parametrize("start, before, after", [
    ((0.6, 0.9), "0.82", "0.09"), ((2.0, 2.0), "0.98", "0.20")])
def test_nielsens_neuron_that_learns_slowly(start, before, after):
    """M. Nielsen, Neural Networks and Deep Learning, ch. 3, "The cross-entropy cost function",
    http://neuralnetworksanddeeplearning.com/chap3.html: a neuron is to turn 1 into 0; quadratic
    cost, η = 0.15, 300 epochs."""
    net = network([[[start[0]]]], [[start[1]]], QuadraticCost, Sigmoid, Sigmoid)
    assert_prints(net.feedforward([1]), before)
    net.SGD([([1], [0])], 300, 1, 0.15)
    assert_prints(net.feedforward([1]), after)


# ---- the network itself -------------------------------------------------------------------------

@given(random_networks())
@in_fifty_digits
def test_the_forward_pass_written_out(problem):
    net, x, _ = problem
    a = x
    layers = net.forward(x)
    assert layers[0].a == x and layers[0].z == []
    for l, (W, b) in enumerate(zip(net.weights, net.biases)):
        z = [sum(W[j][k] * a[k] for k in range(len(a))) + b[j] for j in range(len(b))]
        last = l == len(net.weights) - 1
        a = byhand.output((net.output if last else net.hidden).name, z)
        assert largest_difference(layers[l + 1].z, z) < Decimal("1e-44")
        assert largest_difference(layers[l + 1].a, a) < Decimal("1e-44")
    for layer in layers:
        assert layer.nonzero == [k for k, a_k in enumerate(layer.a) if a_k != 0]
    assert net.feedforward(x) == layers[-1].a
    assert len(layers) == len(net.sizes)


@given(random_networks())
@in_fifty_digits
def test_backprop_has_the_shapes_of_the_network_and_changes_nothing(problem):
    net, x, y = problem
    before = repr((net.weights, net.biases, x, y))
    gradient = net.backprop(x, y)
    assert repr((net.weights, net.biases, x, y)) == before
    assert [[len(row) for row in W] for W in gradient.weights] == [
        [n] * m for n, m in zip(net.sizes, net.sizes[1:])]
    assert [len(b) for b in gradient.biases] == net.sizes[1:]
    assert gradient == (gradient.weights, gradient.biases)  # named, and in this order
    assert net.errors(net.forward(x), y) == gradient.biases


@pytest.mark.parametrize("j", range(4))
def test_an_int_stands_for_its_one_hot_vector(j):
    for cost, output in PAIRS:
        net = Network([3, 4], cost, output=output, seed=j)
        x, vector = [0.5, -1.0, 0.0], [1 if k == j else 0 for k in range(4)]
        assert net.target(j) == vector
        assert net.backprop(x, j) == net.backprop(x, vector)
        layers = net.forward(x)
        assert net.example_cost(layers, j) == net.example_cost(layers, vector)
        assert net.errors(layers, j) == net.errors(layers, vector)


def test_a_target_may_be_a_tuple_and_an_input_too():
    net = Network([2, 2])
    assert net.backprop((0.5, 1.0), (0, 1)) == net.backprop([0.5, 1.0], 1)


def test_zero_inputs_cost_nothing_and_change_nothing():
    """The gradient at a zero input is 0 in the column of that input, and the same elsewhere."""
    net = Network([3, 2, 2], seed=4)
    gradient = net.backprop([0.0, 0.5, 0], 0)
    assert [row[0] for row in gradient.weights[0]] == [0, 0]
    assert [row[2] for row in gradient.weights[0]] == [0, 0]
    small = Network([1, 2, 2])
    small.weights = [[[row[1]] for row in net.weights[0]], net.weights[1]]
    small.biases = net.biases
    assert small.backprop([0.5], 0).biases == gradient.biases


def test_defaults():
    net = Network([4, 3, 2])
    assert net.sizes == [4, 3, 2]
    assert net.cost is CrossEntropyCost and net.hidden is Sigmoid and net.output is Sigmoid
    assert Network([2, 2], LogLikelihoodCost).output is Softmax
    assert Network([2, 2], QuadraticCost).output is Sigmoid


def test_sizes_are_copied():
    sizes = (4, 3, 2)
    assert Network(sizes).sizes == [4, 3, 2]
    sizes = [4, 3, 2]
    net = Network(sizes)
    sizes.append(1)
    assert net.sizes == [4, 3, 2]


# ---- initializers -------------------------------------------------------------------------------

def assert_gaussian(numbers, deviation):
    """Mean, variance and share within one deviation, each within six standard errors.

    For N draws these are σ/√N, σ²√(2/N) and √(0.683 · 0.317/N); the seeds are fixed, and a right
    initializer would miss six standard errors once in 500 million seeds.
    """
    N = len(numbers)
    mean = sum(numbers) / N
    variance = sum((x - mean) ** 2 for x in numbers) / N
    within = sum(abs(x) < deviation for x in numbers) / N
    assert abs(mean) < 6 * deviation / N ** 0.5
    assert abs(variance - deviation ** 2) < 6 * deviation ** 2 * (2 / N) ** 0.5
    assert abs(within - 0.6827) < 6 * (0.6827 * 0.3173 / N) ** 0.5


SIZES = [25, 400, 16]  # deviations 1/5 and 1/20, so that n_in can't be taken for n_out


def test_the_default_initializer():
    net = Network(SIZES, seed=1)
    assert_gaussian(flat(net.weights[0]), 1 / 5)
    assert_gaussian(flat(net.weights[1]), 1 / 20)
    assert_gaussian(flat(net.biases), 1)
    net.large_weight_initializer()
    net.default_weight_initializer()
    assert_gaussian(flat(net.weights[0]), 1 / 5)


def test_the_large_initializer():
    net = Network(SIZES, seed=2)
    net.large_weight_initializer()
    for W in net.weights:
        assert_gaussian(flat(W), 1)
    assert_gaussian(flat(net.biases), 1)


def test_hes_initializer_is_the_one_for_relu():
    net = Network(SIZES, hidden=ReLU, seed=3)
    assert_gaussian(flat(net.weights[0]), 2 ** 0.5 / 5)
    assert_gaussian(flat(net.weights[1]), 2 ** 0.5 / 20)
    assert flat(net.biases) == [0] * 416
    other = Network(SIZES, seed=3)
    other.he_weight_initializer()
    assert other.weights != net.weights or other.rng is not net.rng
    assert_gaussian(flat(other.weights[0]), 2 ** 0.5 / 5)
    assert flat(other.biases) == [0] * 416


@pytest.mark.parametrize("initializer", ["default_weight_initializer", "large_weight_initializer",
                                         "he_weight_initializer"])
def test_drawing_again_gives_other_numbers_of_the_same_shape(initializer):
    net = Network([3, 4, 2], seed=5)
    getattr(net, initializer)()
    first = net.weights
    getattr(net, initializer)()
    assert not set(flat(first)) & set(flat(net.weights))
    assert [[len(row) for row in W] for W in net.weights] == [[3] * 4, [4] * 2]
    assert [len(b) for b in net.biases] == [4, 2]


@pytest.mark.parametrize("hidden", [Sigmoid, ReLU])
def test_the_seed_decides(hidden):
    def numbers(seed):
        net = Network([3, 4, 2], hidden=hidden, seed=seed)
        return net.weights, net.biases
    assert numbers(7) == numbers(7)
    assert not set(flat(numbers(7)[0])) & set(flat(numbers(8)[0]))
    assert numbers(0)[0] == Network([3, 4, 2], hidden=hidden).weights


def test_no_two_weights_are_drawn_alike():
    assert len(set(flat(Network([9, 9, 9], seed=1).weights))) == 162


def test_the_module_level_generator_is_not_touched():
    random.seed(1)
    before = random.getstate()
    net = Network([2, 3, 2], seed=9)
    net.large_weight_initializer()
    net.SGD([([0.0, 1.0], 1), ([1.0, 0.0], 0)], 2, 1, 1.0)
    assert random.getstate() == before


def test_seeded_numbers_are_the_same_on_every_machine():
    """Biases layer by layer, then the weights row by row, each the next normal number."""
    net = Network([2, 2, 1], seed=0)
    numbers = gaussians(random.Random(0))
    assert flat(net.biases) == [next(numbers) for _ in range(3)]
    assert flat(net.weights) == [1 / sqrt(2) * next(numbers) for _ in range(6)]
    assert net.biases[0][0].hex() == "0x1.3d8adece8dc16p-1"


# ---- what is refused, in which words ------------------------------------------------------------

def refused(function, *args, **kwargs):
    with pytest.raises(ValueError) as caught:
        function(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize("sizes, sentence", [
    ([], "a network needs an input and an output layer, not just []"),
    ([5], "a network needs an input and an output layer, not just [5]"),
    ([3, 0, 2], "the size of a layer is a positive whole number, not 0"),
    ([3, -1], "the size of a layer is a positive whole number, not -1"),
    ([2.0, 1], "the size of a layer is a positive whole number, not 2.0"),
    (["3", 1], "the size of a layer is a positive whole number, not '3'"),
])
def test_sizes_that_are_none(sizes, sentence):
    assert refused(Network, sizes) == sentence


@pytest.mark.parametrize("cost, output, sentence", [
    (CrossEntropyCost, Softmax, "the cross-entropy cost goes with sigmoid output, not softmax"),
    (CrossEntropyCost, Tanh, "the cross-entropy cost goes with sigmoid output, not tanh"),
    (LogLikelihoodCost, Sigmoid, "the log-likelihood cost goes with softmax output, not sigmoid"),
])
def test_outputs_that_do_not_go_with_the_cost(cost, output, sentence):
    assert refused(Network, [2, 2], cost, output=output) == sentence


def test_softmax_is_no_activation_of_hidden_neurons():
    sentence = "softmax is for the output layer: hidden neurons work each on its own"
    assert refused(Network, [2, 3, 2], LogLikelihoodCost, Softmax) == sentence
    assert refused(Network, [2, 3, 2], QuadraticCost, Softmax, output=Softmax) == sentence


@pytest.mark.parametrize("weights, sentence", [
    ([], "weights must be a list of 2 matrices, not 0"),
    (None, "weights must be a list of 2 matrices, not a NoneType"),
    ([[[1, 2]] * 3], "weights must be a list of 2 matrices, not 1"),
    ([[[1, 2]] * 2, [[1, 2, 3]]], "weights[0] must be a list of 3 rows, not 2"),
    ([[[1, 2]] * 3, [[1, 2, 3]] * 2], "weights[1] must be a list of 1 row, not 2"),
    ([[[1, 2], [1, 2], [1]], [[1, 2, 3]]], "weights[0][2] must be a list of 2 numbers, not 1"),
    ([[[1, 2], [1, 2], 7], [[1, 2, 3]]], "weights[0][2] must be a list of 2 numbers, not an int"),
    ([[[1, 2]] * 3, [[1, 2]]], "weights[1][0] must be a list of 3 numbers, not 2"),
])
def test_weights_of_another_shape(weights, sentence):
    net = Network([2, 3, 1])
    before = net.weights
    assert refused(setattr, net, "weights", weights) == sentence
    assert net.weights is before


@pytest.mark.parametrize("biases, sentence", [
    ([[0, 0, 0]], "biases must be a list of 2 vectors, not 1"),
    ([[0, 0], [0]], "biases[0] must be a list of 3 numbers, not 2"),
    ([[0, 0, 0], 0], "biases[1] must be a list of 1 number, not an int"),
])
def test_biases_of_another_shape(biases, sentence):
    net = Network([2, 3, 1])
    before = net.biases
    assert refused(setattr, net, "biases", biases) == sentence
    assert net.biases is before


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0, 3.0]])
def test_an_input_of_another_length(x):
    net = Network([2, 3])
    sentence = f"the input must be a list of 2 numbers, not {len(x)}"
    assert refused(net.feedforward, x) == sentence
    assert refused(net.backprop, x, 0) == sentence
    assert refused(net.accuracy, [(x, 0)]) == sentence


@pytest.mark.parametrize("y, sentence", [
    (3, "the class 3 is not one of 0 to 2"),
    (-1, "the class -1 is not one of 0 to 2"),
    ([1, 0], "the target must be a list of 3 numbers, not 2"),
    ([0, 0, 0, 1], "the target must be a list of 3 numbers, not 4"),
])
def test_a_target_that_does_not_fit(y, sentence):
    net = Network([2, 3])
    x = [1.0, 2.0]
    assert refused(net.backprop, x, y) == sentence
    assert refused(net.update_mini_batch, [(x, y)], 1.0, 0.0, 1) == sentence
    assert refused(net.total_cost, [(x, y)]) == sentence
    assert refused(net.accuracy, [(x, y)]) == sentence
