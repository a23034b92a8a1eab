"""The development mailbox: mails that would have been sent, on this machine only."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from pos.core.database.base import reading
from pos.core.mail import mailbox_mail, newest_mails
from pos.web.common.permissions import public

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@bp.get("/")
@public
def index() -> str:
    """The newest hundred mails."""
    return render_template("dev_mailbox/index.html", mails=newest_mails(reading()))


@bp.get("/<uuid:mail_id>")
@public
def show(mail_id: UUID) -> str:
    """One mail as text, with the way to its HTML and its source."""
    return render_template("dev_mailbox/show.html", mail=mailbox_mail(reading(), mail_id))


@bp.get("/<uuid:mail_id>/html")
@public
def html(mail_id: UUID) -> Response:
    """The HTML part, with no right to load or run anything."""
    response = Response(mailbox_mail(reading(), mail_id).html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"
    return response


@bp.get("/<uuid:mail_id>/source")
@public
def source(mail_id: UUID) -> Response:
    """The mail as it would have gone out, attachments included."""
    return Response(
        mailbox_mail(reading(), mail_id).raw,
        content_type="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="{mail_id}.eml"'},
    )
