// Pointing at two numbers: the plane with the network's decision boundary and the points.
"use strict";

const plane = element("plane"), brush = plane.getContext("2d");
const CELLS = 70;
let cross = null;

const across = v => (v - net.range[0]) / (net.range[1] - net.range[0]) * plane.width;
const down = v => (1 - (v - net.range[2]) / (net.range[3] - net.range[2])) * plane.height;

// The two numbers of a place in the plane, and what the network is given: they may be scaled.
function numbers(px, py) {
  return [net.range[0] + (net.range[1] - net.range[0]) * px / plane.width,
          net.range[2] + (net.range[3] - net.range[2]) * (1 - py / plane.height)];
}

function scaledInput(x) {
  return net.scale ? x.map((v, k) => (v - net.scale.mean[k]) / net.scale.deviation[k]) : x;
}

const COLORS = [[234, 88, 12], [59, 130, 246], [22, 163, 74], [168, 85, 247], [202, 138, 4]];

function background() {
  const step = plane.width / CELLS;
  for (let r = 0; r < CELLS; r++) {
    for (let c = 0; c < CELLS; c++) {
      const layers = forward(net, scaledInput(numbers((c + 0.5) * step, (r + 0.5) * step)));
      const values = shares(layers[layers.length - 1].a);
      const best = values.indexOf(Math.max(...values));
      brush.fillStyle = `rgba(${COLORS[best % COLORS.length].join(",")},` +
        `${0.15 + 0.45 * Math.min(Math.max(values[best], 0), 1)})`;
      brush.fillRect(c * step, r * step, step + 0.5, step + 0.5);
    }
  }
  for (const [x, y, k] of net.points) {
    brush.fillStyle = `rgb(${COLORS[k % COLORS.length].join(",")})`;
    brush.strokeStyle = "#fff";
    brush.beginPath();
    brush.arc(across(x), down(y), 3.5, 0, 2 * Math.PI);
    brush.fill();
    brush.stroke();
  }
}

background();
const still = brush.getImageData(0, 0, plane.width, plane.height);

function pointAt(px, py) {
  cross = [Math.min(Math.max(px, 0), plane.width), Math.min(Math.max(py, 0), plane.height)];
  const x = numbers(...cross);
  brush.putImageData(still, 0, 0);
  brush.strokeStyle = "#1a1d23";
  brush.lineWidth = 2;
  brush.beginPath();
  brush.moveTo(cross[0] - 8, cross[1]); brush.lineTo(cross[0] + 8, cross[1]);
  brush.moveTo(cross[0], cross[1] - 8); brush.lineTo(cross[0], cross[1] + 8);
  brush.stroke();
  brush.lineWidth = 1;
  element("place").textContent = `${net.inputs[0]} = ${x[0].toFixed(3)}, ` +
    `${net.inputs[1]} = ${x[1].toFixed(3)}`;
  give(scaledInput(x));
}

function follow(event) {
  if (event.type === "pointermove" && !event.buttons && event.pointerType !== "mouse") return;
  const box = plane.getBoundingClientRect();
  pointAt((event.clientX - box.left) * plane.width / box.width,
          (event.clientY - box.top) * plane.height / box.height);
}

plane.addEventListener("pointerdown", follow);
plane.addEventListener("pointermove", follow);
plane.addEventListener("keydown", event => {
  const moves = {ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4]};
  if (!moves[event.key]) return;
  pointAt(cross[0] + moves[event.key][0], cross[1] + moves[event.key][1]);
  event.preventDefault();
});
pointAt(plane.width / 2, plane.height / 2);
