"""The cheapest explanation of all the numbers, block by block in the order of the computation.

Each block is judged on the program's own numbers before it, so that a mistake in one hides none in
the next.  What was found in the forward pass is the base of everything after it.  On the way back
the errors δ are not known from outside; a few explanations are kept from one layer to the next,
because whether "δ lacks σ′" or "the weight gradient lacks σ′" is decided one layer below.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Callable, NamedTuple

from purenn.crosscheck.catalogue.recipe import Mistake, together
from purenn.crosscheck.diagnosis.epsilon import with_epsilon
from purenn.crosscheck.diagnosis.explain import Account, Claim, Item, explain
from purenn.crosscheck.diagnosis.subject import (
    COMPUTED,
    INVERSE,
    NEW,
    OWN,
    Subject,
    Tokens,
)
from purenn.crosscheck.diagnosis.tokens import (
    CONSTANT,
    LOST,
    NOT_FINITE,
    OWN_DELTA,
    SCOPE,
    Token,
    constant,
    limited,
    named,
    of_entry,
    ratio,
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
from purenn.crosscheck.truth.compare import nearly

#: two entries are looked for where one token that explains a group costs more than this
PAIR = 1.9

#: what it costs to find one half of an entry that cost and gradient should share
HALF = 0.3

#: so many explanations are carried on, and of a layer's δ so many to the next
BEAM, CHAINS = 24, 4


class Step(NamedTuple):
    """The account of one block in an explanation of everything."""

    block: str
    #: distance from the output layer, for the blocks of the way back
    depth: int
    account: Account


class State(NamedTuple):
    """An explanation of everything up to some block."""

    price: float
    steps: tuple[Step, ...]
    variant: str
    #: for each subject, the tokens found in the forward pass
    base: tuple[Tokens, ...]
    #: for each subject, the tokens of each layer from the output on
    chains: tuple[tuple[Tokens, ...], ...]
    #: how many entries of cost and gradient were found in one of them alone
    halves: int = 0

    @property
    def carried(self) -> tuple[tuple[Tokens, ...], ...]:
        """The chains as far as they make a difference to the layers below."""
        return tuple(map(carrying, self.chains))


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
        self._held: dict[Any, bool] = {}
        self._factors: dict[Any, list[tuple[Token, float]]] = {}

    def acting(self, *blocks: str) -> list[Token]:
        """The tokens that can explain one of these blocks.  What would show in the forward pass
        has been found there."""
        return [token for token in self.tokens if token.blocks.intersection(blocks)
                and (FORWARD in blocks or FORWARD not in token.blocks)]

    def run(self) -> list[State]:
        """Explanations of everything, the cheapest first."""
        start = State(0.0, (), OWN, tuple(self.force for _ in self.subjects),
                      tuple(() for _ in self.subjects))
        states = self._forward([start])
        states = self._costs(states)
        for depth in self.depths:
            states = self._backward(states, depth)
        states = [self._with_halves(state) for state in self._steps(states)]
        return sorted(states, key=lambda state: state.price)

    def _extended(self, state: State, block: str, depth: int, accounts: Sequence[Account]
                  ) -> list[State]:
        return [state._replace(price=state.price + price_of(account, state, block, depth),
                               steps=state.steps + ((Step(block, depth, account),) if account
                                                    else ()))
                for account in accounts]

    def _kept(self, states: list[State]) -> list[State]:
        return sorted(states, key=lambda state: state.price)[:BEAM]

    # Forward.

    def _forward(self, states: list[State]) -> list[State]:
        """The hidden layers, then the output layer."""
        for hidden in (True, False):
            items = [Item(subject, l) for subject in self.subjects
                     for l in range(subject.last + 1) if (l < subject.last) == hidden
                     and ("activations", l) in subject.given]
            new = []
            for state in states:
                accounts = self._accounts_of(("forward", hidden, state.base), items,
                                             self._forward_holds(state), self.acting(FORWARD),
                                             self._of_layer("activations"))
                for found in self._extended(state, FORWARD, int(not hidden), accounts):
                    new += self._with_base(found)
            states = self._kept(new)
        return states

    def _forward_holds(self, state: State) -> Callable[[Item, Tokens], bool]:
        def holds(item: Item, tokens: Tokens) -> bool:
            subject, l = item
            key = ("activations", l)
            if not tokens and key not in subject.wrong:
                return True
            layer = subject.layer(l, tokens, self._base(state, subject))
            return layer is not None and subject.agree(key, [found.a for found in layer])
        return holds

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
        if any(token.unexplained for claim in account for token in claim.tokens):
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

    # Costs.

    def _costs(self, states: list[State]) -> list[State]:
        for field, block in (("costs", COST), ("total_cost", TOTAL)):
            key = (field, None)
            items = [Item(subject, subject.last) for subject in self.subjects
                     if key in subject.given]
            acting = self.acting(block) if block == COST else self.acting(COST, TOTAL)
            states = self._kept([
                found for state in states for found in self._extended(
                    state, block, 0, self._accounts_of(
                        (field, state.variant, state.base), items,
                        self._cost_holds(state, key), acting, self._same(key),
                        self._cost_factors(state, key)))])
        return states

    def _predicted_cost(self, state: State, key: Any, subject: Subject, tokens: Tokens) -> Any:
        compute = subject.costs if key[0] == "costs" else subject.total
        return compute(state.variant, self._base(state, subject), tokens)

    def _cost_holds(self, state: State, key: Any) -> Callable[[Item, Tokens], bool]:
        def holds(item: Item, tokens: Tokens) -> bool:
            subject = item.subject
            if not tokens and key not in subject.wrong:
                return True
            if tokens == (LOST,):
                return key not in subject.wrong or subject.lost_in_a(key, together(
                    *(token.change(subject.case, item.layer) for token in self.force)))
            return subject.agree(key, self._predicted_cost(state, key, subject, tokens))
        return holds

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

    def _backward(self, states: list[State], depth: int) -> list[State]:
        items = [Item(subject, subject.last - depth) for subject in self.subjects
                 if subject.last >= depth and any(subject.observed(subject.last - depth, part)
                                                  for part in "wb")]
        if not items:
            return [state._replace(chains=tuple(chain + ((),) for chain in state.chains))
                    for state in states]
        new = []
        for state in states:
            key = ("backward", state.variant, state.base, state.carried)
            if key not in self._accounts:
                self._accounts[key] = self._back_accounts(state, depth, items)
            for found in self._extended(state, DELTA if not depth else BACK, depth,
                                        self._accounts[key]):
                new += self._with_chain(found, depth, state)
        return self._of_few_chains(self._kept(new))

    def _of_few_chains(self, states: list[State]) -> list[State]:
        """The states whose δ are one of the few best."""
        carried = list(dict.fromkeys(state.carried for state in states))[:CHAINS]
        return [state for state in states if state.carried in carried]

    def _back_accounts(self, state: State, depth: int, items: list[Item]) -> list[Account]:
        return explain(items, lambda item: self._back_holds(state, item, ()),
                       lambda group: self._back_candidates(state, depth, group),
                       lambda item: all(self._is_finite(item.subject, item.subject.observed(
                           item.layer, part)) for part in "wb"))

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

    def _back_holds(self, state: State, item: Item, tokens: Tokens, parts: str = "wb") -> bool:
        return all(self._part_holds(state, item, tokens, part) for part in parts)

    def _part_holds(self, state: State, item: Item, tokens: Tokens, part: str) -> bool:
        subject, l = item
        if subject.observed(l, part) is None:
            return True
        k = self.number[id(subject)]
        chain = carrying(state.chains[k])
        if any(any(t.own for t in above) and not subject.own_delta(subject.last - depth)
               for depth, above in enumerate(chain)):
            return True  # of a layer above the program has a δ of its own that nobody knows
        key = (k, l, part, state.variant, state.base[k], chain, tokens)
        if key not in self._held:
            self._held[key] = self._part_is_near(state, subject, l, part, chain + (tokens,))
        return self._held[key]

    def _part_is_near(self, state: State, subject: Subject, l: int, part: str,
                      chain: tuple[Tokens, ...]) -> bool:
        observed = subject.observed(l, part)
        if observed not in subject.wrong and not any(chain) \
                and self._base(state, subject) == self.force:
            return True
        mine, other = self._parts(state, subject, l, part, chain)
        return (mine is not None and other is not None
                and squeezed(mine.shape) == squeezed(other.shape)
                and nearly(mine.numbers, other.numbers, subject.gradient_tolerances(l, part),
                           subject.unit))

    def _parts(self, state: State, subject: Subject, l: int, part: str,
               chain: tuple[Tokens, ...]) -> tuple[Any, Any]:
        """The gradient given, and that predicted."""
        back = subject.back(state.variant, self._base(state, subject), chain)
        return subject.gradient_given(l, part), subject.gradient_of(back, l, part)

    def _ratio(self, state: State, item: Item, tokens: Tokens, part: str) -> float | None:
        subject, l = item
        if subject.observed(l, part) is None:
            return None
        chain = carrying(state.chains[self.number[id(subject)]]) + (tokens,)
        mine, other = self._parts(state, subject, l, part, chain)
        if mine is None or other is None or squeezed(mine.shape) != squeezed(other.shape):
            return None
        return ratio(mine.numbers, other.numbers, subject.gradient_tolerances(l, part),
                     subject.unit)

    def _back_candidates(self, state: State, depth: int, group: Sequence[Item]) -> list[Tokens]:
        """What holds for all items of a group: one change of δ or of both gradients; or a change
        of each gradient, one of which may be a change of δ; the factors read off as well."""
        wrong = [item for item in group if not self._back_holds(state, item, ())]
        telling = max(wrong, key=tellingness)
        acting = self.acting(BACK if depth else DELTA, GRAD_W, GRAD_B, STEP_W, STEP_B)

        def holds(tokens: Tokens, parts: str = "wb") -> bool:
            return self._back_holds(state, telling, tokens, parts) and all(
                self._back_holds(state, item, tokens, parts) for item in group)
        found: list[Tokens] = [(t,) for t in acting if holds((t,))]
        found += [(t,) for t in self._scales(state, telling, ()) if holds((t,))]
        if not varied(group):  # then a bare constant may well be one of the case's quantities
            found = [tokens for tokens in found if tokens[0].price < CONSTANT] or found
        if found and min(found_price(tokens) for tokens in found) < PAIR:
            return cheapest(found)
        by_factor = self._multiplying(state, telling, acting)
        for t in acting:
            factors = self._scales(state, telling, (t,))
            if factors:  # a factor is missing: one with a name, or an entry that multiplies by it
                c = self._missing(state, telling, (t,), "wb")
                assert c is not None  # or there would be no factors
                factors += [u for u, r in by_factor if abs(r / c - 1) < 1e-6 and u is not t]
                found += [(t, u) for u in factors if holds((t, u))]
                if not found:
                    found += [(t, u, v) for i, (u, r) in enumerate(by_factor)
                              for v, q in by_factor[i + 1:] if abs(r * q / c - 1) < 1e-6
                              and t is not u and t is not v and holds((t, u, v))]
        found += self._separately(state, telling, acting, holds)
        if not found:  # two changes of δ
            inner = [t for t in acting if t.blocks.intersection((DELTA, BACK))]
            found = [pair for pair in combinations(inner, 2) if holds(pair)]
        return cheapest(found)

    def _missing(self, state: State, item: Item, tokens: Tokens, parts: str) -> float | None:
        """The factor that is missing in both gradients, or in those parts."""
        ratios = [self._ratio(state, item, tokens, part) for part in parts
                  if item.subject.observed(item.layer, part) is not None]
        first = ratios[0] if ratios else None
        if first is None or any(r is None or abs(r / first - 1) > 1e-6 for r in ratios):
            return None
        return first

    def _multiplying(self, state: State, item: Item, acting: list[Token], parts: str = "wb"
                     ) -> list[tuple[Token, float]]:
        """The tokens that multiply gradients of an item by a factor, with the factor."""
        key = ("multiplying", state.variant, state.base, state.carried, id(item.subject),
               item.layer, parts)
        if key not in self._factors:
            self._factors[key] = self._multipliers(state, item, acting, parts)
        return self._factors[key]

    def _multipliers(self, state: State, item: Item, acting: list[Token], parts: str
                     ) -> list[tuple[Token, float]]:
        whole = self._missing(state, item, (), parts)
        if whole is not None:
            shares = [(t, self._missing(state, item, (t,), parts)) for t in acting]
            return [(t, whole / share) for t, share in shares if share]
        subject, l = item
        chain = carrying(state.chains[self.number[id(subject)]])
        found = []
        for t in acting:
            c = None
            for part in parts:
                if subject.observed(l, part) is None:
                    continue
                plain, other = (self._parts(state, subject, l, part, chain + (tokens,))[1]
                                for tokens in ((), (t,)))
                r = None if plain is None or other is None else ratio(
                    other.numbers, plain.numbers, subject.gradient_tolerances(l, part),
                    subject.unit)
                if r is None or c is not None and abs(r / c - 1) > 1e-6:
                    c = None
                    break
                c = r
            if c is not None and abs(c - 1) > 1e-6:
                found.append((t, c))
        return found

    def _scales(self, state: State, item: Item, tokens: Tokens, parts: str = "wb"
                ) -> list[Token]:
        """The factors that are missing in both gradients, or in those parts, as tokens."""
        first = self._missing(state, item, tokens, parts)
        if first is None:
            return []
        case, l = item.subject.case, item.layer
        targets = {"wb": ("δ", "gradient"), "w": ("weight gradient",), "b": ("bias gradient",)}
        in_step = {"wb": ("step", "δ"), "w": ("weights' step",), "b": ("biases' step",)}
        taken = all(str((item.subject.observed(l, part) or ("new",))[0]).startswith("new")
                    for part in parts)
        fits = named(first, case, l) + ([constant(first)] if abs(first - 1) > 1e-6 else [])
        return [scaled(target, f) for target in (in_step if taken else targets)[parts]
                for f in fits]

    def _separately(self, state: State, telling: Item, acting: list[Token],
                    holds: Callable[..., bool]) -> list[Tokens]:
        """A change that makes one of the gradients right, and another that does the other."""
        found: list[Tokens] = []
        subject, l = telling
        if any(subject.observed(l, part) is None for part in "wb"):
            return found
        for part, other, own in (("b", "w", (GRAD_W, STEP_W)), ("w", "b", (GRAD_B, STEP_B))):
            firsts: list[Tokens] = [(t,) for t in acting if holds((t,), part)]
            firsts += [(t,) for t in self._scales(state, telling, (), part) if holds((t,), part)]
            if not firsts:
                firsts = self._with_factor(state, telling, acting, part, holds)
            only = [t for t in acting if t.blocks.issubset(own)]
            for first in cheapest(firsts)[:8]:
                seconds = only + self._scales(state, telling, first, other)
                found += [first + (t,) for t in seconds
                          if t not in first and holds(first + (t,))]
            if holds((), part):
                found += [(t,) for t in self._scales(state, telling, (), other) if holds((t,))]
        return found

    def _with_factor(self, state: State, telling: Item, acting: list[Token], part: str,
                     holds: Callable[..., bool]) -> list[Tokens]:
        """A change and a factor that together make one of the gradients right."""
        found: list[Tokens] = []
        for t in acting:
            c = self._missing(state, telling, (t,), part)
            if c is not None:
                factors = self._scales(state, telling, (t,), part) + [
                    u for u, r in self._multiplying(state, telling, acting, part)
                    if abs(r / c - 1) < 1e-6 and u is not t]
                found += [(t, u) for u in factors if holds((t, u), part)]
        return found

    # The step, where the gradient that it starts from is given.

    def _steps(self, states: list[State]) -> list[State]:
        for part, block in (("w", STEP_W), ("b", STEP_B)):
            items = [Item(subject, l) for subject in self.subjects
                     for l in range(subject.last + 1)
                     if (NEW[part], l) in subject.given and subject.fits((f"nabla_{part}", l))]
            new = []
            for state in states:
                key = ("step", part, state.variant, state.base, state.chains)
                accounts = self._accounts_of(key, items, self._step_holds(state, part),
                                             self.acting(block), self._of_layer(NEW[part]),
                                             self._step_factors(state, part))
                new += self._extended(state, block, 0, accounts)
            states = self._kept(new)
        return states

    def _step_holds(self, state: State, part: str) -> Callable[[Item, Tokens], bool]:
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
        values = [subject.stepped(l, part, base, tokens, subject.answer[f"nabla_{part}"][l])]
        back = subject.back(state.variant, state.base[k], chain)
        if back is not None:
            values.append(subject.stepped(l, part, base, tokens,
                                          back.g_w if part == "w" else back.g_b))
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
            both = any((NEW["b" if part == "w" else "w"], l) in subject.wrong
                       for subject in self.subjects for l in range(subject.last + 1))
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

    def _accounts_of(self, key: Any, items: list[Item], holds: Callable[[Item, Tokens], bool],
                     acting: list[Token], quantity: Callable[[Item], Any],
                     factors: Callable[[Item], list[Token]] | None = None) -> list[Account]:
        if key not in self._accounts:
            pairs: dict[Any, list[Tokens]] = {}
            self._accounts[key] = explain(
                items, lambda item: holds(item, ()),
                lambda group: self._candidates(group, holds, acting, factors, pairs),
                lambda item: self._is_finite(item.subject, quantity(item)))
        return self._accounts[key]

    def _candidates(self, group: Sequence[Item], holds: Callable[[Item, Tokens], bool],
                    acting: list[Token], factors: Callable[[Item], list[Token]] | None,
                    pairs: dict[Any, list[Tokens]]) -> list[Tokens]:
        """One token that holds for all items of the group, or else two."""
        wrong = [item for item in group if not holds(item, ())]
        telling = max(wrong, key=tellingness)

        def everywhere(tokens: Tokens) -> bool:
            return holds(telling, tokens) and all(holds(item, tokens) for item in group)
        read = factors(telling) if factors else []
        found: list[Tokens] = [(t,) for t in acting + read if everywhere((t,))]
        if not found or min(found_price(tokens) for tokens in found) > PAIR:
            found += [pair for pair in self._pairs(telling, holds, acting, pairs)
                     if everywhere(pair)]
        return cheapest(found)

    @staticmethod
    def _pairs(telling: Item, holds: Callable[[Item, Tokens], bool], acting: list[Token],
               pairs: dict[Any, list[Tokens]]) -> list[Tokens]:
        """The pairs that hold for the telling item of a group, found once for each such item."""
        key = (id(telling.subject), telling.layer)
        if key not in pairs:
            pairs[key] = [(t, u) for i, t in enumerate(acting) for u in acting[i + 1:]
                          if holds(telling, (t, u))]
        return pairs[key]


    # What the findings ask.

    def is_right(self, state: State, block: str, depth: int, item: Item) -> bool:
        """Whether a block of an item is right, in the light of what was found before it."""
        if block == FORWARD:
            return self._forward_holds(state._replace(base=tuple(
                self.force for _ in self.subjects)))(item, ())
        if block in (COST, TOTAL):
            return self._cost_holds(state, COST_KEYS[block])(item, ())
        if block in (STEP_W, STEP_B):
            return self._step_holds(state, "w" if block == STEP_W else "b")(item, ())
        return self._back_holds(self._until(state, depth), item, ())

    def _until(self, state: State, depth: int) -> State:
        return state._replace(chains=tuple(chain[:depth] for chain in state.chains))

    def wrong_parts(self, state: State, depth: int, items: Sequence[Item]) -> str:
        """Which of the gradients are wrong at this depth: "w", "b" or "wb"."""
        before = self._until(state, depth)
        return "".join(part for part in "wb" if not all(
            self._part_holds(before, item, (), part) for item in items))

    def would_show(self, state: State, token: Token, depth: int,
                   there: set[int] | None = None) -> bool:
        """Whether a token would make a layer wrong that is explained without it, in the subjects
        with these ids."""
        if not token.blocks.intersection((BACK if depth else DELTA, GRAD_W, GRAD_B, STEP_W,
                                          STEP_B)):
            return False
        before = self._until(state, depth)
        for k, subject in enumerate(self.subjects):
            l = subject.last - depth
            if there is not None and id(subject) not in there:
                continue
            if l < 0 or not any(subject.observed(l, part) for part in "wb"):
                continue
            tokens = state.chains[k][depth]
            with_it = before.chains[k] + (tokens + (token,),)
            if (token not in tokens
                    and subject.back(state.variant, state.base[k], with_it) is not None
                    and self._back_holds(before, Item(subject, l), tokens)
                    and not self._back_holds(before, Item(subject, l), tokens + (token,))):
                return True
        return False

    def _would_show_in_costs(self, state: State, token: Token) -> bool:
        return any(key in subject.given and holds(item, ()) and not holds(item, (token,))
                   for block, key in COST_KEYS.items() if block in token.blocks
                   for holds in [self._cost_holds(state, key)] for subject in self.subjects
                   for item in [Item(subject, subject.last)])

    def _with_halves(self, state: State) -> State:
        """The state, dearer for every entry of cost and gradient that is in one of them alone: a
        cost with a convention that its gradient lacks is a mistake of its own."""
        used_in: dict[Token, set[str]] = {}
        for step in state.steps:
            for claim in step.account:
                for token in claim.tokens:
                    used_in.setdefault(token, set()).add(step.block)
        halves = 0
        for token, used in used_in.items():
            in_costs, on_the_way_back = used & {COST, TOTAL}, used & {DELTA, BACK}
            halves += bool(not on_the_way_back and any(
                self.would_show(state, token, depth) for depth in self.depths)
                or on_the_way_back and not in_costs and token.blocks & {COST, TOTAL}
                and self._would_show_in_costs(state, token))
        return state._replace(price=state.price + HALF * halves, halves=halves)


def reports_another(token: Token) -> bool:
    """Whether a token is about the gradient that is reported, and not the one that is used."""
    if token.entry is None:
        return False
    recipe = token.entry.change(RIGHT)
    return recipe.show_w is not RIGHT.show_w or recipe.show_b is not RIGHT.show_b


def squeezed(shape: Any) -> Any:
    """A shape without its lists of one: where one example makes a row, several make a matrix."""
    while shape is not None and len(shape) == 1:
        shape, = shape
    return shape if shape is None else tuple(map(squeezed, shape))


def carrying(chain: tuple[Tokens, ...]) -> tuple[Tokens, ...]:
    """The tokens of a chain that change δ: what is done with it in the gradients and in the step
    makes no difference below."""
    return tuple(tuple(t for t in tokens if t.own or t.blocks & _CARRIED) for tokens in chain)


_CARRIED = frozenset((FORWARD, DELTA, BACK))

COST_KEYS = {COST: ("costs", None), TOTAL: ("total_cost", None)}


def price_of(account: Account, state: State, block: str, depth: int) -> float:
    """What an account adds to the price of a state: what was used before costs little, and nothing
    if it goes on from one layer to the next, or from the step of weights to that of biases."""
    used: dict[Token, set[Any]] = {}
    going_on: set[tuple[Token, Any]] = set()
    for step in state.steps:
        next_to = depth and step.depth == depth - 1 and step.block in (DELTA, BACK) \
            or (block, step.block) == (STEP_B, STEP_W)
        for claim in step.account:
            for token in claim.tokens:
                used.setdefault(token, set()).add(_scope(claim))
                if next_to:
                    going_on.add((token, _scope(claim)))
    price = 0.0
    for claim in account:
        for token in claim.tokens:
            scope = _scope(claim)
            if (token, scope) in going_on and not token.unexplained:
                continue
            if token in used and not token.unexplained:
                price += token.again
            else:
                price += token.price
            if scope is not None and scope not in used.get(token, ()):
                price += SCOPE
            used.setdefault(token, set()).add(scope)
    return price


def _scope(claim: Claim) -> Any:
    return None if claim.division is None else (claim.division.name, claim.values)


def varied(group: Sequence[Item]) -> bool:
    """Whether the cases of a group differ in their learning rates, and in something else."""
    cases = [item.subject.case for item in group]
    return len({case.eta for case in cases}) > 1 and len(
        {(len(case.mini_batch), tuple(case.sizes)) for case in cases}) > 1


def found_price(tokens: Tokens) -> float:
    """The price of tokens that were not used before."""
    return sum(token.price for token in tokens)


def cheapest(found: list[Tokens]) -> list[Tokens]:
    """The cheapest first, each once, in the order of the catalogue."""
    each_once = {frozenset(tokens): tokens for tokens in reversed(found)}
    return sorted(each_once.values(), key=lambda tokens: (
        round(found_price(tokens), 6), [t.order for t in tokens]))


def tellingness(item: Item) -> tuple[bool, int]:
    """How much an item says: not saturated, with several examples and numbers that are not 0."""
    subject, l = item
    case = subject.case
    numbers = sum(1 for (_, layer), q in subject.given.items() if layer == l
                  for x in q.numbers if x)
    return (not subject.saturated, min(numbers, 40) + 10 * (len(case.mini_batch) > 1)
            + 5 * bool(case.lmbda))


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


