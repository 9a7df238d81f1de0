"""Python functions: find one, ask it the cases, take what it returns for answers."""
from __future__ import annotations

import copy
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from decimal import localcontext
from typing import Any

from purenn.crosscheck.answers.reading import Check, check_answer, differ, kept_between_calls
from purenn.crosscheck.questions.cases import kind_of
from purenn.formats.strict_json import MAX_DEPTH
from purenn.terminal.running import one_line


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


def plain(value: Any, depth: int = 0) -> Any:
    """What a function returned as lists and numbers: arrays are asked for their ``tolist()``.

    Raises ValueError for lists deeper than any answer, as those are that contain themselves.
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"its lists are nested more than {MAX_DEPTH} deep")
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {field: plain(v, depth + 1) for field, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v, depth + 1) for v in value]
    if isinstance(value, (int, float, str)) or value is None:
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def declines(error: BaseException, kind: Sequence[Any]) -> bool:
    """Whether the error says that the program has no such activation or cost: NotImplementedError,
    or the KeyError of a table that lacks what the case names."""
    return isinstance(error, NotImplementedError) or (
        isinstance(error, KeyError) and bool(error.args)
        and isinstance(error.args[0], str) and error.args[0] in kind)


def ask(function: Callable[[dict[str, Any]], dict[str, Any]],
        questions: Sequence[dict[str, Any]], check: Check = check_answer
        ) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """A function's answers to the cases, as they stand in a file, and for those where it raised an
    exception, or returned what is no answer, the problem; both by name."""
    answers: dict[str, dict[str, Any]] = {}
    problems: dict[str, str] = {}
    for question in questions:
        try:
            answers[question["name"]] = _answer(function, copy.deepcopy(question), check)
        except NotAnswered:
            pass
        except ValueError as problem:
            problems[question["name"]] = str(problem)
    return answers, problems


class NotAnswered(Exception):
    """The function leaves the case out."""


def _answer(function: Callable[[dict[str, Any]], Any], question: dict[str, Any],
            check: Check) -> dict[str, Any]:
    """The answer in plain lists, whatever the function does.

    Raises NotAnswered if it leaves the case out, and ValueError with what is wrong otherwise.
    """
    kind = [question.get(field) for field in ("hidden", "output", "cost")]
    with localcontext():  # what it does to the decimal context is undone
        try:
            answer = function(question)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # GeneratorExit and SystemExit, too
            if declines(error, kind):
                raise NotAnswered from None
            raise ValueError(f"the function raised {_said(error)}{_place_of(error)}"
                             f"{_other_question(error, question)}") from None
        if answer is None:
            raise NotAnswered
        try:
            if not isinstance(answer, dict):
                raise ValueError(f"an answer is a dictionary, not {kind_of(answer)}")
            answer = {field: plain(value) for field, value in answer.items() if field != "name"}
            odd = next((field for field in answer if not isinstance(field, str)), None)
            if odd is not None:
                raise ValueError(f"its keys are the names of fields, not {kind_of(odd)}")
            check(answer)
            return answer
        except KeyboardInterrupt:
            raise
        except ValueError as error:
            raise ValueError(f"what the function returned is no answer: {one_line(str(error))}"
                             ) from None
        except BaseException as error:  # a tolist() or __float__ may do anything
            raise ValueError(f"what the function returned cannot be read: {_said(error)}"
                             ) from None


def _said(error: BaseException) -> str:
    """The kind of an exception and its text, if it has one that can be had, on one line."""
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be had)"
    return one_line(f"{type(error).__name__}: {text}")


def _place_of(error: BaseException) -> str:
    """The line of the program's own file in which the exception was raised, or passed on by what
    it calls; "" if the function was not even entered."""
    lines = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(
        error.__traceback__)][1:]  # the first is the line that calls the function
    own = [line for file, line in lines if file == lines[0][0]]
    return f" ({os.path.basename(lines[0][0])}, line {own[-1]})" if own else ""


def _other_question(error: BaseException, question: dict[str, Any]) -> str:
    """What to say to a function that looks for a field of the other kind of case."""
    field = error.args[0] if isinstance(error, KeyError) and error.args else None
    if field == "mini_batch" and "examples" in question:
        return '; a case of several steps has "examples": for single steps leave out --sequences'
    if field in ("examples", "mini_batch_sizes", "epochs") and "mini_batch" in question:
        return '; only cases of several steps have that field: run --sequences'
    return ""


def state_kept(function: Callable[[dict[str, Any]], Any], questions: Sequence[dict[str, Any]],
               answers: dict[str, dict[str, Any]], check: Check = check_answer) -> list[str]:
    """A sentence if the first case that was answered is answered otherwise when it is asked again,
    after all the others; else none."""
    for question in [question for question in questions if question["name"] in answers][:1]:
        name = question["name"]
        again, problems = ask(function, [question], check)
        if problems or differ(answers[name], again.get(name)):
            return [kept_between_calls(name)]
    return []
