"""One training run: its settings, the epochs with all that goes on around them, and its files.

The learning itself is ``sgd.SGD``.  This is what stands around it when a person waits for the
result: progress, a line an epoch, checkpoints, an end when the numbers diverge or somebody presses
Ctrl-C, and files that are written whole or not at all.
"""
from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

from purenn import store
from purenn.network import Network
from purenn.sgd import SGD, Example, Monitors
from purenn.workbench import checkpoint
from purenn.workbench.progress import Progress
from purenn.workbench.stopping import Stop, stop_requests

#: How many examples are evaluated between two looks at whether the run was told to stop.
EXAMPLES_BETWEEN = 100


class Settings(NamedTuple):
    """All that decides what a run computes."""

    small: bool
    data: str
    sizes: List[int]
    hidden: str
    cost: str
    epochs: int
    mini_batch: int
    eta: float
    lmbda: float
    seed: int
    limit: Optional[int]


class Data(NamedTuple):
    """The three parts of a data set, lists of (x, y)."""

    training: List[Example]
    validation: List[Example]
    test: List[Example]


class Run(NamedTuple):
    """A run of which some epochs are done."""

    settings: Settings
    data: Data
    net: Network
    monitors: Monitors
    seconds: float

    @property
    def epochs_done(self) -> int:
        return len(self.monitors.training_cost)


class Watched(list):
    """A data set that calls a function every so many examples while it is run through."""

    def __init__(self, data: List[Example], watch: Callable[[], None]) -> None:
        super().__init__(data)
        self.watch = watch

    def __iter__(self) -> Iterator[Example]:
        for k, example in enumerate(super().__iter__()):
            if k % EXAMPLES_BETWEEN == 0:
                self.watch()
            yield example


def new_run(settings: Settings, data: Data) -> Run:
    """A run of which nothing is done yet, with a freshly drawn network."""
    net = Network(settings.sizes, store.COSTS[settings.cost], store.HIDDEN[settings.hidden],
                  settings.seed)
    return Run(settings, data, net, Monitors([], [], [], []), 0.0)


def learn(run: Run, progress: Progress, show: Callable[[str], None],
          checkpoint_file: Optional[str]) -> Run:
    """Go through the epochs that are left, and return the run with them done.

    Each epoch's line goes to ``show``.  Raises Stopped, which holds the run as far as it came, if
    a signal ends it, and ValueError if its numbers diverge; the checkpoint stays that of the last
    epoch that was whole.
    """
    settings, data, net, before, seconds = run
    start = time.monotonic()
    reached = [run]
    digest = checkpoint.data_digest(*data) if checkpoint_file else ""

    def epoch() -> int:
        return reached[0].epochs_done

    def now(monitors: Monitors) -> Run:
        return run._replace(monitors=monitors, seconds=seconds + time.monotonic() - start)

    with stop_requests() as check_stop:
        def after_mini_batch(done: int) -> None:
            check_stop()
            # A NaN anywhere in a step makes the biases NaN, and these are few.
            if not all(math.isfinite(b_j) for b in net.biases for b_j in b):
                raise diverged(epoch(), settings)
            progress.update(epoch(), done)

        def after_epoch(monitors: Monitors) -> None:
            if not all_finite(net, monitors):
                raise diverged(epoch(), settings)
            reached[0] = now(Monitors(*(old + new for old, new in zip(before, monitors))))
            if checkpoint_file:
                checkpoint.save(checkpoint_file, checkpoint.Checkpoint(
                    settings._asdict(), digest, net, reached[0].monitors, reached[0].seconds))
            progress.clear()
            show(epoch_line(reached[0]))
            check_stop()

        show(EPOCH_HEAD)
        try:
            SGD(net, Watched(data.training, check_stop), settings.epochs - run.epochs_done,
                settings.mini_batch, settings.eta, settings.lmbda,
                Watched(data.validation, check_stop), after_mini_batch, after_epoch)
        except Stop as stop:
            raise Stopped(stop.number, now(reached[0].monitors)) from None
        finally:
            progress.clear()
    return reached[0]


class Stopped(Exception):
    """A signal ended the run."""

    def __init__(self, number: int, run: Run) -> None:
        super().__init__(number, run)
        self.number = number
        self.run = run


def diverged(epochs_done: int, settings: Settings) -> ValueError:
    return ValueError(f"training diverged in epoch {epochs_done + 1}: a weight or cost is not a "
                      f"finite number any more; a smaller --eta than {settings.eta} may help")


def all_finite(net: Network, monitors: Monitors) -> bool:
    """Whether every weight, every bias and every cost is a finite number."""
    return (all(math.isfinite(cost)
                for cost in monitors.training_cost + monitors.evaluation_cost)
            and all(math.isfinite(w) for W in net.weights for row in W for w in row)
            and all(math.isfinite(b_j) for b in net.biases for b_j in b))


EPOCH_HEAD = ("             training              evaluation\n"
              "epoch      cost   accuracy       cost   accuracy    seconds")


def epoch_line(run: Run) -> str:
    """What the last epoch brought, as a line of the table that EPOCH_HEAD begins."""
    training_cost, training_accuracy, evaluation_cost, evaluation_accuracy = (
        monitor[-1] for monitor in run.monitors)
    return (f"{run.epochs_done:>5}{training_cost:>10.4f}"
            f"{100 * training_accuracy / len(run.data.training):>9.2f} %"
            f"{evaluation_cost:>11.4f}"
            f"{100 * evaluation_accuracy / len(run.data.validation):>9.2f} %"
            f"{run.seconds:>11.1f}")


def history(run: Run, test_accuracy: Optional[float]) -> Dict[str, Any]:
    """What --history writes: accuracies are fractions of 1, lists have one entry an epoch."""
    monitors, data = run.monitors, run.data
    return {"settings": run.settings._asdict(),
            "training_cost": monitors.training_cost,
            "training_accuracy": [k / len(data.training) for k in monitors.training_accuracy],
            "evaluation_cost": monitors.evaluation_cost,
            "evaluation_accuracy": [k / len(data.validation)
                                    for k in monitors.evaluation_accuracy],
            "test_accuracy": test_accuracy,
            "seconds": run.seconds}


def save_or_rescue(path: str, write: Callable[[str], None]) -> str:
    """Write a file; the sentence that says so.

    If it cannot be written there, it is put into the folder for temporary files, so that hours of
    work are not lost, and OSError says where.
    """
    try:
        write(path)
        return f"wrote {path}"
    except OSError as error:
        reason = error.strerror or str(error)
    handle, elsewhere = tempfile.mkstemp(prefix="purenn-", suffix="-" + os.path.basename(path))
    os.close(handle)
    try:
        write(elsewhere)
    except OSError as error:
        os.unlink(elsewhere)
        raise OSError(f"{path} could not be written ({reason}), nor could {elsewhere} "
                      f"({error.strerror or error})") from None
    raise OSError(f"{path} could not be written ({reason}); it was put at {elsewhere} instead")
