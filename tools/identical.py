#!/usr/bin/env python3
"""Does one run give the same bits on every Python there is?

    python3 tools/identical.py [--python PATH …] [--pyodide FOLDER] [--at-least N]

Looks for interpreters on PATH, under pyenv and at the paths given with --python, takes one of each
implementation and version from Python 3.9 on, and has each of them learn the small digits for
three epochs with the same seed.  What it prints is a SHA-256 over the exact bits of both costs
after each epoch, and of all weights and biases at the end (see purenn/train/digest.py).
Nothing is installed and no file is written.

Where the C library is glibc on x86-64, each interpreter runs a second time with glibc told that
the processor has no fused multiply-add: its exp and log then have other last bits.  And CPython
runs in WebAssembly, with another C library still, musl, where there is Node.js and its package
pyodide, in node_modules of this folder or the FOLDER given:

    npm install --prefix /tmp/pyodide pyodide
    python3 tools/identical.py --pyodide /tmp/pyodide

The column "libm" is a digest of what the interpreter's own math.exp and math.log give for some
thousand numbers: where it differs, equal digests of the run are not due to equal libraries.

The exit status is 0 if all digests are equal, 1 if any differ or a run fails, and 2 if there are
fewer interpreters than --at-least asks for (2, unless told otherwise), because then nothing was
compared.

Why the digests are equal: additions, multiplications, divisions and square roots are IEEE 754
everywhere, all others are made of these (see purenn/floats.py), they are done in one order, and
random bits come from Python's own generator.

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
DESCRIBE = """
import hashlib, json, math, platform, struct, sys
given = [f(k / 257) for k in range(1, 6000) for f in (math.exp, math.log, math.log1p)]
print(json.dumps({
    "command": [sys.executable], "implementation": platform.python_implementation(),
    "version": list(sys.version_info[:3]), "machine": platform.machine(),
    "c_library": " ".join(platform.libc_ver()).strip(),
    "libm": hashlib.sha256(struct.pack("<%dd" % len(given), *given)).hexdigest()[:8]}))
"""
#: What makes glibc choose the exp, log … that it has for processors without such instructions.
NO_FMA = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4"}

#: Runs CPython in WebAssembly as if it were an interpreter: with -c CODE, or with -m MODULE and
#: its arguments, in the folder where it is started.
PYODIDE = """
const [found, ...given] = process.argv.slice(1);
const {loadPyodide} = require(found);
const print = stream => ({batched: line => stream.write(line + "\\n")});
loadPyodide().then(python => {
  python.setStdout(print(process.stdout));
  python.setStderr(print(process.stderr));
  python.mountNodeFS("/here", process.cwd());
  python.globals.set("given", python.toPy(given));
  python.runPython(`
import os, runpy, sys
os.chdir("/here")
sys.path.insert(0, "/here")
sys.argv = given[1:]
if given[0] == "-c":
    exec(given[1])
else:
    runpy.run_module(given[1], run_name="__main__", alter_sys=True)
`);
}).catch(error => {
  if (!String(error).includes("SystemExit: 0")) { console.error(String(error)); process.exit(1); }
});
"""


class Interpreter(NamedTuple):
    """What an interpreter says of itself, and how it is run."""

    command: list[str]
    implementation: str
    version: list[int]
    machine: str
    c_library: str
    libm: str
    environment: dict[str, str] = {}

    @property
    def name(self) -> str:
        name = f"{self.implementation} {'.'.join(map(str, self.version))}"
        return name + (" without FMA" if self.environment else
                       " in WebAssembly" if self.machine == "wasm32" else "")


class Result(NamedTuple):
    """What a run on an interpreter printed: pairs of what was digested and its digest."""

    interpreter: Interpreter
    digests: list[tuple[str, str]]
    seconds: float
    error: str


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="identical.py",
        usage="python3 tools/identical.py [--python PATH …] [--pyodide FOLDER] [--at-least N]",
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False)
    parser.add_argument("--python", metavar="PATH", action="append", default=[],
                        help="one more interpreter; may be given several times")
    parser.add_argument("--pyodide", metavar="FOLDER",
                        help="where npm has installed the package pyodide")
    parser.add_argument("--at-least", metavar="N", type=int, default=2,
                        help="how many interpreters there must be (default: 2)")
    options = parser.parse_args(arguments)
    for path in options.python:
        if describe([path]) is None:
            print(f"identical.py: {path} is not a Python interpreter that can be run",
                  file=sys.stderr)
            return 2
    webassembly = in_webassembly(options.pyodide or os.curdir)
    if options.pyodide and not webassembly:
        print(f"identical.py: Node.js cannot run a package pyodide from {options.pyodide}: "
              f"npm install --prefix {options.pyodide} pyodide", file=sys.stderr)
        return 2
    interpreters = find([*options.python, *candidates()])
    if len(interpreters) < options.at_least:
        print(f"identical.py: to compare at least {options.at_least} interpreters are needed, and "
              f"{len(interpreters)} from Python {'.'.join(map(str, OLDEST))} on can be found here; "
              "--python PATH says where there are more", file=sys.stderr)
        return 2
    print(f"python {' '.join(RUN)}\n", flush=True)
    if not webassembly:
        print("(not in WebAssembly: see --help for how to get it)", flush=True)
    return compare([shown(measure(each)) for interpreter in interpreters
                    for each in (interpreter, without_fma(interpreter)) if each]
                   + [shown(measure(each)) for each in (webassembly,) if each])


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
            files[file] = describe([path])
        interpreter = files[file]
        if interpreter is not None and interpreter.version >= OLDEST:
            found.setdefault(interpreter.name, interpreter)
    return sorted(found.values(), key=lambda i: (i.implementation, i.version))


def describe(command: list[str], environment: dict[str, str] | None = None) -> Interpreter | None:
    """What the interpreter says of itself, or None if it is none that runs."""
    try:
        answer = subprocess.run([*command, "-c", DESCRIBE], stdout=subprocess.PIPE, cwd=ROOT,
                                stderr=subprocess.DEVNULL, timeout=60, check=True,
                                env=surroundings(environment or {}))
        said = Interpreter(**json.loads(answer.stdout))
        return said._replace(command=said.command if len(command) == 1 else command,
                             environment=environment or {})
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None  # a shim of pyenv, for instance, for a version that is not active


def surroundings(more: dict[str, str]) -> dict[str, str]:
    """The environment, in which glibc is told only what ``more`` tells it."""
    return {**{name: value for name, value in os.environ.items() if name not in NO_FMA}, **more}


def without_fma(interpreter: Interpreter) -> Interpreter | None:
    """The interpreter with glibc's other functions, where there are any."""
    if interpreter.c_library.startswith("glibc") and interpreter.machine in ("x86_64", "AMD64"):
        return describe(interpreter.command, NO_FMA)
    return None


def in_webassembly(folder: str) -> Interpreter | None:
    """CPython for WebAssembly, if Node.js finds it in node_modules of the folder."""
    package = os.path.abspath(os.path.join(folder, "node_modules", "pyodide", "pyodide.js"))
    if not os.path.exists(package):
        return None
    found = describe(["node", "-e", PYODIDE, package])
    return found and found._replace(c_library=found.c_library or "musl")


def measure(interpreter: Interpreter) -> Result:
    """Run it and take the digests from what it prints."""
    environment = surroundings({"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1",
                                **interpreter.environment})
    start = time.monotonic()
    done = subprocess.run([*interpreter.command, *RUN], capture_output=True,
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
    interpreter = result.interpreter
    print(f"{interpreter.name:<30} {interpreter.c_library or 'unknown libc':<16} "
          f"libm {interpreter.libm} {result.seconds:6.1f} s   {outcome}", flush=True)
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
