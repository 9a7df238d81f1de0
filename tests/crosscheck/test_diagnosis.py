"""What is wrong with a program is named, whatever else is wrong with it."""
from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from purenn.crosscheck import check
from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES
from purenn.crosscheck.catalogue.recipe import only_where, together
from purenn.crosscheck.judge import judge
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.truth.blocks import CannotAnswer, step

CASES = built_in()
#: enough of them to tell most entries apart, and quick
FEW = [case for case in CASES if case.name in (
    "one neuron, by hand, weight decay", "relu, sigmoid, cross-entropy, square",
    "tanh, softmax, quadratic, square", "sigmoid, sigmoid, quadratic",
    "sigmoid, softmax, log-likelihood, weight decay, mini-batch of 3",
    "sigmoid, sigmoid, cross-entropy, saturated",
    "relu, sigmoid, cross-entropy, deeper, weight decay",
    "sigmoid, sigmoid, quadratic, square, mini-batch of 3",
    "tanh, sigmoid, quadratic, weight decay, mini-batch of 3")]
ENTRIES = {entry.id: entry for entry in MISTAKES + CONVENTIONS}


def answers_with(*ids, cases=FEW, where=lambda case, l: True, fields=None):
    """The answers of a program with these mistakes, made where that is so."""
    change = together(*(ENTRIES[id].change for id in ids))
    answers = {}
    for case in cases:
        try:
            answer = step(case, only_where(change, where, case))
        except (CannotAnswer, ArithmeticError, ValueError):
            continue
        answers[case.name] = {f: v for f, v in answer.items() if fields is None or f in fields}
    return answers


def named(report):
    """(id or relation, scope) of each finding."""
    return [(finding.id or finding.relation, finding.scope) for finding in report.findings]


def ids(report):
    return {finding.id or finding.relation for finding in report.findings}


@functools.cache
def right():
    return {case.name: answer_of(case) for case in FEW}


# --- several mistakes in one program -------------------------------------------------------------

@pytest.mark.parametrize("mistakes", [
    ("quadratic-norm", "eta-missing"), ("bias-left-out", "decay-sign"),
    ("bias-left-out", "quadratic-norm", "eta-missing"),
    ("decay-cost-half", "delta-without-prime", "biases-not-trained"),
    ("softmax-wrong-axis", "log-2", "updated-weights-back", "adam")], ids="+".join)
def test_every_mistake_is_a_finding_of_its_own(mistakes):
    report = judge(FEW, answers_with(*mistakes))
    assert ids(report) == set(mistakes)
    assert not report.ok and str(report).count("why:") == len(mistakes)


def test_a_wrong_cost_hides_no_wrong_gradient():
    def program(case):
        answer = floats_of_name(case["name"])
        return {"activations": answer["activations"], "costs": [-c for c in answer["costs"]],
                "nabla_b": [[2 * v for v in b] for b in answer["nabla_b"]]}
    report = check(program, cases=FEW)
    assert [f.block for f in report.findings] == ["costs", "bias gradient"] or len(
        report.findings) == 2


def floats_of_name(name):
    return right()[name]


# --- scopes --------------------------------------------------------------------------------------

@pytest.mark.parametrize("id, where, words", [
    ("prime-at-a", lambda case, l: case.hidden == "tanh",
     "in the cases with tanh in the hidden layers"),
    ("weight-gradient-sum", lambda case, l: l == len(case.weights) - 1, "in the output layer"),
    ("prime-missing-hidden", lambda case, l: l == len(case.weights) - 2,
     "in the last hidden layer")])
def test_a_mistake_made_somewhere_is_named_with_its_scope(id, where, words):
    assert named(judge(FEW, answers_with(id, where=where))) == [(id, words)]


# --- gradients taken from the step ---------------------------------------------------------------

@pytest.mark.parametrize("id", ["delta-without-prime", "gradient-transposed", "decay-sign",
                                "eta-missing", "bias-gradient-all-axes"])
def test_new_weights_alone_show_the_mistake(id):
    report = judge(FEW, answers_with(id, fields=("activations", "new_weights", "new_biases")))
    assert ids(report) == {id}


# --- numbers that nothing explains ---------------------------------------------------------------

@pytest.mark.parametrize("id", ["bias-shared", "sigmoid-steep", "hidden-linear", "relu-leaky-0.1"])
@pytest.mark.parametrize("fields", [("costs", "nabla_w"), ("new_weights", "new_biases")])
def test_a_forward_pass_is_explained_that_is_not_shown(id, fields):
    report = judge(FEW, answers_with(id, fields=fields))
    assert named(report) == [(id, "")]
    assert "your activations are not given" in report.findings[0].sentence
    assert report.findings[0].where.field in fields


def test_a_forward_pass_that_is_not_shown_and_what_comes_after_it():
    report = judge(FEW, answers_with("bias-shared", "delta-without-prime", fields={"new_weights"}))
    assert ids(report) == {"bias-shared", "delta-without-prime"}


def test_a_network_without_biases_is_a_convention_if_it_shows_none():
    everything = ("activations", "costs", "nabla_w", "new_weights")
    for fields in everything, ("new_weights",):
        answers = answers_with("no-biases", fields=fields)
        finding, = judge(FEW, answers).findings
        assert finding.id == "no-biases" and finding.convention
        assert judge(FEW, answers, conventions=[ENTRIES["no-biases"]]).ok
    wrong = answers_with("no-biases", "gradient-doubled", fields=everything)
    assert ids(judge(FEW, wrong, conventions=[ENTRIES["no-biases"]])) == {"gradient-doubled"}


def test_biases_that_are_stepped_are_left_out_by_mistake():
    finding, = judge(FEW, answers_with("no-biases")).findings
    assert finding.id == "bias-left-out" and not finding.convention


def test_noise_in_one_block_is_called_wrong_and_nothing_is_invented():
    def program(case):
        answer = floats_of_name(case["name"])
        noisy = [[[w * (1 + 0.1 * ((7 * j + 3 * k) % 5 - 1.7)) for k, w in enumerate(row)]
                  for j, row in enumerate(W)] for W in answer["nabla_w"]]
        return {**answer, "nabla_w": noisy}
    report = check(program, cases=FEW)
    assert report.findings and not any(f.id or f.relation for f in report.findings)


# --- the chapter of the README -------------------------------------------------------------------

def test_the_program_with_three_mistakes_gets_the_report_that_is_printed():
    readme = Path(__file__).parents[2] / "purenn" / "crosscheck" / "README.md"
    chapter = readme.read_text(encoding="utf-8").partition("## Three mistakes, one report")[2]
    program = re.search(r"^```python\n(.*?)^```$", chapter, re.M | re.DOTALL)
    printed = re.search(r"^```\n(1\. .*?)^```$", chapter, re.M | re.DOTALL)
    names: dict = {}
    exec(program.group(1), names)  # the README's own program
    report = check(names["step"])
    assert ids(report) == {"cost-no-half", "delta-without-prime", "decay-not-by-n"}

    def without_lines(text):  # of the reference, which move
        return re.sub(r"\s+", " ", re.sub(r"line\s+\d+", "line", text)).strip()
    assert without_lines(str(report)) == without_lines(printed.group(1))
