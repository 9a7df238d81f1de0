"""A page of formulas: written once, set as plain text, as ASCII, or as Markdown with LaTeX.

Formulas are written as they are in the docstrings of the reference, with the layer as a raised and
the neuron as a lowered index: ``δ²₁ = (a²₁ − y₁) σ′(z²₁)``.  Terminals show them so if they can;
for others they become ``delta^2_1 = (a^2_1 - y_1) sigma'(z^2_1)``, and for notes LaTeX.  In a
paragraph, a formula stands between dollar signs and code between backquotes.
"""
from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple, Union

from purenn.terminal.characters import (
    LOWERED,
    RAISED,
    RUN_OF_LOWERED,
    RUN_OF_RAISED,
    in_ascii,
    translated,
)

WIDTH = 80  # columns
INDENT = "  "


class Heading(NamedTuple):
    level: int  # 1 is the title of the page
    text: str


class Paragraph(NamedTuple):
    text: str


class Formula(NamedTuple):
    """A formula in symbols, the label it is known by (or ""), and where it is computed."""

    text: str
    label: str
    place: str


class Equations(NamedTuple):
    """Rows that belong together; a row is its left side and then its steps, each with its sign."""

    rows: Sequence[tuple[str, ...]]


class Table(NamedTuple):
    """Numbers in rows and columns; the first column names the row."""

    head: Sequence[str]
    rows: list[Sequence[str]]


Block = Union[Heading, Paragraph, Formula, Equations, Table]

LATEX = {"−": "-", "·": r"\cdot ", "′": "'", "½": r"\tfrac12 ", "σ": r"\sigma ", "δ": r"\delta ",
         "Σ": r"\sum", "∂": r"\partial ", "η": r"\eta ", "λ": r"\lambda ", "←": r"\leftarrow ",
         "→": r"\to ", "≈": r"\approx ", "≤": r"\le ", "…": r"\dots ", "⊙": r"\odot "}
_FORMULA = re.compile(r"\$([^$]*)\$")  # in a paragraph or a table
_DERIVATIVE = re.compile(r"∂(C[₀-₉ₓ]*)/∂([wbza][^\s=,.+)]*)")


def raised(text: object) -> str:
    """A layer's number as an upper index."""
    return str(text).translate({ord(plain): up for up, plain in RAISED.items()})


def lowered(*indices: object) -> str:
    """Numbers of neurons as lower indices, apart from each other where they would run together."""
    separator = "," if any(len(str(index)) > 1 for index in indices) else ""
    return separator.join(str(index).translate({ord(plain): low for low, plain in LOWERED.items()})
                          for index in indices)


def plain(blocks: Sequence[Block], ascii: bool = False, width: int = WIDTH) -> str:
    """The page as text of at most that many columns, unless a single term is wider than that."""
    math: Math = in_ascii if ascii else str
    lines: list[str] = []
    for block in blocks:
        lines += _PLAIN[type(block)](block, math, width) + [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def markdown(blocks: Sequence[Block]) -> str:
    """The page as Markdown, its formulas as LaTeX between dollar signs."""
    lines: list[str] = []
    for block in blocks:
        lines += _MARKDOWN[type(block)](block) + [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def in_latex(formula: str) -> str:
    """A formula in LaTeX, for use in math mode."""
    formula = _DERIVATIVE.sub(r"\\frac{∂ \1}{∂ \2}", formula)
    formula = re.sub(r"(?<![\w.}])(\d+)/(\d+)(?![\w.])", r"\\tfrac{\1}{\2}", formula)
    formula = re.sub(r"(?<=\d)e(-?\d+)", r" \\cdot 10^{\1}", formula)
    formula = re.sub(r"\b(exp|ln|tanh|max)\b", r"\\\1 ", formula)
    formula = re.sub("( if |, else )", r"\\text{\1}", formula.replace("ReLU", r"\mathrm{ReLU}"))
    formula = re.sub(RUN_OF_RAISED, lambda match: "^{%s}" % translated(match, RAISED), formula)
    formula = re.sub(RUN_OF_LOWERED, lambda match: "_{%s}" % translated(match, LOWERED), formula)
    formula = "".join(LATEX.get(character, character) for character in formula)
    return re.sub(" +", " ", formula)


# --- plain text -------------------------------------------------------------------------------

Math = Callable[[str], str]


def _plain_heading(block: Heading, math: Math, width: int) -> list[str]:
    text = math(block.text)
    if block.level == 1:
        return [text, "=" * min(len(text), width)]
    if block.level == 2:
        return ["", text, "-" * min(len(text), width)]
    return [text]


def _plain_paragraph(block: Paragraph, math: Math, width: int) -> list[str]:
    text = _FORMULA.sub(lambda match: match.group(1).replace(" ", "\0"), block.text)
    lines = textwrap.wrap(math(text).replace("`", ""), width, break_long_words=False,
                          break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def _plain_formula(block: Formula, math: Math, width: int) -> list[str]:
    left = INDENT + math(block.text)
    right = f"{block.label}  {block.place}".strip()
    gap = width - len(left) - len(right)
    return [left + " " * gap + right] if gap > 1 else [left, right.rjust(width)]


def _plain_equations(block: Equations, math: Math, width: int) -> list[str]:
    rows = [[math(cell) for cell in row] for row in block.rows]
    if len({len(row) for row in rows}) == 1:
        widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
        if len(INDENT) + sum(widths) + len(widths) - 1 <= width:
            return [INDENT + " ".join(cell.ljust(needed) for cell, needed in zip(row, widths))
                    .rstrip() for row in rows]
    lines: list[str] = []
    for left, *steps in rows:
        margin = len(INDENT) + len(left) + 1
        wrapped = [line for step in steps for line in _wrapped(step, width - margin)]
        lines += ["", INDENT + left + " " + wrapped[0]]
        lines += [" " * margin + line for line in wrapped[1:]]
    return lines[1:]


def _wrapped(step: str, width: int) -> list[str]:
    """A step in lines of at most that width, broken before a + or − wherever that is possible.

    Brackets are broken only if their content is too long for a line itself.
    """
    depth, terms = 0, [step]
    while max(map(len, terms)) > width - len(INDENT) and depth <= 3:
        terms = _terms(step, depth)
        depth += 1
    lines = [terms[0]]
    for term in terms[1:]:
        if len(lines[-1]) + 1 + len(term) <= width:
            lines[-1] += " " + term
        else:
            lines.append(INDENT + term)
    return lines


def _terms(step: str, deepest: int) -> list[str]:
    """A step, cut before each + and − that stands inside at most that many brackets."""
    depth, start, terms = 0, 0, []
    for i, character in enumerate(step):
        depth += (character in "([") - (character in ")]")
        if depth <= deepest and i > 2 and step[i - 1:i + 2] in (" + ", " − ", " - "):
            terms.append(step[start:i - 1])
            start = i
    return terms + [step[start:]]


def _plain_table(block: Table, math: Math, width: int) -> list[str]:
    """The table, in parts below each other if it is too wide, each with the rows' names."""
    rows = [[math(_FORMULA.sub(r"\1", cell)) for cell in row] for row in [block.head, *block.rows]]
    widths = [max(len(row[c]) for row in rows) for c in range(len(block.head))]
    parts: list[list[int]] = [[]]
    for c in range(1, len(widths)):
        if parts[-1] and len(INDENT) + widths[0] + sum(3 + widths[d]
                                                       for d in parts[-1] + [c]) > width:
            parts.append([])
        parts[-1].append(c)
    lines: list[str] = []
    for part in parts:
        lines += [""] + [INDENT + "   ".join([row[0].ljust(widths[0])]
                                             + [row[c].rjust(widths[c]) for c in part])
                         for row in rows]
    return lines[1:]


_PLAIN: dict[type, Callable[[Any, Math, int], list[str]]] = {
    Heading: _plain_heading, Paragraph: _plain_paragraph, Formula: _plain_formula,
    Equations: _plain_equations, Table: _plain_table}


# --- Markdown ---------------------------------------------------------------------------------

def _markdown_paragraph(block: Paragraph) -> list[str]:
    return [_with_latex(block.text)]


def _with_latex(text: str) -> str:
    return _FORMULA.sub(lambda match: f"${in_latex(match.group(1))}$", text)


def _markdown_formula(block: Formula) -> list[str]:
    tag = r" \tag{%s}" % block.label.strip("()") if block.label else ""
    place = ["", f"*{block.place}*"] if block.place else []
    return ["$$", in_latex(block.text) + tag, "$$"] + place


def _markdown_equations(block: Equations) -> list[str]:
    lines = []
    for left, *steps in block.rows:
        if len(" ".join([left, *steps])) <= WIDTH:
            steps = [" ".join(steps)]
        before = in_latex(left) + " &"
        for line in [line for step in steps for line in _wrapped(step, WIDTH)]:
            continued = r"\quad " if line.startswith(" ") else ""
            lines.append(f"{before} {continued}{in_latex(line.strip())}")
            before = "&"
    return ["$$", r"\begin{aligned}", *[line + r" \\" for line in lines[:-1]], lines[-1],
            r"\end{aligned}", "$$"]


def _markdown_table(block: Table) -> list[str]:
    rules = ["---"] + ["---:"] * (len(block.head) - 1)
    return ["| " + " | ".join(_with_latex(cell) for cell in row) + " |"
            for row in [block.head, rules, *block.rows]]


_MARKDOWN: dict[type, Callable[[Any], list[str]]] = {
    Heading: lambda block: ["#" * block.level + " " + block.text],
    Paragraph: _markdown_paragraph, Formula: _markdown_formula,
    Equations: _markdown_equations, Table: _markdown_table}
