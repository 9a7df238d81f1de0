"""The same bits everywhere: the digest of one run, its documented order, and the tool that
compares interpreters."""
from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import struct
import sys

import pytest

from purenn.train import command as train

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

#: What ``python3 -m purenn.train --small --seed 1 --epochs 3 --digest`` prints, everywhere.
COSTS = ["a60af6c0d17482075e63bc0b32f960a09f8d91e5439b5d1dd38cd8b2892e2559",
         "dabdbd0a08ac7d9a2c1179967855445494672ef7988c41021fd55401d309b84f",
         "fcf6a04e627b31f74a5ea53d383977fd9b94fc6bf38d4ec39f0e0a94604e162d"]
NETWORK = "6d35086cd341342c18cf7958251a7e30235a476d9de8a6f707fa0b251f73572f"


def sha(numbers):
    """SHA-256 of the numbers, each as eight little-endian bytes of IEEE 754 double precision."""
    return hashlib.sha256(b"".join(struct.pack("<d", x) for x in numbers)).hexdigest()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The output of the run, the network it saved, and the history it wrote."""
    folder = tmp_path_factory.mktemp("run")
    files = [str(folder / "net.json"), str(folder / "history.json")]
    with pytest.MonkeyPatch.context() as patch:
        printed = []
        patch.setattr("builtins.print", lambda *values, **options: printed.append(values[0]))
        assert train.main(["--small", "--seed", "1", "--epochs", "3", "--digest", "--quiet",
                           "--save", files[0], "--history", files[1]]) == 0
    contents = []
    for file in files:
        with open(file, encoding="utf-8") as stream:
            contents.append(json.load(stream))
    return ("\n".join(map(str, printed)), *contents)


def test_the_run_gives_the_bits_it_gave_everywhere(run):
    assert re.findall("[0-9a-f]{64}", run[0]) == COSTS + [NETWORK]


def test_what_is_digested_is_what_is_documented(run):
    """Layer by layer from the input on, the weights row by row, then the biases; of the costs, the
    training cost and then the evaluation cost."""
    output, net, history = run
    numbers = []
    for W, b in zip(net["weights"], net["biases"]):
        for row in W:
            numbers += row
        numbers += b
    assert len(numbers) == 64 * 20 + 20 + 20 * 10 + 10
    costs = list(zip(history["training_cost"], history["evaluation_cost"]))
    assert output.splitlines()[-4:] == [
        f"sha256 of the costs after epoch {k}: {sha(pair)}" for k, pair in enumerate(costs, 1)] + [
        f"sha256 of the weights and biases: {sha(numbers)}"]


# ---- tools/identical.py -------------------------------------------------------------------------

@pytest.fixture(scope="module")
def identical():
    spec = importlib.util.spec_from_file_location(
        "identical", os.path.join(ROOT, "tools", "identical.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["identical"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["identical"]


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """A machine on whose PATH nothing is but what the test puts into the folder it gets."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return folder


def pretend(folder, name, version, digests, status=0, c_library="", machine="x86_64"):
    """Put a program there that says it is a Python of this version, and then prints the digests.

    Like Python it takes -c CODE and -m MODULE, like Node.js -e SCRIPT and a package before that.
    """
    path = folder / name
    said = {"command": [str(path)], "implementation": "CPython", "version": version,
            "machine": machine, "c_library": c_library, "libm": "01234567"}
    lines = [f"sha256 of the {what}: {digest}" for what, digest in digests]
    path.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = -e ]; then shift 3; fi\n'
        'if [ "$1" = -c ]; then\n'
        f"echo '{json.dumps(said)}'\n"
        "else\n" + "".join(f"echo '{line}'$SUFFIX\n" for line in lines)
        + f"echo 'what it says' >&2\nexit {status}\nfi\n")
    path.chmod(0o755)
    return str(path)


A, B, C = ("a" * 64, "b" * 64, "c" * 64)
needs_sh = pytest.mark.skipif(not os.path.exists("/bin/sh"), reason="needs /bin/sh")


@needs_sh
def test_equal_digests_end_with_0(identical, bare_machine, tmp_path, capsys):
    same = [("costs after epoch 1", A), ("weights and biases", B)]
    pretend(bare_machine, "python3.9", [3, 9, 1], same)
    pretend(bare_machine, "python", [3, 9, 1], same)
    pretend(bare_machine, "python3.8", [3, 8, 9], same)
    (tmp_path / "pyenv" / "versions" / "3.10.2" / "bin").mkdir(parents=True)
    pretend(tmp_path / "pyenv" / "versions" / "3.10.2" / "bin", "python", [3, 10, 2], same)
    assert identical.main([]) == 0
    output = capsys.readouterr().out
    assert output.count("CPython 3.9.1 ") == output.count("CPython 3.10.2 ") == 1
    assert output.index("3.9.1") < output.index("3.10.2")  # as numbers, not as text
    assert "3.8.9" not in output
    assert output.endswith("the same bits on 2 interpreters\n")


@needs_sh
def test_a_difference_ends_with_1_and_is_located(identical, bare_machine, capsys):
    pretend(bare_machine, "python3.9", [3, 9, 1], [("costs after epoch 1", A), ("weights", B)])
    pretend(bare_machine, "pypy3", [3, 9, 2], [("costs after epoch 1", A), ("weights", C)])
    assert identical.main([]) == 1
    assert capsys.readouterr().out.endswith(
        "DIFFERENT bits than on CPython 3.9.1:\n  CPython 3.9.2, from the weights on\n")


@needs_sh
def test_a_missing_digest_is_a_difference(identical, bare_machine):
    pretend(bare_machine, "python3.9", [3, 9, 1], [("costs after epoch 1", A), ("weights", B)])
    pretend(bare_machine, "pypy3", [3, 9, 2], [("costs after epoch 1", A)])
    assert identical.main([]) == 1


@needs_sh
@pytest.mark.parametrize("digests, status", [([("weights", A)], 2), ([], 0)])
def test_a_run_that_fails_ends_with_1(identical, bare_machine, capsys, digests, status):
    pretend(bare_machine, "python3.9", [3, 9, 1], [("weights", A)])
    pretend(bare_machine, "python3.10", [3, 10, 1], digests, status)
    assert identical.main([]) == 1
    output = capsys.readouterr().out
    assert "what it says" in output and output.endswith("failed: CPython 3.10.1\n")


@needs_sh
def test_glibc_runs_a_second_time_without_fma(identical, bare_machine, capsys, monkeypatch):
    """And what differs there is noticed: the digest is another if the variable is set, but not
    because it was set around the tool."""
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA")
    same = [("weights", A)]
    pretend(bare_machine, "python3.9", [3, 9, 1], same, c_library="glibc 2.0")
    pretend(bare_machine, "python3.10", [3, 10, 1], same, c_library="musl")
    pretend(bare_machine, "python3.11", [3, 11, 1], same, c_library="glibc 2.0", machine="arm64")
    assert identical.main([]) == 0
    output = capsys.readouterr().out
    assert re.findall(r"^CPython [\d.]+(?: without FMA)?", output, re.MULTILINE) == [
        "CPython 3.9.1", "CPython 3.9.1 without FMA", "CPython 3.10.1", "CPython 3.11.1"]
    assert output.endswith("the same bits on 4 interpreters\n")
    path = bare_machine / "python3.9"
    path.write_text(path.read_text().replace("$SUFFIX", "${GLIBC_TUNABLES:+0}"))
    assert identical.main([]) == 1
    assert capsys.readouterr().out.endswith("failed: CPython 3.9.1 without FMA\n")


@needs_sh
def test_webassembly_is_a_column_where_node_and_pyodide_are(identical, bare_machine, capsys,
                                                            tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pretend(bare_machine, "python3.9", [3, 9, 1], [("weights", A)])
    pretend(bare_machine, "python3.10", [3, 10, 1], [("weights", A)])
    assert identical.main([]) == 0
    assert "not in WebAssembly: see --help" in capsys.readouterr().out
    assert identical.main(["--pyodide", str(tmp_path / "here")]) == 2
    assert (f"npm install --prefix {tmp_path / 'here'} pyodide") in capsys.readouterr().err
    (tmp_path / "here" / "node_modules" / "pyodide").mkdir(parents=True)
    (tmp_path / "here" / "node_modules" / "pyodide" / "pyodide.js").touch()
    pretend(bare_machine, "node", [3, 14, 2], [("weights", B)], machine="wasm32")
    assert identical.main(["--pyodide", str(tmp_path / "here")]) == 1
    assert capsys.readouterr().out.endswith(
        "DIFFERENT bits than on CPython 3.9.1:\n"
        "  CPython 3.14.2 in WebAssembly, from the weights on\n")
    monkeypatch.chdir(tmp_path / "here")  # where it is found without being told of
    pretend(bare_machine, "node", [3, 14, 2], [("weights", A)], machine="wasm32")
    assert identical.main([]) == 0


@needs_sh
def test_too_few_interpreters_end_with_2(identical, bare_machine, capsys):
    path = pretend(bare_machine, "mine", [3, 9, 1], [("weights", A)])
    assert identical.main([]) == 2
    assert identical.main(["--python", path]) == 2
    assert capsys.readouterr().out == ""
    assert identical.main(["--python", path, "--at-least", "1"]) == 0


def test_a_path_that_is_no_interpreter_ends_with_2(identical, bare_machine, capsys):
    assert identical.main(["--python", str(bare_machine / "none")]) == 2
    assert "none is not a Python interpreter" in capsys.readouterr().err
