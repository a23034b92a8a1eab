from __future__ import annotations

from tests.web.permissions.conftest import shared_till

__all__ = ["shared_till"]
