#!/usr/bin/env python3
"""How good is the diagnosis over several steps?  Measure it.

    python3 tools/diagnose_sequences.py [SECTION …] [--sample N] [--seed N]

  habits    every way of learning in the catalogue, in a program that gives all its steps, every
            other one, or its end alone: is it named, and nothing else?
  reports   every mistake in what is said of a network in the end: is it named?
  pairs     a mistake in every single step and one between the steps: are both named?
  right     a right program with every sum in a random order: is anything called wrong?

A pair that gives the same numbers as one of its parts is left out, and one whose weights grow
beyond a million: there is nothing more to see.  Everything takes an hour; --sample 20 makes up
twenty programs of each kind.
"""
from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from any_order import AnyOrder
from diagnose import Tally, build_parser, written

from purenn.crosscheck.catalogue.entries import MISTAKES
from purenn.crosscheck.catalogue.evaluation import (
    EVALUATION,
    Seen,
    agreeing,
    classes,
    mean,
    seen,
    targets,
)
from purenn.crosscheck.catalogue.sequences import LEARNING, Way, learner, restored, right_way
from purenn.crosscheck.questions.by_reference import Answer
from purenn.crosscheck.questions.sequences import (
    SequenceCase,
    built_in_sequences,
    mini_batches,
    one_step,
)
from purenn.crosscheck.several_steps import SequenceReport, judge
from purenn.crosscheck.truth.blocks import RIGHT, CannotAnswer, Recipe

CASES = built_in_sequences()

#: how much of its steps a program gives: whether it gives that of a number
FORMS: dict[str, Callable[[int], bool]] = {
    "all steps": lambda t: True, "every other step": lambda t: t % 2 == 0,
    "the end alone": lambda t: False}

#: weights larger than this come from a program that has run away
LARGEST = 1e6

Habit = Callable[..., Way]


def answer_of(case: SequenceCase, habit: Habit, form: str, recipe: Recipe = RIGHT,
              report: Callable[[Seen], Answer] = lambda end: {}) -> Answer:
    """The answer of a program with this way of learning, and these single steps."""
    of = learner(case, recipe)
    way, state, before, after = habit(of), of.start, [], []
    for t in range(len(of.batches)):
        before.append(state)
        state = way(t, state)
        after.append(restored(state, case.sizes))
    end = seen(of, state, before)
    predicted = classes(end.outputs)
    answer = {"predictions": predicted, "correct": agreeing(predicted, classes(targets(end))),
              "mean_cost": mean(end.costs), **report(end)}
    if form != "the end alone":
        answer["steps"] = [{"new_weights": W, "new_biases": b} if FORMS[form](t) else None
                           for t, (W, b) in enumerate(after)]
    if form != "all steps":
        answer["final_weights"], answer["final_biases"] = after[-1]
    return answer


def answers_of(habit: Habit, form: str = "all steps", **what: Any) -> dict[str, Answer]:
    """The same to all cases that such a program can answer."""
    answers = {}
    for case in CASES:
        try:
            answers[case.name] = answer_of(case, habit, form, **what)
        except (CannotAnswer, ArithmeticError, ValueError, TypeError, IndexError):
            pass  # it would stop, or its numbers stand in lists that no next step can begin from
    return answers


def judged(tally: Tally, answers: dict[str, Answer], precision: str = "float64") -> SequenceReport:
    start = time.process_time()
    report = judge(CASES, answers, precision)
    tally.seconds.append(time.process_time() - start)
    return report


def said(report: SequenceReport) -> list[set[str]]:
    """For each finding its entry or relation, and those that the numbers cannot tell from it."""
    return [{f.id or f.relation or f"? {f.block}", *(id for id, _ in f.alternatives)}
            for f in report.findings]


def fault_of(report: SequenceReport, *ids: str) -> str:
    """What is wrong with the report on a program with these mistakes; "" if nothing is."""
    found = said(report)
    missing = [id for id in ids if not any(id in names for names in found)]
    more = [min(names) for names in found if not names & set(ids)]
    return "; ".join([f"not named: {', '.join(missing)}"] * bool(missing)
                     + [f"said: {', '.join(more)}"] * bool(more))


def habits(tally: Tally, sample: int | None, rng: random.Random) -> None:
    made = [(entry, k, form) for entry in LEARNING for k in range(len(entry.ways))
            for form in FORMS]
    for entry, k, form in drawn(rng, made, sample):
        report = judged(tally, answers_of(entry.ways[k], form))
        if report.ok:
            tally.hidden += 1
        else:
            tally.add(f"{entry.id}, way {k}, {form}", fault_of(report, entry.id))


def reports(tally: Tally, sample: int | None, rng: random.Random) -> None:
    made = [(entry, k) for entry in EVALUATION for k in range(len(entry.reports))]
    for entry, k in drawn(rng, made, sample):
        def reported(end: Seen, entry: Any = entry, k: int = k) -> Answer:
            value = entry.reports[k](end)
            return {} if value is None else {entry.field: value}
        report = judged(tally, answers_of(right_way, report=reported))
        if report.ok:
            tally.hidden += 1
        else:
            tally.add(f"{entry.id}, {k}", fault_of(report, entry.id))


def pairs(tally: Tally, sample: int | None, rng: random.Random) -> None:
    wanted = sample or 300
    while tally.good + len(tally.faults) < wanted:
        mistake, entry = rng.choice(MISTAKES), rng.choice(LEARNING)
        habit = rng.choice(entry.ways)
        both = answers_of(habit, recipe=mistake.change(RIGHT))
        parts = answers_of(right_way, recipe=mistake.change(RIGHT)), answers_of(habit)
        if not both or any(written(both) == written(part) for part in parts) or ran_away(both):
            tally.hidden += 1
            continue
        tally.add(f"{mistake.id} + {entry.id}",
                  fault_of(judged(tally, both), mistake.id, entry.id))


def ran_away(answers: dict[str, Answer]) -> bool:
    return any(not abs(w) < LARGEST for answer in answers.values()
               for W in answer["steps"][-1]["new_weights"] for row in W for w in row)


def right(tally: Tally, sample: int | None, rng: random.Random) -> None:
    """Programs of whose steps each sums in an order of its own, and in float32 every other one."""
    for k in range(-(-(sample or 500) // len(CASES))):
        precision = ("float64", "float32")[k % 2]
        program = AnyOrder(rng, precision == "float32")
        answers = {case.name: in_any_order(program, case) for case in CASES}
        report = judged(tally, answers, precision)
        for verdict in report.verdicts:
            tally.add(f"{verdict.case.name}, program {k} in {precision}",
                      f"{verdict.wrong[0].field} is wrong" if verdict.wrong else "")


def in_any_order(program: AnyOrder, case: SequenceCase) -> Answer:
    W, b, steps = case.weights, case.biases, []
    for batch in mini_batches(case):
        after = program.answer(one_step(case, W, b, batch))
        W, b = after["new_weights"], after["new_biases"]
        steps.append({"new_weights": W, "new_biases": b})
    end = program.answer(one_step(case, W, b, case.examples))
    predicted = classes([layers[-1] for layers in end["activations"]])
    return {"steps": steps, "final_weights": W, "final_biases": b, "predictions": predicted,
            "correct": agreeing(predicted, classes([y for _, y in case.examples])),
            "mean_cost": program.round(program.sum(end["costs"]) / len(end["costs"]))}


def drawn(rng: random.Random, items: Sequence[Any], sample: int | None) -> Iterator[Any]:
    yield from items if sample is None or sample >= len(items) else rng.sample(list(items), sample)


SECTIONS = {"habits": habits, "reports": reports, "pairs": pairs, "right": right}


def main() -> int:
    options = build_parser(__doc__, SECTIONS).parse_args()
    failed = False
    for section in options.sections or SECTIONS:
        tally = Tally(section, options.most)
        SECTIONS[section](tally, options.sample, random.Random(f"{section} {options.seed}"))
        tally.show()
        failed = failed or bool(tally.faults)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
