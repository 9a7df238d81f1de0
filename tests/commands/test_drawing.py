"""show --page: a page to draw in, in a real browser, and its forward pass against the reference."""
from __future__ import annotations

import json
import math
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from browser import Browser, chromium

from purenn import Identity, Network, QuadraticCost, ReLU, Sigmoid, Softmax, Tanh, mnist
from purenn.costs import LogLikelihoodCost
from purenn.crosscheck import check
from purenn.show import command, drawing
from purenn.terminal.running import run
from purenn.train import command as train

NETWORK_JS = Path(drawing.FOLDER) / "network.js"
DIGIT_JS = Path(drawing.FOLDER) / "digit.js"
node = pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
browser_needed = pytest.mark.skipif(not chromium(), reason="needs Chromium")


def javascript(program, value):
    """What a program for Node prints as JSON, given a JSON value as ``given``."""
    text = (f"const {{exp, expm1, forward, parts}} = require({json.dumps(str(NETWORK_JS))});\n"
            f"const {{fromStrokes, fromPicture}} = require({json.dumps(str(DIGIT_JS))});\n"
            "const given = JSON.parse(require('fs').readFileSync(0));\n" + program)
    done = subprocess.run(["node", "-e", text], input=json.dumps(value), capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---- the forward pass ---------------------------------------------------------------------------

@node
@pytest.mark.parametrize("hidden, output, cost", [
    (Sigmoid, Sigmoid, QuadraticCost), (Tanh, Tanh, QuadraticCost), (ReLU, Softmax,
                                                                     LogLikelihoodCost),
    (Identity, Identity, QuadraticCost)], ids=lambda value: value.name)
def test_its_outputs_are_the_reference_s_to_the_last_bit(hidden, output, cost):
    rng = random.Random(7)
    net = Network([6, 5, 4, 3], cost, hidden, seed=3, output=output)
    net.large_weight_initializer()
    inputs = [[0.0 if rng.random() < 0.3 else rng.gauss(0, 3.0 ** k) for _ in range(6)]
              for k in range(-3, 6) for _ in range(20)]
    content = json.loads(drawing.json.dumps(drawing.content_of(net)))
    found = javascript("console.log(JSON.stringify(given.inputs.map("
                       "x => forward(given.net, x).at(-1).a)))", {"net": content, "inputs": inputs})
    assert found == [net.feedforward(x) for x in inputs]


@node
def test_the_cross_check_finds_its_forward_pass_right():
    program = """
      console.log(JSON.stringify(given.map(c => c.mini_batch.map(
        e => forward(c, e.x).slice(1).map(layer => layer.a)))));"""
    answers = {}

    def step(case):
        if case["name"] not in answers:
            answers[case["name"]] = {"activations": javascript(program, [case])[0]}
        return answers[case["name"]]

    from purenn.crosscheck.questions.cases import to_json
    from purenn.crosscheck.questions.collection import built_in
    cases = built_in()
    for case, activations in zip(cases, javascript(program, [to_json(case) for case in cases])):
        answers[case.name] = {"activations": activations}
    report = check(step)
    assert report.ok, str(report)


@node
def test_the_parts_of_the_inputs_add_up_for_a_linear_network():
    """z_i − z_j = Σ_k x_k (w_ik − w_jk) plus biases, if there is nothing but weights between."""
    net = Network([3, 2, 2], QuadraticCost, Identity, output=Identity)
    x = [0.5, -2.0, 1.0]
    a = [[sum(p * q for p, q in zip(row, column)) for column in zip(*net.weights[0])]
         for row in net.weights[1]]
    expected = [x_k * (a[0][k] - a[1][k]) for k, x_k in enumerate(x)]
    found = javascript("console.log(JSON.stringify(parts(given.net, forward(given.net, given.x), "
                       "0, 1)))", {"net": drawing.content_of(net), "x": x})
    assert found == pytest.approx(expected, rel=1e-14)


# ---- from strokes to pixels ---------------------------------------------------------------------

def circle(x, y, rx, ry):
    return [(x + rx * math.sin(k * math.pi / 12), y - ry * math.cos(k * math.pi / 12))
            for k in range(25)]


#: strokes in fractions of the square to draw in, as people write these digits
DRAWN = {
    0: [circle(0.5, 0.5, 0.22, 0.33)],
    1: [[(0.5, 0.15), (0.5, 0.85)]],
    4: [[(0.43, 0.14), (0.25, 0.53), (0.72, 0.53)], [(0.6, 0.32), (0.6, 0.85)]],
    7: [[(0.25, 0.18), (0.72, 0.18), (0.43, 0.85)]],
}


PHOTOGRAPH = "console.log(JSON.stringify(fromPicture(given, 60, 80, 28)))"


def pixels(strokes, side):
    as_points = [[{"x": x, "y": y} for x, y in stroke] for stroke in strokes]
    return javascript("console.log(JSON.stringify(fromStrokes(given[0], given[1], 1)))",
                      [as_points, side])


@node
def test_where_and_how_large_one_draws_is_no_matter():
    large = DRAWN[4]
    small = [[(0.1 + 0.3 * x, 0.6 + 0.3 * y) for x, y in stroke] for stroke in large]
    for side in (8, 28):
        off = [abs(p - q) for p, q in zip(pixels(large, side), pixels(small, side))]
        assert max(off) <= 1 / 16  # a gray level or a point of a block may round another way


@node
def test_a_digit_is_centred_by_its_mass_in_a_box_of_20_pixels():
    """A 7: MNIST's digits fill at most 20 × 20 pixels, their centre of mass in the middle."""
    x = pixels(DRAWN[7], 28)
    rows = [r for r in range(28) if any(x[28 * r:28 * r + 28])]
    columns = [c for c in range(28) if any(x[c::28])]
    assert 19 <= len(rows) <= 22 and len(columns) <= 22  # a pixel of fading on each side
    mass = sum(x)
    centre = [sum(v * (k // 28 + 0.5) for k, v in enumerate(x)) / mass,
              sum(v * (k % 28 + 0.5) for k, v in enumerate(x)) / mass]
    assert all(abs(c - 14) <= 0.5 for c in centre)  # moved by whole pixels
    assert all(v * 256 == int(v * 256) for v in x)


@node
def test_a_small_digit_fills_its_picture_from_top_to_bottom():
    for strokes in DRAWN.values():
        x = pixels(strokes, 8)
        assert any(x[:8]) and any(x[-8:])
        assert all(v * 16 == int(v * 16) for v in x)


@node
def test_a_photograph_is_inverted_and_cut_out():
    """Dark ink on gray paper, and light ink on a dark board, give what the strokes give."""
    width, height, ink = 60, 80, set()
    for y in range(15, 65):
        ink |= {(x, y) for x in range(28, 34)}
    found = []
    for paper, pen in ((200, 40), (30, 220)):
        gray = [pen if (x, y) in ink else paper for y in range(height) for x in range(width)]
        found.append(javascript(PHOTOGRAPH, gray))
    assert found[0] == found[1]
    rows = [r for r in range(28) if any(v > 0.5 for v in found[0][28 * r:28 * r + 28])]
    assert len(rows) == 20
    assert javascript(PHOTOGRAPH, [128] * 4800) is None


# ---- the page -----------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def small_net():
    """What train --small learns in three epochs: enough for clear digits."""
    net = Network([64, 20, 10])
    net.SGD(mnist.load_data_wrapper(mnist.SMALL)[0], 3, 10, 0.5, 0.1)
    return net


@pytest.fixture
def tab(tmp_path):
    browsers = []

    def opened(net, width=800, dark=False, **options):
        path = tmp_path / "page.html"
        path.write_text(drawing.page(net, **options), encoding="utf-8")
        browser = Browser(tmp_path / f"profile{len(browsers)}", width, dark=dark)
        browsers.append(browser)
        browser.open(path)
        return browser
    yield opened
    for browser in browsers:
        browser.close()


@browser_needed
def test_drawn_digits_are_recognized(tab, small_net):
    page = tab(small_net)
    for digit, strokes in DRAWN.items():
        page.key("c")
        for stroke in strokes:
            page.draw("pad", stroke)
        said = page.run("window.said")
        assert said["best"] == digit
        assert said["outputs"] == small_net.feedforward(said["input"])
        assert f"says {digit}" in page.run("document.getElementById('said').textContent")
    page.key("u")
    assert page.run("window.said") is None
    assert page.complaints == []


@browser_needed
def test_why_not_what_was_meant(tab, small_net):
    page = tab(small_net)
    page.draw("pad", DRAWN[7][0])
    page.run("(s => { s.value = '1'; s.dispatchEvent(new Event('change')); })"
             "(document.getElementById('meant'))")
    text = page.run("document.getElementById('why-text').textContent")
    assert "Blue pixels spoke for 7 and against 1" in text
    assert page.run("document.getElementById('why').getContext('2d')"
                    ".getImageData(0, 0, 8, 8).data.some(v => v > 0)")
    assert page.complaints == []


@browser_needed
def test_a_phone_has_room_for_everything(tab, small_net):
    page = tab(small_net, width=390, dark=True)
    assert page.run("document.documentElement.scrollWidth") <= 390
    for control in ("undo", "clear", "file", "meant"):
        assert page.run(f"document.getElementById('{control}').accessKey")
    names = page.run("""[...document.querySelectorAll('button, input, select, canvas')].map(
        e => e.getAttribute('aria-label') || e.textContent || (e.labels && e.labels[0] &&
             e.labels[0].textContent) || e.getAttribute('aria-labelledby'))""")
    assert all(names)
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"


@browser_needed
def test_two_numbers_are_set_by_pointing(tab):
    net = Network([2, 3, 1], seed=1)
    points = [(0.0, 0.0, 0), (1.0, 1.0, 0), (0.0, 1.0, 1), (1.0, 0.0, 1)]
    page = tab(net, points=points, classes=["same", "other"])
    page.draw("plane", [(0.25, 0.75)])
    said = page.run("window.said")
    assert said["input"] == pytest.approx([0.175, 0.175], abs=0.01)  # range −0.15 to 1.15
    assert said["outputs"] == net.feedforward(said["input"])
    page.run("document.getElementById('plane').focus()")
    page.key("ArrowRight")
    assert page.run("window.said")["input"][0] > said["input"][0]
    assert page.complaints == []


@browser_needed
def test_the_page_of_points_speaks_of_points(tab):
    """Which they are; bars without pictures; and why not what was meant in the inputs' names."""
    net = Network([2, 2, 1], QuadraticCost, Identity, output=Identity)
    net.weights, net.biases = [[[2.0, 0.0], [0.0, 4.0]], [[1.0, -1.0]]], [[0.0, 0.0], [0.0]]
    page = tab(net, points=[(-1.0, -1.0, 0), (1.0, 1.0, 1)], part="evaluation",
               classes=["dry", "wet"], inputs=["alcohol", "sugar"])
    text = "document.body.innerText.replaceAll('\\n', ' ')"
    said = page.run(text)
    assert "; the dots are the evaluation points, each in the color of its own class." in said
    assert "Each bar shows how large a neuron's activation is" in said
    assert "picture" not in said and "pixel" not in said
    assert page.run("document.querySelectorAll('canvas').length") == 1
    page.draw("plane", [(0.75, 0.5)])
    x, y = page.run("window.said")["input"]
    page.run("(s => { s.value = '0'; s.dispatchEvent(new Event('change')); })"
             "(document.getElementById('meant'))")
    # z = 2x − 4y, so the two spoke with 2x and −4y for class 1
    assert (f"How much each input spoke for wet and against dry: alcohol {2 * x:.2f}, "
            f"sugar {-4 * y:.2f} (the value times") in page.run(text).replace("-0.00", "0.00")
    assert page.complaints == []


def test_without_points_nothing_is_said_of_dots():
    assert "dots" not in drawing.page(Network([2, 3, 2])).partition("<footer>")[0].partition(
        "</style>")[2].partition("<script")[0]


def test_the_page_asks_nothing_of_any_other_place(small_net):
    page = drawing.page(small_net)
    assert not re.search(r"https?:|<link|<img|@import|fetch\(|XMLHttpRequest", page)
    assert "default-src 'none'" in page
    content = re.search(r'<script type="application/json" id="network">(.*?)</script>', page)
    assert json.loads(content[1])["weights"] == small_net.weights


def test_names_of_classes_cannot_end_the_script():
    page = drawing.page(Network([16, 2]),
                        classes=["</script><script>alert(1)", "&amp; $SCRIPT"])
    assert page.count("<script") == 2 and "alert(1)" in page


def test_columns_of_a_table_are_no_picture():
    with pytest.raises(ValueError, match="not at 16 columns of a table"):
        drawing.page(Network([16, 2]), inputs=[f"c{k}" for k in range(16)])


@pytest.mark.parametrize("inputs", [3, 9, 63])
def test_inputs_that_are_no_picture_are_refused(inputs, capsys, tmp_path):
    path = tmp_path / "net.json"
    Network([inputs, 2]).save(str(path))
    status = run("show", command.main, [str(path), "--page", str(tmp_path / "page.html")])
    assert status == 2 and f"not at {inputs}" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


def in_page(path):
    return json.loads(re.search(r'<script type="application/json" id="network">(.*?)</script>',
                                path.read_text(encoding="utf-8"))[1])


def test_the_page_of_points_knows_their_names_their_scale_and_the_points(capsys, tmp_path):
    rows = [(120.0 + 10 * (k % 7), 2.0 + 0.25 * (k % 5), "ab"[k % 2]) for k in range(60)]
    (tmp_path / "wine.csv").write_text("".join(
        ["alcohol,sugar,class\n", *(f"{x},{y},{c}\n" for x, y, c in rows)]))
    net, page = str(tmp_path / "net.json"), tmp_path / "page.html"
    assert run("train", train.main, ["--data", str(tmp_path / "wine.csv"), "--save", net, "--quiet",
                                     "--epochs", "1"]) == 0
    assert run("show", command.main, [net, "--page", str(page)]) == 0
    content = in_page(page)
    assert content["classes"] == ["a", "b"] and content["inputs"] == ["alcohol", "sugar"]
    assert content["points"] == []
    mean, deviation = content["scale"]["mean"], content["scale"]["deviation"]
    assert 120 < mean[0] < 180 and 2 < mean[1] < 3 and 15 < deviation[0] < 25
    assert content["range"] == [mean[0] - 2 * deviation[0], mean[0] + 2 * deviation[0],
                                mean[1] - 2 * deviation[1], mean[1] + 2 * deviation[1]]
    assert run("show", command.main, [net, "--page", str(page), "--set", "training", "--data",
                                      str(tmp_path / "wine.csv")]) == 0
    content = in_page(page)
    known = {(x, y, "ab".index(c)) for x, y, c in rows}
    found = {(round(x, 6), round(y, 6), k) for x, y, k in content["points"]}
    assert len(found) > 20 and found <= known
    assert content["range"][0] < 120 < 180 < content["range"][1]


def test_the_command_writes_the_page(capsys, tmp_path):
    path = tmp_path / "net.json"
    Network([64, 3, 10]).save(str(path))
    status = run("show", command.main, [str(path), "--page", str(tmp_path / "page.html")])
    assert status == 0 and "wrote" in capsys.readouterr().err
    assert (tmp_path / "page.html").read_text(encoding="utf-8").endswith("</html>\n")
