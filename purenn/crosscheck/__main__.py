"""python3 -m purenn.crosscheck."""
from __future__ import annotations

import sys

from purenn.crosscheck.command import PROG, main
from purenn.terminal.running import run

sys.exit(run(PROG, main))
