"""A page to draw digits for a trained network in: one file, for any browser, a phone's as well.

The page holds the network's numbers, and the files in page/ beside this one: a forward pass in
JavaScript (network.js), which tests compare with the reference by the cross-check, the way from
strokes or a picture to the pixels that the network was trained on (digit.js), and what a person
sees (page.js with draw.js, or points.js for networks with two inputs).  It asks nothing of any
other place.
"""
from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Sequence

from purenn import __version__
from purenn.formats.tables import Scale
from purenn.network import Network
from purenn.store.networks import content_of

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page")


#: What the page says of a network that looks at pictures, and of one that looks at two numbers.
HIDDEN = ("Each picture shows a neuron's weights, blue for positive and orange for negative ones; "
          "the bar below is its activation.",
          "Each bar shows how large a neuron's activation is, without its sign.")
WHY = ("""<div class="pair">
<canvas id="why" width="280" height="280" role="img" aria-labelledby="why-text"></canvas>
<p id="why-text">Choose what you meant, and the inputs that spoke against it are marked.</p>
</div>""",
       '<p id="why-text">Choose what you meant, to see how much each input spoke against it.</p>')


def page(net: Network, classes: Sequence[str] = (), points: Sequence[tuple[float, float, int]] = (),
         part: str = "test", inputs: Sequence[str] = (), scale: Scale | None = None) -> str:
    """The page, as the text of an HTML file.

    ``classes`` are the names of the outputs (their numbers if there are none); for a network with
    two inputs ``points`` are drawn, (x, y, class) before any scaling, from that ``part`` of the
    data.  ``inputs`` names a table's columns, which ``scale`` applies to.  Raises ValueError for a
    network whose inputs are neither a square picture nor two numbers.
    """
    side = math.isqrt(net.sizes[0])
    plane = net.sizes[0] == 2
    if not plane and (inputs or side * side != net.sizes[0] or side < 4):
        raise ValueError(f"a page is for networks that look at square pictures or at two numbers, "
                         f"not at {net.sizes[0]}{' columns of a table' if inputs else ''}")
    count = max(net.sizes[-1], 2)
    names = list(classes) or [str(k) for k in range(count)]
    if len(names) != count:
        raise ValueError(f"the network tells {count} classes apart, not {len(names)}")
    content = {**content_of(net), "classes": names, "points": points,
               "inputs": list(inputs) or ["x", "y"],
               "range": range_of(points, scale),
               "scale": scale and {"mean": scale.means, "deviation": scale.deviations}}
    scripts = ["network.js", "digit.js", "page.js", "points.js" if plane else "draw.js"]
    what = "digit" if names == [str(k) for k in range(10)] else "picture"
    dots = f"; the dots are the {part} points, each in the color of its own class"
    texts = {"TITLE": "Point at two numbers" if plane else f"Draw a {what}",
             "WHAT": what, "SIDE": str(side), "DOTS": dots if points else "",
             "HIDDEN": HIDDEN[plane], "WHY": WHY[plane],
             "STYLE": piece("page.css"), "VERSION": __version__,
             "NETWORK": in_script(json.dumps(content)),
             "SCRIPT": "".join(map(piece, scripts)).replace('"use strict";\n', "")}

    def filled(text: str) -> str:
        return re.sub(r"\$([A-Z]+)", lambda match: texts[match[1]], text)

    texts["BODY"] = filled(piece("points.html" if plane else "draw.html"))
    return filled(piece("page.html"))


def piece(name: str) -> str:
    """One of the files that a page is made of."""
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def in_script(text: str) -> str:
    """JSON in which nothing ends the element that holds it."""
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def range_of(points: Sequence[tuple[float, float, int]], scale: Scale | None) -> list[float]:
    """The part of the plane to show: least and largest x, then y, of the points with a margin, or
    two deviations around the mean."""
    if not points and scale:
        return [m + k * d for m, d in zip(scale.means, scale.deviations) for k in (-2, 2)]
    if not points:
        return [-1.5, 1.5, -1.5, 1.5]
    found = []
    for k in (0, 1):
        values = [point[k] for point in points]
        margin = 0.15 * (max(values) - min(values) or 1)
        found += [min(values) - margin, max(values) + margin]
    return found
