"""The README is true: the lines it quotes are there, and its commands print what it says."""
from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

from purenn.crosscheck.catalogue.entries import MISTAKES

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def quoted_lines():
    """(file, code) for each table row that ends in a file's name and a piece of its code."""
    return re.findall(r"\| ([a-z/]+\.py) \| `(.+)` \|$", README, re.MULTILINE)


def test_every_quoted_line_stands_in_its_file():
    quoted = quoted_lines()
    assert len(quoted) > 30
    for name, code in quoted:
        assert code in (ROOT / "purenn" / name).read_text(encoding="utf-8"), (name, code)


def test_the_number_of_mistakes_is_the_catalogue_s():
    assert f"a catalogue of {len(MISTAKES)} mistakes" in README


def test_python_session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sessions = "\n".join(re.findall(r"```python\n(>>> .*?)```", README, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(sessions, {}, "README.md", "README.md", 0)
    assert test.examples
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.failures == 0


#: Too long for a test, or no command to run within one: of these only --help is run.
SLOW = ("tools/check.py", "tools/mutants.py", "tools/bench.py", "tools/fuzz.py",
        "tools/identical.py", "tools/proof.py", "tools/diagnose.py")


def pattern(printed: str) -> str:
    """What a command must print: as printed, but … for anything, and any figure for a duration."""
    text = re.escape(printed.rstrip("\n"))
    text = re.sub(r"(?<=\\ )\d+\\\.\d(?=\\\n|$)", r"\\d+\\.\\d", text)
    text = re.sub(r"after\\ \d+\\ s", r"after\\ \\d+\\ s", text)
    return text.replace("…", r"(?:.|\n)*?") + r"\n*\Z"


def run(command: str, folder: Path) -> str:
    """What a command prints in that folder, on both streams."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "COLUMNS": "80",
                   "PYTHONIOENCODING": "utf-8"}
    command = command.replace("python3 tools/", f"python3 {ROOT}/tools/")
    done = subprocess.run(command.replace("python3 ", f"{sys.executable} "), shell=True,
                          cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300)
    return done.stdout.decode("utf-8")


def test_every_command_prints_what_the_readme_says(tmp_path):
    """In order and in one folder, as a reader would type them; code with a file's name in its
    first line is saved under that name when its turn comes."""
    commands = 0
    for language, text in re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL):
        name = re.match(r"# ([\w.]+)\n", text)
        if language != "console" and name:
            (tmp_path / name.group(1)).write_text(text, encoding="utf-8")
        if language == "console":
            for part in filter(None, re.split(r"^\$ ", text, flags=re.MULTILINE)):
                command, _, printed = part.partition("\n")
                commands += 1
                if any(slow in command for slow in SLOW):
                    assert run(f"{command.split('.py')[0]}.py --help", tmp_path).strip()
                else:
                    said = run(command, tmp_path)
                    assert re.match(pattern(printed), said), f"{command}\n{said}"
    assert commands > 5
