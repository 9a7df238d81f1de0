"""Edits that nobody picked: every small change of a file that leaves it a program.

An operator becomes another, a comparison its neighbor, a constant one more or one less, a
statement ``pass``; two arguments change places.  Only code is edited, never annotations,
docstrings or the texts of messages.
"""
from __future__ import annotations

import ast
from collections.abc import Iterator

OPERATORS = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"),
             ast.FloorDiv: ("//", "/"), ast.Mod: ("%", "//"), ast.Pow: ("**", "*"),
             ast.LShift: ("<<", ">>"), ast.RShift: (">>", "<<"), ast.BitAnd: ("&", "|"),
             ast.BitOr: ("|", "&"), ast.And: ("and", "or"), ast.Or: ("or", "and")}
COMPARISONS = {ast.Lt: ("<", ["<=", ">"]), ast.LtE: ("<=", ["<", ">="]),
               ast.Gt: (">", [">=", "<"]), ast.GtE: (">=", [">", "<="]),
               ast.Eq: ("==", ["!="]), ast.NotEq: ("!=", ["=="]), ast.Is: ("is", ["is not"]),
               ast.IsNot: ("is not", ["is"]), ast.In: ("in", ["not in"]),
               ast.NotIn: ("not in", ["in"])}
STATEMENTS = (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Return)

Edit = tuple[int, int, str, str]  # from here to there, as bytes; the new text; what it is


def mutations(source: str) -> list[tuple[str, str]]:
    """All edits of a file: (the place and what changes there, the file's text after the edit)."""
    raw = source.encode()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    before = ast.dump(tree)
    found = []
    for start, end, new, what in sorted(edits(tree, raw, starts)):
        text = (raw[:start] + new.encode() + raw[end:]).decode()
        try:
            changed = ast.dump(ast.parse(text)) != before
        except SyntaxError:
            continue
        if changed:
            line = raw.count(b"\n", 0, start)
            found.append((f"{line + 1}:{start - starts[line]}: {what}", text))
    return found


def edits(tree: ast.AST, raw: bytes, starts: list[int]) -> Iterator[Edit]:
    def begin(node: ast.AST) -> int:
        return starts[node.lineno - 1] + node.col_offset

    def end(node: ast.AST) -> int:
        return starts[node.end_lineno - 1] + node.end_col_offset

    def text(node: ast.AST) -> str:
        return raw[begin(node):end(node)].decode()

    def between(a: ast.AST, b: ast.AST, old: str, new: str) -> Iterator[Edit]:
        at = raw.find(old.encode(), end(a), begin(b))
        if at >= 0:
            yield at, at + len(old.encode()), new, f"{old} → {new}"

    for node in code(tree):
        if isinstance(node, ast.BinOp):
            yield from between(node.left, node.right, *OPERATORS[type(node.op)])
        elif isinstance(node, ast.AugAssign):
            old, new = OPERATORS[type(node.op)]
            yield from between(node.target, node.value, old + "=", new + "=")
        elif isinstance(node, ast.BoolOp):
            for a, b in zip(node.values, node.values[1:]):
                yield from between(a, b, *OPERATORS[type(node.op)])
        elif isinstance(node, ast.Compare):
            for a, op, b in zip([node.left, *node.comparators], node.ops, node.comparators):
                old, others = COMPARISONS[type(op)]
                for new in others:
                    yield from between(a, b, old, new)
        elif isinstance(node, ast.UnaryOp):
            yield begin(node), begin(node.operand), "", f"{text(node)} → {text(node.operand)}"
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
            k = node.value
            for new in [not k] if type(k) is bool else [k + 1, k - 1]:
                yield begin(node), end(node), f"({new})" if new < 0 else repr(new), f"{k} → {new}"
        elif isinstance(node, ast.Call) and len(node.args) > 1:
            for a, b in zip(node.args, node.args[1:]):
                middle = raw[end(a):begin(b)].decode()
                yield (begin(a), end(b), text(b) + middle + text(a),
                       f"{text(a)} and {text(b)} swapped")
        if isinstance(node, STATEMENTS):
            yield begin(node), end(node), "pass", f"dropped: {' '.join(text(node).split())}"


def code(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below a node that are code: no annotations, docstrings, strings or imports."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            yield child
            yield from code(child)
