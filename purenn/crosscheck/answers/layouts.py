"""Layouts: the same numbers in other lists, recognized and brought into the one that is compared.

Programs keep their vectors as columns, their activations layer by layer, their weights by the
neuron that they come from.  None of this is a mistake.  A layout is recognized if the fields fit it
in all cases answered.  Where several fit, as with square layers, the one that makes most numbers
right is taken, the plain one first; so no layout is taken that does not explain the numbers better.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from purenn.crosscheck.questions.cases import Case

Answer = dict[str, Any]
#: (value of a field, case) -> the value in the plain layout; raises Misfit if it has another shape
Reader = Callable[[Any, Case], Any]


class Layout(NamedTuple):
    """A way to write answers down, other than the plain one."""

    id: str
    #: what it is, so that it reads well after "recognized:"
    sentence: str


LAYOUTS = {layout.id: layout for layout in (
    Layout("columns", "vectors are columns, lists of one-element lists"),
    Layout("rows", "vectors are rows, lists that hold one list"),
    Layout("layer-by-layer", "the activations stand layer by layer, and in each for all examples"),
    Layout("examples-as-columns", "each example is a column of its layer's activations"),
    Layout("no-examples", "the activations of a single example are not in a list of examples"),
    Layout("input-included", "the activations begin with the input"),
    Layout("biases-as-columns", "biases and their gradient are columns, lists of one-element "
           "lists"),
    Layout("biases-as-rows", "biases and their gradient are rows, lists that hold one list"),
    Layout("weights-transposed", "weights are stored transposed: [k][j] goes from k to j"),
    Layout("costs-in-lists", "the costs stand in further lists, or the only one in none"))}

#: how near a number must be to the right one to speak for a layout
NEAR = 1e-6


class Misfit(Exception):
    """A value has not the shape of the layout that it is read in."""


# Readers of a vector, a matrix, a layer.

def _list(value: Any, length: int) -> list[Any]:
    if not isinstance(value, list) or len(value) != length:
        raise Misfit
    return value


def _number(value: Any) -> Any:
    if isinstance(value, list):
        raise Misfit
    return value


def _vector(value: Any, n: int) -> list[Any]:
    return [_number(x) for x in _list(value, n)]


def _column(value: Any, n: int) -> list[Any]:
    return [_number(_list(x, 1)[0]) for x in _list(value, n)]


def _row(value: Any, n: int) -> list[Any]:
    return _vector(_list(value, 1)[0], n)


def _matrix(value: Any, rows: int, columns: int) -> list[list[Any]]:
    return [_vector(row, columns) for row in _list(value, rows)]


def _transposed(value: Any, rows: int, columns: int) -> list[list[Any]]:
    return [list(row) for row in zip(*_matrix(value, columns, rows))]


Vector = Callable[[Any, int], list[Any]]


def _by_layer(value: Any, sizes: Sequence[int], read: Vector) -> list[Any]:
    return [read(layer, n) for layer, n in zip(_list(value, len(sizes)), sizes)]


# Activations: readers of (value, m, sizes).

def _examples_of(read: Vector) -> Callable[[Any, int, Sequence[int]], Any]:
    return lambda value, m, sizes: [_by_layer(example, sizes, read)
                                    for example in _list(value, m)]


def _layers_of(read: Callable[[Any, int, int], Any]) -> Callable[[Any, int, Sequence[int]], Any]:
    def activations(value: Any, m: int, sizes: Sequence[int]) -> Any:
        layers = [read(layer, m, n) for layer, n in zip(_list(value, len(sizes)), sizes)]
        return [[layer[e] for layer in layers] for e in range(m)]
    return activations


def _single(value: Any, m: int, sizes: Sequence[int]) -> Any:
    if m != 1:
        raise Misfit
    return [_by_layer(value, sizes, _vector)]


def _vectors(read: Vector) -> Callable[[Any, int, int], Any]:
    return lambda value, m, n: [read(v, n) for v in _list(value, m)]


ACTIVATIONS: list[tuple[tuple[str, ...], Callable[[Any, int, Sequence[int]], Any]]] = [
    ((), _examples_of(_vector)),
    (("columns",), _examples_of(_column)),
    (("rows",), _examples_of(_row)),
    (("layer-by-layer",), _layers_of(_matrix)),
    (("layer-by-layer", "examples-as-columns"), _layers_of(
        lambda value, m, n: _transposed(value, m, n))),
    (("layer-by-layer", "columns"), _layers_of(_vectors(_column))),
    (("layer-by-layer", "rows"), _layers_of(_vectors(_row))),
    (("no-examples",), _single)]


def _with_input(read: Callable[[Any, int, Sequence[int]], Any], included: bool) -> Reader:
    if not included:
        return lambda value, case: read(value, len(case.mini_batch), case.sizes[1:])
    return lambda value, case: [layers[1:] for layers
                                in read(value, len(case.mini_batch), case.sizes)]


def _biases(read: Vector) -> Reader:
    return lambda value, case: _by_layer(value, case.sizes[1:], read)


def _weights(read: Callable[[Any, int, int], Any]) -> Reader:
    return lambda value, case: [read(W, j, k) for W, k, j in zip(
        _list(value, len(case.sizes) - 1), case.sizes, case.sizes[1:])]


def _costs(read: Vector) -> Reader:
    return lambda value, case: read(value, len(case.mini_batch))


def _only(value: Any, n: int) -> list[Any]:
    """A number, in any number of lists of one."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if n != 1:
        raise Misfit
    return [_number(value)]


#: for fields that share a layout: what they may stand in, the plain layout first
READERS: list[tuple[tuple[str, ...], list[tuple[tuple[str, ...], Reader]]]] = [
    (("activations",), [((*ids, *(["input-included"] if included else [])),
                         _with_input(read, included))
                        for included in (False, True) for ids, read in ACTIVATIONS]),
    *[((field,), [((), _biases(_vector)), (("biases-as-columns",), _biases(_column)),
                  (("biases-as-rows",), _biases(_row))]) for field in ("nabla_b", "new_biases")],
    (("nabla_w", "new_weights"), [((), _weights(_matrix)),
                                  (("weights-transposed",), _weights(_transposed))]),
    (("costs",), [((), _costs(_vector)), (("costs-in-lists",), _costs(_column)),
                  (("costs-in-lists",), _costs(_row)), (("costs-in-lists",), _costs(_only))]),
    (("total_cost",), [((), lambda value, case: _number(value)),
                       (("costs-in-lists",), lambda value, case: _only(value, 1)[0])])]


def canonical(cases: Sequence[Case], answers: dict[str, Answer], right: Callable[[Case], Answer],
              named: Iterable[str] = ()) -> tuple[dict[str, Answer], list[Layout]]:
    """The answers in the plain layout, and the layouts that they were recognized to be in.

    ``right`` gives the right answer to a case, in floats; it is asked where shapes do not decide.
    The layouts named are taken for granted wherever they fit.  What fits nowhere stays as it is.
    """
    named = frozenset(named)
    result = {name: dict(answer) for name, answer in answers.items()}
    found: set[str] = set()
    for fields, readers in READERS:
        given = [(case, field) for case in cases if case.name in answers
                 for field in fields if field in answers[case.name]]
        fitting = [(ids, values) for ids, values in (
            (ids, _read(read, given, answers)) for ids, read in readers) if values is not None]
        if not given or not fitting:
            continue
        all_ids = frozenset(id for ids, _ in readers for id in ids)
        asked = [(ids, values) for ids, values in fitting if _aliases(named) & all_ids <= set(ids)]
        ids, values = _best(asked or fitting, given, right)
        found.update(ids)
        for (case, field), value in zip(given, values):
            result[case.name][field] = value
    if "columns" in found:
        found.discard("biases-as-columns")
    return result, [layout for id, layout in LAYOUTS.items() if id in found]


def _aliases(named: frozenset[str]) -> frozenset[str]:
    """Whoever says that vectors are columns, or rows, says so of the biases as well."""
    return named | {f"biases-as-{id}" for id in ("columns", "rows") if id in named}


def _read(read: Reader, given: Sequence[tuple[Case, str]], answers: dict[str, Answer]
          ) -> list[Any] | None:
    """The fields in the plain layout, or None if one of them does not fit."""
    try:
        return [read(answers[case.name][field], case) for case, field in given]
    except Misfit:
        return None


def _best(fitting: list[tuple[tuple[str, ...], list[Any]]], given: Sequence[tuple[Case, str]],
          right: Callable[[Case], Answer]) -> tuple[tuple[str, ...], list[Any]]:
    """What makes most numbers right; the first of several.

    Beside the plain layout, another must do so in each field: a gradient that is transposed, and
    new weights that are not, are a mistake.
    """
    if len(fitting) == 1:
        return fitting[0]
    truths = [right(case)[field] for case, field in given]

    def by_field(values: list[Any]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for (_, field), value, truth in zip(given, values, truths):
            counts[field] = counts.get(field, 0) + _right(value, truth)
        return counts
    counts = [by_field(values) for _, values in fitting]
    if not fitting[0][0]:
        counts[1:] = [count if all(count[field] > n for field, n in counts[0].items()) else {}
                      for count in counts[1:]]
    best = max(range(len(fitting)), key=lambda k: sum(counts[k].values()))
    return fitting[best]


def _right(value: Any, truth: Any) -> int:
    """How many numbers are near the right ones."""
    if isinstance(value, list):
        return sum(map(_right, value, truth))
    return math.isclose(value, truth, rel_tol=NEAR, abs_tol=NEAR * NEAR)
