"""Registering clients and letting them sign in by a link."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict, Invalid
from pos.core.hashing import sha256_hex
from pos.core.i18n.message import Message
from pos.core.i18n.name_folding import folded, same_name, searchable
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id, new_token
from pos.core.messages.people import (
    CLIENT_NAME_MISSING,
    CLIENT_NAME_TOO_LONG,
    EMAIL_HAS_CHARACTER,
    EMAIL_HAS_SPACE,
    EMAIL_HAS_TWO_POINTS,
    EMAIL_TAKEN,
    EMAIL_UNUSABLE,
    EMAIL_WITHOUT_AT,
    EMAIL_WITHOUT_DOMAIN,
    EMAIL_WITHOUT_NAME,
    LINK_USED_OR_TOO_OLD,
    PHONE_NUMBER_UNREADABLE,
    PHONE_NUMBER_WRONG_LENGTH,
)
from pos.domain.clients.models import Client, ClientLink, ClientSession
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.queries import person_hash

LINK_LIFETIME = timedelta(minutes=15)
SESSION_LIFETIME = timedelta(days=30)


def normal_email(text: str, *, field: str = "email") -> str:
    """An address in one spelling (lower case); raises Invalid with the reason in words."""
    from email_validator import EmailNotValidError, validate_email  # at its first use: it costs each start

    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise Invalid(_what_is_wrong(text.strip()), field=field) from error
    return found.normalized.lower()


# What an address may have beside letters and digits of any script (RFC 5322, 3.2.3), quoted names left out.
_OTHER_CHARACTERS = frozenset("!#$%&'*+/=?^_`{|}~-.@")


def _what_is_wrong(address: str) -> Message:
    """Why an address cannot be used. The library says it in English alone."""
    name, at, domain = address.rpartition("@")
    strange = next((one for one in address if not (one.isalnum() or one in _OTHER_CHARACTERS)), None)
    if strange is not None and strange.isspace():
        return EMAIL_HAS_SPACE
    if strange is not None:
        return EMAIL_HAS_CHARACTER(character=strange) if strange.isprintable() else EMAIL_UNUSABLE
    if not at or "@" in name:
        return EMAIL_WITHOUT_AT
    if ".." in address:
        return EMAIL_HAS_TWO_POINTS
    if not name:
        return EMAIL_WITHOUT_NAME
    return EMAIL_UNUSABLE if "." in domain else EMAIL_WITHOUT_DOMAIN


def normal_phone(text: str, country: str, *, field: str = "phone") -> str:
    """A phone number as E.164, read as dialled in `country` (ISO 3166 two letters); raises Invalid."""
    import phonenumbers  # at its first use: it costs each start

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise Invalid(PHONE_NUMBER_UNREADABLE, field=field) from error
    if not phonenumbers.is_possible_number(number):
        raise Invalid(PHONE_NUMBER_WRONG_LENGTH, field=field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_name(text: str, *, field: str, needed: bool = True) -> str:
    """A name without control characters and outer blanks, 80 characters at most; raises Invalid."""
    name = printable(text, len(text))
    if needed and not name:
        raise Invalid(CLIENT_NAME_MISSING, field=field)
    if len(name) > 80:
        raise Invalid(CLIENT_NAME_TOO_LONG, field=field)
    return name


def register(
    session: Session,
    *,
    given_name: str,
    family_name: str,
    email: str | None,
    phone: str | None,
    country: str,
    locale: str = "en",
    client_id: UUID | None = None,
) -> Client:
    """Add a client; raises Invalid, or Conflict if the e-mail address belongs to somebody already."""
    given = clean_name(given_name, field="given_name")
    family = clean_name(family_name, field="family_name", needed=False)
    mail = normal_email(email) if email and email.strip() else None
    number = normal_phone(phone, country) if phone and phone.strip() else None
    if mail and session.scalar(select(Client.id).where(Client.email == mail)):
        raise Conflict(EMAIL_TAKEN, field="email")
    client = Client(
        id=client_id or new_id(),
        given_name=given,
        family_name=family,
        email=mail,
        phone=number,
        locale=locale,
        search_text=search_text(given, family, mail, number),
        sort_key=sort_key(given, family),
        created_at=clock.now(),
    )
    session.add(client)
    session.flush()
    return client


def search_text(given_name: str, family_name: str, email: str | None, phone: str | None) -> str:
    """What the desk's search box looks in."""
    return searchable(f"{given_name} {family_name} {email or ''} {phone or ''}")[:500]


def sort_key(given_name: str, family_name: str) -> str:
    """What lists of clients are ordered by; without a family name by the given one."""
    return folded(f"{family_name} {given_name}")


@dataclass(frozen=True)
class Buyer:
    """Who buys in the shop, as typed and checked: kept with an order until its money is there and they are a client."""

    given_name: str
    family_name: str
    email: str
    phone: str | None
    locale: str

    @classmethod
    def typed(
        cls, *, given_name: str, family_name: str, email: str, phone: str | None, country: str, locale: str
    ) -> Buyer:
        """What a guest typed, in one spelling; raises Invalid naming the field, whoever has the address."""
        return cls(
            given_name=clean_name(given_name, field="given_name"),
            family_name=clean_name(family_name, field="family_name", needed=False),
            email=normal_email(email),
            phone=normal_phone(phone, country) if phone and phone.strip() else None,
            locale=locale,
        )

    @property
    def name(self) -> str:
        """The name as it is spoken."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def hash(self) -> str:
        """Who has used a promo code, before there is a client."""
        return person_hash(self.email, self.name)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, kept in an order."""
        return asdict(self)


def client_of_buyer(session: Session, buyer: Buyer, *, signed_in: UUID | None = None) -> Client | None:
    """The client with this address, where the name is theirs too or they are signed in; else None.

    An address alone does not say who somebody is: whoever typed it may be another person.
    """
    record = session.scalar(select(Client).where(Client.email == buyer.email))
    if record is None:
        return None
    found = client_of(session, record.id)
    is_named = any(same_name(buyer.name, one.name) for one in (found, record))
    return found if is_named or found.id == signed_in else None


def find_or_register(session: Session, buyer: Buyer, *, country: str) -> Client:
    """The client a buyer is, or a new one: without the address where a client of another name has it.

    An existing client's data are not changed. Two at the same moment: the address is unique, and the later one runs again.
    """
    if found := client_of_buyer(session, buyer):
        return found
    is_taken = session.scalar(select(Client.id).where(Client.email == buyer.email)) is not None
    return register(
        session,
        given_name=buyer.given_name,
        family_name=buyer.family_name,
        email=None if is_taken else buyer.email,
        phone=buyer.phone,
        country=country,
        locale=buyer.locale,
    )


def make_link(session: Session, client_id: UUID) -> str:
    """A sign-in token valid 15 minutes; only its hash is stored."""
    token = new_token()
    session.add(
        ClientLink(token_hash=sha256_hex(token.encode()), client_id=client_id, expires_at=clock.now() + LINK_LIFETIME)
    )
    return token


def use_link(session: Session, token: str) -> str:
    """Trade a sign-in token for a session cookie value, once; raises Invalid if it is unknown, used or too old."""
    now = clock.now()
    client_id = session.scalar(
        update(ClientLink)
        .where(
            ClientLink.token_hash == sha256_hex(token.encode()),
            ClientLink.used_at.is_(None),
            ClientLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(ClientLink.client_id),
        execution_options={"synchronize_session": False},
    )
    if client_id is None:
        raise Invalid(LINK_USED_OR_TOO_OLD)
    return open_session(session, client_id)


def open_session(session: Session, client_id: UUID) -> str:
    """Sign a client in; returns the cookie value."""
    cookie, now = new_token(), clock.now()
    session.add(
        ClientSession(
            token_hash=sha256_hex(cookie.encode()),
            client_id=client_id,
            created_at=now,
            expires_at=now + SESSION_LIFETIME,
        )
    )
    return cookie


def close_session(session: Session, cookie: str) -> None:
    """Sign a client out."""
    session.execute(delete(ClientSession).where(ClientSession.token_hash == sha256_hex(cookie.encode())))
