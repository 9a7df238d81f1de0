#!/usr/bin/env python3
"""Hostile input without end: is there a file or a command line that purenn does not survive?

    python3 tools/fuzz.py --seconds 600

Fixtures are damaged at random, and attacks made up, for each kind of file that purenn reads; and
command lines.  Whatever comes in has to give a result or one sentence that names the file, in
bounded time and memory, without running anything and without changing a file.

Most inputs are tried in a worker: a fork of this process whose memory is limited, which listens to
what Python reports of files being written and programs being started (PyPy reports fewer of them
than CPython), and which is killed if it does not come back.  Of the kind "commands" each input is
given to the real commands, as processes.  What broke is kept, and the folder named; the same
--kind, --seed and --only try it once more.

The exit status is 0 if nothing broke, and 1 if something did.
"""
from __future__ import annotations

import argparse
import codecs
import contextlib
import copy
import glob
import gzip
import io
import itertools
import json
import math
import os
import pickle
import pickletools
import random
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Callable, NamedTuple
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

from purenn import Network, activations, costs, mnist
from purenn.book import command as book
from purenn.crosscheck import command as crosscheck
from purenn.crosscheck import session as crosscheck_session
from purenn.crosscheck.answers.reading import answers_content, answers_from
from purenn.crosscheck.questions.cases import cases_content, cases_from
from purenn.crosscheck.questions.collection import built_in
from purenn.explain import command as explain
from purenn.formats import strict_json
from purenn.sgd import Monitors
from purenn.show import command as show
from purenn.store import files, networks
from purenn.terminal.options import make_parser, number, whole_number
from purenn.terminal.running import run
from purenn.terminal.screen import cells
from purenn.train import checkpoint, session
from purenn.train import command as train
from purenn.train.settings import completed

PROG = "python3 tools/fuzz.py"
FIXTURES = os.path.join(ROOT, "tests", "data")
MEMORY = 1 << 30       # of a worker, in bytes
MOST_BYTES = 1 << 22   # what a file may unpack to here: lower than the loader's own limit
SECONDS = 10           # of computing that an input may take; most take a thousandth of one
PATIENCE = 120         # seconds until a worker that says nothing is taken for dead
SECONDS_OF_COMMAND = 20  # until a run that goes on is told to stop
LONGEST = 3000         # characters in a sentence, the file's name not counted


class Broken(Exception):
    """An input did what none may do; the message says what."""


# ---- damage -------------------------------------------------------------------------------------

NUMBERS = [0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 62, 1 << 63]


def damaged(raw: bytes, rng: random.Random, other: bytes) -> bytes:
    """The bytes with one to four things wrong with them."""
    result = bytearray(raw)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        rng.choice(DAMAGES)(result, rng, other)
    return bytes(result)


def flip_bits(b: bytearray, rng: random.Random, other: bytes) -> None:
    for _ in range(min(len(b), rng.choice((1, 1, 2, 8)))):
        b[rng.randrange(len(b))] ^= 1 << rng.randrange(8)


def set_bytes(b: bytearray, rng: random.Random, other: bytes) -> None:
    start = rng.randrange(len(b) + 1)
    new = bytes(rng.randrange(256) for _ in range(rng.choice((1, 2, 4, 30))))
    b[start:start + len(new)] = new


def set_number(b: bytearray, rng: random.Random, other: bytes) -> None:
    start, size = rng.randrange(len(b) + 1), rng.choice((1, 2, 4, 8))
    order = rng.choice(("little", "big"))
    b[start:start + size] = (rng.choice(NUMBERS) % 256 ** size).to_bytes(size, order)


def cut_out(b: bytearray, rng: random.Random, other: bytes) -> None:
    start = rng.randrange(len(b) + 1)
    del b[start:start + rng.choice((1, 1, 4, 100))]


def cut_short(b: bytearray, rng: random.Random, other: bytes) -> None:
    del b[rng.randrange(len(b) + 1):]


def repeat(b: bytearray, rng: random.Random, other: bytes) -> None:
    start = rng.randrange(len(b) + 1)
    piece = b[start:start + rng.choice((1, 8, 64))]
    b[start:start] = piece * rng.choice((1, 2, 100, 5000))


def splice(b: bytearray, rng: random.Random, other: bytes) -> None:
    start, there = rng.randrange(len(b) + 1), rng.randrange(len(other) + 1)
    b[start:start + rng.choice((0, 10, len(b)))] = other[there:there + rng.choice((5, 50, 5000))]


DAMAGES = [flip_bits, set_bytes, set_number, cut_out, cut_short, repeat, splice]


# ---- pickles ------------------------------------------------------------------------------------

def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def unzipped(raw: bytes) -> bytes:
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


PICKLES = [unzipped(read(path)) for path in sorted(glob.glob(os.path.join(FIXTURES, "*.pkl*")))]
ZIPPED = [read(path) for path in sorted(glob.glob(os.path.join(FIXTURES, "*.pkl.gz")))]
ATTACKED = ["os system", "posix system", "builtins eval", "builtins exec", "__builtin__ eval",
            "builtins getattr", "builtins open", "builtins __import__", "subprocess Popen",
            "copyreg _reconstructor", "copy_reg _reconstructor", "operator attrgetter",
            "numpy load", "numpy core.multiarray", "numpy.core.multiarray _reconstruct.__globals__",
            "numpy ndarray", "numpy.core.multiarray _reconstruct", "numpy dtype", "_codecs encode",
            "numpy.core.multiarray scalar", "functools partial", "purenn.mnist load_data",
            "os.path join", "pickle loads", "types FunctionType", "builtins bytearray",
            "numpy.f2py.diagnose run", "pty spawn", "webbrowser open", "code InteractiveConsole"]
ARGUMENTS = ["touch canary", "open('canary','w')", "__import__('os').system('touch canary')",
             "canary", "w", "__class__", "__globals__", "latin1", "zlib", "f8", "O", "V9999999999"]


def pickled(value: Any, rng: random.Random) -> bytes:
    return pickle.dumps(value, protocol=rng.choice((0, 1, 2, 3, 4)))[:-1]  # without its STOP


def called(rng: random.Random) -> bytes:
    """Instructions that call something with arguments, or build it with a state."""
    module, name = rng.choice(ATTACKED).split(" ")
    values = [rng.choice((rng.choice(ARGUMENTS), rng.choice(NUMBERS), -1, (), b"", (1 << 40,),
                          ("numpy", "x"))) for _ in range(rng.randrange(4))]
    function = rng.choice((f"c{module}\n{name}\n".encode(),
                           pickled(module, rng) + pickled(name, rng) + b"\x93"))
    how = rng.choice((b"R", b"R", b"R", b"\x81", b"R" + pickled(tuple(values), rng) + b"b",
                      b"}\x92", b"Q", b"\x82\x01", b"\x84\xff\xff\xff\xff", b"P0\n"))
    return function + pickled(tuple(values), rng) + how


def bomb(rng: random.Random) -> bytes:
    """Little that stands for much: memos, nesting, sizes that are claimed, dimensions."""
    times = rng.choice((100, 3000, 100_000))
    return rng.choice((
        b"(lp0\n" + b"".join(b"(g%d\ng%d\nlp%d\n" % (k, k, k + 1) for k in range(times // 100)),
        b"]q\x00" + b"h\x00h\x00\x86q\x00" * times,
        b"(" * times, b"]" * times + b"a" * (times - 1), b"(" * times + b"t" * times,
        b"I" + b"9" * times + b"\n", b"L" + b"9" * times + b"L\n",
        b"\x8b\xff\xff\xff\x7f" + b"\xff" * times, b"T\xff\xff\xff\x7f", b"X\xff\xff\xff\xff",
        b"\x8e" + b"\xff" * 8, b"\x96" + (1 << 45).to_bytes(8, "little"), b"r\xff\xff\xff\xffN",
        b"Np4294967295\n", b"p" + b"9" * times + b"\n", b"\x95" + b"\xff" * 8,
        b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00" * times, b"}" + b"NNs" * times,
        b"F1e" + b"9" * times + b"\n", b"S'" + b"\\x41" * times + b"'\n"))


def instructions(rng: random.Random) -> bytes:
    """A program of instructions drawn at random, with arguments of the right form."""
    parts = []
    for _ in range(rng.choice((1, 5, 30))):
        instruction = rng.choice(pickletools.opcodes)
        parts.append(instruction.code.encode("latin1"))
        if instruction.arg is not None:
            size = instruction.arg.n
            parts.append(bytes(rng.choice((0, 1, 2, 255)) for _ in range(size)) if size > 0 else
                         rng.choice((b"0\n", b"numpy\nndarray\n", b"'x'\n", b"\x01\0\0\0\0\0\0\0x",
                                     b"\x01x", b"-1\n", b"1e999\n")))
    return b"".join(parts)


def a_pickle(rng: random.Random) -> bytes:
    """A damaged fixture, or one with an attack put into it or in its place."""
    raw, other = rng.choice(PICKLES), rng.choice(PICKLES)
    kind = rng.randrange(8)
    if kind < 4:
        return damaged(raw, rng, other)
    new = [called, called, bomb, instructions][kind - 4](rng)
    if rng.random() < 0.5:
        return b"\x80\x02" + new + rng.choice((b".", b""))
    place = rng.choice(instructions_of(raw))
    return raw[:place] + new + raw[place:]


def instructions_of(raw: bytes) -> list[int]:
    """Where the instructions of a pickle begin, as far as the standard library can tell."""
    positions = [0]
    with contextlib.suppress(ValueError):  # it takes the strings of Python 2 for ASCII
        for _, _, position in pickletools.genops(raw):
            positions.append(position)
    return positions


def a_zipped_file(rng: random.Random) -> bytes:
    """Something wrong with the packing, or packed: bombs, members one after another."""
    kind = rng.randrange(5)
    if kind == 0:
        return damaged(rng.choice(ZIPPED), rng, rng.choice(ZIPPED))
    if kind == 1:
        return gzip.compress(a_pickle(rng))
    if kind == 2:
        return gzip.compress(a_pickle(rng)) + gzip.compress(a_pickle(rng))
    if kind == 3:
        return BOMBS[rng.randrange(len(BOMBS))] + bytes(rng.randrange(3))
    return gzip.compress(gzip.compress(rng.choice(PICKLES)))


#: four times what may come out of them
BOMBS = [gzip.compress(head + what * (4 * MOST_BYTES))
         for head, what in ((b"", b"\0"), (b"\x80\x02T\x00\x00\x00\x04", b"\0"),
                            (b"\0\0\x08\x03\xff\xff\xff\xff", b"\0"), (b"", b"]"), (b"", b"("),
                            (b"", b"N"))]


# ---- tables, NumPy's files, safetensors ---------------------------------------------------------

TABLES = [b"width,height,species\n" + b"".join(b"%d.5,%d,%s\n" % (k, k * k % 7, [b"a", b"b c",
          b'"d, e"'][k % 3]) for k in range(30)),
          read(os.path.join(ROOT, "purenn", "data", "xor.csv"))[:900],
          b"label," + b",".join(b"pixel%d" % k for k in range(16)) + b"\n"
          + b"".join(b"%d," % (k % 10) + b",".join(b"%d" % (k * j % 256) for j in range(16)) + b"\n"
                     for k in range(20)),
          b"".join(b"%d;1e%d;-.5;%d\r\n" % (k, k, k % 2) for k in range(12))]
CELLS = [b"", b"?", b"nan", b"-inf", b"1e999", b"x", b'"', b'"a"', b'"a""b"', b"1_0", b"0x1",
         b"label", b"\xff", b"\0", b" ", b"9" * 400, b"x" * 5000, "１".encode(), b"-", b"1.0",
         b"=1+1", b"\x1b[31m", b"256", b"1,2", b";"]


def a_table(rng: random.Random) -> bytes:
    """A table with damaged bytes or cells, or one of lines, columns or classes without end."""
    raw, other = rng.choice(TABLES), rng.choice(TABLES)
    kind = rng.randrange(8)
    if kind < 3:
        return damaged(raw, rng, other)
    if kind < 6:
        lines = [line.split(b",") for line in raw.split(b"\n")]
        for _ in range(rng.choice((1, 2, 10))):
            line = rng.choice(lines)
            line[rng.randrange(len(line))] = rng.choice(CELLS)
        return b"\n".join(b",".join(line) for line in lines)
    times = rng.choice((1000, 200_000))
    result = rng.choice((
        b"1," * times, b"a," * times + b"\n" + b"1," * times, b"x,class\n" + b"\n" * times,
        b"x,class\n" + b"".join(b"1,w%d\n" % k for k in range(times // 100)),
        b"1,2\n" + b"1" * times, b'a,"' + b"b" * times, b'"",' * times, b"1,\xff\n" * times,
        raw + b"1,2\n" * times))
    return gzip.compress(result * rng.choice((1, 40)), 1) if rng.random() < 0.5 else result


ARRAYS = [read(path) for path in sorted(glob.glob(os.path.join(FIXTURES, "numpy", "*.npz"))
                                        + glob.glob(os.path.join(FIXTURES, "networks", "*.npz")))]
NAMES = ["x_train", "y_train", "/etc/x_train", "../../x_test", "C:\\y_test", "x" * 60_000, "W1",
         "b1", "a\nb", "sizes", "hidden", "arr_0", "archive/data.pkl", "x_train.npy/x", "\udcff"]
HEADERS = ["{'descr': '|u1', 'fortran_order': False, 'shape': (%s,), }",
           "{'descr': '<f8', 'fortran_order': True, 'shape': (%s, 2), }",
           "{'descr': '|O', 'fortran_order': False, 'shape': (%s,), }",
           "{'descr': '<U%s', 'fortran_order': False, 'shape': (), }",
           "{'descr': '<U1', 'fortran_order': False, 'shape': (%s,), }",
           "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (%s,), }",
           "{'descr': '>f4', 'fortran_order': __import__('os'), 'shape': (%s,), }"]


def an_array(rng: random.Random, most: int = 4_000_000) -> bytes:
    """An .npy whose header need not be true."""
    line = rng.choice(HEADERS) % rng.choice((0, 1, 4, 10 ** 6, 10 ** 18, 10 ** 30, -1, "9" * 5000))
    line = rng.choice((line, line, "(" * 9000, line[:-2], line + " " * rng.choice((70, 20_000))))
    size = rng.choice((len(line), len(line), 0, 65535)).to_bytes(4, "little")
    version = rng.choice((1, 2, 3, 0, 255))
    return (b"\x93NUMPY" + bytes([version, 0]) + (size[:2] if version == 1 else size)
            + line.encode() + bytes(rng.choice((0, 1, 32, most))))


def an_npz(rng: random.Random) -> bytes:
    """An .npz that is damaged, or holds too much, or has names that lead elsewhere."""
    if rng.random() < 0.6:
        return damaged(rng.choice(ARRAYS), rng, rng.choice(ARRAYS))
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED,
                                                 zipfile.ZIP_BZIP2))) as archive:
        count = rng.choice((1, 2, 4, 1200))
        for _ in range(count):
            name = rng.choice(NAMES) + rng.choice((".npy", ".npy", ".npy", "", ".npz"))
            with contextlib.suppress(UnicodeEncodeError), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that a name is there twice
                archive.writestr(name, an_array(rng, 4_000_000 // count ** 2))
        if rng.random() < 0.2:
            archive.comment = b"PK\5\6" * 10
    raw = whole.getvalue()
    return gzip.compress(raw) if rng.random() < 0.2 else raw


def npy_files(rng: random.Random) -> bytes:
    """Four .npy files, one of them damaged or made up."""
    files = [read(os.path.join(FIXTURES, "numpy", "npy", name)) for name in NPY_NAMES]
    k = rng.randrange(4)
    files[k] = an_array(rng) if rng.random() < 0.5 else damaged(files[k], rng, rng.choice(files))
    return pickle.dumps(files)


NPY_NAMES = ["train-images.npy", "train-labels.npy", "test-images.npy", "test-labels.npy"]
TENSORS = [read(path) for path in sorted(glob.glob(os.path.join(FIXTURES, "networks", "*.safe*")))]


def some_tensors(rng: random.Random) -> bytes:
    """A safetensors file, or an .npz of a network, with something wrong in it."""
    if rng.random() < 0.3:
        return an_npz(rng)
    raw, other = rng.choice(TENSORS), rng.choice(TENSORS)
    size = int.from_bytes(raw[:8], "little")
    if rng.random() < 0.5:
        return damaged(raw, rng, other)
    value = json.loads(raw[8:8 + size])
    text = damaged_json(value, rng, list(places(value)))
    claimed = rng.choice((len(text), len(text), len(text) + 1, 1 << 40))
    return claimed.to_bytes(8, "little") + text + raw[8 + size:]


# ---- JSON ---------------------------------------------------------------------------------------

STRANGE: list[Any] = [None, True, False, 0, -1, 1, 2.5, -0.0, 1e308, 5e-324, 10 ** 309, 10 ** 18,
                      "", "x", "sigmoid", "softmax", "\ud800", "a\nb\x1b[31m", [], {}, [[]], [[[]]],
                      [1e308] * 3, [[1.0, 2.0]], {"a": 1}, "RAW NaN", "RAW -Infinity", "RAW 1e999",
                      "RAW " + "9" * 5000, "RAW " + "[" * 100_000, "RAW " + '{"a":' * 100_000,
                      "RAW " + "[" * 100 + "]" * 100, "RAW nul", "RAW 01", "RAW '1'", "RAW 1,2",
                      "RAW /*x*/ 1", 'RAW {"a":1,"a":2}', "RAW \ufeff1",
                      "RAW " + "[0]," * 5000 + "0"]


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The path of every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) \
        if isinstance(value, list) else ()
    for key, inner in items:
        yield path + (key,)
        yield from places(inner, path + (key,))


def damaged_json(value: Any, rng: random.Random, paths: list[tuple]) -> bytes:
    """A JSON file with a few of its values replaced, removed, doubled or swapped."""
    value = copy.deepcopy(value)
    twice = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        *path, last = rng.choice(paths)
        try:
            inner = value
            for key in path:
                inner = inner[key]
            how = rng.randrange(7)
            if how < 4:
                inner[last] = copy.deepcopy(rng.choice(STRANGE))
            elif how == 4:
                del inner[last]
            elif how == 5:
                inner[last] = [inner[last], inner[last]]
            elif isinstance(inner, dict):
                twice.append(last)
            else:
                inner += inner * rng.choice((1, 10))
        except (LookupError, TypeError):  # an earlier damage took it away
            pass
    text = json.dumps(value)
    text = re.sub(r'"RAW ((?:[^"\\]|\\.)*)"', lambda m: json.loads(f'"{m.group(1)}"'), text)
    for key in twice:
        text = text.replace(json.dumps(key), f"{json.dumps(key)}: 0, {json.dumps(key)}", 1)
    return text.encode("utf-8", "surrogatepass")


class Content(NamedTuple):
    """A JSON value, its text, and the paths to everything in it."""

    value: Any
    text: bytes
    paths: list[tuple]


def content(value: Any) -> Content:
    value = json.loads(json.dumps(value))
    return Content(value, json.dumps(value).encode(), list(places(value)))


def a_json_file(contents: list[Content], rng: random.Random) -> bytes:
    this, other = rng.choice(contents), rng.choice(contents)
    if rng.random() < 0.4:
        return damaged(this.text, rng, other.text)
    return damaged_json(this.value, rng, this.paths)


def a_run() -> dict[str, Any]:
    """A checkpoint of a small run, after one of two epochs."""
    given = {"small": True, "sizes": [64, 2, 10], "epochs": 2, "limit": 20}
    net = Network([64, 2, 10])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.json")
        data = session.load(mnist.SMALL, 20)
        checkpoint.save(path, checkpoint.Checkpoint(
            vars(completed(given, data)), checkpoint.data_digest(*data), net,
            Monitors([1.0], [2], [1.5], [3]), 1.0))
        return strict_json.read_json(path)


def models() -> list[Content]:
    nets = [Network([3, 2, 2]), Network([4, 3, 10], costs.COSTS["log-likelihood"],
                                        activations.HIDDEN["relu"])]
    nielsens = {"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[3]]],
                "cost": "CrossEntropyCost"}
    return [content(networks.content_of(net)) for net in nets] + [content(nielsens)]


def cases() -> list[Content]:
    few = [case for case in built_in() if len(case.sizes) < 4]
    return [content(cases_content(few[:2])), content(cases_content(few[5:6]))]


def answers() -> list[Content]:
    few = [{"name": case.name, "activations": [[[0.5]]], "costs": [1.0], "total_cost": 1,
            "nabla_w": [[[1.0]]], "nabla_b": [[1.0]], "new_weights": case.weights,
            "new_biases": case.biases} for case in built_in()[:3]]
    return [content(answers_content(few))]


# ---- what has to come of it ---------------------------------------------------------------------

def refusal(path: str, error: Exception) -> str:
    """Check that an error is what a person may be shown."""
    sentence = str(error)
    if isinstance(error, OSError) and error.filename is None or not isinstance(error, ValueError):
        raise Broken(f"it is refused with {error!r}")
    if path not in sentence or "\n" in sentence.replace(path, ""):
        raise Broken(f"it is refused with what does not name the file, or is no line: {sentence!r}")
    if len(sentence) > LONGEST + len(path):
        raise Broken(f"it is refused with a sentence of {len(sentence)} characters")
    if "memory" in sentence and "would take" not in sentence:
        raise Broken(f"it took more than {MEMORY} bytes of memory")
    return "refused"


def tried(path: str, load: Callable[[str], Any], check: Callable[[Any], None]) -> str:
    try:
        result = load(path)
    except Exception as error:
        return refusal(path, error)
    check(result)
    return "read"


def check_data(data: Any) -> None:
    for images, labels in data:
        if not len(images) == len(labels) > 0 or not set(labels) <= set(range(1000)):
            raise Broken("labels that are none, or not as many as images")
        for image in images[:3]:
            if not all(type(p) is float and math.isfinite(p) for p in image):
                raise Broken("pixels that are no finite floats")


def check_net(net: Network) -> None:
    numbers = [number for rows in [*net.weights, net.biases] for row in rows for number in row]
    if not all(type(w) is float and math.isfinite(w) for w in numbers):
        raise Broken("weights that are no finite floats")
    net.feedforward([0.5] * net.sizes[0])


def load_run(path: str) -> Any:
    return session.resumed_run(path, {})


def check_run(run_: Any) -> None:
    check_net(run_.net)
    run_.net.rng.shuffle(list(range(20)))
    if not run_.epochs_done <= run_.settings.epochs:
        raise Broken("more epochs done than there are")


def write(folder: str, name: str, raw: bytes) -> str:
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(raw)
    return path


def try_data(raw: bytes, folder: str) -> str:
    return tried(write(folder, "data.pkl", raw), lambda path: mnist.load_data(path, MOST_BYTES),
                 check_data)


def try_model(raw: bytes, folder: str) -> str:
    return tried(write(folder, "net.json", raw), networks.load, check_net)


def try_tensors(raw: bytes, folder: str) -> str:
    return tried(write(folder, "net.npz", raw),
                 lambda path: networks.load(path, "relu", "identity"), check_net)


def try_npy(raw: bytes, folder: str) -> str:
    return try_files(raw, folder, NPY_NAMES)


def try_checkpoint(raw: bytes, folder: str) -> str:
    return tried(write(folder, "run.json", raw), load_run, check_run)


def try_cases(raw: bytes, folder: str) -> str:
    return tried(write(folder, "cases.json", raw),
                 lambda path: cases_from(strict_json.read_json(path), path), lambda cases: None)


def try_answers(raw: bytes, folder: str) -> str:
    names = [case.name for case in built_in()]
    return tried(write(folder, "answers.json", raw),
                 lambda path: answers_from(strict_json.read_json(path, float), path, names),
                 lambda answers: None)


def idx_files(rng: random.Random) -> bytes:
    """Four IDX files, one of them damaged, one after the other with their lengths."""
    files = [read(os.path.join(FIXTURES, "idx", name)) for name in IDX_NAMES]
    k, other = rng.randrange(4), rng.choice(files)
    if rng.random() < 0.5:  # the header says all that matters
        files[k] = damaged(files[k][:16], rng, other) + files[k][16:]
    else:
        files[k] = damaged(files[k], rng, other)
    return pickle.dumps(files)


IDX_NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
             "t10k-labels-idx1-ubyte"]


def try_idx(raw: bytes, folder: str) -> str:
    return try_files(raw, folder, IDX_NAMES)


def try_files(raw: bytes, folder: str, names: list[str]) -> str:
    inner = os.path.join(folder, "files")
    os.mkdir(inner)
    for name, file in zip(names, pickle.loads(raw)):  # our own, written above
        write(inner, name, file)
    return tried(inner, lambda path: mnist.load_data(path, MOST_BYTES), check_data)


# ---- command lines ------------------------------------------------------------------------------

class Began(Exception):
    """The arguments made sense: the work would begin."""


def begin(*arguments: Any, **named: Any) -> None:
    raise Began


VALUES = ["", "0", "1", "2", "-1", "10", "1e3", "nan", "inf", "-inf", "1e-400", "1e400", "0x10",
          "１", "9" * 25, "9" * 5000, "1_0", " 1", "1 ", "64,2,10", "64,10", "64", "64,,10",
          "64,0,10", "64," + "1," * 500 + "10", "64,99999999,10", "x", "sigmoid", "relu",
          "quadratic", "log-likelihood", "data.pkl", "net.json", "run.json", "cases.json",
          "answers.json", ".",
          "..", "/", "/dev/null", "/dev/full", "nowhere/x", "a\nb", "\x1b[31m", "ü" * 300, "\udcff",
          "--", "-", "--help", "--small", "one neuron, by hand", "a" * 5000, "check", "cases",
          "answers", "mistakes", "run", "os:getcwd", "float32", "no-half"]
COMMANDS = {"train": (train, ["--small", "--data", "--limit", "--sizes", "--hidden", "--cost",
                              "--epochs", "--mini-batch", "--eta", "--lmbda", "--seed", "--points",
                              "--label", "--no-scale", "--save", "--history", "--report",
                              "--checkpoint", "--resume", "--digest", "--quiet"]),
            "explain": (explain, ["--case", "--cases", "--exact", "--digits", "--markdown",
                                  "--limit"]),
            "show": (show, ["--small", "--data", "--set", "--index", "--wrong", "--class",
                            "--count", "--points", "--label", "--hidden", "--output"]),
            "crosscheck": (crosscheck, ["--out", "--cases", "--precision", "--convention",
                                        "--timeout", "--json", "--verbose"])}


def a_command_line(rng: random.Random) -> bytes:
    name = rng.choice(sorted(COMMANDS))
    line = [name]
    if rng.random() < 0.6:
        line.append({"train": "--small", "explain": "--exact", "show": "net.json",
                     "crosscheck": rng.choice(("check", "cases", "mistakes"))}[name])
    for _ in range(rng.randrange(5)):
        line += [rng.choice(COMMANDS[name][1])] + [rng.choice(VALUES)] * (rng.random() < 0.8)
    return json.dumps(line).encode()


def try_command_line(raw: bytes, folder: str) -> str:
    """In this process, up to the point where the work of training or comparing would begin."""
    name, *line = json.loads(raw)
    for file, kind in (("net.json", MODELS[1]), ("run.json", RUNS[0]), ("cases.json", CASES[0]),
                       ("answers.json", ANSWERS[0])):
        write(folder, file, kind.text)
    write(folder, "data.pkl", PICKLES[0])
    before = listing(folder)
    out, error = io.StringIO(), io.StringIO()
    module, _ = COMMANDS[name]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error), \
                mock.patch.multiple(session, new_run=begin, learn=begin), \
                mock.patch.object(crosscheck_session, "judged", begin):
            status = run(module.PROG, module.main, line)
    except Began:
        status = 0
    except (Exception, SystemExit) as failure:
        raise Broken(f"{failure!r} comes out of the command") from failure
    check_end(status, error.getvalue())
    changed = {file for file in {**before, **listing(folder)}
               if before.get(file) != listing(folder).get(file)}
    if changed - set(line):
        raise Broken(f"{sorted(changed)} have changed")
    return "refused" if status == 2 else "taken"


def check_end(status: int, errors: str) -> None:
    """Check how a command ended: with a result, or with one sentence."""
    if "Traceback" in errors or status not in (0, 1, 2):
        raise Broken(f"it ends with status {status} and says {errors[-2000:]!r}")
    if status == 2 and (errors.count("\n") != 1 or len(errors) > LONGEST):
        raise Broken(f"it does not say one sentence, but {errors[-2000:]!r}")


def listing(folder: str) -> dict[str, bytes]:
    return {name: read(os.path.join(folder, name)) for name in os.listdir(folder)
            if os.path.isfile(os.path.join(folder, name))}


def a_file_for_commands(rng: random.Random) -> bytes:
    kind = rng.choice(("pickle", "gzip", "model", "checkpoint", "cases", "answers"))
    return kind.encode() + b"\n" + KINDS[kind].make(rng)


def try_commands(raw: bytes, folder: str) -> str:
    """The real commands on a file, as processes."""
    kind, raw = raw.split(b"\n", 1)
    path = write(folder, "file", raw)
    before = listing(folder)
    lines = {"pickle": ["train --epochs 1 --quiet --data"], "gzip": ["train --epochs 1 --data"],
             "model": ["show --small"], "checkpoint": ["train --resume"],
             "cases": ["explain --cases", "crosscheck answers --cases"],
             "answers": ["crosscheck check"]}[kind.decode()]
    ends = []
    for line in lines:
        command, *arguments = line.split()
        ends.append(try_process([f"purenn.{command}", *arguments, path], folder))
        after = listing(folder)
        if ends[-1] == 2 and after != before or set(after) != set(before):
            raise Broken(f"{line} has changed the folder to {sorted(after)}")
    return "refused" if 2 in ends else "taken"


def try_process(line: list[str], folder: str) -> int:
    """A command's exit status.  A run that may take years is ended by SIGTERM after a while."""
    process = subprocess.Popen(
        [sys.executable, "-m", *line], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": ROOT})
    try:
        errors = process.communicate(timeout=SECONDS_OF_COMMAND)[1]
    except subprocess.TimeoutExpired:
        if "--resume" in line:  # as many epochs as somebody liked to write into a file
            process.terminate()
        try:
            errors = process.communicate(timeout=PATIENCE)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Broken(f"{' '.join(line)} does not end") from None
    said = errors.decode("utf-8", "replace")
    if process.returncode == 143 and "--resume" in line and "Traceback" not in said:
        return 0
    check_end(process.returncode, said)
    return process.returncode


# ---- terminals ----------------------------------------------------------------------------------

SCREENS = [["train", "--small", "--limit", "40", "--epochs", "2"], ["train", "--help"],
           ["show", "net.json", "--small"], ["show", "net.json", "--small", "--wrong"],
           ["show", "--help"], ["explain"], ["explain", "--exact"], ["explain", "--list"],
           ["explain", "--help"], ["crosscheck", "--help"], ["crosscheck", "mistakes"],
           ["crosscheck", "check", "wrong.json", "--verbose"],
           ["book"], ["book", "slow"], ["book", "--help"]]
#: what is wrong in it takes a report of a page
WRONG = [{"name": "one neuron, by hand", "costs": [0.25], "new_weights": [[[7]]]}]


def a_screen(rng: random.Random) -> bytes:
    return json.dumps([rng.randrange(20, 201), rng.choice(SCREENS)]).encode()


def try_screen(raw: bytes, folder: str) -> str:
    """What a command prints on a terminal of so many columns: no line may be longer."""
    width, (name, *line) = json.loads(raw)
    write(folder, "net.json", content(networks.content_of(Network([64, 10]))).text)
    write(folder, "wrong.json", json.dumps(WRONG).encode())
    out, error = io.StringIO(), io.StringIO()
    module = book if name == "book" else COMMANDS[name][0]
    os.environ["COLUMNS"] = str(width)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            status = run(module.PROG, module.main, line)
    finally:
        del os.environ["COLUMNS"]
    if status != (1 if "wrong.json" in line else 0):
        raise Broken(f"it ends with status {status} and says {error.getvalue()[-500:]!r}")
    longest = max(out.getvalue().splitlines(), key=cells)
    if cells(longest) > width:
        raise Broken(f"on {width} columns it prints {longest!r}")
    return "fits"


# ---- what is given to a network -----------------------------------------------------------------

GIVEN: list[Any] = [None, True, 0, 1, 2, -1, 0.5, -0.0, 1e308, math.nan, math.inf, "", "x", b"1",
                    [], [None], [0.5], [[0.5]], (0.5, 0.5), [0.5, 0.5], [0.5, "0.5"], [1, 0],
                    [0.5, None], {}, {0.5}, {0: 0.5, 1: 0.5}, range(2), object, 10 ** 400,
                    [0.5, 0.5, 0.5], [1.0, 1.0], [0.5, 1j], [0.5, [0.5]], [Fraction(1, 2)] * 2,
                    [Decimal("0.5")] * 2, "relu", "softmax", "quadratic", "log-likelihood"]


def an_api_call(rng: random.Random) -> bytes:
    """The places of a few arguments among GIVEN, and what is called with them."""
    return json.dumps([rng.choice(CALLS), [rng.randrange(len(GIVEN)) for _ in range(4)],
                       rng.random() < 0.5]).encode()


CALLS = ["Network", "feedforward", "backprop", "update_mini_batch", "SGD", "accuracy", "weights",
         "biases"]


def try_api_call(raw: bytes, folder: str) -> str:
    """A network is given what people might give it: a result or a sentence, never half a step."""
    call, places_, log = json.loads(raw)
    a, b, c, d = (GIVEN[k] for k in places_)
    net = Network([2, 3, 2], "log-likelihood" if log else "quadratic")
    before = [copy.deepcopy(net.weights), copy.deepcopy(net.biases)]
    calls: dict[str, Callable[[], Any]] = {
        "Network": lambda: Network([2, a] if b else a, c, d),
        "feedforward": lambda: net.feedforward(a), "backprop": lambda: net.backprop(a, b),
        "update_mini_batch": lambda: net.update_mini_batch([([0.5, 0.5], 1), (a, b)], 0.5, 0.0, 9),
        "SGD": lambda: net.SGD([([0.5, 0.5], 1), (a, b)] if log else a, 1, 1, c, d),
        "accuracy": lambda: net.accuracy([(a, b)]),
        "weights": lambda: setattr(net, "weights", [[[0.5, a]] * 3, [[0.5, 0.5, b]] * 2]),
        "biases": lambda: setattr(net, "biases", [[0.5, 0.5, a], b])}
    try:
        calls[call]()
    except ValueError as error:
        if "\n" in str(error) or len(str(error)) > 400:
            raise Broken(f"{call} is refused with {str(error)!r}") from None
        if [net.weights, net.biases] != before:
            raise Broken(f"{call} is refused after half a step") from None
        return "refused"
    except (OverflowError, TypeError, ArithmeticError) as error:
        numbers = [x for x in (a, b, c, d) if isinstance(x, (int, float, list, tuple))]
        if numbers and isinstance(error, (OverflowError, ArithmeticError, TypeError)) \
                and any(kind in repr(numbers) for kind in ("Decimal", "Fraction", "j", "000000",
                                                           "e+308", "nan", "inf")):
            return "numbers that do not go together"
        raise Broken(f"{call} ends in {error!r}") from None
    return "taken"


# ---- programs for the cross-check ---------------------------------------------------------------

PRINTED = ["", "x", "{}", "[]", "null", "NaN", '{"format": "purenn-answers"}', "[" * 100_000,
           '{"format": "purenn-answers", "version": 1, "answers": []}', "\\ud800", "9" * 5000]
ENDS = ["", "raise SystemExit(3)", "import os; os._exit(1)", "1/0", "import sys; sys.stdin.close()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "import time; time.sleep(9)",
        "import os; os.close(1)", "import sys; sys.stderr.write('y' * 100000)"]


def a_program(rng: random.Random) -> bytes:
    """What a program prints and how it ends, in an order."""
    text = rng.choice([*PRINTED, ANSWERS[0].text.decode(),
                       damaged_json(ANSWERS[0].value, rng, ANSWERS[0].paths).decode(
                           "utf-8", "replace")])
    parts = [f"import sys; sys.stdout.write({text!r}.encode('utf-8', 'replace').decode())",
             rng.choice(ENDS)]
    rng.shuffle(parts)
    return "\n".join(parts).encode()


def try_program(raw: bytes, folder: str) -> str:
    """The cross-check runs a program that does as it likes: a report, or one sentence."""
    write(folder, "cases.json", CASES[0].text)
    path = write(folder, "program.py", raw)
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        status = run(crosscheck.PROG, crosscheck.main, [
            "run", "--cases", "cases.json", "--timeout", "2", "--", sys.executable, "-S", path])
    check_end(status, error.getvalue())
    return "refused" if status == 2 else "judged"


# ---- saves that are killed ----------------------------------------------------------------------

def a_kill(rng: random.Random) -> bytes:
    """The sizes of two files, and a moment."""
    return json.dumps([rng.randrange(1, 10 ** rng.randrange(1, 7)),
                       rng.randrange(1, 10 ** rng.randrange(1, 7)), rng.random()]).encode()


def try_kill(raw: bytes, folder: str) -> str:
    """A process writes one text and the other in turn, and is killed; which one is there?"""
    first, second, moment = json.loads(raw)
    path = os.path.join(folder, "text")
    texts = ["a" * first, "b" * second]
    reader, writer = os.pipe()
    files.write_whole(path, texts[0])
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        for text in itertools.cycle(reversed(texts)):
            files.write_whole(path, text)
            os.write(writer, b".")
    os.read(reader, 1)
    time.sleep(3 * moment * (time.monotonic() - start))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(reader)
    os.close(writer)
    with open(path, encoding="utf-8") as file:
        found = file.read()
    if found not in texts:
        raise Broken(f"there are {len(found)} characters, neither {first} nor {second}")
    return "left a part" if len(os.listdir(folder)) > 1 else "left none"


# ---- the worker ---------------------------------------------------------------------------------

class Kind(NamedTuple):
    """A kind of input: how one is made from random numbers, and what is tried with it."""

    make: Callable[[random.Random], bytes]
    attempt: Callable[[bytes, str], str]
    watched: bool = True  # whether nothing may be written while it is tried


SMALL = session.load(mnist.SMALL, None)
MODELS, CASES, ANSWERS, RUNS = models(), cases(), answers(), [content(a_run())]
KINDS = {
    "pickle": Kind(a_pickle, try_data),
    "gzip": Kind(a_zipped_file, try_data),
    "idx": Kind(idx_files, try_idx),
    "csv": Kind(a_table, try_data),
    "npz": Kind(an_npz, try_data),
    "npy": Kind(npy_files, try_npy),
    "tensors": Kind(some_tensors, try_tensors),
    "model": Kind(lambda rng: a_json_file(MODELS, rng), try_model),
    "checkpoint": Kind(lambda rng: a_json_file(RUNS, rng), try_checkpoint),
    "cases": Kind(lambda rng: a_json_file(CASES, rng), try_cases),
    "answers": Kind(lambda rng: a_json_file(ANSWERS, rng), try_answers),
    "arguments": Kind(a_command_line, try_command_line, watched=False),
    "commands": Kind(a_file_for_commands, try_commands, watched=False),
    "screens": Kind(a_screen, try_screen, watched=False),
    "calls": Kind(an_api_call, try_api_call, watched=False),
    "programs": Kind(a_program, try_program, watched=False),
    "kills": Kind(a_kill, try_kill, watched=False),
}
FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "subprocess.Popen",
             "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink",
             "os.truncate", "shutil.", "socket.", "exec", "compile", "import", "ctypes.",
             "pickle.find_class", "os.putenv", "webbrowser.open", "code.__new__")


class Listener:
    """Notes what Python reports while it is switched on and must not happen then."""

    def __init__(self) -> None:
        self.on = False
        self.heard: list[str] = []
        if hasattr(sys, "addaudithook"):
            sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple) -> None:
        if self.on and (event.startswith(FORBIDDEN) or event == "open" and writes(*arguments)):
            self.heard.append(f"{event} {arguments!r:.300}")


def writes(path: Any, mode: Any, flags: Any) -> bool:
    """Whether what is reported as "open" opens a file to write: the mode says so, if there is one.

    PyPy reports no flags then, but the buffering.
    """
    if isinstance(mode, str):
        return not set(mode).isdisjoint("wax+")
    return isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) != 0


def input_of(kind: str, seed: str, k: int) -> bytes:
    """The k-th input of a kind."""
    return KINDS[kind].make(random.Random(f"{seed} {kind} {k}"))


def attempt(kind: str, raw: bytes, folder: str, listener: Listener) -> str:
    """Try an input in an empty folder.  Raises Broken, with the reason."""
    os.mkdir(folder)
    before = os.getcwd()
    os.chdir(folder)
    try:
        return (watched if KINDS[kind].watched else unwatched)(kind, raw, folder, listener)
    finally:
        heard, listener.heard = listener.heard, []
        if os.path.exists("canary"):
            heard.append("write a file")
        os.chdir(before)
        shutil.rmtree(folder)
        if heard:
            raise Broken(f"it makes Python do this: {'; '.join(heard)}")


def unwatched(kind: str, raw: bytes, folder: str, listener: Listener) -> str:
    return KINDS[kind].attempt(raw, folder)


def watched(kind: str, raw: bytes, folder: str, listener: Listener) -> str:
    """The attempt, with Python listened to from the moment at which its files are there."""
    def listening(load: Callable[[str], Any]) -> Callable[[str], Any]:
        def load_and_listen(path: str) -> Any:
            listener.on = True
            try:
                return load(path)
            finally:
                listener.on = False
        return load_and_listen

    plain = tried
    globals()["tried"] = lambda path, load, check: plain(path, listening(load), check)
    try:
        return KINDS[kind].attempt(raw, folder)
    finally:
        globals()["tried"] = plain


def work(kind_of: Callable[[], tuple[str, int] | None], seed: str, folder: str,
         tell: Callable[[list], None]) -> None:
    """Try one input after the other and tell of each: before, and how it ended."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
    data, load = SMALL, session.load
    session.load = lambda path, limit, *more: (data.limited(limit) if path == mnist.SMALL
                                               else load(path, limit, *more))
    strict_json.MAX_BYTES = strict_json.MAX_MEMORY = MOST_BYTES
    for name in ("cp437", "utf-32-le", "utf-32-be", "utf-8-sig", "raw_unicode_escape",
                 "raw-unicode-escape", "unicode_escape", "unicode-escape"):
        codecs.lookup(name)  # the first use of a codec imports it, which is no fault of any input
    listener = Listener()
    while True:
        following = kind_of()
        if following is None:
            return
        kind, k = following
        tell([kind, k])
        clock = time.process_time if KINDS[kind].watched else time.monotonic
        begun, start = time.monotonic(), clock()
        try:
            outcome = attempt(kind, input_of(kind, seed, k), os.path.join(folder, "work"), listener)
            reason = None
        except Broken as broken:
            outcome, reason = "broken", str(broken)
        except BaseException:
            outcome, reason = "broken", traceback.format_exc()
        seconds = clock() - start
        tell([kind, k, outcome, reason, seconds, time.monotonic() - begun,
              resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])


# ---- the parent ---------------------------------------------------------------------------------

class Tally:
    """What became of the inputs of one kind."""

    def __init__(self) -> None:
        self.tried, self.passed, self.slowest = 0, 0.0, 0.0
        self.outcomes: dict[str, int] = {}

    def add(self, outcome: str, seconds: float, passed: float) -> None:
        """One more, with the seconds it has taken of computing, and on the clock."""
        self.tried += 1
        self.passed += passed
        self.slowest = max(self.slowest, seconds)
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


def lines_from(reader: int, patience: float) -> Iterator[bytes]:
    """The lines that come out of a pipe, until it is closed or nothing comes for too long."""
    rest = b""
    while select.select([reader], [], [], patience)[0]:
        new = os.read(reader, 1 << 16)
        if not new:
            return
        *lines, rest = (rest + new).split(b"\n")
        yield from lines


class Fuzzing:
    """A run of this program: what it has tried, and what broke."""

    def __init__(self, kinds: list[str], seed: str, keep: str, first: int, most: float) -> None:
        self.tallies = {kind: Tally() for kind in kinds}
        self.following = dict.fromkeys(kinds, first)
        self.seed, self.keep, self.most = seed, keep, most
        self.broken: list[str] = []
        self.memory = 0

    def next_input(self) -> tuple[str, int] | None:
        """Each kind gets the same time.  (The worker asks; it has a copy of all this.)"""
        unfinished = [kind for kind, tally in self.tallies.items() if tally.tried < self.most]
        if not unfinished:
            return None
        kind = min(unfinished, key=lambda kind: self.tallies[kind].passed)
        k = self.following[kind]
        self.following[kind] += 1
        return kind, k

    def note(self, kind: str, k: int, outcome: str, reason: str | None, seconds: float,
             passed: float) -> None:
        if reason is None and KINDS[kind].watched and seconds > SECONDS:
            outcome, reason = "broken", f"it took {seconds:.1f} seconds"
        self.tallies[kind].add(outcome, seconds, passed)
        self.following[kind] = k + 1
        if reason is not None:
            self.report(kind, k, reason)

    def report(self, kind: str, k: int, reason: str) -> None:
        """Keep an input that broke something, and say so."""
        os.makedirs(self.keep, exist_ok=True)
        path = os.path.join(self.keep, f"{kind}-{self.seed}-{k}")
        with open(path, "wb") as file:
            file.write(input_of(kind, self.seed, k))
        with open(path + ".txt", "w", encoding="utf-8", errors="backslashreplace",
                  newline="\n") as file:
            file.write(reason + "\n")
        self.broken.append(path)
        print(f"BROKEN: {kind}, --seed {self.seed} --only {k}: "
              f"{ascii(reason.strip().splitlines()[-1])[1:300]}", flush=True)

    def go(self, seconds: float) -> None:
        """Let workers try inputs until the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and any(tally.tried < self.most
                                             for tally in self.tallies.values()):
            before = sum(tally.tried for tally in self.tallies.values())
            self.watch_worker(end)
            if sum(tally.tried for tally in self.tallies.values()) == before:
                raise ValueError("a worker ended before it had tried anything")

    def watch_worker(self, end: float) -> None:
        """Start a worker and listen to it, until it is killed: by us, or by what it read."""
        reader, writer = os.pipe()
        folder = tempfile.mkdtemp(prefix="purenn-fuzz-")
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.close(reader)
                for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(signal_, signal.SIG_DFL)
                with open(writer, "w", encoding="utf-8", newline="\n") as out:
                    self.work_for(out, folder, end)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        os.close(writer)
        current: list = []
        try:
            for line in lines_from(reader, 3 * PATIENCE):
                current = json.loads(line)
                if len(current) > 2:
                    self.memory = max(self.memory, current.pop())
                    self.note(*current)
                    current = []
        finally:
            os.close(reader)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            shutil.rmtree(folder, ignore_errors=True)
        if current:
            self.note(*current, "broken", f"the worker did not survive it, or not in "
                      f"{3 * PATIENCE} seconds (status {status})", 0.0, 0.0)

    def work_for(self, out: Any, folder: str, end: float) -> None:
        """In the worker: try inputs, and tell the parent."""
        def tell(message: list) -> None:
            out.write(json.dumps(message) + "\n")
            out.flush()
            if len(message) > 2:
                self.tallies[message[0]].add(message[2], *message[4:6])

        def following() -> tuple[str, int] | None:
            return None if time.monotonic() > end else self.next_input()

        work(following, self.seed, folder, tell)

    def summary(self) -> str:
        lines = [f"{'kind':12}{'inputs':>10}{'slowest':>10}   what became of them"]
        for kind, tally in self.tallies.items():
            outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count
                                 in sorted(tally.outcomes.items()))
            lines.append(f"{kind:12}{tally.tried:>10,}{tally.slowest:>8.2f} s   {outcomes}")
        tried = sum(tally.tried for tally in self.tallies.values())
        lines += [f"{'all':12}{tried:>10,}",
                  f"a worker took at most {self.memory / 1024:.0f} MB of memory"]
        if self.broken:
            lines.append(f"{len(self.broken)} broke something; they are kept in {self.keep}")
        else:
            lines.append("nothing broke")
        return "\n".join(lines)


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(PROG, "Damage files and command lines at random, and see whether purenn "
                         "stands it.",
                         f"  {PROG} --seconds 600\n"
                         f"  {PROG} --kind pickle --kind gzip --seconds 60\n"
                         f"  {PROG} --kind pickle --seed 7 --only 1234     one input again")
    parser.add_argument("--seconds", type=number(0, above=True), metavar="N",
                        help="how long to go on (default: 60; with --inputs or --only as long as "
                        "it takes)")
    parser.add_argument("--inputs", type=whole_number(1), metavar="N",
                        help="how many inputs of each kind to try (default: no end)")
    parser.add_argument("--seed", metavar="S", help="where the random numbers begin (default: "
                        "another every time)")
    parser.add_argument("--kind", action="append", choices=list(KINDS), metavar="KIND",
                        help="only this kind of input; may be repeated: " + ", ".join(KINDS))
    parser.add_argument("--only", type=whole_number(0), metavar="K",
                        help="only the K-th input of the kind")
    parser.add_argument("--keep", metavar="FOLDER", default="purenn-broken",
                        help="where to put what broke (default: %(default)s)")
    return parser


def main(arguments: list[str] | None = None) -> int:
    os.environ.pop("COLUMNS", None)  # sentences stay whole, whoever set it (readline does)
    options = build_parser().parse_args(arguments)
    seed = options.seed or os.urandom(4).hex()
    print(f"seed {seed}", flush=True)
    most = 1 if options.only is not None else options.inputs or math.inf
    fuzzing = Fuzzing(options.kind or list(KINDS), seed, os.path.abspath(options.keep),
                      options.only or 0, most)
    try:
        fuzzing.go(options.seconds or (60 if most == math.inf else math.inf))
    finally:
        print(fuzzing.summary(), flush=True)
    return 1 if fuzzing.broken else 0


if __name__ == "__main__":
    sys.exit(run(PROG, main))
