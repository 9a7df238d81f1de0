"""How all commands read their arguments: a parser whose help teaches, and types of values."""
from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from purenn.terminal.characters import as_shown
from purenn.terminal.running import ERROR, complain
from purenn.terminal.screen import columns, fitted, known_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: What options are called elsewhere.
MEANT = {"--lambda": "--lmbda", "--l2": "--lmbda", "--weight-decay": "--lmbda",
         "--regularization": "--lmbda", "--learning-rate": "--eta", "--lr": "--eta",
         "--rate": "--eta", "--batch": "--mini-batch", "--batch-size": "--mini-batch",
         "--mini-batch-size": "--mini-batch", "--layers": "--sizes",
         "--activation": "--hidden", "--loss": "--cost",
         "--init": "--weights", "--output": "--save", "--model": "--save", "--load": "--resume",
         "--dataset": "--data"}
NEAR = 0.7  # how alike two words are that are taken for one, as difflib counts it
LARGEST = 2 ** 63 - 1  # of the whole numbers in arguments: more than anybody can wait for


class Help(argparse.RawDescriptionHelpFormatter):
    """Help whose description and examples keep their lines, unless they are too long."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)  # what argparse takes, but without shutil

    def format_help(self) -> str:
        return fitted(as_shown(sys.stdout, super().format_help()), known_columns())


def make_parser(prog: str, description: str, examples: str) -> argparse.ArgumentParser:
    """An argument parser whose errors are one sentence, and whose help ends with examples."""
    parser = argparse.ArgumentParser(prog=prog, description=description,
                                     epilog="examples:\n" + examples, allow_abbrev=False,
                                     formatter_class=Help)

    def error(message: str) -> NoReturn:
        import difflib  # imported here because only mistakes need it
        for word in message.partition("unrecognized arguments: ")[2].split():
            name = word.partition("=")[0]
            known = list(parser._option_string_actions)
            near = [MEANT[name]] if MEANT.get(name) in known else [
                f"--{word}" for word in difflib.get_close_matches(
                    name[2:], [option[2:] for option in known if option.startswith("--")], n=1,
                    cutoff=NEAR)]
            if name.startswith("--") and name not in known and near:
                message = f"there is no option {name}; {near[0]} is the one that is meant here"
        complain(prog, f"{message} (--help explains the options)")
        parser.exit(ERROR)

    parser.error = error  # type: ignore[method-assign]  # instead of a subclass for one function
    return parser


def whole_number(least: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number, not below the least, nor beyond reason."""
    def parse(text: str) -> int:
        try:
            value = int(text) if len(text) < 100 else LARGEST + 1
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        if value > LARGEST:
            raise argparse.ArgumentTypeError(f"{text!r} is more than {LARGEST}")
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


def layer_sizes(text: str) -> list[int]:
    """The type of an argument like 784,30,10."""
    try:
        sizes = [int(size) for size in text.split(",") if len(size) < 100]
    except ValueError:
        sizes = []
    if len(sizes) <= text.count(",") or len(sizes) < 2 or min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of layer sizes like 784,30,10")
    return sizes


def numbers(text: str) -> list[float]:
    """The type of an argument like 0.5,-1,2e-3."""
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(value - value == 0 for value in values):
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not a list of numbers like 0.5,-1,2e-3")
    return values


def file_name(text: str) -> str:
    """The type of an argument that names a file: anything but nothing, as an unset $VARIABLE is."""
    if not text:
        raise argparse.ArgumentTypeError("the name of a file is missing")
    return text
