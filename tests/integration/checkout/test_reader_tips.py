"""A tip chosen on the reader: it changes the amount, and the sale carries it to the cent, once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from pos.domain.locations.models import Location
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import Sale
from pos.domain.tips import repository as tips
from pos.services.payments.payment_state import PaymentState
from tests.support.cards import CARDS, Till
from tests.support.clinic import line
from tests.support.remembered_checks import broken_checks

pytestmark = CARDS


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: what both databases must keep is raced and struck by faults elsewhere."""
    return sqlite_database


@pytest.fixture(autouse=True)
def tips_on(till: Till) -> None:
    """The clinic lets its readers ask."""
    till.clinic.write(lambda s: setattr(s.get_one(Location, till.clinic.usd.location_id), "reader_tips", True))


def charge(till: Till, *, tip: Tip | None = None, cash: int = 0, ask: bool = True) -> PaymentState:
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=till.clinic.ana, tip=tip)
    return till.charge(till.command(ticket, cash=cash, tip_on_reader=ask))


def eligible(till: Till) -> int | None:
    reader = till.stripe.simulator.world.store.get(till.readers[till.clinic.usd.desk], "terminal.reader")
    assert reader is not None
    config = reader["action"]["process_payment_intent"]["process_config"]
    return None if config.get("skip_tipping") else int(config["tipping"]["amount_eligible"])


# 120.00 of treatments and 9.60 of tax; a tip of nothing, of 20 %, and of far more than the sale.
@pytest.mark.parametrize("tip", [0, 24_00, 2_000_00])
def test_reader_tip_is_added_to_sale_receipt_and_ledger(till: Till, tip: int) -> None:
    waiting = charge(till)
    assert (waiting.amount_minor, waiting.tip_asked, eligible(till)) == (129_60, True, 120_00)
    till.tap(tip=tip)
    paid = till.look(waiting.order_id)
    assert (paid.state, paid.amount_minor, paid.tip_minor) == ("succeeded", 129_60, tip)
    assert till.charges() == [129_60 + tip]
    expected = {"stripe_clearing": 129_60 + tip, "service_revenue": -100_00, "add_on_revenue": -20_00}
    expected |= {"tax_payable:8": -9_60, **({"tips_payable": -tip} if tip else {})}
    assert till.clinic.postings(waiting.order_id) == expected
    with till.clinic.read() as session:
        sale = session.get_one(Sale, waiting.order_id)
        assert (sale.total_minor, sale.tip_minor) == (129_60, tip)
        assert session.scalars(select(Tender.amount_minor)).all() == [129_60 + tip]
        document = session.scalars(select(Receipt.document)).one()
        assert ("Total before tip" in str(document)) == bool(tip)
        assert broken_checks(session, but="drawers") == {}


def test_reader_tip_is_owed_to_therapist_of_treatment(till: Till) -> None:
    therapist = till.clinic.therapist
    ticket = till.ticket(line("trigger_60", therapist=therapist), client=till.clinic.ana)
    waiting = till.charge(till.command(ticket, tip_on_reader=True))
    till.tap(tip=10_00)
    till.look(waiting.order_id)
    with till.clinic.read() as session:
        assert tips.owed(session, till.clinic.usd.location_id) == {therapist.id: 10_00}
        assert broken_checks(session, but="drawers") == {}


def test_reader_tip_without_therapist_goes_to_pool(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"), client=till.clinic.ana), tip_on_reader=True))
    till.tap(tip=10_00)
    till.look(waiting.order_id)
    with till.clinic.read() as session:
        sale = session.get_one(Sale, waiting.order_id)
        assert tips.pools(session, sale.location_id) == {sale.business_on: 10_00}


def test_reader_tip_after_cash_is_based_on_whole_treatment(till: Till) -> None:
    waiting = charge(till, cash=100_00)
    assert (waiting.amount_minor, eligible(till)) == (29_60, 120_00)
    till.tap(tip=18_00)
    assert till.look(waiting.order_id).state == "succeeded"
    with till.clinic.read() as session:
        assert session.scalars(select(Tender.amount_minor).order_by(Tender.position)).all() == [100_00, 47_60]


@pytest.mark.parametrize("how", ["tip on the screen", "not asked for", "switched off", "nothing treated"])
def test_reader_tip_not_applicable_is_not_asked(till: Till, how: str) -> None:
    clinic = till.clinic
    if how == "switched off":
        clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "reader_tips", False))
    if how == "nothing treated":
        waiting = till.charge(till.command(till.ticket(line("ten"), client=clinic.ana), tip_on_reader=True))
    else:
        screen = Tip(percent=Decimal(10)) if how == "tip on the screen" else None
        waiting = charge(till, tip=screen, ask=how != "not asked for")
    assert (waiting.tip_asked, eligible(till)) == (False, None)


@pytest.mark.parametrize(("received", "tip"), [(150_00, 20_00), (149_59, 20_00), (129_60, 20_00), (149_60, 0)])
def test_reader_tip_other_amount_received_is_mismatch(till: Till, received: int, tip: int) -> None:
    """Exactly what was asked for and exactly the tip on top: a unit more or less is an unmatched payment."""
    waiting = charge(till)
    till.tap(tip=20_00)
    store = till.stripe.simulator.world.store
    intent = store.all("payment_intent")[0]
    with store.transaction():
        store.put(intent | {"amount_received": received, "amount_details": {"tip": {"amount": tip}}})
    doubtful = till.look(waiting.order_id)
    assert (doubtful.state, doubtful.reason_code, doubtful.paid) == ("succeeded", "mismatch", None)


def test_reader_tip_not_asked_for_is_mismatch(till: Till) -> None:
    waiting = charge(till, ask=False)
    till.tap()
    store = till.stripe.simulator.world.store
    intent = store.all("payment_intent")[0]
    with store.transaction():
        store.put(intent | {"amount_received": 139_60, "amount_details": {"tip": {"amount": 10_00}}})
    assert till.look(waiting.order_id).reason_code == "mismatch"


def test_reader_tip_declined_and_retried_is_asked_again(till: Till) -> None:
    waiting = charge(till)
    till.decline()
    assert till.look(waiting.order_id).state == "declined"
    till.again(waiting.order_id)
    assert eligible(till) == 120_00
    till.tap(tip=12_00)
    paid = till.look(waiting.order_id)
    assert (paid.state, paid.tip_minor, till.charges()) == ("succeeded", 12_00, [141_60])
