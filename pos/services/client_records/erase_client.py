"""Erasing a client: a pseudonym takes the place of everything personal, while fiscal facts stay.

History names the key of a record and never a name, so nothing of it is changed. What was printed stays as it was issued.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, or_, select, update
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import execute
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.i18n.name_folding import same_name
from pos.core.i18n.translator import translator
from pos.core.mail import MailboxMail
from pos.core.messages.people import CLIENT_STILL_OWED, ERASED_CLIENT, ERASURE_NOT_CONFIRMED, NO_SUCH_CLIENT
from pos.core.outbox import OutboxMessage
from pos.domain.appointments.models import Appointment
from pos.domain.appointments.sent_facts import without_person
from pos.domain.clients import merging
from pos.domain.clients.models import Client, ClientMerge
from pos.domain.clients.queries import person_hash
from pos.domain.clients.records import end_sign_ins
from pos.domain.clients.registration import sort_key
from pos.domain.credits.models import CreditLot, LotShare, ShareInvitation
from pos.domain.locations.queries import place
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.payouts.of_clients import unmatched_of
from pos.domain.promotions.models import PromoUse
from pos.domain.sales.carts import EMPTY
from pos.domain.sales.models import Order, Ticket
from pos.domain.stored_value.models import GiftCard
from pos.reports.clients.erasure import obstacles

_GIFT_WORDS = {"to_name": "", "to_email": None, "message": ""}


def pseudonym_of(client_id: UUID, locale: str) -> tuple[str, str]:
    """Given and family name of an erased client: the same words in the language of a location, and the end of the key."""
    return ERASED_CLIENT.text(translator(locale)), client_id.hex[-6:].upper()


@unit_of_work
def erase_client(session: Session, *, client_id: UUID, typed_name: str, staff_id: UUID, location_id: UUID) -> None:
    """Erase all records of a client for good; the client once more does nothing.

    Raises NotFound, Invalid where the name was not typed, Conflict while something is owed or under way.
    """
    records = merging.lock_records(session, (client_id,))
    if client_id not in records:
        raise NotFound(NO_SUCH_CLIENT)
    client = next(record for record in records.values() if record.merged_into_id is None)
    if client.erased_at is not None:
        return
    if not same_name(typed_name, client.name):
        raise Invalid(ERASURE_NOT_CONFIRMED(name=client.name), field="typed_name")
    if obstacles(session, client.id):
        raise Conflict(CLIENT_STILL_OWED)
    ids = list(records)
    names = {record.name for record in records.values()}
    mails = [record.email for record in records.values() if record.email]
    hashes = [person_hash(record.email, record.name) for record in records.values() if record.email]
    _forget_letters(session, mails, names)
    pseudonym = pseudonym_of(client.id, place(session, location_id).locale)
    _forget_traces(session, ids, names, mails, hashes, staff_id, pseudonym[0])
    end_sign_ins(session, client.id)
    for record in records.values():
        _take_pseudonym(record, pseudonym)
    session.flush()
    audit.note(
        session, "client.erase", actor_id=staff_id, location_id=location_id, subject_id=client.id, records=len(records)
    )


def _take_pseudonym(record: Client, pseudonym: tuple[str, str]) -> None:
    record.given_name, record.family_name = pseudonym
    record.email = record.phone = None
    record.locale, record.note, record.has_allergy, record.allergy = "en", "", False, ""
    record.search_text = ""
    record.sort_key = sort_key(record.given_name, record.family_name)
    record.erased_at = clock.now()


def _forget_letters(session: Session, mails: Sequence[str], names: set[str]) -> None:
    """Mails kept here that went to them or name them, and what the outbox still says of their addresses."""
    naming: list[ColumnElement[bool]] = [MailboxMail.to.in_(mails)]
    for name in names:
        naming += [column.contains(name, autoescape=True) for column in (MailboxMail.subject, MailboxMail.text)]
    execute(session, delete(MailboxMail).where(or_(*naming)))
    payload = cast(OutboxMessage.payload, Text)
    # As JSON writes it: signs beyond ASCII may be escaped.
    for text in {json.dumps(mail, ensure_ascii=ascii_only) for mail in mails for ascii_only in (True, False)}:
        told = payload.contains(text, autoescape=True)
        execute(session, update(OutboxMessage).where(told).values(payload={}, state="done", last_error=None))


def _forget_traces(
    session: Session,
    ids: Sequence[UUID],
    names: set[str],
    mails: Sequence[str],
    hashes: Sequence[str],
    staff_id: UUID,
    pseudonym: str,
) -> None:
    """Names and addresses that stand elsewhere than on the records."""
    now = clock.now()
    lots = select(CreditLot.id).where(CreditLot.client_id.in_(ids))
    merges = or_(ClientMerge.merged_id.in_(ids), ClientMerge.kept_id.in_(ids))
    execute(session, update(ClientMerge).where(merges).values(before=None))
    invited = or_(ShareInvitation.lot_id.in_(lots), ShareInvitation.email.in_(mails))
    execute(session, update(ShareInvitation).where(invited, ShareInvitation.ended_at.is_(None)).values(ended_at=now))
    execute(session, update(ShareInvitation).where(invited).values(email=None))
    shares = or_(LotShare.client_id.in_(ids), LotShare.lot_id.in_(lots))
    ended = update(LotShare).where(shares, LotShare.ended_at.is_(None))
    execute(session, ended.values(ended_at=now, ended_by=staff_id))
    uses = or_(PromoUse.client_id.in_(ids), PromoUse.buyer_hash.in_(hashes))
    execute(session, update(PromoUse).where(uses).values(buyer_hash=None))
    cards = or_(GiftCard.buyer_id.in_(ids), GiftCard.to_email.in_(mails))
    execute(session, update(GiftCard).where(cards).values(**_GIFT_WORDS))
    execute(session, update(UnmatchedTransaction).where(unmatched_of(ids)).values(about=""))
    # A visit that was planned with a name alone is theirs where the name is the same.
    planned = or_(Appointment.client_id.in_(ids), Appointment.client_name.in_(names))
    for visit in session.scalars(select(Appointment).where(planned)):
        visit.note, visit.sent = "", without_person(visit.sent) if visit.sent else None
    session.flush()
    named = update(Appointment).where(Appointment.client_name.in_(names))
    execute(session, named.values(client_name=pseudonym))
    empty = EMPTY.to_json()
    execute(session, update(Ticket).where(Ticket.client_id.in_(ids)).values(content=empty, note=""))
    for order in session.scalars(select(Order).where(Order.client_id.in_(ids))):
        order.buyer = None
        order.cart = _without_gift_words(order.cart)


def _without_gift_words(value: Any) -> Any:
    """JSON without whom a gift card is for and what was written to them."""
    if isinstance(value, dict):
        return {key: _GIFT_WORDS[key] if key in _GIFT_WORDS else _without_gift_words(one) for key, one in value.items()}
    return [_without_gift_words(one) for one in value] if isinstance(value, list) else value
