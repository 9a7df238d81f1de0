"""What every command does alike: how it runs, fails, and ends when it is told to.

A mistake in the arguments or in a file is one sentence on standard error and exit status 2, Ctrl-C
is 130 and SIGTERM 143, and a reader that goes away (``| head``) ends the program without a word.
"""
from __future__ import annotations

import os
import shutil
import signal
import sys
from typing import Callable, TextIO

from purenn.terminal.stopping import StopAtOnce, handling, stop_at_once

ERROR = 2
LONGEST_SENTENCE, LONGEST_NAME = 1000, 80


def run(prog: str, main: Callable[[list[str] | None], int],
        arguments: list[str] | None = None) -> int:
    """Call main(arguments) and return its exit status, or that of the failure it ended with."""
    prepare_streams()
    try:
        with handling(stop_at_once):
            try:
                status = main(arguments)
            except SystemExit as end:  # this is how argparse ends a program
                status = int(end.code or 0)
            sys.stdout.flush()
        return status
    except KeyboardInterrupt as stop:
        number = stop.number if isinstance(stop, StopAtOnce) else signal.SIGINT
        complain(prog, f"ended at once by {signal.Signals(number).name}")
        return 128 + number
    except OSError as error:
        if error.errno is None:  # it is all in the sentence
            complain(prog, str(error))
        elif error.filename is not None:
            complain(prog, f"{error.filename}: {error.strerror}")
        else:  # whatever works on a file names it, so this is about what is printed
            discard(sys.stdout)
            if not isinstance(error, BrokenPipeError):
                complain(prog, f"standard output: {error.strerror}")
    except (ValueError, MemoryError) as error:
        complain(prog, str(error) or "there is not enough memory")
    return ERROR


def typed(command: str) -> str:
    """How a command of purenn is typed: as it was started, as far as that can be known."""
    if os.path.basename(sys.argv[0]) in ("purenn", "purenn.exe"):
        return f"purenn {command}".rstrip()
    return f"{interpreter()} -m purenn{command and '.' + command}"


def interpreter() -> str:
    """The name of the Python that runs this, if PATH leads to it by that name, else python3."""
    name = os.path.basename(sys.executable or "")
    found = shutil.which(name)
    return name if found and os.path.samefile(found, sys.executable) else "python3"


def prepare_streams() -> None:
    """Let printing go wrong in no other way than that nobody reads it, or that a disk is full."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the program was started with it closed: >&-
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without η shows ? instead of failing


def discard(stream: TextIO) -> None:
    """Let what goes to the stream go nowhere; at its end Python would try again to deliver it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def complain(prog: str, text: str) -> None:
    """A line on standard error, if anybody reads it."""
    try:
        print(f"{prog}: {one_line(text)}", file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


def one_line(text: str, most: int = LONGEST_SENTENCE) -> str:
    """The text without what would break or color a line, as a file's name or content may do.

    If it has more characters than that, its middle is left out.
    """
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return line if len(line) <= most else f"{line[:most // 2]} … {line[-most // 2:]}"


def short(name: str) -> str:
    """A name, a key or a number as a file has it, for a sentence: it may be of any length there."""
    return one_line(name, LONGEST_NAME)


def can_show(stream: TextIO, characters: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        characters.encode(stream.encoding or "ascii")
        return True
    except UnicodeEncodeError:
        return False
