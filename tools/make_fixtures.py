#!/usr/bin/env python3
"""Write tests/data: one small data set in every form that people have it in.

The data set is the same in each file, 14 images of 2 x 2 pixels, made by a formula: image i has
the label 3 i mod 10, and its pixel j is k/256 with k = 37 i + 59 j mod 256.  Nine examples are
for training, two for evaluation, three for testing.

Each interpreter given writes what its own pickle and its own NumPy make, at every protocol it
knows, under names that begin with its versions, such as py2.7-np1.16; so the files need writing
only when there is a new kind.  The script that they run works in Python 2.7 as well as in 3.
Plain lists and IDX files need no NumPy and come from the Python that runs this tool.

tests/data/numpy holds what ``np.save``, ``np.savez`` and ``np.savez_compressed`` make of the same
data, as Keras, Kuzushiji-MNIST and MedMNIST lay theirs out; the last interpreter given writes it.
tests/data/networks holds networks that PyTorch (with the library safetensors) and NumPy wrote, with
inputs and the outputs that they computed.  The file VERSIONS in each says with what.
"""
from __future__ import annotations

import argparse
import gzip
import io
import os
import pickle
import struct
import subprocess
import sys

SPLIT = (("train", 0, 9), ("valid", 9, 11), ("test", 11, 14))
FOLDER = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests",
                                       "data"))

# What the interpreters run: (folder, *(pickle module, protocol)) on the command line.
WITH_NUMPY = r"""
from __future__ import print_function
import gzip, os, sys
import numpy as np
try:
    import cPickle as pickle  # Python 2's own, which writes what Python 2's users have
except ImportError:
    import pickle

folder = sys.argv[1]
version = "py%d.%d-np%s" % (sys.version_info[0], sys.version_info[1],
                            ".".join(np.__version__.split(".")[:2]))
i = np.arange(14)
gray = (37 * i[:, None] + 59 * np.arange(4)) % 256
labels = 3 * i % 10


def write(kind, images, labels, protocol, zipped=False):
    data = tuple((images[a:b], labels[a:b]) for a, b in ((0, 9), (9, 11), (11, 14)))
    if kind[0] == "F":  # cut first, since a slice of a column-major array is in neither order
        data = tuple((np.asfortranarray(x), y) for x, y in data)
    if kind == "scalars":
        data = [[x.tolist(), list(y)] for x, y in data[:2]] + [[list(map(list, data[2][0])),
                                                                list(data[2][1])]]
    if kind == "rows":
        data = [[list(x), y] for x, y in data]
    packed = pickle.dumps(data, protocol)
    name = "%s-%s-protocol%d.pkl" % (version, kind, protocol)
    if zipped:
        with open(os.path.join(folder, name + ".gz"), "wb") as out:
            with gzip.GzipFile("", "wb", 9, out, mtime=0) as file:
                file.write(packed)
    else:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(packed)


for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    write("f4", (gray / 256.0).astype("<f4"), labels.astype("<i8"), protocol, protocol == 2)
latest = pickle.HIGHEST_PROTOCOL
for protocol in {2, latest}:
    write("bigendian", (gray / 256.0).astype(">f8"), labels.astype(">i4"), protocol)
    write("F", (gray / 256.0).astype("<f4"), labels.astype("<i4"), protocol)
    write("u1", gray.astype("u1"), labels.astype("u1"), protocol)
    write("F3", np.asfortranarray(gray.astype("u1").reshape(14, 2, 2)), labels, protocol)
write("f8", gray / 256.0, labels.astype("<i2"), latest, True)
write("cube", (gray / 256.0).astype(">f4").reshape(14, 2, 2), labels.astype("i1"), latest)
write("scalars", (gray / 256.0).astype("f4"), labels.astype("i8"), 2)
write("rows", (gray / 256.0).astype("f4"), labels.astype("i8"), latest)
print("%s: protocols 0 to %d" % (version, latest))
"""


# The same, for NumPy's own files: (folder) on the command line.
NUMPY_FILES = r"""
import os, sys
import numpy as np

folder = os.path.join(sys.argv[1], "numpy")
i = np.arange(14)
gray = ((37 * i[:, None] + 59 * np.arange(4)) % 256).astype("u1")
labels = (3 * i % 10).astype("u1")


def path(*names):
    os.makedirs(os.path.join(folder, *names[:-1]), exist_ok=True)
    return os.path.join(folder, *names)


keras = dict(x_train=gray[:12].reshape(12, 2, 2), y_train=labels[:12],
             x_test=gray[12:].reshape(2, 2, 2), y_test=labels[12:])
np.savez_compressed(path("keras.npz"), **keras)
np.savez(path("keras-raw.npz"), **keras)
np.savez(path("objects.npz"), x_train=np.array([[1, 2], [3]], dtype=object), y_train=labels[:2])
np.save(path("objects.npy"), np.array([[1, 2], [3]], dtype=object))
np.savez_compressed(path("medmnist.npz"), train_images=gray[:9], train_labels=labels[:9, None],
                    val_images=gray[9:11], val_labels=labels[9:11, None], test_images=gray[11:],
                    test_labels=labels[11:, None])
for part, a, b in ("train", 0, 12), ("test", 12, 14):
    np.savez_compressed(path("kuzushiji", "kmnist-%s-imgs.npz" % part), gray[a:b].reshape(-1, 2, 2))
    np.savez_compressed(path("kuzushiji", "kmnist-%s-labels.npz" % part), labels[a:b])
    np.save(path("npy", part + "-images.npy"), gray[a:b] / 256.0)
    np.save(path("npy", part + "-labels.npy"), labels[a:b].astype("i8"))
    np.save(path("npy-x", "X_%s.npy" % part), (gray[a:b] / 256.0).astype(">f4"))
    np.save(path("npy-x", "y_%s.npy" % part), labels[a:b].astype(">i4"))
    np.save(path("fortran", "x_%s.npy" % part), np.asfortranarray(gray[a:b].reshape(-1, 2, 2)))
    np.save(path("fortran", "y_%s.npy" % part), labels[a:b].astype("i2")[:, None])
with open(path("VERSIONS"), "w", newline="\n") as file:
    file.write("Python %d.%d, NumPy %s\n" % (sys.version_info[0], sys.version_info[1],
                                             np.__version__))
print("NumPy's own files")
"""


# Networks of other libraries, with five inputs each and what the library makes of them.
NETWORKS = r"""
import os, sys
import numpy as np, safetensors, torch
from safetensors.torch import save_file
from torch import nn

folder = os.path.join(sys.argv[1], "networks")
os.makedirs(folder, exist_ok=True)
torch.manual_seed(0)
rng = np.random.default_rng(0)


def path(name):
    return os.path.join(folder, name)


def of_torch(name, model, dtype, last=lambda a: a):
    x = torch.randn(5, 7, dtype=dtype)
    save_file(model.state_dict(), path(name + ".safetensors"))
    np.save(path(name + "-inputs.npy"), x.numpy())
    np.save(path(name + "-outputs.npy"), last(model(x)).detach().numpy())


class Module(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.middle, self.end = nn.Linear(7, 5), nn.Linear(5, 4), nn.Linear(4, 3)

    def forward(self, x):
        return self.end(torch.tanh(self.middle(torch.tanh(self.hidden(x)))))


sequential = nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3))
of_torch("torch-sequential", sequential, torch.float32, lambda a: torch.softmax(a, 1))
of_torch("torch-module", Module(), torch.float32)
of_torch("torch-double", nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 1, bias=False),
                                       nn.Sigmoid()).double(), torch.float64)
torch.save(sequential.state_dict(), path("torch-state.pt"))
torch.save(sequential.state_dict(), path("torch-legacy.pt"), _use_new_zipfile_serialization=False)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def of_numpy(name, x, y, *positions, **arrays):
    np.savez(path(name + ".npz"), *positions, **arrays)
    np.save(path(name + "-inputs.npy"), x)
    np.save(path(name + "-outputs.npy"), y)


x = rng.normal(size=(5, 7))
W1, b1, W2, b2 = (rng.normal(size=shape) for shape in ((5, 7), 5, (3, 5), 3))
hidden = sigmoid(x @ W1.T + b1)
of_numpy("numpy-neurons-inputs", x, sigmoid(hidden @ W2.T + b2), W1=W1, b1=b1[:, None], W2=W2,
         b2=b2[:, None])
of_numpy("numpy-inputs-neurons", x, softmax(hidden @ W2.T + b2), W1=W1.T, b1=b1[None], W2=W2.T,
         b2=b2[None])
f = np.float32
relu = np.maximum(x.astype(f) @ W1.T.astype(f) + b1.astype(f), 0)
of_numpy("numpy-positions", x.astype(f), relu @ W2.T.astype(f) + b2.astype(f), W1.T.astype(f),
         b1.astype(f), W2.T.astype(f), b2.astype(f))
relu = np.maximum(x @ W1.T + b1, 0)
of_numpy("sklearn-names", x, softmax(relu @ W2.T + b2), coefs_0=W1.T, intercepts_0=b1, coefs_1=W2.T,
         intercepts_1=b2)
with open(path("VERSIONS"), "w", newline="\n") as file:
    file.write("Python %d.%d, NumPy %s, PyTorch %s, safetensors %s\n" % (
        sys.version_info[0], sys.version_info[1], np.__version__, torch.__version__,
        safetensors.__version__))
print("networks of PyTorch and NumPy")
"""


def write(path: str, raw: bytes) -> None:
    """Write a file, gzip'd without a time or a name if its name ends in .gz."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if path.endswith(".gz"):
        packed = io.BytesIO()
        with gzip.GzipFile("", "wb", 9, packed, mtime=0) as file:
            file.write(raw)
        raw = packed.getvalue()
    with open(path, "wb") as file:
        file.write(raw)


def write_lists(folder: str, gray: list, labels: list) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        floats = [[k / 256 for k in row] for row in gray]
        data = [(floats[a:b], labels[a:b]) for _, a, b in SPLIT]
        write(f"{folder}/list-floats-protocol{protocol}.pkl", pickle.dumps(data, protocol))
    data = tuple((tuple(map(tuple, gray[a:b])), tuple(labels[a:b])) for _, a, b in SPLIT)
    write(f"{folder}/list-ints-protocol2.pkl.gz", pickle.dumps(data, 2))


def write_idx(folder: str, gray: list, labels: list) -> None:
    """Two folders of IDX files: train with the first 12 = 10 + 2 examples, t10k with the rest."""
    pixels = [bytes(row) for row in gray]
    for place, form in ("idx", "{}-{}-idx{}-ubyte"), ("idx-gz", "{}-{}.idx{}-ubyte.gz"):
        for part, a, b in ("train", 0, 12), ("t10k", 12, 14):
            write(f"{folder}/{place}/" + form.format(part, "images", 3),
                  struct.pack(">4B3I", 0, 0, 8, 3, b - a, 2, 2) + b"".join(pixels[a:b]))
            write(f"{folder}/{place}/" + form.format(part, "labels", 1),
                  struct.pack(">4BI", 0, 0, 8, 1, b - a) + bytes(labels[a:b]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Write the loader's fixtures, tests/data.",
        epilog="Those in the repository: python3 tools/make_fixtures.py, with the interpreters of "
               "three virtual environments: Python 2.7 with NumPy 1.16, 3.11 with 1.26 and 3.11 "
               "with 2.4, PyTorch 2.13 and safetensors.")
    parser.add_argument("python", nargs="*", metavar="PYTHON",
                        help="an interpreter that has NumPy, Python 2.7 or later")
    parser.add_argument("--out", metavar="FOLDER", default=FOLDER,
                        help="where to write (default: %(default)s)")
    args = parser.parse_args()
    gray = [[(37 * i + 59 * j) % 256 for j in range(4)] for i in range(14)]
    labels = [3 * i % 10 for i in range(14)]
    try:
        write_lists(args.out, gray, labels)
        write_idx(args.out, gray, labels)
        for python in args.python:
            if subprocess.run([python, "-c", WITH_NUMPY, args.out]).returncode:
                sys.exit(f"{python} did not write its fixtures (it needs Python 2.7 or later, "
                         "and NumPy)")
        for script in (NUMPY_FILES, NETWORKS) if args.python else ():
            if subprocess.run([args.python[-1], "-c", script, args.out]).returncode:
                sys.exit(f"{args.python[-1]} did not write NumPy's files and the networks (it "
                         "needs NumPy, PyTorch and safetensors)")
    except OSError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
