"""JSON, read strictly and within limits: the value in a file, or a sentence on what is wrong.

A value is measured before it is parsed, because a few bytes can unpack to a hundred times as many.
The standard library parses it; NaN, repeated keys and numbers of a million digits are refused.
"""
from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Callable
from typing import Any

#: The limits of a JSON file that is read here; a program that needs more may assign others.
MAX_BYTES = 1 << 29   # of the file; a network of ten million weights has half as many
MAX_MEMORY = 1 << 30  # of its values, roughly as Python holds them
MAX_DEPTH = 20        # lists and objects inside each other; a network has four

WORDS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
MIDDLE = "it ends in the middle"


class TooLarge(ValueError):
    """The values of a JSON text would take more memory than is allowed."""


def read_json(path: str, constant: Callable[[str], Any] | None = None) -> Any:
    """The value in a JSON file; for ``constant`` see ``parse_json``.

    Raises ValueError, naming the file, if it is not strict JSON or too large, OSError if it cannot
    be read.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ValueError(f"{path} has more than {MAX_BYTES} bytes, too many for a file of its "
                             "kind")
        try:
            return parse_json(raw, constant)
        except ValueError as error:
            kind = TooLarge if isinstance(error, TooLarge) else ValueError
            raise kind(f"{path} is not valid JSON: {error}") from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    except MemoryError:
        raise ValueError(f"{path} needs more memory than there is") from None


def parse_json(raw: bytes, constant: Callable[[str], Any] | None = None) -> Any:
    """The value that strict JSON in UTF-8 stands for: no NaN, no key twice.  Raises ValueError.

    With ``constant``, NaN, Infinity and -Infinity are allowed: their value is constant(name).
    """
    room = (32 * raw.count(b",") + 64 * raw.count(b"[") + 128 * raw.count(b":")
            + 256 * raw.count(b"{") + 32 * raw.count(b'"'))
    if room > MAX_MEMORY:
        raise TooLarge(f"its values would take more than {MAX_MEMORY} bytes of memory")
    if _depth_left(raw) > MAX_DEPTH:
        raise ValueError("it is nested too deeply")
    if raw.startswith(codecs.BOM_UTF8):
        raise ValueError("it begins with a byte-order mark, which JSON must not have")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_int=_int,
                           parse_constant=constant or _constant)
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        raise ValueError(MIDDLE if cut else f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        if not error.doc.strip():
            raise ValueError("it is empty") from None
        raise ValueError(MIDDLE if _is_cut_off(error) else str(error)) from None
    _check_depth(value)
    return value


def _is_cut_off(error: json.JSONDecodeError) -> bool:
    """Whether the fault is that the text ends, be it in the middle of a number or word."""
    rest = error.doc[error.pos:].strip()
    if error.msg.startswith("Unterminated string"):  # or its quotation mark was forgotten
        return rest[-1] not in "}]"
    if "escape" in error.msg:
        return re.fullmatch(r"\\?(u[0-9a-fA-F]{0,4})?", rest) is not None
    return error.msg != "Extra data" and (
        re.fullmatch(r"|-|\.|[eE][+-]?", rest) is not None
        or any(word.startswith(rest) for word in WORDS))


def _depth_left(raw: bytes) -> int:
    """How many brackets are still open or full when MAX_DEPTH layers of them have been taken off.

    The parser calls itself for what is inside, and a deep stack ends some interpreters: so the
    text is measured without parsing it.
    """
    without_escapes = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    quotes_and_brackets = without_escapes.translate(None, _OTHERS)
    brackets = b"".join(quotes_and_brackets.split(b'"')[::2])  # every other piece is a string
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return brackets.count(b"[") + brackets.count(b"{")


_OTHERS = bytes(set(range(256)) - set(b'[]{}"'))


def _check_depth(value: Any) -> None:
    """Raise ValueError if the value is nested too deeply for recursive functions."""
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH + 1):
        level = [v for outer in level
                 for v in (outer.values() if isinstance(outer, dict) else outer)
                 if isinstance(v, (dict, list))]
    if level:
        raise ValueError("it is nested too deeply")


def _object(pairs: list) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {key[:80]!r} stands twice in one object")
            seen.add(key)
    return result


def _int(digits: str) -> int:
    if len(digits) > 400:  # beyond the largest float; int() would take time quadratic in the length
        raise ValueError(f"a whole number has {len(digits)} digits")
    return int(digits)


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def is_version(value: Any, version: int) -> bool:
    """Whether that is the number of a version: to Python, JSON's true and 1.0 are 1 as well."""
    return type(value) is int and value == version


def floats(v: list[Any], name: str) -> list[float]:
    """The vector v as floats.  Raises ValueError, with its name, if a number is not finite."""
    for k, v_k in enumerate(v):
        if isinstance(v_k, bool) or not isinstance(v_k, (int, float)):
            raise ValueError(f"{name}[{k}] must be a number, not a {type(v_k).__name__}")
        try:
            finite = math.isfinite(v_k)
        except OverflowError:  # an int that rounds to more than the largest float
            finite = False
        if not finite:
            raise ValueError(f"{name}[{k}] must be a finite number")
    return [float(v_k) for v_k in v]
