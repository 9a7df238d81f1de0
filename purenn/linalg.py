"""Vectors and matrices as plain lists: the few operations a feedforward network needs.

A vector is a list of numbers and a matrix a list of rows, so ``W[j][k]`` is the entry in row j
and column k.  A number is whatever has + - * / and comparison: float, Fraction, Decimal, complex …

Two rules hold in every loop below.

* Sums run from left to right, one rounding after each addition.  Builtin ``sum`` would compensate
  the rounding on some versions of Python and not on others, and the same program would give
  different last bits.
* A zero costs nothing.  Four of five pixels of a handwritten digit are zero, and so are many
  activations of ReLU neurons.  The caller finds a vector's nonzero indices once, with
  ``nonzero``, and every loop over that vector runs over them.
"""
from __future__ import annotations

from reprlib import repr as short  # in a sentence

TYPE_CHECKING = False  # true for a type checker; importing typing would take longer than all purenn
if TYPE_CHECKING:
    from typing import Any

    Number = Any  # whatever has + - * / and comparison
    Target = Any  # an int, or a sequence of numbers
else:
    Number = Target = object

Vector = list[Number]
Matrix = list[Vector]
Sparse = tuple[Vector, list[int]]  # a vector, and the indices of its entries that are not 0


def nonzero(v: Vector) -> list[int]:
    """The indices k with v[k] ≠ 0, in increasing order."""
    return [k for k, v_k in enumerate(v) if v_k]


def affine(W: Matrix, b: Vector, inputs: list[Sparse]) -> list[Vector]:
    """W v + b for each of the vectors v, for W of shape m × n, v of length n and b of length m.

    Row by row for all vectors, here and in ``add_outer``: what comes next is then in the
    processor's cache, which a large W does not fit into.
    """
    results: list[Vector] = [[] for _ in inputs]
    pairs = list(zip(inputs, results))
    for row, b_j in zip(W, b):
        for (v, nonzero_v), result in pairs:
            s = b_j
            for k in nonzero_v:
                s += row[k] * v[k]
            result.append(s)
    return results


def transpose_times(W: Matrix, v: Vector) -> Vector:
    """Wᵀ v, for W of shape m × n and v of length m: entry k is Σ_j W[j][k] v[j]."""
    result = [0] * len(W[0])
    for row, v_j in zip(W, v):
        if v_j:
            for k, w in enumerate(row):
                result[k] += w * v_j
    return result


def add_outer(W: Matrix, c: Number, products: list[tuple[Vector, Sparse]]) -> None:
    """W ← c W + Σ u vᵀ in place, over pairs of u of length m and v of length n, for W of m × n."""
    columns = list(range(len(W[0])))  # made once: to make the indices again in each row costs more
    for j, row in enumerate(W):
        for k in columns:
            row[k] = c * row[k]
        for u, (v, nonzero_v) in products:
            u_j = u[j]
            if u_j:
                for k in nonzero_v:
                    row[k] = row[k] + u_j * v[k]  # += would take CPython up to a tenth longer


def zeros(m: int, n: int) -> Matrix:
    """The m × n zero matrix.  The int 0 plus a number of any kind is a number of that kind."""
    return [[0] * n for _ in range(m)]


def scale(c: Number, v: Vector) -> Vector:
    """c v."""
    return [c * v_k for v_k in v]


def add(u: Vector, v: Vector) -> Vector:
    """u + v."""
    return [u_k + v_k for u_k, v_k in zip(u, v)]


def subtract(u: Vector, v: Vector) -> Vector:
    """u − v."""
    return [u_k - v_k for u_k, v_k in zip(u, v)]


def total(v: Vector) -> Number:
    """Σ_k v[k], added from left to right."""
    s = 0
    for v_k in v:
        s += v_k
    return s


def argmax(v: Vector) -> int:
    """The index of the largest entry, the first one if there are several."""
    return max(range(len(v)), key=lambda k: v[k].real)


def vectorized_result(j: int, size: int = 10) -> Vector:
    """The one-hot vector of the given size: 1 at index j, 0 elsewhere (Nielsen's name).

    Raises ValueError unless 0 ≤ j < size.
    """
    if not 0 <= j < size:
        raise ValueError(f"the class {short(j)} is not one of 0 to {size - 1}")
    return [1 if k == j else 0 for k in range(size)]
