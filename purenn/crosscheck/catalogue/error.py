"""Mistakes in the output error δ, from the cost and the targets.

Ordered by how often they were found in the programs people teach with and in reports of mistakes
(crosscheck/README.md, "How common the mistakes are"): a missing or superfluous σ′ first, then
δ by division, the diagonal Jacobian, means and factors, and the rest.
"""
from __future__ import annotations

from typing import Any, Callable

from purenn.activations import Activation, softmax
from purenn.crosscheck.catalogue.arithmetic import clamped, log_of, ratio
from purenn.crosscheck.catalogue.cost import EPSILONS, cut_at_100, softmax_again, written
from purenn.crosscheck.catalogue.places import BP1, COST_DELTA, QUADRATIC_DELTA, SOFTMAX_PRIME
from purenn.crosscheck.catalogue.recipe import Change, Mistake, cost_changed, together
from purenn.crosscheck.truth.blocks import divided
from purenn.linalg import Number, Vector, scale, subtract, total

Formula = Callable[[Any, Vector, Vector, Vector, Activation], Vector]

CANCEL = "cancel on paper: δ = a − y"


def logarithmic(delta: Formula) -> Change:
    """δ of both logarithmic costs."""
    return together(cost_changed("cross-entropy", delta=delta),
                    cost_changed("log-likelihood", delta=delta))


def _backward_of_output(old: Any, z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
    return output.backward(old(z, a, y, output), z)


def _diagonal(a: Vector) -> Vector:
    return [a_j * (1 - a_j) for a_j in a]


def _times(v: Vector, w: Vector) -> Vector:
    return [v_j * w_j for v_j, w_j in zip(v, w)]


def _softmax_twice(old: Any, z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
    return output.backward(subtract(softmax(a), y), z)


def _by_division(old: Any, z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
    """The derivative of the logarithm times that of the activation, neither cancelled."""
    if output.name == "softmax":
        v = [-ratio(y_j, a_j) if y_j else 0 * a_j for a_j, y_j in zip(a, y)]
        mean = total(_times(v, a))
        return [a_j * (v_j - mean) for a_j, v_j in zip(a, v)]
    return [ratio(a_j - y_j, a_j * (1 - a_j)) * (a_j * (1 - a_j)) for a_j, y_j in zip(a, y)]


def _by_guarded_division(old: Any, z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
    """As in PyTorch's BCELoss."""
    return [(a_j - y_j) / max(a_j * (1 - a_j), 1e-12) * (a_j * (1 - a_j))
            for a_j, y_j in zip(a, y)]


def clipped(eps: float) -> Mistake:
    """δ by division by a clipped a, times σ′ of the a that was not clipped."""
    def delta(old: Any, z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
        p = [clamped(a_j, eps, 1 - eps) for a_j in a]
        return [(p_j - y_j) / (p_j * (1 - p_j)) * (a_j * (1 - a_j))
                for a_j, p_j, y_j in zip(a, p, y)]
    text = written(eps)
    return Mistake(f"delta-clipped-{text}", f"a is clipped to [{text}, 1 − {text}] in the cost's "
                   "derivative, and σ′ is that of the a that was not clipped: where a has rounded, "
                   "δ vanishes", CANCEL, COST_DELTA, cost_changed("cross-entropy", delta=delta))


def of_clipped(eps: float) -> Mistake:
    """δ = a − y of a clipped a."""
    text = written(eps)
    return Mistake(f"delta-of-clipped-{text}", f"δ is that of an a clipped to [{text}, 1 − {text}]",
                   "δ = a − y, which needs no logarithm", COST_DELTA, logarithmic(
                       lambda old, z, a, y, output: subtract(
                           [clamped(a_j, eps, 1 - eps) for a_j in a], y)))


#: δ with an ε: any ε, found by the diagnosis
WITH_EPSILON = (clipped, of_clipped)


def _terms(z: Vector, a: Vector, y: Vector, name: str) -> Vector:
    """What each output adds to the cost."""
    if name == "quadratic":
        return [(a_j - y_j) * (a_j - y_j) / 2 for a_j, y_j in zip(a, y)]
    if name == "log-likelihood":
        return [-y_j * log_of(a_j) for a_j, y_j in zip(a, y)]
    return [-y_j * log_of(a_j) - (1 - y_j) * log_of(1 - a_j) for a_j, y_j in zip(a, y)]


def _cost_as_error(sign: int, prime: bool = True) -> Change:
    """The terms of the cost, in place of their derivatives, times σ′."""
    def of(name: str) -> Formula:
        def delta(old: Any, z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
            v = scale(sign, _terms(z, a, y, name))
            return output.backward(v, z) if prime else v
        return delta
    return together(*(cost_changed(name, delta=of(name))
                      for name in ("quadratic", "cross-entropy", "log-likelihood")))


def _squares_as_error() -> Change:
    return cost_changed("quadratic", delta=lambda old, z, a, y, output: output.backward(
        [(a_j - y_j) * (a_j - y_j) for a_j, y_j in zip(a, y)], z))


def _of_quadratic(factor: Callable[[int], Number]) -> Change:
    return cost_changed("quadratic", delta=lambda old, z, a, y, output:
                        scale(factor(len(y)), old(z, a, y, output)))


def _with_targets(change: Callable[[Vector], Vector]) -> Change:
    """The cost and its δ with other targets."""
    return cost_changed("", fn=lambda old, z, a, y: old(z, a, change(y)),
                        delta=lambda old, z, a, y, output: old(z, a, change(y), output))


ENTRIES = [
    Mistake("delta-without-prime", "δ of the quadratic cost lacks σ′(z)",
            "δ = (a − y) ⊙ σ′(z): the σ′ cancels for the logarithmic costs only",
            QUADRATIC_DELTA,
            cost_changed("quadratic", delta=lambda old, z, a, y, output: subtract(a, y))),
    Mistake("delta-with-prime", "δ of the logarithmic costs has a σ′(z), as for the quadratic one",
            "δ = a − y: the σ′ has cancelled", COST_DELTA, logarithmic(_backward_of_output)),
    Mistake("delta-by-division", "δ is a derivative with a in the denominator times σ′, "
            "0/0 = NaN where a has rounded to 0 or 1", CANCEL, COST_DELTA,
            logarithmic(_by_division)),
    Mistake("delta-diagonal-likelihood", "softmax's Jacobian is taken as diagonal, a(1 − a), with "
            "the log-likelihood: δ = −y/a · a(1 − a), NaN where a has rounded to 0",
            "each output depends on every z: δ = a − y", SOFTMAX_PRIME, cost_changed(
                "log-likelihood", delta=lambda old, z, a, y, output:
                [-(ratio(y_j, a_j) * a_j * (1 - a_j)) for a_j, y_j in zip(a, y)])),
    Mistake("delta-diagonal-cancelled", "softmax's Jacobian is taken as diagonal with the "
            "log-likelihood, and a cancelled: δ = −y(1 − a)",
            "each output depends on every z: δ = a − y", SOFTMAX_PRIME, cost_changed(
                "log-likelihood", delta=lambda old, z, a, y, output:
                [-(y_j * (1 - a_j)) for a_j, y_j in zip(a, y)])),
    Mistake("delta-with-diagonal-prime", "δ of the log-likelihood has a factor a(1 − a), the "
            "diagonal of softmax's Jacobian, though that has cancelled", "δ = a − y", COST_DELTA,
            cost_changed("log-likelihood", delta=lambda old, z, a, y, output:
                         _times(old(z, a, y, output), _diagonal(a)))),
    Mistake("delta-doubled", "δ is twice what it should be: 2(a − y), "
            "but the cost has its ½", "the ½ cancels the 2 of the square", QUADRATIC_DELTA,
            _of_quadratic(lambda n: 2)),
    Mistake("delta-mean-squares", "δ of the quadratic cost is that of the mean of the squares, "
            "2(a − y)/(number of outputs), but the cost is half their sum",
            "δ = (a − y) ⊙ σ′(z), or the mean in the cost, too", QUADRATIC_DELTA,
            cost_changed("quadratic", delta=lambda old, z, a, y, output:
                         divided(scale(2, old(z, a, y, output)), len(y)))),
    Mistake("delta-mean-over-outputs", "δ is averaged over the outputs, but the cost is not",
            "divide neither by the number of outputs, or both", BP1,
            cost_changed("", delta=lambda old, z, a, y, output:
                         divided(old(z, a, y, output), len(y)))),
    Mistake("softmax-twice", "softmax is taken again in the cost and in δ, of outputs that have "
            "had it", "give z, not a, to a cost function that takes the softmax itself", COST_DELTA,
            cost_changed("log-likelihood", fn=softmax_again, delta=_softmax_twice)),
    Mistake("softmax-twice-delta", "softmax is taken again in δ, but not in the cost, of outputs "
            "that have had it",
            "give z, not a, to a cost function that takes the softmax itself", COST_DELTA,
            cost_changed("log-likelihood", delta=_softmax_twice)),
    Mistake("delta-swapped", "target and output are swapped in δ: y − a instead of a − y",
            "δ = a − y (times σ′(z) for the quadratic cost)", BP1,
            cost_changed("", delta=lambda old, z, a, y, output: scale(-1, old(z, a, y, output)))),
    *map(clipped, EPSILONS[:4]),
    *map(of_clipped, EPSILONS[1:4]),
    Mistake("log-clamped-100",
            "the cost is computed from an a that has rounded to 0 or 1, its logarithm is cut off "
            "at −100, and δ divides by a(1 − a), as in PyTorch's BCELoss",
            "use the loss that takes z (BCEWithLogitsLoss)", COST_DELTA, cost_changed(
                "cross-entropy", fn=cut_at_100, delta=_by_guarded_division)),
    Mistake("delta-is-cost", "the cost itself, times σ′, is carried back in place of its "
            "derivative", "δ = ∂C/∂z", BP1, _cost_as_error(1)),
    Mistake("delta-is-minus-cost", "the cost itself, with the opposite sign and times σ′, is "
            "carried back in place of its derivative", "δ = ∂C/∂z", BP1, _cost_as_error(-1)),
    Mistake("delta-is-bare-cost", "the cost itself is carried back in place of its derivative, "
            "without σ′", "δ = ∂C/∂z", BP1, _cost_as_error(1, prime=False)),
    Mistake("delta-of-squares", "the squared error (a − y)² is carried back in place of the error "
            "a − y", "δ of ½ (a − y)² is (a − y) σ′(z)", QUADRATIC_DELTA, _squares_as_error()),
    Mistake("delta-halved", "δ of the quadratic cost keeps the ½",
            "the ½ cancels the 2 of the square", QUADRATIC_DELTA, _of_quadratic(lambda n: 0.5)),
    Mistake("targets-reversed", "the targets are in reverse order",
            "output j belongs to target y[j]", BP1, _with_targets(lambda y: y[::-1])),
    Mistake("targets-shifted", "the targets are shifted by one output, as when classes are counted "
            "from 1", "output j belongs to target y[j], counted from 0", BP1,
            _with_targets(lambda y: y[1:] + y[:1])),
    Mistake("delta-of-z", "δ is z − y: the weighted input stands where the activation should",
            "δ = a − y (times σ′(z) for the quadratic cost)", BP1, together(
                logarithmic(lambda old, z, a, y, output: subtract(z, y)),
                cost_changed("quadratic", delta=lambda old, z, a, y, output:
                             output.backward(subtract(z, y), z)))),
]
