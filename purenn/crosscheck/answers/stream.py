"""What a program prints, searched for answers: a document, a list, or a line for each.

Whoever has no JSON library prints numbers as the language does, with nan and inf in some spelling,
and other lines between the answers; and a program that crashes has given some answers before.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from purenn.crosscheck.answers.reading import (
    ANSWERS_FORMAT,
    Check,
    answers_from,
    check_answer,
    differ,
    kept_between_calls,
)
from purenn.crosscheck.questions.cases import VERSION, items_of
from purenn.formats.strict_json import MAX_BYTES, TooLarge, parse_json, read_json
from purenn.terminal.running import one_line, short

#: strings, which stay as they are, and what C, C++, Perl, Lua and others print for no finite number
_ODD_NUMBERS = re.compile(
    rb'"(?:[^"\\]|\\.)*"'
    rb'|(?<![\w.])[-+]?(?:nan(?:\(\w*\))?|inf(?:inity)?|null|none|1\.#\w+)(?![\w.])',
    re.IGNORECASE)
_ANSWER = re.compile(r'\{\s*"name"\s*:')


class Given(NamedTuple):
    """What a program has given."""

    #: by the name of the case
    answers: dict[str, dict[str, Any]]
    #: what went wrong on the way
    failures: list[str]
    #: what else there is to say
    notes: list[str]


def read_value(raw: bytes) -> Any:
    """The JSON value, with what is not finite in any spelling as NaN.  Raises ValueError."""
    def number(match: re.Match[bytes]) -> bytes:
        return match[0] if match[0].startswith(b'"') else b"NaN"
    return parse_json(_ODD_NUMBERS.sub(number, raw), float)


def answers_in(raw: bytes, names: Sequence[str], source: str, check: Check = check_answer) -> Given:
    """The answers in what a program printed.  Raises ValueError if there are none, or a fault."""
    try:
        content = read_value(raw)
    except ValueError as fault:
        return _answers_between(raw, names, source, check, fault)
    return _answers_of(content, names, source, check)


def _answers_of(content: Any, names: Sequence[str], source: str, check: Check) -> Given:
    """Those of a document, a list of them, or one alone."""
    if isinstance(content, dict) and "name" in content:
        content = [content]
    if not isinstance(content, list):
        content = items_of(content, source, ANSWERS_FORMAT, "answers")
    return _collected(content, names, source, check, [])


def answers_of_file(path: str, names: Sequence[str], check: Check = check_answer) -> Given:
    """The answers in a file: a document, or what a program printed.

    Raises ValueError, naming the file, if there are none; OSError if it cannot be read.
    """
    try:
        return _answers_of(read_json(path, float), names, path, check)
    except ValueError as fault:
        if isinstance(fault, TooLarge) or "is not valid JSON" not in str(fault):
            raise
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES)
        try:
            return answers_in(raw, names, path, check)
        except ValueError as other:
            raise (other if str(other).startswith(path) else fault) from None


def _answers_between(raw: bytes, names: Sequence[str], source: str, check: Check,
                     fault: ValueError) -> Given:
    """Answers among other lines, and those of a document that is not whole."""
    items, others = [], []
    for line in raw.splitlines():
        found = list(_items(line))
        items += found
        if line.strip() and not found:
            others.append(line)
    if not items:
        whole = _document_in(raw)
        if whole is not None:
            before, content, after = whole
            items = content if isinstance(content, list) else items_of(
                content, source, ANSWERS_FORMAT, "answers")
            return _collected(items, names, source, check, [*before, *after])
        items, others = list(_cut_off(raw)), []
    if not items:
        raise fault
    return _collected(items, names, source, check, others)


def _items(line: bytes) -> Iterator[Any]:
    """The answers in a line: one, or a list or a document of them."""
    if not line.lstrip().startswith((b"{", b"[")):
        return
    try:
        value = read_value(line.strip().rstrip(b","))
    except ValueError:
        return
    if isinstance(value, dict) and isinstance(value.get("answers"), list):
        value = value["answers"]
    yield from (item for item in (value if isinstance(value, list) else [value])
                if isinstance(item, dict) and "name" in item)


def _document_in(raw: bytes) -> tuple[list[bytes], Any, list[bytes]] | None:
    """The document that stands between other lines, with the lines before it and after it."""
    lines = raw.splitlines()
    starts = [k for k, line in enumerate(lines) if line.lstrip().startswith((b"{", b"["))][:1]
    ends = [k for k, line in enumerate(lines) if line.rstrip().endswith((b"}", b"]"))][-1:]
    for start in starts:
        for end in ends:
            try:
                return (lines[:start], read_value(b"\n".join(lines[start:end + 1])),
                        lines[end + 1:])
            except ValueError:
                pass
    return None


def _cut_off(raw: bytes) -> Iterator[Any]:
    """The whole answers of a document that ends in the middle."""
    def number(match: re.Match[bytes]) -> bytes:
        return match[0] if match[0].startswith(b'"') else b"NaN"
    text, decoder = _ODD_NUMBERS.sub(number, raw).decode("utf-8", "replace"), json.JSONDecoder()
    for match in _ANSWER.finditer(text):
        try:
            yield decoder.raw_decode(text, match.start())[0]
        except (ValueError, RecursionError):
            return


def _collected(items: Sequence[Any], names: Sequence[str], source: str, check: Check,
               others: list[bytes]) -> Given:
    """The items by name.  The answer to a case that is asked again must be the same.

    Raises ValueError if there are none.
    """
    if not items:
        raise ValueError(f"{source} must be a list of at least one answer")
    answers: dict[str, dict[str, Any]] = {}
    failures: list[str] = []
    for item in items:
        name = str(item.get("name")) if isinstance(item, dict) else ""
        again = answers.pop(name, None)
        document = {"format": ANSWERS_FORMAT, "version": VERSION, "answers": [item]}
        answers.update(answers_from(document, source, names, check))
        if again is not None:
            if differ(again, answers[name]):
                failures.append(kept_between_calls(short(name)))
            answers[name] = again
    return Given(answers, failures[:1], _skipped(others))


def _skipped(others: Sequence[bytes]) -> list[str]:
    lines = [line for line in others if line.strip()]
    if not lines:
        return []
    count = "1 line that is no answer:" if len(lines) == 1 else \
        f"{len(lines)} lines that are no answers, the first:"
    return [f'{count} "{one_line(lines[0][:60].decode("utf-8", "replace"))}"']
