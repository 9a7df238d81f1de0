"""Arrays of numbers, without NumPy: raw bytes with a type, a shape and an order."""
from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from mmap import mmap
from typing import Any

from purenn.formats.limits import Fault, limit


def text(value: Any) -> Any:
    """A str of Python 2 arrives as bytes, which `python3 -bb` refuses to compare with a str."""
    return value.decode("latin1") if type(value) is bytes else value


class Type:
    """Stands for ``numpy.dtype``: the type of an array's numbers, and their byte order."""

    codes = {"f4": "f", "f8": "d", "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
             "i1": "b", "i2": "h", "i4": "i", "i8": "q"}  # NumPy's name: the array module's

    def __init__(self, name: Any, align: Any = False, copy: Any = True) -> None:
        self.name = text(name)
        if type(self.name) is not str or self.name not in self.codes:
            raise Fault("it has something other than floats and ints of the usual sizes")
        self.code, self.swapped = self.codes[self.name], False
        self.size = array(self.code).itemsize

    def __setstate__(self, state: Any) -> None:
        self.set_order(text(state[1]))

    def set_order(self, order: Any) -> None:
        """Take the byte order that NumPy calls ">"; every other is taken for the lowest first."""
        self.swapped = (order == ">") != (sys.byteorder == "big")


class Array:
    """Stands for ``numpy.ndarray``: an array's raw bytes, and how to get numbers from them."""

    def __init__(self, raw: Any = b"", kind: Any = Type("u1"), shape: Any = (0,),
                 order: Any = "C") -> None:
        if not (type(kind) is Type and type(shape) is tuple and 1 <= len(shape) <= 4
                and all(type(n) is int and n >= 0 for n in shape) and text(order) in ("C", "F")):
            raise Fault("it has an array whose type or shape makes no sense")
        if type(raw) not in (bytes, bytearray, mmap) or product(shape) * kind.size != len(raw):
            raise Fault("it has an array whose shape disagrees with its data")
        self.raw, self.kind, self.shape, self.order = raw, kind, shape, text(order)
        self.columns = product(shape[1:])

    def __setstate__(self, state: Any) -> None:
        """NumPy creates an empty array first and then sets its contents as a state."""
        _, shape, kind, is_fortran, raw = state
        Array.__init__(self, raw, kind, shape, "F" if is_fortran else "C")

    def __len__(self) -> int:
        return product(self.shape)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.numbers())

    def numbers(self) -> array:
        """All numbers, row after row."""
        numbers = self._decode(self.raw[:])
        return _row_major(numbers, self.shape) if self.order == "F" else numbers

    def row(self, i: int) -> array:
        width = self.columns * self.kind.size
        return self._decode(self.raw[i * width:(i + 1) * width])

    def _decode(self, raw: bytes) -> array:
        numbers = array(self.kind.code, raw)
        if self.kind.swapped:
            numbers.byteswap()
        return numbers


def product(shape: Sequence[int]) -> int:
    """How many numbers an array of this shape has."""
    count = 1
    for n in shape:
        count *= n
    return count


def _row_major(numbers: array, shape: Sequence[int]) -> array:
    """The numbers of an array that was stored column by column (Fortran's way), row by row."""
    if len(shape) == 1:
        return numbers
    ordered = array(numbers.typecode)
    for i in range(shape[0]):
        ordered.extend(_row_major(numbers[i::shape[0]], shape[1:]))
    return ordered


def pixels_of(images: Any, name: str, max_bytes: int) -> Array:
    """Images, an array or rows of anything, as an array of pixels, row after row."""
    if type(images) is not Array:
        images = _packed(images, name, max_bytes)
    elif images.order == "F":
        images = Array(images.numbers().tobytes(), Type(images.kind.name), images.shape)
    if images.kind.code not in "fdB" or len(images.shape) < 2 or not images.columns:
        raise Fault(f"its {name} images are not rows of float32, float64 or uint8 pixels")
    if not is_finite(images):
        raise Fault(f"its {name} images have pixels that are NaN, infinite or nearly so")
    return images


def _packed(rows: Any, name: str, max_bytes: int) -> Array:
    """Rows of numbers as one array: of bytes if all are ints, else of float64."""
    if not all(type(row) in (Array, list, tuple) and len(row) == len(rows[0]) for row in rows):
        raise Fault(f"its {name} images are not rows of numbers, all of one length")
    limit(8 * len(rows) * len(rows[0]), max_bytes)  # one big row may be repeated a million times
    kind = Type("u1" if all(type(k) is int for row in rows for k in row) else "f8")
    try:
        raw = b"".join(array(kind.code, iter(row)).tobytes() for row in rows)
    except (TypeError, OverflowError):
        raise Fault(f"its {name} images have pixels that are neither floats nor 0..255") from None
    return Array(raw, kind, (len(rows), len(rows[0])))


_AT_ONCE = 1 << 16  # bytes, a multiple of every number's size


def is_finite(images: Array) -> bool:
    """False if a pixel is NaN, infinite, or within a few powers of two of infinite.

    The first byte of such a float, its sign and upper exponent, is 7f or ff.  Searching all first
    bytes for these takes a hundredth of the time that decoding the numbers would take.
    """
    if images.kind.code == "B":
        return True
    last = (sys.byteorder == "little") != images.kind.swapped  # whether it is stored last
    first = images.kind.size - 1 if last else 0
    for start in range(0, len(images.raw), _AT_ONCE):
        first_bytes = images.raw[start + first:start + _AT_ONCE:images.kind.size]
        if b"\x7f" in first_bytes or b"\xff" in first_bytes:
            return False
    return True
