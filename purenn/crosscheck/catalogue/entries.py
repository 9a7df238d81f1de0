"""The catalogue: mistakes that people make, and conventions that are no mistakes.

Each entry says what it is, what to do, where it first shows, where in the reference to look, and
how a program with it computes (see mistakes.py).  They stand in the order of the computation.

Sources: the listing in "Musings over Backpropagation" that purenn began from, and M. Nielsen's
``network2.py``; the manuals of PyTorch (BCELoss, CrossEntropyLoss, SGD) and Keras (epsilon);
A. Karpathy, A Recipe for Training Neural Networks (2019).
"""
from __future__ import annotations

import math
from typing import Any, Callable

from purenn import activations, costs, network, sgd
from purenn.activations import (
    Activation,
    Identity,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    relu_prime,
    sigmoid,
    sigmoid_prime,
    softmax,
    tanh,
)
from purenn.crosscheck.catalogue.recipe import (
    Change,
    Mistake,
    activation_changed,
    after,
    cost_changed,
    neurons,
    presented,
    replaced,
    reported,
    together,
)
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import RIGHT, CannotAnswer, divided, rows, sum_outer
from purenn.crosscheck.truth.compare import (
    COSTS_,
    HID_B,
    HIDDEN_A,
    NEW_B,
    NEW_W,
    OUT_B,
    OUT_W,
    OUTPUT_A,
    TOTAL,
)
from purenn.crosscheck.truth.reference import Answer
from purenn.elementary import exp, log, magnitude, sqrt
from purenn.linalg import Matrix, Number, Vector, add, scale, subtract, total
from purenn.network import Layer
from purenn.sgd import decay_cost

# Where to look in the reference.
FORWARD = (network, "z = affine(")
BP1, BP2, BP3, BP4 = ((network, f"(BP{k})") for k in (1, 2, 3, 4))
SIGMOID, SIGMOID_PRIME = (activations, "def sigmoid("), (activations, "def sigmoid_prime")
TANH, TANH_PRIME = (activations, "def tanh("), (activations, "def tanh_prime")
RELU, RELU_PRIME = (activations, "def relu("), (activations, "def relu_prime")
SOFTMAX = (activations, "def softmax(")
SOFTMAX_PRIME = (activations, "def softmax_backward")
QUADRATIC, CROSS = (costs, "def quadratic("), (costs, "def cross_entropy(")
LIKELIHOOD = (costs, "def log_likelihood(")
QUADRATIC_DELTA = (costs, "def quadratic_delta")
COST_DELTA = (costs, "def delta_without_prime")
TOTAL_COST, DECAY_COST = (sgd, "total(costs) / len(data)"), (sgd, "def decay_cost")
UPDATE, DECAY = (sgd, "-eta / len(mini_batch)"), (sgd, "decay = 1 - eta")


# Floating-point arithmetic as other languages have it: no exceptions, but infinities and NaN.

def log_of(a: float) -> float:
    return log(a) if a > 0 else -math.inf if a == 0 else math.nan


def exp_of(z: float) -> float:
    return exp(z) if z < 709.78 else math.inf


def ratio(p: float, q: float) -> float:
    return p / q if q else math.copysign(math.inf, p) if p else math.nan


def clamped(a: float, least: float, most: float) -> float:
    return min(max(a, least), most)


def finite(x: float) -> float:
    """NumPy's nan_to_num."""
    return 0.0 if x != x else clamped(x, -1.7976931348623157e308, 1.7976931348623157e308)


# Pieces with a mistake.

def _prime_at_a(activation: Activation) -> Activation:
    return activation._replace(
        backward=lambda v, z: activation.backward(v, activation.forward(z)))


def _no_prime(activation: Activation) -> Activation:
    return activation._replace(backward=lambda v, z: v)


def _prime_twice(activation: Activation) -> Activation:
    return activation._replace(
        backward=lambda v, z: activation.backward(activation.backward(v, z), z))


def _column_order(W: Matrix) -> Matrix:
    """A matrix of the same shape, its numbers read row by row but laid down column by column."""
    numbers = [w for row in W for w in row]
    return [numbers[j::len(W)] for j in range(len(W))]


def _read_in_column_order(case: Case) -> Case:
    return case._replace(weights=[_column_order(W) for W in case.weights])


def _not_transposed(W: Matrix, delta: Vector) -> Vector:
    """The numbers of W, an m × n matrix, taken as those of an n × m matrix, times δ."""
    numbers, m = [w for row in W for w in row], len(W)
    return [total([w * d for w, d in zip(numbers[k:k + m], delta)])
            for k in range(0, len(numbers), m)]


def _other_layers_matrix(case: Case, l: int, new_W: Matrix, new_b: Vector) -> Matrix:
    W = case.weights[l - 1]
    if not len(case.weights[l]) == len(W) == len(W[0]):
        raise CannotAnswer
    return W


def _prime_of_layer(offset: int) -> Callable[..., Vector]:
    def error(v: Vector, layers: list[Layer], l: int, activation: Activation) -> Vector:
        z = layers[l + offset].z or layers[l + offset].a
        if len(z) != len(v):
            raise CannotAnswer
        return activation.backward(v, z)
    return error


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


def _softmax_unshifted(activation: Activation) -> Activation:
    def forward(z: Vector) -> Vector:
        exponentials = [exp_of(z_j) for z_j in z]
        s = total(exponentials)
        return [ratio(e, s) if e != math.inf else math.nan for e in exponentials]
    return activation._replace(forward=forward) if activation.name == "softmax" else activation


def _exponentials_overflow(z: float) -> float:
    up, down = exp_of(z), exp_of(-z)
    return (up - down) / (up + down)


def _diagonal_jacobian(v: Vector, z: Vector) -> Vector:
    return [v_j * (a_j * (1 - a_j)) for v_j, a_j in zip(v, softmax(z))]


def _bias_after(activation: Activation, zs: list[Vector], b: Vector) -> list[Vector]:
    return [add(a, b) for a in RIGHT.activate(activation, zs, b)]


def _norm(a: Vector, y: Vector) -> float:
    return sqrt(total([d * d for d in subtract(a, y)]))


def _entropy(log_a: Callable[[Number], Number]) -> Callable[..., Number]:
    """−Σ [y ln a + (1 − y) ln(1 − a)] with some other logarithm."""
    return lambda old, z, a, y: -total([y_j * log_a(a_j) + (1 - y_j) * log_a(1 - a_j)
                                        for a_j, y_j in zip(a, y)])


def _likelihood(log_a: Callable[[Number], Number]) -> Callable[..., Number]:
    """−Σ y ln a with some other logarithm."""
    return lambda old, z, a, y: -total([y_j * log_a(a_j) for a_j, y_j in zip(a, y)])


def _nielsens_entropy(old: Callable[..., Number], z: Vector, a: Vector, y: Vector) -> float:
    return total([finite(-y_j * log_of(a_j) - (1 - y_j) * log_of(1 - a_j))
                  for a_j, y_j in zip(a, y)])


def _with_logarithm(log_a: Callable[[Number], Number]) -> Change:
    return together(cost_changed("cross-entropy", fn=_entropy(log_a)),
                    cost_changed("log-likelihood", fn=_likelihood(log_a)))


def _delta_by_division(old: Callable[..., Vector], z: Vector, a: Vector, y: Vector,
                       output: Activation) -> Vector:
    """What automatic differentiation makes of a logarithm of a, as in PyTorch's BCELoss."""
    return [(a_j - y_j) / max(a_j * (1 - a_j), 1e-12) * (a_j * (1 - a_j))
            for a_j, y_j in zip(a, y)]


def _backward_of_output(old: Callable[..., Vector], z: Vector, a: Vector, y: Vector,
                        output: Activation) -> Vector:
    return output.backward(old(z, a, y, output), z)


def _softmax_twice(old: Callable[..., Vector], z: Vector, a: Vector, y: Vector,
                   output: Activation) -> Vector:
    return output.backward(subtract(softmax(a), y), z)


def _sums_of_examples(deltas: list[Vector]) -> Vector:
    """A sum over the neurons for each example, where one over the examples is due."""
    return [total(delta) for delta in deltas]


def _broadcast(b: Vector, g: Vector, decay: Number, rate: Number) -> Vector:
    if len(g) not in (1, len(b)):
        raise CannotAnswer
    return RIGHT.update_b(b, g * len(b) if len(g) == 1 else g, decay, rate)


def _all_one(v: Vector, *rest: Any) -> Vector:
    return [total(v)] * len(v)


def _below_unactivated(deltas: list[Vector], passes: list[list[Layer]], l: int,
                       case: Case) -> Matrix:
    return sum_outer(deltas, [layers[l].z or layers[l].a for layers in passes])


def _above(deltas: list[Vector], passes: list[list[Layer]], l: int,
           case: Case) -> Matrix:
    """The activations of the layer itself, where those of the layer below belong."""
    if len(passes[0][l].a) != len(passes[0][l + 1].a):
        raise CannotAnswer
    return sum_outer(deltas, [layers[l + 1].a for layers in passes])


def _swapped_gradients(answer: Answer, case: Case) -> Answer:
    """What NumPy makes of a bias gradient added to weights, and a weight gradient to biases."""
    g_w = [[[g_j] * len(row) for g_j, row in zip(g, W)]
           for g, W in zip(answer["nabla_b"], case.weights)]
    g_b, decay = answer["nabla_w"], RIGHT.decay(case)
    return {"nabla_w": g_w, "nabla_b": g_b,
            "new_weights": [RIGHT.update_w(W, g, decay, case.eta)
                            for W, g in zip(case.weights, g_w)],
            "new_biases": [[RIGHT.update_b([b_j] * len(row), row, 1, case.eta)
                            for b_j, row in zip(b, g)] for b, g in zip(case.biases, g_b)]}


def _adam(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return [_adam_vector(row, g_row, 1, rate) for row, g_row in zip(W, g)]


def _adam_vector(v: Vector, g: Vector, decay: Number, rate: Number) -> Vector:
    return [v_k - rate * g_k / (magnitude(g_k) + 1e-8) for v_k, g_k in zip(v, g)]


def _sign(w: float) -> int:
    return (w > 0) - (w < 0)


def _l1_decay(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return [[w - (1 - decay) * _sign(w) - rate * g_w for w, g_w in zip(row, g_row)]
            for row, g_row in zip(W, g)]


def _decayed_after(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return rows(lambda row: scale(decay, row), RIGHT.update_w(W, g, 1, rate))


def _decay_of(piece: Callable[[Case], Number]) -> Change:
    """Another η λ/n in the factor 1 − ηλ/n."""
    return replaced(decay=lambda case: 1 - piece(case))


def _squares(case: Case, value: Callable[[Number], Number] = lambda w: w * w) -> Number:
    return total([value(w) for W in case.weights for row in W for w in row])


def _bias_squares(case: Case) -> Number:
    return total([b * b for layer in case.biases for b in layer])


def _decay_cost(f: Callable[[Case], Number]) -> Change:
    return replaced(decay_cost=f)


def _m(case: Case) -> int:
    return len(case.mini_batch)


def _column(v: Any) -> Matrix:
    """A vector as a column; what is a column already, or a matrix, remains one."""
    return [v_j if isinstance(v_j, list) else [v_j] for v_j in v]


def _like(a: Any, x: Vector) -> Any:
    """x, as a column if a is one."""
    return _column(x) if isinstance(a[0], list) else x


def _columns(answer: Answer) -> Answer:
    return {"activations": [[_column(a) for a in layers] for layers in answer["activations"]],
            "nabla_b": [_column(b) for b in answer["nabla_b"]],
            "new_biases": [_column(b) for b in answer["new_biases"]]}


# The table.

def _with_epsilon(k: int) -> list[Mistake]:
    """What is done against ln 0, for ε = 10⁻ᵏ."""
    eps = 10.0 ** -k
    return [
        Mistake(f"log-clipped-1e-{k}", f"a is clipped to [1e-{k}, 1 − 1e-{k}] before its logarithm",
                "compute the logarithm from z: it is finite for every finite z",
                COSTS_, CROSS, _with_logarithm(lambda a: log(clamped(a, eps, 1 - eps)))),
        Mistake(f"log-plus-1e-{k}", f"1e-{k} is added to a before its logarithm",
                "compute the logarithm from z: it is finite for every finite z",
                COSTS_, CROSS, _with_logarithm(lambda a: log(a + eps)))]


def _always(layers: str, activation: Activation, name: str) -> Mistake:
    """The hidden or the output layers with one activation, whatever the case asks for."""
    hidden = layers == "hidden"
    return Mistake(
        f"{layers}-{activation.name}",
        f"the {'hidden layers are' if hidden else 'output layer is'} {name} whatever the case asks "
        "for", f'take the activation that "{layers}" names',
        HIDDEN_A if hidden else OUTPUT_A, FORWARD,
        activation_changed(lambda _: activation, hidden=hidden, output=not hidden))


FORWARD_PASS = [
    Mistake("input-activated", "an activation function is applied to the input layer, too",
            "the input goes into the first weights as it is: a⁰ = x", HIDDEN_A, FORWARD,
            replaced(start=lambda x: [sigmoid(x_k) for x_k in x])),
    Mistake("bias-left-out", "the biases are left out of the weighted input",
            "z = W a + b", HIDDEN_A, FORWARD,
            replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, [0] * len(b)))),
    Mistake("bias-subtracted", "the biases are subtracted",
            "z = W a + b (a bias is minus a threshold)", HIDDEN_A, FORWARD,
            replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, scale(-1, b)))),
    Mistake("bias-after-activation", "the bias is added after the activation function",
            "a = σ(W a + b), not σ(W a) + b", HIDDEN_A, FORWARD,
            replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, [0] * len(b)), activate=_bias_after)),
    Mistake("bias-shared", "all neurons of a layer share the bias of the first",
            "every neuron has a bias of its own, biases[l][j]", HIDDEN_A, FORWARD,
            replaced(weigh=lambda W, a, b: RIGHT.weigh(W, a, [b[0]] * len(b)))),
    Mistake("weights-in-column-order",
            "the weight matrices are transposed: their numbers are read column by column",
            "weights[l][j][k] goes from neuron k to neuron j; row j belongs to neuron j",
            HIDDEN_A, FORWARD, after("read", lambda case, _: _read_in_column_order(case))),
    Mistake("hidden-linear", "the hidden layers have no activation function",
            "a = σ(z) in every layer after the input", HIDDEN_A, FORWARD,
            activation_changed(lambda activation: Identity, output=False)),
    _always("hidden", Sigmoid, "sigmoid"),
    _always("hidden", Tanh, "tanh"),
    _always("hidden", ReLU, "ReLU"),
    Mistake("sigmoid-sign", "the sigmoid is 1/(1 + exp(z)): the minus sign is missing",
            "σ(z) = 1/(1 + exp(−z))", HIDDEN_A, SIGMOID,
            neurons("sigmoid", lambda z: sigmoid(-z), lambda z: -sigmoid_prime(z))),
    Mistake("sigmoid-hard", "the sigmoid is the “hard” one, 0.2 z + 0.5 between 0 and 1",
            "σ(z) = 1/(1 + exp(−z))", HIDDEN_A, SIGMOID,
            neurons("sigmoid", lambda z: clamped(0.2 * z + 0.5, 0.0, 1.0),
                    lambda z: 0.2 if -2.5 < z < 2.5 else 0)),
    Mistake("tanh-half", "tanh is computed as 2σ(z) − 1, which is tanh(z/2)",
            "tanh(z) = 2σ(2z) − 1", HIDDEN_A, TANH,
            neurons("tanh", lambda z: tanh(z / 2), lambda z: Tanh.backward([0.5], [z / 2])[0])),
    Mistake("tanh-overflow", "tanh is a quotient of exponentials that overflow for large z",
            "use the library's tanh, or exponentials of −|z| alone", HIDDEN_A, TANH,
            neurons("tanh", _exponentials_overflow)),
    Mistake("relu-leaky", "ReLU is leaky: 0.01 z for negative z",
            "ReLU(z) = max(0, z)", HIDDEN_A, RELU,
            neurons("relu", lambda z: z if z > 0 else 0.01 * z, lambda z: 1 if z > 0 else 0.01)),
    Mistake("relu-capped", "ReLU is cut off at 1",
            "ReLU(z) = max(0, z), without an upper end", HIDDEN_A, RELU,
            neurons("relu", lambda z: clamped(z, 0, 1), lambda z: 1 if 0 < z < 1 else 0)),
    Mistake("relu-elu", "ReLU is ELU: exp(z) − 1 for negative z",
            "ReLU(z) = max(0, z)", HIDDEN_A, RELU,
            neurons("relu", lambda z: z if z > 0 else exp(z) - 1,
                    lambda z: 1 if z > 0 else exp(z))),
    Mistake("relu-abs", "ReLU is the absolute value of z",
            "ReLU(z) = max(0, z)", HIDDEN_A, RELU,
            neurons("relu", lambda z: magnitude(z), lambda z: _sign(z))),
    Mistake("output-linear", "the last layer is linear: it has no activation function",
            "a = σ(z) in the output layer, too", OUTPUT_A, FORWARD,
            activation_changed(lambda activation: Identity, hidden=False)),
    Mistake("output-like-hidden", "the output layer has the hidden layers' activation function",
            'take the activation that "output" names for the last layer', OUTPUT_A, FORWARD,
            lambda recipe: recipe._replace(
                activations=lambda h, o: (recipe.activations(h, o)[0],) * 2)),
    _always("output", Sigmoid, "sigmoid"),
    _always("output", Softmax, "softmax"),
    Mistake("softmax-unshifted", "softmax takes exponentials of z unshifted, which overflow",
            "lower all z by the largest of them first; the quotient is the same",
            OUTPUT_A, SOFTMAX, activation_changed(_softmax_unshifted)),
    Mistake("softmax-wrong-axis", "softmax runs over the mini-batch, for each neuron, "
            "and not over the neurons (the wrong axis)",
            "the outputs of one example have the sum 1", OUTPUT_A, SOFTMAX,
            replaced(activate=_softmax_of_columns)),
    Mistake("softmax-all-axes", "softmax is normalized over the whole mini-batch at once",
            "the outputs of one example have the sum 1", OUTPUT_A, SOFTMAX,
            replaced(activate=_softmax_of_all)),
]

COSTS_OF_EXAMPLES = [
    Mistake("quadratic-norm", "the norm in the quadratic cost is not squared: ½‖a − y‖",
            "C = ½‖a − y‖²", COSTS_, QUADRATIC,
            cost_changed("quadratic", fn=lambda old, z, a, y: _norm(a, y) / 2)),
    Mistake("quadratic-half-squared", "the quadratic cost is ‖a − y‖ · ½²: the square is at the ½",
            "C = ½‖a − y‖²: the square belongs to the norm", COSTS_, QUADRATIC,
            cost_changed("quadratic", fn=lambda old, z, a, y: _norm(a, y) * 0.5 ** 2)),
    Mistake("quadratic-quarter", "the ½ of the quadratic cost is squared, too: (½‖a − y‖)²",
            "C = ½‖a − y‖²", COSTS_, QUADRATIC,
            cost_changed("quadratic", fn=lambda old, z, a, y: old(z, a, y) / 2)),
    Mistake("quadratic-absolute", "the quadratic cost is ½ Σ |a − y|",
            "C = ½ Σ (a − y)²", COSTS_, QUADRATIC,
            cost_changed("quadratic", fn=lambda old, z, a, y:
                         total([magnitude(d) for d in subtract(a, y)]) / 2)),
    Mistake("entropy-one-term", "the cross-entropy has only its term y ln a",
            "C = −Σ [y ln a + (1 − y) ln(1 − a)]: the second term teaches an output to stay at 0",
            COSTS_, CROSS, cost_changed("cross-entropy", fn=_likelihood(log_of))),
    Mistake("entropy-sign", "the minus sign of the logarithmic cost is missing",
            "a cost is positive: C = −Σ …", COSTS_, CROSS, together(
                cost_changed("cross-entropy", fn=lambda old, z, a, y: -old(z, a, y)),
                cost_changed("log-likelihood", fn=lambda old, z, a, y: -old(z, a, y)))),
    Mistake("entropy-swapped", "target and output are swapped in the cost: a ln y",
            "the logarithm is that of the output: −Σ [y ln a + …]", COSTS_, CROSS, together(
                cost_changed("cross-entropy", fn=lambda old, z, a, y:
                             _entropy(log_of)(old, z, y, a)),
                cost_changed("log-likelihood", fn=lambda old, z, a, y:
                             _likelihood(log_of)(old, z, y, a)))),
    Mistake("likelihood-both-terms",
            "the log-likelihood has the second term of the cross-entropy, (1 − y) ln(1 − a)",
            "C = −Σ y ln a for a softmax output", COSTS_, LIKELIHOOD,
            cost_changed("log-likelihood", fn=_entropy(log_of))),
    Mistake("softmax-twice", "softmax is taken again in the cost, of outputs that have had it",
            "give z, not a, to a cost function that takes the softmax itself",
            COSTS_, LIKELIHOOD, cost_changed(
                "log-likelihood", fn=lambda old, z, a, y: old(a, softmax(a), y),
                delta=_softmax_twice)),
    Mistake("log-2", "the logarithm is to the base 2",
            "use the natural logarithm, or δ = a − y is wrong by a factor", COSTS_, CROSS,
            _with_logarithm(lambda a: log_of(a) / math.log(2))),
    Mistake("log-10", "the logarithm is to the base 10",
            "use the natural logarithm, or δ = a − y is wrong by a factor", COSTS_, CROSS,
            _with_logarithm(lambda a: log_of(a) / math.log(10))),
    Mistake("log-of-rounded-a",
            "the cost is computed from an a that has rounded to 0 or 1, where the logarithm is "
            "infinite, or nearly so, where it has lost its digits",
            "compute the logarithm from z: y softplus(−z) + (1 − y) softplus(z)",
            COSTS_, CROSS, _with_logarithm(log_of)),
    Mistake("log-nan-to-num",
            "the cost is computed from an a that has rounded to 0 or 1, "
            "and nan_to_num hides the infinity",
            "compute the logarithm from z: y softplus(−z) + (1 − y) softplus(z)",
            COSTS_, CROSS, together(
                cost_changed("cross-entropy", fn=_nielsens_entropy),
                cost_changed("log-likelihood", fn=lambda old, z, a, y: total(
                    [finite(-y_j * log_of(a_j)) for a_j, y_j in zip(a, y)])))),
    Mistake("log-clamped-100",
            "the cost is computed from an a that has rounded to 0 or 1, its logarithm is cut off "
            "at −100, and δ divides by a(1 − a), as in PyTorch's BCELoss",
            "use the loss that takes z (BCEWithLogitsLoss)", COSTS_, CROSS, cost_changed(
                "cross-entropy", fn=_entropy(lambda a: max(log_of(a), -100.0)),
                delta=_delta_by_division)),
    *[mistake for k in (7, 8, 9, 12, 15) for mistake in _with_epsilon(k)],
    Mistake("cost-after-step", "the cost is measured after the step, with the new weights",
            "measure the cost of the network that the case describes", COSTS_, TOTAL_COST,
            replaced(measured=lambda before, after: after)),
    Mistake("cost-examples-weighted", "each example's cost is divided by the mini-batch's size, "
            "and then the mean is taken", "divide by m once", COSTS_, TOTAL_COST,
            after("each", lambda costs, _, case: divided(costs, _m(case)))),
]

TOTAL_COSTS = [
    Mistake("total-divided-by-n", "the total cost is divided by n instead of the mini-batch's size",
            "the mean is that of the mini-batch: divide by m", TOTAL, TOTAL_COST,
            replaced(mean=lambda costs, case: total(costs) / case.n)),
    Mistake("total-last-example", "the total cost is that of the last example only",
            "add up the costs before dividing by m", TOTAL, TOTAL_COST,
            replaced(mean=lambda costs, case: costs[-1])),
    Mistake("decay-cost-missing", "the total cost is without the weight decay term",
            "the total cost has the term (λ/2n) Σ w²; a network that has no weight decay leaves "
            "out the cases with lmbda ≠ 0", TOTAL, DECAY_COST, _decay_cost(lambda case: 0)),
    Mistake("decay-cost-half", "the ½ of the weight decay term in the cost is left out: "
            "(λ/n) Σ w²",
            "the term is (λ/2n) Σ w², so that its derivative is (λ/n) w", TOTAL, DECAY_COST,
            after("decay_cost", lambda d, case: 2 * d)),
    Mistake("decay-cost-by-m", "the weight decay term in the cost is divided by the mini-batch's "
            "size, not by n", "n is the size of the whole training set", TOTAL, DECAY_COST,
            after("decay_cost", lambda d, case: d * case.n / _m(case))),
    Mistake("decay-cost-not-by-n", "the weight decay term in the cost is not divided by n",
            "the term is (λ/2n) Σ w²", TOTAL, DECAY_COST,
            after("decay_cost", lambda d, case: d * case.n)),
    Mistake("decay-cost-biases", "the weight decay term in the cost includes the biases",
            "biases do not decay", TOTAL, DECAY_COST,
            after("decay_cost", lambda d, case: d + case.lmbda * _bias_squares(case)
                  / (2 * case.n))),
    Mistake("decay-cost-norm", "the weight decay term in the cost has norms that are not squared",
            "the term is (λ/2n) Σ w²", TOTAL, DECAY_COST, _decay_cost(
                lambda case: case.lmbda / (2 * case.n) * total(
                    [sqrt(_squares(case._replace(weights=[W]))) for W in case.weights]))),
    Mistake("decay-cost-absolute", "the weight decay term in the cost is (λ/2n) Σ |w|",
            "the term is (λ/2n) Σ w²", TOTAL, DECAY_COST, _decay_cost(
                lambda case: case.lmbda / (2 * case.n) * _squares(case, magnitude))),
    Mistake("decay-cost-last-layer", "the weight decay term in the cost has one layer only, "
            "the last", "the sum runs over the weights of all layers", TOTAL, DECAY_COST,
            _decay_cost(lambda case: decay_cost(
                case._replace(weights=case.weights[-1:]),  # type: ignore[arg-type]  # as in RIGHT
                case.lmbda, case.n))),
    Mistake("decay-cost-sign", "the weight decay term in the cost has the wrong sign",
            "large weights cost more, not less", TOTAL, DECAY_COST,
            after("decay_cost", lambda d, case: -d)),
    Mistake("decay-cost-per-example", "the weight decay term is added once for every example",
            "add it once, after the mean", TOTAL, DECAY_COST,
            after("decay_cost", lambda d, case: d * _m(case))),
]

BACKWARD_PASS = [
    Mistake("delta-swapped", "target and output are swapped in δ: y − a instead of a − y",
            "δ = a − y (times σ′(z) for the quadratic cost)", OUT_B, BP1,
            cost_changed("", delta=lambda old, z, a, y, output: scale(-1, old(z, a, y, output)))),
    Mistake("delta-without-prime", "δ of the quadratic cost lacks σ′(z)",
            "δ = (a − y) ⊙ σ′(z): the σ′ cancels for the logarithmic costs only",
            OUT_B, QUADRATIC_DELTA,
            cost_changed("quadratic", delta=lambda old, z, a, y, output: subtract(a, y))),
    Mistake("delta-with-prime", "δ of the logarithmic costs has a σ′(z), as for the quadratic one",
            "δ = a − y: the σ′ has cancelled", OUT_B, COST_DELTA, together(
                cost_changed("cross-entropy", delta=_backward_of_output),
                cost_changed("log-likelihood", delta=_backward_of_output))),
    Mistake("delta-doubled", "δ is twice what it should be: 2(a − y), "
            "but the cost has its ½", "the ½ cancels the 2 of the square", OUT_B, QUADRATIC_DELTA,
            cost_changed("quadratic", delta=lambda old, z, a, y, output:
                         scale(2, old(z, a, y, output)))),
    Mistake("delta-halved", "δ of the quadratic cost keeps the ½",
            "the ½ cancels the 2 of the square", OUT_B, QUADRATIC_DELTA,
            cost_changed("quadratic", delta=lambda old, z, a, y, output:
                         scale(0.5, old(z, a, y, output)))),
    Mistake("delta-by-division", "δ is (a − y)/(a(1 − a)) · a(1 − a), "
            "which is 0 where a has rounded to 0 or 1",
            "cancel on paper: δ = a − y", OUT_B, COST_DELTA,
            cost_changed("cross-entropy", delta=_delta_by_division)),
    Mistake("softmax-twice-delta", "softmax is taken again in δ, of outputs that have had it",
            "give z, not a, to a cost function that takes the softmax itself", OUT_B, COST_DELTA,
            cost_changed("log-likelihood", delta=_softmax_twice)),
    Mistake("softmax-diagonal", "softmax's Jacobian is taken as diagonal: a(1 − a)",
            "each output depends on every z: δ_k = a_k (v_k − Σ_j v_j a_j)", OUT_B, SOFTMAX_PRIME,
            activation_changed(lambda activation: activation._replace(
                backward=_diagonal_jacobian) if activation.name == "softmax" else activation)),
    Mistake("prime-at-a", "σ′ is taken at the activation a instead of the weighted input z",
            "σ′(z); or a(1 − a), tanh: 1 − a², which are functions of a", OUT_B, BP2,
            activation_changed(_prime_at_a)),
    Mistake("prime-at-a-output", "σ′ of the output layer is taken at the activation a "
            "instead of the weighted input z", "δ = (a − y) ⊙ σ′(z)", OUT_B, BP1,
            activation_changed(_prime_at_a, hidden=False)),
    Mistake("prime-at-a-hidden", "σ′ of the hidden layers is taken at the activation a "
            "instead of the weighted input z", "δ = (Wᵀ δ) ⊙ σ′(z)", HID_B, BP2,
            activation_changed(_prime_at_a, output=False)),
    Mistake("prime-of-sigmoid", "the derivative is the sigmoid's whatever the activation",
            "each activation has its own derivative", HID_B, BP2,
            activation_changed(lambda activation: activation._replace(
                backward=Sigmoid.backward), output=False)),
    Mistake("prime-missing-hidden", "σ′ is missing in the hidden layers",
            "δ = (Wᵀ δ) ⊙ σ′(z)", HID_B, BP2, activation_changed(_no_prime, output=False)),
    Mistake("prime-twice-hidden", "σ′ is multiplied twice in the hidden layers",
            "δ = (Wᵀ δ) ⊙ σ′(z), with one σ′ for each layer", HID_B, BP2,
            activation_changed(_prime_twice, output=False)),
    Mistake("prime-of-layer-above", "σ′ is taken at the z of the layer above",
            "δ of layer l needs σ′ at z of the same layer l", HID_B, BP2,
            replaced(error=_prime_of_layer(1))),
    Mistake("prime-of-layer-below", "σ′ is taken at the z of the layer below",
            "δ of layer l needs σ′ at z of the same layer l", HID_B, BP2,
            replaced(error=_prime_of_layer(-1))),
    Mistake("relu-prime-at-0-one", "ReLU′ is 1 at z = 0",
            "the convention is ReLU′(0) = 0: ask for z > 0, not z ≥ 0", HID_B, RELU_PRIME,
            neurons("relu", f_prime=lambda z: 1 if z >= 0 else 0)),
    Mistake("relu-prime-at-0-half", "ReLU′ is ½ at z = 0",
            "the convention is ReLU′(0) = 0", HID_B, RELU_PRIME,
            neurons("relu", f_prime=lambda z: 1 if z > 0 else 0.5 if z == 0 else 0)),
    Mistake("relu-prime-leaky", "ReLU′ is 0.01 for negative z, but ReLU is not leaky",
            "ReLU′(z) = 0 for z ≤ 0", HID_B, RELU_PRIME,
            neurons("relu", f_prime=lambda z: 1 if z > 0 else 0.01)),
    Mistake("relu-prime-is-relu", "ReLU itself stands where ReLU′ should",
            "ReLU′(z) is 1 for z > 0, else 0", HID_B, RELU_PRIME,
            neurons("relu", f_prime=lambda z: z * relu_prime(z))),
    Mistake("tanh-prime-sigmoids", "tanh′ is computed as a(1 − a), which is the sigmoid's",
            "tanh′ = 1 − a²", HID_B, TANH_PRIME,
            neurons("tanh", f_prime=lambda z: tanh(z) * (1 - tanh(z)))),
    Mistake("tanh-prime-of-z", "tanh′ is computed as 1 − z²",
            "tanh′ = 1 − a², with a = tanh(z)", HID_B, TANH_PRIME,
            neurons("tanh", f_prime=lambda z: 1 - z * z)),
    Mistake("tanh-prime-not-squared", "tanh′ is computed as 1 − a: the square is missing",
            "tanh′ = 1 − a²", HID_B, TANH_PRIME, neurons("tanh", f_prime=lambda z: 1 - tanh(z))),
    Mistake("sigmoid-prime-is-sigmoid", "σ itself stands where σ′ should",
            "σ′ = a(1 − a)", OUT_B, SIGMOID_PRIME, neurons("sigmoid", f_prime=sigmoid)),
    Mistake("sigmoid-prime-plus", "σ′ is computed as a(1 + a)",
            "σ′ = a(1 − a)", OUT_B, SIGMOID_PRIME,
            neurons("sigmoid", f_prime=lambda z: sigmoid(z) * (1 + sigmoid(z)))),
    Mistake("sigmoid-prime-of-z", "σ′ is computed as z(1 − z): a is expected, z is given",
            "σ′ = a(1 − a), with a = σ(z)", OUT_B, SIGMOID_PRIME,
            neurons("sigmoid", f_prime=lambda z: z * (1 - z))),
    Mistake("transpose-lost", "the transpose is lost on the way back: W δ instead of Wᵀ δ",
            "on the way back a column of W meets δ", HID_B, BP2,
            replaced(pull_back=_not_transposed)),
    Mistake("updated-weights-back", "weights that the step has already updated are used in the "
            "backward pass", "find all δ first, with the weights of the forward pass", HID_B, BP2,
            replaced(way_back=lambda case, l, new_W, new_b: new_W)),
    Mistake("weights-of-layer-below", "the weights of the wrong layer carry δ back",
            "δ of layer l comes through the weights between l and l + 1", HID_B, BP2,
            replaced(way_back=_other_layers_matrix)),
    Mistake("hidden-not-trained", "the hidden layers are not trained: their gradient is 0",
            "carry δ back through every layer", HID_B, BP2,
            replaced(error=lambda v, layers, l, activation: [0] * len(v))),
]

GRADIENTS = [
    Mistake("bias-gradient-zero", "the bias gradient is forgotten (all zeros)",
            "∂C/∂b = δ", OUT_B, BP3, replaced(sum_b=lambda deltas: [0] * len(deltas[0]))),
    Mistake("bias-gradient-wrong-axis", "the bias gradient is summed over the wrong axis: "
            "over the neurons, for each example", "sum over the examples, for each neuron",
            OUT_B, BP3, replaced(sum_b=_sums_of_examples, update_b=_broadcast)),
    Mistake("bias-gradient-all-axes", "the bias gradient is summed over all axes: every neuron of "
            "a layer gets the same", "sum over the examples, for each neuron", OUT_B, BP3,
            after("sum_b", _all_one)),
    Mistake("bias-gradient-sum", "the bias gradient is summed over the mini-batch, while the "
            "weight gradient is a mean", "divide both by m", OUT_B, BP3,
            replaced(mean_b=lambda b, case: b)),
    Mistake("weight-gradient-sum", "the weight gradient is summed over the mini-batch, while the "
            "bias gradient is a mean", "divide both by m", OUT_W, BP4,
            replaced(mean_w=lambda W, case: W)),
    Mistake("gradient-divided-by-n", "the gradient is divided by n instead of the mini-batch's "
            "size m", "the mean is that of the mini-batch: divide by m", OUT_B, UPDATE,
            replaced(mean_w=lambda W, case: rows(lambda row: divided(row, case.n), W),
                     mean_b=lambda b, case: divided(b, case.n))),
    Mistake("gradient-divided-twice", "the gradient is divided by the mini-batch's size twice",
            "divide by m once", OUT_B, UPDATE, together(
                after("mean_w", lambda W, _, case: rows(lambda row: divided(row, _m(case)), W)),
                after("mean_b", lambda b, _, case: divided(b, _m(case))))),
    Mistake("gradient-last-example", "the gradient is that of the last example only: "
            "it is overwritten, not accumulated", "add up the gradients of all examples",
            OUT_B, UPDATE, replaced(
                sum_w=lambda deltas, passes, l, case: RIGHT.sum_w(deltas[-1:],
                                                                  passes[-1:], l, case),
                sum_b=lambda deltas: deltas[-1])),
    Mistake("gradient-first-example", "the gradient is that of the first example only",
            "add up the gradients of all examples", OUT_B, UPDATE, replaced(
                sum_w=lambda deltas, passes, l, case: RIGHT.sum_w(deltas[:1],
                                                                  passes[:1], l, case),
                sum_b=lambda deltas: deltas[0])),
    Mistake("gradient-doubled", "the gradient is accumulated twice",
            "set the gradient to 0 before the backward pass", OUT_B, UPDATE, together(
                after("mean_w", lambda W, *_: rows(lambda row: scale(2, row), W)),
                after("mean_b", lambda b, *_: scale(2, b)))),
    Mistake("gradient-of-z-below", "the weight gradient has z of the layer below, not a",
            "∂C/∂w = δ_j a_k: the activation at the connection's tail", OUT_W, BP4,
            replaced(sum_w=_below_unactivated)),
    Mistake("gradient-of-own-a", "the weight gradient has a of the layer itself, not of the layer "
            "below", "∂C/∂w = δ_j a_k: the activation at the connection's tail", OUT_W, BP4,
            replaced(sum_w=_above)),
    Mistake("gradients-swapped", "the gradients of weights and biases are swapped: one function "
            "returns (w, b), the other expects (b, w), and broadcasting makes them fit",
            "return and unpack them in the same order", OUT_B, BP3, reported(_swapped_gradients)),
    Mistake("layers-reversed", "the layers of the gradient are in reverse order",
            "nabla_w[0] and nabla_b[0] belong to the first layer after the input", OUT_B, BP4,
            reported(lambda answer, case: {"nabla_w": answer["nabla_w"][::-1],
                                           "nabla_b": answer["nabla_b"][::-1]})),
]

STEP = [
    Mistake("ascent", "the step goes up the gradient instead of down",
            "w ← w − η …", NEW_B, UPDATE, after("rates", lambda rates, case: scale(-1, rates))),
    Mistake("step-sum", "the step is taken with the sum over the mini-batch, not the mean",
            "η/m, not η", NEW_B, UPDATE,
            after("rates", lambda rates, case: scale(_m(case), rates))),
    Mistake("step-divided-by-n", "the step is divided by n instead of the mini-batch's size",
            "η/m, not η/n", NEW_B, UPDATE,
            after("rates", lambda rates, case: scale(_m(case) / case.n, rates))),
    Mistake("step-divided-twice", "the step is divided by the mini-batch's size twice",
            "the gradient is a mean already: η g", NEW_B, UPDATE,
            after("rates", lambda rates, case: scale(1 / _m(case), rates))),
    Mistake("eta-missing", "the learning rate is left out of the step",
            "w ← w − η …", NEW_B, UPDATE, replaced(rates=lambda case: [1, 1])),
    Mistake("eta-twice", "the learning rate is multiplied twice",
            "w ← w − η …", NEW_B, UPDATE,
            after("rates", lambda rates, case: scale(case.eta, rates))),
    Mistake("momentum-nesterov", "momentum is left on: the step is 1.9 times as long "
            "(Nesterov's, 0.9)", "plain gradient descent: momentum 0", NEW_B, UPDATE,
            after("rates", lambda rates, case: scale(1.9, rates))),
    Mistake("momentum-average", "momentum is left on: the step is a tenth as long "
            "(a running average, 0.9)", "plain gradient descent: momentum 0", NEW_B, UPDATE,
            after("rates", lambda rates, case: scale(0.1, rates))),
    Mistake("adam", "the step is Adam's: the gradient's size does not matter",
            "plain gradient descent: w ← w − η g", NEW_B, UPDATE,
            replaced(update_w=_adam, update_b=_adam_vector)),
    Mistake("biases-not-trained", "the biases are not trained",
            "b ← b − (η/m) Σ δ", NEW_B, (sgd, "(BP3)"),
            replaced(update_b=lambda b, g, decay, rate: b)),
    Mistake("biases-decay", "weight decay is applied to the biases, too",
            "biases do not decay", NEW_B, DECAY,
            replaced(update_b=lambda b, g, decay, rate: [decay * b_j - rate * g_j
                                                         for b_j, g_j in zip(b, g)])),
    Mistake("step-biases-sum", "the biases' step is taken with the sum over the mini-batch, "
            "the weights' with the mean", "η/m for both", NEW_B, (sgd, "(BP3)"),
            after("rates", lambda rates, case: [rates[0], rates[1] * _m(case)])),
    Mistake("decay-missing", "the step is taken without weight decay",
            "w ← (1 − ηλ/n) w − …; a network that has no weight decay leaves out the cases with "
            "lmbda ≠ 0", NEW_W, DECAY, _decay_of(lambda case: 0)),
    Mistake("decay-not-by-n", "weight decay is not divided by n: 1 − ηλ",
            "w ← (1 − ηλ/n) w − …", NEW_W, DECAY, _decay_of(lambda case: case.eta * case.lmbda)),
    Mistake("decay-by-m", "weight decay is divided by the mini-batch's size m instead of n",
            "n is the size of the whole training set", NEW_W, DECAY,
            _decay_of(lambda case: case.eta * case.lmbda / _m(case))),
    Mistake("decay-twice", "weight decay is applied twice: 1 − 2ηλ/n",
            "once, either in the gradient or in the step", NEW_W, DECAY,
            _decay_of(lambda case: 2 * case.eta * case.lmbda / case.n)),
    Mistake("decay-half", "weight decay is half of what it should be: 1 − ηλ/2n",
            "the 2 of the square cancels the ½ of (λ/2n) Σ w²", NEW_W, DECAY,
            _decay_of(lambda case: case.eta * case.lmbda / (2 * case.n))),
    Mistake("decay-sign", "weight decay has the wrong sign: the weights grow, 1 + ηλ/n",
            "w ← (1 − ηλ/n) w − …", NEW_W, DECAY,
            _decay_of(lambda case: -case.eta * case.lmbda / case.n)),
    Mistake("decay-without-eta", "weight decay lacks the learning rate: 1 − λ/n",
            "w ← (1 − ηλ/n) w − …", NEW_W, DECAY, _decay_of(lambda case: case.lmbda / case.n)),
    Mistake("decay-per-example", "weight decay is applied once for every example",
            "once for a step", NEW_W, DECAY,
            _decay_of(lambda case: _m(case) * case.eta * case.lmbda / case.n)),
    Mistake("decay-after-step", "weight decay is applied after the step, to the new weights",
            "the gradient of (λ/2n) Σ w² is that at the old weights", NEW_W, DECAY,
            replaced(update_w=_decayed_after)),
    Mistake("decay-l1", "weight decay is L1: the weights' signs instead of the weights",
            "w ← (1 − ηλ/n) w − …", NEW_W, DECAY, replaced(update_w=_l1_decay)),
    Mistake("weights-not-trained", "the weights are not trained, only decay",
            "w ← (1 − ηλ/n) w − (η/m) Σ δ aᵀ", NEW_W, (sgd, "(BP4)"),
            replaced(update_w=lambda W, g, decay, rate: rows(lambda row: scale(decay, row), W))),
]

CONVENTIONS = [
    Mistake("columns", "vectors are columns, lists of one-element lists",
            "--convention columns", HIDDEN_A, FORWARD,
            presented(lambda answer, case: _columns(answer)), True),
    Mistake("biases-as-columns", "biases and their gradient are columns, lists of one-element "
            "lists", "--convention biases-as-columns", OUT_B, BP3,
            presented(lambda answer, case: {field: [_column(b) for b in answer[field]]
                                           for field in ("nabla_b", "new_biases")}), True),
    Mistake("weights-transposed", "weights are stored transposed: [k][j] goes from k to j",
            "--convention weights-transposed", OUT_W, BP4,
            presented(lambda answer, case: {
                field: [[list(column) for column in zip(*W)] for W in answer[field]]
                for field in ("nabla_w", "new_weights")}), True),
    Mistake("input-included", "the activations begin with the input",
            "--convention input-included", HIDDEN_A, FORWARD,
            presented(lambda answer, case: {
                "activations": [[_like(layers[0], x)] + layers for (x, _), layers
                                in zip(case.mini_batch, answer["activations"])]}), True),
    Mistake("mean-over-outputs", "the cost is averaged over the outputs, and its gradient with it",
            "--convention mean-over-outputs", COSTS_, QUADRATIC, cost_changed(
                "", fn=lambda old, z, a, y: old(z, a, y) / len(y),
                delta=lambda old, z, a, y, output: divided(old(z, a, y, output), len(y))), True),
    Mistake("no-half", "the ½ of the quadratic cost is left out, and its gradient is twice as "
            "large",
            "--convention no-half", COSTS_, QUADRATIC, cost_changed(
                "quadratic", fn=lambda old, z, a, y: 2 * old(z, a, y),
                delta=lambda old, z, a, y, output: scale(2, old(z, a, y, output))), True),
    Mistake("mean-squared-error", "the quadratic cost is the mean of the squares (no ½), "
            "and its gradient with it", "--convention mean-squared-error", COSTS_, QUADRATIC,
            cost_changed("quadratic", fn=lambda old, z, a, y: 2 * old(z, a, y) / len(y),
                         delta=lambda old, z, a, y, output:
                         divided(scale(2, old(z, a, y, output)), len(y))), True),
    Mistake("sum-over-mini-batch", "cost and gradient are sums over the mini-batch, not means",
            "--convention sum-over-mini-batch", TOTAL, TOTAL_COST,
            together(
                after("mean", lambda mean, costs, case: mean * len(costs)),
                after("mean_w", lambda W, _, case: rows(lambda row: scale(_m(case), row), W)),
                after("mean_b", lambda b, _, case: scale(_m(case), b))), True),
    Mistake("gradient-sum", "the gradient is a sum over the mini-batch, which the step divides by "
            "m",
            "--convention gradient-sum", OUT_B, UPDATE,
            together(after("show_w", lambda shown, g, W, case:
                           rows(lambda row: scale(_m(case), row), shown)),
                     after("show_b", lambda shown, g, b, case: scale(_m(case), shown))), True),
    Mistake("decay-in-gradient", "weight decay is part of the gradient: nabla_w has + (λ/n) w",
            "--convention decay-in-gradient", OUT_W, DECAY,
            after("show_w", lambda shown, g, W, case:
                  [add(row_g, scale(case.lmbda / case.n, row)) for row_g, row in zip(shown, W)]),
            True),
]

#: conventions of pure shape: the same numbers in other lists
SHAPES = CONVENTIONS[:4]

MISTAKES = (FORWARD_PASS + COSTS_OF_EXAMPLES + TOTAL_COSTS + BACKWARD_PASS + GRADIENTS + STEP)
