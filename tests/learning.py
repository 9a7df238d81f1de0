"""A program that learns from a sequence of mini-batches, written for the tests alone.

It calls nothing of purenn.  Examples are columns here and gradients sums, as in many programs, and
a habit, a function, may do something else with what one step hands on to the next.
"""
from __future__ import annotations

import math


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -500 else math.exp(z)


ACTIVATIONS = {"sigmoid": sigmoid, "tanh": math.tanh, "relu": lambda z: max(z, 0.0)}
SLOPES = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a,
          "relu": lambda a: float(a > 0)}


def softmax(z):
    e = [math.exp(v - max(z)) for v in z]
    return [v / sum(e) for v in e]


def forward(case, W, b, x):
    a = [x]
    for l, (rows, biases) in enumerate(zip(W, b)):
        z = [sum(map(lambda w, v: w * v, row, a[-1])) + c for row, c in zip(rows, biases)]
        name = case["output"] if l == len(W) - 1 else case["hidden"]
        a.append(softmax(z) if name == "softmax" else [ACTIVATIONS[name](v) for v in z])
    return a


def gradient_sum(case, W, b, batch):
    """Σ ∂C/∂w and Σ ∂C/∂b over the mini-batch, the last example first."""
    gW = [[[0.0] * len(row) for row in rows] for rows in W]
    gb = [[0.0] * len(c) for c in b]
    for example in reversed(batch):
        a = forward(case, W, b, example["x"])
        d = [p - q for p, q in zip(a[-1], example["y"])]
        if case["cost"] == "quadratic":
            if case["output"] == "softmax":
                mean = sum(p * q for p, q in zip(d, a[-1]))
                d = [p * (q - mean) for p, q in zip(a[-1], d)]
            else:
                d = [q * SLOPES["sigmoid"](p) for p, q in zip(a[-1], d)]
        for l in reversed(range(len(W))):
            for j, d_j in enumerate(d):
                gb[l][j] += d_j
                for k, a_k in enumerate(a[l]):
                    gW[l][j][k] += d_j * a_k
            if l:
                d = [sum(W[l][j][k] * d[j] for j in range(len(d))) * SLOPES[case["hidden"]](a_k)
                     for k, a_k in enumerate(a[l])]
    return gW, gb


def cost_of(case, a, y):
    if case["cost"] == "quadratic":
        return sum((p - q) ** 2 for p, q in zip(a, y)) / 2
    if case["cost"] == "cross-entropy":
        return -sum(math.log(p) if q else math.log(1 - p) for p, q in zip(a, y))
    return -math.log(a[y.index(1.0)])


def class_of(a):
    return int(a[0] > 0.5) if len(a) == 1 else a.index(max(a))


def mapped(f, *nested):
    """f of the numbers that stand in the same place of nested lists."""
    if isinstance(nested[0], list):
        return [mapped(f, *parts) for parts in zip(*nested)]
    return f(*nested)


def batches_of(case):
    found, k = [], 0
    for size in case["mini_batch_sizes"]:
        found.append(case["examples"][k:k + size])
        k += size
    return found * case["epochs"]


def plain_step(memory, case, state, batch, t):
    """The right step.  A habit has the same arguments; what it keeps, it keeps in memory."""
    W, b = state
    gW, gb = gradient_sum(case, W, b, batch)
    return apply(case, state, gW, gb, case["eta"] / len(batch))


def apply(case, state, gW, gb, rate):
    keep = 1 - case["eta"] * case["lmbda"] / case["n"]
    return (mapped(lambda w, g: keep * w - rate * g, state[0], gW),
            mapped(lambda v, g: v - rate * g, state[1], gb))


def learn(case, habit=plain_step, batches=None):
    """The answer of a program that takes each step as the habit does."""
    state, steps, memory = (case["weights"], case["biases"]), [], {}
    for t, batch in enumerate(batches or batches_of(case)):
        state = habit(memory, case, state, batch, t)
        steps.append({"new_weights": state[0], "new_biases": state[1]})
    outputs = [forward(case, *state, e["x"])[-1] for e in case["examples"]]
    aims = [e["y"] for e in case["examples"]]
    costs = [cost_of(case, a, y) for a, y in zip(outputs, aims)]
    return {"steps": steps, "final_weights": state[0], "final_biases": state[1],
            "predictions": [class_of(a) for a in outputs],
            "correct": sum(class_of(a) == class_of(y) for a, y in zip(outputs, aims)),
            "mean_cost": sum(costs) / len(costs)}
