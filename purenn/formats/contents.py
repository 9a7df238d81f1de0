"""What is in a file, by its first bytes and not by its name."""
from __future__ import annotations

import io
from typing import Any

from purenn.formats import idx, npy, tables
from purenn.formats.arrays import Array, Type, is_finite
from purenn.formats.limits import Fault, Stream, naming
from purenn.formats.looks import READ, looks_like
from purenn.formats.pickles import unpickled
from purenn.formats.safetensors import is_safetensors

HEAD = 1024  # bytes that are looked at


def contents(path: str, max_bytes: int, label: str | None = None) -> Any:
    """What is in a file, gzip'd or not.

    An ``Array`` of IDX or .npy, a dict of arrays by their names of .npz, a ``Table`` of CSV
    (``label`` names its column of the class), else what was pickled.  Raises ValueError, naming
    the file, if it is none of these, is damaged or unpacks to more than ``max_bytes``.
    """
    with naming(path), _opened(path) as file:
        stream = Stream(file, max_bytes)
        head = stream.file.peek(HEAD)[:HEAD]
        if head[:4] == npy.ZIP_MAGIC:
            return npy.npz(stream, file)
        found = _read(stream, head, label)
        if stream.file.read(1):  # reading to the very end makes gzip compare its checksum
            raise Fault("it goes on after its end")
        return found


def matrix(path: str, max_bytes: int) -> Array:
    """Rows of numbers in a file: .npy, an .npz with one array, IDX, or CSV without a class.

    Raises ValueError, naming the file, or OSError.
    """
    with naming(path), open(path, "rb") as file:
        stream = Stream(file, max_bytes)
        head = stream.file.peek(HEAD)[:HEAD]
        if tables.is_table(head) and head[:6] != npy.MAGIC:
            found = tables.numbers(stream)
        else:
            found = contents(path, max_bytes)
            if isinstance(found, dict) and len(found) == 1:
                found = next(iter(found.values()))
        if not isinstance(found, Array) or len(found.shape) < 2 or not len(found):
            raise Fault("it does not hold rows of numbers")
        if found.order == "F":
            found = Array(found.numbers().tobytes(), Type(found.kind.name), found.shape)
        if not is_finite(found):
            raise Fault("it holds numbers that are not finite")
        return found


def _opened(path: str) -> io.BufferedReader:
    """A file, or one of the package's own in the zip file that it was imported from."""
    try:
        return open(path, "rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        try:
            raw = __loader__.get_data(path)  # type: ignore[name-defined]
        except OSError:
            raise error from None
        return io.BufferedReader(io.BytesIO(raw))


def _read(stream: Stream, head: bytes, label: str | None) -> Any:
    if head[:3] == idx.MAGIC:
        return idx.idx(stream)
    if head[:6] == npy.MAGIC:
        return npy.npy(stream)
    seen = "a network's weights (safetensors)" if is_safetensors(head) else looks_like(head)
    if seen:
        raise Fault(f"it looks like {seen}. {READ}")
    if not head:
        raise Fault("it is empty")
    if head[:1] == b"\x80":
        return unpickled(stream)
    if tables.is_table(head) or tables.is_column(head):
        return tables.table(stream, label)
    try:
        return unpickled(stream)
    except Fault as fault:
        raise Fault(f"{fault}. {READ}" if "a pickle" in str(fault) else str(fault)) from None
