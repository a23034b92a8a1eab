"""Every table that a clinic owns has a page to add, change and retire its rows; every other table says why it has none."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from pos import cli
from pos.models import HISTORY, metadata

# Beside history, which use cases write: what the application keeps for itself, and what comes with a row of an owned table.
KEPT_BY_ITSELF = {
    "change_log": "what transactions wrote into history",
    "change_log_head": "the end of the change log",
    "client_links": "mailed on request, ended by use",
    "client_sessions": "a sign-in",
    "credit_note_series": "begins with its location",
    "day_totals": "sums of past days, made from their rows every night",
    "journal_entries": "the ledger, with a chain of its own",
    "ledger_chains": "begins with its location",
    "login_lockouts": "counted attempts; unlocked under Devices",
    "mailbox_mails": "the mailbox of a demo",
    "month_files": "what the worker made on request; removed after two weeks",
    "nightly_runs": "when a nightly job ran",
    "outbox_messages": "what follows a commit; looked at under Messages",
    "polling_cursors": "how far Stripe was read",
    "postings": "the ledger, with a chain of its own",
    "receipt_series": "begins with its location",
    "recovery_codes": "made with a second factor, used once",
    "setup_links": "printed at the first start, ended by use",
    "share_invitations": "made in the account, ended by answer or time",
    "staff_links": "mailed on request, ended by use",
    "staff_sessions": "a sign-in; ended when a person is deactivated",
    "tickets": "carts at the desk",
    "webhook_events": "what Stripe sent",
    "webhook_refusals": "what was sent and not believed",
}


@dataclass(frozen=True)
class WaysIn:
    """The endpoints of the office, or of the register, where a row is added, changed and retired; commands that do it too.

    What has a start day is retired by a later row or taken back before its day.
    """

    create: str
    edit: str
    retire: str | None
    commands: tuple[str, ...] = ()


_TAX = "office.change_tax"
_PRICES = "office.save_prices"
OWNED = {
    "locations": WaysIn("office.new_location", "office.location", "office.open_or_retire", ("init",)),
    "public_pages": WaysIn("office.change_public_pages", "office.change_public_pages", "office.change_public_pages"),
    "review_limits": WaysIn(
        "office.change_review_limits", "office.change_review_limits", "office.change_review_limits"
    ),
    "desks": WaysIn("office.new_desk", "office.act_on_desk", "office.act_on_desk", ("init",)),
    "printers": WaysIn("office.new_printer", "office.act_on_printer", "office.act_on_printer"),
    "readers": WaysIn("office.register_reader", "office.place_reader", "office.place_reader"),
    "desk_displays": WaysIn("office.display_code", "register.pair", "office.end_display"),
    "paired_devices": WaysIn("office.pair_this_device", "office.pair_this_device", "office.unpair"),
    "tax_categories": WaysIn("office.change_tax_category", "office.change_tax_category", "office.change_tax_category"),
    "tax_rates": WaysIn(_TAX, _TAX, "office.take_back_tax", ("init",)),
    "bookkeeping_programs": WaysIn(
        "office.save_program_accounts", "office.save_program_accounts", "office.save_program_accounts"
    ),
    "breakage_rules": WaysIn("office.change_breakage", "office.change_breakage", "office.change_breakage"),
    "services": WaysIn("office.new_service", "office.service", "office.change_service", ("init", "import catalogue")),
    "items": WaysIn("office.new_item", "office.item", "office.change_item", ("init", "import catalogue")),
    "prices": WaysIn(_PRICES, _PRICES, "office.take_back", ("init", "import catalogue")),
    "appointments": WaysIn("office.add_visit", "office.change_visit", "office.change_visit", ("import visits",)),
    "booking_systems": WaysIn("office.new_visit_system", "office.end_visit_system", "office.end_visit_system"),
    "stock_articles": WaysIn("office.save_stock", "office.set_low_stock", "office.move_stock_article"),
    "package_plans": WaysIn("office.new_plan", "office.plan", "office.change_plan", ("init", "import catalogue")),
    "plan_items": WaysIn("office.new_plan", "office.plan", "office.plan", ("init", "import catalogue")),
    "promo_codes": WaysIn("office.new_promo_code", "office.promo_code", "office.promo_code"),
    "gift_card_terms": WaysIn("office.set_gift_card_terms", "office.set_gift_card_terms", "office.set_gift_card_terms"),
    "tiers": WaysIn("office.change_tiers", "office.change_tiers", None),  # a level is renamed, never removed
    "clients": WaysIn("office.new_client", "office.change_client", "office.personal_data", ("clients export",)),
    "tier_prices": WaysIn("office.change_tiers", "office.change_tiers", "office.change_tiers"),
    "staff": WaysIn(
        "office.new_staff",
        "office.staff_member",
        "office.do_with_staff",
        ("init", "staff add", "staff edit", "staff deactivate", "staff activate"),
    ),
    "staff_locations": WaysIn("office.new_staff", "office.staff_member", "office.staff_member", ("init", "staff add")),
    "commission_rules": WaysIn(
        "office.set_staff_commission", "office.set_staff_commission", "office.set_staff_commission"
    ),
    "second_factors": WaysIn(
        "office.change_own_sign_in", "office.change_own_sign_in", "office.do_with_staff", ("staff reset",)
    ),
    "role_limits": WaysIn("office.change_role_limits", "office.change_role_limits", "office.change_role_limits"),
    "required_factors": WaysIn(
        "office.change_required_factor", "office.change_required_factor", "office.change_required_factor"
    ),
    "saved_views": WaysIn("office.save_new_view", "office.change_view", "office.remove_view"),
    "view_schedules": WaysIn("office.send_view", "office.send_view", "office.end_sending"),
    "accounts": WaysIn("office.change_account", "office.change_account", "office.change_account"),
}


def test_table_is_owned_and_has_ways_in_or_says_why_not() -> None:
    assert set(OWNED) & set(KEPT_BY_ITSELF) == set()
    assert set(metadata.tables) - set(OWNED) - set(HISTORY) - set(KEPT_BY_ITSELF) == set()
    assert (set(OWNED) | set(KEPT_BY_ITSELF)) - set(metadata.tables) == set()


def test_ways_in_are_routes_and_commands_that_exist(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    named = {(table, one) for table, ways in OWNED.items() for one in (ways.create, ways.edit, ways.retire)}
    assert {pair for pair in named if pair[1] and pair[1] not in endpoints} == set()
    for table, ways in OWNED.items():
        for words in ways.commands:
            group, _, name = words.partition(" ")
            command = cli.main.commands[group]
            assert not name or name in getattr(command, "commands", {}), (table, words)
