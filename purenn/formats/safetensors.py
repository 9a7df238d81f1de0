"""safetensors: a length, a header in JSON that says what lies where, and the numbers' bytes.

Format: github.com/huggingface/safetensors, "Format".
"""
from __future__ import annotations

import json
import struct
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from purenn.formats.arrays import Array, Type, product
from purenn.formats.limits import Fault, Stream, short
from purenn.formats.npy import little_endian
from purenn.formats.strict_json import parse_json

MOST_HEADER = 1 << 20
KINDS = {"F64": "f8", "F32": "f4", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1", "U8": "u1",
         "BOOL": "u1"}


def is_safetensors(head: bytes) -> bool:
    """Whether a file that begins so is one: a length of eight bytes, then an object of JSON."""
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 32


def safetensors(stream: Stream) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays by their names, and the file's metadata."""
    size = int.from_bytes(stream.read(8), "little")
    if size > MOST_HEADER:
        raise Fault(f"its header claims {size} bytes, too many for a network")
    try:
        header = parse_json(stream.read(size))
    except ValueError as error:
        raise Fault(f"its header is not valid JSON: {error}") from None
    if not isinstance(header, dict):
        raise Fault("its header is not an object of JSON")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(type(text) is str for text in metadata.values()):
        raise Fault("its metadata are not texts by their names")
    entries = [(name, *_entry(name, entry)) for name, entry in header.items()]
    entries.sort(key=lambda entry: entry[3:])
    found, position = {}, 0
    for name, kind, shape, start, end in entries:
        if start != position or end - start != product(shape) * kind.size:
            raise Fault(f"{short(name)} in it is not as long as its header says, or not in its "
                        "place")
        found[name] = Array(stream.read_array(end - start), kind, shape)
        position = end
    return {name: found[name] for name in header}, metadata


def _entry(name: str, entry: Any) -> tuple[Type, tuple[int, ...], int, int]:
    """Type, shape, and from where to where its bytes go."""
    def whole(values: Any) -> bool:
        return isinstance(values, list) and all(type(n) is int and 0 <= n < 1 << 48 for n in values)

    if not isinstance(entry, dict) or not whole(entry.get("shape")) \
            or not whole(entry.get("data_offsets")) or len(entry["data_offsets"]) != 2:
        raise Fault(f"its header says nothing that makes sense of {short(name)}")
    kind = entry.get("dtype")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Fault(f"{short(name)} in it holds numbers of the type {short(str(kind))}; float32 "
                    "and float64 are read")
    start, end = entry["data_offsets"]
    type_ = Type(KINDS[kind])
    type_.set_order("<")
    return type_, tuple(entry["shape"]) or (1,), start, end


def safetensors_bytes(arrays: Mapping[str, tuple[array, Sequence[int]]],
                      metadata: Mapping[str, str]) -> bytes:
    """A file's bytes, of arrays of float64 with their shapes."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    position = 0
    for name, (values, shape) in arrays.items():
        end = position + 8 * len(values)
        header[name] = {"dtype": "F64", "shape": list(shape), "data_offsets": [position, end]}
        position = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    text += b" " * (-len(text) % 8)  # so that the numbers begin at a multiple of eight bytes
    return b"".join([struct.pack("<Q", len(text)), text,
                     *(little_endian(values) for values, _ in arrays.values())])
