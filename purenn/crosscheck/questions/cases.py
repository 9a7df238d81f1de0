"""The questions: networks with an example or a few, as a value and as a file.

A case is all that is needed for one step of learning: a network, a mini-batch, and how to learn
from it.  Files of cases and of answers are JSON; README.md beside this file describes them for
people who write in other languages.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from purenn import checks
from purenn.activations import HIDDEN, OUTPUTS
from purenn.checks import (
    check_biases,
    check_functions,
    check_length,
    check_sizes,
    check_weights,
)
from purenn.costs import COSTS
from purenn.formats.strict_json import floats, is_version
from purenn.linalg import Matrix, Number, Vector, total
from purenn.terminal.running import short

#: files are written in this version, and read in these: README.md says what has changed
CASES_FORMAT, VERSION, READ = "purenn-cases", 2, (1, 2)

#: what a file says of a case beside the question itself, for people: nothing depends on it
NOTES = ("profile", "why")

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


class Profile(NamedTuple):
    """What a program may be confined to."""

    hidden: str
    output: str
    cost: str
    #: whether the mini-batch has several examples
    several: bool

    def __str__(self) -> str:
        return f"{self.kind}, {'several examples' if self.several else 'one example'}"

    @property
    def kind(self) -> str:
        """The first words of the names of its cases."""
        return f"{self.hidden}, {self.output}, {self.cost}"


def profile_of(case: Case) -> Profile:
    """The profile that a case belongs to."""
    return Profile(case.hidden, case.output, case.cost, len(case.mini_batch) > 1)


def with_numbers(case: Case, number: Callable[[float], Number]) -> Case:
    """The case with every number made into another kind (n stays an int)."""
    def lift(value: Any) -> Any:
        return [lift(v) for v in value] if isinstance(value, (list, tuple)) else number(value)
    return case._replace(weights=lift(case.weights), biases=lift(case.biases),
                         mini_batch=[(lift(x), lift(y)) for x, y in case.mini_batch],
                         eta=number(case.eta), lmbda=number(case.lmbda))


def to_json(case: Case) -> dict[str, Any]:
    """The case as it stands in a file; this is also what a Python function is given."""
    content = case._asdict()
    content["mini_batch"] = [{"x": x, "y": y} for x, y in case.mini_batch]
    return content


def cases_content(cases: Sequence[Case], why: Mapping[str, list[str]] | None = None
                  ) -> dict[str, Any]:
    """A whole file of cases, as a JSON value; why a case is there, by its name, where known."""
    notes = {name: {"why": entries} for name, entries in (why or {}).items()}
    return {"format": CASES_FORMAT, "version": VERSION,
            "cases": [{**to_json(case), "profile": str(profile_of(case)),
                       **notes.get(case.name, {})} for case in cases]}


def cases_plain(cases: Sequence[Case]) -> str:
    """The cases as text with a token in each line, to be read without a JSON library.

    Each field's name is followed by its value; ``sizes`` and ``mini_batch`` begin with how many
    there are.  Raises ValueError for a name that is not one line.
    """
    lines: list[Any] = [CASES_FORMAT, VERSION]
    for case in cases:
        if [case.name] != case.name.splitlines():
            raise ValueError(f'the case "{short(case.name)}" cannot stand in plain text, where a '
                             "name is one line")
        for field, value in to_json(case).items():
            lines.append(field)
            if field in ("sizes", "mini_batch"):
                lines.append(len(value))
            lines.extend(_tokens(value))
    return "".join(f"{line}\n" for line in lines)


def _tokens(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for v in value:
            yield from _tokens(v)
    elif isinstance(value, dict):
        for key, v in value.items():
            yield key
            yield from _tokens(v)
    else:
        yield value


# Reading: every fault is a ValueError whose sentence names the file, the case and the field.

def cases_from(content: Any, source: str) -> list[Case]:
    """The cases that the JSON value from a source holds.  Raises ValueError, naming the fault."""
    return read_cases(content, source, CASES_FORMAT, case_of)


def read_cases(content: Any, source: str, form: str, read: Callable[[dict[str, Any]], Any]
               ) -> list[Any]:
    """The cases of a file of that format, each as ``read`` reads it."""
    cases = []
    for k, item in enumerate(items_of(content, source, form, "cases")):
        place = place_of(item, k, source, "case")
        try:
            cases.append(read(item))
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
    check_names([case.name for case in cases], source)
    return cases


def kind_of(value: Any) -> str:
    """The type of a JSON value, with its article and by the name it has there."""
    return {dict: "an object", str: "a string", bool: "a truth value"}.get(
        type(value)) or checks.kind_of(value)


def items_of(content: Any, source: str, name: str, key: str) -> list[dict[str, Any]]:
    if not isinstance(content, dict) or content.get("format") != name:
        raise ValueError(f'{source} must be an object with "format": "{name}"')
    if not any(is_version(content.get("version"), version) for version in READ):
        raise ValueError(f'{source}: "version" must be {" or ".join(map(str, READ))}, not '
                         f'{short(repr(content.get("version")))}')
    items = content.get(key)
    if not isinstance(items, list) or not items:
        raise ValueError(f'{source}: "{key}" must be a list of at least one')
    return items


def place_of(item: Any, k: int, source: str, what: str) -> str:
    """Where we are, for the sentence about a fault: the source and the item's name."""
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise ValueError(f'{source}: {what} {k} must be an object with a "name"')
    return f'{source}, {what} "{short(item["name"])}"'


def check_names(names: list[str], source: str) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise ValueError(f'{source}: the name "{short(name)}" stands twice')
        seen.add(name)


def case_of(item: dict[str, Any]) -> Case:
    """The case that an object of a file describes.  Raises ValueError, naming the field."""
    for field in Case._fields:
        if field not in item:
            raise ValueError(f'the field "{field}" is missing')
    for field in item:
        if field not in Case._fields + NOTES:
            raise ValueError(f'there is no field "{short(field)}" in a case')
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
        floats([item["eta"]], '"eta", entry')[0], floats([item["lmbda"]], '"lmbda", entry')[0],
        item["n"])


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
        check_length(f"{name}.x", x, sizes[0], "number")
        check_length(f"{name}.y", y, sizes[-1], "number")
        x, y = floats(x, f"{name}.x"), floats(y, f"{name}.y")
        if cost != "quadratic" and not all(0 <= y_j <= 1 for y_j in y):
            raise ValueError(f"{name}.y must lie between 0 and 1 for the {cost} cost")
        if cost == "log-likelihood" and not math.isclose(total(y), 1, rel_tol=1e-6):
            raise ValueError(f"{name}.y must have the sum 1 for the log-likelihood cost")
        result.append((x, y))
    return result
