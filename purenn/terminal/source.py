"""Where in the reference something is computed: line numbers, looked up on request."""
from __future__ import annotations

import ast
import functools
import inspect
from types import ModuleType


def line_of(label: str, module: ModuleType) -> int:
    """The number of the first line of a module's code, without docstrings, that has the label.

    A label is a comment such as "(BP1)" or a piece of the line itself.  Raises ValueError if no
    line contains it, OSError if the module has no source file.
    """
    for number, line in code_lines(module).items():
        if label in line:
            return number
    raise ValueError(f"no line of {module.__name__} has {label!r}")


@functools.cache
def code_lines(module: ModuleType) -> dict[int, str]:
    """A module's lines by number, docstrings left out.  Raises OSError if there is no source."""
    source = inspect.getsource(module)
    prose: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if (isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
                and ast.get_docstring(node) is not None):
            prose.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return {number: line for number, line in enumerate(source.splitlines(), 1)
            if number not in prose}
