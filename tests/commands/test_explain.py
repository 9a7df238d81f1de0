"""The worked step: published figures, every line recalculated, every result the reference's own."""
from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purenn import costs, network, sgd
from purenn.crosscheck.questions import by_reference
from purenn.crosscheck.questions.cases import Case, cases_content
from purenn.crosscheck.questions.collection import built_in
from purenn.explain import command as explain
from purenn.explain import formulas, page, session
from purenn.sgd import decay_cost, total_cost, update_mini_batch
from purenn.terminal import running as command
from purenn.terminal.source import line_of

BUILT_IN = built_in()
BY_NAME = {case.name: case for case in BUILT_IN}
FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = st.sampled_from(BUILT_IN)


def blocks_of(case, digits=9, in_full=False):
    with localcontext() as context:
        context.prec = 60
        return session.page(session.exact(case) if in_full else case,
                            lambda x: formulas.shown(x, digits))


def rows_of(blocks):
    return [row for block in blocks if isinstance(block, page.Equations) for row in block.rows]


def run(*arguments, encoding="utf-8", **more):
    return subprocess.run([sys.executable, "-m", "purenn.explain", *arguments], cwd=FOLDER,
                          env={**os.environ, "PYTHONIOENCODING": encoding}, timeout=60,
                          capture_output=True, **more)


# --- the published example --------------------------------------------------------------------

#: M. Mazur, A Step by Step Backpropagation Example, mattmazur.com, 17 March 2015; all that he
#: prints of the first step, as he prints it, and the left side of the row where it stands here.
PUBLISHED = [
    ("z¹₁", ".3775"), ("a¹₁", ".593269992"), ("a¹₂", ".596884378"), ("z²₁", "1.105905967"),
    ("a²₁", ".75136507"), ("a²₂", ".772928465"), ("C", ".298371109"), ("σ′(z²₁)", ".186815602"),
    ("δ²₁", ".138498562"), ("∂C/∂w²₁₁", ".082167041"), ("w²₁₁", ".35891648"),
    ("w²₁₂", ".408666186"), ("w²₂₁", ".511301270"), ("w²₂₂", ".561370121"),
    ("σ′(z¹₁)", ".241300709"), ("∂C/∂w¹₁₁", ".000438568"), ("w¹₁₁", ".149780716"),
    ("w¹₁₂", ".19956143"), ("w¹₂₁", ".24975114"), ("w¹₂₂", ".29950229")]


@pytest.mark.parametrize("left, figure", PUBLISHED)
def test_mazurs_figures_to_their_last_digit(left, figure):
    result, = [row[-1] for row in rows_of(blocks_of(session.MAZUR)) if row[0] == left]
    figure = Decimal(figure)
    # Nine decimals are shown, and he prints nine or eight of them.
    assert Decimal(result.lstrip("= ")).quantize(figure) == figure


def test_mazurs_sum_before_the_slope():
    row, = [row for row in rows_of(blocks_of(session.MAZUR)) if row[0] == "δ¹₁"]
    assert row[3] == "= 0.036350306 · 0.241300709"  # he prints the first factor: .036350306


def test_mazurs_cost_after_the_step_comes_from_updated_weights():
    """What the page says of 0.291027924, written out with nothing of purenn."""
    def sigmoid(z):
        return 1 / (1 + math.exp(-z))

    def cost_after(updated_first):
        w1, w2 = [[.15, .20], [.25, .30]], [[.40, .45], [.50, .55]]
        x, y = [.05, .10], [.01, .99]

        def forward(w1, w2):
            hidden = [sigmoid(u * x[0] + v * x[1] + .35) for u, v in w1]
            return hidden, [sigmoid(u * hidden[0] + v * hidden[1] + .60) for u, v in w2]

        h, out = forward(w1, w2)
        d = [(o - t) * o * (1 - o) for o, t in zip(out, y)]
        new = [[w2[j][k] - .5 * d[j] * h[k] for k in range(2)] for j in range(2)]
        back = new if updated_first else w2
        e = [(d[0] * back[0][k] + d[1] * back[1][k]) * h[k] * (1 - h[k]) for k in range(2)]
        _, out = forward([[w1[j][k] - .5 * e[j] * x[k] for k in range(2)] for j in range(2)], new)
        return sum((o - t) ** 2 for o, t in zip(out, y)) / 2

    assert round(cost_after(updated_first=True), 9) == 0.291027924
    text = session.text_of(session.MAZUR, False, 9, True)
    assert f"${round(cost_after(updated_first=False), 9)}$" in text and "$0.291027924$" in text


# --- every result is one that the reference computed ------------------------------------------

def up(number):
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(number))


def low(*numbers):
    comma = "," if max(numbers) > 9 else ""
    return comma.join("".join("₀₁₂₃₄₅₆₇₈₉"[int(d)] for d in str(number)) for number in numbers)


def expected_results(case):
    """Left sides and results, in the order of the mathematics, from calls to the reference."""
    net, after = session.network_of(case), session.network_of(case)
    update_mini_batch(after, case.mini_batch, case.eta, case.lmbda, case.n)
    L, m = len(case.sizes) - 1, len(case.mini_batch)
    results, gradients = [], []
    for e, (x, y) in enumerate(case.mini_batch, 1):
        C = "C" if m == 1 else "C" + low(e)
        layers, gradient = net.forward(x), net.backprop(x, y)
        deltas = net.errors(layers, y)
        gradients.append(gradient)
        for l in range(1, L + 1):
            for letter in "za":
                results += [(f"{letter}{up(l)}{low(j)}", value)
                            for j, value in enumerate(getattr(layers[l], letter), 1)]
        results.append((C, net.example_cost(layers, y)))
        for l in range(L, 0, -1):
            f = net.output if l == L else net.hidden
            if f.name == "softmax" and case.cost == "quadratic":
                v = [a - y_j for a, y_j in zip(layers[l].a, y)]
                s = 0
                for v_j, a_j in zip(v, layers[l].a):
                    s += v_j * a_j
                results.append(("s", s))
            elif f.name not in ("softmax", "identity") and (l < L or case.cost == "quadratic"):
                name = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU"}[f.name]
                slopes = f.backward([1] * len(layers[l].z), layers[l].z)
                results += [(f"{name}′(z{up(l)}{low(j)})", v) for j, v in enumerate(slopes, 1)]
            results += [(f"δ{up(l)}{low(j)}", v) for j, v in enumerate(deltas[l - 1], 1)]
        for l in range(1, L + 1):
            results += [(f"∂{C}/∂b{up(l)}{low(j)}", v)
                        for j, v in enumerate(gradient.biases[l - 1], 1)]
            results += [(f"∂{C}/∂w{up(l)}{low(j, k)}", v)
                        for j, row in enumerate(gradient.weights[l - 1], 1)
                        for k, v in enumerate(row, 1)]

    def names_and_values(of):
        for l in range(1, L + 1):
            for j, row in enumerate(of.weights[l - 1], 1):
                yield from ((f"w{up(l)}{low(j, k)}", v) for k, v in enumerate(row, 1))
            yield from ((f"b{up(l)}{low(j)}", v) for j, v in enumerate(of.biases[l - 1], 1))

    mean = total_cost(net, case.mini_batch)
    if m > 1:
        results.append(("C", mean))
        for entries in zip(*map(names_and_values, gradients)):
            s = 0
            for _, value in entries:
                s += value
            # nothing but the zeros of add_outer is the int 0, which would turn into a float
            results.append((f"∂C/∂{entries[0][0]}", s / m if s else s))
    if case.lmbda:
        decay = decay_cost(net, case.lmbda, case.n)
        results += [("R", decay), ("C + R", mean + decay),
                    ("d", 1 - case.eta * case.lmbda / case.n)]
    return results + list(names_and_values(after))


@pytest.mark.parametrize("name", list(BY_NAME))
def test_every_result_is_the_references(name):
    case = BY_NAME[name]
    got = [(row[0], row[-1]) for row in rows_of(blocks_of(case, digits=17))]
    # 17 digits tell all floats apart, but for those below 10^-8.5 that are shown to 17 digits, too
    assert got == [(left, "= " + formulas.shown(value, 17))
                   for left, value in expected_results(case)]


@pytest.mark.parametrize("name", list(BY_NAME))
def test_the_limit_counts_the_results(name):
    """Slopes and the sum s are beside the point of the limit; all else is counted."""
    case = BY_NAME[name]
    rows = [row for row in rows_of(blocks_of(case)) if "′" not in row[0]
            and row[0] not in ("s", "R", "d", "C + R")]
    m, neurons = len(case.mini_batch), sum(case.sizes[1:])
    # each neuron has z, a, δ of its own in each example
    assert session.count_numbers(case) == len(rows) - (m > 1)
    assert session.count_numbers(case) >= 3 * m * neurons


@pytest.mark.parametrize("owner, name, change, touched", [
    (network.Network, "errors", lambda deltas: [[2 * d for d in v] for v in deltas], "δ²₁"),
    (network.Network, "example_cost", lambda cost: 2 * cost, "C"),
    (network.Network, "backprop", lambda g: g._replace(
        biases=[[2 * d for d in v] for v in g.biases]), "∂C/∂b¹₁"),
    (network.Network, "forward", lambda layers: [
        layer._replace(a=[2 * a for a in layer.a]) for layer in layers], "a¹₁"),
    (session, "decay_cost", lambda cost: 2 * cost, "R"),
])
def test_a_change_in_the_reference_shows(monkeypatch, owner, name, change, touched):
    case = BY_NAME["one neuron, by hand, weight decay"]
    if touched == "δ²₁":
        case = session.MAZUR

    def result():
        found, = [row[-1] for row in rows_of(blocks_of(case, digits=30)) if row[0] == touched]
        return float(found.lstrip("= ").replace("−", "-"))  # 30 digits show a float in full

    before, original = result(), getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *arguments: change(original(*arguments)))
    assert before and result() == 2 * before


def test_the_update_is_the_references(monkeypatch):
    def no_step(net, mini_batch, eta, lmbda, n):
        net.weights = [[[7 for _ in row] for row in W] for W in net.weights]

    monkeypatch.setattr(by_reference, "update_mini_batch", no_step)
    new = [row[-1] for row in rows_of(blocks_of(session.MAZUR)) if row[0].startswith("w")]
    assert new == ["= 7"] * 8


# --- every line adds up: symbols and numbers recalculated -------------------------------------

FUNCTIONS = {
    "exp": lambda x: Decimal(x).exp(), "ln": lambda x: Decimal(x).ln(), "max": max,
    "tanh": lambda x: 1 - 2 / ((2 * Decimal(x)).exp() + 1),
    "sigma": lambda x: 1 / (1 + (-Decimal(x)).exp()),
    "sigma_": lambda x: (-abs(x)).exp() / (1 + (-abs(x)).exp()) ** 2,
    "tanh_": lambda x: 4 * (-2 * abs(x)).exp() / (1 + (-2 * abs(x)).exp()) ** 2,
    "ReLU": lambda x: x if x > 0 else type(x)(0), "ReLU_": lambda x: type(x)(x > 0)}
NAMES = re.compile(r"∂C[₀-₉]*/∂[wb][⁰-⁹¹²³]+[₀-₉,]*[₀-₉]|[zawbδ][⁰-⁹¹²³]+(?:[₀-₉]+,)?[₀-₉]+|"
                   r"y[₀-₉]+|C[₀-₉]+|\b[CsdRn]\b|[ηλ]")


def value_of(text, names, kind):
    """What a formula of the page comes to, calculated in fractions or decimals."""
    known = {}

    def known_name(match):
        key = f"v{len(known)}"
        known[key] = names[match.group()]
        return key

    text = text.replace("(λ/2n)", "(λ/(2 · n))").replace("½ ", "(1/2) · ")
    text = re.sub(r"(σ|tanh|ReLU)(′?)\(", lambda match: match.group(1).replace("σ", "sigma")
                  + ("_" if match.group(2) else "") + "(", text)
    text = NAMES.sub(known_name, text)
    text = re.sub(r"\bln (v\d+|[\d.e-]+)", r"ln(\1)", text)
    text = re.sub(r"\|(v\d+)\|", r"abs(\1)", text)
    text = re.sub(r"(?<=[\w)\]]) (?=[\w(\[])", " · ", text)  # a product without a sign
    text = text.replace("²", "**2").replace("[", "(").replace("]", ")")
    text = re.sub(r"(?<![\w.*])(\d+(?:\.\d+)?(?:e-?\d+)?)", r"number('\1')", text)
    text = text.replace("·", "*").replace("−", "-")
    return eval(text, {**FUNCTIONS, **known, "number": kind, "abs": abs})


def names_at(case, rows):
    """The values of all names, as the rows go by: each example has its own z, a, δ and y."""
    names = {"η": case.eta, "λ": case.lmbda, "n": case.n}
    for l, (W, b) in enumerate(zip(case.weights, case.biases), 1):
        names.update({f"w{up(l)}{low(j, k)}": w for j, row in enumerate(W, 1)
                      for k, w in enumerate(row, 1)})
        names.update({f"b{up(l)}{low(j)}": b_j for j, b_j in enumerate(b, 1)})
    expected, examples = iter(expected_results(case)), iter(case.mini_batch)
    for row in rows:
        left, value = next(expected)
        if left == "z¹₁":
            x, y = next(examples)
            names.update({f"a⁰{low(k)}": x_k for k, x_k in enumerate(x, 1)})
            names.update({f"y{low(j)}": y_j for j, y_j in enumerate(y, 1)})
        assert row[0] == left
        yield row, value, dict(names)
        if not row[1].startswith("←"):
            names[left] = value


def check_every_step(case, kind, tolerance):
    """Each step of each row comes to the result, within tolerance."""
    rows = rows_of(blocks_of(case, digits=50, in_full=True))
    for row, value, names in names_at(session.exact(case), rows):
        for step in row[1:]:
            if "…" in step or step.startswith("≈"):
                continue
            got = value_of(step[2:], names, kind)
            assert abs(got - value) <= tolerance * (1 + abs(value)), (row, got)


@pytest.mark.parametrize("name", list(BY_NAME))
def test_every_line_adds_up(name):
    """In symbols and in numbers, to fifty decimals, with formulas written anew in FUNCTIONS.

    A shown number is off by half a unit of its fiftieth decimal, or digit.  No line has more than
    a hundred numbers, and none changes its result by more than 2000 times its own error (weights
    and inputs are at most 2, but z is up to 1000 and enters into exp, of whose value it is the
    relative error): 1e-44 has a margin of 10.
    """
    kind = type(session.exact(BY_NAME[name]).eta)
    with localcontext() as context:
        context.prec = 70
        check_every_step(BY_NAME[name], kind, kind("1e-44"))


def test_every_line_of_mazurs_adds_up():
    with localcontext() as context:
        context.prec = 70
        check_every_step(session.MAZUR, Decimal, Decimal("1e-44"))


NUMBERS = st.integers(-40, 40).map(lambda i: i / 10)


@st.composite
def straight_cases(draw):
    """Cases that need no more than arithmetic, with numbers of one decimal."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))

    def vector(n):
        return draw(st.lists(NUMBERS, min_size=n, max_size=n))

    return Case("straight", sizes, draw(st.sampled_from(["relu", "identity"])),
                draw(st.sampled_from(["relu", "identity"])), "quadratic",
                [[vector(n) for _ in range(m)] for n, m in zip(sizes, sizes[1:])],
                [vector(m) for m in sizes[1:]],
                [(vector(sizes[0]), vector(sizes[-1])) for _ in range(draw(st.integers(1, 3)))],
                draw(NUMBERS), draw(NUMBERS), draw(st.integers(1, 9)))


@given(straight_cases())
@settings(max_examples=25)
def test_in_fractions_every_line_is_exact(case):
    assert isinstance(session.exact(case).eta, Fraction)
    check_every_step(case, Fraction, 0)


def test_a_decimal_number_is_taken_as_it_is_written():
    case = session.exact(BY_NAME["one neuron, by hand"]._replace(
        output="identity", weights=[[[0.1]]], biases=[[0.2]], eta=1e-3))
    assert case.weights == [[[Fraction(1, 10)]]] and case.eta == Fraction(1, 1000)
    assert case.n == 10 and isinstance(case.n, int)
    assert session.exact(session.MAZUR).weights[0][0] == [Decimal("0.15"), Decimal("0.2")]


# --- numbers ----------------------------------------------------------------------------------

@pytest.mark.parametrize("x, digits, text", [
    (0.15, 9, "0.15"), (0.7513650695, 9, "0.75136507"), (-0.0380982366, 9, "−0.038098237"),
    (1.0, 9, "1"), (-0.0, 9, "0"), (0, 9, "0"), (100.0, 9, "100"), (0.05, 2, "0.05"),
    (1e-7, 9, "0.0000001"), (1.23456789123e-7, 9, "1.23456789e-7"), (-2e-30, 9, "−2e-30"),
    (123456.7, 3, "1.23e5"), (1e300, 9, "1e300"), (0.1, 17, "0.1"), (0.1 + 0.2, 17,
                                                                    "0.30000000000000004"),
    (Fraction(-3, 8), 9, "−3/8"), (Fraction(6, 3), 9, "2"),
    (Fraction(1, 3 ** 80), 9, "6.7654957e-39"), (Decimal("0.1") / 3, 12, "0.033333333333"),
    (float("inf"), 9, "inf"), (float("nan"), 9, "nan"), (-float("inf"), 9, "−inf")])
def test_numbers_are_shown(x, digits, text):
    assert formulas.shown(x, digits) == text


def test_a_fraction_that_is_not_shown_whole_is_said_to_be_rounded():
    def show(x):
        return formulas.shown(x, 9)

    assert formulas.equals(Fraction(1, 3), show) == "= 1/3"
    assert formulas.equals(Fraction(1, 3 ** 80), show) == "≈ 6.7654957e-39"
    assert formulas.equals(Decimal(1) / 3, show) == "= 0.333333333"


# --- lines of the reference -------------------------------------------------------------------

@pytest.mark.parametrize("label, module, code", [
    ("(BP1)", network, "delta = self.cost.delta("),
    ("(BP2)", network, "delta = self.hidden.backward("),
    ("(BP3)", network, "biases=self.errors("), ("(BP4)", network, "add_outer(nabla_w"),
    ("(BP3)", sgd, "b[:] = add("), ("(BP4)", sgd, "add_outer(W, decay"),
    ("def quadratic(", costs, "def quadratic(")])
def test_the_line_of_a_label_is_the_code_and_not_the_prose(label, module, code):
    with open(module.__file__, encoding="utf-8") as file:
        line = file.read().splitlines()[line_of(label, module) - 1]
    assert label in line and line.strip().startswith(code)


def test_the_lines_stand_beside_the_formulas():
    text = session.text_of(session.MAZUR, False, 9, False)
    for label in ("(BP1)", "(BP2)", "(BP3)", "(BP4)"):
        assert f"{label}  network.py line {line_of(label, network)}" in text
    assert f"(BP4)  sgd.py line {line_of('(BP4)', sgd)}" in text


def test_a_label_that_is_nowhere():
    with pytest.raises(ValueError, match=r"no line of purenn.network has '\(BP5\)'"):
        line_of("(BP5)", network)


@pytest.mark.parametrize("hidden, output, cost, from_z", [
    ("sigmoid", "sigmoid", "quadratic", ["σ′(z", "σ′(z"]),
    ("tanh", "softmax", "log-likelihood", ["C = ", "tanh′(z"]),
    ("relu", "sigmoid", "cross-entropy", ["C = "])])
def test_where_the_code_takes_z_and_the_formula_a_the_page_says_so(hidden, output, cost, from_z):
    case = session.MAZUR._replace(hidden=hidden, output=output, cost=cost)
    lines = [line.strip() for line in session.text_of(case, False, 9, False).splitlines()]
    found = [k for k, line in enumerate(lines) if line.endswith(", computed from z")]
    formulas = [lines[k] if "=" in lines[k] else lines[k - 1] for k in found]  # or the line above
    assert [formula[:len(begins)] for formula, begins in zip(formulas, from_z)] == from_z
    assert len(found) == len(from_z)


def test_without_source_the_page_has_no_line_numbers(monkeypatch):
    def no_source(label, module):
        raise OSError("could not get source code")

    monkeypatch.setattr(formulas, "line_of", no_source)
    text = session.text_of(session.MAZUR, False, 9, False)
    assert " line " not in text and "(BP1)" in text


# --- plain text, ASCII and Markdown -----------------------------------------------------------

@given(CASES, st.booleans(), st.booleans())
@settings(max_examples=20)
def test_a_page_is_80_columns_wide(case, in_full, ascii):
    text = page.plain(blocks_of(case, 20 if in_full else 9, in_full), ascii)
    # In twenty digits a single product may be wider than the page.
    assert in_full or max(map(len, text.splitlines())) <= 80
    assert not ascii or text.isascii()
    assert "$" not in text and "\0" not in text and "`" not in text


@pytest.mark.parametrize("name", list(BY_NAME))
def test_two_signs_never_follow_each_other(name):
    for row in rows_of(blocks_of(BY_NAME[name])):
        for step in row[1:]:
            assert not re.search("[·+−] −", step), step


def test_a_long_sum_is_broken_between_its_terms_and_brackets_stay_together():
    step = "= y₁ ln(1 + exp(−z₁)) + (1 − y₁) ln(1 + exp(z₁)) − (1234 − y₂) ln(1 + exp(z₂))"
    rows = page.Equations([("C", step, "= 1")])
    assert page.plain([rows]) == """\
  C = y₁ ln(1 + exp(−z₁)) + (1 − y₁) ln(1 + exp(z₁))
      − (1234 − y₂) ln(1 + exp(z₂))
    = 1
"""
    inside = page.Equations([("C", "= ½ [" + " + ".join(["(a − y)²"] * 12) + "]")])
    assert page.plain([inside]) == """\
  C = ½ [(a − y)² + (a − y)² + (a − y)² + (a − y)² + (a − y)² + (a − y)²
      + (a − y)² + (a − y)² + (a − y)² + (a − y)² + (a − y)² + (a − y)²]
"""


def test_ascii():
    text = page.plain(blocks_of(session.MAZUR), ascii=True)
    assert "  delta^2_1 = (a^2_1 - y_1) sigma'(z^2_1)" in text
    assert "  dC/dw^1_12 = delta^1_1 a^0_2 = 0.008771355 * 0.1  = 0.000877135" in text
    assert "  C = 1/2 [(a^2_1 - y_1)^2 + (a^2_2 - y_2)^2]" in text
    assert "w^1_jk a^0_k" in text and "w <- w - eta dC/dw" in text


def test_indices_beyond_9_are_apart():
    case = BY_NAME["many inputs"]
    text = page.plain(blocks_of(case))
    assert "w¹₁,₁₂ a⁰₁₂" in text and "w^1_1,12 a^0_12" in page.plain(blocks_of(case), ascii=True)
    assert r"w^{1}_{1,12}" in page.markdown(blocks_of(case))


@given(CASES, st.booleans())
@settings(max_examples=20)
def test_markdown_is_well_formed(case, in_full):
    text = page.markdown(blocks_of(case, in_full=in_full))
    displays = re.findall(r"^\$\$\n(.*?)\n\$\$$", text, re.S | re.M)
    rest = re.sub(r"^\$\$\n(.*?)\n\$\$$", "", text, flags=re.S | re.M)
    inline = re.findall(r"\$([^$]+)\$", rest)
    assert displays and inline and "$" not in re.sub(r"\$[^$]+\$", "", rest)
    for formula in displays + inline:
        assert formula.isascii() and formula.count("{") == formula.count("}")
        assert formula.count(r"\begin{aligned}") == formula.count(r"\end{aligned}")
        assert not re.search(r"\^\{[^}]*\}\^", formula)  # LaTeX refuses a double superscript
    for display in displays:
        if "aligned" in display:
            assert all(line.count("&") == 1 for line in display.splitlines()[1:-1])


def test_markdown():
    text = page.markdown(blocks_of(session.MAZUR))
    assert r"\delta ^{2}_{j} = (a^{2}_{j} - y_{j}) \sigma '(z^{2}_{j}) \tag{BP1}" in text
    assert r"\frac{\partial C}{\partial w^{1}_{11}} & = \delta ^{1}_{1} a^{0}_{1}" in text
    assert "| layer 1, sigmoid | from $a^{0}_{1}$ | from $a^{0}_{2}$ | bias |\n| --- |" in text


def test_small_numbers_and_fractions_in_latex():
    assert page.in_latex("1.5e-7 · 2") == r"1.5 \cdot 10^{-7} \cdot 2"
    assert page.in_latex("3/20 · (−1)") == r"\tfrac{3}{20} \cdot (-1)"
    assert page.in_latex("0.1/100") == "0.1/100"


# --- what the page says -----------------------------------------------------------------------

def test_a_step_that_is_too_large_is_called_so():
    case = Case("straight", [1, 1], "relu", "identity", "quadratic", [[[2.0]]], [[0.0]],
                [([1.0], [1.0])], 3.0, 0.0, 1)  # ½ (2 − 1)² = ½; then w = −1, b = −3: ½ (−4 − 1)²
    text = page.plain(blocks_of(case))
    assert "C = 12.5; before the step it was C = 0.5. It has grown." in " ".join(text.split())
    assert "is too large" in text
    assert "is too large" not in page.plain(blocks_of(session.MAZUR))
    still = BY_NAME["one neuron, target met"]
    assert "Nothing has changed" in page.plain(blocks_of(still))


def test_the_cost_afterwards_is_that_of_the_new_network():
    case = BY_NAME["large steps, strong weight decay"]
    net = session.network_of(case)
    update_mini_batch(net, case.mini_batch, case.eta, case.lmbda, case.n)
    after = total_cost(net, case.mini_batch) + decay_cost(net, case.lmbda, case.n)
    assert f"has C + R = {formulas.shown(after, 9)}; before" in " ".join(
        page.plain(blocks_of(case)).split())


def test_saturated_neurons_are_explained():
    assert "A neuron here is saturated" in page.plain(
        blocks_of(BY_NAME["sigmoid, sigmoid, quadratic, saturated"]))
    assert "saturated" not in page.plain(blocks_of(session.MAZUR))


# --- the command ------------------------------------------------------------------------------

def error_of(capsys, *arguments):
    """The one sentence of a run that fails."""
    try:
        status = command.run(explain.PROG, explain.main, list(arguments))
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "") and err.count("\n") == 1
    assert err.startswith(f"{explain.PROG}: ")
    return err


def test_too_large(capsys, tmp_path):
    case = BY_NAME["mini-batch of 8"]
    results = session.count_numbers(case)
    arguments = ["--case", case.name, "--limit"]
    error = error_of(capsys, *arguments, str(results - 1))
    assert f"{results} results, more than the {results - 1}" in error
    assert f"--limit {results} prints them all" in error
    assert command.run(explain.PROG, explain.main, [*arguments, str(results)]) == 0


def test_errors(capsys, tmp_path):
    path = str(tmp_path / "cases.json")
    assert 'no case "one neuron by hand"' in error_of(capsys, "--case", "one neuron by hand")
    assert '"one neuron, by hand"' in error_of(capsys, "--case", "one neuron by hand")
    assert "No such file" in error_of(capsys, "--cases", path)
    with open(path, "w") as file:
        file.write("{}")
    assert path in error_of(capsys, "--cases", path)
    with open(path, "w") as file:
        json.dump(cases_content(BUILT_IN[:2]), file)
    assert "has 2 cases" in error_of(capsys, "--cases", path)
    assert "at most 50 digits" in error_of(capsys, "--digits", "51")
    assert "whole number" in error_of(capsys, "--digits", "0")
    assert "unrecognized" in error_of(capsys, "case")


def test_a_file_with_one_case_needs_no_name(capsys, tmp_path):
    path = str(tmp_path / "cases.json")
    with open(path, "w") as file:
        json.dump(cases_content(BUILT_IN[:1]), file)
    for more in [], ["--case", BUILT_IN[0].name]:
        assert explain.main(["--cases", path, *more]) == 0
        assert "  C = ½ (a¹₁ − y₁)² = ½ (0.5 − 1)² = 0.125\n" in capsys.readouterr().out


def test_the_cases_are_listed(capsys, tmp_path):
    assert explain.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(": ")[0] for line in lines] == list(BY_NAME)
    assert "one layer, softmax: 2-3, log-likelihood cost" in lines
    path = str(tmp_path / "cases.json")
    with open(path, "w") as file:
        json.dump(cases_content(BUILT_IN[3:5]), file)
    assert explain.main(["--list", "--cases", path]) == 0
    assert capsys.readouterr().out.splitlines() == lines[3:5]


def test_digits(capsys):
    assert explain.main(["--digits", "4"]) == 0
    assert "exp(−0.3775)) = 0.5933\n" in capsys.readouterr().out
    with localcontext() as context:
        context.prec = 60
        a = 1 / (1 + Decimal("-0.3775").exp())
    for arguments, digits in ([], 20), (["--digits", "50"], 50), (["--digits", "7"], 7):
        assert explain.main(["--exact", *arguments]) == 0
        assert f"= {a:.{digits}f}".rstrip("0") + "\n" in capsys.readouterr().out


def test_interrupted(capsys, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "take_step", interrupt)
    assert command.run(explain.PROG, explain.main, []) == 130
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize("encoding, has", [
    ("utf-8", "δ²₁ = (a²₁ − y₁) σ′(z²₁)"), ("ascii", "delta^2_1 = (a^2_1 - y_1) sigma'(z^2_1)"),
    ("latin-1", "delta^2_1 = (a^2_1 - y_1) sigma'(z^2_1)")])
def test_in_a_process_of_its_own(encoding, has):
    done = run(encoding=encoding)
    text = done.stdout.decode(encoding)
    assert done.returncode == 0 and not done.stderr and has in text and "?" not in text


def test_markdown_and_help_in_ascii():
    done = run("--markdown", encoding="ascii")
    assert done.returncode == 0 and b"?" not in done.stdout and b"Mazur's" in done.stdout
    done = run("--help", encoding="ascii")
    assert done.returncode == 0 and b"?" not in done.stdout and b"examples:" in done.stdout


def test_a_closed_pipe():
    process = subprocess.Popen([sys.executable, "-m", "purenn.explain", "--case", "eight layers"],
                               cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()  # before Python is even up; a page is more than a pipe holds anyway
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(60)
