"""One step of learning, cut into blocks that are each computed from any numbers before them.

A block is the smallest part of a step that can be right or wrong by itself: a layer forward, the
costs of the examples, the total cost, the error δ of a layer, its two gradients, its step.  Here
each is a function of the numbers that it starts from, whoever computed them: a whole step runs
them one after the other (``step``), and a diagnosis runs each on the numbers of the program under
test, so that a mistake in one block hides none in the next.

What a block does is said by a ``Recipe``: the pieces of the computation that a program can get
wrong.  As it stands (``RIGHT``), each piece is made of the reference's own functions, and ``step``
puts them together to the reference's answer.  A mistake is a change of a recipe.

The step goes through the network layer by layer with the whole mini-batch, as programs with
matrices do: some mistakes can be made only there.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from purenn.activations import HIDDEN, OUTPUTS, Activation, Identity
from purenn.costs import COSTS, Cost
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.reference import Answer
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


class Error(NamedTuple):
    """What the backward pass finds in a layer, for one example.

    ``bare`` is δ before σ′ is multiplied in: Wᵀ δ in a hidden layer, and a − y in the output
    layer, or what else a recipe has for it.
    """

    delta: Vector
    bare: Vector


class Recipe(NamedTuple):
    """The pieces of one step.  m is the size of the mini-batch, g a mean gradient.

    weights[l] lead from layers[l] to layers[l + 1], where layers[0] is the input.
    """

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
    #: (costs of the examples, case) -> the same as the program has them
    each: Callable[[Vector, Case], Vector]
    #: (network before, network after the step) -> the one whose cost is measured
    measured: Callable[[Case, Case], Case]
    #: (costs of the examples, case) -> cost of the mini-batch, without weight decay
    mean: Callable[[Vector, Case], Number]
    decay_cost: Callable[[Case], Number]
    #: (δ, bare error) -> what the weight gradient of this layer is made of
    for_w: Callable[[Vector, Vector], Vector]
    #: (δ, bare error) -> what its bias gradient is made of
    for_b: Callable[[Vector, Vector], Vector]
    #: (δ, bare error, case) of the layer above -> what is carried back to this one
    carry: Callable[[Vector, Vector, Case], Vector]
    #: (case, l, weights[l] and biases[l] after the step) -> the matrix that carries δ back
    way_back: Callable[[Case, int, Matrix, Vector], Matrix]
    #: (W, δ) -> Wᵀ δ
    pull_back: Callable[[Matrix, Vector], Vector]
    #: (z, b) -> what σ′ is taken of
    at: Callable[[Vector, Vector], Vector]
    #: (Wᵀ δ, layers, l, activation) -> δ of layers[l]
    error: Callable[[Vector, list[Layer], int, Activation], Vector]
    #: (δ of each example, layers of each example, l, case) -> Σ δ aᵀ for weights[l]
    sum_w: Callable[[list[Vector], list[list[Layer]], int, Case], Matrix]
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
    #: (g, W, case) -> the weight gradient as the program reports it, where it steps with another
    show_w: Callable[[Matrix, Matrix, Case], Matrix]
    #: (g, b, case) -> the same for the bias gradient
    show_b: Callable[[Vector, Vector, Case], Vector]
    #: (answer, case) -> the answer with whole fields exchanged or in another order
    report: Callable[[Answer, Case], Answer]


#: The parts of a step that can be right or wrong by themselves, in the order of the computation
BLOCKS = FORWARD, COST, TOTAL, DELTA, BACK, GRAD_W, GRAD_B, STEP_W, STEP_B = (
    "forward", "costs", "total cost", "output error", "hidden error", "weight gradient",
    "bias gradient", "weight step", "bias step")

#: The blocks that each piece of a recipe acts in; those of ``activations`` and ``cost`` depend on
#: which of their functions is changed, see ``blocks_of``
ACTS_IN = {
    "read": (FORWARD, TOTAL, BACK, STEP_W), "start": (FORWARD, GRAD_W), "weigh": (FORWARD,),
    "activate": (FORWARD,),
    "each": (COST,), "measured": (COST, TOTAL), "mean": (TOTAL,), "decay_cost": (TOTAL,),
    "for_w": (GRAD_W,), "for_b": (GRAD_B,), "carry": (BACK,), "way_back": (BACK,),
    "pull_back": (BACK,), "at": (DELTA, BACK), "error": (BACK,),
    "sum_w": (GRAD_W,), "sum_b": (GRAD_B,),
    "mean_w": (GRAD_W,), "mean_b": (GRAD_B,), "decay": (STEP_W,), "rates": (STEP_W, STEP_B),
    "update_w": (STEP_W,), "update_b": (STEP_B,), "show_w": (GRAD_W,), "show_b": (GRAD_B,),
    "report": (GRAD_W, GRAD_B), "cost": (),
    "activations": ()}


def sum_outer(deltas: list[Vector], below: list[Vector]) -> Matrix:
    """Σ δ aᵀ over the examples."""
    result = zeros(len(deltas[0]), len(below[0]))
    for delta, a in zip(deltas, below):
        add_outer(result, 1, [(delta, (a, nonzero(a)))])
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
    if len(v) != len(g):
        raise CannotAnswer
    return [factor * v_k - rate * g_k for v_k, g_k in zip(v, g)]


def step_matrix(W: Matrix, g: Matrix, factor: Number, rate: Number) -> Matrix:
    """factor W − rate g."""
    if len(W) != len(g):
        raise CannotAnswer
    return [step_vector(row, row_g, factor, rate) for row, row_g in zip(W, g)]


RIGHT = Recipe(
    read=lambda case: case,
    start=lambda x: x,
    activations=lambda hidden, output: (hidden, output),
    weigh=lambda W, a, b: affine(W, b, [(a, nonzero(a))])[0],
    activate=lambda activation, zs, b: [activation.forward(z) for z in zs],
    cost=lambda cost: cost,
    each=lambda costs, case: costs,
    measured=lambda before, after: before,
    mean=lambda costs, case: total(costs) / len(costs),
    decay_cost=lambda case: decay_cost(
        case, case.lmbda, case.n),  # type: ignore[arg-type]  # all it needs are weights
    for_w=lambda delta, bare: delta,
    for_b=lambda delta, bare: delta,
    carry=lambda delta, bare, case: delta,
    way_back=lambda case, l, new_W, new_b: case.weights[l],
    pull_back=transpose_times,
    at=lambda z, b: z,
    error=lambda v, layers, l, activation: activation.backward(v, layers[l].z),
    sum_w=lambda deltas, passes, l, case: sum_outer(deltas, [layers[l].a for layers in passes]),
    sum_b=sum_vectors,
    mean_w=lambda W, case: rows(lambda row: divided(row, len(case.mini_batch)), W),
    mean_b=lambda b, case: divided(b, len(case.mini_batch)),
    decay=lambda case: 1 - case.eta * case.lmbda / case.n,
    rates=lambda case: [case.eta, case.eta],
    update_w=step_matrix,
    update_b=lambda b, g, decay, rate: step_vector(b, g, 1, rate),
    show_w=lambda g, W, case: g,
    show_b=lambda g, b, case: g,
    report=lambda answer, case: answer)


class Setup(NamedTuple):
    """A program that works by a recipe, in front of a case: what all its blocks need."""

    #: as the program has read it
    case: Case
    recipe: Recipe
    hidden: Activation
    output: Activation
    cost: Cost


def setup(case: Case, recipe: Recipe, activations: dict[str, Activation] = OUTPUTS,
          costs: dict[str, Cost] = COSTS) -> Setup:
    """The program by this recipe, with the activations and costs given by name."""
    case = recipe.read(case)
    hidden, output = recipe.activations(activations[case.hidden], activations[case.output])
    return Setup(case, recipe, hidden, output, recipe.cost(costs[case.cost]))


# The blocks.  Each takes the set-up, and the numbers before it.

def input_layers(s: Setup) -> list[list[Layer]]:
    """The layers of each example before the forward pass: the input alone."""
    return [[Layer([], s.recipe.start(x), [])] for x, _ in s.case.mini_batch]


def layer_forward(s: Setup, l: int, below: list[Vector]) -> list[Layer]:
    """layers[l + 1] of each example, from the activations below."""
    W, b = s.case.weights[l], s.case.biases[l]
    zs = [s.recipe.weigh(W, a, b) for a in below]
    activation = s.hidden if l < len(s.case.weights) - 1 else s.output
    return [Layer(z, a, []) for z, a in zip(zs, s.recipe.activate(activation, zs, b))]


def example_costs(s: Setup, tops: list[Layer]) -> Vector:
    """The costs of the examples, from their last layers."""
    return s.recipe.each([s.cost.fn(top.z, top.a, y)
                          for top, (_, y) in zip(tops, s.case.mini_batch)], s.case)


def total_cost(s: Setup, costs: Vector, measured: Case) -> Number:
    """The total cost, from those of the examples, and the network that decays."""
    return s.recipe.mean(costs, s.case) + s.recipe.decay_cost(measured)


def output_errors(s: Setup, tops: list[Layer]) -> list[Error]:
    """δ of the output layer, from the last layer of each example."""
    b = s.case.biases[-1]
    return [Error(*(s.cost.delta(s.recipe.at(top.z, b), top.a, y, activation)
                    for activation in (s.output, Identity)))
            for top, (_, y) in zip(tops, s.case.mini_batch)]


def hidden_errors(s: Setup, l: int, above: list[Error], passes: list[list[Layer]],
                  new_W: Matrix, new_b: Vector) -> list[Error]:
    """δ of layers[l], from that of the layer above, and from weights and biases [l] after the
    step, which a right program does not use here."""
    back = s.recipe.way_back(s.case, l, new_W, new_b)
    bare = [s.recipe.pull_back(back, s.recipe.carry(delta, v, s.case)) for delta, v in above]
    return [Error(s.recipe.error(v, _primed(s, layers, l), l, s.hidden), v)
            for v, layers in zip(bare, passes)]


def _primed(s: Setup, layers: list[Layer], l: int) -> list[Layer]:
    """The layers, with what σ′ is taken of for the z of layers[l]."""
    z = s.recipe.at(layers[l].z, s.case.biases[l - 1])
    return [*layers[:l], layers[l]._replace(z=z), *layers[l + 1:]]


def weight_gradient(s: Setup, l: int, errors: list[Error], passes: list[list[Layer]]) -> Matrix:
    """The mean gradient of weights[l], from δ of layers[l + 1]."""
    deltas = [s.recipe.for_w(delta, bare) for delta, bare in errors]
    return s.recipe.mean_w(s.recipe.sum_w(deltas, passes, l, s.case), s.case)


def bias_gradient(s: Setup, errors: list[Error]) -> Vector:
    """The mean gradient of the biases of a layer, from its δ."""
    deltas = [s.recipe.for_b(delta, bare) for delta, bare in errors]
    return s.recipe.mean_b(s.recipe.sum_b(deltas), s.case)


def stepped_weights(s: Setup, l: int, g: Matrix) -> Matrix:
    """weights[l] after the step, from their gradient."""
    return s.recipe.update_w(s.case.weights[l], g, s.recipe.decay(s.case),
                             s.recipe.rates(s.case)[0])


def stepped_biases(s: Setup, l: int, g: Vector) -> Vector:
    """biases[l] after the step, from their gradient."""
    return s.recipe.update_b(s.case.biases[l], g, s.recipe.decay(s.case),
                             s.recipe.rates(s.case)[1])


# The whole step.

def step(case: Case, recipe: Recipe | Sequence[Recipe] = RIGHT,
         activations: dict[str, Activation] | None = None,
         costs: dict[str, Cost] | None = None) -> Answer:
    """The answer of a program that works by the recipe, with the activations and costs given by
    name, or the reference's.  Raises CannotAnswer, ArithmeticError or ValueError where it cannot.

    A sequence of recipes has one for each layer after the input: a mistake may be made in one layer
    alone.  The costs are computed by the last.
    """
    recipes = [recipe] * len(case.weights) if isinstance(recipe, Recipe) else list(recipe)
    setups = [setup(case, r, activations or OUTPUTS, costs or COSTS) for r in recipes]
    top = setups[-1]
    passes = forward_pass(setups)
    gradients = _backward(setups, passes)
    weights, biases = ([g[k] for g in gradients] for k in (4, 5))
    measured = top.recipe.measured(top.case, top.case._replace(weights=weights, biases=biases))
    seen = passes if measured is top.case else forward_pass(
        [s._replace(case=measured) for s in setups])
    examples = example_costs(top, [layers[-1] for layers in seen])
    answer = top.recipe.report({
        "activations": [[layer.a for layer in layers[1:]] for layers in passes],
        "costs": examples, "total_cost": total_cost(top, examples, measured),
        "nabla_w": [g[2] for g in gradients], "nabla_b": [g[3] for g in gradients],
        "new_weights": weights, "new_biases": biases}, case)
    return answer


def forward_pass(setups: Sequence[Setup]) -> list[list[Layer]]:
    """The layers of each example, the set-ups being those of the layers after the input."""
    passes = input_layers(setups[0])
    for l, s in enumerate(setups):
        for layers, layer in zip(passes, layer_forward(s, l, [p[-1].a for p in passes])):
            layers.append(layer)
    return passes


def _backward(setups: Sequence[Setup], passes: list[list[Layer]]) -> list[Any]:
    """For each layer: mean gradient of weights and biases, both as reported, both after the
    step."""
    found: list[Any] = []
    errors: list[Error] = []
    for l in reversed(range(len(setups))):
        s = setups[l]
        errors = output_errors(s, [layers[-1] for layers in passes]) if not found else \
            hidden_errors(s, l + 1, errors, passes, *found[-1][4:])
        g_w, g_b = weight_gradient(s, l, errors, passes), bias_gradient(s, errors)
        found.append((g_w, g_b, s.recipe.show_w(g_w, s.case.weights[l], s.case),
                      s.recipe.show_b(g_b, s.case.biases[l], s.case),
                      stepped_weights(s, l, g_w), stepped_biases(s, l, g_b)))
    return found[::-1]


# Which blocks a recipe changes.

def blocks_of(recipe: Recipe) -> frozenset[str]:
    """The blocks that do not work as in RIGHT: those whose pieces are replaced."""
    found: set[str] = set()
    for piece, blocks in ACTS_IN.items():
        if getattr(recipe, piece) is not getattr(RIGHT, piece):
            found.update(blocks)
    for cost in COSTS.values():
        changed = recipe.cost(cost)
        found.update([COST] * (changed.fn is not cost.fn)
                     + [DELTA] * (changed.delta is not cost.delta))
    for hidden in HIDDEN.values():
        for output in OUTPUTS.values():
            for old, new, block in zip((hidden, output), recipe.activations(hidden, output),
                                       (BACK, DELTA)):
                found.update([FORWARD] * (new.forward is not old.forward)
                             + [block] * (new.backward is not old.backward))
    return frozenset(found)
