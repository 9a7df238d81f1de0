"""purenn.sgd: one step written out, the four monitors by hand, and what an epoch does."""
from __future__ import annotations

import copy
import math
from decimal import Decimal
from fractions import Fraction

import byhand
import pytest
from byhand import exact, flat, in_fifty_digits, largest_difference
from hypothesis import given, settings
from hypothesis import strategies as st

from purenn import (
    CrossEntropyCost,
    Identity,
    LogLikelihoodCost,
    Monitors,
    Network,
    QuadraticCost,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    sgd,
)

EIGHTHS = st.integers(-16, 16).map(lambda k: k / 8)
PAIRS = [(QuadraticCost, Tanh), (CrossEntropyCost, Sigmoid), (LogLikelihoodCost, Softmax)]


def vectors(n):
    return st.lists(EIGHTHS, min_size=n, max_size=n)


def matrices(m, n):
    return st.lists(vectors(n), min_size=m, max_size=m)


WEIGHTS = st.tuples(matrices(3, 2), matrices(2, 3)).map(list)
BIASES = st.tuples(vectors(3), vectors(2)).map(list)
BATCHES = st.lists(st.tuples(vectors(2), st.integers(0, 1)), min_size=1, max_size=4)


def network(weights, biases, cost=QuadraticCost, output=Sigmoid, hidden=Sigmoid):
    net = Network([len(weights[0][0])] + [len(b) for b in biases], cost, hidden, output=output)
    net.weights, net.biases = weights, biases
    return net


# ---- one step -----------------------------------------------------------------------------------

def step_written_out(w, b, gradients, eta, lmbda, n):
    """w − η [mean ∂C/∂w + (λ/n) w] and b − η mean ∂C/∂b, entry by entry."""
    m = len(gradients)
    new_w = [[[w_jk - eta * (sum(g[0][l][j][k] for g in gradients) / m + lmbda / n * w_jk)
               for k, w_jk in enumerate(row)] for j, row in enumerate(W)]
             for l, W in enumerate(w)]
    new_b = [[b_j - eta * sum(g[1][l][j] for g in gradients) / m for j, b_j in enumerate(B)]
             for l, B in enumerate(b)]
    return new_w, new_b


@pytest.mark.parametrize("cost, output", PAIRS, ids=[c.name for c, _ in PAIRS])
@pytest.mark.parametrize("hidden", [Sigmoid, Tanh, ReLU], ids=lambda h: h.name)
@settings(max_examples=15)
@given(WEIGHTS, BIASES, BATCHES, st.integers(1, 24), st.integers(0, 24), st.integers(0, 9))
@in_fifty_digits
def test_one_step_written_out(cost, output, hidden, w, b, batch, eta8, lmbda8, more):
    """Weight decay, a mini-batch of m, and n ≥ m training examples, in fifty digits.

    The cross-entropy's gradient by hand divides by 1 − a ≥ e⁻⁸, 4 digits of 50.
    """
    w, b, batch = exact(w), exact(b), [(exact(x), y) for x, y in batch]
    eta, lmbda, n = Decimal(eta8) / 8, Decimal(lmbda8) / 8, len(batch) + more
    gradients = [byhand.gradient_2_3_2(w, b, x, exact([1 - y, y]), cost.name, output.name,
                                       hidden.name) for x, y in batch]
    expected = step_written_out(w, b, gradients, eta, lmbda, n)
    net = network(copy.deepcopy(w), copy.deepcopy(b), cost, output, hidden)
    net.update_mini_batch(batch, eta, lmbda, n)
    assert largest_difference(net.weights, expected[0]) < Decimal("1e-40")
    assert largest_difference(net.biases, expected[1]) < Decimal("1e-40")


W = [[[0.5, -0.25], [1.0, 0.75], [-0.5, 0.125]], [[1.5, -1.0, 0.5], [-0.75, 0.25, 1.25]]]
B = [[0.25, -0.5, 0.0], [0.125, -0.25]]
BATCH = [([1.0, 0.5], 0), ([-0.5, 2.0], 1)]


@in_fifty_digits
def test_a_step_is_not_what_the_usual_mistakes_make_of_it():
    """The same step with the output weights updated before the hidden errors are taken back, with
    one example after the other, with λ not divided by n, divided by m, or on the biases: all of
    these are far from the right one here, so the test above does tell them apart."""
    w, b, batch = exact(W), exact(B), [(exact(x), y) for x, y in BATCH]
    eta, lmbda, n = Decimal(3), Decimal("0.25"), 5
    net = network(copy.deepcopy(w), copy.deepcopy(b))
    net.update_mini_batch(batch, eta, lmbda, n)

    def gradients(w, b, examples, backward_weights=None):
        return [byhand.gradient_2_3_2(w, b, x, exact([1 - y, y]), "quadratic", "sigmoid",
                                      "sigmoid", backward_weights) for x, y in examples]

    right = step_written_out(w, b, gradients(w, b, batch), eta, lmbda, n)
    assert largest_difference([net.weights, net.biases], right) < Decimal("1e-45")
    early = step_written_out(w, b, gradients(w, b, batch, right[0][1]), eta, lmbda, n)
    after_one = step_written_out(w, b, gradients(w, b, batch[:1]), eta, lmbda, n)
    one_by_one = step_written_out(*after_one, gradients(*after_one, batch[1:]), eta, lmbda, n)
    undivided = step_written_out(w, b, gradients(w, b, batch), eta, lmbda * n, n)
    by_m = step_written_out(w, b, gradients(w, b, batch), eta, lmbda, 2)
    for mistake in (early, one_by_one, undivided, by_m):
        assert largest_difference(mistake, right) > Decimal("0.01")
    on_biases = [[b_j - eta * lmbda / n * b_0 for b_j, b_0 in zip(new, old)]
                 for new, old in zip(right[1], b)]
    assert largest_difference(on_biases, right[1]) > Decimal("0.01")


def test_a_step_by_hand_in_fractions():
    """One weight, w = 1, b = 0, identity, quadratic: C = ½(w x + b − y)², ∂C/∂w = (w x + b − y) x.

    x = 2, y = 1: error 1, gradient 2 (weight) and 1 (bias); x = 1/2, y = 1: error −1/2, gradient
    −1/4 and −1/2.  Means 7/8 and 1/4.  η = 1/2, λ = 3, n = 6: decay factor 1 − 1/4 = 3/4, so
    w = 3/4 − 7/16 = 5/16 and b = −1/8.
    """
    net = network([[[Fraction(1)]]], [[Fraction(0)]], output=Identity)
    batch = [([Fraction(2)], [Fraction(1)]), ([Fraction(1, 2)], [Fraction(1)])]
    net.update_mini_batch(batch, Fraction(1, 2), Fraction(3), 6)
    assert net.weights == [[[Fraction(5, 16)]]]
    assert net.biases == [[Fraction(-1, 8)]]


def test_a_step_changes_the_networks_own_lists_and_nothing_else():
    weights, biases, batch = copy.deepcopy(W), copy.deepcopy(B), copy.deepcopy(BATCH)
    net = network(weights, biases)
    own = net.weights, net.biases
    rows = [row for M in net.weights for row in M] + net.biases
    net.update_mini_batch(batch, 1.0, 0.5, 4)
    assert weights == W and biases == B and batch == BATCH
    assert net.weights is own[0] and net.biases is own[1]
    assert all(a is b for a, b in zip(rows, [row for M in net.weights for row in M] + net.biases))
    assert not set(flat(W)) & set(flat(net.weights)) and not set(flat(B)) & set(flat(net.biases))


def test_rows_that_were_assigned_as_one_list_learn_each_on_its_own():
    """δ is (a − y) for each output: 1/2 and −1/2 (z = 0), so the rows go apart by η · 1/2 · x."""
    net = Network([1, 2])
    net.weights, net.biases = [[[0.0]] * 2], [[0.0, 0.0]]
    net.update_mini_batch([([1.0], [0, 1])], 1.0, 0.0, 1)
    assert net.weights == [[[-0.5], [0.5]]]


def test_a_step_without_decay_agrees_with_backprop():
    """m = 1 and λ = 0: w − η ∂C/∂w.  Both round each entry twice, once after the product with η
    (here 1/2, exact) and once after the sum: the same bits."""
    net = network(copy.deepcopy(W), copy.deepcopy(B))
    x, y = BATCH[0]
    gradient = net.backprop(x, y)
    net.update_mini_batch([(x, y)], 0.5, 0.0, 1)
    assert flat(net.weights) == [w - 0.5 * g for w, g in zip(flat(W), flat(gradient.weights))]
    assert flat(net.biases) == [b - 0.5 * g for b, g in zip(flat(B), flat(gradient.biases))]


def test_a_small_step_lowers_the_cost():
    for cost, output in PAIRS:
        for hidden in (Sigmoid, Tanh, ReLU):
            net = Network([3, 4, 2], cost, hidden, seed=6, output=output)
            data = [([0.5, -1.0, 2.0], 0), ([1.0, 1.0, -0.5], 1), ([0.0, 0.25, 1.0], 1)]
            before = net.total_cost(data, 0.5)
            net.update_mini_batch(data, 0.01, 0.5, 3)
            assert net.total_cost(data, 0.5) < before


# ---- the four monitors --------------------------------------------------------------------------

# W = (ln 3, 0; 0, −ln 3) and no biases: (1, 0) gives a = (3/4, 1/2) and (0, 1) gives (1/2, 1/4).
LN3 = math.log(3)
TRAINING = [([1.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], [0, 1])]
EVALUATION = [([0.0, 1.0], 0), ([0.0, 0.0], [1, 0])]


def monitored(cost=CrossEntropyCost):
    return network([[[LN3, 0.0], [0.0, -LN3]]], [[0.0, 0.0]], cost)


def test_the_four_monitors_by_hand():
    """Cross-entropies: target 0 at a = (3/4, 1/2): −ln 3/4 − ln 1/2 = ln 8/3; target 1 at
    (1/2, 1/4): −ln 1/2 − ln 1/4 = ln 8; target (0, 1) at (3/4, 1/2): −ln 1/4 − ln 1/2 = ln 8.
    Target 0 at (1/2, 1/4): ln 8/3; at (1/2, 1/2): ln 4.  Σw² = 2 ln² 3 and λ = 0.6, and there are
    three training examples, so the decay term is 0.6/(2·3) · 2 ln² 3 in training and evaluation.

    Right in training: only the first, (1/2, 1/4) and (3/4, 1/2) say 0 for targets 1.  Right in
    evaluation: both (of equals the first counts).  η is so small that nothing moves.
    """
    training_cost = (math.log(8 / 3) + 2 * math.log(8)) / 3 + 0.2 * LN3 ** 2
    evaluation_cost = (math.log(8 / 3) + math.log(4)) / 2 + 0.2 * LN3 ** 2
    monitors = monitored().SGD(TRAINING, 2, 2, 5e-324, 0.6, EVALUATION)
    # A dozen roundings of numbers below 8 each.
    assert monitors.training_cost == pytest.approx([training_cost] * 2, abs=12 * 8 * 2.0 ** -53)
    assert monitors.evaluation_cost == pytest.approx([evaluation_cost] * 2,
                                                     abs=12 * 8 * 2.0 ** -53)
    assert monitors.training_accuracy == [1, 1]
    assert monitors.evaluation_accuracy == [2, 2]
    assert monitors == (monitors.training_cost, monitors.training_accuracy,
                        monitors.evaluation_cost, monitors.evaluation_accuracy)


def test_total_cost_and_accuracy_by_hand():
    """As above, and with the quadratic cost: ½(1/16 + 1/4), ½(1/4 + 9/16), ½(9/16 + 1/4)."""
    net = monitored()
    assert net.accuracy(TRAINING) == 1 and net.accuracy(EVALUATION) == 2
    assert net.total_cost(TRAINING) == pytest.approx((math.log(8 / 3) + 2 * math.log(8)) / 3,
                                                     rel=1e-15)
    assert net.total_cost(TRAINING[:1]) == pytest.approx(math.log(8 / 3), rel=1e-15)
    quadratic = monitored(QuadraticCost).total_cost(TRAINING)
    assert quadratic == pytest.approx((5 / 32 + 13 / 32 + 13 / 32) / 3, rel=1e-15)


def test_the_cost_of_a_deep_network_in_fractions():
    """Identity, quadratic: (1/1)·(2·3)=6 against 5: ½; (λ/2n) Σw² over both layers, no biases:
    3/(2·2) · (2² + 3²) = 39/4; two examples, the second exact: mean ¼."""
    net = network([[[Fraction(3)]], [[Fraction(2)]]], [[Fraction(0)], [Fraction(7)]],
                  output=Identity, hidden=Identity)
    data = [([Fraction(1)], [Fraction(12)]), ([Fraction(1)], [Fraction(13)])]
    assert net.total_cost(data, Fraction(3)) == Fraction(1, 4) + Fraction(39, 4)
    assert net.total_cost(data) == Fraction(1, 4) == sgd.evaluate(net, data)[0]
    assert sgd.decay_cost(net, Fraction(3), 2) == Fraction(39, 4)


def test_accuracy_of_vectors_and_ints_is_the_same():
    net = Network([2, 3], seed=3)
    data = [([k / 8 - 1, 1 - k / 4], k % 3) for k in range(12)]
    as_vectors = [(x, [1 if j == y else 0 for j in range(3)]) for x, y in data]
    right = sum(max(range(3), key=net.feedforward(x).__getitem__) == y for x, y in data)
    assert net.accuracy(data) == net.accuracy(as_vectors) == right
    assert 0 < right < 12 and type(net.accuracy(data)) is int
    assert net.total_cost(data, 0.5) == net.total_cost(as_vectors, 0.5)


def test_without_evaluation_data_its_lists_stay_empty():
    monitors = monitored().SGD(TRAINING, 3, 2, 0.1)
    assert monitors.evaluation_cost == [] and monitors.evaluation_accuracy == []
    assert len(monitors.training_cost) == len(monitors.training_accuracy) == 3


def test_no_epochs_measure_nothing():
    net = monitored()
    weights = net.weights
    assert net.SGD(TRAINING, 0, 2, 0.1, 0.0, EVALUATION) == ([], [], [], [])
    assert net.weights is weights


# ---- epochs -------------------------------------------------------------------------------------

DATA = [([k / 8, 1 - k / 8], k % 2) for k in range(11)]


def test_the_monitors_are_taken_after_each_epoch():
    net = Network([2, 3, 2], seed=1)
    taken = []
    monitors = net.SGD(DATA, 4, 3, 0.5, 0.1, DATA[:5], after_epoch=lambda monitors: taken.append(
        (net.total_cost(DATA, 0.1), net.accuracy(DATA),
         net.total_cost(DATA[:5]) + sgd.decay_cost(net, 0.1, len(DATA)), net.accuracy(DATA[:5]))))
    assert isinstance(monitors, Monitors)
    assert [list(column) for column in zip(*taken)] == list(monitors)
    assert len(set(monitors.training_cost)) == 4  # something was learned in each of them


def test_after_epoch_sees_what_was_measured_so_far():
    lengths = []
    monitors = Network([2, 2]).SGD(DATA, 3, 4, 0.5, 0.0, DATA, after_epoch=lambda monitors: (
        lengths.append([len(column) for column in monitors])))
    assert lengths == [[1] * 4, [2] * 4, [3] * 4]
    assert [len(column) for column in monitors] == [3] * 4


@pytest.mark.parametrize("size, done", [(1, list(range(1, 12))), (4, [4, 8, 11]), (5, [5, 10, 11]),
                                        (11, [11]), (100, [11])])
def test_after_mini_batch_is_told_how_many_examples_are_done(size, done):
    told = []
    Network([2, 2]).SGD(DATA, 2, size, 0.5, after_mini_batch=told.append)
    assert told == done * 2


def test_an_epoch_uses_each_example_once_in_an_order_of_its_own(monkeypatch):
    batches = []
    monkeypatch.setattr(sgd, "update_mini_batch",
                        lambda net, batch, eta, lmbda, n: batches.append((batch, eta, lmbda, n)))
    Network([2, 2], seed=1).SGD(DATA, 3, 4, 0.5, 0.25)
    assert [len(batch) for batch, _, _, _ in batches] == [4, 4, 3] * 3
    assert all(rest == (0.5, 0.25, 11) for _, *rest in batches for rest in [tuple(rest)])
    epochs = [[x for batch, _, _, _ in batches[k:k + 3] for x in batch] for k in (0, 3, 6)]
    for epoch in epochs:
        assert sorted(epoch) == sorted(DATA)
        assert epoch != DATA
    assert epochs[0] != epochs[1] != epochs[2]


def test_the_training_data_keep_their_order():
    for data in (list(DATA), tuple(DATA)):
        before = copy.deepcopy(data)
        Network([2, 3, 2]).SGD(data, 3, 2, 0.5, 0.1, data)
        assert data == before


def test_the_same_seed_learns_the_same():
    def learned(seed):
        net = Network([2, 3, 2], seed=seed)
        monitors = net.SGD(DATA, 3, 2, 0.5, 0.1, DATA[:3])
        return net.weights, net.biases, monitors
    assert learned(4) == learned(4)
    assert learned(4) != learned(5)


def test_an_epoch_decays_nothing_unless_it_is_told_to():
    one, other = Network([2, 3, 2], seed=2), Network([2, 3, 2], seed=2)
    sgd.train_epoch(one, DATA, 3, 0.5)
    sgd.train_epoch(other, DATA, 3, 0.5, 0)
    assert one.weights == other.weights


def test_hooks_do_not_change_what_is_learned():
    plain, hooked = Network([2, 3, 2], seed=2), Network([2, 3, 2], seed=2)
    plain.SGD(DATA, 2, 3, 0.5)
    hooked.SGD(DATA, 2, 3, 0.5, 0.0, DATA, lambda done: None, lambda monitors: None)
    assert plain.weights == hooked.weights and plain.biases == hooked.biases


def test_a_network_learns_exclusive_or():
    """What no single layer can do, so the hidden layer's errors must be right."""
    data = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]
    for cost in (CrossEntropyCost, LogLikelihoodCost):
        net = Network([2, 4, 2], cost, Tanh, seed=0)
        net.SGD(data, 300, 4, 1.0)
        assert net.accuracy(data) == 4


# ---- what is refused, in which words ------------------------------------------------------------

@pytest.mark.parametrize("function, sentence", [
    (lambda net: net.update_mini_batch([], 1.0, 0.0, 1), "a mini-batch needs at least one example"),
    (lambda net: net.SGD([], 1, 1, 1.0), "there are no training examples"),
    (lambda net: net.total_cost([]), "there are no examples to evaluate"),
    (lambda net: net.accuracy([]), "there are no examples to evaluate"),
    (lambda net: net.SGD(DATA, 1, 0, 1.0),
     "the size of a mini-batch is a positive whole number, not 0"),
    (lambda net: net.SGD(DATA, 1, -2, 1.0),
     "the size of a mini-batch is a positive whole number, not -2"),
])
def test_what_is_refused(function, sentence):
    net = Network([2, 2])
    weights = net.weights
    with pytest.raises(ValueError) as caught:
        function(net)
    assert str(caught.value) == sentence
    assert net.weights is weights
