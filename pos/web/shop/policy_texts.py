"""What a package promises, in plain words. Texts are ours and neutral; which applies is a setting of the plan."""

from __future__ import annotations

from flask_babel import gettext as _

from pos.domain.catalogue.queries import Plan


def refund(policy: str) -> str:
    """What happens to unused sessions when somebody wants to stop."""
    texts: dict[str, str] = {
        "pro_rata": _("Unused sessions are refunded at what you paid for each."),
        "single_price": _("If you stop early, used sessions count at the single price; the rest comes back to you."),
        "store_credit": _("Unused sessions become credit at the clinic, not money."),
        "none": _("These sessions are a gift: nothing is paid back for them."),
    }
    return texts[policy]


def expiry(policy: str) -> str:
    """What happens to sessions that are left on the last day."""
    texts: dict[str, str] = {
        "account_credit": _(
            "After the last day unused sessions end; what you paid for them stays yours as credit at the clinic."
        ),
        "lapse": _("Sessions not used by then end without a refund."),
        "never": _("The sessions do not expire."),
    }
    return texts[policy]


def terms(plan: Plan) -> tuple[str, ...]:
    """Everything a buyer agrees to, one sentence or two each."""
    own = tuple(line.strip() for line in plan.terms.splitlines() if line.strip())
    statutory = _("Rights that the law gives you, such as a right of withdrawal, are not limited by these terms.")
    return (*own, expiry(plan.expiry_policy), refund(plan.refund_policy), statutory)
