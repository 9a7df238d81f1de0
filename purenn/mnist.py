"""Handwritten digits from files, without NumPy: MNIST and whatever is laid out like it.

Three kinds of file are read, gzip'd or not:

* the pickle known as ``mnist.pkl.gz``: three pairs (images, labels) for training, evaluation and
  test, written by Python 2 or 3, with NumPy arrays or plain lists in it;
* a folder of IDX files, the format of the original MNIST and of Fashion-MNIST:
  ``train-images-idx3-ubyte.gz``, ``train-labels-idx1-ubyte.gz`` and the two ``t10k-`` files;
* one IDX file of images, with the file of its labels beside it.

A floating-point pixel is taken as it is.  A gray level k from 0 to 255 (uint8, IDX, or lists of
nothing but ints) becomes k/256, which is what the pickle of MNIST holds, so both forms of MNIST
give the same numbers.

formats/pickles.py reads a pickle without NumPy and without running the code that it names.
"""
from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from purenn.formats.arrays import Array, pixels_of
from purenn.formats.contents import contents
from purenn.formats.limits import Fault, limit, naming
from purenn.linalg import Target, vectorized_result

SMALL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "digits.pkl.gz")
MAX_BYTES = 1 << 30  # what a file may unpack to, roughly as Python holds it; MNIST takes 0.22 GB
LEVELS = [k / 256 for k in range(256)]  # shared by all images: a pixel costs no float


class Images(Sequence):
    """Images kept as raw bytes; ``images[i]`` decodes the i-th to a new list of floats."""

    def __init__(self, pixels: Array, rows: range) -> None:
        self._pixels, self._rows, self.width = pixels, rows, pixels.columns

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(len(self))[i]]
        row = self._pixels.row(self._rows[i])
        return [LEVELS[k] for k in row] if row.typecode == "B" else list(row)

    def part(self, start: int, stop: int) -> Images:
        """Images start to stop − 1, which share their bytes with these."""
        return Images(self._pixels, self._rows[start:stop])


class Example:
    """A pair (x, y) that unpacks like a tuple, but decodes its image x only when asked for it."""

    __slots__ = ("_images", "_index", "y")

    def __init__(self, images: Images, index: int, y: Target) -> None:
        self._images, self._index, self.y = images, index, y

    @property
    def x(self) -> list[float]:
        return self._images[self._index]

    def __iter__(self) -> Iterator:
        return iter((self.x, self.y))

    def __len__(self) -> int:
        return 2

    def __getitem__(self, i: Any) -> Any:
        return (self.x, self.y)[i]


def load_data(path: str | bytes | os.PathLike, max_bytes: int = MAX_BYTES) -> tuple:
    """Three pairs (images, labels): training, evaluation and test (Nielsen's training_data,
    validation_data, test_data).

    ``images`` is an ``Images``, ``labels`` a list of ints from 0 to 9.  A pickle itself says what
    belongs where.  Of two pairs of IDX files (train and t10k) the first is divided 5 : 1, in file
    order, into training and evaluation, and the second is the test set; a single pair is divided
    5 : 1 : 1.

    Raises OSError if a file can't be read.  Raises ValueError, with one sentence that names the
    file, for anything wrong inside: damage, an attempt to run code, more than ``max_bytes``, pixels
    that are not finite, labels outside 0..9, sets that are empty or disagree.
    """
    path = os.fsdecode(path)
    with naming(path):
        pairs = _pairs(path, max_bytes)
        names = {1: ("only",), 2: ("training", "test"), 3: ("training", "evaluation", "test")}
        sets = [_checked(images, labels, name, max_bytes)
                for (images, labels), name in zip(pairs, names[len(pairs)])]
        if len({images.width for images, _ in sets}) > 1:
            raise Fault("its sets have images of different sizes")
        if len(sets) < 3:
            sets[:1] = _divided(*sets[0], ends=(5, 6, 7) if len(sets) == 1 else (5, 6))
        return tuple(sets)


def load_data_wrapper(path: str | bytes | os.PathLike, max_bytes: int = MAX_BYTES) -> tuple:
    """Three lists of examples that unpack as x, y: training, evaluation and test.

    x is the image, a list of floats; y is a one-hot vector in the training data and the digit
    itself in the other two.  Raises what ``load_data`` raises.
    """
    (images, labels), *others = load_data(path, max_bytes)
    return tuple([Example(images, i, y) for i, y in enumerate(targets)] for images, targets
                 in [(images, map(vectorized_result, labels)), *others])


def _checked(images: Any, labels: Any, name: str, max_bytes: int) -> tuple[Images, list[int]]:
    """One of the sets, from arrays or lists that may hold anything."""
    if not {type(images), type(labels)} <= {Array, list, tuple}:
        raise Fault(f"its {name} set is not a pair of arrays or lists")
    count = images.shape[0] if type(images) is Array else len(images)
    if not count or count != len(labels):
        raise Fault(f"its {name} set has {count} images and {len(labels)} labels")
    limit(256 * count, max_bytes)  # what an example and its target take besides the pixels
    labels = list(labels)
    if not all(type(k) is int and 0 <= k <= 9 for k in labels):
        raise Fault(f"its {name} set has labels that are not whole numbers from 0 to 9")
    return Images(pixels_of(images, name, max_bytes), range(count)), labels


def _divided(images: Images, labels: list[int], ends: tuple) -> list:
    """A set cut in file order; ends (5, 6, 7) give its first 5/7, the 1/7 after it, the rest."""
    cuts = [0] + [len(labels) * end // ends[-1] for end in ends]
    if 0 in (b - a for a, b in zip(cuts, cuts[1:])):
        raise Fault("it has too few examples to be divided into training, evaluation and test")
    return [(images.part(a, b), labels[a:b]) for a, b in zip(cuts, cuts[1:])]


def _pairs(path: str, max_bytes: int) -> list:
    """Unchecked pairs (images, labels): three from a pickle, one or two from IDX files."""
    if os.path.isdir(path):
        files = [os.path.join(path, name) for part in ("train", "t10k") for name in
                 [name for name in sorted(os.listdir(path))
                  if re.fullmatch(part + r"-images[-.]idx3-ubyte(\.gz)?", name)][:1]]
        if not files:
            raise Fault("there is no train-images-idx3-ubyte or t10k-images-idx3-ubyte in it")
        return [(contents(file, max_bytes), _labels_beside(file, max_bytes)) for file in files]
    found = contents(path, max_bytes)
    if type(found) is Array:
        return [(found, _labels_beside(path, max_bytes))]
    if not (type(found) in (list, tuple) and len(found) == 3 and all(
            type(pair) in (list, tuple) and len(pair) == 2 for pair in found)):
        raise Fault("it does not hold three pairs (images, labels)")
    return found


def _labels_beside(path: str, max_bytes: int) -> Any:
    folder, name = os.path.split(path.removesuffix(".gz"))
    labels = name.replace("images", "labels").replace("idx3", "idx1")
    for candidate in os.path.join(folder, labels), os.path.join(folder, labels + ".gz"):
        if labels != name and os.path.exists(candidate):
            return contents(candidate, max_bytes)
    raise Fault(f"its labels, {labels} or {labels}.gz, are not beside it")


