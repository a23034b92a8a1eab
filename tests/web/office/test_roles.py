"""Roles in the office: what each may do, its limits, and the second factor that a role needs."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from pos.cli import main
from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.ids import new_id
from pos.domain.staff.limit_rules import Limit
from pos.domain.staff.models import SecondFactor
from pos.domain.staff.permissions import Permission, Role
from pos.domain.staff.role_limits import limits_of
from pos.domain.staff.totp import code_at, step_of
from pos.web.office.team.role_words import limit_words, permission_groups
from tests.support.clinic import Clinic, Colleague
from tests.web.office.test_staff_pages import Office, enter, office, send, shown_secret

__all__ = ["office"]
PAGE = "/office/settings/roles"
FACTOR = "/office/second-factor"


def give_factor(clinic: Clinic, who: Colleague) -> None:
    """A second factor that counts."""
    factor = SecondFactor(staff_id=who.id, secret="JBSWY3DPEHPK3PXP", proved_at=clock.now(), last_step=0)
    clinic.write(lambda session: session.merge(factor))


@pytest.fixture
def required(clinic: Clinic, office: Office) -> Clinic:
    """A clinic whose owner, who has a second factor, needs one of managers and owners."""
    give_factor(clinic, clinic.owner)
    web = office(clinic.owner)
    for role in ("manager", "owner"):
        assert send(web, f"{PAGE}/{role}/second-factor", PAGE, required="1").status_code == 303
    return clinic


def test_every_permission_and_limit_has_words(clinic: Clinic) -> None:
    with clinic.app.test_request_context():
        said = [permission for _, group in permission_groups() for permission in group]
        assert sorted(said) == sorted(Permission)
        assert set(limit_words("USD")) == set(Limit)


def test_limits_typed_by_owner_are_kept_and_shown_to_manager(clinic: Clinic, office: Office) -> None:
    web = office(clinic.owner)
    form = {
        "discount_percent": "12,5 %", "discount_minor": "", "refund_minor": "50", "cash_refund_minor": "0",
        "void_minor": "7.50", "paid_out_minor": "1 000", "difference_minor": "2",
    }  # fmt: skip
    answer = send(web, f"{PAGE}/receptionist/limits?location=riverside", PAGE, **form)
    assert answer.status_code == 303, answer.text
    assert "The limits at Riverside are saved." in web.get(answer.location).text
    with clinic.read() as session:
        now = limits_of(session, clinic.usd.location_id, Role.RECEPTIONIST)
        assert {limit.value: str(now.of(limit)) for limit in Limit if limit.value in form} == {
            "discount_percent": "12.5", "discount_minor": "None", "refund_minor": "5000", "cash_refund_minor": "0",
            "void_minor": "750", "paid_out_minor": "100000", "difference_minor": "200",
        }  # fmt: skip
        assert now.of(Limit.GOODWILL) == 0
    seen = office(clinic.manager).get(PAGE).text
    assert "50.00 USD" in seen
    assert "no limit" in seen
    assert "always asks" in seen
    assert "Save the limits" not in seen


@pytest.mark.parametrize(
    ("role", "field", "text", "words"),
    [
        ("receptionist", "discount_percent", "101", "between 0 and 100"),
        ("receptionist", "discount_percent", "-1", "between 0 and 100"),
        ("receptionist", "discount_percent", "9" * 30, "between 0 and 100"),
        ("receptionist", "refund_minor", "lots", "is not an amount"),
        ("receptionist", "refund_minor", "-5", "is not an amount"),
        ("manager", "complimentary_credits", "1.5", "Write a whole number"),
        ("manager", "extension_days", "99999", "at most 3650"),
    ],
)
def test_limit_without_sense_is_refused_and_what_was_typed_stays(
    clinic: Clinic, office: Office, role: str, field: str, text: str, words: str
) -> None:
    answer = send(office(clinic.owner), f"{PAGE}/{role}/limits", PAGE, void_minor="4711", **{field: text})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{text}"' in answer.text
    assert 'value="4711"' in answer.text
    assert f"{role}-{field}-error" in answer.text


def test_second_factor_is_required_by_owner_who_has_one_only(clinic: Clinic, office: Office) -> None:
    web = office(clinic.owner)
    assert "To require it of a role, have one yourself first." in web.get(PAGE).text
    refused = send(web, f"{PAGE}/manager/second-factor", PAGE, required="1")
    assert (refused.status_code, "Set up a second factor for yourself first" in refused.text) == (409, True)
    assert office(clinic.manager).get("/office/sales").status_code == 200
    give_factor(clinic, clinic.owner)
    assert send(web, f"{PAGE}/manager/second-factor", PAGE, required="1").status_code == 303
    assert "Without one now: Mara." in web.get(PAGE).text
    with clinic.read() as session:
        note = session.scalars(select(AuditEvent).where(AuditEvent.action == "roles.second_factor")).one()
        assert (note.actor_id, note.detail) == (
            clinic.owner.id, {"before": {"manager": False}, "after": {"manager": True}},
        )  # fmt: skip


def test_person_without_required_factor_sets_it_up_after_password_and_reaches_nothing_before(
    required: Clinic, office: Office, frozen: datetime
) -> None:
    clinic, person = required, required.manager
    before = office(person)  # signed in before it was needed
    web = office(None)
    answer = enter(web, person.email, person.password)
    assert answer.status_code == 303
    for signed_in in (before, web):
        assert signed_in.get("/office/sales").location == f"{FACTOR}?next=/office/sales"
        reached = {
            rule.rule
            for rule in clinic.app.url_map.iter_rules()
            if rule.rule.startswith("/office") and not rule.arguments and "GET" in (rule.methods or ())
            and signed_in.get(rule.rule).status_code == 200
        }  # fmt: skip
        assert reached == {FACTOR, "/office/forgotten"}
        assert signed_in.get("/office/sign-in").location.startswith(FACTOR)
        limits = send(signed_in, f"{PAGE}/receptionist/limits", FACTOR, refund_minor="")
        assert limits.location.startswith(FACTOR)
    assert web.get("/office/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/office/sign-in"
    assert send(web, f"{FACTOR}/begin?next=/office/sales", FACTOR).status_code == 303
    secret = shown_secret(web.get(FACTOR).text)
    assert web.get(f"{FACTOR}/code.svg").mimetype == "image/svg+xml"
    wrong = send(web, f"{FACTOR}/prove", FACTOR, code="000000")
    assert (wrong.status_code, "That code is not right" in wrong.text) == (422, True)
    proved = send(web, f"{FACTOR}/prove", FACTOR, code=code_at(secret, step_of(frozen)), next="/office/sales")
    assert len(re.findall(r"<li>[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}</li>", proved.text)) == 10
    assert 'href="/office/sales"' in proved.text
    assert web.get("/office/sales").status_code == 200
    assert web.get(FACTOR).location == "/office/"
    assert before.get("/office/sales").location.startswith("/office/sign-in")  # other sign-ins ended
    # It is asked for from now on; at a desk the PIN is enough, as before.
    assert "authenticator app" in enter(office(None), person.email, person.password).text
    assert clinic.desk_cookie(person)


def test_required_factor_turned_off_is_set_up_anew_and_requirement_can_end(required: Clinic, office: Office) -> None:
    clinic, web = required, office(required.owner)
    own = "/office/your-sign-in"
    assert "Your role needs one." in web.get(own).text
    assert send(web, f"{own}/end", own, present=clinic.owner.password).status_code == 303
    assert web.get(own).location.startswith(FACTOR)
    give_factor(clinic, clinic.owner)
    assert send(web, f"{PAGE}/manager/second-factor", PAGE, required="0").status_code == 303
    assert office(clinic.manager).get("/office/sales").status_code == 200
    assert office(clinic.bookkeeper).get("/office/sales").status_code == 200


def test_last_resort_lets_owner_in_to_set_required_factor_up_again(
    required: Clinic, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = required
    monkeypatch.setattr("pos.cli.staff.app", lambda: clinic.app)
    done = CliRunner().invoke(main, ["staff", "reset", str(clinic.owner.email), "--generate"])
    password = re.search(r"Password: (\S+)", done.output)
    assert password, done.output
    web = office(None)
    assert enter(web, clinic.owner.email, password[1]).status_code == 303
    assert web.get("/office/sales").location.startswith(FACTOR)
    assert web.get(FACTOR).status_code == 200


def test_goodwill_above_limit_in_office_says_who_can(clinic: Clinic, office: Office) -> None:
    web = office(clinic.owner)
    send(web, f"{PAGE}/manager/limits?location=riverside", PAGE, goodwill_minor="10")
    path = f"/office/clients/{clinic.ana}/account-credit"
    form = {"location": "riverside", "amount": "10.01", "reason": "A long wait", "action_id": str(new_id())}
    refused = send(office(clinic.manager), path, path, **form)
    assert refused.status_code == 403
    assert "An owner, or somebody with a higher limit, can do it." in refused.text
    assert 'value="10.01"' in refused.text
