// What a person sees and does: outputs as bars, hidden neurons, and why not what was meant.
"use strict";

const net = JSON.parse(document.getElementById("network").textContent);
const CLASSES = net.classes;
const MOST_NEURONS = 100;
const POSITIVE = [59, 130, 246], NEGATIVE = [234, 88, 12];
const element = id => document.getElementById(id);
const CHOOSE = element("why-text").textContent;
let input = null;  // what the network was given last

function made(tag, name, parent, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  parent.appendChild(node);
  return node;
}

const rows = CLASSES.map(name => {
  const row = made("div", "output", element("outputs"));
  made("span", "", row, name);
  const bar = made("div", "", made("div", "bar", row));
  return {row, bar, number: made("span", "number", row, "")};
});

// With a single output there are two classes: 1 above the middle of its activation, else 0.
function shares(a) {
  if (a.length > 1) return a;
  const one = net.output === "tanh" ? (a[0] + 1) / 2 : a[0];
  return [1 - one, one];
}

const neurons = net.weights.length < 2 ? [] : net.weights[0].slice(0, MOST_NEURONS).map((w, j) => {
  const box = made("div", "", element("hidden"));
  const canvas = made("canvas", "", box);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `weights of hidden neuron ${j + 1}`);
  const side = Math.round(Math.sqrt(w.length));
  if (side * side === w.length) painted(canvas, side, w, Math.max(...w.map(Math.abs)));
  else canvas.remove();
  return made("div", "", made("div", "bar", box));
});
element("hidden-section").hidden = !neurons.length;

const meant = element("meant");
made("option", "", meant, "–").value = "";
CLASSES.forEach((name, k) => { made("option", "", meant, name).value = k; });
meant.addEventListener("change", explain);

// Signed numbers as a picture: blue for positive ones, orange for negative ones.
function painted(canvas, side, values, largest) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  values.forEach((v, i) => {
    image.data.set([...(v < 0 ? NEGATIVE : POSITIVE),
                    Math.round(255 * Math.min(Math.abs(v) / (largest || 1), 1))], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

// Gives the network an input, and shows everything that follows from it; null clears it.
function give(x) {
  input = x;
  const layers = x && forward(net, x);
  const values = layers ? shares(layers[layers.length - 1].a) : CLASSES.map(() => 0);
  const best = values.indexOf(Math.max(...values));
  rows.forEach(({row, bar, number}, k) => {
    row.className = layers && k === best ? "output best" : "output";
    bar.style.width = `${100 * Math.min(Math.max(values[k], 0), 1)}%`;
    number.textContent = layers ? values[k].toFixed(3) : "";
  });
  neurons.forEach((bar, j) => {
    const a = layers ? layers[1].a[j] : 0;
    bar.style.width = `${100 * Math.min(Math.abs(a), 1)}%`;
  });
  element("said").textContent = layers
    ? `The network says ${CLASSES[best]}, with ${values[best].toFixed(2)}.` : "";
  window.said = layers ? {best, outputs: layers[layers.length - 1].a, input: x} : null;
  explain();
}

// Marks the inputs that spoke for what the network said and against what was meant.
function explain() {
  const text = element("why-text"), canvas = element("why");  // two numbers have no picture
  if (canvas) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  if (!input || meant.value === "") {
    text.textContent = CHOOSE;
    return;
  }
  const layers = forward(net, input), a = layers[layers.length - 1].a, values = shares(a);
  const best = values.indexOf(Math.max(...values)), wanted = Number(meant.value);
  const other = best === wanted
    ? values.indexOf(Math.max(...values.filter((_, k) => k !== wanted))) : best;
  const found = a.length > 1 ? parts(net, layers, other, wanted)
    : parts(net, layers, 0, null).map(v => wanted === 1 ? -v : v);
  const sentence = best === wanted ? `It did say ${CLASSES[wanted]}; next came ${CLASSES[other]}. `
    : "";
  const how = `the value${net.scale ? ", scaled as in training," : ""} times the weights on all ` +
    `ways from the input to the ${a.length > 1 ? "two outputs" : "output"}`;
  if (canvas) {
    painted(canvas, Math.round(Math.sqrt(found.length)), found, Math.max(...found.map(Math.abs)));
    text.textContent = `${sentence}Blue pixels spoke for ${CLASSES[other]} and against ` +
      `${CLASSES[wanted]}, orange ones the other way: what counts is ${how}.`;
  } else {
    const each = found.map((v, k) => `${net.inputs[k]} ${v.toFixed(2)}`).join(", ");
    text.textContent = `${sentence}How much each input spoke for ${CLASSES[other]} and against ` +
      `${CLASSES[wanted]}: ${each} (${how}).`;
  }
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  if (event.key === "m") { meant.focus(); event.preventDefault(); }
});
