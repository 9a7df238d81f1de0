"""A right program that does everything another way, and random cases to put before it.

Nothing here is the reference's: every sum is taken in a random order, every function by a formula
chosen at random among those in common use, with libraries that are wrong in the last place.  If the
cross-check finds something wrong with it, the cross-check is wrong.
"""
from __future__ import annotations

import math
import os
import random
import sys
from collections.abc import Sequence
from typing import Any, Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from purenn.crosscheck.questions.by_reference import Answer
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.float32 import rounded


class AnyOrder:
    """Random orders of summation, random formulas.

    Numbers are floats, rounded to float32 after every operation if that is the precision.
    Formulas that break down for large z are used for small z only, as a right program must:
    exponentials that overflow, and logarithms of an a that has lost its distance from 0 or 1.
    """

    LARGE = 80.0  # e⁸⁰ is a float32

    def __init__(self, rng: random.Random, single: bool) -> None:
        self.rng = rng
        self.round = rounded if single else (lambda x: x)
        self.unit = 2.0 ** (-23 if single else -52)

    def choose(self, *functions: Callable[..., Any]) -> Callable[..., Any]:
        return self.rng.choice(functions)

    def sum(self, terms: Sequence[float]) -> float:
        """In pairs chosen at random, until one number is left."""
        terms = list(terms)
        while len(terms) > 1:
            a = terms.pop(self.rng.randrange(len(terms)))
            b = terms.pop(self.rng.randrange(len(terms)))
            terms.append(self.round(a + b))
        return terms[0] if terms else 0.0

    def times(self, *factors: float) -> float:
        product = 1.0
        for factor in factors:
            product = self.round(product * factor)
        return product

    def over(self, a: float, b: float) -> float:
        return self.round(a / b)

    def minus(self, a: float, b: float) -> float:
        return self.round(a - b)

    def library(self, value: float) -> float:
        """What a library makes of a function's value: off by up to 3 units in the last place."""
        return self.round(value * (1 + self.unit * self.rng.choice((-2, -1, 0, 1, 2))))

    def exp(self, x: float) -> float:
        return self.library(math.exp(x))

    def log(self, x: float) -> float:
        return self.library(math.log(x))

    # activations

    def sigmoid(self, z: float) -> float:
        if abs(z) > self.LARGE:
            e = self.exp(-abs(z))
            return self.over(1 if z > 0 else e, self.round(1 + e))
        return self.choose(
            lambda: self.over(1, self.round(1 + self.exp(-z))),
            lambda: self.over(self.exp(z), self.round(1 + self.exp(z))),
            lambda: self.times(0.5, self.round(1 + self.library(math.tanh(self.times(z, 0.5))))))()

    def tanh(self, z: float) -> float:
        def quotient() -> float:
            up, down = self.exp(z), self.exp(-z)
            return self.over(self.minus(up, down), self.round(up + down))
        if abs(z) > self.LARGE:
            return self.library(math.tanh(z))
        return self.choose(
            lambda: self.library(math.tanh(z)), quotient,
            lambda: self.minus(self.over(2, self.round(1 + self.exp(-2 * z))), 1))()

    def softmax(self, z: list[float]) -> list[float]:
        unshifted = self.rng.random() < 0.5 and max(map(abs, z)) < self.LARGE
        top = 0.0 if unshifted else max(z)
        e = [self.exp(self.minus(z_k, top)) for z_k in z]
        s = self.sum(e)
        return self.choose(lambda: [self.over(e_k, s) for e_k in e],
                           lambda: [self.times(e_k, self.over(1, s)) for e_k in e])()

    def prime(self, kind: str, z: float, a: float) -> float:
        if kind == "identity":
            return 1.0
        if kind == "relu":
            return 1.0 if z > 0 else 0.0
        if kind == "tanh":
            return self.minus(1, self.times(a, a))
        return self.choose(
            lambda: self.times(a, self.minus(1, a)), lambda: self.minus(a, self.times(a, a)),
            lambda: self.over(self.exp(-abs(z)), self.times(self.round(1 + self.exp(-abs(z))),
                                                            self.round(1 + self.exp(-abs(z))))))()

    def activate(self, kind: str, z: list[float]) -> list[float]:
        if kind == "softmax":
            return self.softmax(z)
        f = {"sigmoid": self.sigmoid, "tanh": self.tanh, "relu": lambda x: max(x, 0.0),
             "identity": lambda x: x}[kind]
        return [f(z_j) for z_j in z]

    # costs

    def cost(self, case: Case, z: list[float], a: list[float], y: list[float]) -> float:
        if case.cost == "quadratic":
            d = [self.minus(a_j, y_j) for a_j, y_j in zip(a, y)]
            squares = self.sum([self.times(d_j, d_j) for d_j in d])
            norm = self.round(math.sqrt(squares))
            return self.choose(lambda: self.times(0.5, squares),
                               lambda: self.times(0.5, norm, norm))()
        if case.cost == "log-likelihood":
            top = max(z)
            log_sum = self.round(top + self.log(self.sum([self.exp(self.minus(z_k, top))
                                                          for z_k in z])))
            if top - min(z) < self.LARGE and self.rng.random() < 0.5:
                return -self.sum([self.times(y_j, self.log(a_j)) for a_j, y_j in zip(a, y)])
            return self.sum([self.times(y_j, self.minus(log_sum, z_j)) for z_j, y_j in zip(z, y)])
        least = 64 * self.unit
        from_a = all(least < a_j < 1 - least for a_j in a) and self.rng.random() < 0.5
        return self.sum([self.entropy(a_j, y_j) if from_a else self.entropy_of_z(z_j, y_j)
                         for z_j, a_j, y_j in zip(z, a, y)])

    def entropy(self, a: float, y: float) -> float:
        return -self.round(self.times(y, self.log(a))
                           + self.times(self.minus(1, y), self.log(self.minus(1, a))))

    def entropy_of_z(self, z: float, y: float) -> float:
        tail = self.library(math.log1p(self.exp(-abs(z))))
        return self.sum([max(z, 0.0), -self.times(y, z), tail])

    def output_error(self, case: Case, z: list[float], a: list[float], y: list[float]
                     ) -> list[float]:
        d = [self.minus(a_j, y_j) for a_j, y_j in zip(a, y)]
        if case.cost != "quadratic":
            return d
        if case.output == "softmax":
            mean = self.sum([self.times(d_j, a_j) for d_j, a_j in zip(d, a)])
            return self.choose(
                lambda: [self.times(a_k, self.minus(d_k, mean)) for d_k, a_k in zip(d, a)],
                lambda: [self.sum([self.times(d_j, a_j, self.minus(float(j == k), a_k))
                                   for j, (d_j, a_j) in enumerate(zip(d, a))])
                         for k, a_k in enumerate(a)])()
        return [self.times(d_j, self.prime(case.output, z_j, a_j))
                for d_j, z_j, a_j in zip(d, z, a)]

    # the whole step

    def answer(self, case: Case) -> Answer:
        r = self.round
        W = [[[r(w) for w in row] for row in layer] for layer in case.weights]
        b = [[r(b_j) for b_j in layer] for layer in case.biases]
        batch = [([r(v) for v in x], [r(v) for v in y]) for x, y in case.mini_batch]
        eta, lmbda, m, n = r(case.eta), r(case.lmbda), len(batch), case.n
        kinds = [case.hidden] * (len(W) - 1) + [case.output]
        activations, costs, gradients = [], [], []
        for x, y in batch:
            a, z = [x], []
            for layer, bias, kind in zip(W, b, kinds):
                z.append([self.sum([bias_j] + [self.times(w, a_k) for w, a_k in zip(row, a[-1])])
                          for row, bias_j in zip(layer, bias)])
                a.append(self.activate(kind, z[-1]))
            activations.append(a[1:])
            costs.append(self.cost(case, z[-1], a[-1], y))
            delta = self.output_error(case, z[-1], a[-1], y)
            deltas = [delta]
            for l in range(len(W) - 1, 0, -1):
                back = [self.sum([self.times(W[l][j][k], delta[j]) for j in range(len(delta))])
                        for k in range(len(a[l]))]
                delta = [self.times(v, self.prime(case.hidden, z_k, a_k))
                         for v, z_k, a_k in zip(back, z[l - 1], a[l])]
                deltas.insert(0, delta)
            gradients.append((deltas, a))
        mean = self.choose(lambda terms: self.over(self.sum(terms), m),
                           lambda terms: self.times(self.sum(terms), self.over(1, m)),
                           lambda terms: self.sum([self.over(t, m) for t in terms]))
        nabla_b = [[mean([deltas[l][j] for deltas, _ in gradients]) for j in range(len(b[l]))]
                   for l in range(len(W))]
        nabla_w = [[[mean([self.times(deltas[l][j], a[l][k]) for deltas, a in gradients])
                     for k in range(len(W[l][0]))] for j in range(len(W[l]))]
                   for l in range(len(W))]
        factor = self.minus(1, self.over(self.times(eta, lmbda), n))
        step = self.choose(
            lambda w, g: self.minus(self.times(factor, w), self.times(eta, g)),
            lambda w, g: self.minus(w, self.times(eta, r(g + self.times(self.over(lmbda, n), w)))),
            lambda w, g: self.sum([w, -self.times(eta, g), -self.times(eta, lmbda, w, 1 / n)]))
        squares = self.sum([self.times(w, w) for layer in W for row in layer for w in row])
        decay = self.times(self.over(lmbda, 2 * n), squares)
        return {"activations": activations, "costs": costs,
                "total_cost": self.round(mean(costs) + decay),
                "nabla_w": nabla_w, "nabla_b": nabla_b,
                "new_weights": [[[step(w, g) for w, g in zip(row, row_g)]
                                 for row, row_g in zip(layer, layer_g)]
                                for layer, layer_g in zip(W, nabla_w)],
                "new_biases": [[self.minus(b_j, self.times(eta, g)) for b_j, g in zip(layer, g_b)]
                               for layer, g_b in zip(b, nabla_b)]}


def random_case(rng: random.Random, name: str) -> Case:
    """A network of one to five layers with numbers of all bits."""
    sizes = [rng.randint(1, 6) for _ in range(rng.randint(2, 6))]
    output, cost = rng.choice((("sigmoid", "quadratic"), ("softmax", "quadratic"),
                               ("sigmoid", "cross-entropy"), ("softmax", "log-likelihood"),
                               ("identity", "quadratic")))
    spread = rng.choice((0.3, 1.0, 1.0, 2.0))

    def target() -> list[float]:
        if output == "softmax":
            chosen = rng.randrange(sizes[-1])
            return [float(j == chosen) for j in range(sizes[-1])]
        return [rng.choice((0.0, 1.0, rng.random())) for _ in range(sizes[-1])]

    return Case(name, sizes, rng.choice(("sigmoid", "tanh", "relu")), output, cost,
                [[[rng.gauss(0, spread) for _ in range(k)] for _ in range(j)]
                 for k, j in zip(sizes, sizes[1:])],
                [[rng.gauss(0, 1) for _ in range(j)] for j in sizes[1:]],
                [([rng.choice((0.0, rng.gauss(0, 1))) for _ in range(sizes[0])], target())
                 for _ in range(rng.randint(1, 4))],
                rng.choice((0.5, 0.1, 3.0)), rng.choice((0.0, 0.1, 5.0)), rng.randint(5, 500))


def some_fields(rng: random.Random, answer: Answer) -> Answer:
    """An answer with some of its fields, as most programs give."""
    fields = rng.sample(sorted(answer), rng.randint(1, len(answer)))
    return {field: value for field, value in answer.items() if field in fields}
