#!/usr/bin/env python3
"""Do the tests notice?  Wrong versions of the reference, and which test catches each.

Each mutant below is a small edit to one file of the reference: a classic mistake.  It is applied
to a copy of the package in a temporary folder, and the fast part of the test suite runs on that.
A mutant that no test catches survives, and shows a hole in the suite.  With --random the edits are
drawn from all those that random_mutants.py can make, in the files of checkpoints as well, and what
survives the fast tests is tried with all.
"""
from __future__ import annotations

import functools
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

from check import FAST, FAST_PROFILE, CannotRun, ready_interpreter
from random_mutants import mutations

from purenn.terminal.options import make_parser, whole_number
from purenn.terminal.progress import duration
from purenn.terminal.running import run

PROG = "python3 tools/mutants.py"
SECONDS, SECONDS_OF_ALL = 200, 1200  # after which a mutant that runs on and on counts as caught

#: What looks at the text of the source, and would catch any edit there is; and the tests of tools.
NOT_OF_BEHAVIOR = ["tests/reference/test_package.py", "tests/commands/test_pages.py",
                   "tests/commands/test_mutants.py", "tests/commands/test_check.py",
                   "tests/commands/test_packaging_backend.py"]

#: explain and the cross-check look for pieces of lines of the reference, to say where they stand;
#: an edit in such a line is not to be caught by that.
PLUGIN = """import purenn.terminal.source as source

def line_of(label, module, find=source.line_of):
    try:
        return find(label, module)
    except ValueError:
        if "BP5" in label:  # which no line ever has
            raise
        return 1

source.line_of = line_of
"""


def fast_tests() -> list[str]:
    """The files of tools/check.py --fast, but for those that look at the text of the source."""
    files = [path for part in FAST for path in (
        sorted(glob.glob(os.path.join(ROOT, part, "test_*.py"))) or [os.path.join(ROOT, part)])]
    names = [os.path.relpath(path, ROOT).replace(os.sep, "/") for path in files]
    return [name for name in names if name not in NOT_OF_BEHAVIOR]


class Mutant(NamedTuple):
    """An edit: the old text, which the file has exactly once, becomes the new."""

    name: str
    file: str
    old: str
    new: str


LINALG = [Mutant(name, "purenn/linalg.py", old, new) for name, old, new in [
    ("negative entries taken for zeros",
     "enumerate(v) if v_k]", "enumerate(v) if v_k.real > 0]"),
    ("the bias forgotten", "for row, b_j in zip(W, b):", "for row, b_j in zip(W, [0] * len(b)):"),
    ("the bias subtracted", "for row, b_j in zip(W, b):",
     "for row, b_j in zip(W, scale(-1, b)):"),
    ("the first neuron's bias for all", "zip(W, b):", "zip(W, [b[0]] * len(b)):"),
    ("a sum keeps its last term only", "s += row[k] * v[k]", "s = row[k] * v[k]"),
    ("negative errors lost on the way back",
     "        if v_j:\n", "        if v_j.real > 0:\n"),
    ("the outer product subtracted", "row[k] + u_j * v[k]", "row[k] - u_j * v[k]"),
    ("the outer product overwrites", "row[k] + u_j * v[k]", "u_j * v[k]"),
    ("the outer product of the last example alone", "for u, (v, nonzero_v) in products:",
     "for u, (v, nonzero_v) in products[-1:]:"),
    ("only the first row decays", "        for k in columns:\n",
     "        for k in columns * (not j):\n"),
    ("rows of zeros that are one list", "[[0] * n for _ in range(m)]", "[[0] * n] * m"),
    ("a difference the wrong way round", "[u_k - v_k for", "[v_k - u_k for"),
    ("a sum without its first term", "for v_k in v:\n        s +=",
     "for v_k in v[1:]:\n        s +="),
    ("the last of equal maxima", "max(range(len(v)),", "max(reversed(range(len(v))),"),
    ("classes counted from 1", "1 if k == j else 0", "1 if k == j - 1 else 0"),
]]

ELEMENTARY = [Mutant(name, "purenn/elementary.py", old, new) for name, old, new in [
    ("zero counts as negative", "return x.real < 0", "return x.real <= 0"),
    ("e^x − 1 as it stands", "return floats.expm1(x)\n", "return floats.exp(x) - 1\n"),
    ("ln(1 + x) as it stands", "return floats.log1p(x)\n", "return floats.log(1 + x)\n"),
    ("the C library's exp", "return floats.exp(x)\n", "return math.exp(x)\n"),
    ("a magnitude with the wrong sign",
     "-x if is_negative(x) else x", "x if is_negative(x) else -x"),
    ("a dual number's own log1p ignored", 'if hasattr(x, "log1p"):', "if False:"),
    ("a dual number's own expm1 ignored", 'if hasattr(x, "expm1"):', "if False:"),
    ("log1p of the complex loses the derivative",
     "math.atan2(b, 1 + a))", "math.atan2(b, 1 + a) if a > 1e-16 else 0)"),
    ("e^x − 1 taken for its own derivative",
     "math.exp(x.real) * math.sin(x.imag))", "math.expm1(x.real) * math.sin(x.imag))"),
]]

FLOATS = [Mutant(name, "purenn/floats.py", old, new) for name, old, new in [
    ("a term too few for e^x", " + t * (1 / 87178291200)", ""),
    ("a wrong term of e^x", "1 / 5040", "1 / 5041"),
    ("ln 2 in one part", "- second\n\n\n", "\n\n\n"),
    ("the lost digits of 1 − 2⁻ᵏ + r forgotten", "((r - (y - a)) + ", "("),
    ("a zero that loses its sign", "return 1.0 * x  #", "return 0.0  #"),
    ("another range of r", "x * ONE_BY_LN2 + LOG2_4_BY_3", "x * ONE_BY_LN2 + 0.9"),
    ("two terms too few for ln", " + z * (2 / 19 + z * (2 / 21))", ""),
    ("ln(1 + x) of the rounded 1 + x", "e / y)", "0.0)"),
    ("f²/2 lost from the logarithm's last factor", "(half + series)", "series"),
    ("points outside the disc", "0 < s < 1", "0 < s"),
    ("the logarithm of the distance, not of its square", "-2.0 * log(s)", "-1.0 * log(s)"),
    ("two coordinates that are one", "yield y * factor", "yield x * factor"),
]]

ACTIVATIONS = [Mutant(name, "purenn/activations.py", old, new) for name, old, new in [
    ("a sigmoid that overflows",
     "    if is_negative(z):\n        q = exp(z)\n", "    if False:\n        q = exp(z)\n"),
    ("the sigmoid mirrored", "return 1 / (1 + exp(-z))", "return 1 / (1 + exp(z))"),
    ("σ′ = a(1 − a), which rounds to 0",
     "return q / ((1 + q) * (1 + q))", "return sigmoid(z) * (1 - sigmoid(z))"),
    ("σ′ = a", "return q / ((1 + q) * (1 + q))", "return sigmoid(z)"),
    ("σ′ without its square", "return q / ((1 + q) * (1 + q))", "return q / (1 + q)"),
    ("tanh(z/2)", "m = expm1(-2 * magnitude(z))", "m = expm1(-magnitude(z))"),
    ("tanh without its sign",
     "return m / (2 + m) if is_negative(z) else -m / (2 + m)", "return -m / (2 + m)"),
    ("tanh′ = 1 − a", "return 4 * sigmoid_prime(2 * z)", "return 1 - tanh(z)"),
    ("tanh′ = 1 − a², which rounds to 0",
     "return 4 * sigmoid_prime(2 * z)", "return 1 - tanh(z) * tanh(z)"),
    ("tanh′ a quarter as steep", "return 4 * sigmoid_prime(2 * z)", "return sigmoid_prime(2 * z)"),
    ("a leaky ReLU", "return type(z)(0) if", "return z / 100 if"),
    ("ReLU's zero an int in every kind of number", "return type(z)(0) if", "return 0 if"),
    ("ReLU with slope 1 at 0",
     "return 1 if is_negative(-z) else 0", "return 0 if is_negative(z) else 1"),
    ("ReLU with slope 1 everywhere", "return 1 if is_negative(-z) else 0", "return 1"),
    ("a softmax without its shift", "exp(z_j - top)", "exp(z_j)"),
    ("a softmax shifted by its first input",
     "top = z[argmax(z)]", "top = z[0]"),
    ("a softmax not normalized", "return [e / s for e", "return [e for e"),
    ("softmax's Jacobian by its diagonal alone",
     "[a_k * (v_k - mean)", "[a_k * (1 - a_k) * v_k"),
    ("softmax's Jacobian with a wrong sign", "[a_k * (v_k - mean)", "[a_k * (v_k + mean)"),
    ("σ′ forgotten", "[v_j * f_prime(z_j) for", "[v_j for"),
    ("σ′ at a instead of z", "[v_j * f_prime(z_j) for", "[v_j * f_prime(f(z_j)) for"),
]]

COSTS = [Mutant(name, "purenn/costs.py", old, new) for name, old, new in [
    ("½ forgotten", "in subtract(a, y)]) / 2", "in subtract(a, y)])"),
    ("the mean over the outputs", "in subtract(a, y)]) / 2", "in subtract(a, y)]) / 2 / len(a)"),
    ("the quadratic δ without σ′",
     "return output.backward(subtract(a, y), z)", "return subtract(a, y)"),
    ("the quadratic δ with σ′ at a", "return output.backward(subtract(a, y), z)",
     "return output.backward(subtract(a, y), a)"),
    ("δ = a − y times σ′ after all",
     "    return subtract(a, y)\n", "    return output.backward(subtract(a, y), z)\n"),
    ("δ = y − a", "    return subtract(a, y)\n", "    return subtract(y, a)\n"),
    ("cross-entropy without 1 − y", " + (1 - y_j) * softplus(z_j) for", " for"),
    ("cross-entropy with y and 1 − y exchanged",
     "y_j * softplus(-z_j) + (1 - y_j) * softplus(z_j)",
     "y_j * softplus(z_j) + (1 - y_j) * softplus(-z_j)"),
    ("cross-entropy from a", "y_j * softplus(-z_j) + (1 - y_j) * softplus(z_j) for z_j, y_j in "
     "zip(z, y)", "-(y_j * log1p(a_j - 1) + (1 - y_j) * log1p(-a_j)) for a_j, y_j in zip(a, y)"),
    ("a softplus that overflows",
     "return tail if is_negative(z) else z + tail", "return log1p(exp(z))"),
    ("log-likelihood counts the largest twice",
     "for k, z_k in enumerate(z) if k != m])", "for k, z_k in enumerate(z)])"),
    ("log-likelihood lowered by the first input", "m = argmax(z)", "m = 0"),
    ("log-likelihood with a wrong sign", "((z[m] - z_j) + log_of_sum)",
     "((z_j - z[m]) + log_of_sum)"),
    ("log-likelihood as if all targets had one class",
     "return total([y_j * ((z[m] - z_j) + log_of_sum) for z_j, y_j in zip(z, y) if y_j])",
     "return (z[m] - z[argmax(y)]) + log_of_sum"),
    ("a float in a cost of decimals", "log1p(r) if r else r", "log1p(r)"),
]]

NETWORK = [Mutant(name, "purenn/network.py", old, new) for name, old, new in [
    ("a transpose lost",
     "transpose_times(self.weights[l], delta)",
     "affine(self.weights[l], [0] * len(delta), [(delta, nonzero(delta))])[0]"),
    ("σ′ of the layer above", "backward(back, layers[l].z)", "backward(back, layers[l + 1].z)"),
    ("σ′ of the layer below", "backward(back, layers[l].z)",
     "backward(back, layers[l - 1].z or layers[0].a)"),
    ("the hidden σ′ at a", "backward(back, layers[l].z)", "backward(back, layers[l].a)"),
    ("the hidden σ′ forgotten",
     "self.hidden.backward(back, layers[l].z) ", "back "),
    ("backwards through the weights from the front",
     "transpose_times(self.weights[l], delta)", "transpose_times(self.weights[-l], delta)"),
    ("weights shared with whoever assigned them",
     "self._weights = [[list(row) for row in W] for W in weights]", "self._weights = weights"),
    ("biases shared with whoever assigned them",
     "self._biases = [list(b) for b in biases]", "self._biases = biases"),
    ("the errors left in backward order", "        deltas.reverse()\n", ""),
    ("each weight's activation taken at its head",
     "gradient.weights, gradient.biases, layers)",
     "gradient.weights, gradient.biases, layers[1:])"),
    ("the weighted input for the activation in (BP4)",
     "[(delta, below.sparse)]", "[(delta, (below.z or below.a, below.nonzero))]"),
    ("the output layer computes with the hidden σ",
     "[self.hidden] * (len(self.weights) - 1) + [self.output]",
     "[self.hidden] * len(self.weights)"),
    ("the output error with the hidden σ′",
     "top.a, y, self.output) ", "top.a, y, self.hidden) "),
    ("no σ in the output layer", "            a = activation.forward(z)\n",
     "            a = activation.forward(z) if len(layers) < len(self.weights) else z\n"),
    ("zeros looked for in z", "Layer(z, a, nonzero(a))", "Layer(z, a, nonzero(z))"),
    ("the cost from a instead of z", "self.cost.fn(layers[-1].z, layers[-1].a,",
     "self.cost.fn(layers[-1].a, layers[-1].a,"),
    ("deviation 1/n instead of 1/√n", "lambda n_in: 1 / sqrt(n_in)", "lambda n_in: 1 / n_in"),
    ("He's deviation without its 2", "sqrt(2 / n_in)", "sqrt(1 / n_in)"),
]]

SGD = [Mutant(name, "purenn/sgd.py", old, new) for name, old, new in [
    ("the sum over a mini-batch for the mean", "scale(-eta / len(mini_batch), deltas[l])",
     "scale(-eta, deltas[l])"),
    ("a mini-batch divided by n", "scale(-eta / len(mini_batch), deltas[l])",
     "scale(-eta / n, deltas[l])"),
    ("a step uphill", "scale(-eta / len(mini_batch), deltas[l])",
     "scale(eta / len(mini_batch), deltas[l])"),
    ("λ undivided", "decay = 1 - eta * lmbda / n", "decay = 1 - eta * lmbda"),
    ("λ divided by the mini-batch",
     "decay = 1 - eta * lmbda / n", "decay = 1 - eta * lmbda / len(mini_batch)"),
    ("λ twice", "decay = 1 - eta * lmbda / n", "decay = 1 - 2 * eta * lmbda / n"),
    ("λ without η", "decay = 1 - eta * lmbda / n", "decay = 1 - lmbda / n"),
    ("weights that grow instead of decay",
     "decay = 1 - eta * lmbda / n", "decay = 1 + eta * lmbda / n"),
    ("no decay", "add_outer(W, decay,", "add_outer(W, 1,"),
    ("decay on the biases", "        for step in steps:\n",
     "        b[:] = scale(decay, b)\n        for step in steps:\n"),
    ("biases that never learn", "b[:] = add(b, step)", "b[:] = b"),
    ("errors from weights that have decayed",
     "    passes = net.forward_all(", "    net.weights = [[scale(1 - eta * lmbda / n, row) "
     "for row in W] for W in net.weights]\n    lmbda = lmbda * 0\n    passes = net.forward_all("),
    ("errors from weights that layers before have moved",
     "deltas[l]) for deltas in errors]",
     "net.errors(layers, y)[l])\n                 for layers, y in zip(passes, ys)]"),
    ("only the last example counts", "    for l, (W, b) in enumerate(",
     "    passes, errors = passes[-1:], errors[-1:]\n    for l, (W, b) in enumerate("),
    ("an epoch in the order of the data", "    net.rng.shuffle(shuffled)\n", ""),
    ("an order that no seed determines", "    net.rng.shuffle(shuffled)\n",
     "    __import__('random').shuffle(shuffled)\n"),
    ("the caller's data shuffled", "shuffled = list(training_data)", "shuffled = training_data"),
    ("the last, smaller mini-batch left out", "range(0, n, mini_batch_size)",
     "range(0, n - mini_batch_size + 1, mini_batch_size)"),
    ("mini-batches that overlap", "shuffled[k:k + mini_batch_size]",
     "shuffled[k:k + mini_batch_size + 1]"),
    ("decay by the mini-batch's size in SGD", "update_mini_batch(net, mini_batch, eta, lmbda, n)\n"
     "        after", "update_mini_batch(net, mini_batch, eta, lmbda, len(mini_batch))\n"
     "        after"),
    ("the evaluation data never looked at", "evaluate(net, evaluation_data, lmbda,",
     "evaluate(net, training_data, lmbda,"),
    ("the evaluation data's own n", "evaluate(net, evaluation_data, lmbda, len(training_data))",
     "evaluate(net, evaluation_data, lmbda, len(evaluation_data))"),
    ("the cost without its decay term", " + decay_cost(net, lmbda, n or len(data))", ""),
    ("the sum of the costs for the mean", "total(costs) / len(data)", "total(costs)"),
    ("½ forgotten in the decay term", "lmbda * total(squares) / (2 * n)",
     "lmbda * total(squares) / n"),
    ("accuracy that counts the wrong ones", "class_of(layers[-1].a) == net.class_of(",
     "class_of(layers[-1].a) != net.class_of("),
]]

def drawn(count: int, seed: int) -> list[Mutant]:
    """Some of all the edits that can be made to the reference and to checkpoints."""
    every = all_edits()
    return random.Random(seed).sample(every, min(count, len(every)))


@functools.lru_cache(maxsize=1)
def all_edits() -> list[Mutant]:
    """All of them."""
    files = sorted(glob.glob(os.path.join(ROOT, "purenn", "[a-z]*.py")))
    names = [f"purenn/{os.path.basename(path)}" for path in files
             if os.path.basename(path) != "mnist.py"] + ["purenn/train/checkpoint.py"]
    every = []
    for name in names:
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            source = file.read()
        every += [Mutant(f"{os.path.basename(name)}:{what}", name, source, text)
                  for what, text in mutations(source)]
    return every


MUTANTS = LINALG + ELEMENTARY + FLOATS + ACTIVATIONS + COSTS + NETWORK + SGD


def edited(mutant: Mutant) -> str:
    """The mutant's file after the edit.  Raises ValueError if the old text is not there once."""
    with open(os.path.join(ROOT, mutant.file), encoding="utf-8") as file:
        text = file.read()
    if text.count(mutant.old) != 1:
        raise ValueError(f"the mutant {mutant.name!r} does not apply: {mutant.file} must have "
                         f"{mutant.old!r} exactly once, not {text.count(mutant.old)} times")
    return text.replace(mutant.old, mutant.new)


class Laboratory:
    """Runs the tests on copies of the package; ``close`` ends the runs that are still going."""

    def __init__(self, python: str, tests: list[str], seconds: int = SECONDS) -> None:
        self.command = [python, "-m", "pytest", "-q", "-x", "--tb=no", "-rfE",
                        "-p", "mutant_plugin", "-p", "no:cacheprovider", FAST_PROFILE,
                        *(f"--ignore={name}" for name in NOT_OF_BEHAVIOR)]
        self.tests = tests
        self.seconds = seconds
        self.lock = threading.Lock()
        self.running: list[subprocess.Popen] = []
        self.closed = False

    def caught_by(self, mutant: Mutant | None) -> str | None:
        """The test that fails on the mutant, None if none does; without a mutant, on no edit."""
        with tempfile.TemporaryDirectory(prefix="purenn-mutant-") as folder:
            for part in ("purenn", "tests", "tools"):
                shutil.copytree(os.path.join(ROOT, part), os.path.join(folder, part),
                                ignore=shutil.ignore_patterns("__pycache__"))
            for name in ("setup.cfg", "pyproject.toml", "README.md"):
                shutil.copy(os.path.join(ROOT, name), folder)
            write(os.path.join(folder, "mutant_plugin.py"), PLUGIN)
            if mutant:
                write(os.path.join(folder, mutant.file), edited(mutant))
            tests = sorted(self.tests, key=lambda test: not is_for(test, mutant))
            try:
                return self._first_failure(folder, tests)
            except ValueError as error:
                if mutant is None:
                    raise
                return str(error)  # without the edit they could be run: it stops the import

    def _first_failure(self, folder: str, tests: list[str]) -> str | None:
        with self.lock:
            if self.closed:
                return None
            process = subprocess.Popen(
                self.command + tests, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
                env={**os.environ, "PYTHONPATH": folder, "PYTHONIOENCODING": "utf-8"},
                start_new_session=True)
            self.running.append(process)
        try:
            output, _ = process.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return f"no end after {self.seconds} s"
        finally:
            self.running.remove(process)
        return first_failure(process.returncode, output)

    def close(self) -> None:
        with self.lock:
            self.closed = True
            for process in self.running:
                process.kill()


def is_for(test: str, mutant: Mutant | None) -> bool:
    """Whether these are the tests of the mutant's own module, which find it soonest."""
    return mutant is not None and os.path.basename(test) == "test_" + os.path.basename(mutant.file)


def first_failure(status: int, output: str) -> str | None:
    """The test that pytest says failed.  Raises ValueError if it could not run the tests."""
    if status == 0:
        return None
    failures = re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
    if not failures:
        last = output.strip().splitlines()[-1:] or [f"exit status {status}"]
        raise ValueError(f"pytest could not run the tests: {last[0]}")
    return failures[0].replace("tests/", "", 1)


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def examine(laboratory: Laboratory, mutants: list[Mutant], jobs: int,
            found: dict[str, str | None]) -> None:
    """Find for each mutant's name the test that catches it, and print it as soon as it is known."""
    width = min(60, max(len(mutant.name) for mutant in mutants))
    done = 0
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(laboratory.caught_by, mutant): mutant for mutant in mutants}
        try:
            for future in as_completed(futures):
                mutant = futures[future]
                found[mutant.name] = future.result()
                done += 1
                print(f"{done:3}/{len(mutants)}  {os.path.basename(mutant.file):14}  "
                      f"{mutant.name:{width}}  {found[mutant.name] or 'SURVIVED'}", flush=True)
        except BaseException:
            for future in futures:
                future.cancel()
            laboratory.close()
            raise


def main(arguments: list[str] | None = None) -> int:
    parser = make_parser(
        PROG,
        f"Make {len(MUTANTS)} wrong versions of the reference, each by a small edit to a copy, "
        "and run the fast\npart of the test suite on each.  The table says which test caught which "
        "mistake; one that\nSURVIVED shows that a test is missing.  It takes a few minutes.",
        f"  {PROG}                             all of them\n"
        f"  {PROG} --only softmax              those with softmax in their name\n"
        f"  {PROG} tests/reference/test_proof.py         what the proof catches by itself\n"
        f"  {PROG} --random 40 --seed 1        forty that nobody picked\n\n"
        "exit status: 0 if all were caught, 1 if one survived, 2 if the tests could not be run")
    parser.add_argument("tests", nargs="*", default=fast_tests(), metavar="TEST",
                        help="the test files to run (default: those of tools/check.py --fast)")
    parser.add_argument("--random", type=whole_number(1), metavar="N",
                        help="N edits of the reference and of checkpoints, drawn from all that can "
                        "be made; survivors are tried with all tests")
    parser.add_argument("--seed", type=whole_number(0), default=0, metavar="N",
                        help="where --random begins to draw (default: 0)")
    parser.add_argument("--only", default="", metavar="TEXT",
                        help="only the mutants with this text in their name or file")
    parser.add_argument("--jobs", type=whole_number(1), default=min(2, os.cpu_count() or 1),
                        metavar="N", help="how many at a time (default: 2, if there are 2 cores)")
    options = parser.parse_args(arguments)
    mutants = drawn(options.random, options.seed) if options.random else MUTANTS
    mutants = [mutant for mutant in mutants if options.only in f"{mutant.file} {mutant.name}"]
    if not mutants:
        raise ValueError(f"no mutant has {options.only!r} in its name or file")
    for mutant in mutants:
        edited(mutant)
    python = ready_interpreter(None)
    start = time.monotonic()
    found: dict[str, str | None] = {}
    try:
        examine(checked(Laboratory(python, options.tests)), mutants, options.jobs, found)
        alive = [mutant for mutant in mutants if found[mutant.name] is None]
        if options.random and alive:
            print(f"\nthe {len(alive)} that survived, with all tests:")
            examine(checked(Laboratory(python, ["tests"], SECONDS_OF_ALL)), alive, options.jobs,
                    found)
    finally:  # after Ctrl-C, too
        survivors = [name for name, test in found.items() if test is None]
        print(f"\n{len(found)} of {len(mutants)} mutants tried, {len(found) - len(survivors)} "
              f"caught, {len(survivors)} survived, in {duration(time.monotonic() - start)}")
        for name in survivors:
            print(f"survived: {name}")
    return int(bool(survivors))


def checked(laboratory: Laboratory) -> Laboratory:
    """The laboratory.  Raises ValueError if its tests fail without any edit."""
    failure = laboratory.caught_by(None)
    if failure:
        raise ValueError(f"{failure} fails without any edit; mend that first")
    return laboratory


def attempt(arguments: list[str] | None = None) -> int:
    """main, with a missing pytest told like every other failure."""
    try:
        return main(arguments)
    except CannotRun as error:
        raise ValueError(str(error)) from None


if __name__ == "__main__":
    sys.exit(run(PROG, attempt))
