"""Mistakes of the forward pass, in the weighted inputs and the activations.

Ordered by how often they were found in the programs people teach with and in reports of mistakes
(crosscheck/README.md, "How common the mistakes are"): biases first, then softmax, then what
was found once or is only known to happen.
"""
from __future__ import annotations

from typing import Callable

from purenn.activations import (
    Activation,
    Identity,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    sigmoid,
    sigmoid_prime,
    softmax,
    tanh,
    tanh_prime,
)
from purenn.costs import softplus
from purenn.crosscheck.catalogue.arithmetic import clamped, exp_of, ratio, sign
from purenn.crosscheck.catalogue.places import FORWARD, RELU, SIGMOID, SOFTMAX, TANH
from purenn.crosscheck.catalogue.recipe import (
    Change,
    Mistake,
    activation_changed,
    after,
    neurons,
    replaced,
)
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import RIGHT, Recipe
from purenn.elementary import exp, magnitude
from purenn.linalg import Matrix, Number, Vector, add, scale, total


def _column_order(W: Matrix) -> Matrix:
    """A matrix of the same shape, its numbers read row by row but laid down column by column."""
    numbers = [w for row in W for w in row]
    return [numbers[j::len(W)] for j in range(len(W))]


def _read_in_column_order(case: Case) -> Case:
    return case._replace(weights=[_column_order(W) for W in case.weights])


def _bias_after(activation: Activation, zs: list[Vector], b: Vector) -> list[Vector]:
    return [add(a, b) for a in RIGHT.activate(activation, zs, b)]


def _softmax_of_columns(activation: Activation, zs: list[Vector], b: Vector) -> list[Vector]:
    """Softmax over the mini-batch, for each neuron by itself."""
    if activation.name != "softmax":
        return RIGHT.activate(activation, zs, b)
    columns = [softmax(list(column)) for column in zip(*zs)]
    return [list(a) for a in zip(*columns)]


def _softmax_of_all(activation: Activation, zs: list[Vector], b: Vector) -> list[Vector]:
    """Softmax over the neurons and the mini-batch alike."""
    if activation.name != "softmax":
        return RIGHT.activate(activation, zs, b)
    a = softmax([z_j for z in zs for z_j in z])
    return [a[k:k + len(b)] for k in range(0, len(a), len(b))]


def _softmax_shifted_by_all(activation: Activation, zs: list[Vector], b: Vector) -> list[Vector]:
    """Softmax, but the exponentials are lowered by the largest z of the whole mini-batch."""
    if activation.name != "softmax":
        return RIGHT.activate(activation, zs, b)
    top = max(z_j for z in zs for z_j in z)
    return [_normalized([exp(z_j - top) for z_j in z]) for z in zs]


def _normalized(v: Vector) -> Vector:
    s = total(v)
    return [ratio(v_j, s) for v_j in v]


def _softmax_unshifted(z: Vector) -> Vector:
    exponentials = [exp_of(z_j) for z_j in z]
    s = total(exponentials)
    return [ratio(e, s) if e != float("inf") else float("nan") for e in exponentials]


def _softmax_is(forward: Callable[[Vector], Vector]) -> Change:
    return activation_changed(lambda activation: activation._replace(forward=forward)
                              if activation.name == "softmax" else activation)


def _activated_before_softmax(recipe: Recipe) -> Recipe:
    """The hidden layers' activation in the last layer, too, and softmax of that."""
    def both(h: Activation, o: Activation) -> tuple[Activation, Activation]:
        h, o = recipe.activations(h, o)
        if o.name != "softmax":
            return h, o
        return h, o._replace(forward=lambda z: o.forward(h.forward(z)),
                             backward=lambda v, z: h.backward(o.backward(v, h.forward(z)), z))
    return recipe._replace(activations=both)


def _exponentials_overflow(z: float) -> float:
    up, down = exp_of(z), exp_of(-z)
    return (up - down) / (up + down)


def _from_table(z: float) -> float:
    """word2vec's table: σ at the left end of one of a thousand steps between −6 and 6."""
    if not -6 < z < 6:
        return float(z > 0)
    return sigmoid(int((z + 6) * (1000 / 12)) * 0.012 - 6)


def _always(layers: str, activation: Activation, name: str) -> Mistake:
    """The hidden or the output layers with one activation, whatever the case asks for."""
    hidden = layers == "hidden"
    return Mistake(
        f"{layers}-{activation.name}",
        f"the {'hidden layers are' if hidden else 'output layer is'} {name} whatever the case asks "
        "for", f'take the activation that "{layers}" names', FORWARD,
        activation_changed(lambda _: activation, hidden=hidden, output=not hidden))


def _leaky(id: str, slope: float) -> Mistake:
    return Mistake(id, f"ReLU is leaky: {slope} z for negative z", "ReLU(z) = max(0, z)", RELU,
                   neurons("relu", lambda z: z if z > 0 else slope * z,
                           lambda z: 1 if z > 0 else slope))


def _swish_prime(z: Number) -> Number:
    return sigmoid(z) + z * sigmoid_prime(z)


#: also a convention (convention.py)
WITHOUT_BIASES = replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, scale(0, b)))

ENTRIES = [
    Mistake("bias-left-out", "the biases are left out of the weighted input",
            "z = W a + b", FORWARD, WITHOUT_BIASES),
    Mistake("softmax-unshifted", "softmax takes exponentials of z unshifted, which overflow",
            "lower all z by the largest of them first; the quotient is the same",
            SOFTMAX, _softmax_is(_softmax_unshifted)),
    Mistake("bias-shared", "all neurons of a layer share the bias of the first",
            "every neuron has a bias of its own, biases[l][j]", FORWARD,
            replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, [b[0]] * len(b)))),
    Mistake("softmax-wrong-axis", "softmax runs over the mini-batch, for each neuron, "
            "and not over the neurons (the wrong axis)",
            "the outputs of one example have the sum 1", SOFTMAX,
            replaced(activate=_softmax_of_columns)),
    Mistake("softmax-all-axes", "softmax is normalized over the whole mini-batch at once",
            "the outputs of one example have the sum 1", SOFTMAX,
            replaced(activate=_softmax_of_all)),
    Mistake("softmax-of-activated", "the last layer has the hidden layers' activation function "
            "before the softmax", "softmax takes z = W a + b as it is", SOFTMAX,
            _activated_before_softmax),
    Mistake("softmax-shifted-by-batch", "softmax lowers z by the largest one of the whole "
            "mini-batch, so that all exponentials of an example far below it are 0",
            "lower the z of each example by the largest of that example", SOFTMAX,
            replaced(activate=_softmax_shifted_by_all)),
    Mistake("softmax-without-exponentials", "softmax lacks its exponentials: z_j/Σ_k z_k",
            "a_j = exp(z_j)/Σ_k exp(z_k)", SOFTMAX, _softmax_is(_normalized)),
    Mistake("sigmoid-steep", "the sigmoid is twice as steep, σ(2z)",
            "σ(z) = 1/(1 + exp(−z))", SIGMOID,
            neurons("sigmoid", lambda z: sigmoid(2 * z), lambda z: 2 * sigmoid_prime(2 * z))),
    Mistake("sigmoid-table", "the sigmoid is read from a table of 1000 entries between −6 and 6, "
            "and right to about 10⁻³ only", "compute 1/(1 + exp(−z))", SIGMOID,
            neurons("sigmoid", _from_table, lambda z: _from_table(z) * (1 - _from_table(z)))),
    Mistake("bias-subtracted", "the biases are subtracted",
            "z = W a + b (a bias is minus a threshold)", FORWARD,
            replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, scale(-1, b)))),
    Mistake("bias-after-activation", "the bias is added after the activation function",
            "a = σ(W a + b), not σ(W a) + b", FORWARD,
            replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, [0] * len(b)), activate=_bias_after)),
    Mistake("weights-in-column-order",
            "the weight matrices are transposed: their numbers are read column by column",
            "weights[l][j][k] goes from neuron k to neuron j; row j belongs to neuron j",
            FORWARD, after("read", lambda case, _: _read_in_column_order(case))),
    Mistake("input-activated", "an activation function is applied to the input layer, too",
            "the input goes into the first weights as it is: a⁰ = x", FORWARD,
            replaced(start=lambda x: [sigmoid(x_k) for x_k in x])),
    Mistake("input-divided-by-255", "the input is divided by 255, as if it were pixels",
            "the input goes into the first weights as it is: a⁰ = x", FORWARD,
            replaced(start=lambda x: [x_k / 255 if x_k else x_k for x_k in x])),
    Mistake("input-truncated", "the input is cut to whole numbers, as in an array of integers",
            "the input goes into the first weights as it is: a⁰ = x", FORWARD,
            replaced(start=lambda x: [float(int(x_k)) for x_k in x])),
    Mistake("hidden-linear", "the hidden layers have no activation function",
            "a = σ(z) in every layer after the input", FORWARD,
            activation_changed(lambda activation: Identity, output=False)),
    Mistake("output-linear", "the last layer is linear: it has no activation function",
            "a = σ(z) in the output layer, too", FORWARD,
            activation_changed(lambda activation: Identity, hidden=False)),
    Mistake("output-like-hidden", "the output layer has the hidden layers' activation function",
            'take the activation that "output" names for the last layer', FORWARD,
            lambda recipe: recipe._replace(
                activations=lambda h, o: (recipe.activations(h, o)[0],) * 2)),
    _always("hidden", Sigmoid, "sigmoid"),
    _always("hidden", Tanh, "tanh"),
    _always("hidden", ReLU, "ReLU"),
    _always("output", Sigmoid, "sigmoid"),
    _always("output", Softmax, "softmax"),
    _leaky("relu-leaky", 0.01),
    _leaky("relu-leaky-0.1", 0.1),
    _leaky("relu-leaky-0.2", 0.2),
    _leaky("relu-leaky-0.3", 0.3),
    Mistake("relu-capped", "ReLU is cut off at 1",
            "ReLU(z) = max(0, z), without an upper end", RELU,
            neurons("relu", lambda z: clamped(z, 0, 1), lambda z: 1 if 0 < z < 1 else 0)),
    Mistake("relu-elu", "ReLU is ELU: exp(z) − 1 for negative z",
            "ReLU(z) = max(0, z)", RELU,
            neurons("relu", lambda z: z if z > 0 else exp(z) - 1,
                    lambda z: 1 if z > 0 else exp(z))),
    Mistake("relu-softplus", "ReLU is softplus, ln(1 + eᶻ)", "ReLU(z) = max(0, z)", RELU,
            neurons("relu", softplus, sigmoid)),
    Mistake("relu-swish", "ReLU is swish (SiLU), z σ(z)", "ReLU(z) = max(0, z)", RELU,
            neurons("relu", lambda z: z * sigmoid(z), _swish_prime)),
    Mistake("relu-abs", "ReLU is the absolute value of z",
            "ReLU(z) = max(0, z)", RELU,
            neurons("relu", lambda z: magnitude(z), lambda z: sign(z))),
    Mistake("tanh-lecun", "tanh is LeCun's, 1.7159 tanh(2z/3)", "tanh(z)", TANH,
            neurons("tanh", lambda z: 1.7159 * tanh(2 * z / 3),
                    lambda z: 1.7159 * 2 / 3 * tanh_prime(2 * z / 3))),
    Mistake("tanh-half", "tanh is computed as 2σ(z) − 1, which is tanh(z/2)",
            "tanh(z) = 2σ(2z) − 1", TANH,
            neurons("tanh", lambda z: tanh(z / 2), lambda z: tanh_prime(z / 2) / 2)),
    Mistake("tanh-overflow", "tanh is a quotient of exponentials that overflow for large z",
            "use the library's tanh, or exponentials of −|z| alone", TANH,
            neurons("tanh", _exponentials_overflow)),
    Mistake("sigmoid-sign", "the sigmoid is 1/(1 + exp(z)): the minus sign is missing",
            "σ(z) = 1/(1 + exp(−z))", SIGMOID,
            neurons("sigmoid", lambda z: sigmoid(-z), lambda z: -sigmoid_prime(z))),
    Mistake("sigmoid-hard", "the sigmoid is the “hard” one, 0.2 z + 0.5 between 0 and 1",
            "σ(z) = 1/(1 + exp(−z))", SIGMOID,
            neurons("sigmoid", lambda z: clamped(0.2 * z + 0.5, 0.0, 1.0),
                    lambda z: 0.2 if -2.5 < z < 2.5 else 0)),
]
