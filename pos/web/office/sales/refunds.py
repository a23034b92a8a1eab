"""Refunds in the office: the list with their states, one of them, and giving money back to cards and accounts."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
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
from pos.core.ids import new_id, parse_id
from pos.core.messages.books import FILTER_STATE
from pos.core.messages.refunds import (
    NO_SUCH_REFUND,
    REFUND_AMOUNT_NOT_SEEN,
    REFUND_LINES_MISSING,
    SALE_WITHOUT_THIS_LINE,
    UNITS_MALFORMED,
)
from pos.core.money import parse_amount
from pos.domain.clients.queries import name_of
from pos.domain.receipts import credit_notes
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as store
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.domain.stock.moves import sold_positions
from pos.reports.sales.refunds import STATES, refund_rows
from pos.services.refunds.calculate import RefundChoice, RefundQuote, quote_refund
from pos.services.refunds.card_refunds import RetryPart, retry_part, send_parts
from pos.services.refunds.credit_notes import note_html, note_pdf, step_text
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import refund_state
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.request_args import (
    format_days,
    keyed_pages,
    own_ids,
    own_places,
    own_sale,
    requested_scope,
    requested_window,
)

if TYPE_CHECKING:
    from pos.domain.receipts.credit_note_models import CreditNote
    from pos.domain.refunds.models import Refund
    from pos.domain.sales.models import Sale

MOST_POSITION = 999


def destination_labels() -> dict[str, str]:
    """The ways money goes back."""
    return {kind.key: _(kind.refund_label) for kind in TENDER_KINDS.values()}


def state_labels() -> dict[str, tuple[str, str, str]]:
    """How far a refund is: what to say, the chip's kind, its icon."""
    return {
        "paid_back": (_("paid back"), "good", "done"),
        "waiting": (_("waiting at the bank"), "warn", "wait"),
        "created": (_("being sent"), "warn", "wait"),
        "unknown": (_("we are asking the bank"), "warn", "warning"),
        "failed": (_("did not arrive"), "bad", "alert"),
    }


def policy_labels() -> dict[str, str]:
    """What a refund was reckoned by."""
    return {
        "": "",
        "pro_rata": _("in proportion to the sessions left"),
        "single_price": _("used sessions at the single price"),
        "store_credit": _("kept as account credit"),
        "statutory": _("withdrawal by law"),
    }


@bp.get("/money/refunds")
@requires(Permission.SEE_REPORTS)
def refund_list() -> Response:
    """Refunds and voids of some days, newest first, or those that need somebody."""
    question = requested_scope(days=31)
    filters = AskedFilters((), question.places)
    state = filters.word("state", STATES, FILTER_STATE)
    shared = {
        "asked": question,
        "own_places": own_places(),
        "state": state,
        "states": state_labels(),
        "refused": filters,
    }
    if question.scope is None or filters.wrong:
        shared["asked"] = filters.refused(question)
        return make_response(render_template("office/sales/refunds.html", **shared), 422)
    window = requested_window(date, datetime, UUID)
    args = question.args() | ({"state": state} if state else {})
    found = refund_rows(reading(), question.scope, state=state, window=window)
    rows, pager = keyed_pages(found, window, lambda row: (row.business_on, row.created_at, row.refund_id), **args)
    return make_response(
        render_template(
            "office/sales/refunds.html",
            **shared,
            args=args,
            rows=rows,
            ways=destination_labels(),
            days_words=format_days(question.scope),
            pages=pager,
        )
    )


def _own_refund(refund_id: UUID) -> Refund:
    """A refund at one of the person's locations; raises NotFound for any other."""
    row = store.get(reading(), refund_id)
    if row.location_id not in own_ids():
        raise NotFound(NO_SUCH_REFUND)
    return row


def _refund_page(refund_id: UUID, error: PosError | None = None) -> Response:
    row, session = _own_refund(refund_id), reading()
    sale = own_sale(row.sale_id)
    w = page_translator()
    rendered = render_template(
        "office/sales/refund.html",
        refund=refund_state(session, refund_id),
        row=row,
        sale=sale,
        place=next(place for place in own_places() if place.id == row.location_id),
        receipt=receipts.of_sale(session, sale.id),
        client=name_of(session, sale.client_id) if sale.client_id else "",
        lines=store.lines_of(session, refund_id),
        steps=[
            (
                w(step["text"], **_facts_of(step, row.currency)) if "%(" in step["text"] else w(step["text"]),
                step["minor"],
            )
            for step in row.steps
        ],
        staff=names(session),
        states=state_labels(),
        ways=destination_labels(),
        policy=policy_labels().get(row.policy, ""),
        error=error,
    )
    return make_response(rendered, error.status if error else 200)


def _facts_of(step: dict[str, object], currency: str) -> dict[str, object]:
    each = step.get("each_minor")
    return {
        "count": step.get("count", 0),
        "of": step.get("of", 0),
        "each": page_translator().money(each, currency) if isinstance(each, int) else "",
    }


@bp.get("/money/refunds/<uuid:refund_id>")
@requires(Permission.SEE_REPORTS)
def one_refund(refund_id: UUID) -> Response:
    """One refund: what came back, by which arithmetic, which way, and how far it is."""
    return _refund_page(refund_id)


@bp.post("/money/refunds/<uuid:refund_id>/look")
@requires(Permission.REFUND)
def refresh_refund(refund_id: UUID) -> AnyResponse:
    """Ask Stripe about it now."""
    _own_refund(refund_id)
    if settings().payments.on:
        send_parts(refund_id)
    return redirect(url_for("office.one_refund", refund_id=refund_id), 303)


@bp.post("/money/refunds/<uuid:refund_id>/another-way")
@requires(Permission.REFUND)
def retry_by_another_destination(refund_id: UUID) -> AnyResponse:
    """Give what did not reach a card back to it once more, or as account credit."""
    _own_refund(refund_id)
    part_id = parse_id(request.form.get("part_id"), field="part_id")
    if part_id not in {part.id for part in store.parts_of(reading(), refund_id)}:
        raise NotFound(NO_SUCH_REFUND)
    try:
        retry_part(RetryPart(part_id, request.form.get("kind", "")[:20], current_staff().person))
    except (Conflict, Invalid) as error:
        return _refund_page(refund_id, error)
    return redirect(url_for("office.one_refund", refund_id=refund_id), 303)


# Giving back from the office


def _wanted(sale: Sale) -> RefundChoice:
    """What the form asks for; raises Invalid naming the field."""
    values = request.values
    what = values.get("what", "")
    as_credit = "as_credit" in values
    if what.startswith("package:"):
        return RefundChoice(sale.id, package_id=parse_id(what[8:], field="what"), as_credit=as_credit)
    positions = values.getlist("position")
    if any(not text.isascii() or not text.isdigit() or int(text) > MOST_POSITION for text in positions):
        raise Invalid(SALE_WITHOUT_THIS_LINE, field="lines")
    typed = values.get("amount", "").strip()
    amount = parse_amount(typed, sale.currency) if typed else None
    tip = sale.tip_minor - store.counters(reading(), sale.id).tip_refunded_minor if "tip" in values else 0
    if not positions:
        if not tip:
            raise Invalid(REFUND_LINES_MISSING, field="lines")
        amount = 0
    chosen = tuple(int(text) for text in positions)
    units = tuple((at, count) for at in chosen if (count := _count(f"units-{at}")))
    # Of an amount nothing goes back into stock, of units no more than come back.
    back = dict(units)
    stocked = ((at, _count(f"restock-{at}")) for at in chosen) if amount is None else ()
    return RefundChoice(
        sale.id,
        positions=chosen,
        amount_minor=amount,
        tip_minor=tip,
        as_credit=as_credit,
        units=units,
        restock=tuple((at, min(count, back.get(at, count))) for at, count in stocked if count),
    )


def _count(name: str) -> int:
    """A number of pieces that was chosen; 0 where nothing was, which of units means all that are left."""
    text = request.values.get(name, "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Invalid(UNITS_MALFORMED, field="lines")
    return int(text)


def _form_page(sale: Sale, found: Refundable, quote: RefundQuote | None, error: PosError | None) -> Response:
    w = page_translator()
    key = request.values.get("refund_id", "")
    rendered = render_template(
        "office/sales/refund_form.html",
        sale=sale,
        found=found,
        quote=quote,
        steps=[(step_text(w, step, sale.currency), step.minor) for step in quote.steps] if quote else [],
        ways=destination_labels(),
        policies=policy_labels(),
        error=error,
        asked=request.values,
        in_stock=sold_positions(reading(), sale.id),
        numbers=lambda least, most: [(str(count), str(count)) for count in range(most, least - 1, -1)],
        refund_id=key or str(new_id()),
        cash=bool(quote) and any(way.kind == "cash" for way in quote.all_destinations) if quote else False,
    )
    return make_response(rendered, error.status if error else 200)


@bp.get("/sales/<uuid:sale_id>/refund")
@requires(Permission.REFUND)
def refund_form(sale_id: UUID) -> Response:
    """Choose what goes back, and see the arithmetic before anything happens."""
    sale = own_sale(sale_id)
    found = refundable(reading(), sale_id)
    if "what" not in request.args:
        return _form_page(sale, found, None, None)
    try:
        return _form_page(sale, found, quote_refund(found, _wanted(sale)), None)
    except (Conflict, Invalid) as error:
        return _form_page(sale, found, None, error)


@bp.post("/sales/<uuid:sale_id>/refund")
@requires(Permission.REFUND)
def give_back(sale_id: UUID) -> AnyResponse:
    """Give back what was shown, to cards and accounts; the same form again leads to the same refund."""
    sale = own_sale(sale_id)
    try:
        done = refund(
            RefundCommand(
                refund_id=parse_id(request.form.get("refund_id"), field="refund_id"),
                wanted=_wanted(sale),
                reason=printable(request.form.get("reason", ""), 200),
                actor=current_staff().person,
                expected_total_minor=_whole(request.form.get("expected_total_minor", "")),
            )
        )
    except (Conflict, Invalid) as error:
        found = refundable(reading(), sale_id)
        try:
            quote: RefundQuote | None = quote_refund(found, _wanted(sale))
        except PosError:
            quote = None
        return _form_page(own_sale(sale_id), found, quote, error)
    return redirect(url_for("office.one_refund", refund_id=done.refund_id), 303)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid(REFUND_AMOUNT_NOT_SEEN, field="amount")
    return int(text)


def _own_note(refund_id: UUID) -> CreditNote:
    _own_refund(refund_id)
    return credit_notes.of_refund(reading(), refund_id)


@bp.get("/money/refunds/<uuid:refund_id>/credit-note.html")
@requires(Permission.SEE_REPORTS)
def refund_note(refund_id: UUID) -> Response:
    """The credit note as it was printed, as a page."""
    return html_answer(note_html(_own_note(refund_id), "a4"))


@bp.get("/money/refunds/<uuid:refund_id>/credit-note.pdf")
@requires(Permission.SEE_REPORTS)
def refund_note_pdf(refund_id: UUID) -> AnyResponse:
    """The credit note as it was printed, as PDF."""
    note = _own_note(refund_id)
    label = note.label
    return document_response(
        lambda: note_pdf(note, request.args.get("format", "a4")),
        label,
        url_for("office.refund_note", refund_id=refund_id),
    )
