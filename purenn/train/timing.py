"""How long a run will take, told by its first mini-batches before it begins."""
from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable

from purenn.sgd import update_mini_batch
from purenn.terminal.progress import duration
from purenn.train.evaluation import measure, pays
from purenn.train.training import Run

WORTH_SAYING = 60  # seconds; who waits for less need not be told
ENOUGH = 0.2       # seconds of work from which its speed is judged: PyPy has to warm up
PYPY = 25          # times as fast as CPython in a whole run on MNIST (purenn/train/README.md)


def how_long(run: Run, watch: Callable[[], None]) -> str | None:
    """The sentence that says it, or None if that is not worth saying.

    A copy of the network does the work, so that the run itself does not know of it.
    """
    try:
        epoch = seconds_an_epoch(run, watch)
    except ArithmeticError:  # the run will meet it as well, and say what to do
        return None
    return sentence(epoch, run.settings.epochs - run.epochs_done,
                    sys.implementation.name == "cpython")


def sentence(epoch: float, epochs: int, slow: bool) -> str | None:
    """So many seconds an epoch, as people say it; whether a faster Python is to be had is slow."""
    if epoch * epochs < WORTH_SAYING:
        return None
    text = f"about {duration(epoch)} an epoch, {duration(epoch * epochs)} in all"
    if slow and epoch * epochs > 2 * WORTH_SAYING:
        text += f"; PyPy takes about {duration(epoch * epochs / PYPY)}"
    return text


def seconds_an_epoch(run: Run, watch: Callable[[], None]) -> float:
    """How long an epoch and its evaluation will take, from as much of it as tells."""
    settings, data, net = run.settings, run.data, copy.copy(run.net)
    n, m = len(data.training), settings.mini_batch

    def learn(first: int, last: int) -> None:
        for k in range(first, last, m):
            update_mini_batch(net, data.training[k:k + m], settings.eta, settings.lmbda, n)

    def evaluate(first: int, last: int) -> None:
        measure(net, data.training[first:last], data.evaluation[:1], settings.lmbda, watch)

    learning = rate(learn, n, m, watch) * n
    examples = n + len(data.evaluation)
    evaluating = rate(evaluate, n, m, watch) * examples
    return max(learning, evaluating) if pays(net, examples) else learning + evaluating


def rate(work: Callable[[int, int], None], n: int, m: int, watch: Callable[[], None]) -> float:
    """Seconds that an example takes: of twice as many each time, until they take long enough."""
    first, count = 0, m
    while True:
        watch()
        last = min(first + count, n)
        start = time.monotonic()
        work(first, last)
        seconds = time.monotonic() - start
        if seconds >= ENOUGH or last == n:
            return seconds / (last - first)
        first, count = last, 2 * count
