"""Finding clients."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import execute
from pos.core.errors import NotFound
from pos.core.hashing import sha256_hex
from pos.core.i18n.name_folding import canonical_name, same_name, search_words
from pos.core.messages.people import NO_SUCH_CLIENT
from pos.domain.clients.models import Client, ClientSession


def client(session: Session, client_id: UUID) -> Client:
    """One client; raises NotFound."""
    found = session.get(Client, client_id)
    if found is None:
        raise NotFound(NO_SUCH_CLIENT)
    return found


_NAME = select(Client.given_name, Client.family_name).where(Client.id == bindparam("client"))


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


# The order of a list of clients: by family name as a dictionary sorts them, the same on both databases.
BY_NAME = (Client.sort_key, Client.id)


def by_email(session: Session, email: str) -> Client | None:
    """The client with this normalised address."""
    return session.scalar(select(Client).where(Client.email == email))


def lock_by_email(session: Session, email: str) -> Client | None:
    """The client with this normalised address, whose address nobody changes until the transaction ends."""
    return session.scalar(select(Client).where(Client.email == email).with_for_update())


def of_contact(
    session: Session, given_name: str, family_name: str, *, email: str | None, phone: str | None
) -> Client | None:
    """The client of this name with this normalised address or number: a contact detail alone says nothing of who it is."""
    conditions = [column == value for column, value in ((Client.email, email), (Client.phone, phone)) if value]
    if not conditions:
        return None
    rows = session.scalars(select(Client).where(or_(*conditions)).order_by(Client.created_at, Client.id))
    wanted = f"{given_name} {family_name}"
    return next((row for row in rows if same_name(wanted, f"{row.given_name} {row.family_name}")), None)


def search(session: Session, text: str, limit: int = 8) -> list[Client]:
    """Clients whose name, e-mail or phone contains every word typed, in any spelling people write it."""
    words = search_words(text)
    if not words:
        return []
    query = select(Client)
    for word in words:
        query = query.where(or_(*(Client.search_text.contains(spelling, autoescape=True) for spelling in word)))
    return list(session.scalars(query.order_by(*BY_NAME).limit(limit)))


def by_session(session: Session, cookie: str) -> Client | None:
    """The client whose browser carries this cookie."""
    return session.scalar(
        select(Client)
        .join(ClientSession, ClientSession.client_id == Client.id)
        .where(ClientSession.token_hash == sha256_hex(cookie.encode()), ClientSession.expires_at > clock.now())
    )
