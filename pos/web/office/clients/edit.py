"""What is kept of a client: typed when they are added, and changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from babel import Locale, UnknownLocaleError
from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from pos.core.database.base import reading
from pos.core.errors import PosError, PossibleDuplicate
from pos.core.ids import new_id, parse_id
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.records import MOST_ALLERGY, MOST_NOTE, ClientFacts, facts_of
from pos.domain.staff.permissions import Permission
from pos.services.client_records.edit_client import edit_client
from pos.services.clients import register_client
from pos.web.common.form_fields import PageForm
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import LANGUAGES, page_translator
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error, choices
from pos.web.office.request_args import own_places


class NewClientForm(PageForm):
    """Somebody who is no client yet. `client_id` makes a second press harmless."""

    client_id = HiddenField()
    given_name = StringField(_l("Given name"), [InputRequired(_l("Please write a name.")), Length(max=80)])
    family_name = StringField(_l("Family name"), [Length(max=80)])
    phone = StringField(_l("Phone"), [Length(max=40)])
    email = StringField(
        _l("E-mail"), [Length(max=320)], description=_l("Receipts and the sign-in to their account go here.")
    )
    locale = SelectField(_l("Language"), validate_choice=False, description=_l("Of mails to them."))

    def offer(self) -> None:
        """Fill in the languages, and the client's own where it is another."""
        codes = list(dict.fromkeys((*LANGUAGES, *([self.locale.data] if self.locale.data else []))))
        self.locale.choices = choices((code, language_name(code)) for code in codes)

    def facts(self, **more: Any) -> ClientFacts:
        """What was typed."""
        return ClientFacts(
            self.given_name.data or "",
            self.family_name.data or "",
            self.email.data,
            self.phone.data,
            self.locale.data or "en",
            **more,
        )


class ClientForm(NewClientForm):
    """A client with what the desk should know. `seen` notices that somebody else was faster."""

    seen = HiddenField()
    note = TextAreaField(
        _l("Note for the desk"),
        [Length(max=MOST_NOTE)],
        description=_l("Wishes and habits, up to 500 characters. No diagnosis and no findings: they belong elsewhere."),
    )
    has_allergy = BooleanField(_l("Has an allergy"))
    allergy = StringField(
        _l("Allergic to"),
        [Length(max=MOST_ALLERGY)],
        description=_l("A few words, like nut oil. Kept only while “Has an allergy” is chosen."),
    )


def language_name(code: str) -> str:
    """What a language is called in that of the request; its code where it has no name."""
    try:
        return str(Locale.parse(code.replace("-", "_")).get_display_name(page_translator().locale) or code)
    except (UnknownLocaleError, ValueError):
        return code


def _page(form: NewClientForm, client: Any, status: int = 200, known: Any = ()) -> Response:
    page = render_template(
        "office/clients/edit.html", form=form, client=client, known=known, may_merge=may_chain_wide()
    )
    return make_response(page, status)


@bp.route("/clients/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_CLIENTS)
def new_client() -> AnyResponse:
    """Add a client; whoever may be the same person is shown first."""
    place = own_places()[0]
    form = NewClientForm(
        request.form if request.method == "POST" else None, client_id=str(new_id()), locale=place.locale.split("_")[0]
    )
    form.offer()
    if request.method == "GET":
        return _page(form, None)
    if not form.validate():
        return _page(form, None, 422)
    try:
        client_id = register_client(
            client_id=parse_id(form.client_id.data, field="client_id"),
            given_name=form.given_name.data or "",
            family_name=form.family_name.data or "",
            email=form.email.data,
            phone=form.phone.data,
            country=place.country,
            locale=form.locale.data or "en",
            staff_id=current_staff().person.id,
            location_id=place.id,
            is_another="is_another" in request.form,
        )
    except PossibleDuplicate as error:
        return _page(form, None, error.status, error.extra["clients"])
    except PosError as error:
        add_error(form, error)
        return _page(form, None, error.status)
    return redirect(url_for("office.client", client_id=client_id, done="added"), 303)


@bp.route("/clients/<uuid:client_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_CLIENTS)
def change_client(client_id: UUID) -> AnyResponse:
    """Change what is kept of a client, at every location: a client belongs to none."""
    client, place = client_of(reading(), client_id), own_places()[0]
    kept = facts_of(client)
    form = ClientForm(
        request.form if request.method == "POST" else None, obj=kept, client_id=str(client_id), seen=kept.state_token
    )
    form.offer()
    if request.method == "GET":
        return _page(form, client)
    if not form.validate():
        return _page(form, client, 422)
    facts = form.facts(
        note=form.note.data or "", has_allergy=bool(form.has_allergy.data), allergy=form.allergy.data or ""
    )
    try:
        edit_client(
            client_id=client_id,
            facts=facts,
            seen=form.seen.data or "",
            country=place.country,
            staff_id=current_staff().person.id,
            location_id=place.id,
        )
    except PosError as error:
        add_error(form, error)
        return _page(form, client, error.status)
    return redirect(url_for("office.client", client_id=client_id, done="saved"), 303)
