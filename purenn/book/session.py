"""What python3 -m purenn.book does: an experiment, from its options to its curves."""
from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from functools import partial
from typing import Any, Callable

from purenn import mnist
from purenn.book import neuron
from purenn.book.comparison import (
    Outcome,
    across_runs,
    aligned,
    chart,
    differences,
    ends_of,
    table,
)
from purenn.book.experiments import EXPERIMENTS, Experiment, Run, made_small, named, runs_of
from purenn.book.learning import how_long, learn, seconds_for
from purenn.book.options import PROG
from purenn.book.webpage import document, figure, page
from purenn.store.files import check_writable, write_each, write_json, write_whole
from purenn.terminal import charts
from purenn.terminal.characters import can_show
from purenn.terminal.progress import Progress, duration
from purenn.terminal.running import ERROR, complain, say
from purenn.terminal.screen import columns
from purenn.terminal.stopping import Stop, stop_requests
from purenn.train.training import Data

MARKS = "●○"


def session(options: argparse.Namespace) -> int:
    """Do what the options say, and return the exit status."""
    if options.name is None:
        say("\n".join(listing()))
        return 0
    for path in (options.report, options.history):
        if path is not None:
            check_writable(path)
    experiment = named(options.name)
    if experiment.name == "slow":
        return slow(experiment, options)
    data, runs = prepared(experiment, options)
    say(f"{experiment.question}\n{how_long(options.seeds * seconds_for(runs, data), duration)}\n")
    outcomes: list[Outcome] = []
    with stop_requests() as check_stop:
        try:
            for run in runs:
                outcomes.append(Outcome(run, [learned(run, data, seed, check_stop)
                                              for seed in range(options.seeds)]))
        except Stop as stop:
            complain(PROG, f"stopped after {len(outcomes)} of {len(runs)} runs")
            finish(experiment, outcomes, options)
            return 128 + stop.number
    return 0 if finish(experiment, outcomes, options) else ERROR


def listing() -> list[str]:
    """The experiments, with what each asks."""
    lines = ["The experiments of Nielsen's Neural Networks and Deep Learning, chapters 1 to 3:", ""]
    width = columns()
    for experiment in EXPERIMENTS:
        lines += textwrap.wrap(f"{experiment.name:12} chapter {experiment.chapter}: "
                               f"{experiment.question}", min(width, 100) - 1,
                               initial_indent="  ", subsequent_indent=" " * 15)
    return [*lines, "", f"{PROG} NAME runs one; --help explains the options."]


def prepared(experiment: Experiment, options: argparse.Namespace) -> tuple[Data, list[Run]]:
    """The data and the runs.  Raises OSError or ValueError if there are no such data."""
    runs = runs_of(experiment)
    data = Data(*mnist.load_data_wrapper(mnist.SMALL if options.small else options.data))
    if options.small:
        return data, [made_small(run) for run in runs]
    pixels = len(data.training[0][0])
    if pixels != runs[0].sizes[0] or len(data.training) < max(run.training for run in runs):
        raise ValueError(f"{options.data} is not MNIST with 50,000 training images of "
                         f"{runs[0].sizes[0]} pixels: it has {len(data.training):,} of {pixels}")
    return data, runs


def learned(run: Run, data: Data, seed: int, check_stop: Callable[[], None]) -> Any:
    """The curves of one run, with a bar while it goes on and a line when it is done."""
    progress = Progress(sys.stderr, run.epochs, len(data.training[:run.training]))
    try:
        curves = learn(run, data, seed, progress, check_stop)
    finally:
        progress.clear()
    say(f"done: {run.label}, {run.epochs} epochs, seed {seed}")
    return curves


def finish(experiment: Experiment, outcomes: Sequence[Outcome],
           options: argparse.Namespace) -> bool:
    """Write what was asked for, and show the curves; whether all could be written."""
    if not outcomes:
        return True
    sentences = differences(outcomes)
    notes = (["More than the seeds explain: " + " ".join(sentences)] if sentences else [])
    written = write_each([
        (options.history, lambda path: write_json(path, history(experiment, outcomes))),
        (options.report, lambda path: write_whole(path, page(experiment, outcomes, notes)))],
        partial(complain, PROG))
    unicode = can_show(sys.stdout, MARKS)
    if experiment.name == "more-data":
        say("\n".join(["", "Accuracy by the number of training images:", *charts.learning_curves(
            across_runs(outcomes, "evaluation_correct"), unicode, ends=ends_of(outcomes),
            columns=columns())]))
    for outcome in outcomes:
        if outcome.run.epochs > 1 and experiment.name != "more-data":
            for quantity in outcome.run.measured:
                say("\n".join(["", *chart(outcome, quantity, unicode, columns())]))
    say("\n".join(["", *table(outcomes, columns()), *([""] + notes if notes else [])]))
    return written


def history(experiment: Experiment, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All curves, for --history: accuracies are fractions of 1, lists have one entry an epoch."""
    return {"experiment": experiment.name,
            "runs": [{**outcome.run._asdict(), "published": {
                quantity: {str(epoch): value for epoch, value in curve.items()}
                for quantity, curve in outcome.run.published.items()},
                "seeds": outcome.curves} for outcome in outcomes]}


def slow(experiment: Experiment, options: argparse.Namespace) -> int:
    """The experiment with one neuron: its cost, epoch by epoch, and its outputs."""
    found = [(each, neuron.learn(each)) for each in neuron.neurons()]
    unicode = can_show(sys.stdout, MARKS)
    for each, result in found:
        say("\n".join([f"{each.label}: cost", *charts.learning_curves(
            {"cost": result.costs[1:]}, unicode, lambda value: f"{value:8.4f}",
            columns=columns()), ""]))
    rows = [(each.label, f"{result.outputs[0]:.4f}", f"{each.output_first:.2f}",
             f"{result.outputs[-1]:.4f}",
             "" if each.output_last is None else f"{each.output_last:.2f}")
            for each, result in found]
    heads = ("", "first", "book's", "last", "book's")
    say("The neuron's output before the first epoch and after the last, here and\nin the book:\n")
    say("\n".join(aligned([heads, *rows], columns())))
    figures = [line for k, (each, result) in enumerate(found)
               for line in figure(f"neuron{k}", f"{each.label}: cost",
                                  {"here": result.costs[1:]}, "cost")]
    content = {"experiment": "slow", "runs": [{**each._asdict(), **result._asdict()}
                                              for each, result in found]}
    written = write_each([
        (options.history, lambda path: write_json(path, content)),
        (options.report, lambda path: write_whole(
            path, document(experiment, figures, heads, rows, [])))],
        partial(complain, PROG))
    return 0 if written else ERROR
