#!/usr/bin/env python3
"""Run the tests, or check the code without running it, on a machine prepared for neither.

    python3 tools/check.py [--fast] [--python PATH] [pytest's arguments …]
    python3 tools/check.py --lint

The tests need pytest and hypothesis (setup.cfg says exactly what).  The first run makes a virtual
environment for them, .venv, beside setup.cfg; later runs use it again, and make it anew when
setup.cfg asks for something else or the interpreter is another one.  Nothing outside .venv is
changed.  With --python the tests run under another interpreter, CPython or PyPy from 3.9 on, with
an environment of its own (.venv-cpython3.9, .venv-pypy3.9 …), so that they stand side by side.

All tests run in two processes at a time, where there are two cores; with arguments for pytest,
or with --fast, in one.

--fast runs what is quick and finds most: the tests of the reference and a few more, with fewer
random examples, in less than 20 seconds.  --lint runs mypy over the package and ruff over
everything, with the settings in pyproject.toml, from an environment of their own, .venv-lint.

Where an environment cannot be made or filled (no venv module, no network) the interpreter itself
is used if it has what the tests need; otherwise one sentence says what to do.

The exit status is pytest's: 0 if all tests passed, 1 if some failed; with --lint, 1 if mypy or
ruff found something.  It is 2 if nothing could be run and 130 after Ctrl-C.

examples:
    python3 tools/check.py                           all tests
    python3 tools/check.py --fast                    those that take seconds
    python3 tools/check.py tests/reference/test_network.py
                                                     one file
    python3 tools/check.py -k softmax -x             what has softmax in its name; stop at a failure
    python3 tools/check.py --python pypy3            all tests under PyPy
    python3 tools/check.py --lint                    types and style
"""
from __future__ import annotations

import argparse
import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

#: The tests that are run most often: each of these takes a second or two.
FAST = ["tests/reference", "tests/commands/test_checkpoint.py"]
FAST_PROFILE = "--hypothesis-profile=fast"  # tests/conftest.py says what it is

#: All tests in two parts that take about as long.
PARTS = [["tests", "--ignore=tests/commands"], ["tests/commands"]]

LINTERS = [["mypy"], ["ruff", "check"]]

DESCRIBE = ("import sys; i = sys.implementation; v = sys.version_info; import json; "
            "print(json.dumps([sys.executable, i.name, list(v[:3]), sys.version]))")
FIND = ("import sys; from importlib.metadata import version; "
        "[version(name) for name in sys.argv[1:]]")


class CannotRun(Exception):
    """Nothing can be run; the message is one sentence for a person."""


class Interpreter(NamedTuple):
    """What an interpreter says of itself."""

    executable: str
    implementation: str
    version: list[int]
    build: str

    @property
    def name(self) -> str:
        return f"{self.implementation}{self.version[0]}.{self.version[1]}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="check.py", usage="python3 tools/check.py [--fast | --lint] [--python PATH] "
        "[pytest's arguments …]",
        description=__doc__.partition("\n\n")[0],
        epilog=__doc__.partition("\n\n")[2].partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--python", metavar="PATH", help="the interpreter to run the tests with "
                        "(default: the one that runs this program)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--fast", action="store_true", help="only the tests that take seconds")
    what.add_argument("--lint", action="store_true", help="no tests: mypy and ruff")
    options, others = parser.parse_known_args(arguments)
    if options.lint and others:
        parser.error(f"--lint takes no {others[0]}")
    try:
        python = ready_interpreter(options.python, "lint" if options.lint else "test")
    except CannotRun as error:
        print(f"check.py: {error}", file=sys.stderr)
        return 2
    if options.lint:
        return lint(python)
    if options.fast:
        others = [FAST_PROFILE, *others, *FAST]
    if not others and (os.cpu_count() or 1) > 1:
        return run_in_parts(python)
    return as_exit_status(subprocess.call([python, "-m", "pytest", *others], cwd=ROOT))


def as_exit_status(code: int) -> int:
    """That of a program, or as a shell says it if a signal has ended it."""
    return code if code >= 0 else 128 - code


def run_in_parts(python: str) -> int:
    """Run all tests, the parts at the same time; show the first as it goes, then the others."""
    start = time.monotonic()
    first, *others = parts = [
        subprocess.Popen([python, "-m", "pytest", *part], cwd=ROOT, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT) for part in PARTS]
    with ThreadPoolExecutor(len(others)) as pool:
        meanwhile = pool.map(subprocess.Popen.communicate, others)
        said = b"".join(shown(chunk) for chunk in iter(lambda: first.stdout.read1(), b""))
        said += b"".join(shown(text) for text, _ in meanwhile)
    print(f"{total(said.decode(errors='replace'))} in {time.monotonic() - start:.2f}s")
    return max(as_exit_status(part.wait()) for part in parts)


def shown(raw: bytes) -> bytes:
    """What a run has said, after it was printed."""
    sys.stdout.buffer.write(raw)
    sys.stdout.flush()
    return raw


def total(said: str) -> str:
    """The sums of what the last lines of several runs of pytest count."""
    counts: dict[str, int] = {}
    for line in re.findall(r"^(?:=+ )?(\d+ \w+(?:, \d+ \w+)*) in [\d.]+s", said, re.MULTILINE):
        for number, what in re.findall(r"(\d+) (\w+)", line):
            counts[what] = counts.get(what, 0) + int(number)
    order = ["failed", "error", "errors", "passed", "skipped"]
    bad_first = sorted(counts, key=lambda what: order.index(what) if what in order else len(order))
    return ", ".join(f"{counts[what]} {what}" for what in bad_first)


def lint(python: str) -> int:
    """Run each linter, whatever the one before has found."""
    found = [subprocess.call([python, "-m", *linter], cwd=ROOT) for linter in LINTERS]
    return int(any(found))


def ready_interpreter(asked_for: str | None, purpose: str = "test") -> str:
    """The path of an interpreter that has what setup.cfg lists for the purpose."""
    setup = read_setup()
    requirements = setup["options.extras_require"][purpose].split("\n")
    requirements = [line.strip() for line in requirements if line.strip()]
    base = describe(asked_for or sys.executable)
    oldest = [int(part) for part in re.findall(r"\d+", setup["options"]["python_requires"])]
    if base.version < oldest:
        raise CannotRun(f"purenn needs Python {'.'.join(map(str, oldest))} or later, and "
                        f"{base.executable} is {'.'.join(map(str, base.version))}")
    folder = os.path.join(ROOT, ".venv" + ("" if purpose == "test" else f"-{purpose}")
                          + (f"-{base.name}" if asked_for else ""))
    python = os.path.join(folder, *(["Scripts", "python.exe"] if os.name == "nt"
                                    else ["bin", "python"]))
    stamp = os.path.join(folder, "made-for.json")
    contents = json.dumps([requirements, base], indent=1)
    if os.path.exists(python) and read(stamp) == contents:
        return python
    try:
        make(folder, base, python, requirements)
    except CannotRun as error:
        if has(base.executable, requirements):
            print(f"check.py: {error}; running with {base.executable} itself, which has "
                  f"{' and '.join(requirements)}", file=sys.stderr)
            return base.executable
        raise CannotRun(f"{error}; or install {' and '.join(requirements)} for "
                        f"{base.executable} in some other way and run this again") from None
    # the last thing: without it, the next run starts anew
    with open(stamp, "w", encoding="utf-8", newline="\n") as file:
        file.write(contents)
    return python


def make(folder: str, base: Interpreter, python: str, requirements: list[str]) -> None:
    """Make the environment.  Raises CannotRun, and leaves none behind, if that fails."""
    print(f"check.py: making {os.path.basename(folder)} with {' and '.join(requirements)} "
          f"for {base.name}", file=sys.stderr)
    try:
        if run([base.executable, "-m", "venv", "--clear", folder]).returncode:
            raise CannotRun(
                f"{base.executable} cannot make a virtual environment; install its venv module "
                f"(on Debian and Ubuntu: apt install python3-venv)")
        install = run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                       *requirements])
        if install.returncode:
            errors = [line for line in install.stderr.splitlines() if line.startswith("ERROR")]
            said = errors[-1][len("ERROR:"):].strip() if errors else "it did not say why"
            raise CannotRun(f"pip could not install {' and '.join(requirements)} into "
                            f"{os.path.basename(folder)} ({said.rstrip('.')}); run this again "
                            f"with a network connection")
    except CannotRun:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def describe(path: str) -> Interpreter:
    """What the interpreter says of itself.  Raises CannotRun if it is none."""
    try:
        answer = run([path, "-c", DESCRIBE])
        return Interpreter(*json.loads(answer.stdout))
    except (OSError, ValueError, TypeError):
        raise CannotRun(f"{path} is not a Python interpreter that can be run") from None


def has(python: str, requirements: list[str]) -> bool:
    """Whether the interpreter has packages of these names."""
    names = [re.match(r"[\w.-]+", requirement).group() for requirement in requirements]
    return run([python, "-c", FIND, *names]).returncode == 0


def run(command: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def read_setup() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(os.path.join(ROOT, "setup.cfg"), encoding="utf-8")
    return setup


def read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
