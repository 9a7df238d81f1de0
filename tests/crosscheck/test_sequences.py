"""Questions of several steps: right programs are right, and habits between steps are named."""
from __future__ import annotations

import json
import random
import struct
import sys
from pathlib import Path

import pytest
from learning import apply, batches_of, gradient_sum, learn, mapped, plain_step

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import diagnose_sequences

from purenn.crosscheck import check, command
from purenn.crosscheck.catalogue.entries import MISTAKES
from purenn.crosscheck.catalogue.sequences import LEARNING
from purenn.crosscheck.diagnosis.sequences import explain
from purenn.crosscheck.questions.sequences import (
    SEQUENCE_FIELDS,
    built_in_sequences,
    mini_batches,
    sequences_from,
    to_json,
)
from purenn.crosscheck.several_steps import judge
from purenn.crosscheck.truth.blocks import RIGHT
from purenn.crosscheck.truth.sequences import wrong_numbers
from purenn.terminal.running import run

CASES = built_in_sequences()
#: sigmoid and one output, weight decay with a smaller last mini-batch, two epochs
FEW = [case for case in CASES if case.name in (
    "four single examples", "three mini-batches, cross-entropy, weight decay",
    "two epochs, weight decay")]


def explained(program, cases=FEW, fields=SEQUENCE_FIELDS):
    """What explains the answers of a program; an empty list if they are right."""
    answers = {case.name: {field: value for field, value in program(to_json(case)).items()
                           if field in fields} for case in cases}
    wrong = {case.name: wrong_numbers(case, answers[case.name], "float64") for case in cases}
    return explain(cases, answers, wrong, "float64")


def named(program, **options):
    return [finding.id or finding.relation for finding in explained(program, **options)]


def by(habit):
    return lambda case: learn(case, habit)


# ---- the cases ----------------------------------------------------------------------------------

def test_the_cases_are_what_a_sequence_needs():
    assert 9 <= len(CASES) <= 12
    assert len({case.name for case in CASES}) == len(CASES)
    for case in CASES:
        assert len(mini_batches(case)) >= 3 and case.n == len(case.examples)
        assert sum(case.mini_batch_sizes) == case.n
        assert all(x == int(8 * x) / 8 for example, _ in case.examples for x in example)
    assert {case.hidden for case in CASES} == {"sigmoid", "relu", "tanh"}
    assert {case.cost for case in CASES} == {"quadratic", "cross-entropy", "log-likelihood"}
    assert len([case for case in CASES if case.epochs == 2]) == 2
    assert {case.lmbda > 0 for case in CASES} == {True, False}
    smaller = [case for case in CASES if case.mini_batch_sizes[-1] < case.mini_batch_sizes[0]]
    assert len(smaller) > len(CASES) / 2


# ---- right programs -----------------------------------------------------------------------------

def test_a_right_program_is_right_in_every_field():
    assert explained(learn, cases=CASES) == []


@pytest.mark.parametrize("fields", [("final_weights", "final_biases"), ("predictions",),
                                    ("correct", "mean_cost")])
def test_a_right_program_may_give_a_part(fields):
    assert explained(learn, fields=fields) == []


def test_steps_may_be_left_out():
    def program(case):
        answer = learn(case)
        answer["steps"][1] = None
        return answer
    assert explained(program) == []


def test_the_order_of_the_sums_is_no_matter():
    rng = random.Random(0)

    def shuffled(memory, case, state, batch, t):
        return plain_step(memory, case, state, rng.sample(batch, len(batch)), t)
    assert explained(by(shuffled), cases=CASES) == []


def test_too_few_steps_are_a_wrong_answer():
    def program(case):
        return {"steps": learn(case)["steps"][:-1]}
    case = FEW[0]
    (wrong,) = wrong_numbers(case, program(to_json(case)), "float64")
    assert (wrong.field, wrong.yours, wrong.right) == ("steps", "3 steps", "4 steps")


# ---- habits -------------------------------------------------------------------------------------

def remembering(keep, add=1.0):
    def habit(memory, case, state, batch, t):
        gW, gb = gradient_sum(case, *state, batch)
        for name, g in (("W", gW), ("b", gb)):
            old = memory.get(name) or mapped(lambda v: 0.0, g)
            memory[name] = mapped(lambda v, u: keep * v + add * u / len(batch), old, g)
        return apply(case, state, memory["W"], memory["b"], case["eta"])
    return habit


def nominal(memory, case, state, batch, t):
    return apply(case, state, *gradient_sum(case, *state, batch),
                 case["eta"] / case["mini_batch_sizes"][0])


def fading(memory, case, state, batch, t):
    return apply(case, state, *gradient_sum(case, *state, batch),
                 case["eta"] * 0.75 ** t / len(batch))


def first_again(memory, case, state, batch, t):
    return plain_step(memory, case, state, memory.setdefault("batch", batch), t)


def late(memory, case, state, batch, t):
    waiting = memory.get("g") or [mapped(lambda v: 0.0, part) for part in state]
    gW, gb = gradient_sum(case, *state, batch)
    memory["g"] = [mapped(lambda v: v / len(batch), part) for part in (gW, gb)]
    return apply(case, state, *waiting, case["eta"])


def biases_once(memory, case, state, batch, t):
    W, b = plain_step(memory, case, state, batch, t)
    return W, memory.setdefault("b", b)


def from_start(memory, case, state, batch, t):
    return plain_step(memory, case, memory.setdefault("state", state), batch, t)


def decaying_again(memory, case, state, batch, t):
    W, b = plain_step(memory, case, state, batch, t)
    keep = 1 - case["eta"] * case["lmbda"] / case["n"]
    return mapped(lambda w, v: w + (keep ** (t + 1) - keep) * v, W, state[0]), b


def adam(memory, case, state, batch, t):
    gW, gb = gradient_sum(case, *state, batch)
    moved = []
    for name, part, g in (("W", state[0], gW), ("b", state[1], gb)):
        g = mapped(lambda v: v / len(batch), g)
        m = mapped(lambda v, u: 0.9 * v + 0.1 * u, memory.get("m" + name)
                   or mapped(lambda v: 0.0, g), g)
        s = mapped(lambda v, u: 0.999 * v + 0.001 * u * u, memory.get("s" + name)
                   or mapped(lambda v: 0.0, g), g)
        memory["m" + name], memory["s" + name] = m, s
        moved.append(mapped(lambda w, p, q: w - case["eta"] * p / (1 - 0.9 ** (t + 1))
                            / ((q / (1 - 0.999 ** (t + 1))) ** 0.5 + 1e-8), part, m, s))
    return tuple(moved)


@pytest.mark.parametrize("habit, name", [
    (remembering(1.0), "gradient-not-reset"), (remembering(0.9), "momentum"),
    (nominal, "nominal-size"), (first_again, "first-batch-again"), (late, "gradient-late"),
    (biases_once, "biases-once"), (from_start, "start-restored"),
    (decaying_again, "decay-grows"), (adam, "adam")], ids=lambda value: getattr(
        value, "__name__", value))
def test_a_habit_is_named(habit, name):
    assert named(by(habit))[0] == name


def test_a_habit_is_named_by_its_end_alone():
    fields = ("final_weights", "final_biases")
    assert named(by(remembering(1.0)), fields=fields) == ["gradient-not-reset"]
    assert named(by(biases_once), fields=fields) == ["biases-once"]


@pytest.mark.parametrize("habit, relation", [
    (remembering(0.8), "the velocity before is added, times 0.8."),
    (remembering(0.7, 0.3), "a running average of the gradients, 0.7 v + 0.3 g."),
    (fading, "multiplied by 0.75 after every mini-batch")], ids=["momentum", "average", "rate"])
def test_a_factor_is_solved_for(habit, relation):
    assert relation in named(by(habit))[0]


def test_targets_of_other_examples_are_named():
    def program(case):
        examples = case["examples"]
        shifted = [{"x": e["x"], "y": f["y"]}
                   for e, f in zip(examples, examples[1:] + examples[:1])]
        return {"steps": learn(case, batches=batches_of({**case, "examples": shifted}))["steps"]}
    assert named(program) == ["targets-shifted"]


def test_steps_recorded_by_reference_are_named():
    def program(case):
        steps = learn(case)["steps"]
        return {"steps": [steps[-1]] * len(steps)}
    assert named(program) == ["recorded-by-reference"]


def test_steps_recorded_too_early_are_named():
    def program(case):
        start = {"new_weights": case["weights"], "new_biases": case["biases"]}
        return {"steps": [start, *learn(case)["steps"][:-1]]}
    assert named(program) == ["recorded-before-step"]


def test_a_habit_and_a_mistake_in_every_step_are_both_named():
    def program(case):
        def summed(memory, case, state, batch, t):
            gW, gb = gradient_sum(case, *state, batch)
            W, b = apply(case, state, gW, gb, case["eta"])
            return W, memory.setdefault("b", b)
        return {"steps": learn(case, summed)["steps"]}
    assert set(named(program)) == {"biases-once", "gradient-is-sum"}


def test_what_nothing_explains_is_not_explained():
    rng = random.Random(1)

    def noise(memory, case, state, batch, t):
        W, b = plain_step(memory, case, state, batch, t)
        return (mapped(lambda w: w + rng.random(), W), b) if t else (W, b)
    assert named(by(noise), fields=("steps",)) == [""]


# ---- what is said of the network ----------------------------------------------------------------

def test_the_mean_of_means_and_the_wrong_axis_are_named():
    def program(case):
        answer = learn(case)
        costs, k = [], 0
        for size in case["mini_batch_sizes"]:
            part = {**case, "examples": case["examples"][k:k + size], "mini_batch_sizes": [size]}
            frozen = learn({**part, "weights": answer["final_weights"],
                            "biases": answer["final_biases"], "eta": 0.0})
            costs.append(frozen["mean_cost"])
            k += size
        return {**answer, "mean_cost": sum(costs) / len(costs)}
    assert named(program, cases=FEW[1:]) == ["mean-of-batch-means"]


@pytest.mark.parametrize("field, change, name", [
    ("predictions", lambda case, p: [c + 1 for c in p], "class-from-1"),
    ("correct", lambda case, k: case["n"] - k, "wrong-ones-counted"),
    ("mean_cost", lambda case, c: c * case["n"], "cost-summed")])
def test_a_number_said_of_the_network_is_explained(field, change, name):
    def program(case):
        answer = learn(case)
        return {**answer, field: change(case, answer[field])}
    assert name in named(program)


# ---- the report ---------------------------------------------------------------------------------

def test_check_asks_sequences_when_it_is_told_to():
    report = check(learn, sequences=True)
    report.assert_right()
    assert report.ok and "11 cases, every number right (float64): steps" in str(report)
    assert "Next: run --epoch" in " ".join(str(report).split())


def test_a_program_that_keeps_something_between_sequences_is_told_so():
    calls = []

    def program(case):
        calls.append(case["name"])
        return {"steps": [None] * len(learn(case)["steps"]), "correct": len(calls) % 2}
    report = check(program, cases=FEW, sequences=True)
    assert calls[-1] == FEW[0].name and not report.ok
    assert 'was answered otherwise when it was asked again' in " ".join(str(report).split())


def test_the_report_says_what_is_kept_between_steps():
    report = check(by(remembering(1.0)), cases=FEW, sequences=True)
    said = " ".join(str(report).split())
    assert not report.ok
    assert "1. error: the weights after step 2 are wrong" in said
    assert "why: the gradient is never reset" in said
    assert "is right; what is wrong is what your program keeps between steps." in said
    assert "0 of 3 cases right (float64)" in said
    with pytest.raises(AssertionError, match="never reset"):
        report.assert_right()


def test_nothing_answered_is_not_right():
    report = check(lambda case: None, sequences=True)
    said = " ".join(str(report).split())
    assert not report.ok and "Nothing was answered, and so nothing is right." in said
    assert "some of the fields steps, final_weights, final_biases, predictions" in said


@pytest.mark.parametrize("answer, sentence", [
    ({"step": []}, 'there is no field "step" in an answer to a sequence'),
    ({"steps": 3}, "steps must be a list"),
    ({"steps": [{"weights": []}]}, "steps[0] must be null or an object with new_weights"),
    ({"steps": [{"new_weights": "w"}]}, "steps[0].new_weights must be a number"),
    ({}, "it has none of the fields steps, final_weights")])
def test_what_is_no_answer_is_a_problem(answer, sentence):
    report = check(lambda case: dict(answer), cases=FEW[:1], sequences=True)
    assert not report.ok and sentence in report.verdicts[0].problem


# ---- files and the command ----------------------------------------------------------------------

def commanded(capsys, *arguments):
    status = run(command.PROG, command.main, list(arguments))
    return (status, *capsys.readouterr())


def test_the_right_answers_are_right_as_a_file(capsys, tmp_path):
    path = str(tmp_path / "answers.json")
    assert commanded(capsys, "answers", "--sequences", "--out", path)[0] == 0
    status, said, _ = commanded(capsys, "check", "--sequences", path)
    assert status == 0 and "11 cases, every number right" in said


def test_the_cases_come_back_from_a_file(capsys, tmp_path):
    path = tmp_path / "cases.json"
    assert commanded(capsys, "cases", "--sequences", "--out", str(path))[0] == 0
    assert sequences_from(json.loads(path.read_text()), "it") == CASES


@pytest.mark.parametrize("change, sentence", [
    (lambda case: case.pop("epochs"), 'the field "epochs" is missing'),
    (lambda case: case.update(epochs=0), '"epochs" must be a whole number from 1'),
    (lambda case: case.update(mini_batch_sizes=[3]), "take 3 examples, and there are 4"),
    (lambda case: case.update(mini_batch_sizes=[0, 4]), '"mini_batch_sizes" must be a list'),
    (lambda case: case.update(eta="fast"), "eta"),
    (lambda case: case["examples"][0].pop("y"), 'with an "x" and a "y"')])
def test_a_damaged_case_is_refused_by_name(change, sentence):
    case = json.loads(json.dumps(to_json(CASES[0])))
    change(case)
    content = {"format": "purenn-sequences", "version": 2, "cases": [case]}
    with pytest.raises(ValueError, match="it, case \"four single examples\"") as raised:
        sequences_from(content, "it")
    assert sentence in str(raised.value)


def test_a_program_gives_its_answers_in_lines(capsys, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import json, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent.parent)!r})\n"
        "from learning import learn\n"
        "for case in json.load(sys.stdin)['cases'][:2]:\n"
        "    print(json.dumps({'name': case['name'], 'steps': learn(case)['steps']}))\n")
    status, said, _ = commanded(capsys, "run", "--sequences", "--", sys.executable, str(program))
    assert status == 0 and "2 cases, every number right" in said
    assert f'Not answered: "{CASES[2].name}"' in said.replace("\n", " ")


def test_a_function_is_asked_in_a_process_of_its_own_with_so_many_seconds_a_case(
        capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "import os\n"
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r})\n"
        "from learning import learn\n"
        "def step(case):\n"
        "    if case['hidden'] == 'tanh': os._exit(3)\n"
        "    if case['n'] == 4:\n"
        "        while True: pass\n"
        "    return {'final_weights': learn(case)['final_weights']}\n")
    status, said, _ = commanded(capsys, "run", "--sequences", "--timeout", "2", "mine:step")
    said = " ".join(said.split())
    assert status == 1 and "did not end within 2 seconds (--timeout)" in said
    assert "the function ended with exit status 3" in said and "every number right" in said


def test_what_knows_no_sequences_says_so(capsys):
    for arguments in (["mistakes", "--sequences"], ["answers", "--epoch"]):
        status, _, err = commanded(capsys, *arguments)
        assert status == 2 and "does not go with" in err


# ---- the end alone, mixtures, and what the numbers are written in -------------------------------

@pytest.mark.parametrize("habit, relation", [
    (remembering(0.5), "the velocity before is added, times 0.5."),
    (fading, "multiplied by 0.75 after every mini-batch")], ids=["momentum", "rate"])
def test_a_factor_is_found_from_the_end_alone(habit, relation):
    fields = ("final_weights", "final_biases")
    assert relation in named(by(habit), fields=fields)[0]


@pytest.mark.parametrize("choose, name", [
    (lambda case, steps: (case["weights"], case["biases"]), "end-is-start"),
    (lambda case, steps: (steps[-2]["new_weights"], steps[-2]["new_biases"]), "end-is-earlier"),
    (lambda case, steps: tuple(
        mapped(lambda *v: sum(v) / len(v), *[step[field] for step in steps])
        for field in ("new_weights", "new_biases")), "end-is-mean")],
    ids=["start", "earlier", "mean"])
def test_an_end_that_is_not_the_last_step_s_is_named(choose, name):
    def program(case):
        steps = learn(case)["steps"]
        weights, biases = choose(case, steps)
        return {"steps": steps, "final_weights": weights, "final_biases": biases}
    assert named(program) == [name]


def test_targets_that_are_mixed_up_are_told():
    def program(case):
        examples, rng = case["examples"], random.Random(4)
        order = rng.sample(range(len(examples)), len(examples))
        mixed = [{"x": e["x"], "y": examples[k]["y"]} for e, k in zip(examples, order)]
        return {"steps": learn(case, batches=batches_of({**case, "examples": mixed}))["steps"]}
    assert "their targets are mixed up" in named(program)[0]


def test_a_network_that_was_not_given_is_found_from_what_is_said_of_it():
    def program(case):
        answer = learn(case, remembering(0.9))
        return {field: answer[field] for field in ("predictions", "correct", "mean_cost")}
    assert named(program) == ["momentum"]


def test_float32_is_seen_and_said():
    single = struct.Struct("f")

    def as_single(value):
        return mapped(lambda v: single.unpack(single.pack(v))[0], value)

    def rounding(memory, case, state, batch, t):
        return tuple(map(as_single, plain_step(memory, case, state, batch, t)))
    report = check(lambda case: {"steps": learn(case, rounding)["steps"]}, sequences=True)
    assert not report.ok and not report.findings and "float32" in report.noticed
    assert check(lambda case: {"steps": learn(case, rounding)["steps"]}, sequences=True,
                 precision="float32").ok


def test_what_follows_from_a_wrong_single_step_is_no_finding_of_its_own():
    """Predictions, their count and the cost are those of the program's own forward pass."""
    mistake, = (entry for entry in MISTAKES if entry.id == "hidden-linear")
    habit, = (entry for entry in LEARNING if entry.id == "gradient-not-reset")
    answers = {case.name: diagnose_sequences.answer_of(
        case, habit.ways[0], "all steps", mistake.change(RIGHT)) for case in FEW}
    report = judge(FEW, answers)
    assert any(w.field == "mean_cost" for v in report.verdicts for w in v.wrong)
    assert diagnose_sequences.fault_of(report, "hidden-linear", "gradient-not-reset") == ""
