"""How a bank says no: Stripe's decline codes as rows. A new decline is a new row."""

from __future__ import annotations

from dataclasses import dataclass

from pos.dev.stripe_simulator.errors import CardDeclined
from pos.dev.stripe_simulator.provenance import DOCUMENTED, Tag


@dataclass(frozen=True, slots=True)
class Decline:
    """`name` is what tests and buttons say; `code` and `decline_code` are what the API answers."""

    name: str
    code: str
    decline_code: str
    message: str
    label: str
    tag: Tag = DOCUMENTED

    def error(self, charge: str | None = None) -> CardDeclined:
        """The 402 the API answers when a confirmation is declined."""
        return CardDeclined(
            402, self.message, kind="card_error", code=self.code, decline_code=self.decline_code, charge=charge
        )


DECLINES = {
    decline.name: decline
    for decline in (
        Decline("card_declined", "card_declined", "generic_decline", "Your card was declined.", "Declined"),
        Decline(
            "insufficient_funds", "card_declined", "insufficient_funds", "Your card has insufficient funds.",
            "Not enough money",
        ),
        Decline("lost_card", "card_declined", "lost_card", "Your card was declined.", "Lost card"),
        Decline("stolen_card", "card_declined", "stolen_card", "Your card was declined.", "Stolen card"),
        Decline("expired_card", "expired_card", "expired_card", "Your card has expired.", "Expired card"),
        Decline("incorrect_pin", "card_declined", "incorrect_pin", "Your PIN was incorrect.", "Wrong PIN"),
        Decline(
            "processing_error", "processing_error", "processing_error",
            "An error occurred while processing your card. Try again in a little bit.", "Processing error",
        ),
        Decline("do_not_honor", "card_declined", "do_not_honor", "Your card was declined.", "Do not honour"),
    )
}  # fmt: skip
