"""Words and comparisons that several office pages share."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True)
class Point:
    """One point of a chart: its label, its value (zero or more) and the value as people read it."""

    label: str
    value: int
    text: str


@dataclass(frozen=True)
class Compared:
    """A figure beside the one before: whole percent, `up`, `down` or neither."""

    percent: int
    trend: str | None


def compared(now: int, before: int) -> Compared | None:
    """How much more or less than before; None where there was nothing to compare with."""
    if before <= 0:
        return None
    percent = round(100 * (now - before) / before)
    return Compared(abs(percent), "up" if percent > 0 else "down" if percent < 0 else None)


def kind_words() -> dict[str, str]:
    """The kinds of what is sold, many of them."""
    return {
        "variant": _("Treatments"),
        "add_on": _("Add-ons"),
        "retail": _("Retail"),
        "package": _("Packages"),
        "gift_card": _("Gift cards"),
    }


def exempt_words() -> dict[str, str]:
    """On what ground something was sold free of tax."""
    return {
        "prescription": _("prescribed treatment"),
        "certificate": _("certificate of exemption"),
        "exempt_client": _("client exempt from tax"),
    }


def tender_words() -> dict[str, str]:
    """The means of payment."""
    return {
        "cash": _("Cash"),
        "card": _("Card"),
        "gift_card": _("Gift card"),
        "account_credit": _("Account credit"),
    }
