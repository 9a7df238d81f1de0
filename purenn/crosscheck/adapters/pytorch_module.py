"""A network with PyTorch: python3 -m purenn.crosscheck run pytorch_module:step"""
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

torch.set_default_dtype(torch.float64)  # leave it out, and run with --precision float32

# YOUR CODE from here: put your own module and costs in place of these.

HIDDEN = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
OUTPUT = {"sigmoid": nn.Sigmoid(), "identity": nn.Identity(), "softmax": nn.Softmax(dim=1)}

def build(case):  # the linear layers, and all layers in the order in which they are called
    linear = [nn.Linear(k, j) for k, j in zip(case["sizes"], case["sizes"][1:])]
    layers = [module for layer in linear for module in (layer, HIDDEN[case["hidden"]]())]
    layers[-1] = OUTPUT[case["output"]]
    return linear, layers

def costs_of(z, a, y, case):  # of each example
    if case["cost"] == "quadratic":
        return ((a - y) ** 2).sum(1) / 2
    if case["cost"] == "cross-entropy":
        return binary_cross_entropy_with_logits(z, y, reduction="none").sum(1)
    return -(y * log_softmax(z, dim=1)).sum(1)

# YOUR CODE to here.  What it does not compute can be left out of the answer below.

def step(case):
    linear, layers = build(case)
    for layer, w, b in zip(linear, case["weights"], case["biases"]):
        layer.weight.data, layer.bias.data = torch.tensor(w), torch.tensor(b)
    a = [torch.tensor([example["x"] for example in case["mini_batch"]])]
    y = torch.tensor([example["y"] for example in case["mini_batch"]])
    for module in layers:
        a.append(module(a[-1]))
    costs = costs_of(a[-2], a[-1], y, case)
    costs.mean().backward()
    weights, biases = [layer.weight for layer in linear], [layer.bias for layer in linear]
    decay = case["lmbda"] / case["n"]
    total_cost = costs.mean() + decay / 2 * sum((w ** 2).sum() for w in weights)
    torch.optim.SGD([{"params": weights, "weight_decay": decay}, {"params": biases}],
                    lr=case["eta"]).step()
    return {"activations": list(zip(*a[2::2])), "costs": costs, "total_cost": total_cost,
            "nabla_w": [w.grad for w in weights], "nabla_b": [b.grad for b in biases],
            "new_weights": weights, "new_biases": biases}
