"""Mistakes in the costs of the examples, in their mean, and in the weight decay term.

Ordered by how often they were found in the programs people teach with and in reports of mistakes
(crosscheck/README.md, "How common the mistakes are"): the square and its mean first, then
what is done against ln 0, what belongs to another gradient, and the rest.
"""
from __future__ import annotations

import math
from typing import Any, Callable

from purenn.activations import softmax
from purenn.crosscheck.catalogue.arithmetic import clamped, finite, log_of, size
from purenn.crosscheck.catalogue.places import (
    CROSS,
    DECAY_COST,
    LIKELIHOOD,
    QUADRATIC,
    TOTAL_COST,
)
from purenn.crosscheck.catalogue.recipe import (
    Change,
    Mistake,
    after,
    cost_changed,
    replaced,
    together,
)
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import divided
from purenn.elementary import log, magnitude, sqrt
from purenn.linalg import Number, Vector, argmax, subtract, total
from purenn.sgd import decay_cost

Formula = Callable[[Any, Vector, Vector, Vector], Number]

FROM_Z = "compute the logarithm from z: it is finite for every finite z"


def norm(a: Vector, y: Vector) -> float:
    return sqrt(total([d * d for d in subtract(a, y)]))


def entropy(log_a: Callable[[Number], Number], log_rest: Callable[[Number], Number] | None = None
            ) -> Formula:
    """−Σ [y ln a + (1 − y) ln(1 − a)] with other logarithms; log_rest(a) stands for ln(1 − a)."""
    rest = log_rest or (lambda a: log_a(1 - a))
    return lambda old, z, a, y: -total([y_j * log_a(a_j) + (1 - y_j) * rest(a_j)
                                        for a_j, y_j in zip(a, y)])


def likelihood(log_a: Callable[[Number], Number]) -> Formula:
    """−Σ y ln a with some other logarithm."""
    return lambda old, z, a, y: -total([y_j * log_a(a_j) for a_j, y_j in zip(a, y)])


def _with_logarithm(log_a: Callable[[Number], Number],
                    log_rest: Callable[[Number], Number] | None = None) -> Change:
    return together(cost_changed("cross-entropy", fn=entropy(log_a, log_rest)),
                    cost_changed("log-likelihood", fn=likelihood(log_a)))


def written(eps: float) -> str:
    """ε as programs write it: 1e-7."""
    return f"{eps:g}".replace("e-0", "e-")


def clipped(eps: float) -> Mistake:
    """a is clipped, and 1 − a is that of the clipped a."""
    def kept(a: Number) -> Number:
        return clamped(a, eps, 1 - eps)
    text = written(eps)
    return Mistake(f"log-clipped-{text}", f"a is clipped to [{text}, 1 − {text}] before its "
                   "logarithm in the cost", FROM_Z, CROSS,
                   _with_logarithm(lambda a: log(kept(a)), lambda a: log(1 - kept(a))))


def floored(eps: float) -> Mistake:
    """a and 1 − a are each kept from falling below ε."""
    text = written(eps)
    return Mistake(f"log-floored-{text}", f"a, and 1 − a, is clipped to at least {text} before its "
                   "logarithm in the cost", FROM_Z, CROSS,
                   _with_logarithm(lambda a: log(max(a, eps))))


def shifted(eps: float) -> Mistake:
    """ε is added to a, and to 1 − a."""
    text = written(eps)
    return Mistake(f"log-plus-{text}", f"{text} is added to a before its logarithm in the cost",
                   FROM_Z, CROSS, _with_logarithm(lambda a: log(a + eps)))


#: what is done against ln 0 with an ε: any ε, found by the diagnosis
WITH_EPSILON = (clipped, shifted, floored)
#: the ε in use, the commonest first (Keras 1e-7; scikit-learn 1e-15, later the type's unit)
EPSILONS = (1e-15, 1e-8, 1e-7, 1e-12, 1e-9, 1e-10, 1e-6, 1e-5)


def _of_quadratic(fn: Formula) -> Change:
    return cost_changed("quadratic", fn=fn)


cut_at_100 = entropy(lambda a: max(log_of(a), -100.0))


def _nielsens_entropy(old: Any, z: Vector, a: Vector, y: Vector) -> float:
    return total([finite(-y_j * log_of(a_j) - (1 - y_j) * log_of(1 - a_j))
                  for a_j, y_j in zip(a, y)])


def _divergence(old: Any, z: Vector, a: Vector, y: Vector) -> Number:
    """Σ y ln(y/a) is the log-likelihood less the targets' own entropy, Σ −y ln y."""
    return old(z, a, y) + total([y_j * log(y_j) for y_j in y if y_j > 0])


def softmax_again(old: Any, z: Vector, a: Vector, y: Vector) -> Number:
    return old(a, softmax(a), y)


def _largest_target(old: Any, z: Vector, a: Vector, y: Vector) -> Number:
    k = argmax(y)
    return old(z, a, [float(j == k) for j in range(len(y))])


COSTS_OF_EXAMPLES = [
    Mistake("cost-no-half", "the quadratic cost lacks its ½, but δ is that of the cost with ½",
            "C = ½‖a − y‖², or twice the δ", QUADRATIC,
            _of_quadratic(lambda old, z, a, y: 2 * old(z, a, y))),
    Mistake("cost-mean-squares", "the quadratic cost is the mean of the squares over the outputs, "
            "but δ is that of half their sum", "C = ½‖a − y‖², or 2/(number of outputs) times the "
            "δ", QUADRATIC, _of_quadratic(lambda old, z, a, y: 2 * old(z, a, y) / len(y))),
    Mistake("cost-mean-over-outputs", "the cost is averaged over the outputs, but its gradient is "
            "not", "divide neither by the number of outputs, or both", QUADRATIC,
            cost_changed("", fn=lambda old, z, a, y: old(z, a, y) / len(y))),
    *[entry for eps in EPSILONS for entry in (clipped(eps), shifted(eps), floored(eps))],
    Mistake("log-of-rounded-a",
            "the cost is computed from an a that has rounded to 0 or 1, where the logarithm is "
            "infinite, or nearly so, where it has lost its digits",
            "compute the logarithm from z: y softplus(−z) + (1 − y) softplus(z)",
            CROSS, _with_logarithm(log_of)),
    Mistake("log-nan-to-num",
            "the cost is computed from an a that has rounded to 0 or 1, "
            "and nan_to_num hides the infinity",
            "compute the logarithm from z: y softplus(−z) + (1 − y) softplus(z)",
            CROSS, together(
                cost_changed("cross-entropy", fn=_nielsens_entropy),
                cost_changed("log-likelihood", fn=lambda old, z, a, y: total(
                    [finite(-y_j * log_of(a_j)) for a_j, y_j in zip(a, y)])))),
    Mistake("log-cut-at-100",
            "the cost is computed from an a that has rounded to 0 or 1, and its logarithm is cut "
            "off at −100", FROM_Z, CROSS, cost_changed("cross-entropy", fn=cut_at_100)),
    Mistake("entropy-one-term", "the cross-entropy has only its term y ln a",
            "C = −Σ [y ln a + (1 − y) ln(1 − a)]: the second term teaches an output to stay at 0",
            CROSS, cost_changed("cross-entropy", fn=likelihood(log_of))),
    Mistake("entropy-second-sign", "the second term of the cross-entropy, (1 − y) ln(1 − a), has "
            "the wrong sign", "C = −Σ [y ln a + (1 − y) ln(1 − a)]", CROSS, cost_changed(
                "cross-entropy", fn=entropy(log_of, lambda a: -log_of(1 - a)))),
    Mistake("entropy-sign", "the minus sign of the logarithmic cost is missing",
            "a cost is positive: C = −Σ …", CROSS, together(
                cost_changed("cross-entropy", fn=lambda old, z, a, y: -old(z, a, y)),
                cost_changed("log-likelihood", fn=lambda old, z, a, y: -old(z, a, y)))),
    Mistake("softmax-twice-cost", "softmax is taken again in the cost, but not in δ, of outputs "
            "that have had it", "give z, not a, to a cost function that takes the softmax itself",
            LIKELIHOOD, cost_changed("log-likelihood", fn=softmax_again)),
    Mistake("likelihood-of-mixture", "the log-likelihood has the logarithm outside the sum, "
            "−ln Σ y a, which for soft targets is another number", "C = −Σ y ln a", LIKELIHOOD,
            cost_changed("log-likelihood", fn=lambda old, z, a, y: -log_of(
                total([y_j * a_j for a_j, y_j in zip(a, y)])))),
    Mistake("likelihood-largest-target", "only the largest target counts in the log-likelihood, "
            "which for soft targets is another number", "C = −Σ y ln a", LIKELIHOOD,
            cost_changed("log-likelihood", fn=_largest_target)),
    Mistake("kullback-leibler", "the log-likelihood is the Kullback–Leibler divergence, "
            "Σ y ln(y/a), which for soft targets is another number", "C = −Σ y ln a", LIKELIHOOD,
            cost_changed("log-likelihood", fn=_divergence)),
    Mistake("likelihood-both-terms",
            "the log-likelihood has the second term of the cross-entropy, (1 − y) ln(1 − a)",
            "C = −Σ y ln a for a softmax output", LIKELIHOOD,
            cost_changed("log-likelihood", fn=entropy(log_of))),
    Mistake("quadratic-norm", "the norm in the quadratic cost is not squared: ½‖a − y‖",
            "C = ½‖a − y‖²", QUADRATIC, _of_quadratic(lambda old, z, a, y: norm(a, y) / 2)),
    Mistake("quadratic-half-squared", "the quadratic cost is ‖a − y‖ · ½²: the square is at the ½",
            "C = ½‖a − y‖²: the square belongs to the norm", QUADRATIC,
            _of_quadratic(lambda old, z, a, y: norm(a, y) * 0.5 ** 2)),
    Mistake("quadratic-quarter", "the ½ of the quadratic cost is squared, too: (½‖a − y‖)²",
            "C = ½‖a − y‖²", QUADRATIC, _of_quadratic(lambda old, z, a, y: old(z, a, y) / 2)),
    Mistake("quadratic-broadcast", "a column minus a row makes a matrix: ½ Σ (a_j − y_k)², over "
            "all pairs of an output and a target", "give a and y the same shape", QUADRATIC,
            _of_quadratic(lambda old, z, a, y: total([(a_j - y_k) * (a_j - y_k) for a_j in a
                                                      for y_k in y]) / 2)),
    Mistake("quadratic-absolute", "the quadratic cost is ½ Σ |a − y|, without the square",
            "C = ½ Σ (a − y)²", QUADRATIC, _of_quadratic(
                lambda old, z, a, y: total([magnitude(d) for d in subtract(a, y)]) / 2)),
    Mistake("entropy-swapped", "target and output are swapped in the cost: a ln y",
            "the logarithm is that of the output: −Σ [y ln a + …]", CROSS, together(
                cost_changed("cross-entropy", fn=lambda old, z, a, y:
                             entropy(log_of)(old, z, y, a)),
                cost_changed("log-likelihood", fn=lambda old, z, a, y:
                             likelihood(log_of)(old, z, y, a)))),
    Mistake("log-2", "the logarithm is to the base 2",
            "use the natural logarithm, or δ = a − y is wrong by a factor", CROSS,
            _with_logarithm(lambda a: log_of(a) / math.log(2))),
    Mistake("log-10", "the logarithm is to the base 10",
            "use the natural logarithm, or δ = a − y is wrong by a factor", CROSS,
            _with_logarithm(lambda a: log_of(a) / math.log(10))),
    Mistake("cost-after-step", "the cost is measured after the step, with the new weights",
            "measure the cost of the network that the case describes", TOTAL_COST,
            replaced(measured=lambda before, after: after)),
    Mistake("cost-examples-weighted", "each example's cost is divided by the mini-batch's size, "
            "and then the mean is taken", "divide by m once", TOTAL_COST,
            after("each", lambda costs, _, case: divided(costs, size(case)))),
]


def _squares(case: Case, value: Callable[[Number], Number] = lambda w: w * w) -> Number:
    return total([value(w) for W in case.weights for row in W for w in row])


def _bias_squares(case: Case) -> Number:
    return total([b * b for layer in case.biases for b in layer])


def _decay_cost(f: Callable[[Case], Number]) -> Change:
    return replaced(decay_cost=f)


TOTAL_COSTS = [
    Mistake("total-sum", "the total cost is the sum over the mini-batch, but the gradient is that "
            "of the mean", "divide both by m", TOTAL_COST,
            after("mean", lambda mean, costs, case: mean * len(costs))),
    Mistake("decay-cost-by-m", "the weight decay term in the cost is divided by the mini-batch's "
            "size, not by n", "n is the size of the whole training set", DECAY_COST,
            after("decay_cost", lambda d, case: d * case.n / size(case))),
    Mistake("decay-cost-half", "the ½ of the weight decay term in the cost is left out: "
            "(λ/n) Σ w²",
            "the term is (λ/2n) Σ w², so that its derivative is (λ/n) w", DECAY_COST,
            after("decay_cost", lambda d, case: 2 * d)),
    Mistake("decay-cost-not-by-n", "the weight decay term in the cost is not divided by n",
            "the term is (λ/2n) Σ w²", DECAY_COST,
            after("decay_cost", lambda d, case: d * case.n)),
    Mistake("decay-cost-missing", "the total cost is without the weight decay term",
            "the total cost has the term (λ/2n) Σ w²; a network that has no weight decay leaves "
            "out the cases with lmbda ≠ 0", DECAY_COST, _decay_cost(lambda case: 0)),
    Mistake("decay-cost-biases", "the weight decay term in the cost includes the biases",
            "biases do not decay", DECAY_COST,
            after("decay_cost", lambda d, case: d + case.lmbda * _bias_squares(case)
                  / (2 * case.n))),
    Mistake("total-divided-by-n", "the total cost is divided by n instead of the mini-batch's size",
            "the mean is that of the mini-batch: divide by m", TOTAL_COST,
            replaced(mean=lambda costs, case: total(costs) / case.n)),
    Mistake("total-last-example", "the total cost is that of the last example only",
            "add up the costs before dividing by m", TOTAL_COST,
            replaced(mean=lambda costs, case: costs[-1])),
    Mistake("decay-cost-norm", "the weight decay term in the cost has norms that are not squared",
            "the term is (λ/2n) Σ w²", DECAY_COST, _decay_cost(
                lambda case: case.lmbda / (2 * case.n) * total(
                    [sqrt(_squares(case._replace(weights=[W]))) for W in case.weights]))),
    Mistake("decay-cost-absolute", "the weight decay term in the cost is (λ/2n) Σ |w|",
            "the term is (λ/2n) Σ w²", DECAY_COST, _decay_cost(
                lambda case: case.lmbda / (2 * case.n) * _squares(case, magnitude))),
    Mistake("decay-cost-last-layer", "the weight decay term in the cost has one layer only, "
            "the last", "the sum runs over the weights of all layers", DECAY_COST,
            _decay_cost(lambda case: decay_cost(
                case._replace(weights=case.weights[-1:]),  # type: ignore[arg-type]
                case.lmbda, case.n))),
    Mistake("decay-cost-sign", "the weight decay term in the cost has the wrong sign",
            "large weights cost more, not less", DECAY_COST,
            after("decay_cost", lambda d, case: -d)),
    Mistake("decay-cost-per-example", "the weight decay term is added once for every example",
            "add it once, after the mean", DECAY_COST,
            after("decay_cost", lambda d, case: d * size(case))),
]

ENTRIES = COSTS_OF_EXAMPLES + TOTAL_COSTS
