"""python3 -m purenn.train: learn handwritten digits, and show what was learned.

With --small it needs no file: 1,797 small digits come with the package.  Without, it reads MNIST.
The data are in three parts.  The network learns from the training data; the evaluation data, which
it never learns from, show after each epoch how well it does on digits it has not seen; the test
data are looked at once, at the end.
"""
from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from purenn import mnist
from purenn.activations import HIDDEN, ReLU, Sigmoid, Tanh
from purenn.costs import COSTS, CrossEntropyCost, QuadraticCost
from purenn.store.files import check_writable, save_or_rescue, write_json, write_whole
from purenn.terminal import classified as result
from purenn.terminal.options import file_name, layer_sizes, make_parser, number, whole_number
from purenn.terminal.progress import Progress, duration
from purenn.terminal.running import ERROR, can_show, complain, typed
from purenn.terminal.stopping import Stop, Watched, stop_requests
from purenn.train import checkpoint, summary, webpage
from purenn.train.digest import digest, network_vectors
from purenn.train.training import (
    Data,
    Run,
    Settings,
    Stopped,
    check_settings,
    history,
    learn,
    new_run,
    settings_from,
)

PROG = typed("train")
EXAMPLES = f"""\
  {PROG} --small
        learn the small digits that come with the package, in seconds
  {PROG}
        learn MNIST from mnist.pkl.gz in this folder
  {PROG} --cost quadratic --lmbda 0
        as in chapter 1 of Nielsen's book
  {PROG} --sizes 784,30,10 --epochs 30 --mini-batch 10 --eta 3.0 --lmbda 0.1
        the run this program began with
  {PROG} --small --hidden relu --cost log-likelihood --save net.json
        ReLU neurons and a softmax output, saved for later
  {PROG} --small --report report.html
        and then open report.html in a browser
  {PROG} --checkpoint run.json     and, after whatever happened,
  {PROG} --resume run.json
"""

def defaults(small: bool = False, hidden: str = Sigmoid.name, cost: str = CrossEntropyCost.name,
             **others: Any) -> dict[str, Any]:
    """The settings of a run where only these are given; without --small, sizes follow from data."""
    # Sigmoid neurons and the quadratic cost bring in factors σ′ ≤ ¼; larger steps make up for it.
    eta = {(True, False): 0.5, (True, True): 3.0, (False, False): 0.1, (False, True): 0.6}[
        hidden == Sigmoid.name, cost == QuadraticCost.name]
    common = {"small": small, "hidden": hidden, "cost": cost, "mini_batch": 10, "eta": eta,
              "seed": 0, "limit": None}
    if small:
        return {**common, "data": mnist.SMALL, "sizes": [64, 20, 10], "epochs": 15, "lmbda": 0.1}
    return {**common, "data": "mnist.pkl.gz", "epochs": 30, "lmbda": 5.0}


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(PROG, "Train a neural network on handwritten digits, in plain Python.",
                         EXAMPLES)
    # So that options that were not given can be told apart.
    given: dict[str, Any] = {"default": argparse.SUPPRESS}
    data = parser.add_argument_group("what to learn from")
    source = data.add_mutually_exclusive_group()
    source.add_argument("--small", action="store_true", **given,
                        help="the 8 × 8 digits that come with the package; needs no file")
    source.add_argument("--data", metavar="PATH", type=file_name, **given,
                        help="mnist.pkl.gz, or a folder of IDX files such as "
                        "train-images-idx3-ubyte.gz, or one IDX file of images with its labels "
                        "beside it (default: mnist.pkl.gz)")
    data.add_argument("--limit", metavar="N", type=whole_number(1), **given,
                      help="use only the first N examples of each part (default: all)")
    net = parser.add_argument_group("the network")
    net.add_argument("--sizes", metavar="N,N,…", type=layer_sizes, **given,
                     help="neurons in each layer, from the input (one a pixel) to the ten outputs "
                     "(default: 784,30,10; with --small 64,20,10)")
    net.add_argument("--hidden", choices=[Sigmoid.name, ReLU.name, Tanh.name], **given,
                     help="the hidden neurons' activation function (default: sigmoid)")
    net.add_argument("--cost", choices=list(COSTS), **given,
                     help="the cost function; log-likelihood comes with a softmax output, the "
                     "others with sigmoid (default: cross-entropy)")
    sgd = parser.add_argument_group("how to learn")
    sgd.add_argument("--epochs", metavar="N", type=whole_number(1), **given,
                     help="how often each training example is used (default: 30; with --small 15)")
    sgd.add_argument("--mini-batch", metavar="N", type=whole_number(1), **given,
                     help="how many examples make one step (default: 10)")
    sgd.add_argument("--eta", metavar="F", type=number(0, above=True), **given,
                     help="η, the learning rate: how far a step goes (default: 0.5, and 0.1 with "
                     "--hidden relu or tanh; with --cost quadratic 3.0 and 0.6)")
    sgd.add_argument("--lmbda", metavar="F", type=number(0), **given,
                     help="λ, how strongly weights are kept small; 0 for not at all (default: 5.0; "
                     "with --small 0.1)")
    sgd.add_argument("--seed", metavar="N", type=whole_number(0), **given,
                     help="where the random numbers begin; the same seed repeats the run bit for "
                     "bit (default: 0)")
    out = parser.add_argument_group("what to keep and show")
    out.add_argument("--save", metavar="FILE", type=file_name,
                     help="write the trained network, as JSON")
    out.add_argument("--history", metavar="FILE", type=file_name,
                     help="write what was measured after each epoch, as JSON")
    out.add_argument("--report", metavar="FILE.html", type=file_name,
                     help="write a web page that shows the run: curves, mistakes, weights")
    out.add_argument("--checkpoint", metavar="FILE", type=file_name,
                     help="after each epoch, write all that is needed to go on from there")
    out.add_argument("--resume", metavar="FILE", type=file_name,
                     help="go on from a checkpoint, with its settings; it is kept up to date")
    out.add_argument("--digest", action="store_true",
                     help="print SHA-256 digests of the weights and costs, to compare runs")
    out.add_argument("--quiet", action="store_true", help="print the result alone")
    return parser


def main(arguments: list[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    given = {name: getattr(options, name) for name in Settings._fields if hasattr(options, name)}
    if options.resume is not None and options.checkpoint is None:
        options.checkpoint = options.resume
    check_files(options)
    if options.resume is not None:
        training_run = resumed_run(options.resume, given)
    else:
        training_run = first_run(given)
    check_overwriting(training_run.settings.data, options)
    announce(training_run, options.quiet)
    progress = Progress(sys.stderr, training_run.settings.epochs, len(training_run.data.training),
                        training_run.epochs_done, shown=not options.quiet)
    with stop_requests() as check_stop:
        try:
            training_run = learn(training_run, progress, say_unless(options.quiet),
                                 options.checkpoint, check_stop)
            classified = result.classify(training_run.net,
                                         Watched(training_run.data.test, check_stop))
        except Stop as stop:
            return end_early(Stopped(stop, training_run), options)
        except Stopped as stopped:
            return end_early(stopped, options)
        return finish(training_run, classified, options)


def first_run(given: dict[str, Any]) -> Run:
    """A run from the beginning.  Raises ValueError if the settings do not go with the data."""
    values = {**defaults(**given), **given}
    data = load(values["data"], values["limit"])
    if "mini_batch" not in given:
        values["mini_batch"] = min(values["mini_batch"], len(data.training))
    settings = Settings(**{"sizes": [len(data.training[0][0]), 30, 10], **values})
    check_settings(settings, data)
    return new_run(settings, data)


def resumed_run(path: str, given: dict[str, Any]) -> Run:
    """The run of a checkpoint.  Raises ValueError if settings or data are not its own."""
    kept = checkpoint.load(path)
    settings = settings_of(kept, path)
    for name, value in given.items():
        if name != "data" and value != getattr(settings, name):
            raise ValueError(f"{path} is of a run with {as_option(name, getattr(settings, name))}, "
                             f"not {as_option(name, value)}")
    # Where the package lies may have changed since.
    source = given.get("data", mnist.SMALL if settings.small else settings.data)
    data = load(source, settings.limit)
    if checkpoint.data_digest(*data) != kept.data:
        raise ValueError(f"{path} is of a run on other data than {source}")
    check_settings(settings, data)
    for correct, part in ((kept.monitors.training_accuracy, data.training),
                          (kept.monitors.evaluation_accuracy, data.evaluation)):
        if max(correct, default=0) > len(part):
            raise ValueError(f"{path} holds no checkpoint: it has more right answers than the "
                             f"{len(part):,} images there are")
    return Run(settings._replace(data=source), data, kept.net, kept.monitors, kept.seconds)


def settings_of(kept: checkpoint.Checkpoint, path: str) -> Settings:
    """A checkpoint's settings.  Raises ValueError if the rest of it is not of a run with them."""
    try:
        settings = settings_from(kept.settings)
        if (kept.net.sizes, kept.net.hidden, kept.net.cost, kept.net.output) != (
                settings.sizes, HIDDEN[settings.hidden], COSTS[settings.cost],
                COSTS[settings.cost].outputs[0]):
            raise ValueError("its network is not the one of its settings")
        if len(kept.monitors.training_cost) > settings.epochs:
            raise ValueError("it has more epochs than its settings")
    except ValueError as error:
        raise ValueError(f"{path} holds no checkpoint: {error}") from None
    return settings


def as_option(name: str, value: Any) -> str:
    """How a setting is given on the command line."""
    if name == "small":
        return "--small" if value else "--data"
    if value is None:
        return f"no --{name}"
    return f"--{name.replace('_', '-')} " + (
        ",".join(map(str, value)) if isinstance(value, list) else str(value))


def load(path: str, limit: int | None) -> Data:
    """The data set at a path.  Raises OSError or ValueError, with a sentence that helps."""
    if not os.path.exists(path):
        raise ValueError(f"{path} is not there: it is part of many copies of Nielsen's "
                         "neural-networks-and-deep-learning on GitHub (folder data); --data says "
                         "where it is, and --small needs no file")
    return Data(*(part[:limit] for part in mnist.load_data_wrapper(path)))


def output_files(options: argparse.Namespace) -> list[str]:
    """All that the run is to write."""
    return [path for path in (options.save, options.history, options.report, options.checkpoint)
            if path is not None]


def check_files(options: argparse.Namespace) -> None:
    """Find out before the work, not after, whether its results can be written."""
    paths = output_files(options)
    files = [os.path.realpath(path) for path in paths if path != os.devnull]
    if len(set(files)) < len(files):
        raise ValueError("--save, --history, --report and --checkpoint must name different "
                         "files")
    for path in paths:
        check_writable(path)


def check_overwriting(data: str, options: argparse.Namespace) -> None:
    """Raise ValueError if a file that is to be written has in it what is needed: the data, the
    checkpoint that the run goes on from, or that of another run that is not over."""
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
                         f"{len(kept.monitors.training_cost)} of {epochs} epochs: --resume "
                         f"{options.checkpoint} goes on with it; to begin anew, remove it")


def say_unless(quiet: bool) -> Callable[[str], None]:
    return (lambda text: None) if quiet else (lambda text: print(text, flush=True))


def announce(training_run: Run, quiet: bool) -> None:
    """Say what is going to be learned, from what, and how."""
    settings, data = training_run.settings, training_run.data
    say = say_unless(quiet)
    say(f"{len(data.training):,} training, {len(data.evaluation):,} evaluation and "
        f"{len(data.test):,} test images from {settings.data}")
    say(f"network {'-'.join(map(str, settings.sizes))}, {settings.hidden} neurons, {settings.cost} "
        f"cost; {settings.epochs} epochs, mini-batches of {settings.mini_batch}, "
        f"η = {settings.eta}, λ = {settings.lmbda}")
    print(f"seed {settings.seed}", flush=True)
    if training_run.epochs_done:
        say(f"going on after epoch {training_run.epochs_done}")
    say("")


def finish(training_run: Run, classified: list[result.Classified],
           options: argparse.Namespace) -> int:
    """Write what was asked for, show how the test data were classified; the exit status.

    The files come first: nobody may read the output any more.
    """
    written = write_files(training_run, options, classified)
    if not options.quiet:
        print("\n".join(summary.page(training_run, classified, can_show(sys.stdout, "█●"))))
        print()
    print(f"test accuracy: {result.accuracy_line(classified)}, "
          f"after {duration(training_run.seconds)}", flush=True)
    if options.digest:
        print_digests(training_run)
    return 0 if written else ERROR


def end_early(stopped: Stopped, options: argparse.Namespace) -> int:
    """Save what was asked to be saved, say so, and return the exit status of the signal.

    If it was no signal but something that could not be written, this is raised again, afterwards.
    """
    cause, epochs = stopped.cause, stopped.run.epochs_done
    if isinstance(cause, Stop):
        complain(PROG, f"stopped by {signal.Signals(cause.number).name} after {epochs} whole "
                 f"epoch{'' if epochs == 1 else 's'}")
    written = write_files(stopped.run, options, None)
    if not isinstance(cause, Stop):
        raise cause
    if options.checkpoint and epochs:
        complain(PROG, f"--resume {options.checkpoint} goes on after epoch {epochs}")
    return 128 + cause.number if written else ERROR


def write_files(training_run: Run, options: argparse.Namespace,
                classified: list[result.Classified] | None) -> bool:
    """Write what was asked for, each file whatever becomes of the others, and say where it is.

    False if one could not be written to its place.
    """
    files = [(options.save, training_run.net.save),
             (options.history, lambda path: write_json(
                 path, history(training_run, result.accuracy(classified) if classified else None))),
             (options.report, lambda path: write_whole(
                 path, webpage.page(training_run, classified)))]
    written = True
    for path, write in files:
        if path is not None:
            try:
                complain(PROG, save_or_rescue(path, write))
            except (OSError, ValueError) as error:
                complain(PROG, str(error))
                written = False
    return written


def print_digests(training_run: Run) -> None:
    """Digests (see train/digest.py) of each epoch's two costs, and of the network."""
    monitors = training_run.monitors
    for epoch, costs in enumerate(zip(monitors.training_cost, monitors.evaluation_cost), start=1):
        print(f"sha256 of the costs after epoch {epoch}: {digest([list(costs)])}")
    print(f"sha256 of the weights and biases: {digest(network_vectors(training_run.net))}")
