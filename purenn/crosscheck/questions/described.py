"""What a case is, in words: to choose cases by, and to say what those left out have in common."""
from __future__ import annotations

import re
from collections.abc import Sequence

from purenn.crosscheck.questions.cases import Case

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def properties(case: Case) -> list[str]:
    """The case's kind, from what confines programs most to what confines them least."""
    m, deep = len(case.mini_batch), len(case.sizes) - 2
    return [case.hidden, case.output, case.cost, "one example" if m == 1 else "several examples",
            f"{_NUMBERS[deep] if deep < len(_NUMBERS) else deep} hidden layer"
            f"{'' if deep == 1 else 's'}",
            "weight decay" if case.lmbda else "lmbda 0",
            "with biases" if any(map(any, case.biases)) else "without biases"]


def described(case: Case) -> str:
    """All that the case can be chosen by."""
    return "; ".join([case.name, *properties(case), f"mini-batch of {len(case.mini_batch)}",
                      "-".join(map(str, case.sizes))])


def chosen(cases: Sequence[Case], texts: Sequence[str]) -> list[Case]:
    """The cases that are all that is said of them.  Raises ValueError if there are none."""
    patterns = [re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE) for text in texts]
    found = [case for case in cases if all(p.search(described(case)) for p in patterns)]
    if not found:
        raise ValueError(f"no case is {' and '.join(map(repr, texts))}; "
                         f'a case is, for instance, "{described(cases[0])}"')
    return found


def what_confines(answered: Sequence[Case], left_out: Sequence[Case]) -> str:
    """What all cases answered are and none of those left out is; "" if nothing explains it."""
    def kind(case: Case) -> set[tuple[int, str]]:  # "sigmoid" may be the hidden one or the output
        return set(enumerate(properties(case)))

    others = [kind(case) for case in left_out]
    shared = set.intersection(*map(kind, answered)) if answered else set()
    for one in sorted(shared, reverse=True):
        if not any(shared - {one} <= other for other in others):
            shared = shared - {one}  # the rest explains it as well
    explained = not any(shared <= other for other in others)
    return ", ".join(word for _, word in sorted(shared)) if explained else ""
