"""What python3 -m purenn.explain does: the page of one step of learning, every number.

It reads like a worked exercise: the weighted inputs z, the activations a, the cost C, the errors δ,
the gradient and the update, each with its formula in symbols, the same with the numbers put in, and
the result.  The results are those of the reference: ``take_step`` calls it, and what the formulas
need in between (σ′, Wᵀδ, a mean) comes from the same functions that the network itself calls.
"""
from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Callable

from purenn import activations, costs, network, sgd
from purenn.activations import Identity, ReLU, Softmax
from purenn.checks import counted
from purenn.costs import QuadraticCost
from purenn.crosscheck.questions.by_reference import Step, network_of, take_step
from purenn.crosscheck.questions.cases import Case, cases_from, with_numbers
from purenn.crosscheck.questions.collection import built_in
from purenn.explain.formulas import (
    COST_TERMS,
    NEURONS,
    Show,
    activation_rows,
    equals,
    factor,
    part,
    place,
    plus,
    shown,
    slope_rows,
    slopes,
    squared,
    symbol,
)
from purenn.explain.options import MOST_DIGITS
from purenn.explain.page import (
    WIDTH,
    Block,
    Equations,
    Formula,
    Heading,
    Paragraph,
    Table,
    lowered,
    markdown,
    plain,
    raised,
)
from purenn.formats.strict_json import read_json
from purenn.linalg import Number, Vector, subtract, total, transpose_times
from purenn.network import Gradient, Layer, Network
from purenn.sgd import decay_cost, total_cost, update_mini_batch
from purenn.store import networks
from purenn.terminal.characters import as_shown, can_show
from purenn.terminal.options import numbers
from purenn.terminal.running import say, short
from purenn.terminal.screen import columns, fitted, known_columns

GUARD_DIGITS = 10  # carried beyond the most that are shown, so that all that are shown are right
MAZUR = Case("mazur", [2, 2, 2], "sigmoid", "sigmoid", "quadratic",
             weights=[[[.15, .20], [.25, .30]], [[.40, .45], [.50, .55]]],
             biases=[[.35, .35], [.60, .60]],
             mini_batch=[([.05, .10], [.01, .99])], eta=.5, lmbda=0, n=1)


# --- what the reference computes --------------------------------------------------------------

def cost_of(net: Network, case: Case) -> Number:
    """The mean cost of the mini-batch plus (λ/2n) Σ w²."""
    return total_cost(net, case.mini_batch) + decay_cost(net, case.lmbda, case.n)


def decay_factor(case: Case) -> Number:
    """1 − ηλ/n: what a step of the reference leaves of a weight of 1 whose gradient is 0."""
    net = Network([1, 1], QuadraticCost, output=Identity)
    net.weights, net.biases = [[[1]]], [[0]]
    update_mini_batch(net, [([0], [0])], case.eta, case.lmbda, case.n)
    return net.weights[0][0][0]


def exact(case: Case) -> Case:
    """The case in fractions if no more than arithmetic is needed, else in decimals.

    A float stands for the decimal number that Python writes for it: 0.1 for one tenth.
    """
    straight = {Identity.name, ReLU.name}
    used = {case.output} | ({case.hidden} if len(case.sizes) > 2 else set())
    kind = Fraction if case.cost == QuadraticCost.name and used <= straight else Decimal

    return with_numbers(case, lambda x: kind(str(x)))


def count_numbers(case: Case) -> int:
    """How many results the page of a case has."""
    neurons = total(case.sizes[1:])
    parameters = total([m * (n + 1) for m, n in zip(case.sizes[1:], case.sizes)])
    examples = len(case.mini_batch)
    means = parameters if examples > 1 else 0
    return examples * (3 * neurons + 1 + parameters) + means + parameters


# --- the page ---------------------------------------------------------------------------------

def page(case: Case, show: Show, opening: Sequence[Block] = ()) -> list[Block]:
    """The whole page of a case, each number as ``show`` writes it."""
    step = take_step(case)
    blocks: list[Block] = [Heading(1, "One step of learning, every number"), *opening]
    blocks += the_network(case, show)
    for e in range(len(step.passes)):
        blocks += forward(step, e, show)
        blocks += backward(step, e, show)
        blocks += gradient(step, e, show)
    if len(step.passes) > 1:
        blocks += mean_over_mini_batch(step, show)
    if case.lmbda:
        blocks += weight_decay(step, show)
    return blocks + update(step, show) + afterwards(step, show)


def the_network(case: Case, show: Show) -> list[Block]:
    """The weights, biases and examples that are given."""
    last = len(case.sizes) - 1
    blocks: list[Block] = [Heading(2, "What is given"), Paragraph(
        "Layer 0 is the input. $w¹₂₁$ is the weight that leads from neuron 1 of layer 0 to neuron "
        "2 of layer 1, and $b¹₂$ the bias of that neuron 2. (Python counts from 0: there they are "
        "`weights[0][1][0]` and `biases[0][1]`.)"
        if case.sizes[1] > 1 else
        "Layer 0 is the input. $w¹₁₁$ is the weight that leads from neuron 1 of layer 0 to neuron "
        "1 of layer 1, and $b¹₁$ the bias of that neuron. (Python counts from 0: there they are "
        "`weights[0][0][0]` and `biases[0][0]`.)")]
    for l, (W, b) in enumerate(zip(case.weights, case.biases), 1):
        head = [f"layer {l}, {layer_kind(case, l)}",
                *[f"from ${symbol('a', l - 1, k)}$" for k in range(len(W[0]))], "bias"]
        blocks.append(Table(head, [[f"neuron {j}", *map(show, row), show(b_j)]
                                   for j, (row, b_j) in enumerate(zip(W, b), 1)]))
    inputs = [f"${symbol('a', 0, k)}$" for k in range(case.sizes[0])]
    targets = [f"$y{lowered(j + 1)}$" for j in range(case.sizes[last])]
    net = network_of(case)
    blocks.append(Table(["", *inputs, *targets], [
        [name_of(e, len(case.mini_batch)), *map(show, x), *map(show, net.target(y))]
        for e, (x, y) in enumerate(case.mini_batch)]))
    decay = (f" and $λ = {show(case.lmbda)}$ the strength of weight decay, for a training set of "
             f"$n = {case.n}$" if case.lmbda else "")
    blocks.append(Paragraph(f"The $a⁰$ are the input, the $y$ the target: what the output should "
                            f"be. $η = {show(case.eta)}$ is the learning rate{decay}. The cost is "
                            f"the {case.cost} cost."))
    return blocks


def layer_kind(case: Case, l: int) -> str:
    return case.output if l == len(case.sizes) - 1 else case.hidden


def name_of(e: int, m: int) -> str:
    return "the example" if m == 1 else f"example {e + 1}"


def title(step: Step, e: int, text: str) -> Heading:
    """A heading, which begins with the example's number if there are several."""
    m = len(step.passes)
    return Heading(2, text if m == 1 else f"Example {e + 1} of {m}: {text[0].lower()}{text[1:]}")


def cost_symbol(step: Step, e: int) -> str:
    """C, or C₁, C₂ … if there are several examples."""
    return "C" if len(step.passes) == 1 else "C" + lowered(e + 1)


def forward(step: Step, e: int, show: Show) -> list[Block]:
    """z and a of every layer, and the cost."""
    blocks: list[Block] = [title(step, e, "Forward, from the input to the output")]
    net, example = step.before, step.passes[e]
    for l, (W, b) in enumerate(zip(net.weights, net.biases), 1):
        below, layer = example.layers[l - 1], example.layers[l]
        blocks.append(Heading(3, f"Layer {l}, {layer_kind(step.case, l)}"))
        up, down = raised(l), raised(l - 1)
        blocks.append(Formula(f"z{up}ⱼ = Σₖ w{up}ⱼₖ a{down}ₖ + b{up}ⱼ", "",
                              place(("zs = affine(", network))))
        rows = []
        for j, (row, b_j, z_j) in enumerate(zip(W, b, layer.z)):
            products = [f"{symbol('w', l, j, k)} {symbol('a', l - 1, k)}" for k in range(len(row))]
            numbers = [f"{factor(w, show) if k else show(w)} · {factor(a, show)}"
                       for k, (w, a) in enumerate(zip(row, below.a))]
            rows.append((symbol("z", l, j), "= " + plus([*products, symbol("b", l, j)]),
                         "= " + plus([*numbers, show(b_j)]), equals(z_j, show)))
        blocks.append(Equations(rows))
        activation = net.output if l == len(net.weights) else net.hidden
        blocks += activation_rows(activation, l, layer, show)
    return blocks + example_cost(step, e, show)


def example_cost(step: Step, e: int, show: Show) -> list[Block]:
    """The cost of one example."""
    net, example = step.before, step.passes[e]
    L, top, y = len(net.weights), example.layers[-1], example.y
    C = cost_symbol(step, e)
    definition, terms, numbers, note = COST_TERMS[net.cost.name](L, top, y, show)
    code = "def " + net.cost.fn.__name__ + "("
    return [title(step, e, "The cost, or how far the output is from the target"),
            *([Paragraph(note)] if note else []),
            Formula(f"{C} = {definition}", "",
                    place((code, costs), from_z=net.cost is not QuadraticCost)),
            Equations([(C, "= " + terms, "= " + numbers, equals(example.cost, show))])]


def backward(step: Step, e: int, show: Show) -> list[Block]:
    """δ of every layer, from the last to the first."""
    C = cost_symbol(step, e)
    blocks: list[Block] = [title(step, e, "Backward, from the output to the input")]
    if e == 0:
        blocks.append(Paragraph(
            f"The error $δ = ∂{C}/∂z$ of a neuron says how fast the cost grows with its weighted "
            "input. The output layer's errors come from the cost, those of every other layer from "
            "the layer above it, through the same weights as on the way forward."))
    blocks += output_errors(step, e, show)
    for l in range(len(step.before.weights) - 1, 0, -1):
        blocks += hidden_errors(step, e, l, show)
    return blocks


def output_errors(step: Step, e: int, show: Show) -> list[Block]:
    """(BP1): δ of the last layer."""
    net, example = step.before, step.passes[e]
    L, top, y = len(net.weights), example.layers[-1], example.y
    up = raised(L)
    where = place(("(BP1)", network), (f"def {net.cost.delta.__name__}(", costs))
    blocks: list[Block] = [Heading(3, f"Layer {L}")]
    differences = [(f"{symbol('a', L, j)} − y{lowered(j + 1)}",
                    f"{show(a)} − {factor(y_j, show)}")
                   for j, (a, y_j) in enumerate(zip(top.a, y))]
    formula, cells = f"δ{up}ⱼ = a{up}ⱼ − yⱼ", [("= " + s, "= " + n) for s, n in differences]
    if net.cost is not QuadraticCost:
        if e == 0:
            blocks.append(Paragraph(
                f"With the {net.cost.name} cost the slope of the {net.output.name} output cancels, "
                "and the error is simply the difference."))
    elif net.output.name in NEURONS:
        blocks += slope_rows(net.output, L, top, show)
        f = NEURONS[net.output.name].function
        formula = f"δ{up}ⱼ = (a{up}ⱼ − yⱼ) {f}′(z{up}ⱼ)"
        cells = [(f"= ({s}) {f}′({symbol('z', L, j)})", f"= ({n}) · {show(slope)}")
                 for j, ((s, n), slope) in enumerate(zip(differences, slopes(net.output, top)))]
    elif net.output is Softmax:
        mean = total([v_j * a_j for v_j, a_j in zip(subtract(top.a, y), top.a)])
        blocks += softmax_mean(L, top, differences, mean, show)
        formula = f"δ{up}ⱼ = a{up}ⱼ (a{up}ⱼ − yⱼ − s)"
        cells = [(f"= {symbol('a', L, j)} ({s} − s)",
                  f"= {show(a)} · ({n} − {factor(mean, show)})")
                 for j, ((s, n), a) in enumerate(zip(differences, top.a))]
    rows = [(symbol("δ", L, j), *pair, equals(delta, show))
            for j, (pair, delta) in enumerate(zip(cells, example.deltas[-1]))]
    return blocks + [Formula(formula, "(BP1)", where), Equations(rows)]


def softmax_mean(L: int, top: Layer, differences: list[tuple[str, str]], mean: Number,
                 show: Show) -> list[Block]:
    """s = Σ (a − y) a, which a quadratic cost's error at a softmax output needs."""
    up = raised(L)
    return [Paragraph("Every output of softmax depends on every $z$. The chain rule adds up all "
                      "paths, and their common term is $s$."),
            Formula(f"s = Σⱼ (a{up}ⱼ − yⱼ) a{up}ⱼ", "", place(("mean = total(", activations))),
            Equations([("s", "= " + plus([f"({s}) {symbol('a', L, j)}"
                                          for j, (s, _) in enumerate(differences)]),
                        "= " + plus([f"({n}) · {show(a)}"
                                     for (_, n), a in zip(differences, top.a)]),
                        equals(mean, show))])]


def hidden_errors(step: Step, e: int, l: int, show: Show) -> list[Block]:
    """(BP2): δ of layer l from δ of layer l + 1."""
    net, example = step.before, step.passes[e]
    layer, W, above = example.layers[l], net.weights[l], example.deltas[l]
    up, over = raised(l), raised(l + 1)
    sums = transpose_times(W, above)
    neuron = NEURONS.get(net.hidden.name)
    tail = f" {neuron.function}′(z{up}ₖ)" if neuron else ""
    rows: list[tuple[str, ...]] = []
    primes = slopes(net.hidden, layer)
    for k, (s, slope, delta) in enumerate(zip(sums, primes, example.deltas[l - 1])):
        symbols = plus([f"{symbol('w', l + 1, j, k)} {symbol('δ', l + 1, j)}"
                        for j in range(len(W))])
        numbers = plus([f"{factor(row[k], show) if j else show(row[k])} · {factor(d, show)}"
                        for j, (row, d) in enumerate(zip(W, above))])
        if neuron and len(W) > 1:
            rows.append((symbol("δ", l, k),
                         f"= ({symbols}) {neuron.function}′({symbol('z', l, k)})",
                         f"= ({numbers}) · {show(slope)}", f"= {show(s)} · {show(slope)}",
                         equals(delta, show)))
        elif neuron:
            rows.append((symbol("δ", l, k),
                         f"= {symbols} {neuron.function}′({symbol('z', l, k)})",
                         f"= {numbers} · {show(slope)}", equals(delta, show)))
        else:
            rows.append((symbol("δ", l, k), "= " + symbols, "= " + numbers, equals(delta, show)))
    return [Heading(3, f"Layer {l}"), *slope_rows(net.hidden, l, layer, show),
            Formula(f"δ{up}ₖ = (Σⱼ w{over}ⱼₖ δ{over}ⱼ){tail}" if neuron
                    else f"δ{up}ₖ = Σⱼ w{over}ⱼₖ δ{over}ⱼ", "(BP2)",
                    place(("(BP2)", network))), Equations(rows)]


def gradient(step: Step, e: int, show: Show) -> list[Block]:
    """(BP3) and (BP4): the derivative of one example's cost with respect to every bias, weight."""
    example, C = step.passes[e], cost_symbol(step, e)
    blocks: list[Block] = [title(step, e, "The gradient")]
    for l, (nabla_w, nabla_b) in enumerate(zip(*example.gradient), 1):
        up, down = raised(l), raised(l - 1)
        below, delta = example.layers[l - 1].a, example.deltas[l - 1]
        biases = [(f"∂{C}/∂{symbol('b', l, j)}", f"= {symbol('δ', l, j)}", equals(d, show))
                  for j, d in enumerate(nabla_b)]
        weights = [(f"∂{C}/∂{symbol('w', l, j, k)}",
                    f"= {symbol('δ', l, j)} {symbol('a', l - 1, k)}",
                    f"= {show(delta[j])} · {factor(below[k], show)}", equals(d, show))
                   for j, row in enumerate(nabla_w) for k, d in enumerate(row)]
        blocks += [Heading(3, f"Layer {l}"),
                   Formula(f"∂{C}/∂b{up}ⱼ = δ{up}ⱼ", "(BP3)", place(("(BP3)", network))),
                   Equations(biases),
                   Formula(f"∂{C}/∂w{up}ⱼₖ = δ{up}ⱼ a{down}ₖ", "(BP4)", place(("(BP4)", network))),
                   Equations(weights)]
    return blocks


#: the name of a weight or bias, and how to get it from a gradient
Entry = tuple[str, Callable[[Gradient], Number]]


def parameters(gradient: Gradient) -> list[list[Entry]]:
    """For each layer the names of its weights and biases, and how to get each from a gradient."""
    def weight(l: int, j: int, k: int) -> Entry:
        return symbol("w", l + 1, j, k), lambda g: g.weights[l][j][k]

    def bias(l: int, j: int) -> Entry:
        return symbol("b", l + 1, j), lambda g: g.biases[l][j]

    return [[weight(l, j, k) for j, row in enumerate(W) for k in range(len(row))]
            + [bias(l, j) for j in range(len(W))] for l, W in enumerate(gradient.weights)]


def mean_over_mini_batch(step: Step, show: Show) -> list[Block]:
    """The cost and the gradient of a mini-batch of several examples."""
    m = len(step.passes)
    blocks: list[Block] = [
        Heading(2, "The mean over the mini-batch"),
        Paragraph(f"The cost $C$ of the mini-batch is the mean of its {m} examples’ costs, and so "
                  "each derivative is the mean of their derivatives."),
        Formula("C = (1/m) Σₓ Cₓ", "", place(("total(costs) / len(data)", sgd))),
        Equations([("C", f"= ({over_examples('C{}', m)})/{m}",
                    f"= ({plus([show(p.cost) for p in step.passes])})/{m}",
                    equals(step.mean_cost, show))])]
    blocks.append(Formula("∂C/∂w = (1/m) Σₓ ∂Cₓ/∂w,   ∂C/∂b = (1/m) Σₓ ∂Cₓ/∂b", "",
                          place(("scale(-eta / len(mini_batch)", sgd))))
    for l, names in enumerate(parameters(step.gradient), 1):
        rows = []
        for name, entry in names:
            rows.append((f"∂C/∂{name}", f"= ({over_examples('∂C{}/∂' + name, m)})/{m}",
                         f"= ({plus([show(entry(p.gradient)) for p in step.passes])})/{m}",
                         equals(entry(step.gradient), show)))
        blocks += [Heading(3, f"Layer {l}"), Equations(rows)]
    return blocks


def over_examples(template: str, m: int) -> str:
    """A sum over m examples; the template has {} where the example's number goes."""
    terms = [template.format(lowered(e + 1)) for e in range(m)]
    return plus(terms if m <= 3 else [terms[0], "…", terms[-1]])


def weight_decay(step: Step, show: Show) -> list[Block]:
    """The part of the cost that keeps the weights small."""
    case, net = step.case, step.before
    decay = decay_cost(net, case.lmbda, case.n)
    squares = [squared(w, show) for W in net.weights for row in W for w in row]
    names = [f"({symbol('w', l, j, k)})²" for l, W in enumerate(net.weights, 1)
             for j, row in enumerate(W) for k in range(len(row))]
    return [Heading(2, "Weight decay"), Paragraph(
        "Large weights cost something, too: a term $R$ is added to the cost. Its derivative with "
        "respect to a weight is $(λ/n) w$, so that each step makes every weight smaller by a "
        "fixed part of itself. Biases do not take part in it."),
            Formula("R = (λ/2n) Σ (w)²", "", place(("def decay_cost(", sgd))),
            Equations([("R", "= (λ/2n) [" + plus(names) + "]",
                        f"= {part(case.lmbda, f'(2 · {case.n})', show)} · [{plus(squares)}]",
                        equals(decay, show))]),
            Equations([("C + R", f"= {plus([show(step.mean_cost), show(decay)])}",
                        equals(step.cost, show))])]


def update(step: Step, show: Show) -> list[Block]:
    """The step of gradient descent."""
    case, eta = step.case, show(step.case.eta)
    blocks: list[Block] = [Heading(2, "The step: against the gradient")]
    scaled = "w"
    if case.lmbda:
        scaled = "d w"
        decay = decay_factor(case)
        blocks += [Formula("d = 1 − η λ/n", "", place(("decay = 1 -", sgd))),
                   Equations([("d", f"= 1 − {eta} · {part(case.lmbda, case.n, show)}",
                               equals(decay, show))])]
    blocks += [Formula(f"w ← {scaled} − η ∂C/∂w", "(BP4)", place(("(BP4)", sgd))),
               Formula("b ← b − η ∂C/∂b", "(BP3)", place(("(BP3)", sgd)))]
    old, new = (Gradient(net.weights, net.biases) for net in (step.before, step.after))
    for l, names in enumerate(parameters(step.gradient), 1):
        rows = []
        for name, entry in names:
            value, times = show(entry(old)), ""
            if case.lmbda and name.startswith("w"):
                value, times = f"{show(decay)} · {factor(entry(old), show)}", "d "
            rows.append((name, f"← {times}{name} − η ∂C/∂{name}",
                         f"= {value} − {eta} · {factor(entry(step.gradient), show)}",
                         equals(entry(new), show)))
        blocks += [Heading(3, f"Layer {l}"), Equations(rows)]
    return blocks


def afterwards(step: Step, show: Show) -> list[Block]:
    """What the step did to the cost."""
    whole = "C + R" if step.case.lmbda else "C"
    cost_after = cost_of(step.after, step.case)
    text = (f"For the same {'examples' if len(step.passes) > 1 else 'example'}, the network with "
            f"its new weights and biases has ${whole} {equals(cost_after, show)}$; before the "
            f"step it was ${whole} {equals(step.cost, show)}$.")
    if cost_after > step.cost:
        text += (" It has grown. A gradient promises a smaller cost only for a small enough step: "
                 "here $η$ is too large.")
    elif cost_after < step.cost:
        text += " The network has learned something."
    else:
        text += " Nothing has changed that can be seen in the cost."
    return [Heading(2, "Afterwards"), Paragraph(text)]


# --- the command ------------------------------------------------------------------------------

def about_mazur(show: Show) -> list[Block]:
    """What a reader of Mazur's page wants to know first."""
    return [Paragraph(
        "This is the example of Matt Mazur, “A Step by Step Backpropagation Example” "
        "(mattmazur.com, 17 March 2015). His net and out are $z$ and $a$ here; his w1 to w4 are "
        "$w¹₁₁$, $w¹₁₂$, $w¹₂₁$, $w¹₂₂$, his w5 to w8 are $w²₁₁$, $w²₁₂$, $w²₂₁$, $w²₂₂$, and his "
        "E is $C$. He leaves the biases as they are; here they learn like the weights, which "
        "changes none of his numbers but the cost after the step.")]


def after_mazur(case: Case, show: Show) -> list[Block]:
    """Why Mazur's page has a different cost after the step."""
    after = take_step(case).after
    after.biases = case.biases
    return [Paragraph(
        f"With the biases left as they were it is ${show(cost_of(after, case))}$. Mazur’s page has "
        "$0.291027924$, which is what comes out if $δ¹$ is worked out with $w²₁₁$ to $w²₂₂$ "
        "already updated. His text rightly says to use the old ones, and so do all the other "
        "numbers of his step.")]


def about_numbers(case: Case, digits: int) -> Paragraph:
    """How the numbers were computed and how they are shown."""
    if isinstance(case.eta, Fraction):
        return Paragraph("All numbers are fractions, and exact. One that is too long to be read "
                         f"is shown with {counted(digits, 'decimal')}, after $≈$.")
    computed = ("with fifty digits and more, and taken as they are written: 0.1 is one tenth"
                if isinstance(case.eta, Decimal) else "with about 16 digits")
    return Paragraph(f"The numbers are computed by purenn {computed}. They are shown with "
                     f"{counted(digits, 'decimal')}, very small and very large ones with as many "
                     "digits; computing with "
                     "the numbers shown may give another last digit.")


def cases_of(path: str | None) -> list[Case]:
    """The cases to choose from: those of a file, or the built-in set."""
    return built_in() if path is None else cases_from(read_json(path), path)


def chosen(name: str | None, path: str | None) -> Case:
    """The case of that name, in a file or in the built-in set; without either, Mazur's.

    A file with a single case needs no name.  Raises ValueError if there is no such case, and what
    reading the file raises.
    """
    if name is None and path is None:
        return MAZUR
    cases = cases_of(path)
    source = "the built-in set" if path is None else path
    if name is None:
        if len(cases) > 1:
            raise ValueError(f'{source} has {len(cases)} cases, the first is '
                             f'"{short(cases[0].name)}"; choose one with --case NAME, after a look '
                             "at --list")
        return cases[0]
    for case in cases:
        if case.name == name:
            return case
    names = [short(case.name) for case in cases]  # to compare long ones takes long
    near = difflib.get_close_matches(short(name), names, n=1, cutoff=0) or names
    raise ValueError(f'{source} has no case "{short(name)}" among its {len(cases)} (--list); the '
                     f'nearest name is "{near[0]}"')


def of_network(options: argparse.Namespace) -> Case:
    """A step of the network in a file, on the example that was given.

    Raises ValueError if the example does not go with the network, and what reading the file raises.
    """
    if options.x is None or options.y is None:
        raise ValueError("--network needs an example: --x N,N,... and --y CLASS or N,N,...")
    stored = networks.load_stored(options.network, options.hidden, options.output)
    net, x = stored.net, options.x
    if len(x) != net.sizes[0]:
        raise ValueError(f"--x has {counted(len(x), 'number')}, but {options.network} has "
                         f"{counted(net.sizes[0], 'input')}")
    if stored.scale is not None:
        x = [(x_k - m) / d for x_k, m, d in zip(x, *stored.scale)]
    return Case(options.network, net.sizes, net.hidden.name, net.output.name, net.cost.name,
                net.weights, net.biases, [(x, target_from(options.y, stored))], options.eta, 0, 1)


def target_from(text: str, stored: networks.Stored) -> Vector:
    """The target that a text gives: a class by its name or number, or the numbers themselves."""
    net = stored.net
    if stored.classes is not None and text in stored.classes:
        return net.target(stored.classes.index(text))
    if net.has_classes and text.isdecimal() and len(text) < 10:
        return net.target(int(text))
    try:
        return net.target(numbers(text))
    except argparse.ArgumentTypeError:
        names = "" if stored.classes is None else " of " + short(", ".join(stored.classes))
        raise ValueError(f"--y {short(text)} is neither a class{names} nor "
                         f"{counted(net.sizes[-1], 'number')}") from None


def session(options: argparse.Namespace) -> int:
    """Print the page of a case.  Raises ValueError if there is no such case or it is too large."""
    if options.list:
        say("\n".join(f"{short(case.name)}: {'-'.join(map(str, case.sizes))}, {case.cost} cost"
                        for case in cases_of(options.cases)))
        return 0
    case = chosen(options.case, options.cases) if options.network is None else of_network(options)
    results = count_numbers(case)
    if results > options.limit:
        raise ValueError(f'a step of the case "{short(case.name)}" has {results:,} results, more '
                         f"than the {options.limit:,} that are printed; --limit {results} prints "
                         "them all")
    print(text_of(case, options.exact, options.digits, options.markdown), end="")
    return 0


def text_of(case: Case, in_full: bool, digits: int, as_markdown: bool) -> str:
    """The page of a case in characters that standard output can show."""
    def show(x: Number) -> str:
        return shown(x, digits)

    with localcontext() as context:
        context.prec = MOST_DIGITS + GUARD_DIGITS
        is_mazur = case is MAZUR
        if in_full:
            case = exact(case)
        blocks = page(case, show, [*(about_mazur(show) if is_mazur else []),
                                   about_numbers(case, digits)])
        if is_mazur:
            blocks += after_mazur(case, show)
    if as_markdown:
        return as_shown(sys.stdout, markdown(blocks))
    width = min(WIDTH, columns())
    text = plain(blocks, width=width)
    if not can_show(sys.stdout, text):
        text = plain(blocks, ascii=True, width=width)
    return fitted(text, known_columns())
