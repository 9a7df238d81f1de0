"""python3 -m purenn.show."""
from __future__ import annotations

import sys

from purenn.show.command import PROG, main
from purenn.terminal.running import run

sys.exit(run(PROG, main))
