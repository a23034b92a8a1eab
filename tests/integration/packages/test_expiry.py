"""Expiry by three policies, reminders, complimentary credits: judged where the clinic is, done once however often."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from pos import cli
from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Invalid, NeedsApproval
from pos.core.mail import MailboxMail
from pos.core.outbox import OutboxMessage
from pos.domain.catalogue.models import PackagePlan
from pos.domain.locations.queries import Place, places
from pos.domain.sales.pricing import Discount
from pos.domain.stored_value.wallet import account_balance
from pos.services.packages.complimentary_credits import ComplimentaryGrant, grant_complimentary_credits
from pos.services.packages.expiry import end_freezes_and_expire, remind
from pos.services.packages.freeze_and_extend import extend_package, freeze_package
from pos.worker import work_once
from tests.conftest import NOON
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.package_actions import entries, noon, package_action

LAST = date(2027, 6, 16)


def here() -> tuple[Place, ...]:
    return places(reading())


def policy(world: Clinic, name: str) -> None:
    world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy=name)))


def test_expiry_lapse_policy_books_breakage_of_unused_credits(build_clinic: object) -> None:
    """10 for 800.00 untaxed, 8 used, lapse policy: 640.00 recognised, 160.00 breakage at expiry (0.00 before)."""
    world: Clinic = build_clinic(usd=TaxHabit("0"))
    policy(world, "lapse")
    done = world.sell(line("ten", discount=Discount(amount_minor=100_00, reason="Spring")), client=world.ana)
    assert done.total_minor == 800_00
    for _ in range(8):
        world.sell(line("trigger_60"), client=world.ana)
    assert world.balance(world.usd, "service_revenue") == -640_00
    with noon(LAST), world.app.app_context():
        assert end_freezes_and_expire(here()) == []
        assert world.balance(world.usd, "breakage") == 0
    with noon(date(2027, 6, 18)), world.app.app_context():
        (gone,) = end_freezes_and_expire(here())
        assert (gone.credits, gone.breakage_minor, gone.account_minor) == (2, 160_00, 0)
        assert end_freezes_and_expire(here()) == []
    assert world.balance(world.usd, "breakage") == -160_00
    assert world.balance(world.usd, "package_liability") == 0
    assert entries(world, "expire") == [(date(2027, 6, 18), {"package_liability": 160_00, "breakage": -160_00})]
    assert failing(book_floats(world)) == {}


def test_expiry_default_policy_turns_paid_part_into_account_credit(build_clinic: object) -> None:
    """A1 after three visits: 572.73 of liability and 57.27 of tax become 630.00 of account credit."""
    world: Clinic = build_clinic(usd=TaxHabit("10", inclusive=True))
    lot = world.buy("ten", world.ana)
    for _ in range(3):
        world.sell(line("trigger_60"), client=world.ana)
    with noon(date(2027, 6, 18)), world.app.app_context():
        (gone,) = end_freezes_and_expire(here())
        assert (gone.credits, gone.account_minor, gone.breakage_minor) == (7, 630_00, 0)
        assert account_balance(reading(), world.ana, world.usd.location_id) == 630_00
    assert [amounts for _, amounts in entries(world, "expire")] == [
        {"package_liability": 572_73, "tax_payable:10": 57_27, "account_credit": -630_00}
    ]
    assert (world.lot(lot).remaining, world.lot(lot).removed, world.lot(lot).recognised_minor) == (0, 7, 818_18)
    assert failing(book_floats(world)) == {}


def test_expiry_never_policy_keeps_credits(clinic: Clinic) -> None:
    policy(clinic, "never")
    lot = clinic.buy("ten", clinic.ana)
    with noon(date(2040, 1, 1)), clinic.app.app_context():
        assert end_freezes_and_expire(here()) == []
        assert remind(here()) == []
        assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 0
    assert clinic.lot(lot).expires_on is None


@CARDS
def test_expiry_frozen_and_held_packages_wait_and_dry_run_changes_nothing(clinic: Clinic) -> None:
    with take_cards(clinic) as till, clock.at(NOON):
        frozen, plain = clinic.buy("ten", clinic.ana), clinic.buy("ten", clinic.ben)
        # Ben has a visit and an add-on at the reader: the credit is held, and the card is not there yet.
        held = clinic.buy("ten", clinic.ben)
        visit = till.ticket(line("trigger_60", credit=held), line("cupping"), client=clinic.ben)
        waiting = till.charge(till.command(visit))
        assert (clinic.lot(held).remaining, clinic.lot(held).held) == (9, 1)
        _expire_the_rest(clinic, frozen, plain)
        assert (clinic.lot(held).remaining, clinic.lot(held).held) == (9, 1)
        with noon(date(2027, 8, 2)):
            till.cancel(waiting.order_id)
            with clinic.app.app_context():
                assert [(one.lot_id, one.credits) for one in end_freezes_and_expire(here())] == [(held, 10)]


def _expire_the_rest(clinic: Clinic, frozen: UUID, plain: UUID) -> None:
    with noon(date(2027, 6, 1)), clinic.app.app_context():
        freeze_package(package_action(clinic, "In hospital."), frozen, medical=True)
    with noon(date(2027, 6, 10)), clinic.app.app_context():
        ahead = end_freezes_and_expire(here(), on=date(2027, 6, 18), dry_run=True)
        assert [(one.lot_id, one.account_minor) for one in ahead] == [(plain, 972_00)]
        with pytest.raises(Invalid, match="not come yet"):
            end_freezes_and_expire(here(), on=date(2027, 6, 18))
        assert clinic.lot(plain).remaining == 10
    with noon(date(2027, 8, 1)), clinic.app.app_context():
        (gone,) = end_freezes_and_expire(here())
        assert gone.lot_id == plain
    assert clinic.lot(frozen).remaining == 10


def test_expiry_follows_local_time_of_each_location(clinic: Clinic) -> None:
    """The night of 17 to 18 June begins six hours earlier in Regensburg than in Portland's Riverside."""
    clinic.buy("ten", clinic.ana)
    there = clinic.buy("ten", clinic.ben, site=clinic.eur)
    with clock.at(datetime(2027, 6, 17, 22, 30, tzinfo=UTC)), clinic.app.app_context():
        (gone,) = end_freezes_and_expire(here())
        assert (gone.lot_id, gone.location) == (there, "altstadt")


@pytest.mark.settings(MAILBOX="on")
def test_expiry_reminder_is_sent_30_7_and_1_days_before_once(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)  # until 16 December 2026
    used = clinic.buy("three", clinic.ben)
    sent: dict[int, int] = {}
    with clinic.app.app_context():
        for day in range(1, 17):
            with noon(date(2026, 11, 16) if day == 1 else date(2026, 12, day)):
                for _ in range(2):
                    sent[day] = sent.get(day, 0) + len(remind(here()))
                while work_once():
                    pass
            if day == 1:
                for _ in range(3):
                    clinic.sell(line("trigger_60"), client=clinic.ben)
    assert clinic.lot(used).remaining == 0
    assert {day: count for day, count in sent.items() if count} == {1: 2, 9: 1, 15: 1}
    with clinic.read() as session:
        mails = session.scalars(select(MailboxMail).order_by(MailboxMail.at)).all()
    assert [mail.to for mail in mails].count("ana@mail.example") == 3
    assert {mail.subject for mail in mails} == {"Your sessions at Stillpoint Clinic are valid until 16 Dec 2026"}


@pytest.mark.settings(MAILBOX="on")
def test_expiry_reminder_after_extension_or_last_credit_used_is_not_sent(clinic: Clinic) -> None:
    lot, used = clinic.buy("three", clinic.ana), clinic.buy("three", clinic.ben)
    with noon(date(2026, 12, 9)), clinic.app.app_context():
        assert len(remind(here())) == 2
        extend_package(package_action(clinic), lot, to=date(2027, 2, 1))
        clinic.sell(line("trigger_60", 3), client=clinic.ben)
        assert clinic.lot(used).remaining == 0
        while work_once():
            pass
    with clinic.read() as session:
        assert session.scalars(select(MailboxMail)).all() == []
        topics = session.scalars(select(OutboxMessage.state).where(OutboxMessage.topic == "credits_expire")).all()
    assert topics == ["done", "done"]
    with noon(date(2027, 1, 2)), clinic.app.app_context():
        assert [one.stage for one in remind(here(), dry_run=True)] == [30]


def test_expiry_reminder_missed_night_sends_nearest_only(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)
    with noon(date(2026, 12, 12)), clinic.app.app_context():
        assert [one.stage for one in remind(here())] == [7]
        assert remind(here()) == []
        assert remind(here(), on=date(2026, 11, 20), dry_run=True)[0].stage == 30


def test_complimentary_credit_is_worth_nothing_and_expires_without_entry(clinic: Clinic) -> None:
    gift = ComplimentaryGrant(
        clinic.ana, clinic.usd.location_id, clinic.items["trigger_60"], 2, "complaint", date(2026, 7, 16)
    )
    with clinic.app.app_context():
        once = package_action(clinic, "Waited 40 minutes.")
        lot = grant_complimentary_credits(once, gift)
        assert grant_complimentary_credits(once, gift) == lot
        assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 0
    kept = clinic.lot(lot)
    assert (kept.quantity, kept.remaining, kept.net_minor, kept.tax_minor) == (2, 1, 0, 0)
    assert clinic.balance(clinic.usd, "package_liability") == 0
    assert clinic.balance(clinic.usd, "service_revenue") == 0
    with noon(date(2026, 7, 18)), clinic.app.app_context():
        (gone,) = end_freezes_and_expire(here())
        assert (gone.credits, gone.account_minor, gone.breakage_minor) == (1, 0, 0)
    assert entries(clinic, "expire") == []
    assert failing(book_floats(clinic)) == {}


def test_complimentary_credit_invalid_or_unapproved_is_refused(clinic: Clinic) -> None:
    def gift(
        item: str = "trigger_60", credits: int = 1, code: str = "goodwill", ends: date = LAST
    ) -> ComplimentaryGrant:
        return ComplimentaryGrant(clinic.ana, clinic.usd.location_id, clinic.items[item], credits, code, ends)

    with clinic.app.app_context():
        for wrong, field in (
            (gift(item="oil"), "item_id"),
            (gift(credits=0), "credits"),
            (gift(credits=21), "credits"),
            (gift(code="love"), "code"),
            (gift(ends=date(2026, 6, 15)), "expires_on"),
        ):
            with pytest.raises(Invalid) as refused:
                grant_complimentary_credits(package_action(clinic), wrong)
            assert refused.value.field == field
        with pytest.raises(Invalid):
            grant_complimentary_credits(package_action(clinic, ""), gift())
        with pytest.raises(NeedsApproval):
            grant_complimentary_credits(package_action(clinic, by=clinic.receptionist), gift())


def test_expiry_commands_dry_run_and_run_report_results(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.buy("three", clinic.ana)
    monkeypatch.setattr(cli.packages, "app", lambda: clinic.app)
    with noon(date(2026, 12, 9)):
        answer = CliRunner().invoke(cli.main, ["remind", "--dry-run"])
        assert (answer.exit_code, answer.output.splitlines()[-1]) == (0, "1 reminder is due; 0 without address.")
        refused = CliRunner().invoke(cli.main, ["expire", "--on", "2026-12-24"])
        assert refused.exit_code == 1
        ahead = CliRunner().invoke(cli.main, ["expire", "--on", "2026-12-24", "--dry-run"])
        assert ahead.output.splitlines() == [
            "riverside  2026-12-16  3 of 3 × 60 min: 307.80 to account credit, 0.00 earned (USD)",
            "3 credits of 1 package would end.",
        ]
        assert CliRunner().invoke(cli.main, ["expire", "--location", "nowhere"]).exit_code == 2
    with noon(date(2026, 12, 24)):
        done = CliRunner().invoke(cli.main, ["expire", "--location", "riverside"])
        assert done.output.splitlines()[-1] == "3 credits of 1 package ended."
        assert CliRunner().invoke(cli.main, ["expire"]).output == "0 credits of 0 packages ended.\n"
