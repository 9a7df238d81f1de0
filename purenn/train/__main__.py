"""python3 -m purenn.train."""
from __future__ import annotations

import sys

try:
    from purenn.terminal.running import run
    from purenn.train.command import PROG, main
except KeyboardInterrupt:  # Ctrl-C while Python still imports
    sys.exit(130)

sys.exit(run(PROG, main))
