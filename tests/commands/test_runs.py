"""What a run says beside its numbers: how long it will take, what was kept, what went wrong."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import purenn
from purenn.terminal.running import run
from purenn.train import command as train
from purenn.train import session, timing
from purenn.train.settings import completed, which_data

ROOT = Path(__file__).resolve().parent.parent.parent
SHORT = ["--small", "--limit", "80", "--epochs", "2"]


def in_process(*arguments):
    return run(train.PROG, train.main, list(arguments))


# ---- how long it takes --------------------------------------------------------------------------

@pytest.mark.parametrize("epoch, epochs, slow, text", [
    (55.0, 30, True, "about 55 s an epoch, 27 min 30 s in all; PyPy takes about 1 min 06 s"),
    (55.0, 30, False, "about 55 s an epoch, 27 min 30 s in all"),
    (6.0, 15, True, "about 6 s an epoch, 1 min 30 s in all"),
    (3.0, 15, True, None),
])
def test_how_long_it_takes_as_a_sentence(epoch, epochs, slow, text):
    assert timing.sentence(epoch, epochs, slow) == text


def test_it_is_said_before_the_first_epoch(monkeypatch, capsys):
    monkeypatch.setattr(timing, "seconds_an_epoch", lambda run, watch: 55.0)
    assert in_process(*SHORT) == 0
    said = capsys.readouterr().out
    assert said.index("about 55 s an epoch, 1 min 50 s in all") < said.index("training   ")
    assert in_process(*SHORT, "--quiet") == 0
    assert "about" not in capsys.readouterr().out


def test_an_epoch_is_as_long_as_its_examples_take(monkeypatch):
    """By a clock that a step moves on by 3 for each example, and an evaluation by 1."""
    now = [0.0]

    def step(net, mini_batch, *ignored):
        now[0] += 3 * len(mini_batch)

    def measure(net, training, evaluation, *ignored):
        now[0] += len(training)

    monkeypatch.setattr(timing.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(timing, "update_mini_batch", step)
    monkeypatch.setattr(timing, "measure", measure)
    given = {"small": True, "limit": 100}
    data = session.load(which_data(given)["data"], 100)
    begun = session.new_run(completed(given, data), data)
    before = [list(row) for W in begun.net.weights for row in W]
    for beside, expected in (False, 3 * 100 + 200), (True, 300):
        monkeypatch.setattr(timing, "pays", lambda net, examples, beside=beside: beside)
        assert timing.seconds_an_epoch(begun, lambda: None) == pytest.approx(expected)
    assert [row for W in begun.net.weights for row in W] == before


# ---- what was kept ------------------------------------------------------------------------------

def stopped(monkeypatch, capsys, *arguments):
    """What is said of a run that Ctrl-C ends after its first epoch."""
    def line(run, width):
        os.kill(os.getpid(), signal.SIGINT)
        return "an epoch"

    monkeypatch.setattr("purenn.train.training.epoch_line", line)
    assert in_process(*SHORT, *arguments) == 130
    return capsys.readouterr().err


def test_ctrl_c_says_what_was_reached_and_that_nothing_was_kept(monkeypatch, capsys, tmp_path):
    said = stopped(monkeypatch, capsys)
    assert "stopped by SIGINT after 1 whole epoch, with " in said
    assert "% of the evaluation images right" in said
    assert "nothing was kept: --save FILE keeps the network" in said
    said = stopped(monkeypatch, capsys, "--save", str(tmp_path / "net.json"))
    assert "nothing was kept" not in said and "wrote " in said


def test_one_epoch_is_one(capsys):
    assert in_process("--small", "--limit", "80", "--epochs", "1") == 0
    assert "cross-entropy cost; 1 epoch, mini-batches" in capsys.readouterr().out


@pytest.mark.parametrize("head", [1, 2])
def test_a_reader_that_goes_away_does_not_keep_a_file_from_being_written(head, tmp_path):
    """As in `train --save b.json … | head -1`: the file is what it would have been."""
    assert in_process(*SHORT, "--quiet", "--save", str(tmp_path / "a.json")) == 0
    command = subprocess.Popen(
        [sys.executable, "-m", "purenn.train", *SHORT, "--save", "b.json"], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    for _ in range(head - 1):
        command.stdout.readline()
    command.stdout.close()
    errors = command.stderr.read()
    command.stderr.close()
    assert command.wait(timeout=60) == 0 and b"wrote b.json" in errors
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


# ---- what went wrong ----------------------------------------------------------------------------

@pytest.mark.parametrize("more", [[], ["--hidden", "relu"], ["--cost", "quadratic"],
                                  ["--cost", "log-likelihood"]])
def test_steps_that_were_too_large_are_named(more, capsys):
    assert in_process("--small", "--epochs", "2", "--eta", "1000", "--lmbda", "0", *more) == 0
    errors = capsys.readouterr().err
    assert "it does no better than always giving the same answer" in errors
    assert "η = 1000.0 is probably too large" in errors and "are saturated" in errors


@pytest.mark.parametrize("more", [["--eta", "1e-9"], []])
def test_steps_that_were_not_too_large_are_not(more, capsys):
    assert in_process("--small", "--epochs", "1", *more) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("typed, meant", [
    (["--lambda", "5"], "--lmbda"), (["--learning-rate=3"], "--eta"),
    (["--epoch", "3"], "--epochs"),
    (["--batch-size", "10"], "--mini-batch"), (["--smal"], "--small"), (["--wieghts", "he"],
                                                                        "--weights")])
def test_options_as_they_are_called_elsewhere(typed, meant, capsys):
    assert in_process("--quiet", *typed) == 2
    said = capsys.readouterr().err
    name = typed[0].partition("=")[0]
    assert f"there is no option {name}; {meant} is the one that is meant here" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["--xyz", "--bogus", "--h", "--count"])
def test_an_option_like_no_other(name, capsys):
    assert in_process("--small", name) == 2
    said = capsys.readouterr().err
    assert f"unrecognized arguments: {name} (" in said and "is meant here" not in said


@pytest.mark.parametrize("name, helps", [("mnist.pkl.gz", True), ("data/mnist.pkl.gz", True),
                                         ("nothere.csv", False)])
def test_where_mnist_is_to_be_had_is_said_of_mnist_alone(name, helps, tmp_path, monkeypatch,
                                                         capsys):
    monkeypatch.chdir(tmp_path)
    assert in_process("--data", name) == 2
    said = capsys.readouterr().err
    assert f"{name} is not there" in said and ("Nielsen" in said) is helps
    assert helps or said.endswith(f"{name} is not there\n")


# ---- initial weights ----------------------------------------------------------------------------

@pytest.mark.parametrize("more, initializer", [
    ([], "default_weight_initializer"), (["--weights", "large"], "large_weight_initializer"),
    (["--weights", "he"], "he_weight_initializer"),
    (["--hidden", "relu"], "he_weight_initializer"),
    (["--hidden", "relu", "--weights", "scaled"], "default_weight_initializer")])
def test_initial_weights(more, initializer, monkeypatch, tmp_path, capsys):
    path = tmp_path / "net.json"
    monkeypatch.setattr(session, "learn", lambda run, *ignored: run)
    monkeypatch.setattr(session, "finish", lambda run, *ignored: run.net.save(str(path)) or 0)
    assert in_process(*SHORT, "--seed", "3", *more) == 0
    net = purenn.Network([64, 20, 10], seed=3)
    net.rng.seed(3)
    getattr(net, initializer)()
    assert json.loads(path.read_text())["weights"] == net.weights


# ---- how it is started --------------------------------------------------------------------------

def test_the_small_digits_are_read_from_a_zip_file(tmp_path):
    """As in a zipapp: the package may be imported from an archive, its data with it."""
    shutil.copytree(ROOT / "purenn", tmp_path / "app" / "purenn",
                    ignore=shutil.ignore_patterns("__pycache__"))
    archive = shutil.make_archive(str(tmp_path / "app"), "zip", tmp_path / "app")
    done = subprocess.run([sys.executable, "-m", "purenn.train", *SHORT, "--quiet"], cwd=tmp_path,
                          env={**os.environ, "PYTHONPATH": archive}, capture_output=True,
                          text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "") and "test accuracy: " in done.stdout


@pytest.mark.parametrize("command", ["train", "show", "explain", "crosscheck", "book"])
def test_ctrl_c_while_python_imports(command, tmp_path):
    """A module of the standard library that the command imports is interrupted."""
    (tmp_path / "argparse.py").write_text("raise KeyboardInterrupt\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    for line in ([f"purenn.{command}"], ["purenn", command]):
        done = subprocess.run([sys.executable, "-m", *line], env=environment, cwd=ROOT.parent,
                              capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_settings_that_do_not_go_with_the_data_are_the_checkpoints_fault(tmp_path, capsys):
    path = tmp_path / "run.json"
    assert train.main(["--small", "--limit", "20", "--epochs", "1", "--quiet", "--checkpoint",
                       str(path)]) == 0
    content = json.loads(path.read_text(encoding="utf-8"))
    content["settings"]["eta"] = 1e308
    path.write_text(json.dumps(content), encoding="utf-8")
    capsys.readouterr()
    assert run(train.PROG, train.main, ["--resume", str(path), "--epochs", "2"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{train.PROG}: {path} is not a checkpoint: --eta 1e+308 times --lmbda ")
