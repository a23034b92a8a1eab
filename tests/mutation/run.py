"""Mutation testing of the pure rules: `python -m tests.mutation.run [module …]` at the top of the checkout.

Cosmic Ray finds and makes the mutants; `more.py` adds some that it does not make. Its own runner writes each into the file
and starts a new pytest; here each is imported from memory in a forked process that has the libraries loaded already: no
mutated file ever exists, and most mutants cost a fraction of a second. A mutant is killed when a test fails, when it cannot
be imported, or when it runs for a minute.

Cosmic Ray is no dependency of the house: README.md beside it says how it is brought in, and what was found.
"""

from __future__ import annotations

import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

import hypothesis
import hypothesis.strategies
import pytest
import sqlalchemy.orm  # noqa: F401 - loaded once, before the forks
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from tests.mutation.operators import changes

# Tests without a database that concern a module; the suites that sell over a database would hide how weak these are.
TESTS: dict[str, tuple[str, ...]] = {
    "pos/core/money.py": ("tests/unit/core/test_money.py",),
    "pos/domain/sales/pricing.py": (
        "tests/unit/sales/test_pricing.py",
        "tests/unit/sales/test_settlement.py",
        "tests/unit/sales/test_free_and_parts.py",
    ),
    "pos/domain/credits/rules/value.py": ("tests/unit/credits/test_value.py",),
    "pos/domain/credits/rules/refund_policies.py": ("tests/integration/refunds/test_refunding.py",),
    "pos/domain/credits/rules/breakage.py": ("tests/unit/credits/test_breakage_rules.py",),
    "pos/domain/ledger/entries.py": ("tests/unit/ledger/test_entries.py",),
    "pos/domain/disputes/rules.py": ("tests/unit/disputes/test_rules.py",),
    "pos/domain/refunds/rules.py": ("tests/integration/refunds/test_ways_back.py",),
    "pos/domain/promotions/rules.py": ("tests/unit/promotions/test_rules.py",),
    "pos/domain/stored_value/rules.py": ("tests/unit/stored_value/test_rules.py",),
    "pos/domain/till/rules.py": ("tests/unit/till/test_rules.py",),
}
# `|` stands in annotations only, which are never evaluated here; bit operators and matrices in place of sums die by
# themselves and would only flatter the figures.
LEFT_OUT = re.compile(r"core/ReplaceBinaryOperator_(BitOr_.*|.*_(BitOr|BitAnd|BitXor|LShift|RShift|MatMult))")
# Cosmic Ray takes the star of `def f(a, *, b)` for a product.
_ONLY_BY_NAME = re.compile(r"\*\s*,")
LONGEST_SECONDS = 60


@dataclass(frozen=True)
class Mutant:
    """A change of one place: where, by which operator, and what the module then reads."""

    path: str
    line: int
    column: int
    operator: str
    before: str
    after: str
    source: str


def mutants(path: str) -> Iterator[Mutant]:
    """Every mutant of a module that Cosmic Ray makes, less LEFT_OUT, and those of `more.py`."""
    source = Path(path).read_text()
    lines, tree = source.splitlines(), get_ast(source)
    for name in operator_names():
        operator_class = get_operator(name)
        if LEFT_OUT.fullmatch(name) or operator_class.arguments():
            continue
        operator = operator_class()
        places = [place for node in ast_nodes(tree) for place in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(places):
            if _ONLY_BY_NAME.match(lines[start[0] - 1], start[1]):
                continue
            changed = mutate_code(source, operator, occurrence)
            if changed is None or changed == source:
                continue
            after = changed.splitlines()[start[0] - 1].strip()
            before = lines[start[0] - 1].strip()
            yield Mutant(path, start[0], start[1], name.removeprefix("core/"), before, after, changed)
    for more in changes(source):
        yield Mutant(path, more.line, more.column, more.name, more.before, more.after, more.source)


class _Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Imports one module from a mutant's text."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.path.removesuffix(".py").replace("/", "."), str(Path(mutant.path).resolve()))
        self.text = mutant.source

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.text, self.path, "exec", dont_inherit=True)


class _Fast:
    """Tests that ask for a database are left out; those that search for an example come last."""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [
            item for item in items if set(item.fixturenames) <= {*item._fixtureinfo.name2fixturedefs, "request"}
        ]
        items.sort(key=lambda item: getattr(item.obj, "is_hypothesis_test", False))


def outcome(tests: Sequence[str], mutant: Mutant | None) -> int:
    """Run tests in a fork, against a mutant or the module as it is: 0 for all passed; anything else found something."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    code = 1
    try:
        signal.alarm(LONGEST_SECONDS)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if mutant:
            sys.meta_path.insert(0, _Changed(mutant))
        plain = ["-x", "-q", "--noconftest", "-p", "no:cacheprovider", "--tb=line"]
        code = int(pytest.main([*plain, *tests], plugins=[_Fast()]))
    finally:
        os._exit(code)


def main(chosen: Sequence[str]) -> int:
    """Print a table row per module and each survivor; returns 1 when the tests do not pass unchanged."""
    sys.path.insert(0, os.getcwd())
    hypothesis.settings.register_profile(
        "mutants",
        database=None,
        deadline=None,
        derandomize=True,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    hypothesis.settings.load_profile("mutants")
    gc.freeze()
    rows = []
    for path in chosen or TESTS:
        tests = TESTS[path]
        if outcome(tests, None):
            sys.stdout.write(f"{path}: the tests do not pass as it is\n")
            return 1
        started, made, alive = time.monotonic(), 0, 0
        for mutant in mutants(path):
            made += 1
            if outcome(tests, mutant) == 0:
                alive += 1
                sys.stdout.write(f"{path}:{mutant.line}:{mutant.column} {mutant.operator}\n")
                sys.stdout.write(f"    - {mutant.before}\n    + {mutant.after}\n")
                sys.stdout.flush()
        killed = made - alive
        share = 100 * killed / made
        rows.append(f"| `{path}` | {made} | {killed} | {alive} | {share:.1f} % | {time.monotonic() - started:.0f} s |")
        sys.stdout.write(rows[-1] + "\n")
        sys.stdout.flush()
    head = ["", "| module | mutants | killed | alive | share | time |", "|---|---|---|---|---|---|"]
    sys.stdout.write("\n".join([*head, *rows, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
