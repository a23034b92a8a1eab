"""Changing the note, colour and logo of a location's receipts. Receipts already issued keep theirs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.hashing import digest
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.messages.installation import RECEIPT_LOOK_CHANGED_MEANWHILE
from pos.domain.locations.models import Location, LocationLogo
from pos.domain.locations.queries import Place
from pos.domain.locations.receipt_look import Logo, clean_accent
from pos.domain.staff.queries import Person
from pos.services.locations.location_facts import clean_note


@dataclass(frozen=True)
class ReceiptLook:
    """What this page sets of a location's receipts; the logo by its digest."""

    receipt_note: str
    accent: str
    logo_sha256: str | None

    @property
    def state_token(self) -> str:
        """A print of the values, by which an edit notices that somebody was faster."""
        return digest(asdict(self))[:24]


def look_of(row: Location | Place) -> ReceiptLook:
    """What the receipts of a location look like."""
    return ReceiptLook(row.receipt_note, row.accent, row.logo_sha256)


@unit_of_work
def set_receipt_look(
    session: Session,
    *,
    location_id: UUID,
    note: str,
    accent: str,
    logo: Logo | None,
    remove_logo: bool,
    seen: str,
    person: Person,
) -> None:
    """Set note, colour and logo of the receipts from now on; without a new `logo` the kept one stays unless it is removed.

    `seen` is the print of the look as the person saw it. Raises NotFound for another's location, Invalid naming the field,
    Conflict when somebody was faster.
    """
    row = session.get(Location, location_id, with_for_update=True, populate_existing=True)
    if row is None or location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    before = look_of(row)
    kept = None if remove_logo else before.logo_sha256
    after = ReceiptLook(clean_note(note), clean_accent(accent), logo.sha256 if logo else kept)
    if after == before:
        return
    if seen != before.state_token:
        raise Conflict(RECEIPT_LOOK_CHANGED_MEANWHILE)
    if logo and session.get(LocationLogo, logo.sha256) is None:
        session.add(
            LocationLogo(
                sha256=logo.sha256, content=logo.content, width=logo.width, height=logo.height, added_at=clock.now()
            )
        )
        session.flush()
    row.receipt_note, row.accent, row.logo_sha256 = after.receipt_note, after.accent, after.logo_sha256
    audit.note_change(
        session, "location.receipts", before=asdict(before), after=asdict(after),
        actor_id=person.id, location_id=location_id, subject_id=location_id,
    )  # fmt: skip
    session.flush()
