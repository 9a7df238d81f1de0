// Drawing a digit, or opening a picture of one.
"use strict";

const pad = element("pad"), pen = pad.getContext("2d");
const side = Math.round(Math.sqrt(net.sizes[0]));
let strokes = [], drawing = null, picture = null;

function place(event) {
  const box = pad.getBoundingClientRect();
  return {x: (event.clientX - box.left) * pad.width / box.width,
          y: (event.clientY - box.top) * pad.height / box.height};
}

function redraw() {
  pen.clearRect(0, 0, pad.width, pad.height);
  if (picture) pen.drawImage(picture, 0, 0, pad.width, pad.height);
  pen.lineWidth = 18;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#1a1d23";
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(stroke[0].x, stroke[0].y);
    for (const p of stroke.length > 1 ? stroke : [...stroke, stroke[0]]) pen.lineTo(p.x, p.y);
    pen.stroke();
  }
}

function look() {
  redraw();
  if (!strokes.length) { show(null); return; }
  show(fromStrokes(strokes, side, pad.width));
}

function show(x) {
  const canvas = element("given"), context = canvas.getContext("2d");
  canvas.width = canvas.height = side;
  const image = context.createImageData(side, side);
  (x || []).forEach((v, i) => image.data.set([26, 29, 35, Math.round(255 * v)], 4 * i));
  context.putImageData(image, 0, 0);
  give(x);
}

pad.addEventListener("pointerdown", event => {
  pad.setPointerCapture(event.pointerId);
  picture = null;
  drawing = [place(event)];
  strokes.push(drawing);
  look();
  event.preventDefault();
});
pad.addEventListener("pointermove", event => {
  if (!drawing) return;
  drawing.push(place(event));
  look();
});
for (const name of ["pointerup", "pointercancel"]) {
  pad.addEventListener(name, () => { drawing = null; });
}

function undo() {
  if (picture) { clear(); return; }
  strokes.pop();
  look();
}

function clear() {
  strokes = [];
  picture = null;
  look();
}

element("undo").addEventListener("click", undo);
element("clear").addEventListener("click", clear);

// A picture: grey, its ink found by what stands out from its border, cut out and scaled.
function open(file) {
  if (!file) return;
  const image = new Image(), address = URL.createObjectURL(file);
  image.onload = () => {
    URL.revokeObjectURL(address);
    strokes = [];
    const scale = Math.min(1, 400 / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(scale * image.naturalWidth));
    canvas.height = Math.max(1, Math.round(scale * image.naturalHeight));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";  // paper behind what is transparent
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const rgb = context.getImageData(0, 0, canvas.width, canvas.height).data;
    const gray = [];
    for (let i = 0; i < rgb.length; i += 4) {
      gray.push(0.299 * rgb[i] + 0.587 * rgb[i + 1] + 0.114 * rgb[i + 2]);
    }
    picture = canvas;
    redraw();
    const x = fromPicture(gray, canvas.width, canvas.height, side);
    show(x);
    if (!x) element("said").textContent = "Nothing in this picture stands out from its border.";
  };
  image.onerror = () => {
    URL.revokeObjectURL(address);
    element("said").textContent = `${file.name} is not a picture that this browser reads.`;
  };
  image.src = address;
}

element("file").addEventListener("change", event => {
  open(event.target.files[0]);
  event.target.value = "";
});
document.addEventListener("dragover", event => event.preventDefault());
document.addEventListener("drop", event => {
  event.preventDefault();
  open(event.dataTransfer.files[0]);
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  if (event.key === "u") undo();
  else if (event.key === "c") clear();
  else if (event.key === "o") element("file").click();
});
look();
