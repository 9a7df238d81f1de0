"""Every README.md is true: the lines it quotes are there, its sessions and commands print what it
says, the options it names exist, its links lead somewhere."""
from __future__ import annotations

import ast
import configparser
import doctest
import fnmatch
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from purenn.crosscheck.catalogue import step as catalogue_of_the_step
from purenn.crosscheck.catalogue.entries import MISTAKES
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.truth.blocks import RIGHT, STEP_B, CannotAnswer, step
from purenn.terminal.source import line_of

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md"] + sorted(
    page for folder in ("purenn", "tests", "tools") for page in (ROOT / folder).rglob("README.md"))
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
README = TEXTS["README.md"]
EVERY_PAGE = pytest.mark.parametrize("name", TEXTS)


def blocks(text):
    """(language, contents) of each fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def without_blocks(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def test_the_readme_is_read_in_three_minutes():
    assert len(README.splitlines()) <= 160


def test_the_two_commands_that_do_everything_are_in_it():
    assert "$ python3 -m purenn.train --small\n" in README and "`python3 tools/check.py`" in README


# ---- the code ------------------------------------------------------------------------------------

def quoted_lines(text):
    """(file, code) for each table row that ends in a file's name and a piece of its code."""
    return re.findall(r"\| ([a-z_/]+\.py) \| `(.+)` \|$", text, re.MULTILINE)


@EVERY_PAGE
def test_every_quoted_line_stands_in_its_file(name):
    for file, code in quoted_lines(TEXTS[name]):
        assert code in (ROOT / "purenn" / file).read_text(encoding="utf-8"), (file, code)


@EVERY_PAGE
def test_code_in_a_table_has_its_end(name):
    """A row whose last piece of code had none would not be looked at above."""
    rows = re.findall(r"^\|.*$", without_blocks(TEXTS[name]), re.MULTILINE)
    assert [row for row in rows if row.count("`") % 2] == []


def test_the_equations_and_the_listings_defects_have_their_lines():
    assert len(quoted_lines(README)) >= 4 and len(quoted_lines(TEXTS["purenn/README.md"])) > 30
    for label in ("(BP1)", "(BP2)", "(BP3)", "(BP4)"):
        assert f"| {label} |" in README and f"| {label} |" in TEXTS["purenn/README.md"]


def test_the_catalogue_is_as_long_as_the_readme_says():
    assert "a catalogue of more than two hundred mistakes" in README and len(MISTAKES) > 200


@EVERY_PAGE
def test_python_sessions(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sessions = "\n".join(text for language, text in blocks(TEXTS[name]) if text.startswith(">>> "))
    test = doctest.DocTestParser().get_doctest(sessions, {}, name, name, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.failures == 0
    assert test.examples or name not in ("README.md", "purenn/README.md", "tools/README.md")


@EVERY_PAGE
def test_files_that_are_named_are_there(name):
    """In a page's prose, `tools/fuzz.py` is a file: from the top, from purenn/, or from here."""
    for path in re.findall(r"`(\w+/[\w/.-]+\.(?:py|md))`", without_blocks(TEXTS[name])):
        places = [ROOT / path, ROOT / "purenn" / path, (ROOT / name).parent / path]
        assert any(place.exists() for place in places), path


def test_the_tour_names_every_module_and_folder():
    text = TEXTS["purenn/README.md"]
    for path in (ROOT / "purenn").iterdir():
        name = path.name + "/" * path.is_dir()
        if not name.startswith("__") and path.suffix in (".py", ""):
            assert f"[{name}]" in text or f"`{name}`" in text, name


# ---- the commands --------------------------------------------------------------------------------

#: Too long for a test, or no command to run within one: of these only --help is run.
SLOW = ("tools/check.py", "tools/mutants.py", "tools/bench.py", "tools/fuzz.py",
        "tools/identical.py", "tools/proof.py", "tools/diagnose.py",
        "tools/diagnose_sequences.py")


def pattern(printed: str) -> str:
    """What a command must print: as printed, but … for anything, and any figure for a duration."""
    text = re.escape(printed.rstrip("\n"))
    text = re.sub(r"(?<=\\ )\d+\\\.\d(?=\\\n|$)", r"\\d+\\.\\d", text)
    text = re.sub(r"after\\ \d+\\ s", r"after\\ (?:\\d+\\ min\\ )?\\d+\\ s", text)
    return text.replace("…", r"(?:.|\n)*?") + r"\n*\Z"


def run(command: str, folder: Path) -> str:
    """What a command prints in that folder, on both streams."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "COLUMNS": "80",
                   "PYTHONIOENCODING": "utf-8"}
    command = re.sub(r"^python3 tools/", f"python3 {ROOT}/tools/", command)
    done = subprocess.run(re.sub(r"^python3 ", f"{sys.executable} ", command), shell=True,
                          cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300)
    return done.stdout.decode("utf-8")


def commands(text):
    """(command, what it is said to print) of a console block."""
    for part in filter(None, re.split(r"^\$ ", text, flags=re.MULTILINE)):
        command, _, printed = part.partition("\n")
        yield command, printed


@EVERY_PAGE
def test_every_command_prints_what_its_page_says(name, tmp_path):
    """In order and in one folder, as a reader would type them; code with a file's name in its
    first line is saved under that name when its turn comes."""
    count = 0
    for language, text in blocks(TEXTS[name]):
        file = re.match(r"# ([\w.]+)\n", text)
        if language != "console" and file:
            (tmp_path / file.group(1)).write_text(text, encoding="utf-8")
        for command, printed in commands(text) if language == "console" else ():
            count += 1
            if any(slow in command for slow in SLOW):
                assert "usage:" in run(f"{command.split('.py')[0]}.py --help", tmp_path)
            else:
                said = run(command, tmp_path)
                assert re.match(pattern(printed), said), f"{command}\n{said}"
    assert count >= {"README.md": 3, "purenn/train/README.md": 1, "purenn/show/README.md": 2,
                     "tools/README.md": 5}.get(name, 0)


def test_options_that_a_page_names_exist(tmp_path):
    """Of each command that stands in a page's prose or blocks: --help knows its options."""
    named = {}
    for text in TEXTS.values():
        spans = re.findall(r"`(python3 (?:-m purenn|tools/)[^`\n]*)`", without_blocks(text))
        spans += [command for language, block in blocks(text) if language == "console"
                  for command, _ in commands(block)]
        for span in spans:
            found = re.match(r"python3 (?:-m purenn(?:\.\w+)?|tools/\w+\.py)(?=\s|$)", span)
            if found:
                own = span[found.end():].split(" -- ")[0]
                named.setdefault(found.group(), set()).update(re.findall(r"--[a-z]\w[\w-]*", own))
    assert len(named) > 8
    for command, options in named.items():
        explained = run(f"{command} --help", tmp_path)
        assert "usage:" in explained or command == "python3 -m purenn", command
        for option in options:
            assert re.search(rf"{option}\b", explained), f"{command} has no {option}"


# ---- the catalogue -------------------------------------------------------------------------------

def test_the_new_mistake_that_is_shown_is_an_entry_and_new():
    """tools/README.md: the entry fits into the file of its block as it stands, and no entry there
    gives the same numbers."""
    shown, = [text for _, text in blocks(TEXTS["tools/README.md"])
              if text.startswith("    Mistake(")]
    assert max(map(len, shown.splitlines())) <= 100  # as it stands in the file
    entry = eval(shown.strip().rstrip(","), vars(catalogue_of_the_step))
    assert STEP_B in entry.blocks and line_of(entry.see[1], entry.see[0]) > 0
    cases = built_in()

    def numbers(entry):
        try:
            return [step(case, entry.change(RIGHT))["new_biases"] for case in cases]
        except (CannotAnswer, ArithmeticError):
            return None

    assert numbers(entry) != [step(case)["new_biases"] for case in cases]
    for other in catalogue_of_the_step.ENTRIES:
        assert other.id != entry.id and numbers(other) != numbers(entry), other.id


# ---- from page to page ---------------------------------------------------------------------------

def anchors(text):
    """GitHub's names for a page's headings."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EVERY_PAGE
def test_links_lead_somewhere(name):
    page = ROOT / name
    for target in re.findall(r'(?:\]\(|<img src=")([^)"]+)[)"]', without_blocks(TEXTS[name])):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        assert not anchor or anchor in anchors(place.read_text(encoding="utf-8")), target


def test_every_page_is_found_from_the_first():
    seen, found = set(), {"README.md"}
    while found - seen:
        name = (found - seen).pop()
        seen.add(name)
        for target in re.findall(r"\]\(([^)#]+)", TEXTS[name]):
            place = (ROOT / name).parent / target
            place = place / "README.md" if place.is_dir() else place
            if place.name == "README.md" and place.exists():
                found.add(place.resolve().relative_to(ROOT).as_posix())
    assert seen == set(TEXTS)


def test_each_promise_names_a_test_that_exists():
    text = TEXTS["tests/README.md"]
    rows = [row for row in re.findall(r"^\| (.+) \|$", text, re.MULTILINE)
            if row != "promise | test"]
    assert len(rows) > 30
    for row in rows:
        found = re.search(r"\| \[\w+\.py\]\(([\w/]+\.py)\) `(test_\w+)`$", row)
        assert found, row
        tree = ast.parse((ROOT / "tests" / found.group(1)).read_text(encoding="utf-8"))
        tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert found.group(2) in tests, row


def test_the_package_brings_its_pages_and_data():
    """Whatever is no Python in purenn/ matches a pattern of setup.cfg's package data."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    patterns = [part.strip() for part in re.split(
        r"[,\n]", setup["options.package_data"]["purenn"]) if part.strip()]
    for path in (ROOT / "purenn").rglob("*"):
        parts = path.relative_to(ROOT / "purenn").parts
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            assert any(len(parts) == pattern.count("/") + 1
                       and all(map(fnmatch.fnmatch, parts, pattern.split("/")))
                       for pattern in patterns), path
