"""Who else may use a package: naming people, and giving credits to another client for good."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.messages.packages import (
    GIVEN_CREDITS_NOT_SHARED_AGAIN,
    GIVING_NOT_IN_TERMS,
    NO_SUCH_PACKAGE,
    SHARING_NOT_IN_TERMS,
)
from pos.domain.clients.persons import is_of
from pos.domain.clients.queries import living_client
from pos.domain.credits import outflows, sharing
from pos.domain.credits.models import CreditLot, LotShare, PurchasedPackage
from pos.domain.ledger.entries import Draft
from pos.domain.locations.queries import place
from pos.domain.posting_rules.sales import move_breakage
from pos.services.integrity.run_checks import require_running
from pos.services.packages.authorization import (
    PackageAction,
    authorize_adjustment,
    done_before,
    lot_and_package,
    note,
    post,
)


def may_share(session: Session, lot: CreditLot, package: PurchasedPackage) -> None:
    """Raise Conflict where a lot cannot be shared: by its terms, because somebody gave it, or because it has ended.

    It has ended when it was given back, expired, or none of its credits is left.
    """
    if not package.terms.get("sharing", True):
        raise Conflict(SHARING_NOT_IN_TERMS, why="terms")
    if lot.origin_lot_id is not None:
        raise Conflict(GIVEN_CREDITS_NOT_SHARED_AGAIN, why="transferred")
    today = place(session, lot.location_id).today()
    if over := sharing.why_over(lot.status, lot.remaining + lot.held, lot.expires_on, today):
        raise Conflict(over, why="ended")


def share_lot(
    session: Session, lot: CreditLot, package: PurchasedPackage, client_id: UUID, cap: int | None, staff_id: UUID | None
) -> LotShare:
    """Let a person use a lot within its terms; raises what `may_share`, `require_running` and `sharing.share` raise."""
    may_share(session, lot, package)
    require_running(session, lot.location_id)
    plan_cap = package.terms.get("share_cap")
    return sharing.share(session, lot, client_id, cap=cap, plan_cap=plan_cap, staff_id=staff_id)


@unit_of_work
def share_package(
    session: Session, command: PackageAction, lot_id: UUID, *, client_id: UUID, cap: int | None = None
) -> UUID:
    """Let a named person use a lot, up to `cap` credits; returns the share. The owner is told of each use.

    Raises Invalid, NotFound, NeedsApproval, Conflict where the terms do not allow it or the person may already.
    """
    adjustment = authorize_adjustment(session, command, lot_id, "share")
    person = living_client(session, client_id)
    share = share_lot(session, adjustment.lot, adjustment.package, person.id, cap, command.person.id)
    note(session, adjustment, "share", client_id=str(person.id), cap=share.cap)
    return share.id


@unit_of_work
def end_share(session: Session, command: PackageAction, lot_id: UUID, share_id: UUID) -> None:
    """End somebody's share; what they used stays used. Raises NotFound, NeedsApproval, Invalid without a reason."""
    adjustment = authorize_adjustment(session, command, lot_id, "end_share")
    person = sharing.end(session, share_id, lot_id, staff_id=command.person.id)
    note(session, adjustment, "end_share", client_id=str(person))


def own_lot(session: Session, owner_id: UUID, package_id: UUID) -> tuple[CreditLot, PurchasedPackage]:
    """The lot a client holds of a package; raises NotFound for a package of somebody else."""
    lot_id = session.scalar(
        select(CreditLot.id)
        .where(CreditLot.package_id == package_id, is_of(CreditLot.client_id, owner_id))
        .order_by(CreditLot.granted_at, CreditLot.id)
        .limit(1)
    )
    if lot_id is None:
        raise NotFound(NO_SUCH_PACKAGE)
    return lot_and_package(session, lot_id)


def note_own(session: Session, action: str, actor_id: UUID, lot: CreditLot, **detail: object) -> None:
    """Note what a client did with a lot from the account."""
    audit.note(
        session,
        f"credits.{action}",
        actor_kind="client",
        actor_id=actor_id,
        location_id=lot.location_id,
        subject_id=lot.package_id,
        lot_id=str(lot.id),
        **detail,
    )


@unit_of_work
def end_own_share(session: Session, owner_id: UUID, package_id: UUID, share_id: UUID) -> None:
    """End a share of one's own package; raises NotFound."""
    lot, _ = own_lot(session, owner_id, package_id)
    person = sharing.end(session, share_id, lot.id, staff_id=None)
    note_own(session, "end_share", owner_id, lot, client_id=str(person))


@unit_of_work
def transfer_credits(
    session: Session, command: PackageAction, lot_id: UUID, *, credits: int, receiver_id: UUID
) -> UUID:
    """Give credits to another client as a lot of their own; a refund still goes to the purchaser alone. Returns that lot.

    What the location owes stays the same, so the ledger has nothing to say, unless more breakage was recognised of the lot
    than is left in it. Raises Invalid, NotFound, NeedsApproval,
    NoCreditLeft, Conflict where the terms do not allow it or the lot rests.
    """
    if done_before(session, f"transfer:{command.action_id}"):
        return session.scalars(
            select(CreditLot.id).where(CreditLot.origin_lot_id == lot_id).order_by(CreditLot.id.desc()).limit(1)
        ).one()
    adjustment = authorize_adjustment(session, command, lot_id, "transfer")
    if not adjustment.package.terms.get("transfer", True):
        raise Conflict(GIVING_NOT_IN_TERMS, why="terms")
    receiver = living_client(session, receiver_id)
    left, lot = outflows.transfer(session, adjustment.lot, credits, adjustment.context, receiver_id=receiver.id)
    draft = Draft("transfer", left.move_id, adjustment.lot.currency)
    move_breakage(draft, left.breakage_minor)
    post(session, adjustment, draft)
    note(session, adjustment, "transfer", to_client=str(receiver.id), to_lot=str(lot.id), credits=left.credits)
    return lot.id
