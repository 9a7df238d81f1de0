"""python3 -m purenn.show: look at digits, and at what a trained network makes of them.

Each digit is drawn in characters, with the network's ten outputs beside it as bars.  What it got
wrong comes first, the most confident mistake before the others.
"""
from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Iterator, Sequence

from purenn.linalg import argmax
from purenn.network import Network
from purenn.sgd import Example
from purenn.show import drawing
from purenn.store import networks
from purenn.store.files import save_or_rescue, write_whole
from purenn.terminal import charts, datasets
from purenn.terminal import classified as result
from purenn.terminal.classified import Classified
from purenn.terminal.datasets import MNIST, SMALL, Data
from purenn.terminal.options import file_name, make_parser, whole_number
from purenn.terminal.progress import Progress
from purenn.terminal.running import can_show, complain, one_line, say, typed
from purenn.terminal.screen import columns

PROG = typed("show")
EXAMPLES = f"""\
  {PROG} net.json
        how well it does on the test digits, and its worst mistakes
  {PROG} net.json --wrong --count 20
        more of its mistakes
  {PROG} net.json --class 8
        eights, those that it took for something else first
  {PROG} net.json --index 123
        one digit; with --count 5 it and the next four
  {PROG} net.json --data mnist.pkl.gz --set evaluation
        other data than the test digits of the set that fits the network
  {PROG} net.json --page digit.html
        a page to draw digits in, for a browser or a phone

A network comes from: {typed("train")} --small --save net.json
"""
COUNT, COUNT_IN_OVERVIEW = 5, 3
CHARACTERS = "█▀▄▏░"


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(PROG, "Draw digits and what a trained network makes of them: its ten "
                         "outputs as bars.\nWhat it got wrong comes first.", EXAMPLES)
    parser.add_argument("model", metavar="MODEL", type=file_name,
                        help="the network, a file that train --save wrote")
    data = parser.add_argument_group("the digits to look at")
    datasets.add_options(data, f" (the default for networks with {SMALL.pixels} inputs)",
                         f"default for networks with {MNIST.pixels} inputs: {MNIST.path} in this "
                         "folder")
    data.add_argument("--set", choices=Data._fields, default="test", type=set_name,
                      help="which part of the data (default: test)")
    what = parser.add_argument_group("which of them (default: an overview)")
    what.add_argument("--index", metavar="N", type=whole_number(0),
                      help="the digit at this place of the set, counted from 0")
    what.add_argument("--wrong", action="store_true",
                      help="those that the network got wrong, the most confident mistake first")
    what.add_argument("--class", metavar="D", dest="digit", type=int, choices=range(10),
                      help="those that are a D; goes together with --wrong")
    what.add_argument("--count", metavar="N", type=whole_number(1),
                      help=f"how many to draw (default: {COUNT}; with --index 1, in the overview "
                      f"{COUNT_IN_OVERVIEW})")
    parser.add_argument("--page", metavar="FILE.html", type=file_name,
                        help="write a web page to draw digits in for the network (for one with two "
                        "inputs: to point at two numbers); it needs no data")
    return parser


def set_name(text: str) -> str:
    """The type of --set: the evaluation data are known as validation data, too."""
    return "evaluation" if text == "validation" else text


def main(arguments: list[str] | None = None) -> int:
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.index is not None and (options.wrong or options.digit is not None):
        parser.error("--index says which digit to draw; it does not go with --wrong or --class")
    net = networks.load(options.model)
    if options.page is not None:
        text = drawing.page(net)
        complain(PROG, save_or_rescue(options.page, lambda path: write_whole(path, text)))
        return 0
    path = data_path(options, net)
    data = load(path, options, net)
    if options.index is not None:
        look = at_index
    elif options.wrong or options.digit is not None:
        look = chosen
    else:
        look = overview
    say("\n".join(look(net, data, options, path)))
    return 0


def data_path(options: argparse.Namespace, net: Network) -> str:
    """Where the digits are.  Raises ValueError if that is neither given nor known."""
    if options.data is not None:
        return options.data
    if options.small:
        return SMALL.path
    for known in SMALL, MNIST:
        if net.sizes[0] == known.pixels:
            return known.path
    raise ValueError(f"{options.model} has {net.sizes[0]} inputs, neither {SMALL.pixels} like the "
                     f"small digits nor {MNIST.pixels} like MNIST; --data says where its digits "
                     "are")


def load(path: str, options: argparse.Namespace, net: Network) -> Sequence[Example]:
    """The set to look at.  Raises OSError or ValueError if none fits the network."""
    data = getattr(datasets.load(path, "; --data says where the digits are that "
                                 f"{options.model} was trained on"), options.set)
    pixels = len(data[0][0])
    if pixels != net.sizes[0]:
        raise ValueError(f"{options.model} has {net.sizes[0]} inputs, but the images in {path} "
                         f"have {pixels} pixels")
    if net.sizes[-1] != 10:
        raise ValueError(f"{options.model} has {net.sizes[-1]} outputs, not one for each of the "
                         "ten digits")
    return data


def overview(net: Network, data: Sequence[Example], options: argparse.Namespace,
             path: str) -> list[str]:
    """How well the network does on the whole set, and its worst mistakes."""
    classified = classify(net, data, range(len(data)), options)
    mistakes = result.wrong(classified)
    count = options.count or COUNT_IN_OVERVIEW
    lines = [f"{one_line(options.model)}: a network {'-'.join(map(str, net.sizes))} with "
             f"{net.hidden.name} neurons, {net.output.name} output and {net.cost.name} cost",
             f"{options.set} digits: {one_line(path)}", "",
             f"accuracy: {result.accuracy_line(classified)}", "",
             "The digits (rows), and what the network took them for (columns):",
             *charts.confusion_matrix(result.confusion(classified), columns())]
    if not mistakes:
        return [*lines, "", "It got none wrong.  It was least sure of:", "",
                *drawn(result.worst_first(classified)[:count], options.set)]
    lines += ["", "Most certain, and wrong:", "", *drawn(mistakes[:count], options.set)]
    if len(mistakes) > count:
        lines += ["", f"--wrong --count {len(mistakes)} draws all {len(mistakes):,} of its "
                  "mistakes"]
    return lines


def chosen(net: Network, data: Sequence[Example], options: argparse.Namespace,
           path: str) -> list[str]:
    """The digits that are wrong, or of a class, or both; those that are wrong come first."""
    places = [k for k, (_, y) in enumerate(data)
              if options.digit in (None, argmax(net.target(y)))]
    whose = f"{options.set} digits" + ("" if options.digit is None else f" {options.digit}")
    if not places:
        raise ValueError(f"there are no {whose} in {path}")
    classified = result.worst_first(classify(net, data, places, options))
    head = f"{whose}: {result.accuracy_line(classified)} right"
    if options.wrong:
        classified = result.wrong(classified)
        if not classified:
            return [head]
    return [head, "", *drawn(classified[:options.count or COUNT], options.set)]


def at_index(net: Network, data: Sequence[Example], options: argparse.Namespace,
             path: str) -> list[str]:
    """The digit at an index, and as many after it as were asked for."""
    if options.index >= len(data):
        raise ValueError(f"--index {options.index}: the {options.set} digits in {path} are "
                         f"numbered from 0 to {len(data) - 1}")
    places = range(len(data))[options.index:options.index + (options.count or 1)]
    return drawn(classify(net, data, places, options), options.set)


def classify(net: Network, data: Sequence[Example], places: Iterable[int],
             options: argparse.Namespace) -> list[Classified]:
    """How the network classifies the digits at some indices.  Raises ValueError if it overflows."""
    chosen = list(places)
    progress = Progress(sys.stderr, 1, len(chosen), name="looking at digits")

    def watched() -> Iterator[int]:
        for done, k in enumerate(chosen, start=1):
            yield k
            progress.update(0, done)

    try:
        classified = result.classify(net, data, watched())
    finally:
        progress.clear()
    for c in classified:
        if not all(map(math.isfinite, c.output)):
            raise ValueError(f"{options.model} gives {options.set} digit {c.index} an output that "
                             "is not a finite number: its weights are too large")
    return classified


def drawn(classified: Iterable[Classified], name: str) -> list[str]:
    """The digits below each other, each with its title and the outputs beside it."""
    unicode, width = can_show(sys.stdout, CHARACTERS), columns()
    lines: list[str] = []
    for c in classified:
        picture = charts.digit(c.image, unicode, width) or [
            f"({len(c.image)} pixels do not form a square)"]
        names = {c.said: "<- the network", c.digit: "<- right"}
        bars = charts.outputs(c.output, names, unicode, width)
        lines += ["", title(c, name), *charts.side_by_side([picture, bars], columns=width)]
    return lines[1:]


def title(c: Classified, name: str) -> str:
    """Which digit it is, and what the network said."""
    said = "and recognized" if c.said == c.digit else f"taken for {charts.a(c.said)}"
    return f"{name} digit {c.index}: {charts.a(c.digit)}, {said}"
