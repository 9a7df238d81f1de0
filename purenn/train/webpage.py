"""A training run as a web page: one file that needs nothing else, and no script.

The numbers are those of the history file.  Where they are rounded for reading, a ``data`` element
holds the whole number: ``<data class="test_accuracy" value="0.9583333333333334">95.83 %</data>``.
"""
from __future__ import annotations

import html
import json
import platform
import shlex
from collections.abc import Sequence
from typing import Any, Callable

from purenn import __version__
from purenn.checks import counted
from purenn.linalg import Vector
from purenn.terminal import charts, plane
from purenn.terminal import classified as result
from purenn.terminal.classified import Classified
from purenn.terminal.data_options import PARTS
from purenn.terminal.datasets import Data
from purenn.terminal.progress import duration
from purenn.terminal.running import typed
from purenn.train import pictures
from purenn.train.settings import command_line
from purenn.train.table import TABLE
from purenn.train.training import Run, history

MOST_MISTAKES = 24
MOST_NEURONS = 100
MOST_COLUMNS = 8  # of a row of a table
GRID = 100        # cells of the plane from left to right


def page(run: Run, tested: list[Classified] | None) -> str:
    """The page, as the text of an HTML file.

    ``tested`` is what the network made of the test data, or None if the run was stopped before
    they were looked at: the page then shows how it does on the evaluation data.
    """
    if tested is None:
        title = f"Stopped after {run.epochs_done} of {counted(run.settings.epochs, 'epoch')}"
        looked_at, classified = "evaluation", result.classify(run.net, run.data.evaluation)
        measured = history(run, None)
    else:
        done = "classified right" if run.data.columns else "recognized"
        title = f"{result.right(tested):,} of {len(tested):,} test {run.data.thing}s {done}"
        looked_at, classified = "test", tested
        measured = history(run, result.accuracy(tested))
    sections = [outcome(run, measured), settings(run), learning(measured),
                confusion(classified, looked_at, run.data)]
    if run.data.are_points:
        sections.append(seen_where(run, classified, looked_at))
    else:
        sections.append(mistakes(classified, looked_at, run.data))
    if not run.data.columns:
        sections.append(neurons(run.net.weights[0], hidden=len(run.net.sizes) > 2))
    return "\n".join([HEAD.format(title=title, style=STYLE), f"<h1>{title}</h1>",
                      *(line for section in sections for line in section), FOOT])


# --- the sections -----------------------------------------------------------------------------

def outcome(run: Run, measured: dict[str, Any]) -> list[str]:
    """The few numbers that matter, and the time it took."""
    tiles = []
    if measured["test_accuracy"] is not None:
        tiles.append(("accuracy on the test data", accuracy("test", measured["test_accuracy"])))
    if run.epochs_done:
        tiles += [("on the evaluation data", accuracy("last", measured["evaluation_accuracy"][-1])),
                  ("on the training data", accuracy("last", measured["training_accuracy"][-1]))]
    tiles.append(("to learn and to evaluate, with "
                  f"{platform.python_implementation()} {platform.python_version()}",
                  data("seconds", measured["seconds"], duration(measured["seconds"]))))
    lines = ['<dl class="tiles">',
             *(f"<div><dt>{what}</dt><dd>{number}</dd></div>" for what, number in tiles), "</dl>"]
    if measured["test_accuracy"] is None:
        lines.append('<p class="notice">The run came to an early end. The test data, which are '
                     "looked at once, when all is learned, were left alone; what follows shows the "
                     "network as it was then, on the evaluation data.</p>")
    return lines


def settings(run: Run) -> list[str]:
    """What was learned from, how, and the command that does it again."""
    chosen = run.settings
    examples = ", ".join(f"{len(part):,} {name}" for name, part in zip(PARTS, run.data))
    known = ("the 8 × 8 digits that come with purenn" if chosen.small
             else f"the points called {chosen.points}, which come with purenn")
    rows = [
        ("data", known if chosen.small or chosen.points else text(chosen.data)),
        *[("noted", text(note)) for note in run.data.notes],
        ("examples", examples + ("" if chosen.limit is None else ", limited to "
                                 + data("limit", chosen.limit, f"{chosen.limit:,}") + " each")),
        *((row.label, shown(name, getattr(chosen, name), row.shown))
          for name, row in TABLE.items() if row.label)]
    return ["<section>", "<h2>Settings</h2>", '<dl class="settings">',
            *(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows), "</dl>",
            f"<p>The same again: <code>{command(run)}</code></p>", "</section>"]


def shown(name: str, value: Any, show: Callable[[Any], str]) -> str:
    """A setting as its row of the table shows it, and the number beside it if it is one."""
    return data(name, value, show(value)) if isinstance(value, (int, float)) else text(show(value))


def command(run: Run) -> str:
    """The command that repeats a run; no line is broken within the name of an option."""
    words = typed("train").split() + command_line(run.settings)
    return " ".join(f"<span>{word}</span>" if word.startswith("--") else text(shlex.quote(word))
                    for word in words)


def learning(measured: dict[str, Any]) -> list[str]:
    """The two charts, and a table of what they show."""
    head = ["<section>", "<h2>Learning curves</h2>"]
    if not measured["training_cost"]:
        return [*head, "<p>No epoch was finished.</p>", "</section>"]
    costs = {kind: measured[f"{kind}_cost"] for kind in ("training", "evaluation")}
    accuracies = {kind: measured[f"{kind}_accuracy"] for kind in ("training", "evaluation")}
    highest = max(max(curve) for curve in costs.values())
    lowest = min(min(curve) for curve in accuracies.values())
    return [*head, '<div class="charts">',
            *figure("cost", costs, pictures.round_ticks(0, highest), short, "{:g}".format),
            *figure("accuracy", accuracies, pictures.round_ticks(min(lowest, 0.99), 1), percents,
                    lambda fraction: f"{100 * fraction:g} %"),
            "</div>", *every_epoch(measured), "</section>"]


def figure(name: str, series: dict[str, Sequence[float]], ticks: list[float],
           label: Callable[[float], str], tick_label: Callable[[float], str]) -> list[str]:
    """A chart with its caption.  Labels are the texts for a value of a curve and for a tick."""
    described = "; ".join(f"{kind} goes from {label(curve[0])} to {label(curve[-1])}"
                          for kind, curve in series.items())
    return ["<figure>", f"<figcaption>{name.capitalize()} after each epoch</figcaption>",
            pictures.curves(
                name, f"Over {counted(len(series['training']), 'epoch')}, {described}.", series,
                [(tick, tick_label(tick)) for tick in ticks], label),
            "</figure>"]


def every_epoch(measured: dict[str, Any]) -> list[str]:
    """The table of costs and accuracies."""
    rows = []
    for k in range(len(measured["training_cost"])):
        cells = "".join(f"<td>{data(f'{kind}_{what}', measured[f'{kind}_{what}'][k], shown)}</td>"
                        for kind in ("training", "evaluation")
                        for what, shown in (
                            ("cost", short(measured[f"{kind}_cost"][k])),
                            ("accuracy", percents(measured[f"{kind}_accuracy"][k]))))
        rows.append(f'<tr><th scope="row">{k + 1}</th>{cells}</tr>')
    return ["<details>", "<summary>The numbers of every epoch</summary>",
            '<div class="wide" role="region" tabindex="0" aria-label="The numbers of every epoch">',
            '<table class="epochs">', "<thead>",
            '<tr><th scope="col" rowspan="2">epoch</th>'
            '<th scope="colgroup" colspan="2">training</th>'
            '<th scope="colgroup" colspan="2">evaluation</th></tr>',
            "<tr>" + 2 * '<th scope="col">cost</th><th scope="col">accuracy</th>' + "</tr>",
            "</thead>", "<tbody>", *rows, "</tbody>", "</table>", "</div>", "</details>"]


def confusion(classified: list[Classified], looked_at: str, of: Data) -> list[str]:
    """The confusion matrix as a table; the deeper a field's color, the more digits are in it."""
    matrix = result.confusion(classified)
    classes = range(len(matrix))
    most = {right: max(matrix[i][j] for i in classes for j in classes if (i == j) == right)
            for right in (True, False)}
    rows = []
    for digit, row in enumerate(matrix):
        cells = "".join(cell(count, most[digit == said], digit == said)
                        for said, count in enumerate(row))
        rows.append(f'<tr><th scope="row">{text(of.classes[digit])}</th>{cells}'
                    f'<td class="right">{row[digit]} of {sum(row)}</td></tr>')
    kind = "kind" if of.thing == "digit" else "class"
    return ["<section>", f'<h2 id="confusion">What it took the {of.thing}s for</h2>',
            f'<p id="rows">Each row holds the {looked_at} {of.thing}s of one {kind}. The column '
            "says what the network took them for.</p>",
            '<div class="wide" role="region" tabindex="0" aria-labelledby="confusion">',
            '<table class="confusion" aria-labelledby="confusion" aria-describedby="rows">',
            "<thead>", f'<tr><th scope="col">{"digit" if of.thing == "digit" else "class"}</th>'
            + "".join(f'<th scope="col">{text(of.classes[said])}</th>' for said in classes)
            + '<th scope="col" class="right">right</th></tr>', "</thead>",
            "<tbody>", *rows, "</tbody>", "</table>", "</div>", "</section>"]


def cell(count: int, most: int, right: bool) -> str:
    """A field of the confusion matrix, on a ground whose depth shows its part of the most."""
    if not count:
        return '<td class="none">0</td>'
    color = ",".join(map(str, pictures.POSITIVE if right else pictures.NEGATIVE))
    return f'<td style="background:rgba({color},{0.1 + 0.45 * count / most:.2f})">{count}</td>'


def seen_where(run: Run, classified: list[Classified], looked_at: str) -> list[str]:
    """The plane of the two inputs, with the points that were looked at and those learned from."""
    net, of = run.net, run.data
    learned = result.classify(net, of.training)
    box = plane.box_around([c.image for c in [*learned, *classified]])
    ends = [plane.unscaled(end, column, of.scale) for column, end in zip((0, 0, 1, 1), box)]
    ratio = min(max((box.top - box.bottom) / (box.right - box.left), 0.5), 1.5)
    classes = plane.classes_in(net, box, GRID, round(GRID * ratio))

    def place(c: Classified, part: str) -> pictures.Place:
        x, y = (plane.unscaled(value, k, of.scale) for k, value in enumerate(c.image))
        return pictures.Place(x, y, c.digit, c.said == c.digit,
                              f"{part} point {c.index}: {of.classes[c.digit]}"
                              + ("" if c.said == c.digit else f", taken for {of.classes[c.said]}"))

    places = ([place(c, "training") for c in learned]
              + [place(c, looked_at) for c in classified])
    described = (f"The plane of {of.columns[0]} and {of.columns[1]}, colored by the class that the "
                 f"network sees; {result.right(classified)} of {len(classified)} {looked_at} "
                 "points lie on their own class's color.")
    swatches = "".join(f'<li><span class="swatch" style="background:rgb{color}"></span> '
                       f"{text(name)}</li>" for name, color in zip(
                           of.classes, pictures.CLASSES * (1 + len(of.classes))))
    return ["<section>", "<h2>What it sees where</h2>",
            "<p>The color of the ground is the class that the network sees there, that of a point "
            f"the class it is of. All {len(learned):,} points it has learned from and the "
            f"{len(classified):,} {looked_at} points are drawn; a ring goes around those that it "
            "takes for another class.</p>",
            '<figure class="plane">', pictures.plane(described, classes, ends, places, of.columns),
            f'<ul class="swatches">{swatches}</ul>', "</figure>", "</section>"]


def mistakes(classified: list[Classified], looked_at: str, of: Data) -> list[str]:
    """The digits that were classified wrong, the most confident mistake first."""
    wrong = result.wrong(classified)
    head = ["<section>", "<h2>Most certain, and wrong</h2>"]
    if not wrong:
        return [*head, f"<p>It took none of the {looked_at} {of.thing}s for another.</p>",
                "</section>"]
    shown = wrong[:MOST_MISTAKES]
    which = "Here they are" if shown == wrong else f"Here are {len(shown)} of them"
    note = "" if of.columns or pictures.side_of(shown[0].image) else \
        " " + no_square(shown[0].image)
    return [*head, f"<p>{len(wrong):,} of the {len(classified):,} {looked_at} {of.thing}s were "
            f"taken for another. {which}, the most confident mistake first. Below each stand the "
            "outputs for what it was taken for and for what it is, and its place in the "
            f"{looked_at} data, counted from 0.{note}</p>",
            '<ul class="pictures">', *(mistake(c, of) for c in shown), "</ul>", "</section>"]


def mistake(c: Classified, of: Data) -> str:
    """A misclassified digit with its picture, or a row with its numbers."""
    is_, said = text(of.classes[c.digit]), text(of.classes[c.said])
    if of.columns:
        numbers = [f"{text(name)} {plane.unscaled(x, k, of.scale):.5g}" for k, (name, x)
                   in enumerate(zip(of.columns[:MOST_COLUMNS], c.image))]
        image = f'<p class="row">{"<br>".join(numbers)}</p>'
    else:
        what = f"{charts.a(of.classes[c.digit])}, taken for {charts.a(of.classes[c.said])}"
        image = picture("digit", c.image, what, pictures.digit)
    return (f"<li><figure>{image}"
            f"<figcaption><strong>{is_} taken for {said}</strong><br>"
            f"{said}: {c.output[c.said]:.3f}<br>"
            f"{is_}: {c.output[c.digit]:.3f}<br>no. {c.index}</figcaption>"
            "</figure></li>")


def neurons(weights: list[Vector], hidden: bool) -> list[str]:
    """The weights of the first layer of neurons as pictures."""
    whose = "hidden neurons" if hidden else "output neurons"
    lines = ["<section>", f"<h2>What the {whose} look for</h2>"]
    if not pictures.side_of(weights[0]):
        return [*lines, f"<p>{no_square(weights[0])}</p>", "</section>"]
    first = f" These are the first {MOST_NEURONS} of {len(weights):,}."
    lines += [f"<p>Each picture shows the weights from all pixels to one of the {whose}"
              + (", in the first hidden layer" if hidden else "") + ". Ink on blue makes it more "
              "active, ink on orange less. The deepest color stands for the neuron's largest "
              "weight, whose magnitude is given with it."
              + (first if len(weights) > MOST_NEURONS else "") + "</p>",
              '<p class="scale"><span>−</span><span class="colors"></span><span>+</span></p>',
              '<ul class="pictures small">']
    for j, w in enumerate(weights[:MOST_NEURONS]):
        alt = f"weights of neuron {j}, from {min(w):.2f} to {max(w):.2f}"
        lines.append(f"<li><figure>{picture('weights', w, alt, pictures.weights)}"
                     f"<figcaption>{j}: {max(map(abs, w)):.2f}</figcaption></figure></li>")
    return [*lines, "</ul>", "</section>"]


# --- pieces -----------------------------------------------------------------------------------

def data(name: str, value: Any, shown: str) -> str:
    """A number as it is shown, with the whole number beside it for programs."""
    return f'<data class="{name}" value="{json.dumps(value)}">{shown}</data>'


def accuracy(name: str, fraction: float) -> str:
    return data(f"{name}_accuracy", fraction, percents(fraction))


def percents(fraction: float) -> str:
    return f"{100 * fraction:.2f} %"


def short(cost: float) -> str:
    return f"{cost:.4f}" if cost < 1e6 else f"{cost:.3e}"


def picture(kind: str, v: Vector, alt: str, draw: Callable[[Vector], bytes]) -> str:
    """An image element with a vector as a square picture, or nothing if it does not form one."""
    side = pictures.side_of(v)
    if not side:
        return ""
    return (f'<img class="{kind}" alt="{text(alt)}" width="{side}" height="{side}" '
            f'src="{pictures.as_uri(draw(v))}">')


def no_square(v: Vector) -> str:
    return f"There are no pictures, because {len(v)} pixels do not form a square."


def text(anything: str) -> str:
    """Text for a page: nothing in it is markup, invisible, or impossible in a file of UTF-8."""
    return html.escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}"
                               for c in anything))


HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · purenn</title>
<style>
{style}</style>
</head>
<body>
<main>"""

STYLE = """\
:root {
  --paper: #fff; --text: #1a1d23; --faint: #5b6472; --line: #d8dce3; --tile: #f4f6f9;
  --training: #1d4ed8; --evaluation: #c2410c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --text: #e8eaee; --faint: #a3acb9; --line: #3a404a; --tile: #1e2127;
    --training: #7aa7ff; --evaluation: #ff9a5c;
  }
  img.digit { filter: invert(1); }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1.5rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
dl, dd, figure, ul { margin: 0; padding: 0; }
p { margin: .75rem 0; max-width: 44rem; }
code span { white-space: nowrap; }
code { overflow-wrap: anywhere; background: var(--tile); padding: .1em .3em; border-radius: 3px; }
.notice { border-left: 4px solid var(--evaluation); padding-left: .75rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; }
.tiles div {
  display: flex; flex-direction: column-reverse; justify-content: flex-end;
  background: var(--tile); border-radius: 8px; padding: .75rem 1rem;
}
.tiles dt { color: var(--faint); font-size: .875rem; line-height: 1.35; }
.tiles dd { font-size: 1.5rem; font-weight: 600; }
.settings {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 0 1.5rem;
}
.settings div {
  display: flex; justify-content: space-between; gap: 1rem;
  padding: .25rem 0; border-bottom: 1px solid var(--line);
}
.settings dt { color: var(--faint); flex: none; }
.settings dd { text-align: right; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
.charts figcaption { font-weight: 600; }
.chart { width: 100%; height: auto; display: block; font-size: 12px; }
.chart text { fill: var(--text); }
.chart .tick { fill: var(--faint); }
.grid { stroke: var(--line); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.curve.training { stroke: var(--training); }
.curve.evaluation { stroke: var(--evaluation); stroke-dasharray: 5 3; }
.mark.training { fill: var(--training); }
.mark.evaluation { fill: var(--paper); stroke: var(--evaluation); stroke-width: 1.5; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .3rem; text-align: right; white-space: nowrap; }
th { color: var(--faint); font-weight: 600; }
.confusion { font-size: .875rem; min-width: min(100%, 36rem); }
.confusion td { border: 1px solid var(--line); text-align: center; }
.confusion thead th { text-align: center; }
.confusion .none { color: var(--faint); }
.confusion .right { border: 0; text-align: right; color: var(--faint); padding-left: .5rem; }
@media (max-width: 30rem) {
  .confusion { font-size: .8125rem; }
  .confusion th, .confusion td { padding: .25rem .15rem; }
}
.epochs { margin-top: .5rem; }
.epochs td, .epochs th { padding: .15rem .6rem; }
.epochs tbody tr { border-top: 1px solid var(--line); }
summary { cursor: pointer; margin-top: .75rem; }
.pictures {
  list-style: none; display: grid; gap: 1rem .75rem;
  grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr));
}
.pictures.small { grid-template-columns: repeat(auto-fill, minmax(4.75rem, 1fr)); }
.pictures img {
  display: block; width: 100%; height: auto; image-rendering: pixelated;
}
.pictures figure { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.pictures figcaption { font-size: .75rem; line-height: 1.4; padding: .3rem .4rem; }
.pictures .row { font-size: .75rem; line-height: 1.3; margin: 0; padding: .4rem; }
.point { stroke: var(--paper); stroke-width: .75; }
.point.wrong { stroke: var(--text); stroke-width: 1.5; }
.plane { max-width: 40rem; }
.swatches { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; }
.scale { display: flex; align-items: center; gap: .5rem; }
.colors {
  width: 12rem; height: .75rem; border: 1px solid var(--line);
  background: linear-gradient(to right, rgb(234,88,12), transparent, rgb(59,130,246));
}
footer { color: var(--faint); font-size: .875rem; padding: 2rem 1rem 3rem; }
"""

FOOT = f"""\
</main>
<footer>Made by purenn {__version__}. <code>{typed("show")}</code> draws more of \
them, with all outputs.</footer>
</body>
</html>
"""
