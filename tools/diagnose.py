"""How good is the diagnosis?  Measure it: ``python tools/diagnose.py``.

Programs are made up and judged as anybody's would be, and what the report says is compared with
what was done to them:

  entries   every mistake and convention of the catalogue, made in the whole program: is it named?
  pairs     two of them that act in different blocks; triples: three
  scopes    one of them, made for one activation, one cost or one layer only: is it named with its
            scope?
  right     a right program with every sum in a random order, and random formulas, in float64 and
            float32, some of whose fields and cases are left out: is anything called wrong?
  digits    a right program that prints 6 to 16 digits: is that what is said, and nothing else?
  layouts   a right program with its numbers in the lists that people use: is it right?
  noise     a right program, one block of which has random numbers: is that block called wrong, and
            nothing invented?

Named means that each mistake is in a finding of its own, as the cause or as one of at most three
alternatives that the numbers cannot tell apart; with a scope, what is said must give the same
numbers in all cases, and then another entry will do.  Invented is a finding about none of them.  A
combination is left out if one of its mistakes does not show: if in each case some of the others,
or none, give the same numbers (δ halved and the gradient doubled is right where δ is halved, and
the gradient doubled elsewhere).

A whole run takes about three quarters of an hour; --sample 20 makes up twenty programs of each
kind, and --cases 40 asks each of them forty questions, drawn at random: together a minute.
"""
from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Callable, NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from any_order import AnyOrder, random_case, some_fields

from purenn.crosscheck.catalogue.entries import CONVENTIONS, MISTAKES
from purenn.crosscheck.catalogue.recipe import Mistake, after, cost_changed, together
from purenn.crosscheck.diagnosis.scopes import DIVISIONS, Division
from purenn.crosscheck.judge import judge
from purenn.crosscheck.questions.by_reference import Answer, answer_of
from purenn.crosscheck.questions.cases import Case
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.report import Report
from purenn.crosscheck.truth.blocks import RIGHT, CannotAnswer, Recipe, rows, step

Answers = dict[str, Answer]

#: where a mistake is made: (case, layer after the input) -> whether it is made there
Where = Callable[[Case, int], bool]

EVERYWHERE: Where = lambda case, l: True  # noqa: E731


# --- programs with mistakes ---------------------------------------------------------------------

class Made(NamedTuple):
    """A mistake, and where a program makes it."""

    entry: Mistake
    where: Where = EVERYWHERE
    #: the words of its scope
    words: str = ""

    def __str__(self) -> str:
        return self.entry.id + (f" {self.words}" if self.words else "")


def answers_of(cases: Sequence[Case], made: Sequence[Made]) -> Answers:
    """The answers of a program with these mistakes, to the cases that it can answer."""
    answers = {}
    for case in cases:
        recipes = [together(*(m.entry.change for m in made if m.where(case, l)))(RIGHT)
                   for l in range(len(case.weights))]
        try:
            answers[case.name] = step(case, recipes)
        except (CannotAnswer, ArithmeticError, ValueError):
            pass
    return answers


def answers_with(cases: Sequence[Case], *entries: Mistake) -> Answers:
    """The same, for mistakes that are made everywhere."""
    return answers_of(cases, [Made(entry) for entry in entries])


def written(value: Any) -> Any:
    """Nested lists of numbers to nine digits, with NaN like NaN: what comes after is rounding."""
    if isinstance(value, dict):
        return {key: written(v) for key, v in value.items()}
    return [written(v) for v in value] if isinstance(value, list) else f"{float(value):.9g}"


# --- what a report says -------------------------------------------------------------------------

def names(finding: Any) -> set[str]:
    """The entry or relation of a finding, and those that the numbers cannot tell from it."""
    return {finding.id or finding.relation, *(name for name, _ in finding.alternatives)}


def unnamed(report: Report, made: Sequence[Made]) -> list[str]:
    """The mistakes that no finding names."""
    said = set().union(*map(names, report.findings)) if report.findings else set()
    return [m.entry.id for m in made if m.entry.id not in said]


def invented(report: Report, made: Sequence[Made]) -> list[str]:
    """The findings about none of these mistakes: their names, or "?" and the block of those that
    explain nothing."""
    ids = {m.entry.id for m in made}
    return [f.id or f.relation or f"? {f.block}" for f in report.findings if not names(f) & ids]


def _in(division: Division, value: Any) -> Where:
    return lambda case, l: division.value(case, l) == value


def words_of_scopes(cases: Sequence[Case]) -> dict[str, tuple[Division, Any]]:
    """Every scope that there is in these cases, by its words, the longest first."""
    found = {division.words(value): (division, value) for division in DIVISIONS
             for case in cases for l in range(len(case.weights))
             for value in [division.value(case, l)]}
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def where_said(scope: str, words: dict[str, tuple[Division, Any]]) -> Where:
    """The cases and layers that a report's words stand for."""
    allowed: dict[str, tuple[Division, set[Any]]] = {}
    for phrase, (division, value) in words.items():
        for text in (phrase, phrase.replace("in the ", "", 1)):  # "in the output layer and layer 2"
            if text in scope:
                scope = scope.replace(text, "")
                allowed.setdefault(division.name, (division, set()))[1].add(value)
                break
    return lambda case, l: all(division.value(case, l) in values
                               for division, values in allowed.values())


# --- the measurements ---------------------------------------------------------------------------

class Tally:
    """What came of one kind of programs, and what is printed of it."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most, self.hidden = name, most, 0
        self.good, self.faults, self.seconds = 0, [], []  # type: int, list[str], list[float]

    def judged(self, cases: Sequence[Case], answers: Answers, precision: str = "float64"
               ) -> Report:
        start = time.process_time()
        report = judge(cases, answers, precision)
        self.seconds.append(time.process_time() - start)
        return report

    def add(self, what: str, fault: str) -> None:
        """Note a program: what it was, and what was wrong with its report, if anything."""
        if fault:
            self.faults.append(f"{what}: {fault}")
        else:
            self.good += 1

    def show(self) -> None:
        of = self.good + len(self.faults)
        hidden = f", {self.hidden} more show nothing of their own" if self.hidden else ""
        print(f"{self.name}: {self.good} of {of}"
              + (f" ({100 * self.good / of:.1f} %)" if of else "") + hidden)
        if self.seconds:
            print(f"  seconds: median {statistics.median(self.seconds):.2f}, "
                  f"worst {max(self.seconds):.2f}")
        for fault in self.faults[:self.most]:
            print(f"  {fault}")
        if len(self.faults) > self.most:
            print(f"  … and {len(self.faults) - self.most} more")
        sys.stdout.flush()


class Bench:
    """The cases, what a right program answers, and how many programs of each kind to make up."""

    def __init__(self, cases: Sequence[Case], sample: int | None, seed: int, most: int) -> None:
        self.cases, self.sample, self.most = cases, sample, most
        self.rng = random.Random(seed)
        self.right = {case.name: written(answer_of(case)) for case in cases}
        self.words = words_of_scopes(cases)
        self.entries = MISTAKES + CONVENTIONS
        self.tallies: list[Tally] = []

    def tally(self, name: str) -> Tally:
        self.tallies.append(Tally(name, self.most))
        return self.tallies[-1]

    def drawn(self, items: Sequence[Any], all_of_them: int | None = None) -> list[Any]:
        """As many of the items as a sample has, or as a whole run takes."""
        count = self.sample or all_of_them or len(items)
        return list(items) if count >= len(items) else self.rng.sample(items, count)

    def shows(self, answers: Answers, other: Answers) -> bool:
        """Whether these answers have other numbers than those."""
        return any(name in other and written(answer) != written(other[name])
                   for name, answer in answers.items())

    def is_seen(self, answers: Answers, others: Sequence[Made]) -> bool:
        """Whether in some case no combination of the other mistakes gives these numbers."""
        unlike = {name: written(answer) for name, answer in answers.items()}
        for size in range(len(others) + 1):
            for part in itertools.combinations(others, size):
                given = answers_of([case for case in self.cases if case.name in unlike], part)
                unlike = {name: answer for name, answer in unlike.items()
                          if name in given and answer != written(given[name])}
        return bool(unlike)

    # Mistakes.

    def entries_named(self) -> None:
        tally = self.tally("entries named")
        for entry in self.drawn(self.entries):
            self._one(tally, Made(entry))
        tally.show()

    def _one(self, tally: Tally, made: Made) -> None:
        """One mistake: is it named, alone, and with a scope that stands for the same numbers?"""
        answers = answers_of(self.cases, [made])
        report = tally.judged(self.cases, answers)
        if report.ok:
            tally.hidden += 1
            return
        fault = self._faults(report, [made])
        said = [Made(entry, where_said(finding.scope, self.words)) for finding in report.findings
                for entry in self.entries
                if entry.id == (made.entry.id if not fault else finding.id)]
        again = answers_of(self.cases, said)
        same = not self.shows(again, {k: v for k, v in answers.items() if k in again})
        if not fault and not same:
            fault = f'scope "{report.findings[0].scope}"'
        tally.add(str(made), "" if same and len(said) == len(report.findings) else fault)

    def _faults(self, report: Report, made: Sequence[Made]) -> str:
        missing, extra = unnamed(report, made), invented(report, made)
        return "; ".join([f"not named: {', '.join(missing)}"] * bool(missing)
                         + [f"said: {', '.join(extra)}"] * bool(extra))

    def combinations_named(self, size: int, whole: int) -> None:
        tally = self.tally(f"{('pairs', 'triples')[size - 2]} from different blocks named")
        wanted = self.sample or whole
        while len(tally.faults) + tally.good < wanted:
            made = [Made(entry) for entry in self._from_different_blocks(size)]
            answers = answers_of(self.cases, made)
            if not all(self.is_seen(answers, [m for m in made if m is not one]) for one in made):
                tally.hidden += 1
                continue
            report = tally.judged(self.cases, answers)
            tally.add(" + ".join(map(str, made)), self._faults(report, made))
        tally.show()

    def _from_different_blocks(self, size: int) -> list[Mistake]:
        while True:
            entries = self.rng.sample(MISTAKES, size)
            blocks = [block for entry in entries for block in entry.blocks]
            if len(blocks) == len(set(blocks)):
                return sorted(entries, key=MISTAKES.index)

    def scopes_named(self) -> None:
        """Each entry with one scope drawn from those in which it gives other numbers than in the
        whole program, so that its scope can be seen."""
        tally = self.tally("entries named with their scope")
        for entry in self.drawn(self.entries):
            whole = answers_of(self.cases, [Made(entry)])
            shown = {name for name, answer in whole.items() if written(answer) != self.right[name]}
            for words, (division, value) in self._shuffled_scopes():
                made = Made(entry, _in(division, value), words)
                inside = {case.name for case in self.cases if case.name in shown and any(
                    made.where(case, l) for l in range(len(case.weights)))}
                if not inside or not division.of_layers and inside == shown:
                    continue
                answers = answers_of(self.cases, [made])
                if self.shows(answers, whole) and any(
                        written(answer) != self.right[name] for name, answer in answers.items()):
                    self._one(tally, made)
                    break
            else:
                tally.hidden += 1
        tally.show()

    def _shuffled_scopes(self) -> Iterator[tuple[str, tuple[Division, Any]]]:
        scopes = [(words, scope) for words, scope in self.words.items()
                  if scope[0].name in ("hidden", "cost", "output", "output layer",
                                       "layer from the end", "first layer")]
        return iter(self.rng.sample(scopes, len(scopes)))

    # Right programs.

    def right_programs(self) -> None:
        for precision in ("float64", "float32"):
            tally = self.tally(f"right programs in {precision}, sums in random order, called right")
            for k in range(self.sample or 1000):
                report = self._right_program(tally, precision, k)
                tally.add(f"program {k}", "" if report.ok else str(report).split("\n")[0])
            tally.show()

    def _right_program(self, tally: Tally, precision: str, k: int) -> Report:
        rng = random.Random(f"{precision} {self.rng.random()} {k}")
        cases = [random_case(rng, f"random case {i}") for i in range(rng.randint(1, 3))]
        cases += rng.sample(self._calm(), 2)
        program = AnyOrder(rng, precision == "float32")
        answers = {case.name: some_fields(rng, program.answer(case)) for case in cases}
        return tally.judged(cases, answers, precision)

    def _calm(self) -> list[Case]:
        return [case for case in self.cases if not any(
            word in case.name for word in ("saturat", "far from", "apart by"))]

    def digits(self) -> None:
        tally = self.tally("right programs with 6 to 16 digits: that is said, and nothing else")
        forms = [(f"%.{k}{form}", k, form) for k in range(6, 17) for form in "gf"]
        for form, k, kind in self.drawn(forms):
            cases = self._calm()
            program = AnyOrder(random.Random(form), False)
            answers = {case.name: _printed(form, program.answer(case)) for case in cases}
            report = tally.judged(cases, answers)
            said = [f.id or f.relation or "?" for f in report.findings]
            words = f"{k} digits {'after the point' if kind == 'f' else '(significant'}"
            # %.16f of a number below 1 has no more than 16 digits, as most have
            right = said == ["digits"] and words in report.findings[0].sentence
            tally.add(form, "" if right or report.ok and k >= 16 else ", ".join(
                f.sentence for f in report.findings) or "called right")
        tally.show()

    def layouts(self) -> None:
        tally = self.tally("right programs in the layouts people use, called right")
        for kinds in self.drawn(list(_layouts())):
            cases = self._calm()
            answers = {case.name: _laid_out(case, answer_of(case), kinds) for case in cases}
            report = tally.judged(cases, answers)
            tally.add(", ".join(kinds), "" if report.ok else str(report).split("\n")[0])
        tally.show()

    def noise(self) -> None:
        tally = self.tally("random numbers in one block: that block is called wrong, no more")
        for k in range(self.sample or 100):
            block, change = NOISE[k % len(NOISE)]
            rng = random.Random(f"noise {self.rng.random()}")
            recipe = change(rng)(RIGHT)
            answers = {case.name: step(case, recipe) for case in self._calm()}
            report = tally.judged(self._calm(), answers)
            claimed = [f.id or f.relation for f in report.findings if f.id or f.relation]
            blocks = sorted({f.block for f in report.findings})
            tally.add(block, f"said: {', '.join(claimed)}" if claimed
                      else "called right" if report.ok
                      else f"blocks: {', '.join(blocks)}" if blocks != [block] else "")
        tally.show()


def _printed(form: str, answer: Answer) -> Answer:
    return _each(lambda x: float(form % x), answer)


def _each(f: Callable[[float], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _each(f, v) for key, v in value.items()}
    return [_each(f, v) for v in value] if isinstance(value, list) else f(value)


# Layouts: what of an answer is written down in other lists.

def _transposed(W: list[Any]) -> list[Any]:
    return [list(column) for column in zip(*W)]


_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "": lambda a: a,
    "layer by layer": _transposed,
    "examples as columns": lambda a: [_transposed(layer) for layer in _transposed(a)],
    "each a column": lambda a: [[[[x] for x in v] for v in layers] for layers in a]}
_BIASES: dict[str, Callable[[Any], Any]] = {
    "": lambda b: b, "biases as columns": lambda b: [[x] for x in b],
    "biases as rows": lambda b: [b]}


def _layouts() -> Iterator[tuple[str, ...]]:
    for choice in itertools.product(_ACTIVATIONS, _BIASES, ("", "weights [k][j]"),
                                    ("", "the input included")):
        yield tuple(choice)


def _laid_out(case: Case, answer: Answer, kinds: tuple[str, ...]) -> Answer:
    activations, biases, weights, included = kinds
    layers = [[x, *a] if included else a
              for (x, _), a in zip(case.mini_batch, answer["activations"])]
    turn = _transposed if weights else list
    return {**answer, "activations": _ACTIVATIONS[activations](layers),
            **{field: [_BIASES[biases](b) for b in answer[field]]
               for field in ("nabla_b", "new_biases")},
            **{field: [turn(W) for W in answer[field]] for field in ("nabla_w", "new_weights")}}


# Noise: a block of which every number is off by a factor of its own.

def _noisy(rng: random.Random) -> Callable[[Any], Any]:
    return lambda value: _each(lambda x: x * rng.uniform(0.2, 1.8), value)


def _noise_in(piece: str) -> Callable[[random.Random], Callable[[Recipe], Recipe]]:
    return lambda rng: after(piece, lambda result, *rest: _noisy(rng)(result))


#: (block, random numbers -> change), for the blocks that hold numbers of their own
NOISE: Sequence[tuple[str, Callable[[random.Random], Callable[[Recipe], Recipe]]]] = (
    ("forward", _noise_in("activate")),
    ("costs", _noise_in("each")),
    ("total cost", _noise_in("mean")),
    ("output error", lambda rng: cost_changed("", delta=lambda old, z, a, y, output: _noisy(rng)(
        old(z, a, y, output)))),
    ("hidden error", _noise_in("error")),
    ("weight gradient", _noise_in("mean_w")),
    ("bias gradient", _noise_in("mean_b")),
    ("weight step", lambda rng: after("update_w", lambda W, *rest: rows(_noisy(rng), W))),
    ("bias step", _noise_in("update_b")))


# --- the tool -----------------------------------------------------------------------------------

SECTIONS: dict[str, Callable[[Bench], None]] = {
    "entries": Bench.entries_named,
    "pairs": lambda bench: bench.combinations_named(2, 1000),
    "triples": lambda bench: bench.combinations_named(3, 500),
    "scopes": Bench.scopes_named,
    "right": Bench.right_programs,
    "digits": Bench.digits,
    "layouts": Bench.layouts,
    "noise": Bench.noise}


def build_parser(description: str, sections: Collection[str]) -> argparse.ArgumentParser:
    """The command line of a measurement in sections."""
    def section(name: str) -> str:
        if name not in sections:
            raise argparse.ArgumentTypeError(f'there is no section "{name}", only '
                                             f'{", ".join(sections)}')
        return name

    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", type=section,
                        help=f"of {', '.join(sections)}; none means all")
    parser.add_argument("--sample", type=int, metavar="N", help="N programs of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=10, metavar="N",
                        help="how many failures of a kind to print (default: 10)")
    return parser


def main() -> int:
    parser = build_parser(__doc__, SECTIONS)
    parser.add_argument("--cases", type=int, metavar="N", help="ask N of the built-in cases")
    options = parser.parse_args()
    started = time.time()
    cases = built_in()
    if options.cases is not None and options.cases < len(cases):
        cases = random.Random(options.seed).sample(cases, options.cases)
    bench = Bench(cases, options.sample, options.seed, options.most)
    print(f"{len(bench.cases)} of the built-in cases, {len(MISTAKES)} mistakes and "
          f"{len(CONVENTIONS)} conventions", flush=True)
    for section in options.sections or SECTIONS:
        SECTIONS[section](bench)
    seconds = [s for tally in bench.tallies for s in tally.seconds]
    print(f"all diagnoses: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s; "
          f"{time.time() - started:.0f} s in total")
    return 1 if any(tally.faults for tally in bench.tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
