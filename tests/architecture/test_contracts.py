"""The import contracts refuse what they are there to refuse: faults planted in a copy of the house are all named."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# file to append to, the line to append, and what the checker must then say
PLANTED = [
    ("pos/sales/rules.py", "def late():\n    import pos.till.service", "pos.sales.rules -> pos.till.service"),
    ("pos/kernel/money.py", "import pos.catalogue.models", "pos.kernel.money -> pos.catalogue.models"),
    ("pos/simulator/clock.py", "import pos.kernel.clock", "pos.simulator.clock -> pos.kernel.clock"),
    ("pos/new_room/__init__.py", "", "pos.new_room"),
    ("pos/web/shop/__init__.py", "import pos.web.register", "pos.web.shop -> pos.web.register"),
    ("pos/ledger/rules.py", "from flask import g", "pos.ledger.rules -> flask"),
    ("pos/staff/rules.py", "import flask_sqlalchemy", "pos.staff.rules -> flask_sqlalchemy"),
    ("pos/checkout/entries.py", "import stripe", "pos.checkout.entries -> stripe"),
    ("pos/receipts/service.py", "import weasyprint", "pos.receipts.service -> weasyprint"),
    ("pos/app.py", "import pos.simulator.world", "pos.app -> pos.simulator.world"),
    ("invoices/wire.py", "import pos.kernel.money", "invoices.wire -> pos.kernel.money"),
]


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the checker says of a copy of the house with every planted fault in it."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in ("pos", "invoices"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    for name, line, _ in PLANTED:
        target = copy / name
        target.parent.mkdir(exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "COLUMNS": "400"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("name", "line", "sentence"), PLANTED, ids=[sentence for _, _, sentence in PLANTED])
@pytest.mark.xdist_group("contracts")
def test_a_planted_import_is_refused(verdict: str, name: str, line: str, sentence: str) -> None:
    assert sentence in verdict


@pytest.mark.xdist_group("contracts")
def test_every_contract_was_broken_by_its_plant(verdict: str) -> None:
    assert "0 kept, 7 broken" in verdict
