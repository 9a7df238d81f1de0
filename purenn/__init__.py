"""purenn: a feedforward neural network with backpropagation and SGD, in plain Python.

Read it in this order: linalg, activations, costs, network, sgd, and last elementary (exp and log
for any kind of number) and mnist.

    >>> import purenn
    >>> net = purenn.Network([2, 3, 2])
    >>> gradient = net.backprop([0.5, 1.0], 1)
    >>> len(gradient.weights), len(gradient.biases)
    (2, 2)

Training, evaluation and saving are functions of their own modules, which know ``Network``, and are
attached to it here as methods: ``net.SGD(…)`` is ``sgd.SGD(net, …)``.
"""
from __future__ import annotations

import sys

try:
    from purenn import copying
    from purenn.activations import Identity, ReLU, Sigmoid, Softmax, Tanh
    from purenn.costs import CrossEntropyCost, LogLikelihoodCost, QuadraticCost
    from purenn.linalg import vectorized_result
    from purenn.network import Gradient, Network
    from purenn.sgd import SGD, Monitors, accuracy, total_cost, update_mini_batch
except KeyboardInterrupt:
    if sys.argv[:1] != ["-m"]:
        raise
    sys.exit(130)  # Ctrl-C while python -m purenn.train still imports what every command needs

__all__ = ["Network", "Gradient", "Monitors", "Sigmoid", "Tanh", "ReLU", "Softmax", "Identity",
           "CrossEntropyCost", "QuadraticCost", "LogLikelihoodCost", "vectorized_result", "load"]
__version__ = "1.0.0"


def load(path: str, hidden: str | None = None, output: str | None = None) -> Network:
    """Read a network from JSON, safetensors or .npz; see ``purenn.store.networks``.

    ``hidden`` and ``output`` name the activations of networks whose files hold arrays alone.
    """
    # Imported here so that `import purenn` stays fast: json and tempfile would double its time.
    from purenn.store import networks
    return networks.load(path, hidden, output)


def _save(net: Network, path: str) -> None:
    """Write the network to JSON, or to what the name ends in: .safetensors or .npz."""
    from purenn.store import networks
    networks.save(net, path)


Network.update_mini_batch = update_mini_batch
Network.SGD = SGD
Network.total_cost = total_cost
Network.accuracy = accuracy
Network.save = _save
Network.__copy__ = copying.of_network  # type: ignore[attr-defined]
Network.__deepcopy__ = copying.of_network  # type: ignore[attr-defined]
for _name in ("update_mini_batch", "SGD", "total_cost", "accuracy", "save"):
    _method = getattr(Network, _name)
    _method.__name__, _method.__qualname__ = _name, f"Network.{_name}"
