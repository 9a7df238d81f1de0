"""Formulas derived by hand, for the tests to compare purenn with.

Nothing here calls purenn.  All numbers are decimals with fifty digits, made from the floats of a
test without any rounding: what is computed here is the truth, as far as a float is concerned.

The derivatives are not simplified where purenn's are: the two logarithmic costs are differentiated
with respect to the activations, and these with respect to z, without cancelling anything.
"""
from __future__ import annotations

import decimal
import functools
import math
from decimal import Decimal

FIFTY_DIGITS = decimal.Context(prec=50)


def in_fifty_digits(test):
    """Decorator: run the test with decimals of fifty digits."""
    @functools.wraps(test)
    def wrapper(*args, **kwargs):
        with decimal.localcontext(FIFTY_DIGITS):
            return test(*args, **kwargs)
    return wrapper


def exact(value):
    """The same value, or nested lists of values, as decimals without rounding."""
    if isinstance(value, (list, tuple)):
        return [exact(entry) for entry in value]
    return Decimal(value)


def flat(value):
    """All the numbers in nested lists or tuples, in order."""
    if isinstance(value, (list, tuple)):
        return [number for entry in value for number in flat(entry)]
    return [value]


def largest_difference(actual, expected):
    """The largest |actual − expected| of two nested lists of the same shape."""
    a, e = flat(actual), flat(expected)
    assert len(a) == len(e)
    return max(abs(Decimal(x) - Decimal(y)) for x, y in zip(a, e))


def ulp(true: Decimal) -> Decimal:
    """The distance between the floats where the true number lies: 2⁻⁵² of the power of two below
    it, but never less than 2⁻¹⁰⁷⁴."""
    nearest = float(abs(true))
    exponent = math.frexp(nearest)[1] if nearest else -1073
    if Decimal(nearest) > abs(true) and math.frexp(nearest)[0] == 0.5:  # rounded up to the power
        exponent -= 1
    return Decimal(2) ** max(exponent - 53, -1074)


VALUE = {
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "tanh": lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()),
    "relu": lambda z: z if z > 0 else Decimal(0),
    "identity": lambda z: z,
}

SLOPE = {
    "sigmoid": lambda z: VALUE["sigmoid"](z) * (1 - VALUE["sigmoid"](z)),
    "tanh": lambda z: 1 - VALUE["tanh"](z) ** 2,
    "relu": lambda z: Decimal(1) if z > 0 else Decimal(0),
    "identity": lambda z: Decimal(1),
}


def softmax(z):
    exponentials = [z_j.exp() for z_j in z]
    return [e / sum(exponentials) for e in exponentials]


def output(name, z):
    """The activations of a layer."""
    return softmax(z) if name == "softmax" else [VALUE[name](z_j) for z_j in z]


def jacobian(name, z):
    """J[j][k] = ∂a_j/∂z_k of a layer."""
    if name == "softmax":
        a = softmax(z)
        return [[a[j] * ((j == k) - a[k]) for k in range(len(z))] for j in range(len(z))]
    return [[SLOPE[name](z[j]) if j == k else Decimal(0) for k in range(len(z))]
            for j in range(len(z))]


def cost(name, a, y):
    """The cost of one example, as the textbooks write it."""
    if name == "quadratic":
        return sum((a_j - y_j) ** 2 for a_j, y_j in zip(a, y)) / 2
    if name == "cross-entropy":
        return -sum(y_j * a_j.ln() + (1 - y_j) * (1 - a_j).ln() for a_j, y_j in zip(a, y))
    assert name == "log-likelihood"
    return -sum(y_j * a_j.ln() for a_j, y_j in zip(a, y))


def cost_slope(name, a_j, y_j):
    """∂C/∂a_j."""
    if name == "quadratic":
        return a_j - y_j
    if name == "cross-entropy":
        return -y_j / a_j + (1 - y_j) / (1 - a_j)
    assert name == "log-likelihood"
    return -y_j / a_j


def output_error(cost_name, output_name, z, y):
    """δ_k = Σ_j ∂C/∂a_j ∂a_j/∂z_k."""
    a, J = output(output_name, z), jacobian(output_name, z)
    return [sum(cost_slope(cost_name, a[j], y[j]) * J[j][k] for j in range(len(z)))
            for k in range(len(z))]


def gradient_1_1(w, b, x, y, cost_name, output_name):
    """∂C/∂w and ∂C/∂b for one input and one output."""
    z = w[0][0][0] * x[0] + b[0][0]
    d = output_error(cost_name, output_name, [z], y)[0]
    return [[[d * x[0]]]], [[d]]


def gradient_2_1(w, b, x, y, cost_name, output_name):
    """∂C/∂w and ∂C/∂b for two inputs and one output."""
    z = w[0][0][0] * x[0] + w[0][0][1] * x[1] + b[0][0]
    d = output_error(cost_name, output_name, [z], y)[0]
    return [[[d * x[0], d * x[1]]]], [[d]]


def gradient_2_2_1(w, b, x, y, cost_name, output_name, hidden):
    """∂C/∂w and ∂C/∂b for two inputs, two hidden neurons, one output."""
    (v, u), (c, e) = w, b
    z0 = v[0][0] * x[0] + v[0][1] * x[1] + c[0]
    z1 = v[1][0] * x[0] + v[1][1] * x[1] + c[1]
    h0, h1 = VALUE[hidden](z0), VALUE[hidden](z1)
    d = output_error(cost_name, output_name, [u[0][0] * h0 + u[0][1] * h1 + e[0]], y)[0]
    d0 = d * u[0][0] * SLOPE[hidden](z0)
    d1 = d * u[0][1] * SLOPE[hidden](z1)
    return [[[d0 * x[0], d0 * x[1]], [d1 * x[0], d1 * x[1]]], [[d * h0, d * h1]]], [[d0, d1], [d]]


def gradient_2_3_2(w, b, x, y, cost_name, output_name, hidden, backward_weights=None):
    """∂C/∂w and ∂C/∂b for two inputs, three hidden neurons, two outputs.

    ``backward_weights`` stands in for the second layer's weights on the way back: the mistake of
    those who have updated them by then.
    """
    (v, u), (c, e) = w, b
    z0 = v[0][0] * x[0] + v[0][1] * x[1] + c[0]
    z1 = v[1][0] * x[0] + v[1][1] * x[1] + c[1]
    z2 = v[2][0] * x[0] + v[2][1] * x[1] + c[2]
    h0, h1, h2 = VALUE[hidden](z0), VALUE[hidden](z1), VALUE[hidden](z2)
    s0 = u[0][0] * h0 + u[0][1] * h1 + u[0][2] * h2 + e[0]
    s1 = u[1][0] * h0 + u[1][1] * h1 + u[1][2] * h2 + e[1]
    p, q = output_error(cost_name, output_name, [s0, s1], y)
    t = backward_weights or u
    d0 = (p * t[0][0] + q * t[1][0]) * SLOPE[hidden](z0)
    d1 = (p * t[0][1] + q * t[1][1]) * SLOPE[hidden](z1)
    d2 = (p * t[0][2] + q * t[1][2]) * SLOPE[hidden](z2)
    return ([[[d0 * x[0], d0 * x[1]], [d1 * x[0], d1 * x[1]], [d2 * x[0], d2 * x[1]]],
             [[p * h0, p * h1, p * h2], [q * h0, q * h1, q * h2]]],
            [[d0, d1, d2], [p, q]])
