"""Mistakes in the step of weights and biases, from their gradients.

Ordered by how often they were found in the programs people teach with and in reports of mistakes
(crosscheck/README.md, "How common the mistakes are"): the sum over the mini-batch first, then
weight decay, the learning rate, layers and biases that are not trained, other optimizers, signs.
"""
from __future__ import annotations

import math
from typing import Callable

from purenn.crosscheck.catalogue.arithmetic import sign, size
from purenn.crosscheck.catalogue.places import DECAY, STEP_B, STEP_W, UPDATE
from purenn.crosscheck.catalogue.recipe import Change, Mistake, after, replaced, together
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import RIGHT, rows
from purenn.elementary import magnitude
from purenn.linalg import Matrix, Number, Vector, scale

PLAIN = "plain gradient descent: w ← w − η g"
TO_THE_WEIGHTS = "w ← (1 − ηλ/n) w − …"


def _adam_vector(v: Vector, g: Vector, factor: Number, rate: Number) -> Vector:
    """Adam's first step, η g/(|g| + ε), and so are Adagrad's and Adamax's."""
    return [factor * v_k - rate * g_k / (magnitude(g_k) + 1e-8) for v_k, g_k in zip(v, g)]


def _adam(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return [_adam_vector(row, g_row, 1, rate) for row, g_row in zip(W, g)]


def _adam_l2(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    """(λ/n) w is added to the gradient before it is normalized."""
    return [_adam_vector(row, [g_w + (1 - decay) / rate * w for w, g_w in zip(row, g_row)], 1, rate)
            for row, g_row in zip(W, g)]


def _adamw(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return [_adam_vector(row, g_row, decay, rate) for row, g_row in zip(W, g)]


def _adam_biases(b: Vector, g: Vector, decay: Number, rate: Number) -> Vector:
    return _adam_vector(b, g, 1, rate)


def _rmsprop_vector(v: Vector, g: Vector, rate: Number) -> Vector:
    """RMSprop's first step, with a running mean of 0.9: the mean is g²/10."""
    return [v_k - rate * g_k / (magnitude(g_k) * math.sqrt(0.1) + 1e-8) for v_k, g_k in zip(v, g)]


def _l1_decay(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return [[w - (1 - decay) * sign(w) - rate * g_w for w, g_w in zip(row, g_row)]
            for row, g_row in zip(W, g)]


def _spared_weights(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return RIGHT.update_w(W[:1], g[:1], 1, rate) + RIGHT.update_w(W[1:], g[1:], decay, rate)


def _spared_biases(b: Vector, g: Vector, decay: Number, rate: Number) -> Vector:
    return [(decay if j else 1) * b_j - rate * g_j for j, (b_j, g_j) in enumerate(zip(b, g))]


def _decayed_after(W: Matrix, g: Matrix, decay: Number, rate: Number) -> Matrix:
    return rows(lambda row: scale(decay, row), RIGHT.update_w(W, g, 1, rate))


def _decay_of(piece: Callable[[Case], Number]) -> Change:
    """Another η λ/n in the factor 1 − ηλ/n."""
    return replaced(decay=lambda case: 1 - piece(case))


def _whole_step(factor: float) -> Change:
    """The step as it should be, decay included, times a factor."""
    return together(after("rates", lambda rates, case: scale(factor, rates)),
                    after("decay", lambda decay, case: 1 - factor * (1 - decay)))


def _rate_of_its_own(rate: float) -> Mistake:
    return Mistake(f"eta-is-{rate:g}", f"the learning rate is {rate:g}, whatever the case asks for",
                   "take the η that the case gives", UPDATE,
                   replaced(rates=lambda case: [rate] * 2))


def _decay_of_its_own(decay: float) -> Mistake:
    return Mistake(f"decay-is-{decay:g}".replace("e-0", "e-"), "weight decay is "
                   f"{decay:g}, whatever the case asks for, even where λ = 0".replace("e-0", "e-"),
                   "take the λ/n that the case gives", DECAY,
                   _decay_of(lambda case: case.eta * decay))


ENTRIES = [
    Mistake("step-sum", "the step is taken with the sum over the mini-batch, not the mean",
            "η/m, not η", UPDATE, after("rates", lambda rates, case: scale(size(case), rates))),
    Mistake("decay-missing", "the step is taken without weight decay",
            "w ← (1 − ηλ/n) w − …; a network that has no weight decay leaves out the cases with "
            "lmbda ≠ 0", DECAY, _decay_of(lambda case: 0)),
    Mistake("decay-not-by-n", "weight decay is not divided by n: 1 − ηλ",
            TO_THE_WEIGHTS, DECAY, _decay_of(lambda case: case.eta * case.lmbda)),
    Mistake("decay-by-m", "weight decay is divided by the mini-batch's size m instead of n",
            "n is the size of the whole training set", DECAY,
            _decay_of(lambda case: case.eta * case.lmbda / size(case))),
    Mistake("decay-twice", "weight decay is applied twice: 1 − 2ηλ/n",
            "once, either in the gradient or in the step", DECAY,
            _decay_of(lambda case: 2 * case.eta * case.lmbda / case.n)),
    Mistake("decay-by-n-and-m", "weight decay is divided by the mini-batch's size m on top of n: "
            "1 − ηλ/(n m)", TO_THE_WEIGHTS, DECAY,
            _decay_of(lambda case: case.eta * case.lmbda / (case.n * size(case)))),
    Mistake("biases-decay", "weight decay is applied to the biases, too",
            "biases do not decay", DECAY,
            replaced(update_b=lambda b, g, decay, rate: [decay * b_j - rate * g_j
                                                         for b_j, g_j in zip(b, g)])),
    Mistake("decay-sign", "weight decay has the wrong sign: the weights grow, 1 + ηλ/n",
            TO_THE_WEIGHTS, DECAY, _decay_of(lambda case: -case.eta * case.lmbda / case.n)),
    *map(_decay_of_its_own, (0.01, 0.001, 1e-4, 5e-4)),
    Mistake("eta-missing", "the learning rate is left out of the step",
            "w ← w − η …", UPDATE,
            after("rates", lambda rates, case: [rate / case.eta for rate in rates])),
    *map(_rate_of_its_own, (0.1, 0.01, 0.001)),
    Mistake("biases-not-trained", "the biases are not trained",
            "b ← b − (η/m) Σ δ", STEP_B, replaced(update_b=lambda b, g, decay, rate: b)),
    Mistake("not-trained", "weights and biases are not trained: they stay as they were",
            PLAIN, UPDATE, replaced(update_w=lambda W, g, decay, rate: W,
                                    update_b=lambda b, g, decay, rate: b)),
    Mistake("step-nan", "the step is not a number: everything after it is NaN",
            "look for a learning rate that is undefined, or 0/0", UPDATE,
            replaced(rates=lambda case: [math.nan, math.nan])),
    Mistake("adam", "the step is Adam's: the gradient's size does not matter",
            PLAIN, UPDATE, replaced(update_w=_adam, update_b=_adam_biases)),
    Mistake("adam-l2", "the step is Adam's, and weight decay is added to the gradient before its "
            "size is taken out", PLAIN, UPDATE,
            replaced(update_w=_adam_l2, update_b=_adam_biases)),
    Mistake("adamw", "the step is AdamW's: Adam's, and weight decay apart from it",
            PLAIN, UPDATE, replaced(update_w=_adamw, update_b=_adam_biases)),
    Mistake("rmsprop", "the step is RMSprop's: √10 times the learning rate and the gradient's "
            "sign", PLAIN, UPDATE, replaced(
                update_w=lambda W, g, decay, rate: [_rmsprop_vector(row, g_row, rate)
                                                    for row, g_row in zip(W, g)],
                update_b=lambda b, g, decay, rate: _rmsprop_vector(b, g, rate))),
    Mistake("momentum-nesterov", "momentum is left on: the step is 1.9 times as long "
            "(Nesterov's, 0.9), weight decay apart", "momentum 0", UPDATE,
            after("rates", lambda rates, case: scale(1.9, rates))),
    Mistake("momentum-nesterov-decay", "momentum is left on: the step, weight decay included, is "
            "1.9 times as long (Nesterov's, 0.9)", "momentum 0", UPDATE, _whole_step(1.9)),
    Mistake("momentum-average", "momentum is left on: the step is a tenth as long "
            "(a running average, 0.9), weight decay apart", "momentum 0", UPDATE,
            after("rates", lambda rates, case: scale(0.1, rates))),
    Mistake("momentum-average-decay", "momentum is left on: the step, weight decay included, is a "
            "tenth as long (a running average, 0.9)", "momentum 0", UPDATE, _whole_step(0.1)),
    Mistake("ascent", "the step goes up the gradient instead of down",
            "w ← w − η …", UPDATE, after("rates", lambda rates, case: scale(-1, rates))),
    Mistake("ascent-weights", "the weights' step has the wrong sign: it goes up the gradient, "
            "while the biases' goes down", "w ← w − η …", STEP_W,
            after("rates", lambda rates, case: [-rates[0], rates[1]])),
    Mistake("ascent-biases", "the biases' step has the wrong sign: it goes up the gradient, "
            "while the weights' goes down", "b ← b − η …", STEP_B,
            after("rates", lambda rates, case: [rates[0], -rates[1]])),
    Mistake("step-divided-by-n", "the step is divided by n instead of the mini-batch's size",
            "η/m, not η/n", UPDATE,
            after("rates", lambda rates, case: scale(size(case) / case.n, rates))),
    Mistake("step-divided-twice", "the step is divided by the mini-batch's size twice",
            "the gradient is a mean already: η g", UPDATE,
            after("rates", lambda rates, case: scale(1 / size(case), rates))),
    Mistake("eta-twice", "the learning rate is multiplied twice",
            "w ← w − η …", UPDATE,
            after("rates", lambda rates, case: scale(case.eta, rates))),
    Mistake("step-biases-sum", "the biases' step is taken with the sum over the mini-batch, "
            "the weights' with the mean", "η/m for both", STEP_B,
            after("rates", lambda rates, case: [rates[0], rates[1] * size(case)])),
    Mistake("step-weights-sum", "the weights' step is taken with the sum over the mini-batch, "
            "the biases' with the mean", "η/m for both", STEP_W,
            after("rates", lambda rates, case: [rates[0] * size(case), rates[1]])),
    Mistake("decay-half", "weight decay is half of what it should be: 1 − ηλ/2n",
            "the 2 of the square cancels the ½ of (λ/2n) Σ w²", DECAY,
            _decay_of(lambda case: case.eta * case.lmbda / (2 * case.n))),
    Mistake("decay-without-eta", "weight decay lacks the learning rate: 1 − λ/n",
            TO_THE_WEIGHTS, DECAY, _decay_of(lambda case: case.lmbda / case.n)),
    Mistake("decay-per-example", "weight decay is applied once for every example",
            "once for a step", DECAY,
            _decay_of(lambda case: size(case) * case.eta * case.lmbda / case.n)),
    Mistake("decay-after-step", "weight decay is applied after the step, to the new weights",
            "the gradient of (λ/2n) Σ w² is that at the old weights", DECAY,
            replaced(update_w=_decayed_after)),
    Mistake("biases-decay-after-step", "weight decay is applied to the biases, too, after the step",
            "biases do not decay", DECAY, replaced(
                update_b=lambda b, g, decay, rate: scale(decay, RIGHT.update_b(b, g, 1, rate)))),
    Mistake("decay-l1", "weight decay is L1: the weights' signs instead of the weights",
            TO_THE_WEIGHTS, DECAY, replaced(update_w=_l1_decay)),
    Mistake("last-column-not-trained", "the weights from the last input, or the last neuron of "
            "the layer below, are not trained: a loop is one too short",
            "every weight learns, w_jk for all k", STEP_W,
            after("update_w", lambda new, W, *_: [[*row[:-1], old[-1]]
                                                  for row, old in zip(new, W)])),
    Mistake("decay-spares-first-row", "weight decay spares the first neuron of each layer, a row, "
            "where it should spare the biases, a column", TO_THE_WEIGHTS, DECAY,
            replaced(update_w=_spared_weights, update_b=_spared_biases)),
    Mistake("weights-not-trained", "the weights are not trained, only decay",
            "w ← (1 − ηλ/n) w − (η/m) Σ δ aᵀ", STEP_W,
            replaced(update_w=lambda W, g, decay, rate: rows(lambda row: scale(decay, row), W))),
]
