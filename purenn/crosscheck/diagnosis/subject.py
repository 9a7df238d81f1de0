"""A case with the program's answer to it: its own numbers, and what each block should make of them.

Everything here is computed in plain floats, on the program's own numbers, and kept: the search asks
for the same block by the same recipe again and again.
"""
from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Callable, NamedTuple

from purenn.crosscheck.catalogue.recipe import Change, together
from purenn.crosscheck.diagnosis.saturation import lost_in_a
from purenn.crosscheck.diagnosis.tokens import AFTER_WEIGHTS, EVERY_EXAMPLE, Token
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.blocks import (
    BACK,
    DELTA,
    FORWARD,
    RIGHT,
    CannotAnswer,
    Error,
    Recipe,
    Setup,
    bias_gradient,
    example_costs,
    forward_pass,
    hidden_errors,
    input_layers,
    layer_forward,
    output_errors,
    setup,
    step,
    stepped_biases,
    stepped_weights,
    total_cost,
    weight_gradient,
)
from purenn.crosscheck.truth.compare import Flat, Slack, flat, limits, nearly, shape_and_numbers
from purenn.crosscheck.truth.reference import Answer
from purenn.network import Layer

Tokens = tuple[Token, ...]
Key = tuple[str, Any]

#: what a program that stops, or gives no numbers, raises
STOPS = (CannotAnswer, ArithmeticError, ValueError, TypeError, IndexError, AttributeError)

#: where a was reported but need not have been used: its own, the same with z = σ⁻¹(a), the right
OWN, INVERSE, COMPUTED = "own", "inverse", "computed"


class Part(NamedTuple):
    """Numbers given, or predicted, in a row."""

    shape: Any
    numbers: list[float]


class Subject:
    """A case, the answer given, the truth, and everything computed from the answer's numbers."""

    def __init__(self, case: Case, answer: Answer, truth: Answer, precision: str, unit: float,
                 wrong: set[Key], slack: Slack | None = None) -> None:
        self.case, self.answer, self.precision, self.unit = case, answer, precision, unit
        self.last = len(case.weights) - 1
        self.given: dict[Key, Flat] = {(q.field, q.layer): q
                                       for q in flat(answer, len(case.weights))}
        self.truth: dict[Key, Flat] = {(q.field, q.layer): q
                                       for q in flat(truth, len(case.weights))}
        self.wrong, self.slack = wrong, slack
        self.saturated = any(_saturated(q) for q in self.truth.values()
                             if q.field == "activations")
        self._kept: dict[Any, Any] = {}

    def tolerances(self, key: Key) -> list[float]:
        """How far a right program's numbers may be from the truth."""
        def compute() -> list[float]:
            known = [float(limits(number)[1]) for number in self.truth[key].numbers]
            if self.slack is None or not self.fits(key):
                return known
            return [t + self.slack(x) for t, x in zip(known, self.given[key].numbers)]
        return self._keep(("tolerances", key), compute)

    def _keep(self, key: Any, compute: Callable[[], Any]) -> Any:
        if key not in self._kept:
            try:
                self._kept[key] = compute()
            except STOPS:
                self._kept[key] = None
        return self._kept[key]

    def fits(self, key: Key) -> bool:
        """Whether this quantity is given, in the lists that it belongs in."""
        return key in self.given and self.given[key].shape == self.truth[key].shape

    def agree(self, key: Key, value: Any, tokens: Tokens = ()) -> bool:
        """Whether the quantity given is this one, up to rounding."""
        if value is None:
            return False
        shape, numbers = shape_and_numbers(value)
        mine = self.given[key]
        for token in tokens:
            if token.beside is not None:
                numbers = token.beside(mine.numbers, numbers)
        return shape == mine.shape and nearly(mine.numbers, numbers, self.tolerances(key),
                                              self.unit)

    def tells(self, l: int) -> tuple[bool, int]:
        """How much a layer says: not saturated, with several examples, weight decay, and numbers
        that are not 0."""
        def compute() -> tuple[bool, int]:
            numbers = sum(1 for (_, layer), q in self.given.items() if layer == l
                          for x in q.numbers if x)
            return (not self.saturated, min(numbers, 20) + 15 * (len(self.case.mini_batch) > 1)
                    + 10 * bool(self.case.lmbda))
        return self._keep(("tells", l), compute)

    # Set-ups, and the layers that everything after the forward pass starts from.

    def setup(self, l: int, tokens: Tokens) -> Setup:
        if any(token.by_layer for token in tokens):
            return setup(self.case, changed(tokens, self.case, l)(RIGHT))
        return setup(self.case, recipe_of(tokens))

    def own_layer(self, l: int) -> Any:
        """The activations of layers[l + 1] of each example as given, or None."""
        if not self.fits(("activations", l)):
            return None
        return [example[l] for example in self.answer["activations"]]

    def layer(self, l: int, tokens: Tokens, base: Tokens) -> list[Layer] | None:
        """layers[l + 1] of each example, by these tokens, from the program's own layer below."""
        def compute() -> list[Layer]:
            s = self.setup(l, base + tokens)
            own = self.own_layer(l - 1) if l else None
            if own is None:
                below = [layers[-1].a for layers in self.passes(COMPUTED, base + tokens, l)] if l \
                    else [layers[0].a for layers in input_layers(s)]
            else:
                below = own
            return layer_forward(s, l, below)
        return self._keep(("layer", l, base, tokens), compute)

    def passes(self, variant: str, base: Tokens, until: int | None = None) -> list[list[Layer]]:
        """The layers of each example.  OWN: the activations given, z from the layer below."""
        until = self.last + 1 if until is None else until

        def compute() -> list[list[Layer]]:
            s = self.setup(0, base)
            if variant == COMPUTED:
                return [layers[:until + 1] for layers in forward_pass(
                    [self.setup(l, base) for l in range(self.last + 1)])]
            found = input_layers(s)
            for l in range(until):
                s = self.setup(l, base)
                computed = layer_forward(s, l, [layers[-1].a for layers in found])
                own = self.own_layer(l)
                for e, (layers, layer) in enumerate(zip(found, computed)):
                    if own is not None:
                        z = layer.z if variant == OWN else _inverse(
                            self.case.output if l == self.last else self.case.hidden, own[e],
                            layer.z)
                        layer = Layer(z, own[e], [])
                    layers.append(layer)
            return found
        return self._keep(("passes", variant, base, until), compute)

    # The blocks after the forward pass.

    def costs(self, variant: str, base: Tokens, tokens: Tokens) -> Any:
        """The costs of the examples."""
        def compute() -> Any:
            s = self.setup(self.last, base + tokens)
            measured = self._measured(s, base)
            passes = self.passes(variant, base) if measured is s.case else forward_pass(
                [self.setup(l, base)._replace(case=measured) for l in range(self.last + 1)])
            return example_costs(s, [layers[-1] for layers in passes])
        return self._keep(("costs", variant, base, tokens), compute)

    def _measured(self, s: Setup, base: Tokens) -> Case:
        """The network whose cost is measured: that of the case, or the one after the step."""
        if s.recipe.measured is RIGHT.measured:
            return s.case
        new = {}
        for field, name in (("new_weights", "weights"), ("new_biases", "biases")):
            if all(self.fits((field, l)) for l in range(self.last + 1)):
                new[name] = self.answer[field]
            else:
                new[name] = [self.after_step(name[0], COMPUTED, base, ((),) * (d + 1))
                             for d in range(self.last + 1)][::-1]
        return s.recipe.measured(s.case, s.case._replace(**new))

    def lost_in_a(self, key: Key, force: Change) -> bool:
        """Whether this cost may be that of an a which has lost its digits (see saturation.py)."""
        return bool(self._keep(("lost", key), lambda: lost_in_a(
            self.case, [self.given[key]], list(self.truth.values()), self.precision, force)))

    def total(self, variant: str, base: Tokens, tokens: Tokens) -> Any:
        """The total cost, from the costs given, or those that the tokens give."""
        def compute() -> Any:
            s = self.setup(self.last, base + tokens)
            costs = self.answer["costs"] if self.fits(("costs", None)) else self.costs(
                variant, base, tokens)
            return total_cost(s, costs, self._measured(s, base))
        return self._keep(("total", variant, base, tokens), compute)

    # The way back.  A chain holds for each layer, from the output on, the tokens that it works by;
    # what is asked for is that of the layer which the chain ends with.

    def errors(self, variant: str, base: Tokens, chain: tuple[Tokens, ...]
               ) -> list[Error] | None:
        """δ of each example."""
        chain = (*chain[:-1], carried(chain[-1]))

        def compute() -> list[Error]:
            l, tokens = self.last - len(chain) + 1, chain[-1]
            s = self.setup(l, base + tokens)
            if any(t.own for t in tokens):
                return [Error(b, b) for b in [self.observed_b(l)]]
            passes = self.passes(variant, base)
            if len(chain) == 1:
                return output_errors(s, [layers[-1] for layers in passes])
            above = self.errors(variant, base, chain[:-1])
            if above is None:
                raise CannotAnswer
            W, b = (None, None) if s.recipe.way_back is RIGHT.way_back else (
                self._after_step(part, variant, base, chain[:-1]) for part in "wb")
            return hidden_errors(s, l + 1, above, passes, W, b)  # type: ignore[arg-type]
        return self._keep(("errors", variant, base, chain), compute)

    def _after_step(self, part: str, variant: str, base: Tokens, chain: tuple[Tokens, ...]) -> Any:
        """Weights ("w") or biases ("b") after the step, as given if they are."""
        l = self.last - len(chain) + 1
        return self.answer[NEW[part]][l] if self.fits((NEW[part], l)) else self.after_step(
            part, variant, base, chain)

    def gradient(self, part: str, variant: str, base: Tokens, chain: tuple[Tokens, ...]) -> Any:
        """The mean gradient of weights ("w") or biases ("b"), or None."""
        l = self.last - len(chain) + 1
        errors = self.errors(variant, base, chain)
        if errors is None:
            return None
        s = self.setup(l, base + chain[-1])
        try:
            return bias_gradient(s, errors) if part == "b" else weight_gradient(
                s, l, errors, self.passes(variant, base))
        except STOPS:
            return None

    def shown(self, part: str, variant: str, base: Tokens, chain: tuple[Tokens, ...]) -> Any:
        """The same as the program reports it."""
        other = self._of_other_passes(f"nabla_{part}", base, chain)
        if other is not None:
            return other
        l = self.last - len(chain) + 1
        g, s = self.gradient(part, variant, base, chain), self.setup(l, base + chain[-1])
        if g is None:
            return None
        return s.recipe.show_w(g, s.case.weights[l], s.case) if part == "w" \
            else s.recipe.show_b(g, s.case.biases[l], s.case)

    def after_step(self, part: str, variant: str, base: Tokens, chain: tuple[Tokens, ...]) -> Any:
        """Weights ("w") or biases ("b") after the step, or None."""
        other = self._of_other_passes(NEW[part], base, chain)
        if other is not None:
            return other
        g = self.gradient(part, variant, base, chain)
        return None if g is None else self.stepped(self.last - len(chain) + 1, part, base,
                                                   chain[-1], g)

    def _of_other_passes(self, field: str, base: Tokens, chain: tuple[Tokens, ...]) -> Any:
        """What a program has that does not take one step from one pass; None for one that does."""
        tokens, l = base + chain[-1], self.last - len(chain) + 1
        if EVERY_EXAMPLE in tokens and field.startswith("new"):
            answer = self._keep(("every example", tokens), lambda: self._every_example(tokens))
        elif AFTER_WEIGHTS in tokens and field in ("nabla_b", "new_biases"):
            answer = self._keep(("after weights", tokens), lambda: self._after_weights(tokens))
        else:
            return None
        return answer and answer[field][l]

    def _every_example(self, tokens: Tokens) -> Answer:
        """A step with each example, one after the other."""
        case = self.case
        for example in self.case.mini_batch:
            answer = self._step(case._replace(mini_batch=[example]), tokens)
            case = case._replace(weights=answer["new_weights"], biases=answer["new_biases"])
        return answer

    def _after_weights(self, tokens: Tokens) -> Answer:
        """The step of the biases with the new weights, as given if they are."""
        given = all(self.fits(("new_weights", l)) for l in range(self.last + 1))
        new = self.answer if given else self._step(self.case, tokens)
        return self._step(self.case._replace(weights=new["new_weights"]), tokens)

    def _step(self, case: Case, tokens: Tokens) -> Answer:
        return step(case, [changed(tokens, case, l)(RIGHT) for l in range(self.last + 1)])

    def stepped(self, l: int, part: str, base: Tokens, tokens: Tokens, g: Any) -> Any:
        """Weights ("w") or biases ("b") [l] after a step with this gradient."""
        try:
            s = self.setup(l, base + tokens)
            return stepped_weights(s, l, g) if part == "w" else stepped_biases(s, l, g)
        except STOPS:
            return None

    # What is known of the gradient of a layer.

    def observed(self, l: int, part: str) -> Key | None:
        """The quantity that shows the gradient of weights ("w") or biases ("b"): itself, or what
        the step has made of it.  None if neither is given."""
        for key in ((f"nabla_{part}", l), (NEW[part], l)):
            if key in self.given:
                return key
        return None

    def gradient_given(self, l: int, part: str) -> Part | None:
        """The gradient given, or taken from the step: (f w − w′)/η."""
        def compute() -> Part | None:
            key = self.observed(l, part)
            if key is None:
                return None
            if key[0].startswith("nabla"):
                return Part(self.given[key].shape, self.given[key].numbers)
            return self.from_step(key, self.given[key].shape, self.given[key].numbers)
        return self._keep(("given", l, part), compute)

    def gradient_by(self, part: str, variant: str, base: Tokens, chain: tuple[Tokens, ...]
                    ) -> Part | None:
        """The same by these tokens."""
        key = self.observed(self.last - len(chain) + 1, part)
        assert key is not None
        reported = key[0].startswith("nabla")
        try:
            value = (self.shown if reported else self.after_step)(part, variant, base, chain)
            found = None if value is None else Part(*shape_and_numbers(value))
            return found if reported or found is None else self.from_step(key, *found)
        except STOPS:
            return None

    def prime_tolerances(self, part: str, variant: str, base: Tokens, chain: tuple[Tokens, ...]
                         ) -> list[float]:
        """How far the gradient may be off because σ′ is: by about 6 u, whatever its size, where a
        program takes it from its a; a right program's tolerances know that of right errors only."""
        errors = self._prime_errors(variant, base, chain)
        if errors is None:
            return []
        if part == "b":
            return [math.fsum(column) for column in zip(*errors)]
        passes, l = self.passes(variant, base), self.last - len(chain) + 1
        return [math.fsum(e[j] * abs(layers[l].a[k]) for e, layers in zip(errors, passes))
                for j in range(len(errors[0])) for k in range(len(passes[0][l].a))]

    def _prime_errors(self, variant: str, base: Tokens, chain: tuple[Tokens, ...]) -> Any:
        """|δ − δ of another program| at most, for each example: 6 u |v| from σ′ of this layer, and
        what comes through it from the layer above, where v is δ without σ′."""
        chain = (*chain[:-1], carried(chain[-1]))

        def compute() -> Any:
            l, errors = self.last - len(chain) + 1, self.errors(variant, base, chain)
            if errors is None:
                raise CannotAnswer
            above = self._prime_errors(variant, base, chain[:-1]) if len(chain) > 1 else None
            found = []
            for e, (delta, bare) in enumerate(errors):
                through = [math.fsum(abs(row[j]) * x for row, x in zip(
                    self.case.weights[l + 1], above[e])) for j in range(len(bare))] if above \
                    else [0.0] * len(bare)
                found.append([6 * self.unit * abs(v) + (min(abs(d / v), 2.0) if v else 1.0) * t
                              for d, v, t in zip(delta, bare, through)])
            return found
        return self._keep(("prime errors", variant, base, chain), compute)

    def from_step(self, key: Key, shape: Any, numbers: list[float]) -> Part:
        """The gradient that a step has been taken with, from what the step has made."""
        case, (field, l) = self.case, key
        weights = field == "new_weights"
        start = [w for row in case.weights[l] for w in row] if weights else case.biases[l]
        factor = 1 - case.eta * case.lmbda / case.n if weights else 1.0
        if len(start) != len(numbers):
            return Part(shape, numbers)
        return Part(shape, [(factor * w - w2) / case.eta for w, w2 in zip(start, numbers)])

    def gradient_tolerances(self, l: int, part: str) -> list[float]:
        """How far a gradient that is right may be off, and one taken from the step by u|w′|/η."""
        def compute() -> list[float]:
            key = self.observed(l, part)
            assert key is not None
            if key[0].startswith("nabla"):
                return self.tolerances(key)
            rounding = 4 * self.unit
            return [(tolerance + rounding * max(abs(float(limits(w)[0])), abs(x)))
                    / abs(self.case.eta)
                    for tolerance, w, x in zip(self.tolerances(key), self.truth[key].numbers,
                                               self.given[key].numbers)]
        return self._keep(("gradient tolerances", l, part), compute)

    def observed_b(self, l: int) -> list[float]:
        """The program's own δ of a layer, where one example shows it."""
        part = self.gradient_given(l, "b")
        if part is None or len(self.case.mini_batch) != 1 or not self.own_delta(l):
            raise CannotAnswer
        return part.numbers

    def own_delta(self, l: int) -> bool:
        """Whether the bias gradient shows δ itself."""
        key = self.observed(l, "b")
        return len(self.case.mini_batch) == 1 and key is not None and self.fits(key)


NEW = {"w": "new_weights", "b": "new_biases"}


def changed(tokens: Tokens, case: Case, l: int) -> Change:
    """All the tokens, as one change of the recipe for a layer of a case."""
    return together(*(token.change(case, l) for token in tokens))


@lru_cache(maxsize=10_000)
def recipe_of(tokens: Tokens) -> Recipe:
    """The recipe of tokens that do the same in every layer of every case."""
    return together(*(token.change(None, 0) for token in tokens))(RIGHT)  # type: ignore[arg-type]


def carried(tokens: Tokens) -> Tokens:
    """The tokens that change δ: what is done with it in the gradients and in the step makes no
    difference below."""
    return tuple(t for t in tokens if t.own or t.blocks & _CARRIED)


_CARRIED = frozenset((FORWARD, DELTA, BACK))


def _saturated(q: Flat) -> bool:
    """Whether an activation of a bounded kind is within a thousandth of its end: where σ′ is
    hardly more than that."""
    values = [float(limits(x)[0]) for x in q.numbers]
    return any(v not in (0.0, 1.0) and min(abs(v), abs(1 - abs(v))) < 1e-3 for v in values) \
        or any(v == 1.0 for v in values)


#: z of a neuron whose activation has reached its end, where σ′ is 0
FAR = 800.0


def _inverse(kind: str, a: list[float], z: list[float]) -> list[float]:
    """z of an activation that is taken at its word; that computed where there is none."""
    inverse: dict[str, Callable[[float], float]] = {
        "sigmoid": lambda x: FAR * (2 * x - 1) if x in (0, 1) else math.log(x / (1 - x)),
        "tanh": lambda x: FAR * x if x in (-1, 1) else math.atanh(x), "softmax": math.log,
        "relu": lambda x: x, "identity": lambda x: x}
    result = []
    for a_j, z_j in zip(a, z):
        try:
            result.append(inverse[kind](a_j))
        except (ValueError, ZeroDivisionError):
            result.append(z_j)
    return result
