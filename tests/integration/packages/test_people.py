"""Sharing with named people, and giving credits away: caps that hold, an owner who is told, value that goes along."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from pos.core.errors import (
    Conflict,
    Invalid,
    NoCreditLeft,
    NotFound,
)
from pos.core.ids import new_id
from pos.core.mail import MailboxMail
from pos.core.outbox import OutboxMessage
from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits import sharing
from pos.domain.credits.models import CreditLot, LotShare, PurchasedPackage
from pos.domain.credits.queries import left_by_client, lots_of
from pos.domain.credits.statement import lots_held, lots_in
from pos.services.packages.adjust_credits import reverse_redemption
from pos.services.packages.freeze_and_extend import freeze_package
from pos.services.packages.invitations import invite_to_share
from pos.services.packages.share_and_transfer import (
    end_own_share,
    end_share,
    share_package,
    transfer_credits,
)
from pos.worker import work_once
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, line
from tests.support.package_actions import lines, moves, package_action

DAY = date(2026, 6, 16)


def shares(world: Clinic) -> list[tuple[int, int | None, bool]]:
    with world.read() as session:
        return [(s.used, s.cap, s.ended_at is None) for s in session.scalars(select(LotShare).order_by(LotShare.id))]


def test_package_sharing_named_client_redeems_up_to_cap(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben, cap=2)
    with clinic.read() as session:
        (offered,) = lots_of(session, clinic.ben, clinic.usd.location_id)
        assert (offered.remaining, offered.shared_by) == (2, "Ana Núñez")
        assert left_by_client(session, [clinic.ben], clinic.usd.location_id, DAY)[clinic.ben].credits == 2
    for _ in range(2):
        assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 0
    assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 108_00
    assert shares(clinic) == [(2, 2, True)]
    assert (clinic.lot(lot).remaining, clinic.lot(lot).client_id) == (8, clinic.ana)
    assert lines(clinic, lot)[0].treated == "Ben Fischer"
    first = moves(clinic, lot, "redeem")[0]
    with clinic.app.app_context():
        reverse_redemption(package_action(clinic), first)
    assert shares(clinic) == [(1, 2, True)]
    assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 0
    assert failing(book_floats(clinic)) == {}


def test_package_sharing_ended_or_invalid_share_is_refused(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        share = share_package(package_action(clinic), lot, client_id=clinic.ben)
        with pytest.raises(Conflict):
            share_package(package_action(clinic), lot, client_id=clinic.ben)
        with pytest.raises(Invalid):
            share_package(package_action(clinic), lot, client_id=clinic.ana)
        with pytest.raises(Invalid):
            share_package(package_action(clinic), lot, client_id=clinic.ben, cap=0)
        with pytest.raises(NotFound):
            share_package(package_action(clinic), lot, client_id=new_id())
        assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 0
        end_share(package_action(clinic), lot, share)
        with pytest.raises(NotFound):
            end_share(package_action(clinic), lot, share)
    assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 108_00
    assert shares(clinic) == [(1, None, False)]


@CARDS
def test_package_sharing_cap_reached_by_held_credit_is_refused_until_payment_is_canceled(clinic: Clinic) -> None:
    """Two desks showed Ben the one credit of his share; the first asks for his card, and the second comes too late."""
    with take_cards(clinic) as till:
        lot = clinic.buy("ten", clinic.ana)
        with clinic.app.app_context():
            share_package(package_action(clinic), lot, client_id=clinic.ben, cap=1)
        first, second = (
            till.ticket(line("trigger_60"), line("cupping"), client=clinic.ben, desk=desk) for desk in (0, 1)
        )
        assert (first.priced.cart.credits_used, second.priced.cart.credits_used) == (1, 1)
        waiting = till.charge(till.command(first))
        assert (shares(clinic), clinic.lot(lot).held) == ([(1, 1, True)], 1)
        with pytest.raises(NoCreditLeft):
            till.charge(till.command(second))
        assert (shares(clinic), clinic.lot(lot).held) == ([(1, 1, True)], 1)
        till.cancel(waiting.order_id)
        assert (shares(clinic), clinic.lot(lot).held) == ([(0, 1, True)], 0)
        assert till.charge(till.command(second)).state == "pending"
        till.tap(1)
        assert (shares(clinic), clinic.lot(lot).remaining) == ([(1, 1, True)], 9)


def test_package_sharing_cap_reached_after_pricing_is_refused_by_its_update(clinic: Clinic) -> None:
    """The last guard is the conditional UPDATE, for a desk that priced its ticket before another took the credit."""
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben, cap=1)
    clinic.write(lambda s: sharing.take(s, lot, clinic.ben))
    with pytest.raises(NoCreditLeft):
        clinic.write(lambda s: sharing.take(s, lot, clinic.ben))
    clinic.write(lambda s: sharing.give_back(s, lot, clinic.ben))
    clinic.write(lambda s: sharing.take(s, lot, clinic.ben))
    assert shares(clinic) == [(1, 1, True)]


@pytest.mark.settings(MAILBOX="on")
def test_package_sharing_owner_is_mailed_each_use(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben, cap=2)
        clinic.sell(line("trigger_60"), client=clinic.ben)
        clinic.sell(line("trigger_60"), client=clinic.ana)
        while work_once():
            pass
    with clinic.read() as session:
        (mail,) = session.scalars(select(MailboxMail))
    assert mail.to == "ana@mail.example"
    assert mail.subject == "Ben Fischer used one of your sessions"
    assert "Trigger point therapy, 60 min" in mail.text
    assert "Sessions left: 8" in mail.text


def test_package_sharing_by_owner_follows_terms_at_sale(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    package = clinic.lot(lot).package_id
    with clinic.app.app_context():
        with pytest.raises(NotFound):
            invite_to_share(clinic.ben, package, email="mia@mail.example", cap=None, locale="en")
        share = share_package(package_action(clinic), lot, client_id=clinic.ben, cap=3)
        assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 0
        with pytest.raises(NotFound):
            end_own_share(clinic.ben, package, share)
        end_own_share(clinic.ana, package, share)
    assert shares(clinic) == [(1, 3, False)]
    clinic.write(lambda s: s.execute(update(PackagePlan).values(sharing=False, transfer=False)))
    alone = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        with pytest.raises(Conflict, match="do not allow sharing"):
            invite_to_share(clinic.ana, clinic.lot(alone).package_id, email="ben@mail.example", cap=None, locale="en")
        with pytest.raises(Conflict, match="do not allow giving"):
            transfer_credits(package_action(clinic), alone, credits=1, receiver_id=clinic.ben)
        # What was sold before the plan was edited keeps its terms.
        invite_to_share(clinic.ana, package, email="ben@mail.example", cap=None, locale="en")
        transfer_credits(package_action(clinic), lot, credits=1, receiver_id=clinic.ben)


def test_package_sharing_cap_of_plan_limits_every_share(clinic: Clinic) -> None:
    clinic.write(lambda s: s.execute(update(PackagePlan).values(share_cap=2)))
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        with pytest.raises(Invalid, match="at most 2"):
            share_package(package_action(clinic), lot, client_id=clinic.ben, cap=3)
        share_package(package_action(clinic), lot, client_id=clinic.ben)
    assert shares(clinic) == [(0, 2, True)]


def test_transfer_two_of_ten_credits_moves_their_value(
    clinic: Clinic,
) -> None:
    """Ten, 3 used, 2 given to a sister: 450.00 of the buyer's is left, 180.00 of liability is hers."""
    lot = clinic.buy("ten", clinic.ana)
    for _ in range(3):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    before = clinic.balance(clinic.usd, "package_liability")
    gift = package_action(clinic, "For her sister.")
    with clinic.app.app_context():
        sisters = transfer_credits(gift, lot, credits=2, receiver_id=clinic.ben)
        assert transfer_credits(gift, lot, credits=2, receiver_id=clinic.ben) == sisters
    own, hers = clinic.lot(lot), clinic.lot(sisters)
    assert (own.remaining, own.removed, own.net_minor - own.recognised_minor) == (5, 2, 450_00)
    assert (hers.quantity, hers.net_minor, hers.tax_minor, hers.origin_lot_id) == (2, 180_00, 14_40, lot)
    assert (hers.expires_on, hers.client_id) == (own.expires_on, clinic.ben)
    assert clinic.balance(clinic.usd, "package_liability") == before == -630_00
    with clinic.read() as session:
        package = session.get_one(PurchasedPackage, hers.package_id)
        assert package.client_id == clinic.ana  # a refund goes to the purchaser alone
        assert [(held.client, held.quantity) for held in lots_in(session, package.id)] == [
            ("Ana Núñez", 10),
            ("Ben Fischer", 2),
        ]
        assert [held.lot_id for held in lots_held(session, clinic.ben)] == [sisters]
        assert [held.lot_id for held in lots_held(session, clinic.ana)] == [lot]
    assert clinic.sell(line("trigger_60"), line("aromatherapy"), client=clinic.ben).total_minor == 0
    assert clinic.lot(sisters).recognised_minor == 90_00
    with clinic.app.app_context():
        with pytest.raises(NoCreditLeft):
            transfer_credits(package_action(clinic), lot, credits=6, receiver_id=clinic.ben)
        with pytest.raises(Invalid):
            transfer_credits(package_action(clinic), lot, credits=1, receiver_id=clinic.ana)
        with pytest.raises(Invalid):
            transfer_credits(package_action(clinic), lot, credits=0, receiver_id=clinic.ben)
        with pytest.raises(Conflict, match="given by somebody else"):
            share_package(package_action(clinic), sisters, client_id=clinic.ana)
    assert failing(book_floats(clinic)) == {}


def test_transfer_in_parts_moves_exact_total_value(clinic: Clinic) -> None:
    """Buy 5 get 1: transfers and visits share the rounding of the six sessions."""
    lot = clinic.buy("buy_5_get_1", clinic.ana)
    with clinic.app.app_context():
        gone = [transfer_credits(package_action(clinic), lot, credits=1, receiver_id=clinic.ben) for _ in range(2)]
    for _ in range(4):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    values = [clinic.lot(g).net_minor for g in gone]
    assert values == [70_83, 70_84]
    assert sum(values) + sum(-x.value_minor for x in lines(clinic, lot) if x.kind == "redeem") == 425_00
    with clinic.read() as session:
        assert {lot.net_minor - lot.recognised_minor for lot in session.scalars(select(CreditLot))} == {70_83, 70_84, 0}
    assert failing(book_floats(clinic)) == {}


def test_transfer_and_shared_use_of_frozen_package_are_refused(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben)
        freeze_package(package_action(clinic), lot)
        with pytest.raises(Conflict, match="frozen"):
            transfer_credits(package_action(clinic), lot, credits=1, receiver_id=clinic.ben)
    assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 108_00
    with clinic.read() as session:
        facts: dict[str, Any] = {m.topic: m.payload for m in session.scalars(select(OutboxMessage))}
    assert "shared_credit_used" not in facts
