"""How a mistake is made on purpose: changes of a recipe.

A recipe says how a program computes each block of a step (truth/blocks.py).  A mistake is a change
of a recipe, and changes can be combined, one after the other.  Which blocks a mistake acts in
follows from the pieces that it replaces (``blocks_of``), and in which cases, layers or examples it
is made is found by the diagnosis: an entry says only what is done otherwise.
"""
from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, localcontext
from types import ModuleType
from typing import Any, Callable, NamedTuple

from purenn.activations import Activation, neuron_by_neuron
from purenn.costs import Cost
from purenn.crosscheck.questions.cases import Case, with_numbers
from purenn.crosscheck.truth.blocks import BLOCKS, RIGHT, Recipe, blocks_of, step
from purenn.crosscheck.truth.bounded import DIGITS
from purenn.crosscheck.truth.reference import ALLOWED_ACTIVATIONS, ALLOWED_COSTS, NUMBERS, Answer
from purenn.linalg import Number

Change = Callable[[Recipe], Recipe]


class Mistake(NamedTuple):
    """An entry of the catalogue; or a convention, which is as good as the reference's."""

    id: str
    #: what it is, so that it reads well after "a network with this mistake:"
    sentence: str
    #: what to do about it
    instead: str
    #: the line of the reference to look at: a module, and a label or a piece of the line
    see: tuple[ModuleType, str]
    change: Change
    convention: bool = False

    @property
    def blocks(self) -> list[str]:
        """The blocks that it acts in, in the order of the computation; none for a layout."""
        acts = blocks_of(self.change(RIGHT))
        return [block for block in BLOCKS if block in acts]


def step_with_bounds(case: Case, precision: str, change: Change) -> Answer:
    """The step, changed, with the bound of what a program may get that makes the same change."""
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        return step(with_numbers(case, NUMBERS[precision]), change(RIGHT),
                    ALLOWED_ACTIVATIONS, ALLOWED_COSTS)


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
    """Whole fields exchanged or put in another order: the change gives those that differ."""
    return after("report", lambda answer, _, case: {**answer, **change(answer, case)})


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


def only_where(change: Change, where: Callable[[Case, int], bool], case: Case) -> list[Recipe]:
    """The recipes of the layers of a case, for ``step``, with a change in some of them alone.

    where(case, l) says whether the layer l after the input, from 0, is one of them.
    """
    return [change(RIGHT) if where(case, l) else RIGHT for l in range(len(case.weights))]
