"""Ctrl-C and SIGTERM as a question asked at convenient moments, not as an exception anywhere."""
from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What asks a run to end: Ctrl-C, kill, and a terminal that is closed (SIGHUP, on Unix).
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP")
           if hasattr(signal, name)]

#: A program that starts others often passes on a signal that they have received already; a signal
#: within this time of the first counts as the same.
SECONDS_OF_ONE_PRESS = 0.5

#: After how many examples to check whether the run was told to stop.
EXAMPLES_BETWEEN = 100


class Stop(Exception):
    """The run was told to stop, by the signal with this number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class StopAtOnce(KeyboardInterrupt):
    """Told by the signal with this number to stop without waiting for anything."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stop_requests() -> Iterator[Callable[[], None]]:
    """Within this context SIGINT, SIGTERM and SIGHUP only leave a note.

    The function it yields raises Stop if there is one.  A second Ctrl-C means that somebody does
    not want to wait: it raises StopAtOnce, a KeyboardInterrupt, at once.  A signal that was ignored
    before (``nohup`` and a shell's ``&`` arrange that) still is.
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
    """Within this context the handler gets the signals, except those that are ignored."""
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
    """A data set that calls a function every EXAMPLES_BETWEEN examples while it is read."""

    def __init__(self, data: Sequence[Any], watch: Callable[[], None]) -> None:
        super().__init__(data)
        self.watch = watch

    def __iter__(self) -> Iterator[Any]:
        for k, example in enumerate(super().__iter__()):
            if k % EXAMPLES_BETWEEN == 0:
                self.watch()
            yield example
