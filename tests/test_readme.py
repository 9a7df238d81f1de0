"""The README is true: the lines it quotes are there, and its commands print what it says."""
from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def quoted_lines():
    """(file, code) for each table row that ends in a file's name and a piece of its code."""
    return re.findall(r"\| ([a-z/]+\.py) \| `(.+)` \|$", README, re.MULTILINE)


def test_every_quoted_line_stands_in_its_file():
    quoted = quoted_lines()
    assert len(quoted) > 30
    for name, code in quoted:
        assert code in (ROOT / "purenn" / name).read_text(encoding="utf-8"), (name, code)


def test_python_session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sessions = "\n".join(re.findall(r"```python\n(>>> .*?)```", README, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(sessions, {}, "README.md", "README.md", 0)
    assert test.examples
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.failures == 0


def consoles():
    """(command, printed) for each command of a console session that is not too long for a test."""
    sessions = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    commands = [part.partition("\n") for session in sessions
                for part in re.split(r"^\$ ", session, flags=re.MULTILINE) if part]
    return [(command, printed) for command, _, printed in commands
            if not any(slow in command for slow in SLOW)]


SLOW = ("tools/check.py", "tools/mutants.py", "tools/bench.py", "tools/fuzz.py", "tools/identical",
        "tools/proof.py", "tools/diagnose.py", "--data")


def pattern(printed: str) -> str:
    """What a command must print: as printed, but … for anything, and any figure for a duration."""
    text = re.escape(printed.rstrip("\n"))
    text = re.sub(r"(?<=\\ )\d+\\\.\d(?=\\\n|$)", r"\\d+\\.\\d", text)
    text = re.sub(r"after\\ \d+\\ s", r"after\\ \\d+\\ s", text)
    return text.replace("…", r"(?:.|\n)*?") + r"\n*\Z"


@pytest.mark.parametrize("command, printed", consoles(), ids=[c for c, _ in consoles()])
def test_console_session(command, printed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8",
                   "COLUMNS": "80"}
    done = subprocess.run(command.replace("python3 ", f"{sys.executable} "), shell=True,
                          cwd=tmp_path, env=environment, capture_output=True, timeout=300)
    said = (done.stdout + done.stderr).decode("utf-8")
    assert re.match(pattern(printed), said), said
