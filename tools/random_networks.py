"""Random networks and examples for them, for the proof: the tests and tools/proof.py draw the same.

A case is drawn in one kind of number and can be turned into a network of another kind, exactly.
"""
from __future__ import annotations

import os
import random
import sys
from typing import Callable, NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from purenn.activations import HIDDEN, Activation, Softmax
from purenn.costs import COSTS, Cost
from purenn.linalg import Matrix, Number, Target, Vector
from purenn.network import Network
from purenn.sgd import Example

#: Every hidden activation with every cost and every output activation the cost goes with.
COMBINATIONS = [(hidden, cost, output) for hidden in HIDDEN.values() for cost in COSTS.values()
                for output in cost.outputs]


class Case(NamedTuple):
    """A network and one to three examples (x, y); an int y stands for its one-hot vector."""

    sizes: list[int]
    hidden: Activation
    cost: Cost
    output: Activation
    weights: list[Matrix]
    biases: list[Vector]
    examples: list[Example]


def random_float(rng: random.Random) -> float:
    """A float with a full mantissa, sometimes large enough to saturate a neuron."""
    return rng.gauss(0, 1) * rng.choice((0.5, 1, 4))


def random_case(rng: random.Random, combination: tuple[Activation, Cost, Activation],
                number: Callable[[random.Random], Number] = random_float,
                most_neurons: int = 4) -> Case:
    """A network with 1 to 4 layers of weights, all its numbers and inputs drawn by ``number``."""
    hidden, cost, output = combination
    sizes = [rng.randint(1, most_neurons) for _ in range(rng.randint(2, 5))]
    weights = [[[number(rng) for _ in range(n)] for _ in range(m)]
               for m, n in zip(sizes[1:], sizes)]
    biases = [[number(rng) for _ in range(m)] for m in sizes[1:]]
    examples = [(random_input(rng, sizes[0], number), random_target(rng, sizes[-1], output))
                for _ in range(rng.randint(1, 3))]
    return Case(sizes, hidden, cost, output, weights, biases, examples)


def random_input(rng: random.Random, size: int,
                 number: Callable[[random.Random], Number]) -> Vector:
    """An input; each entry is 0 with probability 1/4, because zeros take a path of their own."""
    return [0 if rng.random() < 0.25 else number(rng) for _ in range(size)]


def random_target(rng: random.Random, size: int, output: Activation) -> Target:
    """A class, or a soft target of sixteenths between 0 and 1; for softmax their sum is 1.

    Sixteenths, because every kind of number has them: then the sum is exactly 1, as the
    log-likelihood cost wants it.
    """
    if rng.random() < 0.5:
        return rng.randrange(size)
    if output is not Softmax:
        return [rng.randint(0, 16) / 16 for _ in range(size)]
    cuts = sorted(rng.randint(0, 16) for _ in range(size - 1))
    return [(high - low) / 16 for low, high in zip([0] + cuts, cuts + [16])]


def network(case: Case, number: Callable[[Number], Number] = lambda v: v) -> Network:
    """The case's network, with every weight and bias turned into another kind of number."""
    net = Network(case.sizes, case.cost, case.hidden, output=case.output)
    net.weights = [[vector(row, number) for row in W] for W in case.weights]
    net.biases = [vector(b, number) for b in case.biases]
    return net


def examples(case: Case, number: Callable[[Number], Number] = lambda v: v) -> list[Example]:
    """The case's examples, in another kind of number; a class stays one."""
    return [(vector(x, number), y if isinstance(y, int) else vector(y, number))
            for x, y in case.examples]


def vector(v: Vector, number: Callable[[Number], Number]) -> Vector:
    """v in another kind of number."""
    return [number(v_k) for v_k in v]
