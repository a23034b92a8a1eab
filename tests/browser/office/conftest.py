"""The office with a day of trade, for a browser."""

from __future__ import annotations

from tests.integration.reconciliation.conftest import after, build_after
from tests.web.office.conftest import books, office

__all__ = ["after", "books", "build_after", "office"]
