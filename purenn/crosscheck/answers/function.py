"""Python functions: find one, ask it the cases, take what it returns for answers."""
from __future__ import annotations

import copy
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from purenn.crosscheck.answers.reading import check_answer
from purenn.crosscheck.questions.cases import Case, kind_of, to_json


def function_named(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The function MODULE:FUNCTION, imported as Python would from the current folder.

    Raises ValueError, with the reason, if there is none.
    """
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise ValueError(f"{name!r} is not of the form MODULE:FUNCTION")
    sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module_name)
        for part in function_name.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:
        hint = "; MODULE is written without .py" if module_name.endswith(".py") else ""
        raise ValueError(
            f"{name} cannot be imported: {type(error).__name__}: {error}{hint}") from None
    if not callable(found):
        raise ValueError(f"{name} is not a function, but {kind_of(found)}")
    return found


def plain(value: Any) -> Any:
    """What a function returned as lists and numbers: arrays are asked for their ``tolist()``."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, (int, float, str)) or value is None:
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def declines(error: BaseException, case: Case) -> bool:
    """Whether the error says that the program has no such activation or cost: NotImplementedError,
    or the KeyError of a table that lacks what the case names."""
    return isinstance(error, NotImplementedError) or (
        isinstance(error, KeyError) and error.args
        and error.args[0] in (case.hidden, case.output, case.cost))


def ask(function: Callable[[dict[str, Any]], dict[str, Any]], cases: Sequence[Any],
        as_asked: Callable[[Any], dict[str, Any]] = to_json,
        check: Callable[[dict[str, Any]], None] = check_answer
        ) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """A function's answers to the cases, and for those where it raised an exception, or returned
    what is no answer, the problem."""
    answers: dict[str, dict[str, Any]] = {}
    problems: dict[str, str] = {}
    for case in cases:
        try:
            answer = function(copy.deepcopy(as_asked(case)))
        except (Exception, SystemExit) as error:
            if not declines(error, case):
                problems[case.name] = f"the function raised {type(error).__name__}: {error}"
            continue
        if answer is None:
            continue
        try:
            if not isinstance(answer, dict):
                raise ValueError(f"an answer is a dictionary, not {kind_of(answer)}")
            answer = {field: plain(value) for field, value in answer.items() if field != "name"}
            check(answer)
            answers[case.name] = answer
        except ValueError as error:
            problems[case.name] = f"what the function returned is no answer: {error}"
    return answers, problems
