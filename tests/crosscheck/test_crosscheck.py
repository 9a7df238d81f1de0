"""The cross-check as its users meet it: files, programs, reports, exit statuses, documentation."""
from __future__ import annotations

import errno
import functools
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import purenn.crosscheck
from purenn.crosscheck import check, command, options
from purenn.crosscheck.answers import program
from purenn.crosscheck.answers.layouts import LAYOUTS
from purenn.crosscheck.answers.reading import answers_from
from purenn.crosscheck.catalogue.entries import CONVENTIONS
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.cases import FIELDS, Case, cases_content, cases_from, to_json
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.report import as_json
from purenn.crosscheck.truth.compare import flat, limits, wrong_quantities
from purenn.crosscheck.truth.float32 import rounded
from purenn.crosscheck.truth.reference import PRECISIONS, truth
from purenn.terminal.running import run

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "purenn" / "crosscheck" / "README.md").read_text(encoding="utf-8")
CASES = built_in()
BY_NAME = {case.name: case for case in CASES}
HAND = "one neuron, by hand, weight decay"
FEW = [BY_NAME[name] for name in (HAND, "one layer, softmax",
                                  "tanh, sigmoid, cross-entropy, square",
                                  "sigmoid, sigmoid, quadratic, weight decay, mini-batch of 3")]
ANSWERS = {case.name: answer_of(case) for case in CASES}


def answer(case):
    """A right program, as a function."""
    return ANSWERS[case["name"]]


def with_field(field, change):
    """A program that gets one field wrong."""
    return lambda case: {**answer(case), field: change(answer(case)[field])}


def answers_file(answers):
    return json.dumps({"format": "purenn-answers", "version": 1,
                       "answers": [{"name": name, **a} for name, a in answers.items()]})


# --- the documentation --------------------------------------------------------------------------

def blocks(language):
    return [code for name, code in re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.DOTALL)
            if name == language]


def test_the_files_documented_are_the_files_written():
    question, given_answer = (json.loads(block.replace("…", '{"name": "…"}'))
                              for block in blocks("") if block.startswith('{"format"'))
    assert question["cases"][0] == to_json(BY_NAME[HAND])
    assert list(question["cases"][0]) == list(Case._fields)
    assert question["version"] == cases_content(CASES)["version"]
    assert given_answer["version"] == question["version"]
    assert given_answer["answers"][0] == {"name": HAND, **ANSWERS[HAND]}
    assert cases_from({**question, "cases": question["cases"][:1]}, "it") == [BY_NAME[HAND]]
    assert answers_from({**given_answer, "answers": given_answer["answers"][:1]}, "it", [HAND])


def test_the_built_in_cases_are_as_documented():
    assert f"There are {len(CASES)} built-in cases" in README and len(CASES) >= 40
    for most, what in ((max(len(case.sizes) for case in CASES), "at most {} layers"),
                       (max(max(case.sizes) for case in CASES), "of at most {} neurons"),
                       (max(len(case.mini_batch) for case in CASES), "of at most {} examples")):
        assert what.format(most) in README
    assert all(re.fullmatch(r"[A-Za-z0-9 ,-]+", case.name) for case in CASES)
    for case in CASES:  # float32 has their numbers exactly
        for x in flat({"activations": [], "costs": [case.weights, case.biases, case.mini_batch,
                                                    case.eta, case.lmbda]}, 1)[-1].numbers:
            assert all(rounded(v) == v for v in numbers_in(x))
    assert cases_from(json.loads(json.dumps(cases_content(CASES))), "it") == CASES


def numbers_in(value):
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in numbers_in(v)]
    return [value]


def test_the_conventions_are_documented():
    table = README.partition("## Conventions")[2].partition("## ")[0]
    assert sorted(re.findall(r"^\| `(.+?)` \|", table.replace("`, `", "` |\n| `"), re.M)) == sorted(
        [*(entry.id for entry in CONVENTIONS), *LAYOUTS])


def test_the_bounds_are_as_narrow_as_documented():
    ulps = {field: [] for field in FIELDS}
    for case in CASES:
        for field, _, value, error in true_numbers(case.name, "float64")[1]:
            if value:
                ulps[field].append(float(error) / math.ulp(float(value)))
    for figure, fields in re.findall(r"below (\d+)(?: units in the last place)? for ([a-z ]+)",
                                     README):
        for field in {"activations": ["activations"], "costs": ["costs", "total_cost"],
                      "gradients": ["nabla_w", "nabla_b"],
                      "the network after the step": ["new_weights", "new_biases"]}.pop(fields):
            assert statistics.median(ulps.pop(field)) < int(figure)
    assert not ulps


# --- truth and tolerance ------------------------------------------------------------------------

def test_the_first_case_by_hand():
    """z = 2 · 1 − 2 = 0, a = ½, C = ½ · ¼, δ = (½ − 1) · ¼; step with ηλ/n = ½."""
    expected = {"activations": [[[0.5]]], "costs": [0.125], "total_cost": 0.125 + 5 / 20 * 4,
                "nabla_w": [[[-0.125]]], "nabla_b": [[-0.125]],
                "new_weights": [[[0.5 * 2 + 0.125]]], "new_biases": [[-2 + 0.125]]}
    assert ANSWERS[HAND] == expected
    for q in flat(truth(BY_NAME[HAND], "float64"), 1):
        assert [float(limits(number)[0]) for number in q.numbers] == numbers_in(
            expected[q.field])


@functools.cache
def true_numbers(name, precision):
    """Every number of the truth: (field, indices of the list it stands in, index, value, tol)."""
    case, found = BY_NAME[name], []

    def walk(field, value, path):
        if isinstance(value, list):
            for k, v in enumerate(value):
                walk(field, v, path + (k,))
        else:
            found.append((field, path, *limits(value)))
    right = truth(case, precision)
    for field in FIELDS:
        walk(field, right[field], ())
    return right, found


def plainly(value):
    return [plainly(v) for v in value] if isinstance(value, list) else float(limits(value)[0])


PLACES = st.tuples(st.sampled_from([case.name for case in CASES if len(case.sizes) < 5]),
                   st.sampled_from(["float64", "float32"]), st.integers(0, 10 ** 6),
                   st.sampled_from([-1, 1]))


#: of numbers that are not rounded at all: the truth has fifty digits
EXACT = Decimal("1e-44")


def wrong_at(place, times):
    """(what is found wrong, how far it is off, value, bound) if one number is off by so many times
    its bound."""
    name, precision, k, sign = place
    right, numbers = true_numbers(name, precision)
    field, path, value, tolerance = numbers[k % len(numbers)]
    x = float(value + sign * times * tolerance)
    if times < 1 and abs(Decimal(x) - value) > tolerance:  # rounded across the bound
        x = math.nextafter(x, float(value))
    given_answer = {field: plainly(right[field])}
    if path:
        inner = given_answer[field]
        for j in path[:-1]:
            inner = inner[j]
        inner[path[-1]] = x
    else:
        given_answer[field] = x
    wrong = wrong_quantities(BY_NAME[name], given_answer, right)
    return wrong, abs(Decimal(x) - value), value, tolerance


@given(place=PLACES, times=st.sampled_from([10, 30, 1000]))
def test_ten_times_the_bound_never_passes(place, times):
    wrong, off, value, tolerance = wrong_at(place, times)
    if off or tolerance > abs(value) * EXACT:  # ten times the bound of an exact number is 0
        assert len(wrong) == 1 and wrong[0].count == 1
        name, precision, k, _ = place
        numbers = true_numbers(name, precision)[1]
        assert (wrong[0].field, wrong[0].index) == numbers[k % len(numbers)][:2]
    else:
        assert not wrong


@given(place=PLACES, times=st.sampled_from([Decimal("0.5"), Decimal("0.99")]))
def test_just_within_the_bound_passes(place, times):
    wrong, off, value, tolerance = wrong_at(place, times)
    assert wrong == [] and off <= tolerance
    assert off >= (times - Decimal("0.1")) * tolerance or tolerance < 10 * math.ulp(value)


def test_an_exact_number_must_be_exact():
    name = "relu, sigmoid, quadratic, square"  # its first neuron is exactly at 0
    (first, *hidden), output = ANSWERS[name]["activations"][0]
    least = {"activations": [[[5e-324, *hidden], output]]}
    wrong, = wrong_quantities(BY_NAME[name], least, truth(BY_NAME[name], "float64"))
    assert (first, wrong.index, wrong.right, wrong.tolerance) == (0, (0, 0, 0), 0, 0)


@pytest.mark.parametrize("formula", [
    lambda z: 1 / (1 + math.exp(-z)), lambda z: math.exp(z) / (1 + math.exp(z)),
    lambda z: (1 + math.tanh(z / 2)) / 2], ids=["minus", "plus", "tanh"])
@pytest.mark.parametrize("z", [33.5, 35.5, 37.5])
def test_a_logarithm_of_a_that_has_nearly_rounded_to_one_is_named(formula, z):
    """Three formulas give 1 − a different last digits, and all but one or two of them are lost."""
    case = Case("far", [1, 1], "sigmoid", "sigmoid", "cross-entropy", [[[z]]], [[0.0]],
                [([1.0], [0.0])], 1.0, 0.0, 10)

    def cost_from_a(_):
        a = formula(z)
        return {"activations": [[[a]]], "nabla_b": [[a]],
                "costs": [-math.log(1 - a) if a < 1 else math.inf]}
    report = check(cost_from_a, cases=[case])
    assert not report.ok and "log-of-rounded-a" in [
        finding.id for finding in report.findings]
    off = check(lambda case: {**cost_from_a(case), "costs": [z - 5]}, cases=[case])
    assert not off.ok and not any(finding.id for finding in off.findings)


# --- reports ------------------------------------------------------------------------------------

def test_a_right_function_is_right_in_one_line():
    check(answer, cases=CASES[::5]).assert_right()


def test_a_wrong_function_fails_with_the_report():
    with pytest.raises(AssertionError) as failure:
        check(with_field("costs", lambda costs: [2 * c for c in costs]), cases=FEW).assert_right()
    assert str(failure.value).startswith("1. error: the costs of the examples are wrong\n")
    report = check(with_field("total_cost", lambda c: c + 1), cases=FEW)
    assert repr(report) == str(report) and not report.ok and report.precision == "float64"


def test_the_report_shows_the_first_wrong_quantity_and_the_worst_entry():
    text = str(check(with_field("new_biases", lambda b: [[b_j + 1 for b_j in l] for l in b]),
                     cases=FEW[:1]))
    assert text.startswith("1. error: the biases after the step are wrong\n"
                           f'    --> case "{HAND}", new_biases[0][0]\n')
    # off by 1, in units of 2⁻⁵², which is the last place of numbers from 1 to 2
    assert re.search(r"yours  -0\.875\n +right  -1\.875\n +off by 4\.5e\+15 ulp of float64", text)


def test_where_the_right_number_is_zero_ulps_say_nothing():
    name = "relu, sigmoid, quadratic, square"
    (_, *hidden), output = ANSWERS[name]["activations"][0]
    report = check(lambda case: {"activations": [[[0.25, *hidden], output]]}, cases=[BY_NAME[name]])
    assert "off by 0.25, where rounding explains nothing" in str(report)
    wrong, = as_json(report)["cases"][0]["wrong"]
    assert wrong["ulps"] is None and wrong["tolerance"] == 0
    met = check(lambda case: {"costs": [1e-9]}, cases=[BY_NAME["one neuron, target met"]])
    assert re.search(r"off by 1e-09, where rounding explains \d\.\d+e-31\n", str(met))


class Array:
    """What NumPy, PyTorch and others have in common."""

    def __init__(self, value):
        self.value = value

    def tolist(self):
        return self.value


def test_arrays_are_taken_as_they_are():
    def arrays(case):
        right = answer(case)
        return {"name": case["name"], "activations": [tuple(map(Array, layers))
                                                      for layers in right["activations"]],
                "costs": Array(right["costs"]), "total_cost": Array(right["total_cost"]),
                "nabla_w": list(map(Array, right["nabla_w"])), "nabla_b": right["nabla_b"]}
    report = check(arrays, cases=FEW)
    report.assert_right()
    assert "Not given, and not judged: new_weights, new_biases." in str(report)


def test_a_function_that_fails_is_a_problem_of_that_case():
    def fails(case):
        return answer(case) if case["name"] != HAND else 1 / 0
    report = check(fails, cases=FEW)
    assert not report.ok and not report.findings
    assert f'error: case "{HAND}": the function raised ZeroDivisionError' in str(report)
    for nonsense, sentence in (([1], "an answer is a dictionary, not a list"),
                               ({"cost": 1}, 'there is no field "cost" in an answer'),
                               ({"costs": ["1"]}, "costs[0] must be a number"),
                               ({"costs": True}, "costs must be a number"), ({}, "has none of")):
        report = check(lambda case, nonsense=nonsense: nonsense, cases=FEW[:1])
        assert sentence in re.sub(r"\s+", " ", str(report)) and not report.ok


def test_a_function_that_ends_the_program_is_a_problem_told_of_once():
    def leaves(case):
        raise SystemExit("no model" if case["name"] == FEW[0].name else 3)
    text = " ".join(str(check(leaves, cases=FEW)).split())
    line = leaves.__code__.co_firstlineno + 1
    for name, said in (FEW[0].name, "no model"), (FEW[1].name, "3"):
        assert (f'error: case "{name}": the function raised SystemExit: {said} '
                f"(test_crosscheck.py, line {line})") in text
    assert "(and so in 2 more)" in text
    assert text.count("SystemExit") == 2 and FEW[2].name not in text
    assert "is a dictionary, not an int" in " ".join(str(check(lambda case: 5)).split())


def test_a_function_cannot_change_the_question():
    def vandal(case):
        right = answer(case)
        case["weights"][0][0][0] = 1e9
        case["mini_batch"].clear()
        return right
    check(vandal, cases=FEW).assert_right()


def test_the_name_of_a_precision_or_convention_is_checked():
    with pytest.raises(ValueError, match="float64, float32"):
        check(answer, precision="float16")
    with pytest.raises(ValueError, match='no convention "half", only .*no-half, .*columns'):
        check(answer, conventions=["half"])


def in_float32(value):
    return [in_float32(v) for v in value] if isinstance(value, list) else rounded(value)


def test_float32_is_recognized_if_nobody_says_so():
    def single(case):
        return {field: in_float32(value) for field, value in answer(case).items()}
    report = check(single, cases=FEW)
    assert not report.ok and [f.id for f in report.findings] == ["float32"]
    assert "those of float32 arithmetic" in str(report) and "--precision float32" in str(report)
    check(single, cases=FEW, precision="float32").assert_right()


def test_a_case_that_float32_cannot_have_is_judged_in_float64():
    case = FEW[0]._replace(name="large", eta=1e200)
    wrong = {**answer_of(case), "costs": [1.0]}
    report = check(lambda case: wrong, cases=[case])
    assert not report.ok and "float32" not in [f.id for f in report.findings]
    with pytest.raises(ValueError, match="beyond the range"):
        check(lambda case: wrong, cases=[case], precision="float32")


@pytest.mark.parametrize("fixed", [True, False])
def test_too_few_digits_are_recognized(fixed):
    def written(value):
        if isinstance(value, list):
            return [written(v) for v in value]
        return float(f"{value:.6f}" if fixed else f"{value:.6g}")

    report = check(lambda case: {field: written(value) for field, value in answer(case).items()},
                   cases=FEW)
    assert [finding.id for finding in report.findings] == ["digits"]
    assert ("after the point" in str(report)) == fixed
    assert "only 6 digits" in " ".join(str(report).split()) and "%.17g" in str(report)


def test_a_convention_is_offered_and_then_the_rest_is_compared():
    def no_half(case):
        right, factor = answer(case), 2 if case["cost"] == "quadratic" else 1
        return {"activations": right["activations"], "costs": [factor * c for c in right["costs"]],
                "nabla_b": [[factor * v for v in b] for b in right["nabla_b"]]}
    text = str(check(no_half, cases=FEW))
    assert text.startswith("1. note: the costs of the examples differ")
    assert "this is a convention, and no mistake" in text and "--convention no-half" in text
    check(no_half, cases=FEW, conventions=["no-half"]).assert_right()
    worse = check(lambda case: {**no_half(case), "nabla_b": [
        [-v for v in b] for b in no_half(case)["nabla_b"]]}, cases=FEW, conventions=["no-half"])
    assert [finding.id for finding in worse.findings] == ["delta-swapped"]


@pytest.mark.parametrize("bad, words", [
    ([[[0.5], [0.5], [0.5]]], "a list of 1, each a list of 3, each a list of 1 number"),
    ([0.5], "a list of 1 number"), (0.5, "a number"), ([], "an empty list"),
    ([[]], "an empty list")])
def test_a_wrong_shape_is_a_wrong_answer(bad, words):
    report = check(lambda case: {"activations": bad}, cases=FEW[:1])
    wrong = report.verdicts[0].wrong
    assert wrong and wrong[0].kind == "shape" and words in str(report)


# --- the command --------------------------------------------------------------------------------

def crosscheck(*arguments):
    return run(command.PROG, command.main, list(arguments))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a few questions and right answers in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.json").write_text(json.dumps(cases_content(FEW)))
    (tmp_path / "right.json").write_text(answers_file({c.name: ANSWERS[c.name] for c in FEW}))
    return tmp_path


def test_cases_and_answers_go_round(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert crosscheck("cases", "--out", "cases.json") == 0
    assert cases_from(json.loads(Path("cases.json").read_text()), "it") == CASES
    some = [case for case in CASES if case.hidden == "tanh" and case.cost == "cross-entropy"]
    chosen = ["--only", "tanh", "--only", "cross-entropy", "--cases", "cases.json"]
    assert crosscheck("answers", "--out", "answers.json", *chosen) == 0
    assert crosscheck("check", "answers.json", *chosen) == 0
    assert capsys.readouterr().out.startswith(f"{len(some)} cases, every number right (float64)")
    assert crosscheck("cases", "--cases", "cases.json") == 0
    assert capsys.readouterr().out == Path("cases.json").read_text()


def test_a_wrong_file_is_one_and_a_part_of_one_is_right(folder, capsys):
    wrong = {name: {"costs": [c + 1 for c in ANSWERS[name]["costs"]]} for name in [HAND]}
    (folder / "wrong.json").write_text(answers_file(wrong))
    assert crosscheck("check", "wrong.json", "--cases", "cases.json") == 1
    assert "error: the costs of the examples are wrong" in capsys.readouterr().out
    (folder / "part.json").write_text(answers_file({HAND: {"costs": [0.125]}}))
    assert crosscheck("check", "part.json", "--cases", "cases.json") == 0
    said = capsys.readouterr().out
    assert "Not given, and not judged: activations, total_cost" in said
    assert "Not answered: " in said


def test_what_is_not_finite_is_wrong_and_the_rest_is_judged(folder, capsys):
    text = answers_file({HAND: ANSWERS[HAND]}).replace('"total_cost": 1.125', '"total_cost": %s')
    for name in ("null", "NaN", "Infinity", "-Infinity", "1e999", "9" * 400):
        (folder / "odd.json").write_text(text.replace("%s", name))
        assert crosscheck("check", "odd.json", "--cases", "cases.json", "--json") == 1
        said = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
        assert [(wrong["field"], wrong["kind"], wrong["yours"]) for case in said["cases"]
                for wrong in case["wrong"]] == [("total_cost", "not a number", None)]


def test_the_report_for_machines(folder, capsys):
    wrong = {c.name: {**ANSWERS[c.name], "nabla_b": [[-v for v in b] for b in
                                                     ANSWERS[c.name]["nabla_b"]]} for c in FEW}
    (folder / "wrong.json").write_text(answers_file(wrong))
    assert crosscheck("check", "wrong.json", "--cases", "cases.json", "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False and said["precision"] == "float64" and said["conventions"] == []
    assert [case["name"] for case in said["cases"]] == [case.name for case in FEW]
    first = said["cases"][0]
    assert first["answered"] and first["problem"] is None and first["wrong"][0]["index"] == [0, 0]
    assert (first["wrong"][0]["yours"], first["wrong"][0]["right"]) == (0.125, -0.125)
    # 0.25 is that many units of 2⁻⁵⁵, the last place of numbers from 1/8 to 1/4
    assert first["wrong"][0]["ulps"] == pytest.approx(0.25 * 2 ** 55, rel=1e-12)
    for key in ("field", "kind", "stage", "tolerance", "ulps_allowed", "count", "size"):
        assert key in first["wrong"][0] and f"`{key}`" in README
    assert crosscheck("check", "right.json", "--cases", "cases.json", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is True and said["findings"] == []
    assert crosscheck("mistakes", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) >= 60


def test_every_field_of_every_case_is_told_of(folder, capsys):
    answers = {name: dict(ANSWERS[name]) for name in (HAND, "one layer, softmax")}
    answers[HAND].update(total_cost=7.0, new_biases=[[0.5]])
    del answers[HAND]["nabla_w"]
    (folder / "mine.json").write_text(answers_file(answers))
    assert crosscheck("check", "mine.json", "--cases", "cases.json", "--verbose") == 1
    said = re.sub(r"\n    ", " ", capsys.readouterr().out)
    assert (f"{HAND}: activations right, costs right, total_cost WRONG, nabla_w not given, "
            "nabla_b right, new_weights right, new_biases follows\n") in said
    assert f"one layer, softmax: {', '.join(f'{field} right' for field in FIELDS)}\n" in said
    assert "tanh, sigmoid, cross-entropy, square: not answered\n" in said


def test_the_catalogue_is_listed(capsys):
    assert crosscheck("mistakes") == 0
    said = capsys.readouterr().out
    assert re.search(r"^  transpose-lost +the transpose is lost", said, re.M)
    assert re.search(r"^Conventions of numbers, to be named with --convention: \d+$", said, re.M)
    last = said.index("Conventions of numbers")
    for name in [*(convention.id for convention in CONVENTIONS), *LAYOUTS]:  # as --help says
        assert f"\n  {name} " in said[last:]
    assert options.PRECISIONS == tuple(PRECISIONS)
    assert crosscheck("--help") == 0
    assert "purenn/crosscheck/README.md" in capsys.readouterr().out


@pytest.mark.parametrize("arguments, sentence", [
    (["check"], "the file of answers is missing"),
    (["check", "nowhere.json"], "nowhere.json: No such file or directory"),
    (["check", "right.json", "--", "ls"], 'only "run" takes a command after "--"'),
    (["run"], "what is to be run?"),
    (["run", "--"], "what is to be run?"),
    (["run", "a:b", "--", "ls"], "what is to be run?"),
    (["cases", "right.json"], '"cases" does not know what to do with'),
    (["check", "right.json", "--out", "x"], "--out does not go with"),
    (["check", "right.json", "--convention", "x"], 'there is no convention "x", only sum-over'),
    (["check", "right.json", "--precision", "float16"], "float16"),
    (["run", "--timeout", "0", "--", "ls"], "'0' is not a finite number above 0"),
    (["run", "nowhere:f"], "nowhere:f cannot be imported: ModuleNotFoundError"),
    (["run", "nowhere"], "'nowhere' is not of the form MODULE:FUNCTION"),
    (["run", "os:sep"], "os:sep is not a function, but a string"),
    (["run", "nowhere.py:f"], "; MODULE is written without .py"),
    (["run", "leaves:f"], "leaves:f cannot be imported: SystemExit: 4"),
    (["run", "os:nothing.at_all"], "cannot be imported: AttributeError"),
    (["run", "--", "./nowhere"], "./nowhere: No such file or directory"),
    (["dance"], "invalid choice"), ([], "ACTION"),
])
def test_a_mistake_in_the_arguments_is_one_sentence(arguments, sentence, folder, capsys):
    (folder / "leaves.py").write_text("raise SystemExit(4)")
    assert crosscheck(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and sentence in said.err


def faulty(**changes):
    return {"format": "purenn-cases", "version": 1, "cases": [{**to_json(FEW[1]), **changes}]}


PLACE = 'mine.json, case "one layer, softmax": '


@pytest.mark.parametrize("content, sentence", [
    ([], 'mine.json must be an object with "format": "purenn-cases"'),
    ({"format": "purenn-answers"}, '"format": "purenn-cases"'),
    ({"format": "purenn-cases", "version": 3}, '"version" must be 1 or 2, not 3'),
    ({"format": "purenn-cases", "version": 1, "cases": []}, '"cases" must be a list of at least'),
    ({"format": "purenn-cases", "version": 1, "cases": [{}]}, 'case 0 must be an object with a "n'),
    (faulty(extra=1), PLACE + 'there is no field "extra" in a case'),
    (faulty(sizes=3), PLACE + '"sizes" must be a list of whole numbers'),
    (faulty(sizes=[2, 2]), PLACE + "weights[0] "),
    (faulty(hidden="softmax"), PLACE + '"hidden" must be one of sigmoid, tanh, relu'),
    (faulty(output=["softmax"]), PLACE + '"output" must be one of'),
    (faulty(cost="cross-entropy"), PLACE + "the cross-entropy cost goes with sigmoid output"),
    (faulty(weights=[[[1.0, 0.5], [1.0], [1.0, 1.0]]]), PLACE + "weights[0][1] "),
    (faulty(weights=[[[1.0, 0.5], [1.0, None], [1.0, 1.0]]]), PLACE + "weights[0][1][1] must be"),
    (faulty(biases=[[0.0, 1.0]]), PLACE + "biases[0] "),
    (faulty(biases=[[0.0, 1.0, "0"]]), PLACE + "biases[0][2] must be a number"),
    (faulty(mini_batch=[]), PLACE + '"mini_batch" must be a list of at least one example'),
    (faulty(mini_batch=[[[1.0, 0.5], [0, 1, 0]]]), PLACE + 'mini_batch[0] must be an object'),
    (faulty(mini_batch=[{"x": [1.0], "y": [0, 1, 0]}]), PLACE + "mini_batch[0].x "),
    (faulty(mini_batch=[{"x": [1.0, 2.0], "y": [0, 1]}]), PLACE + "mini_batch[0].y "),
    (faulty(mini_batch=[{"x": [1.0, 2.0], "y": [0, 2, -1]}]), PLACE + "mini_batch[0].y must lie "),
    (faulty(mini_batch=[{"x": [1.0, 2.0], "y": [0, 0.5, 0]}]), "mini_batch[0].y must have the sum"),
    (faulty(eta="fast"), PLACE + '"eta", entry[0] must be a number'),
    (faulty(lmbda=None), PLACE + '"lmbda", entry[0] must be a number'),
    (faulty(n=0), PLACE + '"n" must be a positive whole number'),
    (faulty(n=True), PLACE + '"n" must be a positive whole number'),
    ({**faulty(), "cases": 2 * faulty()["cases"]}, 'the name "one layer, softmax" stands twice'),
    ("{", "mine.json is not valid JSON"),
    ('{"format": "purenn-cases", "format": 1}', "stands twice"),
    ('{"format": NaN}', "NaN is not a number"),
])
def test_a_fault_in_a_file_of_cases_is_one_sentence(content, sentence, folder, capsys):
    (folder / "mine.json").write_text(content if isinstance(content, str) else json.dumps(content))
    assert crosscheck("check", "right.json", "--cases", "mine.json") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and sentence in said and "mine.json" in said


@pytest.mark.parametrize("fields, sentence", [
    ({"cost": 1}, 'there is no field "cost" in an answer, only activations'),
    ({}, "it has none of the fields activations"),
    ({"costs": ["0.125"]}, "costs[0] must be a number or a list of numbers, not a string"),
    ({"nabla_w": [[[True]]]}, "nabla_w[0][0][0] must be a number"),
    ({"nabla_b": {"0": 1}}, "nabla_b must be a number or a list of numbers, not an object"),
])
def test_a_fault_in_a_file_of_answers_is_one_sentence(fields, sentence, folder, capsys):
    (folder / "mine.json").write_text(answers_file({HAND: fields}))
    assert crosscheck("check", "mine.json") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f'mine.json, answer "{HAND}": {sentence}' in said


def test_an_answer_to_no_case_is_a_fault(folder, capsys):
    (folder / "mine.json").write_text(answers_file({"one neuron": {"costs": [1]}}))
    assert crosscheck("check", "mine.json") == 2
    said = capsys.readouterr().err
    assert 'mine.json, answer "one neuron": there is no case of that name' in said


# --- other people's programs --------------------------------------------------------------------

PROGRAMS = [
    ("print(open('right.json').read())", 0, "every number right"),  # it does not even ask
    ("import sys; sys.stdin.close(); print(open('right.json').read())", 0, "every number right"),
    ("import sys; sys.stdin.read(); print(open('right.json').read().replace('1.125', '1.5'))",
     1, "error: the total cost is wrong"),
    ("pass", 2, "printed nothing"),
    ("print('training ...')", 2, 'did not print answers, but what begins with "training ...'),
    ("print('[]')", 2, "must be a list of at least one answer"),
    ("print('{}')", 2, 'must be an object with "format": "purenn-answers"'),
    ("import sys; sys.stdout.buffer.write(bytes([255, 0, 27]))", 2, "byte 0 is not UTF-8"),
    ("raise SystemExit('no such file: model.bin')", 2,
     "ended with exit status 1; it said: no such file: model.bin"),
    ("import os, sys; print(5 * 'far too long ' * 99, file=sys.stderr, flush=True); os._exit(3)",
     2, "ended with exit status 3; it said:"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", 2, "was ended by SIGSEGV"),
    ("import os; os.close(1); os.close(0); import time; time.sleep(60)", 2,
     "did not end within 0.5 seconds (--timeout)"),
    ("import time\nwhile True: print('y', flush=True); time.sleep(0.01)", 2,  # far from MAX_BYTES
     "did not end within 0.5 seconds"),
]


@pytest.mark.parametrize("code, status, sentence", PROGRAMS)
def test_programs_of_all_kinds(code, status, sentence, folder, capsys):
    timeout = "0.5" if "within" in sentence else "60"
    assert crosscheck("run", "--cases", "cases.json", "--timeout", timeout, "--", sys.executable,
                      "-S", "-c", code) == status
    said = capsys.readouterr()
    assert sentence in (said.err if status == 2 else said.out)
    assert said.err.count("\n") == (status == 2) and len(said.err) < 2000


def test_a_program_that_leaves_another_behind_is_not_waited_for(folder, capsys, monkeypatch):
    monkeypatch.setattr(program, "GRACE", 0.05)
    code = ("import subprocess, sys; print(open('right.json').read(), flush=True); "
            "child = subprocess.Popen([sys.executable, '-S', '-c', "
            "'import time; time.sleep(60); open(\\'late\\', \\'w\\')'])"
            "; open('pid', 'w').write(str(child.pid))")
    assert crosscheck("run", "--cases", "cases.json", "--", sys.executable, "-S", "-c", code) == 0
    pid = int((folder / "pid").read_text())
    while is_running(pid):  # it has been killed, which takes a moment; if not, this ends in 60 s
        time.sleep(0.01)
    assert not (folder / "late").exists()


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX"  # whoever adopts orphans need not have noticed yet
    except OSError:
        return False


def no_more_processes(*arguments, **options):
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def no_more_threads(self):
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("broken, by, sentence", [
    (program.subprocess, ("Popen", no_more_processes), "./a.out: Resource temporarily unavailable"),
    (program.threading.Thread, ("start", no_more_threads),
     "there can be no more threads, which sleep needs"),
])
def test_no_process_or_thread_to_be_had(broken, by, sentence, folder, capsys, monkeypatch):
    """As with `ulimit -u`, which does not bind root."""
    monkeypatch.setattr(broken, *by)
    assert crosscheck("run", "--", *(["./a.out"] if by[0] == "Popen" else ["sleep", "60"])) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_a_program_that_prints_too_much(folder, capsys, monkeypatch):
    monkeypatch.setattr(program, "MAX_BYTES", 100_000)
    assert crosscheck("run", "--", sys.executable, "-S", "-c", "print('[' + '1,' * 99999)") == 2
    assert "printed more than 100000 bytes" in capsys.readouterr().err


def test_very_many_cases_fit_through_the_pipes(folder, capsys):
    """More than a pipe holds, both ways at once: whoever waits for one end first would hang."""
    many = [FEW[0]._replace(name=f"{HAND} {k}") for k in range(2000)]
    echo = ("import json, sys; cases = json.load(sys.stdin)['cases']; print(json.dumps({"
            "'format': 'purenn-answers', 'version': 1, 'answers': [{'name': c['name'],"
            " 'costs': [0.125], 'new_biases': [[-1.875]], 'nabla_w': [[[-0.125]]]}"
            " for c in cases]}))")
    names = [case.name for case in many]
    answers = program.answers_of_program([sys.executable, "-S", "-c", echo],
                                         json.dumps(cases_content(many)), names, 60).answers
    assert answers.keys() == {case.name for case in many}


def test_a_function_is_imported_from_the_current_folder(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (folder / "some_network.py").write_text(
        "import json\nright = {a['name']: a for a in json.load(open('right.json'))['answers']}\n"
        "class Network:\n    step = staticmethod(lambda case: right.get(case['name']))\n")
    assert crosscheck("run", "some_network:Network.step", "--cases", "cases.json") == 0
    assert f"{len(FEW)} cases, every number right" in capsys.readouterr().out


def test_a_reader_that_goes_away_ends_the_command_without_a_word():
    done = subprocess.run(f"{sys.executable} -m purenn.crosscheck mistakes | head -1", shell=True,
                          capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          cwd=os.sep)
    assert re.fullmatch(rb"\d+ mistakes and .*\n", done.stdout) and done.stderr == b""


def test_the_package_says_what_it_offers():
    assert purenn.crosscheck.__all__ == ["Report", "check"]
