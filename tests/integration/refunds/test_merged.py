"""A refund after a merge: it goes to the purchaser, whichever of their records the money and the credits stand on."""

from __future__ import annotations

from pos.domain.credits.models import PurchasedPackage
from pos.domain.stored_value.wallet import account_balance
from pos.services.packages.share_and_transfer import transfer_credits
from tests.integration.refunds.conftest import Desk
from tests.support.client_actions import broken, goodwill, merge
from tests.support.clinic import line
from tests.support.gift_card_desk import by_account, content, pay
from tests.support.package_actions import package_action


def test_refund_after_merge_of_receiver_covers_credits_given_to_them(desk: Desk) -> None:
    c = desk.clinic
    lot = c.buy("ten", c.ana)
    package = c.lot(lot).package_id
    with c.read() as session:
        sale_id = session.get_one(PurchasedPackage, package).sale_id
    assert sale_id is not None
    with c.app.app_context():
        transfer_credits(package_action(c), lot, credits=2, receiver_id=c.ben)
    merge(c, c.ben, c.ana)
    desk.refund(sale_id, package_id=package)
    assert c.lot(lot).remaining == 0
    assert c.balance(c.usd, "package_liability") == 0
    assert broken(c) == {}


def test_refund_after_merge_onto_the_account_reaches_the_client_who_stays(desk: Desk) -> None:
    c = desk.clinic
    goodwill(c, c.ana, 100_00)
    paid = pay(c, content(c, line("foot_30"), stored=(by_account(),)), client=c.ana).sale_id
    merge(c, c.ben, c.ana)
    desk.refund(paid, positions=(1,))
    with c.read() as session:
        assert account_balance(session, c.ben, c.usd.location_id) == 100_00
    assert broken(c) == {}
