"""Finding clients."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import execute
from pos.core.errors import Conflict, NotFound
from pos.core.hashing import sha256_hex
from pos.core.i18n.name_folding import canonical_name, same_name, search_words
from pos.core.messages.people import CLIENT_IS_ERASED, NO_SUCH_CLIENT
from pos.core.paging.window import Window
from pos.domain.clients.cards import read_card
from pos.domain.clients.models import Client, ClientSession
from pos.domain.clients.persons import records_of, remaining
from pos.domain.clients.trigrams import keys_of_rare


def client(session: Session, client_id: UUID) -> Client:
    """One client, for a record that was merged the one that remains; raises NotFound."""
    found = session.get(Client, client_id)
    if found is None:
        raise NotFound(NO_SUCH_CLIENT)
    return _remaining(session, found)


def living_client(session: Session, client_id: UUID) -> Client:
    """As `client`, for whoever is to get something; raises Conflict for one who was erased."""
    found = client(session, client_id)
    if found.erased_at is not None:
        raise Conflict(CLIENT_IS_ERASED)
    return found


def _remaining(session: Session, record: Client) -> Client:
    return record if record.merged_into_id is None else session.get_one(Client, record.merged_into_id)


_NAME = select(Client.given_name, Client.family_name).where(Client.id == remaining(bindparam("client")))


def name_of(session: Session, client_id: UUID) -> str:
    """A client's name as it is spoken; raises NotFound."""
    found = execute(session, _NAME, client=client_id).first()
    if found is None:
        raise NotFound(NO_SUCH_CLIENT)
    return f"{found.given_name} {found.family_name}".strip()


def person_hash(email: str, name: str) -> str:
    """SHA-256 of an address and a name in any spelling: who has used a promo code, before there is a client.

    Equal for all that are taken for one client, as `client_of_buyer` does; the address alone may be of two people.
    """
    return sha256_hex(f"{email}\n{canonical_name(name)}".encode())


def hash_of(session: Session, client_id: UUID) -> str | None:
    """The `person_hash` of a client; None for one without an address. Raises NotFound."""
    found = client(session, client_id)
    return person_hash(found.email, found.name) if found.email else None


def hashes_of(session: Session, client_id: UUID) -> list[str]:
    """The `person_hash` of each record of a client that has an address. Raises NotFound."""
    return [person_hash(one.email, one.name) for one in records_of(session, client_id) if one.email]


# The order of a list of clients: by family name as a dictionary sorts them, the same on both databases.
BY_NAME = (Client.sort_key, Client.id)


def by_email(session: Session, email: str) -> Client | None:
    """The client with this normalised address, or with a record that has it."""
    found = session.scalar(select(Client).where(Client.email == email))
    return _remaining(session, found) if found else None


def lock_by_email(session: Session, email: str) -> Client | None:
    """As `by_email`; nobody changes the address or merges the record until the transaction ends."""
    found = session.scalar(select(Client).where(Client.email == email).with_for_update())
    return _remaining(session, found) if found else None


def of_contact(
    session: Session, given_name: str, family_name: str, *, email: str | None, phone: str | None
) -> Client | None:
    """The client of this name with this normalised address or number: a contact detail alone says nothing of who it is."""
    conditions = [column == value for column, value in ((Client.email, email), (Client.phone, phone)) if value]
    if not conditions:
        return None
    rows = session.scalars(select(Client).where(or_(*conditions)).order_by(Client.created_at, Client.id))
    wanted = f"{given_name} {family_name}"
    found = next((row for row in rows if same_name(wanted, f"{row.given_name} {row.family_name}")), None)
    return _remaining(session, found) if found else None


def search(session: Session, text: str, window: Window = Window(8)) -> list[Client]:  # noqa: B008  (frozen)
    """Clients whose name, e-mail or phone contains every word typed, in any spelling; none that was merged."""
    words = search_words(text)
    if not words:
        return []
    # Keys first, from the index that has all the search reads: see `Client`.
    keys = select(Client.id).where(Client.merged_into_id.is_(None))
    if (rare := keys_of_rare(session, words)) is not None:
        keys = keys.where(Client.id.in_(rare))
    for word in words:
        keys = keys.where(or_(*(Client.search_text.contains(spelling, autoescape=True) for spelling in word)))
    found = window.of(keys, BY_NAME, newest_first=False).subquery()
    return list(session.scalars(select(Client).where(Client.id.in_(select(found.c.id))).order_by(*BY_NAME)))


def by_card(session: Session, text: str) -> Client | None:
    """The client whose card was scanned, for a record that was merged the one that remains; nobody who was erased."""
    client_id = read_card(text)
    record = session.get(Client, client_id) if client_id else None
    found = _remaining(session, record) if record else None
    return found if found and found.erased_at is None else None


def by_session(session: Session, cookie: str) -> Client | None:
    """The client whose browser carries this cookie, or did before their record was merged."""
    return session.scalar(
        select(Client)
        .join(ClientSession, remaining(ClientSession.client_id) == Client.id)
        .where(ClientSession.token_hash == sha256_hex(cookie.encode()), ClientSession.expires_at > clock.now())
    )
