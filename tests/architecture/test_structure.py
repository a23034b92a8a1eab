"""The shape of the code: no two modules import each other, packages stay small, names that were given up stay away."""

from __future__ import annotations

import ast
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MOST_MODULES = 13
MOST_LINES = 400
LONGEST_TEMPLATE_LINE = 160
# Written by a program.
_LONG = {"pos/migrations/versions/1006_tables.py"}
_CODE = [path for top in ("pos", "invoices") for path in sorted((ROOT / top).rglob("*.py"))]
_TESTS = sorted((ROOT / "tests").rglob("*.py"))
_SCRIPTS = [*sorted((ROOT / "pos/static/js").rglob("*.?s")), *sorted((ROOT / "tests").rglob("*.mjs"))]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path, known: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & known) or {node.module}
    return found & known


def test_module_imports_have_no_cycle() -> None:
    """Packages without code of their own (`__init__`) are left out: importing a module runs them first, whatever it
    needs."""
    modules = {_name(path): path for path in _CODE if path.name != "__init__.py"}
    graph = {name: _imports(path, set(modules)) for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_module_imports_planted_cycle_is_found() -> None:
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()


def test_package_size_stays_within_module_limit() -> None:
    sizes = Counter(path.parent for path in _CODE if path.name != "__init__.py" and path.parent.name != "versions")
    assert [
        (str(folder), size) for folder, size in sizes.items() if size > MOST_MODULES and folder.name != "invoices"
    ] == []


def test_file_length_stays_within_line_limit() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in (*_CODE, *_TESTS, *_SCRIPTS)
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES and name not in _LONG} == {}


def test_template_line_length_stays_within_limit() -> None:
    templates = (path for top in ("pos", "invoices") for path in sorted((ROOT / top / "templates").rglob("*.*")))
    assert [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in templates
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_TEMPLATE_LINE
    ] == []


# Words of earlier builds that say less than the field's terms (docs/glossary.md has those).
_GIVEN_UP = re.compile(
    r"\b(strays?|purses?|courtes(?:y|ies)|conductors?|knock|let_go_early|look_at_books|night_runs|door_locks|looked_back|look_back"
    r"|stripe_moves|stripe_looks|payout_shares|express_requests|part_payments|sale_refunded|tender_refunded|paying_id"
    r"|go_on|find_out|turn_to_(?:code|reader)|Assembled|Agreed|WantedLine|[Dd]eeds?|DEEDS|deed_id|page_words|ClosedDoor|LookBack|face_of|all_ways"
    r"|frozen_terms|ChosenPromo|NoteWay|WantedMovement|build_world|open_house|StripeThings|sit_down|build_after)\b"
)
_READ = (".py", ".html", ".js", ".mjs", ".md", ".toml", ".txt")


def test_given_up_words_are_absent() -> None:
    found = []
    for top in (
        "pos",
        "invoices",
        "tests",
        "docs",
        "bench",
        "README.md",
        "CONTRIBUTING.md",
        "pyproject.toml",
        "Makefile",
    ):
        path = ROOT / top
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if (
                file.suffix not in _READ
                or "vendor" in file.parts
                or "decisions" in file.parts
                or file == Path(__file__)
            ):
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if word := _GIVEN_UP.search(line):
                    found.append(f"{file.relative_to(ROOT)}:{number}: {word[0]}")
    assert found == []
