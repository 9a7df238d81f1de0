"""The programs to begin with: each is run as it is printed, and answers all that it can."""
from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from purenn.crosscheck import check
from purenn.crosscheck.answers.program import answers_of_program
from purenn.crosscheck.command import main
from purenn.crosscheck.judge import judge
from purenn.crosscheck.questions.cases import FIELDS, cases_content, cases_plain
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.starting import PROGRAMS, path_of
from purenn.terminal.running import run

CASES = built_in()
FOLDER = path_of("c").parent
PAGE = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
#: how many lines a program has at most: one is read before it is used
MOST_LINES = {"numpy": 55, "pytorch": 55, "scikit-learn": 50, "javascript": 60, "c": 140,
              "awk": 120}


def is_right(command, plain=False):
    """A program that answers everything, with every field."""
    question = cases_plain(CASES) if plain else json.dumps(cases_content(CASES))
    given = answers_of_program(command, question, [case.name for case in CASES], 120)
    assert not given.failures and not given.notes
    report = judge(CASES, given.answers)
    report.assert_right()
    assert all(set(FIELDS) <= verdict.answer.keys() for verdict in report.verdicts)


def saved(name, folder, monkeypatch):
    """The module that "start NAME --out FILE" makes."""
    assert main(["start", name, "--out", str(folder / PROGRAMS[name])]) == 0
    monkeypatch.syspath_prepend(str(folder))
    return importlib.import_module(Path(PROGRAMS[name]).stem)


@pytest.mark.parametrize("name, needs", [("numpy", "numpy"), ("pytorch", "torch")])
@pytest.mark.filterwarnings("ignore")  # NumPy: exp overflows, and 1/(1 + inf) is right
def test_a_python_program_is_right(name, needs, monkeypatch, tmp_path):
    pytest.importorskip(needs)
    report = check(saved(name, tmp_path, monkeypatch).step)
    report.assert_right()
    assert all(verdict.answer.keys() == set(FIELDS) for verdict in report.verdicts)


@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_is_right_where_it_has_the_network(monkeypatch, tmp_path):
    pytest.importorskip("sklearn")
    report = check(saved("scikit-learn", tmp_path, monkeypatch).step)
    report.assert_right()
    assert [verdict.case for verdict in report.verdicts if verdict.answer] == scikit_learns()
    for verdict in report.verdicts:
        if verdict.answer:  # no costs of single examples; the total one but where it is clipped
            missing = set(FIELDS) - verdict.answer.keys()
            assert missing == {"costs"} or missing == {"costs", "total_cost"} and re.search(
                "saturated|far from 0|large|apart", verdict.case.name), verdict.case.name


def scikit_learns():
    return [case for case in CASES if case.output == "identity" or case.cost != "quadratic"]


@pytest.mark.skipif(not shutil.which("gcc"), reason="there is no C compiler")
def test_the_c_program_is_right(tmp_path):
    network = str(tmp_path / "network")
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", network,
                    str(path_of("c")), "-lm"], check=True)
    is_right([network], plain=True)


@pytest.mark.skipif(not shutil.which("awk"), reason="there is no awk")
def test_the_awk_program_is_right():
    is_right(["awk", "-f", str(path_of("awk"))], plain=True)


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node")
def test_the_javascript_program_is_right():
    is_right(["node", str(path_of("javascript"))])


def test_the_cases_fit_into_the_arrays_of_the_c_program():
    text = (path_of("c")).read_text(encoding="utf-8")
    layers, neurons, examples = map(int, re.search(
        r"LAYERS = (\d+), NEURONS = (\d+), EXAMPLES = (\d+)", text).groups())
    assert layers >= max(len(case.sizes) for case in CASES)
    assert neurons >= max(max(case.sizes) for case in CASES)
    assert examples >= max(len(case.mini_batch) for case in CASES)


def test_a_program_is_given_plain_text_if_it_wants_it(capsys):
    echo = ("import sys; lines = sys.stdin.read().splitlines(); assert lines[2] == 'name'; "
            "print('{\"name\": \"%s\", \"costs\": [0.125]}' % lines[3])")
    assert main(["run", "--plain", "--", sys.executable, "-S", "-c", echo]) == 0
    assert capsys.readouterr().out.startswith("1 case, every number right")


# --- start --------------------------------------------------------------------------------------

def test_every_program_to_begin_with_has_its_test():
    files = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert files == {path_of(name).name for name in PROGRAMS}
    tests = Path(__file__).read_text(encoding="utf-8")
    assert set(MOST_LINES) == set(PROGRAMS)
    for name, file in PROGRAMS.items():
        text = path_of(name).read_text(encoding="utf-8")
        link = f"| `{name}` | [{file}](adapters/{path_of(name).name}) |"
        assert f'"{name}"' in tests and link in PAGE
        assert len(re.findall("YOUR CODE from here", text)) == 1, name
        assert len(re.findall("YOUR CODE to here", text)) == 1, name
        assert text.index("from here") < text.index("to here")
        assert len(text.splitlines()) <= MOST_LINES[name], name
        assert max(map(len, text.splitlines())) <= 100, name
    assert f"the {len(scikit_learns())} cases whose output and cost scikit-learn has" in PAGE


@pytest.mark.parametrize("name", PROGRAMS)
def test_start_prints_and_saves_it(name, capsys, tmp_path):
    text = path_of(name).read_text(encoding="utf-8")
    assert main(["start", name]) == 0
    assert capsys.readouterr().out == text
    assert main(["start", name, "--out", str(tmp_path / "mine")]) == 0
    assert (tmp_path / "mine").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("arguments, sentence", [
    (["start"], "name of the program is missing: start numpy, pytorch"),
    (["start", "cobol"], "no program 'cobol' to start with, only numpy")])
def test_what_cannot_be_started_with_is_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        main(arguments)


@pytest.mark.parametrize("command", [["awk", "-f", str(FOLDER / "network.awk")]])
def test_a_program_that_reads_plain_text_says_so_when_it_is_given_json(command, capsys):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    assert run("crosscheck", main, ["run", "--", *command]) == 2
    assert "run it with --plain" in capsys.readouterr().err
