"""All that is kept of one person, to take away, and erasing it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.clients.queries import client as client_of
from pos.domain.staff.permissions import Permission
from pos.reports.clients.erasure import Obstacle, obstacles
from pos.reports.clients.kept_data import write_kept_data
from pos.services.client_records.erase_client import erase_client, pseudonym_of
from pos.services.client_records.note_export import note_export
from pos.web.common.downloads import file_answer
from pos.web.common.form_fields import PageForm
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error
from pos.web.office.request_args import own_places


class EraseForm(PageForm):
    """The name typed once more: nobody erases by a slip."""

    typed_name = StringField(_l("The client’s name"), [InputRequired(_l("This is needed.")), Length(max=170)])


@bp.post("/clients/<uuid:client_id>/data.json")
@requires(Permission.MANAGE_CLIENTS, chain_wide=True)
def client_data_json(client_id: UUID) -> AnyResponse:
    """All that is kept of a client as JSON; the log says who took it."""
    note_export(client_id=client_id, what="json", staff_id=current_staff().person.id)
    return file_answer(
        lambda out: write_kept_data(reading(), client_id, out),
        name=f"client-{client_id.hex[-8:]}.json",
        media_type="application/json",
    )


def _told(one: Obstacle, client_id: UUID) -> tuple[str, str, str]:
    """What stands in the way, where it is settled, and what the link says."""
    match one.kind:
        case "credits":
            text = ngettext(
                "%(num)d credit left of %(name)s", "%(num)d credits left of %(name)s", one.count, name=one.name
            )
            return text, url_for("office.package", package_id=one.key), _("Open the package")
        case "account_credit":
            text = _("Account credit of %(amount)s", amount=page_translator().money(one.minor, one.currency))
            return text, url_for("office.account_credit", client_id=client_id), _("Open the account credit")
        case "ticket":
            text = ngettext("%(num)d ticket is open at a desk", "%(num)d tickets are open at a desk", one.count)
            return text, url_for("register.desk"), _("Open the register")
        case "order":
            text = _(
                "An order of %(amount)s awaits its payment", amount=page_translator().money(one.minor, one.currency)
            )
            return text, url_for("register.desk"), _("Open the register")
        case "refund":
            text = _("A refund of receipt %(label)s is not with the client yet", label=one.name)
            return text, url_for("office.one_refund", refund_id=one.key), _("Open the refund")
        case "dispute":
            return _("A payment is disputed"), url_for("office.one_dispute", dispute_id=one.key), _("Open the dispute")
        case "payment":
            text = ngettext("%(num)d payment has no sale", "%(num)d payments have no sale", one.count)
            return text, url_for("office.unmatched_rows"), _("Look at payments")
        case "certificate":
            text = _("Gift card •••• %(last4)s is still to be mailed", last4=one.name)
            return text, url_for("office.gift_card", card_id=one.key), _("Open the gift card")


def _page(client_id: UUID, form: EraseForm, status: int = 200) -> Response:
    session = reading()
    client = client_of(session, client_id)
    page = render_template(
        "office/clients/personal_data.html",
        client=client,
        form=form,
        obstacles=[_told(one, client.id) for one in obstacles(session, client.id)],
        pseudonym=" ".join(pseudonym_of(client.id, own_places()[0].locale)),
    )
    return make_response(page, status)


@bp.route("/clients/<uuid:client_id>/personal-data", methods=["GET", "POST"])
@requires(Permission.MANAGE_CLIENTS, chain_wide=True)
def personal_data(client_id: UUID) -> AnyResponse:
    """Take all that is kept of a client, or erase it: what goes, what stays, and what must be settled first."""
    form = EraseForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _page(client_id, form)
    if not form.validate():
        return _page(client_id, form, 422)
    try:
        erase_client(
            client_id=client_id,
            typed_name=form.typed_name.data or "",
            staff_id=current_staff().person.id,
            location_id=own_places()[0].id,
        )
    except PosError as error:
        add_error(form, error)
        return _page(client_id, form, error.status)
    return redirect(url_for("office.client", client_id=client_id, done="erased"), 303)
