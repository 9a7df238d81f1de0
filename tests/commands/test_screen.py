"""Nothing is wider than the screen: what the commands print, the progress bar, the help."""
from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import purenn
from purenn.__main__ import main as purenn_main
from purenn.book import command as book
from purenn.book import experiments
from purenn.crosscheck import command as crosscheck
from purenn.explain import command as explain
from purenn.explain import session
from purenn.show import command as show
from purenn.terminal import charts, progress, screen
from purenn.terminal.characters import IN_ASCII, as_shown, in_ascii
from purenn.terminal.progress import Progress
from purenn.terminal.running import complain, run
from purenn.terminal.screen import cells, columns, fitted, known_columns
from purenn.train import command as train

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(purenn.__file__)))
WIDTHS = [20, 40, 59, 80, 130]


def in_process(module, *arguments):
    return run(module.PROG, module.main, list(arguments))


def write_wrong(folder):
    """wrong.json: mistakes of which some have an explanation and some none."""
    answers = [{"name": "one neuron, by hand", "costs": [0.25], "new_weights": [[[7]]]},
               {"name": "a chain of single neurons", "costs": [1], "nabla_b": [[1], [2], [3]]}]
    (folder / "wrong.json").write_text(json.dumps(answers), encoding="utf-8")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("model") / "net.json")
    net = purenn.Network([64, 10], seed=3)
    net.weights = [[[9999 * w for w in row] for row in net.weights[0]]]
    net.save(path)
    return path


# ---- how wide it is -----------------------------------------------------------------------------

@pytest.mark.parametrize("said, width, known", [
    ("100", 100, 100), ("7", 20, 20), ("9" * 30, 999_999_999, 999_999_999),
    ("", 80, None), ("0", 80, None), ("-5", 80, None), ("wide", 80, None), ("１０", 80, None)])
def test_columns_counts_where_there_is_no_terminal(said, width, known, monkeypatch):
    monkeypatch.setenv("COLUMNS", said)
    assert (columns(io.StringIO()), known_columns(io.StringIO())) == (width, known)


def test_a_terminal_is_asked(monkeypatch):
    class Stream(io.StringIO):
        def fileno(self):
            return 7

    for width, expected in (133, 133), (5, 20), (0, 80):
        monkeypatch.setattr(screen.os, "get_terminal_size",
                            lambda number, width=width: os.terminal_size((width, 24)))
        assert columns(Stream()) == known_columns(Stream()) == expected


# ---- text that fits -----------------------------------------------------------------------------

def test_lines_are_broken_between_words():
    assert fitted("  one two three\nfour", 10) == "  one two\n    three\nfour"
    assert fitted("one two three", 13) == "one two three"
    assert fitted("abcdefghijklmnop", 7) == "abcdefg\n  hijkl\n  mnop"
    assert fitted("one two three " * 99, None) == "one two three " * 99
    assert cells("e\u0301 手") == 4  # an accent of its own, and a character that is two wide


@given(st.text(st.sampled_from("ab \n手é"), max_size=200), st.integers(4, 60))
def test_nothing_is_lost_and_nothing_too_wide(text, width):
    broken = fitted(text, width)
    assert max(map(cells, broken.split("\n"))) <= max(width, 4)
    assert broken.replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")


# ---- the commands -------------------------------------------------------------------------------

@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_a_command_is_wider_than_columns(width, model, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(experiments, "SMALL_EPOCHS", {400: 2, 30: 2})
    for module, line in [(train, ["--small", "--limit", "60", "--epochs", "3"]), (show, [model]),
                         (explain, []), (explain, ["--list"]), (explain, ["--exact"]),
                         (train, ["--help"]), (show, ["--help"]), (explain, ["--help"])]:
        assert in_process(module, *line) == 0
        printed = capsys.readouterr().out.splitlines()
        assert max(map(cells, printed)) <= width, line
    write_wrong(tmp_path)
    for module, line, status in [
            (crosscheck, ["check", str(tmp_path / "wrong.json"), "--verbose"], 1),
            (crosscheck, ["mistakes"], 0), (crosscheck, ["--help"], 0), (book, [], 0),
            (book, ["slow"], 0), (book, ["--help"], 0),
            (book, ["eta", "--small", "--report", str(tmp_path / "r.html")], 0)]:
        assert in_process(module, *line) == status
        printed = capsys.readouterr().out.splitlines()
        assert max(map(cells, printed)) <= width, line
    purenn_main([])
    assert max(map(cells, capsys.readouterr().out.splitlines())) <= width


def test_without_columns_a_sentence_in_a_file_stays_one_line(capsys):
    assert in_process(explain, "--list") == 0
    assert len(capsys.readouterr().out.splitlines()) == len(session.cases_of(None))


@pytest.mark.parametrize("width", [*WIDTHS, 160])
@pytest.mark.parametrize("side", [8, 16, 17, 28, 100])
def test_digits_and_what_stands_beside_them(width, side):
    rng = random.Random(side)
    image = [rng.random() for _ in range(side * side)]
    for unicode in (False, True):
        picture = charts.digit(image, unicode, width)
        bars = charts.outputs([0.5, -1e30, 123456.0, 0.25], {1: "<- the network", 3: "<- right"},
                              unicode, width)
        for lines in ([picture, bars], [picture] * 4):
            beside = charts.side_by_side(lines, columns=width)
            assert max(map(len, beside)) <= max(width, 27)


def test_a_picture_that_is_too_wide_is_drawn_smaller():
    ink = [float(k % 40 < 20) for k in range(1600)]  # 40 wide, its left half black
    assert charts.digit(ink, True, 40) == ["█" * 20 + " " * 20] * 20
    assert charts.digit(ink, True, 39) == ["█" * 10 + " " * 10] * 10


@pytest.mark.parametrize("width, parts", [(20, 4), (55, 2), (75, 1), (200, 1)])
def test_a_confusion_matrix_in_parts(width, parts):
    matrix = [[1000 * i + j for j in range(10)] for i in range(10)]
    lines = charts.confusion_matrix(matrix, width)
    assert max(map(len, lines)) <= max(width, 31)
    cells = [line.split() for line in lines if line.strip()]
    assert len([row for row in cells if row[0] == "9"]) >= parts
    numbers = {word for row in cells for word in row}
    assert {str(number) for row in matrix for number in row if number} <= numbers


@pytest.mark.parametrize("said, lines", [("", 1), ("60", 3)])
def test_errors_fit_into_columns_where_they_are_set(said, lines, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", said)
    complain("prog", "a sentence " * 12)
    shown = capsys.readouterr().err
    assert shown.count("\n") == lines and max(map(len, shown.splitlines())) <= (60 if said else 999)
    assert shown.split() == ["prog:"] + 12 * ["a", "sentence"]


# ---- characters that it has not -----------------------------------------------------------------

def printed_in(encoding, folder, *line):
    done = subprocess.run([sys.executable, "-m", "purenn", *line], cwd=str(folder), timeout=60,
                          env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": FOLDER},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode(encoding)


@pytest.mark.parametrize("line", [
    ["crosscheck", "check", "wrong.json"], ["crosscheck", "mistakes"], ["crosscheck", "--help"],
    ["book"], ["book", "slow"], ["book", "--help"], ["train", "--help"], ["show", "--help"],
    ["crosscheck", "check", "η.json"]], ids=" ".join)
def test_what_the_terminal_has_no_character_for_is_said_in_ascii(line, tmp_path):
    write_wrong(tmp_path)
    whole = printed_in("utf-8", tmp_path, *line)
    for encoding in "ascii", "cp1252":
        text = printed_in(encoding, tmp_path, *line)
        assert text.count("?") == whole.count("?") and "\\" not in text.replace("\\w", "")
        for unicode, plain in [("σ′", "sigma'"), ("∂C/∂z", "dC/dz"), ("η", "eta"),
                               ("a − y", "a - y")]:
            assert (unicode in whole) <= (plain in text), (encoding, unicode)


def test_formulas_in_ascii():
    for text, plain in [("u = 2⁻⁵³", "u = 2^-53"), ("½‖a − y‖²", "1/2||a - y||^2"),
                        ("δ²₁ = (a²₁ − y₁) σ′(z²₁)", "delta^2_1 = (a^2_1 - y_1) sigma'(z^2_1)"),
                        ("|x| ≤ 3 × √2", "|x| <= 3 x sqrt2"), ("naïve 手", "naïve 手")]:
        assert in_ascii(text) == plain
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    assert as_shown(latin, "½ is naïve") == "½ is naïve"
    assert as_shown(latin, "½ σ′ is naïve 手") == "1/2 sigma' is naïve \\u624b"
    assert as_shown(io.StringIO(), "σ′") == "σ′"  # a stream of text has every character
    assert "σ′ and 手".encode("cp1252", IN_ASCII) == b"sigma' and \\u624b"


# ---- the progress bar ---------------------------------------------------------------------------

class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 200])
def test_the_bar_stays_on_its_line_and_goes_away(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    terminal = Terminal()
    bar = Progress(terminal, rounds=30, examples=50_000, first=3)
    for round_, done in (3, 10), (3, 25_000), (3, 50_000), (29, 10):
        bar.update(round_, done)
    bar.clear()
    drawn = terminal.getvalue().split("\r")
    assert all(len(text) < width for text in drawn)
    assert drawn[-1] == "" and drawn[-2].strip() == "" and len(drawn[-2]) >= len(drawn[-3].rstrip())
    assert "\x1b" not in terminal.getvalue()  # TERM=dumb does not understand it
    assert width < 40 or "█" in drawn[2]
