"""How the formulas of the reference are written: in symbols, and with the numbers put in.

Neurons are counted from 1, as on paper; layers from 0, which is the input.  The functions return
text in the notation of ``page``, or blocks of a page.  The formulas are those that a person would
use with a calculator; where such a formula would lose its digits in the numbers shown, the one that
the reference computes with replaces it.
"""
from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from types import ModuleType
from typing import Callable, NamedTuple

from purenn import activations
from purenn.activations import Activation, Identity, ReLU, Sigmoid, Softmax, Tanh
from purenn.costs import CrossEntropyCost, LogLikelihoodCost, QuadraticCost
from purenn.elementary import magnitude
from purenn.explain.page import Block, Equations, Formula, Paragraph, lowered, raised
from purenn.linalg import Number, Vector, argmax
from purenn.network import Layer
from purenn.terminal.source import line_of

LONGEST_FRACTION = 30  # characters; what is longer is shown in decimals
#: Beyond this |z| three or more of the shown decimals of 1 − σ(z) and of 1 − tanh²(z) are zeros.
SATURATED = 7


Show = Callable[[Number], str]


def shown(x: Number, digits: int) -> str:
    """A number with so many decimals, or, if it is very small or large, so many digits.

    A fraction is shown as a fraction, unless it is too long.
    """
    if isinstance(x, (int, Fraction)):
        text = str(x)
        if len(text) <= LONGEST_FRACTION:
            return text.replace("-", "−")
        x = Decimal(x.numerator) / Decimal(x.denominator)
    d = Decimal(str(x))
    if not d.is_finite():
        return str(x).replace("-", "−")
    size, exponent = abs(d), ""
    text = f"{size:.{digits}f}"
    if size >= 10 ** digits or size < 10 ** -(digits / 2) and Decimal(text) != size:
        text, _, exponent = f"{size:.{digits - 1}e}".partition("e")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("−" if d < 0 else "") + text + (f"e{int(exponent)}" if exponent else "")


def equals(x: Number, show: Show) -> str:
    """A number as the last step of an equation; ≈ stands before a fraction not shown in full."""
    text = show(x)
    whole = not isinstance(x, Fraction) or text == str(x).replace("-", "−")
    return ("= " if whole else "≈ ") + text


def factor(x: Number, show: Show) -> str:
    """A number as a factor, or after a minus: in parentheses if it is negative."""
    text = show(x)
    return f"({text})" if text.startswith("−") else text


def squared(x: Number, show: Show) -> str:
    """The square of a number, written out."""
    text = show(x)
    return (f"({text})" if set("−/e") & set(text) else text) + "²"


def plus(terms: Sequence[str]) -> str:
    """The terms of a sum; (−3) at the end of a sum becomes − 3."""
    text = terms[0]
    for term in terms[1:]:
        text += " − " + term[1:] if term.startswith("−") else " + " + term
    return text


def part(x: Number, divisor: object, show: Show) -> str:
    """x/divisor, with x in parentheses if it is a fraction itself."""
    text = show(x)
    return f"({text})/{divisor}" if "/" in text else f"{text}/{divisor}"


def symbol(letter: str, layer: int, *neurons: int) -> str:
    """A letter with its layer and neurons, which code counts from 0 and the page from 1."""
    return letter + raised(layer) + lowered(*[neuron + 1 for neuron in neurons])


def place(*labels: tuple[str, ModuleType], from_z: bool = False) -> str:
    """Where the reference computes something; empty if purenn is installed without its source.

    ``from_z`` says that the code there takes z where the formula on the page takes a, so that who
    looks the line up is not puzzled.
    """
    try:
        places = [f"{module.__name__.rpartition('.')[2]}.py line {line_of(label, module)}"
                  for label, module in labels]
    except OSError:
        return ""
    return ", ".join(places) + ", computed from z" * from_z


# --- how the activations are written ----------------------------------------------------------

class Neuron(NamedTuple):
    """How a function of a single z is written; {z} is z, {−z} is −z, {|z|} its size, {a} f(z)."""

    function: str
    definition: str
    value: str
    code: str
    prime: str
    saturated_prime: str  # empty if prime loses no digits
    prime_code: str


NEURONS = {
    Sigmoid.name: Neuron("σ", "1/(1 + exp({−z}))", "1/(1 + exp({−z}))", "def sigmoid(",
                         "{a} · (1 − {a})",
                         "exp(−{|z|})/(1 + exp(−{|z|}))²", "def sigmoid_prime("),
    Tanh.name: Neuron("tanh", "(exp({z}) − exp({−z}))/(exp({z}) + exp({−z}))", "tanh({z})",
                      "def tanh(", "1 − ({a})²",
                      "4 · exp(−2 · {|z|})/(1 + exp(−2 · {|z|}))²", "def tanh_prime("),
    ReLU.name: Neuron("ReLU", "max(0, {z})", "max(0, {z})", "def relu(",
                      "ReLU′({z})", "", "def relu_prime("),
}


def written(template: str, z: str, minus_z: str, size_of_z: str, a: str) -> str:
    """A template of Neuron with symbols or with numbers put in."""
    for name, text in (("{z}", z), ("{−z}", minus_z), ("{|z|}", size_of_z), ("{a}", a)):
        template = template.replace(name, text)
    return template


def in_symbols(template: str, z: str, a: str) -> str:
    return written(template, z, "−" + z, f"|{z}|", a).replace(" · ", " ")


def in_numbers(template: str, z: Number, a: Number, show: Show) -> str:
    return written(template, show(z), show(-z), show(magnitude(z)), show(a))


def activation_rows(activation: Activation, l: int, layer: Layer, show: Show) -> list[Block]:
    """a = f(z) for every neuron of layer l."""
    z_j, a_j = f"z{raised(l)}ⱼ", f"a{raised(l)}ⱼ"
    zs = [symbol("z", l, j) for j in range(len(layer.z))]
    rows: list[tuple[str, ...]] = []
    if activation.name == Softmax.name:
        formula = f"{a_j} = exp({z_j})/Σₖ exp(z{raised(l)}ₖ)"
        sums = [plus([f"exp({z})" for z in texts]) for texts in (zs, list(map(show, layer.z)))]
        for j, a in enumerate(layer.a):
            rows.append((symbol("a", l, j), f"= exp({zs[j]})/({sums[0]})",
                         f"= exp({show(layer.z[j])})/({sums[1]})", equals(a, show)))
        return [Formula(formula, "", place(("def softmax(", activations))), Equations(rows)]
    if activation.name == Identity.name:
        rows = [(symbol("a", l, j), f"= {zs[j]}", equals(a, show)) for j, a in enumerate(layer.a)]
        return [Formula(f"{a_j} = {z_j}", "", place(("Identity =", activations))), Equations(rows)]
    neuron = NEURONS[activation.name]
    for j, (z, a) in enumerate(zip(layer.z, layer.a)):
        rows.append((symbol("a", l, j), f"= {neuron.function}({zs[j]})",
                     f"= {in_numbers(neuron.value, z, a, show)}", equals(a, show)))
    formula = (f"{a_j} = {neuron.function}({z_j}) = "
               + in_symbols(neuron.definition, z_j, a_j))
    return [Formula(formula, "", place((neuron.code, activations))), Equations(rows)]


def slopes(activation: Activation, layer: Layer) -> Vector:
    """σ′(z) of a layer whose neurons work each on their own: what they make of a vector of ones."""
    return activation.backward([1] * len(layer.z), layer.z)


def slope_rows(activation: Activation, l: int, layer: Layer, show: Show) -> list[Block]:
    """f′(z) for every neuron of layer l; of the identity it is 1, and there is nothing to say."""
    if activation.name not in NEURONS:
        return []
    neuron = NEURONS[activation.name]
    rows: list[tuple[str, ...]] = []
    for j, (z, a, slope) in enumerate(zip(layer.z, layer.a, slopes(activation, layer))):
        z_j, a_j = symbol("z", l, j), symbol("a", l, j)
        left = f"{neuron.function}′({z_j})"
        template = neuron.prime
        if magnitude(z) > SATURATED and neuron.saturated_prime:
            template = neuron.saturated_prime
        middle = in_symbols(template, z_j, a_j)
        numbers = f"= {in_numbers(template, z, a, show)}"
        rows.append((left, *([f"= {middle}"] if middle != left else []), numbers,
                     equals(slope, show)))
    z_j, a_j = f"z{raised(l)}ⱼ", f"a{raised(l)}ⱼ"
    formula = f"{neuron.function}′({z_j}) = " + (
        f"1 if {z_j} > 0, else 0" if activation is ReLU else in_symbols(neuron.prime, z_j, a_j))
    where = place((neuron.prime_code, activations), from_z=activation is not ReLU)
    blocks: list[Block] = [Formula(formula, "", where)]
    if neuron.saturated_prime and any(magnitude(z) > SATURATED for z in layer.z):
        blocks.append(Paragraph(
            "A neuron here is saturated: so near its limit that the formula with $a$ loses most of "
            "its digits. There the slope is worked out from $z$, as purenn always does."))
    return blocks + [Equations(rows)]


# --- how the costs are written ----------------------------------------------------------------

def quadratic_terms(L: int, top: Layer, y: Vector, show: Show) -> tuple[str, str, str, str]:
    """½ Σ (a − y)²: the definition, the terms in symbols, with numbers put in, and a remark."""
    up = raised(L)
    symbols = [f"({symbol('a', L, j)} − y{lowered(j + 1)})²" for j in range(len(y))]
    numbers = [f"({show(a)} − {factor(y_j, show)})²" for a, y_j in zip(top.a, y)]
    around = "½ [{}]" if len(y) > 1 else "½ {}"
    return f"½ Σⱼ (a{up}ⱼ − yⱼ)²", around.format(plus(symbols)), around.format(plus(numbers)), ""


def cross_entropy_terms(L: int, top: Layer, y: Vector, show: Show) -> tuple[str, str, str, str]:
    """−Σ [y ln a + (1 − y) ln(1 − a)], or from z where a is saturated, as quadratic_terms."""
    up = raised(L)
    symbols, numbers, note = [], [], ""
    if any(magnitude(z) > SATURATED for z in top.z):
        template = "{y} · ln(1 + exp({−z})) + (1 − {y}) · ln(1 + exp({z}))"
        around = "{}"
        definition = f"Σⱼ [yⱼ ln(1 + exp(−z{up}ⱼ)) + (1 − yⱼ) ln(1 + exp(z{up}ⱼ))]"
        note = (f"This is $−Σⱼ [yⱼ ln a{up}ⱼ + (1 − yⱼ) ln(1 − a{up}ⱼ)]$, worked out from $z$, as "
                "purenn always does: an output is so near 0 or 1 here that the logarithms have "
                "lost their digits.")
    else:
        template = "{y} · ln {a} + (1 − {y}) · ln(1 − {a})"
        around = "−[{}]"
        definition = f"−Σⱼ [yⱼ ln a{up}ⱼ + (1 − yⱼ) ln(1 − a{up}ⱼ)]"
    for j, (z, a, y_j) in enumerate(zip(top.z, top.a, y)):
        symbols.append(in_symbols(template, symbol("z", L, j), symbol("a", L, j))
                       .replace("{y}", f"y{lowered(j + 1)}"))
        numbers.append(in_numbers(template, z, a, show).replace("{y}", factor(y_j, show)))
    return definition, around.format(plus(symbols)), around.format(plus(numbers)), note


def log_likelihood_terms(L: int, top: Layer, y: Vector, show: Show) -> tuple[str, str, str, str]:
    """−Σ y ln a, or from z where a is saturated, as quadratic_terms."""
    up, m = raised(L), argmax(top.z)
    ys = [f"y{lowered(j + 1)}" for j in range(len(y))]
    if not any(magnitude(z - top.z[m]) > SATURATED for z in top.z):
        symbols = [f"{y_j} ln {symbol('a', L, j)}" for j, y_j in enumerate(ys)]
        numbers = [f"{factor(y_j, show)} · ln {show(a)}" for y_j, a in zip(y, top.a)]
        return f"−Σⱼ yⱼ ln a{up}ⱼ", f"−[{plus(symbols)}]", f"−[{plus(numbers)}]", ""

    zs = [symbol("z", L, j) for j in range(len(y))]
    firsts, seconds = list(map(show, top.z)), [factor(z, show) for z in top.z]
    values = [factor(y_j, show) for y_j in y]

    def sum_of(firsts: list[str], seconds: list[str]) -> str:
        others = [f"exp({z_k} − {seconds[m]})" for k, z_k in enumerate(firsts) if k != m]
        return "ln(" + plus(["1", *others]) + ")"

    symbols = [f"{y_j} ({zs[m]} − {z_j})" for y_j, z_j in zip(ys, zs)]
    numbers = [f"{y_j} · ({firsts[m]} − {z_j})" for y_j, z_j in zip(values, seconds)]
    note = (f"This is $−Σⱼ yⱼ ln a{up}ⱼ$, worked out from $z$, as purenn always does: an output is "
            f"so near 0 here that its logarithm has lost its digits. $z{up}ₘ$ is the largest of "
            f"the $z{up}$, here ${zs[m]}$.")
    return (f"Σⱼ yⱼ (z{up}ₘ − z{up}ⱼ) + (Σⱼ yⱼ) ln(Σₖ exp(z{up}ₖ − z{up}ₘ))",
            f"{plus(symbols)} + ({plus(ys)}) {sum_of(zs, zs)}",
            f"{plus(numbers)} + ({plus(values)}) · {sum_of(firsts, seconds)}", note)


COST_TERMS = {QuadraticCost.name: quadratic_terms, CrossEntropyCost.name: cross_entropy_terms,
              LogLikelihoodCost.name: log_likelihood_terms}
