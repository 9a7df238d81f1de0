"""crosscheck model: outputs that a library computed are right, or what explains them.

The networks, inputs and outputs are PyTorch's, NumPy's and (by their names) scikit-learn's own.
"""
from __future__ import annotations

import json
import os
import random
import struct
from array import array

import pytest

from purenn import Network
from purenn.crosscheck import command as crosscheck
from purenn.explain import command as explain
from purenn.formats.npy import npy_bytes
from purenn.formats.tables import Scale
from purenn.store import networks
from purenn.terminal.running import run

NETWORKS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data",
                        "networks")
LIBRARIES = [("torch-sequential.safetensors", "relu", "softmax", "float32"),
             ("torch-module.safetensors", "tanh", "identity", "float32"),
             ("torch-double.safetensors", "tanh", "sigmoid", "float64"),
             ("numpy-neurons-inputs.npz", "sigmoid", "sigmoid", "float64"),
             ("numpy-inputs-neurons.npz", "sigmoid", "softmax", "float64"),
             ("numpy-positions.npz", "relu", "identity", "float32"),
             ("sklearn-names.npz", "relu", "softmax", "float64")]


def judged(capsys, path, inputs, outputs, *more, status):
    words = ["model", str(path), "--inputs", str(inputs), "--outputs", str(outputs), *more]
    assert run(crosscheck.PROG, crosscheck.main, words) == status
    said = capsys.readouterr()
    return said.err if status == 2 else said.out


def of(name, what):
    return os.path.join(NETWORKS, name.rsplit(".", 1)[0] + f"-{what}.npy")


def saved(path, rows):
    values = array("d", [v for row in rows for v in row])
    path.write_bytes(npy_bytes(values, (len(rows), len(rows[0]))))
    return path


@pytest.mark.parametrize("name, hidden, output, precision", LIBRARIES)
def test_the_librarys_own_outputs_are_right(capsys, name, hidden, output, precision):
    said = judged(capsys, os.path.join(NETWORKS, name), of(name, "inputs"), of(name, "outputs"),
                  "--hidden", hidden, "--output", output, status=0)
    assert f"All outputs are right ({precision})." in said


@pytest.mark.parametrize("hidden, output, why", [
    ("tanh", "softmax", "they are right for --hidden relu --output softmax"),
    ("relu", "sigmoid", "they are right for --hidden relu --output softmax")])
def test_other_functions_are_found(capsys, hidden, output, why):
    name = "torch-sequential.safetensors"
    said = judged(capsys, os.path.join(NETWORKS, name), of(name, "inputs"), of(name, "outputs"),
                  "--hidden", hidden, "--output", output, status=1)
    assert "5 of 5 rows wrong (float32)." in said and f"why: {why}." in said
    assert "where rounding explains" in said


@pytest.fixture
def model(tmp_path):
    """A network, its file, inputs between 0 and 1, and its own outputs for them."""
    net = Network([6, 4, 3], seed=5)
    net.save(str(tmp_path / "net.npz"))
    rng = random.Random(3)
    xs = [[rng.random() for _ in range(6)] for _ in range(8)]
    return net, tmp_path / "net.npz", xs, [net.feedforward(x) for x in xs]


def without_biases(net):
    net.biases = [[0.0] * len(b) for b in net.biases]
    return net


@pytest.mark.parametrize("change, why", [
    (lambda net, xs: ([[255 * v for v in x] for x in xs], [net.feedforward(x) for x in xs]),
     "the library was given the inputs divided by 255"),
    (lambda net, xs: (xs, [net.feedforward([256 * v for v in x]) for x in xs]),
     "the library was given the inputs times 256"),
    (lambda net, xs: (xs, [net.forward(x)[-1].z for x in xs]),
     "they are the outputs before the sigmoid (--output identity)"),
    (lambda net, xs: (xs, [without_biases(net).feedforward(x) for x in xs]),
     "the biases are left out")])
def test_what_people_do_otherwise_is_found(tmp_path, capsys, model, change, why):
    net, path, xs, _ = model
    inputs, outputs = change(net, xs)
    said = judged(capsys, path, saved(tmp_path / "x.npy", inputs),
                  saved(tmp_path / "y.npy", outputs), status=1)
    assert f"why: {why}." in said


def test_a_single_wrong_number_is_found_and_not_explained(tmp_path, capsys, model):
    _, path, xs, ys = model
    ys[3][1] += 1e-12
    said = judged(capsys, path, saved(tmp_path / "x.npy", xs), saved(tmp_path / "y.npy", ys),
                  "--json", status=1)
    report = json.loads(said)
    assert [(w["row"], w["output"]) for w in report["wrong"]] == [(3, 1)]
    assert report["why"] is None and report["wrong_rows"] == 1 and not report["ok"]
    assert float(report["wrong"][0]["tolerance"]) < 1e-13


def test_examples_as_columns_csv_and_a_scale(tmp_path, capsys, model):
    net, path, xs, ys = model
    x, y = tmp_path / "x.csv", tmp_path / "y.npy"
    x.write_text("a,b,c,d,e,f\n" + "".join(",".join(map(repr, row)) + "\n" for row in xs))
    saved(y, [list(column) for column in zip(*ys)])
    assert "All outputs are right" in judged(capsys, path, x, y, status=0)
    networks.save(net, str(path), scale=Scale([2.0] * 6, [4.0] * 6))
    said = judged(capsys, path, x, y, status=1)
    assert "why: the inputs are scaled already, and not once more." in said
    x.write_text("".join(",".join(repr(4 * v + 2) for v in row) + "\n" for row in xs))
    assert "All outputs are right" in judged(capsys, path, x, y, "--precision", "float32", status=0)


@pytest.mark.parametrize("shape, words", [((8, 5), "rows of 5 numbers, but the network has 6"),
                                          ((7, 6), "has 7 rows, but")])
def test_rows_that_do_not_fit(tmp_path, capsys, model, shape, words):
    _, path, xs, ys = model
    x = saved(tmp_path / "x.npy", [[0.5] * shape[1]] * shape[0])
    assert words in judged(capsys, path, x, saved(tmp_path / "y.npy", ys), status=2)


def test_numbers_that_are_not_finite_and_files_that_are_no_rows(tmp_path, capsys, model):
    _, path, xs, ys = model
    x = saved(tmp_path / "x.npy", xs)
    ys[0][0] = float("nan")
    assert "not finite" in judged(capsys, path, x, saved(tmp_path / "y.npy", ys), status=2)
    (tmp_path / "y.npy").write_bytes(struct.pack("<Q", 0))
    assert "y.npy" in judged(capsys, path, x, tmp_path / "y.npy", status=2)
    assert run(crosscheck.PROG, crosscheck.main, ["model", str(path)]) == 2
    assert "model FILE --inputs X --outputs Y" in capsys.readouterr().err


# ---- explain, on a network from elsewhere -------------------------------------------------------

def explained(capsys, *words, status=0):
    assert run(explain.PROG, explain.main, list(map(str, words))) == status
    said = capsys.readouterr()
    return said.out if status == 0 else said.err


def test_a_step_of_pytorchs_network_is_explained(capsys):
    path = os.path.join(NETWORKS, "torch-sequential.safetensors")
    said = explained(capsys, "--network", path, "--hidden", "relu", "--output", "softmax",
                     "--x=-1,0.5,2,0,1,1,0", "--y", "2", "--digits", "3")
    net = networks.load(path, "relu", "softmax")
    output = net.feedforward([-1, 0.5, 2, 0, 1, 1, 0])
    assert all(f"{a_j:.3f}".rstrip("0") in said for a_j in output) and "(BP4)" in said


def test_classes_and_scale_of_the_file_are_used(tmp_path, capsys):
    path = tmp_path / "net.json"
    net = Network([2, 1])
    networks.save(net, str(path), ["no", "yes"], ["a", "b"], Scale([10.0, 0.0], [5.0, 1.0]))
    said = explained(capsys, "--network", path, "--x", "20,1", "--y", "yes", "--digits", "6")
    assert f"{net.feedforward([2.0, 1.0])[0]:.6f}" in said
    for words, part in ((["--x", "1", "--y", "0"], "--x has 1 number, but"),
                        (["--x", "1,2", "--y", "maybe"], "--y maybe is neither a class of no, yes"),
                        (["--x", "1,2"], "needs an example"), (["--x", "1,a", "--y", "0"], "--x")):
        assert part in explained(capsys, "--network", path, *words, status=2)
