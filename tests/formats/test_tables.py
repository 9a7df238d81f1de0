"""CSV: which column is the class, what is a header, what is refused, at which line and column."""
from __future__ import annotations

import gzip
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purenn import mnist
from purenn.formats import tables
from purenn.formats.contents import contents

IRIS = ["5.1,3.5,1.4,0.2,setosa", "7.0,3.2,4.7,1.4,versicolor", "6.3,3.3,6.0,2.5,virginica"] * 7
HEADER = "sepal length,sepal width,petal length,petal width,"


def saved(tmp_path, lines, name="table.csv"):
    path = tmp_path / name
    raw = lines if isinstance(lines, bytes) else "\n".join(lines).encode() + b"\n"
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return str(path)


def table(tmp_path, lines, label=None, name="table.csv"):
    return contents(saved(tmp_path, lines, name), 1 << 24, label)


def rows(found):
    return [list(found.numbers.row(i)) for i in range(found.numbers.shape[0])]


def refused(tmp_path, lines, *words, label=None):
    with pytest.raises(ValueError) as caught:
        mnist.load_set(saved(tmp_path, lines), label, max_bytes=1 << 24)
    sentence = str(caught.value)
    assert "table.csv" in sentence and len(sentence.splitlines()) == 1 and len(sentence) < 600
    assert all(word in sentence for word in words), sentence


# ---- the class ----------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["label", "Class", "SPECIES", "target", "y"])
def test_a_column_of_a_usual_name_is_the_class(tmp_path, name):
    found = table(tmp_path, [f"a,{name},b", "1,2,3", "4,1,6", "7,2,9"])
    assert rows(found) == [[1, 3], [4, 6], [7, 9]] and found.labels == [2, 1, 2]
    assert found.columns == ["a", "b"] and found.label == f'the class is column "{name}"'


def test_words_in_the_last_or_first_column_are_classes(tmp_path):
    found = table(tmp_path, IRIS)
    assert found.names == ["setosa", "versicolor", "virginica"]
    assert found.labels == [0, 1, 2] * 7 and rows(found)[1] == [7.0, 3.2, 4.7, 1.4]
    assert found.label == "the class is column 5" and found.columns == ["1", "2", "3", "4"]
    found = table(tmp_path, [",".join([*line.split(",")[::-1]]) for line in IRIS])
    assert found.label == "the class is column 1" and rows(found)[0] == [0.2, 1.4, 3.5, 5.1]


def test_few_whole_numbers_in_the_last_or_first_column_are_classes(tmp_path):
    assert table(tmp_path, ["0.5,1", "0.25,0", "0.5,1"]).labels == [1, 0, 1]
    assert table(tmp_path, ["1,0.5", "0,0.25", "1,0.5"]).labels == [1, 0, 1]
    assert table(tmp_path, ["0.5,1.0", "0.25, 0", "0.5,1"]).labels == [1, 0, 1]
    both = table(tmp_path, ["a,b,c", "1,0.5,7", "0,0.25,8", "1,0.5,7"])
    assert both.label == 'the class is column "c"' and rows(both)[0] == [1, 0.5]


def test_the_class_can_be_named(tmp_path):
    lines = ["a,b,c", "1,2,x", "2,4,y", "1,6,x"]
    refused(tmp_path, lines, 'line 2, column "c": \'x\' is not a finite number', label="a")
    lines = ["a,b,c", "1,2,3", "2,4,5", "1,6,7"]
    found = table(tmp_path, lines, "a")
    assert found.labels == [1, 2, 1] and rows(found) == [[2, 3], [4, 5], [6, 7]]
    assert table(tmp_path, lines[1:], "1").labels == [1, 2, 1]
    refused(tmp_path, lines, "names no column", "a, b, c", label="d")
    refused(tmp_path, ["a,b,a", *lines[1:]], "names several columns", label="a")
    refused(tmp_path, lines[1:], "a number from 1 to 3", label="a")
    with pytest.raises(ValueError, match=r"digits\.pkl\.gz: it is no table, and has no column 'c'"):
        mnist.load_set(mnist.SMALL, "c")  # not ignored without a word
    refused(tmp_path, lines[1:], "a number from 1 to 3", label="4")


@pytest.mark.parametrize("lines, last, first", [
    (["0.5,0.25", "0.5,0.125", "0.25,0.75"], "numbers that are not whole",
     "numbers that are not whole"),
    ([f"3,{k}" for k in range(30)], "more than 20 different numbers", "nothing but 3"),
    ([f"{k},1.5" for k in range(20)], "numbers that are not whole",
     "a different number in every row"),
    (["a,0.5,b", "c,0.5,d", "e,0.5,f", "g,0.5,h"], "a different word in every row",
     "a different word in every row")])
def test_what_may_be_no_class_has_to_be_named(tmp_path, lines, last, first):
    width = lines[0].count(",") + 1
    refused(tmp_path, lines, "which column is the class?", "--label", f"column {width} holds "
            f"{last}, and column 1 holds {first}; ")


def test_a_single_class_is_a_class(tmp_path):
    """What needs several says so; to look at what a network makes of one, it is enough."""
    data = mnist.load_set(saved(tmp_path, ["size,fruit", *[f"{k},cherry" for k in range(7)]]))
    assert data.classes == ["cherry"] and [len(labels) for _, labels in data.parts] == [5, 1, 1]


def test_too_few_rows_to_be_divided(tmp_path):
    lines = ["size,fruit", "0.5,cherry", "1,lemon", "2,orange"]
    refused(tmp_path, lines, "it has 3 examples, too few to be divided")
    refused(tmp_path, lines[:2], "it has 1 example, too few to be divided")


@pytest.mark.parametrize("lines", [["class", "a", "b", "a", "b"], ["0.5", "1.5", "0.25"]])
def test_a_class_without_numbers_beside_it(tmp_path, lines):
    refused(tmp_path, lines, "it has a single column; beside the class, columns of numbers are "
            "needed")


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_an_empty_file(tmp_path, name):
    with pytest.raises(ValueError, match=f"{name}: it is empty$"):
        table(tmp_path, b"", name=name)


def test_words_in_both_the_last_and_the_first_column(tmp_path):
    refused(tmp_path, ["a,0.5,b", "a,0.25,c", "d,0.75,b"],
            "line 1, column 1: 'a' is not a finite number (the class is column 3)")


def test_labels_of_a_table_are_whole_or_words(tmp_path):
    refused(tmp_path, ["x,label", "1,0.5", "2,1.5"], "numbers that are not whole")
    assert table(tmp_path, ["x,label", "1,0.5", "2,none"]).names == ["0.5", "none"]
    refused(tmp_path, ["x,label", "1,3", "2,8", "3,5"] * 3, "is not a finite number")
    refused(tmp_path, ["x,label"] + ["1,3", "2,8", "3,5"] * 3, "labels go from 3 to 8")
    refused(tmp_path, ["x,label"] + [f"1,w{k}" for k in range(1001)], "more than 1,000 different")


# ---- headers ------------------------------------------------------------------------------------

def test_a_line_without_numbers_is_a_header(tmp_path):
    with_header = table(tmp_path, [HEADER + "kind", *IRIS])
    assert with_header.columns[0] == "sepal length" and len(rows(with_header)) == 21
    assert len(rows(table(tmp_path, IRIS))) == 21
    assert len(rows(table(tmp_path, ["label,0,1", "1,2,3", "0,4,5"]))) == 2
    assert len(rows(table(tmp_path, ["1,2,y", "2,1,n", "1,1,y"]))) == 3  # y may mean yes


@pytest.mark.parametrize("name", ["", "Id", "index", "Unnamed: 0"])
def test_a_column_that_numbers_the_rows_is_left_out(tmp_path, name):
    lines = [f"{name},a,b,species"] + [f"{k + 1},0.5,0.25,{'xy'[k % 2]}" for k in range(10)]
    found = table(tmp_path, lines)
    assert found.columns == ["a", "b"] and rows(found) == [[0.5, 0.25]] * 10
    assert found.left_out == ("column 1" if not name else f'column "{name}"')
    lines[5] = lines[5].replace("5,", "6,", 1)
    assert table(tmp_path, lines).left_out is None


def test_other_delimiters_quotes_line_ends_and_a_byte_order_mark(tmp_path):
    plain = table(tmp_path, IRIS)
    for delimiter in ";\t":
        assert table(tmp_path, [line.replace(",", delimiter) for line in IRIS]) == plain or \
            rows(table(tmp_path, [line.replace(",", delimiter) for line in IRIS])) == rows(plain)
    quoted = table(tmp_path, ['"a ""b"", c";"class"', '"1.5";"x, y"', '2;"z"', '3; "z"'])
    assert quoted.columns == ['a "b", c'] and quoted.names == ["x, y", "z"]
    raw = "\r\n".join(["", "a,class", "", "1,x", "2,y", "", ""]).encode("utf-8-sig")
    assert rows(table(tmp_path, raw)) == [[1], [2]]
    assert rows(table(tmp_path, raw, name="table.csv.gz")) == [[1], [2]]
    refused(tmp_path, ["a,class", '1,"x', '2,y"'], "line 2 has a quotation mark")


# ---- what is refused, and where -----------------------------------------------------------------

@pytest.mark.parametrize("cell, words", [
    ("", "line 3, column \"b\": the value is missing"), ("?", "the value is missing"),
    ("NA", "missing"), ("nan", "missing"), ("inf", "'inf' is not a finite number"),
    ("1e999", "not a finite number"), ("abc", "'abc' is not a finite number"),
    ("1_000", "'1_000' is not"), ("0x10", "not a finite number"), ("1 2", "not a finite number"),
    ("x" * 5000, "x…' is not")])
def test_what_is_no_number_is_refused_with_line_and_column(tmp_path, cell, words):
    refused(tmp_path, ["a,b,species", "1,2,x", f"3,{cell},y", "5,6,x"], "line 3", '"b"', words)


@pytest.mark.parametrize("line, words", [
    ("3,4", "line 3 has 2 values, but the first line has 3"), ("7", "line 3 has 1 value, but"),
    ("3,4,x,5", "line 3 has 4 values"), ("3,4,", 'line 3, column "species": the value is missing'),
    ("\udcff,4,x".encode("utf-8", "surrogateescape").decode("latin1"), "line 3")])
def test_rows_that_are_not_like_the_first(tmp_path, line, words):
    refused(tmp_path, ["a,b,species", "1,2,x", line, "5,6,x"], words)


def test_files_that_are_hardly_tables(tmp_path):
    refused(tmp_path, ["a,b"], "it has no rows")
    refused(tmp_path, b"a,class\n\xff\xfe,x\n", "line 2 is not text in UTF-8")
    refused(tmp_path, b"1,2\n" + b"1," * (1 << 20), "line 2 has more than 1,048,576 bytes")
    refused(tmp_path, b"1," * 150_000 + b"1\n", "line 1 has 150,001 columns; at most 100,000")
    refused(tmp_path, b"a,class\n" + b"\n" * 600_000, "max_bytes")


def test_a_line_without_end_is_not_read_whole(tmp_path):
    tracemalloc = pytest.importorskip("tracemalloc")  # which PyPy has not
    path = saved(tmp_path, b"1," * (16 << 20), "line.csv.gz")
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="line 1 has more than"):
            mnist.load_set(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


# ---- pictures -----------------------------------------------------------------------------------

def picture(k):
    return [(k * 31 + j) % 256 for j in range(784)]


DIGITS = [f"{k % 10}," + ",".join(map(str, picture(k))) for k in range(20)]
KAGGLE = "label," + ",".join(f"pixel{j}" for j in range(784))


@pytest.mark.parametrize("header", [[], [KAGGLE], ["label," + ",".join(
    f"{i}x{j}" for i in range(1, 29) for j in range(1, 29))]])
def test_mnist_as_csv(tmp_path, header):
    found = table(tmp_path, header + DIGITS)
    assert found.pictures and found.numbers.kind.code == "B" and found.labels == [*range(10)] * 2
    assert rows(found) == [picture(k) for k in range(20)]
    data = mnist.load_set(saved(tmp_path, header + DIGITS))
    assert data.scale is None and data.classes == list("0123456789")
    images = [x for part, _ in data.parts for x in part]
    assert sorted(images) == sorted([v / 256 for v in picture(k)] for k in range(20))
    assert all(x in [[v / 256 for v in picture(k)] for k in (y, y + 10)]
               for part, labels in data.parts for x, y in zip(part, labels))


def test_gray_levels_written_as_floats(tmp_path):
    lines = ["label,pixel0,pixel1", "1,0,255", "0,1.0, 17", "1,3,4"]
    assert rows(table(tmp_path, lines)) == [[0, 255], [1, 17], [3, 4]]


def test_pictures_without_labels_are_refused(tmp_path):
    unlabelled = [line.partition(",")[2] for line in DIGITS]
    refused(tmp_path, unlabelled, "784 pixels", "no label", "test file")
    refused(tmp_path, [KAGGLE.partition(",")[2], *unlabelled], "no label", "test file")


@pytest.mark.parametrize("cell, words", [
    ("256", "'256' is not a gray level"), ("-1", "not a gray"), ("0.5", "not a gray"),
    ("", "missing"), ("x", "not a gray")])
def test_what_is_no_gray_level(tmp_path, cell, words):
    cells = DIGITS[3].split(",")
    cells[5] = cell
    refused(tmp_path, [KAGGLE, *DIGITS[:3], ",".join(cells)], 'line 5, column "pixel4"', words)


# ---- scale and division -------------------------------------------------------------------------

def test_columns_are_scaled_by_the_training_data(tmp_path):
    lines = ["a,b,species"] + [f"{k},7,{'xyz'[k % 3]}" for k in range(21)]
    data = mnist.load_set(saved(tmp_path, lines))
    raw = mnist.load_set(saved(tmp_path, lines), scale=False)
    assert [len(labels) for _, labels in data.parts] == [15, 3, 3]
    assert sorted(x[0] for part, _ in raw.parts for x in part) == list(range(21))
    assert all(y == x[0] % 3 for part, labels in raw.parts for x, y in zip(part, labels))
    training = [x[0] for x in raw.parts[0][0]]
    mean = math.fsum(training) / 15
    deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in training) / 15)
    assert data.scale.means == pytest.approx([mean, 7], rel=1e-14)
    assert data.scale.deviations == pytest.approx([deviation, 1], rel=1e-14)
    for part, other in zip(data.parts, raw.parts):
        for x, y in zip(part[0], other[0]):
            assert x == pytest.approx([(y[0] - mean) / deviation, 0], rel=1e-12, abs=1e-12)
    assert raw.scale is None and mnist.load_set(saved(tmp_path, lines)) .parts[1][1] == \
        data.parts[1][1]
    again = mnist.load_set(saved(tmp_path, lines), scale=tables.Scale([1.0, 5.0], [2.0, 4.0]))
    assert [x[0] for x in again.parts[0][0]] == [(x - 1) / 2 for x in training]
    assert {x[1] for x in again.parts[0][0]} == {0.5}


def test_a_scale_of_other_columns_is_refused(tmp_path):
    with pytest.raises(ValueError, match="4 columns beside the class, but the scale .* has 1"):
        mnist.load_set(saved(tmp_path, IRIS), scale=tables.Scale([0.0], [1.0]))


def test_rows_sorted_by_class_are_shuffled_always_alike(tmp_path):
    lines = sorted(IRIS, key=lambda line: line.split(",")[-1])
    data = mnist.load_set(saved(tmp_path, lines))
    assert data.classes == ["setosa", "versicolor", "virginica"]
    assert len(set(data.parts[0][1])) == 3 and data.parts[0][1] != sorted(data.parts[0][1])
    assert data.parts[0][1] == mnist.load_set(saved(tmp_path, lines)).parts[0][1]


@given(st.text(max_size=200) | st.lists(st.lists(st.sampled_from(
    ["1", "2.5", "x", "", '"', '"a"', " ", "nan", "label", "1e400", "-", "0", "é"]), max_size=4)
    .map(",".join), max_size=6).map("\n".join))
def test_any_text_gives_numbers_or_one_sentence(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        data = mnist.load_set(path, max_bytes=1 << 20)
    except ValueError as error:
        assert str(path) in str(error) and len(str(error).splitlines()) == 1
        return
    for images, labels in data.parts:
        assert len(images) == len(labels) > 0
        assert all(type(v) is float and math.isfinite(v) for x in images for v in x)
