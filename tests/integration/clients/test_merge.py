"""Two records of one person become one: nothing is lost, nothing that was written changes, and the books agree."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pos.core.audit import AuditEvent
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.ids import new_id
from pos.core.paging.window import Window
from pos.domain.clients.merging import Choices
from pos.domain.clients.queries import by_email, by_session, client, name_of, search
from pos.domain.clients.records import alike
from pos.domain.clients.registration import make_link, open_session, use_link
from pos.domain.credits.models import LotShare, Redemption
from pos.domain.credits.queries import left_by_client, lots_of, shared_with
from pos.domain.credits.statement import lots_held
from pos.domain.locations.queries import places
from pos.domain.receipts.repository import of_client
from pos.domain.sales.models import Sale, Ticket
from pos.domain.stored_value import wallet
from pos.domain.stored_value.balances import ACCOUNTS, StoredValueEntry
from pos.domain.stored_value.models import AccountCreditMove
from pos.domain.stored_value.queries import account_moves, accounts_of
from pos.domain.stored_value.wallet import account_balance
from pos.reports.books.deferred_revenue import credits_left, live_packages, owed
from pos.reports.clients.client_list import listed_clients
from pos.services.checkout.cart import change_ticket, open_ticket
from pos.services.client_records.merge_clients import merge_clients
from pos.services.packages.share_and_transfer import share_package
from tests.integration.clients.test_edit import add, edit
from tests.integration.promotions.test_codes import code, command
from tests.support.actions import action
from tests.support.books import book_floats, tamper
from tests.support.client_actions import ask, broken, facts, goodwill, later, merge, merge_of, undo
from tests.support.clinic import Clinic, line
from tests.support.package_actions import package_action


@pytest.fixture
def known(clinic: Clinic) -> Clinic:
    """Ana with a package of ten and one session used, Ben with three; both have account credit."""
    book_floats(clinic)
    clinic.buy("ten", clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    clinic.buy("three", clinic.ben)
    goodwill(clinic, clinic.ana, 30_00)
    goodwill(clinic, clinic.ben, 20_00)
    return clinic


def books(session: Session) -> tuple[Any, ...]:
    """What the books say that no merge may change: liability of packages, and every account of the ledger."""
    ledger = session.execute(
        text("SELECT location_id, account_key, sum(amount_minor) FROM postings GROUP BY 1, 2 ORDER BY 1, 2")
    )
    return owed(session, places(session)), [tuple(row) for row in ledger]


def test_merge_client_has_what_both_had_and_books_say_the_same(known: Clinic) -> None:
    ana, ben, at = known.ana, known.ben, known.usd.location_id
    before = ask(known, books)
    rows = ask(known, lambda s: [(s.client_id, s.id) for s in s.scalars(select(Sale).order_by(Sale.id))])
    with later(1):
        merge(known, ana, ben)
    assert ask(known, books) == before
    assert broken(known) == {}
    assert ask(known, lambda s: [(s.client_id, s.id) for s in s.scalars(select(Sale).order_by(Sale.id))]) == rows
    for who in (ana, ben):
        assert ask(known, lambda s, w=who: sum(lot.remaining for lot in lots_of(s, w, at))) == 12
        assert ask(known, lambda s, w=who: sum(lot.remaining for lot in lots_held(s, w))) == 12
        assert ask(known, lambda s, w=who: account_balance(s, w, at)) == 50_00
        assert ask(known, lambda s, w=who: [one.balance_minor for one in accounts_of(s, w)]) == [50_00]
        moves = ask(known, lambda s, w=who: [m.delta_minor for m in account_moves(s, w, at)])
        assert sorted(moves) == [-20_00, 20_00, 20_00, 30_00]
        assert ask(known, lambda s, w=who: len(of_client(s, w))) == 3
        assert ask(known, lambda s, w=who: client(s, w).id) == ana
        assert ask(known, lambda s, w=who: name_of(s, w)) == "Ana Núñez"
    assert ask(known, lambda s: credits_left(s, [ana], places(s))) == {ana: 12}
    assert ask(known, lambda s: left_by_client(s, [ana], at, places(s)[0].today())[ana].credits) == 12
    assert ask(known, lambda s: {one.client_id for one in live_packages(s, places(s), window=Window(50))}) == {ana}


def test_merge_client_is_found_and_chosen_as_the_one_who_stays(known: Clinic) -> None:
    ana, ben = known.ana, known.ben
    edit(known, ben, email="ben@mail.example", phone="503 555 0177")
    draft = new_id()
    with known.app.app_context():
        open_ticket(ticket_id=draft, desk_id=known.usd.desk, staff_id=known.receptionist.id, client_id=ben)
    cookie = known.write(lambda s: open_session(s, ben))
    link = known.write(lambda s: make_link(s, ben))
    merge(known, ana, ben)
    assert ask(known, lambda s: search(s, "ben")) == []
    assert ask(known, lambda s: [one.client_id for one in listed_clients(s, places(s), "", Window(9))]) == [ana]
    assert ask(known, lambda s: by_email(s, "ben@mail.example").id) == ana
    assert ask(known, lambda s: [one.client_id for one in alike(s, facts(known, ana))]) == [ana]
    # Sign-ins and links of before end; a new link to either address opens the one who stays.
    assert ask(known, lambda s: by_session(s, cookie)) is None
    with pytest.raises(Invalid):
        known.write(lambda s: use_link(s, link))
    fresh = known.write(lambda s: use_link(s, make_link(s, ben)))
    assert ask(known, lambda s: by_session(s, fresh).id) == ana
    # A ticket of before, a ticket sent with the old key, and a sale without a ticket are all of the one who stays.
    assert ask(known, lambda s: s.scalar(select(Ticket.client_id))) == ana
    with known.app.app_context():
        state = change_ticket(
            ticket_id=draft, desk_id=known.usd.desk, staff_id=known.receptionist.id, client_id=ben, version=None,
            wanted=known.wanted(line("trigger_60")),
        )  # fmt: skip
    assert (state.client_id, state.priced.cart.credits_used) == (ana, 1)
    done = known.sell(line("trigger_60"), client=ben)
    assert ask(known, lambda s: s.get_one(Sale, done.sale_id).client_id) == ana
    assert broken(known) == {}


def test_merge_client_uses_credit_of_merged_record_as_their_own_and_spends_account_credit(known: Clinic) -> None:
    ana, ben = known.ana, known.ben
    merge(known, ben, ana)
    for _ in range(4):
        known.sell(line("trigger_60"), client=ben)
    used = ask(known, lambda s: [one.client_id for one in s.scalars(select(Redemption).order_by(Redemption.at))])
    assert used.count(ben) == 4
    assert (
        ask(known, lambda s: s.scalar(text("SELECT count(*) FROM outbox_messages WHERE topic = 'shared_credit_used'")))
        == 0
    )
    assert ask(known, lambda s: sum(lot.remaining for lot in lots_held(s, ben))) == 8
    assert broken(known) == {}


def test_merge_facts_are_chosen_and_an_allergy_is_never_lost(known: Clinic) -> None:
    ana, ben = known.ana, known.ben
    edit(known, ana, email="ana@mail.example", note="Door code 7", has_allergy=True, allergy="nut oil")
    edit(known, ben, email="ben@mail.example", phone="503 555 0177", note="Morning", has_allergy=True, allergy="latex")
    merge(known, ana, ben, choices=Choices(email="merged", phone="merged"))
    now = facts(known, ana)
    assert (now.given_name, now.email, now.phone) == ("Ana", "ben@mail.example", "+15035550177")
    assert (now.note, now.has_allergy, now.allergy) == ("Door code 7\nMorning", True, "nut oil; latex")
    # The other address still leads to them.
    assert ask(known, lambda s: by_email(s, "ana@mail.example").id) == ana
    edit(known, ana, email="ana@mail.example")
    assert ask(known, lambda s: by_email(s, "ben@mail.example").id) == ana


def test_merge_allergy_of_the_other_alone_is_kept_without_words(known: Clinic) -> None:
    edit(known, known.ben, has_allergy=True)
    merge(known, known.ana, known.ben, choices=Choices(note="kept"))
    assert facts(known, known.ana).has_allergy


def test_merge_chain_leads_to_the_last_and_the_wrong_direction_is_refused(known: Clinic) -> None:
    ana, ben = known.ana, known.ben
    cleo = add(known, "Cleo")
    first = merge(known, ben, ana)
    with later(5):
        second = merge(known, cleo, ben)
        assert {ask(known, lambda s, w=who: client(s, w).id) for who in (ana, ben, cleo)} == {cleo}
        assert ask(known, lambda s: account_balance(s, ana, known.usd.location_id)) == 50_00
        for kept, merged in ((ana, cleo), (ben, cleo), (cleo, ana)):
            with pytest.raises(Conflict), known.app.app_context():
                merge_clients(merge_of(known, kept, merged))
        with pytest.raises(Invalid):
            merge(known, cleo, cleo)
        with pytest.raises(NotFound):
            merge_clients_of_nobody(known)
        with pytest.raises(Conflict):  # the later one first
            undo(known, first)
        undo(known, second)
        assert {ask(known, lambda s, w=who: client(s, w).id) for who in (ana, ben)} == {ben}
        assert ask(known, lambda s: client(s, cleo).id) == cleo
        undo(known, first)
        assert ask(known, lambda s: client(s, ana).id) == ana
    assert ask(known, lambda s: account_balance(s, ana, known.usd.location_id)) == 30_00
    assert broken(known) == {}


def merge_clients_of_nobody(clinic: Clinic) -> None:
    command = merge_of(clinic, clinic.ana, clinic.ben)
    with clinic.app.app_context():
        merge_clients(type(command)(**{**command.__dict__, "merged_id": new_id()}))


def test_merge_undone_makes_both_as_they_were_and_not_after_a_sale(known: Clinic) -> None:
    ana, ben = known.ana, known.ben
    edit(known, ana, note="Door code 7")
    edit(known, ben, email="ben@mail.example", note="Morning")
    was = facts(known, ana), facts(known, ben)
    before = ask(known, books)
    with later(1):
        done = merge(known, ana, ben, choices=Choices(name="merged", email="merged"))
    with later(2):
        undo(known, done)
    assert (facts(known, ana), facts(known, ben)) == was
    assert ask(known, books) == before
    assert ask(known, lambda s: sum(lot.remaining for lot in lots_held(s, ben))) == 3
    assert ask(known, lambda s: account_balance(s, ben, known.usd.location_id)) == 20_00
    with later(3):
        done = merge(known, ana, ben)
    with later(4):
        known.sell(line("oil"), client=ana)
        with pytest.raises(Conflict):
            undo(known, done)
    assert broken(known) == {}


def test_merge_share_between_both_ends_and_a_share_of_another_lot_counts_once(known: Clinic) -> None:
    ana, ben, at = known.ana, known.ben, known.usd.location_id
    cleo = add(known, "Cleo")
    theirs = known.buy("five", cleo)
    own = ask(known, lambda s: lots_held(s, ana)[0].lot_id)
    with known.app.app_context():
        share_package(package_action(known), own, client_id=ben)
        share_package(package_action(known), theirs, client_id=ana, cap=1)
        share_package(package_action(known), theirs, client_id=ben, cap=3)
    done = merge(known, ana, ben)
    assert ask(known, lambda s: [(one.owner, one.left) for one in shared_with(s, ana)]) == [("Cleo", 3)]
    assert ask(known, lambda s: sum(lot.remaining for lot in lots_of(s, ben, at))) == 12 + 3
    with pytest.raises(Invalid), known.app.app_context():
        share_package(package_action(known), own, client_id=ben)
    assert broken(known) == {}
    with later(2):
        undo(known, done)
    assert ask(known, lambda s: len(list(s.scalars(select(LotShare.id).where(LotShare.ended_at.is_(None)))))) == 3


def test_merge_while_a_card_payment_holds_account_credit_of_the_merged_one_is_refused(known: Clinic) -> None:
    ana, ben, at = known.ana, known.ben, known.usd.location_id

    def hold(session: Session) -> None:
        named = wallet.account_of(session, ben, at)
        wallet.hold(session, ACCOUNTS, named, 5_00, StoredValueEntry("hold", action(session, at, key="hold")))

    known.write(hold)
    with pytest.raises(Conflict, match="holds account credit of Ben"):
        merge(known, ana, ben)
    assert ask(known, lambda s: client(s, ben).id) == ben
    merge(known, ben, ana)  # what the one who stays holds goes on
    assert ask(known, lambda s: account_balance(s, ana, at)) == 45_00
    assert broken(known) == {}


def test_merge_promo_code_used_by_both_counts_together(known: Clinic) -> None:
    code(known, most_per_client=1)
    oil = line("oil")
    assert known.ring_up(command(known, oil, client=known.ben)).total_minor == 17_50
    merge(known, known.ana, known.ben)
    assert known.ring_up(command(known, oil, client=known.ana)).total_minor == 19_44
    assert broken(known) == {}


def test_merge_is_said_once_in_the_log_and_repeats_without_effect(known: Clinic) -> None:
    asked = merge_of(known, known.ana, known.ben)
    with known.app.app_context():
        merge_clients(asked)
        merge_clients(asked)
    noted = select(AuditEvent).where(AuditEvent.action == "client.merge")
    rows = ask(known, lambda s: [(event.subject_id, event.detail) for event in s.scalars(noted)])
    assert [(subject, detail["merged"]) for subject, detail in rows] == [(known.ana, str(known.ben))]
    assert "Núñez" not in str(rows)
    moved = select(AccountCreditMove.delta_minor).where(AccountCreditMove.kind == "merge")
    assert sorted(ask(known, lambda s: list(s.scalars(moved)))) == [-20_00, 20_00]
    with pytest.raises(Conflict), known.app.app_context():  # somebody was faster
        merge_clients(merge_of(known, known.ana, add(known, "Dora"), seen=("old", "older")))


def test_merge_pointer_changed_by_hand_is_found_by_verify(known: Clinic) -> None:
    merge(known, known.ana, known.ben)
    tamper(known, "UPDATE clients SET merged_into_id = NULL")
    assert "client_merges" in broken(known)
