"""The register at a desk, for a browser."""

from __future__ import annotations

from tests.integration.instalments.conftest import allow_deposit, lot_of, part_of, pay
from tests.web.register.conftest import base, database, open_register, register, sign_in, till, traces

__all__ = [
    "allow_deposit",
    "base",
    "database",
    "lot_of",
    "open_register",
    "part_of",
    "pay",
    "register",
    "sign_in",
    "till",
    "traces",
]
