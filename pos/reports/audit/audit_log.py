"""The audit log: who did what to which thing and when, with what it was before and after; searched by what is in a row."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from pos.core.audit import AuditEvent
from pos.core.clock import zone
from pos.core.paging.window import Window
from pos.domain.catalogue.models import Item, Service
from pos.domain.clients.models import Client
from pos.domain.credits.models import PurchasedPackage
from pos.domain.locations.models import Desk, Location
from pos.domain.promotions.models import PromoCode
from pos.domain.receipts.models import Receipt
from pos.domain.staff.models import Staff
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope

COLUMNS = ("At", "Location", "Person", "Action", "Thing", "Before", "After", "More")
_PORTION = 500
_ORDER = (AuditEvent.at, AuditEvent.id)
# Where the names of things are: the key of a row, and what people call it.
_NAMED: tuple[tuple[InstrumentedAttribute[UUID], InstrumentedAttribute[str]], ...] = (
    (Staff.id, Staff.name),
    (Item.id, Item.name),
    (Service.id, Service.name),
    (Location.id, Location.name),
    (Desk.id, Desk.name),
    (PromoCode.id, PromoCode.code),
    (PurchasedPackage.id, PurchasedPackage.name),
    (Receipt.sale_id, Receipt.label),
)


@dataclass(frozen=True)
class AuditSearch:
    """What is looked for: places and days, one person's actions, a text in the action or in what it was about.

    `chain_wide`: also what belongs to no location. `called`: actions whose words in the reader's language have the text.
    """

    scope: Scope
    actor_id: UUID | None = None
    text: str = ""
    chain_wide: bool = False
    called: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuditRow:
    """One action. `changed` are the fields with their values before and after, `facts` the others with their values."""

    event_id: UUID
    at: datetime
    location: str
    actor: str
    action: str
    thing: str
    changed: tuple[tuple[str, str, str], ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[datetime, UUID]:
        """What a page of rows begins after."""
        return self.at, self.event_id


def _bounds(scope: Scope) -> tuple[datetime, datetime]:
    """The instants between which the days lie, in the time zone of the first location."""
    local = zone(scope.places[0].time_zone)
    end = scope.to_on + timedelta(days=1)
    return datetime.combine(scope.from_on, time(), local), datetime.combine(end, time(), local)


def _query(search: AuditSearch) -> Select[AuditEvent]:
    first, end = _bounds(search.scope)
    where = AuditEvent.location_id.in_(search.scope.location_ids)
    query = select(AuditEvent).where(
        AuditEvent.at >= first,
        AuditEvent.at < end,
        or_(where, AuditEvent.location_id.is_(None)) if search.chain_wide else where,
    )
    if search.actor_id:
        query = query.where(AuditEvent.actor_id == search.actor_id)
    if text := search.text.strip():
        # JSON keeps letters beyond ASCII as escapes, so the words looked for are written the same way.
        inside = json.dumps(text)[1:-1]
        action = func.replace(func.replace(AuditEvent.action, ".", " "), "_", " ")
        query = query.where(
            or_(
                action.icontains(text.replace(".", " ").replace("_", " "), autoescape=True),
                cast(AuditEvent.detail, String).icontains(inside, autoescape=True),
                AuditEvent.action.in_(search.called),
            )
        )
    return query


def _names(session: Session, keys: Collection[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for key, name in _NAMED:
        found |= {row[0]: row[1] for row in session.execute(select(key, name).where(key.in_(keys)))}
    clients = select(Client.id, Client.given_name, Client.family_name).where(Client.id.in_(keys))
    return found | {row.id: f"{row.given_name} {row.family_name}".strip() for row in session.execute(clients)}


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value) or "–"
    return json.dumps(value, ensure_ascii=False)


def _changed(detail: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    before, after = detail.get("before"), detail.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ()
    return tuple((name, _plain(before.get(name)), _plain(after.get(name))) for name in {**before, **after})


def _rows(session: Session, search: AuditSearch, events: Sequence[AuditEvent]) -> Iterator[AuditRow]:
    keys = {key for one in events for key in (one.subject_id, one.actor_id, one.location_id) if key}
    names = _names(session, keys)
    for one in events:
        changed = _changed(one.detail)
        rest = {key: value for key, value in one.detail.items() if not changed or key not in ("before", "after")}
        yield AuditRow(
            event_id=one.id,
            at=one.at,
            location=names.get(one.location_id, "") if one.location_id else "",
            actor=names.get(one.actor_id, "") if one.actor_id else one.actor_kind,
            action=one.action,
            thing=names.get(one.subject_id, "") if one.subject_id else "",
            changed=changed,
            facts=tuple((key, _plain(value)) for key, value in rest.items()),
        )


def audit_rows(session: Session, search: AuditSearch, window: Window) -> list[AuditRow]:
    """Some actions, newest first."""
    events = window.in_order(session.scalars(window.of(_query(search), _ORDER)).all())
    return list(_rows(session, search, events))


def audit_sheet(session: Session, search: AuditSearch) -> Sheet:
    """All of them as a table, read in portions as it is written; times in the time zone of the first location."""
    local = zone(search.scope.places[0].time_zone)

    newest_first = _query(search).order_by(*(column.desc() for column in _ORDER))

    def rows() -> Iterator[tuple[Cell, ...]]:
        for portion in session.scalars(newest_first.execution_options(yield_per=_PORTION)).partitions():
            for row in _rows(session, search, portion):
                before = "; ".join(f"{name}: {was}" for name, was, _ in row.changed)
                after = "; ".join(f"{name}: {now}" for name, _, now in row.changed)
                at = row.at.astimezone(local).isoformat(sep=" ", timespec="seconds")
                more = "; ".join(f"{name}: {value}" for name, value in row.facts)
                yield (at, row.location, row.actor, row.action, row.thing, before, after, more)

    return Sheet("Audit log", COLUMNS, rows())


def actors(session: Session, location_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """Everybody who has done something at some locations, by name."""
    acted = select(AuditEvent.actor_id).where(AuditEvent.location_id.in_(location_ids)).distinct()
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(acted)).order_by(Staff.name, Staff.id))
    return [(row.id, row.name) for row in rows]
