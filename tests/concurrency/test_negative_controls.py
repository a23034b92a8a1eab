"""Negative controls of the races for the mailed link and the approval (test_over_http.py): without the condition in its one
statement each is used twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from pos.core.errors import Invalid, NeedsApproval
from pos.core.ids import new_id
from pos.domain.clients import registration as clients
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.permissions import Permission
from pos.services.auth import give_approval
from tests.support.clinic import Clinic


def link(world: Clinic) -> Callable[[], object]:
    token = world.write(lambda session: clients.make_link(session, world.ana))
    return lambda: world.write(lambda session: clients.use_link(session, token))


def approval(world: Clinic) -> Callable[[], object]:
    facts: dict[str, Any] = {"action": "refund", "subject_id": new_id(), "amount_minor": 2_00}
    with world.app.app_context():
        given = give_approval(desk_id=world.usd.desk, asked_by=world.receptionist.id, pin=world.manager.pin, **facts)
    facts |= {"actor": world.receptionist, "permission": Permission.REFUND, "location_id": world.usd.location_id}
    return lambda: world.write(lambda session: use_approval(session, given, **facts))


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(("made", "table"), [(link, "client_links"), (approval, "approvals")])
def test_link_and_approval_without_used_condition_are_used_twice(
    clinic: Clinic, made: Callable[[Clinic], Callable[[], object]], table: str, guarded: bool
) -> None:
    use, condition = made(clinic), f" AND {table}.used_at IS NULL"

    def without(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> tuple[str, Any]:
        return statement.replace(condition, ""), parameters

    with clinic.read() as session:
        engine = session.get_bind().engine
    if not guarded:
        event.listen(engine, "before_cursor_execute", without, retval=True)
    assert use()
    if guarded:
        with pytest.raises((Invalid, NeedsApproval)):
            use()
    else:
        assert use()
