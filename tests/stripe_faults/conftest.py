from __future__ import annotations

from tests.web.permissions.conftest import house

__all__ = ["house"]
