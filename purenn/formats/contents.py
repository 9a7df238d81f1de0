"""What is in a file, by its first bytes and not by its name."""
from __future__ import annotations

from typing import Any

from purenn.formats.idx import MAGIC, idx
from purenn.formats.limits import Fault, Stream, naming
from purenn.formats.pickles import unpickled


def contents(path: str, max_bytes: int) -> Any:
    """What is in a file, gzip'd or not: an ``Array`` if it is IDX, else what was pickled."""
    with naming(path), open(path, "rb") as file:
        stream = Stream(file, max_bytes)
        is_idx = stream.file.peek(3)[:3] == MAGIC
        found = idx(stream) if is_idx else unpickled(stream)
        if stream.file.read(1):  # reading to the very end makes gzip compare its checksum
            raise Fault("it goes on after its end")
        return found
