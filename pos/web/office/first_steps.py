"""What an owner does in a new clinic until something is sold: the list on Today, and the strip that leads through set-up."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.domain.payments.repository import any_reader
from pos.domain.receipts.repository import was_ever_sold, was_ever_tested
from pos.domain.staff.permissions import Permission
from pos.domain.staff.second_factors import has_second_factor
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp


@dataclass(frozen=True)
class FirstStep:
    """A page of the first day; `done` where something is there already."""

    text: str
    about: str
    href: str
    done: bool = False


def _is_new() -> bool:
    """Whether nothing was sold yet and the signed-in person sets the clinic up."""
    return current_staff().person.may(Permission.MANAGE_BOOKS) and not was_ever_sold(reading())


def _receipts() -> FirstStep:
    return FirstStep(_("Receipts"), _("Logo, colour and note, beside a sample."), url_for("office.receipt_settings"))


def _second_factor() -> FirstStep:
    done = has_second_factor(reading(), current_staff().person.id)
    about = _("A code of your phone follows your password.")
    return FirstStep(_("Second factor"), about, url_for("office.own_sign_in"), done)


def _readers() -> FirstStep:
    about = _("Stripe's keys, and a reader for each desk.")
    return FirstStep(_("Cards and readers"), about, url_for("office.card_payments"), any_reader(reading()))


def _test_sale() -> FirstStep:
    about = _("Sold and voided at once; the papers say TEST.")
    return FirstStep(_("Make a test sale"), about, url_for("office.test_sale"), was_ever_tested(reading()))


def first_steps() -> list[FirstStep]:
    """The pages of a new clinic, until something was sold; none for whoever may not change them."""
    if not _is_new():
        return []
    return [
        FirstStep(_("Address and tax number"), _("What stands on paper."), url_for("office.locations")),
        _receipts(),
        FirstStep(_("Prices"), _("One table; a change can wait for its day."), url_for("office.prices")),
        FirstStep(
            _("People and PINs"), _("Who rings up, who treats, who sees the figures."), url_for("office.staff_list")
        ),
        _second_factor(),
        _readers(),
        FirstStep(_("Desks and their browsers"), _("PINs count at paired browsers."), url_for("office.paired_devices")),
        _test_sale(),
        FirstStep(_("The first sale"), _("Sign in with a PIN, open the drawer, sell."), url_for("register.desk")),
    ]


def setup_steps() -> list[FirstStep]:
    """The steps that set-up goes on with in the office, in order; a reader only where card payments are on."""
    if not _is_new():
        return []
    readers = [_readers()] if settings().payments.mode != "off" else []
    return [_receipts(), _second_factor(), *readers, _test_sale()]


@bp.context_processor
def _offer_steps() -> dict[str, object]:
    """The strip of the pages that set-up goes on with asks only where it is shown."""
    return {"setup_steps": setup_steps}
