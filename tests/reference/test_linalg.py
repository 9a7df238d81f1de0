"""purenn.linalg, against the textbook's sums in exact fractions."""
from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purenn import linalg, vectorized_result

# Zero often, because the loops leave zeros out.
NUMBERS = st.sampled_from([Fraction(k, 7) for k in range(-40, 41)] + [Fraction(0)] * 40)


def vectors(n):
    return st.lists(NUMBERS, min_size=n, max_size=n)


def sparse(v):
    return v, linalg.nonzero(v)


def matrices(m, n):
    return st.lists(vectors(n), min_size=m, max_size=m)


SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5))
PROBLEMS = SHAPES.flatmap(lambda shape: st.tuples(
    matrices(*shape), vectors(shape[0]), vectors(shape[1])))


@given(vectors(6))
def test_nonzero_finds_all_of_them_in_order(v):
    found = linalg.nonzero(v)
    assert found == sorted(set(found))
    assert all(v[k] != 0 for k in found)
    assert all(v[k] == 0 for k in range(6) if k not in found)


def test_nonzero_of_signed_zeros_and_of_numbers_that_are_not_finite():
    assert linalg.nonzero([0, 0.0, -0.0, 5e-324, float("nan"), float("inf"), 0j]) == [3, 4, 5]


@given(PROBLEMS)
def test_affine_is_W_v_plus_b(problem):
    W, b, v = problem
    expected = [sum(W[j][k] * v[k] for k in range(len(v))) + b[j] for j in range(len(b))]
    assert linalg.affine(W, b, [sparse(v)]) == [expected]


@given(PROBLEMS)
def test_transpose_times_is_the_sum_over_the_first_index(problem):
    W, u, v = problem
    expected = [sum(W[j][k] * u[j] for j in range(len(u))) for k in range(len(v))]
    assert linalg.transpose_times(W, u) == expected


@given(PROBLEMS)
def test_the_transpose_is_the_adjoint(problem):
    """u·(W v) = (Wᵀ u)·v, which is what makes the backward pass the forward pass's mirror."""
    W, u, v = problem
    [W_v] = linalg.affine(W, [0] * len(u), [sparse(v)])
    assert (sum(a * b for a, b in zip(u, W_v))
            == sum(a * b for a, b in zip(linalg.transpose_times(W, u), v)))


@given(PROBLEMS, NUMBERS, st.data())
def test_add_outer_decays_and_adds_products_in_place(problem, c, data):
    """c W + Σ u vᵀ; one product or more, or none."""
    W, u, v = problem
    products = [(u, v)] + data.draw(st.lists(st.tuples(vectors(len(u)), vectors(len(v))),
                                             max_size=2))
    products = products[:data.draw(st.integers(0, len(products)))]
    expected = [[c * W[j][k] + sum(u[j] * v[k] for u, v in products) for k in range(len(v))]
                for j in range(len(u))]
    rows = list(W)
    assert linalg.add_outer(W, c, [(u, sparse(v)) for u, v in products]) is None
    assert W == expected
    assert all(row is same for row, same in zip(W, rows))


def test_add_outer_adds_from_left_to_right():
    """1e16 + 1 rounds to 1e16: decay first, then the first product, then the second."""
    def after(w, c, *products):
        W = [[w]]
        linalg.add_outer(W, c, [([u], sparse([1.0])) for u in products])
        return W[0][0]
    assert after(1e16, 1, 1.0, -1e16) == 0.0 and after(1e16, 1, -1e16, 1.0) == 1.0
    assert after(2.0, 0.5, 1e16, -1e16) == 0.0


def test_affine_of_several_vectors_is_that_of_each():
    W, b = [[1.0, 2.0, 0.5], [-1.0, 0.25, 3.0]], [0.125, -4.0]
    several = [[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [-0.5, 1.5, 0.0]]
    assert linalg.affine(W, b, [sparse(v) for v in several]) == [
        [2.125, 1.0], [0.125, -4.0], [2.625, -3.125]]
    assert linalg.affine(W, b, []) == []


@given(st.integers(0, 5).flatmap(lambda n: st.tuples(vectors(n), vectors(n))), NUMBERS)
def test_vector_operations(pair, c):
    u, v = pair
    assert linalg.add(u, v) == [u[k] + v[k] for k in range(len(u))]
    assert linalg.subtract(u, v) == [u[k] - v[k] for k in range(len(u))]
    assert linalg.scale(c, v) == [c * v[k] for k in range(len(v))]
    assert linalg.total(v) == sum(v)


def test_zeros_are_separate_rows_of_ints():
    Z = linalg.zeros(2, 3)
    assert Z == [[0, 0, 0], [0, 0, 0]]
    assert all(type(entry) is int for row in Z for entry in row)
    Z[0][0] = 1
    assert Z[1][0] == 0


def test_sums_run_from_left_to_right():
    """1e16 + 1 rounds to 1e16 (its neighbors are 2 apart), so the order decides the result."""
    assert linalg.total([1e16, 1.0, -1e16]) == 0.0  # a compensated sum gives 1.0
    assert linalg.total([1e16, -1e16, 1.0]) == 1.0
    assert linalg.affine([[1e16, 1.0, -1e16]], [0.0], [sparse([1.0, 1.0, 1.0])]) == [[0.0]]
    assert linalg.transpose_times([[1e16], [1.0], [-1e16]], [1.0, 1.0, 1.0]) == [0.0]


def test_affine_begins_with_the_bias():
    """1 + 1 = 2 is absorbed exactly by 1e16, 1 is not: the bias must be there before the rest."""
    assert linalg.affine([[1.0, 1e16, -1e16]], [1.0], [sparse([1.0, 1.0, 1.0])]) == [[2.0]]
    assert linalg.affine([[1e16, -1e16]], [1.0], [sparse([1.0, 1.0])]) == [[0.0]]


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_argmax_is_the_first_of_the_largest(v):
    k = linalg.argmax(v)
    assert all(v[k] >= entry for entry in v)
    assert all(v[k] > entry for entry in v[:k])


def test_argmax_of_complex_numbers_goes_by_the_real_part():
    assert linalg.argmax([1 + 9j, 2 - 1j, 0j]) == 1


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_vectorized_result(j_and_size):
    j, size = j_and_size
    e = vectorized_result(j, size)
    assert len(e) == size and e[j] == 1 and e.count(0) == size - 1


def test_vectorized_result_has_ten_entries_as_in_nielsens():
    assert vectorized_result(3) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("j, size, sentence", [
    (10, 10, "the class 10 is not one of 0 to 9"),
    (-1, 10, "the class -1 is not one of 0 to 9"),
    (3, 3, "the class 3 is not one of 0 to 2"),
])
def test_vectorized_result_of_no_class(j, size, sentence):
    with pytest.raises(ValueError) as caught:
        vectorized_result(j, size)
    assert str(caught.value) == sentence
