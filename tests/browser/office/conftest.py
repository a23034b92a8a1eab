"""The office with a day of trade, for a browser."""

from __future__ import annotations

from tests.integration.reconciliation.conftest import build_case, case
from tests.web.office.conftest import books, office

__all__ = ["books", "build_case", "case", "office"]
