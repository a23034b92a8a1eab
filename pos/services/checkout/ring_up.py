"""Ring up a sale paid at once: by cash, by gift cards and account credit, or by credits alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.pipelined_queries import PreparedQuery, run_pipelined
from pos.core.database.prepared import run
from pos.core.database.unit_of_work import idempotent, unit_of_work
from pos.core.hashing import digest
from pos.core.messages.till import INSTEAD_SMALLER_NOTE
from pos.domain.catalogue.queries import items_query
from pos.domain.credits.queries import lots_query
from pos.domain.locations.queries import Place
from pos.domain.payments import repository as payments
from pos.domain.receipts import repository as receipts
from pos.domain.sales import repository as sales
from pos.domain.sales.carts import (
    EMPTY,
    CartRequest,
    cart_request_from_json,
    move,
    require_open,
    ticket_of,
)
from pos.domain.sales.pricing import settle
from pos.domain.sales.repository import SEEN_HASH, SaleDraft
from pos.domain.sales.shown_totals import NOTHING_SHOWN, ShownTotals
from pos.domain.staff.approvals import Actor
from pos.domain.staff.queries import names, staff_and_client, staff_and_client_query
from pos.domain.till.rules import likely_tender, require_likely
from pos.domain.till.shifts import OPEN_SHIFT, as_open_shift, shift_closed
from pos.services.checkout.cart import require_known
from pos.services.checkout.complete_sale import Known, complete
from pos.services.checkout.open_items import note_charges_off, require_allowed
from pos.services.checkout.price_cart import named_items, price_request
from pos.services.checkout.promo_codes import use_promo
from pos.services.integrity.run_checks import STOPPED_HERE, require_no_stop
from pos.services.till.shifts import require_cash

# The desk and its open shift, whether the sale was made already, and whether the location's cards and credits are stopped.
_OPENING = OPEN_SHIFT.add_columns(SEEN_HASH.scalar_subquery().label("seen_hash"), STOPPED_HERE.label("stop_words"))


@dataclass(frozen=True)
class RingUpSale:
    """A sale to complete. `sale_id` is minted by the caller and guards the retry.

    With a `ticket_id` the content comes from the ticket, in the version the person saw; without one it is `wanted`.
    `confirmed_cash_minor` says that an unusual amount of cash is right. Where an `actor` at a desk takes the money, the
    discounts that are charged need a consent above their limit: a credit that paid a line may be gone, or a price changed.
    `charged_at` is the instant by which service charges are judged, where that is not now.
    `is_test`: the receipt is marked and numbered apart, and the caller voids the sale in the same transaction.
    """

    sale_id: UUID
    desk_id: UUID
    staff_id: UUID
    cash_tendered_minor: int
    ticket_id: UUID | None = None
    ticket_version: int | None = None
    client_id: UUID | None = None
    wanted: CartRequest | None = None
    shown: ShownTotals = NOTHING_SHOWN
    confirmed_cash_minor: int | None = None
    actor: Actor | None = None
    approval_id: UUID | None = None
    is_test: bool = False
    charged_at: datetime | None = None

    def content_hash(self) -> str:
        """What must be equal for a retry to be the same sale."""
        return digest(
            [
                "cash",
                str(self.desk_id),
                str(self.ticket_id or ""),
                str(self.client_id or ""),
                self.wanted.to_json() if self.wanted else None,
                self.cash_tendered_minor,
            ]
        )


@dataclass(frozen=True)
class RungUp:
    """The answer: the same for every retry."""

    sale_id: UUID
    receipt_label: str
    receipt_token: str
    total_minor: int
    tip_minor: int
    change_minor: int
    rounding_minor: int
    replayed: bool = False


def _replayed(session: Session, command: RingUpSale) -> RungUp | None:
    seen = sales.find(session, command.sale_id, command.content_hash())
    if seen is None:
        return None
    receipt = receipts.of_sale(session, seen.id)
    return RungUp(
        seen.id,
        receipt.label,
        receipt.token,
        seen.total_minor,
        seen.tip_minor,
        *payments.change_given(session, seen.id),
        replayed=True,
    )


def _queries_of(place: Place, wanted: CartRequest, client_id: UUID | None, day: date) -> list[PreparedQuery]:
    """The queries of pricing, and of the names on the receipt."""
    needed = []
    if items := named_items(wanted):
        needed.append(items_query(place, day, items))
    if client_id is not None:
        needed += [staff_and_client_query(client_id), lots_query(client_id, place.id)]
    return needed


def _opening(session: Session, command: RingUpSale) -> Row[Any] | None:
    """The row of `_OPENING`; None where the drawer is closed or the desk unknown."""
    return run(session, _OPENING, desk=command.desk_id, sale=command.sale_id).first()


@idempotent(_replayed)
@unit_of_work
def ring_up(session: Session, command: RingUpSale) -> RungUp:
    """Complete a sale at a desk in one transaction; the same command again gives the same answer.

    Raises AlreadyUsedKey for another content under the same key, Conflict for a closed drawer or a changed ticket,
    NoCreditLeft when another desk was faster, NeedsApproval for discounts nobody agreed to, Invalid for too little cash,
    NeedsConfirmation for unusually much.
    """
    opening = _opening(session, command)
    # A repeated command gets its answer also when the drawer has been closed since.
    asked_before = opening is None or opening.seen_hash is not None
    if asked_before and (seen := _replayed(session, command)):
        return seen
    if opening is None:
        raise shift_closed(session, command.desk_id)
    desk, shift = as_open_shift(opening)
    now = clock.now()
    wanted, client_id, ticket = command.wanted or EMPTY, command.client_id, None
    if command.ticket_id is not None:
        ticket = ticket_of(session, command.ticket_id, desk.place.id, lock=True)
        # A ticket whose card payment is at work is that payment's to complete: the client would pay twice.
        require_open(ticket, command.ticket_version)
        move(ticket, "completed")
        wanted, client_id = cart_request_from_json(ticket.content), ticket.client_id
    day = desk.place.business_date(now)
    run_pipelined(session, *_queries_of(desk.place, wanted, client_id, day))
    staff, client_name = names(session) if client_id is None else {}, ""
    if client_id is not None:
        staff, client_id, client_name = staff_and_client(session, client_id)
    if command.ticket_id is None:
        require_known(session, desk.place, wanted, None)
    assembled = price_request(session, desk.place, wanted, client_id=client_id, day=day, at=command.charged_at or now)
    command.shown.require(assembled.cart, tip_minor=assembled.tip_minor, stored_minor=assembled.stored_minor)
    require_allowed(
        session,
        desk.place,
        wanted,
        assembled,
        subject=ticket or command.sale_id,
        actor=command.actor,
        approval_id=command.approval_id,
    )
    note_charges_off(session, desk.place, assembled, sale_id=command.sale_id, staff_id=command.staff_id)
    if assembled.moves_value:
        require_no_stop(opening.stop_words)
    use_promo(session, assembled.promo, by_id=command.sale_id, location_id=desk.place.id, client_id=client_id)
    settlement = settle(
        assembled.due_minor,
        cash_tendered_minor=command.cash_tendered_minor,
        card=False,
        stored=assembled.stored,
        rounding=desk.place.cash,
    )
    require_likely(
        command.cash_tendered_minor,
        likely_tender(assembled.rest_minor, desk.place.currency),
        desk.place.currency,
        confirmed_minor=command.confirmed_cash_minor,
        field="cash_tendered_minor",
    )
    require_cash(
        session,
        shift,
        settlement.change_minor,
        desk.place.currency,
        instead=INSTEAD_SMALLER_NOTE,
    )
    agreed = SaleDraft(
        sale_id=command.sale_id,
        location_id=desk.place.id,
        desk_id=desk.id,
        staff_id=command.staff_id,
        client_id=client_id,
        ticket_id=command.ticket_id,
        channel="register",
        business_on=day,
        completed_at=now,
        tip_minor=assembled.tip_minor,
        tip_staff_id=assembled.tip_staff_id,
        content_hash=command.content_hash(),
    )
    done = complete(
        session,
        desk.place,
        agreed,
        assembled.cart,
        settlement,
        grants=assembled.grants,
        desk=desk,
        shift=shift,
        known=Known(client_name, assembled.lots, staff),
        is_test=command.is_test,
    )
    return RungUp(
        done.sale.id,
        done.receipt.label,
        done.receipt.token,
        done.sale.total_minor,
        done.sale.tip_minor,
        settlement.change_minor,
        settlement.rounding_minor,
    )
