"""Somebody who is a client already is added at the desk: they are shown with a key, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from playwright.sync_api import Route
from sqlalchemy.orm import Session

from pos.domain.clients.models import Client
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture


def named(clinic: Clinic, client_id: UUID) -> str:
    with clinic.read() as session:
        return session.get_one(Client, client_id).name


def typed(hands: DeskUser, clinic: Clinic) -> str:
    """Type the name of somebody who is there; returns their name."""
    name = named(clinic, clinic.ana)
    given, _, family = name.partition(" ")
    hands.press("New client")
    hands.page.locator("#client-dialog [name=given_name]").fill(given.lower())
    hands.page.locator("#client-dialog [name=family_name]").fill(family.upper())
    return name


def add(hands: DeskUser) -> None:
    hands.page.locator("#client-dialog").get_by_role("button", name="Add the client").click()


def known(hands: DeskUser, clinic: Clinic) -> str:
    """Add somebody who is there already, which is asked about; returns their name."""
    name = typed(hands, clinic)
    add(hands)
    hands.page.wait_for_selector("#client-dialog [data-alike]:visible")
    return name


def closed(hands: DeskUser) -> None:
    hands.page.wait_for_selector("#client-dialog:not([open])", state="attached")


def test_new_client_like_another_is_used_or_added_all_the_same(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    def note(session: Session) -> None:
        client = session.get_one(Client, clinic.ana)
        client.note, client.has_allergy, client.allergy = "Second floor", True, "nut oil"

    clinic.write(note)
    hands, count = open_register(), clinic.count(Client)
    name = known(hands, clinic)
    assert hands.page.locator("#client-dialog [name=family_name]").input_value() != ""
    assert hands.flaws() == []
    keep_picture(hands.page, "desk-known-client")
    hands.page.get_by_role("button", name=f"Use {name}").click()
    closed(hands)
    hands.page.wait_for_selector(f".ticket >> text={name}")
    assert clinic.count(Client) == count
    hands.page.locator(".ticket").get_by_role("button", name=name).first.click()
    hands.page.wait_for_selector("#client-sheet >> text=nut oil")
    assert hands.flaws() == []
    keep_picture(hands.page, "desk-client-sheet")


def test_new_client_said_to_be_another_is_added(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    hands, count = open_register(), clinic.count(Client)
    known(hands, clinic)
    hands.page.get_by_role("button", name="None of them: it is another person").click()
    closed(hands)
    assert clinic.count(Client) == count + 1


def test_new_client_answer_to_typing_after_adding_leaves_the_question_as_it_is(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    """The list that comes while the form is filled in has no key for another person: come late, it took that key away."""
    late: list[Route] = []
    hands, count = open_register(), clinic.count(Client)
    hands.page.route("**/clients/alike", lambda route: late.append(route))
    with hands.page.expect_request("**/clients/alike"):
        typed(hands, clinic)
    add(hands)
    another = hands.page.get_by_role("button", name="None of them: it is another person")
    another.wait_for()
    with hands.page.expect_response("**/clients/alike"):
        late[0].continue_()
    hands.page.evaluate("new Promise(requestAnimationFrame)")
    another.click()
    closed(hands)
    assert clinic.count(Client) == count + 1


def test_usual_treatment_of_client_is_added_by_enter_with_their_therapist(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    """Client and Enter: the treatment had most often lately, by whom; the third Enter would take the money."""
    for item in ("foot_60", "trigger_60", "trigger_60"):
        clinic.sell(line(item, therapist=clinic.therapist), client=clinic.ana)

    def note(session: Session) -> None:
        client = session.get_one(Client, clinic.ana)
        client.note, client.has_allergy, client.allergy = "Second floor", True, "nut oil"

    clinic.write(note)
    hands = open_register()
    hands.find("ana", named(clinic, clinic.ana))
    page = hands.page
    key = page.get_by_role("button", name="Usual: Trigger point therapy")
    key.wait_for()
    for words in ("Last visit", "Second floor", "Allergy: nut oil"):
        page.wait_for_selector(f".ticket-client >> text={words}")
    assert hands.flaws() == []
    keep_picture(page, "desk-client-head")
    hands.key("Enter")
    hands.due("108.00")
    page.wait_for_selector(f".ticket-line >> text={clinic.therapist.name}")
    assert key.count() == 0
    page.keyboard.press("Backspace")
    key.wait_for()
    # Another treatment names nobody: the usual therapist is the first chip on it.
    page.get_by_role("button", name="Foot massage, 60 minutes").click()
    page.get_by_role("button", name="as usual").click()
    page.wait_for_selector(f".line-who [aria-pressed=true]:has-text('{clinic.therapist.name}')")
    assert hands.flaws() == []


def test_client_sheet_opens_a_sale_changes_the_number_and_typing_names_who_has_it(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    clinic.sell(line("foot_60", therapist=clinic.therapist), client=clinic.ana)
    hands = open_register()
    page = hands.page
    hands.find("ana", named(clinic, clinic.ana))
    hands.press(f"What {named(clinic, clinic.ana)} has")
    sheet = page.locator("#client-sheet")
    sheet.get_by_role("heading", name="Last visits").wait_for()
    assert hands.flaws() == []
    keep_picture(page, "desk-client-records")
    row = sheet.locator(".sale-row").first
    assert named(clinic, clinic.ana) not in row.inner_text(), "the sheet says whose it is"
    row.click()
    page.wait_for_selector("#sale-dialog[open] >> text=Foot massage")
    page.keyboard.press("Escape")
    sheet.get_by_role("button", name="Change").click()
    contact = page.locator("#contact-dialog")
    assert contact.locator("[name=given_name]").get_attribute("readonly") is not None
    contact.locator("[name=phone]").fill("503 555 0199")
    assert hands.flaws() == []
    contact.get_by_role("button", name="Keep it").click()
    page.wait_for_selector("#contact-dialog:not([open])", state="attached")
    page.get_by_role("button", name="off the ticket").click()
    # The next one who is typed with this number is her: said while typing, and one key puts her on the ticket.
    hands.press("New client")
    page.locator("#client-dialog [name=given_name]").fill("Zoe")
    page.locator("#client-dialog [name=phone]").press_sequentially("(503) 555-0199")
    use = page.locator("#client-dialog").get_by_role("button", name=f"Use {named(clinic, clinic.ana)}")
    use.wait_for()
    assert hands.flaws() == []
    keep_picture(page, "desk-client-typed")
    use.click()
    page.wait_for_selector(f".ticket h2:text-is('{named(clinic, clinic.ana)}')")
