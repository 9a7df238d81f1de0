"""purenn.store: bits that survive, files of other programs, and files that hold no network."""
from __future__ import annotations

import json
import os
import random
import stat
import struct
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import purenn
from purenn import (
    CrossEntropyCost,
    Identity,
    LogLikelihoodCost,
    Network,
    QuadraticCost,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    activations,
)
from purenn.formats import strict_json
from purenn.store import networks

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def bits(numbers):
    """Floats as their 64 bits: tells 0.0 from −0.0, and every float from its neighbor."""
    return [struct.pack("<d", number) for number in numbers]


def example_content():
    return {"sizes": [2, 3, 1], "hidden": "tanh", "output": "identity", "cost": "quadratic",
            "weights": [[[1.5, -2.0], [0.25, 3.0], [1e-3, 4.0]], [[5.0, 6.0, -7.0]]],
            "biases": [[0.5, -0.5, 0.0], [8.0]]}


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "net.json")


def write(path, content):
    """A file with these bytes, or with this value as JSON."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    with open(path, "wb") as file:
        file.write(raw)
    return path


def read(path):
    with open(path, "rb") as file:
        return file.read()


def refusal(path, error=ValueError):
    with pytest.raises(error) as caught:
        purenn.load(path)
    return str(caught.value)


# ---- there and back -----------------------------------------------------------------------------

@given(st.lists(FINITE, min_size=6, max_size=6))
@example([0.0, -0.0, 5e-324, -2.2250738585072014e-308, sys.float_info.max, -sys.float_info.max])
@example([0.1, 1 / 3, 1e22, 1e23, 2.0 ** -1022, 4.35])
def test_every_finite_float_comes_back_bit_for_bit(tmp_path_factory, numbers):
    path = str(tmp_path_factory.getbasetemp() / "bits.json")
    net = Network([2, 2])
    net.weights, net.biases = [[numbers[0:2], numbers[2:4]]], [numbers[4:6]]
    net.save(path)
    again = purenn.load(path)
    assert bits(again.weights[0][0] + again.weights[0][1] + again.biases[0]) == bits(numbers)


@pytest.mark.parametrize("cost, output", [
    (cost, output) for cost in (QuadraticCost, CrossEntropyCost, LogLikelihoodCost)
    for output in cost.outputs])
@pytest.mark.parametrize("hidden", [Sigmoid, Tanh, ReLU, Identity])
def test_everything_that_makes_a_network_comes_back(path, cost, output, hidden):
    net = Network([3, 4, 2], cost, hidden, seed=1, output=output)
    net.save(path)
    again = purenn.load(path)
    assert (again.sizes, again.cost, again.hidden, again.output) == (
        [3, 4, 2], cost, hidden, output)
    x = [0.5, -1.0, 2.0]
    assert again.feedforward(x) == net.feedforward(x)
    assert again.backprop(x, 1) == net.backprop(x, 1)


@pytest.mark.parametrize("sizes", [[1, 1], [5, 2], [2, 3, 4, 3, 2]])
def test_any_depth_comes_back(path, sizes):
    net = Network(sizes, seed=2)
    net.save(path)
    again = purenn.load(path)
    assert again.weights == net.weights and again.biases == net.biases


def test_saving_what_was_loaded_writes_the_same_file(path, tmp_path):
    Network([3, 4, 2], seed=5).save(path)
    other = str(tmp_path / "other.json")
    purenn.load(path).save(other)
    assert read(path) == read(other)


def test_the_file_is_what_the_module_says(path):
    write(path, example_content())
    net = purenn.load(path)
    net.save(path)
    assert json.loads(read(path)) == example_content()
    assert read(path).endswith(b"}\n") and read(path).count(b"\n") == 1


def test_ints_are_saved_and_come_back_as_floats(path):
    net = Network([1, 1])
    net.weights, net.biases = [[[3]]], [[-2]]
    net.save(path)
    again = purenn.load(path)
    assert again.weights == [[[3]]] and type(again.weights[0][0][0]) is float


def test_a_loaded_network_trains_like_a_new_one_of_seed_0(path):
    data = [([0.5, 1.0], 0), ([1.0, -1.0], 1), ([0.0, 0.5], 1)]
    net = Network([2, 3, 2], seed=4)
    net.save(path)
    first, second = purenn.load(path), purenn.load(path)
    assert first.SGD(data, 2, 1, 0.5) == second.SGD(data, 2, 1, 0.5)
    assert first.weights == second.weights != net.weights


def test_loading_does_not_touch_the_module_level_generator(path):
    Network([2, 2]).save(path)
    random.seed(3)
    before = random.getstate()
    purenn.load(path)
    assert random.getstate() == before


# ---- what other programs wrote ------------------------------------------------------------------

def nielsens():
    """As network2.py's save writes it: [w.tolist() …], [b.tolist() …], the cost's class name."""
    return {"sizes": [2, 3, 1],
            "weights": [[[1.5, -2.0], [0.25, 3.0], [1e-3, 4.0]], [[5.0, 6.0, -7.0]]],
            "biases": [[[0.5], [-0.5], [0.0]], [[8.0]]],
            "cost": "CrossEntropyCost"}


def test_a_file_of_network2(path):
    net = purenn.load(write(path, nielsens()))
    assert net.sizes == [2, 3, 1]
    assert net.weights == nielsens()["weights"]
    assert net.biases == [[0.5, -0.5, 0.0], [8.0]]
    assert (net.cost, net.hidden, net.output) == (CrossEntropyCost, Sigmoid, Sigmoid)


@pytest.mark.parametrize("name, cost", [("CrossEntropyCost", CrossEntropyCost),
                                        ("QuadraticCost", QuadraticCost),
                                        ("MSE_cost", QuadraticCost)])
def test_names_of_costs_elsewhere(path, name, cost):
    net = purenn.load(write(path, {**nielsens(), "cost": name}))
    assert net.cost is cost and net.output is Sigmoid


def test_a_file_of_the_listing(path):
    """"size" for "sizes" and "MSE_cost" for the quadratic cost."""
    content = {**nielsens(), "cost": "MSE_cost"}
    content["size"] = content.pop("sizes")
    net = purenn.load(write(path, content))
    assert net.sizes == [2, 3, 1] and net.cost is QuadraticCost
    assert net.biases == [[0.5, -0.5, 0.0], [8.0]]


def test_a_network_of_one_neuron_a_layer_in_columns(path):
    content = {"sizes": [1, 1], "weights": [[[2.0]]], "biases": [[[3.0]]],
               "cost": "QuadraticCost"}
    net = purenn.load(write(path, content))
    assert net.weights == [[[2.0]]] and net.biases == [[3.0]]


def test_white_space_and_further_keys_do_not_matter(path):
    content = {**example_content(), "trained by": "someone", "π": [None, True]}
    net = purenn.load(write(path, json.dumps(content, indent=4, ensure_ascii=False).encode()))
    assert net.biases == example_content()["biases"]


# ---- files that hold no network -----------------------------------------------------------------

def changed(**changes):
    content = example_content()
    for key, value in changes.items():
        if value is None:
            del content[key]
        else:
            content[key] = value
    return content


W0 = example_content()["weights"][0]
W1 = example_content()["weights"][1]
ONE_OF_COSTS = ('"cost" must be one of cross-entropy, quadratic, log-likelihood, '
                'CrossEntropyCost, QuadraticCost, MSE_cost')


@pytest.mark.parametrize("content, fault", [
    ([1, 2], "it must be an object, not a list"),
    ("text", "it must be an object, not a str"),
    (changed(sizes=None), '"sizes" must be a list of whole numbers'),
    (changed(sizes="2,3,1"), '"sizes" must be a list of whole numbers'),
    (changed(sizes=[2]), "a network needs an input and an output layer, not just [2]"),
    (changed(sizes=[2, 0, 1]), "the size of a layer is a positive whole number, not 0"),
    (changed(sizes=[2, 3.0, 1]), "the size of a layer is a positive whole number, not 3.0"),
    (changed(sizes=[2, 10 ** 12, 1]), "weights[0] must be a list of 1000000000000 rows, not 3"),
    (changed(cost=None), ONE_OF_COSTS),
    (changed(cost="hinge"), ONE_OF_COSTS),
    (changed(cost=["quadratic"]), ONE_OF_COSTS),
    (changed(hidden="swish"), '"hidden" must be one of sigmoid, tanh, relu, identity'),
    (changed(output="swish"), '"output" must be one of sigmoid, tanh, relu, identity, softmax'),
    (changed(cost="cross-entropy"), "the cross-entropy cost goes with sigmoid output, "
                                    "not identity"),
    (changed(weights=None), "weights must be a list of 2 matrices, not a NoneType"),
    (changed(weights=[W0]), "weights must be a list of 2 matrices, not 1"),
    (changed(weights=[W0, W1, W1]), "weights must be a list of 2 matrices, not 3"),
    (changed(weights=[W0[:2], W1]), "weights[0] must be a list of 3 rows, not 2"),
    (changed(weights=[[W0[0], W0[1], [1.0]], W1]),
     "weights[0][2] must be a list of 2 numbers, not 1"),
    (changed(weights=[W0, [[1.0, "2", 3.0]]]), "weights[1][0][1] must be a number, not a str"),
    (changed(weights=[W0, [[1.0, True, 3.0]]]), "weights[1][0][1] must be a number, not a bool"),
    (changed(weights=[W0, [[1.0, [2.0], 3.0]]]), "weights[1][0][1] must be a number, not a list"),
    (changed(weights=[W0, [[1.0, 10 ** 309, 3.0]]]), "weights[1][0][1] must be a finite number"),
    (changed(weights=[W0, [[1.0, -2 ** 1024, 3.0]]]), "weights[1][0][1] must be a finite number"),
    (changed(biases=None), "biases must be a list of 2 vectors, not a NoneType"),
    (changed(biases=[[0.5, -0.5, 0.0]]), "biases must be a list of 2 vectors, not 1"),
    (changed(biases=[[0.5, -0.5], [8.0]]), "biases[0] must be a list of 3 numbers, not 2"),
    (changed(biases=[[0.5, -0.5, 0.0], 8.0]), "biases[1] must be a list of 1 number, "
                                              "not a float"),
    (changed(biases=[[0.5, {}, 0.0], [8.0]]), "biases[0][1] must be a number, not a dict"),
    (changed(biases=[[0.5, [], 0.0], [8.0]]), "biases[0][1] must be a number, not a list"),
    (changed(biases=[[0.5, [1.0, 2.0], 0.0], [8.0]]),
     "biases[0][1] must be a number, not a list"),
])
def test_what_holds_no_network(path, content, fault):
    assert refusal(write(path, content)) == f"{path} is not a network: {fault}"


def test_a_number_beyond_the_floats(path):
    raw = json.dumps(example_content()).encode().replace(b"8.0", b"1e999")
    assert refusal(write(path, raw)) == (
        f"{path} is not a network: biases[1][0] must be a finite number")


@pytest.mark.parametrize("number", [2 ** 1024 - 1, 2 ** 1024 - 2 ** 970, 2 ** 970 - 2 ** 1024],
                         ids=["next to 2^1024", "halfway", "halfway, negative"])
def test_an_int_that_rounds_up_beyond_the_floats(path, number):
    """2¹⁰²⁴ − 2⁹⁷⁰ is halfway between the largest float and 2¹⁰²⁴, and rounds to the latter."""
    assert refusal(write(path, changed(biases=[[0.5, 0.5, 0.0], [number]]))) == (
        f"{path} is not a network: biases[1][0] must be a finite number")


def test_the_largest_int_that_is_a_float(path):
    number = 2 ** 1024 - 2 ** 970 - 1
    net = purenn.load(write(path, changed(biases=[[0.5, 0.5, 0.0], [number]])))
    assert net.biases[1] == [sys.float_info.max]


@pytest.mark.parametrize("old, new, fault", [
    (b"8.0", b"NaN", "NaN is not a number"),
    (b"8.0", b"Infinity", "Infinity is not a number"),
    (b"8.0", b"-Infinity", "-Infinity is not a number"),
    (b"8.0", b"1" * 401, "a whole number has 401 digits"),
    (b"8.0", b"9" * 100_000, "a whole number has 100000 digits"),
    (b'"hidden"', b'"cost"', "the key 'cost' stands twice in one object"),
    (b'"tanh"', b'{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice in one object"),
    (b"tanh", b"t\xe4nh", "byte 33 is not UTF-8"),
    (b"tanh", b"t\xed\xa0\x80nh", "byte 33 is not UTF-8"),
    (b"8.0", b"[" * 100_000 + b"]" * 100_000, "it is nested too deeply"),
    (b"8.0", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "it is nested too deeply"),
])
def test_what_is_no_strict_json(path, old, new, fault):
    raw = json.dumps(example_content()).encode()
    assert raw.count(old) == 1
    assert refusal(write(path, raw.replace(old, new))) == f"{path} is not valid JSON: {fault}"


@pytest.mark.parametrize("raw", [
    b"", b"\n", b"\x00" * 40, b"sizes", b"{'sizes': [1, 1]}", b"\x1f\x8b\x08\x00", b"[1, 2,]",
    b"\xef\xbb\xbf" + json.dumps(example_content()).encode(),
    json.dumps(example_content()).encode("utf-16"),
    json.dumps(example_content()).encode() + b"{}",
    json.dumps(example_content()).encode() + b"\x00",
    json.dumps(example_content()).encode().replace(b"8.0", b"08.0"),
    json.dumps(example_content()).encode().replace(b"8.0", b"+8.0"),
    json.dumps(example_content()).encode().replace(b"8.0", b"0x8"),
])
def test_what_is_no_json_at_all(path, raw):
    assert refusal(write(path, raw)).startswith(f"{path} is not valid JSON: ")


def test_a_file_that_ends_early_at_whatever_byte(path):
    raw = json.dumps(example_content()).encode()
    for length in range(len(raw)):
        assert refusal(write(path, raw[:length])) == (
            f"{path} is not valid JSON: it {'ends in the middle' if length else 'is empty'}")


@pytest.mark.parametrize("raw, cut_off", [
    ('{"a": [1.', True), ('{"a": 1e', True), ('{"a": -', True), ('{"a": tru', True),
    ('{"a": "b\\', True), ('{"a": "\\u00', True), ("[1, ", True), ("[-Inf", True),
    ('["aä'.encode()[:-1], True),
    ('{"a: 1}', False), ("[1, 2", True), ("[1, 2}", False), ("[1] t", False), ("[1, x", False)])
def test_only_what_ends_early_is_said_to(path, raw, cut_off):
    raw = raw if isinstance(raw, bytes) else raw.encode()
    assert ("it ends in the middle" in refusal(write(path, raw))) is cut_off


@given(st.integers(0, 300), st.integers(0, 255))
def test_a_file_with_one_byte_changed(tmp_path_factory, position, byte):
    """It loads, or says in one sentence that names the file why it does not."""
    path = str(tmp_path_factory.getbasetemp() / "changed.json")
    raw = bytearray(json.dumps(example_content()).encode())
    raw[position % len(raw)] = byte
    write(path, bytes(raw))
    try:
        purenn.load(path)
    except ValueError as error:
        assert str(error).startswith(path) and "\n" not in str(error)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["sizes", "weights", "biases", "cost", "hidden"]), inner, max_size=3),
    max_leaves=6)


@given(st.sampled_from(sorted(example_content())), JSON_VALUES)
def test_any_value_in_any_place(key, value):
    """A network comes out, or a ValueError: never another exception."""
    try:
        assert isinstance(networks.network_from({**example_content(), key: value}), Network)
    except ValueError as error:
        assert "\n" not in str(error)


def test_a_file_that_is_too_large(path, monkeypatch):
    raw = json.dumps(example_content()).encode()
    monkeypatch.setattr(strict_json, "MAX_BYTES", len(raw))
    purenn.load(write(path, raw))
    assert refusal(write(path, raw + b" ")) == (
        f"{path} has more than {len(raw)} bytes, too many for a file of its kind")


def test_a_file_that_is_not_there(path, tmp_path):
    assert path in refusal(path, OSError)
    assert str(tmp_path) in refusal(str(tmp_path), OSError)


# ---- saving, or leaving things as they were -----------------------------------------------------

@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), Fraction(1, 3),
                                    Decimal("0.1"), 1j])
@pytest.mark.parametrize("there_before", [False, True])
def test_a_number_that_cannot_be_saved(path, tmp_path, number, there_before):
    if there_before:
        write(path, b"the old file")
    net = Network([1, 1])
    net.biases = [[number]]
    with pytest.raises(ValueError) as caught:
        net.save(path)
    assert str(caught.value).startswith(f"{path} was not written: ")
    assert os.listdir(tmp_path) == (["net.json"] if there_before else [])
    assert not there_before or read(path) == b"the old file"


def test_a_folder_in_the_files_place(path, tmp_path):
    os.mkdir(path)
    with pytest.raises(OSError) as caught:
        Network([1, 1]).save(path)
    assert caught.value.filename == path
    assert os.listdir(tmp_path) == ["net.json"] and os.listdir(path) == []


@pytest.mark.parametrize("name", ["missing/net.json", "file/net.json", "a\0b"])
def test_a_place_where_no_file_can_be(tmp_path, name):
    write(str(tmp_path / "file"), b"")
    path = os.path.join(str(tmp_path), name)
    with pytest.raises((OSError, ValueError)) as caught:
        Network([1, 1]).save(path)
    assert "\0" in path or caught.value.filename == path
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("failing", ["fsync", "replace", "chmod"])
def test_when_the_disk_fails_the_old_file_stays_and_nothing_is_left_over(
        path, tmp_path, monkeypatch, failing):
    write(path, b"the old file")

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError) as caught:
        Network([1, 1]).save(path)
    assert caught.value.errno == 28 and caught.value.filename == path
    assert os.listdir(tmp_path) == ["net.json"] and read(path) == b"the old file"


def test_an_interrupt_leaves_nothing_over(path, tmp_path, monkeypatch):
    write(path, b"the old file")

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Network([1, 1]).save(path)
    assert os.listdir(tmp_path) == ["net.json"] and read(path) == b"the old file"


def test_the_file_takes_its_place_in_one_move(path, tmp_path, monkeypatch):
    """Up to the move the old file is whole; the new one is whole, beside it, and on the disk."""
    write(path, b"the old file")
    seen, synced = [], []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(fd), fsync(fd)))

    def watched(source, target):
        assert synced
        seen.append((os.path.dirname(source), target, read(path), json.loads(read(source))))
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    net = Network([2, 1])
    net.save(path)
    [(folder, target, old, new)] = seen
    assert folder == str(tmp_path) and target == path
    assert old == b"the old file" and new["weights"] == net.weights
    assert os.listdir(tmp_path) == ["net.json"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o400])
def test_the_file_keeps_its_permissions(path, mode):
    write(path, b"the old file")
    os.chmod(path, mode)
    Network([1, 1]).save(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == mode
    assert purenn.load(path).sizes == [1, 1]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_gets_the_permissions_of_new_files(path, umask):
    before = os.umask(umask)
    try:
        Network([1, 1]).save(path)
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o666 & ~umask


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_stays_a_link(path, tmp_path):
    os.mkdir(tmp_path / "elsewhere")
    target = str(tmp_path / "elsewhere" / "real.json")
    write(target, b"the old file")
    os.symlink(target, path)
    Network([1, 1]).save(path)
    assert os.path.islink(path) and os.listdir(tmp_path / "elsewhere") == ["real.json"]
    assert purenn.load(target).sizes == [1, 1]


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="there is no /dev/null")
def test_what_is_no_ordinary_file_is_written_to_not_replaced():
    before = os.stat("/dev/null").st_mode
    Network([1, 1]).save("/dev/null")
    assert os.stat("/dev/null").st_mode == before


def test_a_path_in_the_current_folder_and_a_path_object(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Network([1, 1]).save("here.json")
    Network([1, 1]).save(tmp_path / "there.json")
    assert read("here.json") == read("there.json")
    assert purenn.load(tmp_path / "here.json").output is Sigmoid
    assert Softmax.name not in activations.HIDDEN
