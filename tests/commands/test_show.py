"""The command that draws digits with what a network makes of them, as its user meets it."""
from __future__ import annotations

import gzip
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from purenn import mnist
from purenn.activations import Identity
from purenn.costs import QuadraticCost
from purenn.linalg import argmax
from purenn.network import Network
from purenn.show import command as show
from purenn.store import networks
from purenn.terminal.running import run

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def small():
    """(a network that has learned a little, the test digits that come with the package)"""
    training, _, test = mnist.load_data_wrapper(mnist.SMALL)
    net = Network([64, 12, 10], seed=3)
    net.SGD(training[:300], 4, 10, 1.0)
    return net, [(x, y) for x, y in test]


@pytest.fixture
def model(small, tmp_path):
    path = tmp_path / "net.json"
    small[0].save(str(path))
    return str(path)


@pytest.fixture
def say(capsys):
    """A function from arguments to what the command prints."""
    def said(*arguments):
        assert run(show.PROG, show.main, list(arguments)) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return captured.out
    return said


def drawn(said):
    """(place, digit, what it was taken for or None, the ten outputs) of each digit drawn."""
    parts = re.split(r"^\w+ digit (?=\d+: )", said, flags=re.MULTILINE)[1:]
    result = []
    for part in parts:
        place, digit, wrong = re.match(r"(\d+): an? (\d), (?:and recognized|taken for an? (\d))$",
                                       part, re.MULTILINE).groups()
        outputs = re.findall(r"(?:^| )(\d)  [ █▏▎▍▌▋▊▉#]{20} +(-?\d+\.\d\d)", part, re.MULTILINE)
        assert [int(k) for k, _ in outputs] == list(range(10))
        outputs = [float(a) for _, a in outputs]
        result.append((int(place), int(digit), wrong and int(wrong), outputs))
    return result


def matches(digits, net, test):
    """Whether what was drawn is what the network says of these test digits."""
    for place, digit, wrong, outputs in digits:
        x, y = test[place]
        a = net.feedforward(x)
        assert digit == y and wrong == (None if argmax(a) == y else argmax(a))
        assert all(abs(shown - a_k) <= 0.005 + 1e-12 for shown, a_k in zip(outputs, a))
    return True


def outcomes(small):
    """place -> (the digit, what the network says, how sure it is of that)"""
    net, test = small
    outputs = [net.feedforward(x) for x, _ in test]
    return {k: (y, argmax(a), max(a)) for k, ((_, y), a) in enumerate(zip(test, outputs))}


# ---- what is shown -------------------------------------------------------------------------------

def test_an_overview_with_the_worst_mistakes(small, model, say):
    said = say(model)
    all_of_them = outcomes(small)
    wrong = sorted((k for k, (y, j, _) in all_of_them.items() if y != j),
                   key=lambda k: -all_of_them[k][2])
    assert len(wrong) > 10
    right = 360 - len(wrong)
    assert f"accuracy: {100 * right / 360:.2f} % ({right} of 360)" in said
    assert "a network 64-12-10 with sigmoid neurons, sigmoid output and cross-entropy cost" in said
    digits = drawn(said)
    assert [place for place, *_ in digits] == wrong[:3]
    assert matches(digits, *small)
    assert f"--wrong --count {len(wrong)} draws all {len(wrong)}" in said
    assert [place for place, *_ in drawn(say(model, "--wrong", "--count", "360"))] == wrong


def test_a_class_with_what_it_got_wrong_first_then_the_least_sure(small, model, say):
    digits = drawn(say(model, "--class", "8", "--count", "999"))
    assert matches(digits, *small)
    eights = {k: v for k, v in outcomes(small).items() if v[0] == 8}
    wrong = sorted((k for k, v in eights.items() if v[1] != 8), key=lambda k: -eights[k][2])
    right = sorted((k for k, v in eights.items() if v[1] == 8), key=lambda k: eights[k][2])
    assert wrong and [place for place, *_ in digits] == wrong + right
    assert [place for place, *_ in drawn(say(model, "--class", "8"))] == (wrong + right)[:5]
    only = say(model, "--class", "8", "--wrong", "--count", "999")
    assert [place for place, *_ in drawn(only)] == wrong
    assert only.startswith(f"test digits of class 8: {100 * len(right) / len(eights):.2f} % "
                           f"({len(right)} of {len(eights)}) right\n")


def test_digits_at_their_places(small, model, say):
    digits = drawn(say(model, "--index", "358", "--count", "5"))
    assert [place for place, *_ in digits] == [358, 359] and matches(digits, *small)
    assert [place for place, *_ in drawn(say(model, "--index", "0"))] == [0]


def test_the_other_sets(small, model, say):
    for part, data in zip(("training", "evaluation"), mnist.load_data_wrapper(mnist.SMALL)):
        said = say(model, "--small", "--set", part, "--index", "7")
        assert said.startswith(f"{part} digit 7: ")
        x, y = data[7]
        assert matches([(0, *rest) for _, *rest in drawn(said)], small[0],
                       [(x, argmax(small[0].target(y)))])


def test_validation_is_another_word_for_evaluation(model, say):
    one, other = (say(model, "--set", word, "--class", "3")
                  for word in ("validation", "evaluation"))
    assert one == other and one.startswith("evaluation digits of class 3: ")


def test_the_picture_is_the_image(small, model, say):
    x, _ = small[1][5]
    lines = say(model, "--index", "5").splitlines()[1:]
    shades = " ░▒▓█"
    rows = [line[:16].ljust(16) for line in lines[1:9]]
    assert rows == ["".join(2 * shades[round(4 * value)] for value in x[k:k + 8])
                    for k in range(0, 64, 8)]


def test_the_networks_answer_and_the_right_one_are_marked(small, model, say):
    said = say(model, "--wrong", "--count", "1")
    _, digit, wrong, _ = drawn(said)[0]
    assert re.search(rf"\b{wrong}  \S.*<- the network$", said, re.MULTILINE)
    assert re.search(rf"\b{digit}  .*<- right$", said, re.MULTILINE)
    assert said.count("<-") == 2


def test_no_mistakes(tmp_path, say):
    net = Network([4, 10])
    net.weights = [[[0.0] * 4 for _ in range(10)]]
    net.biases = [[5.0] + [-5.0] * 9]
    net.save(str(tmp_path / "net.json"))
    data = tmp_path / "data.pkl"
    part = ([[0.0, 0.5, 1.0, 0.25]] * 3, [0, 0, 0])
    data.write_bytes(pickle.dumps((part, part, part), protocol=2))
    said = say(str(tmp_path / "net.json"), "--data", str(data))
    assert "100.00 % (3 of 3)" in said and "It got none wrong" in said and len(drawn(said)) == 3
    assert say(str(tmp_path / "net.json"), "--data", str(data), "--wrong") == (
        "test digits: 100.00 % (3 of 3) right\n")


def large_digits(path, pixels=784):
    """A file like MNIST's, in which every digit k is k + 1 filled rows of 28 pixels."""
    part = ([[1.0] * min(28 * (k + 1), pixels) + [0.0] * (pixels - 28 * (k + 1))
             for k in range(10)], list(range(10)))
    with gzip.open(path, "wb") as file:
        pickle.dump((part, part, part), file, protocol=2)


def test_mnist_is_found_in_this_folder(tmp_path, monkeypatch, say):
    monkeypatch.chdir(tmp_path)
    large_digits("mnist.pkl.gz")
    Network([784, 3, 10], QuadraticCost).save("net.json")
    said = say("net.json", "--index", "4")  # five rows are two and a half lines of half blocks
    rows = [line[:28] for line in said.splitlines()[1:15]]
    assert rows[:3] == ["█" * 28, "█" * 28, "▀" * 28] and {row.strip()[:1] for row in rows[3:]} <= {
        "", *"0123456789"}
    assert drawn(said)[0][:2] == (4, 4)
    assert max(map(len, said.splitlines())) <= 80


def test_without_unicode(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    large_digits("mnist.pkl.gz")
    Network([784, 3, 10]).save("net.json")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-S", "-m", "purenn.show", "net.json", "--index", "1"],
                          env=environment, capture_output=True, timeout=60)
    said = done.stdout.decode("ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert said.splitlines()[1].startswith("@" * 28) and "#" in said and "?" not in said


# ---- what cannot be shown ------------------------------------------------------------------------

@pytest.mark.parametrize("sizes, arguments, part", [
    ([64, 10], ["--index", "360"], "numbered from 0 to 359"),
    ([64, 10], ["--index", "-1"], "'-1' is not a whole number from 0 on"),
    ([64, 10], ["--index", "1", "--wrong"], "does not go with --wrong"),
    ([64, 10], ["--index", "1", "--class", "3"], "does not go with --wrong or --class"),
    ([64, 10], ["--class", "10"], "the classes are 0, 1, 2"),
    ([64, 10], ["--count", "0"], "'0' is not a whole number from 1 on"),
    ([64, 10], ["--small", "--data", "x"], "not allowed with"),
    ([64, 10], ["--data", "nowhere.gz"], "nowhere.gz is not there"),
    ([64, 10], ["--data", "large.gz"], "has 64 inputs, but the images in large.gz have 784"),
    ([784, 10], ["--small"], "has 784 inputs, but the images in"),
    ([784, 10], [], "mnist.pkl.gz is not there; --data says where"),
    ([100, 10], [], "has 100 inputs, neither 64 like the small digits nor 784 like MNIST"),
    ([1, 10], ["--small"], "has 1 input, but the images in"),
    ([64, 1], [], "has 1 output, not one for each of the ten digits"),
    ([64, 10], ["--page", "x", "--wrong"], "--wrong does not go with --page: a page lists"),
    ([64, 10], ["--page", "x", "--index", "0"], "--index does not go with --page: a page lists"),
    ([64, 10], ["--page", "x", "--class", "0"], "--class does not go with --page"),
    ([2, 3], ["--page", "x", "--count", "3", "--points", "moons"], "--count does not go with"),
    ([64, 10], ["--page", "x", "--set", "test"], "--set does not go with --page unless the "
     "network has 2 inputs"),
    ([64, 10], ["--page", "x", "--data", "large.gz"], "--data does not go with --page unless"),
    ([2, 3], ["--page", "x", "--set", "test"], "--set does not go with --page without --points"),
    ([2, 3], ["--page", "x", "--small"], "--small does not go with --page without --points"),
    ([64, 9], [], "has 9 outputs, not one for each of the ten digits"),
    (None, [], "net.json"),
])
def test_what_cannot_be_shown_gets_one_sentence(sizes, arguments, part, tmp_path, monkeypatch,
                                                capsys):
    monkeypatch.chdir(tmp_path)
    large_digits("large.gz")
    if sizes:
        Network(sizes).save("net.json")
    assert run(show.PROG, show.main, ["net.json", *arguments]) == 2
    said = capsys.readouterr()
    assert part in said.err and said.err.count("\n") == 1 and said.out == ""


@pytest.mark.parametrize("inputs", [3, 64])
def test_a_network_of_a_table_needs_the_table(inputs, tmp_path, monkeypatch, capsys):
    """Sixty-four columns are not the pixels of the small digits."""
    monkeypatch.chdir(tmp_path)
    columns = [f"c{k}" for k in range(inputs)]
    networks.save(Network([inputs, 10]), "fruit.npz", columns=columns)
    assert run(show.PROG, show.main, ["fruit.npz"]) == 2
    said = capsys.readouterr().err
    assert "fruit.npz was trained on a table with the columns c0, c1, c2" in said
    assert said.endswith(": --data says where its rows are\n") and "digit" not in said


def test_a_class_of_which_there_is_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Network([4, 10]).save("net.json")
    part, whole = ([[0.0] * 4], [7]), ([[0.0] * 4] * 10, list(range(10)))
    Path("data.pkl").write_bytes(pickle.dumps((whole, part, part), protocol=2))
    assert run(show.PROG, show.main, ["net.json", "--data", "data.pkl", "--class", "3"]) == 2
    assert "there are no test digits of class 3 in data.pkl" in capsys.readouterr().err


def test_images_that_are_not_square_are_shown_without_a_picture(tmp_path, monkeypatch, say):
    monkeypatch.chdir(tmp_path)
    large_digits("data.gz", pixels=290)
    Network([290, 10]).save("net.json")
    said = say("net.json", "--data", "data.gz", "--index", "9")
    assert "(290 pixels do not form a square)" in said and drawn(said)[0][:2] == (9, 9)


def test_a_network_that_overflows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    large_digits("mnist.pkl.gz")
    net = Network([784, 10], QuadraticCost, output=Identity)
    net.weights = [[[1e308] * 784 for _ in range(10)]]
    net.save("net.json")
    assert run(show.PROG, show.main, ["net.json"]) == 2
    said = capsys.readouterr()
    assert "net.json gives test digit 0 an output that is not a finite number" in said.err


def test_a_name_does_not_color_the_terminal(tmp_path, monkeypatch, say):
    monkeypatch.chdir(tmp_path)
    Network([64, 10]).save("[31m.json")
    assert "" not in say("[31m.json")


def test_help_has_examples(capsys):
    assert run(show.PROG, show.main, ["--help"]) == 0
    assert f"{show.PROG} net.json --wrong --count 20" in capsys.readouterr().out
