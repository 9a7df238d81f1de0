"""One epoch of real digits, for anybody's own training loop.

What ruins a whole training run shows in no small case: inputs that are not scaled to about 1,
initial weights that are all alike, a learning rate far too large or small, x and y shuffled apart.
So a program is asked to learn from the bundled digits in a fixed order, from given weights, and
for its network after the first mini-batches, and how many test digits it gets right in the end.
"""
from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

from purenn import mnist
from purenn.crosscheck.questions.cases import VERSION
from purenn.crosscheck.questions.sequences import SequenceCase, to_json
from purenn.linalg import Vector
from purenn.network import Network
from purenn.sgd import accuracy

EPOCH_FORMAT = "purenn-epoch"

#: after how many mini-batches the network is looked at
AFTER = (1, 2, 5, 10)
SIZES, MINI_BATCH, ETA, LMBDA = [64, 20, 10], 10, 1.0, 0.1

#: how many of the 360 test digits the reference gets right after one epoch: the fewest and the most
#: over the seeds 0 to 19, which draw initial weights and order (``count_with_seed``)
FEWEST, MOST = 235, 325

#: what an answer may hold: the network after 1, 2, 5 and 10 mini-batches, and the count in the end
EPOCH_FIELDS = ("after", "correct")


class EpochCase(NamedTuple):
    """The question: a sequence case of all training digits, and the digits to count with."""

    sequence: SequenceCase
    test: list[tuple[Vector, int]]


@functools.lru_cache(maxsize=1)
def epoch_case() -> EpochCase:
    """The digits in the order of their file, with the weights that seed 0 draws."""
    training, _, test = mnist.load_data_wrapper(mnist.SMALL)
    net = Network(SIZES)
    n = len(training)
    sizes = [min(MINI_BATCH, n - k) for k in range(0, n, MINI_BATCH)]
    examples = [(list(x), [float(y_j) for y_j in y]) for x, y in training]
    return EpochCase(
        SequenceCase("an epoch of digits", SIZES, net.hidden.name, net.output.name, net.cost.name,
                     net.weights, net.biases, sizes, examples, 1, ETA, LMBDA, n),
        [(list(x), y) for x, y in test])


def beginning(case: EpochCase) -> SequenceCase:
    """The steps that are looked at number by number."""
    whole = case.sequence
    return whole._replace(mini_batch_sizes=whole.mini_batch_sizes[:AFTER[-1]],
                          examples=whole.examples[:AFTER[-1] * MINI_BATCH])


def question(case: EpochCase) -> dict[str, Any]:
    """What a function, or a program on its standard input, is given."""
    return {**to_json(case.sequence), "after": list(AFTER),
            "test": [{"x": x, "y": y} for x, y in case.test]}


def epoch_content() -> dict[str, Any]:
    """The question as a file, in which it is the only case."""
    return {"format": EPOCH_FORMAT, "version": VERSION, "cases": [question(epoch_case())]}


def as_steps(answer: dict[str, Any]) -> dict[str, Any]:
    """The states of an answer as the steps of the case of the beginning."""
    steps: list[Any] = [None] * AFTER[-1]
    for k, state in zip(AFTER, answer.get("after") or []):
        steps[k - 1] = state
    return {"steps": steps}


def csv_lines(case: EpochCase) -> Iterator[str]:
    """The same as lines of CSV: each begins with what it holds.

    ``train`` and ``test``: the digit, then 64 pixels; ``weights`` and ``biases``: the layer from 1
    and, for weights, the neuron from 1, then the numbers.
    """
    for kind, examples in (("train", [(x, y.index(1.0)) for x, y in case.sequence.examples]),
                           ("test", case.test)):
        for x, digit in examples:
            yield ",".join([kind, str(digit), *map(repr, x)])
    for l, (W, b) in enumerate(zip(case.sequence.weights, case.sequence.biases), 1):
        for j, row in enumerate(W, 1):
            yield ",".join(["weights", str(l), str(j), *map(repr, row)])
        yield ",".join(["biases", str(l), *map(repr, b)])


def count_with_seed(seed: int) -> int:
    """How many test digits the reference gets right after an epoch in that seed's own order, from
    its own weights."""
    training, _, test = mnist.load_data_wrapper(mnist.SMALL)
    net = Network(SIZES, seed=seed)
    net.SGD(training, 1, MINI_BATCH, ETA, LMBDA)
    return accuracy(net, test)
