"""The office with a day of trade, for a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.reconciliation.conftest import build_case, case
from tests.support.clinic import Clinic
from tests.support.loopback import on_loopback
from tests.web.office.conftest import books, office

__all__ = ["books", "build_case", "case", "office"]


@pytest.fixture
def base(clinic: Clinic) -> Iterator[str]:
    """The address of a clinic without trade."""
    with on_loopback(clinic.app) as address:
        yield address
