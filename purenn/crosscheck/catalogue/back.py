"""Mistakes on the way back: what carries δ from a layer to the one below.

Ordered by how often they were found in the programs people teach with and in reports of mistakes
(crosscheck/README.md, "How common the mistakes are"): the output's σ′ missing in what is
carried back, the weights already updated, and what was found once or is only known to happen.
"""
from __future__ import annotations

from purenn.crosscheck.catalogue.places import BP2
from purenn.crosscheck.catalogue.recipe import Mistake, after, replaced
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import CannotAnswer, divided
from purenn.linalg import Matrix, Vector, scale, total

THROUGH = "δ of layer l comes through the weights between l and l + 1"


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


def _without_column(k: int) -> Mistake:
    """Biases are the last column of a matrix, and another column is left out on the way back."""
    def without(W: Matrix, case: Case, l: int, new_W: Matrix, new_b: Vector) -> Matrix:
        wide = [[*row, b_j] for row, b_j in zip(W, new_b if W is new_W else case.biases[l])]
        return [row[:k % len(row)] + row[k % len(row) + 1:] for row in wide]
    column = {-2: "last", 0: "first", 1: "second", 2: "third"}[k]
    return Mistake(f"back-without-{column}-column", "biases are a column of the weight matrix, and "
                   f"on the way back the {column} column of the weights is left out instead",
                   "a bias carries nothing back, every weight does", BP2,
                   after("way_back", without))


def _bias_first(W: Matrix, case: Case, l: int, new_W: Matrix, new_b: Vector) -> Matrix:
    return [[b_j, *row[:-1]] for row, b_j in zip(W, new_b if W is new_W else case.biases[l])]


def _in_shares(W: Matrix, case: Case, l: int, new_W: Matrix, new_b: Vector) -> Matrix:
    return [divided(row, total(row)) for row in W]


def _carried_by(which: str, j: int) -> Mistake:
    return Mistake(f"carried-by-{which}", f"only the {which} neuron of the layer above carries δ "
                   "back: it is overwritten, not accumulated",
                   "δ_k = Σ_j w_jk δ_j: add up, += instead of =", BP2,
                   replaced(pull_back=lambda W, delta: scale(delta[j], W[j])))


ENTRIES = [
    Mistake("error-carried-bare", "the bare error, without σ′, is carried back, while the "
            "gradients have σ′", "carry δ = (…) ⊙ σ′(z) back", BP2,
            replaced(carry=lambda delta, bare, case: bare)),
    Mistake("updated-weights-back", "weights that the step has already updated are used in the "
            "backward pass", "find all δ first, with the weights of the forward pass", BP2,
            replaced(way_back=lambda case, l, new_W, new_b: new_W)),
    Mistake("rate-at-every-layer", "δ is multiplied by the learning rate η again at each layer "
            "that it is carried back through", "multiply by η once, in the step", BP2,
            replaced(carry=lambda delta, bare, case: scale(case.eta, delta))),
    Mistake("transpose-lost", "the transpose is lost on the way back: W δ instead of Wᵀ δ",
            "on the way back a column of W meets δ", BP2,
            replaced(pull_back=_not_transposed)),
    *map(_without_column, (-2, 0, 1, 2)),
    Mistake("back-with-bias-column", "biases are the first column of the weight matrix, and on "
            "the way back its last column is left out instead", "a bias carries nothing back, "
            "every weight does: leave out the first", BP2, after("way_back", _bias_first)),
    _carried_by("last", -1),
    _carried_by("first", 0),
    Mistake("weights-of-layer-below", "the weights of the wrong layer carry δ back", THROUGH, BP2,
            replaced(way_back=_other_layers_matrix)),
    Mistake("back-in-shares", "the weights of a neuron are divided by their sum on the way back: "
            "the error is shared out in proportion", "δ_k = Σ_j w_jk δ_j, with the weights as they "
            "are", BP2, after("way_back", _in_shares)),
    Mistake("back-without-last-neuron", "the last neuron of a hidden layer gets no δ: a loop is "
            "one too short", "δ_k for every neuron k of the layer", BP2,
            after("error", lambda delta, *_: [*delta[:-1], 0])),
    Mistake("hidden-not-trained", "nothing is carried back: the gradient is 0, and nothing is "
            "trained", "carry δ back through every layer", BP2,
            replaced(error=lambda v, layers, l, activation: [0] * len(v))),
]
