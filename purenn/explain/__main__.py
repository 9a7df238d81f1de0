"""python3 -m purenn.explain."""
from __future__ import annotations

import sys

from purenn.explain.command import PROG, main
from purenn.terminal.running import run

sys.exit(run(PROG, main))
