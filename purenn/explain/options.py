"""The options of python3 -m purenn.explain.

This module is imported for --help, which should come at once: so it needs no more than the parser.
"""
from __future__ import annotations

import argparse

from purenn.terminal.data_options import add_functions
from purenn.terminal.options import file_name, make_parser, number, numbers, whole_number
from purenn.terminal.running import typed

PROG = typed("explain")
DESCRIPTION = """\
Print one complete step of learning on a small network, every number, in the order of the
mathematics: weighted inputs z, activations a, cost, errors delta, gradient, update. Each comes
with its formula in symbols, the same with the numbers put in, and the result; beside the formulas
stand the labels (BP1) to (BP4) and the lines of purenn that compute them.

Without arguments it explains a well-known published example: Matt Mazur, A Step by Step
Backpropagation Example, mattmazur.com, 17 March 2015."""
EXAMPLES = f"""\
  {PROG} | less                     the published example
  {PROG} --digits 4                 with fewer digits, to follow by hand
  {PROG} --list                     the names of the cross-check's cases
  {PROG} --case NAME                one of them
  {PROG} --network net.json --x 0.5,1 --y 1     a step of a network of your own
  {PROG} --cases FILE --case NAME   a case of your own
  {PROG} --exact                    in fractions, or in fifty digits
  {PROG} --markdown > step.md       for notes: Markdown, formulas in LaTeX

{typed("crosscheck")} cases prints the built-in cases; a file of your own looks the same."""

DIGITS, EXACT_DIGITS, MOST_DIGITS = 9, 20, 50
LIMIT = 800  # results; every built-in case has fewer


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(PROG, DESCRIPTION, EXAMPLES)
    parser.add_argument("--case", metavar="NAME",
                        help="explain this case of the cross-check's built-in set, or of --cases")
    parser.add_argument("--cases", metavar="FILE",
                        help="take the case from this file of cases (JSON)")
    trained = parser.add_argument_group("a step of a trained network, of any program")
    trained.add_argument("--network", metavar="FILE", type=file_name,
                         help="explain a step of the network in this file: JSON, safetensors, .npz")
    trained.add_argument("--x", metavar="N,N,...", type=numbers,
                         help="the network's input; --x=-1,2 if it begins with a minus sign")
    trained.add_argument("--y", metavar="TARGET",
                         help="the target: a class by its name or number, or numbers")
    trained.add_argument("--eta", metavar="F", type=number(0, above=True), default=0.5,
                         help="the learning rate (default: %(default)s)")
    add_functions(parser)
    parser.add_argument("--list", action="store_true",
                        help="list the names of the cases there are, with their networks")
    parser.add_argument("--exact", action="store_true",
                        help="compute in fractions where sums and products are all there is "
                        "(identity or ReLU, quadratic cost), else in fifty digits")
    parser.add_argument("--digits", metavar="N", type=whole_number(1),
                        help=f"how many decimals are shown (default: {DIGITS}; with --exact "
                        f"{EXACT_DIGITS}; at most {MOST_DIGITS})")
    parser.add_argument("--markdown", action="store_true",
                        help="write Markdown with formulas in LaTeX, for notes")
    parser.add_argument("--limit", metavar="N", type=whole_number(1), default=LIMIT,
                        help="refuse a case with more results than this (default: %(default)s)")
    return parser
