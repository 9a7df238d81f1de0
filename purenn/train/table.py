"""The settings of a run: all that decides what it computes, in one table.

From a row follow the setting's option and the option's help, its default, what a checkpoint may
hold, and how the report shows it.  A new setting is a row here, a field of ``Settings``
(settings.py), and the place that uses it.

This module is imported for --help, which should come at once: so it needs no more than the parser.
"""
from __future__ import annotations

import argparse
import math
from collections import namedtuple
from collections.abc import Callable, Sequence

from purenn.activations import ReLU, Sigmoid, Tanh
from purenn.checks import counted
from purenn.costs import COSTS, CrossEntropyCost, LogLikelihoodCost, QuadraticCost
from purenn.network import Network
from purenn.terminal.data_options import (
    MNIST_FILE,
    MNIST_PIXELS,
    POINTS,
    SMALL_PIXELS,
    add_data,
)
from purenn.terminal.options import layer_sizes, number, whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from purenn.terminal.datasets import Data

DATA, NET, SGD = "what to learn from", "the network", "how to learn"
GROUPS = (DATA, NET, SGD)  # in the order of --help


class Kind(namedtuple("Kind", "argument makes_sense")):
    """The values of a setting: what add_argument is to know of it, and a function that says which
    of them make sense in a checkpoint."""


class Default(namedtuple("Default", "text value")):
    """The value of a setting that is not given: its text in --help, and how it follows from the
    settings before it in the table and from the data (None where DATA is still to be chosen)."""


class Setting(namedtuple("Setting", "group kind default help label shown", defaults=("", "", str))):
    """A row of the table.

    Without a help, its option is one of those in terminal/data_options.py; without a label, it is
    part of another line in the report, where ``shown`` writes its value.
    """


def whole(least: int) -> Kind:
    return Kind({"metavar": "N", "type": whole_number(least)},
                lambda value: type(value) is int and value >= least)


def real(least: float, above: bool = False) -> Kind:
    return Kind({"metavar": "F", "type": number(least, above)},
                lambda value: type(value) in (int, float) and value < math.inf
                and (least < value if above else least <= value))


def one_of(names: Sequence[str]) -> Kind:
    return Kind({"choices": names}, lambda value: type(value) is str and value in names)


def optional(kind: Kind) -> Kind:
    return kind._replace(makes_sense=lambda value: value is None or kind.makes_sense(value))


def joined(sizes: Sequence[int], separator: str = ",") -> str:
    return separator.join(map(str, sizes))


def always(value: Any) -> Default:
    return Default(str(value), lambda chosen, data: value)


def by_size(large: Any, small: Any, table: Any) -> Default:
    """One value for the small digits, one for points and other tables, and one for larger data."""
    return Default(f"{large}; with --small {small}; for points and tables {table}",
                   lambda chosen, data: small if chosen["small"] else
                   table if data.columns else large)


def data_path(chosen: dict[str, Any], data: Any) -> str:
    """Where the data are if that is not said."""
    from purenn.terminal.datasets import SMALL, path_of_points  # --help reads no data
    if chosen.get("points"):
        return path_of_points(chosen["points"])
    return SMALL.path if chosen["small"] else MNIST_FILE


def usual_sizes(chosen: dict[str, Any], data: Data) -> list[int]:
    """One hidden layer, and an output for each class; a single one tells two classes of points
    apart, if it can."""
    single = (data.are_points and len(data.classes) == 2
              and chosen.get("cost") != LogLikelihoodCost.name)
    return [len(data.training[0][0]), 16 if data.columns else 20 if chosen["small"] else 30,
            1 if single else len(data.classes)]


#: Sigmoid neurons and the quadratic cost bring in factors σ′ ≤ ¼; larger steps make up for it.
ETA = {(Sigmoid.name, False): 0.5, (Sigmoid.name, True): 3.0,
       (ReLU.name, False): 0.1, (ReLU.name, True): 0.6,
       (Tanh.name, False): 0.1, (Tanh.name, True): 0.6}


HE = "he"
INITIALIZERS: dict[str, Callable[[Network], None]] = {
    "scaled": Network.default_weight_initializer, "large": Network.large_weight_initializer,
    HE: Network.he_weight_initializer}


TABLE: dict[str, Setting] = {
    "small": Setting(
        DATA, Kind({}, lambda value: type(value) is bool), always(False)),
    "data": Setting(
        DATA, Kind({}, lambda value: type(value) is str), Default(MNIST_FILE, data_path)),
    "limit": Setting(
        DATA, optional(whole(1)), Default("all", lambda chosen, data: None),
        "use only the first N examples of each part"),
    "sizes": Setting(
        NET, Kind({"metavar": "N,N,…", "type": layer_sizes},
                  lambda value: type(value) is list and len(value) > 1
                  and all(map(whole(1).makes_sense, value))),
        Default(f"{MNIST_PIXELS},30,10; with --small {SMALL_PIXELS},20,10; for points and tables "
                "16 hidden neurons", usual_sizes),
        "neurons in each layer, from the input (one a pixel or column) to the outputs (one a "
        "class, or one for two classes)",
        "neurons in each layer", lambda sizes: joined(sizes, "-")),
    "hidden": Setting(
        NET, one_of([Sigmoid.name, ReLU.name, Tanh.name]), always(Sigmoid.name),
        "the hidden neurons' activation function", "hidden neurons"),
    "weights": Setting(
        NET, one_of(list(INITIALIZERS)),
        Default(f"scaled; with --hidden relu {HE}",
                lambda chosen, data: HE if chosen["hidden"] == ReLU.name else "scaled"),
        "the initial weights: scaled by 1/√n for n inputs of a neuron, or large as in chapter 1 "
        "of Nielsen's book, or as He et al. have them for ReLU", "initial weights"),
    "cost": Setting(
        NET, one_of(list(COSTS)), always(CrossEntropyCost.name),
        "the cost function; log-likelihood comes with a softmax output, the others with sigmoid",
        "cost", lambda cost: f"{cost}, with {COSTS[cost].outputs[0].name} output"),
    "epochs": Setting(
        SGD, whole(1), by_size(30, 15, 100), "how often each training example is used", "epochs"),
    "mini_batch": Setting(
        SGD, whole(1), Default("10", lambda chosen, data: min(10, len(data.training))),
        "how many examples make one step", "mini-batch", lambda m: counted(m, "example")),
    "eta": Setting(
        SGD, real(0, above=True),
        Default("0.5, and 0.1 with --hidden relu or tanh; with --cost quadratic 3.0 and 0.6; for "
                "points twice that",
                lambda chosen, data: (1 + data.are_points) * ETA[
                    chosen["hidden"], chosen["cost"] == QuadraticCost.name]),
        "η, the learning rate: how far a step goes", "learning rate η"),
    "lmbda": Setting(
        SGD, real(0), by_size(5.0, 0.1, 0.0),
        "λ, how strongly weights are kept small; 0 for not at all", "weight decay λ"),
    "seed": Setting(
        SGD, whole(0), always(0),
        "where the random numbers begin; the same seed repeats the run bit for bit", "seed"),
    "points": Setting(
        DATA, optional(one_of(POINTS)), Default("none", lambda chosen, data: None)),
    "label": Setting(
        DATA, Kind({}, lambda value: value is None or type(value) is str),
        Default("none", lambda chosen, data: None)),
    "no_scale": Setting(
        DATA, Kind({"action": "store_true"}, lambda value: type(value) is bool),
        Default("off", lambda chosen, data: False),
        "take the columns of a table as they are; otherwise each is brought to mean 0 and standard "
        "deviation 1 by the training data, and points are always taken as they are"),
}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options of all settings.  Options that are not given have no default value, so that
    they can be told apart from the others."""
    groups = {name: parser.add_argument_group(name) for name in GROUPS}
    add_data(groups[DATA], "; needs no file", f"default: {MNIST_FILE}",
             default=argparse.SUPPRESS)
    for name, row in TABLE.items():
        if row.help:
            groups[row.group].add_argument(
                option_name(name), default=argparse.SUPPRESS, **row.kind.argument,
                help=f"{row.help} (default: {row.default.text})")


def given_in(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given as options."""
    return {name: getattr(options, name) for name in TABLE if hasattr(options, name)}


def option_name(name: str) -> str:
    return "--" + name.replace("_", "-")


def as_options(name: str, value: Any) -> list[str]:
    """How a setting is given on the command line, word for word; not at all if it is off."""
    if value is None or value is False:
        return []
    if value is True:
        return [option_name(name)]
    return [option_name(name), joined(value) if isinstance(value, list) else str(value)]
