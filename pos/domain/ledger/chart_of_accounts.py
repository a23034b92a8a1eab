"""The chart of accounts of a location: meanings are fixed, codes and names are the bookkeeper's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Invalid, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.messages.books import ACCOUNT_CODE_MALFORMED, ACCOUNT_CODE_TAKEN, ACCOUNT_NAME_MISSING, NO_SUCH_ACCOUNT
from pos.domain.ledger.entries import CHART, account_name, chart_line
from pos.domain.ledger.models import Account

# Meanings that exist once for each drawer or rate; they are named when they are first used.
PARTED = frozenset({"cash_drawer", "tax_payable", "tax_not_due"})
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,19}")


@dataclass(frozen=True)
class ChartLine:
    """An account as a location calls it; `meaning` is what it is for, whatever it is called."""

    key: str
    code: str
    name: str
    meaning: str


def chart(session: Session, location_id: UUID) -> list[ChartLine]:
    """Every account of a location by code: those in use, and those whose meaning has not occurred yet."""
    rows = {row.key: row for row in session.scalars(select(Account).where(Account.location_id == location_id))}
    keys = {*rows, *(key for key in CHART if key not in PARTED)}
    found = []
    for key in keys:
        code, name = (rows[key].code, account_name(key, rows[key].name)) if key in rows else chart_line(key)
        found.append(ChartLine(key, code, name, chart_line(key)[1]))
    return sorted(found, key=lambda line: (line.code, line.key))


def rename(session: Session, location_id: UUID, key: str, *, code: str, name: str) -> None:
    """Give an account another code and name; its meaning and everything booked on it stay.

    Raises NotFound for an account the location does not have, Invalid for a code that is none or another account's.
    """
    known = {line.key: line for line in chart(session, location_id)}
    if key not in known:
        raise NotFound(NO_SUCH_ACCOUNT)
    code, name = code.strip(), " ".join(printable(name, 120).split())
    if not _CODE.fullmatch(code):
        raise Invalid(ACCOUNT_CODE_MALFORMED, field="code")
    if not name:
        raise Invalid(ACCOUNT_NAME_MISSING, field="name")
    if any(line.code == code and line.key != key for line in known.values()):
        raise Invalid(ACCOUNT_CODE_TAKEN(code=code), field="code")
    row = session.get(Account, (location_id, key))
    if row is None:
        session.add(Account(location_id=location_id, key=key, code=code, name=name))
    else:
        row.code, row.name = code, name
    session.flush()
