"""A network to a file and back, exact to the last bit.

The name's ending says in what form it is written: ``.safetensors`` and ``.npz`` hold arrays, as
PyTorch and NumPy name them (see tensors.py), and everything else is JSON, one object:

    sizes    the number of neurons in each layer, the input first
    hidden   "sigmoid", "tanh", "relu" or "identity"; left out, it is "sigmoid"
    output   the output layer's activation; left out, it is the cost's usual one
    cost     "cross-entropy", "quadratic" or "log-likelihood"
    weights  weights[l][j][k] is the weight from neuron k of layer l to neuron j of the next
    biases   biases[l][j] is the bias of that neuron j
    classes  the names of the classes, if the data had them
    columns  the names of the inputs, if the data were a table
    scale    means and deviations, one for each input: the network takes (x − mean) / deviation

What a file is, is seen from its content.  Python writes a float with as many digits as are needed
to read back the same float.  Files written by Nielsen's ``network2.py`` are read as well (its names
of costs; each bias a list of one number), files of the program purenn began from, which call the
sizes "size", and arrays of other programs, in float32 or float64.
"""
from __future__ import annotations

import os
from typing import Any, NamedTuple

from purenn.activations import HIDDEN, OUTPUTS, Sigmoid, Softmax
from purenn.checks import check_biases, check_functions, check_sizes, check_weights
from purenn.costs import COSTS, CrossEntropyCost, LogLikelihoodCost, QuadraticCost
from purenn.formats import npy, strict_json
from purenn.formats.limits import Fault, Stream, naming
from purenn.formats.looks import looks_like
from purenn.formats.safetensors import is_safetensors, safetensors
from purenn.formats.strict_json import floats, read_json
from purenn.formats.tables import Scale
from purenn.network import Network
from purenn.store import tensors
from purenn.store.files import write_json, write_whole

FOREIGN_COSTS = {"CrossEntropyCost": CrossEntropyCost, "QuadraticCost": QuadraticCost,
                 "MSE_cost": QuadraticCost}
#: Endings of other libraries' files, and what is to be done in them instead.
FOREIGN_ENDINGS = {
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt"), "PyTorch"),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), "Keras"), ".onnx": "ONNX", ".pkl": "pickle"}
SAVE_IN_PYTORCH = ('from safetensors.torch import save_file; save_file(model.state_dict(), '
                   '"net.safetensors")')
SAVE_IN_KERAS = 'np.savez("net.npz", *model.get_weights())'


class Stored(NamedTuple):
    """A network, and what its file says of the data it was trained on."""

    net: Network
    classes: list[str] | None = None
    columns: list[str] | None = None
    scale: Scale | None = None


def save(net: Network, path: str, classes: list[str] | None = None,
         columns: list[str] | None = None, scale: Scale | None = None) -> None:
    """Write the network to a file, in the form that the ending of its name says.

    Raises ValueError if a weight or bias is not a finite float or int, or if the ending is that of
    another library's files; OSError if the file cannot be written.  In each case an older file of
    that name stays as it was.
    """
    check_ending(path)
    content = content_of(net, classes, columns, scale)
    form = FORMS.get(os.path.splitext(path)[1].lower())
    if form is None:
        write_json(path, content)
        return
    try:
        raw = form(content)
    except ValueError as error:
        raise ValueError(f"{path} was not written: {error}") from None
    write_whole(path, raw)


FORMS = {".safetensors": tensors.as_safetensors, ".npz": tensors.as_npz}


def check_ending(path: str) -> None:
    """Raise ValueError if the name's ending is that of files that are not written here."""
    library = FOREIGN_ENDINGS.get(os.path.splitext(path)[1].lower())
    if library:
        raise ValueError(f"{path} has the ending of a file of {library}, which purenn does not "
                         "write; it writes .json, .safetensors (for PyTorch) and .npz (for NumPy)")


def load(path: str, hidden: str | None = None, output: str | None = None) -> Network:
    """Read a network from a file.  Its random numbers begin anew, with seed 0.

    ``hidden`` and ``output`` name the activations where the file does not: files of other programs
    hold arrays alone.  Raises ValueError, naming the file and the fault, if it is not a network;
    OSError if it cannot be read.
    """
    return load_stored(path, hidden, output).net


def load_stored(path: str, hidden: str | None = None, output: str | None = None) -> Stored:
    """The network in a file, with what the file says of its data.  Raises what ``load`` raises."""
    path = os.fspath(path)
    content = _arrays_in(path)
    is_json = content is None
    if content is None:
        content = read_json(path)
    try:
        if isinstance(content, dict):
            _complete(content, hidden, output, is_json)
        return stored_from(content)
    except ValueError as error:
        raise ValueError(f"{path} is not a network: {error}") from None


def _arrays_in(path: str) -> dict[str, Any] | None:
    """The JSON value that describes the network in a file of arrays; None if it is not one."""
    with open(path, "rb") as file, naming(path):
        try:
            head = file.peek(1024)[:1024]
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        stream = Stream(file, strict_json.MAX_BYTES)
        if is_safetensors(head):
            found, metadata = safetensors(stream)
            if stream.file.read(1):
                raise Fault("it goes on after its end")
            return tensors.content_from(found, metadata)
        try:
            if head[:4] == npy.ZIP_MAGIC:
                return tensors.content_from(npy.npz(stream, file), {})
            seen = looks_like(head)
            if seen and not seen.startswith(("JSON", "text")):
                raise Fault(f"it looks like {seen}")
        except Fault as fault:
            raise Fault(f"{fault}{_instead(str(fault))}") from None
    return None


def _instead(fault: str) -> str:
    """How to save a network in its own library, where that is known."""
    if "PyTorch" in fault:
        return (", which is a program that rebuilds the model; in PyTorch, write its numbers with: "
                + SAVE_IN_PYTORCH)
    if "Keras" in fault:
        return "; in Keras, write its numbers with: " + SAVE_IN_KERAS
    return ""


def _complete(content: dict[str, Any], hidden: str | None, output: str | None,
              is_json: bool) -> None:
    """Put in what the file does not say.  Raises ValueError if it says otherwise, or too little."""
    for key, given, choices in (("hidden", hidden, HIDDEN), ("output", output, OUTPUTS)):
        if given is not None and content.setdefault(key, given) != given:
            raise ValueError(f"its {key} activation is {content[key]!r}, not {given!r}")
        if key not in content and not is_json:
            if key == "hidden" and len(content["weights"]) == 1:
                continue
            raise ValueError(f"it does not say which {key} activation it has; --{key} says so: "
                             + ", ".join(choices))
    if not is_json and "cost" not in content:
        usual = {Softmax.name: LogLikelihoodCost, Sigmoid.name: CrossEntropyCost}
        content["cost"] = usual.get(content["output"], QuadraticCost).name


def content_of(net: Network, classes: list[str] | None = None, columns: list[str] | None = None,
               scale: Scale | None = None) -> dict[str, Any]:
    """The content of a network's file, as a JSON value."""
    content = {"sizes": net.sizes, "hidden": net.hidden.name, "output": net.output.name,
               "cost": net.cost.name, "weights": net.weights, "biases": net.biases}
    said = {"classes": classes, "columns": columns, "scale": scale and scale._asdict()}
    return {**content, **{key: value for key, value in said.items() if value}}


def stored_from(content: Any) -> Stored:
    """The network that a JSON value describes, and its data's classes, columns and scale."""
    net = network_from(content)
    outputs = net.sizes[-1]
    classes = _texts(content, "classes", 2 if outputs == 1 else outputs)
    columns = _texts(content, "columns", net.sizes[0])
    return Stored(net, classes, columns, _scale(content.get("scale"), net.sizes[0]))


def _texts(content: dict[str, Any], key: str, count: int) -> list[str] | None:
    value = content.get(key)
    if value is not None and (not isinstance(value, list) or len(value) != count
                              or not all(isinstance(text, str) for text in value)):
        raise ValueError(f'"{key}" must be a list of {count} names')
    return value


def _scale(value: Any, count: int) -> Scale | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not all(
            isinstance(value.get(key), list) and len(value[key]) == count for key in Scale._fields):
        raise ValueError(f'"scale" must have {count} means and {count} deviations')
    scale = Scale(*(floats(value[key], f"scale {key}") for key in Scale._fields))
    if not all(deviation > 0 for deviation in scale.deviations):
        raise ValueError("the scale's deviations must be above 0")
    return scale


def network_from(content: Any) -> Network:
    """The network that a JSON value describes.  Raises ValueError if it does not describe one."""
    if not isinstance(content, dict):
        raise ValueError(f"it must be an object, not a {type(content).__name__}")
    sizes = content.get("sizes", content.get("size"))
    if not isinstance(sizes, list) or not all(type(size) in (int, float) for size in sizes):
        raise ValueError('"sizes" must be a list of whole numbers')
    check_sizes(sizes)
    cost = _choice(content, "cost", {**COSTS, **FOREIGN_COSTS}, None)
    hidden = _choice(content, "hidden", HIDDEN, Sigmoid.name)
    output = _choice(content, "output", OUTPUTS, cost.outputs[0].name)
    check_functions(cost, hidden, output)
    weights: Any = content.get("weights")
    biases: Any = _flattened_columns(content.get("biases"))
    check_weights(weights, sizes)  # before Network(sizes) draws what might be billions of numbers
    check_biases(biases, sizes)
    net = Network(sizes, cost, hidden, output=output)
    net.weights = [[floats(row, f"weights[{l}][{j}]") for j, row in enumerate(W)]
                   for l, W in enumerate(weights)]
    net.biases = [floats(b, f"biases[{l}]") for l, b in enumerate(biases)]
    return net


def _choice(content: dict[str, Any], key: str, choices: dict[str, Any], default: Any) -> Any:
    name = content.get(key, default)
    if not isinstance(name, str) or name not in choices:
        raise ValueError(f'"{key}" must be one of {", ".join(choices)}')
    return choices[name]


def _flattened_columns(biases: Any) -> Any:
    """Biases with each [b] replaced by b, as network2.py's n × 1 columns need it."""
    if not isinstance(biases, list):
        return biases
    return [[b_j[0] if isinstance(b_j, list) and len(b_j) == 1 else b_j for b_j in b]
            if isinstance(b, list) else b for b in biases]
