"""A network to a JSON file and back, exact to the last bit; and files that are written whole.

The file is one JSON object:

    sizes    the number of neurons in each layer, the input first
    hidden   "sigmoid", "tanh", "relu" or "identity"; left out, it is "sigmoid"
    output   the output layer's activation; left out, it is the cost's usual one
    cost     "cross-entropy", "quadratic" or "log-likelihood"
    weights  weights[l][j][k] is the weight from neuron k of layer l to neuron j of the next
    biases   biases[l][j] is the bias of that neuron j

Python writes a float with as many digits as are needed to read back the same float.  Files written
by Nielsen's ``network2.py`` are read as well (its names of costs; each bias a list of one number),
and files of the program purenn began from, which call the sizes "size".
"""
from __future__ import annotations

import codecs
import contextlib
import errno
import json
import math
import os
import stat
import tempfile
from typing import Any, Callable, Dict, List, Optional

from purenn.activations import Identity, ReLU, Sigmoid, Softmax, Tanh
from purenn.checks import check_biases, check_functions, check_sizes, check_weights
from purenn.costs import CrossEntropyCost, LogLikelihoodCost, QuadraticCost
from purenn.network import Network

HIDDEN = {activation.name: activation for activation in (Sigmoid, Tanh, ReLU, Identity)}
OUTPUTS = {**HIDDEN, Softmax.name: Softmax}
COSTS = {cost.name: cost for cost in (CrossEntropyCost, QuadraticCost, LogLikelihoodCost)}
FOREIGN_COSTS = {"CrossEntropyCost": CrossEntropyCost, "QuadraticCost": QuadraticCost,
                 "MSE_cost": QuadraticCost}

#: What a JSON file that is read here may have at most; a program that needs more may assign these.
MAX_BYTES = 1 << 29   # in the file; a network of ten million weights has half of it
MAX_MEMORY = 1 << 30  # in its values, roughly as Python holds them
MAX_DEPTH = 20        # lists and objects inside each other; a network has four


def save(net: Network, path: str) -> None:
    """Write the network to a JSON file.

    Raises ValueError if a weight or bias is not a finite float or int, OSError if the file cannot
    be written.  In either case an older file of that name stays as it was.
    """
    write_json(path, content_of(net))


def load(path: str) -> Network:
    """Read a network from a JSON file.  Its random numbers begin anew, with seed 0.

    Raises ValueError, naming the file and the fault, if it holds no network; OSError if it cannot
    be read.
    """
    content = read_json(path)
    try:
        return network_from(content)
    except ValueError as error:
        raise ValueError(f"{path} holds no network: {error}") from None


def content_of(net: Network) -> Dict[str, Any]:
    """What a file says of the network, as a JSON value."""
    return {"sizes": net.sizes, "hidden": net.hidden.name, "output": net.output.name,
            "cost": net.cost.name, "weights": net.weights, "biases": net.biases}


def network_from(content: Any) -> Network:
    """The network that a JSON value describes.  Raises ValueError if it describes none."""
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
    weights = content.get("weights")
    biases = _flattened_columns(content.get("biases"))
    check_weights(weights, sizes)  # before Network(sizes) draws what might be billions of numbers
    check_biases(biases, sizes)
    net = Network(sizes, cost, hidden, output=output)
    net.weights = [[floats(row, f"weights[{l}][{j}]") for j, row in enumerate(W)]
                   for l, W in enumerate(weights)]
    net.biases = [floats(b, f"biases[{l}]") for l, b in enumerate(biases)]
    return net


def _choice(content: Dict[str, Any], key: str, choices: Dict[str, Any], default: Any) -> Any:
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


def floats(v: List[Any], name: str) -> List[float]:
    """The vector v as floats.  Raises ValueError, with its name, for what is no finite number."""
    for k, v_k in enumerate(v):
        if isinstance(v_k, bool) or not isinstance(v_k, (int, float)):
            raise ValueError(f"{name}[{k}] must be a number, not a {type(v_k).__name__}")
        try:
            finite = math.isfinite(v_k)
        except OverflowError:  # an int that rounds to more than the largest float
            finite = False
        if not finite:
            raise ValueError(f"{name}[{k}] must be a finite number")
    return [float(v_k) for v_k in v]


def read_json(path: str, constant: Optional[Callable[[str], Any]] = None) -> Any:
    """The value in a JSON file; for ``constant`` see ``parse_json``.

    Raises ValueError, naming the file, if it is not strict JSON or too large, OSError if it cannot
    be read.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ValueError(f"{path} has more than {MAX_BYTES} bytes, too many for a file of its "
                             "kind")
        try:
            return parse_json(raw, constant)
        except ValueError as error:
            raise ValueError(f"{path} is not valid JSON: {error}") from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    except MemoryError:
        raise ValueError(f"{path} needs more memory than there is") from None


def parse_json(raw: bytes, constant: Optional[Callable[[str], Any]] = None) -> Any:
    """The value that strict JSON in UTF-8 stands for: no NaN, no key twice.  Raises ValueError.

    With ``constant``, NaN and Infinity and -Infinity are no faults, but what it makes of the name.

    It is looked at before it is parsed: a few bytes can stand for a hundred times their number.
    """
    room = (32 * raw.count(b",") + 64 * raw.count(b"[") + 128 * raw.count(b":")
            + 256 * raw.count(b"{"))
    if room > MAX_MEMORY:
        raise ValueError(f"its values would take more than {MAX_MEMORY} bytes of memory")
    if raw.startswith(codecs.BOM_UTF8):
        raise ValueError("it begins with a byte-order mark, which JSON must not have")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_int=_int,
                           parse_constant=constant or _constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    """Raise ValueError if functions that call themselves for what is inside could go too deep."""
    level = [[value]]
    for _ in range(MAX_DEPTH + 1):
        level = [v for outer in level
                 for v in (outer.values() if isinstance(outer, dict) else outer)
                 if isinstance(v, (dict, list))]
    if level:
        raise ValueError("it is nested too deeply")


def _object(pairs: list) -> Dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {key[:80]!r} stands twice in one object")
            seen.add(key)
    return result


def _int(digits: str) -> int:
    if len(digits) > 400:  # beyond the largest float; int() would take time quadratic in the length
        raise ValueError(f"a whole number has {len(digits)} digits")
    return int(digits)


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def write_json(path: str, value: Any) -> None:
    """Write the value to a JSON file, whole or not at all.

    Raises ValueError for a number that is not finite, or of another kind than float and int.
    """
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} was not written: {error}") from None
    write_whole(path, text + "\n")


def write_whole(path: str, text: str) -> None:
    """Write a text file such that, whatever happens, the old file or the new one is there, whole.

    The text goes to a temporary file in the same folder, is flushed to the disk, and the file then
    takes the old one's place in one move.  Raises OSError, with the path, when that fails.  A
    process that is killed in the midst of it may leave the temporary file behind, whose name ends
    in ".partial" and which nobody ever reads.
    """
    temporary = None
    try:
        if _is_device(path):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return
        target = _target(path)
        folder, name = os.path.split(target)
        # 50 characters are at most 200 bytes; with the ending they stay below a name's usual 255.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", delete=False, dir=folder,
                                         prefix=name[:50] + ".", suffix=".partial") as file:
            temporary = file.name
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(PermissionError):  # file systems without permissions refuse it
            os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
        temporary = None
        _flush_folder(folder)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def check_writable(path: str) -> None:
    """Raise OSError, with the path, if no file can be written there: before the work, not after.

    Nothing is left behind, and an older file stays as it is.  Whether the disk will have room
    later cannot be known; whether it has any now is tried out.
    """
    try:
        if os.path.exists(path) and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if _is_device(path):
            return
        target = _target(path)
        with contextlib.suppress(FileNotFoundError):
            os.stat(target)  # fails if the name is too long, or its folder is none
        with tempfile.TemporaryFile(dir=os.path.dirname(target)) as file:
            file.write(bytes(1 << 16))
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def _is_device(path: str) -> bool:
    """Whether it is a pipe, a terminal, /dev/null: where nothing is that could be replaced."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _target(path: str) -> str:
    """The place of a file, links followed.  Raises OSError if it is a folder's place, or none."""
    if not os.fspath(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if os.path.isdir(path) or not os.path.basename(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return os.path.realpath(path)


def _flush_folder(folder: str) -> None:
    """Let a move that was made in the folder outlast a power cut, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mode(target: str) -> int:
    """The permissions of the file that is to be replaced, or those a new file would get."""
    if os.path.exists(target):
        return stat.S_IMODE(os.stat(target).st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
