"""The options of python3 -m purenn.crosscheck.

This module is imported for --help, which should come at once: so it needs no more than the parser.
"""
from __future__ import annotations

import argparse

from purenn.crosscheck.starting import PROGRAMS
from purenn.terminal.data_options import add_functions
from purenn.terminal.options import file_name, make_parser, number
from purenn.terminal.running import typed

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

PRECISIONS = ("float64", "float32")
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
    result.add_argument("--precision", choices=PRECISIONS,
                        help="what the program computes in (default: float64; model: that of the "
                        "outputs)")
    result.add_argument("--convention", action="append", default=[], metavar="NAME",
                        help="what the program does otherwise, and rightly so; may be repeated: "
                        "the conventions and layouts that \"mistakes\" lists last")
    result.add_argument("--timeout", type=number(0, above=True), default=60.0, metavar="SECONDS",
                        help="run: how long the program may take, or the function for "
                        "each case (default: 60)")
    result.add_argument("--inputs", type=file_name, metavar="FILE",
                        help="model: rows of numbers that the network was given")
    result.add_argument("--outputs", type=file_name, metavar="FILE",
                        help="model: what the library computed for them, row by row")
    add_functions(result)
    result.add_argument("--json", action="store_true", help="print the report for machines")
    result.add_argument("--verbose", action="store_true", help="tell of every field of every case")
    return result


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
