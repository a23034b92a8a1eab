"""Cash sales written in bulk, with the hashes that the till would have computed, so that `pos verify` holds on them.

A sale has one row in `sales`, `tenders`, `receipts` and `journal_entries`, one in `sale_lines` for each item, one in
`tip_allocations` for a tip, and a posting for the drawer, for each revenue account, for tax and for the tip.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos.core.database.base import Base
from pos.core.database.change_log import ChangeLogHead
from pos.core.database.history import Recorder, recorder_of
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.ledger.entries import EntryFacts, cash_drawer, chart_line, entry_hash
from pos.domain.ledger.models import Account, Chain, JournalEntry, Posting
from pos.domain.payments.models import Tender
from pos.domain.posting_rules.sales import REVENUE
from pos.domain.receipts.models import Receipt, ReceiptSeries
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.tips.models import TipAllocation
from pos.models import metadata

TAX_PERCENT = 8
_NOTE_MINOR = 20_00
_TAX_ACCOUNT = f"tax_payable:{TAX_PERCENT}"
_PORTION = 2_000
_MODELS: tuple[type[Base], ...] = (Sale, SaleLine, Tender, TipAllocation, Receipt, JournalEntry, Posting)


def _recorders() -> dict[type[Base], Recorder]:
    found = {}
    for model in (Sale, SaleLine, Tender, Receipt, TipAllocation):
        recorder = recorder_of(metadata.tables[model.__tablename__])
        assert recorder is not None
        found[model] = recorder
    return found


RECORDERS = _recorders()


@dataclass(frozen=True)
class Sold:
    """An item of a sale: one unit at its list price, net of tax, a multiple of 25 so that its tax is a whole minor unit."""

    item_id: UUID
    kind: str
    name: str
    net_minor: int
    therapist_id: UUID | None = None

    @property
    def tax_minor(self) -> int:
        """The tax on it."""
        return self.net_minor * TAX_PERCENT // 100


@dataclass(frozen=True)
class BulkSale:
    """What one sale is made of."""

    at: datetime
    on: date
    items: Sequence[Sold]
    tip_minor: int = 0
    client_id: UUID | None = None


class BulkSales:
    """The sales of a desk with tax on top, in the currency USD, into the shift that is open."""

    def __init__(self, location_id: UUID, desk_id: UUID, staff_id: UUID, *, drawer_id: UUID, prefix: str) -> None:
        self.location_id, self.desk_id, self.staff_id = location_id, desk_id, staff_id
        self.drawer, self.prefix = cash_drawer(drawer_id), prefix
        self._rows: dict[type[Base], list[dict[str, Any]]] = {}

    def write(self, sales: Iterable[BulkSale], shift_id: UUID) -> None:
        """Write sales, a portion in each transaction."""
        portion: list[BulkSale] = []
        for sale in sales:
            portion.append(sale)
            if len(portion) == _PORTION:
                self._write(portion, shift_id)
                portion = []
        if portion:
            self._write(portion, shift_id)

    def _write(self, sales: Sequence[BulkSale], shift_id: UUID) -> None:
        @unit_of_work
        def work(session: Session) -> None:
            here = self.location_id
            chain = session.get_one(Chain, here, with_for_update=True)
            series = session.get_one(ReceiptSeries, (here, "R"), with_for_update=True)
            log = session.scalars(select(ChangeLogHead)).one()
            self._seq, self._previous, self._number = chain.seq, chain.head_hash, series.last_number
            self._log = (log.seq, log.head_hash)
            self._rows = {model: [] for model in _MODELS}
            for sale in sales:
                self._one(sale, shift_id)
            self._open_accounts(session)
            for model, rows in self._rows.items():
                if rows:
                    session.connection().execute(insert(metadata.tables[model.__tablename__]), rows)
            session.execute(
                update(ReceiptSeries)
                .where(ReceiptSeries.location_id == here, ReceiptSeries.series == "R")
                .values(last_number=self._number)
            )
            session.execute(
                update(Chain).where(Chain.location_id == here).values(seq=self._seq, head_hash=self._previous)
            )

        work()

    def _open_accounts(self, session: Session) -> None:
        used = {row["account_key"] for row in self._rows[Posting]}
        known = set(session.scalars(select(Account.key).where(Account.location_id == self.location_id)))
        for key in sorted(used - known):
            code, name = chart_line(key)
            session.add(Account(location_id=self.location_id, key=key, code=code, name=name))
        session.flush()

    def _one(self, sold: BulkSale, shift_id: UUID) -> None:
        self._seq += 1
        self._number += 1
        sale, entry, label = new_id(), new_id(), f"{self.prefix}-{self._number:06d}"
        net, tax = sum(item.net_minor for item in sold.items), sum(item.tax_minor for item in sold.items)
        due = net + tax + sold.tip_minor
        tendered = -(-due // _NOTE_MINOR) * _NOTE_MINOR
        here, rows, at = self.location_id, self._rows, sold.at.astimezone(UTC)
        written = [self._keep(Sale, {
            "id": sale, "location_id": here, "desk_id": self.desk_id, "staff_id": self.staff_id,
            "client_id": sold.client_id, "channel": "register", "business_on": sold.on, "completed_at": at,
            "currency": "USD", "tax_inclusive": False, "tax_method": "invoice", "list_minor": net, "covered_minor": 0,
            "discount_minor": 0, "net_minor": net, "tax_minor": tax, "total_minor": net + tax,
            "tip_minor": sold.tip_minor, "content_hash": "0" * 64,
        })]  # fmt: skip
        for position, item in enumerate(sold.items, start=1):
            written.append(self._keep(SaleLine, {
                "sale_id": sale, "position": position, "item_id": item.item_id, "kind": item.kind, "name": item.name,
                "quantity": 1, "unit_minor": item.net_minor, "cover": "", "discount_reason": "",
                "therapist_id": item.therapist_id, "list_minor": item.net_minor, "covered_minor": 0, "discount_minor": 0,
                "net_minor": item.net_minor, "tax_minor": item.tax_minor, "tax_category": _category(item.kind),
                "tax_percent": Decimal(TAX_PERCENT), "tax_point": "sale",
            }))  # fmt: skip
        written.append(self._keep(Tender, {
            "sale_id": sale, "position": 1, "kind": "cash", "amount_minor": due, "tendered_minor": tendered,
            "change_minor": tendered - due, "shift_id": shift_id,
        }))  # fmt: skip
        if sold.tip_minor:
            whose = next((item.therapist_id for item in sold.items if item.therapist_id), None)
            written.append(self._keep(TipAllocation, {
                "action_id": sale, "position": 1, "kind": "sale", "location_id": here, "staff_id": whose,
                "pool_on": None if whose else sold.on, "amount_minor": sold.tip_minor, "sale_id": sale, "reason": "",
                "actor_id": self.staff_id, "business_on": sold.on, "at": at,
            }))  # fmt: skip
        written.append(self._keep(Receipt, {
            "id": new_id(), "sale_id": sale, "location_id": here, "series": "R", "number": self._number, "label": label,
            "business_on": sold.on, "issued_at": at, "token": f"bench-{label}",
            "document": _document(sold, due, tendered) | {"number": label},
        }))  # fmt: skip
        postings = self._postings(sold, due, tax)
        facts = EntryFacts(
            here, self._seq, "sale", sale, label, sold.on, at, self.staff_id, shift_id, None, "USD",
            self._previous, postings, tuple(written), *self._log,
        )  # fmt: skip
        own = entry_hash(facts)
        rows[JournalEntry].append({
            "id": entry, "location_id": here, "seq": self._seq, "event": "sale", "subject_id": sale, "reference": label,
            "business_on": sold.on, "posted_at": at, "actor_id": self.staff_id, "shift_id": shift_id,
            "client_ref": None, "currency": "USD", "recorded": written, "log_seq": self._log[0], "log_head": self._log[1],
            "previous_hash": self._previous, "hash": own,
        })  # fmt: skip
        rows[Posting] += [
            {"entry_id": entry, "position": place, "location_id": here, "account_key": key, "amount_minor": minor}
            for place, (key, minor) in enumerate(postings, start=1)
        ]
        self._previous = own

    def _keep(self, model: type[Base], row: dict[str, Any]) -> str:
        self._rows[model].append(row)
        return RECORDERS[model].item(row)

    def _postings(self, sold: BulkSale, due: int, tax: int) -> tuple[tuple[str, int], ...]:
        moved = Counter({self.drawer: due, _TAX_ACCOUNT: -tax, "tips_payable": -sold.tip_minor})
        for item in sold.items:
            moved[REVENUE[item.kind]] -= item.net_minor
        return tuple(sorted((key, minor) for key, minor in moved.items() if minor))


def _category(kind: str) -> str:
    return {"variant": "service", "add_on": "add_on"}.get(kind, "retail")


def _text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _document(sold: BulkSale, due: int, tendered: int) -> dict[str, Any]:
    """As much of a receipt as is compared with its sale."""
    return {
        "totals": [{"amount": f"${_text(due)}", "emphasis": True}],
        "lines": [
            {"description": item.name, "quantity": "1", "unit_price": _text(item.net_minor), "amount": _text(item.net_minor)}
            for item in sold.items
        ],
        "tenders": [{"amount": _text(tendered)}, {"amount": f"-{_text(tendered - due)}"}],
    }  # fmt: skip
