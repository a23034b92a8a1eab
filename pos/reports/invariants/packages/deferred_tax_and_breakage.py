"""Invariants of what a package brings ahead of its sessions: tax that is not due yet, breakage before the end."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import package_checks as messages
from pos.domain.credits.models import CreditLot
from pos.domain.ledger.entries import rate_of_key, tax_not_due
from pos.domain.ledger.models import Posting
from pos.domain.locations.models import Location
from pos.reports.invariants.base import Check, CheckScope


def _booked(look: CheckScope, base: str) -> dict[tuple[UUID, str], int]:
    rows = look.session.execute(
        select(Posting.location_id, Posting.account_key, func.sum(Posting.amount_minor))
        .where(
            look.in_scope(Posting.location_id),
            (Posting.account_key == base) | Posting.account_key.startswith(f"{base}:", autoescape=True),
        )
        .group_by(Posting.location_id, Posting.account_key)
    )
    return {(where, key): int(minor) for where, key, minor in rows}


def _names(look: CheckScope) -> dict[UUID, str]:
    return dict(iter(look.session.execute(select(Location.id, Location.slug))))


def _other_tax(look: CheckScope) -> Iterator[Message]:
    both = CreditLot.tax_minor - CreditLot.tax_due_minor
    second = CreditLot.second_tax_minor - CreditLot.second_tax_due_minor
    lots: dict[tuple[UUID, str], int] = {}
    for is_second, percent, later in (
        (False, CreditLot.tax_percent, both - second),
        (True, CreditLot.second_tax_percent, second),
    ):
        rows = look.session.execute(
            select(CreditLot.location_id, percent, func.sum(later))
            .where(look.in_scope(CreditLot.location_id))
            .group_by(CreditLot.location_id, percent)
        )
        lots |= {(where, tax_not_due(of, is_second=is_second)): int(minor) for where, of, minor in rows}
    booked, names = _booked(look, "tax_not_due"), _names(look)
    for where, key in sorted({*lots, *booked}, key=lambda one: (names[one[0]], one[1])):
        found, owed = lots.get((where, key), 0), -booked.get((where, key), 0)
        if found != owed:
            place = names[where]
            try:
                rate = rate_of_key(key.partition(":")[2])
            except ArithmeticError:
                yield messages.TAX_ACCOUNT_WITHOUT_RATE(place=place, account=key, ledger=owed)
                continue
            of = rate.percent
            if rate.is_second:
                yield messages.SECOND_TAX_LATER_OTHER(place=place, percent=of, lots=found, ledger=owed)
            else:
                yield messages.TAX_LATER_OTHER(place=place, percent=of, lots=found, ledger=owed)


def _other_breakage(look: CheckScope) -> Iterator[Message]:
    lots = look.sums(CreditLot.location_id, CreditLot.breakage_minor)
    booked = {where: minor for (where, _), minor in _booked(look, "expected_breakage").items()}
    for where, name in sorted(_names(look).items(), key=lambda item: item[1]):
        if lots.get(where, 0) != booked.get(where, 0):
            yield messages.BREAKAGE_AHEAD_OTHER(place=name, lots=lots.get(where, 0), ledger=booked.get(where, 0))


CHECKS = (
    Check(
        "tax_later", "Tax not due yet is that of the unused credits, rate by rate", CreditLot.location_id, _other_tax
    ),
    Check("ahead", "Breakage recognised ahead is what the lots say", CreditLot.location_id, _other_breakage),
)
