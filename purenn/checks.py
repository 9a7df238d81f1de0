"""What is not a network, in a sentence: the checks of sizes, functions and shapes."""
from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short  # a sentence stays one whatever it was that made no sense

from purenn.activations import Activation, Softmax
from purenn.costs import Cost
from purenn.linalg import Matrix, Vector


def counted(number: int, thing: str) -> str:
    """1 epoch, 2 epochs: so many of what gets an s, or whatever else, when there are several."""
    if number != 1:
        thing = thing[:-2] + "ices" if thing.endswith("ix") else thing + "s"
    return f"{number} {thing}"


def check_sizes(sizes: Sequence[int]) -> None:
    """Raise ValueError unless these are the sizes of a network's layers."""
    if len(sizes) < 2:
        raise ValueError(f"a network needs an input and an output layer, not just {short(sizes)}")
    for size in sizes:
        if type(size) is not int or size < 1:
            raise ValueError(f"the size of a layer is a positive whole number, not {short(size)}")


def check_functions(cost: Cost, hidden: Activation, output: Activation) -> None:
    """Raise ValueError unless these go together."""
    if hidden == Softmax:
        raise ValueError("softmax is for the output layer: hidden neurons work each on its own")
    if output not in cost.outputs:
        names = " or ".join(possible.name for possible in cost.outputs)
        raise ValueError(f"the {cost.name} cost goes with {names} output, not {output.name}")


def check_weights(weights: list[Matrix], sizes: Sequence[int]) -> None:
    """Raise ValueError, naming the layer, unless weights[l] is sizes[l+1] × sizes[l]."""
    check_length("weights", weights, len(sizes) - 1, "matrix")
    for l, (W, m, n) in enumerate(zip(weights, sizes[1:], sizes)):
        check_length(f"weights[{l}]", W, m, "row")
        for j, row in enumerate(W):
            check_length(f"weights[{l}][{j}]", row, n, "number")


def check_biases(biases: list[Vector], sizes: Sequence[int]) -> None:
    """Raise ValueError, naming the layer, unless biases[l] has length sizes[l+1]."""
    check_length("biases", biases, len(sizes) - 1, "vector")
    for l, (b, m) in enumerate(zip(biases, sizes[1:])):
        check_length(f"biases[{l}]", b, m, "number")


def check_length(name: str, value: list, length: int, what: str) -> None:
    """Raise ValueError, with the value's name, unless it is a list of that length."""
    if not isinstance(value, list) or len(value) != length:
        found = len(value) if isinstance(value, list) else f"a {type(value).__name__}"
        raise ValueError(f"{name} must be a list of {counted(length, what)}, not {found}")
