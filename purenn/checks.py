"""What cannot be computed with, in a sentence: the checks of whatever is given to a network.

A mistake in the data must not wait until an epoch is over, nor show itself as a number that is
wrong.  So a whole data set is checked before the first step is taken.
"""
from __future__ import annotations

from collections.abc import Sequence
from operator import index
from reprlib import repr as short  # a sentence stays one whatever it was that made no sense

from purenn.activations import Activation, Softmax
from purenn.costs import Cost, LogLikelihoodCost
from purenn.elementary import is_negative, magnitude
from purenn.linalg import Matrix, Number, Target, Vector, total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def counted(number: int, thing: str) -> str:
    """1 epoch, 2 epochs: so many of what gets an s, or whatever else, when there are several."""
    if number != 1:
        thing = thing[:-2] + "ices" if thing.endswith("ix") else thing + "s"
    return f"{number} {thing}"


def kind_of(value: Any) -> str:
    """The type of a value, with its article."""
    kind = type(value)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


# ---- the network --------------------------------------------------------------------------------

def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """The value as an int.  Raises ValueError, with its name, if it is none, or out of bounds."""
    if hasattr(value, "__index__") and not isinstance(value, bool):
        try:
            if least <= index(value) and (most is None or index(value) <= most):
                return index(value)
        except TypeError:  # an array has __index__, too
            pass
    kind = "positive whole number" if least == 1 else "whole number from " + (
        f"{least} on" if most is None else f"{least} to {most}")
    raise ValueError(f"{name} is a {kind}, not {short(value)}")


def check_sizes(sizes: Sequence[int]) -> list[int]:
    """The sizes of a network's layers, as ints.  Raises ValueError if they are none."""
    if not hasattr(sizes, "__len__") or len(sizes) < 2:
        raise ValueError(f"a network needs an input and an output layer, not just {short(sizes)}")
    return [whole_number("the size of a layer", size, 1) for size in sizes]


def named(value: Any, kind: type, choices: dict[str, Any]) -> Any:
    """An activation or a cost, which may be given by its name.  Raises ValueError for others."""
    if isinstance(value, str) and value in choices:
        return choices[value]
    if isinstance(value, kind):
        return value
    raise ValueError(f"there is no {kind.__name__.lower()} {short(value)}, only "
                     f"{', '.join(choices)}")


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
            check_vector(f"weights[{l}][{j}]", row, n)


def check_biases(biases: list[Vector], sizes: Sequence[int]) -> None:
    """Raise ValueError, naming the layer, unless biases[l] has length sizes[l+1]."""
    check_length("biases", biases, len(sizes) - 1, "vector")
    for l, (b, m) in enumerate(zip(biases, sizes[1:])):
        check_vector(f"biases[{l}]", b, m)


def check_length(name: str, value: Any, length: int, what: str) -> None:
    """Raise ValueError, with the value's name, unless it is a list of that length (or a tuple)."""
    if not isinstance(value, (list, tuple)) or len(value) != length:
        found = len(value) if isinstance(value, (list, tuple)) else kind_of(value)
        raise ValueError(f"{name} must be a list of {counted(length, what)}, not {found}"
                         f"{hint(name, value)}")


def check_vector(name: str, v: Any, length: int) -> None:
    """Raise ValueError, with the vector's name, unless it is a list of so many numbers."""
    check_length(name, v, length, "number")
    try:
        # No number fails to be added, and NumPy's make the sum one of theirs.  That asks all
        # entries at a tenth of what a loop would take; nobody sees the sum.
        if not hasattr(sum(v), "tolist"):
            return
    except (TypeError, ArithmeticError):
        pass
    for k, v_k in enumerate(v):
        if not is_number(v_k):
            raise ValueError(f"{name}[{k}] must be a number, not {kind_of(v_k)}"
                             f"{hint(f'{name}[{k}]', v_k)}")


def is_number(value: Any) -> bool:
    """Whether it has the operations of a number, and is none of NumPy's, nor an array."""
    return (hasattr(value, "__mul__") and hasattr(value, "__truediv__")
            and not hasattr(value, "tolist"))


def hint(name: str, value: Any) -> str:
    """What to do with an array, whose rounding is not that of Python's numbers."""
    return f": {name.split()[-1]}.tolist() is one" if hasattr(value, "tolist") else ""


# ---- what it learns from ------------------------------------------------------------------------

def is_class(y: Target) -> bool:
    """Whether a target is the number of a class, of whatever type, and no vector."""
    if isinstance(y, (list, tuple)) or not hasattr(y, "__index__"):
        return False
    try:
        index(y)
        return True
    except TypeError:  # an array
        return False


def check_sum(name: str, y: Vector, cost: Cost) -> None:
    """Raise ValueError if the target's numbers must add up to 1, within a millionth, and do not.

    With other targets a − y is no derivative of the log-likelihood (costs.py says why).
    """
    if cost is LogLikelihoodCost and is_negative(1 - 10 ** 6 * magnitude(total(y) - 1)):
        raise ValueError(f"{name} must have the sum 1 for the log-likelihood cost, "
                         f"not {short(total(y))}")


def check_data(name: str, data: Any, net: Any, to_learn: bool = False) -> None:
    """Raise ValueError, naming the example, unless the network can be given these pairs (x, y)."""
    if not hasattr(data, "__len__") or not hasattr(data, "__getitem__") or isinstance(data, dict):
        raise ValueError(f"{name} must be a list of pairs (x, y), not {kind_of(data)}: it is used "
                         "more than once")
    for k, example in enumerate(data):
        try:
            x, y = example
        except (TypeError, ValueError):
            raise ValueError(f"{name}[{k}] must be a pair (x, y), not {kind_of(example)}") from None
        check_vector(f"{name}[{k}][0]", x, net.sizes[0])
        try:
            y = net.target(y)
        except ValueError as error:
            raise ValueError(f"{name}[{k}]: {error}") from None
        if to_learn:
            check_sum(f"{name}[{k}][1]", y, net.cost)


def check_classes(data: Sequence[Any], net: Any) -> None:
    """Raise ValueError unless the network's outputs and these targets stand for classes."""
    if not net.has_classes:
        raise ValueError(f"an accuracy needs classes, and a single {net.output.name} output stands "
                         "for none: total_cost says how near it comes to the targets")
    for k, target in enumerate(net.target(y) for _, y in data):
        if len(target) == 1 and target[0] == net.middle(target):
            raise ValueError(f"the target of example {k} lies in the middle of what a "
                             f"{net.output.name} output can be, and is of neither class")


def check_step(eta: Number, lmbda: Number, n: int) -> None:
    """Raise ValueError unless steps with these go downhill: η > 0, λ ≥ 0 and 1 − ηλ/n > 0."""
    for name, value in ("eta", eta), ("lmbda", lmbda):
        if not is_number(value):
            raise ValueError(f"{name} must be a number, not {kind_of(value)}{hint(name, value)}")
        if value - value != 0:  # NaN and infinity
            raise ValueError(f"{name} must be a finite number, not {short(value)}")
    if not is_negative(-eta):
        raise ValueError(f"eta must be above 0, not {short(eta)}")
    if is_negative(lmbda):
        raise ValueError(f"lmbda must not be negative, as {short(lmbda)} is")
    if n and not is_negative(eta * lmbda - n):
        raise ValueError(f"eta {short(eta)} times lmbda {short(lmbda)} must be less than {n}, "
                         "the number of training examples: each step multiplies the weights by "
                         "1 − ηλ/n")
