"""The build backend: that of setuptools, with the tests and tools in the source distribution.

Setuptools takes into an sdist what it installs, and from tests/ little more than nothing; a
MANIFEST.in that says otherwise is only looked for beside setup.cfg.  It stands there for the moment
of the build.
"""
from __future__ import annotations

import os
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_wheel,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = ["build_editable", "build_sdist", "build_wheel", "get_requires_for_build_editable",
           "get_requires_for_build_sdist", "get_requires_for_build_wheel",
           "prepare_metadata_for_build_editable", "prepare_metadata_for_build_wheel"]

MANIFEST = """graft tests
graft tools
graft .ci
global-exclude *.py[co] __pycache__
"""


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """Build it, and return the name of its file."""
    with open("MANIFEST.in", "x", encoding="ascii", newline="\n") as file:
        file.write(MANIFEST)
    try:
        return build_meta.build_sdist(sdist_directory, config_settings)
    finally:
        os.remove("MANIFEST.in")
