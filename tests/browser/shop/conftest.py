"""The shop, for a browser."""

from __future__ import annotations

from tests.web.shop.conftest import hidden, shop

__all__ = ["hidden", "shop"]
