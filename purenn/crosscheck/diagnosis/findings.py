"""From an explanation of the numbers to findings: what, where, why, what instead, what follows."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from purenn import network
from purenn.crosscheck.catalogue import places
from purenn.crosscheck.catalogue.recipe import Mistake
from purenn.crosscheck.diagnosis.chains import AS_GOOD, Search
from purenn.crosscheck.diagnosis.explain import Claim, Item
from purenn.crosscheck.diagnosis.formats import Written
from purenn.crosscheck.diagnosis.reported import Undone
from purenn.crosscheck.diagnosis.scopes import in_layer_from_the_end
from purenn.crosscheck.diagnosis.states import State
from purenn.crosscheck.diagnosis.subject import NEW
from purenn.crosscheck.diagnosis.tokens import Token
from purenn.crosscheck.truth.blocks import (
    BACK,
    BLOCKS,
    COST,
    DELTA,
    FORWARD,
    GRAD_B,
    GRAD_W,
    STEP_B,
    STEP_W,
    TOTAL,
)
from purenn.crosscheck.truth.compare import Wrong

#: no more alternatives than this are named
MOST_ALTERNATIVES = 3

#: what a block computes, in words; a layer's come with the layer
NAMES = {FORWARD: "forward pass", COST: "cost of an example", TOTAL: "total cost",
         DELTA: "error δ of the output layer", BACK: "error δ of the hidden layers",
         GRAD_W: "weight gradient", GRAD_B: "bias gradient", STEP_W: "step of the weights",
         STEP_B: "step of the biases"}


class Finding(NamedTuple):
    """One thing that the program does otherwise than the reference."""

    #: one of ``blocks.BLOCKS``, or "format" (digits, float32) or "shape"
    block: str
    #: the entry of the catalogue, or ""
    id: str
    #: what was read off the numbers where no entry says it, or ""
    relation: str
    #: the cause, in one sentence without its full stop
    sentence: str
    #: in which cases or layers, in words; "" where it is everywhere
    scope: str
    convention: bool
    #: what else gives the same numbers: at most three, as (id or relation, sentence)
    alternatives: tuple[tuple[str, str], ...]
    #: what to write instead
    instead: str
    #: the line of the reference to look at: a module and a piece of the line
    see: tuple[Any, str]
    #: the first number that shows it, or None
    where: Wrong | None
    #: whether the right number there is computed from the program's own numbers before it
    from_own: bool = False
    #: whether it shows in saturated cases alone
    saturated: bool = False
    #: the quantities that are wrong for no other reason
    follows: tuple[str, ...] = ()

    @property
    def explained(self) -> bool:
        return bool(self.id or self.relation)


#: where each block is computed
SEE = {FORWARD: places.FORWARD, COST: (network, "return self.cost.fn("),
       TOTAL: places.TOTAL_COST, DELTA: places.BP1, BACK: places.BP2, GRAD_W: places.BP4,
       GRAD_B: places.BP3, STEP_W: places.STEP_W, STEP_B: places.STEP_B}


class Use(NamedTuple):
    """A token in an explanation: where it was used."""

    block: str
    depth: int
    claim: Claim


def findings_of(search: Search, states: Sequence[State], wrong: dict[str, list[Wrong]]
                ) -> list[Finding]:
    """What the cheapest explanation says, with what could stand in its place.

    ``wrong`` has the wrong quantities of each case, by name.
    """
    best = states[0]
    uses: dict[Any, list[Use]] = {}
    for step in best.steps:
        for claim in step.account:
            for token in claim.tokens:
                use = Use(step.block, step.depth, claim)
                key = (token, _block_of(search, best, token, use)) if token.unexplained else token
                uses.setdefault(key, []).append(use)
    found = []
    for key, used in uses.items():
        token = key if isinstance(key, Token) else key[0]
        others = () if token.unexplained else _alternatives(token, best, states)
        found.append((used, _finding(search, best, token, used, others, wrong)))
    found.sort(key=lambda pair: (pair[1].saturated, BLOCKS.index(pair[0][0].block),
                                 pair[0][0].depth))
    return _with_what_follows([used for used, _ in found], [finding for _, finding in found], wrong)


def _with_what_follows(uses: list[list[Use]], findings: list[Finding],
                       wrong: dict[str, list[Wrong]]) -> list[Finding]:
    """The findings, each with the quantities that are wrong in its cases, come from it, and have
    no finding of their own."""
    claimed: set[Any] = set()
    sources: dict[str, list[tuple[int, Use, Item]]] = {}
    for k, used in enumerate(uses):
        for use in used:
            for item in use.claim.items:
                name = item.subject.case.name
                claimed.update((name, *key) for key in keys_of(use.block, item))
                sources.setdefault(name, []).append((k, use, item))
    follows: list[dict[str, None]] = [{} for _ in findings]
    for name, quantities in wrong.items():
        for w in quantities:
            causes = [k for k, use, item in sources.get(name, ())
                      if _comes_from(w, use, item, findings[k].block)]
            if causes and (name, w.field, w.layer) not in claimed:
                follows[causes[-1]][w.stage] = None
    return [finding._replace(follows=tuple(stages))
            for finding, stages in zip(findings, follows)]


#: what a block that feeds nothing but these changes
ENDS = {COST: ("total_cost",), TOTAL: (), GRAD_W: ("new_weights",), GRAD_B: ("new_biases",),
        STEP_W: (), STEP_B: ()}


def _comes_from(w: Wrong, use: Use, item: Item, block: str) -> bool:
    """Whether a wrong quantity may be wrong because of what was found in an item.

    A forward pass changes whatever comes after it; δ of a layer its own gradients, their steps, and
    those of the layers below.
    """
    if block in ENDS:
        return w.field in ENDS[block] and (w.layer is None or w.layer == item.layer)
    if use.block == FORWARD:
        return w.field != "activations" or w.layer is None or w.layer > item.layer
    return w.field.startswith(("nabla", "new")) and (w.layer is None or w.layer <= item.layer)


def _alternatives(token: Token, best: State, states: Sequence[State]) -> tuple[Token, ...]:
    """The tokens that stand for this one in an explanation that is as good."""
    mine = _tokens(best)
    others: dict[Token, None] = {}
    for state in states[1:]:
        if state.price > best.price + AS_GOOD:
            break
        if state.halves > best.halves:  # it is not as good in a block that is given
            continue
        theirs = _tokens(state)
        if token in theirs or not mine - {token} <= theirs:
            continue
        fresh = theirs - mine
        if len(fresh) == 1:
            other, = fresh
            if not other.unexplained and not other.inexact and (other.entry or not token.entry):
                others[other] = None
    return tuple(others)


def _tokens(state: State) -> set[Token]:
    return {token for step in state.steps for claim in step.account for token in claim.tokens}


def _finding(search: Search, state: State, token: Token, uses: list[Use],
             others: tuple[Token, ...], wrong: dict[str, list[Wrong]]) -> Finding:
    first = uses[0]
    block = _block_of(search, state, token, first)
    where, own = _where(search, state, token, uses, block, wrong)
    saturated = all(item.subject.saturated for use in uses for item in use.claim.items
                    if search.is_needed(state, use.block, use.depth, item, token))
    # a mistake comes before a convention that gives the same numbers
    ranked = sorted((token, *others), key=lambda t: (t.convention, t.entry is None, t.order))
    if not token.convention:
        ranked = [token] + [t for t in ranked if t is not token]
    scope, token = scope_of(search, state, token, uses), ranked[0]
    rest = ranked[1:1 + MOST_ALTERNATIVES]
    common: dict[str, Any] = {
        "scope": scope, "where": where, "from_own": own,
        "saturated": saturated,
        "alternatives": tuple((t.id, _sentence(t)) for t in rest)}
    if token.unexplained:
        return _unexplained(block, where, common)
    entry = token.entry
    sentence = _sentence(token) + (UNSEEN if _unseen(uses) else "")
    return Finding(block, token.id if entry else "", "" if entry else token.id, sentence,
                   convention=token.convention, instead=entry.instead if entry else token.instead,
                   see=_line_of(entry, block), **common)


def _line_of(entry: Mistake | None, block: str) -> tuple[Any, str]:
    """Where to look: an entry on δ says (BP1) or (BP2), and the block which of them it is."""
    of_delta = block in (DELTA, BACK) and entry and entry.see in (places.BP1, places.BP2)
    return SEE[block] if entry is None or of_delta else entry.see


#: said of a mistake in a forward pass that was not shown
UNSEEN = " (your activations are not given; what comes from them says so)"


def _unseen(uses: Sequence[Use]) -> bool:
    """Whether it was used in forward passes alone, none of which is shown."""
    return not any(use.block != FORWARD or ("activations", item.layer) in item.subject.given
                   for use in uses for item in use.claim.items)


def _sentence(token: Token) -> str:
    return token.entry.sentence if token.entry else token.sentence


def _block_of(search: Search, state: State, token: Token, use: Use) -> str:
    """The block to name: on the way back the explanation says in which of them it acts."""
    if use.block not in (DELTA, BACK):
        return use.block
    if token.unexplained:
        parts = search.wrong_parts(state, use.depth, use.claim.items)
        return {"w": GRAD_W, "b": GRAD_B}.get(parts, use.block)
    return next((block for block in (use.block, GRAD_W, GRAD_B, STEP_W, STEP_B)
                 if block in token.blocks), use.block)


def unplaced(wrong: Wrong) -> Finding:
    """A quantity that is wrong in a way that belongs to no block: a field without its layers."""
    block = next(block for block, fields in FIELDS_OF.items() if wrong.field in fields)
    return _unexplained(block, wrong, {"scope": "", "where": wrong, "alternatives": ()})


#: the fields that show a block
FIELDS_OF = {FORWARD: ("activations",), COST: ("costs",), TOTAL: ("total_cost",),
             GRAD_W: ("nabla_w",), GRAD_B: ("nabla_b",), STEP_W: ("new_weights",),
             STEP_B: ("new_biases",)}


def _unexplained(block: str, where: Wrong | None, common: dict[str, Any]) -> Finding:
    if where is not None and where.kind == "shape":
        return Finding("shape", "", "", "the numbers stand in other lists than they should", "",
                       False, (), "return lists of the shape that is right", SEE[block], where)
    sentence = {FORWARD: "an activation is not what the layer below it gives"}.get(
        block, f"the {NAMES[block]} is not what your own numbers before it give")
    return Finding(block, "", "", sentence + ", and nothing in the catalogue says why",
                   convention=False, instead="compare with the reference, line by line",
                   see=SEE[block], **common)


# Where it is made.

def scope_of(search: Search, state: State, token: Token, uses: Sequence[Use]) -> str:
    """In words: the cases, then the layers.  "" if the token is used wherever it would show."""
    words = list(dict.fromkeys(
        use.claim.division.words(value) for use in uses
        if use.claim.division is not None and _is_spared(search, state, token, use)
        for value in use.claim.values))
    layers = "" if token.unexplained else _layers(search, state, token, uses)
    scope = _joined(words)
    if layers and layers not in scope:
        scope = f"{layers}, {scope}" if scope else layers
    return scope


def _is_spared(search: Search, state: State, token: Token, use: Use) -> bool:
    """Whether the same block has items without the token in which it would show."""
    items = set(use.claim.items)
    return search.would_show(state, token, use.block, use.depth, lambda item: item not in items)


def _joined(words: list[str]) -> str:
    """in a, in b and in c"""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def _layers(search: Search, state: State, token: Token, uses: Sequence[Use]) -> str:
    """The layers, if it is not made in all in which it would show."""
    if any(use.claim.division is not None and use.claim.division.of_layers for use in uses):
        return ""
    blocks = {use.block for use in uses}
    there = {id(item.subject) for use in uses for item in use.claim.items}
    if blocks == {FORWARD}:
        passes, scoped = {use.depth for use in uses}, any(use.claim.division for use in uses)
        if len(passes) == 1 and (_unseen(uses) or search.would_show(
                state, token, FORWARD, 1 - min(passes),
                lambda item: not scoped or id(item.subject) in there)):
            return ("in the hidden layers", "in the output layer")[min(passes)]
        return ""
    if not blocks <= {DELTA, BACK, FORWARD}:
        return ""
    used = {use.depth for use in uses if use.block in (DELTA, BACK)}
    hidden = {id(item.subject) for use in uses if use.block == BACK for item in use.claim.items}
    spared = {depth for depth in search.depths if depth not in used
              and search.would_show(state, token, BACK if depth else DELTA, depth,
                                    lambda item: id(item.subject) in (hidden or there))}
    return _depths_in_words(used, spared) if used and spared else ""


def _depths_in_words(used: set[int], spared: set[int]) -> str:
    if spared == {0}:
        return "in the hidden layers"
    return _joined([in_layer_from_the_end(depth) for depth in sorted(used)])


def _where(search: Search, state: State, token: Token, uses: Sequence[Use], block: str,
           wrong: dict[str, list[Wrong]]) -> tuple[Wrong | None, bool]:
    """The first wrong quantity that a use is about, in the simplest case that has one."""
    for use in uses:
        for item in sorted(use.claim.items, key=lambda i: i.subject.saturated):
            keys = [key for key in keys_of(use.block, item)
                    if not key[0].endswith(NOT_OF.get(block, "?"))]
            for quantity in wrong.get(item.subject.case.name, ()):
                if (quantity.field, quantity.layer) in keys or (
                        quantity.layer is None and quantity.field in {f for f, _ in keys}):
                    if search.is_needed(state, use.block, use.depth, item, token):
                        return quantity, use.block != FORWARD and use.depth > 0
    return None, False


#: the fields that a finding about the other of the two gradients, or steps, does not show
NOT_OF = {GRAD_W: ("_b", "_biases"), STEP_W: ("_b", "_biases"), GRAD_B: ("_w", "_weights"),
          STEP_B: ("_w", "_weights")}


def keys_of(block: str, item: Item) -> list[tuple[str, Any]]:
    """The quantities that show a block of an item."""
    subject, l = item
    if block == FORWARD:
        if ("activations", l) in subject.given:
            return [("activations", l)]
        outputs = [subject.observed(subject.last, part) for part in "bw"]
        return [key for key in [("costs", None), *outputs] if key in subject.given]
    if block == COST:
        return [("costs", None)]
    if block == TOTAL:
        return [("total_cost", None)]
    if block in (STEP_W, STEP_B):
        return [(NEW["w" if block == STEP_W else "b"], l)]
    return [key for key in (subject.observed(l, "b"), subject.observed(l, "w")) if key]


def undone_finding(undone: Undone) -> Finding:
    """Gradients that were reported in each other's place, as a finding."""
    entry = undone.entry
    return Finding(GRAD_W, entry.id, "", entry.sentence, undone.scope, False, (), entry.instead,
                   entry.see, undone.where)


def format_finding(how: Written, precision: str) -> Finding:
    """What the numbers are written in, as a finding."""
    if how.kind == "digits":
        enough = "17 significant digits (%.17g)" if precision == "float64" \
            else "9 significant digits (%.9g)"
        places = "after the point" if how.fixed else "(significant ones)"
        digits = f"{how.digits} digit{'s' * (how.digits != 1)}"
        return Finding("format", "digits", "", f"your numbers are written with only {digits} "
                       f"{places}", "", False, (), f"write {enough}", SEE[FORWARD], None)
    also = "; it is compared as such" if how.kind != "float32" else ""
    return Finding("format", how.kind, "", f"your numbers are those of {how.kind} arithmetic, all "
                   f"of them{also}", "", False, (),
                   "--precision float32, if it is float32 that you want; if not, look for an array "
                   "that was made without saying float64", SEE[FORWARD], None)


#: for type checkers and readers: the entry of a finding is one of these
Entry = Mistake
