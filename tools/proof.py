#!/usr/bin/env python3
"""How wrong are the floats?  The network on floats against the same code to fifty digits.

For random networks of every kind, everything the reference computes is computed twice: with floats,
and with numbers of fifty digits that carry a bound on the rounding error a float program can make
(purenn.crosscheck.bounded).  No float may be off by more than its bound; the table says how far off
they were at worst.
"""
from __future__ import annotations

import math
import os
import platform
import random
import sys
from decimal import Context, Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from random_networks import COMBINATIONS, Case, examples, network, random_case

from purenn.activations import ReLU
from purenn.crosscheck.questions.by_reference import take_step
from purenn.crosscheck.questions.cases import Case as Question
from purenn.crosscheck.truth.bounded import Float64
from purenn.linalg import Number
from purenn.network import Gradient
from purenn.terminal.options import make_parser, whole_number
from purenn.terminal.running import run

PROG = "python3 tools/proof.py"
ETA, LMBDA, N = 0.3, 0.7, 50
FIFTY_DIGITS = Context(prec=50)  # what the truth is known to
TRUTH_ULPS = Decimal("1e-20")    # its own error; it can have lost some of the 50 digits

#: quantity -> [(the float, the same number with its bound)] of one network
Pairs = dict[str, list[tuple[float, Float64]]]


class Errors:
    """The errors of one quantity, in ulp: units in the last place of the true number."""

    def __init__(self) -> None:
        self.ulps: list[Decimal] = []
        self.of_bound = Decimal(0)  # the largest share of its bound that an error was

    def add(self, computed: float, truth: Float64) -> None:
        error = abs(FIFTY_DIGITS.create_decimal(computed) - truth.value) / ulp(truth.value)
        if error < TRUTH_ULPS:
            error = Decimal(0)
        else:
            share = error * ulp(truth.value) / truth.error if truth.error else Decimal("Infinity")
            self.of_bound = max(self.of_bound, share)
        self.ulps.append(error)

    def quantile(self, q: float) -> Decimal:
        """The error that the share q of all numbers does not exceed; the worst for q = 1."""
        return sorted(self.ulps)[math.ceil(q * len(self.ulps)) - 1]


def ulp(truth: Decimal) -> Decimal:
    """The distance between the floats around the truth."""
    return Decimal(math.ulp(float(truth)))


def everything(case: Case, number=lambda v: v) -> dict[str, list[Number]]:
    """All that the reference computes for a case, in one kind of number."""
    net, data = network(case, number), examples(case, number)
    step = take_step(Question("random", net.sizes, net.hidden.name, net.output.name,
                              net.cost.name, net.weights, net.biases, data, number(ETA),
                              number(LMBDA), N))
    return {
        "weighted inputs z": [z for p in step.passes for layer in p.layers for z in layer.z],
        "activations a": [a for p in step.passes for layer in p.layers[1:] for a in layer.a],
        "cost, decay included": [step.cost],
        "gradient": [g for p in step.passes for g in entries(p.gradient)],
        "network after a step": entries(Gradient(step.after.weights, step.after.biases)),
    }


def entries(gradient: Gradient) -> list[Number]:
    """All weights' entries in a row, then all biases'."""
    return ([w for W in gradient.weights for row in W for w in row]
            + [b for v in gradient.biases for b in v])


def compare(case: Case) -> Pairs:
    """Every float beside the truth.  Empty if rounding decides on which side of 0 a ReLU input is:
    its derivative jumps there, and no bound could hold."""
    truth = everything(case, bounded)
    if ReLU in (case.hidden, case.output):
        if any(abs(z.value) <= z.error for z in truth["weighted inputs z"] if z):
            return {}
    computed = everything(case)
    return {what: list(zip(computed[what], map(bounded, truth[what]))) for what in truth}


def bounded(x: Number) -> Float64:
    """x with its bound: a float or int has none to begin with."""
    return x if isinstance(x, Float64) else Float64(x)


def main(arguments: list[str] | None = None) -> int:
    parser = make_parser(
        PROG, "Measure how far the floats of random networks are from fifty digits, in ulp (units "
        "in the\nlast place), and whether every error stays within the bound derived for it.",
        f"  {PROG}\n  {PROG} --networks 5000 --seed 1\n\n"
        "exit status: 0, or 1 if a float lies outside its bound")
    parser.add_argument("--networks", type=whole_number(1), default=1000, metavar="N",
                        help="how many random networks (default 1000)")
    parser.add_argument("--seed", type=whole_number(0), default=0, metavar="S",
                        help="the seed they are drawn from (default 0)")
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    errors: dict[str, Errors] = {}
    left_out = 0
    for index in range(options.networks):
        show(f"{index} of {options.networks} networks")
        pairs = compare(random_case(rng, COMBINATIONS[index % len(COMBINATIONS)]))
        left_out += not pairs
        for what in pairs:
            for computed, truth in pairs[what]:
                errors.setdefault(what, Errors()).add(computed, truth)
    show("")
    print_table(errors, options.networks - left_out, options.seed)
    if left_out:
        print(f"{left_out} more left out: a ReLU input there is 0 but for rounding.")
    return int(any(e.of_bound > 1 for e in errors.values()))


def show(text: str) -> None:
    """Show the progress, on a terminal, in place of what was shown before."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" + text)
        sys.stderr.flush()


def print_table(errors: dict[str, Errors], networks: int, seed: int) -> None:
    print(f"{networks} random networks, seed {seed}: floats against fifty digits\n"
          f"{platform.python_implementation()} {platform.python_version()}, "
          f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}\n")
    print("                                       error in ulp               worst error\n"
          "                       numbers  half below  99 % below     worst  / its bound")
    for what, e in errors.items():
        print(f"{what:21} {len(e.ulps):8} {e.quantile(0.5):11.2g} {e.quantile(0.99):11.2g} "
              f"{e.quantile(1):9.2g} {e.of_bound:12.2f}")


if __name__ == "__main__":
    sys.exit(run(PROG, main))
