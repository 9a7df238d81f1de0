"""Pickles of arrays, without NumPy and without running anything.

A pickle is a program for a small stack machine, and an ordinary unpickler runs any function that
the program names.  The one below knows the six names that NumPy arrays need, gives each a stand-in
that only keeps raw bytes, and refuses all other names and all instructions that data do not need.
It builds on the unpickler written in Python because the one in C can't refuse instructions, and
five bytes of some of them cost 64 GB of memory, or endless time.
"""
from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from purenn.formats.arrays import Array, Type
from purenn.formats.limits import Fault, Stream


class _Unpickler(pickle._Unpickler):
    """Reads a pickle of NumPy arrays, numbers, lists and tuples; nothing in it can run."""

    stream: Stream
    _file_read: Callable[[int], Any]
    stand_ins: ClassVar[dict[str, Callable[..., Any]]] = {
        "_reconstruct": lambda *ignored: Array(), "_frombuffer": Array,
        "scalar": lambda kind, raw: Array(raw, kind, (1,)).numbers()[0],
        "ndarray": Array, "dtype": Type}
    modules = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric",
               "numpy._core.numeric")
    # Left out are sets and dicts, whose keys can take forever to hash, and every instruction that
    # calls something except REDUCE, which calls only what find_class has returned.
    instructions = """
        PROTO STOP MARK GLOBAL STACK_GLOBAL REDUCE BUILD NONE NEWTRUE NEWFALSE INT BININT BININT1
        BININT2 LONG LONG1 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE
        SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 LIST EMPTY_LIST APPEND
        APPENDS TUPLE EMPTY_TUPLE TUPLE1 TUPLE2 TUPLE3 PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET
        LONG_BINGET""".split()

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if module in self.modules and name in self.stand_ins:
            return self.stand_ins[name]
        if (module, name) == ("_codecs", "encode"):
            return self.encode
        raise Fault(f"it asks for {ascii(module + '.' + name)[:80]}, which no array needs")

    def encode(self, text: Any, encoding: Any) -> bytes:
        """How Python 3 writes bytes in the older protocols: as text, one character a byte."""
        if type(text) is not str or type(encoding) is not str or encoding != "latin1":
            raise Fault("it asks for a conversion of text that no array needs")
        self.stream.use(len(text))
        return text.encode("latin1")

    def refuse(self) -> NoReturn:
        raise Fault("it is not a pickle, or has an instruction in it that no array needs")

    def skip_frame(self) -> None:
        self.stream.read(8)  # a hint for reading ahead; but `Stream` must count what is read

    dispatch: ClassVar[dict[int, Any]] = dict.fromkeys(range(256), refuse)


for _name in _Unpickler.instructions:
    _code = getattr(pickle, _name)[0]
    _Unpickler.dispatch[_code] = pickle._Unpickler.dispatch[_code]
_Unpickler.dispatch[pickle.FRAME[0]] = _Unpickler.skip_frame
_Unpickler.dispatch[pickle.BYTEARRAY8[0]] = _Unpickler.dispatch[pickle.BINBYTES8[0]]


def unpickled(stream: Stream) -> Any:
    """What was pickled: arrays, numbers, lists and tuples.  Raises Fault if there is more."""
    unpickler = _Unpickler(stream, encoding="bytes")  # what was a str to Python 2 is raw bytes
    unpickler.stream = stream
    unpickler._file_read = stream.read_array
    try:
        return unpickler.load()
    except (Fault, EOFError, OSError, zlib.error, MemoryError):
        raise
    except Exception:  # a damaged pickle can make it raise anything
        raise Fault("it is damaged, or not a pickle of arrays") from None
