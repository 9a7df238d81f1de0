"""The questions: networks with an example or a few, as a value, as a file, and the built-in set.

A case is all that is needed for one step of learning: a network, a mini-batch, and how to learn
from it.  Files of cases and of answers are JSON; README.md beside this file describes them for
people who write in other languages.
"""
from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from purenn.activations import HIDDEN, OUTPUTS
from purenn.checks import check_biases, check_functions, check_length, check_sizes, check_weights
from purenn.costs import COSTS
from purenn.formats.strict_json import floats
from purenn.linalg import Matrix, Number, Vector, total
from purenn.terminal.running import one_line

CASES_FORMAT, ANSWERS_FORMAT, VERSION = "purenn-cases", "purenn-answers", 1

#: what an answer may hold beside the name of its case, in the order of the computation
FIELDS = ("activations", "costs", "total_cost", "nabla_w", "nabla_b", "new_weights", "new_biases")


class Case(NamedTuple):
    """One question.  The names of activations and cost are those of ``purenn.store``."""

    name: str
    sizes: list[int]
    hidden: str
    output: str
    cost: str
    weights: list[Matrix]
    biases: list[Vector]
    mini_batch: list[tuple[Vector, Vector]]
    eta: Number
    lmbda: Number
    n: int


def with_numbers(case: Case, number: Callable[[float], Number]) -> Case:
    """The case with every number made into another kind (n stays an int)."""
    def lift(value):
        return [lift(v) for v in value] if isinstance(value, (list, tuple)) else number(value)
    return case._replace(weights=lift(case.weights), biases=lift(case.biases),
                         mini_batch=[(lift(x), lift(y)) for x, y in case.mini_batch],
                         eta=number(case.eta), lmbda=number(case.lmbda))


def to_json(case: Case) -> dict[str, Any]:
    """The case as it stands in a file; this is also what a Python function is given."""
    content = case._asdict()
    content["mini_batch"] = [{"x": x, "y": y} for x, y in case.mini_batch]
    return content


def cases_content(cases: Sequence[Case]) -> dict[str, Any]:
    """A whole file of cases, as a JSON value."""
    return {"format": CASES_FORMAT, "version": VERSION, "cases": [to_json(case) for case in cases]}


def answers_content(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A whole file of answers, as a JSON value."""
    return {"format": ANSWERS_FORMAT, "version": VERSION, "answers": list(answers)}


# Reading: every fault is a ValueError whose sentence names the file, the case and the field.

def cases_from(content: Any, source: str) -> list[Case]:
    """The cases that the JSON value from a source holds.  Raises ValueError, naming the fault."""
    cases = []
    for k, item in enumerate(_items(content, source, CASES_FORMAT, "cases")):
        place = _place(item, k, source, "case")
        try:
            cases.append(_case(item))
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
    _check_names([case.name for case in cases], source)
    return cases


def answers_from(content: Any, source: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The answers that the JSON value from a source holds, by the name of the case.

    Shapes are not checked here: an answer of the wrong shape is a wrong answer, and no fault of
    the file.  Raises ValueError, naming the fault, for a file without answers, an answer to none
    of the cases with these names, an unknown field, or an entry that is no number.
    """
    items = _items(content, source, ANSWERS_FORMAT, "answers")
    names = frozenset(names)  # a file may have very many answers
    for k, item in enumerate(items):
        place = _place(item, k, source, "answer")
        if item["name"] not in names:
            raise ValueError(f"{place}: there is no case of that name")
        try:
            check_answer(item)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
    _check_names([item["name"] for item in items], source)
    return {item["name"]: item for item in items}


def check_answer(item: dict[str, Any]) -> None:
    """Raise ValueError, naming the field, unless all there is are fields of numbers in lists."""
    for field, value in item.items():
        if field == "name":
            continue
        if field not in FIELDS:
            raise ValueError(f'there is no field "{one_line(field)}" in an answer, only '
                             f'{", ".join(FIELDS)}')
        _check_numbers(field, value)
    if not any(field in item for field in FIELDS):
        raise ValueError(f"it has none of the fields {', '.join(FIELDS)}")


def _check_numbers(name: str, value: Any) -> None:
    if isinstance(value, list):
        for k, v in enumerate(value):
            _check_numbers(f"{name}[{k}]", v)
    elif value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ValueError(f"{name} must be a number or a list of numbers, not {kind_of(value)}")


def kind_of(value: Any) -> str:
    """The type of a value, with its article."""
    name = type(value).__name__
    return {dict: "an object", str: "a string", bool: "a truth value"}.get(
        type(value), f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}")


def _items(content: Any, source: str, name: str, key: str) -> list[dict[str, Any]]:
    if not isinstance(content, dict) or content.get("format") != name:
        raise ValueError(f'{source} must be an object with "format": "{name}"')
    if content.get("version") != VERSION:
        raise ValueError(f'{source}: "version" must be {VERSION}, not '
                         f'{one_line(repr(content.get("version")))}')
    items = content.get(key)
    if not isinstance(items, list) or not items:
        raise ValueError(f'{source}: "{key}" must be a list of at least one')
    return items


def _place(item: Any, k: int, source: str, what: str) -> str:
    """Where we are, for the sentence about a fault: the source and the item's name."""
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise ValueError(f'{source}: {what} {k} must be an object with a "name"')
    return f'{source}, {what} "{one_line(item["name"])}"'


def _check_names(names: list[str], source: str) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise ValueError(f'{source}: the name "{one_line(name)}" stands twice')
        seen.add(name)


def _case(item: dict[str, Any]) -> Case:
    for field in Case._fields:
        if field not in item:
            raise ValueError(f'the field "{field}" is missing')
    for field in item:
        if field not in Case._fields:
            raise ValueError(f'there is no field "{one_line(field)}" in a case')
    sizes, weights, biases = item["sizes"], item["weights"], item["biases"]
    if not isinstance(sizes, list):
        raise ValueError('"sizes" must be a list of whole numbers')
    check_sizes(sizes)
    _check_activations(item)
    check_weights(weights, sizes)
    check_biases(biases, sizes)
    if type(item["n"]) is not int or item["n"] < 1:
        raise ValueError('"n" must be a positive whole number, the size of the training set')
    return Case(
        item["name"], sizes, item["hidden"], item["output"], item["cost"],
        [[floats(row, f"weights[{l}][{j}]") for j, row in enumerate(W)]
         for l, W in enumerate(weights)],
        [floats(b, f"biases[{l}]") for l, b in enumerate(biases)],
        _mini_batch(item["mini_batch"], sizes, item["cost"]),
        *(floats([item[field]], f'"{field}", entry')[0] for field in ("eta", "lmbda")), item["n"])


def _check_activations(item: dict[str, Any]) -> None:
    for field, choices in (("hidden", HIDDEN), ("output", OUTPUTS), ("cost", COSTS)):
        if not isinstance(item[field], str) or item[field] not in choices:
            raise ValueError(f'"{field}" must be one of {", ".join(choices)}')
    check_functions(COSTS[item["cost"]], HIDDEN[item["hidden"]], OUTPUTS[item["output"]])


def _mini_batch(examples: Any, sizes: list[int], cost: str) -> list[tuple[Vector, Vector]]:
    if not isinstance(examples, list) or not examples:
        raise ValueError('"mini_batch" must be a list of at least one example')
    result = []
    for e, example in enumerate(examples):
        name = f"mini_batch[{e}]"
        if not isinstance(example, dict) or set(example) != {"x", "y"}:
            raise ValueError(f'{name} must be an object with an "x" and a "y"')
        x, y = example["x"], example["y"]
        check_length(f"{name}.x", x, sizes[0], "numbers")
        check_length(f"{name}.y", y, sizes[-1], "numbers")
        x, y = floats(x, f"{name}.x"), floats(y, f"{name}.y")
        if cost != "quadratic" and not all(0 <= y_j <= 1 for y_j in y):
            raise ValueError(f"{name}.y must lie between 0 and 1 for the {cost} cost")
        if cost == "log-likelihood" and not math.isclose(total(y), 1, rel_tol=1e-6):
            raise ValueError(f"{name}.y must have the sum 1 for the log-likelihood cost")
        result.append((x, y))
    return result


# The built-in set.  All numbers have few bits, so that float32 has them exactly, too, and so that
# the first layer's weighted inputs are exact: a program that is wrong cannot blame the rounding.

KINDS = (("sigmoid", "quadratic"), ("softmax", "quadratic"), ("sigmoid", "cross-entropy"),
         ("softmax", "log-likelihood"))
HIDDEN_KINDS = ("sigmoid", "relu", "tanh")


def built_in() -> list[Case]:
    """The built-in cases, the simplest first.  They are the same in every process."""
    return _by_hand() + _every_combination() + _saturated() + _relu_at_zero() + _odd_ones()


def _drawn(name: str, sizes: list[int], hidden: str, output: str, cost: str, m: int = 1,
           eta: float = 0.5, lmbda: float = 0.0, n: int = 100, soft: bool = False) -> Case:
    """A case with numbers drawn by a generator that is seeded with the case's name."""
    rng = random.Random(name)

    def sixteenths(most: int) -> float:  # random() alone gives the same on all versions of Python
        return (int(rng.random() * (2 * most + 1)) - most) / 16

    def target() -> Vector:
        if output == "softmax":
            drawn = [int(rng.random() * sizes[-1]) for _ in range(16 if soft else 1)]
            return [drawn.count(j) / len(drawn) for j in range(sizes[-1])]
        return [int(rng.random() * 17) / 16 if soft else float(rng.random() < 0.5)
                for _ in range(sizes[-1])]

    weights = [[[sixteenths(24 if k < 6 else 8) for _ in range(k)] for _ in range(j)]
               for k, j in zip(sizes, sizes[1:])]
    biases = [[sixteenths(12) for _ in range(j)] for j in sizes[1:]]
    batch = [([0.0 if rng.random() < 0.2 else sixteenths(16) for _ in range(sizes[0])], target())
             for _ in range(m)]
    return Case(name, sizes, hidden, output, cost, weights, biases, batch, eta, lmbda, n)


def _by_hand() -> list[Case]:
    one = Case("one neuron, by hand", [1, 1], "sigmoid", "sigmoid", "quadratic",
               [[[2.0]]], [[-2.0]], [([1.0], [1.0])], 1.0, 0.0, 10)
    chain = [[[1.0]], [[2.0]], [[-1.0]]]
    return [
        one,  # z = 0, a = 1/2, C = 1/8, δ = −1/2 · 1/4 = −1/8
        one._replace(name="one neuron, by hand, weight decay", lmbda=5.0),
        one._replace(name="one neuron, by hand, cross-entropy", cost="cross-entropy"),
        one._replace(name="one neuron, target met", mini_batch=[([1.0], [0.5])]),
        one._replace(name="one neuron, two examples",
                     mini_batch=[([1.0], [1.0]), ([0.5], [0.0])]),
        Case("one layer, two neurons", [3, 2], "sigmoid", "sigmoid", "quadratic",
             [[[1.0, 0.5, -0.25], [-1.0, 2.0, 0.75]]], [[0.5, -0.5]],
             [([1.0, 0.0, 0.5], [1.0, 0.0])], 0.5, 0.0, 100),
        Case("one layer, softmax", [2, 3], "sigmoid", "softmax", "log-likelihood",
             [[[1.0, 0.5], [-1.0, 2.0], [0.75, -0.5]]], [[0.5, -0.5, 0.0]],
             [([1.0, 0.5], [0.0, 1.0, 0.0])], 0.5, 0.0, 100),
        Case("a chain of single neurons", [1, 1, 1, 1], "sigmoid", "sigmoid", "quadratic",
             chain, [[0.5], [-1.0], [0.25]], [([0.75], [1.0])], 2.0, 0.0, 50),
    ]


def _every_combination() -> list[Case]:
    cases = []
    for output, cost in KINDS:
        for hidden in HIDDEN_KINDS:
            kind = f"{hidden}, {output}, {cost}"
            cases.append(_drawn(kind, [2, 3, 2], hidden, output, cost))
            cases.append(_drawn(f"{kind}, mini-batch of 3, weight decay", [4, 5, 3, 2], hidden,
                                output, cost, m=3, lmbda=5.0))
    return cases


def _saturated() -> list[Case]:
    def outputs(name: str, output: str, cost: str, z: list[Vector], y: list[Vector],
                **changes: Any) -> Case:
        """No hidden layer, one input for each example of the mini-batch: z is the weights."""
        m = len(z)
        weights = [[[z_e[j] for z_e in z] for j in range(len(y[0]))]]
        batch = [([float(k == e) for k in range(m)], y_e) for e, y_e in enumerate(y)]
        case = Case(name, [m, len(y[0])], "sigmoid", output, cost, weights,
                    [[0.0] * len(y[0])], batch, 0.5, 0.0, 100)
        return case._replace(**changes)

    far = [[40.0, -40.0, 1.0], [-40.0, 40.0, -1.0]]
    near = [[9.0, -9.0, 0.5], [-10.0, 10.0, -0.5]]
    right, wrong = [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    one_hot = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    tails = _drawn("hidden neurons saturated", [2, 3, 2], "tanh", "sigmoid", "quadratic")
    return [
        outputs("output neurons near saturation", "sigmoid", "cross-entropy", near, wrong),
        outputs("saturated and right, cross-entropy", "sigmoid", "cross-entropy", far, right),
        outputs("saturated and wrong, cross-entropy", "sigmoid", "cross-entropy", far, wrong),
        outputs("saturated and wrong, quadratic", "sigmoid", "quadratic", far, wrong),
        outputs("far from 0, sigmoid", "sigmoid", "quadratic",
                [[-1000.0, 2.0], [1000.0, -1.0]], [[1.0, 0.0], [1.0, 0.0]]),
        outputs("saturated, softmax", "softmax", "log-likelihood", far, one_hot),
        outputs("far from 0, softmax", "softmax", "log-likelihood",
                [[1000.0, 999.0, 998.5], [-1000.0, -1001.0, -999.0]], one_hot),
        outputs("apart by 1000, softmax", "softmax", "log-likelihood",
                [[1000.0, 0.0, -2.0], [0.5, 1000.0, 999.0]], one_hot),
        tails._replace(biases=[[20.0, -20.0, 9.0], tails.biases[1]]),
        tails._replace(name="hidden neurons saturated, sigmoid", hidden="sigmoid",
                       biases=[[40.0, -40.0, 12.0], tails.biases[1]]),
        tails._replace(name="hidden neurons far from 0",
                       biases=[[1000.0, -1000.0, 0.5], tails.biases[1]]),
    ]


def _relu_at_zero() -> list[Case]:
    """Weighted inputs that are exactly 0, and neurons and a layer that are dead."""
    edge = Case("ReLU exactly at 0", [2, 3, 2], "relu", "sigmoid", "quadratic",
                [[[1.0, -1.0], [0.5, 0.5], [-2.0, 1.0]],
                 [[1.0, -0.5, 0.75], [-1.0, 0.5, 0.25]]],
                [[0.0, -0.5, 0.5], [0.25, -0.25]], [([0.5, 0.5], [1.0, 0.0])], 0.5, 0.0, 100)
    return [
        edge,  # z = (0, 0, 0)
        edge._replace(name="ReLU exactly at 0, cross-entropy, deeper", sizes=[2, 3, 4, 2],
                      weights=[edge.weights[0],
                               [[1.0, 2.0, -1.0], [0.5, -1.0, 1.0], [1.0, 1.0, 1.0],
                                [-1.0, 1.0, 2.0]],
                               [[1.0, -0.5, 0.75, 0.5], [-1.0, 0.5, 0.25, 1.0]]],
                      biases=[[0.0, -0.5, 0.5], [0.0, 0.5, 0.0, -0.25], [0.25, -0.25]],
                      cost="cross-entropy", lmbda=1.0),
        edge._replace(name="ReLU with dead neurons", biases=[[-4.0, 0.5, -4.0], [0.25, -0.25]],
                      mini_batch=[([0.5, 0.25], [1.0, 0.0]), ([-0.5, 1.0], [0.0, 1.0])]),
        edge._replace(name="ReLU with a dead layer", biases=[[-4.0, -4.0, -4.0], [0.25, -0.25]],
                      lmbda=2.0),
    ]


def _odd_ones() -> list[Case]:
    kind = ("tanh", "sigmoid", "cross-entropy")
    return [
        _drawn("soft targets, cross-entropy", [3, 4, 2], *kind, m=2, soft=True),
        _drawn("soft targets, log-likelihood", [3, 2, 4], "relu", "softmax", "log-likelihood",
               m=2, soft=True),
        _drawn("soft targets, quadratic", [3, 2, 4], "sigmoid", "softmax", "quadratic", soft=True),
        _drawn("input all zeros", [4, 3, 2], *kind)._replace(
            mini_batch=[([0.0] * 4, [1.0, 0.0])]),
        _drawn("square layers", [3, 3, 3, 3], "sigmoid", "sigmoid", "quadratic", m=2, lmbda=0.5),
        _drawn("square layers, ReLU, softmax", [4, 4, 4], "relu", "softmax", "log-likelihood", m=4),
        _drawn("a bottleneck", [5, 1, 4], "tanh", "sigmoid", "quadratic", m=2),
        _drawn("many inputs", [24, 3, 2], "sigmoid", "sigmoid", "cross-entropy", m=2, lmbda=1.0),
        _drawn("many classes", [3, 4, 10], "tanh", "softmax", "log-likelihood", m=2),
        _drawn("mini-batch of 8", [3, 4, 2], "relu", "sigmoid", "cross-entropy", m=8, n=8,
               lmbda=4.0),
        _drawn("large steps, strong weight decay", [2, 4, 3], "sigmoid", "softmax",
               "log-likelihood", m=3, eta=3.0, lmbda=64.0, n=50),
        _drawn("eight layers", [3, 4, 3, 5, 4, 3, 4, 3, 2], "tanh", "sigmoid", "quadratic", m=2,
               lmbda=0.25, n=1000),
    ]
