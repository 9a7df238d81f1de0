"""Mistakes in the gradients of weights and biases, from δ and the activations below.

Ordered by how often they were found in the programs people teach with and in reports of mistakes
(crosscheck/README.md, "How common the mistakes are"): the sum over the mini-batch first, then
σ′ missing in a gradient alone, one number for the biases of a layer, the outer product replaced,
and what was found once or is only known to happen.
"""
from __future__ import annotations

from typing import Any, Callable

from purenn.crosscheck.catalogue.arithmetic import clamped, size
from purenn.crosscheck.catalogue.places import BP3, BP4, DECAY, UPDATE
from purenn.crosscheck.catalogue.recipe import Mistake, after, replaced, reported, together
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import (
    RIGHT,
    CannotAnswer,
    divided,
    rows,
    sum_outer,
    sum_vectors,
)
from purenn.crosscheck.truth.reference import Answer
from purenn.linalg import Matrix, Number, Vector, scale, subtract, total
from purenn.network import Layer

TAIL = "∂C/∂w = δ_j a_k: the activation at the connection's tail"
EACH_NEURON = "sum over the examples, for each neuron"


def _sums_of_examples(deltas: list[Vector]) -> Vector:
    """A sum over the neurons for each example, where one over the examples is due."""
    return [total(delta) for delta in deltas]


def _broadcast(b: Vector, g: Vector, decay: Number, rate: Number) -> Vector:
    if len(g) not in (1, len(b)):
        raise CannotAnswer
    return RIGHT.update_b(b, g * len(b) if len(g) == 1 else g, decay, rate)


def _transposed(W: Matrix, *rest: Any) -> Matrix:
    return [list(column) for column in zip(*W)]


def _not_summed(id: str, line: str, turn: Callable[[Matrix], Matrix]) -> Mistake:
    """A bias gradient for each example, which makes biases for each example."""
    def divided_each(b: Any, case: Case) -> Any:
        return RIGHT.mean_w(b, case) if isinstance(b[0], list) else RIGHT.mean_b(b, case)

    def stepped_each(b: Vector, g: Any, decay: Number, rate: Number) -> Any:
        if not isinstance(g[0], list):
            return RIGHT.update_b(b, g, decay, rate)
        return turn([RIGHT.update_b(b, row, decay, rate) for row in turn(g)])

    return Mistake(id, f"the bias gradient is not summed over the examples: it has a {line} for "
                   "each example", EACH_NEURON, BP3, replaced(
                       sum_b=lambda deltas: turn(deltas) if len(deltas) > 1 else deltas[0],
                       mean_b=divided_each, update_b=stepped_each))


def _all_one(v: Vector, *rest: Any) -> Vector:
    return [total(v)] * len(v)


def _below_unactivated(deltas: list[Vector], passes: list[list[Layer]], l: int,
                       case: Case) -> Matrix:
    return sum_outer(deltas, [layers[l].z or layers[l].a for layers in passes])


def _of_own_layer(deltas: list[Vector], passes: list[list[Layer]], l: int,
                  case: Case) -> Matrix:
    """The activations of the layer itself, where those of the layer below belong."""
    return sum_outer(deltas, [layers[l + 1].a for layers in passes])


def _first_holds_the_sum(deltas: list[Vector], passes: list[list[Layer]], l: int,
                         case: Case) -> Matrix:
    return RIGHT.sum_w([sum_vectors(deltas), *deltas[1:]], passes, l, case)


def _everywhere(number: Number, case: Case, l: int) -> Matrix:
    """What a step makes of one number: the same for each weight."""
    return [[number] * len(row) for row in case.weights[l]]


def _inner_with_own(deltas: list[Vector], passes: list[list[Layer]], l: int, case: Case) -> Matrix:
    return _everywhere(total([d * a for delta, layers in zip(deltas, passes)
                              for d, a in zip(delta, layers[l + 1].a)]), case, l)


def _inner_with_below(deltas: list[Vector], passes: list[list[Layer]], l: int, case: Case
                      ) -> Matrix:
    if len(deltas[0]) != len(passes[0][l].a):
        raise CannotAnswer
    return _everywhere(total([d * a for delta, layers in zip(deltas, passes)
                              for d, a in zip(delta, layers[l].a)]), case, l)


def _times_weight(deltas: list[Vector], passes: list[list[Layer]], l: int, case: Case) -> Matrix:
    """δ times the weight itself, where the activation below belongs."""
    return [scale(d, row) for d, row in zip(RIGHT.sum_b(deltas), case.weights[l])]


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


def _last_weights(deltas: list[Vector], passes: list[list[Layer]], l: int, case: Case) -> Matrix:
    return RIGHT.sum_w(deltas[-1:], passes[-1:], l, case)


def clipped(most: float) -> Mistake:
    """The gradient cut off at ±most."""
    def cut(v: Vector) -> Vector:
        return [clamped(v_k, -most, most) for v_k in v]
    return Mistake(f"gradient-clipped-{most:g}", f"the gradient is clipped to [−{most:g}, "
                   f"{most:g}]", "clip nothing where one step is compared", UPDATE, together(
                       after("mean_w", lambda W, *_: rows(cut, W)),
                       after("mean_b", lambda b, *_: cut(b))))


ENTRIES = [
    Mistake("gradient-is-sum", "the gradient is the sum over the mini-batch, and so is the step, "
            "but the cost is a mean", "divide all three by m", UPDATE,
            replaced(mean_w=lambda W, case: W, mean_b=lambda b, case: b)),
    Mistake("prime-missing-gradient", "the gradients lack σ′, while what is carried back has it",
            "∂C/∂b = δ and ∂C/∂w = δ aᵀ, with δ = (…) ⊙ σ′(z)", BP4,
            replaced(for_w=lambda delta, bare: bare, for_b=lambda delta, bare: bare)),
    Mistake("prime-missing-weights", "the weight gradient lacks σ′, while the bias gradient has it",
            "∂C/∂w = δ aᵀ, with δ = (…) ⊙ σ′(z)", BP4,
            replaced(for_w=lambda delta, bare: bare)),
    Mistake("prime-missing-biases", "the bias gradient lacks σ′, while the weight gradient has it",
            "∂C/∂b = δ, with δ = (…) ⊙ σ′(z)", BP3,
            replaced(for_b=lambda delta, bare: bare)),
    Mistake("bias-gradient-all-axes", "the bias gradient is summed over all axes: every neuron of "
            "a layer gets the same", EACH_NEURON, BP3, after("sum_b", _all_one)),
    Mistake("bias-gradient-mean-all", "the bias gradient is averaged over all axes: every neuron "
            "of a layer gets the same", EACH_NEURON, BP3, after(
                "sum_b", lambda b, _: [total(b) / len(b)] * len(b))),
    Mistake("gradient-of-own-a", "the weight gradient has a of the layer itself, not of the layer "
            "below", TAIL, BP4, replaced(sum_w=_of_own_layer)),
    Mistake("gradient-transposed", "the outer product of the weight gradient is transposed, a δᵀ "
            "instead of δ aᵀ: the wrong way round", "∂C/∂w_jk = δ_j a_k: row j has δ_j", BP4,
            after("sum_w", _transposed)),
    Mistake("gradient-shared-array", "the sum over the examples is collected in place, in the very "
            "array that holds the first example's δ, so that its weight gradient has the whole sum",
            "add up in an array of its own: copy the first δ", BP4,
            replaced(sum_w=_first_holds_the_sum)),
    Mistake("gradient-inner-product", "the weight gradient is one number, the inner product of δ "
            "and the layer's own activation, where an outer product is due", "∂C/∂w = δ aᵀ", BP4,
            replaced(sum_w=_inner_with_own)),
    Mistake("gradient-inner-product-below", "the weight gradient is one number, the inner product "
            "of δ and the activation below, where an outer product is due", "∂C/∂w = δ aᵀ", BP4,
            replaced(sum_w=_inner_with_below)),
    Mistake("gradient-times-w", "the weight gradient is δ times the weight itself, not times the "
            "activation below", TAIL, BP4, replaced(sum_w=_times_weight)),
    Mistake("gradient-divided-twice", "the gradient is divided by the mini-batch's size twice",
            "divide by m once", UPDATE, together(
                after("mean_w", lambda W, _, case: rows(lambda row: divided(row, size(case)), W)),
                after("mean_b", lambda b, _, case: divided(b, size(case))))),
    _not_summed("bias-gradient-not-summed", "row", lambda rows: rows),
    _not_summed("bias-gradient-not-summed-columns", "column", _transposed),
    Mistake("bias-gradient-divided-twice", "the bias gradient is divided by the mini-batch's size "
            "twice", "divide by m once", BP3,
            after("mean_b", lambda b, _, case: divided(b, size(case)))),
    Mistake("bias-gradient-sum", "the bias gradient is summed over the mini-batch, while the "
            "weight gradient is a mean", "divide both by m", BP3,
            replaced(mean_b=lambda b, case: b)),
    Mistake("weight-gradient-sum", "the weight gradient is summed over the mini-batch, while the "
            "bias gradient is a mean", "divide both by m", BP4,
            replaced(mean_w=lambda W, case: W)),
    Mistake("bias-gradient-zero", "the bias gradient is forgotten (all zeros)",
            "∂C/∂b = δ", BP3, replaced(sum_b=lambda deltas: [0] * len(deltas[0]))),
    Mistake("bias-gradient-wrong-axis", "the bias gradient is summed over the wrong axis: "
            "over the neurons, for each example", EACH_NEURON, BP3,
            replaced(sum_b=_sums_of_examples, update_b=_broadcast)),
    Mistake("gradient-last-example", "the gradient is that of the last example only: "
            "it is overwritten, not accumulated", "add up the gradients of all examples",
            UPDATE, replaced(sum_w=_last_weights, sum_b=lambda deltas: deltas[-1])),
    Mistake("weight-gradient-last-example", "the weight gradient is that of the last example only, "
            "overwritten where the bias gradient is accumulated", "add up the gradients of all "
            "examples", BP4, replaced(sum_w=_last_weights)),
    Mistake("bias-gradient-last-example", "the bias gradient is that of the last example only, "
            "overwritten where the weight gradient is accumulated", "add up the gradients of all "
            "examples", BP3, replaced(sum_b=lambda deltas: deltas[-1])),
    Mistake("gradient-first-example", "the gradient is that of the first example only",
            "add up the gradients of all examples", UPDATE, replaced(
                sum_w=lambda deltas, passes, l, case: RIGHT.sum_w(deltas[:1],
                                                                  passes[:1], l, case),
                sum_b=lambda deltas: deltas[0])),
    Mistake("gradient-doubled", "the gradient is accumulated twice",
            "set the gradient to 0 before the backward pass", UPDATE, together(
                after("mean_w", lambda W, *_: rows(lambda row: scale(2, row), W)),
                after("mean_b", lambda b, *_: scale(2, b)))),
    Mistake("decay-sign-in-gradient", "weight decay has the wrong sign in the gradient: nabla_w "
            "has − (λ/n) w, and the weights grow", "the gradient of (λ/2n) Σ w² is + (λ/n) w",
            DECAY,
            together(after("show_w", lambda shown, g, W, case: [
                subtract(row_g, scale(case.lmbda / case.n, row)) for row_g, row in zip(shown, W)]),
                replaced(decay=lambda case: 1 + case.eta * case.lmbda / case.n))),
    Mistake("gradient-of-z-below", "the weight gradient has z of the layer below, not a",
            TAIL, BP4, replaced(sum_w=_below_unactivated)),
    Mistake("gradient-divided-by-n", "the gradient is divided by n instead of the mini-batch's "
            "size m", "the mean is that of the mini-batch: divide by m", UPDATE,
            replaced(mean_w=lambda W, case: rows(lambda row: divided(row, case.n), W),
                     mean_b=lambda b, case: divided(b, case.n))),
    clipped(0.1),
    Mistake("gradients-swapped", "the gradients of weights and biases are swapped: one function "
            "returns (w, b), the other expects (b, w), and broadcasting makes them fit",
            "return and unpack them in the same order", BP3, reported(_swapped_gradients)),
    Mistake("layers-reversed", "the layers of the gradient are in reverse order",
            "nabla_w[0] and nabla_b[0] belong to the first layer after the input", BP4,
            reported(lambda answer, case: {"nabla_w": answer["nabla_w"][::-1],
                                           "nabla_b": answer["nabla_b"][::-1]})),
]
