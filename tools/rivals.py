"""What bench.py measures purenn against: a step of SGD and a forward pass as they are usually done.

Each program is made from a network's weights and biases and offers the same three functions (see
``Program``).  All compute the same step: cross-entropy cost, sigmoid neurons, L2 weight decay.

* *NumPy, per example*: M. Nielsen's network2.py, the program most often copied.
* *textbook*: the same in pure Python, as most people write it: list comprehensions over whole rows,
  and gradient matrices for each example, which are added up.
* *NumPy, whole mini-batch*: one matrix product for all examples of a mini-batch, the fastest way.
"""
from __future__ import annotations

import gzip
import math
import pickle
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

Examples = Sequence[tuple[list, list]]


class Program(NamedTuple):
    """A program under measurement, with a network of its own."""

    #: examples -> these examples in the form in which the program wants its training data
    prepare: Callable[[Examples], Any]
    #: prepared mini-batch -> None, after one step of gradient descent
    step: Callable[[Any], None]
    #: prepared mini-batch -> None, after a forward pass for each of its examples
    forward: Callable[[Any], None]
    #: all its weights, row by row, and its biases: they show whether all programs did the same
    numbers: Callable[[], list[float]]


def flat(weights: Any, biases: Any) -> list[float]:
    """The numbers of a network, layer by layer."""
    return [w for W, b in zip(weights, biases) for row in [*W, b] for w in row]


def textbook(weights, biases, eta: float, lmbda: float, n: int) -> Program:
    """network2.py with each NumPy operation written as the list comprehension that does it."""
    def dot(u, v):
        return sum(u_k * v_k for u_k, v_k in zip(u, v))

    def outer(u, v):
        return [[u_j * v_k for v_k in v] for u_j in u]

    def add(A, B):
        return [[a + b for a, b in zip(row_a, row_b)] for row_a, row_b in zip(A, B)]

    def zeros():
        return ([[[0.0 for _ in row] for row in W] for W in weights],
                [[0.0 for _ in b] for b in biases])

    def layer(W, b, a):
        return [sigmoid(dot(row, a) + b_j) for row, b_j in zip(W, b)]

    def backprop(x, y):
        nabla_w, nabla_b = zeros()
        activations = [x]
        for W, b in zip(weights, biases):
            activations.append(layer(W, b, activations[-1]))
        delta = [a - t for a, t in zip(activations[-1], y)]
        nabla_b[-1], nabla_w[-1] = delta, outer(delta, activations[-2])
        for l in range(2, len(activations)):
            delta = [dot(column, delta) * a * (1 - a)
                     for column, a in zip(zip(*weights[-l + 1]), activations[-l])]
            nabla_b[-l], nabla_w[-l] = delta, outer(delta, activations[-l - 1])
        return nabla_w, nabla_b

    def step(mini_batch):
        nonlocal weights, biases
        sum_w, sum_b = zeros()
        for x, y in mini_batch:
            nabla_w, nabla_b = backprop(x, y)
            sum_w = [add(S, G) for S, G in zip(sum_w, nabla_w)]
            sum_b = add(sum_b, nabla_b)
        decay, rate = 1 - eta * lmbda / n, eta / len(mini_batch)
        weights = [[[decay * w - rate * s for w, s in zip(row, s_row)]
                    for row, s_row in zip(W, S)] for W, S in zip(weights, sum_w)]
        biases = [[b_j - rate * s for b_j, s in zip(b, s_row)] for b, s_row in zip(biases, sum_b)]

    def forward(mini_batch):
        for a, _ in mini_batch:
            for W, b in zip(weights, biases):
                a = layer(W, b, a)

    return Program(lambda examples: [(list(x), list(y)) for x, y in examples], step, forward,
                   lambda: flat(weights, biases))


def sigmoid(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


def numpy_per_example(weights, biases, eta: float, lmbda: float, n: int) -> Program:
    """Nielsen's: vectors are columns, and backprop is called once for each example."""
    import numpy as np
    weights, biases = [np.array(W) for W in weights], [np.array([b]).T for b in biases]

    def sigma(z):
        return 1.0 / (1.0 + np.exp(-z))

    def backprop(x, y):
        nabla_w, nabla_b = [np.zeros(W.shape) for W in weights], [np.zeros(b.shape) for b in biases]
        activation, activations, zs = x, [x], []
        for W, b in zip(weights, biases):
            zs.append(np.dot(W, activation) + b)
            activation = sigma(zs[-1])
            activations.append(activation)
        delta = activation - y
        nabla_b[-1], nabla_w[-1] = delta, np.dot(delta, activations[-2].transpose())
        for l in range(2, len(activations)):
            s = sigma(zs[-l])
            delta = np.dot(weights[-l + 1].transpose(), delta) * (s * (1 - s))
            nabla_b[-l], nabla_w[-l] = delta, np.dot(delta, activations[-l - 1].transpose())
        return nabla_w, nabla_b

    def step(mini_batch):
        nonlocal weights, biases
        sum_w, sum_b = [np.zeros(W.shape) for W in weights], [np.zeros(b.shape) for b in biases]
        for x, y in mini_batch:
            nabla_w, nabla_b = backprop(x, y)
            sum_w = [s + g for s, g in zip(sum_w, nabla_w)]
            sum_b = [s + g for s, g in zip(sum_b, nabla_b)]
        weights = [(1 - eta * (lmbda / n)) * W - (eta / len(mini_batch)) * s
                   for W, s in zip(weights, sum_w)]
        biases = [b - (eta / len(mini_batch)) * s for b, s in zip(biases, sum_b)]

    def forward(mini_batch):
        for a, _ in mini_batch:
            for W, b in zip(weights, biases):
                a = sigma(np.dot(W, a) + b)

    return Program(lambda examples: [(np.array([x]).T, np.array([y]).T) for x, y in examples],
                   step, forward, lambda: flat([W.tolist() for W in weights],
                                               [b.ravel().tolist() for b in biases]))


def numpy_mini_batch(weights, biases, eta: float, lmbda: float, n: int) -> Program:
    """All examples of a mini-batch at once: a matrix with a row for each."""
    import numpy as np
    weights, biases = [np.array(W) for W in weights], [np.array(b) for b in biases]

    def layers(X):
        activations = [X]
        for W, b in zip(weights, biases):
            activations.append(1.0 / (1.0 + np.exp(-(activations[-1] @ W.T + b))))
        return activations

    def step(mini_batch):
        X, Y = mini_batch
        activations = layers(X)
        deltas = [activations[-1] - Y]
        for W, A in zip(reversed(weights[1:]), reversed(activations[1:-1])):
            deltas.insert(0, (deltas[0] @ W) * A * (1 - A))
        for W, b, delta, A in zip(weights, biases, deltas, activations):
            W *= 1 - eta * lmbda / n
            W -= (eta / len(X)) * (delta.T @ A)
            b -= (eta / len(X)) * delta.sum(axis=0)

    return Program(lambda examples: tuple(np.array(part) for part in zip(*examples)), step,
                   lambda mini_batch: layers(mini_batch[0]),
                   lambda: flat([W.tolist() for W in weights], [b.tolist() for b in biases]))


def numpy_load_data_wrapper(path: str) -> tuple:
    """Nielsen's loader of mnist.pkl.gz: lists of pairs, each image a column of its own."""
    import numpy as np

    def vectorized_result(j):
        e = np.zeros((10, 1))
        e[j] = 1.0
        return e

    with gzip.open(path, "rb") as file:
        training, validation, test = pickle.load(file, encoding="latin1")
    return (list(zip([np.reshape(x, (784, 1)) for x in training[0]],
                     [vectorized_result(y) for y in training[1]])),
            list(zip([np.reshape(x, (784, 1)) for x in validation[0]], validation[1])),
            list(zip([np.reshape(x, (784, 1)) for x in test[0]], test[1])))
