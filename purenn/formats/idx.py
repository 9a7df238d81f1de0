"""IDX, the format of the original MNIST: a header that says how long each axis is, then bytes."""
from __future__ import annotations

from purenn.formats.arrays import Array, Type, product
from purenn.formats.limits import Stream

MAGIC = b"\0\0\x08"


def idx(stream: Stream) -> Array:
    """IDX: two zeros, 8 for uint8, the number of axes, their lengths, then the numbers."""
    axes = stream.read(4)[3]
    shape = tuple(int.from_bytes(stream.read(4), "big") for _ in range(axes))
    return Array(stream.read_array(product(shape)), Type("u1"), shape)
