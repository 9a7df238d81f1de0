"""What explains the items of one block: everywhere alike, or by the values of one division.

An item is a case and a layer.  An explanation must hold for all items of its group, for those that
are right no less than for those that are wrong, and outside the group "right" must hold.  So a
scope is never claimed from half a group.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, Callable, NamedTuple

from purenn.crosscheck.diagnosis.scopes import DIVISIONS, Division
from purenn.crosscheck.diagnosis.subject import Subject, Tokens
from purenn.crosscheck.diagnosis.tokens import NAMED, NOT_FINITE, NOTHING, Token


class Item(NamedTuple):
    """A block of a case: in one layer, for the blocks that have layers."""

    subject: Subject
    layer: int


class Claim(NamedTuple):
    """Tokens, said to be what is done in some items of a block."""

    tokens: Tokens
    items: tuple[Item, ...]
    #: the division and its values that the items are, or None where the tokens hold everywhere
    division: Division | None
    values: tuple[Any, ...]


#: what holds for a block: claims about some of its items; all others are right
Account = tuple[Claim, ...]

#: no more explanations of a group than this are looked into, or of all items: what is cheapest in
#: the end depends on what is used elsewhere
MOST, MOST_EVERYWHERE = 12, 80


def explain(items: Sequence[Item], is_right: Callable[[Item], bool],
            candidates: Callable[[Sequence[Item]], list[Tokens]],
            is_finite: Callable[[Item], bool]) -> list[Account]:
    """The accounts of a block, of everything first.  An empty account says that all is right.

    ``candidates`` gives the explanations that hold for all items of a group.  Where there is none,
    numbers that are not finite are set apart: what makes a program overflow is as a rule no more
    than that.
    """
    accounts = _accounts(items, is_right, candidates)
    if len(accounts) > 1 or accounts == [()]:
        return accounts
    lost = [item for item in items if not is_right(item) and not is_finite(item)]
    rest = [item for item in items if item not in lost]
    if lost and rest:
        apart = Claim((NOT_FINITE,), tuple(lost), None, ())
        accounts += [account + (apart,) for account in _accounts(rest, is_right, candidates)]
    return accounts


def _accounts(items: Sequence[Item], is_right: Callable[[Item], bool],
              candidates: Callable[[Sequence[Item]], list[Tokens]]) -> list[Account]:
    wrong = [item for item in items if not is_right(item)]
    if not wrong:
        return [()]
    everywhere = candidates(items)[:MOST_EVERYWHERE]
    accounts: list[Account] = [(Claim(tokens, tuple(items), None, ()),) for tokens in everywhere]
    seen = set()
    if everywhere and _roughly(everywhere[0]) <= NAMED:
        return accounts + [(Claim((NOTHING,), tuple(wrong), None, ()),)]
    for division in DIVISIONS:
        groups: dict[Any, list[Item]] = {}
        for item in items:
            groups.setdefault(division.value(item.subject.case, item.layer), []).append(item)
        affected = [value for value, group in groups.items()
                    if any(not is_right(item) for item in group)]
        key = frozenset((id(item.subject), item.layer) for value in affected
                        for item in groups[value])
        if len(groups) == 1 or len(affected) == 1 and key in seen:
            continue
        if len(affected) == 1:
            seen.add(key)
        choices = [candidates(groups[value])[:MOST] for value in affected]
        if not all(choices):
            continue
        for chosen in sorted(product(*choices), key=lambda chosen: _roughly(
                token for tokens in chosen for token in tokens))[:MOST]:
            if len(set(chosen)) == 1 and chosen[0] in everywhere:
                continue
            accounts.append(_by_value(division, groups, affected, chosen))
    unexplained = (Claim((NOTHING,), tuple(wrong), None, ()),)
    return accounts + [unexplained]


def _roughly(tokens: Iterable[Token]) -> float:
    """The price of some tokens, each once."""
    return sum(token.price for token in set(tokens))


def _by_value(division: Division, groups: dict[Any, list[Item]], affected: list[Any],
              chosen: tuple[Tokens, ...]) -> Account:
    """One claim for each explanation, which may hold for several values."""
    claims = []
    for tokens in dict.fromkeys(chosen):
        values = [v for v, t in zip(affected, chosen) if t == tokens]
        items = tuple(item for v in values for item in groups[v])
        claims.append(Claim(tokens, items, division, tuple(values)))
    return tuple(claims)
