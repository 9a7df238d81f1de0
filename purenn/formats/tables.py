"""CSV: rows of numbers, with one column that says of which class a row is.

Digits are published this way, too: the label, then 784 gray levels.  Such rows become bytes as they
are read, so that MNIST takes no more memory than its pixels; all other tables become float64.
"""
from __future__ import annotations

import codecs
import csv
import itertools
import math
import re
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from purenn.formats.arrays import Array, Type
from purenn.formats.limits import Fault, Stream, short

MOST_LINE = 1 << 20       # bytes
MOST_COLUMNS = 100_000
MOST_CLASSES = 1000
FEW = 20                  # a nameless column with more different whole numbers has no classes
FEWEST = 3                # rows that cannot be divided into three parts
DELIMITERS = ",;\t"
LABELS = ("label", "class", "species", "target", "y")
NUMBERED = ("", "id", "index", "unnamed: 0")  # columns that may do no more than number the rows
MISSING = ("", "?", "na", "n/a", "nan", "null")
PIXEL = re.compile(r"(pixel|px)[-_ ]?\d+|\d+x\d+", re.IGNORECASE)
GRAY = {str(k): k for k in range(256)}  # looking a gray level up takes half the time of int()
PIXELS = 784


class Table(NamedTuple):
    """A table's rows.  ``labels`` are whole numbers, or indices of ``names`` if they were words."""

    numbers: Array  # a row for each row: gray levels as uint8 if it holds pictures, else float64
    labels: list[int]
    names: list[str] | None
    label: str  # which column was taken for the class, as a sentence says it
    columns: list[str]  # the names of the others
    left_out: str | None  # a column that numbers the rows
    pictures: bool


class Layout(NamedTuple):
    """What a table's first rows say of it."""

    header: list[str] | None
    width: int
    label: int | None  # the column of the class, where that is known before all rows are read
    pictures: bool

    def name(self, column: int) -> str:
        """A column as a sentence names it."""
        if self.header and self.header[column]:
            return f'column "{short(self.header[column])}"'
        return f"column {column + 1}"


def is_table(head: bytes) -> bool:
    """Whether a file that begins so is a table: its first line is text with a delimiter in it."""
    line = head[3 * head.startswith(codecs.BOM_UTF8):].lstrip(b"\r\n").partition(b"\n")[0]
    return (any(delimiter.encode() in line for delimiter in DELIMITERS)
            and not any(byte < 32 and byte not in b"\t\r" for byte in line))


def is_column(head: bytes) -> bool:
    """Whether a file that begins so is a table of a single column: several lines of words or
    numbers.  A pickle that is text has brackets in it, or ends with a full stop."""
    lines = head.split(b"\n")
    return (len([line for line in lines if line.strip()]) > 1 and not head.endswith(b".")
            and not any(byte < 32 and byte not in b"\r\n" or byte in b"()[]{}" for byte in head))


def table(stream: Stream, label: str | None = None) -> Table:
    """The table in a file.  ``label`` names the column of the class, or gives its number from 1.

    Raises Fault, with line and column, for missing values, words among numbers, and ragged rows.
    """
    rows = _rows(stream)
    number, first = next(rows, (0, []))
    header = [cell.strip() for cell in first] if _is_header(first) else None
    beginning = list(itertools.islice(rows, 1)) if header else [(number, first)]
    if not beginning:
        raise Fault("it has no rows")
    layout = _layout(header, beginning[0][1], label)
    rows = itertools.chain(beginning, rows)
    return (_pictures if layout.pictures else _numbers)(rows, layout, stream)


def numbers(stream: Stream) -> Array:
    """A table of nothing but numbers, under a header or not."""
    layout, values = None, array("d")
    for number, cells in _rows(stream):
        if layout is None:
            header = [cell.strip() for cell in cells] if _is_header(cells) else None
            layout = Layout(header, len(cells), None, False)
            if header:
                continue
        _check_width(cells, number, layout)
        values.extend(_floats(cells, number, layout))
        stream.use(8 * len(cells))
    if layout is None or not values:
        raise Fault("it has no rows")
    return Array(values.tobytes(), Type("f8"), (len(values) // layout.width, layout.width))


# --- lines and cells --------------------------------------------------------------------------

def _rows(stream: Stream) -> Iterator[tuple[int, list[str]]]:
    """(the line's number, its cells) for each line that is not empty."""
    delimiter = ""
    for number in itertools.count(1):
        line = stream.file.readline(MOST_LINE + 1)
        if not line:
            return
        if len(line) > MOST_LINE:
            raise Fault(f"line {number} has more than {MOST_LINE:,} bytes")
        stream.use(32 + len(line) // 8)  # so that empty lines without end come to one, too
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
        except UnicodeDecodeError:
            raise Fault(f"line {number} is not text in UTF-8") from None
        if not text.strip():
            continue
        if not delimiter:
            delimiter = max(DELIMITERS, key=re.sub('"[^"]*"', "", text).count)
        cells = _quoted(text, delimiter, number) if '"' in text else text.split(delimiter)
        if len(cells) > MOST_COLUMNS:
            raise Fault(f"line {number} has {len(cells):,} columns; at most {MOST_COLUMNS:,} are "
                        "read")
        yield number, cells


def _quoted(text: str, delimiter: str, number: int) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        raise Fault(f"line {number} has a quotation mark that is not closed, or in the midst of a "
                    "value") from None


def _value(cell: str) -> float | None:
    """The number in a cell, or None if there is none."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def _is_header(cells: Sequence[str]) -> bool:
    """Whether a first line names columns: it holds no number, or such a name as "class"."""
    if any(cell.strip().lower() in LABELS[:-1] for cell in cells):  # a y may mean yes
        return True
    return not any(_value(cell) is not None for cell in cells) and not all(map(_is_missing, cells))


# --- which column is what ---------------------------------------------------------------------

def _layout(header: list[str] | None, first: list[str], label: str | None) -> Layout:
    width = len(header or first)
    if width < 2:
        raise Fault("it has a single column; beside the class, columns of numbers are needed")
    column = _label_column(header, width, label)
    others = [k for k in range(width) if k != column]
    named = header is not None and all(PIXEL.fullmatch(header[k]) for k in others)
    gray = len(first) == width and all(first[k].strip() in GRAY for k in others)
    if column is None and gray and (named or width == PIXELS):
        raise Fault(f"it has {width} pixels in each row and no label, as a test file has that "
                    "others are to be judged by; what is needed is a file with labels")
    pictures = gray and (named or width == PIXELS + 1)
    return Layout(header, width, 0 if pictures and column is None else column, pictures)


def _label_column(header: list[str] | None, width: int, label: str | None) -> int | None:
    """The column that is named, or has one of the usual names; None if that must be seen later."""
    if label is None:
        usual = [k for name in LABELS for k, cell in enumerate(header or [])
                 if cell.lower() == name]
        return usual[0] if usual else None
    if header is not None:
        places = [k for k, cell in enumerate(header) if cell == label]
        if len(places) == 1:
            return places[0]
        some = ", ".join(short(cell, 30) for cell in header[:10]) + (", …" * (width > 10))
        raise Fault(f"--label {label!r} names {'no column' if not places else 'several columns'}; "
                    f"its columns are {some}")
    if not re.fullmatch(r"\d{1,6}", label) or not 1 <= int(label) <= width:
        raise Fault(f"--label {label!r}: its columns have no names, so --label takes a number "
                    f"from 1 to {width}")
    return int(label) - 1


# --- rows -------------------------------------------------------------------------------------

def _pictures(rows: Iterator[tuple[int, list[str]]], layout: Layout, stream: Stream) -> Table:
    """Gray levels, a byte each."""
    labels = _Classes(layout, layout.label or 0)
    pixels = bytearray()
    level = GRAY.__getitem__
    for number, cells in rows:
        _check_width(cells, number, layout)
        labels.add(cells.pop(labels.column), number)
        try:
            pixels += bytes(map(level, cells))
        except KeyError:
            cells.insert(labels.column, "0")
            gray = [_gray(cell, number, column, layout) for column, cell in enumerate(cells)]
            del gray[labels.column]
            pixels += bytes(gray)
        stream.use(len(cells))
    codes, names = labels.sorted()
    return Table(Array(pixels, Type("u1"), (len(codes), layout.width - 1)), codes, names,
                 labels.described(), _others(layout, [labels.column]), None, True)


def _gray(cell: str, number: int, column: int, layout: Layout) -> int:
    value = _value(cell)
    if value is None or value not in range(256):
        what = "the value is missing" if _is_missing(cell) \
            else f"{short(cell.strip())!r} is not a gray level from 0 to 255"
        raise Fault(f"line {number}, {layout.name(column)}: {what}")
    return int(value)


def _numbers(rows: Iterator[tuple[int, list[str]]], layout: Layout, stream: Stream) -> Table:
    """Numbers of any size; the class is looked for in the last column, then in the first."""
    columns = [layout.width - 1, 0] if layout.label is None else [layout.label]
    candidates = [_Classes(layout, column) for column in columns]
    numbers = array("d")
    for number, cells in rows:
        _check_width(cells, number, layout)
        for candidate in candidates:
            cell = cells[candidate.column]
            candidate.add(cell, number)
            if layout.label is not None or _value(cell) is None:
                cells[candidate.column] = "0"
        numbers.extend(_floats(cells, number, layout))
        stream.use(8 * len(cells))
    return _with_class(numbers, candidates, layout)


def _floats(cells: list[str], number: int, layout: Layout) -> list[float]:
    try:
        values = list(map(float, cells))
        if all(map(math.isfinite, values)) and not any("_" in cell for cell in cells):
            return values
    except ValueError:
        pass
    column, cell = next((k, cell) for k, cell in enumerate(cells)
                        if not math.isfinite(math.nan if _value(cell) is None else float(cell)))
    what = "the value is missing" if _is_missing(cell) \
        else f"{short(cell.strip())!r} is not a finite number"
    raise Fault(f"line {number}, {layout.name(column)}: {what}")


def _with_class(numbers: array, candidates: list[_Classes], layout: Layout) -> Table:
    """The table, once it is known which of the columns holds the class."""
    chosen = next((c for c in candidates if layout.label is not None or c.is_likely()),
                  next((c for c in candidates if c.may_be_too_short()), None))
    if chosen is None:
        raise Fault("which column is the class? None is called " + ", ".join(LABELS) + "; "
                    + ", and ".join(c.why_not() for c in candidates) + "; --label names it")
    for other in candidates:
        if other is not chosen and other.first_word is not None and other.column != chosen.column:
            line, word = other.first_word
            raise Fault(f"line {line}, {layout.name(other.column)}: {short(word)!r} is not a "
                        f"finite number (the class is {layout.name(chosen.column)})")
    codes, names = chosen.sorted()
    removed = [chosen.column]
    left_out = next((k for k in (0, layout.width - 1) if k != chosen.column and layout.width > 2
                     and _numbers_rows(numbers[k::layout.width], k, layout)), None)
    if left_out is not None:
        removed.append(left_out)
    for done, column in enumerate(sorted(removed)):
        del numbers[column - done::layout.width - done]
    kept = layout.width - len(removed)
    return Table(Array(numbers.tobytes(), Type("f8"), (len(codes), kept)), codes, names,
                 chosen.described(), _others(layout, removed),
                 None if left_out is None else layout.name(left_out), False)


def _numbers_rows(values: array, column: int, layout: Layout) -> bool:
    """Whether a column does no more than number the rows: 0, 1, 2 … or 1, 2, 3 …"""
    return (layout.header is not None and layout.header[column].lower() in NUMBERED
            and values[0] in (0, 1) and all(value == values[0] + k
                                            for k, value in enumerate(values)))


def _check_width(cells: Sequence[str], number: int, layout: Layout) -> None:
    if len(cells) != layout.width:
        raise Fault(f"line {number} has {len(cells)} value{'s' * (len(cells) != 1)}, but the "
                    f"first line has {layout.width}")


def _others(layout: Layout, removed: Sequence[int]) -> list[str]:
    """The names of the columns that are left."""
    return [(layout.header[k] if layout.header else "") or str(k + 1)
            for k in range(layout.width) if k not in removed]


class _Classes:
    """A column that may hold the class: for each row the index of its value among ``values``."""

    def __init__(self, layout: Layout, column: int) -> None:
        self.layout, self.column = layout, column
        self.codes: dict[str, int] = {}  # by the text of a cell, and by the value it stands for
        self.values: list[str] = []
        self.rows = array("H")
        self.first_word: tuple[int, str] | None = None
        self.too_many = False

    def add(self, cell: str, number: int) -> None:
        code = self.codes.get(cell)
        self.rows.append(self._new_code(cell, number) if code is None else code)

    def _new_code(self, cell: str, number: int) -> int:
        """The code of a text not seen before; the same for "1", " 1" and "1.0"."""
        word = cell.strip()
        if _is_missing(word):
            raise Fault(f"line {number}, {self.layout.name(self.column)}: the value is missing")
        value = _value(word)
        if value is None:
            self.first_word = self.first_word or (number, word)
        elif value.is_integer():
            word = str(int(value))
        if word not in self.codes:
            self.too_many = len(self.values) >= MOST_CLASSES
            if self.too_many and (self.layout.label is not None or self.first_word):
                raise Fault(f"{self.layout.name(self.column)} holds more than {MOST_CLASSES:,} "
                            "different values, too many for classes")
            if self.too_many:
                return 0
            self.codes[word] = len(self.values)
            self.values.append(word)
        self.codes[cell] = self.codes[word]
        return self.codes[word]

    def is_likely(self) -> bool:
        """Whether its values are words or few whole numbers, and at least one is there twice."""
        if self.too_many or not 2 <= len(self.values) < len(self.rows):
            return False
        return self.first_word is not None or (_are_whole(self.values) and len(self.values) <= FEW)

    def may_be_too_short(self) -> bool:
        """Whether it holds words, and what is wrong is that they are all the same or that there are
        too few rows: whoever divides or learns from them will say so."""
        return self.first_word is not None and (len(self.values) == 1 or len(self.rows) <= FEWEST)

    def why_not(self) -> str:
        """Why it does not look like a column of classes, as a part of a sentence."""
        if self.first_word is not None:
            what = "a different word in every row"
        elif not _are_whole(self.values):
            what = "numbers that are not whole"
        elif self.too_many or len(self.values) > FEW:
            what = f"more than {FEW} different numbers"
        elif len(self.values) == 1:
            what = f"nothing but {self.values[0]}"
        else:
            what = "a different number in every row"
        return f"{self.layout.name(self.column)} holds {what}"

    def sorted(self) -> tuple[list[int], list[str] | None]:
        """The class of each row: a whole number, or the index of one of the sorted names."""
        if _are_whole(self.values):
            numbers = [int(value) for value in self.values]
            return [numbers[code] for code in self.rows], None
        if self.first_word is None:
            raise Fault(f"{self.layout.name(self.column)} holds numbers that are not whole, which "
                        "are not classes")
        names = sorted(self.values)
        places = [names.index(value) for value in self.values]
        return [places[code] for code in self.rows], names

    def described(self) -> str:
        return f"the class is {self.layout.name(self.column)}"


def _are_whole(values: Sequence[str]) -> bool:
    return all(re.fullmatch(r"-?\d{1,18}", value) for value in values)


# --- scale ------------------------------------------------------------------------------------

class Scale(NamedTuple):
    """What is subtracted from each column, and what it is divided by then."""

    means: list[float]
    deviations: list[float]


def scale_of(numbers: Array, rows: Sequence[int]) -> Scale:
    """Mean and standard deviation of each column over some rows; 1 for a column of one value."""
    n = len(rows)
    means = [0.0] * numbers.columns
    for i in rows:
        means = [m + x for m, x in zip(means, numbers.row(i))]
    means = [m / n for m in means]
    squares = [0.0] * numbers.columns
    for i in rows:
        squares = [s + (x - m) * (x - m) for s, x, m in zip(squares, numbers.row(i), means)]
    return Scale(means, [math.sqrt(s / n) or 1.0 for s in squares])


def scaled(numbers: Array, rows: Sequence[int], scale: Scale) -> Array:
    """Some rows with the scale applied to them, as float64."""
    result = array("d")
    for i in rows:
        result.extend((x - m) / d for x, m, d in zip(numbers.row(i), *scale))
    return Array(result.tobytes(), Type("f8"), (len(rows), numbers.columns))
