"""The command that trains, as its user meets it."""
from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import purenn
from purenn import mnist
from purenn.terminal import progress as progress_module
from purenn.terminal.progress import Progress, duration
from purenn.terminal.running import run
from purenn.train import command as train
from purenn.train.options import build_parser
from purenn.train.settings import Settings
from purenn.train.table import TABLE

ROOT = Path(__file__).resolve().parent.parent.parent
SHORT = ["--small", "--epochs", "2", "--limit", "120"]


def command(*arguments, cwd=None, flags=()):
    """(exit status, standard output, standard error) of python3 -m purenn.train."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, *flags, "-m", "purenn.train", *arguments],
                          cwd=cwd or ROOT, env=environment, capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def in_process(*arguments):
    """The exit status of the same, without a new interpreter."""
    return run(train.PROG, train.main, list(arguments))


def test_small_runs_without_site_packages():
    """That it learns, too, is in test_pages.py: the README's first command."""
    status, said, errors = command(*SHORT, "--quiet", flags=("-S",))
    assert (status, errors) == (0, "")
    assert re.match(r"seed 0\ntest accuracy: ", said)


def test_a_line_an_epoch_then_curve_matrix_and_mistakes(capsys):
    assert in_process(*SHORT) == 0
    said = capsys.readouterr().out
    assert re.findall(r"^ +([12]) +\d+\.\d{4} +\d+\.\d\d % +\d+\.\d{4} +\d+\.\d\d %", said,
                      re.MULTILINE) == ["1", "2"]
    for part in ("120 training, 120 evaluation and 120 test images", "seed 0", "● training",
                 "<- what the network said", "Its most confident mistake"):
        assert part in said


def test_history_holds_what_was_measured(tmp_path, capsys):
    path = tmp_path / "history.json"
    assert in_process(*SHORT, "--history", str(path), "--seed", "7") == 0
    history = json.loads(path.read_text())
    assert set(history) == {"settings", "training_cost", "training_accuracy", "evaluation_cost",
                            "evaluation_accuracy", "test_accuracy", "seconds"}
    assert set(history["settings"]) == set(TABLE)
    assert [field.name for field in fields(Settings)] == list(TABLE)
    assert history["settings"]["seed"] == 7
    training, evaluation, test = (part[:120] for part in mnist.load_data_wrapper(mnist.SMALL))
    net = purenn.Network([64, 20, 10], seed=7)
    monitors = net.SGD(training, 2, 10, 0.5, 0.1, evaluation)
    assert history["training_cost"] == monitors.training_cost
    assert history["evaluation_cost"] == monitors.evaluation_cost
    assert history["training_accuracy"] == [k / 120 for k in monitors.training_accuracy]
    assert history["evaluation_accuracy"] == [k / 120 for k in monitors.evaluation_accuracy]
    assert history["test_accuracy"] == net.accuracy(test) / 120


def test_save_keeps_the_trained_network(tmp_path, capsys):
    path = tmp_path / "net.json"
    assert in_process(*SHORT, "--quiet", "--save", str(path)) == 0
    said = capsys.readouterr()
    test = mnist.load_data_wrapper(mnist.SMALL)[2][:120]
    assert f"({purenn.load(str(path)).accuracy(test)} of 120)" in said.out
    assert f"wrote {path}" in said.err


def test_same_seed_same_digest_other_seed_another(capsys):
    digests = []
    for seed in ("3", "3", "4"):
        assert in_process(*SHORT, "--quiet", "--digest", "--seed", seed) == 0
        digests.append(re.findall(r"sha256.*", capsys.readouterr().out))
    assert len(digests[0]) == 3
    assert digests[0] == digests[1]
    assert all(a != b for a, b in zip(digests[0], digests[2]))


@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "tanh"])
@pytest.mark.parametrize("cost", ["cross-entropy", "quadratic", "log-likelihood"])
def test_every_activation_and_cost_learns(hidden, cost, capsys):
    assert in_process("--small", "--limit", "200", "--epochs", "5", "--quiet", "--hidden", hidden,
                      "--cost", cost) == 0
    correct = int(re.search(r"\((\d+) of 200\)", capsys.readouterr().out).group(1))
    assert correct > 60  # guessing gives 20


@pytest.mark.parametrize("arguments, part", [
    (["--data", "nowhere.pkl.gz"], "nowhere.pkl.gz is not there"),
    ([], "mnist.pkl.gz is not there"),
    (["--small", "--data", "x"], "not allowed with"),
    (["--small", "--sizes", "64"], "'64' is not a list of layer sizes"),
    (["--small", "--sizes", "64,x,10"], "is not a list of layer sizes"),
    (["--small", "--sizes", "784,30,10"], "must begin with 64"),
    (["--small", "--sizes", "64,30,9"], "must end with 10"),
    (["--small", "--eta", "0"], "'0' is not a finite number above 0"),
    (["--small", "--eta", "nan"], "'nan' is not a finite number above 0"),
    (["--small", "--lmbda", "-1"], "'-1' is not a finite number from 0"),
    (["--small", "--mini-batch", "0"], "'0' is not a whole number from 1 on"),
    (["--small", "--epochs", "1.5"], "'1.5' is not a whole number from 1 on"),
    (["--small", "--hidden", "step"], "argument --hidden: invalid choice"),
    (["--small", "--save", "."], "Is a directory"),
    (["--small", "--save", "a.json", "--history", "a.json"], "must name different files"),
    (["--small", "--history", "no/such/folder.json"], "No such file or directory"),
    (["--small", "--eta", "1e9"], "--eta 1000000000.0 times --lmbda 0.1 must be less than 1,257"),
    (["--small", "--epochs", "3", "--eta", "1e300", "--lmbda", "0"],
     "training diverged in epoch 1"),
])
def test_what_makes_no_sense_gets_one_sentence(arguments, part, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        status = in_process(*arguments)
    except SystemExit as end:  # argparse ends the program itself
        status = end.code
    errors = capsys.readouterr().err
    assert status == 2
    assert part in errors and errors.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_help_gives_each_default_and_examples():
    status, said, _ = command("--help")
    assert status == 0
    for text in ("(default: 30; with --small 15; for points and tables 100)", "(default: 10)",
                 "examples:",
                 "--sizes 784,30,10 --epochs 30 --mini-batch 10 --eta 3.0 --lmbda 0.1"):
        assert text in re.sub(r"\s+", " ", said)


def test_output_without_unicode(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-m", "purenn.train", *SHORT], cwd=tmp_path,
                          env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert "* training   o evaluation" in done.stdout.decode("ascii")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_progress_bar_only_on_a_terminal():
    bar, pipe = Terminal(), io.StringIO()
    for stream in (bar, pipe):
        progress = Progress(stream, rounds=2, examples=100)
        progress.update(round_=0, done=10)
        progress.update(round_=1, done=100)
        progress.clear()
    assert "epoch   2" in bar.getvalue() and "examples/s, 0 s left" in bar.getvalue()
    assert pipe.getvalue() == ""


def test_no_estimate_before_there_is_something_to_judge_by(monkeypatch):
    """250 examples a second from the first update on; what was done before does not count."""
    now = [100.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress_module, "columns", lambda stream: 80)
    said = []
    for examples in (10_000, 1000):
        bar, now[0] = Terminal(), 100.0
        progress = Progress(bar, rounds=1, examples=examples)
        for seconds in (99, 99.5, 100.5):
            now[0] = 100 + seconds
            progress.update(0, 10 + int(250 * (seconds - 99)))
        said.append([text.strip() for text in bar.getvalue().split("\r")[1:]])
    slow, fast = said
    assert slow[0] == slow[1] == "epoch " + "░" * 24
    assert slow[2].endswith(" 250 examples/s, 38 s left")  # 9,615 / 250
    assert fast[0].endswith("░") and fast[1].endswith(" 250 examples/s, 3 s left")  # 865 / 250


@pytest.mark.parametrize("seconds, text", [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
                                           (185, "3 min 05 s"), (7800, "2 h 10 min")])
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_the_run_of_the_listing_can_be_said():
    options = build_parser().parse_args(
        "--sizes 784,30,10 --epochs 30 --mini-batch 10 --eta 3.0 --lmbda 0.1".split())
    assert (options.sizes, options.epochs, options.mini_batch, options.eta, options.lmbda) == (
        [784, 30, 10], 30, 10, 3.0, 0.1)


@pytest.mark.skipif(not (ROOT.parent / "shared/data/mnist.pkl.gz").exists(), reason="needs MNIST")
def test_mnist_with_the_defaults_of_the_command(capsys):
    assert in_process("--data", str(ROOT.parent / "shared/data/mnist.pkl.gz"), "--limit", "300",
                      "--epochs", "3", "--quiet") == 0
    correct = int(re.search(r"\((\d+) of 300\)", capsys.readouterr().out).group(1))
    assert correct > 150  # guessing gives 30
