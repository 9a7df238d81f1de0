#!/usr/bin/env python3
"""Rebuild purenn/data/digits.pkl.gz, the small digits, from the CSV in scikit-learn's wheel.

The result is laid out like mnist.pkl.gz: a gzip'd pickle, protocol 2, of three pairs (images,
labels) of NumPy arrays, float32 and int64.  NumPy is not needed: the pickle's instructions are
written out below, as Python 2 wrote them for the file of that name.

The pickle comes out the same everywhere, byte for byte.  How gzip packs it is up to the zlib at
hand: every release of zlib itself that was tried packs it the same, but a replacement such as
zlib-ng may not.  So the tool prints the SHA-256 of the pickle too, which must always agree.
"""
from __future__ import annotations

import argparse
import array
import gzip
import hashlib
import io
import os
import random
import struct
import sys
import zlib

SEED = 0
SPLIT = (1257, 180, 360)  # training, evaluation, test: 70, 10 and 20 percent
SHA256 = "76bbf4e7a3a3f7344e89e5142496fb7493888a45e6c9cac8febe233feef42a10"  # of the pickle
TARGET = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "purenn", "data",
                      "digits.pkl.gz")


def read_csv(path: str) -> list[list[int]]:
    """The 1,797 rows of the file: 64 pixels from 0 to 16, then the digit.

    Raises ValueError if it holds anything else.
    """
    try:
        with gzip.open(path, "rt", encoding="ascii") as file:
            rows = [[int(field) for field in line.split(",")] for line in file]
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is not a gzip'd CSV of whole numbers: {error}") from None
    if len(rows) != sum(SPLIT) or not all(
            len(row) == 65 and 0 <= min(row) and max(row) <= 16 and row[64] <= 9 for row in rows):
        raise ValueError(f"{path} does not hold 1,797 lines of 64 pixels 0..16 and a digit 0..9")
    return rows


def pickled_array(code: str, shape: tuple[int, ...], raw: bytes) -> bytes:
    """The instructions that make a NumPy array of little-endian numbers.

    They call _reconstruct(ndarray, (0,), "b"), which makes an empty array, and hand its
    __setstate__ the tuple (1, shape, dtype, False for C order, raw); the type is made likewise.
    """
    mark, as_tuple, reduce, build = b"(", b"t", b"R", b"b"
    dtype = (b"cnumpy\ndtype\n" + mark + string(code.encode()) + integer(0) + integer(1) + as_tuple
             + reduce + mark + integer(3) + string(b"<") + 3 * b"N" + integer(-1) + integer(-1)
             + integer(0) + as_tuple + build)
    return (b"cnumpy.core.multiarray\n_reconstruct\n" + mark + b"cnumpy\nndarray\n"
            + mark + integer(0) + as_tuple + string(b"b") + as_tuple + reduce
            + mark + integer(1) + mark + b"".join(map(integer, shape)) + as_tuple + dtype
            + b"\x89" + string(raw) + as_tuple + build)


def integer(n: int) -> bytes:
    return b"J" + struct.pack("<i", n)


def string(raw: bytes) -> bytes:
    return b"T" + struct.pack("<i", len(raw)) + raw


def pickled(rows: list[list[int]]) -> bytes:
    """The whole pickle: rows shuffled with SEED, cut as SPLIT says, pixels k as float32 k/16."""
    order = list(range(len(rows)))
    random.Random(SEED).shuffle(order)
    pairs, start = [], 0
    for count in SPLIT:
        part = [rows[k] for k in order[start:start + count]]
        start += count
        pixels = [k / 16 for row in part for k in row[:64]]
        labels = [row[64] for row in part]
        pairs.append(pickled_array("f4", (count, 64), little_endian("f", pixels))
                     + pickled_array("i8", (count,), little_endian("q", labels))
                     + b"\x86")  # a pair of the two
    return b"\x80\x02" + b"".join(pairs) + b"\x87."


def little_endian(code: str, numbers: list) -> bytes:
    packed = array.array(code, numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def gzipped(raw: bytes) -> bytes:
    """Packed with neither a time nor a name in the header, so that only zlib matters."""
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, packed, mtime=0) as file:
        file.write(raw)
    return packed.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Rebuild the small digits that ship with purenn, without NumPy.",
        epilog="To get the CSV: pip download --no-deps scikit-learn, and unzip "
               "sklearn/datasets/data/digits.csv.gz from the wheel.  Example: "
               "python3 tools/make_digits.py digits.csv.gz --out /tmp/digits.pkl.gz")
    parser.add_argument("csv", metavar="CSV.GZ", help="scikit-learn's digits.csv.gz")
    parser.add_argument("--out", metavar="FILE", default=os.path.normpath(TARGET),
                        help="where to write (default: %(default)s)")
    args = parser.parse_args()
    try:
        raw = pickled(read_csv(args.csv))
        with open(args.out, "wb") as file:
            file.write(gzipped(raw))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    digest = hashlib.sha256(raw).hexdigest()
    print(f"wrote {args.out}; SHA-256 of the pickle in it: {digest}",
          "(as published)" if digest == SHA256 else "(NOT as published)")


if __name__ == "__main__":
    main()
