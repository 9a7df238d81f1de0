"""The elementary steps, derivatives included, against fifty digits over the whole range of floats.

Expected values come from the definitions as the textbooks have them, on decimals with digits
enough that nothing cancels or rounds to 1.

Allowed is what the roundings come to at worst.  Count relative errors in units of 2⁻⁵³, which are
less than an ulp of whatever number: + * / cost one each, and an error of a part of a sum counts by
its share.  exp costs 1.7 (0.82 ulp, see floats.py), expm1 and log1p 2.  So σ has 1.7, 1 for the sum
and 1 for the quotient; σ′ = q/(1 + q)² has 1.7, twice 1 for the sum, 1 for the square and 1 for the
quotient, and tanh′(z) = 4σ′(2z) the same; below the normal floats, where exp is off by 0.91 of
their distance, the 4 makes 3.64 of that.  tanh = m/(2 + m) has at most twice the 1.9 of m, 1 and 1.
softplus has 1.7, 2 for log1p and 1 for the sum, and so have the costs with target 0 or 1; a soft
target adds 1 for 1 − y, 1 for the product and 1 for the sum.

That softmax and the log-likelihood are here with two outputs, one of which is 0, has a reason: of
other numbers, z_k − z_m is rounded, and e to a power d ≤ 745 that is off by 2⁻⁵³ d is off by d of
our units.  See test_activations.py and test_costs.py.
"""
from __future__ import annotations

import functools
import math
import sys
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

import pytest
from byhand import ulp
from hypothesis import given
from hypothesis import strategies as st

from purenn.activations import sigmoid, sigmoid_prime, softmax, tanh, tanh_prime
from purenn.costs import CrossEntropyCost, LogLikelihoodCost, softplus

#: beyond ±745.2 e⁻ᶻ is less than half the smallest float, and all is 0 or what it tends to
GRID = [k / 16 for k in range(-745 * 16, 745 * 16 + 1, 37)]
EDGES = [0.0, 5e-324, 1e-310, 2.3e-308, 1e-200, 1e-17, 1.2e-16, 1e-8, 0.34657, 0.69314718, 18.7,
         36.7, 37.4, 354.1, 372.5, 372.9, 708.3, 708.4, 709.8, 744.4, 745.0]


def two_outputs(z: float) -> float:
    """−ln a_0 for a = softmax([z, 0]), which is ln(1 + e⁻ᶻ)."""
    return LogLikelihoodCost.fn([z, 0.0], [], [1, 0])


def cross_entropy(y: float):
    """The cross-entropy of one neuron with target y, as a function of z."""
    return lambda z: CrossEntropyCost.fn([z], [], [y])


# The definitions, on decimals.

def logistic(z: Decimal) -> Decimal:
    return 1 / (1 + (-z).exp())


def rising(z: Decimal) -> Decimal:
    return (1 + z.exp()).ln()


def falling(z: Decimal) -> Decimal:
    return (1 + (-z).exp()).ln()


def mixed(z: Decimal) -> Decimal:
    """The cross-entropy with target 1/4."""
    return falling(z) / 4 + 3 * rising(z) / 4


#: name -> (the function, its definition, how many ulp it may be off)
FUNCTIONS = {
    "sigmoid": (sigmoid, logistic, 4),
    "sigmoid'": (sigmoid_prime, lambda z: (-z).exp() / (1 + (-z).exp()) ** 2, 6),
    "tanh": (tanh, lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()), 6),
    "tanh'": (tanh_prime, lambda z: (2 / (z.exp() + (-z).exp())) ** 2, 6),
    "softplus": (softplus, rising, 5),
    "softmax of two": (lambda z: softmax([z, 0.0])[0], logistic, 4),
    "cross-entropy, y = 0": (cross_entropy(0), rising, 5),
    "cross-entropy, y = 1": (cross_entropy(1), falling, 5),
    "cross-entropy, y = 1/4": (cross_entropy(0.25), mixed, 8),
    "log-likelihood of two": (two_outputs, falling, 5),
}


@functools.cache  # several functions share a definition, all of them a grid
def exactly(definition, z: float) -> Decimal:
    """The definition's value to fifty digits at least, with more on the way.

    What is lost: of 1 + e^z all digits of e^z if z is negative, a digit for each 2.3; and of
    e^z − e^−z for small z as many as z has zeros before its first digit.
    """
    lost = abs(z) / 2.3 + max(0, -math.frexp(z)[1]) / 3
    with localcontext(Context(prec=52 + math.ceil(lost), Emin=MIN_EMIN, Emax=MAX_EMAX)):
        return definition(Decimal(z))


def check(name: str, z: float) -> None:
    function, definition, bound = FUNCTIONS[name]
    truth = exactly(definition, z)
    assert abs(Decimal(function(z)) - truth) <= bound * ulp(truth), f"{name} of {z!r}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_bound_on_a_grid(name):
    for z in GRID + EDGES + [-z for z in EDGES]:
        check(name, z)


@pytest.mark.parametrize("name", FUNCTIONS)
@given(z=st.floats(-745, 745) | st.floats(-2, 2))
def test_the_bound_anywhere(name, z):
    check(name, z)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("z", [750.0, 1e4, 1e308, sys.float_info.max])
def test_nothing_overflows(name, z):
    """Beyond the grid all functions are their limits to the last bit, or the argument itself."""
    limits = {"sigmoid": (0, 1), "sigmoid'": (0, 0), "tanh": (-1, 1), "tanh'": (0, 0),
              "softplus": (0, z), "softmax of two": (0, 1), "cross-entropy, y = 0": (0, z),
              "cross-entropy, y = 1": (z, 0), "cross-entropy, y = 1/4": (0.25 * z, 0.75 * z),
              "log-likelihood of two": (z, 0)}
    function, _, _ = FUNCTIONS[name]
    assert (function(-z), function(z)) == limits[name]


def test_softmax_of_far_apart_inputs():
    assert softmax([1e4, -1e4, 0]) == [1, 0, 0]
    assert softmax([-1e4, 0, 1e4]) == [0, 0, 1]
    assert softmax([1e308, -1e308, 0.0]) == [1, 0, 0]
