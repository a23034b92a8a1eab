"""Refunds at the faces: what the desk asks and is told, the office's pages, the client's link, and the letters."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.ids import new_id
from pos.core.mail import MailboxMail
from pos.core.outbox import OutboxMessage
from pos.domain.refunds.models import RefundPart
from pos.domain.staff.queries import by_key
from pos.domain.stock.queries import present_stock
from pos.services.catalogue.stock import StockEntry, move_stock
from pos.services.jobs.event_handlers import HANDLERS
from tests.integration.refunds.conftest import Desk
from tests.support.cards import CARDS
from tests.support.clinic import line
from tests.web.register.conftest import Register

MAILBOX = pytest.mark.settings(MAILBOX="on", **CARDS.kwargs)


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: what differs between the databases lies below the faces."""
    return sqlite_database


def test_refund_of_package_at_desk_is_previewed_approved_and_paid_once(desk: Desk) -> None:
    clinic = desk.clinic
    sale_id = clinic.sell(line("ten"), client=clinic.ana).sale_id
    for _ in range(3):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    register = Register(clinic, clinic.receptionist)
    found = register.get(f"/sales/{sale_id}/refundable").get_json()
    (package,) = found["packages"]
    assert (package["credits"], package["left"]) == (10, 7)
    assert found["void"] is None  # three of its sessions were used
    wish = {"package_id": package["package_id"]}
    shown = register.send(f"/sales/{sale_id}/refund-preview", wish).get_json()
    assert [(step["words"], step["minor"]) for step in shown["steps"]] == [
        ("Paid for the package", 972_00),
        ("Sessions used: 3 of 10", -291_60),
    ]
    assert (shown["total_minor"], shown["net_minor"], shown["tax_minor"]) == (680_40, 630_00, 50_40)
    body = wish | {"refund_id": str(new_id()), "reason": "Moving away", "expected_total_minor": 680_40}
    asked = register.send(f"/sales/{sale_id}/refunds", body)
    assert (asked.status_code, asked.get_json()["code"]) == (403, "needs_approval")
    problem = asked.get_json()
    consent = register.send(
        "/approvals",
        {name: problem[name] for name in ("action", "subject_id", "amount_minor")} | {"pin": clinic.manager.pin},
    ).get_json()
    done = register.send(f"/sales/{sale_id}/refunds", body | consent)
    assert done.status_code == 201, done.get_json()
    answer = done.get_json()
    assert (answer["state"], answer["cash_minor"], answer["note"]) == ("paid_back", 680_40, "RIV-CN-000001")
    # The answer got lost: the same wish under the same key is the same refund.
    again = register.send(f"/sales/{sale_id}/refunds", body | consent).get_json()
    assert again == answer
    page = register.http.get(answer["html"])
    assert "Corrects receipt RIV-000001" in page.text
    assert "7 sessions given up" in page.text


def test_void_at_desk_of_duplicate_sale_is_done(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("oil")).sale_id
    register = Register(desk.clinic, desk.clinic.manager)
    assert register.get(f"/sales/{sale_id}/refundable").get_json()["void"]["total_minor"] == 19_44
    body = {"refund_id": str(new_id()), "reason": "Rung up twice", "expected_total_minor": 19_44}
    assert register.send(f"/sales/{sale_id}/void", body).status_code == 201
    found = register.get(f"/sales/{sale_id}/refundable").get_json()
    assert (found["voided"], found["void"]) == (True, None)
    assert [refund["kind"] for refund in found["refunds"]] == ["void"]


@pytest.mark.parametrize(
    "body",
    [
        {"positions": "all"}, {"positions": [0]}, {"positions": [True]}, {"positions": [99]}, {"amount_minor": -1},
        {"as_credit": "yes"}, {"package_id": "ten"}, {"tip_minor": 1}, {"amount_minor": 10**9},
    ],
)  # fmt: skip
def test_refund_preview_invalid_request_is_refused_with_field(desk: Desk, body: dict[str, object]) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    answer = Register(desk.clinic, desk.clinic.manager).send(f"/sales/{sale_id}/refund-preview", body)
    assert answer.status_code == 422
    assert answer.get_json()["field"]


def paid_by_card(desk: Desk) -> UUID:
    assert desk.till is not None
    state = desk.till.charge(desk.till.command(desk.till.ticket(line("trigger_60"), client=desk.clinic.ana)))
    desk.till.tap()
    return desk.till.look(state.order_id).order_id


@CARDS
def test_refund_in_office_is_previewed_paid_once_and_listed(card_desk: Desk) -> None:
    clinic = card_desk.clinic
    sale_id = paid_by_card(card_desk)
    office = clinic.app.test_client()
    office.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    key = str(new_id())
    address = f"/office/sales/{sale_id}/refund"
    empty = office.get(address)
    assert "What goes back" in empty.text
    shown = office.get(f"{address}?what=lines&position=1&amount=50&refund_id={key}").text
    assert "Refund $50.00" in shown
    assert key in shown
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]
    form = {
        "csrf_token": token, "refund_id": key, "what": "lines", "position": "1", "amount": "50",
        "expected_total_minor": "5000", "reason": "Too loud",
    }  # fmt: skip
    wrong = office.post(address, data=form | {"reason": ""})
    assert wrong.status_code == 422
    assert "Say why" in wrong.text
    for _ in range(2):
        answer = office.post(address, data=form)
        assert (answer.status_code, answer.location) == (303, f"/office/money/refunds/{key}")
    assert card_desk.found(sale_id).refunded_minor == 50_00
    assert "paid back" in office.get(answer.location).text
    listed = office.get("/office/money/refunds").text
    assert "RIV-CN-000001" in listed
    assert "Nothing here fits the filter" in office.get("/office/money/refunds?state=failed").text
    assert office.get("/office/money/refunds?state=nonsense").status_code == 422
    assert "RIV-CN-000001" in office.get(f"/office/sales/{sale_id}").text


def letters(desk: Desk) -> dict[str, MailboxMail]:
    """Carry out what the outbox holds about refunds; the letters by who gets them."""
    with desk.clinic.read() as session:
        waiting = session.execute(
            select(OutboxMessage.topic, OutboxMessage.payload).where(OutboxMessage.topic.startswith("refund_"))
        ).all()
    with desk.clinic.app.app_context():
        for topic, payload in waiting:
            HANDLERS[topic](payload)
    with desk.clinic.read() as session:
        return {mail.to: mail for mail in session.scalars(select(MailboxMail))}


@MAILBOX
def test_refund_credit_note_is_mailed_to_client_and_failure_to_manager(card_desk: Desk) -> None:
    desk = card_desk
    assert desk.till is not None
    done = desk.refund(paid_by_card(desk))
    found = letters(desk)
    mail = found["ana@mail.example"]
    assert mail.subject == "Your credit note RIV-CN-000001 from Stillpoint Clinic"
    assert f"/cn/{done.note_token}" in mail.text
    browser = desk.clinic.app.test_client()
    assert "Credit note" in browser.get(f"/cn/{done.note_token}").text
    assert browser.get("/cn/nobody-knows-this").status_code == 404
    made = desk.till.stripe.simulator.world.store.all("refund")[0]["id"]
    desk.till.stripe.press(f"refunds/{made}/fail", reason="lost_or_stolen_card")
    with desk.clinic.app.app_context():
        HANDLERS["webhook"]({"object_id": made, "type": "refund.failed"})
    with desk.clinic.read() as session:
        assert session.scalars(select(RefundPart.state)).all() == ["failed"]
    found = letters(desk)
    assert {desk.clinic.manager.email, desk.clinic.owner.email} <= found.keys()
    news = found[desk.clinic.manager.email or ""]
    assert "did not arrive" in news.subject
    assert f"/office/money/refunds/{done.refund_id}" in news.text


def test_refund_in_office_counts_units_and_what_goes_back_into_stock(desk: Desk) -> None:
    """Two of three oils come back, one of them into stock; the first look offers all of them."""
    clinic = desk.clinic
    with clinic.read() as session:
        person = by_key(session, clinic.manager.id)
    with clinic.app.app_context():
        entries = [StockEntry(clinic.items["oil"], 5)]
        move_stock(
            action_id=new_id(), location_id=clinic.usd.location_id, kind="received", entries=entries, reason="",
            person=person,
        )  # fmt: skip
    sale_id = clinic.sell(line("oil", 3), client=clinic.ana).sale_id
    office = clinic.app.test_client()
    office.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    address = f"/office/sales/{sale_id}/refund"
    assert 'name="units-1"' in (first := office.get(address).text)
    assert 'name="restock-1"' in first
    asked = {"refund_id": str(new_id()), "what": "lines", "position": "1", "as_credit": "on", "units-1": "2"}
    shown = office.get(address, query_string=asked | {"restock-1": "1"}).text
    assert "Refund $38.88" in shown
    assert "2 × Massage oil" in shown
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]
    form = asked | {"csrf_token": token, "restock-1": "1", "expected_total_minor": "3888", "reason": "Wrong scent"}
    assert office.post(address, data=form | {"units-1": "two"}).status_code == 422
    assert office.post(address, data=form).status_code == 303
    with clinic.read() as session:
        assert present_stock(session, clinic.usd.location_id, clinic.items["oil"]) == 3
    left = desk.found(sale_id).lines[0]
    assert (left.units_left, left.gross_minor) == (1, 19_44)
