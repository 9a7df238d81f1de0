"""A network measured in another process is measured as it would have been here, whatever befalls
that process; and an epoch that is evaluated late is the epoch that it was."""
from __future__ import annotations

import math
import os
import signal
import sys

import pytest

from purenn import mnist
from purenn.network import Network
from purenn.sgd import SGD, Monitors, evaluate
from purenn.store import networks
from purenn.terminal.datasets import Data
from purenn.terminal.progress import Progress
from purenn.terminal.stopping import Stop
from purenn.train import checkpoint, evaluation, training
from purenn.train.evaluation import Evaluation
from purenn.train.settings import Settings

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin",
                                reason="there is no other process on this system")

TRAINING, VALIDATION = [part[:40] for part in mnist.load_data_wrapper(mnist.SMALL)[:2]]
LMBDA = 0.1


@pytest.fixture
def beside(monkeypatch):
    """Evaluation in another process even where it takes a moment only, on any machine."""
    monkeypatch.setattr(evaluation, "pays", lambda net, examples: True)


@pytest.fixture
def evaluating(beside):
    """An Evaluation that nothing stops."""
    one = Evaluation(TRAINING, VALIDATION, LMBDA, lambda: None)
    yield one
    one.close()


def small_network(seed=3):
    return Network([64, 5, 10], seed=seed)


def expected(net):
    return (*evaluate(net, TRAINING, LMBDA, len(TRAINING)),
            *evaluate(net, VALIDATION, LMBDA, len(TRAINING)))


def test_another_process_measures_the_same(evaluating):
    for seed in (1, 2, 3):
        net = small_network(seed)
        evaluating.begin(net)
        assert evaluating.beside[0].pid != os.getpid()
        twin, measured = evaluating.result()
        assert measured == expected(net) and twin.weights == net.weights
        assert evaluating.net is None and not evaluating.ready()


def test_what_is_measured_is_the_network_as_it_was(evaluating):
    net = small_network()
    before = expected(net), net.rng.getstate()
    evaluating.begin(net)
    SGD(net, TRAINING, 1, 10, 0.5)
    twin, measured = evaluating.result()
    assert (measured, twin.rng.getstate()) == before
    assert expected(net) != before[0] and net.rng.getstate() != before[1]
    assert expected(twin) == before[0]


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_process_that_is_killed_is_done_without(evaluating, when):
    net = small_network()
    evaluating.begin(net)
    if when == "before":
        evaluating.result()
    process = evaluating.beside[0]
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    if when == "before":
        evaluating.begin(net)
    assert evaluating.result()[1] == expected(net)
    assert evaluating.beside is None
    evaluating.begin(net)
    assert evaluating.ready() and evaluating.beside is None  # it is not tried again
    assert evaluating.result()[1] == expected(net)


def test_where_no_process_can_be_made_the_work_is_done_here(beside, monkeypatch):
    def refused():
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    here = Evaluation(TRAINING, VALIDATION, LMBDA, lambda: None)
    here.begin(small_network())
    assert here.beside is None and here.ready()
    assert here.result()[1] == expected(small_network())
    here.close()


def test_a_stop_does_not_wait_for_the_result(beside, monkeypatch):
    def stop():
        raise Stop(signal.SIGINT)

    monkeypatch.setattr(evaluation, "measure", lambda *arguments: signal.pause())  # for ever
    monkeypatch.setattr(evaluation, "SECONDS_BETWEEN", 0.01)
    stopped = Evaluation(TRAINING, VALIDATION, LMBDA, stop)
    stopped.begin(small_network())
    process = stopped.beside[0]
    with pytest.raises(Stop):
        stopped.result()
    stopped.close()
    assert not process.is_alive() and process.exitcode == -signal.SIGTERM


def test_ctrl_c_is_for_the_process_that_knows_what_to_do(evaluating):
    net = small_network()
    evaluating.begin(net)
    evaluating.result()
    for number in (signal.SIGINT, signal.SIGHUP):
        os.kill(evaluating.beside[0].pid, number)
    evaluating.begin(net)
    assert evaluating.result()[1] == expected(net)
    assert evaluating.beside is not None


def test_the_other_process_ends_when_nobody_asks_any_more(evaluating):
    evaluating.begin(small_network())
    evaluating.result()
    process, connection = evaluating.beside
    evaluating.beside = None
    connection.close()  # as when this process is killed
    process.join(30)
    assert process.exitcode == 0


def test_when_it_pays(monkeypatch):
    """784·30 + 30·10 weights: 10⁸ of them times examples are reached from 4,199 examples on."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    mnist_network = Network([784, 30, 10])
    assert [evaluation.pays(mnist_network, n) for n in (60000, 4199, 4198)] == [True, True, False]
    assert not evaluation.pays(Network([64, 20, 10]), 1437)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1}, raising=False)
    assert not evaluation.pays(mnist_network, 60000)
    monkeypatch.delattr(os, "fork")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    assert not evaluation.pays(mnist_network, 60000)


def test_an_epoch_is_measured_as_sgd_monitors_it():
    """Each measurement is appended to the list of the same name, by its place."""
    assert evaluation.Measured._fields == Monitors._fields


# ---- a whole run --------------------------------------------------------------------------------

SETTINGS = Settings(True, "x", None, [64, 5, 10], "sigmoid", "scaled", "cross-entropy", 4, 10, 0.5,
                    LMBDA, 3)
DATA = Data(TRAINING, VALIDATION, VALIDATION)


def learned(monkeypatch, tmp_path):
    """A run's result, its lines but for the seconds, and all its checkpoints."""
    kept, lines = [], []
    monkeypatch.setattr(checkpoint, "save", lambda path, state: kept.append(
        (networks.content_of(state.net), state.net.rng.getstate(), state.monitors)))
    run = training.learn(training.new_run(SETTINGS, DATA), Progress(sys.stderr, 4, 40, shown=False),
                         lines.append, str(tmp_path / "run.json"), lambda: None)
    return run, [line[:45] for line in lines], kept


def test_a_run_evaluated_beside_is_the_run_evaluated_here(beside, monkeypatch, tmp_path):
    net = small_network()
    monitors = SGD(net, TRAINING, 4, 10, 0.5, LMBDA, VALIDATION)
    run, lines, kept = learned(monkeypatch, tmp_path)
    assert run.monitors == monitors
    assert (run.net.weights, run.net.biases) == (net.weights, net.biases)
    monkeypatch.setattr(evaluation, "pays", lambda net, examples: False)
    assert learned(monkeypatch, tmp_path)[1:] == (lines, kept)
    assert len(kept) == 4 and len(lines) == 5


def test_an_epoch_is_kept_though_the_next_one_diverges(beside, monkeypatch, tmp_path):
    right = training.train_epoch

    def diverging(net, data, *arguments):
        right(net, data, *arguments)
        epochs.append(len(data))
        if len(epochs) == 2:
            net.biases = [[math.nan] * len(b) for b in net.biases]
            arguments[-1](10)

    epochs = []
    monkeypatch.setattr(training, "train_epoch", diverging)
    lines = []
    with pytest.raises(ValueError, match="training diverged in epoch 2"):
        training.learn(training.new_run(SETTINGS, DATA), Progress(sys.stderr, 4, 40, shown=False),
                       lines.append, None, lambda: None)
    assert len(lines) == 2 and lines[1].startswith("    1")
