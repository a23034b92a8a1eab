"""Words and comparisons that several office pages share."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from pos.core.money import share_of
from pos.domain.sales.tender_kinds import RECEIVED, STORED, TENDER_KINDS


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
    percent = int(share_of(now - before, before, 0))
    return Compared(abs(percent), "up" if percent > 0 else "down" if percent < 0 else None)


def outbox_labels() -> dict[str, str]:
    """What the messages of the outbox do, by their topics (`services/jobs/event_handlers.py`)."""
    return {
        "client_link": _("sign-in link of a client"),
        "credits_expire": _("news that sessions end soon"),
        "credits_end": _("letter about sessions that end"),
        "dispute_news": _("news of a dispute"),
        "gift_certificate": _("gift certificate"),
        "mail_receipt": _("receipt by mail"),
        "month_file": _("files of a month"),
        "month_file_removal": _("removal of the files of a month"),
        "payment_refused": _("news of a payment that the bank refused"),
        "refund_failed": _("news of a refund that did not arrive"),
        "refund_made": _("refund and its credit note"),
        "report_mail": _("report by mail"),
        "sale_completed": _("receipt of a sale"),
        "share_invitation": _("invitation to share sessions"),
        "shared_credit_used": _("news of a shared session that was used"),
        "staff_link": _("sign-in link of staff"),
        "webhook": _("message from Stripe"),
    }


def unmatched_text(count: int) -> str:
    """How many unmatched payments wait for a decision, one or more."""
    return str(
        ngettext(
            "%(num)d payment is unmatched: it paid for no sale known here.",
            "%(num)d payments are unmatched: they paid for no sale known here.",
            count,
        )
    )


def kind_labels() -> dict[str, str]:
    """The kinds of what is sold, many of them."""
    return {
        "variant": _("Treatments"),
        "add_on": _("Add-ons"),
        "retail": _("Retail"),
        "service_charge": _("Service charges"),
        "package": _("Packages"),
        "gift_card": _("Gift cards"),
    }


def exempt_labels() -> dict[str, str]:
    """On what ground something was sold free of tax."""
    return {
        "prescription": _("prescribed treatment"),
        "certificate": _("certificate of exemption"),
        "exempt_client": _("client exempt from tax"),
    }


def event_labels() -> dict[str, str]:
    """What moves tax and revenue."""
    return {
        "sales": _("Sales and visits"),
        "refunds": _("Refunds and voids"),
        "used_ahead": _("Breakage taken back by use and refund"),
        "carry": _("Sessions carried to a bigger package"),
        "burn": _("Late cancels and no-shows"),
        "restore": _("Late cancels and no-shows restored"),
        "reverse": _("Visits reversed"),
        "expire": _("Packages expired"),
        "gift_card_expiry": _("Gift cards expired"),
        "breakage": _("Breakage recognised ahead"),
        "transfer": _("Credits given away"),
        "account_credit_goodwill": _("Goodwill credited"),
        "dispute_lost": _("Disputes lost"),
        "opening_balance": _("Opening balances"),
        "opening_balance_undone": _("Opening balances undone"),
        "all": _("In all"),
    }


def tender_labels() -> dict[str, str]:
    """The means of payment."""
    return {kind.key: _(kind.label) for kind in TENDER_KINDS.values()}


def tender_columns() -> list[tuple[str, tuple[str, ...]]]:
    """The columns of a table of sales: each kind of money received, and stored value in one."""
    labels = tender_labels()
    return [*((labels[kind], (kind,)) for kind in RECEIVED), (_("Stored value"), tuple(STORED))]


def job_labels() -> dict[str, str]:
    """The words of each nightly job."""
    return {
        "expire": _("Expire credits"),
        "remind": _("Remind of expiry"),
        "breakage": _("Recognise breakage"),
        "close": _("Close days and months"),
        "totals": _("Sum past days"),
        "verify": _("Check the books"),
    }
