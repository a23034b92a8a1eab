"""Setting Stripe up from the office: a look at the account, the webhook endpoint, the readers and their desks.

Keys come through the environment only. What is asked for is written down with its key before Stripe is called, so that
pressing again after a lost answer gives the same endpoint or reader and not a second one.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    PosError,
)
from pos.core.i18n.message import Message
from pos.core.messages import payments as messages
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import Place
from pos.domain.payments.attempt_states import ACTIVE
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.models import Reader as DeskReader
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.setup_types import Endpoint, PlaceRequest
from pos.integrations.stripe.types import (
    Account,
    Reader,
    Rejected,
    Unknown,
    UnknownReason,
)

MOST_LABEL = 60


class Unanswered(PosError):
    """Stripe did not answer, so nobody knows whether it was done; the same press finds out."""

    code = "unanswered"
    status = 503


@dataclass(frozen=True)
class Found:
    """What Stripe shows of the account; `problem` is the sentence for a part it would not show."""

    account: Account | None
    endpoints: tuple[Endpoint, ...]
    readers: tuple[Reader, ...]
    problem: Message | None


def hook_url() -> str:
    """Where Stripe's messages arrive."""
    return f"{settings().base_url}/hooks/stripe"


def reachable() -> bool:
    """Whether Stripe can reach that address; the simulator is on this machine and always can."""
    app_settings = settings()
    return app_settings.payments.mode == "simulator" or (app_settings.secure and not app_settings.local)


def sentence_of(refusal: Unknown | Rejected) -> Message:
    """Why Stripe did not do or show something, for whoever sets it up."""
    if isinstance(refusal, Rejected):
        return {
            "authentication_failed": messages.KEY_UNKNOWN_AT_STRIPE,
            "permission_denied": messages.KEY_WITHOUT_PERMISSION,
        }.get(refusal.code, messages.STRIPE_SAID(what=refusal.message[:300]))
    return {
        UnknownReason.NOT_AUTHORISED: messages.KEY_WITHOUT_PERMISSION_OR_UNKNOWN,
        UnknownReason.RATE_LIMITED: messages.STRIPE_ASKED_TOO_OFTEN,
        UnknownReason.NO_ANSWER: messages.STRIPE_WITHOUT_ANSWER,
    }.get(refusal.reason, messages.STRIPE_IN_TROUBLE)


def look() -> Found:
    """Ask Stripe whose key this is, where it sends messages, and which readers there are. Raises NotConfigured."""
    account = gateway().fetch_account()
    if isinstance(account, Unknown | Rejected):
        return Found(None, (), (), sentence_of(account))
    endpoints, readers = gateway().setup.list_endpoints(), gateway().list_readers()
    problem = next((sentence_of(one) for one in (endpoints, readers) if isinstance(one, Unknown | Rejected)), None)
    return Found(
        account,
        () if isinstance(endpoints, Unknown | Rejected) else endpoints,
        () if isinstance(readers, Unknown | Rejected) else readers,
        problem,
    )


@unit_of_work
def _intend(session: Session, action: str, staff_id: UUID, detail: dict[str, str]) -> None:
    audit.note(session, action, actor_id=staff_id, asked=detail)


def _or_raise(refusal: Unknown | Rejected) -> PosError:
    if isinstance(refusal, Unknown) and refusal.reason is not UnknownReason.NOT_AUTHORISED:
        return Unanswered(messages.SETUP_ANSWER_UNKNOWN(why=sentence_of(refusal)))
    return Conflict(sentence_of(refusal))


def make_endpoint(*, key: str, staff_id: UUID) -> Endpoint:
    """The endpoint for this address: made with its secret, or the one that is there already (without).

    Raises Conflict in Stripe's words, Unanswered.
    """
    if not reachable():
        raise Conflict(messages.WEBHOOK_ADDRESS_UNREACHABLE)
    found = gateway().setup.list_endpoints()
    if isinstance(found, Unknown | Rejected):
        raise _or_raise(found)
    own_endpoint = next((one for one in found if one.url == hook_url() and one.enabled), None)
    if own_endpoint is not None and own_endpoint.key != key:
        return own_endpoint
    _intend("payments.endpoint_asked", staff_id, {"url": hook_url(), "key": key})
    # Made under this very key a moment ago: Stripe gives the same answer again, and with it the secret.
    made = gateway().setup.create_endpoint(hook_url(), key=key)
    if isinstance(made, Unknown | Rejected):
        raise _or_raise(made)
    return made


def register_reader(*, place: Place, code: str, label: str, desk_id: UUID | None, key: str, staff_id: UUID) -> None:
    """Pair the reader that shows `code`, name it, and give it to a desk. Raises Invalid, Conflict, Unanswered."""
    code, label = " ".join(code.split()), _label(label)
    if not code or len(code) > 80:
        raise Invalid(messages.READER_CODE_MISSING, field="code")
    stands_at = _place_of(place, f"{key}-place", staff_id)
    _intend("payments.reader_asked", staff_id, {"label": label, "key": key})
    made = gateway().setup.register_reader(code, label, stands_at, key=key)
    if isinstance(made, Rejected) and made.code == "resource_missing":
        raise Invalid(messages.READER_CODE_UNKNOWN, field="code")
    if isinstance(made, Unknown | Rejected):
        raise _or_raise(made)
    if desk_id is not None:
        _assign(place.id, made.reader_id, label, desk_id, staff_id, frozenset({place.id}))


def _place_of(place: Place, key: str, staff_id: UUID) -> str:
    found = gateway().setup.list_reader_places()
    if isinstance(found, Unknown | Rejected):
        raise _or_raise(found)
    for one in found:
        if one.place_id == str(place.id):
            return one.stripe_id
    request = PlaceRequest(
        str(place.id), f"{place.clinic_name}, {place.name}"[:100], place.address_lines, place.country
    )
    _intend("payments.reader_place_asked", staff_id, {"place": str(place.id), "key": key})
    made = gateway().setup.create_reader_place(request, key=key)
    if isinstance(made, Unknown | Rejected):
        raise _or_raise(made)
    return made.stripe_id


def _label(label: str) -> str:
    label = " ".join(label.split())
    if not 1 <= len(label) <= MOST_LABEL:
        raise Invalid(messages.READER_NAME_MISSING_OR_LONG(most=MOST_LABEL), field="label")
    return label


def locations_of(readers: tuple[Reader, ...]) -> dict[str, UUID]:
    """The location a reader belongs to, by Stripe's key of the reader: where its desk stands, else where Stripe has it.

    A reader that is at no desk and at no place of ours is missing: it is free for all. Raises Unanswered, Conflict.
    """
    places = gateway().setup.list_reader_places()
    if isinstance(places, Unknown | Rejected):
        raise _or_raise(places)
    rows = reading().execute(select(Location.id)).scalars()
    known = {str(location_id): location_id for location_id in rows}
    ours = {one.stripe_id: known[one.place_id] for one in places if one.place_id in known}
    found = {one.reader_id: ours[one.location_id] for one in readers if one.location_id in ours}
    at_desks = reading().execute(
        select(DeskReader.stripe_reader_id, Desk.location_id).join(Desk, Desk.id == DeskReader.desk_id)
    )
    return found | {row.stripe_reader_id: row.location_id for row in at_desks}


def place_reader(
    *,
    place: Place,
    stripe_reader_id: str,
    label: str,
    desk_id: UUID | None,
    staff_id: UUID,
    own: frozenset[UUID] | None,
) -> None:
    """Name a reader and give it to a desk of a location; `own` are the person's locations, None for every one.

    Raises Invalid, NotFound, Conflict, Unanswered, NotAllowed for a reader that belongs to a location not of theirs.
    """
    label = _label(label)
    readers = gateway().list_readers()
    if isinstance(readers, Unknown | Rejected):
        raise _or_raise(readers)
    known = next((one for one in readers if one.reader_id == stripe_reader_id), None)
    if known is None:
        raise NotFound(messages.READER_NOT_AT_STRIPE)
    if own is not None and locations_of((known,)).get(stripe_reader_id, place.id) not in own:
        raise NotAllowed(messages.READER_OF_OTHER_LOCATION, field="reader")
    _intend("payments.reader_named", staff_id, {"reader": stripe_reader_id, "label": label})
    if known.label != label:
        named = gateway().setup.rename_reader(stripe_reader_id, label)
        if isinstance(named, Unknown | Rejected):
            raise _or_raise(named)
    if desk_id is not None:
        _assign(place.id, stripe_reader_id, label, desk_id, staff_id, own)


@unit_of_work
def _assign(
    session: Session,
    location_id: UUID,
    stripe_reader_id: str,
    label: str,
    desk_id: UUID,
    staff_id: UUID,
    own: frozenset[UUID] | None,
) -> None:
    desk = session.get(Desk, desk_id)
    if desk is None or desk.location_id != location_id:
        raise NotFound(messages.DESK_NOT_HERE)
    mine = session.scalar(select(DeskReader).where(DeskReader.stripe_reader_id == stripe_reader_id))
    theirs = session.scalar(select(DeskReader).where(DeskReader.desk_id == desk_id))
    if mine is not None and own is not None and session.get_one(Desk, mine.desk_id).location_id not in own:
        raise NotAllowed(messages.READER_OF_OTHER_LOCATION, field="reader")  # somebody placed it there meanwhile
    if mine is not None and mine.desk_id == desk_id:
        mine.label = label
    else:
        _require_no_open_payments(session, mine, theirs)
        if theirs is None and mine is None:
            session.add(DeskReader(desk_id=desk_id, stripe_reader_id=stripe_reader_id, label=label))
        elif theirs is None and mine is not None:
            mine.desk_id, mine.label = desk_id, label
        elif theirs is not None:
            if mine is not None:  # the two desks exchange their readers; neither name may be there twice on the way
                before, its_label = theirs.stripe_reader_id, theirs.label
                mine.stripe_reader_id = f"exchange-{mine.id}"
                session.flush()
                theirs.stripe_reader_id = stripe_reader_id
                session.flush()
                mine.stripe_reader_id, mine.label = before, its_label
            theirs.stripe_reader_id, theirs.label = stripe_reader_id, label
    audit.note(
        session,
        "payments.reader_placed",
        actor_id=staff_id,
        location_id=location_id,
        subject_id=desk_id,
        reader=stripe_reader_id,
        label=label,
    )


def _require_no_open_payments(session: Session, *rows: DeskReader | None) -> None:
    ids = [row.id for row in rows if row is not None]
    busy = select(PaymentAttempt.id).where(PaymentAttempt.reader_id.in_(ids), PaymentAttempt.state.in_(ACTIVE))
    if session.scalar(busy.limit(1)):
        raise Conflict(messages.READER_PAYMENT_OPEN)


def desks_of(stripe_reader_ids: list[str]) -> dict[str, UUID]:
    """The desks readers are at, by Stripe's key."""
    rows = reading().execute(
        select(DeskReader.stripe_reader_id, DeskReader.desk_id).where(
            DeskReader.stripe_reader_id.in_(stripe_reader_ids)
        )
    )
    return {row.stripe_reader_id: row.desk_id for row in rows}
