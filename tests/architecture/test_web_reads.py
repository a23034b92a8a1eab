"""Web asks services, reports and domain queries; models are there for annotations only, and no view writes a query."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

_MODELS = re.compile(r"^pos\.(?:.*[._])?models$")
_QUERIES = {"select", "insert", "update", "delete", "text"}


def _imports(body: list[ast.stmt]) -> Iterator[ast.ImportFrom]:
    """Imports that run; those under `if TYPE_CHECKING` do not."""
    for node in body:
        if isinstance(node, ast.ImportFrom):
            yield node
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.With | ast.Try):
            yield from _imports(node.body)


def faults(source: str) -> list[str]:
    """Runtime imports of models and of SQLAlchemy's statements."""
    found = []
    for node in _imports(ast.parse(source).body):
        module = node.module or ""
        if _MODELS.match(module):
            found.append(module)
        if module.startswith("sqlalchemy"):
            found += [f"{module}.{name.name}" for name in node.names if name.name in _QUERIES]
    return found


def test_web_view_imports_no_model_and_writes_no_query() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): here
        for path in sorted((ROOT / "pos" / "web").rglob("*.py"))
        if (here := faults(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_web_view_planted_import_is_found(tmp_path: Path) -> None:
    assert faults("from pos.domain.sales.models import Sale") == ["pos.domain.sales.models"]
    assert faults("from pos.domain.receipts.credit_note_models import CreditNote")
    assert faults("from sqlalchemy import select") == ["sqlalchemy.select"]
    assert faults("def view():\n    from pos.domain.sales.models import Sale") == ["pos.domain.sales.models"]
    assert faults("if TYPE_CHECKING:\n    from pos.domain.sales.models import Sale") == []
