"""What the numbers are written in, seen from the numbers alone: digits, or bits.

Whatever else is wrong, a number that was printed with nine digits has nine, and one that was
computed in float32 is a float32.  Numbers with few digits or bits by nature, such as zeros, and
numbers copied from the question, say nothing.  Digits are looked at first: cut to six, a number of
float64 is no float32, but the rest of a float32 need not be seen in six digits either.
"""
from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.truth.compare import shape_and_numbers
from purenn.crosscheck.truth.reference import NARROW, Answer

#: so many telling numbers are needed.  Of float64's numbers one in two can be written with 16
#: digits, one in ten with 15: so it takes 30 of the former to be sure, and 10 of the latter.
LEAST = {16: 30}
LEAST_OTHERWISE = 10


class Written(NamedTuple):
    """How the numbers of all answers are written."""

    #: "digits", "float32", "float16" or "bfloat16"
    kind: str
    #: how many digits, and whether they are counted after the point
    digits: int = 0
    fixed: bool = False

    def slack(self, x: float) -> float:
        """Half a unit of the last digit of a number that is written so, and a trace more, since
        the half itself may be rounded."""
        if self.kind != "digits" or not math.isfinite(x):
            return 0.0
        if self.fixed:
            exponent = -self.digits
        elif x:
            exponent = math.floor(math.log10(abs(x))) + 1 - self.digits
        else:
            return 0.0
        return 0.50001 * 10.0 ** exponent

    @property
    def unit(self) -> float:
        """The largest relative error that a number of this kind begins with."""
        if self.kind == "digits":
            return 0.5 * 10.0 ** (1 - self.digits) if not self.fixed else 10.0 ** -self.digits
        return float(NARROW[self.kind].UNIT)


def written(cases: Sequence[Case], answers: dict[str, Answer]) -> Written | None:
    """How all the numbers are written, if not in full float64."""
    numbers = [x for case in cases if case.name in answers
               for x in _telling(case, answers[case.name])]
    different = len(set(numbers))
    if different < LEAST_OTHERWISE:
        return None
    digits, fixed = min((_digits(numbers, fixed, 17), fixed) for fixed in (False, True))
    if digits < 17 and different >= LEAST.get(digits, LEAST_OTHERWISE):
        if not fixed and digits in (8, 9) and all(map(_is_printed_float32, numbers)):
            return Written("float32")
        return Written("digits", digits, fixed)
    for kind, has in (("bfloat16", _is_bfloat16), ("float16", _is_float16),
                      ("float32", _is_float32)):
        if all(map(has, numbers)):
            return Written(kind)
    return None


def _telling(case: Case, answer: Answer) -> Iterable[float]:
    """The numbers of an answer that do not stand in the question, nor are short by nature."""
    asked = {abs(x) for x in shape_and_numbers(
        [case.weights, case.biases, [list(pair) for pair in case.mini_batch]])[1]}
    for value in answer.values():
        for x in shape_and_numbers(value)[1]:
            if abs(x) < 1e15 and abs(x) not in asked and x * 4096 != round(x * 4096):
                yield x


def _digits(numbers: Sequence[float], fixed: bool, most: int) -> int:
    """The fewest digits that all the numbers can be written with, most or less."""
    least = 1
    for x in numbers:
        while least < most and not _has_digits(x, least, fixed):
            least += 1
    return least


def _has_digits(x: float, digits: int, fixed: bool) -> bool:
    return float(f"{x:.{digits}f}" if fixed else f"{x:.{digits - 1}e}") == x


def _is_float32(x: float) -> bool:
    try:
        return struct.unpack("f", struct.pack("f", x))[0] == x
    except OverflowError:
        return False


def _is_printed_float32(x: float) -> bool:
    """Whether the nearest float32 prints as x, with as many digits: of eight or nine digits only
    few combinations are a float32's."""
    digits = next(d for d in range(1, 10) if _has_digits(x, d, False))
    try:
        single = struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return False
    return float(f"{single:.{digits - 1}e}") == x


def _is_float16(x: float) -> bool:
    try:
        return struct.unpack("e", struct.pack("e", x))[0] == x
    except OverflowError:
        return False


def _is_bfloat16(x: float) -> bool:
    return _is_float32(x) and struct.unpack("I", struct.pack("f", x))[0] & 0xFFFF == 0
