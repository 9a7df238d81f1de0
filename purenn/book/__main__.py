"""python3 -m purenn.book."""
from __future__ import annotations

import sys

from purenn.book.command import PROG, main
from purenn.terminal.running import run

sys.exit(run(PROG, main))
