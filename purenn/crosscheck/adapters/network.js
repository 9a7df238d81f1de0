// A network in JavaScript: python3 -m purenn.crosscheck run -- node network.js

// YOUR CODE from here: put your own network in place of this one.

const sigmoid = z => 1 / (1 + Math.exp(-z)), sum = v => v.reduce((s, x) => s + x, 0);
const HIDDEN = {sigmoid: [sigmoid, a => a * (1 - a)], tanh: [Math.tanh, a => 1 - a * a],
                relu: [z => Math.max(z, 0), a => a > 0 ? 1 : 0]};
const map2 = (f, A, B) => Array.isArray(A) ? A.map((a, k) => map2(f, a, B[k])) : f(A, B);

function backprop(net, {x, y}) {
  const [f, fPrime] = HIDDEN[net.hidden], a = [x];
  let z;
  net.weights.forEach((W, l) => {
    z = W.map((row, j) => sum(row.map((w, k) => w * a[l][k])) + net.biases[l][j]);
    a.push(z.map(f));
  });
  const top = Math.max(...z), e = z.map(z => Math.exp(z - top));
  const out = a[a.length - 1] =
    {sigmoid: z.map(sigmoid), identity: z, softmax: e.map(v => v / sum(e))}[net.output];
  let delta = out.map((a, j) => a - y[j]), cost = sum(delta.map(d => d * d)) / 2;
  const inner = sum(delta.map((d, j) => d * out[j]));
  if (net.cost === "quadratic")
    delta = delta.map((d, j) => net.output === "sigmoid" ? d * out[j] * (1 - out[j])
                                : net.output === "softmax" ? out[j] * (d - inner) : d);
  else if (net.cost === "cross-entropy")
    cost = sum(z.map((z, j) => Math.max(z, 0) - y[j] * z + Math.log1p(Math.exp(-Math.abs(z)))));
  else cost = sum(z.map((z, j) => y[j] * (top - z + Math.log(sum(e)))));
  const b = [delta];
  for (let l = net.weights.length - 1; l > 0; l--)
    b.unshift(a[l].map((a, k) => fPrime(a) * sum(b[0].map((d, j) => d * net.weights[l][j][k]))));
  return {a: a.slice(1), cost, b, w: b.map((d, l) => d.map(d => a[l].map(a => d * a)))};
}

// YOUR CODE to here.  What it does not compute can be left out of the answer below.

function answer(net) {
  const all = net.mini_batch.map(example => backprop(net, example)), m = all.length;
  const mean = key => all.map(r => r[key]).reduce((A, B) => map2((a, b) => a + b, A, B));
  const [w, b] = ["w", "b"].map(key => map2(g => g / m, mean(key), mean(key)));
  const decay = net.lmbda / net.n, squares = net.weights.flat(2).map(w => w * w);
  return {name: net.name, activations: all.map(r => r.a), costs: all.map(r => r.cost),
          total_cost: sum(all.map(r => r.cost)) / m + decay / 2 * sum(squares),
          nabla_w: w, nabla_b: b, new_biases: map2((b, g) => b - net.eta * g, net.biases, b),
          new_weights: map2((w, g) => w - net.eta * (g + decay * w), net.weights, w)};
}
const {cases} = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify({format: "purenn-answers", version: 2, answers: cases.map(answer)}));
