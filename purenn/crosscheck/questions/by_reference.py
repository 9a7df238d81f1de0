"""The reference's own step on a case: all that it computes on the way, and the answer it gives.

Whoever needs to know what the reference makes of a case asks here: explain prints every number,
the cross-check takes the answer for the truth, in numbers that carry their bounds.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from purenn.activations import OUTPUTS, Activation
from purenn.costs import COSTS, Cost
from purenn.crosscheck.questions.cases import Case
from purenn.linalg import Matrix, Number, Vector, add, total
from purenn.network import Gradient, Layer, Network
from purenn.sgd import decay_cost, update_mini_batch

#: a JSON value: the fields of an answer, in nested lists of numbers
Answer = dict[str, Any]


class Pass(NamedTuple):
    """What became of one example on its way through the network and back."""

    x: Vector
    y: Vector
    layers: list[Layer]
    cost: Number
    deltas: list[Vector]
    gradient: Gradient


class Step(NamedTuple):
    """One step of learning, and the network before and after it."""

    case: Case
    before: Network
    passes: list[Pass]
    gradient: Gradient  # of the mean cost of the mini-batch
    mean_cost: Number
    cost: Number  # with the weight decay term
    after: Network


def network_of(case: Case, activations: Mapping[str, Activation] = OUTPUTS,
               costs: Mapping[str, Cost] = COSTS) -> Network:
    """The network that a case begins with, with the functions that have the case's names."""
    net = Network(case.sizes, costs[case.cost], activations[case.hidden],
                  output=activations[case.output])
    net.weights, net.biases = case.weights, case.biases
    return net


def take_step(case: Case, activations: Mapping[str, Activation] = OUTPUTS,
              costs: Mapping[str, Cost] = COSTS) -> Step:
    """Let the reference take the step, in the case's own kind of number."""
    before, after = (network_of(case, activations, costs) for _ in range(2))
    passes = []
    for x, y in case.mini_batch:
        layers = before.forward(x)
        passes.append(Pass(x, before.target(y), layers, before.example_cost(layers, y),
                           before.errors(layers, y), before.backprop(x, y)))
    update_mini_batch(after, case.mini_batch, case.eta, case.lmbda, case.n)
    mean_cost = total([p.cost for p in passes]) / len(passes)
    return Step(case, before, passes, mean_gradient([p.gradient for p in passes]), mean_cost,
                mean_cost + decay_cost(before, case.lmbda, case.n), after)


def answer_of(case: Case, activations: Mapping[str, Activation] = OUTPUTS,
              costs: Mapping[str, Cost] = COSTS) -> Answer:
    """The reference's answer to a case, in the case's own kind of number."""
    step = take_step(case, activations, costs)
    return {"activations": [[layer.a for layer in p.layers[1:]] for p in step.passes],
            "costs": [p.cost for p in step.passes],
            "total_cost": step.cost,
            "nabla_w": step.gradient.weights,
            "nabla_b": step.gradient.biases,
            "new_weights": step.after.weights,
            "new_biases": step.after.biases}


def mean_gradient(gradients: Sequence[Gradient]) -> Gradient:
    """The mean of gradients of the same shape."""
    return Gradient([mean_matrix(W) for W in zip(*(g.weights for g in gradients))],
                    [mean_vector(b) for b in zip(*(g.biases for g in gradients))])


def mean_matrix(matrices: Sequence[Matrix]) -> Matrix:
    """The mean of matrices of the same shape."""
    return [mean_vector(rows) for rows in zip(*matrices)]


def mean_vector(vectors: Sequence[Vector]) -> Vector:
    """The mean of vectors of the same length."""
    s = vectors[0]
    for v in vectors[1:]:
        s = add(s, v)
    return [s_k / len(vectors) if s_k else s_k for s_k in s]  # the int 0 / m would be a float
