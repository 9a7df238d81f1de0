"""What formulas are written with, and how it is written where a terminal has ASCII or little more.

Where a stream cannot show σ′ it shows sigma', and nowhere a question mark: the sentence must still
say what it says.
"""
from __future__ import annotations

import codecs
import re

TYPE_CHECKING = False  # importing typing takes --help longer than all of this
if TYPE_CHECKING:
    from typing import TextIO

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀᵏˣᶻᵗ", "0123456789-Tkxzt"))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ⱼₖₓₘ", "0123456789jkxm"))
ASCII = {"−": "-", "–": "-", "—": "--", "·": "*", "×": "x", "⊙": "o", "±": "+-", "√": "sqrt",
         "′": "'", "″": "''", "½": "1/2", "¼": "1/4", "¾": "3/4", "‖": "||", "∞": "inf",
         "σ": "sigma", "δ": "delta", "Σ": "sum", "∂": "d", "η": "eta", "λ": "lambda",
         "ε": "epsilon", "γ": "gamma", "←": "<-", "→": "->", "≈": "~", "≤": "<=", "≥": ">=",
         "≠": "!=", "…": "...", "’": "'", "“": '"', "”": '"'}
RUN_OF_RAISED = "[%s]+" % "".join(RAISED)
RUN_OF_LOWERED = "[{0}]+(?:,[{0}]+)*".format("".join(LOWERED))

#: the error handler of a stream that shows in ASCII what its encoding does not have
IN_ASCII = "purenn-in-ascii"


def in_ascii(text: str) -> str:
    """A text with all its formulas in ASCII: z¹₁ is z^1_1, and σ′ is sigma'."""
    if text.isascii():
        return text
    text = re.sub(RUN_OF_RAISED, lambda match: "^" + translated(match, RAISED), text)
    text = re.sub(RUN_OF_LOWERED, lambda match: "_" + translated(match, LOWERED), text)
    return "".join(ASCII.get(character, character) for character in text)


def translated(match: re.Match[str], table: dict[str, str]) -> str:
    """What was found, with each character as the table has it."""
    return "".join(table.get(character, character) for character in match.group())


def can_show(stream: TextIO, characters: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        characters.encode(stream.encoding or "ascii")
        return True
    except UnicodeEncodeError:
        return False


def as_shown(stream: TextIO, text: str) -> str:
    """The text as the stream can show it: in ASCII where its encoding lacks any of it."""
    if stream.encoding is None or can_show(stream, text):  # a stream of text, not of bytes
        return text
    return in_ascii(text).encode(stream.encoding, "backslashreplace").decode(stream.encoding)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that cannot be encoded: ASCII, or their numbers."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = in_ascii(error.object[error.start:error.end])
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error(IN_ASCII, _replaced)
