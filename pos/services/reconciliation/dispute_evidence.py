"""Handing evidence to the bank: written first, then the PDF is uploaded, then both go to the bank, once.

A file that was kept is not uploaded again, and an answer that was lost is found again at Stripe before anything is repeated.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from invoices.errors import PaperError
from pos.core import audit, clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    PosError,
)
from pos.core.messages.reconciliation import (
    DISPUTE_CLOSED,
    EVIDENCE_HANDED_IN_ALREADY,
    EVIDENCE_KEY_USED,
    EVIDENCE_REFUSED,
    EVIDENCE_TOO_LONG,
)
from pos.domain.disputes import repository as disputes
from pos.domain.disputes.models import Dispute, DisputeEvidence
from pos.domain.disputes.rules import ANSWERABLE
from pos.domain.locations.queries import place
from pos.domain.staff.approvals import Actor
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.disputes_payouts.types import CardDispute, Evidence, FileKept
from pos.integrations.stripe.types import Rejected
from pos.services.documents.dispute_evidence import bundle, evidence_pdf
from pos.services.reconciliation.disputes import apply_dispute, news_of_dispute

log = logging.getLogger(__name__)
MOST_WORDS = 4000


@dataclass(frozen=True)
class HandIn:
    """Hand the evidence for a dispute to the bank. `evidence_id` is minted by the caller and guards the retry."""

    evidence_id: UUID
    dispute_id: UUID
    words: str
    actor: Actor


def hand_in(command: HandIn) -> str:
    """Hand in the evidence; returns how far it is: `sent`, `unknown` or `refused`.

    Raises Invalid for words that are too long, Conflict when nothing can be answered, AlreadyUsedKey.
    """
    news_of_dispute(disputes.get(reading(), command.dispute_id).stripe_dispute_id)
    _write(command)
    send_evidence(command.evidence_id)
    row = reading().get(DisputeEvidence, command.evidence_id)
    return row.state if row else "refused"


@unit_of_work
def _write(session: Session, command: HandIn) -> None:
    seen = session.get(DisputeEvidence, command.evidence_id)
    if seen is not None:
        if (seen.dispute_id, seen.words) != (command.dispute_id, command.words):
            raise AlreadyUsedKey(EVIDENCE_KEY_USED)
        return
    if len(command.words) > MOST_WORDS:
        raise Invalid(EVIDENCE_TOO_LONG(most=MOST_WORDS), field="words")
    dispute = session.get(Dispute, command.dispute_id, with_for_update=True, populate_existing=True)
    if dispute is None or dispute.status not in ANSWERABLE:
        raise Conflict(DISPUTE_CLOSED, why="not_answerable")
    if any(row.state != "refused" for row in disputes.evidence_of(session, dispute.id)):
        raise Conflict(EVIDENCE_HANDED_IN_ALREADY, why="handed_in")
    now = clock.now()
    session.add(
        DisputeEvidence(
            id=command.evidence_id,
            dispute_id=dispute.id,
            state="created",
            words=command.words,
            staff_id=command.actor.id,
            created_at=now,
            changed_at=now,
        )
    )
    audit.note(
        session,
        "dispute.evidence",
        actor_id=command.actor.id,
        location_id=dispute.location_id,
        subject_id=dispute.id,
    )


@unit_of_work
def _note(session: Session, evidence_id: UUID, *, state: str = "", file_id: str | None = None, why: str = "") -> None:
    row = session.get_one(DisputeEvidence, evidence_id, with_for_update=True, populate_existing=True)
    row.file_id = row.file_id or file_id
    if state and row.state in ("created", "unknown"):
        row.state, row.sentence, row.changed_at = state, why or None, clock.now()


def send_evidence(evidence_id: UUID) -> None:
    """Bring evidence to the bank, or find out that it is there."""
    session = reading()
    row = session.get(DisputeEvidence, evidence_id)
    if row is None or row.state not in ("created", "unknown"):
        return
    dispute = disputes.get(session, row.dispute_id)
    stripe_id, doubtful, file_id = dispute.stripe_dispute_id, row.state == "unknown", row.file_id
    found = bundle(session, dispute, row.words)
    where = place(session, dispute.location_id)
    session.rollback()
    if doubtful:
        fetched = gateway().disputes.fetch_dispute(stripe_id)
        if not isinstance(fetched, CardDispute):
            return
        if fetched.handed_in:
            apply_dispute(fetched)
            _note(evidence_id, state="sent")
            return
    # A key that answered 500 always will, and what was not handed in may be asked for anew: a second upload harms nobody.
    again = f"-{int(clock.now().timestamp()) // 60}" if doubtful else ""
    if file_id is None:
        try:
            content = evidence_pdf(found, where)
        except PaperError as error:
            log.warning("the evidence for %s goes without its PDF: %s", stripe_id, error)
        else:
            kept = gateway().disputes.keep_file(f"{stripe_id}.pdf", content, key=f"evidence-file-{evidence_id}{again}")
            if not isinstance(kept, FileKept):
                _note(evidence_id, state="unknown")
                return
            file_id = kept.file_id
            _note(evidence_id, file_id=file_id)
    answer = gateway().disputes.hand_in_evidence(
        stripe_id, Evidence(found.texts, file_id), key=f"evidence-{evidence_id}{again}"
    )
    if isinstance(answer, CardDispute):
        apply_dispute(answer)
        _note(evidence_id, state="sent")
    elif isinstance(answer, Rejected):
        log.error("Stripe refused the evidence for %s: %s %s", stripe_id, answer.code, answer.message)
        _note(evidence_id, state="refused", why=EVIDENCE_REFUSED)
    else:
        _note(evidence_id, state="unknown")


def poll_evidence() -> int:
    """Go on with evidence whose arrival nobody knows; returns how many."""
    if not settings().payments.on:
        return 0
    waiting = disputes.evidence_under_way(reading())
    for evidence_id in waiting:
        try:
            send_evidence(evidence_id)
        except PosError as error:
            log.warning("the evidence %s stays open: %s", evidence_id, error.sentence)
    return len(waiting)
