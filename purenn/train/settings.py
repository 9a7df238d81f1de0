"""The settings of one run, a value for each row of the table in table.py."""
from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any

from purenn.costs import LogLikelihoodCost
from purenn.linalg import total
from purenn.terminal.datasets import Data
from purenn.train.table import DATA, TABLE, as_options

#: More weights and biases than this would take a lifetime to train, and a file that ``store``
#: refuses to read.
MOST_NUMBERS = 10_000_000


@dataclass(frozen=True)
class Settings:
    """All that decides what a run computes."""

    small: bool
    data: str
    limit: int | None
    sizes: list[int]
    hidden: str
    weights: str
    cost: str
    epochs: int
    mini_batch: int
    eta: float
    lmbda: float
    seed: int
    # What checkpoints of the first version lack: off, there and where nothing is said.
    points: str | None = None
    label: str | None = None
    no_scale: bool = False


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


def command_line(settings: Settings) -> list[str]:
    """All options of a run."""
    known = settings.small or settings.points
    return [word for name, value in vars(settings).items() if not (name == "data" and known)
            for word in as_options(name, value)]
