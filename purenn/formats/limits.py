"""Reading within limits: how much a file may unpack to, and one sentence for each fault."""
from __future__ import annotations

import contextlib
import gzip
import io
import mmap
import zlib
from collections.abc import Iterator
from typing import Any


class Fault(Exception):
    """What is wrong with a file: the end of a sentence that begins with the file's name."""


def short(text: str, most: int = 60) -> str:
    """A text that a file gives, as a sentence may quote it: on one line, and not too long."""
    return ascii(text if len(text) <= most else text[:most] + "…")[1:-1].replace("\\u2026", "…")


def limit(size: int, max_bytes: int) -> None:
    """Raise Fault if size is more bytes than may be used."""
    if size > max_bytes:
        raise Fault(f"it unpacks to more than {max_bytes} bytes (max_bytes can be raised)")


_PIECE = 1 << 16  # bytes to read at once; PyPy would let many larger ones pile up
_LARGE = 1 << 20  # an array of more bytes gets memory of its own


class Stream:
    """A file, unpacked if it is gzip'd, from which at most max_bytes are read."""

    def __init__(self, file: Any, max_bytes: int) -> None:
        self.zipped = file.peek(2)[:2] == b"\x1f\x8b"
        self.file = (io.BufferedReader(gzip.GzipFile(fileobj=file), _PIECE) if self.zipped
                     else file)
        self.used, self.max_bytes = 0, max_bytes

    def use(self, size: int) -> None:
        self.used += size
        if self.used > self.max_bytes:
            limit(self.used, self.max_bytes)

    def read(self, size: int) -> bytes:
        self.use(size + 32)  # however few bytes, they may become a Python object
        data = self.file.read(size if size < _PIECE else _PIECE)
        if len(data) == size:
            return data
        whole = io.BytesIO()  # grows with the bytes there are, whatever size was claimed
        while data:
            whole.write(data)
            data = self.file.read(min(size - whole.tell(), _PIECE))
        if whole.tell() < size:
            raise EOFError
        return whole.getvalue()

    def read_array(self, size: int) -> bytes | mmap.mmap:
        """As ``read``; but many bytes come in memory of their own, outside of Python's heap.

        There they are never copied, and they take no room before they arrive, whatever size was
        claimed.  On PyPy, MNIST would otherwise need half as much memory again.
        """
        if size <= _LARGE:
            return self.read(size)
        self.use(size)
        whole = mmap.mmap(-1, size)
        while whole.tell() < size:
            data = self.file.read(min(size - whole.tell(), _PIECE))
            if not data:
                raise EOFError
            whole.write(data)
        return whole

    def rest(self) -> bytes:
        """All that is left."""
        whole = io.BytesIO()
        while data := self.file.read(_PIECE):
            self.use(len(data))
            whole.write(data)
        return whole.getvalue()

    def readline(self) -> bytes:
        line = self.file.readline(self.max_bytes - self.used)
        self.use(len(line) + 32)
        return line


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Turn whatever goes wrong with a file into one sentence that names it."""
    try:
        yield
        return
    except Fault as fault:
        reason = str(fault)
    except EOFError:
        reason = "it ends too early"
    except (gzip.BadGzipFile, zlib.error):
        reason = "its gzip packing is damaged"
    except OSError as error:
        if error.filename is not None:
            raise
        reason = f"reading it failed ({error.strerror})"
    except MemoryError:
        reason = "there is not enough memory for it"
    raise ValueError(f"cannot load {path}: {reason}") from None
