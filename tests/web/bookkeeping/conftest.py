from __future__ import annotations

from tests.web.office.conftest import books, office

__all__ = ["books", "office"]
