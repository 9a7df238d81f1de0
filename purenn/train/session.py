"""What python3 -m purenn.train does: a run, from its options to its exit status."""
from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from purenn.activations import HIDDEN
from purenn.checks import counted
from purenn.costs import COSTS
from purenn.store import networks
from purenn.store.files import check_writable, write_each, write_json, write_whole
from purenn.terminal import classified as result
from purenn.terminal import datasets
from purenn.terminal.characters import can_show
from purenn.terminal.datasets import Data
from purenn.terminal.progress import Progress, duration
from purenn.terminal.running import ERROR, complain, discard, one_line, say
from purenn.terminal.screen import columns
from purenn.terminal.stopping import Stop, Watched, stop_requests
from purenn.train import checkpoint, summary
from purenn.train.options import PROG
from purenn.train.settings import Settings, check_settings, completed, settings_from, which_data
from purenn.train.table import as_options, data_path, given_in, option_name
from purenn.train.timing import how_long
from purenn.train.training import Run, Stopped, history, learn, new_run


def session(options: argparse.Namespace) -> int:
    """Do what the options say, and return the exit status."""
    given = given_in(options)
    if options.resume is not None and options.checkpoint is None:
        options.checkpoint = options.resume
    check_files(options)
    if options.resume is not None:
        training_run = resumed_run(options.resume, given)
    else:
        training_run = first_run(given)
    check_overwriting(training_run.settings.data, options)
    tell = teller(options)
    announce(training_run, tell, options.quiet)
    progress = Progress(sys.stderr, training_run.settings.epochs, len(training_run.data.training),
                        training_run.epochs_done, shown=not options.quiet)
    with stop_requests() as check_stop:
        try:
            if not options.quiet:
                told = how_long(training_run, check_stop)
                tell(f"{told}\n" if told else "")
            training_run = learn(training_run, progress,
                                 (lambda text: None) if options.quiet else tell,
                                 options.checkpoint, check_stop)
            classified = result.classify(training_run.net,
                                         Watched(training_run.data.test, check_stop))
        except Stop as stop:
            return end_early(Stopped(stop, training_run), options)
        except Stopped as stopped:
            return end_early(stopped, options)
        return finish(training_run, classified, options, tell)


def first_run(given: dict[str, Any]) -> Run:
    """A run from the beginning.  Raises ValueError if the settings do not go with the data."""
    chosen = which_data(given)
    data = load(chosen["data"], chosen["limit"], chosen["label"], is_scaled(chosen))
    settings = completed(given, data)
    check_settings(settings, data)
    return new_run(settings, data)


def resumed_run(path: str, given: dict[str, Any]) -> Run:
    """The run of a checkpoint.  Raises ValueError if it was begun with other settings or data.

    Only the number of epochs may be another, since no epoch depends on how many follow.
    """
    kept = checkpoint.load(path)
    settings = settings_of(kept, path)
    done, epochs = len(kept.monitors.training_cost), given.get("epochs", settings.epochs)
    if epochs < done:
        raise ValueError(f"{path} is of a run that has done {counted(done, 'epoch')}, more than "
                         f"--epochs {epochs}")
    for name, value in given.items():
        if name not in ("data", "epochs") and value != getattr(settings, name):
            raise ValueError(f"{path} is of a run with {as_option(name, getattr(settings, name))}, "
                             f"not {as_option(name, value)}")
    # The package may have moved since.
    known = settings.small or settings.points
    source = given.get("data", data_path(vars(settings), None) if known else settings.data)
    data = load(source, settings.limit, settings.label, is_scaled(vars(settings)))
    if checkpoint.data_digest(*data) != kept.data:
        raise ValueError(f"{path} is of a run on other data than {source}")
    try:
        check_settings(settings, data)
    except ValueError as error:
        raise ValueError(f"{path} is not a checkpoint: {error}") from None
    for correct, part in ((kept.monitors.training_accuracy, data.training),
                          (kept.monitors.evaluation_accuracy, data.evaluation)):
        if max(correct, default=0) > len(part):
            raise ValueError(f"{path} is not a checkpoint: it has more right answers than the "
                             f"{len(part):,} images there are")
    return Run(replace(settings, data=source, epochs=epochs), data, kept.net, kept.monitors,
               kept.seconds)


def settings_of(kept: checkpoint.Checkpoint, path: str) -> Settings:
    """A checkpoint's settings.  Raises ValueError if the rest of it does not fit them."""
    try:
        settings = settings_from(kept.settings)
        if (kept.net.sizes, kept.net.hidden, kept.net.cost, kept.net.output) != (
                settings.sizes, HIDDEN[settings.hidden], COSTS[settings.cost],
                COSTS[settings.cost].outputs[0]):
            raise ValueError("its network is not the one of its settings")
        if len(kept.monitors.training_cost) > settings.epochs:
            raise ValueError("it has more epochs than its settings")
    except ValueError as error:
        raise ValueError(f"{path} is not a checkpoint: {error}") from None
    return settings


def as_option(name: str, value: Any) -> str:
    """How a setting is given on the command line, or that it is not."""
    if name == "small" and not value:
        return "--data"
    return " ".join(as_options(name, value)) or f"no {option_name(name)}"


def is_scaled(chosen: Mapping[str, Any]) -> bool:
    """Whether the columns of a table are scaled; points lie around 0 as it is."""
    return not (chosen["no_scale"] or chosen["points"])


def load(path: str, limit: int | None, label: str | None = None, scale: bool = True) -> Data:
    """The data set at a path.  Raises OSError or ValueError, with a sentence that helps."""
    data = datasets.load(path, ": it is part of many copies of Nielsen's "
                         "neural-networks-and-deep-learning on GitHub (folder data); --data says "
                         "where it is, and --small needs no file", label, scale)
    return datasets.one_hot(data).limited(limit)


def output_files(options: argparse.Namespace) -> list[str]:
    """The files that the run is to write."""
    return [path for path in (options.save, options.history, options.report, options.checkpoint)
            if path is not None]


def check_files(options: argparse.Namespace) -> None:
    """Find out before the work, not after, whether its results can be written."""
    paths = output_files(options)
    files = [os.path.realpath(path) for path in paths if path != os.devnull]
    if len(set(files)) < len(files):
        raise ValueError("--save, --history, --report and --checkpoint must name different "
                         "files")
    if options.save is not None:
        networks.check_ending(options.save)
    for path in paths:
        check_writable(path)


def check_overwriting(data: str, options: argparse.Namespace) -> None:
    """Raise ValueError if writing a file would destroy something needed: the data, the checkpoint
    that the run goes on from, or the checkpoint of another unfinished run."""
    needed = {os.path.realpath(data): "the data"}
    if options.resume not in (None, options.checkpoint):
        needed[os.path.realpath(options.resume)] = "the checkpoint to --resume"
    for path in output_files(options):
        if os.path.realpath(path) in needed:
            raise ValueError(f"{path} holds {needed[os.path.realpath(path)]}, and would be "
                             "overwritten")
    if options.checkpoint in (None, options.resume) or not os.path.isfile(options.checkpoint):
        return
    try:
        kept = checkpoint.load(options.checkpoint)
        epochs = settings_of(kept, options.checkpoint).epochs
    except ValueError:
        return
    if len(kept.monitors.training_cost) < epochs:
        raise ValueError(f"{options.checkpoint} holds a run that has done "
                         f"{len(kept.monitors.training_cost)} of {counted(epochs, 'epoch')}: "
                         f"--resume {options.checkpoint} goes on with it; to begin anew, remove it")


def teller(options: argparse.Namespace) -> Callable[[str], None]:
    """How the run says something.  That nobody reads it any more (``| head``) ends a run that has
    nothing else to do than to say something; one that was asked to write a file goes on."""
    def tell(text: str) -> None:
        try:
            say(text)
        except BrokenPipeError:
            if not output_files(options):
                raise
            discard(sys.stdout)

    return tell


def announce(training_run: Run, tell: Callable[[str], None], quiet: bool) -> None:
    """Say what will be learned, from what, and how."""
    settings, data = training_run.settings, training_run.data
    if not quiet:
        things = "images" if data.thing == "digit" else data.thing + "s"
        tell("\n".join([
            f"{len(data.training):,} training, {len(data.evaluation):,} evaluation and "
            f"{len(data.test):,} test {things} from {one_line(settings.data)}", *data.notes,
            f"network {'-'.join(map(str, settings.sizes))}, {settings.hidden} neurons, "
            f"{settings.cost} cost; {counted(settings.epochs, 'epoch')}, mini-batches of "
            f"{settings.mini_batch}, η = {settings.eta}, λ = {settings.lmbda}"]))
    tell(f"seed {settings.seed}")
    if training_run.epochs_done and not quiet:
        tell(f"going on after epoch {training_run.epochs_done}")


def finish(training_run: Run, classified: list[result.Classified],
           options: argparse.Namespace, tell: Callable[[str], None]) -> int:
    """Write the files asked for, show how the test data were classified, return the exit status.

    The files come first, because the reader of the output may be gone.
    """
    written = write_files(training_run, options, classified)
    if not options.quiet:
        tell("\n".join([*summary.page(training_run, classified, can_show(sys.stdout, "█●"),
                                      columns()), ""]))
    tell(f"test accuracy: {result.accuracy_line(classified)}, "
         f"after {duration(training_run.seconds)}")
    advice = summary.advice(training_run, classified)
    if advice:
        complain(PROG, advice)
    if options.digest:
        print_digests(training_run)
    return 0 if written else ERROR


def end_early(stopped: Stopped, options: argparse.Namespace) -> int:
    """Write the files asked for, say so, and return the exit status of the signal.

    If the cause was not a signal but something that could not be written, it is raised again.
    """
    cause, epochs = stopped.cause, stopped.run.epochs_done
    if isinstance(cause, Stop):
        complain(PROG, f"stopped by {signal.Signals(cause.number).name} after "
                 f"{counted(epochs, 'whole epoch')}{summary.reached(stopped.run)}")
        if not output_files(options):
            complain(PROG, "nothing was kept: --save FILE keeps the network as far as it came, "
                     "--checkpoint FILE all that is needed to go on")
    written = write_files(stopped.run, options, None)
    if not isinstance(cause, Stop):
        raise cause
    if options.checkpoint and epochs:
        complain(PROG, f"--resume {options.checkpoint} goes on after epoch {epochs}")
    return 128 + cause.number if written else ERROR


def write_files(training_run: Run, options: argparse.Namespace,
                classified: list[result.Classified] | None) -> bool:
    """Write each file asked for, whatever happens to the others, and say where it is.

    False if one could not be written in its place.
    """
    data = training_run.data
    files = [(options.save, lambda path: networks.save(
                 training_run.net, path, named(data), data.columns, data.scale)),
             (options.history, lambda path: write_json(
                 path, history(training_run, result.accuracy(classified) if classified else None))),
             (options.report, lambda path: write_report(path, training_run, classified))]
    return write_each(files, partial(complain, PROG))


def named(data: Data) -> list[str] | None:
    """The names of the classes, if they are more than the digits' own."""
    return None if data.classes == datasets.DIGITS else data.classes


def write_report(path: str, training_run: Run,
                 classified: list[result.Classified] | None) -> None:
    from purenn.train import webpage  # imported here because --help and most runs need none of it
    write_whole(path, webpage.page(training_run, classified))


def print_digests(training_run: Run) -> None:
    """Digests (see train/digest.py) of each epoch's two costs, and of the network."""
    from purenn.train.digest import digest, network_vectors
    monitors = training_run.monitors
    for epoch, costs in enumerate(zip(monitors.training_cost, monitors.evaluation_cost), start=1):
        print(f"sha256 of the costs after epoch {epoch}: {digest([list(costs)])}")
    print(f"sha256 of the weights and biases: {digest(network_vectors(training_run.net))}")
