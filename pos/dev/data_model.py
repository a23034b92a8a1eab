"""Draws docs/data-model.md from the models: `python -m pos.dev.data_model` writes it, a test finds a difference.

For each subject: a diagram of its tables and of the tables they refer to, then every table with what one of its rows is
(the first line of the model's docstring) and its columns.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

import pos.models
from pos.core.database.base import Base

TARGET = Path(__file__).parents[2] / "docs" / "data-model.md"
_INTRO = """# Data model

Drawn by `python -m pos.dev.data_model` from the models; do not edit. `tests/architecture/test_data_model.py` fails when a
model has changed and this page has not.

Amounts are whole minor units of the currency of the row or of its location. Keys are UUIDs made by the application. Moments
are in UTC; a `business_on` is the local date of the location. `?` marks a column that may be empty.

*Insert only*: a trigger refuses updates and deletes. *Recorded*: the digest of every row written stands in `change_log`, so
that `pos verify` finds a change made by hand; columns that other checks prove from rows are left out.
"""


def _subject(model: type[Base]) -> str:
    """`domain.credits` → `credits`; tables of the core are one subject."""
    parts = model.__module__.split(".")
    return parts[2] if parts[1] == "domain" else parts[1]


def _kind(column: Column[object]) -> str:
    name = str(column.type.compile(dialect=postgresql.dialect())).lower()  # type: ignore[no-untyped-call]  # SQLAlchemy types no dialect
    return re.sub(r"timestamp with time zone", "moment", name).replace("varchar", "text")


def _column(column: Column[object]) -> str:
    parents = ", ".join(sorted({key.column.table.name for key in column.foreign_keys}))
    kind = f"→ {parents}" if parents else _kind(column)
    key = "key " if column.primary_key else ""
    return f"`{column.name}`{'?' if column.nullable else ''} {key}{kind}"


def _diagram(tables: list[Table]) -> list[str]:
    lines = set()
    for table in tables:
        for constraint in table.foreign_key_constraints:
            columns = list(constraint.columns)
            parent = constraint.referred_table.name
            few = "o|" if any(column.nullable for column in columns) else "||"
            label = "_".join(column.name for column in columns if column.name != "location_id") or "location_id"
            if (
                parent != "locations" or len(tables) < 4
            ):  # nearly every table has a location; the lines would hide the rest
                lines.add(f'    {parent} {few}--o{{ {table.name} : "{label}"')
    return ["```mermaid", "erDiagram", *sorted(lines), "```"] if lines else []


def _history(name: str) -> str:
    words = " *Insert only.*" if name in pos.models.APPEND_ONLY else ""
    kept = pos.models.HISTORY.get(name)
    if kept is None:
        return words
    without = ", ".join(f"`{column}`" for column in sorted(kept.without))
    return f"{words} *Recorded{f' without {without}' if without else ''}.*"


def page() -> str:
    """The whole page as Markdown."""
    subjects: dict[str, list[tuple[Table, str]]] = defaultdict(list)
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        assert isinstance(table, Table)
        says = " ".join((mapper.class_.__doc__ or "").strip().split("\n\n")[0].split())
        subjects[_subject(mapper.class_)].append((table, says))
    out = [_INTRO]
    for subject, found in sorted(subjects.items()):
        found.sort(key=lambda pair: pair[0].name)
        out += [f"## {subject}", "", *_diagram([table for table, _ in found]), ""]
        for table, says in found:
            history = _history(table.name)
            out += [
                f"**`{table.name}`** {says}{history}  ",
                " · ".join(_column(column) for column in table.columns),
                "",
            ]
    return "\n".join(out).rstrip() + "\n"


def main() -> None:
    """Write the page, or with `--check` exit with 1 when it differs."""
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text(encoding="utf-8") == page() else 1)
    TARGET.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
