"""What the command does for cases of several steps and for an epoch of digits."""
from __future__ import annotations

import argparse
import json
from typing import Any

from purenn.crosscheck.answers.function import function_named
from purenn.crosscheck.answers.program import answers_to
from purenn.crosscheck.answers.reading import (
    ANSWERS_FORMAT,
    VERSION,
    check_epoch_answer,
    check_sequence_answer,
)
from purenn.crosscheck.answers.stream import answers_of_file
from purenn.crosscheck.questions.epoch import csv_lines, epoch_case, question
from purenn.crosscheck.questions.sequences import (
    SequenceCase,
    built_in_sequences,
    sequences_content,
    sequences_from,
)
from purenn.crosscheck.several_steps import (
    SequenceReport,
    as_json,
    check_epoch,
    check_sequences,
    judge,
    judge_epoch,
    text,
)
from purenn.crosscheck.truth.sequences import right_answer
from purenn.formats.strict_json import read_json
from purenn.store.files import write_whole
from purenn.terminal.running import say


def main(options: argparse.Namespace, command: list[str] | None) -> int:
    """Do what the arguments say, and return the exit status."""
    if options.action == "digits":
        return write("".join(line + "\n" for line in csv_lines(epoch_case())), options.out)
    cases = built_in_sequences() if options.cases is None \
        else sequences_from(read_json(options.cases), options.cases)
    if options.action == "cases":
        content: Any = question(epoch_case()) if options.epoch else sequences_content(cases)
        return write(json.dumps(content, allow_nan=False) + "\n", options.out)
    if options.action == "answers":
        return write(json.dumps({"format": ANSWERS_FORMAT, "version": VERSION,
                                 "answers": list(map(right_answer, cases))}) + "\n", options.out)
    report = judged(options, command, cases)
    if options.json:
        print(json.dumps(as_json(report), allow_nan=False))
    else:
        say(text(report, options.verbose))
    return 0 if report.ok else 1 if report.answered else 2


def judged(options: argparse.Namespace, command: list[str] | None, cases: list[SequenceCase]
           ) -> SequenceReport:
    """The report on whatever gives the answers."""
    check = check_epoch_answer if options.epoch else check_sequence_answer
    names = [epoch_case().sequence.name] if options.epoch else [case.name for case in cases]
    precision = options.precision or "float64"
    if options.action == "run" and not command:
        function = function_named(options.subject)
        return check_epoch(function, precision) if options.epoch \
            else check_sequences(function, cases, precision)
    if options.action == "check":
        given = answers_of_file(options.subject, names, check)
    else:
        asked = question(epoch_case()) if options.epoch else sequences_content(cases)
        given = answers_to(command or [], json.dumps(asked), names, options.timeout, check)
    problems = dict.fromkeys(set(names) - set(given.answers), "; ".join(given.failures))
    if options.epoch:
        return judge_epoch(given.answers[names[0]], precision)
    return judge(cases, given.answers, precision, problems)


def write(content: str, path: str | None) -> int:
    if path is None:
        print(content, end="")
    else:
        write_whole(path, content)
    return 0
