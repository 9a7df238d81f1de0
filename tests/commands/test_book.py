"""python -m purenn.book: the published settings and numbers, ours beside them, both in a chart."""
from __future__ import annotations

import io
import json
import math
import signal

import pytest

from purenn.book import command, experiments, neuron, session
from purenn.book.comparison import Outcome, differences, drawn, straight
from purenn.book.experiments import EXPERIMENTS, Run, made_small, named, runs_of
from purenn.book.learning import learn, network
from purenn.book.options import NAMES
from purenn.book.webpage import page
from purenn.terminal.progress import Progress
from purenn.terminal.running import run
from purenn.terminal.stopping import Stop
from purenn.train.training import Data

TINY = Run("tiny", [2, 2, 2], "cross-entropy", "large", 3, 2, 0.5, 0.6, "test",
           ("training_cost", "evaluation_cost", "training_correct", "evaluation_correct"), {})
PAIRS = [([0.5, -1.0], 0), ([1.0, 0.25], 1), ([-0.75, 0.5], 0), ([0.0, 1.0], 1)]
DATA = Data(PAIRS[:3], PAIRS[2:], PAIRS[1:3])


def said(capsys, *arguments):
    """(exit status, standard output, standard error) of the command."""
    status = run("book", command.main, list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


# ---- what was published -------------------------------------------------------------------------

def test_the_settings_are_those_of_the_book():
    """Chapter 1: 784-30-10, η = 3, 30 epochs; chapter 3: 1,000 images, η = 0.5, 400 epochs."""
    first = runs_of(named("first"))
    assert [(r.sizes, r.eta, r.cost, r.weights) for r in first] == [
        ([784, 30, 10], 3.0, "quadratic", "large"), ([784, 100, 10], 3.0, "quadratic", "large"),
        ([784, 100, 10], 0.001, "quadratic", "large"), ([784, 30, 10], 100.0, "quadratic", "large")]
    assert first[0].published["evaluation_correct"][1] == 0.9129
    assert first[1].published["evaluation_correct"] == {30: 0.9659}
    (overfitting,) = runs_of(named("overfitting"))
    assert overfitting[1:9] == ([784, 30, 10], "cross-entropy", "large", 1000, 400, 0.5, 0.0,
                                "test")
    assert list(overfitting.published["training_cost"])[:3] == [1, 10, 20]
    assert overfitting.published["training_correct"][400] <= 1
    assert [r.evaluation for r in runs_of(named("weights"))] == 4 * ["evaluation"]
    assert [r.epochs * r.training for r in runs_of(named("more-data"))] == 9 * [1_500_000]
    assert [r.lmbda / r.training for r in runs_of(named("more-data"))] == pytest.approx(
        9 * [1e-4], rel=1e-15)


def test_the_published_file_names_its_source_and_licence():
    assert "Nielsen" in experiments.published()["source"]
    assert experiments.published()["license"].startswith("MIT License. Copyright (c)")


def test_the_neurons_end_where_the_book_prints_that_they_do():
    """M. Nielsen, Neural Networks and Deep Learning, ch. 3: 0.82 and 0.98 before, 0.09 and 0.20
    after 300 epochs with the quadratic cost."""
    for each in neuron.neurons():
        learned = neuron.learn(each)
        assert len(learned.outputs) == 301
        assert f"{learned.outputs[0]:.2f}" == f"{each.output_first:.2f}"
        if each.output_last is not None:
            assert f"{learned.outputs[-1]:.2f}" == f"{each.output_last:.2f}"
    outputs = [neuron.learn(each).outputs[-1] for each in neuron.neurons()]
    assert outputs[3] < 1 and outputs[1] > outputs[0]


# ---- what is computed ---------------------------------------------------------------------------

def sigma(z):
    return 1 / (1 + math.exp(-z))


def test_costs_are_those_of_the_book_s_definition():
    """The mean of −Σ [y ln a + (1 − y) ln(1 − a)] plus (λ/2n) Σ w², n being each set's own."""
    curves = learn(TINY, DATA, 5, Progress(io.StringIO(), 2, 3), lambda: None)
    net = network(TINY, 5)
    net.SGD(DATA.training, 2, 10, TINY.eta, TINY.lmbda)
    squares = sum(w * w for W in net.weights for row in W for w in row)

    def cost(x, y):
        hidden = [sigma(sum(map(float.__mul__, row, x)) + b)
                  for row, b in zip(net.weights[0], net.biases[0])]
        a = [sigma(sum(map(float.__mul__, row, hidden)) + b)
             for row, b in zip(net.weights[1], net.biases[1])]
        return -sum(math.log(v if j == y else 1 - v) for j, v in enumerate(a))

    for part, examples in (("training", DATA.training), ("evaluation", DATA.test)):
        n = len(examples)
        expected = sum(cost(x, y) for x, y in examples) / n + TINY.lmbda * squares / (2 * n)
        # a dozen roundings each in a few sums, and the exponentials' own
        assert curves[f"{part}_cost"][-1] == pytest.approx(expected, rel=1e-14)
        assert curves[f"{part}_correct"][-1] == net.accuracy(examples) / n
    assert all(len(curve) == 2 for curve in curves.values())


def test_large_weights_are_those_of_chapter_one():
    assert network(TINY, 3).weights != network(TINY._replace(weights="scaled"), 3).weights


def test_a_small_run_decays_like_the_large_one():
    for experiment in EXPERIMENTS:
        for large in [] if experiment.name == "slow" else runs_of(experiment):
            small = made_small(large)
            assert small.lmbda / small.training == pytest.approx(large.lmbda / large.training)
            assert small.sizes == [64, *large.sizes[1:]] and not small.published
            assert small.epochs * small.training < 7000


# ---- comparing ----------------------------------------------------------------------------------

def test_a_thinned_curve_is_drawn_with_straight_lines():
    assert straight([(1, 2.0), (3, 4.0), (4, 1.0)], 4) == [2.0, 3.0, 4.0, 1.0]
    outcome = Outcome(TINY._replace(published={"training_cost": {1: 3.0, 2: 1.0}}),
                      [{"training_cost": [1.0, 2.0]}, {"training_cost": [2.0, 4.0]}])
    assert drawn(outcome, "training_cost") == {"here": [1.5, 3.0], "published": [3.0, 1.0]}


def test_a_published_curve_may_end_earlier():
    run = TINY._replace(epochs=4, measured=("training_cost",),
                        published={"training_cost": {1: 3.0, 2: 1.0}})
    outcome = Outcome(run, [{"training_cost": [4.0, 3.0, 2.0, 1.0]}])
    assert drawn(outcome, "training_cost")["published"] == [3.0, 1.0]
    text = page(EXPERIMENTS[0], [outcome], [])
    # a mark for each value of both curves, and one in the legend: circles here, squares published
    assert text.count("<circle") == 4 + 1 and text.count("<rect") == 2 + 1


def test_only_a_difference_that_seeds_do_not_explain_is_told():
    """Three seeds end at 1, 2 and 3: mean 2, deviation 1, three deviations of one more draw are
    3 √(4/3) = 3.46."""
    def with_published(value):
        run = TINY._replace(measured=("training_cost",), epochs=2,
                            published={"training_cost": {2: value}})
        return [Outcome(run, [{"training_cost": [0.0, end]} for end in (1.0, 2.0, 3.0)])]
    assert differences(with_published(5.46)) == []
    (sentence,) = differences(with_published(5.47))
    assert "2.0000 here and 5.4700 published" in sentence and "3.4641" in sentence
    one_seed = with_published(9.0)[0]._replace(curves=[{"training_cost": [0.0, 1.0]}])
    assert differences([one_seed]) == []


def test_the_options_name_the_experiments():
    assert NAMES == tuple(experiment.name for experiment in experiments.EXPERIMENTS)


# ---- the command --------------------------------------------------------------------------------

def test_without_a_name_it_lists_the_experiments(capsys):
    status, out, _ = said(capsys)
    assert status == 0
    for experiment in EXPERIMENTS:
        assert experiment.name in out
    assert max(map(len, out.splitlines())) <= 100


def test_one_neuron(capsys, tmp_path):
    history, report = tmp_path / "slow.json", tmp_path / "slow.html"
    status, out, _ = said(capsys, "slow", "--history", str(history), "--report", str(report))
    assert status == 0 and "0.0940" in out and "0.09" in out
    assert len(json.loads(history.read_text())["runs"]) == 4
    assert report.read_text().count("<svg") == 4 and "<script" not in report.read_text()


@pytest.mark.parametrize("name", ["first", "overfitting", "regularized", "weights", "eta",
                                  "more-data"])
def test_every_experiment_runs_on_the_small_digits(capsys, tmp_path, monkeypatch, name):
    monkeypatch.setattr(experiments, "SMALL_TRAINING", dict.fromkeys(experiments.SMALL_TRAINING,
                                                                     20))
    monkeypatch.setattr(experiments, "SMALL_EPOCHS", {400: 2, 30: 2})
    runs = [made_small(each)._replace(epochs=2, sizes=[64, 3, 10]) for each in runs_of(named(name))]
    monkeypatch.setattr(session, "prepared", lambda experiment, options: (
        Data(*[part[:20] for part in session.mnist.load_data_wrapper(session.mnist.SMALL)]), runs))
    history, report = tmp_path / "h.json", tmp_path / "r.html"
    status, out, err = said(capsys, name, "--small", "--seeds", "2", "--history", str(history),
                            "--report", str(report))
    assert status == 0, err
    assert "about" in out.splitlines()[1] and "±" in out
    kept = json.loads(history.read_text())["runs"]
    assert len(kept) == len(runs)
    assert all(len(curve) == 2 for each in kept for seed in each["seeds"]
               for curve in seed.values())
    assert "<svg" in report.read_text()


def test_other_data_than_mnist_are_refused(capsys, monkeypatch):
    status, _, err = said(capsys, "eta", "--data", session.mnist.SMALL)
    assert status == 2 and "is not MNIST with 50,000 training images" in err
    status, _, err = said(capsys, "eta", "--data", "nowhere.pkl.gz")
    assert status == 2 and "nowhere.pkl.gz" in err
    status, _, err = said(capsys, "nothing")
    assert status == 2 and "nothing" in err


def test_what_is_done_when_it_is_stopped_is_shown_and_kept(capsys, tmp_path, monkeypatch):
    runs = [TINY._replace(measured=("evaluation_correct",)) for _ in range(3)]
    monkeypatch.setattr(session, "prepared", lambda experiment, options: (DATA, runs))
    calls = []

    def stopping(run, data, seed, progress, check_stop):
        calls.append(run)
        if len(calls) == 2:
            raise Stop(signal.SIGINT)
        return {"evaluation_correct": [0.5, 0.5]}
    monkeypatch.setattr(session, "learn", stopping)
    status, out, err = said(capsys, "eta", "--history", str(tmp_path / "h.json"))
    assert status == 130 and "stopped after 1 of 3 runs" in err
    assert len(json.loads((tmp_path / "h.json").read_text())["runs"]) == 1
