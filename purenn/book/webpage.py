"""An experiment as a web page: its curves over the published ones, and the table."""
from __future__ import annotations

from collections.abc import Sequence

from purenn.book.comparison import Outcome, across_runs, drawn, ends_of, row, shown
from purenn.book.experiments import QUANTITIES, Experiment
from purenn.train import pictures
from purenn.train.webpage import FOOT, HEAD, STYLE, text

CURVES = """\
.curve.here { stroke: var(--training); }
.curve.published { stroke: var(--evaluation); stroke-dasharray: 5 3; }
.mark.here { fill: var(--training); }
.mark.published { fill: var(--paper); stroke: var(--evaluation); stroke-width: 1.5; }
"""


def page(experiment: Experiment, outcomes: Sequence[Outcome], notes: Sequence[str]) -> str:
    """The page of an experiment, as the text of an HTML file without scripts."""
    figures = figure("images", "accuracy by the number of training images", across_runs(
        outcomes, "evaluation_correct"), "evaluation_correct", ends_of(outcomes)) \
        if experiment.name == "more-data" else [
        line for k, outcome in enumerate(outcomes) for quantity in outcome.run.measured
               if outcome.run.epochs > 1
               for line in figure(f"curve{k}-{quantity}",
                                  f"{outcome.run.label}: {QUANTITIES[quantity]}",
                                  drawn(outcome, quantity), quantity)]
    heads = ("run", "of", "here", "published", "spread", "best here", "best published")
    rows = [row(outcome, quantity) for outcome in outcomes for quantity in outcome.run.measured]
    return document(experiment, figures, heads, rows, notes)


def document(experiment: Experiment, figures: Sequence[str], heads: Sequence[str],
             rows: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    """Figures, a table and notes as a page."""
    title = f"{experiment.name}: chapter {experiment.chapter} of Neural Networks and Deep Learning"
    lines = ["<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in cells) + "</tr>"
             for cells in rows]
    return "\n".join([
        HEAD.format(title=text(title), style=STYLE + CURVES), f"<h1>{text(title)}</h1>",
        f"<p>{text(experiment.question)}</p>", '<div class="charts">', *figures, "</div>",
        '<div class="wide" role="region" tabindex="0" aria-label="The last and best values">',
        '<table class="epochs">', "<thead><tr>"
        + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>",
        "<tbody>", *lines, "</tbody>", "</table>", "</div>",
        *(f"<p>{text(note)}</p>" for note in notes), FOOT])


def figure(name: str, caption: str, curves: dict[str, Sequence[float]], quantity: str,
           ends: tuple[str, str] | None = None) -> list[str]:
    """A chart of one quantity with its caption."""
    values = [value for curve in curves.values() for value in curve]
    fractions = quantity.endswith("correct")
    ticks = pictures.round_ticks(min(min(values), 0.99 * max(values)) if fractions else 0,
                                 max(values))
    described = "; ".join(f"{kind} goes from {shown(quantity, curve[0])} to "
                          f"{shown(quantity, curve[-1])}" for kind, curve in curves.items())
    return ["<figure>", f"<figcaption>{text(caption)}</figcaption>",
            pictures.curves(name, described, curves, [(tick, f"{100 * tick:g} %" if fractions
                                                       else f"{tick:g}") for tick in ticks],
                            lambda value: shown(quantity, value), ends), "</figure>"]
