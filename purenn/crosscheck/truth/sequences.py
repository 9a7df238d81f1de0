"""The right states of a sequence of steps, each from any numbers before it.

A step is judged from the candidate's own weights before it, taken as exact: so its tolerance is
that of a single step, however many came before, and one wrong step makes no other one wrong.
Where no state before is known, as in an answer that gives the end alone, the bounds are carried
along from step to step.
"""
from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Any, NamedTuple

from purenn.crosscheck.questions.by_reference import Answer, answer_of
from purenn.crosscheck.questions.cases import Case, with_numbers
from purenn.crosscheck.questions.sequences import (
    SEQUENCE_FIELDS,
    Examples,
    SequenceCase,
    mini_batches,
    one_step,
)
from purenn.crosscheck.truth.bounded import DIGITS, Bounded
from purenn.crosscheck.truth.compare import limits
from purenn.crosscheck.truth.reference import ALLOWED_ACTIVATIONS, ALLOWED_COSTS, PRECISIONS


class State(NamedTuple):
    """The network between two steps: matrices and vectors, layer by layer."""

    weights: Any
    biases: Any


class WrongNumber(NamedTuple):
    """A field of an answer that is wrong: in the step (from 0), at the worst of its numbers."""

    case: SequenceCase
    field: str
    step: int | None
    at: tuple[int, ...]
    yours: Any
    right: Any
    tolerance: Decimal
    #: how many numbers of the field are wrong there, of how many
    off: int
    size: int


def bounded_answer(case: Case, precision: str) -> Answer:
    """The right answer to a single step whose numbers may carry bounds already."""
    number = PRECISIONS[precision]
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        lifted = with_numbers(case, lambda v: v if isinstance(v, Bounded) else number(v))
        return answer_of(lifted, ALLOWED_ACTIVATIONS, ALLOWED_COSTS)


def known_states(case: SequenceCase, answer: Answer) -> list[State | None]:
    """The candidate's own state after each step, where the answer gives it whole and finite.

    The final network stands for the state after the last step.
    """
    count = len(mini_batches(case))
    steps = answer.get("steps")
    found: list[State | None] = [None] * count
    for t, given in enumerate(steps[:count] if isinstance(steps, list) else []):
        if isinstance(given, dict):
            found[t] = state_from(case, given.get("new_weights"), given.get("new_biases"))
    if found[-1] is None:
        found[-1] = state_from(case, answer.get("final_weights"), answer.get("final_biases"))
    return found


def state_from(case: SequenceCase, weights: Any, biases: Any) -> State | None:
    """The state, if both are of the right shape and finite."""
    if same_shape(weights, case.weights) and same_shape(biases, case.biases):
        return State(weights, biases)
    return None


def same_shape(mine: Any, other: Any) -> bool:
    """Whether these are numbers in the same nested lists, and all finite."""
    if isinstance(other, (list, tuple)):
        return (isinstance(mine, list) and len(mine) == len(other)
                and all(same_shape(m, o) for m, o in zip(mine, other)))
    return isinstance(mine, (int, float)) and math.isfinite(mine)


def right_after(case: SequenceCase, before: State, batch: Examples, precision: str) -> State:
    """The state after one right step, with its tolerance."""
    answer = bounded_answer(one_step(case, before.weights, before.biases, batch), precision)
    return State(answer["new_weights"], answer["new_biases"])


def right_states(case: SequenceCase, own: list[State | None], precision: str, count: int
                 ) -> list[State]:
    """The right state after each of so many steps, from the candidate's own before it where that
    is known."""
    state, found = State(case.weights, case.biases), []
    for t, batch in enumerate(mini_batches(case)[:count]):
        found.append(right_after(case, state, batch, precision))
        state = own[t] or found[-1]
    return found


def right_evaluation(case: SequenceCase, final: State, precision: str) -> Answer:
    """What is to be said of the final network: for each example the classes that rounding leaves
    possible, the least and the greatest count of right ones, and the mean cost."""
    single = one_step(case, final.weights, final.biases, case.examples)._replace(lmbda=0.0)
    answer = bounded_answer(single, precision)
    possible = [classes_within(layers[-1]) for layers in answer["activations"]]
    aims = [classes_within(y) for _, y in case.examples]
    return {"predictions": possible,
            "correct": (len([1 for p, y in zip(possible, aims) if p == y]),
                        len([1 for p, y in zip(possible, aims) if p & y])),
            "mean_cost": answer["total_cost"]}


def classes_within(a: Any) -> set[int]:
    """The classes that an output may stand for within its tolerance."""
    ranges = [(value - tolerance, value + tolerance) for value, tolerance in map(limits, a)]
    if len(ranges) == 1:
        low, high = ranges[0]
        return {int(low > Decimal("0.5")), int(high > Decimal("0.5"))}
    highest = max(low for low, _ in ranges)
    return {j for j, (_, high) in enumerate(ranges) if high >= highest}


def wrong_numbers(case: SequenceCase, answer: Answer, precision: str) -> list[WrongNumber]:
    """What is wrong in an answer, in the order of the computation."""
    own = known_states(case, answer)
    steps = answer.get("steps")
    given = [t for t, step in enumerate(steps if isinstance(steps, list) else []) if step]
    whole = any(field in answer for field in SEQUENCE_FIELDS if field != "steps")
    right = right_states(case, own, precision, len(own) if whole else max(given, default=-1) + 1)
    found: list[WrongNumber | None] = []
    if "steps" in answer and (not isinstance(steps, list) or len(steps) != len(own)):
        size = len(steps) if isinstance(steps, list) else 0
        found.append(WrongNumber(case, "steps", None, (), f"{size} steps", f"{len(own)} steps",
                                 Decimal(0), 1, 1))
    for t, (step, true) in enumerate(zip(steps if isinstance(steps, list) else [], right)):
        for field, numbers in (("new_weights", true.weights), ("new_biases", true.biases)):
            if isinstance(step, dict) and field in step:
                found.append(compared(case, field, t, step[field], numbers))
    for field in ("final_weights", "final_biases"):
        if field in answer:
            numbers = right[-1].weights if field == "final_weights" else right[-1].biases
            found.append(compared(case, field, None, answer[field], numbers))
    if any(field in answer for field in ("predictions", "correct", "mean_cost")):
        final = own[-1] or right[-1]
        found += evaluation_compared(case, answer, right_evaluation(case, final, precision))
    return [wrong for wrong in found if wrong is not None]


def compared(case: SequenceCase, field: str, t: int | None, mine: Any, true: Any
             ) -> WrongNumber | None:
    """The worst number of a field that is wrong; None if all are right."""
    if not same_layout(mine, true):
        return WrongNumber(case, field, t, (), shape(mine), shape(true), Decimal(0), 1, 1)
    worst, worst_ratio, count, size = None, Decimal(-1), 0, 0
    for index, given, number in paired(mine, true, ()):
        size += 1
        value, tolerance = limits(number)
        finite = isinstance(given, (int, float)) and math.isfinite(given)
        off = abs(Decimal(given) - value) if finite else Decimal("Infinity")
        if off <= tolerance:
            continue
        count += 1
        ratio = off / tolerance if tolerance and finite else Decimal(10) ** 40 * (1 + (
            off if finite else Decimal(10)))
        if ratio > worst_ratio:
            worst, worst_ratio = (index, given, value, tolerance), ratio
    if worst is None:
        return None
    return WrongNumber(case, field, t, *worst, count, size)


def same_layout(mine: Any, true: Any) -> bool:
    if isinstance(true, (list, tuple)):
        return (isinstance(mine, list) and len(mine) == len(true)
                and all(same_layout(m, t) for m, t in zip(mine, true)))
    return not isinstance(mine, (list, dict))


def shape(value: Any) -> str:
    """The lengths of nested lists, as in 3 × 2; a number's is "a number"."""
    lengths = []
    while isinstance(value, (list, tuple)):
        lengths.append(str(len(value)))
        value = value[0] if value else None
    return " × ".join(lengths) + " numbers" if lengths else "a number"


def paired(mine: Any, true: Any, index: tuple[int, ...]) -> Any:
    """(index, number given, right number) of nested lists."""
    if isinstance(true, (list, tuple)):
        for k, (m, t) in enumerate(zip(mine, true)):
            yield from paired(m, t, (*index, k))
    else:
        yield index, mine, true


def evaluation_compared(case: SequenceCase, answer: Answer, right: Answer
                        ) -> list[WrongNumber | None]:
    """What is wrong in what is said of the final network."""
    found: list[WrongNumber | None] = []
    if "predictions" in answer:
        mine, possible = answer["predictions"], right["predictions"]
        if not isinstance(mine, list) or len(mine) != len(possible):
            found.append(WrongNumber(case, "predictions", None, (), shape(mine),
                                     f"{len(possible)} numbers", Decimal(0), 1, 1))
        else:
            wrong = [k for k, (p, classes) in enumerate(zip(mine, possible))
                     if isinstance(p, (list, dict)) or p not in classes]
            if wrong:
                found.append(WrongNumber(case, "predictions", None, (wrong[0],), mine[wrong[0]],
                                         min(possible[wrong[0]]), Decimal(0), len(wrong),
                                         len(mine)))
    if "correct" in answer:
        least, most = right["correct"]
        mine = answer["correct"]
        if not isinstance(mine, (int, float)) or mine not in range(least, most + 1):
            found.append(WrongNumber(case, "correct", None, (), mine, least, Decimal(0), 1, 1))
    if "mean_cost" in answer:
        found.append(compared(case, "mean_cost", None, answer["mean_cost"], right["mean_cost"]))
    return found


def right_answer(case: SequenceCase, precision: str) -> Answer:
    """The right answer, in numbers that carry bounds, or that are whole."""
    last = len(mini_batches(case))
    states = right_states(case, [None] * last, precision, last)
    said = right_evaluation(case, states[-1], precision)
    return {"steps": [{"new_weights": state.weights, "new_biases": state.biases}
                      for state in states],
            "final_weights": states[-1].weights, "final_biases": states[-1].biases,
            "predictions": [min(classes) for classes in said["predictions"]],
            "correct": said["correct"][0], "mean_cost": said["mean_cost"]}
