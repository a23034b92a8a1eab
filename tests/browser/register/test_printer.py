"""The network printer at the desk: a cash sale prints by itself and opens the drawer; one that is off holds nothing up."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.axe import flaws
from tests.support.cards import CARDS
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture
from tests.support.roll_printer import roll_printer
from tests.web.register.test_printing import PULSE, set_up

pytestmark = CARDS


def test_cash_sale_prints_by_itself_and_by_the_browser_when_the_printer_is_off(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    with roll_printer() as printer:
        set_up(clinic, printer.port, prints_always=True, opens_drawer=True)
        hands = open_register()
        hands.press("Foot massage, 60 minutes")
        hands.due("81.00")
        hands.key("k")
        hands.press("100.00, give 19.00 change")
        hands.state("paid")
        (job,) = printer.jobs(1)
        assert PULSE in job
        assert b"Foot massage" in job
        hands.page.keyboard.press("Control+p")
        hands.page.get_by_text("Printed on Front.").wait_for()
        assert len(printer.jobs(2)) == 2
    hands.page.keyboard.press("Control+p")
    hands.page.get_by_text("Front did not answer. The sale is complete.").wait_for()
    link = hands.page.get_by_role("link", name="Print")
    assert (link.get_attribute("href") or "").endswith("receipt.pdf?format=80mm")
    assert flaws(hands.page) == []
    keep_picture(hands.page, "printer-silent")
