"""The package as a whole: what it exports, what it imports, and the rules its folders keep."""
from __future__ import annotations

import ast
import doctest
import glob
import importlib
import importlib.util
import json
import os
import pickle
import pkgutil
import subprocess
import sys
import sysconfig

import pytest

import purenn
from purenn.__main__ import COMMANDS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

REFERENCE = ["linalg", "elementary", "floats", "activations", "costs", "network", "sgd", "mnist"]

#: For each folder of purenn (the reference's modules count as one, ""), the folders it may import.
#: In the cross-check, every folder may use those before it; ``report`` and ``judge`` come last.
BASIS = {"", "formats"}
SHARED = BASIS | {"mnist", "store", "terminal"}
MAY_IMPORT = {
    "": set(),
    "formats": set(),
    "mnist": BASIS,
    "store": BASIS,
    "__init__": BASIS | {"store"},
    "terminal": SHARED - {"terminal"} | {"__init__"},
    "train": SHARED | {"__init__"},
    "show": SHARED | {"__init__"},
    "book": SHARED | {"train"},
    "explain": SHARED | {"crosscheck.questions"},
    "crosscheck.questions": SHARED,
    "crosscheck.answers": SHARED | {"crosscheck.questions"},
    "crosscheck.truth": SHARED | {"crosscheck.questions", "crosscheck.answers"},
    "crosscheck.catalogue": SHARED | {"crosscheck.questions", "crosscheck.answers",
                                      "crosscheck.truth"},
    "crosscheck.diagnosis": SHARED | {"crosscheck.questions", "crosscheck.answers",
                                      "crosscheck.truth", "crosscheck.catalogue"},
    "crosscheck": SHARED | {"crosscheck.questions", "crosscheck.answers", "crosscheck.truth",
                            "crosscheck.catalogue", "crosscheck.diagnosis",
                            "crosscheck.vectors"},
    "crosscheck.vectors": SHARED | {"crosscheck.questions", "crosscheck.answers",
                                    "crosscheck.truth", "crosscheck.catalogue",
                                    "crosscheck.diagnosis"},
    "__main__": {"__init__", "terminal"},  # and by name, when it is called, a command
}

SOURCES = sorted(glob.glob(os.path.join(ROOT, "purenn", "**", "*.py"), recursive=True))
ALL_SOURCES = SOURCES + sorted(glob.glob(os.path.join(ROOT, "t*s", "**", "*.py"), recursive=True))


def module_name(path):
    parts = os.path.relpath(path, ROOT)[:-len(".py")].split(os.sep)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(path):
    with open(path, encoding="utf-8") as file:
        return ast.parse(file.read(), path)


def short(path):
    return os.path.relpath(path, ROOT)


# ---- what it exports ----------------------------------------------------------------------------

def test_exports():
    assert set(purenn.__all__) == {
        "Network", "Gradient", "Monitors", "Sigmoid", "Tanh", "ReLU", "Softmax", "Identity",
        "CrossEntropyCost", "QuadraticCost", "LogLikelihoodCost", "vectorized_result", "load"}
    assert len(purenn.__all__) == len(set(purenn.__all__))
    names = {}
    exec("from purenn import *", names)
    assert {name for name in names if name != "__builtins__"} == set(purenn.__all__)


def test_a_network_has_all_its_methods():
    for name in ("feedforward", "backprop", "update_mini_batch", "SGD", "total_cost", "accuracy",
                 "save", "default_weight_initializer", "large_weight_initializer",
                 "he_weight_initializer"):
        method = getattr(purenn.Network, name)
        assert callable(method) and method.__doc__, name
        assert method.__name__ == name and method.__qualname__ == f"Network.{name}"
        assert pickle.loads(pickle.dumps(method)) is method  # found again by that name


def test_load_and_save_at_the_top_level_are_the_stores(tmp_path):
    path = str(tmp_path / "net.json")
    net = purenn.Network([2, 3, 2], seed=1)
    net.save(path)
    again = purenn.load(path)
    assert again.weights == net.weights and again.biases == net.biases


# ---- what it imports ----------------------------------------------------------------------------

WATCH = """
import sys
opened = []
def hook(event, args):
    if event == "open":
        opened.append(str(args[0]))
sys.path.insert(0, {root!r})
before = set(sys.modules)
sys.addaudithook(hook)
import purenn
net = purenn.Network([2, 3, 2])
net.SGD([([0.5, 1.0], 1), ([1.0, 0.0], 0)], 1, 1, 0.5)
read = [path for path in opened if not path.endswith((".py", ".pyc"))]
files = {{name: getattr(module, "__file__", None) for name, module in sys.modules.items()}}
import json
print(json.dumps([read, files, sorted(set(files) - before)]))
"""


@pytest.fixture(scope="module")
def imported():
    """What happens in a bare interpreter, without site-packages, when purenn is imported."""
    output = subprocess.run([sys.executable, "-S", "-I", "-B", "-c", WATCH.format(root=ROOT)],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)


def test_the_import_reads_no_file_but_modules(imported):
    opened, _, _ = imported
    assert [path for path in opened if not os.path.isdir(path)] == []


def test_the_import_is_the_standard_librarys_and_ours_alone(imported):
    _, files, _ = imported
    allowed = [os.path.join(ROOT, "purenn")] + [
        os.path.realpath(sysconfig.get_paths()[key]) for key in ("stdlib", "platstdlib")]
    for name, path in files.items():
        if path and name != "__main__":
            assert os.path.realpath(path).startswith(tuple(allowed)), (name, path)
            assert "site-packages" not in path and "dist-packages" not in path, (name, path)


def test_the_import_leaves_out_what_only_files_need(imported):
    _, _, new = imported
    assert "purenn.network" in new
    for name in ("json", "tempfile", "gzip", "pickle", "purenn.store", "purenn.mnist", "argparse"):
        assert name not in new


HELP = """
import sys
sys.path.insert(0, {root!r})
sys.argv[1:] = ["--help"]
import runpy
try:
    runpy.run_module("purenn.{command}", run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert not end.code
print("\\n".join(["modules:", *sys.modules]))
"""


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_waits_for_nothing_that_it_does_not_need(command):
    """What only the work needs, and what takes long to import, is not imported to print it."""
    output = subprocess.run([sys.executable, "-S", "-I", "-B", "-c",
                             HELP.format(root=ROOT, command=command)],
                            check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    text, _, modules = output.partition("modules:\n")
    assert "usage:" in text and "examples:" in text
    imported = set(modules.split())
    basis = {"purenn", "purenn.copying", "purenn.checks",
             *(f"purenn.{name}" for name in REFERENCE if name != "mnist")}
    assert {name for name in imported if name.startswith("purenn")} - basis <= {
        "purenn.terminal", f"purenn.{command}",
        *(f"purenn.terminal.{name}" for name in (
            "characters", "data_options", "options", "running", "screen", "stopping")),
        *(f"purenn.{command}.{name}" for name in ("command", "options", "starting", "table"))}
    assert not imported & {"dataclasses", "inspect", "json", "tempfile", "pathlib", "difflib",
                           "decimal", "fractions", "subprocess", "mmap"}


def imports_of(path):
    """(the full name of an imported module or name, its line) for each import in the file."""
    package = module_name(path).split(".")
    if not path.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else []
            base += node.module.split(".") if node.module else []
            for alias in node.names:
                yield ".".join(base + [alias.name]), node.lineno


def folder_of(name):
    """"purenn.store.networks.load" -> "store"; "purenn.sgd.SGD" -> "", the reference."""
    parts = name.split(".")[1:]
    if not parts or not os.path.exists(os.path.join(ROOT, "purenn", parts[0] + ".py")) \
            and not os.path.isdir(os.path.join(ROOT, "purenn", parts[0])):
        return "__init__"
    if os.path.exists(os.path.join(ROOT, "purenn", parts[0] + ".py")):
        return parts[0] if parts[0] in MAY_IMPORT else ""
    if len(parts) > 1 and os.path.isdir(os.path.join(ROOT, "purenn", *parts[:2])):
        return ".".join(parts[:2])
    return parts[0]


@pytest.mark.parametrize("path", SOURCES, ids=map(short, SOURCES))
def test_a_folder_imports_only_those_that_it_may(path):
    own = folder_of(module_name(path))
    for name, line in imports_of(path):
        if name.split(".")[0] == "purenn" and folder_of(name) != own:
            assert folder_of(name) in MAY_IMPORT[own], (
                f"{short(path)}:{line} imports {name}, and {own or 'the reference'} may not")


def test_no_module_imports_itself_by_way_of_others():
    modules = {module_name(path): path for path in SOURCES}
    imports = {}
    for module, path in modules.items():
        named = {name for name, _ in imports_of(path) if name.split(".")[0] == "purenn"}
        imports[module] = {name if name in modules else name.rpartition(".")[0] for name in named}
    done, under_way = set(), []

    def visit(module):
        assert module not in under_way, " imports ".join([*under_way, module])
        if module not in done and module in imports:
            under_way.append(module)
            for other in sorted(imports[module]):
                visit(other)
            under_way.pop()
            done.add(module)

    for module in imports:
        visit(module)


@pytest.mark.parametrize("path", SOURCES, ids=map(short, SOURCES))
def test_nothing_third_party_is_imported(path):
    library = os.path.realpath(sysconfig.get_paths()["stdlib"])
    for name, line in imports_of(path):
        top = name.split(".")[0]
        if top in ("purenn", "__future__") or top in sys.builtin_module_names:
            continue
        spec = importlib.util.find_spec(top)
        assert spec is not None, f"{short(path)}:{line} imports {top}, which is not there"
        origin = spec.origin or ""
        assert origin in ("built-in", "frozen") or (
            os.path.realpath(origin).startswith(library) and "site-packages" not in origin), (
            f"{short(path)}:{line} imports {top} from {origin}")


def test_nothing_else_stands_at_the_top():
    """Of what is kept in git, and does not begin with a dot."""
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL).stdout.decode("utf-8")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout of git, or there is no git")
    there = {path.partition("/")[0] for path in listed.splitlines() if not path.startswith(".")}
    assert there == {"purenn", "tests", "tools", "setup.cfg", "README.md", "pyproject.toml"}


# ---- the rules of the reference -----------------------------------------------------------------

def reference(name):
    return os.path.join(ROOT, "purenn", f"{name}.py")


@pytest.mark.parametrize("name", REFERENCE)
def test_the_reference_sums_in_one_order(name):
    """No builtin sum, which compensates on some versions; nothing else that adds in its own way."""
    for node in ast.walk(tree_of(reference(name))):
        if isinstance(node, ast.Name):
            assert node.id != "sum", f"{name}.py:{node.lineno}"
        elif isinstance(node, ast.Attribute):
            assert node.attr not in ("fsum", "sumprod", "reduce"), f"{name}.py:{node.lineno}"
    imported = {full.split(".")[0] for full, _ in imports_of(reference(name))}
    assert not imported & {"statistics", "numpy"}
    if name not in ("elementary", "floats"):
        assert not imported & {"math", "cmath"}


@pytest.mark.parametrize("name", sorted(set(REFERENCE) - {"elementary", "floats", "mnist"}))
def test_the_reference_computes_with_any_kind_of_number(name):
    """No float(…) and no literal such as 0.0, which would turn an exact number into a float."""
    for node in ast.walk(tree_of(reference(name))):
        where = f"{name}.py:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "float", where
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, (float, complex)), where


@pytest.mark.parametrize("path", SOURCES, ids=map(short, SOURCES))
def test_the_module_level_generator_is_left_alone(path):
    """Of the module random, only the class Random is used."""
    for node in ast.walk(tree_of(path)):
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                and node.value.id == "random"):
            assert node.attr == "Random", f"{short(path)}:{node.lineno}"
    for name, line in imports_of(path):
        assert not name.startswith("random.") or name == "random.Random", f"{short(path)}:{line}"


@pytest.mark.parametrize("label", ["(BP1)", "(BP2)", "(BP3)", "(BP4)"])
def test_each_equation_stands_at_the_line_that_computes_it(label):
    with open(reference("network"), encoding="utf-8") as file:
        derivation, _, code = file.read().partition("from __future__")
    assert derivation.count(label + " THE") + derivation.count(label + " FROM") == 1
    assert code.count("# " + label) == 1


# ---- style --------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", ALL_SOURCES, ids=map(short, ALL_SOURCES))
def test_lines_are_at_most_100_characters_and_modules_say_what_they_are_for(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for number, line in enumerate(text.split("\n"), 1):
        assert len(line) <= 100, f"{short(path)}:{number}"
        assert line == line.rstrip(), f"{short(path)}:{number}"
    assert ast.get_docstring(ast.parse(text)), f"{short(path)} has no docstring"


NOT_TESTS = [path for path in ALL_SOURCES if not short(path).startswith("tests")]


@pytest.mark.parametrize("path", NOT_TESTS, ids=map(short, NOT_TESTS))
def test_text_is_written_with_the_same_line_ends_on_every_system(path):
    """Whoever opens a file to write text into it says newline."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "open":
            modes = [n.value for n in node.args[1:] + [k.value for k in node.keywords]
                     if isinstance(n, ast.Constant) and n.value in ("w", "a", "x", "w+")]
            assert not modes or any(k.arg == "newline" for k in node.keywords), (
                f"{short(path)}:{node.lineno}")


# ---- the examples in the docstrings -------------------------------------------------------------

MODULES = ["purenn"] + [module.name for module in pkgutil.walk_packages(purenn.__path__, "purenn.")
                        if not module.name.endswith("__main__")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_hold(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert name != "purenn" or result.attempted > 0
