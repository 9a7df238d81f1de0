"""python3 -m purenn.train."""
from __future__ import annotations

import sys

from purenn.terminal.running import run
from purenn.train.command import PROG, main

sys.exit(run(PROG, main))
