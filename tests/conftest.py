"""Settings for the whole suite.

Hypothesis looks for counterexamples with fresh random examples on a developer's machine, and with
the same ones every time where the environment variable CI is set, so that a change cannot be
blamed for a counterexample that was there before it.  The profile of tools/check.py --fast tries
few examples, and stops at the first failure without looking for a simpler one.  Nothing here
depends on how fast the machine is: there is no deadline, and slow generation of examples is no
failure.
"""
from __future__ import annotations

import os
import signal
import sys

from hypothesis import HealthCheck, Phase, settings

# `pytest` alone does not put the current folder on the path; `python -m pytest` does.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

os.environ.pop("COLUMNS", None)  # nothing that is printed here depends on the window it runs in

for name, derandomize in (("dev", False), ("ci", True)):
    settings.register_profile(name, deadline=None, max_examples=30, derandomize=derandomize,
                              suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", deadline=None, max_examples=10, derandomize=True,
                          phases=[Phase.explicit, Phase.generate], database=None,
                          suppress_health_check=list(HealthCheck))
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# Some tests press Ctrl-C, and under nohup or a shell's & it would be ignored.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
