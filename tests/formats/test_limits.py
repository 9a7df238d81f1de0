"""purenn.formats.limits: what is read of a file, and no more than is allowed."""
from __future__ import annotations

import gzip
import io
import pickle
from array import array

import pytest

from purenn.formats.arrays import Array, Type, pixels_of
from purenn.formats.limits import Fault, Stream
from purenn.formats.pickles import unpickled

LARGE = 3_000_001  # bytes, in no whole number of pieces
CONTENT = bytes(k * k % 251 for k in range(LARGE))


def stream(content: bytes, max_bytes: int = 1 << 30) -> Stream:
    return Stream(io.BufferedReader(io.BytesIO(content)), max_bytes)


@pytest.mark.parametrize("packed", [CONTENT, gzip.compress(CONTENT, 1)], ids=["plain", "gzip"])
def test_a_large_array_arrives_whole_and_is_read_once(packed):
    source = stream(packed)
    assert source.read_array(5) == CONTENT[:5]
    memory = source.read_array(LARGE - 8)
    assert memory[:] == CONTENT[5:-3] and memory[2_000_000:2_000_010] == CONTENT[2_000_005:][:10]
    assert source.read_array(3) == CONTENT[-3:]
    with pytest.raises(EOFError):
        source.read(1)


@pytest.mark.parametrize("missing", [1, LARGE // 2, LARGE])
def test_an_array_that_ends_early(missing):
    with pytest.raises(EOFError):
        stream(CONTENT[:LARGE - missing]).read_array(LARGE)


def test_an_array_larger_than_allowed_is_refused_before_it_is_read():
    source = stream(CONTENT, max_bytes=LARGE)
    with pytest.raises(Fault):
        source.read_array(LARGE + 1)
    assert source.file.read(1) == CONTENT[:1]


@pytest.mark.parametrize("at", [0, 65_535, 65_536, 249_999, 499_999])
def test_a_number_that_is_not_finite_is_found_wherever_it_is(at):
    numbers = array("f", bytes(4 * 500_000))
    assert pixels_of(Array(numbers.tobytes(), Type("f4"), (500, 1000)), "training", 1 << 30)
    numbers[at] = float("inf")
    for raw in (numbers.tobytes(), stream(numbers.tobytes()).read_array(2_000_000)):
        with pytest.raises(Fault, match="NaN, infinite"):
            pixels_of(Array(raw, Type("f4"), (500, 1000)), "training", 1 << 30)


def test_a_large_string_of_bytes_in_a_pickle_is_memory_of_its_own():
    found = unpickled(stream(pickle.dumps(CONTENT, 4)))
    assert type(found) is not bytes and found[:] == CONTENT
    assert Array(found, Type("u1"), (LARGE,)).numbers().tobytes() == CONTENT
