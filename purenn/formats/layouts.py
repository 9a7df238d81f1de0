"""Where a data set's parts lie: in one file, in files beside each other, in folders as they come.

Pictures and their labels are often files of their own, and what a name says in words is all that
tells them apart: ``train-images-idx3-ubyte``, ``kmnist-test-imgs.npz``, ``x_train.npy``.  So a name
is cut into words, and the words are looked up.
"""
from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from purenn.formats.arrays import Array
from purenn.formats.contents import contents
from purenn.formats.limits import Fault, naming, short
from purenn.formats.tables import Table

#: Words in the names of files and arrays, and what they say.
PARTS = {"train": "training", "training": "training", "t10k": "test", "test": "test",
         "val": "evaluation", "valid": "evaluation", "validation": "evaluation"}
#: What becomes of the words in a file's name that make it one of pictures, in that of its labels.
LABELS = {"images": "labels", "imgs": "labels", "x": "y", "idx3": "idx1"}
PICTURES = {"images", "imgs", "x"}
ORDER = ("only", "training", "evaluation", "test")
ARRAYS = re.compile(r"(idx3[-.]ubyte|\.npz|\.npy)(\.gz)?$", re.IGNORECASE)
TABLES = re.compile(r"\.(csv|tsv)(\.gz)?$", re.IGNORECASE)
WHOLE = re.compile(r"\.(npz|pkl|pickle|csv|tsv)(\.gz)?$", re.IGNORECASE)
FORMATS = {"idx3", "ubyte", "npz", "npy", "gz", "csv", "tsv", ""}


class Part(NamedTuple):
    """One of the parts of a data set, unchecked: arrays or lists that may hold anything."""

    name: str  # training, evaluation or test; "only" for one that is to be divided
    images: Any
    labels: Any


class Found(NamedTuple):
    """What was found at a path."""

    parts: list[Part]
    names: list[str] | None = None  # of the classes, from the first label on
    table: Table | None = None  # the first, if it came from CSV
    turned: bool = False  # whether the pictures were stored on their side


class Role(NamedTuple):
    """What the words of a file's name say."""

    part: str
    group: tuple[str, ...]  # the words that say neither part nor format: of which data set it is


def found(path: str, max_bytes: int, label: str | None = None) -> Found:
    """The parts of the data set in a file, in a folder, or in files whose names begin so.

    Raises Fault, ValueError or OSError if there are none.
    """
    if os.path.isdir(path):
        return _in_folder(path, None, max_bytes, label)
    folder, beginning = os.path.split(path)
    if not os.path.exists(path) and beginning and os.path.isdir(folder or os.curdir):
        group = tuple(_words(beginning))
        if any(role.group == group for role, _ in _pictures_in(folder or os.curdir)):
            return _in_folder(folder or os.curdir, group, max_bytes, label)
    whole = contents(path, max_bytes, label)
    if isinstance(whole, Table):
        return _of_tables([("only", whole)])
    if isinstance(whole, dict) and set(whole) != {"arr_0"}:
        return Found(_parts_by_name(whole))
    if isinstance(whole, (Array, dict)):
        return _pairs([(Role("only", _role(path).group), path)], max_bytes, {path: whole})
    if not (type(whole) in (list, tuple) and len(whole) == 3 and all(
            type(pair) in (list, tuple) and len(pair) == 2 for pair in whole)):
        raise Fault("it does not hold three pairs (images, labels)")
    return Found([Part(name, *pair) for name, pair in zip(ORDER[1:], whole)])


# --- names ------------------------------------------------------------------------------------

def _words(name: str) -> list[str]:
    return re.split(r"[-_.]", os.path.basename(name).lower())


def _role(name: str) -> Role:
    words = _words(name)
    part = next((PARTS[word] for word in words if word in PARTS), "only")
    return Role(part, tuple(word for word in words if word not in PARTS and word not in LABELS
                            and word not in FORMATS))


def _names_of_labels(name: str) -> list[str]:
    """How the file of the labels of these pictures may be called: x becomes y, X becomes Y or y."""
    pieces = re.split(r"([-_.])", re.sub(r"\.gz$", "", name))
    exact = "".join(LABELS.get(piece.lower(), piece) for piece in pieces)
    upper = "".join("Y" if piece == "X" else LABELS.get(piece.lower(), piece) for piece in pieces)
    return [] if exact == "".join(pieces) else list(dict.fromkeys([exact, upper]))


def _beside(path: str) -> str:
    """The file with the labels of the pictures in a file.  Raises Fault if there is none.

    Archives of Kaggle have each file in a folder of the same name.
    """
    folder, name = os.path.split(path)
    folders = [folder] + [os.path.dirname(folder)] * (os.path.basename(folder) == name)
    names = _names_of_labels(name)
    for where in folders:
        for candidate in names:
            for file in (candidate, candidate + ".gz", os.path.join(candidate, candidate)):
                if os.path.isfile(os.path.join(where, file)):
                    return os.path.join(where, file)
    wanted = names[0] if names else re.sub(r"\.gz$", "", name)
    raise Fault(f"its labels, {wanted} or {wanted}.gz, are not beside it")


# --- folders ----------------------------------------------------------------------------------

def _in_folder(folder: str, group: tuple[str, ...] | None, max_bytes: int,
               label: str | None) -> Found:
    """The data set in a folder, in its files or in those of a folder "raw" in it."""
    pictures = _pictures_in(folder)
    if pictures:
        return _pairs(_one_group(pictures, group), max_bytes, {})
    tables = [name for name in sorted(os.listdir(folder)) if TABLES.search(name)]
    parts = sorted(_role(name).part for name in tables)
    if parts in (["test", "training"], ["evaluation", "test", "training"]):
        return _of_tables([(_role(name).part, contents(os.path.join(folder, name), max_bytes,
                                                       label)) for name in tables])
    below = [os.path.join(folder, *inner) for inner in _folders_of_raw(folder)]
    if len(below) > 1:
        raise Fault("it holds several sets: " + ", ".join(below))
    if below:
        return _in_folder(below[0], group, max_bytes, label)
    whole = [name for name in sorted(os.listdir(folder)) if WHOLE.search(name)]
    if len(whole) == 1:
        return found(os.path.join(folder, whole[0]), max_bytes, label)
    raise Fault("there is no train-images-idx3-ubyte or anything like it in it"
                + (f"; it holds {', '.join(whole[:5])}: which of them?" if whole else ""))


def _folders_of_raw(folder: str) -> list[tuple[str, ...]]:
    """torchvision keeps what it fetched in MNIST/raw, below the folder it was told."""
    inner = [("raw",)] + [(name, "raw") for name in sorted(os.listdir(folder))]
    return [path for path in inner if os.path.isdir(os.path.join(folder, *path))
            and _pictures_in(os.path.join(folder, *path))]


def _pictures_in(folder: str) -> list[tuple[Role, str]]:
    """The files of pictures in a folder, with their roles; each role once."""
    by_role: dict[Role, str] = {}
    for name in sorted(os.listdir(folder)):
        if ARRAYS.search(name) and len(set(_words(name)) & PICTURES) == 1:
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                path = os.path.join(path, name)
            if os.path.isfile(path):
                by_role.setdefault(_role(name), path)
    return list(by_role.items())


def _one_group(pictures: list[tuple[Role, str]],
               group: tuple[str, ...] | None) -> list[tuple[Role, str]]:
    """The files of one data set.  Raises Fault if there are several, or no training data."""
    groups = sorted({role.group for role, _ in pictures})
    if group is None and len(groups) > 1:
        sets = ", ".join("-".join(words) or "train-images…" for words in groups)
        raise Fault(f"it holds several sets: {sets}; the path of one, without the words that "
                    "follow, says which")
    group = groups[0] if group is None else group
    chosen = [(role, path) for role, path in pictures if role.group == group]
    if [role.part for role, _ in chosen] == ["test"]:
        raise Fault(f"there are only test data in it, {os.path.basename(chosen[0][1])}; to have "
                    "them divided into training, evaluation and test data, name the file itself")
    return sorted(chosen, key=lambda pair: ORDER.index(pair[0].part))


# --- pairs of files ---------------------------------------------------------------------------

def _pairs(pictures: Iterable[tuple[Role, str]], max_bytes: int,
           known: Mapping[str, Any]) -> Found:
    """Files of pictures, each with the file of its labels beside it."""
    parts, names, turned = [], None, False
    for role, path in pictures:
        images = _array(path, known.get(path) or contents(path, max_bytes))
        with naming(path):
            beside = _beside(path)
        labels = _array(beside, contents(beside, max_bytes))
        if "emnist" in role.group:
            images, turned = _upright(images), True
            names = names or _mapping(os.path.dirname(path), role.group)
        parts.append(Part(role.part, images, labels))
    return Found(parts, names, turned=turned)


def _array(path: str, whole: Any) -> Any:
    """The array in a file that holds one."""
    if isinstance(whole, dict) and len(whole) == 1:
        return next(iter(whole.values()))
    if not isinstance(whole, Array):
        with naming(path):
            raise Fault("it does not hold one array of numbers")
    return whole


def _upright(images: Array) -> Array:
    """EMNIST's pictures as one looks at them: they are stored column by column."""
    if len(images.shape) != 3 or images.kind.size != 1:
        return images
    count, height, width = images.shape
    size = height * width
    pixels = bytearray(images.raw)
    for start in range(0, len(pixels), size or 1):
        picture = pixels[start:start + size]
        pixels[start:start + size] = b"".join(picture[k::width] for k in range(width))
    return Array(pixels, images.kind, (count, width, height))


def _mapping(folder: str, group: Sequence[str]) -> list[str] | None:
    """The letters of EMNIST's labels, from its file of lines "label code …", if there is one."""
    path = os.path.join(folder, "-".join(group) + "-mapping.txt")
    if not os.path.isfile(path):
        return None
    with naming(path), open(path, encoding="ascii", errors="replace") as file:
        lines = [line.split() for line in file.read(100_000).splitlines() if line.strip()]
        if not all(len(line) > 1 and all(re.fullmatch(r"\d{1,6}", n) for n in line)
                   and 32 < int(line[1]) < 127 for line in lines):
            raise Fault("its lines are not a label and the codes of its letter")
    return [chr(int(code)) for _, code, *_ in sorted(lines, key=lambda line: int(line[0]))]


FASHION = ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker",
           "bag", "ankle boot"]
#: The first labels of its training and of its test data.
FASHION_LABELS = ([9, 0, 0, 3, 0, 2, 7, 2, 5, 5, 0, 9, 5, 5, 7, 9, 1, 0, 6, 4],
                  [9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5, 7, 3, 4, 1, 2, 4, 8, 0])


def known_names(labels: Sequence[int], path: str) -> list[str] | None:
    """Fashion-MNIST's names, if these are its labels: its files are called as MNIST's are."""
    is_fashion = list(labels[:20]) in FASHION_LABELS or "fashion" in path.lower()
    return FASHION if is_fashion and set(labels) == set(range(10)) else None


# --- arrays and tables ------------------------------------------------------------------------

def _parts_by_name(arrays: Mapping[str, Any]) -> list[Part]:
    """The parts in an .npz, whose arrays are called x_train and y_train, or train_images …"""
    parts = []
    for name, images in arrays.items():
        if len(set(_words(name)) & PICTURES) == 1 and os.path.basename(name) == name:
            labels = [arrays[other] for other in _names_of_labels(name) if other in arrays]
            if not labels:
                raise Fault(f"it has no {_names_of_labels(name)[0]} beside {name}")
            parts.append(Part(_role(name).part, images, labels[0]))
    if not parts or len({part.name for part in parts}) < len(parts):
        raise Fault("its arrays are " + ", ".join(map(short, list(arrays)[:6])) + ", not x_train, "
                    "y_train, x_test and y_test")
    return sorted(parts, key=lambda part: ORDER.index(part.name))


def _of_tables(tables: list[tuple[str, Table]]) -> Found:
    """Tables of the same columns.  Words become indices of all the words there are."""
    tables = sorted(tables, key=lambda pair: ORDER.index(pair[0]))
    first = tables[0][1]
    for name, table in tables[1:]:
        if (table.columns, table.names is None) != (first.columns, first.names is None):
            raise Fault(f"its {name} table has other columns than its {tables[0][0]} table")
    names = None
    if first.names is not None:
        names = sorted({word for _, table in tables for word in table.names or ()})
    parts = []
    for name, table in tables:
        labels = table.labels
        if names is not None and table.names is not None:
            places = [names.index(word) for word in table.names]
            labels = [places[label] for label in labels]
        parts.append(Part(name, table.numbers, labels))
    return Found(parts, names, first)
