"""A row of the table of permissions."""

from __future__ import annotations

from dataclasses import dataclass

from tests.web.permissions.permission_requests import Cells, Ready, plain


@dataclass(frozen=True)
class Row:
    """A route and what everybody gets. `writes`: whoever is let in changes something (a GET too, where it is said)."""

    method: str
    rule: str
    cells: Cells
    ready: Ready = plain
    writes: bool | None = None

    @property
    def changes(self) -> bool:
        return self.method != "GET" if self.writes is None else self.writes

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"
