"""Files and command lines that mean harm: a result, or one sentence that names the file; no more.

What can be said of a file by its kind is tested here: networks, checkpoints, cases, answers.  The
images' own tests are in test_mnist.py.  What nobody thought of is the business of tools/fuzz.py,
which is tested, too, and tries a few inputs of each kind here.
"""
from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purenn import Network
from purenn.crosscheck import command as crosscheck
from purenn.crosscheck.answers.reading import answers_content, answers_from
from purenn.crosscheck.questions.cases import cases_content, cases_from
from purenn.crosscheck.questions.collection import built_in
from purenn.explain import command as explain
from purenn.formats import strict_json
from purenn.sgd import Monitors
from purenn.show import command as show
from purenn.store import networks
from purenn.terminal import running as command
from purenn.terminal.datasets import SMALL
from purenn.terminal.running import run
from purenn.train import checkpoint, session
from purenn.train import command as train
from purenn.train.settings import completed

ROOT = Path(__file__).resolve().parent.parent.parent
CASE = built_in()[0]
PYPY = sys.implementation.name == "pypy"
NAMES = [case.name for case in built_in()]


def checkpoint_content(folder):
    """A checkpoint after one of two epochs."""
    path = str(folder / "made.json")
    data = session.load(SMALL.path, 20)
    given = {"small": True, "sizes": [64, 2, 10], "epochs": 2, "limit": 20}
    checkpoint.save(path, checkpoint.Checkpoint(
        vars(completed(given, data)),
        checkpoint.data_digest(*data), Network([64, 2, 10]), Monitors([1.0], [2], [1.5], [3]), 1.0))
    return strict_json.read_json(path)


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """What a good file of each kind holds."""
    return {"model": networks.content_of(Network([64, 2, 10])),
            "checkpoint": checkpoint_content(tmp_path_factory.mktemp("made")),
            "cases": json.loads(json.dumps(cases_content([CASE]))),
            "answers": answers_content([{"name": CASE.name, "activations": [[[0.5]]],
                                         "costs": [0.125], "nabla_w": [[[-0.125]]]}])}


LOAD = {
    "model": networks.load,
    "checkpoint": lambda path: session.resumed_run(path, {}),
    "cases": lambda path: cases_from(strict_json.read_json(path), path),
    "answers": lambda path: answers_from(strict_json.read_json(path, float), path, NAMES)}
COMMANDS = {"model": [(show, ["--small"])], "checkpoint": [(train, ["--resume"])],
            "cases": [(explain, ["--cases"]), (crosscheck, ["answers", "--cases"])],
            "answers": [(crosscheck, ["check"])]}
KINDS = pytest.mark.parametrize("kind", list(LOAD))


def write(path, raw):
    with open(path, "wb") as file:
        file.write(raw)
    return str(path)


def taken(kind, path):
    """Whether a file is taken; if it is not, the refusal has to be one sentence that names it."""
    try:
        LOAD[kind](path)
        return True
    except ValueError as error:
        sentence = str(error)
    assert path in sentence and len(sentence.splitlines()) == 1
    assert len(sentence) < len(path) + 1000
    return False


def refused_by_commands(kind, path, capsys):
    """The sentence with which the commands refuse a file, which leaves everything as it was."""
    folder = os.path.dirname(path)
    before = {name: (Path(folder) / name).read_bytes() for name in os.listdir(folder)}
    for module, arguments in COMMANDS[kind]:
        assert run(module.PROG, module.main, [*arguments, path]) == 2
        said = capsys.readouterr()
        assert said.err.count("\n") == 1 and os.path.basename(path) in said.err
        assert "Traceback" not in said.err + said.out
    assert before == {name: (Path(folder) / name).read_bytes() for name in os.listdir(folder)}
    return said.err


# ---- damage -------------------------------------------------------------------------------------

@KINDS
def test_good_files_are_taken(kind, contents, tmp_path):
    assert taken(kind, write(tmp_path / "file", json.dumps(contents[kind]).encode()))


@KINDS
def test_a_file_that_ends_early_at_whatever_byte(kind, contents, tmp_path):
    content = copy.deepcopy(contents[kind])
    if kind == "checkpoint":  # 625 words of random state are all alike
        content["random"][1] = content["random"][1][:3]
    raw = json.dumps(content).encode()
    for length in range(len(raw)):
        with pytest.raises(ValueError):
            strict_json.parse_json(raw[:length])
        if length % 50 == 0:
            assert not taken(kind, write(tmp_path / "file", raw[:length]))


@KINDS
@given(data=st.data())
def test_a_byte_that_is_another(kind, contents, tmp_path_factory, data):
    raw = bytearray(json.dumps(contents[kind]).encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    taken(kind, write(tmp_path_factory.getbasetemp() / "file", bytes(raw)))


@KINDS
@given(raw=st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8")))
def test_any_bytes_at_all(kind, tmp_path_factory, raw):
    assert not taken(kind, write(tmp_path_factory.getbasetemp() / "file", raw))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3) | st.sampled_from(["sigmoid", "purenn-cases", 10 ** 400, -10 ** 308]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["name", "sizes", "weights", "x", "y"]), inner, max_size=3),
    max_leaves=6)


def places(value, path=()):
    """The path of every value inside a JSON value; of a long list, that of three."""
    items = list(value.items() if isinstance(value, dict) else
                 enumerate(value) if isinstance(value, list) else ())
    for key, inner in items if isinstance(value, dict) else items[:2] + items[-1:]:
        yield path + (key,)
        yield from places(inner, path + (key,))


@KINDS
@given(data=st.data(), new=ANYTHING, remove=st.booleans())
def test_anything_in_any_place(kind, contents, tmp_path_factory, data, new, remove):
    content = copy.deepcopy(contents[kind])
    *path, last = data.draw(st.sampled_from(list(places(content))))
    inner = content
    for key in path:
        inner = inner[key]
    if remove:
        del inner[last]
    else:
        inner[last] = new
    taken(kind, write(tmp_path_factory.getbasetemp() / "file", json.dumps(content).encode()))


# ---- attacks on whatever reads JSON -------------------------------------------------------------

@KINDS
@pytest.mark.parametrize("raw, sentence", [
    (b"", "is not valid JSON: it is empty"),
    (b"\xef\xbb\xbf{}", "is not valid JSON: it begins with a byte-order mark"),
    (b"\xff\xfe{\0}\0", "is not valid JSON: byte 0 is not UTF-8"),
    (b'{"a": 1, "b": 2, "a": 3}', "is not valid JSON: the key 'a' stands twice in one object"),
    (b'{"\\n\\u001b[31m": 1, "\\n\\u001b[31m": 1}', r"the key '\n\x1b[31m' stands twice"),
    (b"[" * 1_000_000, "is not valid JSON: it is nested too deeply"),
    (b'{"a":' * 1_000_000, "is not valid JSON: it is nested too deeply"),
    (b"[" * 50 + b"]" * 50, "is not valid JSON: it is nested too deeply"),
    (b"9" * 1_000_000, "is not valid JSON: a whole number has 1000000 digits"),
    (b"[1] [2]", "is not valid JSON: Extra data"),
    (b"[01]", "is not valid JSON: Expecting ',' delimiter"),
    (b"{'a': 1}", "is not valid JSON: Expecting property name"),
    (b"\0" * 1000, "is not valid JSON: Expecting value"),
], ids=lambda value: value[:12] if isinstance(value, bytes) else "")
def test_attacks_by_json(kind, raw, sentence, tmp_path, capsys):
    assert sentence.replace("\\", "\\\\") in refused_by_commands(
        kind, write(tmp_path / "file", raw), capsys).replace("\\", "\\\\")


@KINDS
@pytest.mark.parametrize("raw", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000,
                                 b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
def test_what_is_nested_very_deeply_is_not_even_parsed(kind, raw, tmp_path, capsys, monkeypatch):
    """The parser calls itself; where stacks are small (WebAssembly) that ends the interpreter."""
    monkeypatch.setattr(strict_json.json, "loads", None)
    assert "it is nested too deeply" in refused_by_commands(
        kind, write(tmp_path / "file", raw), capsys)


@pytest.mark.parametrize("raw", [b"[" * 20 + b"]" * 20, b'["' + b"[" * 100 + b'"]',
                                 rb'["\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\", 1]',
                                 b"[" + b"[[[{}]]]," * 1000 + b"[]]"])
def test_what_is_not_nested_deeply_is_parsed(raw):
    assert strict_json.parse_json(raw) == json.loads(raw)


@pytest.mark.parametrize("kind, damage", [
    ("checkpoint", {"version": True}), ("checkpoint", {"version": 1.0}),
    ("checkpoint", {"seconds": -5}), ("checkpoint", {"seconds": 1e300}),
    ("checkpoint", {"monitors": {"training_cost": [1.0], "training_accuracy": [21],
                                 "evaluation_cost": [1.5], "evaluation_accuracy": [3]}}),
    ("checkpoint", {"monitors": {"training_cost": [1.0], "training_accuracy": [2],
                                 "evaluation_cost": [1.5], "evaluation_accuracy": [21]}}),
    ("checkpoint", {"monitors": {"training_cost": [-1.0], "training_accuracy": [2],
                                 "evaluation_cost": [1.5], "evaluation_accuracy": [2]}}),
    ("cases", {"version": True}), ("answers", {"version": True}),
])
def test_what_no_program_would_have_written(kind, damage, contents, tmp_path):
    assert taken(kind, write(tmp_path / "file", json.dumps(contents[kind]).encode()))
    raw = json.dumps({**contents[kind], **damage}).encode()
    assert not taken(kind, write(tmp_path / "file", raw))


LONG = "x" * 50_000


@pytest.mark.parametrize("kind, damage", [
    ("model", {"sizes": [int("9" * 400), 10]}), ("model", {"sizes": [[1] * 50_000]}),
    ("model", {LONG: 1}), ("model", {"cost": LONG}),
    ("checkpoint", {"version": LONG}), ("checkpoint", {LONG: 1}),
    ("cases", {"version": [LONG]}), ("cases", {"cases": [{"name": LONG}]}),
    ("cases", {"cases": [{**cases_content([CASE])["cases"][0], LONG: 1}]}),
    ("cases", {"cases": [{**cases_content([CASE])["cases"][0], "sizes": ["1", LONG]}]}),
    ("cases", {"cases": [{**cases_content([CASE])["cases"][0], "sizes": [[1] * 50_000, 1]}]}),
    ("cases", {"cases": [{**cases_content([CASE])["cases"][0], "name": LONG}] * 2}),
    ("answers", {"answers": [{"name": CASE.name, LONG: [1.0]}]}),
    ("answers", {"answers": [{"name": LONG, "costs": [1.0]}]}),
])
def test_sentences_stay_short_whatever_the_file_holds(kind, damage, contents, tmp_path):
    path = write(tmp_path / "file", json.dumps({**contents[kind], **damage}).encode())
    try:
        LOAD[kind](path)
    except ValueError as error:
        assert len(str(error)) < len(path) + 400


@pytest.mark.parametrize("kind", ["model", "checkpoint", "cases"])
@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number(kind, name, contents, tmp_path, capsys):
    raw = re.sub(rb"-?\d+\.\d+", name.encode(), json.dumps(contents[kind]).encode(), count=1)
    assert f"is not valid JSON: {name} is not a number" in refused_by_commands(
        kind, write(tmp_path / "file", raw), capsys)


def estimate(raw):
    """What the values in a JSON text may take: so much for each that such a character announces."""
    return sum(bytes_ * raw.count(c) for c, bytes_ in
               ((b",", 32), (b"[", 64), (b":", 128), (b"{", 256), (b'"', 32)))


@KINDS
def test_values_that_would_take_too_much_memory_are_not_even_parsed(
        kind, contents, tmp_path, capsys, monkeypatch):
    raw = json.dumps(contents[kind]).encode()
    room = estimate(raw)
    monkeypatch.setattr(strict_json, "MAX_MEMORY", room)
    assert taken(kind, write(tmp_path / "file", raw))
    monkeypatch.setattr(strict_json.json, "loads", None)
    for piece in (b",", b"[", b"{", b":", b'"'):
        assert f"its values would take more than {room} bytes of memory" in refused_by_commands(
            kind, write(tmp_path / "file", raw + piece), capsys)


@pytest.mark.skipif(PYPY, reason="PyPy does not say how much memory a value takes")
def test_what_the_values_take_is_estimated_high_enough():
    """One value of each kind and many more: what Python holds of them is within the estimate, or
    at most half as much again."""
    def size(value):
        inner = []
        if isinstance(value, dict):
            inner = [*value, *value.values()]
        elif isinstance(value, list):
            inner = value
        return sys.getsizeof(value, 64) + sum(map(size, inner))

    for piece in (b"1.5", b"[]", b"[1.5]", b"{}", b'{"a":1.5}', b'{"a":1.5,"b":2.5,"c":[]}'):
        raw = b"[" + b",".join([piece] * 100) + b"]"
        assert size(strict_json.parse_json(raw)) < 1.5 * estimate(raw), piece


def test_a_key_that_stands_twice_among_very_many_is_found_at_once():
    """Comparing each with each would take hours."""
    keys = [f'"{k}":0' for k in range(50_000)]
    with pytest.raises(ValueError, match="the key '49999' stands twice"):
        strict_json.parse_json(("{" + ",".join(keys + keys[-1:]) + "}").encode())


def test_names_are_not_compared_each_with_each():
    """With very many cases or answers in a file that would take hours, too."""
    compared = []

    class Name(str):
        def __eq__(self, other):
            compared.append(other)
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    names = [Name(k) for k in range(300)]
    items = [{"name": Name(name), "costs": [1.0]} for name in names]
    assert len(answers_from(answers_content(items), "a", names)) == len(names)
    content = cases_content([CASE])
    content["cases"] = [{**content["cases"][0], "name": name} for name in names]
    assert len(cases_from(content, "c")) == len(names)
    assert 0 < len(compared) < 10 * len(names)


@KINDS
def test_a_folder_and_what_cannot_be_read(kind, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    for path, fault in ((str(tmp_path / "folder"), "Is a directory"),
                        (str(tmp_path / "missing"), "No such file or directory"),
                        ("/proc/self/mem", "/proc/self/mem: Input/output error")):
        if path.startswith("/proc") and not os.path.exists(path):
            continue
        for module, arguments in COMMANDS[kind]:
            if module is train:
                arguments = ["--checkpoint", str(tmp_path / "other.json"), *arguments]
            assert run(module.PROG, module.main, [*arguments, path]) == 2
            assert f"{path}: {fault.split(': ')[-1]}" in capsys.readouterr().err


def test_a_file_without_end(capsys, monkeypatch):
    monkeypatch.setattr(strict_json, "MAX_BYTES", 1000)
    assert run(show.PROG, show.main, ["/dev/zero"]) == 2
    assert capsys.readouterr().err == (f"{show.PROG}: /dev/zero has more than 1000 bytes, too many "
                                       "for a file of its kind\n")


# ---- checkpoints --------------------------------------------------------------------------------

STATE = 'its "random" is not the state of a random number generator'


def random_state(**changes):
    def change(content):
        version, words, gauss = content["random"]
        version, gauss = changes.get("version", version), changes.get("gauss", gauss)
        for k, word in changes.get("words", {}).items():
            words[k] = word
        content["random"] = [version, words[:changes.get("length", 625)], gauss]
    return change


def changed(*path, **to):
    def change(content):
        for key in path[:-1]:
            content = content[key]
        if "to" in to:
            content[path[-1]] = to["to"]
        else:
            del content[path[-1]]
    return change


@pytest.mark.parametrize("change, fault", [
    (changed("format", to="purenn-cases"), 'its "format" is not "purenn-checkpoint"'),
    (changed("version", to=2), 'its "version" is not 1'),
    (changed("data"), 'its "data" is missing or of the wrong kind'),
    (changed("settings", to=[]), 'its "settings" is missing or of the wrong kind'),
    (changed("settings", "eta"), "its settings are not small, data, limit, "),
    (changed("settings", "x", to=1), "its settings are not small, data, limit, "),
    (changed("settings", "epochs", to="x"), 'its setting "epochs" makes no sense'),
    (changed("settings", "epochs", to=0), 'its setting "epochs" makes no sense'),
    (changed("settings", "epochs", to=2.0), 'its setting "epochs" makes no sense'),
    (changed("settings", "mini_batch", to=True), 'its setting "mini_batch" makes no sense'),
    (changed("settings", "eta", to=0), 'its setting "eta" makes no sense'),
    (changed("settings", "eta", to="0.5"), 'its setting "eta" makes no sense'),
    (changed("settings", "eta", to=None), 'its setting "eta" makes no sense'),
    (changed("settings", "lmbda", to=-1), 'its setting "lmbda" makes no sense'),
    (changed("settings", "seed", to=[]), 'its setting "seed" makes no sense'),
    (changed("settings", "limit", to=0), 'its setting "limit" makes no sense'),
    (changed("settings", "small", to=1), 'its setting "small" makes no sense'),
    (changed("settings", "data", to=["x"]), 'its setting "data" makes no sense'),
    (changed("settings", "hidden", to="identity x"), 'its setting "hidden" makes no sense'),
    (changed("settings", "cost", to=["quadratic"]), 'its setting "cost" makes no sense'),
    (changed("settings", "sizes", to=[64]), 'its setting "sizes" makes no sense'),
    (changed("settings", "sizes", to=[64, -2, 10]), 'its setting "sizes" makes no sense'),
    (changed("settings", "sizes", to=[64, 3, 10]), "its network is not the one of its settings"),
    (changed("settings", "hidden", to="tanh"), "its network is not the one of its settings"),
    (changed("settings", "cost", to="quadratic"), "its network is not the one of its settings"),
    (changed("network", "sizes", to=[64, 3, 10]), "weights[0] must be a list of 3 rows, not 2"),
    (changed("network"), "it must be an object, not a NoneType"),
    (random_state(version=2), STATE), (random_state(version="3"), STATE),
    (random_state(length=624), STATE), (random_state(gauss="x"), STATE),
    (random_state(gauss=1), STATE), (random_state(words={0: -1}), STATE),
    (random_state(words={0: 2 ** 32}), STATE), (random_state(words={7: 1.0}), STATE),
    (random_state(words={7: "1"}), STATE), (random_state(words={624: 625}), STATE),
    (random_state(words={624: 10 ** 300}), STATE), (random_state(words={3: True}), STATE),
    (changed("random", to=[3, "x" * 625, None]), STATE), (changed("random", to=[]), STATE),
    (changed("monitors", "training_cost"), 'its monitor "training_cost" is missing'),
    (changed("monitors", "training_cost", to=[]), "its monitors are of different lengths"),
    (changed("monitors", "training_cost", to=["1"]), "training_cost[0] must be a number, not"),
    (changed("monitors", "training_accuracy", to=[-1]), "has a negative number"),
    (changed("monitors", "evaluation_accuracy", to=[1.5]), "is not a list of whole numbers"),
    (changed("seconds", to=None), "seconds[0] must be a number, not a NoneType"),
])
def test_what_is_no_checkpoint(contents, tmp_path, capsys, change, fault):
    content = copy.deepcopy(contents["checkpoint"])
    change(content)
    path = write(tmp_path / "run.json", json.dumps(content).encode())
    sentence = refused_by_commands("checkpoint", path, capsys)
    assert sentence.startswith(f"{train.PROG}: {path} is not a checkpoint: ") and fault in sentence


@pytest.mark.parametrize("change, fault", [
    (lambda content: content["monitors"].update(
        {name: 3 * values for name, values in content["monitors"].items()}),
     "it has more epochs than its settings"),
    (changed("settings", "limit", to=21), "is of a run on other data than "),
    (changed("settings", "data", to="/nowhere"), None),  # the small digits are where they are
    (lambda content: content["settings"].update(small=False, data="no\0where"),
     r"no\x00where is not there"),
    (changed("settings", "lmbda", to=1e300), "--lmbda 1e+300 must be less than 20"),
    (changed("settings", "mini_batch", to=21), "--mini-batch 21 is more than the 20 training"),
])
def test_a_checkpoint_that_goes_with_nothing(contents, tmp_path, capsys, change, fault):
    content = copy.deepcopy(contents["checkpoint"])
    change(content)
    path = write(tmp_path / "run.json", json.dumps(content).encode())
    if fault is None:
        assert run(train.PROG, train.main, ["--resume", path]) == 0
    else:
        assert run(train.PROG, train.main, ["--resume", path]) == 2
        said = capsys.readouterr().err
        assert fault in said and said.count("\n") == 1
        assert Path(path).read_bytes() == json.dumps(content).encode()


# ---- sentences ----------------------------------------------------------------------------------

def test_sentences_stay_sentences(contents, tmp_path, capsys):
    """What a file holds does not break the line, color the terminal or fill the screen."""
    content = copy.deepcopy(contents["cases"])
    content["cases"][0]["name"] = "\n\x1b[31m\u2028" + "x" * 100_000
    del content["cases"][0]["eta"]
    sentence = refused_by_commands(
        "cases", write(tmp_path / "cases.json", json.dumps(content).encode()), capsys)
    assert sentence.strip().isprintable() and len(sentence) < 1200
    assert sentence.endswith('the field "eta" is missing\n')
    assert command.one_line("ü\t\ud800") == r"ü\t\ud800"


@pytest.mark.parametrize("arguments", [["--epochs", "\n\x1b[31m"], ["--cost", "a\nb"], ["\n"]])
def test_arguments_stay_on_the_line(arguments, capsys):
    assert run(train.PROG, train.main, arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.strip().isprintable()


# ---- what nobody thought of ---------------------------------------------------------------------

def fuzz(folder, *arguments, before=""):
    """tools/fuzz.py in a process of its own, where lines of Python can be run before it starts."""
    program = (f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r}); import fuzz; {before}\n"
               f"sys.exit(fuzz.main({list(arguments)!r}))")
    done = subprocess.run([sys.executable, "-c", program], cwd=str(folder), capture_output=True,
                          timeout=300)
    assert done.stderr == b""
    return done.returncode, done.stdout.decode("utf-8")


def test_a_few_inputs_of_every_kind_at_random(tmp_path):
    status, said = fuzz(tmp_path, "--inputs", "60", "--seed", "suite", *(
        argument for kind in ("pickle", "gzip", "idx", "model", "checkpoint", "cases", "answers",
                              "arguments") for argument in ("--kind", kind)))
    assert (status, os.listdir(tmp_path)) == (0, []), said
    assert len(re.findall(r"^[a-z]+ +60 ", said, re.MULTILINE)) == 8
    assert "\nnothing broke\n" in said


@pytest.mark.parametrize("broken, what", [
    ("lambda path: pickle.loads(b'cposix\\ngetpid\\n)R.')", "it makes Python do this: pickle."),
    pytest.param("lambda path: os.system('true')", "it makes Python do this: os.system",
                 marks=pytest.mark.skipif(PYPY, reason="PyPy does not report os.system")),
    ("lambda path: subprocess.call('true')", "it makes Python do this: subprocess.Popen"),
    ("lambda path: open('x', 'w')", "it makes Python do this: open ('x', 'w'"),
    ("lambda path: open(path, 'r+')", "it makes Python do this: open"),
    ("lambda path: os.open('x', os.O_CREAT)", "it makes Python do this: open ('x', None"),
    ("lambda path: 1 / 0", "it is refused with ZeroDivisionError"),
    ("lambda path: [0] * (1 << 29)", "it is refused with MemoryError"),
    ("lambda path: int('x')", "it is refused with what does not name the file"),
    ("lambda path: os.kill(os.getpid(), 9)", "the worker did not survive it"),
    ("slow", "it took"),
])
def test_fuzzing_finds_what_is_wrong(tmp_path, broken, what):
    """With a reader of networks that is broken on purpose; each is broken differently."""
    before = ("import os, pickle, subprocess, time; fuzz.SECONDS = 0.1\ndef slow(path):\n"
              "    end = time.process_time() + 0.2\n    while time.process_time() < end:\n"
              f"        pass\n    raise ValueError(path)\nfuzz.networks.load = {broken}")
    arguments = ["--seed", "5", "--kind", "model"]
    status, said = fuzz(tmp_path, "--inputs", "1", *arguments, before=before)
    assert status == 1
    k, reason = re.search(r"BROKEN: model, --seed 5 --only (\d+): (.*)", said).groups()
    assert what in reason
    assert f"they are kept in {tmp_path}/purenn-broken" in said
    assert sorted(os.listdir(tmp_path / "purenn-broken")) == [f"model-5-{k}", f"model-5-{k}.txt"]


def test_what_broke_comes_again_when_it_is_asked_for(tmp_path):
    before = ("load = fuzz.networks.load\ndef broken(path):\n    net = load(path)\n"
              "    net.biases[0][0] = float('nan')\n    return net\nfuzz.networks.load = broken")
    arguments = ["--seed", "5", "--kind", "model"]
    status, said = fuzz(tmp_path, "--inputs", "200", *arguments, before=before)
    assert status == 1
    k, reason = re.search(r"BROKEN: model, --seed 5 --only (\d+): (.*)", said).groups()
    assert "weights that are no finite floats" in reason
    kept = tmp_path / "purenn-broken" / f"model-5-{k}"
    raw = kept.read_bytes()
    kept.unlink()
    assert fuzz(tmp_path, *arguments, "--only", k, before=before)[0] == 1
    assert kept.read_bytes() == raw
    assert fuzz(tmp_path, *arguments, "--only", k)[0] == 0
