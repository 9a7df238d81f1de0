"""Data sets in the folders and files in which people have them, and what other files look like.

The fixtures hold the 14 images and labels of test_mnist.py, as NumPy itself writes them.
"""
from __future__ import annotations

import gzip
import os
import shutil
import struct
import zipfile

import pytest

from purenn import mnist
from purenn.formats.layouts import FASHION, FASHION_LABELS

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
IMAGES = [[(37 * i + 59 * j) % 256 / 256 for j in range(4)] for i in range(14)]
LABELS = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7, 0, 3, 6, 9]


def idx(shape, raw):
    return struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape) + raw


def write_idx(folder, prefix, part, labels, images=None, ending="{}-idx{}-ubyte", nested=False):
    """A pair of IDX files: 2 × 3 pictures whose pixels count on, and their labels."""
    os.makedirs(folder, exist_ok=True)
    n = len(labels)
    images = bytes(k % 256 for k in range(6 * n)) if images is None else images
    for kind, axes, raw in ("images", (n, 2, 3), images), ("labels", (n,), bytes(labels)):
        name = prefix + part + "-" + ending.format(kind, len(axes))
        inner = os.path.join(folder, name) if nested else folder
        os.makedirs(inner, exist_ok=True)
        with open(os.path.join(inner, name), "wb") as file:
            file.write(idx(axes, raw))


def everything(data):
    return [(images[:], labels) for images, labels in data.parts]


def cut(*ends):
    return [(IMAGES[a:b], LABELS[a:b]) for a, b in zip((0, *ends), ends)]


def refused(path, *words):
    with pytest.raises(ValueError) as caught:
        mnist.load_set(path, max_bytes=1 << 24)
    sentence = str(caught.value)
    assert len(sentence.splitlines()) == 1 and str(path) in sentence and len(sentence) < 800
    assert all(word in sentence for word in words), sentence


# ---- folders ------------------------------------------------------------------------------------

@pytest.mark.parametrize("inner", ["", "raw", "MNIST/raw"])
def test_torchvisions_folders(tmp_path, inner):
    shutil.copytree(os.path.join(DATA, "idx"), tmp_path / "root" / inner)
    assert everything(mnist.load_set(tmp_path / "root")) == cut(10, 12, 14)


def test_torchvisions_root_with_several_sets(tmp_path):
    for name in "MNIST", "KMNIST":
        shutil.copytree(os.path.join(DATA, "idx"), tmp_path / name / "raw")
    refused(tmp_path, "several sets", "KMNIST", "MNIST")
    assert everything(mnist.load_set(tmp_path / "MNIST")) == cut(10, 12, 14)


@pytest.mark.parametrize("ending", ["{}-idx{}-ubyte", "{}.idx{}-ubyte"])
def test_kaggles_folders_named_like_the_files(tmp_path, ending):
    write_idx(tmp_path, "", "train", range(6), ending=ending, nested=True)
    write_idx(tmp_path, "", "t10k", [1, 0], ending=ending, nested=True)
    data = mnist.load_set(tmp_path)
    assert [labels for _, labels in data.parts] == [[0, 1, 2, 3, 4], [5], [1, 0]]


def test_a_folder_of_test_files_alone_is_not_cut_up(tmp_path):
    write_idx(tmp_path, "", "t10k", [0, 1] * 7)
    refused(tmp_path, "only test data", "name the file itself")
    assert [len(y) for _, y in mnist.load_set(
        tmp_path / "t10k-images-idx3-ubyte").parts] == [10, 2, 2]


def test_a_folder_with_training_files_alone_is_divided(tmp_path):
    write_idx(tmp_path, "", "train", [0, 1] * 7)
    assert [len(labels) for _, labels in mnist.load_set(tmp_path).parts] == [10, 2, 2]


def test_emnist_is_turned_upright_and_its_letters_have_names(tmp_path):
    labels = [1 + k % 26 for k in range(60)]
    for part, n in ("train", 52), ("test", 26):
        write_idx(tmp_path, "emnist-letters-", part, labels[:n])
    data = mnist.load_set(tmp_path)
    assert data.classes == [str(k) for k in range(1, 27)] and data.parts[2][1] == [*range(26)]
    # The second picture's pixels are 6 … 11, stored column by column: 6 7 8 is its first column.
    assert data.parts[2][0][1] == [k / 256 for k in (6, 9, 7, 10, 8, 11)]
    assert any("upright" in note for note in data.notes)
    with open(tmp_path / "emnist-letters-mapping.txt", "w") as file:
        file.write("".join(f"{k} {64 + k} {96 + k}\n" for k in range(1, 27)))
    assert mnist.load_set(tmp_path).classes == list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    with open(tmp_path / "emnist-letters-mapping.txt", "w") as file:
        file.write("<html>")
    with pytest.raises(ValueError, match="emnist-letters-mapping.txt: its lines are not"):
        mnist.load_set(tmp_path)


def test_one_of_several_emnist_sets_is_named_by_how_its_files_begin(tmp_path):
    for name, labels in ("digits", [*range(10)]), ("letters", [*range(1, 27)]):
        for part in "train", "test":
            write_idx(tmp_path, f"emnist-{name}-", part, labels)
    refused(tmp_path, "several sets: emnist-digits, emnist-letters")
    assert len(mnist.load_set(tmp_path / "emnist-letters").classes) == 26
    assert len(mnist.load_set(tmp_path / "emnist-digits").classes) == 10
    with pytest.raises(FileNotFoundError):
        mnist.load_set(tmp_path / "emnist-balanced")


@pytest.mark.parametrize("name, which", [("any", 0), ("any", 1), ("fashion-mnist", 2)])
def test_fashion_mnists_classes_are_called_by_their_names(tmp_path, name, which):
    labels = [*FASHION_LABELS, [*range(10)] * 2][which]
    write_idx(tmp_path / name, "", "train", [*labels, *range(10)])
    write_idx(tmp_path / name, "", "t10k", [*range(10)])
    assert mnist.load_set(tmp_path / name).classes == FASHION


def test_the_real_fashion_mnist_where_it_is_at_hand():
    folder = "/usr/share/datasets/fashion-mnist"
    if not os.path.isdir(folder):
        pytest.skip("Debian's dataset-fashion-mnist is not here")
    data = mnist.load_set(os.path.join(folder, "t10k-images-idx3-ubyte.gz"))
    first = [label for _, labels in data.parts for label in labels][:20]
    assert first == FASHION_LABELS[1] and data.classes == FASHION
    with gzip.open(os.path.join(folder, "train-labels-idx1-ubyte.gz")) as file:
        assert list(file.read()[8:28]) == FASHION_LABELS[0]


# ---- what NumPy writes --------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["keras.npz", "keras-raw.npz", "kuzushiji", "npy", "npy-x",
                                  "medmnist.npz", "fortran"])
def test_numpys_files_give_the_same_numbers(name):
    data = mnist.load_set(os.path.join(DATA, "numpy", name))
    assert everything(data) == (cut(9, 11, 14) if name == "medmnist.npz" else cut(10, 12, 14))
    assert all(type(v) is float for images, _ in data.parts for x in images for v in x)


def test_one_of_a_pair_of_files(tmp_path):
    parts = everything(mnist.load_set(os.path.join(DATA, "numpy", "npy", "train-images.npy")))
    assert [x for images, _ in parts for x in images] == IMAGES[:12]
    parts = everything(mnist.load_set(os.path.join(DATA, "numpy", "kuzushiji",
                                                   "kmnist-train-imgs.npz")))
    assert [y for _, labels in parts for y in labels] == LABELS[:12]


def test_object_arrays_are_refused():
    refused(os.path.join(DATA, "numpy", "objects.npz"), "x_train.npy in it", "Python objects")
    refused(os.path.join(DATA, "numpy", "objects.npy"), "Python objects")


def zipped(tmp_path, members, name="file.npz", **options):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, raw in members.items():
            archive.writestr(member, raw)
    return path


def npy(header, raw=b"", version=b"\1\0"):
    header = header.encode("latin1")
    size = struct.pack("<H" if version == b"\1\0" else "<I", len(header))
    return b"\x93NUMPY" + version + size + header + raw


GOOD = "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 2), }"


@pytest.mark.parametrize("header, raw, words", [
    (GOOD, bytes(7), "ends too early"), (GOOD, bytes(9), "goes on after its end"),
    (GOOD.replace("4", "4000000000"), bytes(8), "max_bytes"),
    (GOOD.replace("(4, 2)", "(4, 2"), bytes(8), "not one that NumPy writes"),
    (GOOD.replace("False", "__import__('os')"), bytes(8), "not one that NumPy writes"),
    (GOOD.replace("|u1", "|O"), bytes(8), "Python objects"),
    (GOOD.replace("|u1", "<c16"), bytes(8), "complex"),
    (GOOD.replace("|u1", "<f2"), bytes(8), "f2"),
    (GOOD.replace("'|u1'", "[('a', '<f8')]"), bytes(8), "records"),
    (GOOD.replace("4, 2", "4, " * 50), bytes(8), "50 dimensions"),
    (GOOD.replace("4, 2", "-4, 2"), bytes(8), "not one that NumPy writes"),
    (GOOD.replace("4, 2", "9" * 50), bytes(8), "not one that NumPy writes"),
    (GOOD + GOOD, bytes(8), "not one that NumPy"),
    (GOOD + " " * 20_000, bytes(8), "not one that NumPy writes"), ("", b"", "not one that NumPy"),
    ("{" + "(" * 9000, b"", "not one that NumPy writes")])
def test_headers_that_lie_are_refused(tmp_path, header, raw, words):
    (tmp_path / "y.npy").write_bytes(npy(GOOD.replace("4, 2", "4,"), bytes([0, 1, 1, 0])))
    path = tmp_path / "x.npy"
    path.write_bytes(npy(header, raw))
    refused(path, words)
    refused(zipped(tmp_path, {"x_train.npy": npy(header, raw)}), words)


@pytest.mark.parametrize("version", [b"\1\0", b"\2\0", b"\3\0"])
def test_headers_of_every_version(tmp_path, version):
    (tmp_path / "y.npy").write_bytes(npy(GOOD.replace("4, 2", "7,"), bytes([0, 1] * 3 + [0])))
    (tmp_path / "x.npy").write_bytes(npy(GOOD.replace("4, ", "7L, "), bytes(range(14)), version))
    assert mnist.load_set(tmp_path / "x.npy").parts[2][0][0] == [12 / 256, 13 / 256]


def test_zip_bombs_are_refused(tmp_path):
    header = GOOD.replace("(4, 2)", f"({200 << 20},)")
    refused(zipped(tmp_path, {"x_train.npy": npy(header, bytes(20 << 20))}), "max_bytes")
    many = {f"x{k}.npy": npy(GOOD.replace("4, 2", f"{4 << 20},"), bytes(4 << 20)) for k in range(6)}
    refused(zipped(tmp_path, many), "max_bytes")
    refused(zipped(tmp_path, {f"{k}.npy": b"" for k in range(1500)}), "more than 1000 files")


@pytest.mark.parametrize("name", ["/etc/x_train.npy", "../../x_train.npy", "C:\\x_train.npy",
                                  "a" * 60_000 + ".npy"], ids=range(4))
def test_names_that_lead_elsewhere_lead_nowhere(tmp_path, name):
    before = sorted(os.listdir(tmp_path))
    refused(zipped(tmp_path, {name: npy(GOOD, bytes(8))}), "file.npz")
    assert sorted(os.listdir(tmp_path)) == [*before, "file.npz"]


def test_a_damaged_zip_is_refused(tmp_path):
    path = zipped(tmp_path, {"x_train.npy": npy(GOOD, bytes(range(8))),
                             "y_train.npy": npy(GOOD.replace("4, 2", "4,"), bytes(4))})
    raw = path.read_bytes()
    for length in range(len(raw) - 1):
        path.write_bytes(raw[:length])
        refused(path)
    for k in range(len(raw)):
        path.write_bytes(raw[:k] + bytes([raw[k] ^ 0x55]) + raw[k + 1:])
        try:
            mnist.load_set(path)
        except ValueError as error:
            assert str(path) in str(error) and len(str(error).splitlines()) == 1


# ---- what other files look like -----------------------------------------------------------------

@pytest.mark.parametrize("raw, words", [
    (b"PAR1" + bytes(40), "a Parquet file"), (b"\x89HDF\r\n\x1a\n" + bytes(40), "HDF5"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "Git LFS pointer"),
    (b"<!DOCTYPE html>\n<html><body>404, not found</body></html>", "a web page"),
    (b"\n  <html lang='en'>", "a web page"), (b"\x89PNG\r\n\x1a\n" + bytes(40), "a picture (PNG)"),
    (b"\xff\xd8\xff\xe0" + bytes(40), "JPEG"), (b"RIFF1234WEBPVP8 ", "WebP"),
    (b"BZh91AY", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"Rar!\x1a\7\0", "RAR"),
    (bytes(257) + b"ustar" + bytes(300), "a tar archive"), (b'{"sizes": [2, 3]}', "JSON"),
    (struct.pack("<Q", 2) + b"{}", "safetensors"), (b"%PDF-1.7\n", "PDF"),
    ("label,a".encode("utf-16"), "UTF-16"), (b"@relation iris\n", "ARFF")])
@pytest.mark.parametrize("packed", [False, True])
def test_what_a_file_looks_like_is_said(tmp_path, raw, words, packed):
    path = tmp_path / "train.csv"
    path.write_bytes(gzip.compress(raw) if packed else raw)
    refused(path, "looks like", words, "are read")


@pytest.mark.parametrize("members, words", [
    (["archive/data.pkl", "archive/data/0"], "PyTorch"), (["model.weights.h5"], "Keras model"),
    (["[Content_Types].xml"], "Excel"), (["mnist_train.csv", "mnist_test.csv"],
                                         "zip file with mnist_train.csv, mnist_test.csv in it")])
def test_other_zip_files(tmp_path, members, words):
    refused(zipped(tmp_path, dict.fromkeys(members, b"x")), words)


def test_tables_in_a_folder(tmp_path):
    for name, order in ("iris_train.csv", "abc"), ("iris_test.csv", "cb"):
        with open(tmp_path / name, "w") as file:
            file.write("x,species\n" + "".join(f"{k},{order[k % len(order)]}\n" for k in range(12)))
    data = mnist.load_set(tmp_path, scale=False)
    assert data.classes == ["a", "b", "c"] and [len(y) for _, y in data.parts] == [10, 2, 12]
    assert data.parts[2][1] == [2, 1] * 6 and data.parts[2][0][:] == [[float(k)] for k in range(12)]
    (tmp_path / "iris_test.csv").write_text("z,species\n1,a\n2,b\n3,a\n")
    refused(tmp_path, "other columns")
    (tmp_path / "iris_test.csv").rename(tmp_path / "more.csv")
    refused(tmp_path, "iris_train.csv, more.csv", "which of them?")


def test_the_only_file_in_a_folder_is_taken(tmp_path):
    shutil.copy(os.path.join(DATA, "numpy", "keras.npz"), tmp_path)
    assert everything(mnist.load_set(tmp_path)) == cut(10, 12, 14)
