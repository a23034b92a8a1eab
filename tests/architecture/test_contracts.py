"""The import contracts refuse what they are there to refuse: faults planted in a copy of the project are all named."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

# file to append to, the line to append, and what the checker must then say
PLANTED = [
    (
        "pos/domain/sales/pricing.py",
        "def late():\n    import pos.domain.till.shifts",
        "pos.domain.sales.pricing -> pos.domain.till.shifts",
    ),
    ("pos/core/money.py", "import pos.domain.catalogue.models", "pos.core.money -> pos.domain.catalogue.models"),
    (
        "pos/dev/stripe_simulator/state/clock.py",
        "import pos.core.clock",
        "pos.dev.stripe_simulator.state.clock -> pos.core.clock",
    ),
    ("pos/new_layer/__init__.py", "", "pos.new_layer"),
    ("pos/services/new_package/__init__.py", "", "pos.services.new_package"),
    ("pos/domain/new_package/__init__.py", "", "pos.domain.new_package"),
    ("pos/services/mailer.py", "import pos.services.auth", "pos.services.mailer -> pos.services.auth"),
    (
        "pos/reports/period.py",
        "import pos.core.database.unit_of_work",
        "pos.reports.period -> pos.core.database.unit_of_work",
    ),
    ("pos/web/shop/__init__.py", "import pos.web.register", "pos.web.shop -> pos.web.register"),
    ("pos/domain/ledger/entries.py", "from flask import g", "pos.domain.ledger.entries -> flask"),
    ("pos/domain/staff/permissions.py", "import flask_sqlalchemy", "pos.domain.staff.permissions -> flask_sqlalchemy"),
    ("pos/domain/posting_rules/sales.py", "import stripe", "pos.domain.posting_rules.sales -> stripe"),
    ("pos/domain/till/rules.py", "import escpos", "pos.domain.till.rules -> escpos"),
    ("pos/domain/receipts/repository.py", "import weasyprint", "pos.domain.receipts.repository -> weasyprint"),
    ("pos/app.py", "import pos.dev.stripe_simulator.context", "pos.app -> pos.dev.stripe_simulator.context"),
    ("pos/installation.py", "import pos.web.common.security", "pos.installation -> pos.web.common.security"),
    ("invoices/wire.py", "import pos.core.money", "invoices.wire -> pos.core.money"),
]


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the checker says of a copy of the project with every planted fault in it."""
    copy = tmp_path_factory.mktemp("project")
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
def test_import_contract_forbidden_import_is_refused(verdict: str, name: str, line: str, sentence: str) -> None:
    assert sentence in verdict


@pytest.mark.xdist_group("contracts")
def test_import_contracts_planted_violations_break_every_contract(verdict: str) -> None:
    assert "0 kept, 13 broken" in verdict


def test_commands_are_listed_without_database_and_pages() -> None:
    """Whoever asks for help waits a tenth of a second, not a second."""
    heavy = "{'sqlalchemy', 'flask', 'babel', 'weasyprint', 'stripe'}"
    code = f"import sys, pos.cli; sys.exit(repr(found) if (found := {heavy} & set(sys.modules)) else 0)"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
