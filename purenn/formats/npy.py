"""NumPy's own files: .npy, a header and an array's bytes, and .npz, a zip of such files.

The header is a line of Python, which NumPy reads with Python's parser.  Here it is matched piece by
piece, and only what an array of numbers or of text needs is taken.  An array of Python objects is
a pickle in disguise, and is refused.

Format: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
"""
from __future__ import annotations

import io
import re
import struct
import zlib
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Union

from purenn.formats.arrays import Array, Type, product
from purenn.formats.limits import Fault, Stream, short

if TYPE_CHECKING:
    from zipfile import ZipFile

MAGIC = b"\x93NUMPY"
ZIP_MAGIC = b"PK\x03\x04"
MOST_HEADER = 10_000  # bytes; NumPy stops there, too
MOST_MEMBERS = 1000
END = struct.Struct("<4s4H2LH")  # of a zip: where its list of files is, and how long
LINE = re.compile(r"\{(.*)\}\s*", re.DOTALL)
ENTRY = re.compile(r"\s*'(descr|fortran_order|shape)'\s*:\s*"
                   r"(?:'([^']*)'|(True|False)|\(([\d,\sL]*)\)|(\[[^]]*\]))\s*(?:,|$)")

#: What a member of an .npz may be: numbers, or text in a list.
Contents = Union[Array, "list[str]"]


def npy(stream: Stream) -> Contents:
    """An array of numbers; of an array of text, its entries as a list of strings."""
    major = stream.read(8)[6]
    size = int.from_bytes(stream.read(2 if major == 1 else 4), "little")
    if major not in (1, 2, 3) or size > MOST_HEADER:
        raise Fault("its header is not one that NumPy writes")
    name, fortran, shape = _header(stream.read(size).decode("latin1"))
    order, code = name[:1], name[1:]
    if re.fullmatch(r"U\d{1,5}", code):
        return _text(stream.read(4 * int(code[1:]) * product(shape)), int(code[1:]),
                     product(shape), order)
    if code == "b1":
        code = "u1"
    if code not in Type.codes:
        raise Fault(f"it holds {KINDS.get(code[:1], 'an array of type ' + short(name))}, not "
                    "floats or ints of the usual sizes")
    kind = Type(code)
    kind.set_order(order)
    raw = stream.read_array(product(shape) * kind.size)
    return Array(raw, kind, shape, "F" if fortran else "C")


KINDS = {"O": "Python objects, which only a program could make", "V": "records",
         "S": "bytes", "c": "complex numbers", "M": "dates", "m": "time spans"}


def _header(line: str) -> tuple[str, bool, tuple[int, ...]]:
    """Type, whether the first index runs fastest, and shape, from the line of Python."""
    found: dict[str, tuple[str, ...]] = {}
    match = LINE.fullmatch(line)
    position, inside = 0, match.group(1) if match else ""
    while match and inside[position:].strip():
        entry = ENTRY.match(inside, position)
        if not entry or entry.group(1) in found:
            break
        found[entry.group(1)] = entry.groups("")[1:]
        position = entry.end()
    if inside[position:].strip() or set(found) != {"descr", "fortran_order", "shape"}:
        raise Fault("its header is not one that NumPy writes")
    if found["descr"][3]:
        raise Fault("it holds records with named fields, not an array of numbers")
    lengths = [n.strip(" L") for n in found["shape"][2].split(",")]
    if not all(re.fullmatch(r"\d{1,18}|", n) for n in lengths):
        raise Fault("its header is not one that NumPy writes")
    if len(lengths) > 5:
        raise Fault(f"it holds an array of {len(lengths) - 1} dimensions; at most 4 are read")
    return (found["descr"][0], found["fortran_order"][1] == "True",
            tuple(int(n) for n in lengths if n))


def _text(raw: bytes, width: int, count: int, order: str) -> list[str]:
    """The entries of an array of text: each has width characters of four bytes, NUL at its end."""
    try:
        text = raw.decode("utf-32-be" if order == ">" else "utf-32-le")
    except UnicodeDecodeError:
        raise Fault("it holds text that is not Unicode") from None
    return [text[k * width:(k + 1) * width].rstrip("\0") for k in range(count)]


def npz(stream: Stream, source: BinaryIO) -> Mapping[str, Contents]:
    """The arrays in a zip file by their names, which lead nowhere: nothing is unpacked to the disk.

    ``source`` is the file itself; one that was gzip'd is unpacked into memory first.
    """
    if stream.zipped:
        source = io.BytesIO(stream.rest())
    source.seek(0)
    if b"/data.pkl" in source.read(256):  # its list of files is not one that NumPy writes
        raise Fault("it looks like a PyTorch file (torch.save)")
    _check_end(source)
    try:
        from zipfile import ZipFile  # imported here because it takes long, and few files are zipped
        with ZipFile(source) as archive:
            names = [info.filename for info in archive.infolist()]
            if not any(name.endswith(".npy") for name in names):
                raise Fault(_other_zip(names))
            return {name[:-len(".npy")]: _member(archive, name, stream)
                    for name in names if name.endswith(".npy")}
    except (Fault, EOFError, OSError, zlib.error, MemoryError):
        raise
    except Exception:  # there is no telling what a damaged archive makes zipfile raise
        raise Fault("its zip packing is damaged, or of an unusual kind") from None


def _check_end(source: BinaryIO) -> None:
    """Refuse an archive whose list of files is unreasonable before ``zipfile`` reads it whole.

    NumPy ends a file with 22 bytes that say how long the list is.  What zip has beyond that, a
    comment and lists for more than 65,535 files, is not needed here.
    """
    size = source.seek(0, io.SEEK_END)
    source.seek(max(0, size - END.size - 20))
    end = source.read()
    if len(end) < END.size or end[-END.size:][:4] != b"PK\5\6" or end[:4] == b"PK\6\7":
        raise Fault("it ends too early, or is not a zip file that NumPy writes")
    *_, count, length, _, _ = END.unpack(end[-END.size:])
    if count > MOST_MEMBERS or length > MOST_MEMBERS * 1000:
        raise Fault(f"it has more than {MOST_MEMBERS} files in it")
    source.seek(0)


def _member(archive: ZipFile, name: str, stream: Stream) -> Contents:
    try:
        with archive.open(name) as file:
            member = Stream(file, stream.max_bytes - stream.used)
            if member.file.peek(6)[:6] != MAGIC:
                raise Fault("it is not an array as NumPy writes it")
            found = npy(member)
            if member.file.read(1):  # to read up to the end makes zipfile compare its checksum, too
                raise Fault("it goes on after its end")
    except Fault as fault:
        raise Fault(f"{short(name)} in it: {fault}") from None
    stream.used += member.used
    return found


def _other_zip(names: Sequence[str]) -> str:
    """What a zip file without arrays looks like."""
    def has(ending: str) -> bool:
        return any(name.endswith(ending) for name in names)

    if has("model.weights.h5"):
        return "it looks like a Keras model"
    if "[Content_Types].xml" in names:
        return "it looks like an Excel or Word document; save the table as CSV"
    inside = ", ".join(short(name) for name in names[:3]) or "nothing"
    return f"it is a zip file with {inside} in it; unpack it first"


def npy_bytes(values: array | Sequence[str], shape: Sequence[int]) -> bytes:
    """An .npy file's bytes: float64 or int64 numbers in C order, or text."""
    if isinstance(values, array):
        kind, raw = "<f8" if values.typecode == "d" else "<i8", little_endian(values)
    else:
        width = max([1, *map(len, values)])
        kind = f"<U{width}"
        raw = b"".join(value.ljust(width, "\0").encode("utf-32-le") for value in values)
    dimensions = "".join(f"{n}, " for n in shape).rstrip(" " if len(shape) == 1 else ", ")
    line = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({dimensions}), }}"
    line += " " * (-(len(MAGIC) + 4 + len(line) + 1) % 64) + "\n"
    return MAGIC + b"\1\0" + struct.pack("<H", len(line)) + line.encode("latin1") + raw


def npz_bytes(members: Mapping[str, bytes]) -> bytes:
    """An .npz file's bytes; without times, so that the same arrays give the same bytes."""
    whole = io.BytesIO()
    from zipfile import ZipFile, ZipInfo
    with ZipFile(whole, "w") as archive:  # nothing is compressed
        for name, raw in members.items():
            archive.writestr(ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0)), raw)
    return whole.getvalue()


def little_endian(values: array) -> bytes:
    """The numbers' bytes, lowest first on every machine."""
    return struct.pack(f"<{len(values)}{values.typecode}", *values)
