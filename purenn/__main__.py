"""The commands by name: ``purenn train …`` once installed, or ``python3 -m purenn train …``."""
from __future__ import annotations

import importlib
import sys

from purenn import __version__
from purenn.terminal.running import ERROR, complain, run, say, typed

COMMANDS = {
    "train": ("--small", "learn handwritten digits, in seconds"),
    "show": ("MODEL", "look at digits, and what a trained network makes of them"),
    "explain": ("", "one step of learning with every number, to follow on paper"),
    "book": ("NAME", "the experiments of Nielsen's book, beside its published numbers"),
    "crosscheck": ("", "is another implementation right? if not, which mistake is it?"),
}
PROG = typed("")


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the first argument names, with the others; import no other command."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] and arguments[0] in COMMANDS:
        try:
            command = importlib.import_module(f"purenn.{arguments[0]}.command")
        except KeyboardInterrupt:  # Ctrl-C while Python still imports
            return 130
        return run(command.PROG, command.main, arguments[1:])
    return run(PROG, overview, arguments)


def overview(arguments: list[str] | None) -> int:
    """Say what there is, or that there is no such command; the exit status."""
    if arguments == ["--version"]:
        print(f"purenn {__version__}")
    elif not arguments or arguments in (["-h"], ["--help"]):
        say("\n".join(help_lines()))
    else:
        complain(PROG, f"there is no command {arguments[0]!r}; the commands are "
                       f"{', '.join(COMMANDS)} (--help explains them)")
        return ERROR
    return 0


def help_lines() -> list[str]:
    """The commands, each as it is typed."""
    lines = [f"  {typed(name)} {example}".rstrip() for name, (example, _) in COMMANDS.items()]
    width = max(map(len, lines)) + 3
    described = [line.ljust(width) + what for line, (_, what) in zip(lines, COMMANDS.values())]
    return ["purenn: a neural network in plain Python, to read, to run, and to check others by", "",
            *described, "",
            "Each explains itself with --help.  purenn/README.md is the tour of the source, which",
            "begins with linalg, activations, costs, network and sgd."]


if __name__ == "__main__":
    sys.exit(main())
