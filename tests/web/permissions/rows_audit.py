"""The rows of the audit log."""

from __future__ import annotations

from tests.web.permissions.permission_requests import office
from tests.web.permissions.permission_row import Row

LOG = "/office/settings/audit-log"
ROWS = tuple(Row("GET", f"{LOG}{ending}", office(bookkeeper=403)) for ending in ("", ".csv", ".xlsx"))
