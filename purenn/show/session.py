"""What python3 -m purenn.show does: what is drawn, of which data."""
from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from purenn.checks import counted
from purenn.network import Network
from purenn.sgd import Example
from purenn.show import drawing
from purenn.show.options import COUNT, COUNT_IN_OVERVIEW, PROG
from purenn.store import networks
from purenn.store.files import save_or_rescue, write_whole
from purenn.terminal import charts, datasets, plane
from purenn.terminal import classified as result
from purenn.terminal.characters import can_show
from purenn.terminal.classified import Classified
from purenn.terminal.datasets import MNIST, SMALL, Data, path_of_points
from purenn.terminal.progress import Progress
from purenn.terminal.running import complain, one_line, say, short
from purenn.terminal.screen import cells, columns

CHARACTERS = "█▀▄▏░▒▓●○▲△"
MOST_COLUMNS = 12  # of a row of a table


def session(options: argparse.Namespace) -> int:
    """Do what the options say, and return the exit status."""
    stored = networks.load_stored(options.model, options.hidden, options.output)
    if options.page is not None:
        return write_page(options, stored)
    options.set = options.set or "test"
    path = data_path(options, stored)
    subject = Subject(stored.net, load(path, options, stored), path, options)
    if options.index is not None:
        look = at_index
    elif options.wrong or options.digit is not None:
        look = chosen
    else:
        look = overview
    say("\n".join(look(subject)))
    return 0


def write_page(options: argparse.Namespace, stored: networks.Stored) -> int:
    """Write the page to draw in, or to point at, and return the exit status."""
    check_page_options(options, stored.net.sizes[0] == 2)
    options.set = options.set or "test"
    classes, columns, points = stored.classes or [], stored.columns or [], []
    if options.data or options.points:
        path = data_path(options, stored)
        subject = Subject(stored.net, load(path, options, stored), path, options)
        classes, columns = subject.data.classes, subject.data.columns
        for (x, y), k in subject.examples:
            points.append((plane.unscaled(x, 0, stored.scale),
                           plane.unscaled(y, 1, stored.scale), k))
    text = drawing.page(stored.net, classes, points, options.set, columns, stored.scale)
    complain(PROG, save_or_rescue(options.page, lambda path: write_whole(path, text)))
    return 0


def check_page_options(options: argparse.Namespace, is_plane: bool) -> None:
    """Raise ValueError if an option was given that a page makes nothing of."""
    def given(**names: str) -> list[str]:
        return [option for name, option in names.items()
                if getattr(options, name) is not None and getattr(options, name) is not False]

    lists = given(index="--index", wrong="--wrong", digit="--class", count="--count")
    source = given(points="--points", data="--data")
    about = given(small="--small", label="--label", set="--set")
    if lists:
        raise ValueError(f"{lists[0]} does not go with --page: a page lists nothing")
    if not is_plane and source + about:
        raise ValueError(f"{(source + about)[0]} does not go with --page unless the network has 2 "
                         "inputs: no other page shows data")
    if options.small or (about and not source):
        raise ValueError(f"{about[0]} does not go with --page without --points or --data, which "
                         "say which points to draw")


class Subject(NamedTuple):
    """What is looked at: a network, its data and where they came from, and the options."""

    net: Network
    data: Data
    path: str
    options: argparse.Namespace

    @property
    def examples(self) -> list[Example]:
        return getattr(self.data, self.options.set)

    @property
    def things(self) -> str:
        return f"{self.options.set} {self.data.thing}s"


def data_path(options: argparse.Namespace, stored: networks.Stored) -> str:
    """Where the data are.  Raises ValueError if that is neither given nor known."""
    net = stored.net
    if options.data is not None:
        return options.data
    if options.points is not None:
        return path_of_points(options.points)
    if options.small:
        return SMALL.path
    for known in SMALL, MNIST:
        if net.sizes[0] == known.pixels and not stored.columns:
            return known.path
    if net.sizes[0] == 2:
        raise ValueError(f"{options.model} has 2 inputs: --points or --data says which points it "
                         "was trained on")
    if stored.columns:
        raise ValueError(f"{options.model} was trained on a table with the columns "
                         f"{short(', '.join(stored.columns))}: --data says where its rows are")
    raise ValueError(f"{options.model} has {counted(net.sizes[0], 'input')}, neither "
                     f"{SMALL.pixels} like the small digits nor {MNIST.pixels} like MNIST; --data "
                     "says where the data are that it was trained on")


def load(path: str, options: argparse.Namespace, stored: networks.Stored) -> Data:
    """The data to look at.  Raises OSError or ValueError if none fit the network."""
    net = stored.net
    data = datasets.load(path, f"; --data says where the data are that {options.model} was "
                         "trained on", options.label, stored.scale or False)
    inputs = len(data.test[0][0])
    if inputs != net.sizes[0]:
        what = f"rows in {path} have {counted(inputs, 'column')}" if data.columns \
            else f"images in {path} have {counted(inputs, 'pixel')}"
        raise ValueError(f"{options.model} has {counted(net.sizes[0], 'input')}, but the {what}")
    outputs = 2 if net.sizes[-1] == 1 and net.has_classes else net.sizes[-1]
    if len(data.classes) > outputs:
        each = "digits" if data.thing == "digit" else "classes"
        raise ValueError(f"{options.model} has {counted(net.sizes[-1], 'output')}, not one for "
                         f"each of the "
                         f"{'ten' if data.thing == 'digit' else len(data.classes)} {each}")
    return datasets.with_classes(data, stored.classes, outputs, options.model)


def overview(subject: Subject) -> list[str]:
    """How well the network does on the whole set, and its worst mistakes."""
    net, data, path, options = subject
    classified = classify(subject, range(len(subject.examples)))
    mistakes = result.wrong(classified)
    count = options.count or COUNT_IN_OVERVIEW
    lines = [f"{one_line(options.model)}: a network {'-'.join(map(str, net.sizes))} with "
             f"{net.hidden.name} neurons, {net.output.name} output and {net.cost.name} cost",
             f"{subject.things}: {one_line(path)}", "",
             f"accuracy: {result.accuracy_line(classified)}", "",
             charts.confusion_head(subject.things),
             *charts.confusion_matrix(result.confusion(classified), columns(), data.classes)]
    if data.are_points:
        lines += ["", f"What it sees where, with the {subject.things}:",
                  *plane.drawn(net, classified, (data.classes, data.columns), data.scale,
                               can_show(sys.stdout, CHARACTERS), columns())]
    if not mistakes:
        return [*lines, "", "It got none wrong.  It was least sure of:", "",
                *drawn(result.worst_first(classified)[:count], subject)]
    lines += ["", f"Its most confident mistake{'s' if mistakes[1:count] else ''}:", "",
              *drawn(mistakes[:count], subject)]
    if len(mistakes) > count:
        lines += ["", f"--wrong --count {len(mistakes)} draws all {len(mistakes):,} of its "
                  "mistakes"]
    return lines


def chosen(subject: Subject) -> list[str]:
    """The digits that are wrong, or of a class, or both; those that are wrong come first."""
    net, data, path, options = subject
    wanted = None if options.digit is None else class_named(options.digit, data.classes)
    places = [k for k, (_, y) in enumerate(subject.examples) if wanted in (None, y)]
    whose = subject.things + ("" if options.digit is None else f" of class {options.digit}")
    if not places:
        raise ValueError(f"there are no {whose} in {path}")
    classified = result.worst_first(classify(subject, places))
    head = f"{whose}: {result.accuracy_line(classified)} right"
    if options.wrong:
        classified = result.wrong(classified)
        if not classified:
            return [head]
    return [head, "", *drawn(classified[:options.count or COUNT], subject)]


def class_named(name: str, classes: Sequence[str]) -> int:
    """The class of a name.  Raises ValueError if there is none."""
    if name not in classes:
        raise ValueError(f"--class {short(name)}: the classes are "
                         f"{short(', '.join(classes))}")
    return classes.index(name)


def at_index(subject: Subject) -> list[str]:
    """The digit at an index, and as many after it as were asked for."""
    options, count = subject.options, len(subject.examples)
    if options.index >= count:
        raise ValueError(f"--index {options.index}: the {subject.things} in {subject.path} are "
                         f"numbered from 0 to {count - 1}")
    places = range(count)[options.index:options.index + (options.count or 1)]
    return drawn(classify(subject, places), subject)


def classify(subject: Subject, places: Iterable[int]) -> list[Classified]:
    """How the network classifies the digits at some indices.  Raises ValueError if it overflows."""
    chosen = list(places)
    progress = Progress(sys.stderr, 1, len(chosen), name=f"looking at {subject.data.thing}s")

    def watched() -> Iterator[int]:
        for done, k in enumerate(chosen, start=1):
            yield k
            progress.update(0, done)

    try:
        classified = result.classify(subject.net, subject.examples, watched())
    finally:
        progress.clear()
    for c in classified:
        if not all(map(math.isfinite, c.output)):
            raise ValueError(f"{subject.options.model} gives {subject.options.set} "
                             f"{subject.data.thing} {c.index} an output that is not a finite "
                             "number: its weights are too large")
    return classified


def drawn(classified: Iterable[Classified], subject: Subject) -> list[str]:
    """The digits below each other, each with its title and the outputs beside it."""
    unicode, width = can_show(sys.stdout, CHARACTERS), columns()
    lines: list[str] = []
    for c in classified:
        names = {c.said: "<- the network", c.digit: "<- right"}
        bars = charts.outputs(c.output, names, unicode, width, subject.data.classes)
        lines += ["", title(c, subject), *charts.side_by_side(
            [picture(c, subject.data, unicode, width), bars], columns=width)]
    return lines[1:]


def picture(c: Classified, data: Data, unicode: bool, width: int) -> list[str]:
    """A digit in characters, or a row of a table as its columns' numbers."""
    if data.columns:
        names = [charts.cut(name, width // 3) for name in data.columns[:MOST_COLUMNS]]
        longest = max(map(cells, names))
        more = len(data.columns) - len(names)
        return [f"{name}{' ' * (longest - cells(name))} {plane.unscaled(x, k, data.scale):10.5g}"
                for k, (name, x) in enumerate(zip(names, c.image))] + (
                    [f"and {more} more"] if more > 0 else [])
    return charts.digit(c.image, unicode, width) or [
        f"({len(c.image)} pixels do not form a square)"]


def title(c: Classified, subject: Subject) -> str:
    """Which digit it is, and what the network said."""
    classes = subject.data.classes
    said = "and recognized" if c.said == c.digit else f"taken for {charts.a(classes[c.said])}"
    return (f"{subject.options.set} {subject.data.thing} {c.index}: {charts.a(classes[c.digit])}, "
            f"{said}")
