"""The whole state of a training run in a file, so that an interrupted run can go on.

A checkpoint is written after each epoch.  It holds the network, the state of its random number
generator, what was measured, the settings, and a digest of the data.  A run that goes on from it
does exactly what the interrupted one would have done: it ends with the same bits.
"""
from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

from purenn.formats import strict_json
from purenn.network import Network
from purenn.sgd import Example, Monitors
from purenn.store import files, networks

FORMAT, VERSION = "purenn-checkpoint", 1
MOST_SECONDS = 1e10  # three hundred years


class Checkpoint(NamedTuple):
    """A run after some of its epochs."""

    settings: dict[str, Any]
    data: str  # the digest of the data the run learns from
    net: Network
    monitors: Monitors
    seconds: float


def data_digest(*data: Iterable[Example]) -> str:
    """A digest over every pixel and every target of some data sets, in their order."""
    from purenn.train.digest import digest  # imported here because only checkpoints need it
    return digest(itertools.chain.from_iterable(
        (x, y if isinstance(y, list) else [y]) for x, y in itertools.chain.from_iterable(data)))


def save(path: str, checkpoint: Checkpoint) -> None:
    """Write the checkpoint, whole or not at all.  Raises OSError if it cannot be written."""
    files.write_json(path, {
        "format": FORMAT, "version": VERSION, "settings": checkpoint.settings,
        "data": checkpoint.data, "seconds": checkpoint.seconds,
        "network": networks.content_of(checkpoint.net), "random": checkpoint.net.rng.getstate(),
        "monitors": checkpoint.monitors._asdict()})


def load(path: str) -> Checkpoint:
    """Read a checkpoint.  Raises ValueError, naming the file and the fault, or OSError."""
    content = strict_json.read_json(path)
    try:
        return _checkpoint_from(content)
    except ValueError as error:
        raise ValueError(f"{path} is not a checkpoint: {error}") from None


def _checkpoint_from(content: Any) -> Checkpoint:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f'its "format" is not "{FORMAT}"')
    if not strict_json.is_version(content.get("version"), VERSION):
        raise ValueError(f'its "version" is not {VERSION}')
    for key, kind in (("settings", dict), ("data", str), ("random", list), ("monitors", dict)):
        if not isinstance(content.get(key), kind):
            raise ValueError(f'its "{key}" is missing or of the wrong kind')
    net = networks.network_from(content.get("network"))
    net.rng.setstate(_random_state_from(content["random"]))
    seconds = strict_json.floats([content.get("seconds")], "seconds")[0]
    if not 0 <= seconds < MOST_SECONDS:
        raise ValueError('its "seconds" are not the time that a run has taken')
    return Checkpoint(content["settings"], content["data"], net,
                      _monitors_from(content["monitors"]), seconds)


def _random_state_from(content: list[Any]) -> tuple:
    """What ``random.Random.setstate`` takes: the 624 words of the Mersenne Twister, and how many of
    them are used up.  Not every Python checks them itself."""
    def whole(value: Any, end: int) -> bool:
        return type(value) is int and 0 <= value < end

    if len(content) == 3 and isinstance(content[1], list) and len(content[1]) == 625:
        version, words, gauss_next = content
        if (version == 3 and all(whole(word, 2 ** 32) for word in words[:-1])
                and whole(words[-1], 625) and (gauss_next is None or type(gauss_next) is float)):
            return version, tuple(words), gauss_next
    raise ValueError('its "random" is not the state of a random number generator')


def _monitors_from(content: dict[str, Any]) -> Monitors:
    lists: dict[str, list[Any]] = {}
    for name in Monitors._fields:
        if not isinstance(content.get(name), list):
            raise ValueError(f'its monitor "{name}" is missing')
        if not all(number >= 0 for number in strict_json.floats(content[name], name)):
            raise ValueError(f'its monitor "{name}" has a negative number')
        if name.endswith("accuracy") and not all(type(k) is int for k in content[name]):
            raise ValueError(f'its monitor "{name}" is not a list of whole numbers')
        lists[name] = content[name]
    monitors = Monitors(**lists)
    if len(set(map(len, monitors))) > 1:
        raise ValueError("its monitors are of different lengths")
    return monitors
