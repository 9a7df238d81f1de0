"""The files for tests in other languages: they are what the command writes, and hold what is so."""
from __future__ import annotations

import copy
import json
import math
import random
import re
from fractions import Fraction

import pytest
from learning import learn

from purenn.crosscheck.answers.reading import answers_from
from purenn.crosscheck.command import main
from purenn.crosscheck.judge import judge
from purenn.crosscheck.questions.by_reference import answer_of
from purenn.crosscheck.questions.cases import (
    FIELDS,
    Case,
    cases_content,
    cases_from,
    cases_plain,
    profile_of,
    with_numbers,
)
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.questions.sequences import SEQUENCE_FIELDS, SequenceCase
from purenn.crosscheck.truth.compare import shape_and_numbers
from purenn.crosscheck.truth.float32 import Single
from purenn.crosscheck.vectors.contents import ENTRIES, FOLDER, reasons

CASES = built_in()
NAMES = [case.name for case in CASES]
KINDS = ["cases", "answers", "sequences", "sequence-answers"]
TEXTS = {name: (FOLDER / name).read_text(encoding="ascii") for kind in KINDS
         for name in (f"{kind}.json", f"{kind}.schema.json")}
FILES = {name: json.loads(text) for name, text in TEXTS.items()}
REBUILD = "python3 tools/make_vectors.py writes the files anew"


# --- what the command writes --------------------------------------------------------------------

@pytest.mark.parametrize("name, arguments", list(zip(KINDS, (
    ["cases"], ["answers"], ["cases", "--sequences"], ["answers", "--sequences"]))))
def test_the_files_are_what_the_command_writes(name, arguments, tmp_path):
    out = tmp_path / "out.json"
    assert main([*arguments, "--out", str(out)]) == 0
    assert out.read_text(encoding="ascii") == TEXTS[f"{name}.json"], REBUILD


def test_why_a_case_is_there_is_what_shows_in_it():
    """Every thirtieth entry, in all cases: of these nothing may be missing, and nothing be more."""
    some = ENTRIES[7::30]
    ids = {entry.id for entry in some}
    assert reasons(CASES, some) == {item["name"]: [id for id in item["why"] if id in ids]
                                    for item in FILES["cases.json"]["cases"]}, REBUILD


def test_every_case_says_its_profile_and_why_it_is_there():
    known = {entry.id for entry in ENTRIES}
    seen = {}
    for case, item in zip(CASES, FILES["cases.json"]["cases"]):
        assert item["profile"] == str(profile_of(case))
        assert set(item["why"]) <= known, f"{case.name}: {REBUILD}"
        before = seen.setdefault(item["profile"], set())
        assert not before & set(item["why"]), case.name
        before.update(item["why"])
    assert set().union(*seen.values()) == known, REBUILD


def test_a_mistake_shows_in_the_case_that_is_there_for_it():
    """By hand: σ′(0) = ¼ is seen to be missing at once; a decay that nobody asked for is not."""
    by_name = {item["name"]: item["why"] for item in FILES["cases.json"]["cases"]}
    assert "delta-without-prime" in by_name["one neuron, by hand"]
    assert "decay-missing" not in by_name["one neuron, by hand"]
    assert "decay-missing" in by_name["one neuron, by hand, weight decay"]


# --- the answers --------------------------------------------------------------------------------

def numbers(answer):
    return {field: shape_and_numbers(answer[field]) for field in FIELDS}


def within(answers, precision):
    """As a test in another language would: whether all numbers are within their tolerances."""
    for item in FILES["answers.json"]["answers"]:
        mine, right = numbers(answers(item["name"])), numbers(item)
        allowed = numbers(item["tolerances"][precision])
        for field in FIELDS:
            assert mine[field][0] == right[field][0] == allowed[field][0], (item["name"], field)
            for given, true, tolerance in zip(mine[field][1], right[field][1], allowed[field][1]):
                assert abs(Fraction(float(given)) - Fraction(true)) <= Fraction(tolerance), (
                    item["name"], field, given, true, tolerance)


def test_the_references_own_answers_are_within_the_tolerances():
    by_name = {case.name: case for case in CASES}
    within(lambda name: answer_of(by_name[name]), "float64")


def test_a_step_in_float32_is_within_the_tolerances_of_float32():
    by_name = {case.name: case for case in CASES}
    within(lambda name: answer_of(with_numbers(by_name[name], Single)), "float32")


def test_the_tolerances_are_neither_too_narrow_nor_too_wide():
    """At most ten thousand roundings of the largest number, where no formula breaks down."""
    ordinary = [item for item in FILES["answers.json"]["answers"]
                if not re.search("saturated|far from 0|large", item["name"])]
    assert len(ordinary) >= 100
    for item in ordinary:
        for precision, unit in (("float64", 2.0 ** -53), ("float32", 2.0 ** -24)):
            for field in FIELDS:
                _, allowed = shape_and_numbers(item["tolerances"][precision][field])
                _, right = shape_and_numbers(item[field])
                assert all(t >= 0 and math.isfinite(t) for t in allowed)
                largest = max(max(map(abs, right)), 1.0)
                assert max(allowed) <= 10_000 * unit * largest, (item["name"], precision, field)
    first = FILES["answers.json"]["answers"][0]
    assert first["activations"] == [[[0.5]]] and first["total_cost"] == 0.125
    assert 0 < first["tolerances"]["float64"]["costs"][0] < 1e-14


def test_the_file_of_answers_is_read_and_right():
    answers = answers_from(copy.deepcopy(FILES["answers.json"]), "answers.json", NAMES)
    some = CASES[::12]
    assert judge(some, {case.name: answers[case.name] for case in some}).ok


# --- versions -----------------------------------------------------------------------------------

def test_version_1_is_still_read():
    old = cases_content(CASES[:3])
    old["version"] = 1
    for item in old["cases"]:
        del item["profile"]
    assert cases_from(old, "it") == CASES[:3]
    answer = {"name": NAMES[0], "costs": [0.125]}
    assert answers_from({"format": "purenn-answers", "version": 1, "answers": [answer]}, "it",
                        NAMES) == {NAMES[0]: answer}


def flat(value):
    return [v for item in value for v in flat(item)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("item, answer", list(zip(
    FILES["sequences.json"]["cases"], FILES["sequence-answers.json"]["answers"])))
def test_the_end_of_a_sequence_is_within_its_tolerances_and_of_another_rate_is_not(item, answer):
    """By a program that sums in another order and calls nothing of purenn."""
    def within(case):
        pairs = zip(flat(learn(case)["final_weights"]), flat(answer["final_weights"]),
                    flat(answer["tolerances"]["float64"]["final_weights"]))
        return all(abs(mine - right) <= tolerance for mine, right, tolerance in pairs)
    assert within(item)
    assert not within({**item, "eta": item["eta"] * (1 + 2 ** -20)})


def test_cases_of_ones_own_have_a_profile_and_no_why():
    own = CASES[0]._replace(eta=0.25)
    item, = cases_content([own])["cases"]
    assert item["profile"] == "sigmoid, sigmoid, quadratic, one example" and "why" not in item
    assert cases_from(cases_content([own]), "it") == [own]


# --- the schemas --------------------------------------------------------------------------------

def validator(kind):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = FILES[f"{kind}.schema.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_fit_their_schemas(kind):
    validator(kind).validate(FILES[f"{kind}.json"])


def some_file(kind, **changes):
    content = FILES[f"{kind}.json"]
    key = "answers" if kind.endswith("answers") else "cases"
    return {**content, key: [{**content[key][1], **changes}]}


@pytest.mark.parametrize("kind, content", [
    ("cases", []), ("cases", {**FILES["cases.json"], "version": 3}),
    ("cases", {**FILES["cases.json"], "cases": []}),
    ("cases", some_file("cases", hidden="softmax")), ("cases", some_file("cases", eta="1")),
    ("cases", some_file("cases", n=0)), ("cases", some_file("cases", weights=[[1.0]])),
    ("cases", some_file("cases", mini_batch=[{"x": [1.0]}])),
    ("cases", some_file("cases", cost="cross-entropy", output="softmax")),
    ("cases", some_file("cases", learning_rate=1.0)),
    ("answers", some_file("answers", cost=[1.0])), ("answers", some_file("answers", costs=1.0)),
    ("answers", some_file("answers", nabla_b=[[["0.5"]]])),
    ("answers", some_file("answers", tolerances={"float16": {}})),
    ("answers", {"format": "purenn-answers", "version": 2, "answers": [{"name": "alone"}]}),
    ("sequences", FILES["cases.json"]), ("sequences", some_file("sequences", epochs=0)),
    ("sequences", some_file("sequences", mini_batch=[])),
    ("sequence-answers", some_file("sequence-answers", steps=[[1.0]])),
    ("sequence-answers", some_file("sequence-answers", steps=[{"weights": []}])),
    ("sequence-answers", some_file("sequence-answers", costs=[1.0])),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_no_such_file_does_not_fit(kind, content):
    assert not validator(kind).is_valid(content)


def test_the_schemas_know_every_field():
    """Also where there is no jsonschema."""
    case = FILES["cases.schema.json"]["$defs"]["case"]
    assert list(case["properties"]) == [*Case._fields, "profile", "why"]
    assert case["required"] == list(Case._fields)
    definitions = FILES["answers.schema.json"]["$defs"]
    assert list(definitions["answer"]["properties"]) == ["name", *FIELDS, "tolerances"]
    assert list(definitions["tolerance"]["properties"]) == list(FIELDS)
    sequence = FILES["sequences.schema.json"]["$defs"]["case"]
    assert sequence["required"] == list(SequenceCase._fields) == list(sequence["properties"])
    definitions = FILES["sequence-answers.schema.json"]["$defs"]
    assert list(definitions["answer"]["properties"]) == ["name", *SEQUENCE_FIELDS, "tolerances"]
    assert list(definitions["tolerance"]["properties"]) == list(SEQUENCE_FIELDS)


# --- plain text ---------------------------------------------------------------------------------

def read_plain(text):
    """A reader that knows the order of the fields and nothing else."""
    lines = iter(text.splitlines())
    assert (next(lines), next(lines)) == ("purenn-cases", "2")
    found = []
    for label in lines:
        assert label == "name"
        name = next(lines)

        def field(key):
            assert next(lines) == key
            return next(lines)

        first = int(field("sizes"))
        sizes = [int(next(lines)) for _ in range(first)]
        hidden, output, cost = field("hidden"), field("output"), field("cost")

        def vectors(key, rows):
            assert next(lines) == key
            return [[[float(next(lines)) for _ in range(k)] for _ in range(j)] for j, k in rows]

        pairs = list(zip(sizes[1:], sizes))
        weights = vectors("weights", pairs)
        biases = [b for b, in vectors("biases", [(1, j) for j in sizes[1:]])]
        batch = [(vectors("x", [(1, sizes[0])])[0][0], vectors("y", [(1, sizes[-1])])[0][0])
                 for _ in range(int(field("mini_batch")))]
        found.append(Case(name, sizes, hidden, output, cost, weights, biases, batch,
                          float(field("eta")), float(field("lmbda")), int(field("n"))))
    return found


def test_the_plain_text_says_the_same(capsys):
    assert main(["cases", "--plain"]) == 0
    assert read_plain(capsys.readouterr().out) == CASES


def test_the_plain_text_begins_as_the_page_shows():
    page = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert re.search(r"```text\n(.*?)```", page, re.DOTALL).group(1) == cases_plain(CASES[:1])


def test_no_name_of_a_case_contains_the_name_of_a_field():
    fields = {*Case._fields, "x", "y", "profile", "why", *FIELDS}
    for case in CASES:
        assert not fields & set(re.findall(r"\w+", case.name)), case.name


@pytest.mark.parametrize("name", ["", "two\nlines", "two\u2028lines"])
def test_a_name_that_is_not_one_line_cannot_be_plain(name):
    with pytest.raises(ValueError, match="a name is one line"):
        cases_plain([CASES[0]._replace(name=name)])


def test_numbers_come_back_from_plain_text_as_they_were():
    rng = random.Random(3)
    weights = [[[rng.uniform(-1, 1) * 10.0 ** rng.randrange(-300, 300)]]]
    case = CASES[0]._replace(weights=weights)
    assert read_plain(cases_plain([case])) == [case]


@pytest.mark.parametrize("arguments, sentence", [
    (["answers", "--plain"], '--plain does not go with "answers", only with cases and run'),
    (["run", "--plain", "module:function"], "--plain is for programs"),
    (["cases", "--plain", "--sequences"], "only cases of one step are written as plain text")])
def test_what_is_not_written_as_plain_text_is_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        main(arguments)
