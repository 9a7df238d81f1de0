"""What every command does alike: how it takes arguments, fails, and ends when it is told to.

A mistake in the arguments or in a file is one sentence on standard error and exit status 2, Ctrl-C
is 130, and a reader that goes away (``| head``) ends the program without a word.
"""
from __future__ import annotations

import argparse
import os
import sys
from typing import Callable, List, NoReturn, Optional, TextIO


ERROR, INTERRUPTED, TERMINATED = 2, 130, 143


def make_parser(prog: str, description: str, examples: str) -> argparse.ArgumentParser:
    """An argument parser whose errors are one sentence, and whose help ends with examples."""
    parser = argparse.ArgumentParser(prog=prog, description=description,
                                     epilog="examples:\n" + examples, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(message: str) -> NoReturn:
        parser.exit(ERROR, f"{prog}: {message} (--help explains the options)\n")

    parser.error = error  # type: ignore[method-assign]
    return parser


def run(prog: str, main: Callable[[Optional[List[str]]], int],
        arguments: Optional[List[str]] = None) -> int:
    """Call main(arguments) and return its exit status, or that of the failure it ended with."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without η shows ? instead of failing
    try:
        status = main(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # What is still buffered can't be delivered; without this, Python would try, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except KeyboardInterrupt:
        print(f"{prog}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"{prog}: {name}{error.strerror or error}", file=sys.stderr)
        return ERROR
    except (ValueError, MemoryError) as error:
        print(f"{prog}: {error or 'there is not enough memory'}", file=sys.stderr)
        return ERROR


def can_show(stream: TextIO, characters: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        characters.encode(stream.encoding or "ascii")
        return True
    except UnicodeEncodeError:
        return False


def whole_number(least: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number, not below the least."""
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        return value
    return parse


def number(least: float, above: bool = False) -> Callable[[str], float]:
    """The type of an argument that is a finite number, not below the least (or above it)."""
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = least - 1
        if not (least < value if above else least <= value) or value == float("inf"):
            relation = "above" if above else "from"
            raise argparse.ArgumentTypeError(f"{text!r} is not a finite number {relation} {least}")
        return value
    return parse


def layer_sizes(text: str) -> List[int]:
    """The type of an argument like 784,30,10."""
    try:
        sizes = [int(size) for size in text.split(",")]
    except ValueError:
        sizes = []
    if len(sizes) < 2 or min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of layer sizes like 784,30,10")
    return sizes
