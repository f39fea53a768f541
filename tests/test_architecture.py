"""The house as ``docs/architecture.md`` has it: who imports whom, what loads what, what is named.

Modules are read, not run, so that imports inside functions and those that only a type checker
follows are seen too.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import proofs
from verify.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PLAN = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

#: The packages from left to right: each imports those before it.
PACKAGES = ("pooling", "costmodel", "proofs", "verify")

#: The rooms of ``verify`` from the ground floor up: each imports those before it. The figure in
#: ``docs/architecture.md`` has them from the top down.
ROOMS = (
    "begun",
    "cores",
    "subnormals",
    "names",
    "streams",
    "strategies",
    "encodings",
    "sweeps",
    "engines",
    "run",
    "judge",
    "measure",
    "display",
    "site",
    "commands",
    "cli",
    "pytest_plugin",
    "__main__",
)

#: What may import the checker although it is no part of it.
ASIDE = {"benchmarks", "examples", "tests"}

HEAVY = {
    *("bitwuzla", "cvc5", "hypothesis", "llvmlite", "matplotlib"),
    *("numpy", "scipy", "sympy", "torch", "z3"),
}

Graph = Mapping[str, set[str]]


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the four packages, by its name."""
    found = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield what is imported, wherever in a file; ``a.b`` for a name ``b`` out of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that they can be read"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(name: str) -> str | None:
    """Return the module of ours that an imported name is, or comes from."""
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return name or None


@cache
def graph() -> Graph:
    """Return the modules that each module imports."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, tree in modules().items():
        targets = {module for imported in imports(tree) if (module := module_of(imported))}
        found[name] = targets - {name}
    return found


def circle(edges: Graph) -> list[str]:
    """Return a circle of modules, empty if there is none."""
    done: set[str] = set()

    def from_here(path: list[str]) -> list[str]:
        for target in sorted(edges.get(path[-1], ())):
            if target in path:
                return [*path[path.index(target) :], target]
            if target not in done and (found := from_here([*path, target])):
                return found
        done.add(path[-1])
        return []

    return next(filter(None, (from_here([name]) for name in edges if name not in done)), [])


def arrows_up(order: tuple[str, ...], depth: int, edges: Graph) -> list[str]:
    """Return the imports by which a place of ``order`` reaches a later one."""

    def floor(module: str) -> int | None:
        parts = module.split(".")
        return order.index(parts[depth]) if len(parts) > depth else None

    floors = [
        (name, target, floor(name), floor(target))
        for name, targets in edges.items()
        for target in targets
    ]
    return [
        f"{name} imports {target}"
        for name, target, here, there in floors
        if here is not None and there is not None and here < there
    ]


def test_packages_import_from_left_to_right() -> None:
    """What pooling is knows nothing of what it costs, nor that of what is true of it."""
    assert arrows_up(PACKAGES, 0, graph()) == []


def test_rooms_import_from_the_ground_up() -> None:
    """In the checker no arrow runs up: engines know of no run, and nothing of the commands."""
    inside = {
        name: {target for target in targets if target.startswith("verify.")}
        for name, targets in graph().items()
        if name.startswith("verify.")
    }
    assert arrows_up(ROOMS, 1, inside) == []
    # The package's own file is the public interface: nothing inside needs it.
    assert [name for name, targets in graph().items() if "verify" in targets] == []


def test_the_figure_has_every_room() -> None:
    """The plan draws what there is in ``verify``, in the order in which it is built."""
    there = {name.split(".")[1] for name in modules() if name.startswith("verify.")}
    assert set(ROOMS) == there
    figure = PLAN.split("```")[1].splitlines()
    column = next(line.index("verify/") for line in figure if "verify/" in line)
    first = next(number for number, line in enumerate(figure) if "───" in line)
    drawn = [line[column:].split()[0] for line in figure[first + 1 :] if line.strip()]
    assert [re.sub(r"/$|\.py$", "", room) for room in drawn] == [*reversed(ROOMS)]


def test_the_plan_names_what_is_there() -> None:
    """Every file and folder that it names exists, and no chapter of claims is missing."""
    named = {
        word
        for word in re.findall(r"`([\w./-]+)`", PLAN)
        if "/" in word or word.endswith((".py", ".md"))
    }
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
    assert {f"proofs/{chapter}/" for chapter in proofs.CHAPTERS} <= named
    linked = re.findall(r"\]\(([\w./-]+)\)", PLAN)
    assert linked and all((ROOT / "docs" / link).exists() for link in linked)


def test_the_walk_is_taken() -> None:
    """The files that the page walks by are those that the command comes by."""
    walk = PLAN[PLAN.index("## From a command") :].split("\n## ")[0]
    command = re.search(r"`python -m verify ([^`]+)`", walk)
    assert command is not None
    arguments = [*command[1].split(), "-j", "1"]
    files = set(re.findall(r"`([\w/]+)\.py`", walk)) - {"verify/__main__"}
    named = {file.removesuffix("/__init__").replace("/", ".") for file in files}
    assert len(named) > 12
    assert named <= loaded(f"from verify.cli import main; main({arguments!r})")


def test_the_checker_is_imported_by_nobody() -> None:
    """But for the tests, the benchmarks and the examples."""
    guilty = [
        str(file.relative_to(ROOT))
        for file in ROOT.rglob("*.py")
        if not {"verify", *ASIDE} & set(file.relative_to(ROOT).parts[:1])
        and not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
        and any(
            name.split(".")[0] == "verify"
            for name in imports(ast.parse(file.read_text(encoding="utf-8")))
        )
    ]
    assert guilty == []


def test_no_circle() -> None:
    """Nor one that is closed by an import inside a function, or for a type alone."""
    assert circle(graph()) == []


def test_circles_and_arrows_are_found() -> None:
    """The checks above can fail: an import back is a circle, and one to the right an arrow up."""
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c", "a"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    assert arrows_up(PACKAGES, 0, {"pooling.windows": {"costmodel", "pooling.layer"}}) == [
        "pooling.windows imports costmodel"
    ]
    assert arrows_up(ROOMS, 1, {"verify.engines.z3": {"verify.run.runner", "verify.sweeps"}}) == [
        "verify.engines.z3 imports verify.run.runner"
    ]


def test_every_import_is_seen() -> None:
    """At the top, inside a function, for types, of a module out of a package, of a name."""
    code = (
        "import proofs.terms\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from proofs.claim import Claim\n"
        "def f():\n    from verify.engines import z3\n    import costmodel as money\n"
    )
    seen = [module for name in imports(ast.parse(code)) if (module := module_of(name))]
    assert sorted(seen) == ["costmodel", "proofs.claim", "proofs.terms", "verify.engines.z3"]


def test_a_name_means_one_thing() -> None:
    """No two public classes of the four packages share a name."""
    places = defaultdict(list)
    for name, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    twice = {word: where for word, where in places.items() if len(where) > 1}
    assert twice == {}
    assert len(places) > 100


#: What answers at once, as a user writes it.
LIGHT = {
    "pooling": ("import pooling, pooling.networks, pooling.windows",),
    "costmodel": ("import costmodel; costmodel.flops('max_pool2d', (1, 1, 4, 4), 2)",),
    "proofs": ("import proofs; proofs.claims()",),
    "verify": ("import verify", "import verify.pytest_plugin"),
    "--help": tuple(
        f"from verify.cli import main; main({[*command, '--help']!r})"
        for command in ([], *([name] for name in COMMANDS))
    ),
    "list": ("from verify.cli import main; main(['list'])",),
    "answers": ("from verify.cli import main; main(['answers'])",),
}


@pytest.mark.parametrize("name", LIGHT)
def test_what_answers_at_once_loads_nothing_heavy(name: str) -> None:
    """Neither a solver nor torch, SymPy, NumPy or what draws and samples."""
    assert loaded(*LIGHT[name]) & HEAVY == set()


def test_what_is_heavy_is_noticed() -> None:
    """The check above can fail: a definition that computes loads NumPy."""
    assert "numpy" in loaded("import pooling; pooling.max_pool([[1, 2]], (2,))") & HEAVY


def test_packages_load_little_of_the_standard_library() -> None:
    """Nor what makes dataclasses slow to import."""
    assert "inspect" not in loaded("import pooling, costmodel")


def test_a_page_loads_one_claim() -> None:
    """``show`` and ``all -k`` import the claims they are about, and no others."""
    chosen = "'max-is-commutative', '--system', 'real', '-j', '1'"
    names = loaded(
        f"from verify.cli import main; main(['show', {chosen}])",
        f"from verify.cli import main; main(['all', '-k', {chosen}])",
    )
    chapters = tuple(f"proofs.{chapter}." for chapter in proofs.CHAPTERS)
    assert {name for name in names if name.startswith(chapters)} == {
        "proofs.max_and_min.max_is_commutative"
    }


def loaded(*statements: str) -> set[str]:
    """Return the modules that are loaded once these have run in a process of its own."""
    code = "".join(f"try:\n    {one}\nexcept SystemExit:\n    pass\n" for one in statements)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}print()\nprint('LOADED', *sys.modules)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    *_, last = done.stdout.splitlines()
    word, *names = last.split()
    assert word == "LOADED"
    return set(names)


def test_assertions_only_look() -> None:
    """With ``python -O`` there are none, so nothing is called in one that does something."""
    looking = {"isinstance", "callable", "len"}
    doing = [
        f"{name}: {ast.unparse(call)}"
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) not in looking
    ]
    assert doing == []
