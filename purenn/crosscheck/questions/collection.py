"""The built-in questions.

All numbers have few bits, so that float32 has them exactly, too, and so that the first layer's
weighted inputs are exact: a program that is wrong cannot blame the rounding.
"""
from __future__ import annotations

import random
from typing import Any

from purenn.crosscheck.questions.cases import Case
from purenn.linalg import Vector

KINDS = (("sigmoid", "quadratic"), ("softmax", "quadratic"), ("sigmoid", "cross-entropy"),
         ("softmax", "log-likelihood"))
HIDDEN_KINDS = ("sigmoid", "relu", "tanh")


def built_in() -> list[Case]:
    """The built-in cases, the simplest first.  They are the same in every process."""
    return _by_hand() + _every_combination() + _saturated() + _relu_at_zero() + _odd_ones()


def _drawn(name: str, sizes: list[int], hidden: str, output: str, cost: str, m: int = 1,
           eta: float = 0.5, lmbda: float = 0.0, n: int = 100, soft: bool = False) -> Case:
    """A case with numbers drawn by a generator that is seeded with the case's name."""
    rng = random.Random(name)

    def sixteenths(most: int) -> float:  # random() alone gives the same on all versions of Python
        return (int(rng.random() * (2 * most + 1)) - most) / 16

    def target() -> Vector:
        if output == "softmax":
            drawn = [int(rng.random() * sizes[-1]) for _ in range(16 if soft else 1)]
            return [drawn.count(j) / len(drawn) for j in range(sizes[-1])]
        return [int(rng.random() * 17) / 16 if soft else float(rng.random() < 0.5)
                for _ in range(sizes[-1])]

    weights = [[[sixteenths(24 if k < 6 else 8) for _ in range(k)] for _ in range(j)]
               for k, j in zip(sizes, sizes[1:])]
    biases = [[sixteenths(12) for _ in range(j)] for j in sizes[1:]]
    batch = [([0.0 if rng.random() < 0.2 else sixteenths(16) for _ in range(sizes[0])], target())
             for _ in range(m)]
    return Case(name, sizes, hidden, output, cost, weights, biases, batch, eta, lmbda, n)


def _by_hand() -> list[Case]:
    one = Case("one neuron, by hand", [1, 1], "sigmoid", "sigmoid", "quadratic",
               [[[2.0]]], [[-2.0]], [([1.0], [1.0])], 1.0, 0.0, 10)
    chain = [[[1.0]], [[2.0]], [[-1.0]]]
    return [
        one,  # z = 0, a = 1/2, C = 1/8, δ = −1/2 · 1/4 = −1/8
        one._replace(name="one neuron, by hand, weight decay", lmbda=5.0),
        one._replace(name="one neuron, by hand, cross-entropy", cost="cross-entropy"),
        one._replace(name="one neuron, target met", mini_batch=[([1.0], [0.5])]),
        one._replace(name="one neuron, two examples",
                     mini_batch=[([1.0], [1.0]), ([0.5], [0.0])]),
        Case("one layer, two neurons", [3, 2], "sigmoid", "sigmoid", "quadratic",
             [[[1.0, 0.5, -0.25], [-1.0, 2.0, 0.75]]], [[0.5, -0.5]],
             [([1.0, 0.0, 0.5], [1.0, 0.0])], 0.5, 0.0, 100),
        Case("one layer, softmax", [2, 3], "sigmoid", "softmax", "log-likelihood",
             [[[1.0, 0.5], [-1.0, 2.0], [0.75, -0.5]]], [[0.5, -0.5, 0.0]],
             [([1.0, 0.5], [0.0, 1.0, 0.0])], 0.5, 0.0, 100),
        Case("a chain of single neurons", [1, 1, 1, 1], "sigmoid", "sigmoid", "quadratic",
             chain, [[0.5], [-1.0], [0.25]], [([0.75], [1.0])], 2.0, 0.0, 50),
    ]


def _every_combination() -> list[Case]:
    cases = []
    for output, cost in KINDS:
        for hidden in HIDDEN_KINDS:
            kind = f"{hidden}, {output}, {cost}"
            cases.append(_drawn(kind, [2, 3, 2], hidden, output, cost))
            cases.append(_drawn(f"{kind}, mini-batch of 3, weight decay", [4, 5, 3, 2], hidden,
                                output, cost, m=3, lmbda=5.0))
    return cases


def _saturated() -> list[Case]:
    def outputs(name: str, output: str, cost: str, z: list[Vector], y: list[Vector],
                **changes: Any) -> Case:
        """No hidden layer, one input for each example of the mini-batch: z is the weights."""
        m = len(z)
        weights = [[[z_e[j] for z_e in z] for j in range(len(y[0]))]]
        batch = [([float(k == e) for k in range(m)], y_e) for e, y_e in enumerate(y)]
        case = Case(name, [m, len(y[0])], "sigmoid", output, cost, weights,
                    [[0.0] * len(y[0])], batch, 0.5, 0.0, 100)
        return case._replace(**changes)

    far = [[40.0, -40.0, 1.0], [-40.0, 40.0, -1.0]]
    near = [[9.0, -9.0, 0.5], [-10.0, 10.0, -0.5]]
    right, wrong = [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    one_hot = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    tails = _drawn("hidden neurons saturated", [2, 3, 2], "tanh", "sigmoid", "quadratic")
    return [
        outputs("output neurons near saturation", "sigmoid", "cross-entropy", near, wrong),
        outputs("saturated and right, cross-entropy", "sigmoid", "cross-entropy", far, right),
        outputs("saturated and wrong, cross-entropy", "sigmoid", "cross-entropy", far, wrong),
        outputs("saturated and wrong, quadratic", "sigmoid", "quadratic", far, wrong),
        outputs("far from 0, sigmoid", "sigmoid", "quadratic",
                [[-1000.0, 2.0], [1000.0, -1.0]], [[1.0, 0.0], [1.0, 0.0]]),
        outputs("saturated, softmax", "softmax", "log-likelihood", far, one_hot),
        outputs("far from 0, softmax", "softmax", "log-likelihood",
                [[1000.0, 999.0, 998.5], [-1000.0, -1001.0, -999.0]], one_hot),
        outputs("apart by 1000, softmax", "softmax", "log-likelihood",
                [[1000.0, 0.0, -2.0], [0.5, 1000.0, 999.0]], one_hot),
        tails._replace(biases=[[20.0, -20.0, 9.0], tails.biases[1]]),
        tails._replace(name="hidden neurons saturated, sigmoid", hidden="sigmoid",
                       biases=[[40.0, -40.0, 12.0], tails.biases[1]]),
        tails._replace(name="hidden neurons far from 0",
                       biases=[[1000.0, -1000.0, 0.5], tails.biases[1]]),
    ]


def _relu_at_zero() -> list[Case]:
    """Weighted inputs that are exactly 0, and neurons and a layer that are dead."""
    edge = Case("ReLU exactly at 0", [2, 3, 2], "relu", "sigmoid", "quadratic",
                [[[1.0, -1.0], [0.5, 0.5], [-2.0, 1.0]],
                 [[1.0, -0.5, 0.75], [-1.0, 0.5, 0.25]]],
                [[0.0, -0.5, 0.5], [0.25, -0.25]], [([0.5, 0.5], [1.0, 0.0])], 0.5, 0.0, 100)
    return [
        edge,  # z = (0, 0, 0)
        edge._replace(name="ReLU exactly at 0, cross-entropy, deeper", sizes=[2, 3, 4, 2],
                      weights=[edge.weights[0],
                               [[1.0, 2.0, -1.0], [0.5, -1.0, 1.0], [1.0, 1.0, 1.0],
                                [-1.0, 1.0, 2.0]],
                               [[1.0, -0.5, 0.75, 0.5], [-1.0, 0.5, 0.25, 1.0]]],
                      biases=[[0.0, -0.5, 0.5], [0.0, 0.5, 0.0, -0.25], [0.25, -0.25]],
                      cost="cross-entropy", lmbda=1.0),
        edge._replace(name="ReLU with dead neurons", biases=[[-4.0, 0.5, -4.0], [0.25, -0.25]],
                      mini_batch=[([0.5, 0.25], [1.0, 0.0]), ([-0.5, 1.0], [0.0, 1.0])]),
        edge._replace(name="ReLU with a dead layer", biases=[[-4.0, -4.0, -4.0], [0.25, -0.25]],
                      lmbda=2.0),
    ]


def _odd_ones() -> list[Case]:
    kind = ("tanh", "sigmoid", "cross-entropy")
    return [
        _drawn("soft targets, cross-entropy", [3, 4, 2], *kind, m=2, soft=True),
        _drawn("soft targets, log-likelihood", [3, 2, 4], "relu", "softmax", "log-likelihood",
               m=2, soft=True),
        _drawn("soft targets, quadratic", [3, 2, 4], "sigmoid", "softmax", "quadratic", soft=True),
        _drawn("input all zeros", [4, 3, 2], *kind)._replace(
            mini_batch=[([0.0] * 4, [1.0, 0.0])]),
        _drawn("square layers", [3, 3, 3, 3], "sigmoid", "sigmoid", "quadratic", m=2, lmbda=0.5),
        _drawn("square layers, ReLU, softmax", [4, 4, 4], "relu", "softmax", "log-likelihood", m=4),
        _drawn("a bottleneck", [5, 1, 4], "tanh", "sigmoid", "quadratic", m=2),
        _drawn("many inputs", [24, 3, 2], "sigmoid", "sigmoid", "cross-entropy", m=2, lmbda=1.0),
        _drawn("many classes", [3, 4, 10], "tanh", "softmax", "log-likelihood", m=2),
        _drawn("mini-batch of 8", [3, 4, 2], "relu", "sigmoid", "cross-entropy", m=8, n=8,
               lmbda=4.0),
        _drawn("large steps, strong weight decay", [2, 4, 3], "sigmoid", "softmax",
               "log-likelihood", m=3, eta=3.0, lmbda=64.0, n=50),
        _drawn("eight layers", [3, 4, 3, 5, 4, 3, 4, 3, 2], "tanh", "sigmoid", "quadratic", m=2,
               lmbda=0.25, n=1000),
    ]
