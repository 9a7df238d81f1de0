"""Other people's programs: start one, give it the cases, read its answers."""
from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from purenn.crosscheck.answers.reading import CHECKS, ONE_STEP
from purenn.crosscheck.answers.stream import Given, answers_in
from purenn.formats.strict_json import MAX_BYTES
from purenn.terminal.running import one_line

#: the line of a traceback, in one of many languages, that says what went wrong
_REASON = re.compile(r"(?:Uncaught )?[\w.:]*(?:Error|Exception)\b")

#: how much of a program's standard error is shown, and of what it prints that is no answer
TAIL = 2000

#: seconds that what a program has started and left behind may go on printing after its end
GRACE = 1.0

#: a function that ends its process in more cases than this is not asked any more
MOST_DEATHS = 3

#: the folder that holds purenn, and what a process does that asks a function
_ROOT = str(Path(__file__).resolve().parents[3])
_ASKING = ("import sys; sys.path.append(sys.argv[1]); "
           "from purenn.crosscheck.answers.asking import main; main(*sys.argv[2:])")


class Ended(NamedTuple):
    """How a program ended, and what it had printed until then."""

    out: bytes
    #: why it is of no use any more; "" if it ended as it should
    fault: str
    #: the end of what it said on its standard error, to be put after a sentence
    said: str


def answers_of_program(command: Sequence[str], question: str, names: Sequence[str],
                       timeout: float, kind: str = ONE_STEP) -> Given:
    """What a program gives that gets the question, all cases, on its standard input.

    Raises ValueError, with the end of what it said on its standard error, if it gives no answer at
    all; OSError if it cannot be started.
    """
    name = command[0]
    ended = _run(command, question, timeout, by_case=False)
    if not ended.out.strip():
        raise ValueError(f"{name} {ended.fault or 'printed nothing'}{ended.said}")
    try:
        given = answers_in(ended.out, names, f"what {name} printed", CHECKS[kind])
    except ValueError as fault:
        if ended.fault:
            raise ValueError(f"{name} {ended.fault}{ended.said}") from None
        if str(fault).startswith("what "):  # it is about an answer
            raise
        raise ValueError(f"{name} did not print answers, but {_beginning_of(ended.out)}: {fault}"
                         f"{ended.said}") from None
    if ended.fault:
        given.failures.insert(0, f"{name} {ended.fault}; it had answered {len(given.answers)} of "
                              f"{len(names)} cases{ended.said}")
    return given


def answers_of_function(name: str, questions: Sequence[dict[str, Any]], timeout: float,
                        kind: str = ONE_STEP) -> tuple[Given, dict[str, str]]:
    """What the function MODULE:FUNCTION gives, called in a process of its own, and the problems.

    Each case has ``timeout`` seconds.  Where one takes longer, or ends the process, the next are
    asked in another one.  Raises ValueError if there is no such function.
    """
    given, problems = Given({}, [], []), {}
    rest, deaths = list(questions), 0
    while rest and deaths < MOST_DEATHS:
        ended = _run([sys.executable, "-c", _ASKING, _ROOT, name, kind], json.dumps(rest), timeout,
                     by_case=True)
        for line in ended.out.splitlines():
            said = json.loads(line)
            if "fault" in said:
                raise ValueError(said["fault"])
            if "kept" in said:
                given.failures.append(said["kept"])
                continue
            asked = rest.pop(0)["name"]
            if "problem" in said:
                problems[asked] = said["problem"]
            elif "answer" in said:
                given.answers[asked] = said["answer"]
        if not rest:
            break
        if not ended.fault:
            raise ValueError(f"{name} cannot be asked{ended.said}")
        problems[rest.pop(0)["name"]] = f"the function {ended.fault}{ended.said}"
        deaths += 1
    for question in rest:
        problems[question["name"]] = ("not asked any more, after "
                                      f"{MOST_DEATHS} that ended the process")
    return given, problems


def _run(command: Sequence[str], question: str, timeout: float, by_case: bool) -> Ended:
    """The program run with the question on its standard input, for so many seconds in all, or
    since it last printed something."""
    with _started(command) as process:
        out, error = _Reader(process.stdout, MAX_BYTES), _Reader(process.stderr, None)
        writer = threading.Thread(target=_write, args=(process.stdin, question.encode("utf-8")),
                                  daemon=True)
        threads = (writer, out, error)
        fault = ""
        try:
            for thread in threads:
                thread.start()
            if not _waited(process, out, timeout, by_case):
                fault = (f"did not end within {timeout:g} second{'s' * (timeout != 1)} "
                         "(--timeout)")
            out.join(GRACE)
        except RuntimeError:  # this user has as many processes and threads as are allowed
            raise ValueError("there can be no more threads, which "
                             f"{command[0]} needs to be talked to") from None
        finally:
            _kill(process)
            for thread in threads:
                if thread.ident is not None:
                    thread.join(GRACE)
    if out.too_much:
        raise ValueError(f"{command[0]} printed more than {MAX_BYTES} bytes")
    if process.returncode and not fault:
        fault = _how_it_ended(process.returncode)
    return Ended(out.content(), fault, _end_of(error))


def _waited(process: subprocess.Popen, out: _Reader, timeout: float, by_case: bool) -> bool:
    """Whether the program ended in time."""
    start = time.monotonic()
    while True:
        since = max(start, out.last) if by_case else start
        try:
            process.wait(max(0.0, since + timeout - time.monotonic()))
            return True
        except subprocess.TimeoutExpired:
            if not by_case or out.last <= since:
                return False


def _started(command: Sequence[str]) -> subprocess.Popen:
    """The program, running.  Raises OSError, with its name, whatever keeps it from that."""
    try:
        return subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True, bufsize=0)
    except OSError as error:  # without a name if it is the system that has no room for another
        raise OSError(error.errno, error.strerror, error.filename or command[0]) from None


class _Reader(threading.Thread):
    """Reads a pipe to its end: all of it up to a limit, or without a limit its tail alone."""

    def __init__(self, pipe: Any, limit: Any) -> None:
        super().__init__(daemon=True)
        self.pipe, self.limit, self.too_much = pipe, limit, False
        self.chunks: list[bytes] = []
        self.last = 0.0  # when something was last read

    def run(self) -> None:
        size = 0
        while True:
            try:
                chunk = self.pipe.read(1 << 16)  # whatever is there; nobody waits for a buffer
            except (OSError, ValueError):  # closed under our hands, after a timeout
                return
            if not chunk:
                return
            size += len(chunk)
            self.last = time.monotonic()
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
        while said:
            said = said[pipe.write(said):]
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
    reasons = [line for line in lines if _REASON.match(line)][-1:]
    return f"; it said: {one_line(' | '.join(reasons or lines[-4:]))}" if lines else ""


def _beginning_of(out: bytes) -> str:
    return f'what begins with "{one_line(out[:60].decode("utf-8", "replace"))}"'
