"""A network to a JSON file and back, exact to the last bit.

The file is one JSON object:

    sizes    the number of neurons in each layer, the input first
    hidden   "sigmoid", "tanh", "relu" or "identity"; left out, it is "sigmoid"
    output   the output layer's activation; left out, it is the cost's usual one
    cost     "cross-entropy", "quadratic" or "log-likelihood"
    weights  weights[l][j][k] is the weight from neuron k of layer l to neuron j of the next
    biases   biases[l][j] is the bias of that neuron j

Python writes a float with as many digits as it takes to read back the same float.  Files written
by Nielsen's ``network2.py`` are read as well (its names of costs; each bias a list of one number),
and files of the listing purenn began from, which call the sizes "size".
"""
from __future__ import annotations

from typing import Any

from purenn.activations import HIDDEN, OUTPUTS, Sigmoid
from purenn.checks import check_biases, check_functions, check_sizes, check_weights
from purenn.costs import COSTS, CrossEntropyCost, QuadraticCost
from purenn.formats.strict_json import floats, read_json
from purenn.network import Network
from purenn.store.files import write_json

FOREIGN_COSTS = {"CrossEntropyCost": CrossEntropyCost, "QuadraticCost": QuadraticCost,
                 "MSE_cost": QuadraticCost}

def save(net: Network, path: str) -> None:
    """Write the network to a JSON file.

    Raises ValueError if a weight or bias is not a finite float or int, OSError if the file cannot
    be written.  In either case an older file of that name stays as it was.
    """
    write_json(path, content_of(net))


def load(path: str) -> Network:
    """Read a network from a JSON file.  Its random numbers begin anew, with seed 0.

    Raises ValueError, naming the file and the fault, if it is not a network; OSError if it cannot
    be read.
    """
    content = read_json(path)
    try:
        return network_from(content)
    except ValueError as error:
        raise ValueError(f"{path} is not a network: {error}") from None


def content_of(net: Network) -> dict[str, Any]:
    """The content of a network's file, as a JSON value."""
    return {"sizes": net.sizes, "hidden": net.hidden.name, "output": net.output.name,
            "cost": net.cost.name, "weights": net.weights, "biases": net.biases}


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
