"""Nothing is lost: processes that are killed, disks that are full, terminals that are closed.

Most of what is killed here is a fork of this process that runs the command like a new process
would, which saves starting an interpreter; what depends on a process of its own gets one.
"""
from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

import purenn
from purenn import Network, mnist
from purenn.formats import strict_json
from purenn.sgd import Monitors
from purenn.store import files
from purenn.terminal import stopping
from purenn.terminal.datasets import Data
from purenn.terminal.running import run
from purenn.terminal.stopping import Stop, StopAtOnce, stop_requests
from purenn.train import checkpoint, session, training
from purenn.train import command as train
from purenn.train.settings import MOST_NUMBERS, Settings, check_settings
from purenn.train.table import TABLE

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = ["--small", "--limit", "80", "--epochs", "5", "--sizes", "64,6,10"]


# ---- ways to run the command --------------------------------------------------------------------

class Child:
    """The training command in a fork of this process; its output goes to files in a folder."""

    def __init__(self, folder, arguments, prepare=lambda: None):
        self.out, self.err = (os.path.join(str(folder), name) for name in ("out", "err"))
        files = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                 for path in (self.out, self.err)]
        signal.pthread_sigmask(signal.SIG_BLOCK, stopping.SIGNALS)
        self.pid = os.fork()
        if self.pid == 0:
            status = 99
            try:
                for number in stopping.SIGNALS:  # as a new process has them, but for the traceback
                    signal.signal(number, stopping.stop_at_once)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping.SIGNALS)
                for fd, file in enumerate(files, start=1):
                    os.dup2(file, fd)
                sys.stdout, sys.stderr = (open(fd, "w", encoding="utf-8") for fd in (1, 2))
                os.chdir(str(folder))
                prepare()
                status = run(train.PROG, train.main, list(map(str, arguments)))
            except StopAtOnce as stop:
                status = 128 + stop.number
            except BaseException as error:
                os.write(2, f"Traceback: {error!r}".encode())
            finally:
                os._exit(status)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping.SIGNALS)
        for file in files:
            os.close(file)

    def send(self, number):
        os.kill(self.pid, number)

    def wait(self):
        """(exit status, or minus the signal that killed it; standard output; standard error)"""
        _, status = os.waitpid(self.pid, 0)
        status = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return (status, *(Path(path).read_text(encoding="utf-8") for path in (self.out, self.err)))


def trained(folder, *arguments, prepare=lambda: None):
    return Child(folder, arguments, prepare).wait()


def process(folder, *arguments, **options):
    """The command in a process of its own, with pipes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen([sys.executable, "-m", "purenn.train", *map(str, arguments)],
                            cwd=str(folder), env=environment,
                            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})


def at_once(folder, *arguments, prepare=lambda: None):
    """trained, for what must end with one sentence and exit status 2; the sentence."""
    status, _, errors = trained(folder, *arguments, prepare=prepare)
    assert status == 2
    assert errors.startswith(f"{train.PROG}: ") and errors.count("\n") == 1, errors
    return errors


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What an uninterrupted run of SMALL ends with: digests, the network's and history's bytes."""
    folder = tmp_path_factory.mktemp("whole")
    status, said, _ = trained(folder, *SMALL, "--digest", "--save", "net.json",
                              "--history", "history.json", "--checkpoint", "run.json")
    assert status == 0
    return folder, digests(said)


def digests(said):
    lines = [line for line in said.splitlines() if line.startswith("sha256")]
    assert len(lines) == 6  # five epochs' costs, and the network
    return lines


def same_history(one, other):
    """Histories agree in all but how long it took, and where the data are."""
    a, b = (json.loads(Path(path).read_text()) for path in (one, other))
    for history in (a, b):
        del history["seconds"]
    return a == b


# ---- saves that are killed ----------------------------------------------------------------------

@pytest.fixture
def memory(tmp_path):
    """A folder that is on no disk, if there is one: more kills in less time."""
    folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else str(tmp_path))
    yield Path(folder)
    shutil.rmtree(folder)


def kill_while(work, times, check):
    """Fork a process that works without end, kill it at a random moment, check; many times."""
    for k in range(times):
        reader, writer = os.pipe()
        start = time.monotonic()
        pid = os.fork()
        if pid == 0:
            try:
                while True:
                    work()
                    os.write(writer, b".")
            finally:
                os._exit(1)
        os.read(reader, 1)  # once round; and then somewhere in the rounds that follow
        time.sleep(random.Random(k).uniform(0, 2) * (time.monotonic() - start))
        os.kill(pid, signal.SIGKILL)
        assert os.waitpid(pid, 0)[1] == signal.SIGKILL  # it was at work to the last
        os.close(reader)
        os.close(writer)
        check()


def test_a_file_is_the_old_or_the_new_one_however_often_saving_is_killed(memory):
    path = str(memory / "text")
    texts = [letter * size for letter, size in (("a", 10), ("b", 50_000), ("c", 500_000))]
    files.write_whole(path, texts[0])
    seen, left = [], []

    def save_all():
        for text in texts:
            files.write_whole(path, text)

    def check():
        seen.append(texts.index(Path(path).read_text()))
        for name in os.listdir(memory):
            assert name == "text" or name.startswith("text.") and name.endswith(".partial")
            if name != "text":
                left.append(name)
                os.unlink(memory / name)

    kill_while(save_all, 40, check)
    # Else it was always killed at the same place, and little was tested.
    assert set(seen) == {0, 1, 2} and left


def test_models_histories_and_checkpoints_are_whole_after_a_kill(memory):
    nets = [Network([4, 5, 3], seed=seed) for seed in (1, 2)]
    paths = [str(memory / name) for name in ("net.json", "history.json", "run.json")]
    settings = dict.fromkeys(TABLE)

    def save_all():
        for net in nets:
            net.save(paths[0])
            files.write_json(paths[1], {"training_cost": [net.weights[0][0][0]] * 200})
            checkpoint.save(paths[2], checkpoint.Checkpoint(settings, "", net,
                                                            Monitors([], [], [], []), 1.0))

    def check():
        assert purenn.load(paths[0]).weights in [net.weights for net in nets]
        assert strict_json.read_json(paths[1])["training_cost"][199] in [
            net.weights[0][0][0] for net in nets]
        kept = checkpoint.load(paths[2])
        net = nets[kept.net.weights == nets[1].weights]
        assert (kept.net.biases, kept.net.rng.getstate()) == (net.biases, net.rng.getstate())

    kill_while(save_all, 20, check)


# ---- runs that are interrupted, and go on -------------------------------------------------------

def until_done(folder, seed, number, arguments=SMALL):
    """Interrupt a run again and again with a signal, at random moments; how often it took."""
    draw = random.Random(seed)
    arguments = [*arguments, "--checkpoint", "run.json"]
    for interrupted in range(100):
        child = Child(folder, [*arguments, "--digest", "--save", "net.json",
                               "--history", "history.json"])
        # Later attempts get more time, so that there is an end to it on a slow machine, too.
        time.sleep(draw.uniform(0, 0.1 + 0.1 * interrupted))
        with contextlib.suppress(ProcessLookupError):
            child.send(number)
        status, said, errors = child.wait()
        assert "Traceback" not in errors
        if status == 0:
            return interrupted, said
        assert status == (-number if number == signal.SIGKILL else 128 + number), errors
        if os.path.exists(folder / "run.json"):
            arguments = ["--resume", "run.json"]
    raise AssertionError("it never ended")


@pytest.mark.parametrize("number, seed", [(signal.SIGKILL, 0), (signal.SIGKILL, 1),
                                          (signal.SIGTERM, 2), (signal.SIGINT, 3)])
def test_a_run_that_is_interrupted_anywhere_ends_with_the_same_bits(
        whole, tmp_path, number, seed):
    folder, expected = whole
    interrupted = 0
    while not interrupted:  # a quick machine can be done before the first signal
        with contextlib.suppress(FileNotFoundError):
            os.unlink(tmp_path / "run.json")
        seed += 10
        interrupted, said = until_done(tmp_path, seed, number)
    assert digests(said) == expected
    assert (tmp_path / "net.json").read_bytes() == (folder / "net.json").read_bytes()
    assert same_history(tmp_path / "history.json", folder / "history.json")


def at_epoch(child, epoch):
    """Wait for the line of an epoch."""
    while not any(line.startswith(f"{epoch:>5} ") for line in
                  Path(child.out).read_text(encoding="utf-8").splitlines()):
        time.sleep(0.002)


@pytest.mark.parametrize("name, status", [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_saves_says_what_and_has_its_status(whole, tmp_path, name, status):
    child = Child(tmp_path, [*SMALL, "--epochs", "1000", "--save", "net.json", "--history",
                             "history.json", "--checkpoint", "run.json"])
    at_epoch(child, 2)
    child.send(getattr(signal, name))
    got, said, errors = child.wait()
    history = json.loads((tmp_path / "history.json").read_text())
    epochs = len(history["training_cost"])
    assert got == status
    right = 100 * history["evaluation_accuracy"][-1]
    assert errors.splitlines() == [
        f"{train.PROG}: stopped by {name} after {epochs} whole epochs, with {right:.2f} % of the "
        "evaluation images right",
        f"{train.PROG}: wrote net.json", f"{train.PROG}: wrote history.json",
        f"{train.PROG}: --resume run.json goes on after epoch {epochs}"]
    assert 2 <= epochs < 1000 and history["test_accuracy"] is None
    assert "test accuracy" not in said
    assert len(checkpoint.load(str(tmp_path / "run.json")).monitors.training_cost) == epochs
    net = purenn.load(str(tmp_path / "net.json"))
    # It is the network as it was after the last mini-batch: better than one that knows nothing.
    learned_from = mnist.load_data_wrapper(mnist.SMALL)[0][:80]
    assert net.total_cost(learned_from) < Network([64, 6, 10]).total_cost(learned_from)


def test_a_signal_while_the_test_data_are_looked_at(whole, tmp_path):
    """All epochs are done: the network is saved all the same, though the result is not shown."""
    def prepare():
        classify = session.result.classify
        session.result.classify = lambda *arguments: (os.kill(os.getpid(), signal.SIGTERM),
                                                      classify(*arguments))[1]

    status, _, errors = trained(tmp_path, *SMALL, "--save", "net.json", prepare=prepare)
    assert status == 143 and "stopped by SIGTERM after 5 whole epochs" in errors
    assert (tmp_path / "net.json").read_bytes() == (whole[0] / "net.json").read_bytes()


def test_a_signal_while_files_are_written_lets_them_be_written(whole, tmp_path):
    def prepare():
        replace = os.replace

        def interrupted(*arguments):
            os.kill(os.getpid(), signal.SIGINT)
            replace(*arguments)

        os.replace = interrupted

    status, said, errors = trained(tmp_path, *SMALL, "--save", "net.json", "--history",
                                   "history.json", prepare=prepare)
    assert (status, errors.count("wrote")) == (0, 2)  # there was nothing left to interrupt
    assert (tmp_path / "net.json").read_bytes() == (whole[0] / "net.json").read_bytes()


@pytest.mark.parametrize("name, status", [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_before_there_is_anything_to_save(tmp_path, name, status):
    def prepare():
        def slow(*arguments):
            os.kill(os.getpid(), getattr(signal, name))
            time.sleep(60)

        session.load = slow

    assert trained(tmp_path, *SMALL, "--save", "net.json", prepare=prepare) == (
        status, "", f"{train.PROG}: ended at once by {name}\n")
    assert sorted(os.listdir(tmp_path)) == ["err", "out"]


@pytest.fixture
def listening():
    """SIGINT as an interpreter on a terminal has it: nohup and & leave it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_second_press_ends_at_once_but_not_the_first_passed_on(listening, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(stopping.time, "monotonic", lambda: now[0])
    with stop_requests() as check_stop:
        check_stop()
        os.kill(os.getpid(), signal.SIGINT)
        now[0] += stopping.SECONDS_OF_ONE_PRESS
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Stop):
            check_stop()
        now[0] += 0.01
        with pytest.raises(StopAtOnce) as caught:
            os.kill(os.getpid(), signal.SIGTERM)
        assert caught.value.number == signal.SIGTERM


def test_handlers_are_as_they_were_afterwards():
    before = [signal.getsignal(number) for number in stopping.SIGNALS]
    with pytest.raises(StopAtOnce):
        with stop_requests():
            raise StopAtOnce(signal.SIGINT)
    assert [signal.getsignal(number) for number in stopping.SIGNALS] == before


def test_what_is_ignored_stays_ignored(whole, tmp_path):
    """nohup lets a run outlive its terminal, and Ctrl-C is not for what runs in the background."""
    def prepare():
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)

    child = Child(tmp_path, [*SMALL, "--digest"], prepare)
    at_epoch(child, 1)
    child.send(signal.SIGHUP)
    child.send(signal.SIGINT)
    status, said, errors = child.wait()
    assert (status, errors) == (0, "") and digests(said) == whole[1]


def test_two_runs_on_one_checkpoint_leave_it_whole(whole, tmp_path):
    child = Child(tmp_path, [*SMALL, "--checkpoint", "run.json"])
    at_epoch(child, 1)
    child.send(signal.SIGKILL)
    child.wait()
    children = []
    for name in ("one", "two"):
        os.mkdir(tmp_path / name)
        children.append(Child(tmp_path / name, ["--resume", "../run.json", "--digest"]))
    while len(checkpoint.load(str(tmp_path / "run.json")).monitors.training_cost) < 5:
        pass
    for child in children:
        status, said, _ = child.wait()
        assert status == 0 and digests(said) == whole[1]
    kept = checkpoint.load(str(tmp_path / "run.json"))
    assert kept.net.weights == purenn.load(str(whole[0] / "net.json")).weights


# ---- going on with what is not the same ---------------------------------------------------------

@pytest.fixture
def interrupted(whole, tmp_path):
    """A checkpoint after two of five epochs, in run.json."""
    shutil.copy(whole[0] / "run.json", tmp_path / "run.json")
    content = json.loads((tmp_path / "run.json").read_text())
    content["monitors"] = {name: values[:2] for name, values in content["monitors"].items()}
    (tmp_path / "run.json").write_text(json.dumps(content))
    return tmp_path / "run.json"


def test_a_finished_run_can_be_made_longer(whole, tmp_path):
    """Two epochs, and then three more, give the bits of five; the checkpoint says five."""
    trained(tmp_path, *SMALL, "--epochs", "2", "--checkpoint", "run.json")
    status, said, _ = trained(tmp_path, "--resume", "run.json", "--epochs", "5", "--digest")
    assert status == 0 and digests(said) == whole[1]
    assert checkpoint.load(str(tmp_path / "run.json")).settings["epochs"] == 5


@pytest.mark.parametrize("arguments, sentence", [
    (["--epochs", "1"], "run.json is of a run that has done 2 epochs, more than --epochs 1"),
    (["--eta", "0.25"], "run.json is of a run with --eta 0.5, not --eta 0.25"),
    (["--lmbda", "0"], "run.json is of a run with --lmbda 0.1, not --lmbda 0.0"),
    (["--mini-batch", "11"], "run.json is of a run with --mini-batch 10, not --mini-batch 11"),
    (["--sizes", "64,7,10"], "run.json is of a run with --sizes 64,6,10, not --sizes 64,7,10"),
    (["--hidden", "relu"], "run.json is of a run with --hidden sigmoid, not --hidden relu"),
    (["--cost", "quadratic"], "run.json is of a run with --cost cross-entropy, not --cost quad"),
    (["--seed", "1"], "run.json is of a run with --seed 0, not --seed 1"),
    (["--limit", "81"], "run.json is of a run with --limit 80, not --limit 81"),
    (["--data", str(ROOT / "tests/data/list-floats-protocol2.pkl")],
     f"run.json is of a run on other data than {ROOT}/tests/data/list-floats-protocol2.pkl"),
    (["--data", "nowhere"], "nowhere is not there"),
    (["--save", "run.json"], "--checkpoint must name different files"),
    (["--save", "run.json", "--checkpoint", "other.json"],
     "run.json holds the checkpoint to --resume, and would be overwritten"),
])
def test_other_settings_or_data_are_refused(interrupted, arguments, sentence):
    before = interrupted.read_bytes()
    assert sentence in at_once(interrupted.parent, "--resume", "run.json", *arguments)
    assert interrupted.read_bytes() == before
    assert sorted(os.listdir(interrupted.parent)) == ["err", "out", "run.json"]


def test_the_same_settings_and_data_are_not(interrupted, whole):
    data = interrupted.parent / "digits.pkl.gz"
    shutil.copy(mnist.SMALL, data)  # the same data elsewhere are the same data
    shutil.copy(whole[0] / "run.json", interrupted)
    status, said, _ = trained(interrupted.parent, "--resume", "run.json", "--eta", "0.5",
                              "--epochs", "5", "--limit", "80", "--data", str(data), "--digest")
    assert status == 0 and digests(said) == whole[1]


def test_a_run_that_was_over_is_shown_again_and_saved(whole, tmp_path):
    shutil.copy(whole[0] / "run.json", tmp_path)
    before = (tmp_path / "run.json").read_bytes()
    status, said, _ = trained(tmp_path, "--resume", "run.json", "--save", "net.json", "--digest")
    assert status == 0 and digests(said) == whole[1]
    assert (tmp_path / "net.json").read_bytes() == (whole[0] / "net.json").read_bytes()
    assert (tmp_path / "run.json").read_bytes() == before


def test_going_on_in_another_file_leaves_the_old_one(whole, tmp_path):
    child = Child(tmp_path, [*SMALL, "--checkpoint", "run.json"])
    at_epoch(child, 2)
    child.send(signal.SIGINT)
    child.wait()
    before = (tmp_path / "run.json").read_bytes()
    status, said, _ = trained(tmp_path, "--resume", "run.json", "--checkpoint", "b.json",
                              "--digest")
    assert status == 0 and digests(said) == whole[1]
    assert (tmp_path / "run.json").read_bytes() == before
    assert len(checkpoint.load(str(tmp_path / "b.json")).monitors.training_cost) == 5


def test_a_run_that_is_not_over_is_not_overwritten_by_a_new_one(interrupted):
    before = interrupted.read_bytes()
    assert ("run.json holds a run that has done 2 of 5 epochs: --resume run.json goes on with it; "
            "to begin anew, remove it") in at_once(interrupted.parent, *SMALL, "--checkpoint",
                                                   "run.json")
    assert interrupted.read_bytes() == before


def test_the_data_are_not_overwritten(tmp_path):
    data = ROOT / "tests/data/list-floats-protocol2.pkl"
    shutil.copy(data, tmp_path / "d.pkl")
    os.symlink("d.pkl", tmp_path / "link")
    for option in ("--save", "--history", "--checkpoint"):
        assert "link holds the data, and would be overwritten" in at_once(
            tmp_path, "--data", "d.pkl", "--sizes", "4,3,10", option, "link")
    assert (tmp_path / "d.pkl").read_bytes() == data.read_bytes()


# ---- numbers ------------------------------------------------------------------------------------

def test_a_run_that_diverges_keeps_the_last_good_checkpoint(interrupted):
    content = json.loads(interrupted.read_text())
    content["settings"].update(eta=1e300, lmbda=0)
    interrupted.write_text(json.dumps(content))
    before = interrupted.read_bytes()
    status, said, errors = trained(interrupted.parent, "--resume", "run.json")
    assert status == 2 and errors.count("\n") == 1
    assert "training diverged in epoch 3: a weight or cost is no longer a finite number" in errors
    assert interrupted.read_bytes() == before and "\n    3 " not in said


@pytest.mark.parametrize("arguments, part", [
    (["--eta", "-1"], "'-1' is not a finite number above 0"),
    (["--eta", "1e400"], "'1e400' is not a finite number above 0"),
    (["--eta", "1e-400"], "'1e-400' is not a finite number above 0"),
    (["--lmbda", "inf"], "'inf' is not a finite number from 0"),
    (["--lmbda", "nan"], "'nan' is not a finite number from 0"),
    (["--eta", "1", "--lmbda", "1257"], "must be less than 1,257"),
    (["--eta", "1e200", "--lmbda", "1e200"], "must be less than 1,257"),
    (["--mini-batch", "1258"], "--mini-batch 1258 is more than the 1,257 training examples"),
    (["--mini-batch", "-5"], "'-5' is not a whole number from 1 on"),
    (["--epochs", "9" * 30], "is more than 9223372036854775807"),
    (["--seed", "9" * 200], "is more than 9223372036854775807"),
    (["--epochs", "1" * 5000], "is more than 9223372036854775807"),
    (["--sizes", "64,0,10"], "is not a list of layer sizes"),
    (["--sizes", "64,-1,10"], "is not a list of layer sizes"),
    (["--sizes", "64," + "9" * 5000 + ",10"], "is not a list of layer sizes"),
    (["--sizes", "64,1000000000,10"], "asks for 75,000,000,010 weights and biases"),
    (["--save", ""], "argument --save: the name of a file is missing"),
    (["--data", ""], "argument --data: the name of a file is missing"),
])
def test_what_makes_no_sense_is_refused_before_any_work(tmp_path, arguments, part):
    def prepare():
        def work(*arguments, **options):
            raise AssertionError("work has begun")

        session.Network = training.Network = training.train_epoch = work

    if "--data" not in arguments:
        arguments = ["--small", *arguments]
    assert part in at_once(tmp_path, *arguments, prepare=prepare)


def test_settings_at_the_edge_of_sense_are_not_refused():
    data = Data([([0.0] * 64, 1)] * 10, [], [])
    settings = Settings(True, "x", None, [64, 10], "sigmoid", "scaled", "quadratic", 1, 10, 1.0,
                        9.99, 0)
    check_settings(settings, data)
    with pytest.raises(ValueError):
        check_settings(replace(settings, lmbda=10.0), data)
    # 64·h + h + 10·h + 10 = 75 h + 10 numbers, ten million of which are the most
    check_settings(replace(settings, sizes=[64, 133333, 10]), data)
    with pytest.raises(ValueError):
        check_settings(replace(settings, sizes=[64, 133334, 10]), data)


def test_the_largest_network_that_can_be_trained_can_be_read_again(monkeypatch):
    """The store's limits leave room for it, whatever its shape: here each row has one number."""
    n = MOST_NUMBERS
    longest = "-2.2250738585072014e-308, "
    assert n * (len(longest) + len("[], ")) < strict_json.MAX_BYTES
    assert n * (32 + 64) < strict_json.MAX_MEMORY


def test_a_mini_batch_of_the_usual_size_shrinks_to_few_data(tmp_path):
    status, said, _ = trained(tmp_path, "--small", "--limit", "7", "--epochs", "1")
    assert status == 0 and "mini-batches of 7" in said


# ---- disks that are full, folders that are read-only --------------------------------------------

@contextlib.contextmanager
def mounted(folder, options):
    """A file system in memory at the folder; the test is skipped where none can be mounted."""
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True,
                       capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path):
    """A folder on a disk of 256 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "size=256k"):
        yield folder


@pytest.fixture
def rescue(tmp_path):
    """A folder for temporary files, and what makes a child use it."""
    folder = tmp_path / "rescue"
    folder.mkdir()

    def prepare():
        tempfile.tempdir = str(folder)
        os.environ["HOME"] = str(folder)

    return folder, prepare


def rescued(folder, errors, path):
    """The file that was put elsewhere, as the sentence says."""
    place = errors.split("it was put at ")[1].split(" instead")[0]
    assert place.startswith(str(folder) + "/purenn-") and place.endswith("/" + path)
    return place


def test_a_disk_that_is_full_leaves_the_old_file(disk):
    path = str(disk / "net.json")
    files.write_whole(path, "x" * 100_000)
    with pytest.raises(OSError) as caught:
        files.write_whole(path, "y" * 200_000)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, path)
    assert os.listdir(disk) == ["net.json"]
    assert Path(path).read_text() == "x" * 100_000


def test_a_disk_that_is_full_is_found_out_before_the_first_epoch(disk, tmp_path):
    (disk / "fill").write_bytes(bytes(240 << 10))
    for option in ("--save", "--history", "--checkpoint"):
        assert "disk/net.json: No space left on device" in at_once(
            tmp_path, *SMALL, option, "disk/net.json")
    assert os.listdir(disk) == ["fill"]


# 15,010 numbers of about 21 characters: more than 256 KB, and half of it
LARGE = ["--small", "--limit", "20", "--epochs", "2", "--sizes", "64,200,10"]
MEDIUM = ["--small", "--limit", "20", "--epochs", "200", "--sizes", "64,100,10"]


def test_a_network_the_disk_has_no_room_for_is_put_elsewhere(disk, tmp_path, rescue):
    status, said, errors = trained(tmp_path, *LARGE, "--save", "disk/net.json", "--history",
                                   "disk/history.json", prepare=rescue[1])
    assert status == 2 and "test accuracy" in said
    assert errors.splitlines()[0].startswith(
        f"{train.PROG}: disk/net.json could not be written (No space left on device); it was put")
    assert errors.splitlines()[1:] == [f"{train.PROG}: wrote disk/history.json"]
    assert os.listdir(disk) == ["history.json"]
    purenn.load(rescued(rescue[0], errors, "net.json"))


def test_a_checkpoint_the_disk_has_no_room_for_is_put_elsewhere(disk, tmp_path, rescue):
    """The run ends; the last good checkpoint stays; what was rescued goes on to the same bits."""
    child = Child(tmp_path, [*MEDIUM, "--checkpoint", "run.json"])
    at_epoch(child, 1)
    child.send(signal.SIGTERM)
    assert child.wait()[0] == 143
    content = json.loads((tmp_path / "run.json").read_text())
    content["settings"]["epochs"] = len(content["monitors"]["training_cost"]) + 2
    before = json.dumps(content).encode()
    assert 128 << 10 < len(before) < 180 << 10  # a second one does not fit beside it
    (tmp_path / "run.json").write_bytes(before)
    (disk / "run.json").write_bytes(before)
    assert trained(tmp_path, "--resume", "run.json", "--save", "whole.json")[0] == 0

    status, said, errors = trained(tmp_path, "--resume", "disk/run.json", "--save", "net.json",
                                   prepare=rescue[1])
    assert status == 2 and "test accuracy" not in said
    assert "disk/run.json could not be written (No space left on device); it was put" in errors
    assert f"{train.PROG}: wrote net.json\n" in errors
    assert os.listdir(disk) == ["run.json"]
    assert (disk / "run.json").read_bytes() == before
    assert trained(tmp_path, "--resume", rescued(rescue[0], errors, "run.json"),
                   "--save", "end.json")[0] == 0
    assert (tmp_path / "end.json").read_bytes() == (tmp_path / "whole.json").read_bytes()


def test_where_nothing_can_be_put_anywhere_the_sentence_says_so(tmp_path, rescue):
    (tmp_path / "net.json").write_text("the old file")

    def prepare():
        rescue[1]()
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 17, 1 << 17))  # no file above 128 KB

    status, said, errors = trained(tmp_path, *LARGE, "--save", "net.json", prepare=prepare)
    assert status == 2 and "test accuracy" in said
    assert errors.count("\n") == 1
    assert "net.json could not be written (File too large), nor could it be put into " in errors
    assert (tmp_path / "net.json").read_text() == "the old file"
    assert os.listdir(rescue[0]) == []
    assert sorted(os.listdir(tmp_path)) == ["err", "net.json", "out", "rescue"]


def test_one_file_that_cannot_be_written_does_not_keep_the_others_from_it(tmp_path, rescue):
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    status, _, errors = trained(tmp_path, *SMALL, "--save", "/dev/full", "--history", "h.json",
                                prepare=rescue[1])
    assert status == 2
    assert "/dev/full could not be written (No space left on device); it was put at" in errors
    purenn.load(rescued(rescue[0], errors, "full"))
    assert json.loads((tmp_path / "h.json").read_text())["test_accuracy"] > 0


@contextlib.contextmanager
def read_only(folder):
    """A folder nothing can be written to: not even by root."""
    if os.geteuid() != 0:
        os.chmod(folder, 0o500)
        yield
        os.chmod(folder, 0o700)
        return
    with mounted(folder, "size=64k"):
        (folder / "net.json").write_text("the old file")
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield


def test_a_read_only_folder_is_found_out_before_the_first_epoch(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "net.json").write_text("the old file")
    with read_only(folder):
        for name in ("net.json", "new.json"):
            errors = at_once(tmp_path, *SMALL, "--save", f"folder/{name}")
            assert f"folder/{name}: " in errors
            with pytest.raises(OSError) as caught:
                Network([1, 1]).save(str(folder / name))
            assert caught.value.filename == str(folder / name)
        assert os.listdir(folder) == ["net.json"]
        assert (folder / "net.json").read_text() == "the old file"


def test_a_file_that_must_not_be_changed(tmp_path):
    path = tmp_path / "net.json"
    path.write_text("the old file")
    if os.geteuid() == 0:
        if subprocess.run(["chattr", "+i", str(path)], capture_output=True).returncode:
            pytest.skip("needs chattr +i")
    else:
        os.chmod(path, 0o400)
    try:
        assert "net.json: " in at_once(tmp_path, *SMALL, "--save", "net.json")
    finally:
        if os.geteuid() == 0:
            subprocess.run(["chattr", "-i", str(path)], check=True)
    assert path.read_text() == "the old file"


@pytest.mark.parametrize("target, sentence", [
    ("folder", "folder: Is a directory"), ("folder/", "folder/: Is a directory"),
    ("new/", "new/: Is a directory"), ("new/net.json", "new/net.json: No such file or directory"),
    ("file/net.json", "file/net.json: Not a directory"), ("n" * 300, "File name too long"),
    ("loop", "loop: Too many levels of symbolic links"),
])
@pytest.mark.parametrize("option", ["--save", "--history", "--checkpoint"])
def test_places_where_no_file_can_be(tmp_path, option, target, sentence):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    os.symlink("loop", tmp_path / "loop")
    assert sentence in at_once(tmp_path, *SMALL, option, target)
    assert sorted(os.listdir(tmp_path)) == ["err", "file", "folder", "loop", "out"]
    assert os.listdir(tmp_path / "folder") == []


def test_a_name_as_long_as_names_may_be(tmp_path):
    for name in ("n" * 255, "ü" * 127):
        path = str(tmp_path / name)
        files.check_writable(path)
        assert os.listdir(tmp_path) == []
        files.write_whole(path, "text")
        assert os.listdir(tmp_path) == [name]
        os.unlink(path)


def test_links_lead_to_the_file(tmp_path):
    """A link to a file stays a link; a link to what is not there yet makes it."""
    (tmp_path / "folder").mkdir()
    os.symlink("folder/net.json", tmp_path / "link")
    for text in ("one", "two"):
        files.check_writable(str(tmp_path / "link"))
        files.write_whole(str(tmp_path / "link"), text)
        assert os.readlink(tmp_path / "link") == "folder/net.json"
        assert (tmp_path / "folder/net.json").read_text() == text


def test_pipes_and_devices_are_written_to(whole, tmp_path):
    command = process(tmp_path, *SMALL, "--quiet", "--save", "/dev/stdout",
                      "--history", "/dev/null")
    said, errors = command.communicate(timeout=60)
    assert command.returncode == 0 and errors.count(b"wrote") == 2
    assert (whole[0] / "net.json").read_bytes() in said
    reader, writer = os.pipe()
    files.check_writable(f"/dev/fd/{writer}")
    files.write_whole(f"/dev/fd/{writer}", "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    os.close(writer)


def test_a_pipe_that_nobody_reads_is_refused_before_the_first_epoch(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for option in ("--save", "--history", "--checkpoint", "--report"):
        assert "pipe: nobody reads this pipe" in at_once(tmp_path, *SMALL, option, "pipe")


def test_a_pipe_that_somebody_reads_gets_the_network(whole, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE) as reader:
        child = Child(tmp_path, [*SMALL, "--save", "pipe"], wait_for_reader)
        said = reader.communicate(timeout=60)[0]
        assert child.wait()[0] == 0
    assert said == (whole[0] / "net.json").read_bytes()


def wait_for_reader():
    while True:
        try:
            os.open("pipe", os.O_WRONLY | os.O_NONBLOCK)  # stays open, or cat would see an end
            return
        except OSError:
            time.sleep(0.01)


def test_a_pipe_whose_reader_has_gone_is_not_waited_for(tmp_path):
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    files.check_writable(path)
    os.close(reader)
    with pytest.raises(OSError, match="nobody reads this pipe"):
        files.write_whole(path, "text")


# ---- output that nobody reads -------------------------------------------------------------------

def test_a_closed_pipe_ends_quietly(tmp_path):
    """As in | head -5: what would kill other programs is an error to Python, but none to us."""
    command = process(tmp_path, *SMALL, "--epochs", "100000")
    for _ in range(5):
        command.stdout.readline()
    command.stdout.close()
    assert command.stderr.read() == b""
    assert command.wait(timeout=60) == 2
    command.stderr.close()


def test_a_closed_pipe_does_not_lose_what_was_to_be_saved(whole, tmp_path):
    command = process(tmp_path, *SMALL, "--save", "net.json", "--history", "history.json",
                      stderr=subprocess.STDOUT)
    for _ in range(6):
        command.stdout.readline()
    command.stdout.close()  # standard error goes there as well, and nobody sees it, either
    assert command.wait(timeout=60) == 0
    assert (tmp_path / "net.json").read_bytes() == (whole[0] / "net.json").read_bytes()
    assert same_history(tmp_path / "history.json", whole[0] / "history.json")


def test_a_full_disk_under_standard_output(tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    with open("/dev/full", "wb") as full:
        command = process(tmp_path, *SMALL, stdout=full)
        errors = command.communicate(timeout=60)[1].decode()
    assert command.returncode == 2
    assert errors == f"{train.PROG}: standard output: No space left on device\n"


def test_output_that_fails_in_the_midst_does_not_lose_what_was_to_be_saved(tmp_path):
    def prepare():
        lines = []

        def show(text):
            lines.append(text)
            if len(lines) == 5:  # an empty line, the head, and three epochs
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        session.teller = lambda options: show
        session.announce = lambda *arguments: None
        session.how_long = lambda *arguments: None

    status, _, errors = trained(tmp_path, *SMALL, "--save", "net.json", "--history", "h.json",
                                prepare=prepare)
    assert status == 2
    assert errors.splitlines() == [
        f"{train.PROG}: wrote net.json", f"{train.PROG}: wrote h.json",
        f"{train.PROG}: standard output: Input/output error"]
    assert len(json.loads((tmp_path / "h.json").read_text())["training_cost"]) == 3


@pytest.mark.parametrize("closed", [1, 2])
def test_no_output_at_all(whole, tmp_path, closed):
    """As with >&- and 2>&-."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", f'"$@" {closed}>&-', "sh", sys.executable, "-m",
                           "purenn.train", *SMALL, "--save", "net.json"], cwd=str(tmp_path),
                          env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0 and b"Traceback" not in done.stdout + done.stderr
    assert (tmp_path / "net.json").read_bytes() == (whole[0] / "net.json").read_bytes()


def test_names_with_line_ends_and_colors_stay_one_line(tmp_path):
    errors = at_once(tmp_path, "--data", "a\nb\x1b[31m\u2028c")
    assert "a\\nb\\x1b[31m\\u2028c is not there" in errors
