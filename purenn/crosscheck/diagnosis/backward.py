"""The way back at one distance from the output: what explains the gradients of a layer.

A layer shows two gradients, of weights and of biases, each perhaps only in what the step has made
of it.  Both come from one δ.  So what explains them is a change of δ, of a gradient, or of its step
where that is all there is; or two or three of these, of which each may concern one gradient only.
"""
from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from purenn.crosscheck.catalogue.gradient import clipped
from purenn.crosscheck.diagnosis.explain import ONE, TWO, Item, Trial, cheapest, telling_numbers
from purenn.crosscheck.diagnosis.states import State
from purenn.crosscheck.diagnosis.subject import Part, Subject, Tokens
from purenn.crosscheck.diagnosis.tokens import (
    Token,
    constant,
    decays_in_gradient,
    named,
    ratio,
    scaled,
    solved,
)
from purenn.crosscheck.truth.blocks import (
    BACK,
    DELTA,
    FORWARD,
    GRAD_B,
    GRAD_W,
    STEP_B,
    STEP_W,
)
from purenn.crosscheck.truth.compare import ROUNDINGS, nearly

#: the blocks that a gradient given comes from, and those that it comes from if the step shows it
BEFORE = {part: frozenset((FORWARD, DELTA, BACK, gradient))
          for part, gradient in (("w", GRAD_W), ("b", GRAD_B))}
BEFORE_STEP = {"w": BEFORE["w"] | {STEP_W}, "b": BEFORE["b"] | {STEP_B}}

#: of two tokens that make one gradient right, so many are tried with a third for the other
MOST_FIRST = 40

#: numbers that are farther apart than a hundredth are not asked whether σ′ can have done it
ROUGHLY = 0.01 / ROUNDINGS

#: two factors are the same if their quotient is 1 up to this
SAME = 1e-6


class Backward:
    """The layers at one depth, below those that a state explains."""

    def __init__(self, state: State, subjects: Sequence[Subject], acting: Sequence[Token],
                 force: Tokens) -> None:
        self.variant, self.acting, self.force = state.variant, acting, force
        self.base = {id(s): base for s, base in zip(subjects, state.base)}
        self.chain = {id(s): chain for s, chain in zip(subjects, state.carried)}
        #: of a layer above, the program has a δ of its own that nobody knows
        self.unknown = {id(s) for s in subjects if any(
            any(t.own for t in tokens) and not s.own_delta(s.last - depth)
            for depth, tokens in enumerate(self.chain[id(s)]))}
        self._held: dict[Any, bool] = {}
        self.trial = Trial(self.holds, self.proposals, self._numbers)

    def holds(self, item: Item, tokens: Tokens, parts: str = "wb") -> bool:
        """Whether these tokens give the gradients; the fewer act on one, the sooner it is asked."""
        if len(tokens) > 1 and len(parts) > 1:
            parts = "".join(sorted(parts, key=lambda part: sum(
                not t.blocks.isdisjoint(BEFORE_STEP[part]) for t in tokens)))
        return all(self._part_holds(item, tokens, part) for part in parts)

    def _part_holds(self, item: Item, tokens: Tokens, part: str) -> bool:
        subject, l = item
        observed = subject.observed(l, part)
        if observed is None or id(subject) in self.unknown:
            return True
        before = (BEFORE if observed[0].startswith("nabla") else BEFORE_STEP)[part]
        if part == "b" and any(STEP_B in t.blocks for t in tokens):
            before = before | {STEP_W}  # how the weights decay, biases may, too
        tokens = tuple(t for t in tokens if t.own or not t.blocks.isdisjoint(before))
        key = (id(subject), l, part, tokens)
        if key not in self._held:
            self._held[key] = self._is_near(subject, l, part, tokens)
        return self._held[key]

    def _is_near(self, subject: Subject, l: int, part: str, tokens: Tokens) -> bool:
        if subject.observed(l, part) not in subject.wrong and not tokens \
                and not any(self.chain[id(subject)]) and self.base[id(subject)] == self.force:
            return True
        mine, other = subject.gradient_given(l, part), self._predicted(subject, part, tokens)
        if mine is None or other is None or squeezed(mine.shape) != squeezed(other.shape):
            return False
        tolerances = subject.gradient_tolerances(l, part)
        if nearly(mine.numbers, other.numbers, tolerances, subject.unit):
            return True
        one_number = len(other.numbers) > len(set(other.numbers)) == 1
        if not one_number and not nearly(mine.numbers, other.numbers, tolerances, ROUGHLY):
            return False
        wider = subject.prime_tolerances(part, self.variant, self.base[id(subject)],
                                         (*self.chain[id(subject)], tokens))
        if one_number:  # a sum of all, in which much may have cancelled
            wider = [math.fsum(wider)] * len(wider)
        return len(wider) == len(tolerances) and nearly(
            mine.numbers, other.numbers, list(map(max, tolerances, wider)), subject.unit)

    def _predicted(self, subject: Subject, part: str, tokens: Tokens) -> Part | None:
        return subject.gradient_by(part, self.variant, self.base[id(subject)],
                                   (*self.chain[id(subject)], tokens))

    def _numbers(self, item: Item) -> int:
        """How many numbers of an item say something."""
        subject, l = item
        return 0 if id(subject) in self.unknown else telling_numbers(
            subject, [subject.observed(l, part) for part in "wb"])

    def stops(self, item: Item, tokens: Tokens) -> bool:
        """Whether a program with these tokens would stop here."""
        subject, l = item
        return any(self._predicted(subject, part, tokens) is None
                   for part in "wb" if subject.observed(l, part))

    # What may explain an item.

    def proposals(self, item: Item, effort: int, given: Tokens = ()) -> list[Tokens]:
        """One token, besides those given; two; or three of which one makes a gradient right that
        the two do not."""
        if effort == ONE:
            scales = [t for parts in ("wb", "w", "b") for t in (
                *self._scales(item, given, parts), *self._decays(item, given, parts))]
            return [(*given, t) for t in (*self.acting, *scales, *self._clips(item))
                    if t not in given and self.holds(item, (*given, t))]
        effective = [t for t in self.acting if self._is_effective(item, t)]
        found = self._two(item, effective) if effort == TWO else self._three(item, effective)
        return [tokens for tokens in found if self.holds(item, tokens)]

    def _is_effective(self, item: Item, token: Token) -> bool:
        return any(self._predicted(item.subject, part, (token,))
                   != self._predicted(item.subject, part, ())
                   for part in "wb" if item.subject.observed(item.layer, part))

    def _two(self, item: Item, effective: list[Token]) -> Iterator[Tokens]:
        yield from combinations(effective, 2)
        for t in effective:
            for parts in ("wb", "w", "b"):
                yield from ((t, u) for u in (*self._scales(item, (t,), parts),
                                             *self._decays(item, (t,), parts)))
        yield from ((t, u) for t in self._scales(item, (), "b")
                    for u in self._scales(item, (), "w"))

    def _three(self, item: Item, effective: list[Token]) -> Iterator[Tokens]:
        multiplying = [(t, c) for t in effective for c in [self._multiplies(item, t)] if c]
        for t in effective:
            missing = self._missing(item, (t,))
            if missing is not None:
                yield from ((t, u, v) for (u, c), (v, d) in combinations(multiplying, 2)
                            if abs(c * d / missing - 1) < SAME and t is not u and t is not v)
        if any(item.subject.observed(item.layer, part) is None for part in "wb"):
            return
        for part, other, of_other in (("b", "w", (GRAD_W, STEP_W)), ("w", "b", (GRAD_B, STEP_B))):
            only = [t for t in effective if t.blocks.issubset(of_other)]
            acting = [t for t in effective if not t.blocks.isdisjoint(BEFORE_STEP[part])]
            firsts = [pair for pair in combinations(acting, 2) if self.holds(item, pair, part)]
            firsts += [(t, u) for t in acting for u in self._scales(item, (t,), part)]
            for first in cheapest(firsts)[:MOST_FIRST]:
                yield from ((*first, t) for t in (*only, *self._scales(item, first, other)))

    # What is read off the numbers.

    def _clips(self, item: Item) -> list[Token]:
        """A gradient that is cut off at ±c, where two numbers or more are ±c and none is larger."""
        numbers = [abs(x) for part in "wb" if item.subject.observed(item.layer, part)
                   for found in [item.subject.gradient_given(item.layer, part)] if found
                   for x in found.numbers]
        c = float(f"{max(numbers, default=0.0):.2g}")
        at_the_end = sum(abs(x - c) <= 1e-9 * c for x in numbers)
        return [solved(clipped(c))] if c and at_the_end > 1 else []

    def _scales(self, item: Item, tokens: Tokens, parts: str = "wb") -> list[Token]:
        """The factors that are missing in both gradients, or in one of them, as tokens."""
        factor = self._missing(item, tokens, parts)
        if factor is None or abs(factor - 1) < SAME:
            return []
        (subject, l), case = item, item.subject.case
        targets = {"wb": ("δ", "gradient"), "w": ("weight gradient",), "b": ("bias gradient",)}
        in_step = {"wb": ("step", "δ"), "w": ("weights' step",), "b": ("biases' step",)}
        taken = all(str((subject.observed(l, part) or ("new",))[0]).startswith("new")
                    for part in parts)
        return [scaled(target, f) for target in (in_step if taken else targets)[parts]
                for f in [*named(factor, case, l), constant(factor)]]

    def _decays(self, item: Item, tokens: Tokens, parts: str) -> list[Token]:
        """The decay that stands in one gradient given, or in both, as tokens."""
        subject, l = item
        case, c = subject.case, None
        if not case.lmbda or any((f"nabla_{part}", l) not in subject.given for part in parts):
            return []
        for part in parts:
            mine, other = subject.gradient_given(l, part), self._predicted(subject, part, tokens)
            start = [w for row in case.weights[l] for w in row] if part == "w" else case.biases[l]
            if mine is None or other is None or mine.shape != other.shape:
                return []
            tolerances = subject.gradient_tolerances(l, part)
            excess = ratio([x - y for x, y in zip(mine.numbers, other.numbers)], start,
                           [t + ROUNDINGS * subject.unit * abs(x) for t, x in zip(
                               tolerances, mine.numbers)], subject.unit)
            if excess is None or c is not None and abs(excess / c - 1) > SAME:
                return []
            c = excess
        return [] if c is None else decays_in_gradient(c, parts, case)

    def _missing(self, item: Item, tokens: Tokens, parts: str = "wb") -> float | None:
        """The factor by which the gradients given are those of these tokens."""
        return self._factor(item, parts, [
            (item.subject.gradient_given(item.layer, part),
             self._predicted(item.subject, part, tokens)) for part in parts
            if item.subject.observed(item.layer, part)])

    def _multiplies(self, item: Item, token: Token) -> float | None:
        """The factor that a token multiplies both gradients by, if that is all that it does."""
        return self._factor(item, "wb", [
            (self._predicted(item.subject, part, (token,)),
             self._predicted(item.subject, part, ())) for part in "wb"
            if item.subject.observed(item.layer, part)])

    def _factor(self, item: Item, parts: str, pairs: list[tuple[Part | None, Part | None]]
                ) -> float | None:
        """The one factor between the numbers of each pair."""
        subject, l = item
        observed = [part for part in parts if subject.observed(l, part)]
        first: float | None = None
        for part, (mine, other) in zip(observed, pairs):
            if mine is None or other is None or squeezed(mine.shape) != squeezed(other.shape):
                return None
            c = ratio(mine.numbers, other.numbers, subject.gradient_tolerances(l, part),
                      subject.unit)
            if c is None or first is not None and abs(c / first - 1) > SAME:
                return None
            first = c
        return first


def squeezed(shape: Any) -> Any:
    """A shape without its lists of one: where one example makes a row, several make a matrix."""
    while shape is not None and len(shape) == 1:
        shape, = shape
    return shape if shape is None else tuple(map(squeezed, shape))
