"""Networks as safetensors and .npz: purenn's own, bit for bit, and those that libraries wrote.

The fixtures in tests/data/networks come from tools/make_fixtures.py: networks of NumPy, PyTorch and
scikit-learn's names, each with inputs and the outputs that its own library computed in float64 or
float32 from them.
"""
from __future__ import annotations

import json
import os
import random
import re
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import purenn
from purenn import Network
from purenn.activations import HIDDEN
from purenn.costs import COSTS
from purenn.formats.contents import contents
from purenn.formats.tables import Scale
from purenn.store import networks

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NETWORKS = os.path.join(HERE, "data", "networks")
ENDINGS = pytest.mark.parametrize("ending", [".json", ".safetensors", ".npz"])


def bits(net):
    numbers = [w for W in net.weights for row in W for w in row]
    numbers += [v for b in net.biases for v in b]
    return struct.pack(f"<{len(numbers)}d", *numbers)


def everything(net):
    return net.sizes, net.hidden.name, net.output.name, net.cost.name, bits(net)


# ---- purenn's own -------------------------------------------------------------------------------

@ENDINGS
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_network_comes_back_bit_for_bit(tmp_path_factory, ending, data):
    cost = data.draw(st.sampled_from(sorted(COSTS)))
    net = Network(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5)), COSTS[cost],
                  data.draw(st.sampled_from(list(HIDDEN.values()))),
                  output=data.draw(st.sampled_from(COSTS[cost].outputs)))
    finite = st.floats(allow_nan=False, allow_infinity=False)
    net.weights = [[[data.draw(finite) for _ in row] for row in W] for W in net.weights]
    net.biases = [[data.draw(finite) for _ in b] for b in net.biases]
    path = str(tmp_path_factory.getbasetemp() / ("net" + ending))
    net.save(path)
    assert everything(purenn.load(path)) == everything(net)


@ENDINGS
def test_classes_columns_and_scale_are_kept(tmp_path, ending):
    path = str(tmp_path / ("net" + ending))
    scale = Scale([0.1, -1e300, 5e-324], [1.0, 0.3, 1e-300])
    classes = ["Iris setosa", "ü\"\\", "", "x" * 40]
    networks.save(Network([3, 4]), path, classes, ["a", "b", "länge"], scale)
    stored = networks.load_stored(path)
    assert stored[1:] == (classes, ["a", "b", "länge"], scale)
    networks.save(Network([3, 1]), path, ["no", "yes"])
    assert networks.load_stored(path)[1:] == (["no", "yes"], None, None)
    with pytest.raises(ValueError, match='"classes" must be a list of 2 names'):
        networks.save(Network([3, 1]), path, ["no"])
        networks.load_stored(path)


@ENDINGS
@pytest.mark.parametrize("number", [float("nan"), float("inf"), "1", 10 ** 400, None])
def test_what_is_no_finite_float_is_not_written(tmp_path, ending, number):
    path = tmp_path / ("net" + ending)
    Network([2, 2]).save(str(path))
    before = path.read_bytes()
    net = Network([2, 2])
    net.weights[0][1][0] = number
    if ending == ".json" and number in ("1", 10 ** 400, None):
        pytest.skip("JSON has these; they are refused when they are read")
    with pytest.raises(ValueError, match="was not written"):
        net.save(str(path))
    assert path.read_bytes() == before and os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("name, library", [("net.pt", "PyTorch"), ("net.PTH", "PyTorch"),
                                           ("net.h5", "Keras"), ("net.onnx", "ONNX")])
def test_endings_of_other_libraries_are_refused(tmp_path, name, library):
    with pytest.raises(ValueError, match=library):
        Network([2, 2]).save(str(tmp_path / name))
    assert os.listdir(tmp_path) == []


def test_a_safetensors_file_is_what_the_format_says(tmp_path):
    net = Network([2, 3, 1])
    net.save(str(tmp_path / "net.safetensors"))
    raw = (tmp_path / "net.safetensors").read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    assert size % 8 == 0 and header["__metadata__"]["format"] == "pt"
    assert header["__metadata__"]["sizes"] == "[2, 3, 1]"
    shapes = {"0.weight": [3, 2], "0.bias": [3], "2.weight": [1, 3], "2.bias": [1]}
    assert {name: entry["shape"] for name, entry in header.items() if name[0] != "_"} == shapes
    start, end = header["2.weight"]["data_offsets"]
    numbers = struct.unpack("<3d", raw[8 + size:][start:end])
    assert list(numbers) == net.weights[1][0] and len(raw) == 8 + size + 8 * 13


def test_the_same_network_gives_the_same_bytes(tmp_path):
    for ending in "safetensors", "npz":
        for name in "a", "b":
            Network([3, 4, 2], seed=5).save(str(tmp_path / f"{name}.{ending}"))
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


# ---- those of libraries -------------------------------------------------------------------------

def rows(name):
    """The rows of an array that a library wrote."""
    found = contents(os.path.join(NETWORKS, name), 1 << 24)
    return [list(found.row(i)) for i in range(found.shape[0])]


#: File, hidden, output, and the largest difference from what the library computed: an output takes
#: at most 14 roundings, each of at most a unit roundoff (2⁻²⁴, 2⁻⁵³) of sums of |terms| below 32.
LIBRARIES = [("torch-sequential.safetensors", "relu", "softmax", 2.0 ** -15),
             ("torch-module.safetensors", "tanh", "identity", 2.0 ** -15),
             ("torch-double.safetensors", "tanh", "sigmoid", 2.0 ** -44),
             ("numpy-neurons-inputs.npz", "sigmoid", "sigmoid", 2.0 ** -44),
             ("numpy-inputs-neurons.npz", "sigmoid", "softmax", 2.0 ** -44),
             ("numpy-positions.npz", "relu", "identity", 2.0 ** -15),
             ("sklearn-names.npz", "relu", "softmax", 2.0 ** -44)]


@pytest.mark.parametrize("name, hidden, output, most", LIBRARIES)
def test_a_network_of_a_library_gives_the_librarys_outputs(name, hidden, output, most):
    net = networks.load(os.path.join(NETWORKS, name), hidden, output)
    stem = name.rsplit(".", 1)[0]
    inputs, outputs = rows(stem + "-inputs.npy"), rows(stem + "-outputs.npy")
    assert len(inputs) == len(outputs) == 5
    for x, y in zip(inputs, outputs):
        assert net.feedforward(x) == pytest.approx(y, rel=0, abs=most)


def test_what_a_file_does_not_say_has_to_be_said():
    path = os.path.join(NETWORKS, "torch-sequential.safetensors")
    with pytest.raises(ValueError, match="which hidden activation it has; --hidden says so"):
        purenn.load(path)
    with pytest.raises(ValueError, match="which output activation it has; --output says so"):
        purenn.load(path, "relu")
    assert purenn.load(path, "relu", "softmax").cost.name == "log-likelihood"
    assert purenn.load(path, "relu", "identity").cost.name == "quadratic"


@ENDINGS
def test_what_a_file_says_cannot_be_said_otherwise(tmp_path, ending):
    path = str(tmp_path / ("net" + ending))
    Network([2, 3, 2]).save(path)
    with pytest.raises(ValueError, match="its hidden activation is 'sigmoid', not 'relu'"):
        purenn.load(path, "relu")
    assert purenn.load(path, "sigmoid", "sigmoid").sizes == [2, 3, 2]


def test_pytorch_files_are_told_how_to_be_saved():
    for name in "torch-state.pt", "torch-legacy.pt":
        with pytest.raises(ValueError, match=re.escape(
                'safetensors.torch import save_file; save_file(model.state_dict(), "net.saf')):
            purenn.load(os.path.join(NETWORKS, name))


# ---- arrays that are no network -----------------------------------------------------------------

def saved(tmp_path, header, raw=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = tmp_path / "net.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + raw)
    return str(path)


def tensor(shape, start, end, kind="F32"):
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


ONE = {"0.weight": tensor([1, 2], 0, 8), "0.bias": tensor([1], 8, 12)}


def test_the_file_that_the_next_ones_spoil_is_good(tmp_path):
    path = saved(tmp_path, ONE, struct.pack("<3f", 1, 2, 3))
    net = networks.load(path, None, "identity")
    assert (net.weights, net.biases) == ([[[1.0, 2.0]]], [[3.0]])


@pytest.mark.parametrize("change, words", [
    ({"0.weight": tensor([1, 2], 0, 7)}, "not as long as its header says"),
    ({"0.weight": tensor([1, 2], 4, 12)}, "not as long as its header says, or not in its place"),
    ({"0.weight": tensor([2 ** 40, 2], 0, 2 ** 43)}, "max_bytes"),
    ({"0.weight": tensor([-1, 2], 0, 8)}, "nothing that makes sense"),
    ({"0.weight": tensor([1, 2], 0, 8, "F16")}, "of the type F16"),
    ({"0.weight": tensor([1, 2], 0, 8, 5)}, "of the type 5"),
    ({"0.weight": tensor([1, 2], 0, 8, "I32")}, "does not hold float32 or float64"),
    ({"0.weight": tensor([1, 1, 2], 0, 8)}, "only the matrices of fully connected layers"),
    ({"0.weight": None}, "nothing that makes sense"), ({"0.weight": 5}, "nothing that makes sense"),
    ({"0.bias": tensor([2, 1], 8, 16)}, "ends too early"), ({"x.y": tensor([0], 0, 0)}, "neither"),
    ({"__metadata__": {"sizes": "[3, 1]"}}, "says that its sizes are"),
    ({"__metadata__": {"sizes": "[3, 1"}}, "nothing that makes sense of sizes"),
    ({"__metadata__": {"hidden": 5}}, "metadata are not texts"),
    ({"__metadata__": {"cost": "x"}}, '"cost" must be one of'),
    ({"__metadata__": {"output": "x"}}, '"output" must be one of'),
    ({"__metadata__": {"means": "[0, 0]"}}, '"scale" must have 2 means and 2 deviations'),
    ({"__metadata__": {"means": "[0, 0]", "deviations": "[1, 0]"}}, "deviations must be above 0"),
    ({"1.bias": tensor([0], 12, 12)}, "biases have no weights")])
def test_headers_that_make_no_sense(tmp_path, change, words):
    path = saved(tmp_path, {**ONE, **change}, struct.pack("<3f", 1, 2, 3))
    with pytest.raises(ValueError) as caught:
        networks.load(path, None, None if "output" in str(change) else "identity")
    assert path in str(caught.value) and words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 400


@pytest.mark.parametrize("raw, words", [
    (struct.pack("<Q", 1 << 31) + b"{" * 20, "its header claims"),
    (struct.pack("<Q", 9) + b"{", ""), (struct.pack("<Q", 2) + b"{}", "no weights"),
    (struct.pack("<Q", 4) + b"{}  x", "goes on after"),
    (struct.pack("<Q", 50_001) + b'{"a":' * 10_001, ""),
    (struct.pack("<Q", 20) + b'{"a":1,"a":2}' + b" " * 9, "twice")])
def test_files_that_are_hardly_safetensors(tmp_path, raw, words):
    (tmp_path / "net").write_bytes(raw)
    with pytest.raises(ValueError) as caught:
        networks.load(str(tmp_path / "net"))
    assert words in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    path = saved(tmp_path, ONE, struct.pack("<3f", 1, float("nan"), 3))
    with pytest.raises(ValueError, match=re.escape("weights[0][0][1] must be a finite number")):
        networks.load(path, None, "identity")


@pytest.mark.parametrize("shapes, sizes", [
    ({"hidden.weight": (3, 2), "hidden.bias": (3,), "output.weight": (1, 3)}, [2, 3, 1]),
    ({"out.weight": (1, 3), "hidden.weight": (3, 2)}, [2, 3, 1]),
    ({f"layers.{k}.weight": (2, 2) for k in range(11)}, [2] * 12),
    ({"w0": (2, 3), "w1": (3, 1)}, [2, 3, 1]), ({"W": (1, 3)}, [3, 1]),
    ({"W1": (2, 2), "b1": (1, 2), "W2": (2, 3), "b2": (1, 3)}, [2, 2, 3]),
    ({"z.weight": (4, 3), "y.weight": (2, 5), "x.weight": (5, 4)}, [3, 4, 5, 2])])
def test_names_and_shapes_of_others(tmp_path, shapes, sizes):
    header, position = {}, 0
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = tensor(list(shape), position, position + 4 * count)
        position += 4 * count
    rng = random.Random(1)
    values = [rng.random() for _ in range(position // 4)]
    path = saved(tmp_path, header, struct.pack(f"<{len(values)}f", *values))
    assert networks.load(path, "relu", "identity").sizes == sizes


def test_layers_that_fit_in_two_orders_or_in_none_are_refused(tmp_path):
    for shapes in [(3, 2), (5, 4)], [(4, 3), (3, 4), (5, 5)]:
        header, position = {}, 0
        for k, (m, n) in enumerate(shapes):
            header[f"{k}.weight"] = tensor([m, n], position, position + 4 * m * n)
            position += 4 * m * n
        path = saved(tmp_path, header, bytes(position))
        with pytest.raises(ValueError, match="do not fit together in just one order"):
            networks.load(path, "relu", "identity")


def test_an_npz_with_something_else_in_it_is_no_network(tmp_path):
    with pytest.raises(ValueError, match="x_train in it is neither the weights nor the biases"):
        networks.load(os.path.join(HERE, "data", "numpy", "keras.npz"))
    with pytest.raises(ValueError, match="Python objects"):
        networks.load(os.path.join(HERE, "data", "numpy", "objects.npz"))


@pytest.mark.parametrize("ending", [".safetensors", ".npz"])
def test_every_truncation_and_every_other_byte(tmp_path, ending):
    path = tmp_path / ("net" + ending)
    networks.save(Network([2, 2]), str(path), ["a", "b"], ["x", "y"], Scale([0.0, 1.0], [1.0, 2.0]))
    raw = path.read_bytes()
    changed = [raw[:k] for k in range(len(raw))]
    changed += [raw[:k] + bytes([raw[k] ^ 0x41]) + raw[k + 1:] for k in range(len(raw))]
    for k, other in enumerate(changed):
        path.write_bytes(other)
        try:
            net = networks.load(str(path))
            assert k >= len(raw) and all(v - v == 0 for b in net.biases for v in b)
        except ValueError as error:
            assert str(path) in str(error) and len(str(error).splitlines()) == 1


# ---- the ways into NumPy and PyTorch and back ---------------------------------------------------

README = os.path.join(os.path.dirname(HERE), "purenn", "store", "README.md")


def snippets():
    with open(README, encoding="utf-8") as file:
        return re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)


@pytest.mark.parametrize("libraries, first", [(["numpy"], 0), (["torch", "safetensors"], 2)])
def test_the_ways_in_the_readme_go_where_they_say(tmp_path, libraries, first):
    for library in libraries:
        pytest.importorskip(library)
    net = Network([784, 30, 10], seed=3)
    for name in "net.npz", "net.safetensors", "net.json":
        net.save(str(tmp_path / name))
    x = [random.Random(2).random() for _ in range(784)]
    names = {"x": x}
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        for code in snippets()[first:first + 2]:  # there, and back
            exec(code, names)
            # 784 products of numbers below 1, then 30: a thousand roundings of at most 2⁻⁵³ × 30
            a = [float(a_j) for a_j in names.pop("a")]
            assert a == pytest.approx(net.feedforward(x), rel=0, abs=2.0 ** -38)
    finally:
        os.chdir(before)
    assert everything(names["mine"])[0] == net.sizes and bits(names["mine"]) == bits(net)


def test_the_readme_has_all_four():
    lines = [[line for line in code.splitlines() if "import" not in line] for code in snippets()]
    assert len(lines) == 4 and all(len(code) <= 4 for code in lines)


def test_numpy_reads_what_purenn_writes(tmp_path):
    np = pytest.importorskip("numpy")
    path = str(tmp_path / "net.npz")
    net = Network([3, 4, 2])
    networks.save(net, path, ["ä", "b"], ["x", "y", "z"], Scale([1.0] * 3, [2.0] * 3))
    with np.load(path, allow_pickle=False) as found:
        assert found["W1"].tolist() == net.weights[0] and found["b2"].tolist() == net.biases[1]
        assert found["sizes"].tolist() == [3, 4, 2] and str(found["hidden"]) == "sigmoid"
        assert found["classes"].tolist() == ["ä", "b"] and found["means"].tolist() == [1.0] * 3
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None and "W1.npy" in archive.namelist()
