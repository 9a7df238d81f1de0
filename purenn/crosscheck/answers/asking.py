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
from purenn.crosscheck.questions.cases import cases_from


def main(name: str) -> None:
    """Ask the function MODULE:FUNCTION."""
    cases = cases_from(json.load(sys.stdin), "standard input")
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
    for case in cases:
        answered, problems = ask(function, [case])
        answers.update(answered)
        tell(**{"answer": answered[case.name]} if answered else
             {"problem": problems[case.name]} if problems else {})
    for sentence in state_kept(function, cases, answers):
        tell(kept=sentence)
