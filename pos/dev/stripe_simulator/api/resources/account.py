"""The account whose key is used."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json


@handles("get", "/v1/account")
@documented("A secret key names its own account.")
def retrieve(call: Call) -> Json:
    """The simulated clinic's account."""
    world = call.world
    with world.store.transaction():
        identifier = world.account_id
    return {
        "id": identifier,
        "object": "account",
        "business_profile": {"mcc": "7297", "name": world.settings.account_name, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "payouts_enabled": True,
        "settings": {
            "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
            "card_payments": dict.fromkeys(
                ("statement_descriptor_prefix", "statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji")
            ),
            "dashboard": {"display_name": world.settings.account_name, "timezone": "Etc/UTC"},
            "payments": dict.fromkeys(
                ("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji")
            ),
        },
        "type": "standard",
    }
