"""An epoch of digits for anybody's own training loop."""
from __future__ import annotations

import pytest
from learning import apply, batches_of, gradient_sum, plain_step

from purenn.crosscheck.questions.epoch import (
    AFTER,
    FEWEST,
    MOST,
    count_with_seed,
    csv_lines,
    epoch_case,
    epoch_content,
    question,
)
from purenn.crosscheck.several_steps import check_epoch, judge_epoch


def learn(case, habit=plain_step, end=max(AFTER)):
    """The networks after 1, 2, 5 and 10 mini-batches, by the program of the tests."""
    state, after, memory = (case["weights"], case["biases"]), [], {}
    for t, batch in enumerate(batches_of(case)[:end]):
        state = habit(memory, case, state, batch, t)
        if t + 1 in AFTER:
            after.append({"new_weights": state[0], "new_biases": state[1]})
    return {"after": after}


@pytest.fixture(scope="module")
def right():
    return learn(question(epoch_case()), end=2)


def test_a_right_program_is_right(right):
    report = check_epoch(lambda case: right)
    assert report.ok, str(report)
    assert "1 case, every number right (float64): after" in str(report)


def test_states_may_be_left_out(right):
    assert judge_epoch({"after": [None, right["after"][1]], "correct": 300}).ok


def test_a_gradient_that_is_not_reset_is_named():
    def accumulating(memory, case, state, batch, t):
        gW, gb = gradient_sum(case, *state, batch)
        old = memory.get("g")
        memory["g"] = (gW, gb) if old is None else [
            [[[p + q for p, q in zip(r, s)] for r, s in zip(G, H)] for G, H in zip(old[0], gW)],
            [[p + q for p, q in zip(r, s)] for r, s in zip(old[1], gb)]]
        return apply(case, state, *memory["g"], case["eta"] / len(batch))
    report = check_epoch(lambda case: learn(case, accumulating, 2))
    assert [finding.id for finding in report.findings] == ["gradient-not-reset"]
    assert "after step 2" in str(report)


def test_far_too_few_are_told_with_what_is_most_often_the_cause():
    report = judge_epoch({"correct": 36})
    said = " ".join(str(report).split())
    assert not report.ok and "inputs that are not scaled" in said
    assert f"{FEWEST} to {MOST} with 20 seeds" in said
    assert judge_epoch({"correct": 300}).ok
    assert not judge_epoch({"correct": 360}).ok


def test_the_spread_is_the_reference_s():
    """Seed 11 has the fewest of the twenty and seed 18 the most."""
    counts = [count_with_seed(seed) for seed in (11, 18)]
    assert (min(counts), max(counts)) == (FEWEST, MOST)


def test_the_csv_holds_all_that_the_question_does():
    case = epoch_case()
    lines = [line.split(",") for line in csv_lines(case)]
    kinds = [line[0] for line in lines]
    assert [kinds.count(kind) for kind in ("train", "test", "weights", "biases")] == [
        1257, 360, 30, 2]
    asked = question(case)
    assert list(map(float, lines[0][2:])) == asked["examples"][0]["x"]
    assert asked["examples"][0]["y"].index(1.0) == int(lines[0][1])
    first = next(line for line in lines if line[0] == "weights")
    assert first[1:3] == ["1", "1"] and list(map(float, first[3:])) == asked["weights"][0][0]


@pytest.mark.parametrize("answer, sentence", [
    ({"before": 1}, 'no field "before"'), ({}, "none of the fields after, correct"),
    ({"after": 5}, "after must be a list"), ({"after": [{"w": 1}]}, "after[0] must be null"),
    ({"correct": "many"}, "correct must be a number")])
def test_what_is_no_answer_is_a_problem(answer, sentence):
    report = check_epoch(lambda case: dict(answer))
    assert not report.ok and sentence in report.verdicts[0].problem



def test_the_question_is_a_file_like_any_other():
    content = epoch_content()
    case, = content["cases"]
    assert content["format"] == "purenn-epoch" and case == question(epoch_case())
    assert len(case["examples"]) == case["n"] == sum(case["mini_batch_sizes"]) == 1257
    assert len(case["test"]) == 360 and case["test"][0]["y"] in range(10)


def test_a_count_that_is_wrong_after_right_steps_is_looked_for_later(right):
    report = judge_epoch({**right, "correct": 36})
    said = " ".join(str(report).split())
    assert "yours 36 right" in said
    assert "look at what comes after the first ten mini-batches" in said


def test_a_function_that_leaves_it_out_is_told_what_was_asked_for():
    said = " ".join(str(check_epoch(lambda case: None)).split())
    assert "some of the fields after, correct. What is asked for: sigmoid, sigmoid, " \
        "cross-entropy." in said
