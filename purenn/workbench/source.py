"""Where in the reference something is computed: line numbers, looked up when they are asked for."""
from __future__ import annotations

import ast
import inspect
from types import ModuleType


def line_of(label: str, module: ModuleType) -> int:
    """The number of the first line of a module's code, docstrings left out, that has the label.

    A label is a comment such as "(BP1)" or a piece of the line itself.  Raises ValueError if no
    line has it, OSError if the module came without its source.
    """
    source = inspect.getsource(module)
    prose = set()
    for node in ast.walk(ast.parse(source)):
        if (isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
                and ast.get_docstring(node) is not None):
            prose.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    for number, line in enumerate(source.splitlines(), 1):
        if label in line and number not in prose:
            return number
    raise ValueError(f"no line of {module.__name__} has {label!r}")
