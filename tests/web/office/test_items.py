"""Services, durations, add-ons, articles and the price list are kept in the office; the desk sells by them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.errors import Invalid
from pos.domain.catalogue.barcodes import wrong_check_digit
from pos.domain.catalogue.models import Item, Price, Service
from pos.domain.catalogue.queries import menu
from pos.domain.catalogue.services_and_items import REGISTER_KEYS
from pos.domain.locations.queries import desk_place
from tests.support.clinic import Clinic, Colleague, line

SETTINGS = "/office/settings"
OfficeOf = Callable[[Colleague | None], FlaskClient]


def send(web: FlaskClient, page: str, form: dict[str, Any] | None = None, to: str | None = None) -> tuple[int, str]:
    """Send the form of a page as it stands, with other values; the status and the page, or where it leads."""
    shown = web.get(f"{SETTINGS}/{page}").text
    given = dict(re.findall(r'name="(csrf_token|seen|service_id|item_id)"[^>]*value="([^"]*)"', shown))
    given |= {name: value for value, name in re.findall(r'value="([^"]*)"[^>]*name="(seen|service_id|item_id)"', shown)}
    answer = web.post(f"{SETTINGS}/{to or page}", data=given | (form or {}))
    return answer.status_code, answer.headers.get("Location") or answer.text


def cell(item_id: UUID, was: str, price: str, slug: str = "riverside") -> dict[str, str]:
    return {f"was-price-{item_id}-{slug}": was, f"price-{item_id}-{slug}": price}


def kept(books: Clinic, query: Any) -> Any:
    with books.read() as session:
        return session.scalars(query).one()


def test_service_added_with_duration_and_price_is_sold_at_desk(books: Clinic, office: OfficeOf) -> None:
    web = office(books.owner)
    texts = {"name": "Hand massage", "short_name": "Hand", "description": "Hands."}
    status, there = send(web, "services/new", texts)
    assert status == 303
    service_id = there.split("?")[0].rsplit("/", 1)[1]
    assert "No duration yet" in web.get(f"{SETTINGS}/items").text
    page = f"items/new/variant?service={service_id}"
    duration = {"minutes": "20", "tax_category": "service", "price-riverside": "30", "price-altstadt": ""}
    assert send(web, page, duration)[0] == 303
    status, answer = send(web, page, duration)
    assert (status, "has this duration already" in answer) == (422, True)
    status, answer = send(web, page, duration | {"minutes": "25", "price-riverside": "much"})
    assert (status, "price-riverside-error" in answer, 'value="much"' in answer) == (422, True, True)
    item = kept(books, select(Item).where(Item.service_id == UUID(service_id)))
    assert (item.name, item.minutes) == ("Hand 20", 20)
    books.items["hand_20"] = item.id
    sold = books.sell(line("hand_20"))
    with pytest.raises(Invalid):
        books.sell(line("hand_20"), site=books.eur)  # no price there
    # Another short name renames the duration; what was sold keeps its own.
    assert send(web, f"services/{service_id}", texts | {"short_name": "Palm"})[0] == 303
    assert kept(books, select(Item.name).where(Item.id == item.id)) == "Palm 20"
    assert "Hand 20" in web.get(f"/office/sales/{sold.sale_id}").text
    # Retired with its duration, and back with it.
    assert send(web, f"services/{service_id}", to=f"services/{service_id}/retire")[0] == 303
    with pytest.raises(Invalid):
        books.sell(line("hand_20"))
    assert send(web, f"services/{service_id}", to=f"services/{service_id}/offer")[0] == 303
    books.sell(line("hand_20"))
    with books.read() as session:
        found = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == UUID(service_id)))
        actions = sorted(found)
    assert actions == ["service.added", "service.changed", "service.offered_again", "service.retired"]


def test_item_form_wrong_name_key_or_barcode_names_the_field(books: Clinic, office: OfficeOf) -> None:
    web = office(books.owner)
    article = {"name": "Ice pack", "tax_category": "goods", "key": "v", "code": "036000291452", "price-riverside": "5"}
    page = "items/new/retail"
    status, _ = send(web, page, article)
    assert status == 303
    made = kept(books, select(Item).where(Item.name == "Ice pack"))
    assert (made.key, made.code) == ("V", "036000291452")
    other = article | {"name": "Hot pack", "key": "Y", "code": ""}
    for wrong, field, words in (
        ({"name": "ICE pack"}, "name", "Another one on offer"),
        ({"name": ""}, "name", "This is needed."),
        ({"key": "v"}, "key", "Ice pack has this key."),
        ({"key": "k"}, "key", "The register itself uses K."),
        ({"key": "7"}, "key", "one letter from A to Z"),
        ({"code": "0036000291452"}, "code", "Ice pack has this barcode."),
        ({"code": "4006381333930"}, "code", "would be 1"),
        ({"tax_category": "x"}, "tax_category", "Choose one of these"),
    ):
        status, answer = send(web, page, other | wrong)
        assert (status, f'id="{field}-error"' in answer, words in answer) == (422, True, True), wrong
    assert send(web, page, other | {"code": "OWN-7"})[0] == 303
    # Saved by somebody else meanwhile: nothing is overwritten.
    status, answer = send(web, f"items/{made.id}", article | {"name": "Cold pack", "seen": "old"})
    assert (status, "Somebody changed this meanwhile" in answer, "Cold pack" in answer) == (409, True, True)
    assert send(web, f"items/{made.id}", to=f"items/{made.id}/retire")[0] == 303
    assert send(web, page, other | {"name": "Warm pack", "key": "V", "code": "55"})[0] == 303  # the key is free again
    status, answer = send(web, f"items/{made.id}", to=f"items/{made.id}/offer")
    assert (status, "Warm pack has this key." in answer) == (422, True)


def test_register_keys_no_item_may_have_are_those_of_the_script() -> None:
    script = (Path(__file__).parents[3] / "pos/static/js/register/keys.js").read_text(encoding="utf-8")
    body = script.split("function commands(open)")[1].split("\n}\n")[0]
    assert "".join(sorted(re.findall(r"^    ([A-Z]): ", body, re.M))) == REGISTER_KEYS


def test_retire_duration_that_plan_or_credit_needs_is_refused(books: Clinic, office: OfficeOf) -> None:
    web, item_id = office(books.owner), books.items["trigger_60"]
    page = f"items/{item_id}"
    status, answer = send(web, page, to=f"{page}/retire")
    assert (status, "10 × 60 min" in answer, "already sold stay" in answer) == (409, True, True)
    books.buy("three", books.ben)
    for plan in ("three", "five", "ten", "buy_5_get_1"):
        books.write(lambda session, key=books.items[plan]: setattr(session.get(Item, key), "active", False))
    status, answer = send(web, page, to=f"{page}/retire")
    assert (status, "Clients still hold" in answer) == (409, True)
    today = clock.now().date().isoformat()
    status, answer = send(web, "prices", {"from_on": today} | cell(item_id, "100.00", ""))
    assert (status, "Clients still hold" in answer) == (422, True)
    assert kept(books, select(Item.active).where(Item.id == item_id))
    # One that nothing needs goes.
    free = books.items["swedish_90"]
    assert send(web, f"items/{free}", to=f"items/{free}/retire")[0] == 303
    assert "Retired" in web.get(f"{SETTINGS}/services/{service_of(books, free)}").text


def service_of(books: Clinic, item_id: UUID) -> UUID:
    found: UUID = kept(books, select(Item.service_id).where(Item.id == item_id))
    return found


def test_price_list_price_of_tomorrow_counts_from_tomorrow(books: Clinic, office: OfficeOf) -> None:
    web, item_id = office(books.owner), books.items["foot_60"]
    change = {"from_on": "2026-06-17"} | cell(item_id, "75.00", "80")
    change |= cell(item_id, "75.00", "82,50", "altstadt") | cell(books.items["oil"], "18.00", "18.00")
    assert send(web, "prices", change)[0] == 303
    page = web.get(f"{SETTINGS}/prices").text
    assert "$80.00" in page
    assert 'value="75.00"' in page
    today = books.due(books.wanted(line("foot_60")))
    with clock.at(datetime(2026, 6, 17, 18, tzinfo=UTC)):
        assert books.due(books.wanted(line("foot_60"))) == 86_40
    assert (today, books.due(books.wanted(line("foot_60")))) == (81_00, 81_00)
    # Taken back before its day; not after it, and not twice.
    asked = {"item": item_id, "location": "riverside", "from_on": "2026-06-17"}
    assert send(web, "prices", asked, to="prices/take-back")[0] == 303
    status, answer = send(web, "prices", asked, to="prices/take-back")
    assert (status, "no price to take back" in answer) == (409, True)
    with clock.at(datetime(2026, 6, 17, 18, tzinfo=UTC)):
        assert books.due(books.wanted(line("foot_60"))) == 81_00
    with books.read() as session:
        rows = session.execute(select(Price.price_minor, Price.from_on).where(Price.item_id == item_id)).all()
    assert sorted(minor for minor, _ in rows) == [75_00, 75_00, 82_50]


def test_price_list_wrong_cells_are_named_and_nothing_is_saved(books: Clinic, office: OfficeOf) -> None:
    web, foot, oil = office(books.owner), books.items["foot_60"], books.items["oil"]
    good = cell(foot, "75.00", "76")
    for from_on, cells, words in (
        ("2026-06-16", cell(oil, "18.00", "dear"), f'id="price-{oil}-riverside-error"'),
        ("2026-06-16", cell(oil, "17.00", "19"), "Somebody changed this price meanwhile"),
        ("2026-06-16", cell(books.items["ten"], "900.00", "0"), "A package costs more than nothing"),
        ("2026-06-15", {}, "from today or later"),
        ("soon", {}, "Choose a day."),
    ):
        status, answer = send(web, "prices", {"from_on": from_on} | good | cells)
        assert (status, words in answer, 'value="76"' in answer) == (422, True, True), words
    assert books.due(books.wanted(line("foot_60"))) == 81_00
    # A manager sees and changes only the prices of their own location.
    mine = office(books.manager)
    assert "altstadt" not in mine.get(f"{SETTINGS}/prices").text
    assert send(mine, "prices", {"from_on": "2026-06-16"} | cell(foot, "75.00", "1", "altstadt"))[0] == 303
    assert (
        kept(books, select(Price.price_minor).where(Price.item_id == foot, Price.location_id == books.eur.location_id))
        == 75_00
    )


def test_price_list_emptied_price_ends_sale_at_that_location(books: Clinic, office: OfficeOf) -> None:
    web, foot = office(books.owner), books.items["foot_60"]
    assert send(web, "prices", {"from_on": "2026-06-16"} | cell(foot, "75.00", ""))[0] == 303
    with pytest.raises(Invalid):
        books.sell(line("foot_60"))
    books.sell(line("foot_60"), site=books.eur)
    assert send(web, "prices", {"from_on": "2026-06-16"} | cell(foot, "", "70"))[0] == 303
    assert books.due(books.wanted(line("foot_60"))) == 75_60


def test_menu_order_moved_by_button_is_the_order_of_the_register(books: Clinic, office: OfficeOf) -> None:
    web = office(books.owner)

    def order() -> list[str]:
        shown = web.get(f"{SETTINGS}/items").text
        return re.findall(r'href="/office/settings/services/[0-9a-f-]{36}">([^<]+)<', shown)

    before = order()
    last = kept(books, select(Service.id).where(Service.name == before[-1]))
    assert send(web, "items", {"key": last, "way": "up"}, to="items/move")[0] == 303
    assert order() == [*before[:-2], before[-1], before[-2]]
    for _ in range(3):  # the first stays first
        assert send(web, "items", {"key": last, "way": "up"}, to="items/move")[0] == 303
    assert order()[0] == before[-1]
    assert send(web, "items", {"key": last, "place": "3"}, to="items/move")[0] == 303
    assert order() == [*before[:2], before[-1], *before[2:-1]]
    assert send(web, "items", {"key": last, "place": "9999"}, to="items/move")[0] == 303  # the last stays last
    assert order() == before
    for wrong in ("0", "-1", "²", "one", "10000"):
        assert send(web, "items", {"key": last, "place": wrong}, to="items/move")[0] == 422


def test_package_plan_moved_to_the_first_place_is_first_on_the_page_and_at_the_desk(
    books: Clinic, office: OfficeOf
) -> None:
    web, order = office(books.owner), select(Item.id).where(Item.kind == "package", Item.active).order_by(Item.position)
    with books.read() as session:
        plans = session.scalars(order).all()
    assert send(web, "plans", {"key": str(plans[-1]), "place": "1", "of": "plans"}, to="items/move") == (
        303, f"{SETTINGS}/plans?done=moved&moved={plans[-1]}#row-{plans[-1]}",
    )  # fmt: skip
    with books.read() as session:
        assert session.scalars(order).all() == [plans[-1], *plans[:-1]]
        where = desk_place(session, books.usd.desk).place
        assert [one.item_id for one in menu(session, where, where.today()).packages] == [plans[-1], *plans[:-1]]


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("4006381333931", None),
        ("4006381333930", "1"),
        ("036000291452", None),
        ("73513537", None),
        ("73513538", "7"),
        ("OWN", None),
    ],
)
def test_barcode_wrong_check_digit_is_told(code: str, right: str | None) -> None:
    assert wrong_check_digit(code) == right
