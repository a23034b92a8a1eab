"""Merging two records of one client: whom with, what of each stays, and taking it back."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.people import (
    CLIENT_IS_ERASED,
    CLIENT_MERGED_ALREADY,
    CLIENT_WITH_ITSELF,
    MERGE_NOT_FOUND,
    NO_CLIENT_FITS,
)
from pos.core.paging.window import Window
from pos.domain.clients.merging import Choices, merges_of, usual_choices
from pos.domain.clients.persons import same_person
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.queries import search
from pos.domain.clients.records import alike, facts_of
from pos.domain.staff.permissions import Permission
from pos.reports.clients.summary import PersonSummary, summary
from pos.services.client_records.merge_clients import MergeClients, can_be_undone, merge_clients, undo_merge
from pos.web.common.form_fields import PageForm
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_text
from pos.web.office.blueprint import bp
from pos.web.office.clients.edit import language_name
from pos.web.office.packages.forms import ReasonForm, add_error, choices
from pos.web.office.request_args import own_places

_SIDES = [("kept", _l("Of the client who stays")), ("merged", _l("Of the other one"))]


class MergeForm(PageForm):
    """Whose value stays, and why they are one person. `seen` notices that somebody changed one of them meanwhile."""

    merge_id = HiddenField()
    seen_kept = HiddenField()
    seen_merged = HiddenField()
    name = RadioField(_l("Name"), choices=choices(_SIDES), default="kept")
    email = RadioField(_l("E-mail"), choices=choices(_SIDES), default="kept")
    phone = RadioField(_l("Phone"), choices=choices(_SIDES), default="kept")
    locale = RadioField(_l("Language"), choices=choices(_SIDES), default="kept")
    note = RadioField(_l("Note for the desk"), choices=choices([("both", _l("Of both")), *_SIDES]), default="both")
    reason = StringField(
        _l("Why they are the same person"),
        [InputRequired(_l("This is needed.")), Length(max=200)],
        description=_l("Kept with the merge, without names: “Same phone, asked at the desk”."),
    )

    def chosen(self) -> Choices:
        """What was chosen."""
        return Choices(
            **{name: self[name].data for name in ("name", "email", "phone", "locale", "note") if self[name].data}
        )


@bp.get("/clients/<uuid:client_id>/merge")
@requires(Permission.MANAGE_CLIENTS, chain_wide=True)
def choose_merge(client_id: UUID) -> str:
    """Whom a client may be the same as: those who are like them, and those that are searched for."""
    session = reading()
    client = client_of(session, client_id)
    if client.erased_at:
        raise Conflict(CLIENT_IS_ERASED)
    text = request.args.get("search", "")[:80]
    found = [one for one in search(session, text, Window(20)) if one.id != client.id]
    return render_template(
        "office/clients/choose_merge.html",
        client=client,
        search=text,
        found=found,
        alike=alike(session, facts_of(client), but=client.id),
        nobody=page_text(NO_CLIENT_FITS) if text and not found else "",
    )


def _pair(client_id: UUID, other_id: UUID) -> tuple[PersonSummary, PersonSummary]:
    session = reading()
    if client_id == other_id:
        raise Invalid(CLIENT_WITH_ITSELF)
    kept, merged = client_of(session, client_id), client_of(session, other_id)
    if same_person(session, kept.id, merged.id):
        raise Conflict(CLIENT_MERGED_ALREADY)
    if kept.erased_at or merged.erased_at:
        raise Conflict(CLIENT_IS_ERASED)
    return summary(session, kept.id), summary(session, merged.id)


def _preview(form: MergeForm, kept: PersonSummary, merged: PersonSummary, status: int = 200) -> Response:
    page = render_template(
        "office/clients/merge.html",
        form=form,
        kept=kept,
        merged=merged,
        language=language_name,
    )
    return make_response(page, status)


@bp.route("/clients/<uuid:client_id>/merge/<uuid:other_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CLIENTS, chain_wide=True)
def merge(client_id: UUID, other_id: UUID) -> AnyResponse:
    """Two clients side by side, and what is left of them when the second is merged into the first."""
    is_sent = request.method == "POST"
    if is_sent and (done := _done(request.form.get("merge_id", ""), client_id)):
        return done
    kept, merged = _pair(client_id, other_id)
    form = MergeForm(
        request.form if is_sent else None,
        obj=usual_choices(kept.facts, merged.facts),
        merge_id=str(new_id()),
        seen_kept=kept.facts.state_token,
        seen_merged=merged.facts.state_token,
    )
    if not is_sent:
        return _preview(form, kept, merged)
    if not form.validate():
        return _preview(form, kept, merged, 422)
    try:
        merge_clients(
            MergeClients(
                merge_id=parse_id(form.merge_id.data, field="merge_id"),
                kept_id=kept.client_id,
                merged_id=merged.client_id,
                choices=form.chosen(),
                reason=form.reason.data or "",
                seen=(form.seen_kept.data or "", form.seen_merged.data or ""),
                staff_id=current_staff().person.id,
                location_id=own_places()[0].id,
            )
        )
    except PosError as error:
        add_error(form, error)
        return _preview(form, kept, merged, error.status)
    return redirect(url_for("office.client", client_id=kept.client_id, done="merged"), 303)


def _done(merge_id: str, client_id: UUID) -> AnyResponse | None:
    """The answer to a second press."""
    if merge_id in {str(one.id) for one, _ in merges_of(reading(), client_id)}:
        return redirect(url_for("office.client", client_id=client_id, done="merged"), 303)
    return None


@bp.route("/clients/<uuid:client_id>/merges/<uuid:merge_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CLIENTS, chain_wide=True)
def undo_client_merge(client_id: UUID, merge_id: UUID) -> AnyResponse:
    """Take a merge back, as long as nothing was recorded since."""
    session = reading()
    client = client_of(session, client_id)
    found = next((pair for pair in merges_of(session, client.id) if pair[0].id == merge_id), None)
    if found is None:
        raise NotFound(MERGE_NOT_FOUND)
    form = ReasonForm(request.form if request.method == "POST" else None)

    def page(status: int = 200) -> Response:
        shown = render_template(
            "office/clients/undo_merge.html",
            client=client,
            merge=found[0],
            record=found[1],
            form=form,
            possible=can_be_undone(session, found[0]),
        )
        return make_response(shown, status)

    if request.method == "GET":
        return page()
    if not form.validate():
        return page(422)
    try:
        undo_merge(
            merge_id=merge_id,
            reason=form.reason.data or "",
            staff_id=current_staff().person.id,
            location_id=own_places()[0].id,
        )
    except PosError as error:
        add_error(form, error)
        return page(error.status)
    return redirect(url_for("office.client", client_id=client_id, done="parted"), 303)
