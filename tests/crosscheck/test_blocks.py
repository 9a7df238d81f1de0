"""The step cut into blocks: unchanged it is the reference's, and entries say where they act."""
from __future__ import annotations

from fractions import Fraction

from purenn.activations import Identity, ReLU
from purenn.costs import QuadraticCost
from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES
from purenn.crosscheck.catalogue.recipe import only_where
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.cases import with_numbers
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.truth.blocks import (
    BACK,
    COST,
    DELTA,
    FORWARD,
    GRAD_B,
    GRAD_W,
    RIGHT,
    STEP_B,
    STEP_W,
    TOTAL,
    blocks_of,
    step,
)

CASES = built_in()
ENTRIES = {entry.id: entry for entry in MISTAKES + CONVENTIONS}


def test_without_a_change_the_step_is_the_references():
    """Exactly so on fractions, for which ReLU and identity are all that can be computed."""
    for case in CASES:
        exact = with_numbers(case, Fraction)._replace(hidden=ReLU.name, output=Identity.name,
                                                      cost=QuadraticCost.name)
        activations = {ReLU.name: ReLU, Identity.name: Identity}
        assert step(exact) == answer_of(exact, activations, {QuadraticCost.name: QuadraticCost})
        forward = ("activations", "costs", "total_cost", "nabla_w", "nabla_b")
        mine, reference_s = step(case, RIGHT), answer_of(case)
        assert [mine[field] for field in forward] == [reference_s[field] for field in forward]


def test_the_blocks_that_an_entry_acts_in_follow_from_its_pieces():
    for id, blocks in (("bias-left-out", {FORWARD}), ("sigmoid-steep", {FORWARD, DELTA, BACK}),
                       ("quadratic-norm", {COST}), ("no-half", {COST, DELTA}),
                       ("decay-cost-half", {TOTAL}), ("updated-weights-back", {BACK}),
                       ("gradient-last-example", {GRAD_W, GRAD_B}), ("decay-sign", {STEP_W}),
                       ("eta-missing", {STEP_W, STEP_B})):
        assert blocks_of(ENTRIES[id].change(RIGHT)) == blocks, id
    assert blocks_of(RIGHT) == set()


def test_a_change_in_one_layer_leaves_the_others_alone():
    case = next(case for case in CASES if len(case.weights) == 3 and len(case.mini_batch) > 1)
    change = ENTRIES["weight-gradient-sum"].change
    right, wrong = step(case), step(case, only_where(change, lambda case, l: l == 1, case))
    m = len(case.mini_batch)
    assert wrong["nabla_w"][::2] == right["nabla_w"][::2]
    for row, summed in zip(right["nabla_w"][1], wrong["nabla_w"][1]):  # m g up to one rounding
        assert all(abs(s - m * g) <= 2.0 ** -52 * abs(s) for g, s in zip(row, summed))
    assert wrong["nabla_b"] == right["nabla_b"] and wrong["new_biases"] == right["new_biases"]
