"""The built-in questions: what shows in the cases of each profile, and what each profile has."""
from __future__ import annotations

import json
import random

import pytest

from purenn.crosscheck.diagnosis.search import right_answer
from purenn.crosscheck.questions.cases import profile_of
from purenn.crosscheck.questions.collection import PROFILES, built_in
from purenn.crosscheck.vectors.contents import ENTRIES, FOLDER, shows

CASES = built_in()
#: by profile, the entries that its cases show, as the checked-in file says (test_vectors.py)
SHOWN: dict[object, set[str]] = {profile: set() for profile in PROFILES}
WHY = {item["name"]: item["why"] for item in
       json.loads((FOLDER / "cases.json").read_text(encoding="ascii"))["cases"]}
for case in CASES:
    SHOWN[profile_of(case)].update(WHY[case.name])
NAMES = [str(profile) for profile in PROFILES]

#: (profile, entry) that no case of the profile shows though some network could, and why
NOT_SHOWN = {
    ("relu, sigmoid, quadratic, one example", "prime-of-layer-below"):
        "ReLU′ is 0 or 1, and in the only deeper case it is the same one layer below",
    ("relu, identity, quadratic, one example", "back-without-last-column"):
        "the last hidden neuron is off, or has no layer below it, in all cases of this profile",
    ("relu, identity, quadratic, one example", "back-without-last-neuron"):
        "the last hidden neuron is off in all cases of this profile"}


def of(profile):
    return [case for case in CASES if profile_of(case) == profile]


def hidden(case):
    return len(case.sizes) - 2


def is_common(case):
    """What most programs can answer."""
    return hidden(case) == 1 and not case.lmbda and any(map(any, case.biases))


def anything(profile, rng):
    """A case of the profile that nobody has chosen: any numbers, some of them far from 0."""
    like = rng.choice([case for case in of(profile) if hidden(case)])

    def number(x):
        return rng.choice((x, -x, 0.0, round(rng.uniform(-3, 3), 2)))
    far = rng.choice((1.0, 1.0, 20.0))
    return like._replace(
        weights=[[[number(w) or 0.5 for w in row] for row in W] for W in like.weights],
        biases=[[far * number(b) for b in layer] for layer in like.biases],
        mini_batch=[([number(x_k) for x_k in x], y) for x, y in like.mini_batch],
        eta=rng.choice((0.3, 2.5)), lmbda=rng.choice((0.0, 7.0)))


@pytest.mark.parametrize("profile", PROFILES, ids=NAMES)
def test_what_can_show_in_a_profile_shows_in_its_cases(profile):
    """What none of its cases shows, no network drawn at random shows either."""
    rng = random.Random(str(profile))
    pool = [anything(profile, rng) for _ in range(3)]
    rights = [right_answer(case, "float64", []) for case in pool]
    missing = [entry for entry in ENTRIES
               if entry.id not in SHOWN[profile] and (str(profile), entry.id) not in NOT_SHOWN]
    found = [(str(profile), entry.id) for entry in missing
             if any(shows(case, entry, right) for case, right in zip(pool, rights))]
    assert found == []
    assert len(NOT_SHOWN) <= 0.02 * len(ENTRIES) * len(PROFILES)


#: what takes more than one hidden layer
DEEPER = {"error-carried-bare"}


@pytest.mark.parametrize("profile", PROFILES[::3], ids=NAMES[::3])
def test_what_needs_no_decay_shows_where_most_programs_can_answer(profile):
    """In one hidden layer, λ = 0, with biases: all but weight decay and what needs more layers."""
    common = [case for case in of(profile) if is_common(case)]
    rights = {case.name: right_answer(case, "float64", []) for case in common}
    left = [entry.id for entry in ENTRIES if entry.id in SHOWN[profile] - DEEPER
            and not any(shows(case, entry, rights[case.name]) for case in common)]
    assert [id for id in left if "decay" not in id] == []


@pytest.mark.parametrize("profile", PROFILES, ids=NAMES)
def test_every_profile_has_its_cases(profile):
    cases = of(profile)
    assert any(is_common(case) and len(set(case.sizes)) == 1 for case in cases)
    assert any(not any(map(any, case.biases)) for case in cases)
    assert any(case.lmbda for case in cases)
    assert any(hidden(case) == 2 for case in cases)
    if profile.several:
        assert any(case.sizes[-1] >= 3 and len(case.mini_batch) == 3 and case.lmbda
                   and hidden(case) == 1 for case in cases)


def test_what_the_commonest_programs_are():
    kind = ("sigmoid", "sigmoid", "quadratic")
    two = [case for case in CASES if case[2:5] == kind and case.sizes == [2, 3, 2]
           and len(case.mini_batch) == 1 and not case.lmbda]
    assert len(two) >= 2
    assert any(case.sizes == [2, 3, 1] and case[2:5] == kind for case in CASES)
    assert sum(case.eta in (0.5, 1.0) for case in CASES) < len(CASES) / 10
    assert 100 <= len(CASES) <= 150
