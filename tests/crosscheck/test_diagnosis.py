"""What is wrong with a program is named, whatever else is wrong with it."""
from __future__ import annotations

import functools
import math
import re
from decimal import MAX_EMAX, MIN_EMIN, Context, localcontext
from pathlib import Path

import pytest

from purenn.activations import OUTPUTS
from purenn.crosscheck import check
from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES
from purenn.crosscheck.catalogue.recipe import activation_changed, only_where, together
from purenn.crosscheck.diagnosis.explain import Known, _choices
from purenn.crosscheck.diagnosis.search import right_answer
from purenn.crosscheck.diagnosis.subject import _inverse
from purenn.crosscheck.diagnosis.tokens import catalogue
from purenn.crosscheck.judge import judge
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.truth.blocks import RIGHT, CannotAnswer, step
from purenn.crosscheck.truth.bounded import DIGITS

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
    ("softmax-wrong-axis", "log-2", "updated-weights-back", "adam"),
    ("input-divided-by-255", "decay-twice", "biases-decay-after-step"),
    ("decay-cost-half", "error-carried-bare", "gradient-clipped-0.1"),
    ("softmax-of-activated", "carried-by-first", "gradient-transposed")], ids="+".join)
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


# --- what no change of a formula gives -----------------------------------------------------------

def single_step(case, examples, weights, biases):
    """A right step with some of the examples of a case, from these weights and biases."""
    return answer_of(case._replace(mini_batch=examples, weights=weights, biases=biases))


def test_a_step_after_every_example_is_seen_from_the_new_weights():
    answers = {}
    for case in FEW:
        weights, biases = case.weights, case.biases
        for example in case.mini_batch:
            answer = single_step(case, [example], weights, biases)
            weights, biases = answer["new_weights"], answer["new_biases"]
        answers[case.name] = {"new_weights": weights, "new_biases": biases}
    assert named(judge(FEW, answers)) == [("step after every example", "")]


def test_biases_that_are_stepped_after_the_weights_are_seen():
    answers = {}
    for case in FEW:
        first = answer_of(case)
        second = single_step(case, case.mini_batch, first["new_weights"], case.biases)
        answers[case.name] = {**{f: first[f] for f in ("activations", "new_weights")},
                              "new_biases": second["new_biases"]}
    assert named(judge(FEW, answers)) == [("biases after weights", "")]


def forward_with(case, activate):
    """The activations of all examples, those of hidden layers by a function of place and z."""
    result = []
    for e, (a, _) in enumerate(case.mini_batch):
        layers = []
        for l, (W, b) in enumerate(zip(case.weights, case.biases)):
            z = [sum(w * x for w, x in zip(row, a)) + b_j for row, b_j in zip(W, b)]
            last = l == len(case.weights) - 1
            a = OUTPUTS[case.output].forward(z) if last else activate(case, e, l, z)
            layers.append(a)
        result.append(layers)
    return result


def test_activations_that_are_rounded_are_seen():
    def rounded(case, e, l, z):
        return [round(a_j, 3) for a_j in OUTPUTS[case.hidden].forward(z)]
    answers = {case.name: {"activations": forward_with(case, rounded)} for case in FEW}
    (name, _), = named(judge(FEW, answers))
    assert name == "rounded to 3"


def test_a_gradient_that_is_cut_off_is_seen_with_its_bound():
    def cut(value):
        return [cut(v) for v in value] if isinstance(value, list) else min(max(value, -0.15), 0.15)
    answers = {name: {field: cut(answer[field]) for field in ("nabla_w", "nabla_b")}
               for name, answer in right().items()}
    assert named(judge(FEW, answers)) == [("gradient-clipped-0.15", "")]


def test_a_mistake_in_one_step_is_not_called_one_in_both():
    finding, = judge(FEW, answers_with("ascent-biases")).findings
    assert finding.id == "ascent-biases" and finding.alternatives == ()


def test_what_follows_stands_under_what_it_comes_from():
    """Gradients do not come from a cost, nor the weights' step from the biases'."""
    report = judge(FEW, answers_with("input-activated", "cost-no-half", "ascent-biases"))
    forward, cost, biases = report.findings
    assert (forward.id, cost.id, biases.id) == ("input-activated", "cost-no-half", "ascent-biases")
    assert "weight gradient of the output layer" in forward.follows
    assert "weights after the step" in forward.follows
    assert set(cost.follows) <= {"total cost"} and biases.follows == ()


@pytest.mark.parametrize("kind, a, z", [
    ("sigmoid", 0.5, 0.0), ("sigmoid", 0.0, -800.0), ("sigmoid", 1.0, 800.0),
    ("sigmoid", 1.5, 7.0), ("sigmoid", -0.5, 7.0),
    ("tanh", 0.0, 0.0), ("tanh", -1.0, -800.0), ("tanh", 1.5, 7.0), ("softmax", 0.0, 7.0)])
def test_z_of_an_activation_that_no_z_gives_is_the_one_that_was_computed(kind, a, z):
    assert _inverse(kind, [a], [7.0]) == [z]


def test_dropout_that_is_left_on_is_seen():
    def dropped(case, e, l, z):
        a = OUTPUTS[case.hidden].forward(z)
        return [2.5 * a_j if (e + l + j) % 3 else 0.0 for j, a_j in enumerate(a)]
    answers = {case.name: {"activations": forward_with(case, dropped)} for case in FEW}
    report = judge(FEW, answers)
    assert named(report) == [("dropout", "in the hidden layers")]
    assert "2.5 times" in str(report)


def test_an_approximate_sigmoid_is_seen_and_how_far_it_is_right():
    def coarse(case, e, l, z):
        a = OUTPUTS[case.hidden].forward(z)
        return [round(a_j * 512) / 512 for a_j in a] if case.hidden == "sigmoid" else a
    answers = {case.name: {"activations": forward_with(case, coarse)} for case in FEW}
    report = judge(FEW, answers)
    assert [finding.relation for finding in report.findings] == ["right to 10⁻³"]


@pytest.mark.parametrize("parts, relation", [
    ("w", "decay in the gradient (w) × λ/m"), ("wb", "decay in the gradient (wb) × λ/m")])
def test_a_decay_of_ones_own_in_the_gradient_is_solved_for(parts, relation):
    """As in a course that many have taken: (λ/m) w is added to dW, and the step is that of dW."""
    answers = {}
    for case in FEW:
        answer, c = answer_of(case), case.lmbda / len(case.mini_batch)
        g_w = [[[g + c * w for g, w in zip(*rows)] for rows in zip(*both)]
               for both in zip(answer["nabla_w"], case.weights)]
        g_b = [[g + c * ("b" in parts) * w for g, w in zip(*both)]
               for both in zip(answer["nabla_b"], case.biases)]
        answers[case.name] = {
            **answer, "nabla_w": g_w, "nabla_b": g_b,
            "new_weights": [[[w - case.eta * g for g, w in zip(*rows)] for rows in zip(*both)]
                            for both in zip(g_w, case.weights)],
            "new_biases": [[w - case.eta * g for g, w in zip(*both)]
                           for both in zip(g_b, case.biases)]}
    assert named(judge(FEW, answers)) == [(relation, "")]


# --- gradients in each other's place -------------------------------------------------------------

@pytest.mark.parametrize("id", ["layers-reversed", "gradients-swapped"])
def test_gradients_in_each_others_place_are_put_back_and_the_rest_is_judged(id):
    assert named(judge(FEW, answers_with("bias-gradient-sum", id))) in (
        [("bias-gradient-sum", ""), (id, "")], [(id, ""), ("bias-gradient-sum", "")])


def test_gradients_reversed_in_some_cases_are_put_back_there():
    report = judge(FEW, answers_with("layers-reversed",
                                     where=lambda case, l: case.hidden == "tanh"))
    assert named(report) == [("layers-reversed", "in the cases with tanh in the hidden layers")]


# --- enough numbers for what is said -------------------------------------------------------------

def test_a_factor_that_two_numbers_show_is_not_believed():
    case = next(case for case in FEW if case.name == "one neuron, by hand, weight decay")

    def program(_):
        answer = answer_of(case)
        return {**answer, "nabla_w": [[[1.2345 * answer["nabla_w"][0][0][0]]]]}
    report = check(program, cases=[case])
    assert report.findings and not any(f.id or f.relation for f in report.findings)


def test_three_mistakes_in_the_step_are_told_apart_by_the_new_weights():
    report = judge(FEW, answers_with("step-sum", "eta-missing", "decay-missing",
                                     fields=("new_weights", "new_biases")))
    said = [{f.id, *(id for id, _ in f.alternatives)} for f in report.findings]
    assert len(said) == 3 and all(
        any(id in names for names in said) for id in ("eta-missing", "decay-missing"))
    assert any({"step-sum", "gradient-is-sum"} & names for names in said)


# --- words that say something --------------------------------------------------------------------

@pytest.mark.parametrize("id, where, words", [
    ("bias-left-out", lambda case, l: l == len(case.weights) - 1, "in the output layer"),
    ("bias-left-out", lambda case, l: l < len(case.weights) - 1, "in the hidden layers"),
    ("input-divided-by-255", lambda case, l: l < len(case.weights) - 1, "in the hidden layers"),
    ("carried-by-last", lambda case, l: l > 0, "in all layers after the first"),
    ("delta-doubled", lambda case, l: case.cost == "quadratic", "")])
def test_a_scope_is_said_where_the_mistake_would_show_outside(id, where, words):
    cases = FEW + [case for case in CASES if case.name == "eight layers"]
    assert named(judge(cases, answers_with(id, cases=cases, where=where))) == [(id, words)]


# --- the search -----------------------------------------------------------------------------------

def test_what_explains_all_values_of_a_division_comes_before_what_explains_each():
    a, b, c, d = ((token,) for token in catalogue()[:4])
    chosen = _choices([[a, d], [b, d], [c, d]], Known())
    assert chosen[0] == (d, d, d) and len(chosen) == len(set(chosen)) <= 8
    assert _choices([[a, d], [], [c, d]], Known()) == []


def test_many_values_with_many_explanations_are_no_flood():
    found = [(token,) for token in catalogue()[:12]]
    assert len(_choices([found] * 15, Known())) == len(found)


def test_a_right_answer_is_that_of_the_numbers_that_are_asked():
    case, other = CASES[0], CASES[0]._replace(eta=CASES[0].eta / 2)
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        answers = [right_answer(c, "float64", ()) for c in (case, other, case)]
    assert answers[0] == answers[2] != answers[1]


# --- saturated cases -----------------------------------------------------------------------------

SATURATED = FEW + [case for case in CASES if case.name in (
    "sigmoid, sigmoid, cross-entropy, square", "sigmoid, softmax, log-likelihood, far from 0")]


@pytest.mark.parametrize("id", ["delta-by-division", "log-clipped-1e-15"])
def test_what_shows_where_a_has_rounded_is_not_taken_for_its_neighbour(id):
    report = judge(SATURATED, answers_with(id, cases=SATURATED, where=lambda case, l: (
        case.cost == "cross-entropy")))
    assert [finding.id for finding in report.findings] == [id]


def test_a_formula_of_ones_own_for_soft_targets_is_named_though_it_would_be_infinite_elsewhere():
    """The other costs come from z: that −ln Σ y a would be −ln 0 in one of them says nothing."""
    cases = [case for case in CASES if case.name in (
        "sigmoid, softmax, log-likelihood, square", "sigmoid, softmax, log-likelihood, far from 0",
        "sigmoid, softmax, log-likelihood, soft targets",
        "tanh, softmax, log-likelihood, soft targets")]
    answers = {case.name: {"costs": answer_of(case)["costs"]} for case in cases}
    for case in cases:
        if "soft targets" in case.name:
            (_, y), = case.mini_batch
            a = answer_of(case)["activations"][0][-1]
            answers[case.name] = {"costs": [-math.log(sum(p * q for p, q in zip(y, a)))]}
    assert named(judge(cases, answers)) == [("likelihood-of-mixture", "")]


def test_what_is_0_is_not_explained_by_nan():
    report = judge(FEW, answers_with("hidden-not-trained", where=lambda case, l: l == 0,
                                     fields=("activations", "new_weights", "new_biases")))
    assert all(id != "step-nan" for f in report.findings for id in (
        f.id, *(other for other, _ in f.alternatives)))


def test_a_factor_in_one_gradient_alone_is_named():
    def program(case):
        answer = floats_of_name(case["name"])
        return {**answer, "nabla_b": [[4 * v for v in b] for b in answer["nabla_b"]]}
    assert [f.relation for f in check(program, cases=FEW).findings] == ["bias gradient × 4"]


def test_a_prime_from_a_is_no_mistake_where_the_errors_are_not_the_right_ones():
    """1 − a has few digits where a is nearly 1: δ of a wrong output error may lose them, too."""
    cases = [case for case in CASES if case.name in (
        "sigmoid, softmax, log-likelihood, far from 0, mini-batch of 2",
        "sigmoid, softmax, log-likelihood, square, mini-batch of 3",
        "sigmoid, softmax, log-likelihood, weight decay, mini-batch of 3")]
    from_a = activation_changed(lambda activation: activation._replace(
        backward=lambda v, z: [v_j * (a_j * (1 - a_j))
                               for v_j, a_j in zip(v, activation.forward(z))]), output=False)
    change = together(from_a, ENTRIES["softmax-wrong-axis"].change)
    answers = {case.name: step(case, change(RIGHT)) for case in cases}
    assert named(judge(cases, {name: {f: answer[f] for f in ("activations", "nabla_w", "nabla_b")}
                               for name, answer in answers.items()})) == [
        ("softmax-wrong-axis", "")]


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
        return re.sub(r"\s+", " ", re.sub(r"line\s+(\d+|…)", "line", text)).strip()
    assert without_lines(str(report)) == without_lines(printed.group(1))
