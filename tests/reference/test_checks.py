"""No silent wrong result: what is given to a network is a network's, or refused at once by name."""
from __future__ import annotations

import copy
import math
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest

import purenn
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
    checks,
)
from purenn.activations import neuron_by_neuron
from purenn.crosscheck.truth.reference import PRECISIONS


class Array:
    """What NumPy's arrays and scalars have in common, where there is no NumPy."""

    dtype = "float64"

    def __init__(self, *values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, k):
        return self.values[k]

    def tolist(self):
        return list(self.values)

    def __index__(self):
        raise TypeError("only integer scalar arrays can be converted to a scalar index")

    def __add__(self, other):
        return self

    __radd__ = __mul__ = __rmul__ = __truediv__ = __add__


class Label:
    """An integer of another kind, such as ``numpy.int64``."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value

    def tolist(self):
        return self.value


def refused(function, *arguments, **named):
    with pytest.raises(ValueError) as caught:
        function(*arguments, **named)
    sentence = str(caught.value)
    assert "\n" not in sentence and len(sentence) < 300
    return sentence


# ---- one output ---------------------------------------------------------------------------------

XOR = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]


def xor_network(output=Sigmoid, cost=QuadraticCost):
    """By hand: the hidden neurons say OR and AND, the output OR without AND; |z| is at least 5."""
    net = Network([2, 2, 1], cost, Sigmoid, output=output)
    net.weights = [[[20.0, 20.0], [20.0, 20.0]], [[20.0, -20.0]]]
    net.biases = [[-10.0, -30.0], [-10.0]]
    return net


def test_xor_is_counted_by_what_lies_above_the_middle():
    inverted = [(x, 1 - y) for x, y in XOR]
    for data in XOR, [(x, [float(y)]) for x, y in XOR], [(x, Label(y)) for x, y in XOR]:
        assert xor_network().accuracy(data) == 4
    assert xor_network().accuracy(inverted) == 0
    untrained = Network([2, 3, 1], seed=0)
    assert untrained.accuracy(XOR) + untrained.accuracy(inverted) == 4
    signs = [(x, [2.0 * y - 1.0]) for x, y in XOR]  # between −1 and 1 the middle is 0
    assert xor_network(Tanh).accuracy(signs) == 4
    assert xor_network(Tanh).accuracy([(x, [-y[0]]) for x, y in signs]) == 0


def test_a_class_of_a_single_output_is_0_or_1():
    net = Network([2, 1])
    assert (net.target(0), net.target(1), net.target(True)) == ([0], [1], [1])
    assert refused(net.target, 2) == "the class is a whole number from 0 to 1, not 2"
    assert "from 0 to 1, not -1" in refused(net.backprop, [0.0, 0.0], -1)
    assert net.backprop([0.5, 1.0], 1) == net.backprop([0.5, 1.0], [1])
    assert Network([2, 1], LogLikelihoodCost).target(0) == [1]  # softmax's one class


@pytest.mark.parametrize("cost, output", [(QuadraticCost, Identity), (QuadraticCost, ReLU),
                                          (QuadraticCost, Softmax), (LogLikelihoodCost, Softmax)])
def test_where_classes_make_no_sense_accuracy_says_so(cost, output):
    net = Network([2, 1], cost, output=output)
    data = [([0.0, 1.0], [1.0])]
    assert f"a single {output.name} output stands for none" in refused(net.accuracy, data)
    monitors = net.SGD(data, 2, 1, 0.1, evaluation_data=data)
    assert monitors.training_accuracy == monitors.evaluation_accuracy == [None, None]
    assert len(monitors.training_cost) == 2


def test_a_target_in_the_middle_is_of_no_class():
    sentence = refused(Network([2, 1], QuadraticCost, output=Tanh).accuracy, XOR)
    assert sentence == ("the target of example 0 lies in the middle of what a tanh output can be, "
                        "and is of neither class")
    assert "of what a sigmoid output can be" in refused(
        Network([2, 1]).accuracy, [([0.0, 0.0], [0.5])])


# ---- what people pass ---------------------------------------------------------------------------

BAD_NUMBERS = [None, "", "1", b"1", [], [0.5], (), {}, {1.0}, set(), object(), Array(0.5)]
BAD_VECTORS = [None, "ab", b"ab", {0.1, 0.2}, {0: 1.0, 1: 2.0}, iter([0.5, 0.5]), 0.5,
               Array(0.5, 0.5), zip([0.5], [0.5])]


@pytest.mark.parametrize("value", BAD_NUMBERS, ids=checks.kind_of)
def test_what_is_no_number_is_refused_by_name_and_index(value):
    net = Network([2, 3, 2])
    before = copy.deepcopy(net)
    for x, y, name in [([0.5, value], 1, "the input[1]"),
                       ([0.5, 0.5], [value, 1.0], "the target[0]")]:
        kind = checks.kind_of(value)
        for call in (net.backprop, lambda x, y: net.update_mini_batch([(x, y)], 0.5, 0.0, 10),
                     lambda x, y: net.total_cost([(x, y)]),
                     lambda x, y: net.SGD([([0.5, 0.5], 1), (x, y)], 1, 1, 0.5),
                     lambda x, y: net.SGD([([0.5, 0.5], 1)], 1, 1, 0.5, 0.0, [(x, y)])):
            sentence = refused(call, x, y)
            assert f"must be a number, not {kind}" in sentence
            assert name in sentence or "_data[" in sentence
        assert net.weights == before.weights and net.biases == before.biases
    assert "weights[1][0][2]" in refused(
        setattr, net, "weights", [net.weights[0], [[0.1, 0.2, value], [0.1, 0.2, 0.3]]])
    assert "biases[0][1]" in refused(setattr, net, "biases", [[0.1, value, 0.2], [0.1, 0.2]])


@pytest.mark.parametrize("value", BAD_VECTORS, ids=checks.kind_of)
def test_what_is_no_vector_is_refused_by_name(value):
    net = Network([2, 3, 2])
    assert refused(net.feedforward, value).startswith("the input must be a list of 2 numbers, not ")
    assert "the target must be a list of 2 numbers, not " in refused(
        net.backprop, [0.5, 0.5], value)
    assert "training_data[1][0] must be a list of 2 numbers, not " in refused(
        net.SGD, [([0.5, 0.5], 1), (value, 1)], 1, 1, 0.5)


def test_an_array_gets_told_how_to_become_a_list():
    net = Network([2, 3, 2])
    assert refused(net.feedforward, Array(0.5, 0.5)).endswith(": input.tolist() is one")
    assert "training_data[0][0].tolist() is one" in refused(
        net.SGD, [(Array(0.5, 0.5), 1)], 1, 1, 0.5)


def test_numpy():
    numpy = pytest.importorskip("numpy")
    net = Network(numpy.array([2, 3, 2]), seed=numpy.int64(5))
    assert net.sizes == [2, 3, 2] and all(type(size) is int for size in net.sizes)
    assert net.weights == Network([2, 3, 2], seed=5).weights
    assert net.backprop([0.5, 0.5], numpy.int64(1)) == net.backprop([0.5, 0.5], 1)
    for x in (numpy.array([0.5, 0.5]), [numpy.float64(0.5)] * 2, [numpy.float32(0.5), 0.5],
              [0.5, numpy.int8(1)], numpy.array([[0.5], [0.5]]), [numpy.array([0.5])] * 2):
        assert "tolist()" in refused(net.feedforward, x)
    assert "tolist()" in refused(net.backprop, [0.5, 0.5], numpy.array([0.0, 1.0]))
    assert "tolist()" in refused(net.backprop, [0.5, 0.5], numpy.array([1]))
    assert "tolist()" in refused(net.SGD, [([0.5, 0.5], 1)], 1, 1, numpy.float64(0.5))
    assert "tolist()" in refused(setattr, net, "weights",
                                 [numpy.zeros((3, 2)), numpy.zeros((2, 3))])
    assert isinstance(net.SGD([([0.5, 0.5], numpy.uint8(1))], numpy.int64(1), numpy.int32(1), 0.5),
                      purenn.Monitors)


@pytest.mark.parametrize("number", [float, Fraction, Decimal, complex, PRECISIONS["float64"], int,
                                    bool])
def test_every_kind_of_number_passes(number):
    net = Network([2, 1], QuadraticCost, output=Identity)
    net.weights, net.biases = [[[number(1), number(0)]]], [[number(1)]]
    net.backprop([number(1), number(0)], [number(1)])
    net.backprop((number(1), number(0)), (number(1),))  # a tuple is a list that stays as it is


def test_names_of_activations_and_costs():
    net = Network([2, 3, 2], cost="quadratic", hidden="relu", output="softmax")
    assert (net.cost, net.hidden, net.output) == (QuadraticCost, ReLU, Softmax)
    assert Network([2, 2], "log-likelihood").output is Softmax
    own = neuron_by_neuron("half", lambda z: z / 2, lambda z: 0.5)
    assert Network([2, 3, 2], hidden=own).hidden is own
    assert refused(Network, [2, 2], cost="MSE") == (
        "there is no cost 'MSE', only cross-entropy, quadratic, log-likelihood")
    for wrong in "step", None, 3, math.tanh:
        assert "there is no activation" in refused(Network, [2, 2], hidden=wrong)
    assert "softmax is for the output layer" in refused(Network, [2, 3, 2], hidden="softmax")


@pytest.mark.parametrize("seed", [1.5, None, "1", -1, True, Array(1)], ids=checks.kind_of)
def test_seeds_are_whole_numbers(seed):
    assert "the seed is a whole number from 0 on" in refused(Network, [2, 2], seed=seed)


@pytest.mark.parametrize("sizes", [[2, 2.0], [2, True], [2, None], [2, "2"], [[2], [2]], 2, None,
                                   [2], "2"], ids=checks.kind_of)
def test_sizes_that_are_none(sizes):
    assert "a network needs" in (sentence := refused(Network, sizes)) or "the size of" in sentence


@pytest.mark.parametrize("data", [zip([[0.5, 0.5]], [1]), iter([]), {0: 1}, {1}, 3, None, "ab",
                                  [0.5], [([0.5, 0.5], 1, 2)], [None], [([0.5, 0.5],)]],
                         ids=checks.kind_of)
def test_data_that_are_none_are_refused_before_the_first_epoch(data):
    net = Network([2, 3, 2])
    before = copy.deepcopy(net)
    good = [([0.5, 0.5], 1)]
    assert refused(net.SGD, data, 1, 1, 0.5).startswith("training_data")
    assert refused(net.SGD, good, 1, 1, 0.5, 0.0, data).startswith("evaluation_data")
    assert net.weights == before.weights and net.biases == before.biases


@pytest.mark.parametrize("eta, lmbda, sentence", [
    (0.5, -0.1, "lmbda must not be negative, as -0.1 is"),
    (0.5, math.nan, "lmbda must be a finite number, not nan"),
    (math.nan, 0.0, "eta must be a finite number, not nan"),
    (math.inf, 0.0, "eta must be a finite number, not inf"),
    (0.0, 0.0, "eta must be above 0, not 0.0"), (-1.0, 0.0, "eta must be above 0, not -1.0"),
    (Fraction(-1), 0, "eta must be above 0, not Fraction(-1, 1)"),
    (10 ** 999, 1, "eta 100000000000000000...0000000000000000000 times lmbda 1 must be less than "
                   "2, the number of training examples: each step multiplies the weights by "
                   "1 − ηλ/n"),
    ("0.5", 0.0, "eta must be a number, not a str"),
    (None, 0.0, "eta must be a number, not a NoneType"),
    (0.5, 4.0, "eta 0.5 times lmbda 4.0 must be less than 2, the number of training examples: "
               "each step multiplies the weights by 1 − ηλ/n"),
])
def test_steps_that_lead_nowhere(eta, lmbda, sentence):
    net = Network([2, 2])
    before = copy.deepcopy(net)
    data = [([0.5, 0.5], 1), ([0.5, 0.0], 0)]
    assert refused(net.SGD, data, 1, 1, eta, lmbda) == sentence
    assert net.weights == before.weights and net.biases == before.biases
    net.SGD(data, 1, 1, 0.5, 3.99)  # just below


@pytest.mark.parametrize("epochs, size", [(-1, 1), (1.0, 1), (1, 0), (1, 2.0), (None, 1), (1, "1")])
def test_counts_are_whole_numbers(epochs, size):
    assert "whole number" in refused(Network([2, 2]).SGD, [([0.5, 0.5], 1)], epochs, size, 0.5)


def test_log_likelihood_needs_targets_with_sum_1():
    """Where Σ y is not 1, a − y is not the derivative: a Σ y − y is."""
    net = Network([2, 3], LogLikelihoodCost)
    for y in [0.5, 0.0, 0.0], [1, 1, 0], [0.0, 0.0, 0.0], [Fraction(1, 2), Fraction(1, 4), 0]:
        for call in (net.backprop, lambda x, y: net.update_mini_batch([(x, y)], 0.5, 0.0, 1),
                     lambda x, y: net.SGD([(x, y)], 1, 1, 0.5)):
            assert "must have the sum 1 for the log-likelihood cost" in refused(
                call, [0.5, 0.5], y)
        net.total_cost([([0.5, 0.5], y)])  # the cost itself is what it is
    net.backprop([0.5, 0.5], [0.1 + 0.2, 0.3, 0.4])  # 1.0000000000000002: within rounding
    for off in (9e-7, -9e-7):
        net.backprop([0.5, 0.5], [0.5 + off, 0.5, 0.0])
        assert "must have the sum 1" in refused(net.backprop, [0.5, 0.5], [0.5 + 2 * off, 0.5, 0.0])
    Network([2, 3]).backprop([0.5, 0.5], [1, 1, 0])  # the other costs need no sum


def test_a_sum_that_is_not_1_is_refused_before_anything_is_learned():
    """Wherever in the data it stands; evaluation data need none."""
    net, good, bad = Network([2, 2], LogLikelihoodCost), ([0.5, 0.5], 1), ([0.5, 0.5], [1, 1])
    start = net.weights
    assert "training_data[3][1] must have the sum 1" in refused(
        net.SGD, [good, good, good, bad], 1, 1, 0.5)
    assert net.weights is start
    net.SGD([good], 1, 1, 0.5, 0.0, [good, bad])


def test_sentences_stay_short_whatever_was_given():
    assert "the size of a layer" in refused(Network, [10 ** 4000, -2])
    assert "the size of a layer" in refused(Network, [[1] * 100_000, 2])
    assert "the size of a layer" in refused(Network, ["x" * 100_000, 2])
    refused(Network, [2, 2], cost="x" * 100_000)
    refused(Network, [2, 2], seed="x" * 100_000)


# ---- copies and pickles -------------------------------------------------------------------------

COPIES = [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))]


@pytest.mark.parametrize("made", COPIES, ids=["copy", "deepcopy", "pickle"])
@pytest.mark.parametrize("cost", [CrossEntropyCost, QuadraticCost, LogLikelihoodCost])
@pytest.mark.parametrize("hidden", [Sigmoid, Tanh, ReLU, Identity])
def test_copies_are_the_same_and_share_nothing(made, cost, hidden):
    net = Network([2, 3, 2], cost, hidden, seed=4)
    twin = made(net)
    assert (twin.sizes, twin.weights, twin.biases) == (net.sizes, net.weights, net.biases)
    assert twin.cost is net.cost and twin.hidden is net.hidden and twin.output is net.output
    before = copy.deepcopy(net.weights)
    data = [([0.5, 0.1 * k], k % 2) for k in range(10)]
    twin.SGD(data, 1, 3, 0.5, 0.1)
    twin.sizes.append(7)
    assert net.weights == before and net.sizes == [2, 3, 2]
    net.SGD(data, 1, 3, 0.5, 0.1)  # in the same order, by the same random numbers
    assert net.weights == twin.weights


def test_an_activation_of_ones_own_is_copied_as_it_is():
    net = Network([2, 3, 2], hidden=neuron_by_neuron("relu", abs, lambda z: 1))
    assert copy.deepcopy(net).hidden is net.hidden
