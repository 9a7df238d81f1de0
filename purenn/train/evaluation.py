"""How well a network does, measured while it goes on learning.

Evaluating MNIST's 60,000 training and evaluation images takes a good part of each epoch's time.  A
second processor can do it while this one already learns from the next epoch: it measures a copy of
the network with the same function, so the numbers have the same bits.

The other process is a fork of this one and so has the data already.  It is made where there is
fork, a second processor and enough work; everywhere else, and if that process is lost, this one
evaluates the network itself.
"""
from __future__ import annotations

import copy
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Callable, NamedTuple

from purenn.network import Network
from purenn.sgd import Example, evaluate
from purenn.terminal.stopping import Watched

if TYPE_CHECKING:  # ``fork`` imports them for the runs that need them
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

#: From how many weights times examples a second process is worthwhile: a second's work on CPython.
WORTH = 100_000_000
SECONDS_BETWEEN = 0.1  # how often to check whether the other process is done


class Measured(NamedTuple):
    """The results of an epoch: two costs, and how many examples were classified right."""

    training_cost: float
    training_accuracy: int
    evaluation_cost: float
    evaluation_accuracy: int


class Evaluation:
    """Measures one network after the other, here or in a second process; ``close`` ends that.

    ``check_stop`` is called often while a result is awaited or computed.
    """

    def __init__(self, training: list[Example], evaluation: list[Example], lmbda: float,
                 check_stop: Callable[[], None]) -> None:
        self.data = training, evaluation, lmbda
        self.check_stop = check_stop
        self.net: Network | None = None  # what is being measured, if anything is
        #: the other process and the connection to it
        self.beside: tuple[BaseProcess, Connection] | None = None
        self.tried = False
        self.next_look = 0.0

    def begin(self, net: Network) -> None:
        """Measure the network as it is now; it may change afterwards."""
        self.net = copy.copy(net)
        if not self.tried and pays(net, len(self.data[0]) + len(self.data[1])):
            self.beside = fork(self.net, *self.data)
        self.tried = True
        if self.beside:
            try:
                self.beside[1].send((self.net.weights, self.net.biases))
            except OSError:
                self.close()

    def ready(self) -> bool:
        """Whether result() returns without waiting, or must compute it itself.

        It may be called after every mini-batch: it looks for a result only now and then.
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
        """What the other process has measured; None if there is no such process or it is lost."""
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


def measure(net: Network, training: list[Example], evaluation: list[Example], lmbda: float,
            watch: Callable[[], None]) -> Measured:
    """How well the network does; ``watch`` is called often meanwhile."""
    return Measured(*evaluate(net, Watched(training, watch), lmbda, len(training)),
                    *evaluate(net, Watched(evaluation, watch), lmbda, len(training)))


def pays(net: Network, examples: int) -> bool:
    """Whether another process is possible and saves time."""
    if not hasattr(os, "fork") or sys.platform == "darwin":  # macOS' own libraries may break
        return False
    processors = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
                  else os.cpu_count() or 1)
    weights = sum(m * n for m, n in zip(net.sizes, net.sizes[1:]))
    return processors > 1 and weights * examples >= WORTH


def fork(net: Network, training: list[Example], evaluation: list[Example], lmbda: float
         ) -> tuple[BaseProcess, Connection] | None:
    """Another process that measures networks like this one, or None if there can be none."""
    import multiprocessing  # imported here so that runs without it start fast

    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=serve, args=(here, there, net, training, evaluation, lmbda), daemon=True)
    try:
        process.start()
    except OSError:  # for instance, this user may not have more processes
        here.close()
        return None
    finally:
        there.close()
    return process, here


def serve(far_end: Connection, connection: Connection, net: Network, training: list[Example],
          evaluation: list[Example], lmbda: float) -> None:
    """What the other process does: measure each network it is sent, until the connection ends."""
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to both processes, and
        signal.signal(number, signal.SIG_IGN)      # only the first one knows what to do
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    far_end.close()  # otherwise this process would not notice the end of the first
    parent = os.getppid()

    def watch() -> None:
        if os.getppid() != parent:
            raise EOFError

    try:
        while True:
            net.weights, net.biases = connection.recv()
            connection.send(measure(net, training, evaluation, lmbda, watch))
    except (EOFError, OSError, MemoryError, ArithmeticError):
        pass  # the first process is gone, or will find the error when it measures itself
