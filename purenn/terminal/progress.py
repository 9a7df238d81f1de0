"""A progress bar on a terminal, for work that takes longer than a moment."""
from __future__ import annotations

import time
from typing import TextIO

from purenn.terminal.characters import can_show
from purenn.terminal.screen import columns

WIDTH = 24
SECONDS_BETWEEN = 0.1
ENOUGH_SECONDS, ENOUGH = 1.0, 0.05  # of work, in seconds or as a part of all, to judge its speed by


class Progress:
    """A bar on the given stream, redrawn in place; nothing at all if it is not a terminal.

    Each of the rounds goes over the same number of examples.  A single round has no name.  How long
    the rest takes is told once there is enough to judge by.
    """

    def __init__(self, stream: TextIO, rounds: int, examples: int, first: int = 0,
                 shown: bool = True, name: str = "epoch") -> None:
        self.stream = stream
        self.rounds = rounds
        self.examples = examples
        self.first = first
        self.name = name
        self.shown = shown and stream.isatty()
        self.full, self.empty = "█░" if can_show(stream, "█░") else "#."
        self.begun: tuple[float, int] | None = None  # when, and what was done then
        self.last = 0.0
        self.drawn = 0  # how many characters of the bar stand on the terminal

    def update(self, round_: int, done: int) -> None:
        """Show that so many of the round's examples are done; rounds count from 0."""
        now = time.monotonic()
        finished = (round_ - self.first) * self.examples + done
        if self.begun is None:  # what came before, like how_long's trial, was other work
            self.begun = now, finished
        if not self.shown or (now - self.last < SECONDS_BETWEEN and done < self.examples):
            return
        self.last = now
        whole = (self.rounds - self.first) * self.examples
        elapsed, count = now - self.begun[0], finished - self.begun[1]
        judged = count > 0 and elapsed > 0 and (elapsed >= ENOUGH_SECONDS
                                                or count >= ENOUGH * whole)
        rate = count / elapsed if judged else None
        self._draw(self._text(round_, done / self.examples, rate, whole - finished))

    def _text(self, round_: int, part: float, rate: float | None, left: int) -> str:
        """The bar with what there is room for beside it; ``left`` is how many examples are.

        The last column stays free: a character there makes some terminals begin a new line.
        """
        room = columns(self.stream) - 1
        head = self.name if self.rounds == 1 else f"{self.name} {round_ + 1:>3}"
        end = f"{duration(left / rate)} left" if rate else ""
        speed = f"{rate:,.0f} examples/s, {end}" if rate else ""
        for tail, least in ((speed, WIDTH), (end, 4)):
            width = min(WIDTH, room - len(f"{head}  {tail}"))
            if width >= least:
                cells = int(width * part)
                bar = self.full * cells + self.empty * (width - cells)
                return f"{head} {bar} {tail}".rstrip()
        return (end or head)[:room]

    def clear(self) -> None:
        """Erase the bar, so that other output can take its place."""
        if self.drawn:
            self._draw("")

    def _draw(self, text: str) -> None:
        # Spaces take the old bar away on every terminal; an escape sequence would on most.
        rest = " " * min(self.drawn - len(text), columns(self.stream) - 1 - len(text))
        try:
            self.stream.write(f"\r{text}{rest}" + ("" if text else "\r"))
            self.stream.flush()
            self.drawn = len(text)
        except OSError:  # the terminal is gone, but the work can go on
            self.shown = False


def duration(seconds: float) -> str:
    """A duration as people say it: 12 s, 3 min 05 s, 2 h 10 min."""
    seconds = int(seconds + 0.5)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
