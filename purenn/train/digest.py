"""SHA-256 over the exact bits of numbers: two runs agree in every bit if their digests are equal.

Each number goes in as its eight bytes of IEEE 754 double precision, little-endian.  A network's
numbers are taken layer by layer from the input on: the weights row by row, then the biases.
"""
from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator

from purenn.linalg import Vector
from purenn.network import Network


def digest(vectors: Iterable[Vector]) -> str:
    """The SHA-256, in hexadecimal, of the numbers in these vectors, one vector after the other."""
    sha = hashlib.sha256()
    for v in vectors:
        sha.update(struct.pack(f"<{len(v)}d", *v))
    return sha.hexdigest()


def network_vectors(net: Network) -> Iterator[Vector]:
    """All of a network's numbers in the order in which a digest takes them."""
    for W, b in zip(net.weights, net.biases):
        yield from W
        yield b
