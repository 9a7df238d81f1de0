"""Arrays of numbers from files, without NumPy and without running anything.

A file holds one array in the IDX format, or a pickle with arrays in it; either may be gzip'd.

A pickle is a program for a small stack machine, and an ordinary unpickler runs any function that
the program names.  The one below knows the six names that NumPy arrays need, gives each a stand-in
that only keeps raw bytes, and refuses all other names and all instructions that data has no use
for.  It builds on the version of the unpickler that is written in Python because the one in C
can't refuse instructions, and five bytes of some cost 64 GB of memory, or time without end.
"""
from __future__ import annotations

import contextlib
import gzip
import io
import pickle
import sys
import zlib
from array import array
from collections.abc import Iterator


class Fault(Exception):
    """What is wrong with a file: the end of a sentence that begins with the file's name."""


class Type:
    """Stands for ``numpy.dtype``: the type of an array's numbers, and their byte order."""

    codes = {"f4": "f", "f8": "d", "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
             "i1": "b", "i2": "h", "i4": "i", "i8": "q"}  # NumPy's name: the array module's

    def __init__(self, name, align=False, copy=True):
        self.name = name.decode("latin1") if type(name) is bytes else name
        if type(self.name) is not str or self.name not in self.codes:
            raise Fault("it holds something other than floats and ints of the usual sizes")
        self.code, self.swapped = self.codes[self.name], False
        self.size = array(self.code).itemsize

    def __setstate__(self, state):
        self.swapped = (state[1] in (">", b">")) != (sys.byteorder == "big")


class Array:
    """Stands for ``numpy.ndarray``: an array's raw bytes, and how to get numbers from them."""

    def __init__(self, raw=b"", kind=Type("u1"), shape=(0,), order="C"):
        if not (type(kind) is Type and type(shape) is tuple and 1 <= len(shape) <= 3
                and all(type(n) is int and n >= 0 for n in shape) and order in ("C", "F")):
            raise Fault("it holds an array whose type or shape makes no sense")
        if type(raw) is not bytes or product(shape) * kind.size != len(raw):
            raise Fault("it holds an array whose shape disagrees with its data")
        self.raw, self.kind, self.shape, self.order = raw, kind, shape, order
        self.columns = product(shape[1:])

    def __setstate__(self, state):
        """NumPy makes an empty array first, and then gives it its contents as a state."""
        _, shape, kind, is_fortran, raw = state
        self.__init__(raw, kind, shape, "F" if is_fortran else "C")

    def __len__(self) -> int:
        return product(self.shape)

    def __iter__(self) -> Iterator:
        return iter(self.numbers())

    def numbers(self) -> array:
        """All numbers, row after row."""
        numbers = self._decode(self.raw)
        return _row_major(numbers, self.shape) if self.order == "F" else numbers

    def row(self, i: int) -> array:
        width = self.columns * self.kind.size
        return self._decode(self.raw[i * width:(i + 1) * width])

    def _decode(self, raw: bytes) -> array:
        numbers = array(self.kind.code, raw)
        if self.kind.swapped:
            numbers.byteswap()
        return numbers


def product(shape) -> int:
    """How many numbers an array of this shape has."""
    count = 1
    for n in shape:
        count *= n
    return count


def _row_major(numbers: array, shape) -> array:
    """The numbers of an array that was stored column by column (Fortran's way), row by row."""
    if len(shape) == 1:
        return numbers
    ordered = array(numbers.typecode)
    for i in range(shape[0]):
        ordered.extend(_row_major(numbers[i::shape[0]], shape[1:]))
    return ordered


def limit(size: int, max_bytes: int) -> None:
    """Raise Fault if that is more bytes than may be used."""
    if size > max_bytes:
        raise Fault(f"it unpacks to more than {max_bytes} bytes (max_bytes can be raised)")


_PIECE = 1 << 20  # bytes to read at once


class Stream:
    """A file, unpacked if it is gzip'd, of which no more is read than is allowed."""

    def __init__(self, file, max_bytes: int):
        zipped = file.peek(2)[:2] == b"\x1f\x8b"
        self.file = io.BufferedReader(gzip.GzipFile(fileobj=file), _PIECE) if zipped else file
        self.used, self.max_bytes = 0, max_bytes

    def use(self, size: int) -> None:
        self.used += size
        if self.used > self.max_bytes:
            limit(self.used, self.max_bytes)

    def read(self, size: int) -> bytes:
        self.use(size + 32)  # however little is read, it may make a Python object
        data = self.file.read(size if size < _PIECE else _PIECE)
        if len(data) == size:
            return data
        whole = io.BytesIO()  # grows with what is there, whatever size has been claimed
        while data:
            whole.write(data)
            data = self.file.read(min(size - whole.tell(), _PIECE))
        if whole.tell() < size:
            raise EOFError
        return whole.getvalue()

    def readline(self) -> bytes:
        line = self.file.readline(self.max_bytes - self.used)
        self.use(len(line) + 32)
        return line


class _Unpickler(pickle._Unpickler):
    """Reads a pickle of NumPy arrays, numbers, lists and tuples; nothing in it can run."""

    stand_ins = {"_reconstruct": lambda *ignored: Array(), "_frombuffer": Array,
                 "scalar": lambda kind, raw: Array(raw, kind, (1,)).numbers()[0],
                 "ndarray": Array, "dtype": Type}
    modules = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric",
               "numpy._core.numeric")
    # What is left out: sets and dicts, whose keys can take forever to hash, and every way to call
    # something but REDUCE, which calls only what find_class has given out.
    instructions = """
        PROTO STOP MARK GLOBAL STACK_GLOBAL REDUCE BUILD NONE NEWTRUE NEWFALSE INT BININT BININT1
        BININT2 LONG LONG1 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE
        SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 LIST EMPTY_LIST APPEND
        APPENDS TUPLE EMPTY_TUPLE TUPLE1 TUPLE2 TUPLE3 PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET
        LONG_BINGET""".split()

    def find_class(self, module: str, name: str):
        if module in self.modules and name in self.stand_ins:
            return self.stand_ins[name]
        if (module, name) == ("_codecs", "encode"):
            return self.encode
        raise Fault(f"it asks for {ascii(module + '.' + name)[:80]}, which no array needs")

    def encode(self, text, encoding) -> bytes:
        """How Python 3 wrote bytes in the older protocols: as text, a character for each byte."""
        if type(text) is not str or encoding != "latin1":
            raise Fault("it asks for a conversion of text that no array needs")
        self.stream.use(len(text))
        return text.encode("latin1")

    def refuse(self):
        raise Fault("it is no pickle, or has an instruction in it that no array needs")

    def skip_frame(self):
        self.read(8)  # how far one could read ahead; but `Stream` has to see what is read

    dispatch = dict.fromkeys(range(256), refuse)


for _name in _Unpickler.instructions:
    _code = getattr(pickle, _name)[0]
    _Unpickler.dispatch[_code] = pickle._Unpickler.dispatch[_code]
_Unpickler.dispatch[pickle.FRAME[0]] = _Unpickler.skip_frame
_Unpickler.dispatch[pickle.BYTEARRAY8[0]] = _Unpickler.load_binbytes8


def _unpickled(stream: Stream):
    """What was pickled: arrays, numbers, lists and tuples.  Raises Fault if there is more."""
    unpickler = _Unpickler(stream, encoding="bytes")  # what was a str to Python 2 is raw bytes
    unpickler.stream = stream
    try:
        return unpickler.load()
    except (Fault, EOFError, OSError, zlib.error, MemoryError):
        raise
    except Exception:  # there is no telling what a damaged pickle makes it raise
        raise Fault("it is damaged, or neither a pickle of arrays nor an IDX file") from None


def _idx(stream: Stream) -> Array:
    """IDX: two zeros, 8 for uint8, the number of axes, their lengths, then the numbers."""
    axes = stream.read(4)[3]
    shape = tuple(int.from_bytes(stream.read(4), "big") for _ in range(axes))
    return Array(stream.read(product(shape)), Type("u1"), shape)


def contents(path: str, max_bytes: int):
    """What is in a file, gzip'd or not: an ``Array`` if it is IDX, else what was pickled."""
    with naming(path), open(path, "rb") as file:
        stream = Stream(file, max_bytes)
        idx = stream.file.peek(3)[:3] == b"\0\0\x08"
        found = _idx(stream) if idx else _unpickled(stream)
        if stream.file.read(1):  # to read up to the end makes gzip compare its checksum, too
            raise Fault("it goes on after its end")
        return found


def pixels_of(images, name: str, max_bytes: int) -> Array:
    """Images, an array or rows that may hold anything, as an array of pixels, row after row."""
    if type(images) is not Array:
        images = _packed(images, name, max_bytes)
    elif images.order == "F":
        images = Array(images.numbers().tobytes(), Type(images.kind.name), images.shape)
    if images.kind.code not in "fdB" or len(images.shape) < 2 or not images.columns:
        raise Fault(f"its {name} images are not rows of float32, float64 or uint8 pixels")
    if not _finite(images):
        raise Fault(f"its {name} images have pixels that are NaN, infinite or as good as that")
    return images


def _packed(rows, name: str, max_bytes: int) -> Array:
    """Rows of numbers as one array: of bytes if all are ints, else of float64."""
    if not all(type(row) in (Array, list, tuple) and len(row) == len(rows[0]) for row in rows):
        raise Fault(f"its {name} images are not rows of numbers, all of one length")
    limit(8 * len(rows) * len(rows[0]), max_bytes)  # a big row may be there a million times
    kind = Type("u1" if all(type(k) is int for row in rows for k in row) else "f8")
    try:
        raw = b"".join(array(kind.code, iter(row)).tobytes() for row in rows)
    except (TypeError, OverflowError):
        raise Fault(f"its {name} images have pixels that are neither floats nor 0..255") from None
    return Array(raw, kind, (len(rows), len(rows[0])))


def _finite(images: Array) -> bool:
    """False if a pixel is NaN, infinite, or within a few powers of two of infinite.

    The first byte of such a float, its sign and upper exponent, is 7f or ff.  To search all first
    bytes for these takes a hundredth of the time it would take to decode the numbers.
    """
    last = (sys.byteorder == "little") != images.kind.swapped  # whether it is stored last
    first_bytes = images.raw[images.kind.size - 1 if last else 0::images.kind.size]
    return images.kind.code == "B" or not (b"\x7f" in first_bytes or b"\xff" in first_bytes)


@contextlib.contextmanager
def naming(path: str):
    """Turns whatever goes wrong with a file into one sentence that names it."""
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
