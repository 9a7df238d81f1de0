"""Cost functions: how far the output a is from the target y, and the output error δ = ∂C/∂z.

The chain rule through the output layer, δ_j = Σ_k ∂C/∂a_k ∂a_k/∂z_j, gives each cost its δ:

*Quadratic.*  C = ½ Σ_j (a_j − y_j)², so ∂C/∂a_j = a_j − y_j (½ cancels the square's 2), and

    δ = (a − y) ⊙ σ′(z).

The factor σ′ stays.  A neuron that is wrong and saturated, a near 1 where y = 0, has σ′ near 0 and
learns slowly just where it should learn most.

*Cross-entropy*, for sigmoid output.  C = −Σ_j [y_j ln a_j + (1 − y_j) ln(1 − a_j)], so

    ∂C/∂a_j = −y_j/a_j + (1 − y_j)/(1 − a_j) = (a_j − y_j) / (a_j (1 − a_j)).

For the sigmoid σ′(z) = a(1 − a): exactly the denominator.  It cancels, and with it the slow start:

    δ = a − y.

*Log-likelihood*, for softmax output and targets with sum 1.  C = −Σ_j y_j ln a_j, where
ln a_j = z_j − ln Σ_k exp(z_k) and so ∂(ln a_j)/∂z_k = [j = k] − a_k.  Then

    δ_k = −Σ_j y_j ([j = k] − a_k) = a_k Σ_j y_j − y_k = a_k − y_k,        again  δ = a − y.

The two logarithmic costs are computed from z.  As a rounds to 0 or 1, its logarithm would turn
into −∞ or lose all digits, and 0 · ln 0 into NaN.  But with softplus(z) = ln(1 + eᶻ),

    ln a = −softplus(−z)  and  ln(1 − a) = −softplus(z)                      for the sigmoid,

which is finite for every finite z; every term is positive, so no digits cancel.  For softmax, with
z_m the largest of the z, the sum Σ_k exp(z_k) is exp(z_m) (1 + r), r = Σ_{k≠m} exp(z_k − z_m), and

    −ln a_j = (z_m − z_j) + ln(1 + r),                                       again positive terms.

Sources: M. Nielsen, Neural Networks and Deep Learning, ch. 2 (quadratic) and 3 (the other two).
"""
from __future__ import annotations

from collections import namedtuple

from purenn.activations import Activation, Identity, ReLU, Sigmoid, Softmax, Tanh
from purenn.elementary import exp, is_negative, log1p, magnitude
from purenn.linalg import Number, Vector, argmax, subtract, total


class Cost(namedtuple("Cost", "name outputs fn delta")):
    """A cost function.  z, a and y have one entry for each output neuron.

    outputs  the output activations it can be used with, the usual one first
    fn       (z, a, y) -> the cost of one example
    delta    (z, a, y, output activation) -> the output error δ = ∂C/∂z
    """

    __slots__ = ()


def softplus(z: Number) -> Number:
    """ln(1 + eᶻ), as max(0, z) + ln(1 + exp(−|z|)), which never overflows."""
    tail = log1p(exp(-magnitude(z)))
    return tail if is_negative(z) else z + tail


def quadratic(z: Vector, a: Vector, y: Vector) -> Number:
    """½ Σ_j (a_j − y_j)²."""
    return total([d * d for d in subtract(a, y)]) / 2


def quadratic_delta(z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
    """(a − y) ⊙ σ′(z)."""
    return output.backward(subtract(a, y), z)


def cross_entropy(z: Vector, a: Vector, y: Vector) -> Number:
    """−Σ_j [y_j ln a_j + (1 − y_j) ln(1 − a_j)] for a = σ(z)."""
    return total([y_j * softplus(-z_j) + (1 - y_j) * softplus(z_j) for z_j, y_j in zip(z, y)])


def log_likelihood(z: Vector, a: Vector, y: Vector) -> Number:
    """−Σ_j y_j ln a_j for a = softmax(z)."""
    m = argmax(z)
    r = total([exp(z_k - z[m]) for k, z_k in enumerate(z) if k != m])
    # With one output r stays the int 0, which log1p would make a float.
    log_of_sum = log1p(r) if r else r
    return total([y_j * ((z[m] - z_j) + log_of_sum) for z_j, y_j in zip(z, y) if y_j])


def delta_without_prime(z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
    """a − y: the output's derivative has cancelled."""
    return subtract(a, y)


QuadraticCost = Cost("quadratic", (Sigmoid, Tanh, ReLU, Identity, Softmax),
                     quadratic, quadratic_delta)
CrossEntropyCost = Cost("cross-entropy", (Sigmoid,), cross_entropy, delta_without_prime)
LogLikelihoodCost = Cost("log-likelihood", (Softmax,), log_likelihood, delta_without_prime)

COSTS = {cost.name: cost for cost in (CrossEntropyCost, QuadraticCost, LogLikelihoodCost)}
