from __future__ import annotations

from tests.integration.refunds.conftest import build_desk, desk

__all__ = ["build_desk", "desk"]
