"""purenn, the command of all commands; and what each of them calls itself."""
from __future__ import annotations

import configparser
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from purenn import __main__ as purenn
from purenn import __version__
from purenn.terminal.running import interpreter, typed

ROOT = Path(__file__).resolve().parent.parent.parent


def test_help_teaches_every_command_there_is(capsys):
    assert purenn.main(["--help"]) == 0
    said = capsys.readouterr().out
    for folder in (ROOT / "purenn").iterdir():
        assert (folder / "command.py").exists() == (folder.name in purenn.COMMANDS)
    for name, (example, what) in purenn.COMMANDS.items():
        assert any(line.split("  ")[1:] and f"{typed(name)} {example}".strip() in line
                   and line.endswith(what) for line in said.splitlines()), name
    assert max(map(len, said.splitlines())) <= 100
    assert purenn.main([]) == 0 and capsys.readouterr().out == said


def test_the_version(capsys):
    assert purenn.main(["--version"]) == 0
    assert capsys.readouterr().out == f"purenn {__version__}\n"


@pytest.mark.parametrize("arguments", [["trian"], ["--small"], [""], ["a\nb", "train"]])
def test_an_unknown_command_is_one_sentence(arguments, capsys):
    assert purenn.main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1
    assert all(name in said.err for name in purenn.COMMANDS)


def test_a_command_is_run_with_its_arguments_and_status(tmp_path, capsys):
    assert purenn.main(["crosscheck", "check", str(tmp_path / "none.json")]) == 2
    assert "none.json: No such file" in capsys.readouterr().err
    assert purenn.main(["explain", "--digits", "3"]) == 0
    assert "(BP2)" in capsys.readouterr().out


LOADED = """
import sys
from purenn.__main__ import main
status = main([{name!r}, "--help"])
print(status, *sorted(name for name in sys.modules if name.endswith(".command")))
"""


@pytest.mark.parametrize("name", purenn.COMMANDS)
def test_only_the_command_that_is_called_is_imported(name):
    said = subprocess.run([sys.executable, "-c", LOADED.format(name=name)], check=True, cwd=ROOT,
                          stdout=subprocess.PIPE, encoding="utf-8",
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"}).stdout
    assert said.splitlines()[-1] == f"0 purenn.{name}.command"


def test_python_m_purenn_takes_a_command():
    done = subprocess.run([sys.executable, "-m", "purenn", "show", "--help"], cwd=ROOT,
                          stdout=subprocess.PIPE, encoding="utf-8",
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0 and done.stdout.startswith("usage: ")


def test_an_installation_brings_the_command():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    name, _, place = setup["options.entry_points"]["console_scripts"].strip().partition(" = ")
    module, _, function = place.partition(":")
    assert name == "purenn"
    assert getattr(importlib.import_module(module), function) is purenn.main


# ---- what a command calls itself -----------------------------------------------------------------

def an_executable(path):
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="names of programs end in .exe there")
def test_the_interpreter_is_called_by_the_name_that_leads_to_it(tmp_path, monkeypatch):
    python = an_executable(tmp_path / "bin" / "python3.99")
    elsewhere = an_executable(tmp_path / "elsewhere" / "python3.99")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "executable", python)
    assert interpreter() == "python3.99"
    monkeypatch.setattr(sys, "executable", elsewhere)  # that name leads to the other one
    assert interpreter() == "python3"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert interpreter() == "python3"
    for unknown in ("", None):
        monkeypatch.setattr(sys, "executable", unknown)
        assert interpreter() == "python3"


def test_a_command_calls_itself_as_it_was_started(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/local/bin/purenn", "train"])
    assert typed("train") == "purenn train" and typed("") == "purenn"
    monkeypatch.setattr(sys, "argv", ["/somewhere/purenn/train/__main__.py"])
    assert typed("train") == f"{interpreter()} -m purenn.train"
    assert typed("") == f"{interpreter()} -m purenn"


@pytest.mark.parametrize("argv, status", [(["-m", "--small"], 130), (["mine.py"], 1)])
def test_ctrl_c_while_the_package_is_imported(argv, status):
    """A command ends without a word; whoever imports purenn themselves gets their exception."""
    code = ("import sys\nsys.argv = " + repr(argv) + "\n"
            "class Stop:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            "        if name == 'purenn.network': raise KeyboardInterrupt\n"
            "sys.meta_path.insert(0, Stop())\n"
            "try:\n    import purenn\n"
            "except KeyboardInterrupt:\n    sys.exit(1)\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert (done.returncode, done.stderr) == (status, b"")
