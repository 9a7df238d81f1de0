"""A progress bar on a terminal, for work that takes longer than a moment."""
from __future__ import annotations

import time
from typing import TextIO

from purenn.terminal.running import can_show

WIDTH = 24
SECONDS_BETWEEN = 0.1


class Progress:
    """A bar on the given stream, redrawn in place; nothing at all if it is not a terminal."""

    def __init__(self, stream: TextIO, epochs: int, examples: int, first_epoch: int = 0,
                 shown: bool = True) -> None:
        self.stream = stream
        self.epochs = epochs
        self.examples = examples
        self.first_epoch = first_epoch
        self.shown = shown and stream.isatty()
        self.full, self.empty = "█░" if can_show(stream, "█░") else "#."
        self.start = time.monotonic()
        self.last = 0.0

    def update(self, epoch: int, done: int) -> None:
        """Show that so many of the epoch's examples are done; epochs count from 0."""
        now = time.monotonic()
        if not self.shown or (now - self.last < SECONDS_BETWEEN and done < self.examples):
            return
        self.last = now
        elapsed = max(now - self.start, 1e-9)
        finished = (epoch - self.first_epoch) * self.examples + done
        left = elapsed * ((self.epochs - self.first_epoch) * self.examples - finished) / finished
        cells = WIDTH * done // self.examples
        self._draw(f"epoch {epoch + 1:>3} {self.full * cells}{self.empty * (WIDTH - cells)} "
                   f"{finished / elapsed:,.0f} examples/s, {duration(left)} left")

    def clear(self) -> None:
        """Erase the bar, so that other output can take its place."""
        if self.shown:
            self._draw("")

    def _draw(self, text: str) -> None:
        try:
            self.stream.write("\r\x1b[K" + text)
            self.stream.flush()
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
