"""The X report at the desk: whole for those who see reports; for those who count the drawer blind, without what is in it."""

from __future__ import annotations

from collections.abc import Callable

from pos.core.audit import AuditEvent
from pos.domain.till.shifts import current_shift
from pos.services.till.shifts import expected_in
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


def test_x_report_of_receptionist_has_counts_but_no_sum_with_cash_and_is_logged(
    clinic: Clinic, register: Register, sign_in: Callable[..., Register]
) -> None:
    clinic.sell(line("trigger_60"), line("oil", 2))
    clinic.sell(line("foot_60"))
    assert register.http.get("/register/x.html").status_code == 403, "a look would tell the count"
    blind = register.http.get("/register/x/counts.html").text
    whole = sign_in(clinic.manager).http.get("/register/x.html").text
    with clinic.read() as session:
        shift = current_shift(session, clinic.usd.desk)
        assert shift is not None
        float_minor, expected = shift.float_minor, expected_in(session, shift)
    for minor in (expected, expected - float_minor, float_minor, 108_00 + 38_88, 81_00):
        assert f"{minor / 100:.2f}" not in blind, "no sum has cash in it"
    assert f"{expected / 100:.2f}" in whole
    assert [word in blind for word in ("Treatments", "Cash is counted blind", "RIV-000001 – RIV-000002")] == [True] * 3
    with clinic.read() as session:
        looks = session.query(AuditEvent).filter_by(action="shift.x_report").order_by(AuditEvent.at).all()
    assert [(one.actor_id, one.detail) for one in looks] == [
        (clinic.receptionist.id, {"with_cash": False}),
        (clinic.manager.id, {"with_cash": True}),
    ]
