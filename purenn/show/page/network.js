// A network's forward pass, in the order and with the arithmetic of the Python reference, so that
// every output has the same bits: exp and expm1 as in purenn/floats.py, sums from left to right.
"use strict";

const LN2_FIRST = 0.6931471803691238;          // 0x1.62e42feep-1, the first part of ln 2
const LN2_REST = 1.9082149292705877e-10;       // 0x1.a39ef35793c76p-33
const ONE_BY_LN2 = 1.4426950408889634;         // 0x1.71547652b82fep+0
const LOG2_4_BY_3 = 0.4150374992788438;        // 0x1.a8ff971810a5ep-2

const bits = new DataView(new ArrayBuffer(8));

// 2^k for −1022 ≤ k ≤ 1023, exactly.
function powerOfTwo(k) {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

// 2^k m, rounded once if it is subnormal.
function scaled(m, k) {
  return k < -1021 ? m * powerOfTwo(k + 100) * powerOfTwo(-100) : m * powerOfTwo(k);
}

function reduced(x) {
  const k = Math.floor(x * ONE_BY_LN2 + LOG2_4_BY_3);
  const second = k * LN2_REST;
  const r = x - k * LN2_FIRST;
  const t = r - second;
  const s = t * t;
  const w = 1 / 6 + t * (1 / 24 + t * (1 / 120 + t * (1 / 720 + t * (1 / 5040 + t * (1 / 40320 +
    t * (1 / 362880 + t * (1 / 3628800 + t * (1 / 39916800 + t * (1 / 479001600 +
    t * (1 / 6227020800 + t * (1 / 87178291200)))))))))));
  return [k, r, 0.5 * s + t * s * w - second];
}

// e^x for x ≤ 0, which is all that the activations ask for.
function exp(x) {
  if (!(x > -746)) return x < 0 ? 0 : x;
  const [k, r, rest] = reduced(x);
  return scaled(1 + (r + rest), k);
}

// e^x − 1 for x ≤ 0.
function expm1(x) {
  if (x === 0) return x;
  if (!(x >= -37)) return exp(x) - 1;
  const [k, r, rest] = reduced(x);
  const power = powerOfTwo(-k);
  const a = 1 - power;
  const y = a + r;
  return scaled(y + ((r - (y - a)) + (((1 - a) - power) + rest)), k);
}

function sigmoid(z) {
  const q = exp(-Math.abs(z));
  return z < 0 ? q / (1 + q) : 1 / (1 + q);
}

function tanh(z) {
  const m = expm1(-2 * Math.abs(z));
  return z < 0 ? m / (2 + m) : -m / (2 + m);
}

function softmax(z) {
  let top = z[0];
  for (const v of z) if (v > top) top = v;
  const exponentials = z.map(v => exp(v - top));
  let s = 0;
  for (const e of exponentials) s += e;
  return exponentials.map(e => e / s);
}

const ACTIVATIONS = {
  sigmoid: z => z.map(sigmoid),
  tanh: z => z.map(tanh),
  relu: z => z.map(v => v < 0 ? 0 : v),
  identity: z => z,
  softmax,
};

// Each layer's weighted inputs z and activations a; the input is the first, without z.
function forward(net, x) {
  const layers = [{z: [], a: x}];
  net.weights.forEach((W, l) => {
    const below = layers[l].a;
    const z = W.map((row, j) => {
      let s = net.biases[l][j];
      for (let k = 0; k < below.length; k++) if (below[k] !== 0) s += row[k] * below[k];
      return s;
    });
    const name = l === net.weights.length - 1 ? net.output : net.hidden;
    layers.push({z, a: ACTIVATIONS[name](z)});
  });
  return layers;
}

// σ′(z) of a hidden layer's neurons.
const SLOPES = {
  sigmoid: z => { const q = exp(-Math.abs(z)); return q / ((1 + q) * (1 + q)); },
  tanh: z => 4 * SLOPES.sigmoid(2 * z),
  relu: z => z > 0 ? 1 : 0,
  identity: z => 1,
};

// For every input its part in z_i − z_j of the output: the input times the weights on all ways from
// it to the outputs i and j, each hidden neuron on the way counting with its slope.
function parts(net, layers, i, j) {
  const last = net.weights.length - 1;
  let back = net.weights[last][i].map((w, k) => w - (j === null ? 0 : net.weights[last][j][k]));
  for (let l = last - 1; l >= 0; l--) {
    const delta = back.map((v, k) => v * SLOPES[net.hidden](layers[l + 1].z[k]));
    back = net.weights[l][0].map((_, k) => {
      let s = 0;
      for (let m = 0; m < delta.length; m++) s += net.weights[l][m][k] * delta[m];
      return s;
    });
  }
  return back.map((v, k) => v * layers[0].a[k]);
}

if (typeof module !== "undefined") module.exports = {exp, expm1, forward, parts};
