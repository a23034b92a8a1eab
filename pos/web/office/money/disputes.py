"""Disputes in the office: the list with deadlines, one of them with what it did to the books, and the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id, parse_id
from pos.core.messages.reconciliation import NO_SUCH_DISPUTE
from pos.domain.clients.queries import name_of
from pos.domain.disputes import repository as store
from pos.domain.disputes.rules import ANSWERABLE, INQUIRIES
from pos.domain.locations.queries import place
from pos.domain.payouts.balance_transactions import fees_of
from pos.domain.receipts import repository as receipts
from pos.domain.sales import repository as sales
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.reports.disputes_and_payouts import dispute_rows
from pos.services.documents.dispute_evidence import bundle, evidence_html, evidence_pdf
from pos.services.reconciliation.dispute_evidence import MOST_WORDS, HandIn, hand_in
from pos.services.reconciliation.disputes import news_of_dispute
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_ids, own_places

if TYPE_CHECKING:
    from pos.domain.disputes.models import Dispute


def status_labels() -> dict[str, tuple[str, str, str]]:
    """How far a dispute is: what to say, the chip's kind, its icon."""
    return {
        "warning_needs_response": (_("the bank asks"), "warn", "warning"),
        "warning_under_review": (_("the bank looks at the answer"), "warn", "wait"),
        "warning_closed": (_("let go"), "good", "done"),
        "needs_response": (_("to be answered"), "bad", "alert"),
        "under_review": (_("the bank decides"), "warn", "wait"),
        "appeal_needs_response": (_("appeal to be answered"), "bad", "alert"),
        "appeal_under_review": (_("the appeal is decided"), "warn", "wait"),
        "won": (_("won"), "good", "done"),
        "lost": (_("lost"), "bad", "alert"),
        "prevented": (_("prevented"), "good", "done"),
    }


def reason_labels() -> dict[str, str]:
    """Why the client’s bank says it disputes."""
    return {
        "fraudulent": _("The cardholder says it was not them."),
        "product_not_received": _("The client says the visits did not take place."),
        "product_unacceptable": _("The client says the visits were not as agreed."),
        "credit_not_processed": _("The client says a refund was owed."),
        "duplicate": _("The client says it was charged twice."),
        "subscription_canceled": _("The client says it was canceled."),
        "unrecognized": _("The client does not recognize the payment."),
        "general": _("The bank gives no reason."),
    }


def _own(dispute_id: UUID) -> Dispute:
    """A dispute at one of the person's locations; raises NotFound for any other."""
    found = store.get(reading(), dispute_id)
    if found.location_id not in own_ids():
        raise NotFound(NO_SUCH_DISPUTE)
    return found


@bp.get("/money/disputes")
@requires(Permission.SEE_REPORTS)
def dispute_list() -> str:
    """All disputes at one's locations, those to answer first."""
    return render_template(
        "office/money/disputes.html",
        rows=dispute_rows(reading(), own_places()),
        states=status_labels(),
        reasons=reason_labels(),
        answerable=ANSWERABLE,
    )


def _page(dispute_id: UUID, error: PosError | None = None) -> Response:
    found, session = _own(dispute_id), reading()
    sale = sales.sale(session, found.sale_id) if found.sale_id else None
    sent = store.evidence_of(session, found.id)
    rendered = render_template(
        "office/money/dispute.html",
        dispute=found,
        place=place(session, found.location_id),
        sale=sale,
        receipt=receipts.of_sale(session, sale.id).label if sale else "",
        client=name_of(session, sale.client_id) if sale and sale.client_id else "",
        steps=store.steps_of(session, found.id),
        fee_minor=fees_of(session, found.id),
        evidence=sent,
        staff=names(session),
        states=status_labels(),
        reason=reason_labels().get(found.reason, found.reason.replace("_", " ")),
        may_answer=found.status in ANSWERABLE and all(row.state == "refused" for row in sent),
        inquiry=found.status in INQUIRIES,
        evidence_id=request.form.get("evidence_id") or str(new_id()),
        typed=request.form.get("words", ""),
        most=MOST_WORDS,
        cards_on=settings().payments.on,
        error=error,
    )
    return make_response(rendered, error.status if error else 200)


@bp.get("/money/disputes/<uuid:dispute_id>")
@requires(Permission.SEE_REPORTS)
def one_dispute(dispute_id: UUID) -> Response:
    """One dispute: its state and deadline, what happened in the books, the evidence."""
    return _page(dispute_id)


@bp.post("/money/disputes/<uuid:dispute_id>/look")
@requires(Permission.REFUND)
def refresh_dispute(dispute_id: UUID) -> AnyResponse:
    """Ask Stripe about it now."""
    stripe_id = _own(dispute_id).stripe_dispute_id
    if settings().payments.on:
        news_of_dispute(stripe_id)
    return redirect(url_for("office.one_dispute", dispute_id=dispute_id), 303)


@bp.post("/money/disputes/<uuid:dispute_id>/evidence")
@requires(Permission.REFUND)
def hand_in_evidence(dispute_id: UUID) -> AnyResponse:
    """Hand the evidence to the bank, with the clinic's own words; the same form again hands nothing in twice."""
    _own(dispute_id)
    try:
        hand_in(
            HandIn(
                evidence_id=parse_id(request.form.get("evidence_id"), field="evidence_id"),
                dispute_id=dispute_id,
                words=printable(request.form.get("words", ""), MOST_WORDS + 1).strip(),
                actor=current_staff().person,
            )
        )
    except (AlreadyUsedKey, Conflict, Invalid) as error:
        return _page(dispute_id, error)
    return redirect(url_for("office.one_dispute", dispute_id=dispute_id), 303)


def _words_of(found: Dispute) -> str:
    return next((row.words for row in reversed(store.evidence_of(reading(), found.id))), "")


@bp.get("/money/disputes/<uuid:dispute_id>/evidence.html")
@requires(Permission.REFUND)
def dispute_evidence(dispute_id: UUID) -> Response:
    """The evidence as a page."""
    found = _own(dispute_id)
    return html_answer(evidence_html(bundle(reading(), found, _words_of(found))))


@bp.get("/money/disputes/<uuid:dispute_id>/evidence.pdf")
@requires(Permission.REFUND)
def dispute_evidence_pdf(dispute_id: UUID) -> AnyResponse:
    """The evidence as PDF, as it would be handed in."""
    found = _own(dispute_id)
    made, where = bundle(reading(), found, _words_of(found)), place(reading(), found.location_id)
    return document_response(
        lambda: evidence_pdf(made, where),
        found.stripe_dispute_id,
        url_for("office.dispute_evidence", dispute_id=dispute_id),
    )
