"""Sales of a location looked for at its desk: those of a day, or by client, amount, time, last digits of a card, receipt."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from pos.core.errors import Invalid
from pos.core.i18n.name_folding import search_words
from pos.core.money import parse_amount
from pos.domain.clients.models import Client
from pos.domain.clients.persons import is_of
from pos.domain.locations.models import Desk
from pos.domain.locations.queries import Place
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale, SaleLine

# How far back words are looked for where no day is named: a quarter, in which nearly everything is asked for again.
DAYS_BACK = 92
MOST = 50
_TIME = re.compile(r"([01]?\d|2[0-3])[:.h]([0-5]\d)")
_Remaining = aliased(Client)
# A clock time that somebody remembers.
_ABOUT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class FoundSale:
    """One sale in the list. `total_minor` has the tip in it; `refund` is "void" or "refund" where money went back."""

    sale_id: UUID
    receipt: str
    completed_at: datetime
    business_on: date
    client: str
    desk: str
    total_minor: int
    tenders: tuple[str, ...]
    last4: str
    refund: str


def _times(word: str, place: Place, days: Collection[date]) -> ColumnElement[bool]:
    """Completed about a clock time, on one of these business dates; before the cutoff it is the next morning."""
    found = _TIME.fullmatch(word)
    if found is None:
        return false()
    at = time(int(found[1]), int(found[2]))
    zone, after_midnight = ZoneInfo(place.time_zone), timedelta(days=at.hour < place.cutoff_hour)
    moments = [datetime.combine(day + after_midnight, at, zone) for day in days]
    return or_(*(Sale.completed_at.between(one - _ABOUT, one + _ABOUT) for one in moments))


def _matches(word: str, place: Place, days: Collection[date]) -> ColumnElement[bool]:
    """That one word of the search fits a sale in any of the ways it can be meant."""
    # A sale of a record that was merged is found by the name of the one that remains, too.
    kept = (Client.search_text, _Remaining.search_text)
    names = [
        or_(*(text.contains(one, autoescape=True) for one in spellings for text in kept))
        for spellings in search_words(word)
    ]
    ways: list[ColumnElement[bool]] = [Receipt.label.contains(word.upper(), autoescape=True)]
    if names:
        ways.append(and_(*names))
    if ":" in word or "." in word or "h" in word:
        ways.append(_times(word, place, days))
    of_sale = select(Tender.sale_id).where(Tender.sale_id == Sale.id)
    if re.fullmatch(r"\d{4}", word):
        attempt = PaymentAttempt.id == Tender.attempt_id
        ways.append(of_sale.join(PaymentAttempt, and_(attempt, PaymentAttempt.card_last4 == word)).exists())
    try:
        amount = parse_amount(word, place.currency)
    except Invalid:
        amount = 0
    if amount > 0:
        ways += [
            Sale.total_minor + Sale.tip_minor == amount,
            of_sale.where(Tender.moved_minor == amount).exists(),
        ]
    return or_(*ways)


def sales_of(session: Session, place: Place, client_id: UUID, *, limit: int) -> list[FoundSale]:
    """The newest sales of a client at a location, all their records together, and those with a line for them."""
    of_them = union_all(
        select(Sale.id).where(is_of(Sale.client_id, client_id)),
        select(SaleLine.sale_id).where(is_of(SaleLine.person_id, client_id)),
    )
    query = _listed(place, limit).where(Sale.id.in_(of_them))
    return _with_payments(session, session.execute(query).all())


def find_sales(
    session: Session, place: Place, text: str, *, on: date | None = None, desk_id: UUID | None = None
) -> list[FoundSale]:
    """The newest sales of a location that every word of `text` fits; at most MOST.

    Without words those of `on`, or of today; with words and no day those of the last DAYS_BACK days, and a receipt named in
    full whenever it was. `desk_id` narrows to one desk.
    """
    words, today = text.split()[:6], place.today()
    days = [on or today] if on or not words else [today - timedelta(days=back) for back in range(DAYS_BACK)]
    query = _listed(place, MOST)
    in_days = Sale.business_on.between(min(days), max(days))
    fits = [_matches(word, place, days) for word in words]
    named = Receipt.label == text.strip().upper()
    query = query.where(or_(and_(in_days, *fits), named) if words and on is None else and_(in_days, *fits))
    if desk_id is not None:
        query = query.where(Sale.desk_id == desk_id)
    return _with_payments(session, session.execute(query).all())


def _listed(place: Place, limit: int) -> Select[*tuple[Any, ...]]:
    """Sales of a location, newest first, with receipt, client and desk."""
    return (
        select(
            Sale.id, Receipt.label, Sale.completed_at, Sale.business_on, Client.given_name, Client.family_name, Desk.name,
            (Sale.total_minor + Sale.tip_minor).label("total_minor"),
        )
        .join_from(Sale, Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Client, Client.id == Sale.client_id)
        .outerjoin(_Remaining, _Remaining.id == Client.merged_into_id)
        .outerjoin(Desk, Desk.id == Sale.desk_id)
        .where(Sale.location_id == place.id)
        .order_by(Sale.completed_at.desc(), Sale.id.desc())
        .limit(limit)
    )  # fmt: skip


def _with_payments(session: Session, rows: Sequence[Any]) -> list[FoundSale]:
    """The rows with what paid for them and what went back: two questions for all."""
    keys = [row.id for row in rows]
    paid: dict[UUID, list[tuple[str, str]]] = {}
    tenders = (
        select(Tender.sale_id, Tender.kind, func.coalesce(PaymentAttempt.card_last4, "").label("last4"))
        .outerjoin(PaymentAttempt, PaymentAttempt.id == Tender.attempt_id)
        .where(Tender.sale_id.in_(keys))
        .order_by(Tender.sale_id, Tender.position)
    )
    for one in session.execute(tenders):
        paid.setdefault(one.sale_id, []).append((one.kind, one.last4))
    refunds = select(Refund.sale_id, Refund.kind).where(Refund.sale_id.in_(keys)).order_by(Refund.created_at)
    back = {one.sale_id: "void" if one.kind == "void" else "refund" for one in session.execute(refunds)}
    found = []
    for row in rows:
        here = paid.get(row.id, [])
        found.append(
            FoundSale(
                sale_id=row.id,
                receipt=row.label,
                completed_at=row.completed_at,
                business_on=row.business_on,
                client=" ".join(part for part in (row.given_name, row.family_name) if part),
                desk=row.name or "",
                total_minor=row.total_minor,
                tenders=tuple(dict.fromkeys(kind for kind, _ in here)),
                last4=", ".join(dict.fromkeys(last4 for _, last4 in here if last4)),
                refund=back.get(row.id, ""),
            )
        )
    return found
