"""A second person's consent fits one command, once, for two minutes, and never comes from the one who asks."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid, Locked, NeedsApproval
from pos.core.ids import new_id
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.services.auth import give_approval
from tests.support.clinic import Clinic, Colleague

SALE = new_id()


def ask(clinic: Clinic, pin: str, *, by: Colleague | None = None, amount: int | None = 500, desk: int = 0) -> UUID:
    with clinic.app.app_context():
        return give_approval(
            desk_id=clinic.usd.desks[desk],
            asked_by=(by or clinic.receptionist).id,
            action="refund",
            subject_id=SALE,
            amount_minor=amount,
            pin=pin,
        )


def spend(
    clinic: Clinic, key: UUID | None, *, actor: Colleague | None = None, second: bool = False, **other: object
) -> object:
    def use(session: Session) -> UUID | None:
        facts = {"action": "refund", "subject_id": SALE, "amount_minor": 500} | other
        return use_approval(
            session,
            key,
            actor=actor or clinic.receptionist,
            permission=Permission.REFUND,
            location_id=clinic.usd.location_id,
            exceeds=exceeds({Limit.CASH_REFUND: 500}) if second else None,
            **facts,
        )

    return clinic.write(use)


def test_approval_of_refund_manager_needs_none_receptionist_needs_one(clinic: Clinic) -> None:
    assert spend(clinic, None, actor=clinic.manager) is None
    with pytest.raises(NeedsApproval) as refused:
        spend(clinic, None)
    assert refused.value.extra == {"action": "refund", "subject_id": str(SALE), "amount_minor": 500}
    assert spend(clinic, ask(clinic, clinic.manager.pin)) == clinic.manager.id


def test_approval_by_second_person_manager_needs_one_owner_does_not(clinic: Clinic) -> None:
    with pytest.raises(NeedsApproval):
        spend(clinic, None, actor=clinic.manager, second=True)
    key = ask(clinic, clinic.owner.pin, by=clinic.manager)
    assert spend(clinic, key, actor=clinic.manager, second=True) == clinic.owner.id
    assert spend(clinic, None, actor=clinic.owner, second=True) is None


def test_approval_used_once_is_refused_again(clinic: Clinic) -> None:
    key = ask(clinic, clinic.manager.pin)
    spend(clinic, key)
    with pytest.raises(NeedsApproval):
        spend(clinic, key)


@pytest.mark.parametrize(
    "other", [{"amount_minor": 501}, {"amount_minor": None}, {"action": "void"}, {"subject_id": new_id()}]
)
def test_approval_for_other_action_subject_or_amount_is_refused(clinic: Clinic, other: dict[str, object]) -> None:
    with pytest.raises(NeedsApproval):
        spend(clinic, ask(clinic, clinic.manager.pin), **other)


def test_approval_used_by_other_person_is_refused(clinic: Clinic) -> None:
    with pytest.raises(NeedsApproval):
        spend(clinic, ask(clinic, clinic.owner.pin), actor=clinic.manager, second=True)


def test_approval_after_two_minutes_is_refused(clinic: Clinic) -> None:
    key = ask(clinic, clinic.manager.pin)
    with clock.at(clock.now() + timedelta(minutes=2)), pytest.raises(NeedsApproval):
        spend(clinic, key)


def test_approval_by_oneself_or_without_rank_is_refused_with_same_message(clinic: Clinic) -> None:
    """One answer to them all, also to a PIN that is nobody's: it does not tell that something is a PIN."""
    said = set()
    for pin, by in (
        (clinic.manager.pin, clinic.manager),
        (clinic.receptionist.pin, clinic.owner),
        (clinic.eur_receptionist.pin, clinic.receptionist),
        ("975310", clinic.receptionist),
    ):
        with pytest.raises(Invalid) as refused:
            ask(clinic, pin, by=by)
        said.add((refused.value.sentence, refused.value.field, refused.value.status))
    assert len(said) == 1


def test_approval_five_wrong_pins_lock_desk(clinic: Clinic) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            ask(clinic, "975310")
    with pytest.raises(Locked):
        ask(clinic, clinic.manager.pin)


def test_approval_wrong_pins_at_two_desks_lock_person(clinic: Clinic) -> None:
    for desk in (0, 0, 0, 1, 1):
        with pytest.raises(Invalid):
            ask(clinic, "975310", desk=desk)
    with pytest.raises(Locked):
        ask(clinic, clinic.manager.pin, desk=1)
    assert ask(clinic, clinic.owner.pin, by=clinic.manager, desk=1), "the desk itself has seen two"
