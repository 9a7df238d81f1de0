"""Ctrl-C and SIGTERM as a question that is asked when it suits, not an exception anywhere."""
from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import Callable, Iterator, List


class Stop(Exception):
    """The run was told to stop, by the signal with this number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stop_requests() -> Iterator[Callable[[], None]]:
    """Within this context SIGINT and SIGTERM only leave a note.

    The function it gives raises Stop if there is one.  Whoever presses Ctrl-C a second time does
    not want to wait any longer and gets a KeyboardInterrupt at once.
    """
    notes: List[int] = []

    def note(number: int, frame: object) -> None:
        if notes:
            raise KeyboardInterrupt
        notes.append(number)

    def check() -> None:
        if notes:
            raise Stop(notes[0])

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
