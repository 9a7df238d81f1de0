"""What explains a sequence of steps: a habit of the program, a single-step mistake, or both.

Each step is followed from the candidate's own state before it.  An entry explains the sequence if
it ends, in every case and every step, where the candidate's program does.  Entries are tried by
themselves first, then with each mistake of the single-step catalogue that fits the first steps;
and if none fits, a factor is solved for: of a velocity, or of the learning rate of each step.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple, Union

from purenn import linalg, sgd
from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES
from purenn.crosscheck.catalogue.evaluation import (
    EVALUATION,
    EvaluationMistake,
    Seen,
    agreeing,
    classes,
    mean,
    seen,
    targets,
)
from purenn.crosscheck.catalogue.recipe import Mistake, together
from purenn.crosscheck.catalogue.sequences import (
    LEARNING,
    PLAIN,
    Learner,
    SequenceMistake,
    Way,
    combined,
    descended,
    flattened,
    gradient,
    learner,
    pull,
    rate_by_step,
    remembering,
    right_way,
)
from purenn.crosscheck.questions.sequences import SequenceCase
from purenn.crosscheck.truth.blocks import RIGHT, CannotAnswer
from purenn.crosscheck.truth.reference import Answer
from purenn.crosscheck.truth.sequences import WrongNumber, known_states, state_from
from purenn.linalg import Vector, total

#: how far a program with the same habit may be from ours, in parts of the largest number of its
#: state: thousands of roundings, where two habits that differ at all differ by a thousandth or more
NEAR = {"float64": 2.0 ** -34, "float32": 2.0 ** -12}

MOST_ALTERNATIVES = 3

Entries = tuple[Union[SequenceMistake, EvaluationMistake, Mistake], ...]


class Habit(NamedTuple):
    """What explains the steps, or a number that is said of the network."""

    #: "steps", "predictions", "correct" or "mean_cost"
    block: str
    #: the entries, or none where a relation was found or nothing explains it
    entries: Entries
    #: a sentence about a relation that was solved for, or ""
    relation: str
    #: other explanations of the same numbers
    alternatives: tuple[Entries, ...]
    wrong: WrongNumber


class SequenceFinding(NamedTuple):
    """One thing that the program does otherwise, as a finding on single steps says it."""

    block: str
    id: str
    relation: str
    #: the cause, in one sentence without its full stop
    sentence: str
    scope: str
    convention: bool
    #: what else gives the same numbers, as (id, sentence)
    alternatives: tuple[tuple[str, str], ...]
    #: what to write instead, and the line of the reference to look at
    instead: str
    see: tuple[Any, str]
    #: the first number that shows it
    where: WrongNumber


#: where the reference computes what is said of a block
SEE: dict[str, tuple[Any, str]] = {
    "steps": (sgd, "def update_mini_batch("), "predictions": (linalg, "def argmax("),
    "correct": (sgd, "def evaluate("), "mean_cost": (sgd, "def evaluate(")}
#: what to say of weights or biases of a step, and of those at the end
UNEXPLAINED = {
    "steps": "the step does not end where your own numbers before it lead, and no habit or mistake "
             "that is known here, alone or with another, gives these numbers",
    "end": "the network does not end where the right steps lead, and no habit or mistake that is "
           "known here, alone or with another, gives these numbers",
    "predictions": "these are not the classes that your final network gives",
    "correct": "this is not how many of your final network's classes agree with the targets",
    "mean_cost": "this is not the mean cost of the examples by your final network"}


def findings_of(habit: Habit) -> list[SequenceFinding]:
    """What to say about a block: a finding for each entry that explains it."""
    others = tuple((" + ".join(entry.id for entry in entries),
                    ", and ".join(entry.sentence for entry in entries))
                   for entries in habit.alternatives)
    blank = SequenceFinding(habit.block, "", habit.relation, habit.relation, "", False, others,
                            PLAIN, SEE[habit.block], habit.wrong)
    if not habit.entries and habit.relation:
        return [blank]
    if not habit.entries:
        end = habit.block == "steps" and habit.wrong.step is None
        return [blank._replace(sentence=UNEXPLAINED["end" if end else habit.block],
                               instead="compare your program with the reference at this place")]
    named = [blank._replace(
        id=entry.id, relation="", sentence=entry.sentence, instead=entry.instead.rstrip("."),
        see=entry.see if isinstance(entry, Mistake) else SEE[habit.block],
        convention=isinstance(entry, Mistake) and entry.convention,
        alternatives=others if k == 0 else ()) for k, entry in enumerate(habit.entries)]
    return [*named, blank] if habit.relation else named


class Path(NamedTuple):
    """A case, how its single steps are done, and the candidate's states where they are known."""

    learner: Learner
    states: list[Vector | None]


def explain(cases: Sequence[SequenceCase], answers: dict[str, Answer],
            wrong: dict[str, list[WrongNumber]], precision: str, pairs: bool = True
            ) -> list[SequenceFinding]:
    """What explains the wrong numbers of the answers, in the order of the computation.

    Without ``pairs`` no single-step mistake is tried together with a habit: for large networks
    that would take minutes.
    """
    paths = [path_of(case, answers[case.name]) for case in cases if case.name in answers]
    found = []
    first = first_wrong(wrong, ("steps", "new_weights", "new_biases", "final_weights",
                                "final_biases"))
    if first is not None:
        found.append(explain_steps(paths, answers, first, NEAR[precision], pairs))
    said = [(field, first_wrong(wrong, (field,))) for field in EVALUATED]
    unseen = learned_otherwise(paths, answers, NEAR[precision]) if not found and any(
        w for _, w in said) else None
    if unseen is not None:
        found.append(Habit("steps", (unseen,), "", (), next(w for _, w in said if w)))
        said = []
    single = [entry for habit in found for entry in habit.entries if isinstance(entry, Mistake)]
    with_mistakes = [path._replace(learner=learner(path.learner.case, together(
        *(entry.change for entry in single))(RIGHT))) for path in paths]
    for field, first in said:
        if first is not None and not (single and all(
                is_as_it_should(path, answers, field, NEAR[precision]) for path in with_mistakes)):
            found.append(explain_evaluation(with_mistakes, answers, field, first, NEAR[precision]))
    return [finding for habit in found for finding in findings_of(habit)]


def first_wrong(wrong: dict[str, list[WrongNumber]], fields: Sequence[str]) -> WrongNumber | None:
    """The earliest wrong number of these fields, in the first case that has one."""
    return next((w for case in wrong.values() for w in case if w.field in fields), None)


def path_of(case: SequenceCase, answer: Answer) -> Path:
    states = known_states(case, answer)
    return Path(learner(case), [None if state is None else flattened(*state) for state in states])


# The steps.

def explain_steps(paths: Sequence[Path], answers: dict[str, Answer], first: WrongNumber,
                  near: float, pairs: bool) -> Habit:
    """What the program does between its steps, or in each of them."""
    recorded = recording(paths, near)
    if recorded:
        return Habit("steps", (recorded,), "", (), first)
    useful = [path for path in paths if any(state is not None for state in path.states)]
    if fits(right_way, useful, near):  # the steps are right, and only the end is not
        return Habit("steps", end_reported(useful, answers, near), "", (), first)
    alone = [(entry,) for entry in LEARNING if entry_fits(entry, useful, near)]
    if alone:
        return Habit("steps", alone[0], "", tuple(alone[1:MOST_ALTERNATIVES]), first)
    relation = solved(useful, near) or searched(useful, near) or mixed_up(useful, near)
    if relation:
        return Habit("steps", (), relation, (), first)
    both = list(with_single_step(useful, near, LEARNING if pairs else ()))
    if both:
        least = min(map(len, both))
        both = [entries for entries in both if len(entries) == least]
        return Habit("steps", both[0], "", tuple(both[1:MOST_ALTERNATIVES]), first)
    mistake, relation = factor_and_mistake(useful, near)
    return Habit("steps", (mistake,) if mistake else (), relation, (), first)


def entry_fits(entry: SequenceMistake, paths: Sequence[Path], near: float) -> bool:
    """Whether one of the entry's ways leads through all the states."""
    return any(fits(way, paths, near * entry.slack) for way in entry.ways)


def fits(way: Callable[[Learner], Way], paths: Sequence[Path], near: float) -> bool:
    try:
        return all(follows(way(path.learner), path, near) for path in paths)
    except (CannotAnswer, ArithmeticError, ValueError, IndexError, KeyError, TypeError):
        return False  # a program with these mistakes would stop


def follows(way: Way, path: Path, near: float) -> bool:
    """Whether every known state is where the way leads from the known states before it."""
    state = path.learner.start
    for t, own in enumerate(path.states):
        after = way(t, state)
        if own is not None and not is_near(own, after, near):
            return False
        state = after if own is None else own
    return True


def is_near(own: Vector, other: Vector, near: float) -> bool:
    top = max(map(abs, other))
    return top < 1e300 and all(abs(x - y) <= near * top for x, y in zip(own, other))


ALIASED = SequenceMistake(
    "recorded-by-reference", "what was kept of each step is the same list or array again and "
    "again, not a copy: all steps show the final weights and biases",
    "Keep a copy of the weights and biases after each step.", ())
BEFORE = SequenceMistake(
    "recorded-before-step", "the weights and biases are recorded before each step, not after it",
    "Record the weights and biases when the step is done.", ())


def recording(paths: Sequence[Path], near: float) -> SequenceMistake | None:
    """What is wrong with how the steps were recorded, if the learning itself is right."""
    whole = [path for path in paths if len(path.states) > 1 and None not in path.states]
    if not whole:
        return None
    ends = [walked(path.learner) for path in whole]
    if all(is_near(state, right[-1], near) for path, right in zip(whole, ends)
           for state in path.states if state is not None):
        return ALIASED
    shifted = [path._replace(states=[*path.states[1:], None]) for path in whole
               if path.states[0] == path.learner.start]
    if len(shifted) == len(whole) and fits(right_way, shifted, near):
        return BEFORE
    return None


#: what the end is when it is not that of the last step, made from the states after all steps
ENDS: tuple[tuple[SequenceMistake, Callable[[Learner, list[Vector]], list[Vector]]], ...] = tuple(
    (SequenceMistake(id, f"what is given as the final network is {what}",
                     "Give the weights and biases after the last step.", (), keeps=False), ends)
    for id, what, ends in (
        ("end-is-start", "the network before the first step", lambda of, states: [of.start]),
        ("end-is-earlier", "the network of an earlier step, most often the one before the last",
         lambda of, states: states[-2:-1]),
        ("end-is-mean", "the mean of the networks after all steps",
         lambda of, states: [[total(list(column)) / len(states) for column in zip(*states)]]),
        ("end-is-later", "the network after one step more, which learns from a mini-batch again",
         lambda of, states: [right_way(of)(t, states[-1]) for t in (0, len(states) - 1)])))


def end_reported(paths: Sequence[Path], answers: dict[str, Answer], near: float) -> Entries:
    """What is given as the final network, where all steps are right."""
    given = []
    for path in paths:
        answer = answers[path.learner.case.name]
        end = state_from(path.learner.case, answer.get("final_weights", path.learner.case.weights),
                         answer.get("final_biases", path.learner.case.biases))
        if end is None:
            return ()
        given.append((path, end))
    for entry, ends in ENDS:
        if all(any(is_near(flattened(*end), other, near)
                   for other in ends(path.learner, states_of(path))) for path, end in given):
            return (entry,)
    return ()


def states_of(path: Path) -> list[Vector]:
    """The state after every step, where it is not known the one that the right step leads to."""
    way, state, found = right_way(path.learner), path.learner.start, []
    for t, own in enumerate(path.states):
        state = own or way(t, state)
        found.append(state)
    return found


def walked(of: Learner) -> list[Vector]:
    """The state after each right step from the start."""
    way, state, found = right_way(of), of.start, []
    for t in range(len(of.batches)):
        state = way(t, state)
        found.append(state)
    return found


def with_single_step(paths: Sequence[Path], near: float, habits: Sequence[SequenceMistake]
                     ) -> Iterator[tuple[SequenceMistake | Mistake, ...]]:
    """Single-step mistakes that explain every step, and those that do so with a habit.

    Most habits leave the first step as it is; with these, a mistake is tried only if it explains
    the first steps.
    """
    shortest = sorted(paths, key=lambda path: len(path.learner.start))
    first = [path._replace(states=path.states[:1]) for path in shortest]
    early = [habit for habit in habits
             if any(begins_otherwise(habit, path.learner, near) for path in shortest)]
    late = [habit for habit in habits if habit not in early]
    for mistake in (*MISTAKES, *CONVENTIONS):
        changed, beginning = ([path._replace(learner=path.learner._replace(
            recipe=mistake.change(RIGHT))) for path in some] for some in (shortest, first))
        if fits(right_way, beginning, near):
            if fits(right_way, changed, near):
                yield (mistake,)
                continue
            tried = late
        else:
            tried = early
        for habit in tried:
            if entry_fits(habit, changed, near):
                yield mistake, habit


def begins_otherwise(habit: SequenceMistake, of: Learner, near: float) -> bool:
    """Whether the habit shows in the first step already."""
    right = right_way(of)(0, of.start)
    return any(not is_near(way(of)(0, of.start), right, near) for way in habit.ways)


def factor_and_mistake(paths: Sequence[Path], near: float) -> tuple[Mistake | None, str]:
    """A single-step mistake that explains the first steps, and a factor that explains the others
    with it; (None, "") if there are none."""
    first = [path._replace(states=path.states[:1]) for path in paths]
    for mistake in (*MISTAKES, *CONVENTIONS):
        changed, beginning = ([path._replace(learner=path.learner._replace(
            recipe=mistake.change(RIGHT))) for path in some] for some in (paths, first))
        if fits(right_way, beginning, near):
            try:
                relation = solved(changed, near)
            except (CannotAnswer, ArithmeticError, ValueError, IndexError, KeyError, TypeError):
                continue
            if relation:
                return mistake, relation
    return None, ""


# Factors that are solved for.

def applied(path: Path, decay_inside: bool) -> list[tuple[Vector, Vector]]:
    """(what each step went against, the gradient it should have gone against), where the states
    before and after it are known; with the decay term in both, or in neither."""
    of, before = path.learner, path.learner.start
    found: list[tuple[Vector, Vector]] = []
    for t, after in enumerate(path.states):
        if after is None or before is None:
            return found
        g = gradient(of, before, of.batches[t])
        if decay_inside:
            g = combined(1, g, 1, pull(of, before))
        kept = descended(of, before, [0.0] * len(before), decays=0 if decay_inside else 1)
        found.append(([(k - a) / of.case.eta for k, a in zip(kept, after)], g))
        before = after
    return found


def solved(paths: Sequence[Path], near: float) -> str:
    """A sentence about the velocity's factor, or the rate of each step; "" if neither fits."""
    for inside in (False, True):
        steps = [applied(path, inside) for path in paths]
        if not any(len(found) > 1 for found in steps):
            return ""
        for solve in (velocity_factor, rate_factors):
            sentence = solve(steps, near)
            if sentence:
                return sentence
    return ""


def ratio_of(pairs: Sequence[tuple[Vector, Vector]], near: float) -> float | None:
    """The one factor c with u = c v for all pairs (u, v), by least squares; None if there is
    none, or nothing to tell it from."""
    squares = total([v_k * v_k for _, v in pairs for v_k in v])
    if not squares:
        return None
    c = total([u_k * v_k for u, v in pairs for u_k, v_k in zip(u, v)]) / squares
    top = max(abs(u_k) for u, _ in pairs for u_k in u) or 1.0
    fitting = all(abs(u_k - c * v_k) <= 64 * near * max(top, 1.0)
                  for u, v in pairs for u_k, v_k in zip(u, v))
    return c if fitting else None


def velocity_factor(steps: Sequence[list[tuple[Vector, Vector]]], near: float) -> str:
    """v ← c v + g, or v ← c v + (1 − c) g, with any c."""
    first = [found[0] for found in steps if found]
    if ratio_of(first, near) is None:
        return ""
    later = [(combined(1, u, -1, g), before) for found in steps
             for (before, _), (u, g) in zip(found, found[1:])]
    c = ratio_of(later, near)
    if c is not None and abs(c) > 1e-6 and abs((ratio_of(first, near) or 0) - 1) < 1e-6:
        return ("each step has momentum: to its gradient the velocity before is added, times "
                f"{c:.6g}. Another optimizer than asked")
    averaged = [(combined(1, u, -1, g), combined(1, before, -1, g)) for found in steps
                for (before, _), (u, g) in zip(found, found[1:])]
    c = ratio_of(averaged, near)
    if c is not None and abs(c) > 1e-6:
        return (f"each step follows a running average of the gradients, {c:.6g} v + "
                f"{1 - c:.6g} g. Another optimizer than asked")
    return ""


def rate_factors(steps: Sequence[list[tuple[Vector, Vector]]], near: float) -> str:
    """Each step goes against its right gradient, but not at the rate that was asked for."""
    factors = []
    for t in range(max(map(len, steps))):
        c = ratio_of([found[t] for found in steps if len(found) > t], near)
        if c is None:
            return ""
        factors.append(c)
    if len(factors) < 2 or abs(factors[0] - 1) > 1e-6 or all(
            abs(c - 1) < 1e-6 for c in factors):
        return ""
    ratios = [b / a for a, b in zip(factors, factors[1:]) if a]
    if len(ratios) > 1 and max(ratios) - min(ratios) < 1e-6:
        return (f"the learning rate is multiplied by {ratios[0]:.6g} after every mini-batch; η "
                "stays as it is given")
    listed = ", ".join(f"{c:.6g}" for c in factors)
    return f"the learning rate is not the same in every step: it is η times {listed}"


#: ways of learning with one unknown number between 0 and 1, with the decay in what the number acts
#: on or not, and what to say of it
FAMILIES: tuple[tuple[Callable[[float, bool], Callable[[Learner], Way]], str], ...] = (
    (lambda p, decayed: rate_by_step(lambda t, of: p ** t, decayed),
     "the learning rate is multiplied by {0:.6g} after every mini-batch; η stays as it is given"),
    (lambda p, decayed: rate_by_step(lambda t, of: 1 / (1 + p * t), decayed),
     "the learning rate is divided by 1 + {0:.6g} t in step t, counted from 0; η stays as it is "
     "given"),
    (lambda p, decayed: remembering(p, 1.0, decayed=decayed),
     "each step has momentum: to its gradient the velocity before is added, times {0:.6g}. Another "
     "optimizer than asked"),
    (lambda p, decayed: remembering(p, 1 - p, decayed=decayed),
     "each step follows a running average of the gradients, {0:.6g} v + {1:.6g} g. Another "
     "optimizer than asked"))


def searched(paths: Sequence[Path], near: float) -> str:
    """A family whose unknown number explains all ends, where no steps are known."""
    probe = min(paths, key=lambda path: len(path.learner.start), default=None)
    if probe is None:
        return ""
    for family, sentence in FAMILIES:
        for decayed in (False, True):
            p = best_number(partial(missed_by, family, decayed, probe))
            if 1e-6 < p < 1 - 1e-6 and fits(family(p, decayed), paths, 64 * near):
                return sentence.format(p, 1 - p)
    return ""


def missed_by(family: Callable[[float, bool], Callable[[Learner], Way]], decayed: bool, probe: Path,
              p: float) -> float:
    """By how much the family with that number misses the probe."""
    return distance(family(p, decayed), probe)


def distance(way: Callable[[Learner], Way], path: Path) -> float:
    """Σ (x − y)² over the known states."""
    follow, state, missed = way(path.learner), path.learner.start, 0.0
    for t, own in enumerate(path.states):
        after = follow(t, state)
        if own is not None:
            missed += total([(x - y) * (x - y) for x, y in zip(own, after)])
        state = after if own is None else own
    return missed


def best_number(missed: Callable[[float], float]) -> float:
    """The number between 0 and 1 that misses least: the best of a grid, then thirds of thirds."""
    grid = [k / 40 for k in range(41)]
    best = min(grid, key=missed)
    low, high = max(best - 0.025, 0.0), min(best + 0.025, 1.0)
    for _ in range(70):
        third = (high - low) / 3
        if missed(low + third) < missed(high - third):
            high -= third
        else:
            low += third
    return (low + high) / 2


#: no more ways to pair the inputs of a mini-batch with targets are tried
MOST_PAIRINGS = 256


def mixed_up(paths: Sequence[Path], near: float) -> str:
    """A sentence if every step is right but for the targets that its inputs are paired with."""
    if any(None in path.states for path in paths):
        return ""
    wrong = False
    for path in paths:
        of, state = path.learner, path.learner.start
        targets: list[Vector] = []
        for _, y in of.case.examples:
            if y not in targets:
                targets.append(y)
        for t, own in enumerate(path.states):
            batch = of.batches[t]
            if own is None or len(targets) ** len(batch) > MOST_PAIRINGS:
                return ""
            pairings = [[(x, y) for (x, _), y in zip(batch, chosen)]
                        for chosen in product(targets, repeat=len(batch))]
            found = [pairs for pairs in [batch, *pairings]
                     if is_near(own, descended(of, state, gradient(of, state, pairs)), near)]
            if not found:
                return ""
            wrong = wrong or batch not in found
            state = own
    return ("the examples are right, but their targets are mixed up: every step is right for its "
            "own inputs with targets of others, x and y are shuffled apart") if wrong else ""


# What is said of the network.

#: the fields that say something of the final network
EVALUATED = ("predictions", "correct", "mean_cost")


def learned_otherwise(paths: Sequence[Path], answers: dict[str, Answer], near: float
                      ) -> SequenceMistake | None:
    """The habit whose final network gives all that is said, where no weights are given at all."""
    if any(state is not None for path in paths for state in path.states) or not any(
            "mean_cost" in answers[path.learner.case.name] for path in paths):
        return None
    for habit in LEARNING:
        for way in habit.ways:
            if all(says(way, path.learner, answers[path.learner.case.name], near)
                   for path in paths):
                return habit
    return None


def says(way: Callable[[Learner], Way], of: Learner, answer: Answer, near: float) -> bool:
    """Whether the network that a way leads to gives what an answer says of it."""
    follow, state = way(of), of.start
    for t in range(len(of.batches)):
        state = follow(t, state)
    mine = evaluated(seen(of, state, []))
    return all(agrees(mine[field], answer[field], near) for field in EVALUATED if field in answer)


def evaluated(sight: Seen) -> dict[str, Any]:
    """What there is to say of a final network."""
    return {"predictions": classes(sight.outputs),
            "correct": agreeing(classes(sight.outputs), classes(targets(sight))),
            "mean_cost": mean(sight.costs)}


def explain_evaluation(paths: Sequence[Path], answers: dict[str, Answer], field: str,
                       first: WrongNumber, near: float) -> Habit:
    """What explains the predictions, their count or the mean cost."""
    given = [(path, answers[path.learner.case.name][field]) for path in paths
             if field in answers[path.learner.case.name]]
    sights = [(sight_of(path), value) for path, value in given]
    fitting: list[Entries] = [(entry,) for entry in EVALUATION if entry.field == field
               and any(all(reports(report, sight, value, near) for sight, value in sights)
                       for report in entry.reports)]
    if not fitting and field == "mean_cost":
        fitting = list(costs_by_mistake(given, near))
    if fitting:
        return Habit(field, fitting[0], "", tuple(fitting[1:MOST_ALTERNATIVES]), first)
    return Habit(field, (), "", (), first)


def is_as_it_should(path: Path, answers: dict[str, Answer], field: str, near: float) -> bool:
    """Whether a number is what the candidate's own final network says by its own single steps, or
    is not given: what is wrong with it follows from these."""
    answer = answers[path.learner.case.name]
    return field not in answer or agrees(evaluated(sight_of(path))[field], answer[field], near)


def sight_of(path: Path) -> Seen:
    """What the candidate's final network says, its states before each step being its own."""
    of, before, state = path.learner, [], path.learner.start
    way = right_way(of)
    for t, own in enumerate(path.states):
        before.append(state)
        state = own or way(t, state)
    return seen(of, state, before)


def reports(report: Callable[[Seen], object], sight: Seen, value: object, near: float) -> bool:
    """Whether a program with the mistake reports that value."""
    try:
        expected = report(sight)
    except (IndexError, ZeroDivisionError, ValueError):
        return False
    return agrees(expected, value, near)


def agrees(expected: object, value: object, near: float) -> bool:
    """Whether a reported value is the expected one: a cost but for rounding, classes exactly."""
    if isinstance(expected, float) and isinstance(value, (int, float)):
        return abs(value - expected) <= near * max(abs(expected), 1.0)
    return expected == value


def costs_by_mistake(given: Sequence[tuple[Path, object]], near: float
                     ) -> Iterator[tuple[Mistake]]:
    """Mistakes in the cost of an example that give the mean costs."""
    for mistake in (*CONVENTIONS, *MISTAKES):
        try:
            if all(reports(lambda sight: total(sight.costs) / len(sight.costs), sight_of(
                    path._replace(learner=learner(path.learner.case, mistake.change(RIGHT)))),
                    value, near) for path, value in given):
                yield (mistake,)
        except (CannotAnswer, ArithmeticError, ValueError, IndexError, KeyError, TypeError):
            continue
