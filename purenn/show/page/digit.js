// From strokes or a picture to the pixels that a network was trained on.
//
// MNIST: digits were scaled to fit a box of 20 × 20 pixels, their shape kept, and placed in 28 × 28
// so that their centre of mass is in the middle (Y. LeCun, C. Cortes, C. Burges, The MNIST database
// of handwritten digits).  The small digits: 32 × 32 bitmaps that the digit fills from top to
// bottom, counted in blocks of 4 × 4 (E. Alpaydin, C. Kaynak, UCI Machine Learning Repository).
"use strict";

// How the pictures of a side were made.  The pen is as wide as most writers' was, in pixels of the
// grid; a block of the grid makes a pixel.
function making(side) {
  if (side === 8) return {side, block: 4, box: [32, 25], pen: 5.5, byMass: false};
  return {side, block: 1, box: [side * 20 / 28, side * 20 / 28], pen: side * 2.7 / 28, byMass: true};
}

// The pixels, 0 to 1, of a drawing: a list of strokes, each a list of points {x, y}, on a square of
// the given size.  What is smaller than a quarter of it is not blown up further.
function fromStrokes(strokes, side, size) {
  const points = strokes.flat();
  const make = making(side), grid = side * make.block;
  if (!points.length) return new Array(side * side).fill(0);
  const xs = points.map(p => p.x), ys = points.map(p => p.y);
  const left = Math.min(...xs), top = Math.min(...ys);
  const width = Math.max(...xs) - left, height = Math.max(...ys) - top;
  const scale = Math.min((make.box[0] - make.pen) / Math.max(height, 1e-9),
                         (make.box[1] - make.pen) / Math.max(width, 1e-9), 4 * grid / size);
  const lines = strokes.map(stroke => stroke.map(p => ({x: (p.x - left - width / 2) * scale,
                                                       y: (p.y - top - height / 2) * scale})));
  return pixels(placed((x, y) => inked(lines, x, y, make.pen / 2), make, grid), make);
}

// How dark a point of the grid is, 0 to 1: 1 within the pen's radius of a line, fading over a pixel.
function inked(lines, x, y, radius) {
  let nearest = Infinity;
  for (const line of lines) {
    for (let i = 0; i < line.length; i++) {
      nearest = Math.min(nearest, distance(x, y, line[i], line[Math.min(i + 1, line.length - 1)]));
    }
  }
  return Math.min(Math.max(radius + 0.5 - nearest, 0), 1);
}

function distance(x, y, p, q) {
  const dx = q.x - p.x, dy = q.y - p.y, square = dx * dx + dy * dy;
  const t = square ? Math.min(Math.max(((x - p.x) * dx + (y - p.y) * dy) / square, 0), 1) : 0;
  return Math.hypot(x - p.x - t * dx, y - p.y - t * dy);
}

// A grid of ink; ink(x, y) is 0 to 1, with the drawing's middle at (0, 0).  Where the centre of mass
// is to be in the middle, it is found first and the drawing moved by it, to whole pixels.
function placed(ink, make, grid) {
  const at = (dx, dy) => {
    const found = [];
    for (let r = 0; r < grid; r++) {
      for (let c = 0; c < grid; c++) {
        found.push(ink(c + 0.5 - grid / 2 - dx, r + 0.5 - grid / 2 - dy));
      }
    }
    return found;
  };
  const first = at(0, 0);
  if (!make.byMass) return first;
  let mass = 0, mx = 0, my = 0;
  first.forEach((v, i) => {
    mass += v;
    mx += v * (i % grid + 0.5 - grid / 2);
    my += v * (Math.floor(i / grid) + 0.5 - grid / 2);
  });
  return mass ? at(-Math.round(mx / mass), -Math.round(my / mass)) : first;
}

// The grid as pixels: gray levels of 256, or the share of a block's points that are dark.
function pixels(grid, make) {
  const wide = make.side * make.block;
  if (make.block === 1) return grid.map(v => Math.round(255 * v) / 256);
  const found = new Array(make.side * make.side).fill(0);
  grid.forEach((v, i) => {
    const r = Math.floor(i / wide / make.block), c = Math.floor(i % wide / make.block);
    if (v >= 0.5) found[r * make.side + c] += 1 / (make.block * make.block);
  });
  return found;
}

// The pixels of a picture: gray levels 0 (black) to 255, row by row.  What is darker or lighter than
// the border is taken for ink; the smallest rectangle with ink is cut out and scaled to the box.
function fromPicture(gray, width, height, side) {
  const ink = inkOf(gray, width, height);
  let left = width, right = -1, top = height, bottom = -1;
  ink.forEach((v, i) => {
    if (v < 0.5) return;
    const x = i % width, y = Math.floor(i / width);
    left = Math.min(left, x); right = Math.max(right, x);
    top = Math.min(top, y); bottom = Math.max(bottom, y);
  });
  if (right < 0) return null;
  const make = making(side), grid = side * make.block;
  const w = right - left + 1, h = bottom - top + 1;
  const scale = Math.min(make.box[0] / h, make.box[1] / w);
  const middle = {x: left + w / 2, y: top + h / 2};
  return pixels(placed((x, y) => mean(ink, width, height, middle.x + (x - 0.5) / scale,
                                      middle.x + (x + 0.5) / scale, middle.y + (y - 0.5) / scale,
                                      middle.y + (y + 0.5) / scale), make, grid), make);
}

// Gray levels as ink, 0 to 1: the border is paper, and half way to the strongest ink is ½.
function inkOf(gray, width, height) {
  const border = [];
  gray.forEach((v, i) => {
    const x = i % width, y = Math.floor(i / width);
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) border.push(v);
  });
  border.sort((a, b) => a - b);
  const paper = border[border.length >> 1];
  const away = Array.from(gray, v => Math.abs(v - paper));
  const strongest = away.slice().sort((a, b) => b - a)[Math.floor(away.length / 200)];
  if (strongest < 40) return away.map(() => 0);  // nothing stands out from the paper
  return away.map(v => Math.min(Math.max(1.6 * v / strongest - 0.4, 0), 1));
}

// The mean ink of a rectangle of the picture; outside it is paper.
function mean(ink, width, height, x0, x1, y0, y1) {
  let sum = 0, area = 0;
  for (let y = Math.floor(y0); y < y1; y++) {
    for (let x = Math.floor(x0); x < x1; x++) {
      const part = (Math.min(x + 1, x1) - Math.max(x, x0)) * (Math.min(y + 1, y1) - Math.max(y, y0));
      area += part;
      if (x >= 0 && y >= 0 && x < width && y < height) sum += part * ink[y * width + x];
    }
  }
  return area ? sum / area : 0;
}

if (typeof module !== "undefined") module.exports = {fromStrokes, fromPicture};
