"""Stochastic gradient descent: learn from a few examples at a time, again and again.

The cost of n training examples is the mean of theirs plus (λ/2n) Σ w², which keeps weights small
(L2 regularization; the sum runs over all weights, not the biases).  Its derivative with respect to
a weight is the mean of what backpropagation gives plus (λ/n) w, and a step against it is

    w ← w − η [mean ∂C_x/∂w + (λ/n) w]  =  (1 − ηλ/n) w − (η/m) Σ_x ∂C_x/∂w
    b ← b                               −                (η/m) Σ_x ∂C_x/∂b

where the mean over all n examples is estimated from the m of a mini-batch.  The factor 1 − ηλ/n is
called weight decay.

For one example ∂C_x/∂W is the outer product δ aᵀ (BP4), so a step never forms a gradient: it
adds each −(η/m) δ aᵀ straight onto the weights.  All δ come from the weights before the step.

What is measured after an epoch is such a cost for the training data and another for the evaluation
data, both with the n of the training data: they are to be compared, and what they share, the
network's Σ w², is to count the same in both.  (Nielsen's network2.py takes for n the size of the
set that is measured.  The smaller evaluation set then has more of the decay term, which looks like
overfitting where there is none.)

Source: M. Nielsen, Neural Networks and Deep Learning, ch. 1 (SGD) and 3 (regularization).
"""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence

from purenn.checks import check_classes, check_data, check_step, whole_number
from purenn.linalg import Number, Target, Vector, add, add_outer, scale, total
from purenn.network import Network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Example = tuple[Vector, Target]


class Monitors(namedtuple("Monitors", "training_cost training_accuracy "
                                       "evaluation_cost evaluation_accuracy")):
    """What SGD measured after each epoch: a cost, or how many examples were classified right."""


def update_mini_batch(net: Network, mini_batch: Sequence[Example], eta: Number, lmbda: Number,
                      n: int) -> None:
    """Take one step of gradient descent, with n the size of the whole training set.

    The network's own lists change, in place.  eta and lmbda are of the network's kind of number:
    ints would become floats when divided.  Raises ValueError if the mini-batch is empty.
    """
    if not mini_batch:
        raise ValueError("a mini-batch needs at least one example")
    xs, ys = zip(*mini_batch)
    passes = net.forward_all(xs)
    errors = [net.errors(layers, y) for layers, y in zip(passes, ys)]
    decay = 1 - eta * lmbda / n
    for l, (W, b) in enumerate(zip(net.weights, net.biases)):
        steps = [scale(-eta / len(mini_batch), deltas[l]) for deltas in errors]
        below = [layers[l].sparse for layers in passes]
        add_outer(W, decay, list(zip(steps, below)))                                   # (BP4)
        for step in steps:
            b[:] = add(b, step)                                                        # (BP3)


def train_epoch(net: Network, training_data: Sequence[Example], mini_batch_size: int, eta: Number,
                lmbda: Number = 0, after_mini_batch: Callable[[int], None] = lambda done: None
                ) -> None:
    """Use every training example once, in shuffled order: one step for each mini-batch.

    The order comes from net.rng, so a network made with the same seed learns the same.  The data
    are not changed.  after_mini_batch is told how many examples of the epoch are done.

    Raises ValueError if there are no training data or the mini-batch size is not positive.
    """
    n = len(training_data)
    if n == 0:
        raise ValueError("there are no training examples")
    mini_batch_size = whole_number("the size of a mini-batch", mini_batch_size, 1)
    shuffled = list(training_data)
    net.rng.shuffle(shuffled)
    for k in range(0, n, mini_batch_size):
        mini_batch = shuffled[k:k + mini_batch_size]
        update_mini_batch(net, mini_batch, eta, lmbda, n)
        after_mini_batch(k + len(mini_batch))


def SGD(net: Network, training_data: Sequence[Example], epochs: int, mini_batch_size: int,
        eta: Number, lmbda: Number = 0, evaluation_data: Sequence[Example] = (),
        after_mini_batch: Callable[[int], None] = lambda done: None,
        after_epoch: Callable[[Monitors], None] = lambda monitors: None) -> Monitors:
    """Train for some epochs, and measure after each of them how well the network does.

    Costs include the weight decay term, with n the number of training examples.  Without evaluation
    data the two evaluation lists stay empty.  after_epoch is told what was measured so far.  For
    the rest see ``train_epoch``.
    """
    check_data("training_data", training_data, net, to_learn=True)
    check_data("evaluation_data", evaluation_data, net)
    check_step(eta, lmbda, len(training_data))
    monitors = Monitors([], [], [], [])
    for _ in range(whole_number("epochs", epochs, 0)):
        train_epoch(net, training_data, mini_batch_size, eta, lmbda, after_mini_batch)
        cost, correct = evaluate(net, training_data, lmbda, len(training_data))
        monitors.training_cost.append(cost)
        monitors.training_accuracy.append(correct)
        if len(evaluation_data):
            cost, correct = evaluate(net, evaluation_data, lmbda, len(training_data))
            monitors.evaluation_cost.append(cost)
            monitors.evaluation_accuracy.append(correct)
        after_epoch(monitors)
    return monitors


def evaluate(net: Network, data: Sequence[Example], lmbda: Number = 0, n: int | None = None
             ) -> tuple[Number, Any]:
    """The mean cost of the examples plus (λ/2n) Σ w², and how many of them are classified right:
    None if the outputs stand for no classes.

    n is the number of these examples unless another is given.  Raises ValueError if there are none.
    """
    if len(data) == 0:
        raise ValueError("there are no examples to evaluate")
    costs = []
    correct = 0
    for x, y in data:
        layers = net.forward(x)
        costs.append(net.example_cost(layers, y))
        if net.has_classes:
            correct += net.class_of(layers[-1].a) == net.class_of(net.target(y))
    cost = total(costs) / len(data) + decay_cost(net, lmbda, n or len(data))
    return cost, correct if net.has_classes else None


def total_cost(net: Network, data: Sequence[Example], lmbda: Number = 0) -> Number:
    """The mean cost of the examples plus (λ/2n) Σ w², n being the number of these examples."""
    return evaluate(net, data, lmbda)[0]


def accuracy(net: Network, data: Sequence[Example]) -> int:
    """How many of the examples the network classifies right; see ``Network.class_of``.

    Raises ValueError if its outputs or the targets do not stand for classes.
    """
    check_classes(data, net)
    return evaluate(net, data)[1]


def decay_cost(net: Network, lmbda: Number, n: int) -> Number:
    """(λ/2n) Σ w², the part of the cost that weight decay comes from."""
    squares = [total([total([w * w for w in row]) for row in W]) for W in net.weights]
    return lmbda * total(squares) / (2 * n)
