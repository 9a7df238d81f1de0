"""Data sets from files, without NumPy: MNIST, what is laid out like it, and tables of numbers.

What a file is, is seen from its content, not from its name; it may be gzip'd:

* the pickle known as ``mnist.pkl.gz``: three pairs (images, labels) for training, evaluation and
  test, written by Python 2 or 3, with NumPy arrays or plain lists in it;
* IDX files, the format of the original MNIST, Fashion-MNIST and EMNIST, and NumPy's ``.npy`` and
  ``.npz``: a folder of pairs such as ``train-images-idx3-ubyte.gz`` and
  ``train-labels-idx1-ubyte.gz``, or one file of images with the file of its labels beside it;
* an ``.npz`` with ``x_train``, ``y_train``, ``x_test`` and ``y_test``, as Keras has it;
* CSV: a label and 784 gray levels in each row, or any table of numbers with a column of classes.

A floating-point pixel is taken as it is.  A gray level k from 0 to 255 (uint8, IDX, CSV of
pictures, or lists of nothing but ints) becomes k/256, which is what the pickle of MNIST holds, so
all forms of MNIST give the same numbers.  The columns of any other table are scaled.

formats/ reads all of these without NumPy and without running the code that a pickle names.
"""
from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from purenn.checks import counted
from purenn.formats.arrays import Array, pixels_of
from purenn.formats.limits import Fault, limit, naming
from purenn.linalg import Target, vectorized_result

if TYPE_CHECKING:
    from purenn.formats.tables import Scale

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
SMALL = os.path.join(DATA, "digits.pkl.gz")
MAX_BYTES = 1 << 30  # what a file may unpack to, roughly as Python holds it; MNIST takes 0.22 GB
MOST_CLASSES = 1000
LEVELS = [k / 256 for k in range(256)]  # shared by all images: a pixel costs no float

Path = Union[str, bytes, os.PathLike]


class Images(Sequence):
    """Images, or rows of a table, kept as bytes; ``images[i]`` decodes the i-th to new floats."""

    def __init__(self, pixels: Array, rows: Sequence[int]) -> None:
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

    def chosen(self, order: Sequence[int]) -> Images:
        """These images in another order, which share their bytes with these."""
        return Images(self._pixels, [self._rows[i] for i in order])

    def scale(self) -> Scale:
        """Mean and standard deviation of each column."""
        from purenn.formats.tables import scale_of
        return scale_of(self._pixels, self._rows)

    def scaled(self, scale: Scale) -> Images:
        """The rows with a scale applied to them."""
        from purenn.formats.tables import scaled
        return Images(scaled(self._pixels, self._rows, scale), range(len(self)))


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

    def with_target(self, y: Target) -> Example:
        """The same image with another target."""
        return Example(self._images, self._index, y)

    def __len__(self) -> int:
        return 2

    def __getitem__(self, i: Any) -> Any:
        return (self.x, self.y)[i]


class DataSet(NamedTuple):
    """A data set, with what is known of it beside its numbers."""

    parts: tuple  # three pairs (Images, labels): training, evaluation and test
    classes: list[str]  # their names; a label is an index of this list
    columns: list[str]  # the names of a table's columns; empty for pictures
    scale: Scale | None  # what has been applied to the columns
    notes: list[str]  # what was concluded from the files, in sentences


def load_data(path: Path, max_bytes: int = MAX_BYTES) -> tuple:
    """Three pairs (images, labels): training, evaluation and test (Nielsen's training_data,
    validation_data, test_data).

    ``images`` is an ``Images``, ``labels`` a list of ints from 0 to k − 1 for k classes; what the
    file numbers from 1 on is counted from 0 here.  A pickle says itself what belongs where.  Of
    two pairs of files (train and t10k) the first is divided 5 : 1, in file order, into training
    and evaluation, and the second is the test set; a single pair is divided 5 : 1 : 1.  The rows
    of a table are shuffled before, always alike, since many are sorted by class.

    Raises OSError if a file can't be read.  Raises ValueError, with one sentence that names the
    file, for anything wrong inside: damage, an attempt to run code, more than ``max_bytes``, pixels
    that are not finite, labels that are neither 0 to k − 1 nor 1 to k, sets that are empty or
    disagree.
    """
    return load_set(path, max_bytes=max_bytes).parts


def load_data_wrapper(path: Path, max_bytes: int = MAX_BYTES) -> tuple:
    """Three lists of examples that unpack as x, y: training, evaluation and test.

    x is the image, a list of floats; y is a one-hot vector in the training data and the class
    itself in the other two.  Raises what ``load_data`` raises.
    """
    data = load_set(path, max_bytes=max_bytes)
    (images, labels), *others = data.parts
    one_hot = (vectorized_result(label, len(data.classes)) for label in labels)
    return tuple([Example(images, i, y) for i, y in enumerate(targets)] for images, targets
                 in [(images, one_hot), *others])


def load_set(path: Path, label: str | None = None, scale: Scale | bool = True,
             max_bytes: int = MAX_BYTES) -> DataSet:
    """The data set at a path, with the names of its classes and how its columns were scaled.

    ``label`` names the column of a table that holds the class (or gives its number, from 1).  A
    table's columns are brought to mean 0 and standard deviation 1 by those of the training data,
    or by the ``scale`` that is given, or not at all if it is False.  Raises what ``load_data``
    raises.
    """
    # Imported here because every command imports this module, and --help reads no data.
    from purenn.formats.layouts import found, known_names
    path = os.fsdecode(path)
    with naming(path):
        data = found(path, max_bytes, label)
        sets = [_checked(part.images, part.labels, part.name, max_bytes) for part in data.parts]
        if len({pixels.columns for pixels, _ in sets}) > 1:
            raise Fault("its sets have images of different sizes")
        if label is not None and data.table is None:
            raise Fault(f"it is no table, and has no column {label!r}")
        lowest, k = _classes([labels for _, labels in sets])
        names = data.names or known_names(sets[0][1], path)
        if names is None or len(names) != k:
            names = [str(lowest + j) for j in range(k)]
        table = data.table
        parts = _three([part.name for part in data.parts], [
            (Images(pixels, range(pixels.shape[0])), [y - lowest for y in labels])
            for pixels, labels in sets], shuffled=table is not None)
        used = None
        if table is not None and not table.pictures and scale is not False:
            images, _ = parts[0]
            used = images.scale() if scale is True else scale
            if len(used.means) != images.width:
                raise Fault(f"it has {counted(images.width, 'column')} beside the class, but the "
                            f"scale that is to be applied has {len(used.means)}")
            parts = _scaled(parts, used)
    columns = table.columns if table is not None and not table.pictures else []
    return DataSet(tuple(parts), names, columns, used, _notes(data, names, used))


def examples(images: Images, labels: Sequence[Target]) -> list[Example]:
    """The examples of one of the parts."""
    return [Example(images, i, y) for i, y in enumerate(labels)]


def _checked(images: Any, labels: Any, name: str, max_bytes: int) -> tuple[Array, list[int]]:
    """One of the sets, from arrays or lists that may hold anything."""
    if not {type(images), type(labels)} <= {Array, list, tuple}:
        raise Fault(f"its {name} set is not a pair of arrays or lists")
    count = images.shape[0] if type(images) is Array else len(images)
    if not count or count != len(labels):
        raise Fault(f"its {name} set has {counted(count, 'image')} and "
                    f"{counted(len(labels), 'label')}")
    limit(256 * count, max_bytes)  # what an example and its target take besides the pixels
    labels = list(labels)
    if not all(type(y) is int for y in labels):
        raise Fault(f"its {name} set has labels that are not whole numbers")
    return pixels_of(images, name, max_bytes), labels


def _classes(labels: Sequence[list[int]]) -> tuple[int, int]:
    """The lowest label, 0 or 1, and how many classes there are."""
    seen = {y for part in labels for y in part}
    lowest, highest = min(seen), max(seen)
    if lowest not in (0, 1) or highest - lowest >= MOST_CLASSES:
        raise Fault(f"its labels go from {str(lowest)[:20]} to {str(highest)[:20]}; k classes have "
                    f"labels from 0 to k − 1 or from 1 to k, with k at most {MOST_CLASSES:,}")
    missing = [y for y in range(lowest, highest) if y not in seen]
    if missing:
        raise Fault(f"its labels have gaps: they go from {lowest} to {highest}, but no example has "
                    f"{'the label' if not missing[1:] else 'labels such as'} {missing[0]}")
    return lowest, highest - lowest + 1


def _three(names: Sequence[str], sets: list[tuple[Images, list[int]]], shuffled: bool) -> list:
    """Training, evaluation and test, cut from what there is if one or two of them are missing."""
    if list(names) == ["training", "evaluation", "test"]:
        return sets
    if list(names) not in (["only"], ["training"], ["training", "test"]):
        raise Fault(f"it has only {' and '.join(names)} data; training and test data are needed")
    return _divided(*sets[0], (5, 6, 7) if len(sets) == 1 else (5, 6), shuffled) + sets[1:]


def _divided(images: Images, labels: list[int], ends: tuple, shuffled: bool) -> list:
    """A set cut in file order; ends (5, 6, 7) give its first 5/7, the 1/7 after it, the rest."""
    cuts = [0] + [len(labels) * end // ends[-1] for end in ends]
    if 0 in (b - a for a, b in zip(cuts, cuts[1:])):
        raise Fault(f"it has {counted(len(labels), 'example')}, too few to be divided into "
                    "training, evaluation and test data")
    if shuffled:
        order = list(range(len(labels)))
        Random(0).shuffle(order)
        images, labels = images.chosen(order), [labels[i] for i in order]
    return [(images.part(a, b), labels[a:b]) for a, b in zip(cuts, cuts[1:])]


def _scaled(parts: list, scale: Scale) -> list:
    """The parts with their columns scaled."""
    return [(images.scaled(scale), labels) for images, labels in parts]


def _notes(data: Any, names: list[str], scale: Scale | None) -> list[str]:
    """What was concluded from the files and is not to be seen from the numbers."""
    notes = []
    if data.table is not None:
        notes.append(f"{data.table.label}, {len(names)} classes; the others are "
                     + ("gray levels" if data.table.pictures else
                        "scaled to mean 0 and deviation 1" if scale else "taken as they are"))
        if data.table.left_out:
            notes.append(f"{data.table.left_out} only numbers the rows and was left out")
    if data.turned:
        notes.append("the pictures of EMNIST are stored on their side and were turned upright")
    return notes
