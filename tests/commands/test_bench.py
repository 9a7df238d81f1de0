"""tools/bench.py: its programs compute the same numbers, and its arithmetic is right."""
from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys

import pytest

from purenn.network import Network

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [ROOT]
bench = importlib.import_module("tools.bench")
rivals = importlib.import_module("tools.rivals")
sys.path.remove(ROOT)

SIZES, ETA, LMBDA, N = [784, 5, 10], 0.5, 5.0, 40
EXAMPLES = bench.synthetic(40, 0.81)


def after_two_steps(make, sizes=(784, 5, 10)):
    net = Network(list(sizes), seed=3)
    program = make(net.weights, net.biases, ETA, LMBDA, N)
    for k in (0, 10):
        program.step(program.prepare(EXAMPLES[k:k + 10]))
    program.forward(program.prepare(EXAMPLES[:10]))
    return program.numbers()


@pytest.mark.parametrize("name", ["textbook", "numpy_per_example", "numpy_mini_batch"])
@pytest.mark.parametrize("sizes", [(784, 5, 10), (784, 4, 3, 10)], ids=str)
def test_the_programs_compute_the_same_numbers(name, sizes):
    if name != "textbook":
        pytest.importorskip("numpy")
    ours, theirs = after_two_steps(bench.purenn_program, sizes), after_two_steps(
        getattr(rivals, name), sizes)
    assert len(ours) == sum((m + 1) * n for m, n in zip(sizes, sizes[1:]))
    bench.check_same(theirs, ours)
    start = Network(list(sizes), seed=3)
    assert max(abs(a - b) for a, b in zip(ours, rivals.flat(start.weights, start.biases))) > 0.1


def test_programs_that_differ_are_noticed():
    numbers = after_two_steps(bench.purenn_program)
    for k in (0, 784, len(numbers) - 1):  # a weight of the first layer, a bias, one of the last
        other = list(numbers)
        other[k] += 2e-12
        with pytest.raises(ValueError, match="do not compute the same"):
            bench.check_same(other, numbers)
    with pytest.raises(ValueError, match="do not compute the same"):
        bench.check_same(numbers[:-1], numbers)


@pytest.mark.parametrize("what", bench.GROWTH)
def test_what_grows_is_what_is_varied_and_all_else_is_as_usual(what, monkeypatch):
    """The step is not taken; what it would be given, network and mini-batch, is looked at."""
    seen = []
    monkeypatch.setattr("purenn.sgd.update_mini_batch",
                        lambda net, batch, *others: seen.append((net.sizes, batch, others)))
    examples = bench.synthetic(50, 0.81)
    values = bench.GROWTH[what][0][:1] if what == "examples" else bench.GROWTH[what][0]
    for value in values:
        case = bench.growth_case(what, value, examples)
        case.work(case.batches[0])
    hidden = [sizes[1:-1] for sizes, _, _ in seen]
    sizes_of_batches = [len(batch) for _, batch, _ in seen]
    zeros = [sum(k == 0 for x, _ in batch for k in x) / (784 * len(batch)) for _, batch, _ in seen]
    usual = {"hidden": [[30]] * len(seen), "batches": [10] * len(seen), "zeros": [0.81] * len(seen)}
    varied = {"hidden neurons": {"hidden": [[30], [60], [120], [240]]},
              "hidden layers": {"hidden": [[30] * n for n in (1, 2, 4, 8)]},
              "mini-batch size": {"batches": [1, 2, 5, 10, 20, 50]},
              "share of zeros": {"zeros": [0, 0.5, 0.81, 0.95]}}
    expected = {**usual, **varied.get(what, {})}
    assert hidden == expected["hidden"] and sizes_of_batches == expected["batches"]
    assert zeros == pytest.approx(expected["zeros"], abs=0.06)  # 784 pixels, three deviations
    assert {others for _, _, others in seen} == {(0.5, 5.0, len(examples) if what == "examples"
                                                  else 50_000)}


def test_times_are_per_unit_and_ratios_within_rounds():
    ticks = iter(range(0, 1000, 2))
    case = bench.Case(lambda batch: None, [1, 2], 5)
    assert bench.timed(case, 6, lambda: next(ticks)) == 6 / (3 * 5)
    slow, base = bench.Row("a", "", [2.0, 8.0, 30.0]), bench.Row("b", "", [1.0, 2.0, 10.0])
    assert bench.ratio(slow, base) == 3.0
    assert bench.interleaved([lambda: "a", lambda: "b"], 2) == [["a", "a"], ["b", "b"]]


def test_a_short_run_measures_what_it_says():
    """Each table has a row for each program, with its ratio; and the processes agreed."""
    done = subprocess.run(
        [sys.executable, "tools/bench.py", "--only", "step", "--rounds", "2", "--seconds", "0.01",
         "--json"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    report = json.loads(done.stdout)
    assert len(report["tables"]) == 2
    for table in report["tables"]:
        programs = [row["program"] for row in table["rows"]]
        assert programs[:2] == ["purenn", "textbook"]
        ours, textbook = (row["rounds"] for row in table["rows"][:2])
        assert table["ratios"]["times faster than textbook"][0] == pytest.approx(
            sum(b / a for a, b in zip(ours, textbook)) / 2)  # the median of two
    assert report["targets"][0]["limit"] in ("at least 4.5 times faster",
                                             "at least 3.4 times faster") or "PyPy" in sys.version
