"""What python3 -m purenn.crosscheck does, action by action."""
from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from purenn.crosscheck import model, several_command
from purenn.crosscheck.answers.layouts import LAYOUTS
from purenn.crosscheck.answers.program import answers_of_function, answers_of_program
from purenn.crosscheck.answers.stream import answers_of_file
from purenn.crosscheck.catalogue.entries import CONVENTIONS, GROUPS, MISTAKES
from purenn.crosscheck.judge import Report, conventions_named, judge
from purenn.crosscheck.questions.cases import (
    Case,
    cases_content,
    cases_from,
    cases_plain,
    to_json,
)
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.questions.described import chosen
from purenn.crosscheck.report import as_json, place, text, wrapped
from purenn.crosscheck.starting import program_to_begin_with
from purenn.crosscheck.vectors.contents import (
    answers_with_tolerances,
    as_document,
    known_reasons,
)
from purenn.formats.strict_json import read_json
from purenn.store import networks
from purenn.store.files import write_or_print
from purenn.terminal.running import one_line, say


def session(options: argparse.Namespace, command: list[str] | None) -> int:
    """Do what the arguments say, and return the exit status."""
    conventions, layouts = conventions_named(options.convention)
    if options.sequences or options.epoch or options.action == "digits":
        return several_command.main(options, command)
    if options.action == "model":
        return judge_of_model(options)
    if options.action == "start":
        write_or_print(program_to_begin_with(options.subject), options.out)
        return 0
    if options.action == "mistakes":
        print_catalogue(options.json)
        return 0
    cases = built_in() if options.cases is None \
        else cases_from(read_json(options.cases), options.cases)
    if options.only:
        cases = chosen(cases, options.only)
    if options.action == "cases":
        write_or_print(cases_plain(cases) if options.plain else as_document(
            cases_content(cases, known_reasons(cases))), options.out)
        return 0
    if options.action == "answers":
        write_or_print(as_document(answers_with_tolerances(cases)), options.out)
        return 0
    report = judged(options, command, cases, conventions, layouts)
    if options.json:
        print(json.dumps(as_json(report), allow_nan=False))
    else:
        say(text(report, options.verbose))
    return 0 if report.ok else 1 if report.answered else 2


def judged(options: argparse.Namespace, command: list[str] | None, cases: Sequence[Case],
           conventions: Sequence[Any], layouts: Sequence[str]) -> Report:
    """The report on whatever gives the answers."""
    problems: dict[str, str] = {}
    if options.action == "check":
        given = answers_of_file(options.subject, [case.name for case in cases])
    elif command:
        asked = [*cases, cases[0]]  # the first again, to see whether its answer is the same
        question = cases_plain(asked) if options.plain else json.dumps(cases_content(asked))
        given = answers_of_program(command, question, [case.name for case in cases],
                                   options.timeout)
    else:
        given, problems = answers_of_function(options.subject, list(map(to_json, cases)),
                                              options.timeout)
    return judge(cases, given.answers, options.precision or "float64", conventions, problems,
                 layouts, given.failures, given.notes)


def judge_of_model(options: argparse.Namespace) -> int:
    """Judge a trained network's outputs, and return the exit status."""
    stored = networks.load_stored(options.subject, options.hidden, options.output)
    report = model.judge_model(stored, options.inputs, options.outputs, options.precision)
    if options.json:
        print(json.dumps(model.as_json(report)))
    else:
        say(model.text(report, one_line(options.subject)))
    return 0 if report.ok else 1


def print_catalogue(for_machines: bool) -> None:
    """The catalogue by what the entries act in, in the order of the computation."""
    if for_machines:
        print(json.dumps([{"id": entry.id, "sentence": entry.sentence, "instead": entry.instead,
                           "group": group, "blocks": entry.blocks, "see": place(entry.see),
                           "convention": entry.convention}
                          for group, entries in GROUPS for entry in entries]))
        return
    say(f"{len(MISTAKES)} mistakes and {len(CONVENTIONS)} conventions; in each group the "
        "commonest come first.\n")
    for group, entries in GROUPS:
        say(f"{group}: {len(entries)}\n")
        for entry in entries:
            say("\n".join(wrapped(f"  {entry.id:29} ",
                                  f"{entry.sentence}. See {place(entry.see)}.")))
        say("")
    say(f"Layouts, the same numbers in other lists: {len(LAYOUTS)}\n")
    for layout in LAYOUTS.values():
        say("\n".join(wrapped(f"  {layout.id:29} ", f"{layout.sentence}.")))
