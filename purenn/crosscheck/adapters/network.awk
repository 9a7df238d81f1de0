# A network in awk, which knows no JSON: it reads plain text and prints a line of JSON for each
# case.
#     python3 -m purenn.crosscheck run --plain -- awk -f network.awk
# W[l, j, k] is the weight from neuron k of layer l to neuron j of layer l + 1; a[e, l, j] is the
# output of a neuron for example e.  Layer 0 is the input, and L layers follow; all count from 0.

# YOUR CODE from here: put your own network in place of this one.  backprop(e) finds a[e, 1, j] to
# a[e, L, j] and costs[e], and adds the gradient of the cost to nabla_w and nabla_b.

function activation(f, z,    t) {
    if (f == "sigmoid") return z > -700 ? 1 / (1 + exp(-z)) : 0
    if (f == "relu") return z > 0 ? z : 0
    if (f == "identity") return z
    t = exp(z < 0 ? 2 * z : -2 * z)  # tanh
    return (z < 0 ? t - 1 : 1 - t) / (1 + t)
}
function slope(f, a) {
    return f == "sigmoid" ? a * (1 - a) : f == "tanh" ? 1 - a * a : f == "relu" ? a > 0 : 1
}
function backprop(e,    l, j, k, z, delta, below, top, sum, inner, v) {
    for (l = 0; l < L; l++) for (j = 0; j < sizes[l + 1]; j++) {
        z[j] = b[l, j]
        for (k = 0; k < sizes[l]; k++) z[j] += W[l, j, k] * a[e, l, k]
        a[e, l + 1, j] = activation(l < L - 1 ? hidden : output, z[j])
    }
    top = z[0]
    for (j = 1; j < sizes[L]; j++) if (z[j] > top) top = z[j]
    for (j = 0; j < sizes[L]; j++) sum += exp(z[j] - top)
    for (j = 0; j < sizes[L]; j++) {
        if (output == "softmax") a[e, L, j] = exp(z[j] - top) / sum
        delta[j] = v = a[e, L, j] - y[e, j]
        inner += v * a[e, L, j]
        costs[e] += cost == "quadratic" ? v * v / 2 : cost == "log-likelihood" \
            ? y[e, j] * (top - z[j] + log(sum)) \
            : (z[j] > 0 ? z[j] : 0) - y[e, j] * z[j] + log(1 + exp(z[j] > 0 ? -z[j] : z[j]))
    }
    if (cost == "quadratic") for (j = 0; j < sizes[L]; j++)
        delta[j] = output == "softmax" ? a[e, L, j] * (delta[j] - inner) \
                                       : delta[j] * slope(output, a[e, L, j])
    for (l = L - 1; l >= 0; l--) {
        for (k = 0; k < sizes[l]; k++) below[k] = 0
        for (j = 0; j < sizes[l + 1]; j++) {
            nabla_b[l, j] += delta[j]
            for (k = 0; k < sizes[l]; k++) {
                nabla_w[l, j, k] += delta[j] * a[e, l, k]
                below[k] += W[l, j, k] * delta[j]
            }
        }
        for (k = 0; k < sizes[l]; k++) delta[k] = below[k] * slope(hidden, a[e, l, k])
    }
}

# YOUR CODE to here.  What it does not compute can be left out of what is printed below.

function line() { if ((getline text) <= 0) exit; return text }
function number() { return line() + 0 }
function field() { line(); return line() }  # the value after a field's name
function vector(v, start, size,    k, s) {
    for (k = 0; k < size; k++) s = s (k ? ", " : "") sprintf("%.17g", v[start, k])
    return "[" s "]"
}
function biases(v,    l, s) {
    for (l = 0; l < L; l++) s = s (l ? ", " : "") vector(v, l, sizes[l + 1])
    return "[" s "]"
}
function weights(v,    l, j, s) {
    for (l = 0; l < L; l++) for (j = 0; j < sizes[l + 1]; j++)
        s = s (j ? ", " : l ? "], [" : "[") vector(v, l SUBSEP j, sizes[l])
    return "[" s "]]"
}
BEGIN {
    if (line() != "purenn-cases") { print "run it with --plain" > "/dev/stderr"; exit 2 }
    line()  # the version
    while (line() == "name") {
        name = line()
        L = field() - 1
        for (l = 0; l <= L; l++) sizes[l] = number()
        hidden = field(); output = field(); cost = field(); line()
        for (l = 0; l < L; l++) for (j = 0; j < sizes[l + 1]; j++)
            for (k = 0; k < sizes[l]; k++) { W[l, j, k] = number(); nabla_w[l, j, k] = 0 }
        line()
        for (l = 0; l < L; l++) for (j = 0; j < sizes[l + 1]; j++) {
            b[l, j] = number(); nabla_b[l, j] = 0
        }
        m = field()
        for (e = 0; e < m; e++) {
            line(); for (k = 0; k < sizes[0]; k++) a[e, 0, k] = number()
            line(); for (j = 0; j < sizes[L]; j++) y[e, j] = number()
        }
        eta = field(); lmbda = field(); n = field()

        sum = squares = 0; activations = all_costs = ""
        for (e = 0; e < m; e++) {
            costs[e] = 0; backprop(e); sum += costs[e]
            all_costs = all_costs (e ? ", " : "") sprintf("%.17g", costs[e])
            for (l = 1; l <= L; l++)
                activations = activations (l > 1 ? ", " : e ? "], [" : "[") \
                    vector(a, e SUBSEP l, sizes[l])
        }
        for (l = 0; l < L; l++) for (j = 0; j < sizes[l + 1]; j++) {
            b[l, j] -= eta * (nabla_b[l, j] /= m)
            for (k = 0; k < sizes[l]; k++) {
                squares += W[l, j, k] ^ 2
                W[l, j, k] -= eta * ((nabla_w[l, j, k] /= m) + lmbda / n * W[l, j, k])
            }
        }
        printf "{\"name\": \"%s\", \"activations\": [%s]], \"costs\": [%s], ", name, activations,
            all_costs
        printf "\"total_cost\": %.17g, ", sum / m + lmbda / (2 * n) * squares
        printf "\"nabla_w\": %s, \"nabla_b\": %s, ", weights(nabla_w), biases(nabla_b)
        printf "\"new_weights\": %s, \"new_biases\": %s}\n", weights(W), biases(b)
    }
}
