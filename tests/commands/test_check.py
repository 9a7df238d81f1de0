"""tools/check.py where things go wrong, with interpreters that only pretend."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

from check import FAST, PARTS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pretended interpreters are scripts")


@pytest.fixture
def checkout(tmp_path):
    """A checkout with two tests, so that nothing here touches the real environments."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tests" / "commands").mkdir(parents=True)
    shutil.copy(os.path.join(ROOT, "tools", "check.py"), tmp_path / "tools")
    shutil.copy(os.path.join(ROOT, "setup.cfg"), tmp_path)
    for name in "test_one.py", "commands/test_two.py":
        (tmp_path / "tests" / name).write_text("def test_it():\n    pass\n")
    return tmp_path


def pretend(folder, without, **modules):
    """An interpreter that fails when its arguments hold this text, and else is this one.  Modules
    that are given with an exit status are there, but only print what they were called with.

    It gives its own path for its name, or check.py would go on with the real one.
    """
    describe = ("import json, sys; print(json.dumps([sys.argv[1], sys.implementation.name, "
                "list(sys.version_info[:3]), sys.version]))")
    path = folder / "pretended"
    ends = "\n".join([f'"-m {module}"*) echo "$@"; exit {status};;'
                      for module, status in modules.items()]
                     + ["*importlib.metadata*) exit 0;;"] * bool(modules))
    path.write_text(f"""#!/bin/sh
case "$*" in
{ends}
*sys.version_info*) exec "{sys.executable}" -c '{describe}' "$0";;
*{without}*) exit 1;;
esac
exec "{sys.executable}" "$@"
""")
    path.chmod(0o755)
    return str(path)


def check(checkout, *arguments):
    return subprocess.run([sys.executable, str(checkout / "tools" / "check.py"), *arguments],
                          capture_output=True, text=True,
                          # whatever plugins there are take longer to load than this test to run
                          env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})


def environments(checkout):
    return [name for name in os.listdir(checkout) if name.startswith(".venv")]


def test_without_venv_the_interpreter_itself_is_used_if_it_has_what_is_needed(checkout):
    result = check(checkout, "--python", pretend(checkout, "venv"))
    assert result.returncode == 0, result.stderr
    assert "2 passed" in result.stdout
    assert "cannot make a virtual environment" in result.stderr
    assert "python3-venv" in result.stderr and "itself, which has" in result.stderr
    assert environments(checkout) == []


def test_without_venv_and_pytest_one_sentence_says_what_to_do(checkout):
    result = check(checkout, "--python", pretend(checkout, "venv*|*importlib.metadata"))
    assert result.returncode == 2 and result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.startswith("check.py: ") and "apt install python3-venv" in last
    assert "or install pytest and hypothesis" in last and "Traceback" not in result.stderr


@pytest.mark.parametrize("path", ["no/such/python", "setup.cfg"])
def test_what_is_no_interpreter(checkout, path):
    result = check(checkout, "--python", str(checkout / path))
    assert result.returncode == 2
    assert result.stderr == (f"check.py: {checkout / path} is not a Python interpreter that can "
                             f"be run\n")


def test_an_interpreter_that_is_too_old(checkout):
    setup = (checkout / "setup.cfg").read_text()
    assert "python_requires = >=3.9" in setup
    (checkout / "setup.cfg").write_text(setup.replace(">=3.9", ">=99.1"))
    result = check(checkout)
    assert result.returncode == 2
    assert result.stderr.startswith("check.py: purenn needs Python 99.1 or later, and ")


def test_the_status_is_pytests(checkout):
    python = pretend(checkout, "venv")
    assert check(checkout, "--python", python, "-k", "nothing_of_that_name").returncode == 5
    (checkout / "tests" / "test_one.py").write_text("def test_it():\n    assert False\n")
    result = check(checkout, "--python", python, "tests/test_one.py")
    assert result.returncode == 1 and "1 failed" in result.stdout


@pytest.mark.parametrize("fails", [None, "test_one", "commands/test_two"])
def test_all_tests_run_in_parts_and_are_counted_together(checkout, fails):
    tests = {"test_one": "pass", "commands/test_two": "pass", "test_three": "pytest.skip('so')"}
    for name, body in tests.items():
        body = "assert False" if name == fails else body
        (checkout / "tests" / f"{name}.py").write_text(
            f"import pytest\ndef test_it():\n    {body}\n")
    code = (f"import sys; sys.path.insert(0, {str(checkout / 'tools')!r}); import check; "
            f"sys.exit(check.run_in_parts({sys.executable!r}))")
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = result.stdout.splitlines()[-1]
    assert last.partition(" in ")[0] == ("2 passed, 1 skipped" if not fails
                                         else "1 failed, 1 passed, 1 skipped")
    assert result.returncode == (1 if fails else 0)
    assert not fails or f"FAILED tests/{fails}.py" in result.stdout


@pytest.mark.parametrize("types, style, status", [(0, 0, 0), (1, 0, 1), (0, 1, 1)])
def test_lint_runs_both_and_fails_if_either_does(checkout, types, style, status):
    python = pretend(checkout, "venv", mypy=types, ruff=style)
    result = check(checkout, "--lint", "--python", python)
    assert result.returncode == status, result.stderr
    assert result.stdout == "-m mypy\n-m ruff check\n"


def test_lint_without_linters_says_so(checkout):
    result = check(checkout, "--lint", "--python",
                   pretend(checkout, "venv*|*importlib.metadata"))
    assert result.returncode == 2 and "or install mypy and ruff" in result.stderr
    assert environments(checkout) == []


def test_lint_and_fast_exclude_each_other(checkout):
    for wrong in (["--lint", "--fast"], ["--lint", "-k", "softmax"]):
        result = check(checkout, *wrong)
        assert result.returncode == 2 and "Traceback" not in result.stderr


def test_fast_runs_tests_that_are_there_with_few_examples(checkout):
    assert all(os.path.exists(os.path.join(ROOT, path)) for path in FAST)
    result = check(checkout, "--fast", "-x", "--python",
                   pretend(checkout, "venv", pytest=0, hypothesis=0))
    assert result.stdout.split() == ["-m", "pytest", "--hypothesis-profile=fast", "-x", *FAST]


def test_the_parts_are_all_tests():
    """Each part's folders are all there are but those that it leaves out, which another has."""
    named = [path for part in PARTS for path in part if not path.startswith("--ignore=")]
    left_out = [path[len("--ignore="):] for part in PARTS for path in part
                if path.startswith("--ignore=")]
    assert "tests" in named and sorted(named) == sorted(["tests", *left_out])
    assert all(os.path.isdir(os.path.join(ROOT, path)) for path in named)


def test_help_teaches(checkout):
    result = check(checkout, "--help")
    assert result.returncode == 0
    for word in ("--python", "--fast", "--lint", "pytest", "hypothesis", "mypy", "ruff", ".venv",
                 "examples:"):
        assert word in result.stdout
