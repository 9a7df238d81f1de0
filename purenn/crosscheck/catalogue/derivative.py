"""Mistakes in the derivatives of the activations, in the output layer and on the way back.

Ordered by how often they were found in the programs people teach with and in reports of mistakes
(crosscheck/README.md, "How common the mistakes are"): softmax's Jacobian first, then ReLU′,
σ′ at the wrong place, σ′ missing, and what was found once or is only known to happen.
"""
from __future__ import annotations

from typing import Callable

from purenn.activations import (
    Activation,
    Sigmoid,
    relu_prime,
    sigmoid,
    sigmoid_prime,
    softmax,
    tanh,
    tanh_prime,
)
from purenn.crosscheck.catalogue.arithmetic import clamped
from purenn.crosscheck.catalogue.places import (
    BP2,
    RELU_PRIME,
    SIGMOID_PRIME,
    SOFTMAX_PRIME,
    TANH_PRIME,
)
from purenn.crosscheck.catalogue.recipe import (
    Mistake,
    activation_changed,
    neurons,
    replaced,
    together,
)
from purenn.crosscheck.truth.blocks import CannotAnswer
from purenn.linalg import Number, Vector
from purenn.network import Layer

OF_Z = "σ′(z); or a(1 − a), tanh: 1 − a², which are functions of a"


def _prime_at_a(activation: Activation) -> Activation:
    return activation._replace(
        backward=lambda v, z: activation.backward(v, activation.forward(z)))


def _no_prime(activation: Activation) -> Activation:
    return activation._replace(backward=lambda v, z: v)


def _prime_twice(activation: Activation) -> Activation:
    return activation._replace(
        backward=lambda v, z: activation.backward(activation.backward(v, z), z))


def _prime_of_layer(offset: int) -> Callable[..., Vector]:
    def error(v: Vector, layers: list[Layer], l: int, activation: Activation) -> Vector:
        z = layers[l + offset].z or layers[l + offset].a
        if len(z) != len(v):
            raise CannotAnswer
        return activation.backward(v, z)
    return error


def _diagonal_jacobian(v: Vector, z: Vector) -> Vector:
    return [v_j * (a_j * (1 - a_j)) for v_j, a_j in zip(v, softmax(z))]


def _a_one_minus_a(activation: Activation) -> Activation:
    return activation._replace(backward=lambda v, z: [
        v_j * _sigmoid_prime_of(a_j) for v_j, a_j in zip(v, activation.forward(z))])


def _masked_by_itself(activation: Activation) -> Activation:
    return activation if activation.name != "relu" else activation._replace(
        backward=lambda v, z: [v_j if v_j > 0 else 0 for v_j in v])


def _without_parentheses(activation: Activation) -> Activation:
    """v · a · 1 − a: as nothing stands between them, the error is a factor, too."""
    return activation if activation.name != "sigmoid" else activation._replace(
        backward=lambda v, z: [v_j * a_j - a_j for v_j, a_j in zip(v, activation.forward(z))])


def _sigmoid_prime_of(a: Number) -> Number:
    return a * (1 - a)


ENTRIES = [
    Mistake("softmax-diagonal", "softmax's Jacobian is taken as diagonal: a(1 − a)",
            "each output depends on every z: δ_k = a_k (v_k − Σ_j v_j a_j)", SOFTMAX_PRIME,
            activation_changed(lambda activation: activation._replace(
                backward=_diagonal_jacobian) if activation.name == "softmax" else activation)),
    Mistake("relu-prime-at-0-one", "ReLU′ is 1 at z = 0",
            "the convention is ReLU′(0) = 0: ask for z > 0, not z ≥ 0", RELU_PRIME,
            neurons("relu", f_prime=lambda z: 1 if z >= 0 else 0)),
    Mistake("relu-prime-one", "ReLU′ is 1 everywhere: it is asked of something that is never "
            "negative, or of nothing", "ReLU′(z) is 1 for z > 0, else 0", RELU_PRIME,
            neurons("relu", f_prime=lambda z: 1)),
    Mistake("prime-at-a", "σ′ is taken at the activation a instead of the weighted input z",
            OF_Z, BP2, activation_changed(_prime_at_a)),
    Mistake("sigmoid-prime-of-z", "σ′ is computed as z(1 − z): a is expected, z is given",
            "σ′ = a(1 − a), with a = σ(z)", SIGMOID_PRIME,
            neurons("sigmoid", f_prime=lambda z: z * (1 - z))),
    Mistake("prime-a-one-minus-a", "the derivative is a(1 − a), the sigmoid's, whatever the "
            "activation", "each activation has its own derivative", BP2,
            activation_changed(_a_one_minus_a, output=False)),
    Mistake("prime-missing-hidden", "σ′ is missing on the way back",
            "δ = (Wᵀ δ) ⊙ σ′(z)", BP2, activation_changed(_no_prime, output=False)),
    Mistake("prime-at-bias", "σ′ is evaluated at the bias b instead of the weighted input z",
            OF_Z, BP2, replaced(at=lambda z, b: b)),
    Mistake("prime-of-layer-above", "σ′ is taken at the z of the layer above",
            "δ of layer l needs σ′ at z of the same layer l", BP2,
            replaced(error=_prime_of_layer(1))),
    Mistake("prime-of-layer-below", "σ′ is taken at the z of the layer below",
            "δ of layer l needs σ′ at z of the same layer l", BP2,
            replaced(error=_prime_of_layer(-1))),
    Mistake("tanh-prime-is-tanh", "tanh itself stands where tanh′ should", "tanh′ = 1 − a²",
            TANH_PRIME, neurons("tanh", f_prime=tanh)),
    Mistake("sigmoid-prime-is-sigmoid", "σ itself stands where σ′ should",
            "σ′ = a(1 − a)", SIGMOID_PRIME, neurons("sigmoid", f_prime=sigmoid)),
    Mistake("relu-prime-is-relu", "ReLU itself stands where ReLU′ should",
            "ReLU′(z) is 1 for z > 0, else 0", RELU_PRIME,
            neurons("relu", f_prime=lambda z: z * relu_prime(z))),
    Mistake("prime-clipped", "a is clipped in the derivative, to [0.01, 0.99] (tanh: "
            "[−0.98, 0.98]), so that saturated neurons go on learning, as in FANN",
            OF_Z, BP2, together(
                neurons("sigmoid", f_prime=lambda z: _sigmoid_prime_of(
                    clamped(sigmoid(z), 0.01, 0.99))),
                neurons("tanh", f_prime=lambda z: 1 - clamped(tanh(z), -0.98, 0.98) ** 2))),
    Mistake("prime-plus-tenth", "0.1 is added to σ′, so that saturated neurons go on learning "
            "(Fahlman's)", OF_Z, BP2, together(
                neurons("sigmoid", f_prime=lambda z: sigmoid_prime(z) + 0.1),
                neurons("tanh", f_prime=lambda z: tanh_prime(z) + 0.1))),
    Mistake("prime-of-sigmoid", "the derivative is σ(z)(1 − σ(z)), the sigmoid's, whatever the "
            "activation", "each activation has its own derivative", BP2,
            activation_changed(lambda activation: activation._replace(
                backward=Sigmoid.backward), output=False)),
    Mistake("relu-prime-at-0-half", "ReLU′ is ½ at z = 0",
            "the convention is ReLU′(0) = 0", RELU_PRIME,
            neurons("relu", f_prime=lambda z: 1 if z > 0 else 0.5 if z == 0 else 0)),
    Mistake("relu-prime-leaky", "ReLU′ is 0.01 for negative z, but ReLU is not leaky",
            "ReLU′(z) = 0 for z ≤ 0", RELU_PRIME,
            neurons("relu", f_prime=lambda z: 1 if z > 0 else 0.01)),
    Mistake("prime-twice-hidden", "σ′ is multiplied twice on the way back",
            "δ = (Wᵀ δ) ⊙ σ′(z), with one σ′ for each layer", BP2,
            activation_changed(_prime_twice, output=False)),
    Mistake("tanh-prime-of-z", "tanh′ is computed as 1 − z²",
            "tanh′ = 1 − a², with a = tanh(z)", TANH_PRIME,
            neurons("tanh", f_prime=lambda z: 1 - z * z)),
    Mistake("tanh-prime-not-squared", "tanh′ is computed as 1 − a: the square is missing",
            "tanh′ = 1 − a²", TANH_PRIME, neurons("tanh", f_prime=lambda z: 1 - tanh(z))),
    Mistake("tanh-prime-of-difference", "tanh′ is computed as (1 − a)²: the square is outside",
            "tanh′ = 1 − a²", TANH_PRIME,
            neurons("tanh", f_prime=lambda z: (1 - tanh(z)) ** 2)),
    Mistake("relu-mask-of-error", "ReLU′ looks at the error that comes back, which it sets to 0 "
            "where it is negative, and not at z", "ReLU′(z) is 1 for z > 0, whatever comes back",
            RELU_PRIME, activation_changed(_masked_by_itself)),
    Mistake("prime-without-parentheses", "a · 1 − a stands where a(1 − a) should: the product is "
            "taken first", "σ′ = a(1 − a), in parentheses", SIGMOID_PRIME,
            activation_changed(_without_parentheses)),
    Mistake("sigmoid-prime-plus", "σ′ is computed as a(1 + a)",
            "σ′ = a(1 − a)", SIGMOID_PRIME,
            neurons("sigmoid", f_prime=lambda z: sigmoid(z) * (1 + sigmoid(z)))),
]
