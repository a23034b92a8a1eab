"""Mails to the managers of a place: a payment is disputed, or a dispute is decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.i18n.translator import Translator, translator
from pos.domain.disputes import repository as disputes
from pos.domain.disputes.models import Dispute
from pos.domain.disputes.rules import ANSWERABLE, INQUIRIES
from pos.domain.locations.queries import place
from pos.domain.receipts import repository as receipts
from pos.services.mailer import post_letter, write_letter
from pos.services.notifications.refunds import who_must_act


def _said(w: Translator, dispute: Dispute, what: str) -> tuple[str, str, str]:
    """The subject, what happened, and what to do."""
    amount = w.money(dispute.amount_minor, dispute.currency)
    if what == "lost":
        return (
            w("The dispute of %(amount)s is lost", amount=amount),
            w("The client’s bank has kept the money. What was left of the purchase is given up, the rest booked as a loss."),
            w("Nothing more is to be done in the books. See there what was booked."),
        )  # fmt: skip
    if what != "opened":
        return (
            w("The dispute of %(amount)s is over", amount=amount),
            w("The client’s bank has decided for the clinic, or let it go. What was suspended can be used again."),
            w("Nothing more is to be done."),
        )
    if dispute.status in INQUIRIES:
        return (
            w("A client’s bank asks about a payment of %(amount)s", amount=amount),
            w("No money was taken yet. A refund settles it; so may an answer."),
            w("Look at the payment and answer in time, or give the money back."),
        )
    answer = w("Hand in what shows that the client got what was paid for, in time. Without an answer it is lost.")
    return (
        w("A payment of %(amount)s is disputed", amount=amount),
        w("The client’s bank has taken it back until this is decided. What it paid for and was not used is suspended."),
        answer if dispute.status in ANSWERABLE else w("Nothing can be answered any more."),
    )


def dispute_news(payload: dict[str, Any]) -> None:
    """A dispute began or was decided: tell the managers of the place."""
    session = reading()
    dispute = disputes.get(session, UUID(payload["dispute_id"]))
    where = place(session, dispute.location_id)
    w = translator(where.locale)
    subject, what, todo = _said(w, dispute, payload["what"])
    facts = [(w("Amount"), w.money(dispute.amount_minor, dispute.currency))]
    if dispute.sale_id:
        facts.append((w("Receipt"), receipts.of_sale(session, dispute.sale_id).label))
    if dispute.due_at and payload["what"] == "opened":
        facts.append((w("Answer before"), w.moment(dispute.due_at, where.time_zone)))
    url = f"{settings().base_url}/office/money/disputes/{dispute.id}"
    for to in who_must_act(session, where.id):
        post_letter(
            write_letter(
                "dispute",
                to=to,
                subject=subject,
                locale=where.locale,
                site_name=where.clinic_name,
                clinic=where.clinic_name,
                what=what,
                next=todo,
                facts=facts,
                dispute_url=url,
            )
        )
