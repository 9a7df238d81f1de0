"""The loader: every form of the file that people have gives the same numbers, and nothing that a
file says can make it run code, hang, eat the memory or end in anything but one sentence."""
from __future__ import annotations

import gzip
import importlib.util
import os
import pickle
import random
import struct
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purenn import mnist
from purenn.formats import pickles

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(HERE)
DATA = os.path.join(HERE, "data")
SHARED = os.path.join(ROOT, "..", "shared", "data")
FILES = sorted(name for name in os.listdir(DATA) if ".pkl" in name)
# The formula that tools/make_fixtures.py gives for what is in each of them.
IMAGES = [[(37 * i + 59 * j) % 256 / 256 for j in range(4)] for i in range(14)]
LABELS = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7, 0, 3, 6, 9]


def numbers(sets):
    """What load_data returned, as plain lists."""
    return [(images[:], labels) for images, labels in sets]


def cut(*ends):
    return [(IMAGES[a:b], LABELS[a:b]) for a, b in zip((0,) + ends, ends)]


def tool(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(ROOT, "tools", name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


digits_tool = tool("make_digits")
array_of = digits_tool.pickled_array  # NumPy's instructions for an array, from type, shape, bytes


def refused(path, *words, **options):
    """Assert that the file is refused with one sentence that names it and has these words."""
    with pytest.raises(ValueError) as caught:
        mnist.load_data_wrapper(path, **options)
    sentence = str(caught.value)
    assert str(path) in sentence and len(sentence.splitlines()) == 1, sentence
    assert len(sentence) < len(str(path)) + 200
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert all(word in sentence for word in words), sentence


def saved(tmp_path, raw, name="file.pkl"):
    path = tmp_path / name
    path.write_bytes(raw)
    return path


# The forms of the file.

def test_every_form_is_read_where_bytes_must_not_be_compared_with_text():
    """As `python -bb` has it, with which careful people run their tests."""
    code = ("import sys; from purenn import mnist\n"
            "for path in sys.argv[1:]: mnist.load_data(path)")
    done = subprocess.run([sys.executable, "-bb", "-c", code,
                           *(os.path.join(DATA, name) for name in FILES)],
                          cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", FILES)
def test_every_form_gives_the_same_numbers(name):
    sets = mnist.load_data(os.path.join(DATA, name))
    assert numbers(sets) == cut(9, 11, 14)
    assert all(type(pixel) is float for images, _ in sets for row in images for pixel in row)
    assert all(type(label) is int for _, labels in sets for label in labels)


def test_the_fixtures_cover_what_people_have():
    assert sum(name.startswith("py2.7-np1.16") for name in FILES) >= 10
    for version in "py3.11-np1.26", "py3.11-np2.4":
        protocols = {name[-5] if name.endswith(".pkl") else name[-8] for name in FILES
                     if name.startswith(version + "-f4")}
        assert protocols == set("012345")


@pytest.mark.parametrize("folder", ["idx", "idx-gz"])
def test_idx_folder(folder):
    sets = mnist.load_data(os.path.join(DATA, folder))
    assert numbers(sets) == cut(10, 12, 14)


@pytest.mark.parametrize("folder, name", [("idx", "train-images-idx3-ubyte"),
                                          ("idx-gz", "train-images.idx3-ubyte.gz")])
def test_single_idx_file_is_divided_5_1_1(folder, name):
    # 12 examples: 12 * 5/7 = 8.57 and 12 * 6/7 = 10.3, rounded down.
    assert numbers(mnist.load_data(os.path.join(DATA, folder, name))) == cut(8, 10, 12)


def test_folder_with_one_pair_is_divided_5_1_1(tmp_path):
    for part in "images-idx3", "labels-idx1":
        with open(os.path.join(DATA, "idx", f"train-{part}-ubyte"), "rb") as file:
            saved(tmp_path, gzip.compress(file.read()), f"train-{part}-ubyte.gz")
    assert numbers(mnist.load_data(tmp_path)) == cut(8, 10, 12)


def test_path_may_be_of_any_kind():
    path = os.path.join(DATA, FILES[0])
    for same in os.fsencode(path), type("P", (), {"__fspath__": lambda self: path})():
        assert numbers(mnist.load_data(same)) == cut(9, 11, 14)


def test_gray_levels_become_256ths(tmp_path):
    raw = bytes(range(256))
    pair = array_of("u1", (4, 64), raw) + array_of("u1", (4,), bytes(4)) + b"\x86"
    sets = mnist.load_data(saved(tmp_path, b"\x80\x02" + 3 * pair + b"\x87."))
    assert [pixel for row in sets[2][0] for pixel in row] == [k / 256 for k in range(256)]


def test_lists_with_a_float_in_them_are_taken_as_they_are(tmp_path):
    pair = ([[0, 1], [0.1, -3]], [0, 1])
    sets = mnist.load_data(saved(tmp_path, pickle.dumps([pair] * 3, 2)))
    assert numbers(sets) == [([[0.0, 1.0], [0.1, -3.0]], [0, 1])] * 3


@pytest.mark.parametrize("zipped", [False, True])
def test_arrays_larger_than_a_piece(tmp_path, zipped):
    """2.5 MB, more than what is read at once, in a pattern that no seam could keep."""
    raw = bytes(k % 251 for k in range(2_500_000))
    images, labels = array_of("u1", (5, 500_000), raw), array_of("u1", (5,), bytes(5))
    raw_file = b"\x80\x02" + images + b"q\0" + labels + b"\x86" + 2 * (
        b"h\0" + labels + b"\x86") + b"\x87."
    path = saved(tmp_path, gzip.compress(raw_file, 1) if zipped else raw_file)
    row = mnist.load_data(path)[1][0][4]
    assert row == [k % 251 / 256 for k in range(2_000_000, 2_500_000)]


def test_float32_is_not_rounded_again(tmp_path):
    raw = struct.pack("<2f", 0.1, 3e38 / 4)
    pair = array_of("f4", (1, 2), raw) + array_of("i1", (1,), b"\0") + b"\x86"
    sets = mnist.load_data(saved(tmp_path, b"\x80\x02" + 3 * pair + b"\x87."))
    assert sets[0][0][0] == list(struct.unpack("<2f", raw))
    assert sets[0][0][0][0] == 0.10000000149011612  # the float32 next to 0.1, exactly


def test_python_2s_strings_cannot_raise_unicode_errors(tmp_path):
    raw = struct.pack("<2f", 0.56640625, 0.56640625)  # its bytes have 0x90 and more in them
    raw = bytes([0x90]) + raw[1:]
    path = saved(tmp_path, (b"\x80\x02" + 3 * (array_of("f4", (1, 2), raw) + array_of(
        "i8", (1,), bytes(8)) + b"\x86") + b"\x87."))
    with pytest.raises(UnicodeDecodeError):
        pickle.loads(b"\x80\x02" + digits_tool.string(raw) + b".")
    assert mnist.load_data(path)[0][0][0] == list(struct.unpack("<2f", raw))


# What is returned.

def test_images_are_a_sequence_of_new_lists():
    images = mnist.load_data(os.path.join(DATA, FILES[-1]))[0][0]
    assert len(images) == 9 and images.width == 4
    assert images[0] == IMAGES[0] and images[-1] == IMAGES[8] and images[-9] == IMAGES[0]
    assert images[2:7:2] == IMAGES[2:7:2] and images[::-1] == IMAGES[8::-1]
    assert list(images) == IMAGES[:9] and IMAGES[4] in images
    assert images[3] is not images[3]
    for beyond in 9, -10:
        with pytest.raises(IndexError):
            images[beyond]


def test_parts_of_a_divided_set_end_where_they_should():
    validation = mnist.load_data(os.path.join(DATA, "idx"))[1][0]
    assert len(validation) == 2 and validation[-1] == IMAGES[11]
    with pytest.raises(IndexError):
        validation[2]
    with pytest.raises(IndexError):
        validation[-3]


def test_wrapper_gives_three_lists_of_pairs():
    data = mnist.load_data_wrapper(os.path.join(DATA, FILES[0]))
    assert [type(part) for part in data] == [list] * 3
    assert [len(part) for part in data] == [9, 2, 3]
    one_hot = [[int(j == label) for j in range(10)] for label in LABELS]
    assert [(x, y) for x, y in data[0]] == list(zip(IMAGES[:9], one_hot[:9]))
    assert [(x, y) for x, y in data[1]] == list(zip(IMAGES[9:11], LABELS[9:11]))
    assert [(x, y) for x, y in data[2]] == list(zip(IMAGES[11:], LABELS[11:]))


def test_an_example_behaves_like_a_pair():
    example = mnist.load_data_wrapper(os.path.join(DATA, FILES[0]))[1][1]
    assert (example.x, example.y) == (example[0], example[1]) == (IMAGES[10], 0)
    assert (example[-2], example[-1]) == tuple(example) == (IMAGES[10], 0)
    assert len(example) == 2 and not hasattr(example, "__dict__")
    with pytest.raises(IndexError):
        example[2]


def test_lists_can_be_shuffled():
    training = mnist.load_data_wrapper(os.path.join(DATA, FILES[0]))[0]
    random.Random(1).shuffle(training)
    assert sorted(x for x, _ in training) == sorted(IMAGES[:9])
    assert all(y[LABELS[IMAGES.index(x)]] == 1 for x, y in training)


def test_one_hot_vectors_are_not_shared():
    training = mnist.load_data_wrapper(mnist.SMALL)[0]
    training[0].y[0] = 99
    assert not any(y[0] == 99 for _, y in training[1:])


# Hostile files: none may run anything.

def calls(module, name, *arguments):
    """A pickle that calls module.name(*arguments), the classic attack."""
    return (b"\x80\x02c" + f"{module}\n{name}\n".encode()
            + pickle.dumps(arguments, 2)[2:-1] + b"R.")


MARKER = "touched-by-a-pickle"


@pytest.mark.parametrize("module, name", [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "getoutput"),
    ("builtins", "eval"), ("__builtin__", "eval"), ("builtins", "exec"), ("builtins", "open"),
    ("builtins", "getattr"), ("__builtin__", "getattr"), ("operator", "attrgetter"),
    ("functools", "partial"), ("importlib", "import_module"), ("copyreg", "_reconstructor"),
    ("copy_reg", "_reconstructor"), ("copyreg", "add_extension"), ("codecs", "encode"),
    ("_codecs", "decode"), ("_codecs", "lookup"), ("numpy", "load"), ("numpy", "fromfile"),
    ("numpy", "_reconstruct.__globals__"), ("numpy.core.multiarray", "fromfile"),
    ("numpy._core.multiarray", "_reconstruct.__class__"), ("numpy.testing", "runstring"),
    ("numpy.core.multiarray.os", "system"), ("purenn.mnist", "load_data"), ("", "dtype"),
    ("os\nsystem", "x"), ("a" * 10_000, "b" * 10_000)])
def test_other_names_are_refused(tmp_path, monkeypatch, module, name):
    monkeypatch.chdir(tmp_path)
    marker = tmp_path / MARKER
    raw = calls(module, name, f"echo > {marker}")
    refused(saved(tmp_path, raw), "asks for", "which no array needs")
    text = [pickle.dumps(part, 4)[11:-2] for part in (module, name)]
    raw = b"\x80\x04" + b"".join(text) + b"\x93" + pickle.dumps((MARKER,), 2)[2:-1] + b"R."
    refused(saved(tmp_path, raw), "asks for")
    assert not marker.exists()


def test_the_attack_would_have_worked(tmp_path):
    raw = calls("builtins", "open", str(tmp_path / MARKER), "w")
    pickle.loads(raw).close()
    assert (tmp_path / MARKER).exists()


@pytest.mark.parametrize("raw", [
    b"\x80\x02\x82\x01.", b"\x80\x02\x83\x01\x00.", b"\x80\x02\x84\x01\x00\x00\x00.",
    b"Psomething\n.", b"K\x01Q.", b"(ios\nsystem\n.", b"(cos\nsystem\nS'true'\no.",
    b"\x80\x02cos\nsystem\n)\x81.", b"\x80\x04\x97.", b"\x80\x04\x98.", b"(d.", b"}.", b"\x8f.",
    b"(\x91.", b"}K\x01K\x02s."],
    ids="ext1 ext2 ext4 persid binpersid inst obj newobj nextbuffer readonlybuffer dict emptydict "
        "set frozenset setitem".split())
def test_instructions_that_data_has_no_use_for_are_refused(tmp_path, raw):
    refused(saved(tmp_path, raw))


def test_extension_registry_is_not_asked(tmp_path):
    import copyreg
    copyreg.add_extension("os", "system", 0x7777)
    try:
        raw = b"\x80\x02\x83\x77\x77(X\4\0\0\0truetR."
        refused(saved(tmp_path, raw), "instruction")
    finally:
        copyreg.remove_extension("os", "system", 0x7777)


RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"
FROMBUFFER = b"cnumpy.core.numeric\n_frombuffer\n"
SCALAR = b"cnumpy.core.multiarray\nscalar\n"
ENCODE = b"c_codecs\nencode\n"
DTYPE = array_of("f4", (1,), bytes(4)).split(b"cnumpy\ndtype\n")[1]
DTYPE = b"cnumpy\ndtype\n" + DTYPE[:DTYPE.index(b"b") + 1]  # that of a finished float32


def plain(thing):
    return pickle.dumps(thing, 2)[2:-1]


@pytest.mark.parametrize("raw", [
    RECONSTRUCT + b".", RECONSTRUCT + b")R.", RECONSTRUCT + b")R)b.", RECONSTRUCT + b")RNb.",
    RECONSTRUCT + b")R" + plain((1, 2, 3, 4, 5)) + b"b.",
    RECONSTRUCT + b")R" + plain((1, (2, 2), "f4", False, b"abcd")) + b"b.",
    RECONSTRUCT + b")R" + plain(list(range(10_000))) + b"b.",
    RECONSTRUCT + plain((list, ())[1]) + b"Rb.", RECONSTRUCT + RECONSTRUCT + b"b.",
    b"cnumpy\nndarray\n(K\1K\2K\3K\4K\5K\6tR.", b"cnumpy\nndarray\n" + plain((1,)) + b"b.",
    b"cnumpy\ndtype\n)R.", b"cnumpy\ndtype\n" + plain((5,)) + b"R.",
    b"cnumpy\ndtype\n" + plain(([],)) + b"R.", b"cnumpy\ndtype\n" + plain(("O8", 0, 1)) + b"R.",
    b"cnumpy\ndtype\n" + plain(("V8", 0, 1)) + b"R.",
    b"cnumpy\ndtype\n" + plain(("f4\n" * 1000,)) + b"R.",
    b"cnumpy\ndtype\n" + plain(("f4",)) + b"R)b.", b"cnumpy\ndtype\n" + plain(("f4",)) + b"RNb.",
    b"cnumpy\ndtype\n" + plain(("f4",)) + b"R" + plain({}) + b"b.",
    SCALAR + b")R.", SCALAR + b"(NNtR.", SCALAR + b"(" + DTYPE + plain(b"")[:0] + b"NtR.",
    SCALAR + b"(" + DTYPE + b"U\3abctR.", FROMBUFFER + b")R.", FROMBUFFER + b"(NNNNtR.",
    FROMBUFFER + b"(U\4abcd" + DTYPE + b"K\1U\1CtR.",
    FROMBUFFER + b"(U\4abcd" + DTYPE + b"K\1\x85X\1\0\0\0KtR.",
    FROMBUFFER + b"(]" + DTYPE + b"K\0\x85X\1\0\0\0CtR.",
    ENCODE + b")R.", ENCODE + plain((5, 6)) + b"R.", ENCODE + b"(X\1\0\0\0aX\5\0\0\0rot13tR.",
    ENCODE + b"(X\1\0\0\0aX\3\0\0\0hextR.", ENCODE + b"(X\2\0\0\0\xc4\x80X\6\0\0\0latin1tR.",
    ENCODE + b"(X\1\0\0\0aX\6\0\0\0latin1X\6\0\0\0ignoretR.", ENCODE + b"Nb.",
    ENCODE + plain(([], [])) + b"b.", b"]" + plain((5, 6)) + b"b.", b"K\5)R.", b"N)R.", b".", b"",
    b"R.", b"b.", b"h\0.", b"g\n.", b"0.", b"t.", b"a.", b"e.", b"(e.", b"\x80\xff.", b"I\n.",
    b"Ix\n.", b"L1e5\n.", b"F\n.", b"Fx\n.", b"S\n.", b"Sx\n.", b"S'\\x'\n.", b"V\\ud\n.",
    b"X\2\0\0\0\xff\xff.", b"\x95\xff\xff\xff\xff\xff\xff\xff\xff.", b"\x93.", b"))\x93.",
    b"c\n\n.", b"c\xff\n\xff\n.", b"p-1\n.", b"Np-1\n.", b"I" + b"9" * 5000 + b"\n."])
def test_absurd_pickles_are_refused(tmp_path, raw):
    refused(saved(tmp_path, b"\x80\x02" + raw))
    refused(saved(tmp_path, gzip.compress(raw), "file.pkl.gz"))


ABSURD = [1, [], (), None, True, 1.5, b"x", "x", [[], [], []], ((1, 2),) * 3, [([], [])] * 3,
          [("abc", "abc")] * 3, [(b"abc", b"abc")] * 3, [([[]], [1])] * 3, [([1], [1])] * 3,
          [([None], [1])] * 3, [([[None]], [1])] * 3, [([["x"]], [1])] * 3,
          [([[[0.5]]], [1])] * 3, [([[10 ** 400, 0.5]], [1])] * 3, [([[256]], [1])] * 3,
          [([[-1]], [1])] * 3, [([[0.5], [0.5, 0.5]], [1, 2])] * 3, [([[0.5]], [1], 5)] * 3,
          [([[0.5]], [1])] * 2, [([[0.5]], [1])] * 4, [([[0.5]], [10 ** 4000])] * 3]


@pytest.mark.parametrize("thing", ABSURD, ids=range(len(ABSURD)))
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_pickles_of_other_things_are_refused(tmp_path, thing, protocol):
    refused(saved(tmp_path, pickle.dumps(thing, protocol)))


def three(images=array_of("f4", (2, 2), struct.pack("<4f", 0, 0.5, 0.25, 1)),
          labels=array_of("i8", (2,), struct.pack("<2q", 1, 0)), which=0):
    """A pickle of three pairs, good ones but for what is given for one of them."""
    pairs = [three.__defaults__[0] + three.__defaults__[1] + b"\x86"] * 3
    pairs[which] = images + labels + b"\x86"
    return b"\x80\x02" + b"".join(pairs) + b"\x87."


def test_the_pickle_that_the_next_ones_spoil_is_good(tmp_path):
    assert numbers(mnist.load_data(saved(tmp_path, three()))) == [
        ([[0.0, 0.5], [0.25, 1.0]], [1, 0])] * 3


@pytest.mark.parametrize("which, name", list(enumerate(["training", "evaluation", "test"])))
@pytest.mark.parametrize("spoilt, words", [
    (dict(images=array_of("f4", (2, 2), struct.pack("<4f", 0, 0, float("nan"), 0))), "NaN"),
    (dict(images=array_of("f4", (2, 2), struct.pack("<4f", 0, 0, 0, float("inf")))), "infinite"),
    (dict(images=array_of("f4", (2, 2), struct.pack("<4f", -float("inf"), 0, 0, 0))), "infinite"),
    (dict(images=array_of("f4", (2, 2), b"\0\0\xc0\xff" + bytes(12))), "NaN"),
    (dict(images=array_of("f8", (2, 2), struct.pack("<4d", 0, 0, 0, float("nan")))), "NaN"),
    (dict(images=array_of("f8", (2, 2), struct.pack("<4d", -float("inf"), 0, 0, 0))), "infinite"),
    (dict(images=array_of("f4", (2, 2), struct.pack(">4f", 0, 0, float("nan"), 0)).replace(
        b"T\1\0\0\0<", b"T\1\0\0\0>")), "NaN"),
    (dict(images=plain([[0.5, float("nan")], [1.0, 1.0]])), "NaN"),
    (dict(images=plain([[0.5, -float("inf")], [1.0, 1.0]])), "infinite"),
    (dict(images=array_of("i8", (2, 2), bytes(32))), "images are not rows of float32"),
    (dict(images=array_of("f4", (2,), bytes(8))), "images are not rows of float32"),
    (dict(images=array_of("f4", (2, 0), b"")), "images are not rows of float32"),
    (dict(images=array_of("f4", (0, 2), b"")), "0 images and 2 labels"),
    (dict(images=array_of("f4", (3, 2), bytes(24))), "3 images and 2 labels"),
    (dict(labels=array_of("i8", (0,), b"")), "2 images and 0 labels"),
    (dict(images=array_of("f4", (0, 2), b""), labels=plain([])), "0 images and 0 labels"),
    (dict(labels=array_of("f4", (2,), struct.pack("<2f", 1, 2))), "labels that are not"),
    (dict(labels=plain([1, 2.0])), "labels that are not"),
    (dict(labels=plain([1, True])), "labels that are not"),
    (dict(labels=plain([1, [2]])), "labels that are not"),
    (dict(labels=plain(5)), "set is not a pair"), (dict(images=plain(5)), "set is not a pair"),
    (dict(images=RECONSTRUCT + b")R"), "0 images"), (dict(labels=RECONSTRUCT + b")R"), "0 labels"),
    (dict(images=RECONSTRUCT), "set is not a pair"),
    (dict(images=b"](" + 2 * (RECONSTRUCT + b")R") + b"e"), "images are not rows"),
    (dict(images=plain([[0.5, 2], [1.0, "x"]])), "neither floats nor 0..255"),
    (dict(images=plain([[0, 256], [1, 2]])), "neither floats nor 0..255"),
    (dict(images=plain([[0.5], [1.0, 2.0]])), "all of one length")])
def test_sets_that_make_no_sense_are_refused(tmp_path, spoilt, words, which, name):
    refused(saved(tmp_path, three(**spoilt, which=which)), f"its {name} ", words)


@pytest.mark.parametrize("shape, raw, words", [
    ((2, 3), bytes(16), "disagrees"), ((2, 2), bytes(15), "disagrees"),
    ((2**31 - 1,) * 2, bytes(16), "disagrees"), ((2**31 - 1,) * 3, bytes(16), "disagrees"),
    ((-1, 2), bytes(16), "no sense"), ((-2, -2), bytes(16), "no sense"),
    ((2, 2, 1, 1, 1), bytes(16), "no sense"), ((1,) * 10_000, bytes(4), "no sense")])
def test_shapes_that_lie_are_refused(tmp_path, shape, raw, words):
    refused(saved(tmp_path, three(images=array_of("f4", shape, raw))), "an array whose", words)


@pytest.mark.parametrize("labels, words", [
    ((2, 3), "its labels go from 2 to 3"), ((-1, 0), "its labels go from -1 to 0"),
    ((0, 2), "no example has the label 1"), ((1, 4), "no example has labels such as 2"),
    ((0, 1000), "with k at most 1,000"), ((1, 1001), "with k at most 1,000"),
    ((0, 2 ** 62), "with k at most 1,000")])
def test_labels_are_0_to_k_minus_1_or_1_to_k(tmp_path, labels, words):
    raw = three().replace(struct.pack("<2q", 1, 0), struct.pack("<2q", *labels))
    refused(saved(tmp_path, raw), words)


def test_labels_from_1_on_are_counted_from_0(tmp_path):
    raw = three().replace(struct.pack("<2q", 1, 0), struct.pack("<2q", 2, 1))
    data = mnist.load_set(saved(tmp_path, raw))
    assert [labels for _, labels in data.parts] == [[1, 0]] * 3 and data.classes == ["1", "2"]
    assert [y for _, y in mnist.load_data_wrapper(saved(tmp_path, raw))[0]] == [[0, 1], [1, 0]]


def test_object_arrays_are_refused(tmp_path):
    raw = array_of("f4", (2,), bytes(8)).replace(b"T\2\0\0\0f4", b"T\2\0\0\0O8")
    refused(saved(tmp_path, three(images=raw)), "other than floats and ints")


def test_sets_of_different_sizes_are_refused(tmp_path):
    raw = three(images=array_of("f4", (2, 3), bytes(24)), which=2)
    refused(saved(tmp_path, raw), "different sizes")


# Files that would take all memory, or forever.

@pytest.mark.parametrize("raw", [
    b"T\xff\xff\xff\x7f", b"X\xff\xff\xff\xff", b"B\xff\xff\xff\xff",
    b"\x8d" + b"\xff" * 7 + b"\x7f", b"\x8e" + b"\xff" * 7 + b"\x7f",
    b"\x96" + b"\xff" * 7 + b"\x7f", b"\x8e" + struct.pack("<Q", 1 << 40),
    b"\x96" + struct.pack("<Q", 1 << 40), b"\x8e" + struct.pack("<Q", (1 << 30) + 1)])
def test_lengths_beyond_the_limit_are_refused_unread(tmp_path, raw):
    refused(saved(tmp_path, b"\x80\x05" + raw + b"abc."), "max_bytes")


@pytest.mark.parametrize("raw", [b"\x8e" + struct.pack("<Q", 1 << 29),
                                 b"\x96" + struct.pack("<Q", 1 << 29), b"T\xff\xff\xff\x3b"])
def test_claimed_lengths_take_no_memory(tmp_path, raw):
    refused(saved(tmp_path, b"\x80\x05" + raw + b"abc."), "ends too early")


@pytest.mark.parametrize("raw", [
    b"Nr\xff\xff\xff\xff.",  # the unpickler in C takes 64 GB for this
    b"Np4294967295\n.", b"Np" + b"9" * 4000 + b"\n."])
def test_memo_bombs_are_refused(tmp_path, raw):
    refused(saved(tmp_path, raw))


def test_keys_that_take_forever_to_hash_are_refused(tmp_path):
    doubled = b")\x94" + b"".join(b"h" + bytes([k]) + b"h" + bytes([k]) + b"\x86\x94"
                                  for k in range(200))  # a tuple with 2^200 leaves
    for raw in b"}" + doubled + b"Ns.", b"\x8f(" + doubled + b"\x90.", doubled + b".":
        refused(saved(tmp_path, b"\x80\x04" + raw))


@pytest.mark.parametrize("raw", [
    b"(" * 100_000 + b"t" * 100_000 + b".", b"]" * 100_000 + b"a" * 99_999 + b".",
    b")" + b"\x85" * 100_000 + b".", b"(" * 100_000, b"(" * 100_000 + b"."])
def test_deep_nesting_is_refused(tmp_path, raw):
    refused(saved(tmp_path, raw))


def test_rows_that_are_one_big_row_many_times_are_refused(tmp_path):
    row = b"](" + b"K\1" * 10_000 + b"e"
    many = b"](" + row + b"q\1" + b"h\1" * 9_999 + b"e"
    labels = b"](" + b"K\1" * 10_000 + b"e"
    refused(saved(tmp_path, three(images=many, labels=labels)), "max_bytes", max_bytes=10_000_000)


def test_text_that_is_encoded_again_and_again_counts_each_time(tmp_path):
    raw = (b"\x80\x02" + ENCODE + b"q\0(X" + struct.pack("<i", 1 << 20) + b"a" * (1 << 20)
           + b"X\6\0\0\0latin1tq\1R" + b"h\0h\1R" * 100 + b".")
    refused(saved(tmp_path, raw), "max_bytes", max_bytes=1 << 25)


def test_gzip_bombs_are_refused(tmp_path):
    bombs = [b"]", b"(", b"N", b"K\1", b"X\0\0\0\0", b"\n"]
    for raw in bombs:  # 8 MB each, packed into 8 kB
        path = saved(tmp_path, gzip.compress(raw * (8_000_000 // len(raw))), "bomb.pkl.gz")
        refused(path, max_bytes=1 << 20)
    header = struct.pack(">4B3I", 0, 0, 8, 3, 16_000, 10, 100)
    path = saved(tmp_path, gzip.compress(header + bytes(16_000_000)), "t10k-images-idx3-ubyte.gz")
    refused(path, "max_bytes", max_bytes=1 << 22)
    line = saved(tmp_path, gzip.compress(b"V" + b"a" * 16_000_000), "line.pkl.gz")
    refused(line, "max_bytes", max_bytes=1 << 22)


def test_refused_files_take_little_more_than_the_limit(tmp_path):
    tracemalloc = pytest.importorskip("tracemalloc")  # which PyPy has not
    limit = 1 << 20
    bombs = [b"]", b"N", b"]\x94", b"K\1\x85", b"X\0\0\0\0", b"("]
    files = [b"\x80\x04" + bomb * (8_000_000 // len(bomb)) for bomb in bombs]
    files += [b"V" + b"a" * 8_000_000, b"\x96" + struct.pack("<Q", 1 << 19)]
    for raw in files:
        path = saved(tmp_path, gzip.compress(raw, 1))
        tracemalloc.start()
        try:
            refused(path, max_bytes=limit)
            assert tracemalloc.get_traced_memory()[1] < 6 * limit
        finally:
            tracemalloc.stop()


def test_the_limit_can_be_raised(tmp_path):
    path = os.path.join(DATA, "list-floats-protocol4.pkl")
    refused(path, "more than 5000 bytes", "max_bytes", max_bytes=5_000)
    assert numbers(mnist.load_data(path, max_bytes=50_000)) == cut(9, 11, 14)
    assert len(mnist.load_data_wrapper(path, max_bytes=50_000)[0]) == 9
    assert mnist.MAX_BYTES == 2**30


def test_examples_of_one_pixel_count_for_what_they_take(tmp_path):
    pair = array_of("u1", (1000, 1), bytes(1000)) + array_of("u1", (1000,), bytes(1000)) + b"\x86"
    path = saved(tmp_path, b"\x80\x02" + 3 * pair + b"\x87.")
    refused(path, "max_bytes", max_bytes=200_000)
    assert len(mnist.load_data(path, max_bytes=300_000)[0][0]) == 1000


# IDX files that lie.

def idx(tmp_path, images, labels=struct.pack(">4BI", 0, 0, 8, 1, 7) + bytes(7)):
    saved(tmp_path, labels, "t10k-labels-idx1-ubyte")
    return saved(tmp_path, images, "t10k-images-idx3-ubyte")


GOOD = struct.pack(">4B3I", 0, 0, 8, 3, 7, 1, 1) + bytes(range(7))


def test_seven_images_are_enough(tmp_path):
    assert [images[:] for images, _ in mnist.load_data(idx(tmp_path, GOOD))] == [
        [[k / 256] for k in range(5)], [[5 / 256]], [[6 / 256]]]


@pytest.mark.parametrize("images, words", [
    (struct.pack(">4B3I", 0, 0, 8, 3, 8, 1, 1) + bytes(7), "ends too early"),
    (struct.pack(">4B3I", 0, 0, 8, 3, 6, 1, 1) + bytes(7), "goes on after its end"),
    (struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 28, 28) + bytes(7), "max_bytes"),
    (struct.pack(">4B3I", 0, 0, 8, 3, *[2**32 - 1] * 3) + bytes(7), "max_bytes"),
    (struct.pack(">4B3I", 0, 0, 8, 3, 0, 28, 28), "0 images"),
    (struct.pack(">4B3I", 0, 0, 8, 3, 7, 0, 28), "images are not rows"),
    (struct.pack(">4BI", 0, 0, 8, 1, 7) + bytes(7), "images are not rows"),
    (struct.pack(">4B255I", 0, 0, 8, 255, *[1] * 255) + bytes(1), "no sense"),
    (struct.pack(">4B", 0, 0, 8, 0) + bytes(1), "no sense"),
    (struct.pack(">4B3I", 0, 0, 13, 3, 7, 1, 1) + bytes(28), "not a pickle"),
    (b"\0\0\x08", "ends too early"), (b"\0\0", "not a pickle"), (b"", "it is empty")])
def test_idx_headers_that_lie_are_refused(tmp_path, images, words):
    refused(idx(tmp_path, images), words)


def test_idx_labels_are_checked(tmp_path):
    head = struct.pack(">4BI", 0, 0, 8, 1, 7)
    refused(idx(tmp_path, GOOD, head + b"\0\1\2\3\4\5\x0a"), "its labels have gaps", "0 to 10",
            "such as 6")
    refused(idx(tmp_path, GOOD, struct.pack(">4BI", 0, 0, 8, 1, 8) + bytes(8)), "7 images and 8")
    path = idx(tmp_path, GOOD, head + bytes(6))
    with pytest.raises(ValueError, match="t10k-labels-idx1-ubyte: it ends too early"):
        mnist.load_data(path)
    os.remove(tmp_path / "t10k-labels-idx1-ubyte")
    refused(path, "t10k-labels-idx1-ubyte.gz, are not beside it")
    refused(saved(tmp_path, GOOD, "digits.bin"), "are not beside it")


def test_too_few_examples_to_divide_are_refused(tmp_path):
    three = struct.pack(">4B3I", 0, 0, 8, 3, 3, 1, 1) + bytes(3)
    path = idx(tmp_path, three, struct.pack(">4BI", 0, 0, 8, 1, 3) + bytes(3))
    refused(path, "too few")


def test_folder_without_idx_files_is_refused(tmp_path):
    refused(tmp_path, "there is no train-images-idx3-ubyte")


def test_missing_file_is_an_os_error_that_names_it(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        mnist.load_data(tmp_path / "absent.pkl.gz")
    assert "absent.pkl.gz" in str(caught.value)


# Damage.

def every_file():
    return FILES + [os.path.join(folder, name) for folder in ("idx", "idx-gz")
                    for name in sorted(os.listdir(os.path.join(DATA, folder))) if "images" in name]


@pytest.mark.parametrize("name", every_file())
def test_every_truncation_is_refused(tmp_path, name):
    path, raw = damaged_copy(tmp_path, name)
    for length in reversed(range(len(raw))):
        os.truncate(path, length)
        with pytest.raises(ValueError) as caught:
            mnist.load_data(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def damaged_copy(folder, name):
    """A copy of a fixture, with its labels beside it if it is of IDX images."""
    source = os.path.join(DATA, name)
    beside = source.replace("images", "labels").replace("idx3", "idx1")
    for part in {source, beside}:
        with open(part, "rb") as file:
            raw = file.read()
        with open(os.path.join(folder, os.path.basename(part)), "wb") as file:
            file.write(raw)
    with open(source, "rb") as file:
        return os.path.join(folder, os.path.basename(source)), file.read()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


def loads_or_is_refused(path):
    """Each damaged file gives numbers that keep the promises, or a sentence that names it."""
    try:
        sets = mnist.load_data(path, max_bytes=1 << 24)
    except ValueError as error:
        assert str(path) in str(error) and len(str(error).splitlines()) == 1
        return
    assert len(sets) == 3
    for images, labels in sets:
        assert len(images) == len(labels) > 0 and set(labels) <= set(range(10))
        assert all(type(k) is float and abs(k) < float("inf") for row in images for k in row)


@pytest.mark.filterwarnings("ignore:invalid escape")  # from the unpickler
@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(every_file()), data=st.data())
def test_flipped_bits_do_no_harm(folder, name, data):
    path, raw = damaged_copy(folder, name)
    damaged = bytearray(raw)
    places = st.integers(0, 8 * len(raw) - 1)
    for bit in data.draw(st.lists(places, min_size=1, max_size=3)):
        damaged[bit // 8] ^= 1 << bit % 8
    with open(path, "wb") as file:
        file.write(damaged)
    loads_or_is_refused(path)


INSTRUCTIONS = [bytes([code]) for code in pickles._Unpickler.dispatch]
PIECES = [RECONSTRUCT, FROMBUFFER, SCALAR, ENCODE, DTYPE, b"cnumpy\nndarray\n", b"cnumpy\ndtype\n",
          b"I5\n", b"L5L\n", b"K\5", b"U\1C", b"X\1\0\0\0C", b"(", b"t", b"R", b"b", b"\x85",
          b"\x86", b"\x87", b"]", b"e", b"a", b"N", b"h\0", b"q\0", b"\x94", b"h\1", three()[2:-1],
          array_of("f4", (1,), bytes(4))]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.sampled_from(INSTRUCTIONS) | st.binary(max_size=9)))
def test_random_programs_do_no_harm(folder, pieces):
    path = os.path.join(folder, "random.pkl")
    with open(path, "wb") as file:
        file.write(b"".join(pieces) + b".")
    loads_or_is_refused(path)


def test_wrong_checksum_is_refused(tmp_path):
    raw = bytearray(gzip.compress(three()))
    raw[-8] ^= 1
    refused(saved(tmp_path, raw), "gzip packing is damaged")


def test_each_kind_of_damage_is_called_by_its_name(tmp_path):
    refused(saved(tmp_path, gzip.compress(three())[:10] + b"\7damaged"), "gzip packing")
    with open(mnist.SMALL, "rb") as file:
        raw = bytearray(file.read())
    raw[30_000:30_200] = b"\xff" * 200
    refused(saved(tmp_path, raw), "gzip packing")
    refused(saved(tmp_path, b"I5"), "ends too early")
    refused(saved(tmp_path, three()[:-30]), "ends too early")
    refused(saved(tmp_path, gzip.compress(three())[:-30]), "ends too early")
    refused(saved(tmp_path, b"\x80\2" + ENCODE + b"(X\1\0\0\0aX\5\0\0\0rot13tR."), "conversion")
    refused(saved(tmp_path, b"some text"), "not a pickle")


def test_bytes_after_the_end_are_refused(tmp_path):
    refused(saved(tmp_path, three() + b"x"), "goes on after its end")


# The bundled digits.

def test_bundled_digits():
    sets = mnist.load_data(mnist.SMALL)
    assert [len(labels) for _, labels in sets] == [1257, 180, 360]
    assert [images.width for images, _ in sets] == [64] * 3
    # As counted by scikit-learn's users: 178 zeros, 182 ones, 177 twos ...
    labels = [label for _, part in sets for label in part]
    assert [labels.count(k) for k in range(10)] == [178, 182, 177, 183, 181, 182, 181, 179, 174,
                                                    180]
    assert {pixel for images, _ in sets for row in images for pixel in row} == {
        k / 16 for k in range(17)}


def test_bundled_digits_have_the_rows_of_the_csv():
    """The first two and the last row of digits.csv, found where the shuffle has put them."""
    csv = {0: "0,0,5,13,9,1,0,0,0,0,13,15,10,15,5,0,0,3,15,2,0,11,8,0,0,4,12,0,0,8,8,0,0,5,8,0,0,9,"
              "8,0,0,4,11,0,1,12,7,0,0,2,14,5,10,12,0,0,0,0,6,13,10,0,0,0,0",
           1: "0,0,0,12,13,5,0,0,0,0,0,11,16,9,0,0,0,0,3,15,16,6,0,0,0,7,15,16,16,2,0,0,0,0,1,16,16"
              ",3,0,0,0,0,1,16,16,6,0,0,0,0,1,16,16,6,0,0,0,0,0,11,16,10,0,0,1",
           1796: "0,0,10,14,8,1,0,0,0,2,16,14,6,1,0,0,0,0,15,15,8,15,0,0,0,0,5,16,16,10,0,0,0"
                 ",0,12,15,15,12,0,0,0,4,16,6,4,16,6,0,0,8,16,10,8,16,8,0,0,1,8,12,14,12,1,0,8"}
    order = list(range(1797))
    random.Random(0).shuffle(order)
    sets = mnist.load_data(mnist.SMALL)
    examples = [pair for images, labels in sets for pair in zip(images, labels)]
    for row, line in csv.items():
        *pixels, label = map(int, line.split(","))
        assert examples[order.index(row)] == ([k / 16 for k in pixels], label)


def test_make_digits_rebuilds_the_pickle_from_the_csvs_numbers():
    rows = [None] * 1797
    order = list(range(1797))
    random.Random(0).shuffle(order)
    sets = mnist.load_data(mnist.SMALL)
    examples = [pair for images, labels in sets for pair in zip(images, labels)]
    for row, (pixels, label) in zip(order, examples):
        rows[row] = [int(16 * pixel) for pixel in pixels] + [label]
    with gzip.open(mnist.SMALL) as file:
        assert file.read() == digits_tool.pickled(rows)


def test_make_digits_from_the_csv(tmp_path, monkeypatch, capsys):
    csv = os.environ.get("PURENN_DIGITS_CSV", os.path.join(SHARED, "digits.csv.gz"))
    if not os.path.exists(csv):
        pytest.skip("scikit-learn's digits.csv.gz is not here; PURENN_DIGITS_CSV may name it")
    monkeypatch.setattr(sys, "argv", ["make_digits.py", csv, "--out", str(tmp_path / "digits")])
    digits_tool.main()
    assert "(as published)" in capsys.readouterr().out
    with gzip.open(mnist.SMALL) as bundled, gzip.open(tmp_path / "digits") as rebuilt:
        assert bundled.read() == rebuilt.read()


@pytest.mark.parametrize("raw", [b"", b"abc", gzip.compress(b"1,2,3\n"), gzip.compress(b"x\n"),
                                 gzip.compress(b"1,2,3\n")[:-3]],
                         ids=["nothing", "no gzip", "one row", "no numbers", "cut off"])
def test_make_digits_says_what_is_wrong(tmp_path, monkeypatch, capsys, raw):
    path = saved(tmp_path, raw, "digits.csv.gz")
    monkeypatch.setattr(sys, "argv", ["make_digits.py", str(path), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as caught:
        digits_tool.main()
    assert caught.value.code == 2 and "digits.csv.gz" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# The real thing, where it is at hand.

@pytest.fixture(scope="module")
def real():
    path = os.path.join(SHARED, "mnist.pkl.gz")
    if not os.path.exists(path):
        pytest.skip("mnist.pkl.gz is not here")
    return mnist.load_data(path)


def test_real_mnist(real):
    assert [len(labels) for _, labels in real] == [50_000, 10_000, 10_000]
    assert [images.width for images, _ in real] == [784] * 3
    assert real[0][1][:10] == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert real[2][1][:10] == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # Of all 60,000 digits that come before the test set, as LeCun's page has them.
    labels = real[0][1] + real[1][1]
    assert [labels.count(k) for k in range(10)] == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265,
                                                    5851, 5949]


def test_pickle_and_idx_of_the_test_set_agree_exactly(real, monkeypatch):
    path = os.path.join(SHARED, "t10k-images-idx3-ubyte.gz")
    if not os.path.exists(path):
        pytest.skip("the IDX files are not here")
    parts = mnist.load_data(path)
    assert [len(labels) for _, labels in parts] == [7142, 1429, 1429]
    images, labels = real[2]
    assert [label for _, part in parts for label in part] == labels
    assert all(row == other for row, other in
               zip(images, (row for part, _ in parts for row in part)))
