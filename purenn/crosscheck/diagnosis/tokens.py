"""What an explanation is made of: entries of the catalogue, and relations read off the numbers.

A *token* is either.  It has a price: the cheapest explanation of all the numbers is the one that is
given.  The unit is a mistake.  A convention is a little more, so that of two that nothing tells
apart the mistake comes first; a factor that can be said in the case's own quantities is more than
an entry that says why, and a bare constant nearly two mistakes.  What has been used in one block
costs little in the next.  A block that is left unexplained costs more than two mistakes and less
than four: two that fit are believed, four are a coincidence.
"""
from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Callable, NamedTuple

from purenn.activations import Activation
from purenn.crosscheck.catalogue.cost import floored
from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES
from purenn.crosscheck.catalogue.recipe import (
    Change,
    Mistake,
    after,
    cost_changed,
    replaced,
    together,
)
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import (
    BACK,
    COST,
    DELTA,
    FORWARD,
    GRAD_B,
    GRAD_W,
    RIGHT,
    STEP_B,
    STEP_W,
    TOTAL,
    blocks_of,
    rows,
    step_vector,
)
from purenn.crosscheck.truth.compare import nearly
from purenn.linalg import Matrix, Vector, add, scale
from purenn.network import Layer

MISTAKE, CONVENTION, NAMED, CONSTANT, SCOPE, AGAIN, FACTOR_AGAIN, UNEXPLAINED, PLAIN, ROUGH = (
    1.0, 1.06, 1.15, 1.8, 0.3, 0.12, 0.25, 3.2, 0.95, 2.4)

#: what it costs to say another value of the same scope
ONE_MORE = 0.02


@dataclass(frozen=True, eq=False)
class Token:
    """A part of an explanation.  There is one of each, so that they are compared by identity."""

    #: the entry's id, or the relation in a few characters
    id: str
    price: float
    blocks: frozenset[str]
    #: (case, layer) -> the change of the recipe
    change: Callable[[Case, int], Change]
    #: the entry of the catalogue, or None for a relation
    entry: Mistake | None = None
    #: of a relation: what it is, and what to do
    sentence: str = ""
    instead: str = ""
    #: whether the change depends on the layer
    by_layer: bool = False
    #: (numbers given, numbers predicted) -> what is allowed beside those given, for a relation that
    #: no change of a recipe can express
    beside: Callable[[list[float], list[float]], list[float]] | None = None
    #: the numbers are near the right ones, but what was used instead of these is not known
    inexact: bool = False
    #: stands for the program's own δ where nothing explains a layer
    own: bool = False
    #: stands for a block that nothing explains
    unexplained: bool = False
    #: place in the catalogue, which decides between equals
    order: int = 0

    @property
    def convention(self) -> bool:
        return self.entry is not None and self.entry.convention

    @property
    def again(self) -> float:
        """What it costs to use it in another block."""
        return AGAIN if self.entry is not None else FACTOR_AGAIN


def of_entry(order: int, entry: Mistake) -> Token:
    price = CONVENTION if entry.convention else MISTAKE
    if entry.id == "log-of-rounded-a":
        price = PLAIN
    return Token(entry.id, price,
                 blocks_of(entry.change(RIGHT)), lambda case, l: entry.change, entry, order=order)


_SOLVED: dict[str, Token] = {}


def solved(entry: Mistake) -> Token:
    """The token of an entry whose ε was solved for."""
    known = next((token for token in catalogue() if token.id == entry.id), None)
    return known or _SOLVED.setdefault(entry.id, of_entry(len(catalogue()), entry))


@cache
def catalogue() -> tuple[Token, ...]:
    """The entries of the catalogue that compute otherwise, in its order."""
    return tuple(of_entry(k, entry) for k, entry in enumerate(MISTAKES + CONVENTIONS))


#: the mistake that no variant can reproduce to the last bit
LOST = next(token for token in catalogue() if token.id == "log-of-rounded-a")

#: those that cut a logarithm off at an ε
WITH_EPSILON = tuple(token for token in catalogue()
                     if token.id.startswith(("log-clipped-", "log-plus-", "log-floored-")))
NO_EPSILON = of_entry(0, floored(1e-100))

#: a block that nothing explains; and a layer of which the program's own δ is taken instead
NOTHING = Token("?", UNEXPLAINED, frozenset(), lambda case, l: together(), unexplained=True)
OWN_DELTA = Token("own", UNEXPLAINED, frozenset(), lambda case, l: together(), own=True,
                  unexplained=True)


#: numbers that are not finite where nothing else explains it
NOT_FINITE = Token(
    "not finite", MISTAKE, frozenset(), lambda case, l: together(), None,
    "the numbers are not finite here: an exponential overflows, or 0 is divided by 0",
    "take exponentials of −|z| alone, and cancel on paper what would be 0/0", order=10 ** 6)

#: where the new weights alone are given
EVERY_EXAMPLE = Token(
    "step after every example", NAMED, frozenset([STEP_W, STEP_B]), lambda case, l: together(),
    None, "a step is taken after every example, and the next one meets the new weights",
    "add up the gradients of the whole mini-batch, and take one step with their mean",
    order=10 ** 6)

#: the biases' part of a step that learns in two
AFTER_WEIGHTS = Token(
    "biases after weights", NAMED, frozenset([GRAD_B, STEP_B]), lambda case, l: together(), None,
    "the biases are stepped after the weights, with the gradient of another pass, through the new "
    "weights", "find all gradients in one pass, and step with them", order=10 ** 6)


@cache
def dropout(c: float) -> Token:
    """Hidden activations are 0 or c times right, and so is what comes back through them."""
    def error(delta: Vector, v: Vector, layers: list[Layer], l: int, activation: Activation
              ) -> Vector:
        whole = activation.forward(layers[l].z)
        return [d * (a / f) if f else d for d, a, f in zip(delta, layers[l].a, whole)]
    return Token(
        "dropout", NAMED, frozenset([FORWARD, BACK]), lambda case, l: after("error", error), None,
        f"every activation is 0 or {c:.4g} times what it should be: dropout is left on",
        "switch dropout off where one step is compared, and where the network is tested",
        beside=lambda mine, other: [c * y if x else 0.0 for x, y in zip(mine, other)],
        order=10 ** 6)


@cache
def approximate(digits: int) -> Token:
    """Activations that are right to so many digits after the point."""
    within = 10.0 ** -digits
    power = "10⁻" + str(digits).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return Token(
        f"right to {power}", ROUGH - 0.01 * digits, frozenset([FORWARD]),
        lambda case, l: together(), None, f"the activations are right to about {power} only, as if "
        "from a table, or by an approximate formula",
        "compute the activation by its formula, with the exponential of your library",
        beside=lambda mine, other: [x if abs(x - y) <= within else y
                                    for x, y in zip(mine, other)], inexact=True, order=10 ** 6)


@cache
def rounded_to(decimals: int) -> Token:
    """Activations that are rounded to so many decimals."""
    return replace(
        approximate(decimals), id=f"rounded to {decimals}", price=ROUGH - 0.1 - 0.01 * decimals,
        sentence=f"the activations are rounded to {decimals} decimals, and used so",
        instead="round nothing but what you print for people")


_LIMITED: dict[tuple[Token, frozenset[int]], Token] = {}


def limited(token: Token, layers: frozenset[int]) -> Token:
    """The token in some layers alone, which are counted from the first after the input."""
    key = (token, layers)
    if key not in _LIMITED:
        _LIMITED[key] = replace(token, by_layer=True, change=lambda case, l: (
            token.change(case, l) if l in layers else together()))
    return _LIMITED[key]


# Factors.

class Factor(NamedTuple):
    """A number said in a case's own quantities."""

    name: str
    #: (case, layer after the input) -> its value
    value: Callable[[Case, int], float]
    #: what it is, to follow "times what it should be"
    words: str = ""
    price: float = NAMED


def _m(case: Case, l: int) -> float:
    return len(case.mini_batch)


#: η, n and the like: what a factor may be, or one over it
_QUANTITIES = (
    Factor("m", _m, "the size of the mini-batch"),
    Factor("n", lambda case, l: case.n, "the size of the training set"),
    Factor("η", lambda case, l: case.eta, "the learning rate"),
    Factor("n_out", lambda case, l: case.sizes[-1], "the number of outputs"),
    Factor("n_in", lambda case, l: case.sizes[0], "the number of inputs"),
    Factor("fan_out", lambda case, l: case.sizes[l + 1], "the number of neurons in the layer"),
    Factor("fan_in", lambda case, l: case.sizes[l], "the number of neurons in the layer below"),
)
_NUMBERS = (Factor("−1", lambda case, l: -1.0), Factor("2", lambda case, l: 2.0),
            Factor("½", lambda case, l: 0.5))


def _over(factor: Factor) -> Factor:
    return Factor(f"1/{factor.name}", lambda case, l: 1 / factor.value(case, l),
                  f"one over {factor.words}")


def _product(a: Factor, b: Factor) -> Factor:
    return Factor(f"{a.name} {b.name}", lambda case, l: a.value(case, l) * b.value(case, l),
                  b.words, NAMED + 0.95)


@cache
def factors() -> tuple[Factor, ...]:
    """All factors that have a name, the simplest first."""
    single = _NUMBERS + _QUANTITIES + tuple(map(_over, _QUANTITIES))
    again = Factor("ηᵏ", lambda case, l: case.eta ** (len(case.weights) - 1 - l),
                   "the learning rate once for every layer from the output down to this one")
    ratios = tuple(_product(a, _over(b)) for a in _QUANTITIES[:4] for b in _QUANTITIES[:4]
                   if a is not b)
    return single + (again,) + tuple(_product(a, b) for a in _NUMBERS for b in single[3:]) + ratios


def constant(c: float) -> Factor:
    """A number that is no more than that, if it has few digits."""
    near = float(f"{c:.6g}")
    c = near if math.isclose(c, near, rel_tol=1e-9) else c
    return Factor(f"{c:.6g}".replace("-", "−"), lambda case, l: c, "", CONSTANT)


def named(c: float, case: Case, l: int) -> list[Factor]:
    """The factors with a name that are c in this layer of this case."""
    return [f for f in factors() if math.isclose(f.value(case, l), c, rel_tol=1e-7)]


#: what a factor may be multiplied into: the blocks that it acts in, its subject in words with the
#: verb, and (factor) -> change
_TARGETS: dict[str, tuple[frozenset[str], str, Callable[[float], Change]]] = {
    "costs": (frozenset([COST]), "the cost of an example is",
              lambda c: after("each", lambda costs, *_: scale(c, costs))),
    "mean": (frozenset([TOTAL]), "the mean of the costs in the total is",
             lambda c: after("mean", lambda mean, *_: c * mean)),
    "decay cost": (frozenset([TOTAL]), "the weight decay term in the total cost is",
                   lambda c: after("decay_cost", lambda d, *_: c * d)),
    "δ": (frozenset([DELTA, BACK]), "δ is", lambda c: together(
        cost_changed("", delta=lambda old, z, a, y, output: scale(c, old(z, a, y, output))),
        after("error", lambda delta, *_: scale(c, delta)))),
    "gradient": (frozenset([GRAD_W, GRAD_B]), "the gradient of weights and biases is",
                 lambda c: together(
                     after("mean_w", lambda W, *_: rows(lambda row: scale(c, row), W)),
                     after("mean_b", lambda b, *_: scale(c, b)))),
    "weight gradient": (frozenset([GRAD_W]), "the weight gradient is", lambda c: after(
        "mean_w", lambda W, *_: rows(lambda row: scale(c, row), W))),
    "bias gradient": (frozenset([GRAD_B]), "the bias gradient is",
                      lambda c: after("mean_b", lambda b, *_: scale(c, b))),
    "step": (frozenset([STEP_W, STEP_B]), "the step is",
             lambda c: after("rates", lambda rates, case: scale(c, rates))),
    "weights' step": (frozenset([STEP_W]), "the step of the weights is",
                      lambda c: after("rates", lambda rates, case: [c * rates[0], rates[1]])),
    "biases' step": (frozenset([STEP_B]), "the step of the biases is",
                     lambda c: after("rates", lambda rates, case: [rates[0], c * rates[1]])),
    "decay": (frozenset([STEP_W]), "the weight decay in the step is",
              lambda c: after("decay", lambda d, case: 1 - c * (1 - d))),
}


def scaled(target: str, factor: Factor) -> Token:
    """The relation that something is multiplied by a factor."""
    key = (target, factor.name)
    if key not in _SCALED:
        _SCALED[key] = _scaled(target, factor)
    return _SCALED[key]


_SCALED: dict[tuple[str, str], Token] = {}


def _scaled(target: str, factor: Factor) -> Token:
    blocks, subject, change = _TARGETS[target]
    words = {"2": "twice what it should be", "½": "half what it should be",
             "−1": "minus what it should be: its sign is wrong"}.get(
        factor.name, f"{factor.name} times what it should be")
    return Token(f"{target} × {factor.name}", factor.price, blocks,
                 lambda case, l: change(factor.value(case, l)), None,
                 f"{subject} {words}" + (f" ({factor.words})" if factor.words else ""),
                 f"look for what multiplies it by {factor.name}", by_layer=True, order=10 ** 6)


# Weight decay that stands in a gradient.

_DECAYS = (
    Factor("λ/n", lambda case, l: case.lmbda / case.n),
    Factor("λ/m", lambda case, l: case.lmbda / _m(case, l)),
    Factor("λ", lambda case, l: case.lmbda),
    Factor("2λ/n", lambda case, l: 2 * case.lmbda / case.n),
    Factor("2λ", lambda case, l: 2 * case.lmbda),
    Factor("λ/2n", lambda case, l: case.lmbda / (2 * case.n)),
    Factor("λ/(n m)", lambda case, l: case.lmbda / (case.n * _m(case, l))),
    Factor("ηλ/n", lambda case, l: case.eta * case.lmbda / case.n),
)


def decays_in_gradient(c: float, parts: str, case: Case) -> list[Token]:
    """What adds c w to the weight gradient ("w"), c b to the bias gradient ("b"), or both."""
    return [_decay_in(parts, factor) for factor in _DECAYS
            if math.isclose(factor.value(case, 0), c, rel_tol=1e-6)
            and (factor.name, parts) != ("λ/n", "w")]  # which is a convention of the catalogue


@cache
def _decay_in(parts: str, factor: Factor) -> Token:
    def shown_w(shown: Matrix, g: Matrix, W: Matrix, case: Case) -> Matrix:
        c = factor.value(case, 0)
        return [add(row_g, scale(c, row)) for row_g, row in zip(shown, W)]

    def shown_b(shown: Vector, g: Vector, b: Vector, case: Case) -> Vector:
        return add(shown, scale(factor.value(case, 0), b))
    change = together(*[after(*piece) for part, piece in (
        ("w", ("show_w", shown_w)), ("b", ("show_b", shown_b))) if part in parts])
    if "w" in parts:  # the step is taken with it, and has no other decay
        change = together(change, replaced(
            decay=lambda case: 1 - case.eta * factor.value(case, 0)))
    if parts == "wb":
        change = together(change, replaced(update_b=step_vector))
    what = {"w": f"nabla_w has + {factor.name} times the weights",
            "b": f"nabla_b has + {factor.name} times the biases",
            "wb": f"nabla_w and nabla_b have + {factor.name} times weights and biases"}[parts]
    return Token(f"decay in the gradient ({parts}) × {factor.name}", NAMED,
                 frozenset(block for part in parts for block in {
                     "w": (GRAD_W, STEP_W), "b": (GRAD_B, STEP_B)}[part]),
                 lambda case, l: change, None, f"weight decay is part of the gradient: {what}",
                 "the gradient of (λ/2n) Σ w² is (λ/n) w; biases do not decay, and nabla_w and "
                 "nabla_b are given without it", order=10 ** 6)


def ratio(mine: list[float], other: list[float], tolerances: list[float], unit: float
          ) -> float | None:
    """The factor between two rows of numbers, if there is one."""
    if len(mine) != len(other) or not other:
        return None
    k = max(range(len(other)), key=lambda i: abs(other[i]) if math.isfinite(other[i]) else -1.0)
    if not (other[k] and math.isfinite(mine[k]) and math.isfinite(other[k]) and mine[k]):
        return None
    c = mine[k] / other[k]
    widened: list[Any] = [t * max(1.0, abs(c)) for t in tolerances]
    return c if nearly(mine, [c * x for x in other], widened, unit) else None
