"""The report of a run: a web page whose numbers are those of the history file."""
from __future__ import annotations

import base64
import html
import json
import re
import shlex
import shutil
import signal
import struct
import subprocess
import zlib
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purenn import mnist
from purenn.linalg import argmax
from purenn.network import Network
from purenn.sgd import Monitors
from purenn.terminal import classified as result
from purenn.terminal.datasets import Data
from purenn.terminal.running import run as run_command
from purenn.terminal.stopping import Stop
from purenn.train import command as train
from purenn.train import pictures, session
from purenn.train import webpage as report
from purenn.train.options import build_parser
from purenn.train.settings import Settings
from purenn.train.table import TABLE
from purenn.train.training import Run, Stopped, history

LISTS = ["training_cost", "training_accuracy", "evaluation_cost", "evaluation_accuracy"]
VOID = {"meta", "img", "br", "link"}


# ---- a page, taken apart -------------------------------------------------------------------------

class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children, self.text = [], ""

    def all(self, tag=None, **attributes):
        """Its descendants with that tag and those attributes (class_ for one of the classes)."""
        for child in self.children:
            if tag in (None, child.tag) and all(
                    value in child.attributes.get(name.rstrip("_"), "").split()
                    if name == "class_" else child.attributes.get(name) == value
                    for name, value in attributes.items()):
                yield child
            yield from child.all(tag, **attributes)

    def one(self, tag=None, **attributes):
        found = list(self.all(tag, **attributes))
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]

    @property
    def words(self):
        """All text in it, in the order of the page (text before its children's)."""
        return " ".join(" ".join([self.text, *(child.words for child in self.children)]).split())


class Page(HTMLParser):
    """The tree of a page.  Fails if an end tag is missing or stands where none belongs."""

    def __init__(self, source):
        super().__init__()
        self.root = self.open = Element("root", {}, None)
        self.feed(source)
        self.close()
        assert self.open is self.root, f"<{self.open.tag}> is not closed"

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), f"<{tag}> has an attribute twice"
        element = Element(tag, dict(attributes), self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag, attributes):
        self.open.children.append(Element(tag, dict(attributes), self.open))

    def handle_endtag(self, tag):
        assert tag == self.open.tag, f"</{tag}> ends <{self.open.tag}>"
        self.open = self.open.parent

    def handle_data(self, text):
        self.open.text += text


def parsed(source):
    return Page(source).root


def numbers(root, name):
    """The values of the data elements of that name, exactly."""
    return [json.loads(element.attributes["value"]) for element in root.all("data", class_=name)]


def agrees(root, content):
    """Whether the numbers on a page are those of a history file, each where it belongs."""
    rows = list(root.all("table", class_="epochs"))
    for name in LISTS:
        assert numbers(root, name) == content[name]
        assert all(numbers(table, name) == content[name] for table in rows)
    test = content["test_accuracy"]
    assert numbers(root, "test_accuracy") == ([] if test is None else [test])
    assert numbers(root, "seconds") == [content["seconds"]]
    for name in ("epochs", "mini_batch", "eta", "lmbda", "seed"):
        assert numbers(root, name) == [content["settings"][name]]
    return True


def sound(source):
    """The tree of a page of which all is true that must be true of any report."""
    assert source.startswith("<!DOCTYPE html>\n<html lang=\"en\">")
    root = parsed(source)
    for tag in ("html", "head", "body", "main", "h1"):
        assert root.one(tag).children or root.one(tag).text.strip()
    assert root.one("head").one("title").text.strip()
    assert root.one("meta", name="viewport").attributes["content"] == (
        "width=device-width, initial-scale=1")
    assert not list(root.all("script")) and not list(root.all("link"))
    everything = list(root.all())
    identifiers = [e.attributes["id"] for e in everything if "id" in e.attributes]
    assert len(set(identifiers)) == len(identifiers)
    for element in everything:
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            if name in ("aria-labelledby", "aria-describedby"):
                assert set(value.split()) <= set(identifiers)
            if name in ("src", "href"):
                assert value.startswith("data:image/png;base64,")
    assert "://" not in source and "url(" not in source and "@import" not in source
    for image in root.all("img"):
        assert image.attributes["alt"].strip()
    for chart in root.all("svg"):
        assert chart.attributes["role"] == "img" and "aria-labelledby" in chart.attributes
    for table in root.all("table"):
        assert list(table.all("th", scope="col")) and list(table.all("th", scope="row"))
    levels = [int(e.tag[1]) for e in everything if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1 and set(levels[1:]) == {2}
    return root


# ---- runs ----------------------------------------------------------------------------------------

def a_run(sizes=(4, 3, 10), epochs=2, curves=None, settings=(), seed=1, pixels=None):
    """A run on images of few pixels, with made-up measurements of its epochs."""
    pixels = pixels or sizes[0]
    images = [[(3 * i + 7 * k) % 11 / 10 for k in range(pixels)] for i in range(30)]
    data = Data(*([(x, (i * step) % 10) for i, x in enumerate(images)] for step in (1, 2, 7)))
    curves = curves or [[k / 7 + 0.1 for k in range(epochs)], list(range(epochs)),
                        [k / 3 + 0.2 for k in range(epochs)], [30 - k % 31 for k in range(epochs)]]
    chosen = Settings(**{**dict(small=False, data="digits.gz", sizes=list(sizes), hidden="sigmoid",
                                weights="scaled",
                                cost="cross-entropy", epochs=max(len(curves[0]), 1), mini_batch=5,
                                eta=0.25, lmbda=0.5, seed=seed, limit=None), **dict(settings)})
    return Run(chosen, data, Network(sizes, seed=seed), Monitors(*curves), 12.345)


def classified(run):
    return result.classify(run.net, run.data.test)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(the report's text, the history) of a short run of the command."""
    folder = tmp_path_factory.mktemp("report")
    page, content = folder / "report.html", folder / "history.json"
    assert run_command(train.PROG, train.main, [
        "--small", "--epochs", "3", "--limit", "150", "--seed", "5", "--quiet",
        "--report", str(page), "--history", str(content)]) == 0
    return page.read_text(encoding="utf-8"), json.loads(content.read_text())


# ---- the numbers ---------------------------------------------------------------------------------

def test_the_numbers_are_those_of_the_history_file(trained):
    source, content = trained
    root = sound(source)
    assert len(content["training_cost"]) == 3
    assert agrees(root, content)
    assert numbers(root, "limit") == [150]
    assert numbers(root, "last_accuracy") == [content["evaluation_accuracy"][-1],
                                              content["training_accuracy"][-1]]
    assert f"{round(150 * content['test_accuracy'])} of 150 test digits" in root.one("h1").words


def test_what_is_shown_of_a_number_is_the_number_rounded(trained):
    root = sound(trained[0])
    for name in LISTS + ["test_accuracy"]:
        for element in root.all("data", class_=name):
            value = json.loads(element.attributes["value"])
            shown = element.text
            if shown.endswith(" %"):
                assert abs(float(shown[:-2]) / 100 - value) <= 0.00005 + 1e-12
            else:
                assert abs(float(shown) - value) <= 0.00005 + 1e-12


def middle(mark):
    """The middle of a dot or of a square."""
    at = {name: float(mark.attributes[name]) for name in ("cx", "cy", "x", "y", "width", "height")
          if name in mark.attributes}
    if mark.tag == "circle":
        return at["cx"], at["cy"]
    return at["x"] + at["width"] / 2, at["y"] + at["height"] / 2


def marks(chart, kind):
    """(value read off the chart's axis, epoch in the title) for each mark on a curve."""
    scale = []
    for line, label in zip(chart.all("line", class_="grid"), chart.all("text", class_="tick")):
        assert abs(float(line.attributes["y1"]) + 4 - float(label.attributes["y"])) < 0.11
        number = label.text.split()[0]
        scale.append((float(line.attributes["y1"]), float(number)))
    (y0, v0), (y1, v1) = scale[0], scale[-1]
    assert y0 - y1 > 150  # of 230: the axis takes the room there is
    read = []
    for mark in chart.all(class_=kind):
        title = re.match(r"epoch (\d+), ", mark.words)
        if title:
            _, y = middle(mark)
            read.append((v0 + (y - y0) / (y1 - y0) * (v1 - v0), int(title.group(1))))
    return read, abs((v1 - v0) / (y1 - y0))


@pytest.fixture(params=["trained", "near 100 %"])
def with_history(request, trained):
    """(a report's text, the history), for curves that begin far down and far up."""
    if request.param == "trained":
        return trained
    run = a_run(curves=[[.5, .4, .3], [27, 28, 30], [.7, .65, .6], [28, 28, 29]])
    return (report.page(run, classified(run)),
            history(run, result.accuracy(classified(run))))


def test_the_curves_go_through_the_numbers(with_history):
    source, content = with_history
    charts = list(sound(source).all("svg"))
    assert len(charts) == 2
    for chart, what, unit in zip(charts, ("cost", "accuracy"), (1, 100)):
        for kind in ("training", "evaluation"):
            read, of_a_pixel = marks(chart, kind)
            assert [epoch for _, epoch in read] == [1, 2, 3]
            for value, epoch in read:  # coordinates have one decimal, three of them are involved
                assert abs(value - unit * content[f"{kind}_{what}"][epoch - 1]) < 0.2 * of_a_pixel
            line = [e for e in chart.all("polyline", class_=kind)
                    if e.attributes["points"].count(" ") == 2]
            assert len(line) == 1
            points = [tuple(map(float, point.split(",")))
                      for point in line[0].attributes["points"].split()]
            centers = [middle(mark) for mark in chart.all(class_="mark")
                       if f", {kind}: " in mark.words]
            below = {e.text: float(e.attributes["x"]) for e in chart.all("text", class_="tick")}
            assert len(points) == len(centers) == 3
            assert [x for x, _ in points] == [below[epoch] for epoch in "123"]
            for point, center in zip(points, centers):
                assert point == pytest.approx(center, abs=0.11)
        assert {e.text for e in chart.all("text", class_="legend")} == {"training", "evaluation"}


def test_the_confusion_matrix_counts_the_test_digits():
    run = a_run()
    outputs = [(run.net.feedforward(x), y) for x, y in run.data.test]
    table = sound(report.page(run, classified(run))).one("table", class_="confusion")
    rows = list(table.one("tbody").all("tr"))
    for digit, row in enumerate(rows):
        counts = [sum(1 for a, y in outputs if y == digit and argmax(a) == said)
                  for said in range(10)]
        assert row.one("th", scope="row").text == str(digit)
        assert [cell.text for cell in row.all("td")] == [
            *map(str, counts), f"{counts[digit]} of {sum(counts)}"]
    assert [th.text for th in table.one("thead").all("th", scope="col")] == [
        "digit", *map(str, range(10)), "right"]


def test_a_field_with_more_in_it_is_deeper_and_text_stays_readable_on_all():
    run = a_run()
    outputs = [c._replace(digit=0 if k < 20 else 1, output=[float(j == said) for j in range(10)])
               for k, (c, said) in enumerate(zip(classified(run), [0] * 14 + [1, 1, 1, 1, 2, 2]
                                                 + [1] * 10))]
    table = sound(report.page(run, outputs)).one("table", class_="confusion")
    depth = {}
    for cell in table.all("td"):
        ground = re.fullmatch(r"background:rgba\((\d+,\d+,\d+),(0\.\d\d)\)",
                              cell.attributes.get("style", ""))
        if ground:
            depth[int(cell.text)] = ground.groups()
    assert sorted(depth) == [2, 4, 10, 14]
    assert depth[14][0] == depth[10][0] != depth[4][0] == depth[2][0]  # right ones, wrong ones
    assert 0 < float(depth[10][1]) < float(depth[14][1]) < 0.6
    assert 0 < float(depth[2][1]) < float(depth[4][1]) < 0.6


def test_the_command_that_is_shown_repeats_the_run():
    for settings in ({}, {"small": True, "sizes": [64, 20, 10], "limit": 7},
                     {"data": "a b'c&<d>.gz", "hidden": "relu", "cost": "log-likelihood"}):
        run = a_run(settings=settings)
        code = next(sound(report.page(run, classified(run))).all("code"))
        source = re.search(r"<code>(.*?)</code>", report.page(run, classified(run))).group(1)
        words = shlex.split(html.unescape(re.sub(r"</?span>", "", source)))
        start = train.PROG.split()
        assert words[:len(start)] == start and code.words
        given = build_parser().parse_args(words[len(start):])
        for name in TABLE:
            if name == "small" or (name == "data" and run.settings.small):
                continue
            assert getattr(given, name, False) == (getattr(run.settings, name) or False), name
        assert getattr(given, "small", False) == run.settings.small


# ---- the pictures --------------------------------------------------------------------------------

def pixels_of(image):
    """The rows of a PNG, each a list of tuples of bytes; its checksums are checked."""
    file = base64.b64decode(image.attributes["src"].partition(",")[2], validate=True)
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, k = {}, 8
    while k < len(file):
        length, = struct.unpack(">I", file[k:k + 4])
        name, content = file[k + 4:k + 8], file[k + 8:k + 8 + length]
        assert struct.unpack(">I", file[k + 8 + length:k + 12 + length]) == (
            zlib.crc32(name + content),)
        chunks[name] = content
        k += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, form, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    assert (width, height) == (int(image.attributes["width"]), int(image.attributes["height"]))
    channels = {4: 2, 6: 4}[form]
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (1 + channels * width)
    rows = [raw[k:k + 1 + channels * width] for k in range(0, len(raw), 1 + channels * width)]
    assert all(row[0] == 0 for row in rows)  # no filter
    return [[tuple(row[1 + channels * k:1 + channels * (k + 1)]) for k in range(width)]
            for row in rows]


def test_the_mistakes_are_shown_the_most_confident_first():
    run = a_run()
    root = sound(report.page(run, classified(run)))
    outputs = [(run.net.feedforward(x), y) for x, y in run.data.test]
    wrong = [k for k, (a, y) in enumerate(outputs) if argmax(a) != y]
    wrong.sort(key=lambda k: -max(outputs[k][0]))
    figures = list(root.one("ul", class_="pictures", **{"class": "pictures"}).all("li"))
    assert len(wrong) > 2 and len(figures) == min(len(wrong), 24)
    for k, figure in zip(wrong, figures):
        (a, y), x = outputs[k], run.data.test[k][0]
        said = argmax(a)
        assert figure.one("strong").text == f"{y} taken for {said}"
        assert f"{said}: {a[said]:.3f}" in figure.words and f"{y}: {a[y]:.3f}" in figure.words
        assert f"no. {k}" in figure.words
        image = figure.one("img")
        assert f"taken for a{'n' if said == 8 else ''} {said}" in image.attributes["alt"]
        ink = [value for row in pixels_of(image) for value in row]
        assert ink == [(0, round(255 * min(v, 1))) for v in x]


def test_pixels_that_are_no_gray_level_are_the_next_one_that_is():
    image = Element("img", {"src": pictures.as_uri(pictures.digit([-1.0, 2.0, 0.0, 1.0])),
                            "width": "2", "height": "2"}, None)
    assert pixels_of(image) == [[(0, 0), (0, 255)], [(0, 0), (0, 255)]]


def test_the_weights_of_the_hidden_neurons_are_shown():
    run = a_run()
    run.net.weights[0][1] = [0.0, -2.0, 1.0, 4.0]
    images = list(sound(report.page(run, classified(run))).all("img", class_="weights"))
    assert len(images) == 3
    assert "from -2.00 to 4.00" in images[1].attributes["alt"]
    (nothing, half_negative), (quarter, full) = pixels_of(images[1])
    assert (nothing[3], half_negative[3], quarter[3], full[3]) == (0, 128, 64, 255)
    assert quarter[:3] == full[:3] != half_negative[:3]
    assert full[2] > full[0] and half_negative[0] > half_negative[2]  # blue, orange


def test_weights_that_are_all_zero_are_a_picture_too():
    run = a_run()
    run.net.weights[0][0] = [0.0] * 4
    image = next(sound(report.page(run, classified(run))).all("img", class_="weights"))
    assert {pixel[3] for row in pixels_of(image) for pixel in row} == {0}


def test_images_that_are_not_square_have_no_pictures_but_a_sentence():
    run = a_run(sizes=(6, 3, 10))
    root = sound(report.page(run, classified(run)))
    assert not list(root.all("img"))
    assert root.one("main").words.count("6 pixels do not form a square") == 2
    assert list(root.all("strong"))  # the mistakes are there nevertheless


def test_a_network_without_hidden_neurons_shows_its_outputs():
    run = a_run(sizes=(4, 10))
    root = sound(report.page(run, classified(run)))
    assert len(list(root.all("img", class_="weights"))) == 10
    assert "output neurons" in " ".join(h2.text for h2 in root.all("h2"))


def test_of_many_neurons_the_first_are_shown():
    run = a_run(sizes=(4, 150, 10))
    root = sound(report.page(run, classified(run)))
    assert len(list(root.all("img", class_="weights"))) == 100
    assert "the first 100 of 150" in root.one("main").words


# ---- runs of all kinds ---------------------------------------------------------------------------

@pytest.mark.parametrize("epochs", [1, 2, 30, 31, 200])
def test_any_number_of_epochs(epochs):
    run = a_run(epochs=epochs)
    root = sound(report.page(run, classified(run)))
    assert agrees(root, history(run, result.accuracy(classified(run))))
    for chart in root.all("svg"):
        for kind in ("training", "evaluation"):
            marked = [epoch for _, epoch in marks(chart, kind)[0]]
            every = {31: 2, 200: 7}.get(epochs, 1)  # not more than thirty marks on a curve
            assert marked == list(range(1, epochs + 1, every))


@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_a_run_that_was_stopped(epochs):
    run = a_run(epochs=epochs, settings={"epochs": 5})
    root = sound(report.page(run, None))
    assert agrees(root, history(run, None))
    assert root.one("h1").text == f"Stopped after {epochs} of 5 epochs"
    assert "test data" in root.one("p", class_="notice").text
    assert ("No epoch was finished" in root.one("main").words) == (epochs == 0)
    evaluation = [0] * 10
    for _, y in run.data.evaluation:
        evaluation[y] += 1
    matrix = root.one("table", class_="confusion").one("tbody")
    assert [sum(int(cell.text) for cell in list(row.all("td"))[:10])
            for row in matrix.all("tr")] == evaluation


def test_a_network_without_mistakes():
    run = a_run()
    perfect = [c._replace(digit=c.said) for c in classified(run)]
    root = sound(report.page(run, perfect))
    assert "none of the test digits" in root.one("main").words
    assert "30 of 30" in root.one("h1").text


@pytest.mark.parametrize("name", [
    "</p><script>alert(1)</script>", "a\" onload='x' &amp; <b>", "new\nline\ttab\x00\x1b[31m\x85",
    "not utf-8 \udcff \ud800", "\u202egnp.exe", "\uffff\ufdd0", "https\u200b"])
def test_the_name_of_a_file_is_only_text(name):
    run = a_run(settings={"data": name})
    source = report.page(run, classified(run))
    root = sound(source)
    source.encode("utf-8")
    inside = source.replace("\n", "")
    assert inside.isprintable()
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name)
    values = [dd.text for dd in root.one("dl", class_="settings").all("dd")]
    assert values[0] == shown


@given(st.integers(1, 5).flatmap(lambda n: st.tuples(
    st.lists(st.floats(0, 1e300), min_size=n, max_size=n),
    st.lists(st.integers(0, 30), min_size=n, max_size=n),
    st.lists(st.floats(0, 1e300), min_size=n, max_size=n),
    st.lists(st.integers(0, 30), min_size=n, max_size=n))))
def test_whatever_was_measured_the_page_is_sound(curves):
    run = a_run(curves=list(curves))
    source = report.page(run, classified(run))
    root = sound(source)
    assert agrees(root, history(run, result.accuracy(classified(run))))
    assert not re.search(r"\b(nan|inf)\b", source)
    for mark in root.all("circle"):
        assert 10 <= float(mark.attributes["cy"]) <= 191


@given(st.floats(0, 0.99), st.floats(0, 1e300))
def test_ticks_are_round_and_hold_the_values(part, high):
    low = part * high
    ticks = pictures.round_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] <= low and high <= ticks[-1]
    steps = [after - before for before, after in zip(ticks, ticks[1:])]
    assert all(0.99 * steps[0] < step < 1.01 * steps[0] for step in steps)
    for tick in ticks:  # steps are 1, 2, 2.5 or 5, of at least a 500th of the highest
        assert float(f"{tick:.4g}") == pytest.approx(tick, rel=1e-12)


@pytest.mark.parametrize("low, high, ticks", [
    (0, 2.13, [0, 0.5, 1, 1.5, 2, 2.5]), (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
    (0.63, 1, [0.6, 0.7, 0.8, 0.9, 1]), (0, 100, [0, 20, 40, 60, 80, 100])])
def test_ticks_of_usual_charts(low, high, ticks):
    assert pictures.round_ticks(low, high) == pytest.approx(ticks)


@given(st.integers(1, 100000))
def test_epochs_on_the_axis(epochs):
    ticks = pictures.epoch_ticks(epochs)
    assert ticks[0] == 1 and ticks[-1] <= epochs and ticks == sorted(set(ticks))
    assert len(ticks) <= 7
    assert epochs - ticks[-1] < epochs / 2 or epochs == 1


# ---- the command ---------------------------------------------------------------------------------

def test_a_run_that_is_stopped_leaves_a_report(tmp_path, monkeypatch, capsys):
    page, content = tmp_path / "r.html", tmp_path / "h.json"

    def stopped(run, *others):
        raise Stopped(Stop(signal.SIGTERM), run._replace(monitors=Monitors([0.5], [9], [.7], [8])))

    monkeypatch.setattr(session, "learn", stopped)
    assert run_command(train.PROG, train.main, [
        "--small", "--limit", "20", "--quiet", "--report", str(page),
        "--history", str(content)]) == 128 + signal.SIGTERM
    assert f"wrote {page}" in capsys.readouterr().err
    assert agrees(sound(page.read_text(encoding="utf-8")), json.loads(content.read_text()))


@pytest.mark.parametrize("arguments, part", [
    (["--report", "."], "Is a directory"), (["--report", "no/such/r.html"], "No such file"),
    (["--report", "x", "--save", "x"], "must name different files")])
def test_a_report_that_cannot_be_written_is_found_out_before(arguments, part, tmp_path,
                                                            monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(train.PROG, train.main, ["--small", *arguments]) == 2
    said = capsys.readouterr()
    assert part in said.err and said.out == ""


# ---- in a browser --------------------------------------------------------------------------------

BROWSER = next(filter(None, map(shutil.which, (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"))), None)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--enable-logging=stderr", "--dump-dom"]


def browse(path, folder, *flags):
    """(the page as the browser has it, the lines of its console)."""
    done = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={folder}", *flags, path.as_uri()],
                          capture_output=True, timeout=120)
    console = [line for line in done.stderr.decode("utf-8", "replace").splitlines()
               if "CONSOLE" in line]
    return done.stdout.decode("utf-8"), console


MEASURE = """<script>
const broken = [...document.images].filter(i => !i.complete || !i.naturalWidth).length;
document.body.dataset.measured = JSON.stringify({
  broken, images: document.images.length, wide: document.documentElement.scrollWidth,
  window: window.innerWidth, paper: getComputedStyle(document.body).backgroundColor});
console.error("control");
</script></body>"""


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_in_a_browser(trained, tmp_path):
    source, content = trained
    page = tmp_path / "a report.html"
    page.write_text(source, encoding="utf-8")
    dom, console = browse(page, tmp_path / "profile")
    assert console == []
    assert agrees(parsed(dom), content)

    # The same page with larger numbers in its table and a script that measures it, on a phone in
    # the dark.  What the script says to the console shows that the silence above means something.
    wider = re.sub(r"<td ([^>]*)>\d+</td>", r"<td \1>12345</td>", source)
    assert wider != source
    page.write_text(re.sub("<meta http-equiv.*?>", "", wider).replace("</body>", MEASURE),
                    encoding="utf-8")
    dom, console = browse(page, tmp_path / "profile", "--window-size=390,844",
                          "--blink-settings=preferredColorScheme=0")
    assert len(console) == 1 and "control" in console[0]
    measured = json.loads(parsed(dom).one("body").attributes["data-measured"])
    assert measured["broken"] == 0 and measured["images"] == source.count("<img ") > 20
    assert measured["wide"] <= measured["window"]  # nothing sticks out at the side
    assert max(map(int, re.findall(r"\d+", measured["paper"]))) < 60  # dark


def test_the_small_digits_are_called_by_their_name(trained):
    assert mnist.SMALL not in trained[0] and "that come with purenn" in trained[0]
