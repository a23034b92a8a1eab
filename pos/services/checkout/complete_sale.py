"""Writes a completed sale; shared by cash, card and online checkout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.app_context import settings
from pos.core.database.pipelined_queries import run_pipelined
from pos.core.errors import Invalid
from pos.core.messages.sales import PACKAGE_NEEDS_CLIENT, PERSONS_NEED_CLIENT, TICKET_EMPTY
from pos.domain.clients.queries import name_of
from pos.domain.credits import redemptions as credits
from pos.domain.credits.instalments import standing
from pos.domain.credits.lot_writes import Moved
from pos.domain.credits.queries import labels
from pos.domain.credits.rules.value import LotFacts
from pos.domain.ledger import posting as ledger
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import DeskPlace, Place
from pos.domain.payments import repository as payments
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.received import amount_paid
from pos.domain.posting_rules.sales import entry_for_sale
from pos.domain.receipts import repository as receipts
from pos.domain.receipts.models import Receipt
from pos.domain.receipts.receipt_document import (
    ReceiptFacts,
    SoldPackage,
    UsedCredits,
    write_document,
)
from pos.domain.sales import repository as sales
from pos.domain.sales.models import Sale
from pos.domain.sales.pricing import Cart, Settlement
from pos.domain.sales.repository import SaleDraft
from pos.domain.staff.queries import names
from pos.domain.stock.moves import take_sold
from pos.domain.till.shifts import OpenShift
from pos.domain.tips import repository as tips
from pos.services.checkout.gift_card_lines import make_cards, printed_cards, require_gift_card_money
from pos.services.checkout.instalments import pay_later_parts
from pos.services.checkout.package_exchange import carry_over_used
from pos.services.checkout.price_cart import Grant
from pos.services.checkout.stored_value_tenders import printed_values, spend_parts


@dataclass(frozen=True)
class Completed:
    """A sale with its receipt."""

    sale: Sale
    receipt: Receipt


@dataclass(frozen=True)
class Known:
    """What was read before: the client's name and lots, and everybody's name; None where the names were not read."""

    client_name: str
    lots: Sequence[LotFacts] = ()
    staff: Mapping[UUID, str] | None = None


def _redeem(
    session: Session,
    context: ActionContext,
    sale: Sale,
    cart: Cart,
    *,
    held: bool,
    lots: Sequence[LotFacts],
    granted: dict[UUID, list[UUID]],
) -> tuple[list[Moved], list[UsedCredits]]:
    redeemed: list[Moved] = []
    used: dict[UUID, int] = {}
    left: dict[UUID, int] = {}
    of: dict[UUID, UUID | None] = {}
    for position, priced in enumerate(cart.lines, start=1):
        cover = priced.line.cover
        if cover is None or cover.kind not in ("credit", "first"):
            continue
        # The first visit of a package takes from the lot that this sale has just made.
        is_first = cover.kind == "first"
        lot_id = granted[cover.lot_id].pop() if is_first else cover.lot_id
        for number in range(1, cover.uses + 1):
            visit = credits.Visit(
                position,
                number,
                priced.line.therapist_id,
                cover.service_on or sale.business_on,
                priced.line.person_id,
            )
            moved = credits.redeem(session, lot_id, visit, context, sale=sale, held=held and not is_first)
            redeemed.append(moved)
            left[lot_id] = moved.remaining
        used[lot_id] = used.get(lot_id, 0) + cover.uses
        of[lot_id] = priced.line.person_id
    about = {lot.lot_id: (lot.name, lot.expires_on) for lot in lots}
    if not used.keys() <= about.keys():
        about = labels(session, list(used))
    return redeemed, [
        UsedCredits(about[lot][0], count, left[lot], about[lot][1], of[lot]) for lot, count in used.items()
    ]


def _grant(
    session: Session, context: ActionContext, sale: Sale, cart: Cart, grants: dict[UUID, Grant]
) -> tuple[list[SoldPackage], dict[UUID, list[UUID]]]:
    """The packages sold, and the lots made by package item."""
    sold: list[SoldPackage] = []
    made: dict[UUID, list[UUID]] = {}
    for position, priced in enumerate(cart.lines, start=1):
        grant = grants.get(priced.line.item_id)
        part = priced.line.part
        if priced.line.kind != "package" or grant is None or (part and part.lot_id):
            continue
        lots = credits.grant(session, sale, position, priced, context, plan=grant.plan, list_prices=grant.list_prices)
        made.setdefault(priced.line.item_id, []).extend(lot.id for lot in lots)
        sold += [
            SoldPackage(
                priced.line.name, lot.quantity, lot.expires_on, standing(lot, priced.line.name) if part else None
            )
            for lot in lots
        ]
    return sold, made


def _note_agreed_prices(session: Session, context: ActionContext, sale: Sale, cart: Cart) -> None:
    """What was sold at a price that is not the catalogue's stands in the audit log, with who sold it and why."""
    for priced in cart.lines:
        if priced.line.agreed:
            is_open = priced.line.agreed.list_minor is None
            action = "sale.open_item" if is_open else "sale.agreed_price"
            audit.note(
                session, action, actor_id=sale.staff_id, location_id=context.location.id,
                subject_id=sale.id, item=priced.line.name, quantity=priced.line.quantity,
                list_minor=priced.line.agreed.list_minor, agreed_minor=priced.line.unit_minor,
                reason=priced.line.agreed.reason,
            )  # fmt: skip


def _shares(cards: Sequence[PaymentAttempt], card_minor: int) -> list[tuple[UUID, int]]:
    """What each card pays of a sale: what it was charged, and the last one all that is left.

    The two are one figure, but in the trial before a card is asked for.
    """
    if not cards:
        return []
    before = [(one.id, amount_paid(one)) for one in cards[:-1]]
    return [*before, (cards[-1].id, card_minor - sum(amount for _, amount in before))]


def complete(
    session: Session,
    place: Place,
    agreed: SaleDraft,
    cart: Cart,
    settlement: Settlement,
    *,
    grants: dict[UUID, Grant],
    desk: DeskPlace | None = None,
    shift: OpenShift | None = None,
    charged: Sequence[PaymentAttempt] | None = None,
    known: Known,
    is_test: bool = False,
) -> Completed:
    """Write the sale, move its credits, record its tenders, number its receipt, post its entry, tell the outbox.

    `charged` are the attempts that paid an order, none where it was paid in another way; what an order uses was set aside
    when it was placed. Raises Invalid without lines or without the client
    a package or credit needs, NoCreditLeft or NotEnoughValue when a credit or what is on a gift card is gone; everything is
    then undone by the unit of work.
    """
    held = charged is not None
    paid_by = charged or ()
    if not cart.lines:
        raise Invalid(TICKET_EMPTY, field="lines")
    require_gift_card_money(cart, settlement)
    needs_client = bool(grants) or any(p.line.cover or p.line.part for p in cart.lines)
    if needs_client and agreed.client_id is None:
        raise Invalid(PACKAGE_NEEDS_CLIENT, field="client_id")
    persons = {p.line.person_id: name_of(session, p.line.person_id) for p in cart.lines if p.line.person_id}
    if persons and agreed.client_id is None:
        raise Invalid(PERSONS_NEED_CLIENT, field="client_id")
    sale = sales.complete(session, agreed, cart)
    context = ActionContext(place, agreed.business_on, agreed.completed_at, agreed.staff_id)
    sold, granted = _grant(session, context, sale, cart, grants)
    paid_of = pay_later_parts(session, context, sale, cart)
    redeemed, used = _redeem(session, context, sale, cart, held=held, lots=known.lots, granted=granted)
    cards = make_cards(session, context, sale, cart)
    values = spend_parts(session, context, sale, settlement.stored, held=held, shift=shift)
    used += [
        carry_over_used(
            session, context, sale, part.visit_conversion, granted[part.into].pop(), reference=place.name[:80]
        )
        for part in settlement.stored
        if part.visit_conversion and part.into
    ]
    tenders = payments.record(
        session,
        sale,
        settlement,
        shift_id=shift.id if shift else None,
        cards=_shares(paid_by, settlement.card_minor),
    )
    _note_agreed_prices(session, context, sale, cart)
    tips.give(session, context, sale, ((p.line.therapist_id, p.line.kind, p.list_minor) for p in cart.lines))
    take_sold(session, sale, cart.lines)
    staff = names(session) if known.staff is None else known.staff
    drawer_id = shift.drawer_id if shift else None
    entry = entry_for_sale(sale.id, cart, settlement, tip_minor=sale.tip_minor, redeemed=redeemed, drawer_id=drawer_id)
    outbox.record(session, "sale_completed", {"sale_id": str(sale.id)}, key=f"sale_completed:{sale.id}")
    token = receipts.new_receipt_token()
    document = write_document(
        ReceiptFacts(
            place=place,
            sale=sale,
            cart=cart,
            tenders=tenders,
            paid_by={one.id: (one.card_brand or "", one.card_last4 or "") for one in paid_by},
            portal_url=f"{settings().base_url}/r/{token}",
            served_by=staff.get(agreed.staff_id, "") if agreed.staff_id else "",
            desk=desk.name if desk else "",
            client_name=known.client_name,
            therapists=staff,
            used=used,
            sold=sold,
            paid_of=paid_of,
            cards=printed_cards(cards),
            values=printed_values(values),
            simulated=any(one.mode == "simulator" for one in paid_by),
            is_test=is_test,
            persons=persons,
        )
    )
    # From here on the other desks of the location wait.
    series = receipts.TEST_SERIES if is_test else receipts.SERIES
    run_pipelined(
        session, receipts.number_query(place.id, series), *([ledger.link_query(place.id)] if entry.lines() else [])
    )
    receipt = receipts.issue(session, sale, place, document, token, series)
    ledger.post(
        session,
        entry,
        context,
        reference=receipt.label,
        shift_id=shift.id if shift else None,
        client_id=agreed.client_id,
    )
    return Completed(sale, receipt)
