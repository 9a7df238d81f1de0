"""One step of learning with every piece replaceable: how a mistake is made on purpose.

A ``Recipe`` holds the pieces of the computation that a program can get wrong.  As it stands, each
is made of the reference's own functions, and ``step`` puts them together to the reference's answer.
A mistake is a change of a recipe.  The changes can be combined, one after the other.

The step goes through the network layer by layer with the whole mini-batch, as programs with
matrices do: some mistakes can be made only there.
"""
from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, localcontext
from types import ModuleType
from typing import Any, Callable, NamedTuple

from purenn.activations import HIDDEN, OUTPUTS, Activation, neuron_by_neuron
from purenn.costs import COSTS, Cost
from purenn.crosscheck.questions.cases import Case, with_numbers
from purenn.crosscheck.truth.bounded import DIGITS
from purenn.crosscheck.truth.reference import ALLOWED_ACTIVATIONS, ALLOWED_COSTS, PRECISIONS, Answer
from purenn.linalg import (
    Matrix,
    Number,
    Vector,
    add,
    add_outer,
    affine,
    nonzero,
    total,
    transpose_times,
    zeros,
)
from purenn.network import Layer
from purenn.sgd import decay_cost


class CannotAnswer(Exception):
    """A program with this mistake would stop here: vectors of different lengths meet."""


class Recipe(NamedTuple):
    """The pieces of one step.  m is the size of the mini-batch, g a mean gradient."""

    #: how the program takes in the case
    read: Callable[[Case], Case]
    #: x -> a⁰
    start: Callable[[Vector], Vector]
    #: (hidden, output activation) -> those the program uses
    activations: Callable[[Activation, Activation], tuple[Activation, Activation]]
    #: (W, a, b) -> z
    weigh: Callable[[Matrix, Vector, Vector], Vector]
    #: (activation, z of each example, b) -> a of each example
    activate: Callable[[Activation, list[Vector], Vector], list[Vector]]
    cost: Callable[[Cost], Cost]
    #: (network before, network after the step) -> the one whose cost is measured
    measured: Callable[[Case, Case], Case]
    #: (costs of the examples, case) -> cost of the mini-batch, without weight decay
    mean: Callable[[Vector, Case], Number]
    decay_cost: Callable[[Case], Number]
    #: (weights, l, weights[l] after the step) -> the matrix that carries δ from layer l + 1 to l
    way_back: Callable[[list[Matrix], int, Matrix], Matrix]
    #: (W, δ) -> Wᵀ δ
    pull_back: Callable[[Matrix, Vector], Vector]
    #: (Wᵀ δ, layers, l, activation) -> δ of layer l
    error: Callable[[Vector, list[Layer], int, Activation], Vector]
    #: (δ of each example, layers of each example, l) -> Σ δ aᵀ for weights[l]
    sum_w: Callable[[list[Vector], list[list[Layer]], int], Matrix]
    #: (δ of each example) -> Σ δ
    sum_b: Callable[[list[Vector]], Vector]
    #: (sum, case) -> mean
    mean_w: Callable[[Matrix, Case], Matrix]
    mean_b: Callable[[Vector, Case], Vector]
    #: the factor 1 − ηλ/n of the weights
    decay: Callable[[Case], Number]
    #: the factor η of g, for weights and biases
    rates: Callable[[Case], list[Number]]
    #: (W, g, decay, rate) -> new W
    update_w: Callable[[Matrix, Matrix, Number, Number], Matrix]
    #: (b, g, decay, rate) -> new b
    update_b: Callable[[Vector, Vector, Number, Number], Vector]
    #: (answer, case) -> the answer's numbers as they are reported
    report: Callable[[Answer, Case], Answer]
    #: (answer, case) -> the same numbers in the lists that they are written down in
    present: Callable[[Answer, Case], Answer]


Change = Callable[[Recipe], Recipe]


class Mistake(NamedTuple):
    """An entry of the catalogue; or a convention, which is as good as the reference's."""

    id: str
    #: what it is, so that it reads well after "a network with this mistake:"
    sentence: str
    #: what to do about it
    instead: str
    #: the earliest quantity that it can show in, one of ``compare.STAGES``
    stage: str
    #: the line of the reference to look at: a module, and a label or a piece of the line
    see: tuple[ModuleType, str]
    change: Change
    convention: bool = False


def sum_outer(deltas: list[Vector], below: list[Vector]) -> Matrix:
    """Σ δ aᵀ over the examples."""
    result = zeros(len(deltas[0]), len(below[0]))
    for delta, a in zip(deltas, below):
        add_outer(result, delta, a, nonzero(a))
    return result


def sum_vectors(vectors: list[Vector]) -> Vector:
    """Σ v over the examples."""
    result = vectors[0]
    for v in vectors[1:]:
        result = add(result, v)
    return result


def rows(f: Callable[[Vector], Vector], W: Matrix) -> Matrix:
    """The matrix with f done to every row."""
    return [f(row) for row in W]


def divided(v: Vector, c: Number) -> Vector:
    """v / c.  A zero stays what it is: the int 0 over an int would be a float."""
    return [v_k / c if v_k else v_k for v_k in v]


def step_vector(v: Vector, g: Vector, factor: Number, rate: Number) -> Vector:
    """factor v − rate g."""
    return [factor * v_k - rate * g_k for v_k, g_k in zip(v, g)]


RIGHT = Recipe(
    read=lambda case: case,
    start=lambda x: x,
    activations=lambda hidden, output: (hidden, output),
    weigh=lambda W, a, b: affine(W, a, b, nonzero(a)),
    activate=lambda activation, zs, b: [activation.forward(z) for z in zs],
    cost=lambda cost: cost,
    measured=lambda before, after: before,
    mean=lambda costs, case: total(costs) / len(costs),
    decay_cost=lambda case: decay_cost(
        case, case.lmbda, case.n),  # type: ignore[arg-type]  # a case has weights, too
    way_back=lambda weights, l, new: weights[l],
    pull_back=transpose_times,
    error=lambda v, layers, l, activation: activation.backward(v, layers[l].z),
    sum_w=lambda deltas, passes, l: sum_outer(deltas, [layers[l].a for layers in passes]),
    sum_b=sum_vectors,
    mean_w=lambda W, case: rows(lambda row: divided(row, len(case.mini_batch)), W),
    mean_b=lambda b, case: divided(b, len(case.mini_batch)),
    decay=lambda case: 1 - case.eta * case.lmbda / case.n,
    rates=lambda case: [case.eta, case.eta],
    update_w=lambda W, g, decay, rate: [step_vector(row, row_g, decay, rate)
                                        for row, row_g in zip(W, g)],
    update_b=lambda b, g, decay, rate: step_vector(b, g, 1, rate),
    report=lambda answer, case: answer,
    present=lambda answer, case: answer)


def step(case: Case, recipe: Recipe = RIGHT,
         activations: dict[str, Activation] | None = None,
         costs: dict[str, Cost] | None = None) -> Answer:
    """The answer of a program that works by the recipe, with the activations and costs given by
    name, or the reference's.  Raises CannotAnswer, ArithmeticError or ValueError where it cannot.
    """
    given = case
    case = recipe.read(case)
    hidden, output = recipe.activations((activations or HIDDEN)[case.hidden],
                                        (activations or OUTPUTS)[case.output])
    cost = recipe.cost((costs or COSTS)[case.cost])
    passes = _forward(case, recipe, hidden, output)
    gradient_w, gradient_b, weights, biases = _backward(case, recipe, passes, hidden, output, cost)
    measured = recipe.measured(case, case._replace(weights=weights, biases=biases))
    seen = passes if measured is case else _forward(measured, recipe, hidden, output)
    examples = [cost.fn(layers[-1].z, layers[-1].a, y)
                for layers, (_, y) in zip(seen, case.mini_batch)]
    answer = recipe.report({
        "activations": [[layer.a for layer in layers[1:]] for layers in passes],
        "costs": examples,
        "total_cost": recipe.mean(examples, case) + recipe.decay_cost(measured),
        "nabla_w": gradient_w, "nabla_b": gradient_b,
        "new_weights": weights, "new_biases": biases}, given)
    return recipe.present(answer, given)


def step_with_bounds(case: Case, precision: str, change: Change) -> Answer:
    """The step, changed, with the bound of what a program may get that makes the same change."""
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        return step(with_numbers(case, PRECISIONS[precision]), change(RIGHT),
                    ALLOWED_ACTIVATIONS, ALLOWED_COSTS)


def _forward(case: Case, recipe: Recipe, hidden: Activation, output: Activation
             ) -> list[list[Layer]]:
    """The layers of each example."""
    passes = [[Layer([], recipe.start(x), [])] for x, _ in case.mini_batch]
    activations = [hidden] * (len(case.weights) - 1) + [output]
    for W, b, activation in zip(case.weights, case.biases, activations):
        zs = [recipe.weigh(W, layers[-1].a, b) for layers in passes]
        for layers, z, a in zip(passes, zs, recipe.activate(activation, zs, b)):
            layers.append(Layer(z, a, []))
    return passes


def _backward(case: Case, recipe: Recipe, passes: list[list[Layer]], hidden: Activation,
              output: Activation, cost: Cost) -> tuple[list[Matrix], list[Vector], list[Matrix],
                                                       list[Vector]]:
    """The mean gradient of weights and biases, and both after the step."""
    deltas = [cost.delta(layers[-1].z, layers[-1].a, y, output)
              for layers, (_, y) in zip(passes, case.mini_batch)]
    decay, (rate_w, rate_b) = recipe.decay(case), recipe.rates(case)
    found: list[tuple[Any, Any, Any, Any]] = []
    for l in reversed(range(len(case.weights))):
        g_w = recipe.mean_w(recipe.sum_w(deltas, passes, l), case)
        g_b = recipe.mean_b(recipe.sum_b(deltas), case)
        W = recipe.update_w(case.weights[l], g_w, decay, rate_w)
        b = recipe.update_b(case.biases[l], g_b, decay, rate_b)
        found.append((g_w, g_b, W, b))
        if l:
            back = recipe.way_back(case.weights, l, W)
            deltas = [recipe.error(recipe.pull_back(back, delta), layers, l, hidden)
                      for delta, layers in zip(deltas, passes)]
    found.reverse()
    w, b, new_w, new_b = ([layer[k] for layer in found] for k in range(4))
    return w, b, new_w, new_b


# Changes, for the catalogue to be made of.

def replaced(**pieces: Any) -> Change:
    """Some pieces replaced, whatever they were."""
    return lambda recipe: recipe._replace(**pieces)


def activation_changed(change: Callable[[Activation], Activation], hidden: bool = True,
                       output: bool = True) -> Change:
    """Another activation in the hidden layers, the output layer, or both."""
    def changed(recipe: Recipe) -> Recipe:
        def both(h: Activation, o: Activation) -> tuple[Activation, Activation]:
            h, o = recipe.activations(h, o)
            return change(h) if hidden else h, change(o) if output else o
        return recipe._replace(activations=both)
    return changed


def neurons(name: str, f: Callable[[Number], Number] | None = None,
            f_prime: Callable[[Number], Number] | None = None) -> Change:
    """The activation of that name with another function or derivative, wherever it is used."""
    def change(activation: Activation) -> Activation:
        if activation.name != name:
            return activation
        new = neuron_by_neuron(name, f or (lambda z: z), f_prime or (lambda z: 1))
        return activation._replace(forward=new.forward if f else activation.forward,
                                   backward=new.backward if f_prime
                                   else activation.backward)
    return activation_changed(change)


def cost_changed(name: str, fn: Any = None, delta: Any = None) -> Change:
    """The cost of that name with another formula for itself or its δ; name "" means any.

    fn and delta are functions of the cost's own fn or delta and its arguments.
    """
    def changed(recipe: Recipe) -> Recipe:
        def change(cost: Cost) -> Cost:
            cost = recipe.cost(cost)
            if name and cost.name != name:
                return cost
            old_fn, old_delta = cost.fn, cost.delta
            return cost._replace(
                fn=(lambda z, a, y: fn(old_fn, z, a, y)) if fn else old_fn,
                delta=(lambda z, a, y, output: delta(old_delta, z, a, y, output)) if delta
                else old_delta)
        return recipe._replace(cost=change)
    return changed


def reported(change: Callable[[Answer, Case], Answer]) -> Change:
    """Other numbers reported than those computed: the change gives the fields that differ."""
    return after("report", lambda answer, _, case: {**answer, **change(answer, case)})


def presented(change: Callable[[Answer, Case], Answer]) -> Change:
    """The same numbers in other lists: the change gives the fields that differ.

    However the changes are put together, these come last, when all numbers are there.
    """
    return after("present", lambda answer, _, case: {**answer, **change(answer, case)})


def after(piece: str, f: Callable[..., Any]) -> Change:
    """f(result, arguments of the piece) in place of a piece's result."""
    def changed(recipe: Recipe) -> Recipe:
        old = getattr(recipe, piece)
        return recipe._replace(**{piece: lambda *arguments: f(old(*arguments), *arguments)})
    return changed


def together(*changes: Change) -> Change:
    """One change after the other."""
    def changed(recipe: Recipe) -> Recipe:
        for change in changes:
            recipe = change(recipe)
        return recipe
    return changed
