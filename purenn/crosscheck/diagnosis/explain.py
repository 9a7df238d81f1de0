"""What explains the items of one block: everywhere alike, or by the values of one division.

An item is a case and a layer.  An explanation must hold for all items of its group, for those that
are right no less than for those that are wrong, and outside the group "right" must hold.  So a
scope is never claimed from half a group.

What may explain a group is proposed by one telling item of it, and only what holds there is tried
on the others.  It is looked for with more and more effort: one token, two, three.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Callable, NamedTuple

from purenn.crosscheck.diagnosis.scopes import DIVISIONS, Division
from purenn.crosscheck.diagnosis.subject import Subject, Tokens
from purenn.crosscheck.diagnosis.tokens import CONSTANT, NAMED, NOT_FINITE, NOTHING, SCOPE, Token


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

#: (item, tokens) -> whether the item is what these tokens give
Holds = Callable[[Item, Tokens], bool]

#: (telling item, effort, tokens given) -> what gives this item, looked for with that effort alone,
#: besides the tokens given
Proposals = Callable[[Item, int, Tokens], "list[Tokens]"]

#: how many tokens are looked for
ONE, TWO, THREE = EFFORTS = 1, 2, 3

#: an account that costs no more than this is good enough to make no further effort
ENOUGH = {ONE: 2.0, TWO: 2.9}

#: a second token, or a bare constant, is believed where so many more numbers are wrong
NUMBERS = 4

#: no more explanations of a group than this are looked into, or of all items: what is cheapest in
#: the end depends on what is used elsewhere
MOST, MOST_EVERYWHERE = 12, 80


class Known(NamedTuple):
    """What has been found in the blocks before: it costs little to find it again."""

    tokens: frozenset[Token] = frozenset()
    #: those that were found together in a block of the same kind, which are tried first
    together: tuple[Tokens, ...] = ()
    #: the names of the divisions that were needed, which are tried first, too
    divisions: frozenset[str] = frozenset()

    def price(self, tokens: Iterable[Token]) -> float:
        """The price of some tokens, each once."""
        return sum(token.again if token in self.tokens else token.price for token in set(tokens))


def explain(items: Sequence[Item], trial: Trial, known: Known,
            is_finite: Callable[[Item], bool]) -> list[Account]:
    """The accounts of a block, of everything first.  An empty account says that all is right.

    Where there is none, numbers that are not finite are set apart: what makes a program overflow
    is as a rule no more than that.
    """
    accounts = trial.accounts(items, known)
    if len(accounts) > 1 or accounts == [()]:
        return accounts
    lost = [item for item in items if not trial.holds(item, ()) and not is_finite(item)]
    rest = [item for item in items if item not in lost]
    if lost and rest:
        apart = Claim((NOT_FINITE,), tuple(lost), None, ())
        accounts += [account + (apart,) for account in trial.accounts(rest, known)]
    return accounts


class Trial:
    """What was tried on the items of a block, and what came of it."""

    def __init__(self, holds: Holds, proposals: Proposals, numbers: Callable[[Item], int]) -> None:
        self.holds, self.proposals, self.numbers = holds, proposals, numbers
        self._proposed: dict[tuple[Item, int, Tokens], list[Tokens]] = {}
        self._candidates: dict[tuple[tuple[Item, ...], int], list[Tokens]] = {}

    def accounts(self, items: Sequence[Item], known: Known) -> list[Account]:
        """The accounts of the items, the last of which says that nothing explains them."""
        wrong = [item for item in items if not self.holds(item, ())]
        if not wrong:
            return [()]
        found: list[Account] = [
            (Claim(tokens, tuple(items), None, ()),) for tokens in known.together
            if all(self.holds(item, tokens) for item in items)]
        for effort in EFFORTS if _dear(found, known, NAMED) else ():
            everywhere = self.candidates(tuple(items), effort, known)
            found += [(Claim(tokens, tuple(items), None, ()),)
                      for tokens in everywhere[:MOST_EVERYWHERE]]
            if not everywhere and effort != THREE or effort == ONE and _dear(found, known, NAMED):
                found += self._by_divisions(items, effort, known)
            if effort == THREE or not _dear(found, known, ENOUGH[effort]):
                break
        return [*dict.fromkeys(found), (Claim((NOTHING,), tuple(wrong), None, ()),)]

    def _by_divisions(self, items: Sequence[Item], effort: int, known: Known) -> list[Account]:
        """The accounts that have an explanation for each value of a division that is not right."""
        accounts: list[Account] = []
        telling = self._telling(items)
        seen = set()
        for division in sorted(DIVISIONS, key=lambda d: d.name not in known.divisions):
            groups: dict[Any, list[Item]] = {}
            for item in items:
                groups.setdefault(division.value(item.subject.case, item.layer), []).append(item)
            affected = {value: tuple(group) for value, group in groups.items()
                        if not all(self.holds(item, ()) for item in group)}
            # the group that most is known of has been asked already: it refutes soonest
            affected = dict(sorted(affected.items(), key=lambda pair: telling not in pair[1]))
            parts = frozenset(affected.values())
            if len(groups) == 1 or parts in seen:
                continue
            seen.add(parts)
            accounts += [
                _by_value(division, affected, chosen) for chosen in _choices(
                    (self._up_to(group, effort, known) for group in affected.values()), known)]
        return [account for account in accounts if len(account) > 1 or account[0].tokens
                not in self.candidates(tuple(items), ONE, known)]

    def _up_to(self, group: tuple[Item, ...], effort: int, known: Known) -> list[Tokens]:
        """The candidates that are found with the least effort, and what was found before."""
        found = [tokens for tokens in known.together if len(tokens) > 1
                 and all(self.holds(item, tokens) for item in group)]
        for least in range(ONE, effort + 1):
            more = self.candidates(group, least, known)
            if more:
                return known_first(found + more, known)
        return found

    def candidates(self, group: tuple[Item, ...], effort: int, known: Known) -> list[Tokens]:
        """What holds for all items of a group and is shown by enough numbers, cheapest first."""
        key = (group, effort)
        if key not in self._candidates:
            self._candidates[key] = self._tried(group, effort)
        found = self._candidates[key]
        if effort == TWO:
            found = cheapest(found + [more for given in known.together
                                      for more in self._besides(group, given)])
        numbers = self._wrong_numbers(group) if found else 0
        return known_first([tokens for tokens in found if numbers >= NUMBERS * (
            len(known.tokens.union(tokens)) - len(known.tokens) - 1 + _constant(tokens))], known)

    def _besides(self, group: tuple[Item, ...], given: Tokens) -> list[Tokens]:
        """What holds for all items with one token more than those that were found before."""
        telling = self._telling(group)
        return [tokens for tokens in self._proposed_by(telling, ONE, given)
                if all(self.holds(item, tokens) for item in group)]

    def _wrong_numbers(self, group: tuple[Item, ...]) -> int:
        return sum(self.numbers(item) for item in group if not self.holds(item, ()))

    def _telling(self, group: Sequence[Item]) -> Item:
        """The item that says most of those that are wrong."""
        return max((item for item in group if not self.holds(item, ())), key=_tells)

    def _tried(self, group: tuple[Item, ...], effort: int) -> list[Tokens]:
        telling = self._telling(group)
        proposed = self._proposed_by(telling, effort)
        if effort == TWO:  # one may do for the telling item, and others need a second
            proposed = proposed + [
                pair for tokens in self._proposed_by(telling, ONE)
                for refuting in [[item for item in group if not self.holds(item, tokens)]]
                if refuting
                for pair in self._proposed_by(max(refuting, key=_tells), ONE, tokens)]
        order, found = list(group), []
        for tokens in proposed:
            for k, item in enumerate(order):
                if not self.holds(item, tokens):
                    order.insert(0, order.pop(k))  # who refutes one will refute the next
                    break
            else:
                found.append(tokens)
        found = cheapest(found)
        wrong = [item for item in group if not self.holds(item, ())]
        if not varied(wrong):  # then a bare constant may well be one of the case's quantities
            found = [tokens for tokens in found if not _constant(tokens)] or found
        return found

    def _proposed_by(self, item: Item, effort: int, given: Tokens = ()) -> list[Tokens]:
        key = (item, effort, given)
        if key not in self._proposed:
            self._proposed[key] = self.proposals(item, effort, given)
        return self._proposed[key]


def _constant(tokens: Tokens) -> bool:
    """Whether one of the tokens is a bare constant."""
    return any(token.price >= CONSTANT and token.entry is None for token in tokens)


def telling_numbers(subject: Subject, keys: Iterable[Any]) -> int:
    """How many numbers these quantities have that are not 0."""
    return sum(x != 0 for key in keys if key in subject.given for x in subject.given[key].numbers)


def _tells(item: Item) -> Any:
    return item.subject.tells(item.layer)


def _dear(accounts: Sequence[Account], known: Known, price: float) -> bool:
    """Whether each account costs more than this."""
    return all(known.price(t for claim in account for t in claim.tokens)
               + sum(SCOPE for claim in account if claim.division) > price for account in accounts)


def _choices(candidates: Iterable[list[Tokens]], known: Known) -> list[tuple[Tokens, ...]]:
    """One explanation for each group, in the few ways that cost least together; none if a group
    has none, and the groups after it are not asked."""
    chosen: list[tuple[Tokens, ...]] = [()]
    for found in candidates:
        chosen = sorted(((*before, tokens) for before in chosen for tokens in found[:MOST]),
                        key=lambda choice: known.price(t for tokens in choice for t in tokens)
                        )[:MOST]
        if not chosen:
            break
    return chosen


def _by_value(division: Division, groups: dict[Any, tuple[Item, ...]],
              chosen: tuple[Tokens, ...]) -> Account:
    """One claim for each explanation, which may hold for several values."""
    claims = []
    for tokens in dict.fromkeys(chosen):
        values = tuple(v for v, t in zip(groups, chosen) if t == tokens)
        items = tuple(item for v in values for item in groups[v])
        claims.append(Claim(tokens, items, division, values))
    return tuple(claims)


def cheapest(found: Iterable[Tokens]) -> list[Tokens]:
    """The cheapest first, each once, in the order of the catalogue."""
    each_once = {frozenset(tokens): tokens for tokens in reversed(list(found))}
    return sorted(each_once.values(), key=lambda tokens: (
        round(sum(token.price for token in tokens), 6), [t.order for t in tokens]))


def known_first(found: list[Tokens], known: Known) -> list[Tokens]:
    """The same, but what is known costs little."""
    return sorted(found, key=known.price)


def varied(group: Sequence[Item]) -> bool:
    """Whether the cases of a group differ in their learning rates, and in something else."""
    cases = [item.subject.case for item in group]
    return len({case.eta for case in cases}) > 1 and len(
        {(len(case.mini_batch), tuple(case.sizes)) for case in cases}) > 1
