"""The right answer to a case, and how far a right program may be from it.

The answer is the reference itself, run on numbers of fifty digits that carry the rounding error
a program can have made (see bounded.py).  But a right program need not use the reference's
formulas: σ′ is as well a(1 − a), tanh′ is 1 − a², a logarithm may be taken of a.  Such formulas
have larger rounding errors: 1 − a knows nothing below 10⁻¹⁶, where σ′(z) computed from z has all
its digits.  So wherever formulas are in common use beside the reference's, all of them are
computed, each with its own error, and the widest is allowed (``widest``): in every place, so that
every mixture is allowed, too.

A formula is not allowed where it breaks down.  For z = 40 the float a is 1, and ln(1 − a) is −∞.
Its error bound is infinite there, and that is the sign to leave it out.
"""
from __future__ import annotations

from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

from purenn.activations import (
    Activation,
    Identity,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    neuron_by_neuron,
    relu,
    relu_prime,
    sigmoid,
    sigmoid_prime,
    softmax,
    softmax_backward,
    tanh,
    tanh_prime,
)
from purenn.costs import (
    Cost,
    CrossEntropyCost,
    LogLikelihoodCost,
    QuadraticCost,
    cross_entropy,
    delta_without_prime,
    log_likelihood,
    quadratic,
    quadratic_delta,
)
from purenn.crosscheck.questions.by_reference import Answer, answer_of
from purenn.crosscheck.questions.cases import Case, with_numbers
from purenn.crosscheck.truth.bounded import (
    DIGITS,
    ONE,
    Bounded,
    Float32,
    Float64,
    power_of_two,
    spread,
    widest,
)
from purenn.elementary import exp, log, log1p, magnitude
from purenn.linalg import Number, Vector, argmax, subtract, total


class Program64(Float64):
    """A number in somebody else's float64 program.

    Each operation of the reference is charged two roundings, since it may be two there: x/m as
    x · (1/m), for instance, or a square as the square of a root.
    """

    __slots__ = ()
    UNIT = 2 * Float64.UNIT


class Program32(Float32):
    """A number in somebody else's float32 program."""

    __slots__ = ()
    UNIT = 2 * Float32.UNIT


class Program16(Float32):
    """A number in somebody else's float16 program."""

    __slots__ = ()
    BITS, LEAST, UNIT = 11, power_of_two(-14), 2 * power_of_two(-11)


class ProgramB16(Float32):
    """A number in somebody else's bfloat16 program."""

    __slots__ = ()
    BITS, LEAST, UNIT = 8, power_of_two(-126), 2 * power_of_two(-8)


#: the precisions that can be asked for, and those that are only recognized
PRECISIONS: dict[str, type[Bounded]] = {"float64": Program64, "float32": Program32}
NARROW: dict[str, type[Bounded]] = {"float32": Program32, "float16": Program16,
                                    "bfloat16": ProgramB16}
NUMBERS = {**PRECISIONS, **NARROW}


def truth(case: Case, precision: str) -> Answer:
    """The right answer, in ``Bounded`` numbers of the program's precision."""
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        return answer_of(with_numbers(case, NUMBERS[precision]), ALLOWED_ACTIVATIONS,
                         ALLOWED_COSTS)


# The formulas in common use, for each function the reference's own first.
#
# A formula's own rounding errors are found at z taken as exact.  What the error e of z adds is
# found from the derivative instead, since in a formula that uses z twice, each with an error of its
# own, it would be counted double in every layer.  For σ, |σ″| ≤ σ′, so that σ′(z + t) is at most
# σ′(z) e^|t|, and between z − e and z + e both σ and σ′ change by no more than σ′(z) (e^e − 1).  In
# the same way |tanh″| ≤ 2 tanh′, which makes it tanh′(z) (e^2e − 1), and half of that for tanh.

def allowed(first: Bounded, *others: Bounded) -> Bounded:
    """The widest of those formulas that do not break down here."""
    return widest(first, *(number for number in others if number.error.is_finite()))


def _inheriting(own: Bounded, error: Decimal) -> Bounded:
    """The number with a further error."""
    return own.with_error(own.value, own.error + error)


def any_sigmoid(z: Bounded) -> Bounded:
    x = z.exactly()
    own = allowed(sigmoid(x), 1 / (1 + exp(-x)), (1 + tanh(x / 2)) / 2)
    return _inheriting(own, sigmoid_prime(x).value * spread(z.error)) if z.error else own


def any_sigmoid_prime(z: Bounded) -> Bounded:
    x = z.exactly()
    a = any_sigmoid(x)
    own = allowed(sigmoid_prime(x), a * (1 - a))
    return _inheriting(own, own.value * spread(z.error))


def any_tanh(z: Bounded) -> Bounded:
    x = z.exactly()
    up, down, square = exp(x), exp(-x), exp(2 * x)
    own = allowed(tanh(x), 2 / (1 + exp(-2 * x)) - 1, (up - down) / (up + down),
                  (square - 1) / (square + 1))
    return _inheriting(own, tanh_prime(x).value * spread(2 * z.error) / 2) if z.error else own


def any_tanh_prime(z: Bounded) -> Bounded:
    x = z.exactly()
    a = any_tanh(x)
    own = allowed(tanh_prime(x), 1 - a * a)
    return _inheriting(own, own.value * spread(2 * z.error))


def any_relu(z: Bounded) -> Bounded:
    return z.with_error(relu(z).value, z.error)


def any_relu_prime(z: Bounded) -> Bounded:
    """Where rounding can carry z across 0, the slope may come out as 0 and as 1."""
    slope = z * 0 + relu_prime(z)
    return slope.with_error(slope.value, ONE) if 0 < z.error >= abs(z.value) else slope


def any_softmax(z: Vector) -> Vector:
    """Shifted and not.  Each a_j is changed by errors up to e by a factor of at most e^2e."""
    x = [z_j.exactly() for z_j in z]
    exponentials = [exp(x_j) for x_j in x]
    s = total(exponentials)
    growth = spread(2 * max(z_j.error for z_j in z))
    own = [allowed(a_j, e / s) for a_j, e in zip(softmax(x), exponentials)]
    return [_inheriting(a_j, a_j.value * growth) for a_j in own]


def any_softmax_backward(v: Vector, z: Vector) -> Vector:
    """The reference's formula, and the Jacobian matrix written out."""
    a = any_softmax(z)
    mean = total([v_j * a_j for v_j, a_j in zip(v, a)])
    products = [total([v_j * (a_j * ((j == k) - a_k)) for j, (v_j, a_j) in enumerate(zip(v, a))])
                for k, a_k in enumerate(a)]
    return [allowed(known, a_k * (v_k - mean), product) for known, a_k, v_k, product
            in zip(softmax_backward(v, z), a, v, products)]


def any_cross_entropy(z: Vector, a: Vector, y: Vector) -> Bounded:
    """From z, from a, and as most libraries have it, max(0, z) − y z + ln(1 + exp(−|z|))."""
    from_a = -total([y_j * log(a_j) + (1 - y_j) * log(1 - a_j) for a_j, y_j in zip(a, y)])
    from_z = total([relu(z_j) - y_j * z_j + log1p(exp(-magnitude(z_j))) for z_j, y_j in zip(z, y)])
    return allowed(cross_entropy(z, a, y), from_a, from_z)


def any_cross_entropy_delta(z: Vector, a: Vector, y: Vector, output: Activation) -> Vector:
    """a − y, and the product (a − y)/(a(1 − a)) σ′(z) that it comes from."""
    result = []
    for z_j, d in zip(z, subtract(a, y)):
        x = z_j.exactly()
        a_j = any_sigmoid(x)
        result.append(allowed(d, d / (a_j * (1 - a_j)) * any_sigmoid_prime(x)))
    return result


def any_log_likelihood(z: Vector, a: Vector, y: Vector) -> Bounded:
    """From z, from a, and from the logarithm of the sum of exponentials, shifted and not."""
    from_a = -total([y_j * log(a_j) for a_j, y_j in zip(a, y)])
    top = z[argmax(z)]
    sums = (log(total([exp(z_k) for z_k in z])),
            top + log(total([exp(z_k - top) for z_k in z])))
    from_sums = [total([y_j * (log_sum - z_j) for z_j, y_j in zip(z, y)]) for log_sum in sums]
    return allowed(log_likelihood(z, a, y), from_a, *from_sums)


ALLOWED_ACTIVATIONS = {
    Sigmoid.name: neuron_by_neuron(Sigmoid.name, any_sigmoid, any_sigmoid_prime),
    Tanh.name: neuron_by_neuron(Tanh.name, any_tanh, any_tanh_prime),
    ReLU.name: neuron_by_neuron(ReLU.name, any_relu, any_relu_prime),
    Identity.name: Identity,
    Softmax.name: Activation(Softmax.name, any_softmax, any_softmax_backward),
}


def _with(cost: Cost, fn: Callable[..., Number], delta: Callable[..., Vector]) -> Cost:
    outputs = tuple(ALLOWED_ACTIVATIONS[output.name] for output in cost.outputs)
    return Cost(cost.name, outputs, fn, delta)


ALLOWED_COSTS = {
    QuadraticCost.name: _with(QuadraticCost, quadratic, quadratic_delta),
    CrossEntropyCost.name: _with(CrossEntropyCost, any_cross_entropy, any_cross_entropy_delta),
    LogLikelihoodCost.name: _with(LogLikelihoodCost, any_log_likelihood, delta_without_prime),
}
