"""A process that asks a Python function: whatever the function does, the command goes on.

It reads cases from standard input and prints a line for each: its answer, its problem, or nothing.
What the function itself prints goes to standard error.
"""
from __future__ import annotations

import json
import os
import sys
from typing import Any

from purenn.crosscheck.answers.function import ask, function_named, state_kept
from purenn.crosscheck.answers.reading import CHECKS


def main(name: str, kind: str) -> None:
    """Ask the function MODULE:FUNCTION what is asked for that kind of answer."""
    questions, check = json.load(sys.stdin), CHECKS[kind]
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)

    def tell(**line: Any) -> None:
        print(json.dumps(line), file=out, flush=True)

    try:
        function = function_named(name)
    except ValueError as fault:
        tell(fault=str(fault))
        return
    answers: dict[str, Any] = {}
    for question in questions:
        answered, problems = ask(function, [question], check)
        answers.update(answered)
        tell(**{"answer": answered[question["name"]]} if answered else
             {"problem": problems[question["name"]]} if problems else {})
    for sentence in state_kept(function, questions, answers, check):
        tell(kept=sentence)
