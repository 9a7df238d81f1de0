"""Conventions of numbers: other costs, sums and gradients, as good as the reference's.

A convention is one only where cost and gradient agree on it.  Ordered by how often they were found
in the programs people teach with (crosscheck/README.md, "How common the mistakes are").
"""
from __future__ import annotations

from purenn.crosscheck.catalogue.arithmetic import size
from purenn.crosscheck.catalogue.forward import WITHOUT_BIASES
from purenn.crosscheck.catalogue.places import DECAY, FORWARD, QUADRATIC, TOTAL_COST, UPDATE
from purenn.crosscheck.catalogue.recipe import Change, Mistake, after, cost_changed, together
from purenn.crosscheck.truth.blocks import divided, rows
from purenn.linalg import add, scale


def _divided(cost: str, factor: int) -> Change:
    """A cost of that name ("" means any) and its δ, times a factor and divided by the outputs."""
    return cost_changed(
        cost, fn=lambda old, z, a, y: factor * old(z, a, y) / len(y),
        delta=lambda old, z, a, y, output: divided(scale(factor, old(z, a, y, output)), len(y)))


ENTRIES = [
    Mistake("sum-over-mini-batch", "cost and gradient are sums over the mini-batch, not means",
            "--convention sum-over-mini-batch", TOTAL_COST,
            together(
                after("mean", lambda mean, costs, case: mean * len(costs)),
                after("mean_w", lambda W, _, case: rows(lambda row: scale(size(case), row), W)),
                after("mean_b", lambda b, _, case: scale(size(case), b))), True),
    Mistake("no-biases", "the network has no biases", "--convention no-biases", FORWARD,
            WITHOUT_BIASES, True),
    Mistake("gradient-sum", "the gradient is a sum over the mini-batch, which the step divides by "
            "m", "--convention gradient-sum", UPDATE,
            together(after("show_w", lambda shown, g, W, case:
                           rows(lambda row: scale(size(case), row), shown)),
                     after("show_b", lambda shown, g, b, case: scale(size(case), shown))), True),
    Mistake("no-half", "the ½ of the quadratic cost is left out, and its gradient is twice as "
            "large", "--convention no-half", QUADRATIC,
            cost_changed(
                "quadratic", fn=lambda old, z, a, y: 2 * old(z, a, y),
                delta=lambda old, z, a, y, output: scale(2, old(z, a, y, output))), True),
    Mistake("mean-squared-error", "the quadratic cost is the mean of the squares (no ½), "
            "and its gradient with it", "--convention mean-squared-error", QUADRATIC,
            _divided("quadratic", 2), True),
    Mistake("library-reductions", "the costs are reduced as the usual libraries do it: the mean "
            "of the squares (no ½) for the quadratic cost, the mean of the entropies for the "
            "cross-entropy, a sum for the log-likelihood, and their gradients with them",
            "--convention library-reductions", QUADRATIC,
            together(_divided("quadratic", 2), _divided("cross-entropy", 1)), True),
    Mistake("mean-over-outputs", "the cost is averaged over the outputs, and its gradient with it",
            "--convention mean-over-outputs", QUADRATIC, _divided("", 1), True),
    Mistake("decay-in-gradient", "weight decay is part of the gradient: nabla_w has + (λ/n) w",
            "--convention decay-in-gradient", DECAY,
            after("show_w", lambda shown, g, W, case:
                  [add(row_g, scale(case.lmbda / case.n, row)) for row_g, row in zip(shown, W)]),
            True),
]
