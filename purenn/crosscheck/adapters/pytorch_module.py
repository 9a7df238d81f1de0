import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

torch.set_default_dtype(torch.float64)
HIDDEN = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
OUTPUT = {"sigmoid": nn.Sigmoid(), "identity": nn.Identity(), "softmax": nn.Softmax(dim=1)}

def step(case):
    # YOUR OWN MODULE goes here, with the weights of the case
    linear = [nn.Linear(k, j) for k, j in zip(case["sizes"], case["sizes"][1:])]
    for layer, w, b in zip(linear, case["weights"], case["biases"]):
        layer.weight.data, layer.bias.data = torch.tensor(w), torch.tensor(b)
    layers = [module for layer in linear for module in (layer, HIDDEN[case["hidden"]]())]
    layers[-1] = OUTPUT[case["output"]]
    a = [torch.tensor([example["x"] for example in case["mini_batch"]])]
    y = torch.tensor([example["y"] for example in case["mini_batch"]])
    for module in layers:
        a.append(module(a[-1]))
    z = a[-2]
    if case["cost"] == "quadratic":
        costs = ((a[-1] - y) ** 2).sum(1) / 2
    elif case["cost"] == "cross-entropy":
        costs = binary_cross_entropy_with_logits(z, y, reduction="none").sum(1)
    else:
        costs = -(y * log_softmax(z, dim=1)).sum(1)
    costs.mean().backward()
    weights, biases = [layer.weight for layer in linear], [layer.bias for layer in linear]
    decay = case["lmbda"] / case["n"]
    total_cost = costs.mean() + decay / 2 * sum((w ** 2).sum() for w in weights)
    torch.optim.SGD([{"params": weights, "weight_decay": decay}, {"params": biases}],
                    lr=case["eta"]).step()
    return {"activations": list(zip(*a[2::2])), "costs": costs, "total_cost": total_cost,
            "nabla_w": [w.grad for w in weights], "nabla_b": [b.grad for b in biases],
            "new_weights": weights, "new_biases": biases}
