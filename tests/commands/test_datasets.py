"""train and show on what is not MNIST: points, tables, other pictures, networks of others."""
from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path

import pytest

from purenn import Network, mnist
from purenn.activations import Tanh
from purenn.costs import CrossEntropyCost, QuadraticCost
from purenn.formats.tables import Scale
from purenn.show import command as show
from purenn.store import networks
from purenn.terminal import plane
from purenn.terminal.classified import Classified, classify
from purenn.terminal.running import run
from purenn.train import command as train

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data"


def said(module, capsys, *arguments, status=0):
    assert run(module.PROG, module.main, list(map(str, arguments))) == status
    captured = capsys.readouterr()
    return captured.out if status == 0 else captured.err


def table(path, classes="abc", rows=60, header="width,height,kind"):
    """Three classes around three places, far from 0 and from each other."""
    rng = random.Random(1)
    lines = [f"{100 + 10 * k + rng.gauss(0, 1):.3f},{5 * (k % 2) + rng.gauss(0, 1):.3f},{name}"
             for _ in range(rows // len(classes)) for k, name in enumerate(classes)]
    Path(path).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return str(path)


# ---- points -------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, sizes, least", [("xor", [2, 16, 1], 90), ("moons", [2, 16, 1], 90),
                                                ("spiral", [2, 16, 3], 60)])
def test_points_are_learned_and_drawn(tmp_path, capsys, name, sizes, least):
    report, net = tmp_path / "report.html", tmp_path / "net.json"
    text = said(train, capsys, "--points", name, "--report", report, "--save", net,
                "--epochs", "60" if sizes[-1] == 1 else "40")
    assert float(re.search(r"test accuracy: ([\d.]+) %", text).group(1)) >= least
    assert "43 test points from" in text and "What it sees where, with the test points:" in text
    assert networks.load(str(net)).sizes == sizes
    page = report.read_text(encoding="utf-8")
    assert page.count('<circle class="point') == 214 + 43 and 'href="data:image/png' in page
    assert f"--points {name}" in re.sub("<.*?>", "", page)
    shown = said(show, capsys, net, "--points", name)
    start = shown.index("What it sees where")
    assert text[text.index("What it sees where"):].splitlines()[1:20] == \
        shown[start:].splitlines()[1:20]
    assert "no. 2" not in shown and "x " in shown and "y " in shown


def test_the_points_are_what_the_program_computed(tmp_path, monkeypatch):
    files = {name: (ROOT / "purenn" / "data" / f"{name}.csv").read_bytes()
             for name in ("xor", "moons", "spiral")}
    for name, raw in files.items():
        lines = raw.decode().splitlines()
        assert lines[0] == "x,y,class" and len(lines) == 301
        assert all(re.fullmatch(r"-?\d\.\d{3},-?\d\.\d{3},[012]", line) for line in lines[1:]), name


def test_a_plane_shows_the_class_of_each_cell_and_each_point():
    net = Network([2, 2], CrossEntropyCost)
    net.weights, net.biases = [[[1.0, 0.0], [0.0, 0.0]]], [[0.0, 0.0]]  # class 0 where x > 0
    assert plane.classes_in(net, plane.Box(-1, 1, -1, 1), 4, 2) == [[1, 1, 0, 0]] * 2
    points = [Classified([-2.0, 1.0], 1, [], 0), Classified([2.0, -1.0], 0, [], 1)]
    lines = plane.drawn(net, points, (["in", "out"], ["east", "north"]),
                        Scale([10.0, 0.0], [2.0, 1.0]), True, 40)
    assert "across east, up north" in lines[-3] and lines[-1].endswith("○ out, on ░")
    assert lines[0].startswith("   1.16|") and " 5.36" in lines[-4] and "14.6" in lines[-4]
    rows = lines[:-5]
    assert all(set(row[8:23]) <= set("░○") and set(row[24:39]) <= set(" ●") for row in rows)
    assert sum(row.count("○") for row in rows) == sum(row.count("●") for row in rows) == 1
    ascii_ = plane.drawn(net, points, (["in", "out"], ["east", "north"]), None, False, 40)
    assert all(character.isascii() for line in ascii_ for character in line)
    assert all(len(line) <= 40 for line in [*lines, *ascii_])


def test_more_classes_than_shades_have_letters():
    assert plane.symbols(3, True) == (plane.GROUNDS[0], plane.POINTS[0])
    grounds, marks = plane.symbols(30, True)
    assert grounds.upper() == marks and len(grounds) >= 30


def test_a_single_output_counts_as_two_classes():
    for net, expected in ((Network([1, 1]), [0.25, 0.75]),
                          (Network([1, 1], QuadraticCost, output=Tanh), [-0.75, 0.75])):
        net.weights = [[[0.0]]]
        net.biases = [[1.0986122886681098 if net.cost is CrossEntropyCost else 0.9729550745276566]]
        classified = classify(net, [([0.0], 1), ([0.0], 0)])
        assert classified[0].output == pytest.approx(expected, rel=1e-15)
        assert [(c.said, c.digit) for c in classified] == [(1, 1), (1, 0)]


# ---- tables -------------------------------------------------------------------------------------

def test_a_table_is_learned_and_its_scale_is_kept(tmp_path, capsys):
    path = table(tmp_path / "shapes.csv", header="width,weight,kind")
    net, report = tmp_path / "net.npz", tmp_path / "report.html"
    text = said(train, capsys, "--data", path, "--save", net, "--report", report,
                "--label", "kind", "--epochs", "40")
    assert 'the class is column "kind", 3 classes; the others are scaled to mean 0' in text
    assert "test accuracy: 100.00 % (9 of 9)" in text
    stored = networks.load_stored(str(net))
    assert stored.classes == ["a", "b", "c"] and stored.columns == ["width", "weight"]
    training = mnist.load_set(path, "kind", False).parts[0][0]
    assert stored.scale.means[0] == pytest.approx(sum(x[0] for x in training) / len(training))
    shown = said(show, capsys, net, "--data", path, "--label", "kind")
    assert "accuracy: 100.00 % (9 of 9)" in shown and re.search(r"^ +a +3", shown, re.MULTILINE)
    width = float(re.search(r"width +([\d.]+)", shown).group(1))
    assert 95 < width < 130  # as in the file, not as the network takes it
    assert "b, and recognized" in said(show, capsys, net, "--data", path, "--class", "b")
    assert "--class d: the classes are a, b, c" in said(
        show, capsys, net, "--data", path, "--class", "d", status=2)
    page = report.read_text(encoding="utf-8")
    assert "test points classified right" in page and '<th scope="col">a</th>' in page


def test_no_scale_and_a_checkpoint_that_goes_on(tmp_path, capsys):
    path, kept, net = table(tmp_path / "t.csv"), tmp_path / "run.json", tmp_path / "net.json"
    once = ["--epochs", "3", "--data", path, "--no-scale", "--digest"]
    whole = said(train, capsys, *once)
    said(train, capsys, *once, "--checkpoint", kept, "--save", net)
    content = json.loads(kept.read_text())
    assert content["settings"]["no_scale"] is True and "scale" not in json.loads(net.read_text())
    assert "the others are taken as they are" in whole
    again = said(train, capsys, "--resume", kept, "--digest")
    assert re.findall(r"sha256.*", again) == re.findall(r"sha256.*", whole)
    assert "not --points xor" in said(train, capsys, "--resume", kept, "--points", "xor", status=2)


def test_checkpoints_of_before_points_and_tables_are_read(tmp_path, capsys):
    kept = tmp_path / "run.json"
    said(train, capsys, "--small", "--epochs", "1", "--limit", "50", "--checkpoint", kept)
    content = json.loads(kept.read_text())
    for name in "points", "label", "no_scale":
        del content["settings"][name]
    kept.write_text(json.dumps(content))
    assert "test accuracy" in said(train, capsys, "--resume", kept)


@pytest.mark.parametrize("arguments, words", [
    (["--sizes", "2,4,2"], "--sizes must end with 3, the number of classes, not with 2"),
    (["--sizes", "3,4,3"], "--sizes must begin with 2, the number of columns of numbers in"),
    (["--label", "color"], "names no column")])
def test_settings_that_do_not_go_with_a_table(tmp_path, capsys, arguments, words):
    path = table(tmp_path / "t.csv")
    assert words in said(train, capsys, "--data", path, *arguments, status=2)


def test_two_classes_have_one_output_or_two(tmp_path, capsys):
    path = table(tmp_path / "t.csv", "ab")
    for arguments, sizes in (([], [2, 16, 1]), (["--cost", "log-likelihood"], [2, 16, 2]),
                             (["--sizes", "2,3,2"], [2, 3, 2])):
        net = tmp_path / "net.json"
        text = said(train, capsys, "--data", path, "--epochs", "30", "--save", net, *arguments)
        assert networks.load(str(net)).sizes == sizes and "100.00 %" in text
    assert "a softmax output" in said(train, capsys, "--data", path, "--cost", "log-likelihood",
                                      "--sizes", "2,3,1", status=2)
    one = table(tmp_path / "one.csv", "1", header="width,height,class")
    assert "nothing to tell apart" in said(train, capsys, "--data", one, status=2)


def test_names_of_any_length_fit_the_screen(tmp_path, capsys, monkeypatch):
    names = ["x" * 60, "Iris setosa", "ü" * 30]
    path = table(tmp_path / "t.csv", names)
    net = tmp_path / "net.json"
    for columns in 40, 100:
        monkeypatch.setenv("COLUMNS", str(columns))
        text = said(train, capsys, "--data", path, "--epochs", "2", "--save", net)
        text += said(show, capsys, net, "--data", path)
        drawn = text[text.index("Accuracy after"):]
        lines = [line for line in drawn.splitlines() if not line.startswith((str(net), "test"))]
        long = [line for line in lines if len(line) > columns and "taken for" not in line
                and "recognized" not in line and "a network" not in line
                and "The points" not in line and "The test points" not in line]
        assert not long, long


# ---- pictures of others, and networks of others -------------------------------------------------

def test_kerass_file_with_its_own_number_of_classes(tmp_path, capsys):
    net = tmp_path / "net.safetensors"
    text = said(train, capsys, "--data", DATA / "numpy" / "keras.npz", "--epochs", "1", "--save",
                net)
    assert "network 4-30-10" in text
    assert "accuracy" in said(show, capsys, net, "--data", DATA / "numpy" / "keras.npz")


def test_show_takes_a_network_of_pytorch(tmp_path, capsys):
    path = tmp_path / "t.csv"
    lines = [",".join(f"{(k * j) % 7}.5" for j in range(7)) + f",{'abc'[k % 3]}" for k in range(30)]
    path.write_text("\n".join(lines) + "\n")
    model = DATA / "networks" / "torch-sequential.safetensors"
    words = [model, "--data", path]
    assert "--hidden says so: sigmoid, tanh, relu" in said(show, capsys, *words, status=2)
    text = said(show, capsys, *words, "--hidden", "relu", "--output", "softmax")
    assert "a network 7-5-3 with relu neurons, softmax output and log-likelihood cost" in text
    assert "PyTorch" in said(show, capsys, DATA / "networks" / "torch-state.pt", "--data", path,
                             status=2)


def test_the_networks_classes_are_what_counts(tmp_path, capsys):
    path = table(tmp_path / "t.csv", "bc", header="width,height,class")
    net = tmp_path / "net.json"
    networks.save(Network([2, 3]), str(net), ["a", "b", "c"])
    text = said(show, capsys, net, "--data", path)
    assert re.search(r"^ +a +\. +\. +\. +0 of 0 right", text, re.MULTILINE)
    networks.save(Network([2, 3]), str(net), ["a", "b", "d"])
    assert "tells a, b, d apart, but the data have c" in said(show, capsys, net, "--data", path,
                                                             status=2)


@pytest.mark.parametrize("name", ["net.pt", "net.h5"])
def test_an_ending_of_another_library_is_refused_before_training(tmp_path, capsys, name):
    assert "which purenn does not write" in said(train, capsys, "--small", "--save",
                                                 tmp_path / name, status=2)
    assert os.listdir(tmp_path) == []
