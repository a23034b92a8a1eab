"""Who buys in the shop: a client from the moment the money is there, and where the letters of a sale go."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from pos.core import audit
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.registration import Buyer, find_or_register
from pos.domain.promotions.repository import name_client
from pos.domain.sales.models import Order, Sale


def make_client(session: Session, order: Order, *, country: str) -> None:
    """Find or register the buyer of a locked order that is being completed, as its client.

    The order forgets who bought where the client has that address; it keeps it where a client of another name has, for the
    receipt and what follows it go to the address that was typed. A paid order is completed with its promo code even where
    the client turns out to have used it as often as they may; the audit says so.
    """
    if order.client_id is not None or order.buyer is None:
        return
    buyer = Buyer(**order.buyer)
    client = find_or_register(session, buyer, country=country)
    order.client_id = client.id
    if client.email == buyer.email:
        order.buyer = None
    if promo := name_client(session, order.id, client.id):
        audit.note(
            session,
            "promo.over_limit",
            location_id=order.location_id,
            subject_id=order.id,
            code=promo.code,
            client_id=str(client.id),
        )


@dataclass(frozen=True)
class Recipient:
    """Whom letters of a sale are written to."""

    to: str
    given_name: str
    locale: str


def recipient(session: Session, sale: Sale) -> Recipient | None:
    """The client of a sale, at their address or else the one they typed when they bought; None where there is neither."""
    client = client_of(session, sale.client_id) if sale.client_id else None
    if client is not None and client.email:
        return Recipient(client.email, client.given_name, client.locale)
    order = session.get(Order, sale.id)
    if order is None or order.buyer is None:
        return None
    buyer = Buyer(**order.buyer)
    return Recipient(buyer.email, buyer.given_name, buyer.locale)
