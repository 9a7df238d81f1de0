"""Settings for the whole suite.

Hypothesis looks for counterexamples with fresh random examples on a developer's machine, and with
the same ones every time where the environment variable CI is set, so that a change cannot be
blamed for a counterexample that was there before it.  Nothing here depends on how fast the
machine is: there is no deadline, and slow generation of examples is no failure.
"""
from __future__ import annotations

import os
import sys

from hypothesis import HealthCheck, settings

# `pytest` alone does not put the current folder on the path; `python -m pytest` does.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

for name, derandomize in (("dev", False), ("ci", True)):
    settings.register_profile(name, deadline=None, max_examples=30, derandomize=derandomize,
                              suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")
