"""The source distribution holds what its tests need."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOP = ["purenn", "tests", "tools", "setup.cfg", "README.md", "pyproject.toml"]
NO_SOURCE = ("__pycache__", "*.pyc", "*.egg-info", ".hypothesis")


def test_an_sdist_has_every_file_but_those_of_git(tmp_path):
    pytest.importorskip("setuptools", minversion="64", reason="setuptools is not installed")
    copy = tmp_path / "copy"
    for name in TOP:
        if os.path.isdir(os.path.join(ROOT, name)):
            shutil.copytree(os.path.join(ROOT, name), copy / name,
                            ignore=shutil.ignore_patterns(*NO_SOURCE))
        else:
            shutil.copy(os.path.join(ROOT, name), copy)
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, 'tools'); "
                    f"import packaging_backend; packaging_backend.build_sdist({str(tmp_path)!r})"],
                   cwd=copy, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    archive, = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        packed = {name.partition("/")[2] for name in tar.getnames()}
    assert files <= packed, sorted(files - packed)
    assert "tests/data/drawing.png" in packed and "tests/crosscheck/test_answers.py" in packed
    assert not (copy / "MANIFEST.in").exists()
