"""What programs and functions give, in whatever layout and with whatever behaviour."""
from __future__ import annotations

import decimal
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from purenn.crosscheck import check, command
from purenn.crosscheck.answers.layouts import LAYOUTS
from purenn.crosscheck.answers.reading import answers_content
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.cases import cases_content
from purenn.crosscheck.questions.collection import built_in
from purenn.terminal.running import run

CASES = built_in()
BY_NAME = {case.name: case for case in CASES}
FEW = [BY_NAME[name] for name in (
    "one neuron, by hand", "relu, softmax, log-likelihood, square, mini-batch of 4",
    "sigmoid, sigmoid, quadratic, square",
    "tanh, sigmoid, quadratic, weight decay, mini-batch of 3",
    "sigmoid, sigmoid, cross-entropy, deeper, weight decay")]
SQUARE = [case for case in CASES if "square" in case.name]
ANSWERS = {case.name: answer_of(case) for case in CASES}


def crosscheck(*arguments):
    return run(command.PROG, command.main, list(arguments))


# --- layouts --------------------------------------------------------------------------------------

def transposed(W):
    return [list(column) for column in zip(*W)]


def columns(v):
    return [[x] for x in v]


def by_layer(activations):
    """[e][l][j] as [l][e][j]."""
    return transposed(activations)


WAYS = {
    "columns": {"activations": lambda a, x: [[columns(v) for v in layers] for layers in a]},
    "rows": {"activations": lambda a, x: [[[v] for v in layers] for layers in a]},
    "layer-by-layer": {"activations": lambda a, x: by_layer(a)},
    "layer-by-layer examples-as-columns": {
        "activations": lambda a, x: [transposed(layer) for layer in by_layer(a)]},
    "layer-by-layer input-included": {"activations": lambda a, x: [x, *by_layer(a)]},
    "layer-by-layer examples-as-columns input-included": {
        "activations": lambda a, x: [transposed(layer) for layer in [x, *by_layer(a)]]},
    "input-included": {"activations": lambda a, x: [[x_e, *layers] for x_e, layers in zip(x, a)]},
    "biases-as-columns": {field: lambda b, x: [columns(v) for v in b]
                          for field in ("nabla_b", "new_biases")},
    "biases-as-rows": {field: lambda b, x: [[v] for v in b] for field in ("nabla_b", "new_biases")},
    "weights-transposed": {field: lambda w, x: [transposed(W) for W in w]
                           for field in ("nabla_w", "new_weights")},
    "costs-in-lists": {"costs": lambda c, x: columns(c), "total_cost": lambda c, x: [[c]]},
}


def in_layouts(*names, base=lambda case: ANSWERS[case["name"]]):
    """A program whose answers are in these layouts."""
    def function(case):
        answer = dict(base(case))
        for name in names:
            for field, change in WAYS[name].items():
                answer[field] = change(answer[field], [e["x"] for e in case["mini_batch"]])
        return answer
    return function


@pytest.mark.parametrize("cases", [FEW, SQUARE], ids=["few", "square"])
@pytest.mark.parametrize("names", [
    *[[name] for name in WAYS], ["layer-by-layer examples-as-columns input-included",
                                 "biases-as-rows", "weights-transposed", "costs-in-lists"]])
def test_a_layout_is_recognized_and_no_reason_to_fail(names, cases):
    report = check(in_layouts(*names), cases)
    report.assert_right()
    expected = {id for name in names for id in name.split()}
    assert {layout.id for layout in report.recognized} == expected
    said = " ".join(str(report).split())
    assert all(f"note: recognized: {LAYOUTS[id].sentence}." in said for id in expected)


def test_a_single_example_needs_no_list_of_examples():
    one = [case for case in FEW if len(case.mini_batch) == 1]
    report = check(lambda case: {"activations": ANSWERS[case["name"]]["activations"][0],
                                 "costs": ANSWERS[case["name"]]["costs"][0]}, one)
    report.assert_right()
    assert [layout.id for layout in report.recognized] == ["no-examples", "costs-in-lists"]


def test_the_plain_layout_is_recognized_as_none():
    report = check(lambda case: ANSWERS[case["name"]], CASES)
    report.assert_right()
    assert report.recognized == []


def test_a_mistake_in_a_layout_is_a_mistake():
    def wrong(case):
        answer = ANSWERS[case["name"]]
        return {**answer, "nabla_b": [[-x for x in b] for b in answer["nabla_b"]]}
    report = check(in_layouts("layer-by-layer", "biases-as-columns", base=wrong), FEW)
    assert not report.ok
    assert {layout.id for layout in report.recognized} == {"layer-by-layer", "biases-as-columns"}
    assert {w.field for verdict in report.verdicts for w in verdict.wrong} == {"nabla_b"}


def test_a_transposed_gradient_of_plain_weights_is_no_layout():
    def wrong(case):
        answer = ANSWERS[case["name"]]
        return {**answer, "nabla_w": [transposed(W) for W in answer["nabla_w"]]}
    report = check(wrong, SQUARE)
    assert not report.ok and report.recognized == []


def test_where_numbers_cannot_decide_a_layout_is_asked_for_by_name():
    """One weight gradient that is right as it stands, were it not transposed."""
    def wrong(case):
        return {"nabla_w": [[[7.0 * j + k for j in range(3)] for k in range(3)]] * 2}
    case, = [case for case in FEW if case.name == "sigmoid, sigmoid, quadratic, square"]
    assert check(wrong, [case]).recognized == []
    named = check(wrong, [case], conventions=["weights-transposed"])
    assert [layout.id for layout in named.recognized] == ["weights-transposed"]
    assert named.verdicts[0].answer["nabla_w"][0][1][0] == 7.0 * 1


def test_the_shape_alone_is_wrong():
    text = str(check(lambda case: {"new_biases": [[0.0]]}, FEW[1:3]))
    assert "shape" in text and "no mistake" not in text.lower()


# --- nothing checked is not right -----------------------------------------------------------------

def test_nothing_checked_is_not_right(tmp_path, monkeypatch, capsys):
    report = check(lambda case: None)
    assert not report.ok and "one or more of activations, costs" in " ".join(str(report).split())
    with pytest.raises(AssertionError, match="nothing was checked"):
        report.assert_right()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("silent_function.py").write_text("def f(case):\n    return None\n")
    assert crosscheck("run", "silent_function:f") == 2
    assert "no case was answered" in capsys.readouterr().out


# --- choosing cases -------------------------------------------------------------------------------

def test_cases_are_chosen_by_what_they_are(tmp_path, monkeypatch, capsys):
    def only(*texts):
        assert crosscheck("cases", *(word for text in texts for word in ("--only", text))) == 0
        return [case["name"] for case in json.loads(capsys.readouterr().out)["cases"]]
    assert only("relu") == [case.name for case in CASES if case.hidden == "relu"]
    assert only("mini-batch of 1") == [c.name for c in CASES if len(c.mini_batch) == 1]
    assert only("Tanh", "lmbda 0", "without biases") == [
        c.name for c in CASES if c.hidden == "tanh" and not c.lmbda and not any(map(any, c.biases))]
    assert only("2-3-1") == [c.name for c in CASES if c.sizes == [2, 3, 1]]
    assert crosscheck("cases", "--only", "tan") == 2
    assert "no case is 'tan'; a case is, for instance" in capsys.readouterr().err


def test_cases_left_out_are_told_in_a_line():
    def plain(case):
        kind = (case["hidden"], case["output"], case["cost"], len(case["mini_batch"]))
        return ANSWERS[case["name"]] if kind == ("sigmoid", "sigmoid", "quadratic", 1) else None
    text = " ".join(str(check(plain)).split())
    others = sum(case[2:5] != ("sigmoid", "sigmoid", "quadratic") or len(case.mini_batch) > 1
                 for case in CASES)
    assert (f"Not answered: the {others} cases that are not sigmoid, sigmoid, quadratic, "
            "one example.") in text


def test_a_table_that_lacks_a_function_leaves_its_cases_out():
    def step(case):
        {"sigmoid": 1, "softmax": 2}[case["output"]]
        return ANSWERS[case["name"]]
    report = check(step, SQUARE)
    report.assert_right()
    assert [v.case for v in report.verdicts if v.answer is None] == [
        case for case in SQUARE if case.output == "identity"]


# --- whatever a function does, one sentence -------------------------------------------------------

def raising(error):
    def f(case):
        raise error
    return f


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError


class Unlistable:
    def tolist(self):
        raise MemoryError("no room")


def endless(case):
    v = []
    v.append(v)
    return {"costs": v}


def deep(case):
    v = 0.0
    for _ in range(900):
        v = [v]
    return {"costs": v}


@pytest.mark.parametrize("function, sentence", [
    (raising(GeneratorExit()), "the function raised GeneratorExit: "),
    (raising(SystemExit(3)), "the function raised SystemExit: 3"),
    (raising(Unspeakable()), "the function raised Unspeakable: (its text cannot be had)"),
    (raising(ValueError("\x1b[31mred\x07")), r"the function raised ValueError: \x1b[31mred\x07"),
    (endless, "what the function returned is no answer: its lists are nested more than 20 deep"),
    (deep, "what the function returned is no answer: its lists are nested more than 20 deep"),
    (lambda case: {3: 1}, "its keys are the names of fields, not an int"),
    (lambda case: {"costs": Unlistable()}, "cannot be read: MemoryError: no room"),
    (lambda case: {"\x1b[2J": 1}, r'there is no field "\x1b[2J" in an answer')])
def test_whatever_a_function_does_is_one_sentence(function, sentence):
    report = check(function, FEW)
    assert {v.problem.count("\n") for v in report.verdicts} == {0} and not report.ok
    assert all(sentence in v.problem for v in report.verdicts), report.verdicts[0].problem
    said = str(report)
    assert "\x1b" not in said and "\x07" not in said and said.count("error: case") == 1


def test_an_interrupt_is_no_problem_of_the_function():
    with pytest.raises(KeyboardInterrupt):
        check(raising(KeyboardInterrupt()), FEW)


def test_a_function_may_change_the_decimal_context_and_print(capsys):
    def function(case):
        decimal.getcontext().prec = 1
        decimal.getcontext().traps[decimal.Inexact] = True
        print("training")
        return ANSWERS[case["name"]]
    before = decimal.getcontext().prec
    check(function, FEW).assert_right()
    assert decimal.getcontext().prec == before
    with decimal.localcontext(decimal.Context(prec=1, traps=[decimal.Inexact])):
        check(function, FEW).assert_right()


def test_a_function_that_keeps_something_is_told_so():
    calls = []

    def function(case):
        calls.append(case["name"])
        answer = ANSWERS[case["name"]]
        return {**answer, "costs": [c + (len(calls) > len(FEW)) for c in answer["costs"]]}
    report = check(function, FEW)
    assert calls == [case.name for case in FEW] + [FEW[0].name]
    text = " ".join(str(report).split())
    assert not report.ok and "why: the program keeps something from one case to the next" in text
    assert not any(v.wrong for v in report.verdicts)


# --- what programs print --------------------------------------------------------------------------

def line(name, **changes):
    return json.dumps({"name": name, **ANSWERS[name], **changes})


FIRST, SECOND = FEW[0].name, FEW[2].name


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    """The status and the report of a program that prints a text and then runs some code."""
    monkeypatch.chdir(tmp_path)
    Path("cases.json").write_text(json.dumps(cases_content([FEW[0], FEW[2]])))

    def of(text, code="", *options):
        Path("text").write_text(text)
        status = crosscheck("run", "--cases", "cases.json", *options, "--", sys.executable, "-S",
                            "-c", "print(open('text').read(), flush=True)\n" + code)
        said = capsys.readouterr()
        return status, " ".join((said.out + said.err).split())
    return of


def test_an_answer_a_line_a_document_or_a_bare_list(printed):
    one, other = line(FIRST), line(SECOND)
    document = f'{{"format": "purenn-answers", "version": 1, "answers": [\n{one},\n{other}]}}'
    for text in (f"{one}\n{other}\n", f"[{one}, {other}]", document, f"{one}\n[{other}]",
                 f"{document}", one + "\n\n" + other):
        status, said = printed(text)
        assert (status, said.startswith("2 cases, every number right")) == (0, True), said


def test_other_lines_are_skipped_and_counted(printed):
    status, said = printed(f"epoch 1\n{line(FIRST)}\nloss: 0.3\n{line(SECOND)}\n[done]\n")
    assert status == 0
    assert 'note: 3 lines that are no answers, the first: "epoch 1"' in said
    document = answers_content([{"name": FIRST, **ANSWERS[FIRST]}])
    status, said = printed("hello\n" + json.dumps(document, indent=1))
    assert status == 0 and 'note: 1 line that is no answer: "hello"' in said


def test_a_program_that_crashes_has_given_answers(printed):
    status, said = printed(line(FIRST), "import os; os.abort()")
    assert status == 1 and "was ended by SIGABRT; it had answered 1 of 2 cases" in said
    assert "1 case, every number right" in said
    status, said = printed('{"format": "purenn-answers", "version": 1, "answers": [' + line(FIRST)
                           + ', {"name": "sig', "raise SystemExit(3)")
    assert status == 1 and "ended with exit status 3; it had answered 1 of 2 cases" in said
    status, said = printed(line(FIRST), "import time; time.sleep(60)", "--timeout", "0.5")
    assert status == 1 and "did not end within 0.5 seconds (--timeout); it had answered 1" in said


@pytest.mark.parametrize("word", ["nan", "-nan", "NaN", "-nan(ind)", "inf", "-Inf", "Infinity",
                                  "-INFINITY", "NULL", "null", "1.#QNAN", "-1.#IND"])
def test_what_is_not_finite_is_wrong_in_any_spelling(word, printed):
    status, said = printed(line(FIRST, total_cost=-7.25).replace("-7.25", word) + "\n"
                           + line(SECOND))
    assert status == 1 and "total_cost yours nan" in said and "1 of 2 cases right" in said


def test_a_case_is_asked_twice(printed):
    status, said = printed("\n".join([line(FIRST), line(SECOND), line(FIRST)]))
    assert status == 0, said
    status, said = printed("\n".join([line(FIRST), line(SECOND), line(FIRST, total_cost=7)]))
    assert status == 1 and "why: the program keeps something from one case to the next" in said
    assert "2 cases, every number right" in said


def test_a_process_left_behind_with_the_output_does_not_hang_the_command(printed, tmp_path):
    """It is still there when the command has ended; in a session of its own it is not killed."""
    path = tmp_path / "pid"
    status, said = printed(line(FIRST), "import subprocess; child = subprocess.Popen("
                           "['sleep', '600'], start_new_session=True); "
                           f"open({str(path)!r}, 'w').write(str(child.pid))")
    pid = int(path.read_text())
    os.kill(pid, signal.SIGKILL)  # raises ProcessLookupError if the command has waited for its end
    assert status == 0, said


def test_a_function_is_asked_in_a_process_of_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("cases.json").write_text(json.dumps(cases_content(FEW)))
    Path("answers.json").write_text(json.dumps(ANSWERS))
    Path("wild.py").write_text(f"""
import json, os, time
right = json.load(open("answers.json"))
def f(case):
    print("training")
    if case["name"] == {FEW[1].name!r}: os._exit(7)
    if case["name"] == {FEW[3].name!r}: time.sleep(60)
    return right[case["name"]]
""")
    assert crosscheck("run", "--cases", "cases.json", "--timeout", "1.5", "wild:f") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f'error: case "{FEW[1].name}": the function ended with exit status 7' in said
    assert f'case "{FEW[3].name}": the function did not end within 1.5 seconds (--timeout)' in said
    assert "3 cases, every number right" in said


def test_a_program_that_fails_in_the_middle_says_why(printed):
    """Of a long traceback the line with the reason, also where more comes after it, as in Node."""
    trace = ("file.js:3\n  x.y\n    ^\nTypeError: x is undefined\n    at f (file.js:3)\n    at g\n"
             "    at h\n\nNode.js v18")
    fail = f"import sys; print({trace!r}, file=sys.stderr); sys.exit(1)"
    status, said = printed(line(FIRST), fail)
    assert status == 1 and "it said: TypeError: x is undefined" in said and "at h" not in said


@pytest.mark.parametrize("field, sequences, hint", [
    ("epochs", False, "only cases of several steps have that field: run --sequences"),
    ("mini_batch", True, 'a case of several steps has "examples": for single steps leave out')])
def test_a_function_for_the_other_kind_of_case_is_told_so(field, sequences, hint):
    report = check(lambda case: case[field], sequences=sequences)
    said = " ".join(str(report).split())
    assert f"KeyError: '{field}' (test_answers.py, line " in said and hint in said


def test_the_line_is_one_of_the_programs_own():
    """Not of the library that it calls; and none where its arguments are not even taken."""
    def calls_a_library(case):
        return {"costs": json.loads("[")}
    line = calls_a_library.__code__.co_firstlineno + 1
    said = " ".join(str(check(calls_a_library)).split())
    assert f"(test_answers.py, line {line})" in said and "decoder.py" not in said


def test_a_function_that_takes_no_case_has_no_line_to_name():
    def takes_nothing():
        return {}
    said = " ".join(str(check(takes_nothing)).split())
    assert "the function raised TypeError" in said and ", line " not in said
