"""The account: signing in by a mailed link, credits and what happened to them, receipts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.domain.clients.cards import card_code
from pos.domain.clients.registration import SESSION_LIFETIME
from pos.domain.locations.queries import places
from pos.domain.receipts import repository as receipts
from pos.reports.clients.kept_data import write_kept_data
from pos.services.auth import client_sign_out, request_link, sign_in_by_link
from pos.services.client_records.note_export import note_export
from pos.services.packages.share_and_transfer import end_own_share
from pos.web.common.downloads import file_answer
from pos.web.common.permissions import client_only, public
from pos.web.common.security import limiter
from pos.web.common.sessions import (
    cookie,
    current_client,
    give_cookie,
    take_cookie,
)
from pos.web.common.template_context import page_language, page_text
from pos.web.shop import policy_texts
from pos.web.shop.account import statement
from pos.web.shop.account.account_credit import own_credit
from pos.web.shop.blueprint import bp
from pos.web.shop.catalogue import shop_name
from pos.web.shop.forms import ShareForm, SignInForm
from pos.web.shop.receipts import page_of, pdf_of

if TYPE_CHECKING:
    from pos.domain.clients.models import Client


def signed_in_client() -> Client:
    """The client of this browser, in views that only clients reach."""
    client = current_client()
    assert client is not None  # client_only saw to it
    return client


def render_own(template: str, **values: object) -> str:
    """A page of the account."""
    return render_template(f"account/{template}", site_name=shop_name(places(reading())), **values)


@bp.get("/account/sign-in")
@public
def sign_in() -> AnyResponse:
    """Where does your link go?"""
    if current_client() is not None:
        return redirect(url_for("shop.own_account"), 303)
    return make_response(render_own("sign_in.html", form=SignInForm()))


def _typed_address() -> str:
    """Mails to one address are rationed too, known or not."""
    return "link:" + request.form.get("email", "").strip().lower()[:254]


@bp.post("/account/sign-in")
@public
@limiter.limit("10 per minute; 40 per hour")
@limiter.limit("3 per 10 minutes", key_func=_typed_address)
def ask() -> Response:
    """Mail a link; the answer is the same for an address nobody here has."""
    form = SignInForm(request.form)
    if not form.validate():
        return make_response(render_own("sign_in.html", form=form), 422)
    email = (form.email.data or "").strip()
    request_link(email=email, locale=page_language())
    return make_response(render_own("link_sent.html", email=email))


@bp.get("/account/enter/<token>")
@public
def door(token: str) -> Response:
    """One button: programs that read mail follow links, but they do not press buttons."""
    return make_response(render_own("confirm_sign_in.html", token=token, refused=None))


@bp.post("/account/enter/<token>")
@public
@limiter.limit("20 per minute")
def enter(token: str) -> AnyResponse:
    """Trade the link for a sign-in, once."""
    try:
        value = sign_in_by_link(token=token)
    except Invalid as error:
        return make_response(render_own("confirm_sign_in.html", token=token, refused=page_text(error.sentence)), 422)
    before = cookie("client")
    if before:
        client_sign_out(before)
    response = make_response(redirect(url_for("shop.own_account"), 303))
    give_cookie(response, "client", value, lifetime=SESSION_LIFETIME)
    return response


@bp.post("/account/sign-out")
@public
def sign_out() -> AnyResponse:
    """Sign out of this browser."""
    value = cookie("client")
    if value:
        client_sign_out(value)
    response = make_response(redirect(url_for("shop.index"), 303))
    take_cookie(response, "client")
    return response


@bp.get("/account/")
@client_only
def own_account() -> str:
    """Credits left, packages, receipts."""
    # What draws a QR code is not loaded at every start.
    from invoices.code_image import code_of

    client = signed_in_client()
    card = card_code(client.id)
    return render_own(
        "index.html",
        client=client,
        card=card,
        card_image=Markup(code_of(card).svg_inline(light="#fff", border=2, omitsize=True)),  # noqa: S704 - a path of numbers
        account=statement.account(reading(), client.id),
        receipts=statement.own_receipts(reading(), client.id),
        credit=own_credit(reading(), client.id),
    )


@bp.post("/account/data")
@client_only
def own_data() -> AnyResponse:
    """All that is kept of oneself, as a JSON file."""
    client_id = signed_in_client().id
    note_export(client_id=client_id, what="json", by_client=True)
    return file_answer(
        lambda out: write_kept_data(reading(), client_id, out), name="my-data.json", media_type="application/json"
    )


@bp.get("/account/packages/<uuid:package_id>")
@client_only
def own_package(package_id: UUID) -> str:
    """One package and every movement of its credits, and who else may use it."""
    return own_package_page(package_id, ShareForm())


def own_package_page(package_id: UUID, form: ShareForm) -> str:
    """The page of one's own package, with the form that invites somebody to share it."""
    text = request.args.get("page", "1")
    page = int(text) if re.fullmatch(r"[1-9]\d{0,4}", text) else 1
    found = statement.holding(reading(), signed_in_client().id, package_id, page=page)
    return render_own("package.html", holding=found, page=page, form=form, sentences=policy_texts)


@bp.post("/account/packages/<uuid:package_id>/shares/<uuid:share_id>/end")
@client_only
def end_share(package_id: UUID, share_id: UUID) -> AnyResponse:
    """Let somebody use one's package no more."""
    end_own_share(signed_in_client().id, package_id, share_id)
    return redirect(url_for("shop.own_package", package_id=package_id) + "#sharing", 303)


@bp.get("/account/receipts/<uuid:sale_id>")
@client_only
def own_receipt(sale_id: UUID) -> Response:
    """A receipt of one's own as a page."""
    return page_of(receipts.of_clients_sale(reading(), signed_in_client().id, sale_id))


@bp.get("/account/receipts/<uuid:sale_id>.pdf")
@client_only
def own_receipt_file(sale_id: UUID) -> Response:
    """A receipt of one's own as PDF."""
    return pdf_of(receipts.of_clients_sale(reading(), signed_in_client().id, sale_id), f"/account/receipts/{sale_id}")
