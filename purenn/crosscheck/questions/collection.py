"""The built-in questions: the mini-batches and networks that show a mistake to whoever makes it.

A program is often confined to one *profile*: a hidden activation, an output with its cost, and one
example at a time or several.  So every profile has cases of its own, and among them

* a square one with one hidden layer and no weight decay, whose targets, inputs and neurons are in
  general position: most programs can answer it, and nearly every mistake shows in it;
* one without biases, one that is deeper, one with weight decay;
* one that is saturated or far from 0, where formulas lose their digits; it says so in its name.

tests/crosscheck/test_questions.py computes which entry of the catalogue shows in which of them.

All numbers have few bits, so that float32 has them exactly, too, and so that the first layer's
weighted inputs are exact: a program that is wrong cannot blame the rounding.  The learning rate is
seldom ½ or 1, and no two of η, 2, m, n, the number of outputs and their quotients are alike where
it can be helped: a factor too many or too few would look like another.
"""
from __future__ import annotations

import copy
import functools
import random
from collections.abc import Sequence
from typing import Any, Callable

from purenn.activations import HIDDEN, OUTPUTS
from purenn.costs import COSTS
from purenn.crosscheck.questions.cases import Case, Profile
from purenn.linalg import Matrix, Vector, total
from purenn.network import Network

#: output activation and cost, the commonest first
KINDS = (("sigmoid", "quadratic"), ("sigmoid", "cross-entropy"), ("softmax", "log-likelihood"),
         ("identity", "quadratic"), ("softmax", "quadratic"))
HIDDEN_KINDS = ("sigmoid", "relu", "tanh")

#: weighted inputs of no use for ordinary cases: the sigmoid's slope is below 0.01 there
SATURATED = 4.5


PROFILES = [Profile(hidden, output, cost, several) for output, cost in KINDS
            for hidden in HIDDEN_KINDS for several in (False, True)]


def built_in() -> list[Case]:
    """The built-in cases, the simplest first.  They are the same in every process."""
    return copy.deepcopy(_built_in())


@functools.cache
def _built_in() -> list[Case]:
    cases = _by_hand() + _two_outputs() + _xor()
    for profile in PROFILES:
        cases += _several_examples(profile) if profile.several else _one_example(profile)
    return cases + _odd_ones()


# Simple enough for a sheet of paper.

def _by_hand() -> list[Case]:
    one = Case("one neuron, by hand", [1, 1], "sigmoid", "sigmoid", "quadratic",
               [[[2.0]]], [[-2.0]], [([1.0], [1.0])], 1.0, 0.0, 10)
    return [
        one,  # z = 0, a = 1/2, C = 1/8, δ = −1/2 · 1/4 = −1/8
        one._replace(name="one neuron, by hand, weight decay", lmbda=5.0),
        one._replace(name="one neuron, target met", mini_batch=[([1.0], [0.5])]),
        one._replace(name="one neuron, two examples",
                     mini_batch=[([1.0], [1.0]), ([0.5], [0.0])]),
        Case("one layer, two neurons", [3, 2], "sigmoid", "sigmoid", "quadratic",
             [[[1.0, 0.5, -0.25], [-1.0, 2.0, 0.75]]], [[0.5, -0.5]],
             [([1.0, 0.0, 0.5], [1.0, 0.0])], 0.75, 0.0, 60),
        Case("one layer, softmax", [2, 3], "sigmoid", "softmax", "log-likelihood",
             [[[1.0, 0.5], [-1.0, 2.0], [0.75, -0.5]]], [[0.5, -0.5, 0.0]],
             [([1.0, 0.5], [0.0, 1.0, 0.0])], 0.75, 0.0, 60),
        Case("a chain of single neurons", [1, 1, 1, 1], "sigmoid", "sigmoid", "quadratic",
             [[[1.0]], [[2.0]], [[-1.0]]], [[0.5], [-1.0], [0.25]], [([0.75], [1.0])],
             1.5, 0.0, 50),
    ]


def _two_outputs() -> list[Case]:
    """The network that most tutorials work through with numbers: two inputs, two outputs."""
    kind = Profile("sigmoid", "sigmoid", "quadratic", False)
    return [_drawn(kind, "", [2, 3, 2], eta=0.75),
            _drawn(kind, "negative inputs", [2, 3, 2], eta=1.25, good=lambda case: all(
                x_k < 0 for x, _ in case.mini_batch for x_k in x))]


def _xor() -> list[Case]:
    """The network of every first program: 2-3-1, one example at a time or all four at once."""
    table = [([0.0, 1.0], [1.0]), ([1.0, 1.0], [0.0]), ([1.0, 0.0], [1.0]), ([0.0, 0.0], [0.0])]
    cases = []
    for hidden, cost in (("sigmoid", "quadratic"), ("tanh", "cross-entropy")):
        several = _drawn(Profile(hidden, "sigmoid", cost, True), "xor, mini-batch of 4", [2, 3, 1],
                         m=4, eta=0.625, examples=table)
        cases += [several._replace(name=f"{hidden}, sigmoid, {cost}, xor",
                                   mini_batch=table[:1]), several]
    return cases


# The cases of each profile.

def _one_example(profile: Profile) -> list[Case]:
    cases = [_square(profile, "square", 1)]
    if profile.cost == "log-likelihood":
        cases.append(_drawn(profile, "soft targets", [3, 2, 4], eta=0.875, soft=True))
    return [*cases,
            _drawn(profile, "no bias", [2, 4, 3], eta=1.25, no_bias=True),
            _drawn(profile, "deeper, weight decay", [3, 4, 2, 3], eta=0.625, lmbda=3.0, n=50),
            *_extreme(profile, "", [[0.0, 1.0, 1.0]], [[0.0, 0.0, 1.0]])]


def _several_examples(profile: Profile) -> list[Case]:
    common = profile[:3] in (("sigmoid", "sigmoid", "quadratic"),
                             ("relu", "softmax", "log-likelihood"))
    # a bias gradient summed over the wrong axis fits where there are as many neurons as examples
    m = _square_size(profile)
    cases = [_square(profile, f"square, mini-batch of {m}", m)]
    if profile.cost == "log-likelihood":
        cases.append(_drawn(profile, "soft targets, mini-batch of 2", [2, 3, 4], m=2, eta=0.875,
                            soft=True))
    if common:
        cases.append(_drawn(profile, "no bias, mini-batch of 3", [2, 4, 3], m=3, eta=1.25,
                            no_bias=True))
    return [*cases,
            _drawn(profile, "weight decay, mini-batch of 3", [4, 2, 3], m=3, eta=0.75,
                   lmbda=5.0, n=40),
            _drawn(profile, f"deeper, {'' if common else 'no bias, '}mini-batch of 4",
                   [3, 2, 4, 3], m=4, eta=1.25, n=50, no_bias=not common),
            *_extreme(profile, ", mini-batch of 2", [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]],
                      [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])]


def _square_size(profile: Profile) -> int:
    return 4 if profile.hidden == "relu" else 3


def _square(profile: Profile, name: str, m: int) -> Case:
    """One hidden layer, as many neurons in each layer.  A ReLU is exactly at 0."""
    return _drawn(profile, name, [_square_size(profile)] * 3, m=m, eta=1.5 if m > 1 else 0.75,
                  at_zero=profile.hidden == "relu")


def _extreme(profile: Profile, suffix: str, bits: list[Vector], one_hot: list[Vector]
             ) -> list[Case]:
    """One hidden layer, weighted inputs from moderate to so large that exponentials overflow,
    and targets for sigmoid and for softmax outputs, most of them missed."""
    hidden, output, cost, _ = profile
    hidden_biases = {"sigmoid": [40.0, -40.0, 5.5], "tanh": [800.0, -20.0, 3.5]}.get(hidden)
    output_biases = {("sigmoid", "cross-entropy"): [40.0, -31.0, -17.0],
                     ("sigmoid", "quadratic"): [36.0, -9.0, 5.5],
                     ("softmax", "log-likelihood"): [800.0, 740.0, 0.5],
                     ("softmax", "quadratic"): [800.0, 799.0, 798.5]}.get((output, cost))
    if not hidden_biases and not output_biases:
        return []  # ReLU and identity have no saturation
    far = 800.0 in (hidden_biases or []) + (output_biases or [])
    case = _drawn(profile, f"{'far from 0' if far else 'saturated'}{suffix}", [2, 3, 3],
                  m=len(bits), any_position=True)
    targets = {"sigmoid": bits, "softmax": one_hot}.get(output)
    case = case._replace(
        biases=[hidden_biases or case.biases[0], output_biases or case.biases[1]],
        mini_batch=[(x, targets[e] if targets else y)
                    for e, (x, y) in enumerate(case.mini_batch)])
    return [_examples_apart(case) if output == "softmax" and len(bits) > 1 else case]


def _examples_apart(case: Case) -> Case:
    """The last hidden neuron, off for the first example and on for the second, lowers the weighted
    inputs of all outputs by 900: softmax must be lowered by each example's own largest."""
    (first, second), (into, out), ((x, y), (x_, y_)) = case.weights, case.biases, case.mini_batch
    on = 900.0 / (16 if case.hidden == "relu" else 1)
    return case._replace(weights=[[*first[:-1], [32.0, 0.0]], [[*row[:-1], -on] for row in second]],
                         biases=[[*into[:-1], -16.0], out],
                         mini_batch=[([0.0, *x[1:]], y), ([1.0, *x_[1:]], y_)])


def _odd_ones() -> list[Case]:
    def odd(name: str, hidden: str, output: str, cost: str, sizes: list[int], m: int,
            **rest: Any) -> Case:
        return _drawn(Profile(hidden, output, cost, True), "", sizes, m=m, any_position=True,
                      **rest)._replace(name=name)
    return [
        odd("many inputs", "sigmoid", "sigmoid", "cross-entropy", [24, 3, 2], 2, lmbda=1.0),
        odd("many classes", "tanh", "softmax", "log-likelihood", [3, 4, 10], 2),
        odd("mini-batch of 8", "relu", "sigmoid", "cross-entropy", [3, 4, 2], 8, n=8, lmbda=4.0),
        odd("large steps, strong weight decay", "sigmoid", "softmax", "log-likelihood", [2, 4, 3],
            3, eta=3.0, lmbda=64.0, n=50),
        odd("eight layers", "tanh", "sigmoid", "quadratic", [3, 4, 3, 5, 4, 3, 4, 3, 2], 2,
            lmbda=0.25, n=1000),
    ]


# Drawing.

def _drawn(profile: Profile, name: str, sizes: list[int], m: int = 1, eta: float = 0.75,
           lmbda: float = 0.0, n: int = 60, soft: bool = False, no_bias: bool = False,
           at_zero: bool = False, any_position: bool = False,
           examples: Sequence[tuple[Vector, Vector]] = (),
           good: Callable[[Case], bool] | None = None) -> Case:
    """The first case in general position that a generator seeded with the case's name draws."""
    hidden, output, cost, _ = profile
    name = f"{profile.kind}, {name}" if name else profile.kind
    for rng in (random.Random(f"{name} {k}") for k in range(20_000)):
        weights = [_matrix(rng, j, k) for k, j in zip(sizes, sizes[1:])]
        biases = [[0.0 if no_bias else _sixteenths(rng, 12) for _ in range(j)] for j in sizes[1:]]
        batch = list(examples) or _batch(rng, sizes, output, m, soft)
        case = Case(name, sizes, hidden, output, cost, weights, biases, batch, eta, lmbda, n)
        if at_zero:  # the first neuron's weighted input, for the first example
            biases[0][0] = -sum(w * x_k for w, x_k in zip(weights[0][0], batch[0][0]))
        if any_position or (_in_general_position(case, at_zero) and (good is None or good(case))):
            return case
    raise AssertionError(f"no case {name}")


def _sixteenths(rng: random.Random, most: int) -> float:
    """A random number of sixteenths; random() alone gives the same on all versions of Python."""
    return (int(rng.random() * (2 * most + 1)) - most) / 16


def _matrix(rng: random.Random, rows: int, columns: int) -> Matrix:
    most = 24 if columns < 6 else 8
    return [[_sixteenths(rng, most) or 1.0 for _ in range(columns)] for _ in range(rows)]


def _batch(rng: random.Random, sizes: list[int], output: str, m: int, soft: bool
           ) -> list[tuple[Vector, Vector]]:
    def target() -> Vector:
        if output == "identity":
            return [_sixteenths(rng, 24) for _ in range(sizes[-1])]
        if output == "softmax":
            drawn = [int(rng.random() * sizes[-1]) for _ in range(16 if soft else 1)]
            return [drawn.count(j) / len(drawn) for j in range(sizes[-1])]
        return [float(rng.random() < 0.5) for _ in range(sizes[-1])]
    return [([_sixteenths(rng, 16) for _ in range(sizes[0])], target()) for _ in range(m)]


def _in_general_position(case: Case, at_zero: bool) -> bool:
    """Whether nothing is hidden by chance: no neuron saturated, all numbers apart, ReLUs active
    and not, targets that are not all alike, and in a square case a gradient that is not small."""
    net = Network(case.sizes, COSTS[case.cost], HIDDEN[case.hidden], output=OUTPUTS[case.output])
    net.weights, net.biases = case.weights, case.biases
    passes = [net.forward(x) for x, _ in case.mini_batch]
    targets = [y_j for _, y in case.mini_batch for y_j in y]
    hidden = [[z_j for layer in layers[1:-1] for z_j in layer.z] for layers in passes]
    last = [layers[-1].z for layers in passes]
    errors = [net.errors(layers, y)[-1] for layers, (_, y) in zip(passes, case.mini_batch)]
    return ((len(set(targets)) > 1 or len(targets) == 1)
            and all(abs(z_j) < SATURATED for z in hidden + last for z_j in z)
            and all(_varied(z, case.hidden == "relu") for z in hidden)
            and (case.output != "identity" or all(_varied(z, False) for z in last))
            and (len(set(case.sizes)) > 1
                 or max(abs(total(list(delta))) for delta in zip(*errors)) > len(errors) / 8)
            and (not at_zero or [layers[1].z.count(0) for layers in passes]
                 == [1] + [0] * (len(passes) - 1)))


def _varied(z: Vector, relu: bool) -> bool:
    """Positive and negative, some beyond 1 if they are ReLU's, and (but for those at 0) not near 0.
    """
    positive, negative = [z_j for z_j in z if z_j > 0], [z_j for z_j in z if z_j < 0]
    near = any(0 < abs(z_j) < 1 / 8 for z_j in z)
    return (not near and len(positive) >= min(2, len(z) // 2) and len(negative) >= 1
            and (not relu or max(positive) > 1))
