"""Sharing one's own package by invitation: a mail to an address, and a share once its reader accepts.

The owner types an address and learns nothing of who has it: the answer is the same for a client's and for any other. Whoever
reads the mail of that address accepts, and becomes a client with it where they are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import outbox
from pos.core.app_context import settings
from pos.core.clock import zone
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.i18n.translator import translator
from pos.core.messages.packages import OWN_ADDRESS_INVITED, OWN_PACKAGE_BY_NOW
from pos.domain.clients.persons import same_person
from pos.domain.clients.queries import by_email, name_of
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.registration import normal_email, register
from pos.domain.credits import invitations
from pos.domain.credits.invitations import Invited
from pos.domain.credits.models import ShareInvitation
from pos.domain.locations.queries import Place, place
from pos.services.mailer import post_letter, write_letter
from pos.services.packages.authorization import lot_and_package
from pos.services.packages.share_and_transfer import (
    may_share,
    note_own,
    own_lot,
    share_lot,
)

# The outbox topic by which an invitation is mailed.
TOPIC = "share_invitation"


@unit_of_work
def invite_to_share(
    session: Session, owner_id: UUID, package_id: UUID, *, email: str, cap: int | None, locale: str
) -> UUID:
    """Mail somebody an invitation to use one's own package, up to `cap` credits, in `locale`; returns the invitation.

    Raises NotFound for a package of somebody else, Invalid for one's own address or a cap the terms do not allow, Conflict
    where the terms allow no sharing or the address is invited already. Nothing depends on whether a client has the address.
    """
    lot, package = own_lot(session, owner_id, package_id)
    may_share(session, lot, package)
    address = normal_email(email)
    if address == client_of(session, owner_id).email:
        raise Invalid(OWN_ADDRESS_INVITED, field="email")
    row, token = invitations.invite(session, lot, email=address, cap=cap, plan_cap=package.terms.get("share_cap"))
    link = f"{settings().base_url}/account/invitations/{token}"
    outbox.record(
        session,
        TOPIC,
        {"invitation_id": str(row.id), "locale": locale, "secret": {"to": address, "link": link}},
        key=f"{TOPIC}:{row.id}",
    )
    note_own(session, "invite", owner_id, lot, invitation_id=str(row.id), cap=row.cap)
    return row.id


@unit_of_work
def withdraw_invitation(session: Session, owner_id: UUID, package_id: UUID, invitation_id: UUID) -> None:
    """Withdraw an invitation to one's own package that waits; its link is good for nothing then. Raises NotFound."""
    lot, _ = own_lot(session, owner_id, package_id)
    invitations.withdraw(session, invitation_id, lot.id)
    note_own(session, "withdraw_invitation", owner_id, lot, invitation_id=str(invitation_id))


@unit_of_work
def end_old_invitations(session: Session, location_id: UUID) -> None:
    """End the invitations of a location that nobody answered in 14 days; none keeps an address any longer."""
    invitations.end_old_of_location(session, location_id)


@dataclass(frozen=True)
class Invitation:
    """What an invitation's page says. `needs_name`: no client has the address yet."""

    owner: str
    package: str
    where: Place
    cap: int | None
    needs_name: bool


def _details(session: Session, found: Invited) -> Invitation:
    lot, package = lot_and_package(session, found.lot_id)
    may_share(session, lot, package)
    needs_name = by_email(session, found.email) is None
    where = place(session, lot.location_id)
    return Invitation(name_of(session, lot.client_id), package.name, where, found.cap, needs_name)


def invitation(session: Session, token: str) -> Invitation:
    """What the link of an invitation leads to; raises Invalid where it is unknown, answered, withdrawn or too old.

    Raises Conflict where the package cannot be shared any more, because it has ended or its terms do not allow it.
    """
    return _details(session, invitations.by_token(session, token))


@unit_of_work
def accept_invitation(
    session: Session, *, token: str, given_name: str = "", family_name: str = "", locale: str = "en"
) -> Invitation:
    """Share the package with the client of the invited address, registered with the name given where there is none.

    The terms and the cap are looked at again. Raises Invalid for a token that is good for nothing or a name that cannot be
    kept, Conflict where the terms do not allow it any more or they may use it already; the invitation waits on then.
    """
    details = invitation(session, token)
    found = invitations.take(session, token)
    lot, package = lot_and_package(session, found.lot_id)
    person = by_email(session, found.email) or register(
        session,
        given_name=given_name,
        family_name=family_name,
        email=found.email,
        phone=None,
        country=details.where.country,
        locale=locale,
    )
    if same_person(session, person.id, lot.client_id):
        raise Conflict(OWN_PACKAGE_BY_NOW)
    share = share_lot(session, lot, package, person.id, found.cap, None)
    invitations.name_share(session, found.invitation_id, share.id)
    note_own(
        session, "accept_invitation", person.id, lot, invitation_id=str(found.invitation_id), share_id=str(share.id)
    )
    return details


def mail_invitation(payload: dict[str, Any]) -> None:
    """Mail an invitation: who invites, to what, where, and one link. Nothing where it was withdrawn or has ended before.

    A package that ended in between is shared no more, so nobody is invited to it.
    """
    secret = payload.get("secret")
    session = reading()
    row = session.get(ShareInvitation, UUID(payload["invitation_id"]))
    if secret is None or row is None or row.ended_at is not None:
        return
    try:
        details = _details(session, Invited(row.id, row.lot_id, secret["to"], row.cap, row.expires_at))
    except Conflict:
        return
    w = translator(payload["locale"])
    post_letter(
        write_letter(
            "share_invitation",
            to=secret["to"],
            subject=w(
                "%(person)s invites you to sessions at %(clinic)s",
                person=details.owner,
                clinic=details.where.clinic_name,
            ),
            locale=payload["locale"],
            site_name=details.where.clinic_name,
            clinic=details.where.clinic_name,
            person=details.owner,
            package=details.package,
            cap=details.cap,
            until=w.day(row.expires_at.astimezone(zone(details.where.time_zone)).date()),
            link=secret["link"],
        )
    )
