"""What is kept of a client: changed at the office, and compared with who is there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import UUID

from babel.core import Locale, UnknownLocaleError
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pos.core.database.base import execute
from pos.core.errors import Conflict, Invalid
from pos.core.hashing import sha256_hex
from pos.core.i18n.sanitize import printable
from pos.core.messages.people import CLIENT_LANGUAGE_UNKNOWN, CLIENT_TEXT_TOO_LONG, EMAIL_TAKEN_BY
from pos.domain.clients.models import Client, ClientLink, ClientSession
from pos.domain.clients.persons import is_of
from pos.domain.clients.queries import BY_NAME, by_email
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.registration import clean_name, normal_email, normal_phone, search_text, sort_key

MOST_NOTE, MOST_ALLERGY, MOST_LOCALE = 500, 200, 16
# How many clients a warning lists.
MOST_ALIKE = 5


@dataclass(frozen=True)
class ClientFacts:
    """What can be changed of a client. `note` is for the desk; `allergy` is what an allergy is to, where there is one."""

    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    locale: str
    note: str = ""
    has_allergy: bool = False
    allergy: str = ""

    @property
    def state_token(self) -> str:
        """A print of the facts, by which an edit notices that somebody was faster."""
        return sha256_hex(repr(sorted(asdict(self).items())).encode())[:24]

    def cleaned(self, country: str) -> ClientFacts:
        """The facts in the spelling that is kept, numbers read as dialled in `country`; raises Invalid naming the field."""
        return ClientFacts(
            clean_name(self.given_name, field="given_name"),
            clean_name(self.family_name, field="family_name", needed=False),
            normal_email(self.email) if self.email and self.email.strip() else None,
            normal_phone(self.phone, country) if self.phone and self.phone.strip() else None,
            _language(self.locale),
            _text(self.note, MOST_NOTE, "note", lines=True),
            self.has_allergy,
            _text(self.allergy, MOST_ALLERGY, "allergy") if self.has_allergy else "",
        )


def _language(code: str) -> str:
    try:
        Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise Invalid(CLIENT_LANGUAGE_UNKNOWN, field="locale") from error
    if len(code) > MOST_LOCALE:
        raise Invalid(CLIENT_LANGUAGE_UNKNOWN, field="locale")
    return code


def _text(typed: str, most: int, field: str, *, lines: bool = False) -> str:
    kept = [printable(line, len(line)) for line in typed.splitlines()]
    text = ("\n" if lines else " ").join(kept).strip()
    if len(text) > most:
        raise Invalid(CLIENT_TEXT_TOO_LONG(most=most), field=field)
    return text


def facts_of(client: Client) -> ClientFacts:
    """What is kept of a client now."""
    return ClientFacts(
        client.given_name,
        client.family_name,
        client.email,
        client.phone,
        client.locale,
        client.note,
        client.has_allergy,
        client.allergy,
    )


def change(session: Session, client: Client, facts: ClientFacts) -> list[str]:
    """Keep cleaned facts of a locked client; returns the names of the fields that differ.

    Another address ends the sign-ins and the links sent to the old one. Raises Conflict naming who has the address.
    """
    before, after = asdict(facts_of(client)), asdict(facts)
    fields = [name for name in after if after[name] != before[name]]
    if "email" in fields:
        if facts.email:
            require_free_address(session, facts.email, but=client.id)
            _take_address(session, client, facts.email)
        end_sign_ins(session, client.id)
    for name in fields:
        setattr(client, name, after[name])
    client.search_text = search_text(facts.given_name, facts.family_name, facts.email, facts.phone)
    client.sort_key = sort_key(facts.given_name, facts.family_name)
    session.flush()
    return fields


def end_sign_ins(session: Session, client_id: UUID) -> None:
    """End the links and the sign-ins of all records of a client."""
    # Links first: one that is used at this moment has made its session by the time it is gone.
    for model in (ClientLink, ClientSession):
        execute(session, delete(model).where(is_of(model.client_id, client_id)))


def _take_address(session: Session, client: Client, email: str) -> None:
    """Exchange addresses with the record of this very person that has it: an address stands on one record."""
    other = session.scalar(select(Client).where(Client.email == email, Client.merged_into_id == client.id))
    if other is None:
        return
    own, client.email, other.email = client.email, None, None
    session.flush()
    client.email, other.email = email, own
    session.flush()


def require_free_address(session: Session, email: str, *, but: UUID | None = None) -> None:
    """Refuse a normalised address that another client has; raises Conflict with their name."""
    owner = by_email(session, email)
    if owner and owner.id != but:
        raise Conflict(EMAIL_TAKEN_BY(name=owner.name), field="email")


@dataclass(frozen=True)
class Alike:
    """A client who may be the one that is being added."""

    client_id: UUID
    name: str
    email: str | None
    phone: str | None


def typed_so_far(given_name: str, family_name: str, email: str, phone: str, country: str) -> ClientFacts | None:
    """What can be compared of a form that is still being filled in: what is not a whole number or address yet is left out.

    None where nothing can be.
    """
    address = _if_whole(normal_email, email)
    number = _if_whole(lambda typed: normal_phone(typed, country), phone)
    has_name = bool(given_name.strip() and family_name.strip())
    if not (has_name or address or number):
        return None
    names = (given_name[:80], family_name[:80]) if has_name else ("", "")
    return ClientFacts(*names, address, number, "en")


def _if_whole(read: Callable[[str], str], typed: str) -> str | None:
    try:
        return read(typed) if typed.strip() else None
    except Invalid:
        return None


def alike(session: Session, facts: ClientFacts, *, but: UUID | None = None) -> list[Alike]:
    """Clients with the address, the number or the name of cleaned facts, by name; each condition has an index."""
    conditions = []
    if facts.given_name:
        conditions.append(Client.sort_key == sort_key(facts.given_name, facts.family_name))
    if facts.email:
        conditions.append(Client.email == facts.email)
    if facts.phone:
        conditions.append(Client.phone == facts.phone)
    rows = session.scalars(
        select(Client).where(or_(*conditions), Client.erased_at.is_(None)).order_by(*BY_NAME).limit(MOST_ALIKE)
    )
    # A record that was merged is known too: it is the client who remains.
    found = {one.id: one for one in (client_of(session, row.id) for row in rows)}
    return [Alike(one.id, one.name, one.email, one.phone) for one in found.values() if one.id != but]
