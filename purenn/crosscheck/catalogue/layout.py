"""Conventions of pure shape: the same numbers in other lists.

The commonest first: matrices with a column for each vector, as programs with NumPy have them.
"""
from __future__ import annotations

from typing import Any

from purenn.crosscheck.catalogue.places import BP3, BP4, FORWARD
from purenn.crosscheck.catalogue.recipe import Mistake, presented
from purenn.crosscheck.truth.reference import Answer
from purenn.linalg import Matrix, Vector


def _column(v: Any) -> Matrix:
    """A vector as a column; what is a column already, or a matrix, remains one."""
    return [v_j if isinstance(v_j, list) else [v_j] for v_j in v]


def _like(a: Any, x: Vector) -> Any:
    """x, as a column if a is one."""
    return _column(x) if isinstance(a[0], list) else x


def _columns(answer: Answer) -> Answer:
    return {"activations": [[_column(a) for a in layers] for layers in answer["activations"]],
            "nabla_b": [_column(b) for b in answer["nabla_b"]],
            "new_biases": [_column(b) for b in answer["new_biases"]]}


ENTRIES = [
    Mistake("columns", "vectors are columns, lists of one-element lists",
            "--convention columns", FORWARD,
            presented(lambda answer, case: _columns(answer)), True),
    Mistake("biases-as-columns", "biases and their gradient are columns, lists of one-element "
            "lists", "--convention biases-as-columns", BP3,
            presented(lambda answer, case: {field: [_column(b) for b in answer[field]]
                                           for field in ("nabla_b", "new_biases")}), True),
    Mistake("weights-transposed", "weights are stored transposed: [k][j] goes from k to j",
            "--convention weights-transposed", BP4,
            presented(lambda answer, case: {
                field: [[list(column) for column in zip(*W)] for W in answer[field]]
                for field in ("nabla_w", "new_weights")}), True),
    Mistake("input-included", "the activations begin with the input",
            "--convention input-included", FORWARD,
            presented(lambda answer, case: {
                "activations": [[_like(layers[0], x)] + layers for (x, _), layers
                                in zip(case.mini_batch, answer["activations"])]}), True),
]
