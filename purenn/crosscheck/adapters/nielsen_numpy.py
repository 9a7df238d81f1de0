"""A network with NumPy: python3 -m purenn.crosscheck run nielsen_numpy:step"""
import numpy as np

# YOUR CODE from here: put your own network in place of this one, which is in the manner of
# Nielsen's network.py, with a column for each vector.

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

HIDDEN = {"sigmoid": (sigmoid, lambda a: a * (1 - a)), "tanh": (np.tanh, lambda a: 1 - a ** 2),
          "relu": (lambda z: np.maximum(z, 0), lambda a: np.where(a > 0, 1.0, 0.0))}

def backprop(weights, biases, x, y, case):
    (f, f_prime), activations = HIDDEN[case["hidden"]], [x]
    for w, b in zip(weights, biases):
        z = w @ activations[-1] + b
        activations.append(f(z))
    e = np.exp(z - z.max())
    a = {"sigmoid": sigmoid(z), "identity": z, "softmax": e / e.sum()}[case["output"]]
    activations[-1] = a
    delta, cost = a - y, np.linalg.norm(a - y) ** 2 / 2
    if case["cost"] == "cross-entropy":
        cost = np.sum(np.logaddexp(0, z) - y * z)  # −Σ [y ln a + (1 − y) ln(1 − a)]
    elif case["cost"] == "log-likelihood":
        cost = np.sum(y * (z.max() - z + np.log(e.sum())))
    elif case["output"] == "sigmoid":
        delta = delta * a * (1 - a)
    elif case["output"] == "softmax":
        delta = a * (delta - delta.T @ a)
    nabla_w, nabla_b = [delta @ activations[-2].T], [delta]
    for l in range(2, len(case["sizes"])):
        delta = weights[-l + 1].T @ delta * f_prime(activations[-l])
        nabla_w, nabla_b = [delta @ activations[-l - 1].T] + nabla_w, [delta] + nabla_b
    return activations[1:], cost, nabla_w, nabla_b

# YOUR CODE to here.  What it does not compute can be left out of the answer below.

def step(case):
    W, B = [np.array(w) for w in case["weights"]], [np.array([b]).T for b in case["biases"]]
    results = [backprop(W, B, np.array([example["x"]]).T, np.array([example["y"]]).T, case)
               for example in case["mini_batch"]]
    activations, costs, nabla_w, nabla_b = zip(*results)
    mean = [[sum(g) / len(results) for g in zip(*nabla)] for nabla in (nabla_w, nabla_b)]
    eta, decay = case["eta"], case["lmbda"] / case["n"]
    return {"activations": activations, "costs": costs, "nabla_w": mean[0], "nabla_b": mean[1],
            "total_cost": sum(costs) / len(costs) + decay / 2 * sum(np.sum(w * w) for w in W),
            "new_weights": [(1 - eta * decay) * w - eta * g for w, g in zip(W, mean[0])],
            "new_biases": [b - eta * g for b, g in zip(B, mean[1])]}
