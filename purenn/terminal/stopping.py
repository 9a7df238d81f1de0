"""Ctrl-C and SIGTERM as a question that is asked when it suits, not an exception anywhere."""
from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Callable

#: What asks a run to end: Ctrl-C, kill, and the terminal that is closed (where there is such).
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP")
           if hasattr(signal, name)]

#: Whoever starts programs for others often passes a signal on that the program had already got
#: itself; what comes within this time of the first is taken for the same.
SECONDS_OF_ONE_PRESS = 0.5

#: How many examples are gone through between two looks at whether the run was told to stop.
EXAMPLES_BETWEEN = 100


class Stop(Exception):
    """The run was told to stop, by the signal with this number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class StopAtOnce(KeyboardInterrupt):
    """Told to stop by the signal with this number, and not to wait for anything."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stop_requests() -> Iterator[Callable[[], None]]:
    """Within this context SIGINT, SIGTERM and SIGHUP only leave a note.

    The function it gives raises Stop if there is one.  Whoever presses Ctrl-C a second time does
    not want to wait any longer and gets StopAtOnce, a KeyboardInterrupt, at once.  A signal that
    was ignored before (as ``nohup`` and a shell's ``&`` have it) still is.
    """
    notes: list[int] = []
    first = time.monotonic()

    def note(number: int, frame: object) -> None:
        nonlocal first
        if not notes:
            first = time.monotonic()
            notes.append(number)
        elif time.monotonic() - first > SECONDS_OF_ONE_PRESS:
            raise StopAtOnce(number)

    def check() -> None:
        if notes:
            raise Stop(notes[0])

    with handling(note):
        yield check


@contextmanager
def handling(handler: Callable[[int, object], None]) -> Iterator[None]:
    """Within this context the handler gets the signals, but for those that are ignored."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = [number for number in SIGNALS if before[number] != signal.SIG_IGN]
    for number in taken:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def stop_at_once(number: int, frame: object) -> None:
    """A handler for work that has nothing to save."""
    raise StopAtOnce(number)


class Watched(list):
    """A data set that calls a function every so many examples while it is run through."""

    def __init__(self, data: Sequence[Any], watch: Callable[[], None]) -> None:
        super().__init__(data)
        self.watch = watch

    def __iter__(self) -> Iterator[Any]:
        for k, example in enumerate(super().__iter__()):
            if k % EXAMPLES_BETWEEN == 0:
                self.watch()
            yield example
