"""What the command does for cases of several steps and for an epoch of digits."""
from __future__ import annotations

import argparse
import json

from purenn.crosscheck.answers.program import answers_of_function, answers_of_program
from purenn.crosscheck.answers.reading import CHECKS, EPOCH, SEQUENCE
from purenn.crosscheck.answers.stream import answers_of_file
from purenn.crosscheck.questions.epoch import csv_lines, epoch_case, epoch_content, question
from purenn.crosscheck.questions.sequences import (
    SequenceCase,
    built_in_sequences,
    sequences_content,
    sequences_from,
    to_json,
)
from purenn.crosscheck.several_steps import SequenceReport, as_json, judge, judge_epoch, text
from purenn.crosscheck.vectors.contents import as_document, sequence_answers
from purenn.formats.strict_json import read_json
from purenn.store.files import write_or_print
from purenn.terminal.running import say


def main(options: argparse.Namespace, command: list[str] | None) -> int:
    """Do what the arguments say, and return the exit status."""
    if options.action == "digits":
        write_or_print("".join(line + "\n" for line in csv_lines(epoch_case())), options.out)
        return 0
    cases = built_in_sequences() if options.cases is None \
        else sequences_from(read_json(options.cases), options.cases)
    if options.action == "cases":
        write_or_print(as_document(epoch_content() if options.epoch else sequences_content(cases)),
                       options.out)
        return 0
    if options.action == "answers":
        write_or_print(as_document(sequence_answers(cases)), options.out)
        return 0
    report = judged(options, command, cases)
    if options.json:
        print(json.dumps(as_json(report), allow_nan=False))
    else:
        say(text(report, options.verbose))
    return 0 if report.ok else 1 if report.answered else 2


def judged(options: argparse.Namespace, command: list[str] | None, cases: list[SequenceCase]
           ) -> SequenceReport:
    """The report on whatever gives the answers."""
    kind = EPOCH if options.epoch else SEQUENCE
    questions = [question(epoch_case())] if options.epoch else list(map(to_json, cases))
    names = [asked["name"] for asked in questions]
    problems: dict[str, str] = {}
    if options.action == "check":
        given = answers_of_file(options.subject, names, CHECKS[kind])
    elif command:
        asked = epoch_content() if options.epoch else sequences_content([*cases, cases[0]])
        given = answers_of_program(command, json.dumps(asked), names, options.timeout, kind)
    else:
        given, problems = answers_of_function(options.subject, questions, options.timeout, kind)
    precision = options.precision or "float64"
    report = judge(cases, given.answers, precision, problems) if not options.epoch else judge_epoch(
        given.answers.get(names[0]), precision, problems.get(names[0], ""))
    return report._replace(failures=given.failures, notes=given.notes)
