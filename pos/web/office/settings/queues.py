"""Stripe's messages and what became of them; what the outbox gave up, tried again or put aside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.i18n.sanitize import printable
from pos.core.messages.books import FILTER_ABOUT, FILTER_BECAME
from pos.domain.staff.permissions import Permission
from pos.reports.queues import (
    KINDS,
    dead_letters,
    inbox,
    refused,
)
from pos.services.jobs import webhook_inbox
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.labels import outbox_labels
from pos.web.office.request_args import (
    keyed_pages,
    own_places,
    requested_window,
)

# What may be chosen of what became of a message.
_CHOSEN = ("open", "dead")


def _kind_words() -> dict[str, str]:
    return {
        "payments": _("payments"),
        "readers": _("card readers"),
        "refunds": _("refunds"),
        "disputes": _("disputes"),
        "payouts": _("payouts"),
    }


def _became_words() -> dict[str, tuple[str, str, str]]:
    return {
        "done": (_("acted on"), "good", "done"),
        "waits": (_("waits its turn"), "", "wait"),
        "trying": (_("being tried again"), "warn", "wait"),
        "dead": (_("given up"), "bad", "alert"),
    }


def _refused_words() -> dict[str, str]:
    return {
        "forged": _("not signed with a webhook secret of ours"),
        "other_mode": _("of Stripe’s other mode, live or test"),
        "other_version": _("written in another version of Stripe’s API"),
    }


def _page(error: PosError | None = None, message_id: UUID | None = None) -> Response:
    session = reading()
    filters = AskedFilters((), own_places())
    kind, became = filters.word("kind", KINDS, FILTER_ABOUT), filters.word("became", _CHOSEN, FILTER_BECAME)
    search = filters.narrows("search", request.args.get("search", "").strip()[:120])
    asked, window = {"kind": kind, "became": became, "search": search}, requested_window(datetime, str)
    rows = [] if filters.wrong else inbox(session, kind=kind, search=search, became=became, window=window)
    shown, pager = keyed_pages(rows, window, lambda message: (message.received_at, message.event_id), **asked)
    dead = dead_letters(session)
    page = render_template(
        "office/settings/queues.html",
        rows=shown,
        pages=pager,
        asked=asked,
        refused_filters=filters,
        topics=outbox_labels(),
        kinds=_kind_words(),
        became=_became_words(),
        why=_refused_words(),
        dead=dead,
        refused=refused(session),
        payments_on=settings().payments.on,
        zone=own_places()[0].time_zone,
        error=error,
        wrong=message_id if any(one.message_id == message_id for one in dead) else None,
        typed=request.form.get("why", ""),
    )
    return make_response(page, error.status if error else 422 if filters.wrong else 200)


@bp.get("/settings/messages")
@requires(Permission.MANAGE_BOOKS, chain_wide=True)
def messages() -> Response:
    """The inbox of Stripe's messages, and the outbox's dead letters."""
    return _page()


@bp.post("/settings/messages/replay")
@requires(Permission.MANAGE_BOOKS, chain_wide=True)
def replay_message() -> AnyResponse:
    """Act once more on one message."""
    try:
        webhook_inbox.replay(
            event_id=printable(request.form.get("event_id", ""), 120), staff_id=current_staff().person.id
        )
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.messages"), 303)


@bp.post("/settings/messages/<uuid:message_id>/<any(again, aside):action>")
@requires(Permission.MANAGE_BOOKS, chain_wide=True)
def dead_message(message_id: UUID, action: str) -> AnyResponse:
    """Try what was given up again, or put it aside."""
    staff_id = current_staff().person.id
    try:
        if action == "again":
            webhook_inbox.try_again(message_id=message_id, staff_id=staff_id)
        else:
            webhook_inbox.put_aside(message_id=message_id, staff_id=staff_id, why=request.form.get("why", "")[:1000])
    except PosError as error:
        return _page(error, message_id)
    return redirect(url_for("office.messages", _anchor="dead"), 303)
