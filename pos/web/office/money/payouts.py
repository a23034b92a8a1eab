"""Payouts in the office: each with its rows, what they are of, and the differences; and what Stripe knows and we did not."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.core.messages.payments import NO_SUCH_PAYMENT
from pos.core.messages.reconciliation import NO_SUCH_PAYOUT, NO_SUCH_PAYOUT_ROW, UNMATCHED_DECIDE_AGAIN
from pos.domain.clients.queries import search
from pos.domain.payouts import queries as payouts
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.reports.disputes_and_payouts import (
    MoveRow,
    move_rows,
    payout_rows,
    payout_sheet,
    unmatched,
)
from pos.reports.exporters import write_csv, write_xlsx
from pos.reports.period import one_moment
from pos.services.reconciliation.payouts import ACCOUNTS, news_of_payout, post_discrepancy
from pos.services.reconciliation.unmatched_transactions import DECISIONS, Decision, decide
from pos.web.common.downloads import CSV, XLSX, file_answer
from pos.web.common.permissions import may_chain_wide, need_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import (
    keyed_pages,
    own_ids,
    own_places,
    requested_window,
)

if TYPE_CHECKING:
    from pos.domain.payouts.models import StripePayout, UnmatchedTransaction


def payout_labels() -> dict[str, tuple[str, str, str]]:
    """How far a payout is: what to say, the chip's kind, its icon."""
    return {
        "pending": (_("being prepared"), "warn", "wait"),
        "in_transit": (_("on its way"), "warn", "wait"),
        "paid": (_("at the bank"), "good", "done"),
        "failed": (_("came back"), "bad", "alert"),
        "canceled": (_("canceled"), "", "void"),
    }


def discrepancy_labels() -> dict[str, str]:
    """What a row of a payout is of."""
    return {
        "payment": _("Payment"),
        "refund": _("Refund"),
        "dispute": _("Dispute"),
        "fee": _("Stripe’s own fee"),
        "payout": _("A payout that came back"),
        "unmatched": _("Payment assigned by hand"),
        "": _("Not known here"),
    }


def problem_labels() -> dict[str, tuple[str, str]]:
    """Why a row differs, and what to do."""
    return {
        "unknown": (
            _("Nothing here explains it."),
            _(
                "Find it at Stripe. A payment made past the till is queued by pos reconcile, to be credited to its client; "
                "for anything else say what it was."
            ),
        ),
        "amount": (
            _("Stripe moved another amount than is booked here."),
            _("Compare both. Where Stripe is right, say what the difference was."),
        ),
        "currency": (
            _("It was settled in another currency than it was sold in."),
            _("Book it by hand at the rate Stripe used."),
        ),
        "no_sale": (
            _("It paid for no sale: the money came after the sale was given up."),
            _("Decide about it under unmatched payments: give it back, or credit it to the client."),
        ),
        "place": (_("Several locations trade in this currency."), _("Choose the one that bears it.")),
    }


def unmatched_labels() -> dict[str, tuple[str, str]]:
    """Why a payment is unmatched, and the reason that is written where it is given back without another."""
    return {
        "paid_otherwise": (
            _("The card was charged for a ticket that had been paid in another way."),
            _("The ticket was paid in another way"),
        ),
        "after_release": (
            _("The card was charged after the payment had been given up."),
            _("The payment had been given up"),
        ),
        "mismatch": (_("The card was charged, and not what was asked for."), _("Not the amount asked for")),
        "not_completed": (
            _("The card was charged, and the sale could not be completed."),
            _("The sale could not be completed"),
        ),
        "given_back": (
            _("The card paid a part of a sale that was given up."),
            _("The sale was given up before all of it was paid"),
        ),
    }


def account_labels() -> dict[str, str]:
    """What a difference may be booked on."""
    return {
        "stripe_fees": _("a fee of Stripe"),
        "bad_debt": _("a loss, or a loss made good"),
        "bank": _("money moved by hand between bank and Stripe"),
    }


def _currencies() -> list[str]:
    return [place.currency for place in own_places()]


def _own_payout(payout_id: UUID) -> StripePayout:
    """A payout in a currency of one's locations; raises NotFound for any other."""
    found = payouts.payout(reading(), payout_id)
    if found is None or found.currency not in _currencies():
        raise NotFound(NO_SUCH_PAYOUT)
    return found


@bp.get("/money/payouts")
@requires(Permission.SEE_REPORTS)
def payout_list() -> str:
    """Payouts, newest first, with their differences."""
    window = requested_window(datetime, UUID)
    found = payout_rows(reading(), _currencies(), window=window)
    rows, pager = keyed_pages(found, window, lambda row: (row.created_at, row.payout_id))
    return render_template(
        "office/money/payouts.html",
        rows=rows,
        states=payout_labels(),
        pages=pager,
    )


def _seen(rows: list[MoveRow]) -> list[MoveRow]:
    """The rows of one's own locations, and those of none."""
    mine = own_ids()
    return [row for row in rows if row.location_id is None or row.location_id in mine]


def _page(payout_id: UUID, error: PosError | None = None) -> Response:
    found, session = _own_payout(payout_id), reading()
    rows = move_rows(session, payout_id)
    seen, explained = _seen(rows), [row for row in rows if not row.problem]
    rendered = render_template(
        "office/money/payout.html",
        payout=found,
        rows=seen,
        elsewhere_minor=sum(row.net_minor for row in rows) - sum(row.net_minor for row in seen),
        amount_minor=sum(row.amount_minor for row in explained),
        fee_minor=sum(row.fee_minor for row in explained),
        open_minor=sum(row.net_minor for row in rows if row.problem),
        missing_minor=found.amount_minor - sum(row.net_minor for row in rows) if found.listed_at else 0,
        places={place.id: place for place in own_places()},
        here=[place for place in own_places() if place.currency == found.currency],
        states=payout_labels(),
        whats=discrepancy_labels(),
        problems=problem_labels(),
        accounts=account_labels(),
        typed=request.form,
        error=error,
    )
    return make_response(rendered, error.status if error else 200)


@bp.get("/money/payouts/<uuid:payout_id>")
@requires(Permission.SEE_REPORTS)
def one_payout(payout_id: UUID) -> Response:
    """One payout: its rows against our sales, refunds, disputes and fees."""
    return _page(payout_id)


@bp.post("/money/payouts/<uuid:payout_id>/look")
@requires(Permission.MANAGE_BOOKS)
def refresh_payout(payout_id: UUID) -> AnyResponse:
    """Ask Stripe about it now, and match its rows again."""
    stripe_id = _own_payout(payout_id).stripe_payout_id
    if settings().payments.on:
        news_of_payout(stripe_id)
    return redirect(url_for("office.one_payout", payout_id=payout_id), 303)


@bp.post("/money/payouts/<uuid:payout_id>/explain")
@requires(Permission.MANAGE_BOOKS)
def write_off_discrepancy(payout_id: UUID) -> AnyResponse:
    """Say what a row was that nothing here explains, and book it."""
    _own_payout(payout_id)
    form = request.form
    move_id = parse_id(form.get("move_id"), field="move_id")
    row = payouts.balance_transaction(reading(), move_id)
    location_id = parse_id(form.get("location_id"), field="location_id")
    mine = own_ids()
    if row is None or row.payout_id != payout_id or location_id not in mine:
        raise NotFound(NO_SUCH_PAYOUT_ROW)
    if row.location_id is None:
        need_chain_wide()  # the account at Stripe is the whole chain's, and nobody knows yet whose row it is
    elif row.location_id not in mine:
        raise NotFound(NO_SUCH_PAYOUT_ROW)
    try:
        post_discrepancy(
            move_id=move_id,
            location_id=location_id,
            account=form.get("account", "") if form.get("account") in ACCOUNTS else "",
            reason=" ".join(printable(form.get("reason", ""), 200).split()),
            actor=current_staff().person,
        )
    except (Conflict, Invalid) as error:
        return _page(payout_id, error)
    return redirect(url_for("office.one_payout", payout_id=payout_id), 303)


def _file(payout_id: UUID, kind: str) -> Response:
    found = _own_payout(payout_id)
    name = f"payout-{found.arrives_on}-{re.sub(r'[^A-Za-z0-9_]', '', found.stripe_payout_id)[-12:]}.{kind}"
    one_moment(reading())

    def write(out: BinaryIO) -> object:
        sheet = payout_sheet(move_rows(reading(), payout_id), own_places())
        return write_csv(sheet, out) if kind == "csv" else write_xlsx([sheet], out)

    return file_answer(write, name=name, media_type=CSV if kind == "csv" else XLSX)


@bp.get("/money/payouts/<uuid:payout_id>.csv")
@requires(Permission.EXPORT_LEDGER)
def payout_csv(payout_id: UUID) -> Response:
    """The rows of a payout for another program."""
    return _file(payout_id, "csv")


@bp.get("/money/payouts/<uuid:payout_id>.xlsx")
@requires(Permission.EXPORT_LEDGER)
def payout_xlsx(payout_id: UUID) -> Response:
    """The rows of a payout for a spreadsheet."""
    return _file(payout_id, "xlsx")


# What Stripe knows and we did not


def _said(row: UnmatchedTransaction) -> str:
    """What Stripe said of it. Rows of older versions end with what to do, which the page says of each that failed."""
    return (row.sentence or "").removesuffix(UNMATCHED_DECIDE_AGAIN).rstrip()


def _unmatched_page(error: PosError | None = None) -> Response:
    text = (request.values.get("search") or "")[:80]
    chosen = request.values.get("unmatched", "")[:40]
    rows = unmatched(reading(), own_places(), unplaced=may_chain_wide())
    rendered = render_template(
        "office/money/unmatched_transactions.html",
        rows=rows,
        said={row.id: _said(row) for row in rows},
        problems=unmatched_labels(),
        again=UNMATCHED_DECIDE_AGAIN,
        clients=search(reading(), text) if text else [],
        search=text,
        chosen=chosen,
        here=own_places(),
        places={place.id: place for place in own_places()},
        staff=names(reading()),
        typed=request.form,
        error=error,
    )
    return make_response(rendered, error.status if error else 200)


@bp.get("/money/unmatched")
@requires(Permission.MANAGE_BOOKS)
def unmatched_rows() -> Response:
    """The queue of what paid for no sale, and of what `pos reconcile` found that nothing here explains."""
    return _unmatched_page()


@bp.post("/money/unmatched/<uuid:transaction_id>")
@requires(Permission.MANAGE_BOOKS)
def decide_transaction(transaction_id: UUID) -> AnyResponse:
    """Decide what one of them was: credit it to a client, give it back, or explain it."""
    form = request.form
    found = payouts.unmatched(reading(), transaction_id)
    location_id = parse_id(form.get("location_id"), field="location_id")
    mine = own_ids()
    if found is None or location_id not in mine or (found.location_id or location_id) not in mine:
        raise NotFound(NO_SUCH_PAYMENT)
    if found.location_id is None:
        need_chain_wide()  # nobody knows yet whose it is
    what = form.get("what", "")
    client = form.get("client_id", "")
    try:
        decide(
            Decision(
                transaction_id=transaction_id,
                what=what if what in DECISIONS else "",
                reason=" ".join(printable(form.get("reason", ""), 200).split()),
                actor=current_staff().person,
                location_id=location_id,
                client_id=parse_id(client, field="client_id") if client and what == "credit" else None,
            )
        )
    except (Conflict, Invalid, NotFound) as error:
        return _unmatched_page(error)
    return redirect(url_for("office.unmatched_rows"), 303)
