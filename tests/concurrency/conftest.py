"""A clinic that several processes serve at once, at the real time, since each of them keeps its own clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import SECRET_KEY
from tests.integration.reconciliation.conftest import build_case, case
from tests.integration.refunds.conftest import build_desk, card_desk, desk
from tests.integration.tips.conftest import books, owed, pooled, vera
from tests.support.books import book_floats
from tests.support.build_clinic import create_clinic
from tests.support.clinic import (
    EUR_TAX,
    USD_TAX,
    Clinic,
)


@pytest.fixture
def world(app: Flask) -> Clinic:
    """The usual clinic, its books complete."""
    return book_floats(create_clinic(app, SECRET_KEY, usd=USD_TAX, eur=EUR_TAX))


@pytest.fixture
def env(database: str, tmp_path: Path) -> dict[str, str]:
    """The settings of the processes that serve it."""
    return {
        "DATABASE_URL": database,
        "SECRET_KEY": SECRET_KEY,
        "INSTANCE_DIR": str(tmp_path),
        "BASE_URL": "http://127.0.0.1",
    }


__all__ = ["books", "build_case", "build_desk", "card_desk", "case", "desk", "owed", "pooled", "vera"]
