"""What bench.py measures purenn against: a step of SGD and a forward pass as they are usually done.

Each program is made from a network's weights and biases and offers the same three functions (see
``Program``).  All compute the same step: cross-entropy cost, sigmoid neurons, L2 weight decay.

* *textbook*: pure Python, as most people write it: list comprehensions over whole rows and a
  gradient matrix for each example.
* *NumPy, per example*: M. Nielsen's network2.py, the program most often copied.
* *NumPy, whole mini-batch*: one matrix product for all examples of a mini-batch, the fastest way.
"""
from __future__ import annotations

import gzip
import math
import pickle
from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

Examples = Sequence[Tuple[list, list]]


class Program(NamedTuple):
    """A program under measurement, with a network of its own."""

    #: examples -> these examples in the form in which the program wants its training data
    prepare: Callable[[Examples], Any]
    #: prepared mini-batch -> None, after one step of gradient descent
    step: Callable[[Any], None]
    #: prepared mini-batch -> None, after a forward pass for each of its examples
    forward: Callable[[Any], None]
    #: the biases of the last layer, which show whether all programs did the same
    biases: Callable[[], List[float]]


def textbook(weights, biases, eta: float, lmbda: float, n: int) -> Program:
    """Pure Python, dense."""
    def layer(W, b, a):
        return [sigmoid(sum([w * a_k for w, a_k in zip(row, a)]) + b_j) for row, b_j in zip(W, b)]

    def outer(u, v):
        return [[u_j * v_k for v_k in v] for u_j in u]

    def backprop(x, y):
        activations = [x]
        for W, b in zip(weights, biases):
            activations.append(layer(W, b, activations[-1]))
        delta = [a - t for a, t in zip(activations[-1], y)]
        nabla_b, nabla_w = [delta], [outer(delta, activations[-2])]
        for l in range(2, len(activations)):
            a = activations[-l]
            delta = [sum([w * d for w, d in zip(column, delta)]) * a_k * (1 - a_k)
                     for column, a_k in zip(zip(*weights[-l + 1]), a)]
            nabla_b.insert(0, delta)
            nabla_w.insert(0, outer(delta, activations[-l - 1]))
        return nabla_w, nabla_b

    def step(mini_batch):
        nonlocal weights, biases
        sum_w = [[[0.0 for w in row] for row in W] for W in weights]
        sum_b = [[0.0 for b_j in b] for b in biases]
        for x, y in mini_batch:
            nabla_w, nabla_b = backprop(x, y)
            sum_w = [[[s + g for s, g in zip(s_row, g_row)] for s_row, g_row in zip(S, G)]
                     for S, G in zip(sum_w, nabla_w)]
            sum_b = [[s + g for s, g in zip(s_row, g_row)] for s_row, g_row in zip(sum_b, nabla_b)]
        decay, rate = 1 - eta * lmbda / n, eta / len(mini_batch)
        weights = [[[decay * w - rate * s for w, s in zip(row, s_row)]
                    for row, s_row in zip(W, S)] for W, S in zip(weights, sum_w)]
        biases = [[b_j - rate * s for b_j, s in zip(b, s_row)] for b, s_row in zip(biases, sum_b)]

    def forward(mini_batch):
        for a, _ in mini_batch:
            for W, b in zip(weights, biases):
                a = layer(W, b, a)

    return Program(lambda examples: [(list(x), list(y)) for x, y in examples], step, forward,
                   lambda: biases[-1])


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
                   step, forward, lambda: biases[-1].ravel().tolist())


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
                   lambda mini_batch: layers(mini_batch[0]), lambda: biases[-1].tolist())


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
