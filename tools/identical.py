#!/usr/bin/env python3
"""Does one run give the same bits on every Python of this machine?

    python3 tools/identical.py [--python PATH …] [--at-least N]

Looks for interpreters on PATH, under pyenv and at the paths given with --python, takes one of each
implementation and version from Python 3.9 on, and has each of them learn the small digits for
three epochs with the same seed.  What it prints is a SHA-256 over the exact bits of both costs
after each epoch, and of all weights and biases at the end (see purenn/train/digest.py).
Nothing is installed and no file is written.

The exit status is 0 if all digests are equal, 1 if any differ or a run fails, and 2 if there are
fewer interpreters than --at-least asks for (2, unless told otherwise), because then nothing was
compared.

What decides the bits: additions and multiplications are IEEE 754 on every machine, they are done
in one order, and the random numbers come from Python's own generator.  exp, expm1, log1p, log, sin
and cos come from the C library, which need not round its last bit as another one does.  So equal
digests are promised for all Pythons that use the same C library (those of one machine, as a rule),
and between machines if theirs agree on these functions.

examples:
    python3 tools/identical.py                          what there is on this machine
    python3 tools/identical.py --python ~/pypy/bin/pypy3   and one more
    python3 tools/identical.py --at-least 6             fail unless there are six to compare
"""
from __future__ import annotations

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST = [3, 9]
RUN = ["-m", "purenn.train", "--small", "--seed", "1", "--epochs", "3", "--quiet", "--digest"]
NAMES = r"(python3?(\.\d+)?|pypy3?(\.\d+)?)(\.exe)?"
DESCRIBE = ("import sys, json, platform; "
            "print(json.dumps([sys.executable, platform.python_implementation(), "
            "list(sys.version_info[:3]), ' '.join(platform.libc_ver()).strip()]))")


class Interpreter(NamedTuple):
    """What an interpreter says of itself."""

    executable: str
    implementation: str
    version: list[int]
    c_library: str

    @property
    def name(self) -> str:
        return f"{self.implementation} {'.'.join(map(str, self.version))}"


class Result(NamedTuple):
    """What a run on an interpreter printed: pairs of what was digested and its digest."""

    interpreter: Interpreter
    digests: list[tuple[str, str]]
    seconds: float
    error: str


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="identical.py", usage="python3 tools/identical.py [--python PATH …] [--at-least N]",
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False)
    parser.add_argument("--python", metavar="PATH", action="append", default=[],
                        help="one more interpreter; may be given several times")
    parser.add_argument("--at-least", metavar="N", type=int, default=2,
                        help="how many interpreters there must be (default: 2)")
    options = parser.parse_args(arguments)
    for path in options.python:
        if describe(path) is None:
            print(f"identical.py: {path} is not a Python interpreter that can be run",
                  file=sys.stderr)
            return 2
    interpreters = find([*options.python, *candidates()])
    if len(interpreters) < options.at_least:
        print(f"identical.py: to compare at least {options.at_least} interpreters are needed, and "
              f"{len(interpreters)} from Python {'.'.join(map(str, OLDEST))} on can be found here; "
              "--python PATH says where there are more", file=sys.stderr)
        return 2
    print(f"python {' '.join(RUN)}\n", flush=True)
    return compare([shown(measure(interpreter)) for interpreter in interpreters])


def candidates() -> Iterator[str]:
    """Paths that may be Python interpreters: those on PATH, then those under pyenv."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        try:
            names = sorted(os.listdir(folder or os.curdir))
        except OSError:
            continue
        yield from (os.path.join(folder, name) for name in names if re.fullmatch(NAMES, name))
    pyenv = os.environ.get("PYENV_ROOT") or os.path.join(os.path.expanduser("~"), ".pyenv")
    yield from sorted(glob.glob(os.path.join(glob.escape(pyenv), "versions", "*", "bin", "python")))


def find(paths: Sequence[str]) -> list[Interpreter]:
    """One interpreter of each implementation and version, from the oldest to the newest."""
    found: dict[str, Interpreter] = {}
    files = {}
    for path in paths:
        file = os.path.realpath(path)
        if file not in files:  # python, python3 and python3.11 are often one file
            files[file] = describe(path)
        interpreter = files[file]
        if interpreter is not None and interpreter.version >= OLDEST:
            found.setdefault(interpreter.name, interpreter)
    return sorted(found.values(), key=lambda i: (i.implementation, i.version))


def describe(path: str) -> Interpreter | None:
    """What the interpreter says of itself, or None if it is none that runs."""
    try:
        answer = subprocess.run([path, "-c", DESCRIBE], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, timeout=60, check=True)
        return Interpreter(*json.loads(answer.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None  # a shim of pyenv, for instance, for a version that is not active


def measure(interpreter: Interpreter) -> Result:
    """Run it and take the digests from what it prints."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
    start = time.monotonic()
    done = subprocess.run([interpreter.executable, *RUN], capture_output=True,
                          env=environment, cwd=ROOT, encoding="utf-8",
                          errors="replace")
    seconds = time.monotonic() - start
    digests = re.findall(r"^sha256 of the (.*): ([0-9a-f]{64})$", done.stdout, re.MULTILINE)
    error = ""
    if done.returncode or not digests:
        error = (done.stderr.strip().splitlines() or ["it printed no digest"])[-1]
    return Result(interpreter, digests, seconds, error)


def shown(result: Result) -> Result:
    """Print a line for an interpreter as soon as its result is there."""
    outcome = result.error or result.digests[-1][1]
    print(f"{result.interpreter.name:<16} {result.interpreter.c_library or 'unknown libc':<12} "
          f"{result.seconds:6.1f} s   {outcome}", flush=True)
    return result


def compare(results: list[Result]) -> int:
    """Say what the results have in common, or where they part; the exit status."""
    print()
    failed = [result.interpreter.name for result in results if result.error]
    if failed:
        print(f"failed: {', '.join(failed)}")
        return 1
    first = results[0]
    for what, digest in first.digests:
        print(f"{what:<28}{digest}")
    parted = [(result.interpreter.name, parting(result, first)) for result in results[1:]
              if result.digests != first.digests]
    if not parted:
        print(f"\nthe same bits on {len(results)} interpreters")
        return 0
    print(f"\nDIFFERENT bits than on {first.interpreter.name}:")
    for name, where in parted:
        print(f"  {name}, from the {where} on")
    return 1


def parting(result: Result, first: Result) -> str:
    """What was digested where two results that differ part."""
    return next((what for (what, digest), (_, other) in zip(result.digests, first.digests)
                 if digest != other), "number of digests")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
