"""Where in the reference to look: a module, and a label or a piece of the line."""
from __future__ import annotations

from purenn import activations, costs, network, sgd

FORWARD = (network, "zs = affine(")
BP1, BP2, BP3, BP4 = ((network, f"(BP{k})") for k in (1, 2, 3, 4))
SIGMOID, SIGMOID_PRIME = (activations, "def sigmoid("), (activations, "def sigmoid_prime")
TANH, TANH_PRIME = (activations, "def tanh("), (activations, "def tanh_prime")
RELU, RELU_PRIME = (activations, "def relu("), (activations, "def relu_prime")
SOFTMAX = (activations, "def softmax(")
SOFTMAX_PRIME = (activations, "def softmax_backward")
QUADRATIC, CROSS = (costs, "def quadratic("), (costs, "def cross_entropy(")
LIKELIHOOD = (costs, "def log_likelihood(")
QUADRATIC_DELTA = (costs, "def quadratic_delta")
COST_DELTA = (costs, "def delta_without_prime")
TOTAL_COST, DECAY_COST = (sgd, "total(costs) / len(data)"), (sgd, "def decay_cost")
UPDATE, DECAY = (sgd, "-eta / len(mini_batch)"), (sgd, "decay = 1 - eta")
STEP_W, STEP_B = (sgd, "(BP4)"), (sgd, "(BP3)")
