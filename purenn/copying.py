"""What copy and pickle need to know of a network: a copy shares nothing with it.

An activation or a cost of purenn is copied by its name: its functions are made by a function, which
no file can describe, and a network's parts are asked for by what they are (``hidden is ReLU``).
"""
from __future__ import annotations

import copyreg

from purenn.activations import OUTPUTS, Activation
from purenn.costs import COSTS, Cost
from purenn.network import Network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def of_network(net: Network, memo: Any = None) -> Network:
    """A network with the same numbers, and the same random numbers to come."""
    twin = object.__new__(type(net))
    twin.__dict__.update(net.__dict__, sizes=list(net.sizes))
    twin.weights, twin.biases = net.weights, net.biases  # which copies them
    twin.rng = type(net.rng)()
    twin.rng.setstate(net.rng.getstate())
    return twin


def by_name(value: Activation | Cost) -> tuple[Any, ...]:
    """How to make it again: by its name, or of its parts if it is none of purenn's."""
    if KNOWN[type(value)].get(value.name) is value:
        return called, (type(value), value.name)
    return type(value), tuple(value)


def called(kind: type, name: str) -> Activation | Cost:
    """The activation or the cost of that name."""
    return KNOWN[kind][name]


KNOWN: dict[type, dict[str, Any]] = {Activation: OUTPUTS, Cost: COSTS}
copyreg.pickle(Activation, by_name)
copyreg.pickle(Cost, by_name)
