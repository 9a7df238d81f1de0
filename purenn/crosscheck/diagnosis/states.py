"""An explanation of everything up to some block, and what it costs."""
from __future__ import annotations

from typing import Any, NamedTuple

from purenn.crosscheck.diagnosis.explain import Account, Claim, Item, Known
from purenn.crosscheck.diagnosis.subject import Tokens, carried
from purenn.crosscheck.diagnosis.tokens import ONE_MORE, SCOPE, Token
from purenn.crosscheck.truth.blocks import BACK, DELTA, STEP_B, STEP_W


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

    def known(self, *blocks: str) -> Known:
        """The tokens used so far, and those used together in these blocks."""
        claims = [(step.block, claim) for step in self.steps for claim in step.account
                  if not claim.tokens[0].unexplained]
        return Known(frozenset(token for _, claim in claims for token in claim.tokens),
                     tuple(dict.fromkeys(claim.tokens for block, claim in reversed(claims)
                                         if block in blocks)),
                     frozenset(claim.division.name for _, claim in claims if claim.division))

    def at(self, block: str, depth: int, item: Item) -> Tokens:
        """What was found in a block of an item."""
        for step in self.steps:
            if (step.block, step.depth) == (block, depth):
                for claim in step.account:
                    if item in claim.items:
                        return tuple(t for t in claim.tokens if not t.unexplained)
        return ()

    def until(self, depth: int) -> State:
        """The same with no more of the chains than is above this depth."""
        return self._replace(chains=tuple(chain[:depth] for chain in self.chains))


def carrying(chain: tuple[Tokens, ...]) -> tuple[Tokens, ...]:
    """The tokens of a chain that change δ."""
    return tuple(map(carried, chain))


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
                price += SCOPE + ONE_MORE * (len(claim.values) - 1)
            used.setdefault(token, set()).add(scope)
    return price


def _scope(claim: Claim) -> Any:
    return None if claim.division is None else (claim.division.name, claim.values)
