"""How well a network does, measured while it goes on learning.

To evaluate MNIST's 60,000 training and evaluation images after each epoch takes a good part of
the time.  A second processor can do it while this one learns from the next epoch: what is measured
is a copy of the network, by the same function, so the numbers have the same bits.

The other process is a fork of this one, which has the data already.  It is made where there is
fork, a second processor to run on, and enough work; everywhere else, and if that process is lost,
the evaluation is done here.
"""
from __future__ import annotations

import copy
import os
import signal
import sys
import time
from typing import Any, Callable, NamedTuple

from purenn.network import Network
from purenn.sgd import Example, evaluate
from purenn.terminal.stopping import Watched

#: How many weights times examples make a process of its own worthwhile: on CPython a second's work.
WORTH = 100_000_000
SECONDS_BETWEEN = 0.1  # two looks at whether the other process is done


class Measured(NamedTuple):
    """What is known of a network after an epoch: two costs, and how many were classified right."""

    training_cost: float
    training_accuracy: int
    evaluation_cost: float
    evaluation_accuracy: int


class Evaluation:
    """Measures one network after the other, here or beside; to be left with ``close``.

    ``check_stop`` is called often while a result is waited for or worked out.
    """

    def __init__(self, training: list[Example], evaluation: list[Example], lmbda: float,
                 check_stop: Callable[[], None]) -> None:
        self.data = training, evaluation, lmbda
        self.check_stop = check_stop
        self.net: Network | None = None  # what is being measured, if anything is
        self.beside: tuple[Any, Any] | None = None  # the other process, and the way to it
        self.tried = False
        self.next_look = 0.0

    def begin(self, net: Network) -> None:
        """Measure the network as it is now; it may change afterwards."""
        self.net = snapshot(net)
        if not self.tried and pays(net, len(self.data[0]) + len(self.data[1])):
            self.beside = fork(self.net, *self.data)
        self.tried = True
        if self.beside:
            try:
                self.beside[1].send((self.net.weights, self.net.biases))
            except OSError:
                self.close()

    def ready(self) -> bool:
        """Whether there is a result that need not be waited for, or nobody else to work it out.

        This may be asked at every turn: it looks for the result now and then only.
        """
        if self.net is None or self.beside is None:
            return self.net is not None
        if time.monotonic() < self.next_look:
            return False
        self.next_look = time.monotonic() + SECONDS_BETWEEN
        return self.beside[1].poll()

    def result(self) -> tuple[Network, Measured]:
        """The network as it was when its evaluation began, and what was measured."""
        net, self.net = self.net, None
        assert net is not None, "nothing is being measured"
        return net, self._received() or measure(net, *self.data, self.check_stop)

    def _received(self) -> Measured | None:
        """What the other process has measured, or None if there is none or it is lost."""
        if self.beside is None:
            return None
        try:
            while not self.beside[1].poll(SECONDS_BETWEEN):
                self.check_stop()
            return self.beside[1].recv()
        except (EOFError, OSError):
            self.close()
            return None

    def close(self) -> None:
        """End the other process, whatever it is doing."""
        if self.beside:
            process, connection = self.beside
            self.beside = None
            connection.close()
            process.terminate()
            process.join()


def snapshot(net: Network) -> Network:
    """A network with the numbers that this one has now, its random numbers' state included."""
    twin = copy.copy(net)
    twin.weights, twin.biases, twin.rng = net.weights, net.biases, copy.copy(net.rng)
    return twin


def measure(net: Network, training: list[Example], evaluation: list[Example], lmbda: float,
            watch: Callable[[], None]) -> Measured:
    """How well the network does; ``watch`` is called often meanwhile."""
    return Measured(*evaluate(net, Watched(training, watch), lmbda),
                    *evaluate(net, Watched(evaluation, watch), lmbda))


def pays(net: Network, examples: int) -> bool:
    """Whether another process is possible and saves time."""
    if not hasattr(os, "fork") or sys.platform == "darwin":  # macOS' own libraries may not bear it
        return False
    processors = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
                  else os.cpu_count() or 1)
    weights = sum(m * n for m, n in zip(net.sizes, net.sizes[1:]))
    return processors > 1 and weights * examples >= WORTH


def fork(net: Network, training: list[Example], evaluation: list[Example], lmbda: float
         ) -> tuple[Any, Any] | None:
    """Another process that measures networks like this one, or None if there can be none."""
    import multiprocessing  # here, because a run that does not need it should not wait for it

    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=serve, args=(here, there, net, training, evaluation, lmbda), daemon=True)
    try:
        process.start()
    except OSError:  # this user has as many processes as are allowed, for instance
        here.close()
        return None
    finally:
        there.close()
    return process, here


def serve(far_end: Any, connection: Any, net: Network, training: list[Example],
          evaluation: list[Example], lmbda: float) -> None:
    """What the other process does: measure what it is sent, until nobody sends any more."""
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to both processes, and
        signal.signal(number, signal.SIG_IGN)      # it is the other one that knows what to do
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    far_end.close()  # or the end of the other process would not be seen here
    parent = os.getppid()

    def watch() -> None:
        if os.getppid() != parent:
            raise EOFError

    try:
        while True:
            net.weights, net.biases = connection.recv()
            connection.send(measure(net, training, evaluation, lmbda, watch))
    except (EOFError, OSError, MemoryError, ArithmeticError):
        pass  # the other process is gone, or will do it itself and see what is wrong
