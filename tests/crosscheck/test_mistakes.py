"""Every mistake of the catalogue, made on purpose: it is detected, and called by its name."""
from __future__ import annotations

import importlib.util
import os
import random
from fractions import Fraction

import pytest

from purenn.activations import Identity, ReLU
from purenn.costs import QuadraticCost
from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES, SHAPES
from purenn.crosscheck.catalogue.recipe import together
from purenn.crosscheck.diagnosis.search import variant_of
from purenn.crosscheck.judge import judge
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.cases import with_numbers
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.truth.blocks import RIGHT, step
from purenn.crosscheck.truth.compare import STAGES
from purenn.crosscheck.truth.float32 import Single, float_of, rounded

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load_tool():
    path = os.path.join(ROOT, "tools", "diagnose.py")
    spec = importlib.util.spec_from_file_location("diagnose_tool", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


TOOL = load_tool()
CASES = built_in()
#: enough of them to tell all entries of the catalogue apart; tools/diagnose.py takes them all
FEW = [case for case in CASES if case.name in (
    "one neuron, by hand, weight decay", "relu, sigmoid, cross-entropy", "tanh, softmax, quadratic",
    "sigmoid, softmax, log-likelihood, mini-batch of 3, weight decay",
    "saturated and wrong, cross-entropy", "far from 0, softmax", "hidden neurons far from 0",
    "ReLU exactly at 0, cross-entropy, deeper", "square layers",
    "saturated, softmax", "soft targets, log-likelihood")]
ENTRIES = {entry.id: entry for entry in MISTAKES + CONVENTIONS}


@pytest.fixture(scope="module")
def bench():
    return TOOL.Bench(FEW)


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


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))
def test_a_mistake_is_detected_and_named(entry, bench):
    answers = TOOL.answers_with(FEW, entry)
    assert bench.explanations(answers) == [(entry.id,)]


def test_pairs_from_different_blocks_are_named(bench):
    pairs = random.Random(1).sample(TOOL.pairs_of_blocks(), 20)
    named = [TOOL.pair_is_named(bench, *pair) for pair in pairs]
    assert named.count(False) <= 1 and named.count(True) >= 15


def test_a_pair_that_looks_ahead_is_named(bench):
    for one, other in (("updated-weights-back", "eta-twice"), ("cost-after-step", "decay-missing")):
        assert TOOL.pair_is_named(bench, ENTRIES[one], ENTRIES[other])


def named_in(cases, *ids, **options):
    answers = TOOL.answers_with(cases, *(ENTRIES[id] for id in ids))
    return judge(cases, answers, **options).diagnosis


def test_what_cannot_be_told_apart_is_named_together():
    cases = [case for case in CASES if case.name == "one neuron, by hand, weight decay"]
    explanations = named_in(cases, "decay-by-m").explanations
    # with one example in the mini-batch, not to divide by n is to divide by m
    assert {entry.id for entry, in explanations} == {"decay-by-m", "decay-not-by-n"}


def test_the_beginning_is_named_if_the_rest_cannot_be():
    """Three mistakes: two are found one after the other, not all three at once."""
    diagnosis = named_in(FEW, "bias-left-out", "quadratic-norm", "eta-missing")
    assert diagnosis.explanations == []
    assert [entry.id for entry in diagnosis.beginnings] == ["bias-left-out"]
    assert STAGES[diagnosis.until] == "costs of the examples"


def test_only_what_is_given_has_to_be_explained():
    answers = {name: {"costs": answer["costs"]} for name, answer
               in TOOL.answers_with(FEW, ENTRIES["log-2"]).items()}
    assert [entry.id for entry, in judge(FEW, answers).diagnosis.explanations] == ["log-2"]


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda entry: entry.id)
def test_a_convention_in_force_makes_the_rest_comparable(convention):
    answers = TOOL.answers_with(FEW, convention)
    assert judge(FEW, answers, conventions=[convention]).ok
    wrong = TOOL.answers_with(FEW, ENTRIES["ascent"], convention)
    report = judge(FEW, wrong, conventions=[convention])
    assert [entry.id for entry, in report.diagnosis.explanations] == ["ascent"]


def test_no_convention_stumbles_over_an_entry():
    """Whatever the order; and the conventions of shape leave every number where it is to be."""
    case = next(case for case in FEW if "mini-batch of 3" in case.name)
    for convention in CONVENTIONS:
        for entry in ENTRIES.values():
            ways = [variant_of(case, together(a.change, b.change)) for a, b in (
                (convention, entry), (entry, convention))]
            if convention in SHAPES and entry not in SHAPES:
                assert repr(ways[0]) == repr(ways[1]) and (  # NaN is not equal to itself
                    (ways[0] is None) == (variant_of(case, entry.change) is None)), (
                        convention.id, entry.id)


@pytest.mark.parametrize("ids, recognized, named", [
    (["columns"], ["columns"], ["columns"]),
    (["columns", "weights-transposed"], ["columns", "weights-transposed"],
     ["columns", "weights-transposed"]),
    (["sum-over-mini-batch", "columns"], ["columns"], ["sum-over-mini-batch"]),
    (["columns", "gradient-sum"], ["columns"], ["gradient-sum"]),
    (["columns", "step-sum"], ["columns"], ["step-sum"]),
    (["columns", "gradients-swapped"], ["columns"], ["gradients-swapped"]),
    (["biases-as-columns", "prime-at-a"], ["biases-as-columns"], ["prime-at-a"]),
    (["input-included", "columns", "delta-swapped"], ["columns", "input-included"],
     ["delta-swapped"]),
    (["gradients-swapped"], [], ["gradients-swapped"])])
def test_conventions_of_shape_are_recognized_and_the_rest_is_diagnosed(ids, recognized, named):
    report = judge(FEW, TOOL.answers_with(FEW, *(ENTRIES[id] for id in ids)))
    assert not report.ok and report.diagnosis is not None
    found = [[entry.id for entry in e] for e in report.diagnosis.explanations]
    assert [entry.id for entry in report.recognized] == recognized and found == [named]
    text = " ".join(str(report).split())
    for convention in report.recognized:
        assert convention.sentence in text and f"--convention {convention.id}" in text
    if named == recognized:
        assert f"{len(FEW)} cases, every number right (float64, {', '.join(named)})" in text


@pytest.mark.parametrize("ids, words", [
    (["gradient-sum", "decay-sign"], "with this convention and this mistake:"),
    (["bias-left-out", "eta-missing"], "with these two mistakes:"),
    (["no-half", "gradient-sum"], "with these two conventions:"),
    (["ascent"], "of a network with this mistake:")])
def test_a_headline_calls_no_convention_a_mistake(ids, words):
    report = judge(FEW, TOOL.answers_with(FEW, *(ENTRIES[id] for id in ids)))
    assert words in " ".join(str(report).split())


def test_conventions_that_cannot_be_told_apart_are_not_called_mistakes():
    case = next(case for case in CASES if case.name.startswith("one neuron, two examples"))
    costs = {case.name: {"costs": [2 * c for c in answer_of(case)["costs"]]}}
    text = " ".join(str(judge([case], costs)).split())  # with one output, the mean is the sum
    assert "one of these conventions" in text and "are wrong" not in text


def test_columns_stay_columns_and_hold_the_gradients_that_were_swapped():
    """One neuron with two inputs: the gradient of its weights is a row, added to its bias."""
    case = CASES[0]._replace(sizes=[2, 1], weights=[[[2.0, 0.0]]], mini_batch=[([1.0, 2.0], [1.0])])
    both = together(ENTRIES["columns"].change, ENTRIES["biases-as-columns"].change)
    right = step(case, both(RIGHT))  # by hand: z = 0, a = 1/2, δ = −1/8, η = 1
    assert (right["nabla_b"], right["new_biases"]) == ([[[-0.125]]], [[[-1.875]]])
    swapped = step(case, together(both, ENTRIES["gradients-swapped"].change)(RIGHT))
    assert (swapped["nabla_b"], swapped["new_biases"]) == ([[[-0.125, -0.25]]], [[[-1.875, -1.75]]])


def another_float32_program(value, rng):
    """The answers as another order of summation gives them: other last bits of float32."""
    if isinstance(value, list):
        return [another_float32_program(v, rng) for v in value]
    return rounded(value * (1 + rng.choice((-1, 0, 1)) * 2.0 ** -23))


def test_a_mistake_in_float32_is_named_in_float32():
    single = ENTRIES["delta-swapped"].change(RIGHT)
    answers = {case.name: {field: float_of(value) for field, value
                           in step(with_numbers(case, Single), single).items()} for case in FEW}
    rng = random.Random(1)
    answers = {name: {field: another_float32_program(value, rng)
                      for field, value in answer.items()} for name, answer in answers.items()}
    for precision in ("float64", "float32"):
        diagnosis = judge(FEW, answers, precision).diagnosis
        assert diagnosis.single == (precision == "float64")
        assert [entry.id for entry, in diagnosis.explanations] == ["delta-swapped"]


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_right_program_raises_no_alarm(precision):
    assert TOOL.false_alarms(25, precision, seed=random.Random().randrange(10 ** 9)
                             if not os.environ.get("CI") else 1) == []
