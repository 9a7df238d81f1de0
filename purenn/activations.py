"""Activation functions: how a layer turns weighted inputs into activations, a = σ(z), and σ′.

A neuron's function σ works on its own z alone, so ∂a_j/∂z_k is σ′(z_j) for j = k and 0 otherwise.
The chain rule through such a layer, ∂C/∂z_j = Σ_k ∂C/∂a_k ∂a_k/∂z_j, has a single term left:

    ∂C/∂z_j = ∂C/∂a_j σ′(z_j)          as vectors:  ∂C/∂z = ∂C/∂a ⊙ σ′(z)

*Sigmoid.*  a = 1/(1 + e⁻ᶻ).  By the chain rule, σ′ = e⁻ᶻ/(1 + e⁻ᶻ)².  Multiplying both parts of the
fraction by e²ᶻ gives eᶻ/(eᶻ + 1)², the same with −z for z: σ′ is even, so |z| may stand for z.  And
since 1 − a = e⁻ᶻ/(1 + e⁻ᶻ), σ′ = a(1 − a).  That is correct algebra, but for z > 37 the float a is
1 and the product 0, while the true σ′(z), about e⁻ᶻ, is a float like any other.  So each derivative
here is computed from z, not from a.

*Tanh.*  a = d/s with d = eᶻ − e⁻ᶻ and s = eᶻ + e⁻ᶻ, each the derivative of the other.  By the
quotient rule, tanh′ = (s² − d²)/s² = 4/s², because s² − d² = 4 eᶻ e⁻ᶻ.  Since s = eᶻ (1 + e⁻²ᶻ),
that is 4 e⁻²ᶻ/(1 + e⁻²ᶻ)² = 4 σ′(2z).

*ReLU.*  max(0, z), with slope 1 to the right of 0 and 0 to the left.  At 0 it has none; the
convention here, as nearly everywhere, is 0.

*Softmax.*  a_j = exp(z_j)/Σ_k exp(z_k): positive numbers with sum 1, that is, probabilities.  Here
each output depends on every z.  By the quotient rule ∂a_j/∂z_k = a_j([j = k] − a_k), where [j = k]
is 1 if j = k and 0 otherwise, and the chain rule gives

    ∂C/∂z_k = Σ_j ∂C/∂a_j a_j ([j = k] − a_k) = a_k (∂C/∂a_k − Σ_j ∂C/∂a_j a_j).
"""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable

from purenn.elementary import exp, expm1, is_negative, magnitude
from purenn.linalg import Number, Vector, argmax, total


class Activation(namedtuple("Activation", "name forward backward")):
    """A layer's activation function; all vectors have one entry for each neuron of the layer.

    forward   z -> a
    backward  (∂C/∂a, z) -> ∂C/∂z; for neurons that each work on their own z, v ⊙ σ′(z)
    """

    __slots__ = ()


def sigmoid(z: Number) -> Number:
    """1/(1 + exp(−z)), the logistic function, without overflow for any finite z."""
    if is_negative(z):
        q = exp(z)
        return q / (1 + q)
    return 1 / (1 + exp(-z))


def sigmoid_prime(z: Number) -> Number:
    """σ′(z), accurate to a few ulp also where σ(z) has rounded to 1."""
    q = exp(-magnitude(z))
    return q / ((1 + q) * (1 + q))


def tanh(z: Number) -> Number:
    """(1 − q²)/(1 + q²) for z ≥ 0, and its negative for −z; m = q² − 1 keeps its digits near 0."""
    m = expm1(-2 * magnitude(z))
    return m / (2 + m) if is_negative(z) else -m / (2 + m)


def tanh_prime(z: Number) -> Number:
    """tanh′(z) = 1 − tanh²(z), accurate to a few ulp also where tanh(z) has rounded to ±1."""
    return 4 * sigmoid_prime(2 * z)


def relu(z: Number) -> Number:
    """max(0, z), with a 0 of z's own kind: an int, divided later, would turn into a float."""
    return type(z)(0) if is_negative(z) else z


def relu_prime(z: Number) -> Number:
    """1 for z > 0, else 0."""
    return 1 if is_negative(-z) else 0


def softmax(z: Vector) -> Vector:
    """exp(z_j)/Σ_k exp(z_k), of any length.

    All z_j are first lowered by the largest of them, which cancels in the quotient: the largest
    exponential is then exp(0), and nothing overflows.
    """
    top = z[argmax(z)]
    exponentials = [exp(z_j - top) for z_j in z]
    s = total(exponentials)
    return [e / s for e in exponentials]


def softmax_backward(v: Vector, z: Vector) -> Vector:
    """The product of softmax's (symmetric) Jacobian matrix at z with v: a ⊙ (v − Σ_j v_j a_j)."""
    a = softmax(z)
    mean = total([v_j * a_j for v_j, a_j in zip(v, a)])
    return [a_k * (v_k - mean) for a_k, v_k in zip(a, v)]


def neuron_by_neuron(name: str, f: Callable[[Number], Number],
                     f_prime: Callable[[Number], Number]) -> Activation:
    """The activation of a layer whose neurons each apply f to their own weighted input."""
    return Activation(
        name,
        forward=lambda z: [f(z_j) for z_j in z],
        backward=lambda v, z: [v_j * f_prime(z_j) for v_j, z_j in zip(v, z)])


Sigmoid = neuron_by_neuron("sigmoid", sigmoid, sigmoid_prime)
Tanh = neuron_by_neuron("tanh", tanh, tanh_prime)
ReLU = neuron_by_neuron("relu", relu, relu_prime)
Identity = neuron_by_neuron("identity", lambda z: z, lambda z: 1)
Softmax = Activation("softmax", softmax, softmax_backward)

HIDDEN = {activation.name: activation for activation in (Sigmoid, Tanh, ReLU, Identity)}
OUTPUTS = {**HIDDEN, Softmax.name: Softmax}
