"""Tiers of therapists are named, given and priced in the office; the desk prices by them from then on."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.domain.catalogue.models import TierPrice
from tests.support.clinic import Clinic, Colleague, line

PAGE = "/office/settings/therapists"


def send(web: FlaskClient, command: str, **form: object) -> tuple[int, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', web.get(PAGE).text)
    assert token
    answer = web.post(f"{PAGE}/{command}", data={"csrf_token": token[1], **form})
    return answer.status_code, answer.text


def test_therapist_tier_named_given_and_priced_raises_price(
    books: Clinic, office: Callable[[Colleague | None], FlaskClient]
) -> None:
    web, today = office(books.owner), "2026-06-16"
    assert send(web, "name", tier="", name=" Senior ")[0] == 303
    assert send(web, "name", tier="", name="Senior")[0] == 303  # pressed twice
    assert send(web, "give", staff=books.therapist.id, tier="1")[0] == 303
    asked = {"tier": "1", "item": books.items["trigger_60"], "location": "riverside", "from_on": today}
    assert send(web, "price", **asked, price="20")[0] == 303
    page = web.get(PAGE).text
    assert page.count('value="Senior"') == 1
    assert "$20.00" in page
    assert books.due(books.wanted(line("trigger_60", therapist=books.therapist))) == 129_60
    for command, form, field, words in (
        ("name", {"tier": "", "name": "standard"}, "name", "Another tier is called that."),
        ("name", {"tier": "1", "name": ""}, "name", "Write a name"),
        ("price", asked | {"from_on": "2026-06-01", "price": "9"}, "from_on", "from today or later"),
        ("price", asked | {"tier": "0", "price": "9"}, "tier", "The standard tier costs"),
        ("price", asked | {"price": "much"}, "price", ""),
        ("price", asked | {"from_on": "x", "price": "9"}, "from_on", "Choose a day."),
    ):
        status, answer = send(web, command, **form)
        assert (status, f"{command}-{field}-error" in answer, words in answer) == (422, True, True), (command, form)
    assert send(office(books.manager), "price", **asked | {"location": "altstadt"}, price="9")[0] == 404
    assert send(office(books.manager), "give", staff=books.eur_receptionist.id, tier="1")[0] == 404
    with books.read() as session:
        assert session.scalars(select(TierPrice.surcharge_minor)).all() == [20_00]
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("tier."))).all()
    assert sorted(actions) == ["tier.name", "tier.price", "tier.staff"]
