"""The options of python3 -m purenn.train.

This module is imported for --help, which should come at once: so it needs no more than the parser.
"""
from __future__ import annotations

import argparse

from purenn.terminal.options import file_name, make_parser
from purenn.terminal.running import typed
from purenn.train.table import add_settings

PROG = typed("train")
EXAMPLES = f"""\
  {PROG} --small
        learn the small digits that come with the package, in seconds
  {PROG}
        learn MNIST from mnist.pkl.gz in this folder
  {PROG} --cost quadratic --lmbda 0 --weights large
        as in chapter 1 of Nielsen's book
  {PROG} --sizes 784,30,10 --epochs 30 --mini-batch 10 --eta 3.0 --lmbda 0.1
        the run this program began with
  {PROG} --small --hidden relu --cost log-likelihood --save net.json
        ReLU neurons and a softmax output, saved for later
  {PROG} --small --report report.html
        and then open report.html in a browser
  {PROG} --points moons
        two classes of points in the plane, and the line that the network draws between them
  {PROG} --data iris.csv --label species --save iris.npz
        a table of numbers with a column of classes
  {PROG} --checkpoint run.json     and, after whatever happened,
  {PROG} --resume run.json
"""


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(PROG, "Train a neural network, in plain Python: on handwritten digits, "
                         "other pictures, points or tables.",
                         EXAMPLES)
    add_settings(parser)
    out = parser.add_argument_group("what to keep and show")
    out.add_argument("--save", metavar="FILE", type=file_name,
                     help="write the trained network: as JSON, or as FILE ends in: .safetensors "
                     "(for PyTorch), .npz (for NumPy)")
    out.add_argument("--history", metavar="FILE", type=file_name,
                     help="write what was measured after each epoch, as JSON")
    out.add_argument("--report", metavar="FILE", type=file_name,
                     help="write a web page (HTML) that shows the run: curves, mistakes, weights")
    out.add_argument("--checkpoint", metavar="FILE", type=file_name,
                     help="after each epoch, write all that is needed to go on from there")
    out.add_argument("--resume", metavar="FILE", type=file_name,
                     help="go on from a checkpoint, with its settings; it is kept up to date. "
                     "--epochs may be another number: more of them make a finished run longer")
    out.add_argument("--digest", action="store_true",
                     help="print SHA-256 digests of the weights and costs, to compare runs")
    out.add_argument("--quiet", action="store_true",
                     help="print no more than the seed and the result")
    return parser
