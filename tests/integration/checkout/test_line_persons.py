"""A couple's visit: one ticket and one payment, each line for its person, each by their own credits."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from invoices.documents import ReportDocument
from pos.core.errors import Invalid, NoCreditLeft, NotFound
from pos.domain.credits.models import LotShare, Redemption
from pos.domain.receipts.models import Receipt
from pos.domain.sales.carts import CartRequest
from pos.domain.sales.models import SaleLine
from pos.reports.clients.visits import visits_of
from pos.services.checkout.cart import change_ticket
from pos.services.checkout.ring_up import RungUp
from pos.services.documents.registry import Reader
from pos.services.documents.visit_statements import visit_statements
from pos.services.packages.share_and_transfer import share_package
from tests.integration.refunds.conftest import Desk
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, Till
from tests.support.client_actions import ask, merge
from tests.support.clinic import Clinic, LineRequest, line
from tests.support.package_actions import package_action


def couple(clinic: Clinic, *rows: tuple[LineRequest, UUID | None]) -> CartRequest:
    """A ticket whose lines are for persons; None is its client."""
    wanted = clinic.wanted(*(row for row, _ in rows))
    lines = [replace(one, person_id=person) for one, (_, person) in zip(wanted.lines, rows, strict=True)]
    return replace(wanted, lines=tuple(lines))


def sell(clinic: Clinic, wanted: CartRequest, client: UUID | None) -> RungUp:
    command = clinic.command(client=client, cash=clinic.due(wanted, client=client))
    return clinic.ring_up(replace(command, wanted=wanted))


def treated(clinic: Clinic, sale_id: UUID) -> list[tuple[int, UUID, UUID]]:
    query = select(Redemption).where(Redemption.sale_id == sale_id).order_by(Redemption.sale_position)
    return [(one.sale_position, one.lot_id, one.client_id) for one in ask(clinic, lambda s: s.scalars(query).all())]


def test_couple_each_line_uses_credits_of_its_person_on_one_receipt(clinic: Clinic) -> None:
    book_floats(clinic)
    hers, his = clinic.buy("ten", clinic.ana), clinic.buy("five", clinic.ben)
    wanted = couple(
        clinic,
        (line("trigger_60"), None),
        (line("trigger_60"), clinic.ben),
        (line("aromatherapy"), clinic.ben),
        (line("cupping"), clinic.ana),
    )
    done = sell(clinic, wanted, clinic.ana)
    # Her cupping alone is paid; the aromatherapy comes with his package.
    assert done.total_minor == 21_60
    assert treated(clinic, done.sale_id) == [(1, hers, clinic.ana), (2, his, clinic.ben)]
    assert (clinic.lot(hers).remaining, clinic.lot(his).remaining) == (9, 4)
    with clinic.read() as session:
        lines = session.scalars(select(SaleLine).where(SaleLine.sale_id == done.sale_id).order_by(SaleLine.position))
        assert [one.person_id for one in lines] == [None, clinic.ben, clinic.ben, None]
        paper = session.scalars(select(Receipt).where(Receipt.sale_id == done.sale_id)).one().document
        assert [row["details"][0] for row in paper["lines"]] == [
            "for Ana Núñez", "for Ben Fischer", "for Ben Fischer", "for Ana Núñez",
        ]  # fmt: skip
        assert [row["package"].rpartition(" · ")[2] for row in paper["credits"]] == ["Ana Núñez", "Ben Fischer"]
        assert [one.item_id for one in visits_of(session, clinic.ben)] == [clinic.items["trigger_60"]]
        assert len(visits_of(session, clinic.ana)) == 1
    assert failing(clinic) == {}


def test_couple_void_gives_each_credit_back_to_its_package(clinic: Clinic) -> None:
    desk = Desk(clinic)
    hers, his = clinic.buy("ten", clinic.ana), clinic.buy("ten", clinic.ben)
    done = sell(clinic, couple(clinic, (line("trigger_60"), None), (line("trigger_60"), clinic.ben)), clinic.ana)
    desk.void(done.sale_id)
    assert (clinic.lot(hers).remaining, clinic.lot(his).remaining) == (10, 10)


def test_couple_sharing_one_package_keeps_to_cap(clinic: Clinic) -> None:
    """Ben may use one of her ten: his second visit is charged, and her own are not counted against his cap."""
    book_floats(clinic)
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben, cap=1)
    rows = [(line("trigger_60"), who) for who in (None, None, clinic.ben, clinic.ben)]
    done = sell(clinic, couple(clinic, *rows), clinic.ana)
    assert [person for _, _, person in treated(clinic, done.sale_id)] == [clinic.ana, clinic.ana, clinic.ben]
    assert (done.total_minor, clinic.lot(lot).remaining) == (108_00, 7)
    assert ask(clinic, lambda s: s.scalars(select(LotShare.used)).one()) == 1
    assert failing(clinic) == {}


def test_couple_last_credit_of_shared_package_is_offered_once(clinic: Clinic) -> None:
    lot = clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60"), line("trigger_60"), client=clinic.ana)
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben, cap=None)
    for rows in ([None, clinic.ben], [clinic.ben, None]):
        wanted = couple(clinic, *((line("trigger_60"), who) for who in rows))
        assert clinic.due(wanted, client=clinic.ana) == 108_00


def test_credit_of_client_is_refused_on_line_of_another_person(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    wanted = couple(clinic, (line("trigger_60", credit=lot), clinic.ben))
    with pytest.raises(NoCreditLeft):
        clinic.due(wanted, client=clinic.ana)


@pytest.mark.parametrize("item", ["oil", "ten"])
def test_what_is_bought_is_for_the_client_alone(clinic: Clinic, item: str) -> None:
    with pytest.raises(Invalid) as refused:
        clinic.due(couple(clinic, (line(item), clinic.ben)), client=clinic.ana)
    assert refused.value.field == "person_id"


def test_persons_without_client_who_pays_are_refused(clinic: Clinic) -> None:
    with pytest.raises(Invalid, match="who pays"):
        sell(clinic, couple(clinic, (line("foot_60"), clinic.ben)), None)


def test_line_for_merged_record_is_of_the_person_who_remains(clinic: Clinic) -> None:
    """A desk that still shows the merged record's key sells to the right person, whose line it then is."""
    lot = clinic.buy("ten", clinic.ana)
    merge(clinic, clinic.ana, clinic.ben)
    done = sell(clinic, couple(clinic, (line("trigger_60"), clinic.ben)), clinic.ana)
    assert treated(clinic, done.sale_id) == [(1, lot, clinic.ana)]
    assert ask(
        clinic, lambda s: s.scalars(select(SaleLine.person_id).where(SaleLine.sale_id == done.sale_id)).all()
    ) == [None]


@CARDS
@pytest.mark.parametrize("paid", [True, False])
def test_couple_by_card_holds_each_credit_for_its_person(till: Till, paid: bool) -> None:
    """A held credit of a shared package counts against his share, and is his again when the card is not charged."""
    clinic = till.clinic
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben, cap=1)
        wanted = couple(clinic, (line("foot_60"), None), (line("trigger_60"), clinic.ben))
        ticket = till.ticket(client=clinic.ana)
        at = {"desk_id": clinic.usd.desk, "staff_id": clinic.receptionist.id, "client_id": clinic.ana}
        ticket = change_ticket(ticket_id=ticket.ticket_id, wanted=wanted, version=ticket.version, **at)
    waiting = till.charge(till.command(ticket))
    used = select(LotShare.used)
    assert (clinic.lot(lot).held, ask(clinic, lambda s: s.scalars(used).one())) == (1, 1)
    if paid:
        till.tap()
        assert till.look(waiting.order_id).state == "succeeded"
        assert treated(clinic, waiting.order_id) == [(2, lot, clinic.ben)]
    else:
        till.cancel(waiting.order_id)
    assert (clinic.lot(lot).held, clinic.lot(lot).remaining) == (0, 9 if paid else 10)
    assert ask(clinic, lambda s: s.scalars(used).one()) == (1 if paid else 0)


def test_statement_by_person_sums_to_sale_and_cites_receipt(clinic: Clinic) -> None:
    clinic.buy("ten", clinic.ben)
    rows = ((line("foot_60", therapist=clinic.therapist), None), (line("trigger_60"), clinic.ben), (line("oil"), None))
    done = sell(clinic, couple(clinic, *rows), clinic.ana)
    with clinic.app.app_context():
        reader = Reader("register", frozenset({clinic.usd.location_id}))
        paper = visit_statements(done.sale_id, reader).document
        assert isinstance(paper, ReportDocument)
        with pytest.raises(NotFound):
            visit_statements(done.sale_id, replace(reader, location_ids=frozenset({clinic.eur.location_id})))
    assert paper.subtitle == f"Receipt {done.receipt_label}"
    assert [(one.heading, one.total_rows[0][1]) for one in paper.sections] == [
        ("for Ana Núñez", "$100.44"), ("for Ben Fischer", "$0.00"),
    ]  # fmt: skip
    assert "no receipt" in paper.footer
