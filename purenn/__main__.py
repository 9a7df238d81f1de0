"""python -m purenn: what there is."""
from __future__ import annotations

import sys

COMMANDS = """\
purenn: a neural network in plain Python, to read, to run, and to check others against

  python -m purenn.train --small     learn handwritten digits, in seconds
  python -m purenn.show MODEL        look at digits, and what a trained network makes of them
  python -m purenn.explain           one step of learning with every number, to follow on paper
  python -m purenn.crosscheck        is another implementation right? if not, which mistake is it?

Each explains itself with --help.  To read the source, begin with purenn/linalg.py and go on with
elementary, activations, costs, network, sgd, mnist.
"""

if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1:] not in (["-h"], ["--help"]):
        print("python -m purenn takes no arguments: a command is a module of its own, as in "
              "python -m purenn.train --small", file=sys.stderr)
        sys.exit(2)
    print(COMMANDS, end="")
