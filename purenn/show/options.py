"""The options of python3 -m purenn.show.

This module is imported for --help, which should come at once: so it needs no more than the parser.
"""
from __future__ import annotations

from argparse import ArgumentParser

from purenn.terminal.data_options import (
    MNIST_FILE,
    MNIST_PIXELS,
    PARTS,
    SMALL_PIXELS,
    add_data,
    add_functions,
)
from purenn.terminal.options import file_name, make_parser, whole_number
from purenn.terminal.running import typed

PROG = typed("show")
EXAMPLES = f"""\
  {PROG} net.json
        how well it does on the test digits, and its worst mistakes
  {PROG} net.json --wrong --count 20
        more of its mistakes
  {PROG} net.json --class 8
        eights, beginning with those that it took for something else
  {PROG} net.json --index 123
        one digit; with --count 5 it and the next four
  {PROG} net.json --data mnist.pkl.gz --set evaluation
        other data than the test digits of the set that fits the network
  {PROG} net.json --page digit.html
        a page to draw digits in, for a browser or a phone
  {PROG} net.json --points moons
        what the network sees where, with the points; with --page, a page to point at
  {PROG} net.safetensors --hidden relu --output softmax --data MNIST
        a network trained with PyTorch, on the data that torchvision fetched

A network comes from: {typed("train")} --small --save net.json
"""
COUNT, COUNT_IN_OVERVIEW = 5, 3


def build_parser() -> ArgumentParser:
    parser = make_parser(PROG, "Draw digits and what a trained network makes of them: its "
                         "outputs as bars.\nWhat it got wrong comes first.", EXAMPLES)
    parser.add_argument("model", metavar="MODEL", type=file_name,
                        help="the network: a file that train --save wrote, or safetensors or .npz "
                        "of another program")
    add_functions(parser)
    data = parser.add_argument_group("the digits to look at")
    add_data(data, f" (the default for networks with {SMALL_PIXELS} inputs)",
             f"default for networks with {MNIST_PIXELS} inputs: {MNIST_FILE} in this folder")
    data.add_argument("--set", choices=PARTS, type=set_name,
                      help="which part of the data (default: test)")
    what = parser.add_argument_group("which of them (default: an overview)")
    what.add_argument("--index", metavar="N", type=whole_number(0),
                      help="the digit at this place of the set, counted from 0")
    what.add_argument("--wrong", action="store_true",
                      help="those that the network got wrong, the most confident mistake first")
    what.add_argument("--class", metavar="D", dest="digit",
                      help="those that are a D, a digit or the name of a class; goes together with "
                      "--wrong")
    what.add_argument("--count", metavar="N", type=whole_number(1),
                      help=f"how many to draw (default: {COUNT}; with --index 1, in the overview "
                      f"{COUNT_IN_OVERVIEW})")
    parser.add_argument("--page", metavar="FILE", type=file_name,
                        help="write a web page (HTML) to draw digits in for the network; it needs "
                        "no data. For one with two inputs: a page to point at two numbers, with "
                        "the points of --points or --data")
    return parser


def set_name(text: str) -> str:
    """The type of --set: the evaluation data are known as validation data, too."""
    return "evaluation" if text == "validation" else text
