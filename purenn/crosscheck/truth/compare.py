"""Two answers side by side, quantity by quantity, in the order of the computation.

An answer is cut into quantities: the activations of a layer, the costs, the gradient of a layer.
Each belongs to a stage of the computation, and whatever is wrong in one stage makes the later ones
wrong as well.  So the first wrong quantity is the one to look at.

A number is wrong if it is farther from the truth than rounding can explain.  The tolerance comes
with the true number (see truth.py).
"""
from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.bounded import DIGITS, ZERO, Bounded
from purenn.crosscheck.truth.reference import Answer

#: the stages, in the order of the computation
HIDDEN_A, OUTPUT_A = "hidden activations", "output activations"
COSTS_, TOTAL = "costs of the examples", "total cost"
OUT_B, OUT_W = "bias gradient of the output layer", "weight gradient of the output layer"
HID_B, HID_W = "bias gradient of the hidden layers", "weight gradient of the hidden layers"
NEW_B, NEW_W = "biases after the step", "weights after the step"
STAGES = (HIDDEN_A, OUTPUT_A, COSTS_, TOTAL, OUT_B, OUT_W, HID_B, HID_W, NEW_B, NEW_W)

#: a number given -> how far its last digit leaves it open
Slack = Callable[[float], float]


class Quantity(NamedTuple):
    """A part of an answer, in nested lists of numbers."""

    #: where it comes in the order of the computation: the stage's number, then the layer
    rank: tuple[int, int]
    field: str
    #: the layer after the input that it belongs to, from 0; None for the costs
    layer: int | None
    value: Any


class Flat(NamedTuple):
    """A quantity with its numbers in a row."""

    rank: tuple[int, int]
    field: str
    layer: int | None
    #: its shape, lengths in tuples in tuples
    shape: Any
    numbers: list[Any]


def quantities(answer: Answer, layers: int) -> list[Quantity]:
    """The quantities of an answer for a network with that many layers after the input, in order.

    Whatever shape the answer has, each of its numbers is in one of them.
    """
    last = layers - 1
    found = []
    if "activations" in answer:
        values = _by_layer(answer["activations"])
        for l, value in enumerate(values):
            found.append(Quantity((0 if l < len(values) - 1 or l < last else 1, l),
                                  "activations", l, value))
    if "costs" in answer:
        found.append(Quantity((2, 0), "costs", None, answer["costs"]))
    if "total_cost" in answer:
        found.append(Quantity((3, 0), "total_cost", None, answer["total_cost"]))
    for k, field in enumerate(("nabla_b", "nabla_w")):
        for l, value in _parts(answer.get(field, [])):
            found.append(Quantity((4 + k if l >= last else 6 + k, last - l), field, l, value))
    for k, field in enumerate(("new_biases", "new_weights")):
        for l, value in _parts(answer.get(field, [])):
            found.append(Quantity((8 + k, l), field, l, value))
    return sorted(found, key=lambda quantity: quantity.rank)


def _by_layer(activations: Any) -> list[Any]:
    """Each layer's activations, for all examples; if that is not what it is, all in one layer."""
    if isinstance(activations, list) and activations and all(
            isinstance(example, list) and len(example) == len(activations[0])
            for example in activations):
        return [[example[l] for example in activations] for l in range(len(activations[0]))]
    return [activations]


def _parts(value: Any) -> Iterator[tuple[int, Any]]:
    """(layer, its part) of a list of layers; what is no list counts as a part by itself."""
    yield from enumerate(value) if isinstance(value, list) else [(0, value)]


def flat(answer: Answer, layers: int) -> list[Flat]:
    """The quantities of an answer with their numbers in a row."""
    result = []
    for rank, field, layer, value in quantities(answer, layers):
        numbers: list[Any] = []
        result.append(Flat(rank, field, layer, _shape(value, numbers), numbers))
    return result


def _shape(value: Any, numbers: list[Any]) -> Any:
    """The shape of nested lists, whose numbers are appended to the list."""
    if isinstance(value, list):
        return tuple([_shape(v, numbers) for v in value])
    numbers.append(value)
    return None


def shape_and_numbers(value: Any) -> tuple[Any, list[Any]]:
    """The shape of nested lists, and the numbers in them in a row."""
    numbers: list[Any] = []
    return _shape(value, numbers), numbers


def shape_of(value: Any) -> Any:
    """The shape of nested lists: lengths in tuples in tuples, None for a number."""
    return _shape(value, [])


class Wrong(NamedTuple):
    """A quantity that is wrong."""

    case: Case
    rank: tuple[int, int]
    field: str
    layer: int | None
    #: in which way: "shape", "not a number" or "value"
    kind: str
    #: how many of its numbers are wrong, of how many
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks for here
    size: int
    #: the worst entry: its indices within the field, what was given and what is right
    index: tuple[int, ...]  # type: ignore[assignment]  # the same with tuple.index
    yours: Any
    right: Any
    #: how far off it may be
    tolerance: Decimal

    @property
    def stage(self) -> str:
        return STAGES[self.rank[0]]


def limits(number: Any) -> tuple[Decimal, Decimal]:
    """(value, tolerance) of a number of the truth, in which exact zeros may be plain ints.

    The truth has fifty digits, and a float that is right to its last bit may have a few more.
    """
    if not isinstance(number, Bounded):
        return Decimal(number), ZERO
    return number.value, number.error + number.value.copy_abs().scaleb(5 - DIGITS)


def wrong_quantities(case: Case, answer: Answer, truth: Answer,
                     slack: Slack | None = None) -> list[Wrong]:
    """What is wrong with the answer to a case, in the order of the computation.

    The slack of a number is how far it may be off for the digits that it is written with.
    """
    layers = len(case.sizes) - 1
    right = {field: value for field, value in truth.items() if field in answer}
    yours, theirs = flat(answer, layers), flat(right, layers)
    if [(q.field, q.layer) for q in yours] != [(q.field, q.layer) for q in theirs]:
        return _wrong_layers(case, answer, right) + _pairwise(case, yours, theirs, slack)
    return _pairwise(case, yours, theirs, slack)


def _wrong_layers(case: Case, answer: Answer, right: Answer) -> list[Wrong]:
    """The fields that do not have as many layers as the network."""
    found = []
    for field, rank in (("activations", (0, 0)), ("nabla_b", (4, 0)), ("nabla_w", (5, 0)),
                        ("new_biases", (8, 0)), ("new_weights", (9, 0))):
        if field in right and shape_of(answer[field]) != shape_of(right[field]):
            found.append(Wrong(case, rank, field, None, "shape", 1, 1, (), answer[field],
                               right[field], ZERO))
    return found


def _pairwise(case: Case, yours: list[Flat], theirs: list[Flat], slack: Slack | None
              ) -> list[Wrong]:
    found = []
    right = {(q.field, q.layer): q for q in theirs}
    for mine in yours:
        true = right.get((mine.field, mine.layer))
        if true is None:
            continue
        if mine.shape != true.shape:
            found.append(Wrong(case, mine.rank, mine.field, mine.layer, "shape", 1, 1, (),
                               mine.shape, true.shape, ZERO))
        else:
            wrong = _compare(case, mine, true, slack)
            if wrong:
                found.append(wrong)
    return found


def _compare(case: Case, mine: Flat, true: Flat, slack: Slack | None) -> Wrong | None:
    worst, worst_ratio, count = None, ZERO, 0
    for k, (given, number) in enumerate(zip(mine.numbers, true.numbers)):
        value, tolerance = limits(number)
        if slack is not None:
            tolerance += Decimal(slack(given))
        if not math.isfinite(given):
            ratio, kind = Decimal("Infinity"), "not a number"
        else:
            difference = abs(Decimal(given) - value)
            if difference <= tolerance:
                continue
            ratio = difference / tolerance if tolerance else Decimal(10) ** 30 * (1 + difference)
            kind = "value"
        count += 1
        if worst is None or ratio > worst_ratio:
            worst, worst_ratio = (k, kind, given, value, tolerance), ratio
    if worst is None:
        return None
    k, kind, given, value, tolerance = worst
    return Wrong(case, mine.rank, mine.field, mine.layer, kind, count, len(mine.numbers),
                 _index(mine, k), given, value, tolerance)


def _index(quantity: Flat, k: int) -> tuple[int, ...]:
    """The indices in its field of a quantity's k-th number."""
    index: tuple[int, ...] = ()
    shape = quantity.shape
    while shape is not None:
        for j, part in enumerate(shape):
            size = _size(part)
            if k < size:
                index, shape = index + (j,), part
                break
            k -= size
    if quantity.field == "activations":  # one list for each example, which holds the layers
        return index[:1] + (quantity.layer or 0,) + index[1:]
    return index if quantity.layer is None else (quantity.layer,) + index


def _size(shape: Any) -> int:
    return 1 if shape is None else sum(map(_size, shape))


# How near an answer is to that of a program with a mistake.

#: Two programs with the same mistake, but other orders of summation, are this many roundings of
#: the largest number of a quantity apart at most, or as far as either may be from the truth
ROUNDINGS = 256


def nearly(mine: list[Any], other: list[Any], tolerances: list[float] | None,
          unit: float) -> bool:
    if tolerances is None or len(tolerances) != len(other):
        tolerances = [max(tolerances or [0.0])] * len(other)
    top = max((abs(x) for x in other if math.isfinite(x)), default=0.0)
    least = ROUNDINGS * unit * top
    if all(map(math.isfinite, mine)) != all(map(math.isfinite, other)):
        return False
    for x, y, tolerance in zip(mine, other, tolerances):
        if not math.isfinite(x) or not math.isfinite(y):
            # 0 times NaN is NaN, but a loop that leaves out zeros, or a mask, makes it 0
            if (math.isfinite(x) and x) or (math.isfinite(y) and y):
                return False
        elif not abs(x - y) <= max(4 * tolerance, least):
            return False
    return True
