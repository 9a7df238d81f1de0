"""Running an experiment: the curves that its settings give, for one seed or several."""
from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from typing import Callable

from purenn.book.experiments import Run
from purenn.costs import COSTS
from purenn.network import Network
from purenn.sgd import Example, evaluate, train_epoch
from purenn.terminal.progress import Progress
from purenn.terminal.stopping import Watched
from purenn.train.training import Data

MINI_BATCH = 10
#: how many times faster PyPy is at this than CPython, roughly: what `tools/bench.py` measures
PYPY = 12

#: quantity -> one value an epoch
Curves = dict[str, list[float]]


def network(run: Run, seed: int) -> Network:
    """The network before the first epoch, its weights drawn as the run says."""
    net = Network(run.sizes, COSTS[run.cost], seed=seed)
    if run.weights == "large":
        net.large_weight_initializer()
    return net


def learn(run: Run, data: Data, seed: int, progress: Progress,
          check_stop: Callable[[], None]) -> Curves:
    """The curves of one run.  What a stop leaves unfinished is lost with its run."""
    net = network(run, seed)
    training = data.training[:run.training]
    sets = {"training": training, "evaluation": getattr(data, run.evaluation)}
    curves: Curves = {quantity: [] for quantity in run.measured}

    for epoch in range(run.epochs):
        def after_mini_batch(done: int, epoch: int = epoch) -> None:
            check_stop()
            progress.update(epoch, done)

        train_epoch(net, training, MINI_BATCH, run.eta, run.lmbda, after_mini_batch)
        for part, examples in sets.items():
            if f"{part}_cost" in curves or f"{part}_correct" in curves:
                cost, correct = evaluate(net, Watched(examples, check_stop), run.lmbda)
                if f"{part}_cost" in curves:
                    curves[f"{part}_cost"].append(cost)
                if f"{part}_correct" in curves:
                    curves[f"{part}_correct"].append(correct / len(examples))
    return curves


def seconds_for(runs: Sequence[Run], data: Data) -> float:
    """How long the runs take here, from a few mini-batches and evaluations of each kind."""
    known: dict[tuple[int, ...], tuple[float, float]] = {}
    seconds = 0.0
    for run in runs:
        if tuple(run.sizes) not in known:
            known[tuple(run.sizes)] = speed(network(run, 0), data.training[:run.training])
        a_step, a_look = known[tuple(run.sizes)]
        looks = (run.training * any(q.startswith("training") for q in run.measured)
                 + len(getattr(data, run.evaluation))
                 * any(q.startswith("evaluation") for q in run.measured))
        seconds += run.epochs * (run.training * a_step + looks * a_look)
    return seconds


def speed(net: Network, examples: Sequence[Example]) -> tuple[float, float]:
    """Seconds for an example in a step, and in an evaluation, once the interpreter is warm."""
    few = list(examples[:200])
    found = []
    for work in (lambda: train_epoch(net, few, MINI_BATCH, 0.001),
                 lambda: evaluate(net, few, 0)):
        best = float("inf")
        end = time.perf_counter() + 0.4
        while time.perf_counter() < end:
            start = time.perf_counter()
            work()
            best = min(best, time.perf_counter() - start)
        found.append(best / len(few))
    return found[0], found[1]


def how_long(seconds: float, duration: Callable[[float], str]) -> str:
    """"about 3 min 20 s on this CPython; PyPy takes about 17 s"."""
    here = platform.python_implementation()
    other, factor = ("CPython", PYPY) if here == "PyPy" else ("PyPy", 1 / PYPY)
    return (f"about {duration(seconds)} with this {here}; {other} takes about "
            f"{duration(max(seconds * factor, 1))}")


