"""The rows of set-up: its address is over once a clinic is there, for everybody."""

from __future__ import annotations

from tests.web.permissions.permission_requests import Probe, anybody
from tests.web.permissions.permission_row import Row

_OVER = {"token": "guessed"}
ROWS = (
    Row("GET", "/setup/<token>", anybody(404), lambda _: Probe(_OVER)),
    Row("POST", "/setup/<token>", anybody(404), lambda _: Probe(_OVER, form={}), writes=False),
)
