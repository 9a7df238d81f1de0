"""How wide the screen is, and text that fits it.

The environment variable COLUMNS comes first, in a pipe as well, then the terminal.  Without either,
drawings take 80 columns and sentences are not broken, because programs read files, too.
"""
from __future__ import annotations

import os
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

USUAL = 80
NARROWEST = 20  # nothing can be shown on fewer columns


def columns(stream: TextIO | None = None) -> int:
    """How wide a drawing for the stream (for standard output) may be."""
    return known_columns(stream) or USUAL


def known_columns(stream: TextIO | None = None) -> int | None:
    """How many columns the stream (standard output) has, or None if nothing limits its lines."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and 0 < int(said[:9]):
        return max(int(said[:9]), NARROWEST)
    try:
        width = os.get_terminal_size((stream or sys.stdout).fileno()).columns
    except (AttributeError, OSError, ValueError):  # not a terminal, or nothing at all
        return None
    return max(width, NARROWEST) if width else USUAL  # some terminals say 0


def cells(text: str) -> int:
    """How many columns a text takes: two for a Chinese character, none for a combining accent."""
    if text.isascii():
        return len(text)
    import unicodedata  # most texts need none of it, --help among them
    return len(text) + len([c for c in text if unicodedata.east_asian_width(c) in "WF"]) - len(
        [c for c in text if unicodedata.combining(c)])


def fitted(text: str, width: int | None) -> str:
    """The text with every line that is too long broken, between words if possible.

    Continued lines are indented by two more columns.
    """
    if width is None:
        return text
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> list[str]:
    if cells(line) <= width:
        return [line]
    indent = len(line) - len(line.lstrip(" "))
    margin = " " * min(indent + 2, width // 2)
    parts = [""]
    for piece in re.findall(r" *[^ ]+", line):  # a word and the spaces before it
        if cells(parts[-1]) + cells(piece) > width and parts[-1].strip():
            parts.append(margin)
            piece = piece.lstrip(" ")
        for c in piece:
            if cells(parts[-1]) + cells(c) > width:
                parts.append(margin)
            parts[-1] += c
    return parts
