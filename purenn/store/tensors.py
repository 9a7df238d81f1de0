"""Networks as named arrays, in safetensors and .npz: how purenn names them, and how others do.

purenn calls the arrays of a safetensors file as PyTorch's ``Sequential`` does, ``0.weight``,
``0.bias``, ``2.weight`` … (the functions between the layers have the odd numbers), and those of an
.npz ``W1``, ``b1``, ``W2`` …  Of shapes (neurons, inputs) and (neurons,), as float64, they hold the
network's own bits.  What else a network is stands in the metadata, or in arrays of its own.

In files of others a name is read for what it says: ``fc1.weight``, ``layers.0.kernel``,
``coefs_0``, ``weights1``.  A matrix of shape (inputs, neurons) is told by its bias.
"""
from __future__ import annotations

import itertools
import json
import re
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from purenn.formats import npy, strict_json
from purenn.formats.arrays import Array
from purenn.formats.limits import Fault, short
from purenn.formats.safetensors import safetensors_bytes
from purenn.linalg import Matrix, Vector

NAME = re.compile(r"(?P<before>(?:.*[-_./])?|.*?\d*)(?P<kind>weights?|kernels?|coefs|w|bias(?:es)?|"
                  r"intercepts|b)(?P<after>[-_.]?\d*)", re.IGNORECASE)
WEIGHT_KINDS = ("w", "k", "c")  # how the kinds of weights begin
#: What a file says beside the weights and biases.
SAID = ("sizes", "hidden", "output", "cost", "classes", "columns", "means", "deviations")
MOST_ORDERS = 6  # layers whose order is looked for among all orders


class _Layer(NamedTuple):
    """A layer's two arrays as a file has them, with the names that it gives them."""

    name: str
    weights: Array
    bias: Array | None


# --- writing ----------------------------------------------------------------------------------

def as_safetensors(content: dict[str, Any]) -> bytes:
    """The bytes of a safetensors file for the JSON value that describes a network."""
    arrays: dict[str, tuple[array, Sequence[int]]] = {}
    for l, (W, b) in enumerate(_layers(content)):
        arrays[f"{2 * l}.weight"] = _flat(W), (len(W), len(W[0]))
        arrays[f"{2 * l}.bias"] = array("d", b), (len(b),)
    metadata = {key: value if isinstance(value, str) else json.dumps(value)
                for key, value in _said(content).items()}
    return safetensors_bytes(arrays, {"format": "pt", **metadata})


def as_npz(content: dict[str, Any]) -> bytes:
    """The bytes of an .npz file for the JSON value that describes a network."""
    members = {}
    for l, (W, b) in enumerate(_layers(content), start=1):
        members[f"W{l}"] = npy.npy_bytes(_flat(W), (len(W), len(W[0])))
        members[f"b{l}"] = npy.npy_bytes(array("d", b), (len(b),))
    for key, value in _said(content).items():
        if isinstance(value, str):
            members[key] = npy.npy_bytes([value], ())
        elif key in ("classes", "columns"):
            members[key] = npy.npy_bytes(value, (len(value),))
        else:
            members[key] = npy.npy_bytes(array("q" if key == "sizes" else "d", value),
                                         (len(value),))
    return npy.npz_bytes(members)


def _layers(content: dict[str, Any]) -> list[tuple[Matrix, Vector]]:
    """Weights and biases as floats.  Raises ValueError, as JSON does, for what is not finite."""
    return [([strict_json.floats(row, f"weights[{l}][{j}]") for j, row in enumerate(W)],
             strict_json.floats(b, f"biases[{l}]"))
            for l, (W, b) in enumerate(zip(content["weights"], content["biases"]))]


def _flat(W: Matrix) -> array:
    return array("d", itertools.chain.from_iterable(W))


def _said(content: dict[str, Any]) -> dict[str, Any]:
    return {**{key: content[key] for key in SAID if key in content}, **content.get("scale", {})}


# --- reading ----------------------------------------------------------------------------------

def content_from(arrays: Mapping[str, Any], metadata: Mapping[str, str]) -> dict[str, Any]:
    """The JSON value that describes the network in a file's arrays.

    Raises Fault if they are not those of a network of fully connected layers.
    """
    content = {key: _from_json(key, text) for key, text in metadata.items() if key in SAID}
    for key in [key for key in arrays if key in SAID and key not in content]:
        value = arrays[key]
        content[key] = value[0] if key in ("hidden", "output", "cost") and len(value) == 1 \
            else list(value)
    layers = _ordered(_named({name: value for name, value in arrays.items() if name not in SAID}))
    numbers = 0
    for layer in layers:
        numbers += len(layer.weights)
        if 32 * numbers > strict_json.MAX_MEMORY:
            raise Fault(f"its weights would take more than {strict_json.MAX_MEMORY} bytes of "
                        "memory")
    content["weights"], content["biases"] = _numbers(layers)
    sizes = [len(content["weights"][0][0]), *(len(b) for b in content["biases"])]
    if content.setdefault("sizes", sizes) != sizes:
        raise Fault(f"it says that its sizes are {short(str(content['sizes']))}, but its weights "
                    f"are those of {sizes}")
    if "means" in content or "deviations" in content:
        content["scale"] = {key: content.pop(key, None) for key in ("means", "deviations")}
    return content


def _from_json(key: str, text: str) -> Any:
    if key in ("hidden", "output", "cost"):
        return text
    try:
        return strict_json.parse_json(text.encode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise Fault(f"its metadata say nothing that makes sense of {key}: {error}") from None


def _named(arrays: Mapping[str, Any]) -> list[_Layer]:
    """The layers, in the natural order of their names: 2 before 10."""
    if arrays and all(re.fullmatch(r"arr_\d+", name) for name in arrays):
        arrays = _positional(arrays)
    weights: dict[str, tuple[str, Array]] = {}
    biases: dict[str, Array] = {}
    for name, value in arrays.items():
        match = NAME.fullmatch(name)
        if not match or not isinstance(value, Array):
            raise Fault(f"{short(name)} in it is neither the weights nor the biases of a layer")
        if value.kind.code not in "fd":
            raise Fault(f"{short(name)} in it does not hold float32 or float64")
        key = match["before"].lower() + "|" + match["after"].strip("-_.")
        if match["kind"][0].lower() in WEIGHT_KINDS:
            weights[key] = name, value
        else:
            biases[key] = value
    if not weights or not set(biases) <= set(weights):
        raise Fault("there are no weights of fully connected layers in it" if not weights
                    else "some of its biases have no weights")
    for name, value in weights.values():
        if len(value.shape) != 2 or not len(value):
            raise Fault(f"{short(name)} in it has the shape {value.shape}: only the matrices of "
                        "fully connected layers are read")
    return [_Layer(*weights[key], biases.get(key)) for key in sorted(weights, key=_natural)]


def _positional(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """What np.savez calls arr_0, arr_1 … if no names are given: W, b, W, b … or all W."""
    ordered = [arrays[name] for name in sorted(arrays, key=_natural)]
    matrices = [isinstance(value, Array) and len(value.shape) == 2 for value in ordered]
    step = 2 if matrices[1:2] == [False] else 1
    return {("b" if k % step else "W") + str(k // step): value for k, value in enumerate(ordered)}


def _natural(name: str) -> list[Any]:
    return [(int(piece), "") if piece.isdigit() and len(piece) < 18 else (-1, piece)
            for piece in re.split(r"(\d+)", name)]


def _outputs(layer: _Layer, transposed: bool) -> int:
    return layer.weights.shape[1 if transposed else 0]


def _fits(layers: list[_Layer] | tuple[_Layer, ...], transposed: bool) -> bool:
    """Whether each layer takes what the one before it gives, and biases are as many as neurons."""
    widths = [_outputs(layer, transposed) for layer in layers]
    return (all(layer.bias is None or len(layer.bias) == n for layer, n in zip(layers, widths))
            and all(_outputs(layer, not transposed) == n for layer, n in zip(layers[1:], widths)))


def _ordered(layers: list[_Layer]) -> list[_Layer]:
    """The layers from the input on, with their weights as (neurons, inputs).

    Their names' order is right if the shapes go with it.  Names such as "hidden" and "output" may
    need another; it has to be the only one that fits.
    """
    for transposed in (False, True):
        if _fits(layers, transposed):
            return [_turned(layer, transposed) for layer in layers]
    for transposed in (False, True) if len(layers) <= MOST_ORDERS else ():
        orders = [order for order in itertools.permutations(layers) if _fits(order, transposed)]
        if len(orders) == 1:
            return [_turned(layer, transposed) for layer in orders[0]]
    shapes = ", ".join(f"{short(layer.name)} {layer.weights.shape}" for layer in layers[:6])
    raise Fault(f"its layers do not fit together in just one order: {shapes}")


def _turned(layer: _Layer, transposed: bool) -> _Layer:
    """The layer with its weights as (neurons, inputs), row after row."""
    W = layer.weights
    if not transposed:
        return layer
    # Stored column by column, a matrix is its transpose stored row by row.
    order = "F" if W.order == "C" else "C"
    return layer._replace(weights=Array(W.raw, W.kind, W.shape[::-1], order))


def _numbers(layers: list[_Layer]) -> tuple[list[Matrix], list[Vector]]:
    """Weights and biases as lists of floats; a layer without biases has zeros."""
    weights, biases = [], []
    for layer in layers:
        flat = layer.weights.numbers()
        m, n = layer.weights.shape
        weights.append([list(flat[k:k + n]) for k in range(0, m * n, n)])
        biases.append([0.0] * m if layer.bias is None else list(layer.bias.numbers()))
    return weights, biases
