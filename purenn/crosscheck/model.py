"""Are a trained network's outputs right, as its own library computed them?

Whoever has a model and no program saves its numbers (safetensors or .npz), some inputs, and what
the library makes of them.  The outputs are computed again from the same numbers, with bounds on
what rounding can have done on the way in any order of summation, and compared.  If they are wrong,
what people usually do otherwise is tried: other functions, pixels from 0 to 255, no biases.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Any, NamedTuple

from purenn.activations import HIDDEN, OUTPUTS, Identity
from purenn.checks import counted
from purenn.crosscheck.truth.bounded import DIGITS
from purenn.crosscheck.truth.compare import limits
from purenn.crosscheck.truth.reference import ALLOWED_ACTIVATIONS, NUMBERS
from purenn.formats.arrays import Array
from purenn.formats.contents import matrix
from purenn.linalg import Matrix, Vector, affine, nonzero
from purenn.network import Network
from purenn.store.networks import Stored

MOST_ROWS = 50       # are judged, evenly spread: fifty digits of accuracy take time
ROWS_TO_EXPLAIN = 5  # on which another reading is tried before it is tried on all
MAX_BYTES = 1 << 30


class Wrong(NamedTuple):
    """An output that is wrong: its row and place, the two numbers, and what rounding explains."""

    row: int
    output: int
    yours: float
    right: Decimal
    tolerance: Decimal


class ModelReport(NamedTuple):
    """What was found: ``why`` says what explains all outputs, if they are wrong and it is known."""

    net: Network
    rows: int
    judged: int
    precision: str
    wrong: list[Wrong]
    wrong_rows: int
    why: str | None

    @property
    def ok(self) -> bool:
        return not self.wrong


class Reading(NamedTuple):
    """One way to compute outputs, as a sentence says it."""

    text: str
    hidden: str
    output: str
    of_input: Callable[[Vector], Vector] = list
    biases: bool = True


def judge_model(stored: Stored, inputs: str, outputs: str, precision: str | None) -> ModelReport:
    """Judge the outputs in a file for the inputs in another, rows of numbers both.

    The precision is that of the outputs' file if none is given.  Raises ValueError or OSError if
    the files do not hold rows that fit the network.
    """
    net = stored.net
    x, y = matrix(inputs, MAX_BYTES), matrix(outputs, MAX_BYTES)
    xs, ys = _rows(x, net.sizes[0], inputs, "inputs"), _rows(y, net.sizes[-1], outputs, "outputs")
    if len(xs) != len(ys):
        raise ValueError(f"{inputs} has {counted(len(xs), 'row')}, but {outputs} has {len(ys)}")
    precision = precision or ("float32" if y.kind.code == "f" else "float64")
    count = min(MOST_ROWS, len(xs))
    chosen = [k * len(xs) // count for k in range(count)]
    examples = [(k, list(xs[k]), list(ys[k])) for k in chosen]
    usual, *others = _readings(stored)
    wrong = list(_wrong(net, usual, examples, precision))
    why = None
    if wrong:
        telling = [example for example in examples if example[0] in {w.row for w in wrong}]
        why = next((reading.text for reading in others
                    if not any(_wrong(net, reading, telling[:ROWS_TO_EXPLAIN], precision))
                    and not any(_wrong(net, reading, examples, precision))), None)
    return ModelReport(net, len(xs), count, precision, wrong, len({w.row for w in wrong}), why)


def _rows(array: Array, width: int, path: str, what: str) -> list[Any]:
    """The rows, or the columns if these are the examples."""
    count = array.shape[0]
    if array.columns == width:
        return [array.row(i) for i in range(count)]
    if len(array.shape) == 2 and count == width:
        return list(zip(*(array.row(i) for i in range(count))))
    raise ValueError(f"{path} has rows of {counted(array.columns, 'number')}, but the network has "
                     f"{width} {what}")


def _readings(stored: Stored) -> Iterator[Reading]:
    """What the outputs are meant to be, and then what else they may be, the likeliest first."""
    net, scale = stored.net, stored.scale
    hidden, output = net.hidden.name, net.output.name

    def scaled(x: Vector) -> Vector:
        return [(x_k - m) / d for x_k, m, d in zip(x, *scale)] if scale else list(x)

    yield Reading("", hidden, output, scaled)
    if scale:
        yield Reading("the inputs are scaled already, and not once more", hidden, output)
    if output != Identity.name:
        yield Reading(f"they are the outputs before the {output} (--output identity)", hidden,
                      Identity.name, scaled)
    for c in (255, 256):
        yield Reading(f"the library was given the inputs divided by {c}", hidden, output,
                      lambda x, c=c: [x_k / c for x_k in scaled(x)])  # type: ignore[misc]
        yield Reading(f"the library was given the inputs times {c}", hidden, output,
                      lambda x, c=c: [x_k * c for x_k in scaled(x)])  # type: ignore[misc]
    yield Reading("the biases are left out", hidden, output, scaled, biases=False)
    for other in [*OUTPUTS, output]:
        for inner in HIDDEN if len(net.sizes) > 2 else [hidden]:
            if (inner, other) != (hidden, output):
                yield Reading(f"they are right for --hidden {inner} --output {other}"
                              if len(net.sizes) > 2 else f"they are right for --output {other}",
                              inner, other, scaled)


def _wrong(net: Network, reading: Reading, examples: Sequence[tuple[int, Vector, Vector]],
           precision: str) -> Iterator[Wrong]:
    """The outputs that this reading does not explain."""
    number = NUMBERS[precision]
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        weights = [[[number(w) for w in row] for row in W] for W in net.weights]
        biases = [[number(b_j if reading.biases else 0.0) for b_j in b] for b in net.biases]
        for k, x, y in examples:
            right = _outputs(weights, biases, reading, [number(v) for v in reading.of_input(x)])
            for j, (yours, true) in enumerate(zip(y, right)):
                value, tolerance = limits(true)
                if not abs(Decimal(yours) - value) <= tolerance:
                    yield Wrong(k, j, yours, value, tolerance)


def _outputs(weights: list[Matrix], biases: list[Vector], reading: Reading, a: Vector) -> Vector:
    last = len(weights) - 1
    for l, (W, b) in enumerate(zip(weights, biases)):
        activation = ALLOWED_ACTIVATIONS[reading.output if l == last else reading.hidden]
        a = activation.forward(affine(W, b, [(a, nonzero(a))])[0])
    return a


# --- the report -------------------------------------------------------------------------------

MOST_SHOWN = 3


def text(report: ModelReport, path: str) -> str:
    """The report for people."""
    net = report.net
    lines = [f"{path}: a network {'-'.join(map(str, net.sizes))}, {net.hidden.name} neurons, "
             f"{net.output.name} output"]
    part = "" if report.judged == report.rows else f", {report.judged} of {report.rows:,} rows"
    if report.ok:
        return "\n".join([*lines, "", f"All outputs are right ({report.precision}{part})."])
    for wrong in report.wrong[:MOST_SHOWN]:
        where = f"row {wrong.row}, output {wrong.output}"
        blank = " " * len(where)
        lines += ["", f"{where}  yours  {wrong.yours!r}", f"{blank}  right  {wrong.right:.17g}",
                  f"{blank}  off by {abs(Decimal(wrong.yours) - wrong.right):.2g}, where rounding "
                  f"explains {wrong.tolerance:.2g}"]
    lines += ["", f"{report.wrong_rows} of {counted(report.judged, 'row')} wrong "
              f"({report.precision}{part})."]
    lines.append(f"why: {report.why}." if report.why else
                 "Neither other functions nor another scale of the inputs, nor left-out biases, "
                 "explain them all.")
    return "\n".join(lines)


def as_json(report: ModelReport) -> dict[str, Any]:
    """The report for machines."""
    return {"ok": report.ok, "sizes": report.net.sizes, "hidden": report.net.hidden.name,
            "output": report.net.output.name, "precision": report.precision, "rows": report.rows,
            "judged": report.judged, "wrong_rows": report.wrong_rows, "why": report.why,
            "wrong": [{"row": w.row, "output": w.output, "yours": repr(w.yours),
                       "right": f"{w.right:.20g}", "tolerance": f"{w.tolerance:.3g}"}
                      for w in report.wrong[:100]]}
