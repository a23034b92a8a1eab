from __future__ import annotations

from tests.web.conftest import house

__all__ = ["house"]
