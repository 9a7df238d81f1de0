"""Answers as JSON values: what a file of them holds, checked.

An answer is a dictionary of the fields that a case's answer may have.  Every fault is a ValueError
whose sentence names the source, the case and the field.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from purenn.crosscheck.questions.cases import (
    FIELDS,
    VERSION,
    check_names,
    items_of,
    kind_of,
    place_of,
)
from purenn.crosscheck.questions.epoch import AFTER, EPOCH_FIELDS
from purenn.crosscheck.questions.sequences import SEQUENCE_FIELDS
from purenn.terminal.running import short

ANSWERS_FORMAT = "purenn-answers"

#: raises ValueError, naming the field, for what cannot be an answer
Check = Callable[[dict[str, Any]], None]

#: what a file may have beside an answer's fields; the tolerances are for tests in other languages
NOTES = ("name", "tolerances")


def answers_content(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A whole file of answers, as a JSON value."""
    return {"format": ANSWERS_FORMAT, "version": VERSION, "answers": list(answers)}


def answers_from(content: Any, source: str, names: Sequence[str],
                 check: Check | None = None) -> dict[str, dict[str, Any]]:
    """The answers that the JSON value from a source holds, by the name of the case.

    Shapes are not checked here: an answer of the wrong shape is a wrong answer, and no fault of
    the file.  Raises ValueError, naming the fault, for a file without answers, an answer to none
    of the cases with these names, an unknown field, or an entry that is no number.
    """
    items = items_of(content, source, ANSWERS_FORMAT, "answers")
    known = frozenset(names)  # a file may have very many answers
    for k, item in enumerate(items):
        place = place_of(item, k, source, "answer")
        if item["name"] not in known:
            raise ValueError(f"{place}: there is no case of that name")
        try:
            (check or check_answer)(item)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
    check_names([item["name"] for item in items], source)
    return {item["name"]: item for item in items}


def check_answer(item: dict[str, Any]) -> None:
    """Raise ValueError, naming the field, unless all there is are fields of numbers in lists."""
    _check_fields(item, FIELDS, "an answer")
    for field in FIELDS:
        _check_numbers(field, item.get(field))


def check_sequence_answer(item: dict[str, Any]) -> None:
    """Raise ValueError, naming the field, unless all there is are fields of a sequence's answer."""
    _check_fields(item, SEQUENCE_FIELDS, "an answer to a sequence")
    steps = item.get("steps", [])
    if not isinstance(steps, list):
        raise ValueError(f"steps must be a list, not {kind_of(steps)}")
    for t, given in enumerate(steps):
        _check_step(f"steps[{t}]", given)
    for field in SEQUENCE_FIELDS[1:]:
        _check_numbers(field, item.get(field))


def check_epoch_answer(item: dict[str, Any]) -> None:
    """Raise ValueError, naming the field, unless it is an answer to the epoch of digits."""
    _check_fields(item, EPOCH_FIELDS, "an answer to the epoch of digits")
    after = item.get("after", [])
    if not isinstance(after, list) or len(after) > len(AFTER):
        raise ValueError(f"after must be a list of the networks after {', '.join(map(str, AFTER))} "
                         "mini-batches")
    for k, given in enumerate(after):
        _check_step(f"after[{k}]", given)
    _check_numbers("correct", item.get("correct"))


def _check_fields(item: dict[str, Any], fields: Sequence[str], what: str) -> None:
    """Some of these fields are there, and no others."""
    for field in item:
        if field not in fields and field not in NOTES:
            raise ValueError(f'there is no field "{short(field)}" in {what}, only '
                             f'{", ".join(fields)}')
    if not any(field in item for field in fields):
        raise ValueError(f"it has none of the fields {', '.join(fields)}")


#: what is asked for, and what holds an answer to it
ONE_STEP, SEQUENCE, EPOCH = "one step", "a sequence", "an epoch"
CHECKS: dict[str, Check] = {ONE_STEP: check_answer, SEQUENCE: check_sequence_answer,
                            EPOCH: check_epoch_answer}


def _check_step(name: str, value: Any) -> None:
    """A step is null, or an object with weights and biases."""
    if value is None:
        return
    if not isinstance(value, dict) or set(value) - {"new_weights", "new_biases"}:
        raise ValueError(f"{name} must be null or an object with new_weights and new_biases")
    for field, numbers in value.items():
        _check_numbers(f"{name}.{field}", numbers)


def _check_numbers(name: str, value: Any) -> None:
    if isinstance(value, list):
        for k, v in enumerate(value):
            _check_numbers(f"{name}[{k}]", v)
    elif value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ValueError(f"{name} must be a number or a list of numbers, not {kind_of(value)}")


def as_floats(value: Any) -> Any:
    """Nested lists and dictionaries of numbers with floats for numbers; null becomes NaN."""
    if isinstance(value, dict):
        return {key: as_floats(v) for key, v in value.items() if key not in NOTES}
    if isinstance(value, list):
        return [as_floats(v) for v in value]
    try:
        return math.nan if value is None else float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf if value > 0 else -math.inf


def differ(first: Any, second: Any) -> bool:
    """Whether two answers to one case are not the same to the last bit, NaN being itself."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() != second.keys() or any(
            differ(v, second[field]) for field, v in first.items())
    if isinstance(first, list) and isinstance(second, list):
        return len(first) != len(second) or any(map(differ, first, second))
    return first != second and not (first != first and second != second)


def kept_between_calls(name: str) -> str:
    """What to say of a program that answers a case otherwise when it is asked again."""
    return (f'case "{name}" was answered otherwise when it was asked again, after all the others. '
            "why: the program keeps something from one case to the next, such as gradients that "
            "are not reset, weights that it has stepped, or a random number. Set up everything "
            "anew for each case.")
