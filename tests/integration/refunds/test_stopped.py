"""Where the books are stopped, what moves credits, stored value or card money is refused; cash sales go on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

import pos.services
from pos.core import clock
from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.core.outbox import OutboxMessage
from pos.domain.credits.models import CreditMove, PurchasedPackage
from pos.domain.locations.queries import place, places
from pos.domain.sales.cart_options import Gift
from pos.domain.stored_value.models import GiftCard
from pos.domain.stored_value.queries import terms_of
from pos.reports.verify import CheckResult
from pos.services.imports.import_balances import import_balances, undo_import
from pos.services.integrity.run_checks import act_on
from pos.services.packages.adjust_credits import forfeit_credit, reverse_redemption, undo_forfeit
from pos.services.packages.breakage import recognise_breakage
from pos.services.packages.complimentary_credits import ComplimentaryGrant, grant_complimentary_credits
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.freeze_and_extend import extend_package, freeze_package, unfreeze_package
from pos.services.packages.invitations import accept_invitation, invite_to_share
from pos.services.packages.share_and_transfer import end_share, share_package, transfer_credits
from pos.services.stored_value.account_credit import give_goodwill, pay_out
from pos.services.stored_value.gift_cards import (
    block,
    cash_out,
    expire_cards,
    replace_card,
    set_terms,
    unblock,
)
from tests.integration.imports.test_balances import CASE_12
from tests.integration.refunds.conftest import Desk
from tests.integration.refunds.test_cards import paid, refund_id_at_stripe
from tests.support.books import failing
from tests.support.cards import CARDS
from tests.support.client_actions import merge
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import (
    by_account,
    by_card,
    content,
    on_card,
    pay,
    sell_card,
)
from tests.support.package_actions import package_action

Actions = dict[str, Callable[[], object]]

# Every use case of the checkout that writes, and what becomes of it at a stopped location. A new one is decided here.
REFUSED = {
    "checkout.ring_up.ring_up", "checkout.place_order.place_desk_order", "payments.online_checkout._place",
    "payments.next_part._begin_card", "payments.next_part._take_stored",
    "refunds.void_sale._void", "refunds.issue_refund._refund",
    "refunds.card_refunds._retry_part", "stored_value.gift_cards.replace_card",
    "stored_value.gift_cards.cash_out", "stored_value.gift_cards._expire",
    "stored_value.account_credit.give_goodwill", "stored_value.account_credit.pay_out",
    "packages.complimentary_credits.grant_complimentary_credits", "packages.adjust_credits.forfeit_credit",
    "packages.adjust_credits.undo_forfeit", "packages.adjust_credits.reverse_redemption",
    "packages.share_and_transfer.transfer_credits",
    "packages.share_and_transfer.share_package", "packages.invitations.accept_invitation",
    "packages.freeze_and_extend.freeze_package",
    "packages.freeze_and_extend.unfreeze_package", "packages.freeze_and_extend.extend_package",
    "packages.expiry._end_freeze", "packages.expiry._expire",
    # As far as account credit moves.
    "client_records.merge_clients.merge_clients", "client_records.merge_clients.undo_merge",
    "packages.breakage._turn", "imports.import_balances.import_balances", "imports.import_balances.undo_import",
}  # fmt: skip
GOES_ON = {
    # Takes away what somebody may do, or lets a card pay again, which it cannot while it is stopped: nothing moves.
    "packages.share_and_transfer.end_share", "packages.share_and_transfer.end_own_share",
    "packages.invitations.invite_to_share",
    "packages.invitations.withdraw_invitation", "packages.invitations.end_old_invitations", "stored_value.gift_cards.block",
    "stored_value.gift_cards.unblock", "stored_value.gift_cards._count_attempt", "stored_value.gift_cards._take_back",
    "stored_value.gift_cards.set_terms",
    # What Stripe has done already, of payments, refunds and disputes that had begun: the books follow it.
    "payments.apply_outcome._apply_outcome", "payments.apply_outcome.record_stripe_ids",
    "payments.apply_outcome.release_mismatched",
    "checkout.place_order.end_unsent", "payments.terminal_payment._next_dispatch",
    "payments.terminal_payment._not_sent", "payments.terminal_payment.turn_to",
    "payments.qr_payment._no_page", "payments.switch_method._may_free", "refunds.card_refunds.apply_refund",
    "refunds.card_refunds._renew_key",
    "jobs.event_handlers.take_in", "reconciliation.disputes.apply_dispute", "reconciliation.disputes._claim_poll",
    "reconciliation.disputes._poll_failed", "reconciliation.payouts.apply_payout",
    "reconciliation.payouts.apply_rows", "reconciliation.payouts._claim_poll", "reconciliation.payouts._poll_failed",
    "reconciliation.payouts.post_discrepancy",
    "reconciliation.stripe_fees.store_balance_transactions", "reconciliation.stripe_fees._claim_look",
    "payments.record_unmatched.record_unmatched",
    # The rest of a ticket in cash, whose parts were received before; and all of it given back to whom it came from.
    "payments.next_part._take_cash", "reconciliation.give_back_parts._give_up",
    # What an owner does to find out what is missing, before the stop is lifted.
    "reconciliation.import_from_stripe._queue", "reconciliation.unmatched_transactions.carry_out",
    "reconciliation.unmatched_refunds._renew_key", "reconciliation.unmatched_refunds._apply",
    "integrity.run_checks.act_on", "integrity.run_checks.lift_stops", "integrity.restored_copy._stop",
    "reconciliation.dispute_evidence._write", "reconciliation.dispute_evidence._note", "jobs.webhook_inbox.replay",
    "jobs.webhook_inbox.try_again", "jobs.webhook_inbox.put_aside",
    # Cash, the drawer, tips and papers; sums of days that are over.
    "day_totals._sum", "day_totals.forget",
    "bookkeeping.export_journal._keep", "bookkeeping.program_accounts.set_program_accounts",
    "bookkeeping.month_files.make_month_file", "bookkeeping.month_files._end", "bookkeeping.month_files._advance",
    "bookkeeping.month_files._mark_removed",
    "bookkeeping.month_files._cancel",
    "till.cash_movements.record_movement", "till.shifts.open_shift", "till.shifts._keep_count",
    "till.shifts.count_and_close", "tips.move_tip",
    "tips.share_out", "till.close_period._close_next_day", "till.close_period._close_next_month",
    "documents.receipts._count_reprint", "documents.roll_printing._note_pulse",
    "jobs.event_handlers.request_mail", "jobs.nightly._claim", "jobs.nightly._finish", "packages.expiry._remind",
    "packages.holder_mails.mail_holders",
    # Tickets that are not paid yet, people, prices and settings.
    "checkout.cart.open_ticket", "checkout.cart.change_ticket", "checkout.cart.park_ticket",
    "checkout.cart._take_up", "checkout.cart.drop_ticket",
    # What is planned, who looked at an open shift, and the screen that faces the client.
    "appointments.booking_systems.add_booking_system", "appointments.booking_systems.end_booking_system",
    "appointments.booking_systems.take_visits",
    "appointments.import_appointments.import_appointments", "appointments.plan.add_appointment",
    "appointments.plan.change_appointment", "appointments.ring_up._put_on_ticket", "documents.x_reports.note_look",
    "locations.displays.choose_tip", "locations.displays.pair_display", "locations.displays.show_code",
    "locations.displays.unpair_display",
    # What was taken without the server waits as a ticket where it cannot be rung up.
    "offline.take_offline_sale._complete", "offline.take_offline_sale._park",
    "payments.trial_completion._try",
    "refunds.withdrawal_consent.record_express_request", "clients.register_client",
    "client_records.edit_client.edit_client", "client_records.note_export.note_export",
    "client_records.erase_client.erase_client",
    "payments.stripe_setup._intend", "payments.stripe_setup._assign", "checkout.promo_codes.write_promo",
    "catalogue.location_settings.rename_account",
    "catalogue.location_settings.set_ways_to_pay",
    "catalogue.location_settings.take_back_tax_setting", "catalogue.tax_categories.add_tax_category",
    "catalogue.tax_categories.rename_tax_category", "catalogue.tax_categories.retire_tax_category",
    "catalogue.tax_categories.bring_back_tax_category",
    "catalogue.location_settings.set_tax_setting", "catalogue.location_settings.set_breakage",
    "catalogue.therapist_tiers.name_tier", "catalogue.therapist_tiers.give_tier",
    "catalogue.therapist_tiers.price_tier", "catalogue.package_plans.create_plan",
    "catalogue.package_plans.edit_plan", "catalogue.package_plans.retire_plan", "catalogue.package_plans.price_plan",
    "catalogue.services_and_items.write_service", "catalogue.services_and_items.retire_service",
    "catalogue.services_and_items.write_item", "catalogue.services_and_items.retire_item",
    "catalogue.menu_order.move_on_menu", "imports.import_catalogue.import_catalogue", "setup.test_sale.make_test_sale",
    "catalogue.price_list.change_prices", "catalogue.price_list.take_back_price",
    "catalogue.stock.move_stock", "catalogue.stock.set_low_level",
    "locations.locations.add_location", "locations.locations.edit_location", "locations.locations.retire_location",
    "locations.locations.bring_back_location", "locations.desks.add_desk", "locations.desks.change_desk",
    "locations.desks.retire_desk", "locations.desks.bring_back_desk",
    "locations.printers.add_printer", "locations.printers.change_printer", "locations.printers.retire_printer",
    "saved_views.save_view.save_view", "saved_views.save_view.save_view_again", "saved_views.save_view.delete_view",
    "saved_views.schedule.set_schedule", "saved_views.schedule.end_schedule", "saved_views.send._queue",
    "locations.public_pages.set_public_details", "locations.review_limits.set_review_limits",
    "locations.receipt_settings.set_receipt_look", "locations.service_charges.set_service_charge",
    "setup.open_clinic.open_clinic", "setup.setup_link.make_setup_link", "setup.setup_link.use_setup_link",
    "auth.count_attempts", "auth._sign_in_at_desk", "auth._sign_in_to_office", "auth._consent", "auth.pair_device",
    "auth.unpair_device", "auth.unlock_login", "auth.sign_out", "auth.note_presence", "auth.request_link",
    "auth.sign_in_by_link", "auth.client_sign_out", "auth._ask_for_code", "auth._sign_in_with_code",
    "staff.people.add_person", "staff.people.change_person", "staff.people.deactivate", "staff.people.take_back",
    "staff.sign_in_means._set_pin", "staff.sign_in_means.set_password_of", "staff.sign_in_means._set_own",
    "staff.mailed_links.invite", "staff.mailed_links._mail_reset", "staff.mailed_links._choose",
    "staff.second_factor.begin_second_factor", "staff.second_factor._prove", "staff.second_factor._end_own",
    "staff.second_factor.reset_second_factor", "staff.commission.set_commission", "staff.last_resort.reset_sign_in",
    "staff.roles.set_role_limits", "staff.roles.require_second_factor",
}  # fmt: skip


def written_by_checkout() -> set[str]:
    """Every function of the checkout that is a unit of work."""
    found = set()
    root = Path(pos.services.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any("unit_of_work" in ast.unparse(d) for d in node.decorator_list):
                found.add(".".join((*path.relative_to(root).with_suffix("").parts, node.name)))
    return found


def test_safety_stop_every_use_case_is_listed_as_refused_or_allowed() -> None:
    assert not REFUSED & GOES_ON
    assert written_by_checkout() == REFUSED | GOES_ON


def stop(world: Clinic) -> None:
    with world.app.app_context():
        act_on(world.usd.location_id, [CheckResult("restored", "The newest one", 1, 1, "An older copy")])


def went_on(actions: Actions, world: Clinic) -> set[str]:
    """The actions that were not refused because the location is stopped."""
    answers: dict[str, tuple[object, int] | None] = {}
    for name, act in actions.items():
        answers[name] = None
        try:
            with world.app.app_context():
                act()
        except Conflict as refused:
            answers[name] = refused.extra.get("why"), refused.status
    passed = {name for name, answer in answers.items() if answer is None}
    assert {answer for answer in answers.values() if answer} <= {("stopped", 409)}, answers
    return passed


def allow_cash_out(world: Clinic, most_minor: int) -> None:
    here = world.usd.location_id
    with world.read() as session:
        where = place(session, here)
        terms = replace(terms_of(session, where, where.today()), cash_out_minor=most_minor)
        day = where.today()
    with world.app.app_context():
        set_terms(location_id=here, from_on=day, terms=terms, staff_id=world.manager.id, own=frozenset({here}))


def moves_of(world: Clinic, kind: str) -> UUID:
    with world.read() as session:
        return session.scalars(select(CreditMove.id).where(CreditMove.kind == kind).order_by(CreditMove.id)).first()


def test_safety_stop_use_cases_moving_credits_or_stored_value_are_refused(desk: Desk) -> None:
    c = desk.clinic
    here, mara = c.usd.location_id, c.manager.id
    own = frozenset({here})
    last = clock.now().date() + timedelta(days=60)
    allow_cash_out(c, 60_00)
    # Two packages: one that moves, one that rests; and a sale of each kind of value.
    package_sale = c.sell(line("three"), client=c.ana).sale_id
    lot = c.buy("ten", c.ana)
    frozen = c.buy("ten", c.ben)
    visit = c.sell(line("trigger_60"), client=c.ana).sale_id
    with c.app.app_context():
        forfeit_credit(package_action(c), lot, cause="no_show")
        freeze_package(package_action(c), frozen)
        share = share_package(package_action(c), lot, client_id=c.ben)
        imported = import_balances(
            import_id=new_id(), location_id=here, content=CASE_12.encode(), name="old.csv", staff_id=mara
        )
    card, other = sell_card(c, 50_00), sell_card(c, 40_00)
    with c.read() as session:
        card_sale = session.scalars(select(GiftCard.sale_id).where(GiftCard.id == card.card_id)).one()
        package = session.scalars(select(PurchasedPackage.id).where(PurchasedPackage.sale_id == package_sale)).one()
    with c.app.app_context():
        give_goodwill(package_action(c), client_id=c.ana, location_id=here, amount_minor=200_00)
    by_gift = pay(c, content(c, line("foot_30"), stored=(by_card(other.card_id),)), cash=20_00).sale_id
    on_credit = pay(c, content(c, line("foot_30"), stored=(by_account(),)), client=c.ana).sale_id
    plain, voided = c.sell(line("foot_30"), line("oil")).sale_id, c.sell(line("foot_30")).sale_id
    burned, used = moves_of(c, "burn"), moves_of(c, "redeem")
    with c.read() as session:
        here_alone = tuple(one for one in places(session) if one.id == here)
    before = c.lot(lot).remaining
    stop(c)

    actions: Actions = {
        "sell a package": lambda: c.buy("three", c.ben),
        "use a credit": lambda: c.sell(line("trigger_60"), client=c.ana),
        "sell a gift card to nobody": lambda: sell_card(c, 20_00),
        "sell a gift card to a client": lambda: sell_card(c, 20_00, client=c.ana),
        "sell a gift card with goods": lambda: pay(c, content(c, line("oil"), gifts=(Gift(20_00),)), cash=90_00),
        "pay with a gift card": lambda: pay(
            c, content(c, line("foot_30"), stored=(by_card(card.card_id),)), cash=60_00
        ),
        "pay with account credit": lambda: pay(c, content(c, line("foot_30"), stored=(by_account(),)), client=c.ana),
        "void the sale of a gift card": lambda: desk.void(card_sale),
        "void the sale of a package": lambda: desk.void(package_sale),
        "void the use of a credit": lambda: desk.void(visit),
        "void what a gift card paid": lambda: desk.void(by_gift),
        "void what account credit paid": lambda: desk.void(on_credit),
        "refund a gift card": lambda: desk.refund(card_sale, positions=(1,)),
        "refund a package": lambda: desk.refund(package_sale, package_id=package),
        "refund onto a gift card": lambda: desk.refund(by_gift, positions=(1,)),
        "refund onto the account": lambda: desk.refund(on_credit, positions=(1,)),
        "replace a gift card": lambda: replace_card(
            card_id=card.card_id, new_card_id=new_id(), staff_id=mara, own=own, reason="Lost"
        ),
        "pay a gift card out": lambda: cash_out(
            card_id=card.card_id, action_id=new_id(), desk_id=c.usd.desk, staff_id=mara
        ),
        "expire gift cards": lambda: expire_cards(here_alone),
        "expire packages": lambda: end_freezes_and_expire(here_alone),
        "recognise breakage": lambda: recognise_breakage(here_alone),
        "give goodwill": lambda: give_goodwill(
            package_action(c), client_id=c.ana, location_id=here, amount_minor=10_00
        ),
        "pay account credit out": lambda: pay_out(
            client_id=c.ana, action_id=new_id(), desk_id=c.usd.desk, staff_id=c.owner.id, reason="Moves away"
        ),
        "give a complimentary credit": lambda: grant_complimentary_credits(
            package_action(c), ComplimentaryGrant(c.ana, here, c.items["trigger_60"], 3, "goodwill", last)
        ),
        "merge a client with account credit": lambda: merge(c, c.ben, c.ana),
        "burn a credit": lambda: forfeit_credit(package_action(c), lot, cause="no_show"),
        "restore a burned credit": lambda: undo_forfeit(package_action(c), burned),
        "reverse a visit": lambda: reverse_redemption(package_action(c), used),
        "give credits away": lambda: transfer_credits(package_action(c), lot, credits=1, receiver_id=c.ben),
        "share a package": lambda: share_package(package_action(c), frozen, client_id=c.ana),
        "freeze a package": lambda: freeze_package(package_action(c), lot),
        "end a freeze": lambda: unfreeze_package(package_action(c), frozen),
        "extend a package": lambda: extend_package(package_action(c), lot, to=date.max),
        "import balances": lambda: import_balances(
            import_id=new_id(), location_id=here, content=CASE_12.replace("OLD-1", "OLD-2").encode(), name="more.csv"
        ),
        "undo an import": lambda: undo_import(import_id=imported.import_id),
    }
    assert went_on(actions, c) == set()
    assert (on_card(c, card.card_id), c.lot(lot).remaining) == (50_00, before)
    goes_on: Actions = {
        "sell visits and goods": lambda: c.sell(line("foot_30"), line("oil")),
        "refund cash": lambda: desk.refund(plain, positions=(1,)),
        "void a cash sale": lambda: desk.void(voided),
        "end a share": lambda: end_share(package_action(c), lot, share),
        "block a card": lambda: block(card_id=card.card_id, staff_id=mara, own=own, reason="Found in the street"),
        "unblock a card": lambda: unblock(card_id=card.card_id, staff_id=mara, own=own, reason="It is hers"),
        "sell a package elsewhere": lambda: c.buy("three", c.ben, site=c.eur),
    }
    assert went_on(goes_on, c) == set(goes_on)
    assert failing(c) == {}


def test_safety_stop_invitation_acceptance_is_refused(desk: Desk) -> None:
    c = desk.clinic
    package = c.lot(c.buy("ten", c.ana)).package_id
    with c.app.app_context():
        invite_to_share(c.ana, package, email="mia@mail.example", cap=None, locale="en")
    with c.read() as session:
        message = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "share_invitation")).one()
        token = message.payload["secret"]["link"].rsplit("/", 1)[1]
    stop(c)
    with c.app.app_context(), pytest.raises(Conflict, match="stopped"):
        accept_invitation(token=token, given_name="Mia", family_name="Blum")


@CARDS
def test_safety_stop_refunds_to_card_are_refused(card_desk: Desk) -> None:
    desk, c = card_desk, card_desk.clinic
    assert desk.till is not None
    first, second = paid(desk, line("trigger_60"), client=c.ana), paid(desk, line("foot_60"))
    waiting = desk.refund(first)
    desk.till.stripe.press(f"refunds/{refund_id_at_stripe(desk)}/fail", reason="lost_or_stolen_card")
    assert desk.news(refund_id_at_stripe(desk))
    failed = desk.parts(waiting.refund_id)[0]
    ticket = desk.till.ticket(line("foot_60"))
    stop(c)
    till = desk.till
    actions: Actions = {
        "charge a card": lambda: till.charge(till.command(ticket)),
        "void a card sale": lambda: desk.void(second),
        "refund to a card": lambda: desk.refund(second),
        "refund to a card in the office": lambda: desk.refund(second, office=True),
        "give a failed refund in cash": lambda: desk.another_way(failed.id, "cash"),
        "give a failed refund to the card": lambda: desk.another_way(failed.id, "card", office=True),
        "give a failed refund onto the account": lambda: desk.another_way(failed.id, "account_credit"),
    }
    assert went_on(actions, c) == set()
