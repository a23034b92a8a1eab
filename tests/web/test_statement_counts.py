"""How many SQL statements the pages that are asked for most may send; `python -m bench.statements --show` prints them."""

from __future__ import annotations

from pathlib import Path

from bench.statements import MOST, count_all


def test_pages_sql_statement_counts_stay_within_limits(database: str, tmp_path: Path) -> None:
    found = count_all(database, tmp_path)
    assert found.keys() == MOST.keys()
    too_many = {name: seen for name, seen in found.items() if len(seen) > MOST[name]}
    assert not too_many, "\n".join(f"{name}: {len(seen)}\n  " + "\n  ".join(seen) for name, seen in too_many.items())
