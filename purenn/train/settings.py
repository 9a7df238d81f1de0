"""The settings of a run: all that decides what it computes, in one table.

A setting is a field of ``Settings`` with a row beside it.  From the row follow its option and the
option's help, its default, what a checkpoint may hold, and how the report shows it.  A new setting
is one field with its row, and the place that uses it.
"""
from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple

from purenn.activations import ReLU, Sigmoid, Tanh
from purenn.checks import counted
from purenn.costs import COSTS, CrossEntropyCost, LogLikelihoodCost, QuadraticCost
from purenn.linalg import total
from purenn.network import Network
from purenn.terminal import datasets
from purenn.terminal.datasets import MNIST, POINTS, SMALL, Data, path_of_points
from purenn.terminal.options import layer_sizes, number, whole_number

#: More weights and biases than this would take a lifetime to train, and a file that ``store``
#: refuses to read.
MOST_NUMBERS = 10_000_000

DATA, NET, SGD = "what to learn from", "the network", "how to learn"
GROUPS = (DATA, NET, SGD)  # in the order of --help


class Kind(NamedTuple):
    """The values of a setting: for argparse, and as they may stand in a checkpoint."""

    argument: dict[str, Any]
    makes_sense: Callable[[Any], bool]


class Default(NamedTuple):
    """The value of a setting that is not given: its text in --help, and how it follows from the
    settings before it in the table and from the data (None where DATA is still to be chosen)."""

    text: str
    value: Callable[[dict[str, Any], Any], Any]


class Setting(NamedTuple):
    """A row of the table."""

    group: str
    kind: Kind
    default: Default
    help: str = ""     # without a help, its option is one of those in terminal/datasets.py
    label: str = ""    # in the report; without one, it is part of another line there
    shown: Callable[[Any], str] = str


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
    if chosen.get("points"):
        return path_of_points(chosen["points"])
    return SMALL.path if chosen["small"] else MNIST.path


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


def setting(*row: Any, value: Any = MISSING, **more: Any) -> Any:
    return field(default=value, metadata={"row": Setting(*row, **more)})


@dataclass(frozen=True)
class Settings:
    """All that decides what a run computes."""

    small: bool = setting(
        DATA, Kind({}, lambda value: type(value) is bool), always(False))
    data: str = setting(
        DATA, Kind({}, lambda value: type(value) is str), Default(MNIST.path, data_path))
    limit: int | None = setting(
        DATA, optional(whole(1)), Default("all", lambda chosen, data: None),
        "use only the first N examples of each part")
    sizes: list[int] = setting(
        NET, Kind({"metavar": "N,N,…", "type": layer_sizes},
                  lambda value: type(value) is list and len(value) > 1
                  and all(map(whole(1).makes_sense, value))),
        Default(f"{MNIST.pixels},30,10; with --small {SMALL.pixels},20,10; for points and tables "
                "16 hidden neurons", usual_sizes),
        "neurons in each layer, from the input (one a pixel or column) to the outputs (one a "
        "class, or one for two classes)",
        "neurons in each layer", lambda sizes: joined(sizes, "-"))
    hidden: str = setting(
        NET, one_of([Sigmoid.name, ReLU.name, Tanh.name]), always(Sigmoid.name),
        "the hidden neurons' activation function", "hidden neurons")
    weights: str = setting(
        NET, one_of(list(INITIALIZERS)),
        Default(f"scaled; with --hidden relu {HE}",
                lambda chosen, data: HE if chosen["hidden"] == ReLU.name else "scaled"),
        "the initial weights: scaled by 1/√n for n inputs of a neuron, or large as in chapter 1 "
        "of Nielsen's book, or as He et al. have them for ReLU", "initial weights")
    cost: str = setting(
        NET, one_of(list(COSTS)), always(CrossEntropyCost.name),
        "the cost function; log-likelihood comes with a softmax output, the others with sigmoid",
        "cost", lambda cost: f"{cost}, with {COSTS[cost].outputs[0].name} output")
    epochs: int = setting(
        SGD, whole(1), by_size(30, 15, 100), "how often each training example is used", "epochs")
    mini_batch: int = setting(
        SGD, whole(1), Default("10", lambda chosen, data: min(10, len(data.training))),
        "how many examples make one step", "mini-batch", lambda m: counted(m, "example"))
    eta: float = setting(
        SGD, real(0, above=True),
        Default("0.5, and 0.1 with --hidden relu or tanh; with --cost quadratic 3.0 and 0.6; for "
                "points twice that",
                lambda chosen, data: (1 + data.are_points) * ETA[
                    chosen["hidden"], chosen["cost"] == QuadraticCost.name]),
        "η, the learning rate: how far a step goes", "learning rate η")
    lmbda: float = setting(
        SGD, real(0), by_size(5.0, 0.1, 0.0),
        "λ, how strongly weights are kept small; 0 for not at all", "weight decay λ")
    seed: int = setting(
        SGD, whole(0), always(0),
        "where the random numbers begin; the same seed repeats the run bit for bit", "seed")
    # What checkpoints of the first version lack: off, there and where nothing is said.
    points: str | None = setting(
        DATA, optional(one_of(POINTS)), Default("none", lambda chosen, data: None), value=None)
    label: str | None = setting(
        DATA, Kind({}, lambda value: value is None or type(value) is str),
        Default("none", lambda chosen, data: None), value=None)
    no_scale: bool = setting(
        DATA, Kind({"action": "store_true"}, lambda value: type(value) is bool),
        Default("off", lambda chosen, data: False),
        "take the columns of a table as they are; otherwise each is brought to mean 0 and standard "
        "deviation 1 by the training data, and points are always taken as they are", value=False)


TABLE: dict[str, Setting] = {row.name: row.metadata["row"] for row in fields(Settings)}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options of all settings.  Options that are not given have no default value, so that
    they can be told apart from the others."""
    groups = {name: parser.add_argument_group(name) for name in GROUPS}
    datasets.add_options(groups[DATA], "; needs no file", f"default: {MNIST.path}",
                         default=argparse.SUPPRESS)
    for name, row in TABLE.items():
        if row.help:
            groups[row.group].add_argument(
                option_name(name), default=argparse.SUPPRESS, **row.kind.argument,
                help=f"{row.help} (default: {row.default.text})")


def given_in(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given as options."""
    return {name: getattr(options, name) for name in TABLE if hasattr(options, name)}


def which_data(given: dict[str, Any]) -> dict[str, Any]:
    """The settings that say what to learn from, each as it was given or as it is by default."""
    return _filled(given, [name for name, row in TABLE.items() if row.group == DATA], None)


def completed(given: dict[str, Any], data: Data) -> Settings:
    """The settings of a run on these data, each as it was given or as it is by default."""
    return Settings(**_filled(given, list(TABLE), data))


def _filled(given: dict[str, Any], names: list[str], data: Data | None) -> dict[str, Any]:
    chosen = dict(given)
    for name in names:
        if name not in given:
            chosen[name] = TABLE[name].default.value(chosen, data)
    return {name: chosen[name] for name in names}


def settings_from(values: dict[str, Any]) -> Settings:
    """The settings that a checkpoint holds.  Raises ValueError, naming the first without sense."""
    if not {row.name for row in fields(Settings) if row.default is MISSING} <= set(values) \
            or not set(values) <= set(TABLE):
        raise ValueError("its settings are not " + ", ".join(TABLE))
    for name, value in values.items():
        if not TABLE[name].kind.makes_sense(value):
            raise ValueError(f'its setting "{name}" makes no sense')
    return Settings(**values)


def check_settings(settings: Settings, data: Data) -> None:
    """Raise ValueError, naming the option, if the settings do not go with the data."""
    sizes, n, pixels = settings.sizes, len(data.training), len(data.training[0][0])
    if sizes[0] != pixels:
        what = "of columns of numbers" if data.columns else "of pixels of an image"
        raise ValueError(f"--sizes must begin with {pixels}, the number {what} in {settings.data}, "
                         f"not with {sizes[0]}")
    check_outputs(settings, len(data.classes), data.thing)
    numbers = total([(k + 1) * j for k, j in zip(sizes, sizes[1:])])
    if numbers > MOST_NUMBERS:
        raise ValueError(f"--sizes asks for {numbers:,} weights and biases; at most "
                         f"{MOST_NUMBERS:,} make sense here")
    if settings.mini_batch > n:
        raise ValueError(f"--mini-batch {settings.mini_batch} is more than the {n:,} training "
                         "examples there are")
    if settings.eta * settings.lmbda >= n:
        raise ValueError(f"--eta {settings.eta} times --lmbda {settings.lmbda} must be less than "
                         f"{n:,}, the number of training examples: each step multiplies the "
                         "weights by 1 − ηλ/n")


def check_outputs(settings: Settings, k: int, thing: str) -> None:
    """Raise ValueError unless there is an output for each of the k classes, or one for two."""
    last = settings.sizes[-1]
    if k == 1:
        raise ValueError(f"all examples in {settings.data} are of one class: there is nothing to "
                         "tell apart")
    if last == 1 and k == 2:
        if settings.cost == LogLikelihoodCost.name:
            raise ValueError("--sizes must end with 2, not with 1: a softmax output, which "
                             "log-likelihood has, is 1 if it is alone")
    elif last != k:
        raise ValueError(f"--sizes must end with {k}{' or 1' * (k == 2)}, the number of "
                         f"{'digits' if thing == 'digit' else 'classes'}, not with {last}")


def option_name(name: str) -> str:
    return "--" + name.replace("_", "-")


def as_options(name: str, value: Any) -> list[str]:
    """How a setting is given on the command line, word for word; not at all if it is off."""
    if value is None or value is False:
        return []
    if value is True:
        return [option_name(name)]
    return [option_name(name), joined(value) if isinstance(value, list) else str(value)]


def command_line(settings: Settings) -> list[str]:
    """All options of a run."""
    known = settings.small or settings.points
    return [word for name, value in vars(settings).items() if not (name == "data" and known)
            for word in as_options(name, value)]
