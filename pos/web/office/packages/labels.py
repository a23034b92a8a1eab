"""The words of the office for what happens to credits."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from pos.domain.credits.rules.credit_words import MOVES, STATES
from pos.domain.credits.statement import HeldLot


def move_labels() -> dict[str, str]:
    """What each kind of move says in a statement."""
    return {kind: _(text) for kind, text in MOVES.items()}


def status_labels() -> dict[str, tuple[str, str, str]]:
    """How a lot stands: the words, the kind of chip and its icon."""
    chips = {
        "active": ("good", "done"),
        "frozen": ("warn", "clock"),
        "suspended": ("bad", "alert"),
        "refunded": ("", "done"),
        "closed": ("", "done"),
    }
    return {state: (_(text), *chips[state]) for state, text in STATES.items()}


def complimentary_labels() -> dict[str, str]:
    """Why a complimentary credit is given."""
    return {
        "goodwill": _("goodwill"),
        "complaint": _("after a complaint"),
        "promotion": _("promotion"),
        "prize": _("prize or raffle"),
        "staff": _("for staff"),
    }


def term_labels(lot: HeldLot) -> list[tuple[str, str]]:
    """The terms frozen with a package, as pairs for a list; what an older package does not say is left out."""
    terms = lot.terms
    refunds = {
        "pro_rata": _("unused sessions at what was paid for each"),
        "single_price": _("used sessions count at the single price"),
        "store_credit": _("as credit at the clinic"),
        "none": _("none"),
    }
    ends = {
        "account_credit": _("what was paid becomes account credit"),
        "lapse": _("unused sessions end"),
        "never": _("never"),
    }
    pairs = [
        (_("Refund"), refunds.get(terms.get("refund_policy", ""), "–")),
        (_("At the end"), ends.get(terms.get("expiry_policy", ""), "–")),
    ]
    if "sharing" in terms:
        cap = terms.get("share_cap")
        allowed = ngettext("at most %(num)d credit each", "at most %(num)d credits each", cap) if cap else _("yes")
        pairs.append((_("Sharing"), allowed if terms["sharing"] else _("no")))
    if "transfer" in terms:
        pairs.append((_("Giving away"), _("yes") if terms["transfer"] else _("no")))
    if "freeze_days" in terms:
        days = int(terms["freeze_days"])
        pairs.append((_("Freezing"), ngettext("%(num)d day in all", "%(num)d days in all", days)))
    if terms.get("refund_fee_percent", "0") != "0":
        pairs.append((_("Fee on a refund"), f"{terms['refund_fee_percent']} %"))
    if terms.get("reason_code"):
        pairs.append((_("Given for"), complimentary_labels().get(terms["reason_code"], terms["reason_code"])))
    pairs.append((_("Terms version"), str(terms.get("terms_version", "–"))))
    return pairs
