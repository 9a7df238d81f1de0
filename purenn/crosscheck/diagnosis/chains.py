"""The cheapest explanation of all the numbers, block by block in the order of the computation.

Each block is judged on the program's own numbers before it, so that a mistake in one hides none in
the next.  What was found in the forward pass is the base of everything after it.  On the way back
the errors δ are not known from outside; a few explanations are kept from one layer to the next,
because whether "δ lacks σ′" or "the weight gradient lacks σ′" is decided one layer below.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import combinations, count
from typing import Any, Callable

from purenn.crosscheck.catalogue.recipe import Mistake, together
from purenn.crosscheck.diagnosis.backward import Backward
from purenn.crosscheck.diagnosis.epsilon import deltas_with_epsilon, with_epsilon
from purenn.crosscheck.diagnosis.explain import (
    ONE,
    TWO,
    Account,
    Claim,
    Holds,
    Item,
    Known,
    Proposals,
    Trial,
    explain,
    telling_numbers,
)
from purenn.crosscheck.diagnosis.states import State, Step, carrying, price_of
from purenn.crosscheck.diagnosis.subject import (
    COMPUTED,
    INVERSE,
    NEW,
    OWN,
    Subject,
    Tokens,
)
from purenn.crosscheck.diagnosis.tokens import (
    AFTER_WEIGHTS,
    EVERY_EXAMPLE,
    LOST,
    NO_EPSILON,
    NOT_FINITE,
    OWN_DELTA,
    WITH_EPSILON,
    Token,
    approximate,
    constant,
    dropout,
    limited,
    named,
    of_entry,
    ratio,
    rounded_to,
    scaled,
    solved,
)
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
)

#: what it costs to find one half of an entry that cost and gradient should share
HALF = 0.3

#: so many explanations go on from one block to the next, with no more different δ than this
BEAM, CHAINS = 24, 4

#: so many explanations of everything are compared
WHOLE = 60

#: an explanation that costs no more than this above the best is about as good
AS_GOOD = 0.8


class Search:
    """One diagnosis: the subjects, and what has been tried on them."""

    def __init__(self, subjects: Sequence[Subject], tokens: Sequence[Token],
                 force: Tokens = ()) -> None:
        self.subjects, self.force = list(subjects), force
        self.depths = range(max(subject.last for subject in subjects) + 1)
        self.number = {id(subject): k for k, subject in enumerate(self.subjects)}
        shown = any(key[0] in ("nabla_w", "nabla_b") for s in subjects for key in s.given)
        # how a gradient is reported makes no difference where none is
        self.tokens = [token for token in tokens if shown or not reports_another(token)]
        self._accounts: dict[Any, list[Account]] = {}
        self._trials: dict[Any, Trial] = {}
        self._backward_of: dict[Any, Backward] = {}

    def acting(self, *blocks: str) -> list[Token]:
        """The tokens that can explain one of these blocks.  What would show in the forward pass
        has been found there."""
        return [token for token in self.tokens if token.blocks.intersection(blocks)
                and (FORWARD in blocks or FORWARD not in token.blocks)]

    def run(self) -> list[State]:
        """Explanations of everything, the cheapest first, and all that are about as good.

        The cheapest explanation so far is always the next that goes on, by one stage: so the first
        that is whole is the best, and what is much dearer is never looked into.
        """
        stages = self._stages()
        start = State(0.0, (), OWN, tuple(self.force for _ in self.subjects),
                      tuple(() for _ in self.subjects))
        ties, waiting = count(), [(0.0, 0, 0, start)]
        gone_on: list[list[State]] = [[] for _ in stages]
        whole: list[State] = []
        while waiting and len(whole) < WHOLE and waiting[0][0] <= AS_GOOD + min(
                (state.price for state in whole), default=math.inf):
            _, minus_stage, _, state = heappop(waiting)  # of equals, the one that has come farthest
            stage = -minus_stage
            if not _may_go_on(state, gone_on[stage]):
                continue
            gone_on[stage].append(state)
            for found in stages[stage](state):
                if stage + 1 == len(stages):
                    whole.append(self._with_halves(found))
                else:
                    heappush(waiting, (round(found.price, 6), -stage - 1, next(ties), found))
        return sorted(whole, key=lambda state: state.price)

    def _stages(self) -> list[Callable[[State], list[State]]]:
        """state -> the same with the accounts of one more block, for each block."""
        return [partial(self._forward, depth=0), partial(self._forward, depth=1), self._unseen,
                partial(self._costs, block=COST), partial(self._costs, block=TOTAL),
                *(partial(self._backward, depth=depth) for depth in self.depths),
                partial(self._steps, part="w"), partial(self._steps, part="b")]

    def _extended(self, state: State, block: str, depth: int, accounts: Sequence[Account]
                  ) -> list[State]:
        return [state._replace(price=state.price + price_of(account, state, block, depth),
                               steps=state.steps + ((Step(block, depth, account),) if account
                                                    else ()))
                for account in accounts]

    # Forward.

    def _forward(self, state: State, depth: int) -> list[State]:
        """The hidden layers, depth 0, or the output layer, depth 1."""
        accounts = self._accounts_of(
            ("forward", depth, state.base), self._items_of(FORWARD, depth),
            self._forward_holds(state), state.known(FORWARD), self.acting(FORWARD),
            self._of_layer("activations"), self._forward_relations(state))
        return [with_base for found in self._extended(state, FORWARD, depth, accounts)
                for with_base in self._with_base(found)]

    def _forward_holds(self, state: State) -> Holds:
        def holds(item: Item, tokens: Tokens) -> bool:
            subject, l = item
            key = ("activations", l)
            if key not in subject.given:
                return bool(tokens)  # nothing but what comes after it asks for an explanation
            if not tokens and key not in subject.wrong:
                return True
            layer = subject.layer(l, tokens, self._base(state, subject))
            return layer is not None and subject.agree(key, [found.a for found in layer], tokens)
        return holds

    def _forward_relations(self, state: State) -> Callable[[Item], list[Token]]:
        """What an activation may be that no entry gives: dropped, or right to a few digits."""
        def read(item: Item) -> list[Token]:
            subject, l = item
            layer = subject.layer(l, (), self._base(state, subject))
            if layer is None or not subject.fits(("activations", l)):
                return []
            both = list(zip(subject.given["activations", l].numbers,
                            [a for found in layer for a in found.a]))
            dropped = [y for x, y in both if not x and y]
            kept = [(x, y) for x, y in both if x]
            c = ratio([x for x, _ in kept], [y for _, y in kept], [0.0] * len(kept), subject.unit)
            off = max(abs(x - y) for x, y in both)
            found = [approximate(digits) for digits in range(2, 13) if off <= 10.0 ** -digits]
            found += [rounded_to(k) for k in range(1, 7) if off <= 0.5001 * 10.0 ** -k
                      and all(x == round(x, k) for x, _ in both)][:1]
            return found + [dropout(float(f"{c:.9g}"))] if c and dropped and len(kept) > 1 \
                else found
        return read

    def _base(self, state: State, subject: Subject) -> Tokens:
        return state.base[self.number[id(subject)]]

    def _with_base(self, state: State) -> list[State]:
        """The state with what it found in the forward pass as the base of all after it.

        An activation that nothing explains need not be the one that was used: what follows is
        judged with that given, with the same and z = σ⁻¹(a), and with the right one.
        """
        if not state.steps or state.steps[-1].block != FORWARD:
            return [state]
        account = state.steps[-1].account
        if any(token.unexplained or token.inexact for claim in account for token in claim.tokens):
            return [state._replace(variant=variant) for variant in (OWN, INVERSE, COMPUTED)]
        made: dict[tuple[int, Token], set[int]] = {}
        for step in state.steps:
            for claim in step.account:
                for item in claim.items:
                    for token in claim.tokens:
                        made.setdefault((self.number[id(item.subject)], token),
                                        set()).add(item.layer)
        base = [self.force] * len(self.subjects)
        for (k, token), layers in made.items():
            everywhere = len(layers) > self.subjects[k].last
            base[k] += (token if everywhere else limited(token, frozenset(layers)),)
        return [state._replace(base=tuple(base))]

    def _unseen(self, state: State) -> list[State]:
        """The state, and with it what may have been done in a forward pass that is not shown:
        what makes the costs right, or the gradients of the output layer, or else what leaves one
        thing to be explained there."""
        subjects = [s for s in self.subjects if not shows_activations(s)]
        shown = self._follow(state, subjects)
        if not shown or any(shown):
            return [state]
        acting = self.acting(FORWARD)
        for depths in (0, 1), (1,), (0,):
            tried = [self._with_unseen(state, token, subjects, depths) for token in acting]
            found = [new for new in tried if any(self._follow(new, subjects))]
            if found:
                return [state, *found]
        tried = [self._with_unseen(state, token, subjects, (0, 1)) for token in acting]
        return [state, *(new for new in tried if self._one_explains(new, subjects))]

    def _with_unseen(self, state: State, token: Token, subjects: list[Subject],
                     depths: Sequence[int]) -> State:
        """The state with a token in the hidden layers (depth 0) and the output layer (depth 1)."""
        for depth in depths:
            items = tuple(Item(s, l) for s in subjects for l in range(s.last + 1)
                          if (l < s.last) == (depth == 0))
            account = (Claim((token,), items, None, ()),) if items else ()
            state, = self._extended(state, FORWARD, depth, [account])
        state, = self._with_base(state)
        return state

    def _follow(self, state: State, subjects: list[Subject]) -> list[bool]:
        """Of costs and gradients of the output layer, as far as they are shown: whether they are
        what the forward pass of the state gives, and nothing else."""
        outputs = [Item(s, s.last) for s in subjects]
        key = COST_KEYS[COST]
        shown = [(self._cost_holds(state, key), [i for i in outputs if key in i.subject.given]),
                 (self.backward(state, 0).holds, self._with_gradients(subjects))]
        return [all(holds(item, ()) for item in items) for holds, items in shown if items]

    def _with_gradients(self, subjects: list[Subject]) -> list[Item]:
        return [item for item in self._items_of(DELTA, 0) if item.subject in subjects]

    def _one_explains(self, state: State, subjects: list[Subject]) -> bool:
        """Whether one token explains the gradients of the output layer."""
        items = self._with_gradients(subjects)
        return bool(items) and bool(self.backward(state, 0).trial.candidates(
            tuple(items), ONE, state.known(DELTA, BACK)))

    # Costs.

    def _costs(self, state: State, block: str) -> list[State]:
        key = COST_KEYS[block]
        acting = self.acting(block) if block == COST else self.acting(COST, TOTAL)
        return self._extended(state, block, 0, self._accounts_of(
            (block, state.variant, state.base), self._items_of(block, 0),
            self._cost_holds(state, key), state.known(COST), acting, self._same(key),
            self._cost_factors(state, key)))

    def _predicted_cost(self, state: State, key: Any, subject: Subject, tokens: Tokens) -> Any:
        compute = subject.costs if key[0] == "costs" else subject.total
        return compute(state.variant, self._base(state, subject), tokens)

    def _cost_holds(self, state: State, key: Any) -> Holds:
        def holds(item: Item, tokens: Tokens) -> bool:
            subject = item.subject
            if not tokens and key not in subject.wrong:
                return True
            if tokens == (LOST,) and (key not in subject.wrong or self._is_lost(item, key, holds)):
                return True
            predicted = self._predicted_cost(state, key, subject, tokens)
            if key not in subject.wrong and subject.saturated and isinstance(predicted, list):
                # ln 0 is no evidence against an entry: what it changes may yet start from z
                predicted = [c if math.isfinite(c) else x
                             for c, x in zip(predicted, subject.given[key].numbers)]
            return subject.agree(key, predicted)
        return holds

    def _is_lost(self, item: Item, key: Any, holds: Holds) -> bool:
        """Whether a cost may be that of an a that has lost its digits.  That one cut off at an ε
        fits is no accident, unless it would fit without the ε."""
        force = together(*(t.change(item.subject.case, item.layer) for t in self.force))
        return item.subject.lost_in_a(key, force) and (
            holds(item, (NO_EPSILON,)) or not any(holds(item, (t,)) for t in WITH_EPSILON))

    def _cost_factors(self, state: State, key: Any) -> Callable[[Item], list[Token]]:
        def read(item: Item) -> list[Token]:
            subject, (case, l) = item.subject, (item.subject.case, item.layer)
            if not subject.fits(key):
                return []
            right = self._predicted_cost(state, key, subject, ())
            mine = subject.given[key].numbers
            if right is None:
                return []
            if key[0] == "costs":
                c = ratio(mine, right, subject.tolerances(key), subject.unit)
                return self._epsilons(state, key, subject) + (
                    [] if c is None else [scaled("costs", f) for f in named(c, case, l)])
            return _total_factors(subject, mine[0], right, l)
        return read

    def _epsilons(self, state: State, key: Any, subject: Subject) -> list[Token]:
        """What is done against ln 0 with an ε of one's own."""
        def cost(entry: Mistake) -> float | None:
            costs = self._predicted_cost(state, key, subject, (of_entry(0, entry),))
            return None if costs is None else math.fsum(costs)
        mine = subject.given[key].numbers
        if subject.case.cost == "quadratic" or not all(map(math.isfinite, mine)):
            return []
        return list(dict.fromkeys(map(solved, with_epsilon(cost, math.fsum(mine)))))

    # Backward.

    def _backward(self, state: State, depth: int) -> list[State]:
        accounts = self._explained(self._items_of(BACK, depth), self.backward(state, depth).trial,
                                   state.known(DELTA, BACK), self._has_finite_gradients)
        return [with_chain for found in self._extended(state, BACK if depth else DELTA, depth,
                                                       accounts)
                for with_chain in self._with_chain(found, depth, state)]

    def _has_finite_gradients(self, item: Item) -> bool:
        return all(self._is_finite(item.subject, item.subject.observed(item.layer, part))
                   for part in "wb")

    @staticmethod
    def _is_finite(subject: Subject, key: Any) -> bool:
        return key not in subject.given or all(map(math.isfinite, subject.given[key].numbers))

    def _with_chain(self, state: State, depth: int, before: State) -> list[State]:
        """The state with the tokens found at this depth in the chains of its subjects."""
        account = state.steps[-1].account if len(state.steps) > len(before.steps) else ()
        found: list[Tokens] = [() for _ in self.subjects]
        own: list[Tokens] = [()] * len(self.subjects)
        for claim in account:
            for item in claim.items:
                k = self.number[id(item.subject)]
                if not claim.tokens[0].unexplained and claim.tokens[0] is not NOT_FINITE:
                    found[k] = claim.tokens
                else:
                    own[k] = (OWN_DELTA,)
        states = [state._replace(chains=tuple(
            chain + (tokens,) for chain, tokens in zip(state.chains, found)))]
        if any(own):
            states.append(state._replace(chains=tuple(
                chain + (mine or tokens,) for chain, tokens, mine
                in zip(state.chains, found, own))))
        return states

    def backward(self, state: State, depth: int) -> Backward:
        """What the layers at this depth are judged by, below those that a state explains."""
        state = state.until(depth)
        of_epsilon = () if depth else tuple(map(solved, deltas_with_epsilon(
            token.entry.id for token in state.known().tokens if token.entry)))
        key = (state.variant, state.base, state.carried, of_epsilon)
        if key not in self._backward_of:
            acting = [*self.acting(BACK if depth else DELTA, GRAD_W, GRAD_B, STEP_W, STEP_B),
                      *of_epsilon, EVERY_EXAMPLE, AFTER_WEIGHTS]
            self._backward_of[key] = Backward(state, self.subjects, acting, self.force)
        return self._backward_of[key]

    # The step, where the gradient that it starts from is given.

    def _steps(self, state: State, part: str) -> list[State]:
        block = STEP_W if part == "w" else STEP_B
        decays = tuple((claim.items, of_weights(claim.tokens)) for step in state.steps
                       for claim in step.account if step.block == STEP_W
                       and of_weights(claim.tokens))
        key = (block, state.variant, state.base, state.chains, part == "b" and decays)
        return self._extended(state, block, 0, self._accounts_of(
            key, self._items_of(block, 0), self._step_holds(state, part), state.known(STEP_W),
            self.acting(block), self._of_layer(NEW[part]), self._step_factors(state, part)))

    def _step_holds(self, state: State, part: str) -> Holds:
        def holds(item: Item, tokens: Tokens) -> bool:
            subject, l = item
            key = (NEW[part], l)
            if not tokens and key not in subject.wrong:
                return True
            return any(subject.agree(key, value)
                       for value in self._stepped(state, subject, l, part, tokens))
        return holds

    def _stepped(self, state: State, subject: Subject, l: int, part: str, tokens: Tokens
                 ) -> list[Any]:
        """After a step with the gradient given; or with the one that the program has instead,
        where it reports another."""
        k = self.number[id(subject)]
        chain = state.chains[k][:subject.last - l + 1]
        base = state.base[k] + chain[-1]
        if part == "b":  # how the weights decay, biases may, too
            base += of_weights(state.at(STEP_W, 0, Item(subject, l)))
        values = [subject.stepped(l, part, base, tokens, subject.answer[f"nabla_{part}"][l])]
        instead = subject.gradient(part, state.variant, state.base[k],
                                   (*carrying(chain[:-1]), chain[-1]))
        if instead is not None:
            values.append(subject.stepped(l, part, base, tokens, instead))
        return values

    def _step_factors(self, state: State, part: str) -> Callable[[Item], list[Token]]:
        def read(item: Item) -> list[Token]:
            subject, l = item
            key = (NEW[part], l)
            if not subject.fits(key):
                return []
            case, g = subject.case, subject.given[f"nabla_{part}", l].numbers
            mine = subject.from_step(key, None, subject.given[key].numbers)
            c = ratio(mine.numbers, g, [t / abs(case.eta) for t in subject.tolerances(key)],
                      subject.unit)
            if c is None:
                return []
            other, block = ("b", STEP_B) if part == "w" else ("w", STEP_W)
            right = self._step_holds(state, other)
            both = not all(right(each, ()) for each in self._items_of(block, 0))
            target = "step" if both else "weights' step" if part == "w" else "biases' step"
            return [scaled(target, f) for f in named(c, case, l) + [constant(c)]]
        return read

    # All blocks but those of the way back.

    @staticmethod
    def _same(key: Any) -> Callable[[Item], Any]:
        return lambda item: key

    @staticmethod
    def _of_layer(field: str) -> Callable[[Item], Any]:
        return lambda item: (field, item.layer)

    def _accounts_of(self, key: Any, items: list[Item], holds: Holds, known: Known,
                     acting: list[Token], quantity: Callable[[Item], Any],
                     factors: Callable[[Item], list[Token]] | None = None) -> list[Account]:
        if key not in self._trials:
            self._trials[key] = Trial(holds, self._proposals(holds, acting, factors), lambda item:
                                      telling_numbers(item.subject, [quantity(item)]))
        return self._explained(items, self._trials[key], known, lambda item: self._is_finite(
            item.subject, quantity(item)))

    def _explained(self, items: list[Item], trial: Trial, known: Known,
                   is_finite: Callable[[Item], bool]) -> list[Account]:
        key = (id(trial), known)
        if key not in self._accounts:
            self._accounts[key] = explain(items, trial, known, is_finite)
        return self._accounts[key]

    @staticmethod
    def _proposals(holds: Holds, acting: list[Token],
                   factors: Callable[[Item], list[Token]] | None) -> Proposals:
        """One token, besides those given, or two."""
        def proposals(item: Item, effort: int, given: Tokens = ()) -> list[Tokens]:
            if effort == ONE:
                read = factors(item) if factors and not given else []
                return [(*given, t) for t in acting + read
                        if t not in given and holds(item, (*given, t))]
            return [pair for pair in combinations(acting, 2) if holds(item, pair)] \
                if effort == TWO else []
        return proposals

    # What the findings ask.

    def holds(self, state: State, block: str, depth: int) -> Holds:
        """What a block is judged by, in the light of what was found before it."""
        if block == FORWARD:
            return self._forward_holds(state._replace(base=tuple(
                self.force for _ in self.subjects)))
        if block in (COST, TOTAL):
            return self._cost_holds(state, COST_KEYS[block])
        if block in (STEP_W, STEP_B):
            return self._step_holds(state, "w" if block == STEP_W else "b")
        return self.backward(state, depth).holds

    def is_needed(self, state: State, block: str, depth: int, item: Item, token: Token) -> bool:
        """Whether a block of an item is wrong without this token."""
        others = () if token.unexplained else tuple(
            t for t in state.at(block, depth, item) if t is not token)
        return not self.holds(state, block, depth)(item, others)

    def wrong_parts(self, state: State, depth: int, items: Sequence[Item]) -> str:
        """Which of the gradients are wrong at this depth: "w", "b" or "wb"."""
        backward = self.backward(state, depth)
        return "".join(part for part in "wb" if not all(
            backward.holds(item, (), part) for item in items))

    def would_show(self, state: State, token: Token, block: str, depth: int,
                   where: Callable[[Item], bool] = lambda item: True) -> bool:
        """Whether a token would make a block wrong of an item that is explained without it."""
        acts = (BACK if depth else DELTA, GRAD_W, GRAD_B, STEP_W, STEP_B) \
            if block in (DELTA, BACK) else (block,)
        holds = self.holds(state, block, depth)
        backward = self.backward(state, depth) if block in (DELTA, BACK) else None
        for item in self._items_of(block, depth) if token.blocks.intersection(acts) else ():
            tokens = state.at(block, depth, item)
            if (where(item) and token not in tokens and holds(item, tokens)
                    and not holds(item, (*tokens, token))
                    and not (backward and backward.stops(item, (*tokens, token)))):
                return True
        return False

    def _items_of(self, block: str, depth: int) -> list[Item]:
        """The items that show a block; of the forward pass those of the hidden layers, depth 0, or
        those of the output layer, depth 1."""
        return [Item(subject, l) for subject in self.subjects for l in range(subject.last + 1)
                if (block != FORWARD or ("activations", l) in subject.given
                    and (l < subject.last) == (depth == 0))
                and (block not in (DELTA, BACK) or l == subject.last - depth and any(
                    subject.observed(l, part) for part in "wb"))
                and (block not in COST_KEYS or l == subject.last
                     and COST_KEYS[block] in subject.given)
                and (block not in (STEP_W, STEP_B) or self._shows_step(subject, l, block))]

    @staticmethod
    def _shows_step(subject: Subject, l: int, block: str) -> bool:
        part = "w" if block == STEP_W else "b"
        return (NEW[part], l) in subject.given and subject.fits((f"nabla_{part}", l))

    def _with_halves(self, state: State) -> State:
        """The state, dearer for every entry of cost and gradient, or of both steps, that is in one
        of them alone: a cost with a convention that its gradient lacks is a mistake of its own."""
        used_in: dict[Token, set[str]] = {}
        for step in state.steps:
            for claim in step.account:
                for token in claim.tokens:
                    used_in.setdefault(token, set()).add(step.block)
        halves = 0
        for token, used in used_in.items():
            if FORWARD in token.blocks or token.blocks <= used:
                continue
            in_costs, on_the_way_back = used & {COST, TOTAL}, used & {DELTA, BACK}
            halves += not on_the_way_back and any(
                self.would_show(state, token, BACK if depth else DELTA, depth)
                for depth in self.depths) \
                or bool(on_the_way_back) and not in_costs and any(
                    self.would_show(state, token, block, 0) for block in COST_KEYS) \
                or used < STEPS and any(
                    self.would_show(state, token, block, 0) for block in STEPS - used)
        return state._replace(price=state.price + HALF * halves, halves=halves)


def shows_activations(subject: Subject) -> bool:
    """Whether an answer has activations."""
    return any(field == "activations" for field, _ in subject.given)


def reports_another(token: Token) -> bool:
    """Whether a token is about the gradient that is reported, and not the one that is used."""
    if token.entry is None:
        return False
    recipe = token.entry.change(RIGHT)
    return recipe.show_w is not RIGHT.show_w or recipe.show_b is not RIGHT.show_b


def of_weights(tokens: Tokens) -> Tokens:
    """Those that act in the step of the weights, and not in that of the biases."""
    return tuple(t for t in tokens if STEP_B not in t.blocks and not t.unexplained)


def _may_go_on(state: State, before: Sequence[State]) -> bool:
    """Whether fewer have gone on from the same stage, and with fewer δ, than may."""
    carried = {other.carried for other in before}
    return len(before) < BEAM and (state.carried in carried or len(carried) < CHAINS)


STEPS = {STEP_W, STEP_B}
COST_KEYS = {COST: ("costs", None), TOTAL: ("total_cost", None)}


def _total_factors(subject: Subject, mine: float, right: float, l: int) -> list[Token]:
    """What the mean of the costs, or the decay term, may have been multiplied by."""
    case = subject.case
    squares = 0.0
    for W in case.weights:
        for row in W:
            for w in row:
                squares += w * w
    decay = case.lmbda / (2 * case.n) * squares
    mean, tokens = right - decay, []
    for target, over, c in (("mean", mean, mine - decay), ("decay cost", decay, mine - mean)):
        if over:
            tokens += [scaled(target, f) for f in named(c / over, case, l)]
    return tokens


