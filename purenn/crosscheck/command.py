"""The command: ``python3 -m purenn.crosscheck``."""
from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from purenn.crosscheck import model, several_command
from purenn.crosscheck.answers.layouts import LAYOUTS
from purenn.crosscheck.answers.program import answers_of_function, answers_of_program, split_command
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
from purenn.crosscheck.starting import PROGRAMS, program_to_begin_with
from purenn.crosscheck.truth.reference import PRECISIONS
from purenn.crosscheck.vectors.contents import (
    answers_with_tolerances,
    as_document,
    known_reasons,
)
from purenn.formats.strict_json import read_json
from purenn.store import networks
from purenn.store.files import write_or_print
from purenn.terminal import datasets
from purenn.terminal.options import file_name, make_parser, number
from purenn.terminal.running import one_line, say, typed

PROG = typed("crosscheck")
DESCRIPTION = f"""\
Is a network right? Give the same questions to your program, in whatever language, and to the
reference, and compare the answers: activations, costs, gradients, one step of learning. Where
something is wrong, a catalogue of mistakes is searched for the one that gives your numbers.

  cases             write the questions, as JSON
  answers           write the right answers, with the tolerance of each number
  check FILE        compare a file of answers
  run -- COMMAND    start a program, which reads the questions from its standard input and prints
                    its answers, and compare them
  run MODULE:FUNC   call a Python function with one question at a time
  model FILE        are the outputs right that a library computed with a trained network? Takes the
                    network (safetensors, .npz, JSON), --inputs and --outputs (.npy, .npz, CSV)
  digits            write an epoch of real digits, with initial weights, as CSV (run --epoch)
  mistakes          list the catalogue
  start NAME        print a program to begin with, with the place marked where your own code goes:
                    {', '.join(PROGRAMS)}

purenn/crosscheck/README.md describes the files, with programs to begin with in several languages.
Exit status: 0 if everything given is right, 1 if something is wrong, 2 if it could not be read
or nothing was answered."""
EXAMPLES = f"""\
  {PROG} cases --out cases.json
  {PROG} check answers.json
  {PROG} run --timeout 10 -- ./a.out
  {PROG} start numpy --out nielsen_numpy.py
  {PROG} run nielsen_numpy:step
  {PROG} run --sequences my_network:train
  {PROG} run --precision float32 --convention no-half -- node network.js
  {PROG} model net.safetensors --hidden relu --output softmax --inputs x.npy --outputs y.npy"""


ACTIONS = ("cases", "answers", "check", "run", "model", "start", "digits", "mistakes")
#: the actions that can use an option
GOES_WITH = {"out": ("cases", "answers", "start", "digits"), "plain": ("cases", "run"),
             "sequences": ("cases", "answers", "check", "run"), "epoch": ("cases", "check", "run")}


def parser() -> argparse.ArgumentParser:
    result = make_parser(PROG, DESCRIPTION, EXAMPLES)
    result.add_argument("action", metavar="ACTION", choices=ACTIONS,
                        help=f"{', '.join(ACTIONS[:-1])} or {ACTIONS[-1]}")
    result.add_argument("subject", nargs="?", metavar="SUBJECT",
                        help="check: the file of answers; run: MODULE:FUNCTION; model: the "
                        "network; start: NAME")
    result.add_argument("--out", type=file_name, metavar="FILE",
                        help="cases, answers, start: write to a file instead of standard output")
    result.add_argument("--cases", type=file_name, metavar="FILE",
                        help="use the cases of this file instead of the built-in ones")
    result.add_argument("--only", action="append", default=[], metavar="TEXT",
                        help='use the cases that are this: relu, "one example", "mini-batch of 3", '
                        '"lmbda 0", "one hidden layer", "without biases", 2-3-1 …; may be repeated')
    several = result.add_mutually_exclusive_group()
    several.add_argument("--sequences", action="store_true",
                         help="the cases of several steps, which show what a program keeps between "
                         "its steps")
    several.add_argument("--epoch", action="store_true",
                         help="cases, check, run: an epoch of real digits, for a training loop")
    result.add_argument("--plain", action="store_true",
                        help="cases, run: as text, a token in each line, to be read without JSON")
    result.add_argument("--precision", choices=tuple(PRECISIONS),
                        help="what the program computes in (default: float64; model: that of the "
                        "outputs)")
    result.add_argument("--convention", action="append", default=[], metavar="NAME",
                        help="what the program does otherwise, and rightly so; may be repeated: "
                        + ", ".join([*(convention.id for convention in CONVENTIONS), *LAYOUTS]))
    result.add_argument("--timeout", type=number(0, above=True), default=60.0, metavar="SECONDS",
                        help="run: how long the program may take, or the function for "
                        "each case (default: 60)")
    result.add_argument("--inputs", type=file_name, metavar="FILE",
                        help="model: rows of numbers that the network was given")
    result.add_argument("--outputs", type=file_name, metavar="FILE",
                        help="model: what the library computed for them, row by row")
    datasets.add_functions(result)
    result.add_argument("--json", action="store_true", help="print the report for machines")
    result.add_argument("--verbose", action="store_true", help="tell of every field of every case")
    return result


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say, and return the exit status."""
    before, command = split_command(sys.argv[1:] if arguments is None else list(arguments))
    options = parser().parse_intermixed_args(before)
    check_arguments(options, command)
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


def check_arguments(options: argparse.Namespace, command: list[str] | None) -> None:
    """Raise ValueError unless the action has what it needs, and nothing that it cannot use."""
    action, subject = options.action, options.subject
    if command is not None and action != "run":
        raise ValueError(f'only "run" takes a command after "--", not "{action}"')
    if action == "check" and subject is None:
        raise ValueError("the file of answers is missing: check ANSWERS.json")
    if action == "run" and (subject is None) == (not command):
        raise ValueError("what is to be run? Either run -- COMMAND or run MODULE:FUNCTION")
    if action == "model" and None in (subject, options.inputs, options.outputs):
        raise ValueError("model needs the network and both files: model FILE --inputs X "
                         "--outputs Y")
    if action == "start" and subject is None:
        raise ValueError("the name of the program is missing: start "
                         + ", ".join(PROGRAMS))
    if subject is not None and action not in ("check", "run", "model", "start"):
        raise ValueError(f'"{action}" does not know what to do with {subject!r}')
    for option, actions in GOES_WITH.items():
        if getattr(options, option) and action not in actions:
            raise ValueError(f'--{option} does not go with "{action}", only with '
                             f"{' and '.join(actions)}")
    if options.plain and action == "run" and not command:
        raise ValueError("--plain is for programs, run --plain -- COMMAND; a function is given a "
                         "dictionary")
    if options.plain and (options.sequences or options.epoch):
        raise ValueError("only cases of one step are written as plain text")


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
