"""One training run: the epochs with all that goes on around them, and its files.

The learning itself is ``sgd.train_epoch``.  This is what stands around it when a person waits for
the result: progress, a line an epoch, checkpoints, an end when the numbers diverge or somebody
presses Ctrl-C, and files that are written whole or not at all.
"""
from __future__ import annotations

import math
import time
from typing import Any, Callable, NamedTuple

from purenn.activations import HIDDEN
from purenn.costs import COSTS
from purenn.network import Network
from purenn.sgd import Monitors, train_epoch
from purenn.store.files import save_or_rescue
from purenn.terminal.datasets import Data
from purenn.terminal.progress import Progress
from purenn.terminal.screen import columns
from purenn.terminal.stopping import Stop, Watched
from purenn.train import checkpoint
from purenn.train.evaluation import Evaluation, Measured
from purenn.train.settings import Settings
from purenn.train.table import INITIALIZERS

WIDE = 62  # columns of the table of epochs, where there is room for all of it


class Run(NamedTuple):
    """A run, some epochs of which are done."""

    settings: Settings
    data: Data
    net: Network
    monitors: Monitors
    seconds: float

    @property
    def epochs_done(self) -> int:
        return len(self.monitors.training_cost)


def new_run(settings: Settings, data: Data) -> Run:
    """A run that has not begun, with a freshly drawn network."""
    net = Network(settings.sizes, COSTS[settings.cost], HIDDEN[settings.hidden],
                  settings.seed)
    net.rng.seed(settings.seed)  # whichever weights it was born with: these are drawn like them
    INITIALIZERS[settings.weights](net)
    return Run(settings, data, net, Monitors([], [], [], []), 0.0)


def learn(run: Run, progress: Progress, show: Callable[[str], None],
          checkpoint_file: str | None, check_stop: Callable[[], None]) -> Run:
    """Go through the epochs that are left, and return the run with them done.

    ``sgd.SGD`` has a loop of its own because it evaluates each epoch before it goes on: here an
    epoch is done when it has been evaluated, which may be while the next one is learned from.
    Its line goes to ``show``; ``check_stop`` is called often and raises Stop to end the run.
    Raises Stopped, which holds the run as far as it got, if that happens, or if a line cannot be
    shown or the checkpoint cannot be written; raises ValueError if the numbers diverge.  The
    checkpoint remains that of the last epoch done.
    """
    settings, data, net, _, seconds = run
    start = time.monotonic()
    reached = [run]
    digest = ""
    evaluation = Evaluation(data.training, data.evaluation, settings.lmbda, check_stop)

    def now(monitors: Monitors) -> Run:
        return run._replace(monitors=monitors, seconds=seconds + time.monotonic() - start)

    def finish_epoch() -> None:
        as_it_was, measured = evaluation.result()
        if not all_finite(as_it_was, measured):
            raise diverged(reached[0].epochs_done, settings)
        reached[0] = now(Monitors(*(old + [new] for old, new in zip(reached[0].monitors,
                                                                    measured))))
        if checkpoint_file:
            kept = checkpoint.Checkpoint(dict(vars(settings)), digest, as_it_was,
                                         reached[0].monitors, reached[0].seconds)
            save_or_rescue(checkpoint_file, lambda path: checkpoint.save(path, kept))
        progress.clear()
        show(epoch_line(reached[0], columns()))
        check_stop()

    def finish_epoch_before() -> None:
        if evaluation.net:
            finish_epoch()

    try:
        if checkpoint_file:
            digest = checkpoint.data_digest(*(Watched(part, check_stop) for part in data))
        show(epoch_head(columns()))
        for epoch in range(run.epochs_done, settings.epochs):
            def after_mini_batch(done: int, epoch: int = epoch) -> None:
                # A NaN anywhere in a step makes the biases NaN, and these are few.
                if not all(math.isfinite(b_j) for b in net.biases for b_j in b):
                    finish_epoch_before()
                    raise diverged(epoch, settings)
                check_stop()
                progress.update(epoch, done)
                if evaluation.ready():
                    finish_epoch()

            train_epoch(net, data.training, settings.mini_batch, settings.eta, settings.lmbda,
                        after_mini_batch)
            finish_epoch_before()
            evaluation.begin(net)
            if evaluation.ready():
                finish_epoch()
        finish_epoch_before()
    except (Stop, OSError, MemoryError) as cause:
        raise Stopped(cause, now(reached[0].monitors)) from None
    finally:
        evaluation.close()
        progress.clear()
    return reached[0]


class Stopped(Exception):
    """A run ended early, because of a signal (Stop) or because something could not be written."""

    def __init__(self, cause: Exception, run: Run) -> None:
        super().__init__(cause, run)
        self.cause = cause
        self.run = run


def diverged(epochs_done: int, settings: Settings) -> ValueError:
    return ValueError(f"training diverged in epoch {epochs_done + 1}: a weight or cost is no "
                      f"longer a finite number; a smaller --eta than {settings.eta} may help")


def all_finite(net: Network, measured: Measured) -> bool:
    """Whether every weight, every bias and every cost is a finite number."""
    return (math.isfinite(measured.training_cost) and math.isfinite(measured.evaluation_cost)
            and all(math.isfinite(w) for W in net.weights for row in W for w in row)
            and all(math.isfinite(b_j) for b in net.biases for b_j in b))


def epoch_head(width: int) -> str:
    """The head of the table that ``epoch_line`` goes on with: a narrow one has no seconds."""
    if width < WIDE:
        return ("          training       evaluation\n"
                "epoch   cost    right   cost    right")
    return ("             training              evaluation          seconds\n"
            "epoch      cost   accuracy       cost   accuracy    from start")


def epoch_line(run: Run, width: int) -> str:
    """The results of the last epoch, as a line of the table."""
    training_cost, training_accuracy, evaluation_cost, evaluation_accuracy = (
        monitor[-1] for monitor in run.monitors)
    training_right = 100 * training_accuracy / len(run.data.training)
    evaluation_right = 100 * evaluation_accuracy / len(run.data.evaluation)
    if width < WIDE:
        return (f"{run.epochs_done:>5} {training_cost:>6.4g} {training_right:>6.2f} %"
                f" {evaluation_cost:>6.4g} {evaluation_right:>6.2f} %")
    return (f"{run.epochs_done:>5}{training_cost:>10.4f}{training_right:>9.2f} %"
            f"{evaluation_cost:>11.4f}{evaluation_right:>9.2f} %{run.seconds:>14.1f}")


def history(run: Run, test_accuracy: float | None) -> dict[str, Any]:
    """What --history writes: accuracies are fractions of 1, lists have one entry an epoch."""
    monitors, data = run.monitors, run.data
    return {"settings": dict(vars(run.settings)),
            "training_cost": monitors.training_cost,
            "training_accuracy": [k / len(data.training) for k in monitors.training_accuracy],
            "evaluation_cost": monitors.evaluation_cost,
            "evaluation_accuracy": [k / len(data.evaluation)
                                    for k in monitors.evaluation_accuracy],
            "test_accuracy": test_accuracy,
            "seconds": run.seconds}
