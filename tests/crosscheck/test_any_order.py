"""A right program that does everything another way is right, whatever part of it is shown."""
from __future__ import annotations

import os
import random
import sys

import pytest

from purenn.crosscheck.judge import judge

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))

from any_order import AnyOrder, random_case, some_fields

SEED = 1 if os.environ.get("CI") else random.Random().randrange(10 ** 9)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_right_program_raises_no_alarm(precision):
    for k in range(25):
        rng = random.Random(f"{precision} {SEED} {k}")
        case = random_case(rng, f"random case {k} of seed {SEED}")
        answer = AnyOrder(rng, precision == "float32").answer(case)
        for shown in (answer, some_fields(rng, answer)):
            report = judge([case], {case.name: shown}, precision)
            assert report.ok, str(report)


def test_the_program_can_be_wrong():
    """A factor of 1 + 2⁻⁴⁰ on one gradient is no rounding."""
    rng = random.Random(3)
    case = random_case(rng, "a case")
    answer = AnyOrder(rng, False).answer(case)
    answer["nabla_b"][-1] = [g * (1 + 2.0 ** -40) for g in answer["nabla_b"][-1]]
    report = judge([case], {case.name: answer})
    assert not report.ok and report.verdicts[0].wrong[0].field == "nabla_b"
