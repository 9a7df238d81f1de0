"""What all commands share: how they run, fail, and end when they are told to.

A mistake in the arguments or in a file is one sentence on standard error and exit status 2, Ctrl-C
is 130 and SIGTERM 143, and a reader that goes away (``| head``) ends the program silently.
"""
from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from purenn.terminal.characters import IN_ASCII, as_shown
from purenn.terminal.screen import fitted, known_columns
from purenn.terminal.stopping import StopAtOnce, handling, stop_at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

ERROR = 2
LONGEST_SENTENCE, LONGEST_NAME = 1000, 80


def run(prog: str, main: Callable[[list[str] | None], int],
        arguments: list[str] | None = None) -> int:
    """Call main(arguments) and return its exit status, or that of the failure that ended it."""
    try:
        prepare_streams()
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
        if error.errno is None:  # its sentence says everything
            complain(prog, str(error))
        elif error.filename is not None:
            complain(prog, f"{error.filename}: {error.strerror}")
        else:  # errors about files name the file, so this is about printing
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
    for folder in os.get_exec_path():  # shutil.which does this, and takes long to import
        found = os.path.join(folder, name)
        if name and os.access(found, os.X_OK):
            return name if os.path.samefile(found, sys.executable) else "python3"
    return "python3"


def prepare_streams() -> None:
    """Make sure that printing can fail only because nobody reads it or because a disk is full."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed when the program started: >&-
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8", newline="\n"))
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=IN_ASCII)


def discard(stream: TextIO) -> None:
    """Redirect the stream to nowhere; otherwise Python would try to flush it again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def say(text: str) -> None:
    """Lines for a person, on standard output, none longer than there is room for, in characters
    that it can show."""
    print(fitted(as_shown(sys.stdout, text), known_columns()), flush=True)


def complain(prog: str, text: str) -> None:
    """Print a line on standard error, if anybody reads it; break it where there is no room."""
    line = as_shown(sys.stderr, f"{prog}: {one_line(text)}")
    try:
        print(fitted(line, known_columns(sys.stderr)), file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


def one_line(text: str, most: int = LONGEST_SENTENCE) -> str:
    """The text without characters that would break or color a line, which a file's name may have.

    If it is longer than ``most``, its middle is left out.
    """
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return line if len(line) <= most else f"{line[:most // 2]} … {line[-most // 2:]}"


def short(name: str) -> str:
    """A name, key or number from a file, which may be of any length, cut to fit into a sentence."""
    return one_line(name, LONGEST_NAME)
