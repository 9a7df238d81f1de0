"""Other people's programs: start one, give it the cases, read its answers."""
from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

from purenn.crosscheck.answers.reading import answers_from
from purenn.crosscheck.questions.cases import Case, cases_content
from purenn.formats.strict_json import MAX_BYTES, parse_json
from purenn.terminal.running import one_line

#: how much of a program's standard error is shown, and of what it prints that is no answer
TAIL = 600

#: seconds that what a program has started and left behind may go on printing after its end
GRACE = 1.0


def answers_of_program(command: Sequence[str], cases: Sequence[Case], timeout: float
                       ) -> dict[str, Any]:
    """The answers of a program, which gets the cases on its standard input, by name.

    Raises ValueError, with the end of what it said on its standard error, if the program fails,
    takes more than ``timeout`` seconds, or prints something else; OSError if it cannot be started.
    """
    said = json.dumps(cases_content(cases)).encode("ascii")
    name = command[0]
    with _started(command) as process:
        out, error = _Reader(process.stdout, MAX_BYTES), _Reader(process.stderr, None)
        writer = threading.Thread(target=_write, args=(process.stdin, said), daemon=True)
        threads = (writer, out, error)
        try:
            for thread in threads:
                thread.start()
            process.wait(timeout)
            out.join(GRACE)
        except RuntimeError:  # this user has as many processes and threads as are allowed
            raise ValueError(f"there can be no more threads, which {name} needs to be talked to"
                             ) from None
        except subprocess.TimeoutExpired:
            raise ValueError(f"{name} did not end within {timeout:g} seconds (--timeout)"
                             f"{_end_of(error)}") from None
        finally:
            _kill(process)
            for thread in threads:
                if thread.ident is not None:
                    thread.join(1)
    if out.too_much:
        raise ValueError(f"{name} printed more than {MAX_BYTES} bytes")
    if process.returncode:
        raise ValueError(f"{name} {_how_it_ended(process.returncode)}{_end_of(error)}")
    if not out.content().strip():
        raise ValueError(f"{name} printed nothing{_end_of(error)}")
    try:
        content = parse_json(out.content(), float)
    except ValueError as fault:
        not_json = re.search(rb"[ :,\[]-?(nan|inf)\b", out.content(), re.IGNORECASE)
        hint = "; JSON has no nan and inf: print null instead" if not_json else ""
        raise ValueError(f"{name} did not print answers, but {_beginning_of(out)}: {fault}{hint}"
                         f"{_end_of(error)}") from None
    return answers_from(content, f"what {name} printed", [case.name for case in cases])


def _started(command: Sequence[str]) -> subprocess.Popen:
    """The program, running.  Raises OSError, with its name, whatever keeps it from that."""
    try:
        return subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True)
    except OSError as error:  # without a name if it is the system that has no room for another
        raise OSError(error.errno, error.strerror, error.filename or command[0]) from None


class _Reader(threading.Thread):
    """Reads a pipe to its end: all of it up to a limit, or without a limit its tail alone."""

    def __init__(self, pipe: Any, limit: Any) -> None:
        super().__init__(daemon=True)
        self.pipe, self.limit, self.too_much = pipe, limit, False
        self.chunks: list[bytes] = []

    def run(self) -> None:
        size = 0
        while True:
            try:
                chunk = self.pipe.read1(1 << 16)
            except (OSError, ValueError):  # closed under our hands, after a timeout
                return
            if not chunk:
                return
            size += len(chunk)
            if self.limit is not None and size > self.limit:
                self.too_much = True
                self.chunks = []
            elif self.limit is None:
                self.chunks = [(b"".join(self.chunks) + chunk)[-TAIL:]]
            if self.limit is not None and not self.too_much:
                self.chunks.append(chunk)

    def content(self) -> bytes:
        return b"".join(self.chunks)


def _write(pipe: Any, said: bytes) -> None:
    try:
        pipe.write(said)
        pipe.close()
    except OSError:  # a program need not read what it is given; it may know the cases by heart
        pass


def _kill(process: subprocess.Popen) -> None:
    """End the program, and whatever it has started and left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (OSError, AttributeError):  # it has ended, with all it started; or this is no Unix
        if process.poll() is None:
            process.kill()
    process.wait()


def _how_it_ended(status: int) -> str:
    if status > 0:
        return f"ended with exit status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _end_of(error: _Reader) -> str:
    """The end of what the program said on its standard error, to be put after a sentence."""
    tail = error.content().decode("utf-8", "replace").strip()
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    return f"; it said: {one_line(' | '.join(lines[-4:]))}" if lines else ""


def _beginning_of(out: _Reader) -> str:
    return f'what begins with "{one_line(out.content()[:60].decode("utf-8", "replace"))}"'


def split_command(arguments: list[str]) -> tuple[list[str], list[str] | None]:
    """The arguments before "--" and those after, which are None if there is no "--"."""
    if "--" not in arguments:
        return arguments, None
    k = arguments.index("--")
    return arguments[:k], arguments[k + 1:]
