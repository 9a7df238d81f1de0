"""Programs to begin with: each answers the questions, and says where one's own code goes.

They stand in adapters/ as they are printed, and tests/crosscheck/test_adapters.py runs them.
"""
from __future__ import annotations

TYPE_CHECKING = False  # --help names the programs, and should come at once
if TYPE_CHECKING:
    from pathlib import Path

#: what to save a program as, by what is written after "start"; a module must not be called like the
#: library that it imports
PROGRAMS = {"numpy": "nielsen_numpy.py", "pytorch": "pytorch_module.py",
            "scikit-learn": "scikit_learn.py", "c": "network.c", "javascript": "network.js",
            "awk": "network.awk"}


def path_of(name: str) -> Path:
    """Where a program's text stands.

    A Python program is kept as text and not as a module: it imports its library, and nothing in
    this package imports anything but the standard library.
    """
    from pathlib import Path
    file = PROGRAMS[name]
    return Path(__file__).parent / "adapters" / (f"{file}.txt" if file.endswith(".py") else file)


def program_to_begin_with(name: str) -> str:
    """The text of the program with that name.  Raises ValueError if there is none."""
    if name not in PROGRAMS:
        raise ValueError(f"there is no program {name!r} to start with, only {', '.join(PROGRAMS)}")
    return path_of(name).read_text(encoding="utf-8")
