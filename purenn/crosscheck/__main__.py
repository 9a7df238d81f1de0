"""python3 -m purenn.crosscheck."""
from __future__ import annotations

import sys

try:
    from purenn.crosscheck.command import PROG, main
    from purenn.terminal.running import run
except KeyboardInterrupt:  # Ctrl-C while Python still imports
    sys.exit(130)

sys.exit(run(PROG, main))
