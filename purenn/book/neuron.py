"""``slow``: one sigmoid neuron that learns to give 0 for the input 1, from a good and a bad start.

With the quadratic cost the neuron that begins badly wrong, its output near 1, hardly learns at
first: its gradient has the factor σ′(z), which is near 0 there.  With the cross-entropy it is the
one that learns fastest (costs.py).
"""
from __future__ import annotations

from typing import Any, NamedTuple

from purenn.book.experiments import published
from purenn.costs import COSTS
from purenn.network import Network
from purenn.sgd import total_cost, update_mini_batch


class Neuron(NamedTuple):
    """A run: where it begins, and what the book says of it; None where it says nothing."""

    cost: str
    eta: float
    weight: float
    bias: float
    epochs: int
    output_first: float
    output_last: float | None

    @property
    def label(self) -> str:
        return f"{self.cost}, w = {self.weight:g}, b = {self.bias:g}, η = {self.eta:g}"


class Learned(NamedTuple):
    """The neuron's output before the first epoch and after each, and its cost likewise."""

    outputs: list[float]
    costs: list[float]


def neurons() -> list[Neuron]:
    """The four runs of the book."""
    entry: dict[str, Any] = published()["slow"]
    return [Neuron(run["cost"], run["eta"], run["weight"], run["bias"], entry["settings"]["epochs"],
                   run["output_first"], run.get("output_last")) for run in entry["runs"]]


def learn(neuron: Neuron) -> Learned:
    """300 steps of one neuron with one example, the input 1 and the target 0."""
    net = Network([1, 1], COSTS[neuron.cost])
    net.weights, net.biases = [[[neuron.weight]]], [[neuron.bias]]
    example = ([1.0], [0.0])
    outputs, costs = [], []
    for epoch in range(neuron.epochs + 1):
        outputs.append(net.feedforward(example[0])[0])
        costs.append(total_cost(net, [example]))
        if epoch < neuron.epochs:
            update_mini_batch(net, [example], neuron.eta, 0.0, 1)
    return Learned(outputs, costs)
