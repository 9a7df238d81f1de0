#!/usr/bin/env python3
"""How fast is purenn, beside the programs it is compared with?

    python3 tools/bench.py [--data mnist.pkl.gz] [--python PATH …] [--numpy PATH] [--json] …

Everything is measured side by side: each program runs in a process of its own, they take turns,
and a ratio is the median, over the rounds, of the ratio within a round.  So a machine that other
people use as well changes the times, but hardly the ratios.

What is measured (choose with --only):
  step     one step of SGD and a forward pass, per example, at [784, 30, 10], with mini-batches of
           10 and λ = 5: purenn; a pure-Python program as most people write it; and NumPy, example
           by example (M. Nielsen's network2.py) and a whole mini-batch at once (see rivals.py)
  load     mnist.pkl.gz, time and peak memory, beside the usual NumPy loader; needs --data
  startup  `import purenn` and the commands' --help beside the bare interpreter
  small    the command `python3 -m purenn.train --small`
  growth   how the cost grows with examples, neurons, depth, mini-batch size and share of zeros
  full     30 epochs of MNIST with the command, five times (or --rounds, if that is less); only
           if asked for, and it needs --data

The images are those of MNIST if --data names its file, else synthetic ones with as many zeros
(81 %, random.Random(1)).  purenn and the textbook program run under this interpreter and under each
that --python names, NumPy under this one or the one that --numpy names; without NumPy its rows are
left out.  NumPy runs as it is installed, and again with OPENBLAS_NUM_THREADS=1, and what is faster
counts.

examples:
    python3 tools/bench.py --only step --python pypy3
    python3 tools/bench.py --data mnist.pkl.gz --python pypy3 --numpy env/bin/python
    python3 tools/bench.py --data mnist.pkl.gz --only full --python pypy3 --json
"""
from __future__ import annotations

import argparse
import itertools
import json
import os
import pickle
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any, Callable, NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [ROOT]

SIZES, MINI_BATCH, ETA, LMBDA, N = [784, 30, 10], 10, 0.5, 5.0, 50_000
EXAMPLES = 500
SEED = 1
ZEROS = 0.81  # the share of zeros among the pixels of MNIST's training images
COMMANDS = ["train", "show", "explain", "crosscheck", "book"]
PARTS = ["step", "load", "startup", "small", "growth", "full"]
PER_EXAMPLE, WHOLE = "NumPy, per example", "NumPy, whole mini-batch"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

#: What is varied for the tables of growth, and what is to be expected.
GROWTH: dict[str, tuple[Sequence[float], str, str]] = {
    "examples": ([100, 200, 400], "an epoch with its evaluation", "as many times as long"),
    "hidden neurons": ([30, 60, 120, 240], "a step, per example",
                       "nearly in proportion: each neuron has a row of weights; only finding the "
                       "nonzero pixels does not grow, and W outgrows the processor's cache"),
    "hidden layers": ([1, 2, 4, 8], "a step, per example",
                      "the same addition for each further layer of 30 neurons, which has 900 "
                      "weights beside the first layer's 23,520"),
    "mini-batch size": ([1, 2, 5, 10, 20, 50], "a step, per example",
                        "a part that stays and a part that is divided by the size: weight decay "
                        "touches every weight once for each mini-batch"),
    "share of zeros": ([0, 0.5, 0.81, 0.95], "a step, per example",
                       "down in proportion to the nonzero pixels, but for weight decay and what "
                       "has to do with the neurons"),
}


class Row(NamedTuple):
    """What was measured of one program: seconds in each round, or bytes."""

    program: str
    interpreter: str
    rounds: list[float]


class Table(NamedTuple):
    """One part's result.  Ratios are named, and one is there for some rows."""

    title: str
    unit: str
    rows: list[Row]
    ratios: dict[str, list[float | None]]
    note: str = ""


class Target(NamedTuple):
    """Something that was to be reached."""

    what: str
    limit: str
    measured: float
    reached: bool


# ---- the processes that are measured ------------------------------------------------------------

def purenn_program(weights, biases, eta: float, lmbda: float, n: int):
    """purenn itself, in the form of the rivals."""
    from purenn.network import Network
    from purenn.sgd import update_mini_batch
    from tools.rivals import Program, flat
    net = Network([len(weights[0][0]), *map(len, biases)])
    net.weights, net.biases = weights, biases

    def forward(mini_batch):
        for x, _ in mini_batch:
            net.feedforward(x)

    return Program(lambda examples: examples,
                   lambda mini_batch: update_mini_batch(net, mini_batch, eta, lmbda, n), forward,
                   lambda: flat(net.weights, net.biases))


def serve(name: str, data: str, clock_name: str) -> None:
    """Run one of the programs for as long as a line on standard input says, again and again.

    A line is a JSON list [what, …, seconds]; the answer is the time that one unit of it took, by
    the clock of that name in the module time.
    """
    clock = getattr(time, clock_name)
    from purenn.mnist import load_data_wrapper
    from purenn.network import Network
    from tools import rivals
    examples = load_data_wrapper(data)[0][:EXAMPLES]
    make = {"purenn": purenn_program, "textbook": rivals.textbook,
            PER_EXAMPLE: rivals.numpy_per_example, WHOLE: rivals.numpy_mini_batch}[name]
    net = Network(SIZES, seed=SEED)
    program = make(net.weights, net.biases, ETA, LMBDA, N)
    batches = [program.prepare(examples[k:k + MINI_BATCH])
               for k in range(0, len(examples), MINI_BATCH)]
    for mini_batch in batches[:3]:
        program.step(mini_batch)
    print(json.dumps(program.numbers()), flush=True)
    cases: dict[str, Case] = {
        '["step"]': Case(program.step, batches, MINI_BATCH),
        '["forward"]': Case(program.forward, batches, MINI_BATCH)}
    for line in sys.stdin:
        *what, seconds = json.loads(line)
        key = json.dumps(what)
        if key not in cases:
            cases[key] = growth_case(*what, examples)
        print(json.dumps(timed(cases[key], seconds, clock)), flush=True)


class Case(NamedTuple):
    """Something to time."""

    work: Callable[[Any], Any]
    batches: Sequence[Any]  # what it is called with, one after the other and from the front again
    units: int              # how many units of work a call is


def timed(case: Case, seconds: float, clock: Callable[[], float]) -> float:
    """The time of a unit of work, from as many calls as it takes to fill so many seconds."""
    start = clock()
    for calls, mini_batch in enumerate(itertools.cycle(case.batches), start=1):
        case.work(mini_batch)
        elapsed = clock() - start
        if elapsed >= seconds:
            return elapsed / (calls * case.units)
    raise ValueError("there is nothing to work with")


def growth_case(what: str, value: float, examples) -> Case:
    """Work to be timed where one thing is varied and all others are as usual."""
    from purenn.network import Network
    from purenn.sgd import SGD, update_mini_batch
    sizes, m = SIZES, MINI_BATCH
    if what == "examples":
        net = Network(SIZES, seed=SEED)
        return Case(lambda data: SGD(net, data, 1, MINI_BATCH, ETA, LMBDA), [examples[:value]], 1)
    if what == "hidden neurons":
        sizes = [784, value, 10]
    elif what == "hidden layers":
        sizes = [784] + [30] * value + [10]
    elif what == "mini-batch size":
        m = value
    elif what == "share of zeros":
        examples = synthetic(100, value)
    net = Network(sizes, seed=SEED)
    batches = [examples[k:k + m] for k in range(0, len(examples) - m + 1, m)]
    return Case(lambda mini_batch: update_mini_batch(net, mini_batch, ETA, LMBDA, N), batches, m)


def synthetic(count: int, zeros: float) -> list[tuple]:
    """Random images of 784 gray levels, of which a share is zero, each with a random digit."""
    from purenn.linalg import vectorized_result
    rng = random.Random(SEED)
    return [([0.0 if rng.random() < zeros else rng.randint(1, 255) / 256 for _ in range(784)],
             vectorized_result(rng.randrange(10))) for _ in range(count)]


def extract(data: str | None, path: str) -> None:
    """Write the examples to measure with to a file that purenn.mnist reads."""
    from purenn.linalg import argmax
    from purenn.mnist import load_data_wrapper
    examples = load_data_wrapper(data)[0][:EXAMPLES] if data else synthetic(EXAMPLES, ZEROS)
    images, labels = [list(x) for x, y in examples], [argmax(y) for x, y in examples]
    with open(path, "wb") as file:
        pickle.dump(((images, labels), (images[:1], labels[:1]), (images[:1], labels[:1])), file, 4)


def load(loader: str, path: str) -> None:
    """Load a file; print the time that took, and the most memory that this process ever had."""
    import resource
    if loader == "purenn":
        from purenn.mnist import load_data_wrapper as load_data
    else:
        import numpy  # noqa: F401  (its import is not to be timed)

        from tools.rivals import numpy_load_data_wrapper as load_data
    start = time.perf_counter()
    data = load_data(path)
    seconds = time.perf_counter() - start
    assert len(data) == 3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([seconds, peak * (1 if sys.platform == "darwin" else 1024)]))


# ---- measuring ----------------------------------------------------------------------------------

class Worker:
    """A process that serves one program."""

    def __init__(self, python: str, program: str, data: str, clock: str,
                 environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [python, os.path.abspath(__file__), "--worker", "serve", program, data, clock],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, encoding="utf-8")
        self.numbers = self._answer()

    def ask(self, *request) -> float:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a program that was to be measured ended early (see above)")
        return json.loads(line)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exception) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def interleaved(tasks: Sequence[Callable[[], Any]], rounds: int) -> list[list[Any]]:
    """The results of each task in so many rounds; each round begins with another task."""
    results: list[list[Any]] = [[] for _ in tasks]
    for k in range(rounds):
        for i in range(len(tasks)):
            i = (i + k) % len(tasks)
            results[i].append(tasks[i]())
    return results


def ratio(row: Row, base: Row) -> float:
    """How many times the base's measure a row's is: the median of the rounds' ratios."""
    return median(a / b for a, b in zip(row.rounds, base.rounds))


def run_time(command: list[str], environment: dict[str, str] | None = None) -> float:
    """How long a command takes, in seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


# ---- the parts ----------------------------------------------------------------------------------

class Setting(NamedTuple):
    """What the parts need to know."""

    names: dict[str, str]  # an interpreter's path -> its name; the first one runs this program
    numpy: str | None   # an interpreter that has NumPy
    data: str | None
    rounds: int
    seconds: float         # how long a program runs in a round
    clock: str             # the function of the module time that says so


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what would tell NumPy's libraries how many threads to use."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("OPENBLAS_") and name not in ONE_THREAD}
    return {**kept, **more}


def part_step(setting: Setting) -> tuple[list[Table], list[Target]]:
    programs = [(python, name, {}) for python in setting.names for name in ("purenn", "textbook")]
    if setting.numpy:
        programs += [(setting.numpy, name, threads)
                     for name in (PER_EXAMPLE, WHOLE) for threads in
                     ([ONE_THREAD] if setting.clock == "process_time" else [{}, ONE_THREAD])]
    tables, targets = [], []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = os.path.join(folder, "examples.pkl")
        subprocess.run([sys.executable, __file__, "--worker", "extract", setting.data or "", file],
                       check=True)
        workers = [stack.enter_context(Worker(python, name, file, setting.clock,
                                              clean_environment(**threads)))
                   for python, name, threads in programs]
        for worker in workers:
            check_same(worker.numbers, workers[0].numbers)
        for what in ("step", "forward"):
            for worker in workers:
                worker.ask(what, 15 * setting.seconds)  # PyPy compiles while it runs
            rounds = interleaved(
                [lambda worker=worker, what=what: worker.ask(what, setting.seconds)
                 for worker in workers], setting.rounds)
            rows = [Row(name + (", 1 thread" if threads else ""), name_of(python, setting), times)
                    for (python, name, threads), times in zip(programs, rounds)]
            table = step_table(what, rows)
            tables.append(table)
            if what == "step":
                targets = step_targets(table)
    return tables, targets


def check_same(numbers: list[float], others: list[float]) -> None:
    """Raise ValueError unless two programs have the same network after the same few steps.

    They add in different orders: numbers up to 5, after a few hundred roundings of 2⁻⁵² each, may
    be 10⁻¹² apart.
    """
    if len(numbers) != len(others) or any(abs(a - b) > 1e-12 for a, b in zip(numbers, others)):
        raise ValueError("the programs do not compute the same")


def step_table(what: str, rows: list[Row]) -> Table:
    """Ratios of each row to the textbook program of its interpreter, and to NumPy."""
    textbooks = {row.interpreter: row for row in rows if row.program == "textbook"}
    by_example = [row for row in rows if row.program.startswith(PER_EXAMPLE)]
    best = min(by_example, key=lambda row: median(row.rounds)) if by_example else None
    ratios = {"times faster than textbook": [
        ratio(textbooks[row.interpreter], row) if row.program == "purenn" else None
        for row in rows]}
    if best:
        ratios["of NumPy, per example"] = [ratio(row, best) for row in rows]
    title = "One step of SGD" if what == "step" else "A forward pass"
    return Table(f"{title} at {SIZES}, mini-batch {MINI_BATCH}, λ = {LMBDA:g}", "µs per example",
                 rows, ratios)


def step_targets(table: Table) -> list[Target]:
    targets = []
    for k, row in enumerate(table.rows):
        if row.program != "purenn":
            continue
        if row.interpreter.startswith("CPython"):
            times = table.ratios["times faster than textbook"][k]
            least = 4.5 if version_of(row.interpreter) >= (3, 11) else 3.4
            targets.append(Target(f"step on {row.interpreter}, against textbook",
                                  f"at least {least} times faster", times, times >= least))
        elif "of NumPy, per example" in table.ratios:
            part = table.ratios["of NumPy, per example"][k]
            targets.append(Target(f"step on {row.interpreter}, against NumPy per example",
                                  "at most 0.5 of its time", part, part <= 0.5))
    return targets


def part_load(setting: Setting) -> tuple[list[Table], list[Target]]:
    programs = [(python, "purenn") for python in setting.names]
    if setting.numpy:
        programs.append((setting.numpy, "NumPy"))
    rounds = interleaved([lambda python=python, loader=loader: json.loads(subprocess.run(
        [python, __file__, "--worker", "load", loader, setting.data], check=True,
        env=clean_environment(), stdout=subprocess.PIPE).stdout) for python, loader in programs],
        min(setting.rounds, 5))
    rows, peaks = ([Row(loader, name_of(python, setting), [pair[k] for pair in pairs])
                    for (python, loader), pairs in zip(programs, rounds)] for k in (0, 1))
    tables = [Table(f"Loading {os.path.basename(setting.data)}", "s", rows, {}),
              Table("Peak memory after loading", "MB", peaks, {})]
    if not setting.numpy:
        return tables, []
    for table in tables:
        table.ratios["of NumPy's"] = [ratio(row, table.rows[-1]) for row in table.rows]
    times, sizes = (table.ratios["of NumPy's"] for table in tables)
    targets = []
    for row, seconds, size in zip(rows[:-1], times, sizes):
        targets += [Target(f"loading on {row.interpreter}, time", "at most 4 times NumPy's",
                           seconds, seconds <= 4),
                    Target(f"loading on {row.interpreter}, peak memory",
                           "no more than NumPy's", size, size <= 1)]
    return tables, targets


def part_startup(setting: Setting) -> tuple[list[Table], list[Target]]:
    started: list[list[str]] = [["-c", "pass"], ["-c", "import purenn"], *(
        ["-m", f"purenn.{command}", "--help"] for command in COMMANDS)]
    programs = [(python, what) for python in setting.names for what in started]
    with tempfile.TemporaryDirectory() as folder:
        # As where Python may keep what it has compiled; the first runs compile.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        tasks = [lambda python=python, what=what: run_time([python, *what], environment)
                 for python, what in programs]
        interleaved(tasks, 1)
        rounds = interleaved(tasks, 4 * setting.rounds)
    rows = [Row("the bare interpreter" if what == started[0] else " ".join(what[1:]),
                name_of(python, setting), times) for (python, what), times in zip(programs, rounds)]
    ratios = [ratio(row, rows[k - k % len(started)]) for k, row in enumerate(rows)]
    table = Table("Starting Python", "ms", rows, {"of the bare interpreter": ratios})
    return [table], [startup_target(row, times) for row, times in zip(rows, ratios)
                     if row.program != "the bare interpreter"]


def startup_target(row: Row, times: float) -> Target:
    most = 1.5 if row.program == "import purenn" else 3
    return Target(f"{row.program} on {row.interpreter}",
                  f"at most {most} times the bare interpreter", times, times <= most)


def part_small(setting: Setting) -> tuple[list[Table], list[Target]]:
    rounds = interleaved([lambda python=python: run_time(
        [python, "-m", "purenn.train", "--small", "--quiet"]) for python in setting.names],
        min(setting.rounds, 3))
    rows = [Row("purenn.train --small", name, times)
            for name, times in zip(setting.names.values(), rounds)]
    return [Table("The command, from start to end", "s", rows, {})], []


def part_full(setting: Setting) -> tuple[list[Table], list[Target]]:
    rounds = min(setting.rounds, 5)
    rows = [Row("purenn.train, 30 epochs of MNIST", name, [run_time(
        [python, "-m", "purenn.train", "--quiet", "--epochs", "30", "--data",
         os.path.abspath(setting.data)]) for _ in range(rounds)])
        for python, name in setting.names.items()]
    return [Table("The command, from start to end", "s", rows, {})], [
        Target(f"30 epochs on {row.interpreter}", f"at most 60 s, the slowest of {rounds}",
               max(row.rounds), max(row.rounds) <= 60)
        for row in rows if row.interpreter.startswith("PyPy")]


def part_growth(setting: Setting) -> tuple[list[Table], list[Target]]:
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "examples.pkl")
        subprocess.run([sys.executable, __file__, "--worker", "extract", setting.data or "", file],
                       check=True)
        for python, name in setting.names.items():
            with Worker(python, "purenn", file, setting.clock, clean_environment()) as worker:
                tables += [growth_table(worker, name, what, setting) for what in GROWTH]
    return tables, [Target(f"30 to 240 hidden neurons on {table.rows[-1].interpreter}",
                           "at most 8.5 times", grown, grown <= 8.5)
                    for table in tables if "hidden neurons" in table.title
                    for grown in table.ratios["of the first"][-1:]]


def growth_table(worker: Worker, name: str, what: str, setting: Setting) -> Table:
    values, unit, expected = GROWTH[what]
    for value in values:
        worker.ask(what, value, setting.seconds)
    rounds = interleaved([lambda value=value: worker.ask(what, value, setting.seconds)
                          for value in values], min(setting.rounds, 5))
    rows = [Row(f"{value:g}", name, times) for value, times in zip(values, rounds)]
    ratios = [ratio(row, rows[0]) for row in rows]
    return Table(f"Growth with {what}: {unit}", "ms" if what == "examples" else "µs", rows,
                 {"of the first": ratios},
                 f"Expected: {expected}.  Seen: from {values[0]:g} to {values[-1]:g} the time "
                 f"changed {ratios[-1]:.2f}-fold.")


# ---- interpreters and output --------------------------------------------------------------------

def describe(python: str) -> str:
    """CPython 3.11.7, for instance.  Raises ValueError if that is no interpreter."""
    code = "import platform as p; print(p.python_implementation(), p.python_version())"
    try:
        return subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, encoding="utf-8").stdout.strip()
    except (OSError, subprocess.SubprocessError):
        raise ValueError(f"{python} is not a Python interpreter that can be run") from None


def version_of(name: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", name)[:2]))


def name_of(python: str, setting: Setting) -> str:
    return setting.names.get(python) or describe(python)


def has_numpy(python: str) -> bool:
    return subprocess.run([python, "-c", "import numpy"], stderr=subprocess.DEVNULL).returncode == 0


def machine() -> str:
    """The processor, how many there are, the system, and how busy it is."""
    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            processor = re.findall(r"model name\s*: (.*)", file.read())[0]
    except (OSError, IndexError):
        pass
    load_average = f"; load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}{load_average}"


def lines_of(table: Table) -> list[str]:
    """A table as text: medians, and the ratios."""
    factor = {"s": 1, "MB": 1e-6, "ms": 1e3, "µs": 1e6, "µs per example": 1e6}[table.unit]
    head = ["", "", table.unit, *table.ratios]
    cells = [head] + [
        [row.program, row.interpreter, f"{median(row.rounds) * factor:.2f}",
         *("" if column[k] is None else f"{column[k]:.2f}" for column in table.ratios.values())]
        for k, row in enumerate(table.rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(head))]
    lines = ["", table.title]
    for line in cells:
        left = [cell.ljust(width) for cell, width in zip(line[:2], widths)]
        right = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:])]
        lines.append("  " + "   ".join(left + right).rstrip())
    return lines + ([table.note] if table.note else [])


def lines_of_targets(targets: list[Target]) -> list[str]:
    width = max((len(f"{target.what}: {target.limit}") for target in targets), default=0)
    return ["", "Targets"] * bool(targets) + [
        f"  {f'{target.what}: {target.limit}':<{width}}   {target.measured:7.2f}   "
        f"{'reached' if target.reached else 'MISSED'}" for target in targets]


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench.py", usage="python3 tools/bench.py [options]", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--data", metavar="PATH", help="mnist.pkl.gz")
    parser.add_argument("--python", metavar="PATH", action="append", default=[],
                        help="another interpreter to run purenn under; may be given several times")
    parser.add_argument("--numpy", metavar="PATH", help="an interpreter that has NumPy "
                        "(default: the one that runs this)")
    parser.add_argument("--only", metavar="PART,…", help="of " + ", ".join(PARTS))
    parser.add_argument("--rounds", metavar="N", type=int, default=9,
                        help="how often each program has its turn (default: 9)")
    parser.add_argument("--seconds", metavar="F", type=float, default=0.2,
                        help="how long a turn lasts at least (default: 0.2)")
    parser.add_argument("--cpu-time", action="store_true",
                        help="for step and growth count the time that the processor worked, not "
                        "the time on the clock: for a machine that is busy otherwise (NumPy then "
                        "runs with one thread only, for all threads would be counted)")
    parser.add_argument("--json", action="store_true", help="print all that was measured as JSON")
    return parser


def main(arguments: Sequence[str]) -> int:
    options = build_parser().parse_args(arguments)
    parts = options.only.split(",") if options.only else PARTS[:-1]
    say = (lambda *lines: None) if options.json else (lambda *lines: print(*lines, sep="\n",
                                                                           flush=True))
    try:
        for part in parts:
            if part not in PARTS:
                raise ValueError(f"{part!r} is not one of {', '.join(PARTS)}")
        if options.data and not os.path.isfile(options.data):
            raise ValueError(f"{options.data} is not there")
        names = {python: describe(python) for python in [sys.executable] + [
            shutil.which(path) or path for path in options.python]}
        numpy = options.numpy or sys.executable
        if options.numpy and (describe(numpy) and not has_numpy(numpy)):
            raise ValueError(f"{numpy} has no NumPy")
    except ValueError as error:
        print(f"bench.py: {error}", file=sys.stderr)
        return 2
    setting = Setting(names, numpy if has_numpy(numpy) else None, options.data, options.rounds,
                      options.seconds,
                      "process_time" if options.cpu_time else "perf_counter")
    report: dict[str, Any] = {"machine": machine(), "interpreters": list(names.values()),
                              "data": options.data or f"synthetic, random.Random({SEED})",
                              "left out": [], "tables": [], "targets": []}
    say(f"{report['machine']}", f"images: {report['data']}")
    if not setting.numpy:
        report["left out"].append(f"NumPy's rows, because {names[sys.executable]} has no NumPy "
                                  "(--numpy PATH names an interpreter that has it)")
    for part in parts:
        if part in ("load", "full") and not setting.data:
            report["left out"].append(f"{part}, which needs --data")
            continue
        tables, targets = globals()[f"part_{part}"](setting)
        report["tables"] += [table._asdict() for table in tables]
        report["targets"] += targets
        for table in tables:
            say(*lines_of(table))
    say(*lines_of_targets(report["targets"]),
        *(f"\nleft out: {what}" for what in report["left out"]))
    if options.json:
        report["targets"] = [target._asdict() for target in report["targets"]]
        for table in report["tables"]:
            table["rows"] = [{**row._asdict(), "median": median(row.rounds)}
                             for row in table["rows"]]
        print(json.dumps(report, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        {"serve": serve, "extract": extract, "load": load}[sys.argv[2]](*sys.argv[3:])
    else:
        try:
            sys.exit(main(sys.argv[1:]))
        except KeyboardInterrupt:
            sys.exit(130)
