"""Actions on a package: each has a form, shows what it would do, and is done only after that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.general import NO_SUCH_PAGE
from pos.core.messages.packages import NO_SUCH_PACKAGE
from pos.core.messages.people import NO_CLIENT_FITS, SEVERAL_CLIENTS_FIT
from pos.core.paging.window import Window
from pos.domain.clients.queries import search
from pos.domain.credits.statement import HeldLot, lots_in
from pos.domain.staff.permissions import Permission
from pos.services.packages import adjust_credits, freeze_and_extend, share_and_transfer
from pos.services.packages.authorization import PackageAction
from pos.services.packages.dry_run import Preview, preview
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import (
    ExtendForm,
    ForfeitForm,
    FreezeForm,
    PersonForm,
    ReasonForm,
    ShareForm,
    TransferForm,
    add_error,
    choices,
)
from pos.web.office.packages.labels import status_labels
from pos.web.office.request_args import own_places


@dataclass(frozen=True)
class Kind:
    """An action: its form, the unit of work that does it, and what that takes beside command and lot."""

    form: type[ReasonForm]
    conduct: Callable[..., Any]
    takes: Callable[[Any, UUID], dict[str, Any]]


def _move() -> UUID:
    return parse_id(request.values.get("move"), field="move")


# Actions on a move name it instead of the lot: their use case finds the lot by it.
KINDS: dict[str, Kind] = {
    "freeze": Kind(
        FreezeForm,
        freeze_and_extend.freeze_package,
        lambda f, lot: {"lot_id": lot, "until_on": f.until_on.data, "medical": f.medical.data},
    ),
    "unfreeze": Kind(ReasonForm, freeze_and_extend.unfreeze_package, lambda f, lot: {"lot_id": lot}),
    "extend": Kind(ExtendForm, freeze_and_extend.extend_package, lambda f, lot: {"lot_id": lot, "to": f.to.data}),
    "burn": Kind(ForfeitForm, adjust_credits.forfeit_credit, lambda f, lot: {"lot_id": lot, "cause": f.cause.data}),
    "restore": Kind(ReasonForm, adjust_credits.undo_forfeit, lambda f, lot: {"move_id": _move()}),
    "reverse": Kind(ReasonForm, adjust_credits.reverse_redemption, lambda f, lot: {"move_id": _move()}),
    "share": Kind(
        ShareForm,
        share_and_transfer.share_package,
        lambda f, lot: {"lot_id": lot, "client_id": _person(f), "cap": f.cap.data},
    ),
    "end-share": Kind(
        ReasonForm,
        share_and_transfer.end_share,
        lambda f, lot: {"lot_id": lot, "share_id": parse_id(request.values.get("share"), field="share")},
    ),
    "transfer": Kind(
        TransferForm,
        share_and_transfer.transfer_credits,
        lambda f, lot: {"lot_id": lot, "receiver_id": _person(f), "credits": f.credits.data},
    ),
}


def action_labels() -> dict[str, tuple[str, str, str]]:
    """What each action is called, what it does, and what its button says."""
    return {
        "freeze": (
            _("Freeze"),
            _("Nothing can be used until the freeze ends. The last day moves by the days it lasted."),
            _("Freeze it"),
        ),
        "unfreeze": (_("End the freeze"), _("The last day moves by the days the freeze lasted."), _("End it")),
        "extend": (_("Move the last day"), _("The sessions stay valid until a later day."), _("Move it")),
        "burn": (
            _("Burn a credit"),
            _("A visit was cancelled too late or missed: one credit is used up and its value is earned today."),
            _("Burn it"),
        ),
        "restore": (
            _("Restore a burned credit"),
            _("The credit comes back today. The day it was burned stays as it was reported."),
            _("Restore it"),
        ),
        "reverse": (
            _("Reverse a visit"),
            _("The credit comes back today and its value is owed again. The day of the visit stays as it was."),
            _("Reverse it"),
        ),
        "share": (
            _("Share with a person"),
            _("The person may use these credits at the desk. The owner is told by mail of each use."),
            _("Share it"),
        ),
        "end-share": (
            _("End the sharing"),
            _("The person can use nothing more. What was used stays used."),
            _("End it"),
        ),
        "transfer": (
            _("Give credits away"),
            _("They become the other client's own. A refund still goes to the purchaser alone."),
            _("Give them"),
        ),
    }


def _person(form: PersonForm) -> UUID:
    """The client that was meant; raises Invalid for none or several, and then offers them."""
    found = search(reading(), form.who.data or "", Window(8))
    keys = {str(client.id): client for client in found}
    offered = [(key, f"{client.name}, {client.email or client.phone or '–'}") for key, client in keys.items()]
    form.client_id.choices = choices([("", _("Choose")), *offered])
    if len(found) == 1:
        form.client_id.data = str(found[0].id)
        return found[0].id
    if form.client_id.data in keys:
        return keys[form.client_id.data].id
    if not found:
        raise Invalid(NO_CLIENT_FITS, field="who")
    raise Invalid(SEVERAL_CLIENTS_FIT, field="client_id")


def _lot(package_id: UUID) -> HeldLot:
    """The lot of this package the address names, at one of the person's locations; raises NotFound."""
    mine = {place.id for place in own_places()}
    wanted = parse_id(request.values.get("lot"), field="lot")
    for lot in lots_in(reading(), package_id):
        if lot.lot_id == wanted and lot.location_id in mine:
            return lot
    raise NotFound(NO_SUCH_PACKAGE)


def _page(name: str, lot: HeldLot, form: ReasonForm, shown: Preview | None = None, status: int = 200) -> Response:
    title, text, press = action_labels()[name]
    page = render_template(
        "office/packages/adjustment.html",
        name=name,
        lot=lot,
        form=form,
        shown=shown,
        title=title,
        text=text,
        press=press,
        kept={key: request.values[key] for key in ("lot", "move", "share") if key in request.values},
        status_words=status_labels(),
    )
    return make_response(page, status)


@bp.route("/packages/<uuid:package_id>/<name>", methods=["GET", "POST"])
@requires(Permission.CORRECT_CREDITS)
def package_adjustment(package_id: UUID, name: str) -> AnyResponse:
    """One action: the form, what it would do, and doing it."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound(NO_SUCH_PAGE)
    lot = _lot(package_id)
    if request.method == "GET":
        return _page(name, lot, kind.form(action_id=str(new_id())))
    form = kind.form(request.form)
    if not form.validate():
        return _page(name, lot, form, status=422)
    command = PackageAction(
        parse_id(form.action_id.data, field="action_id"), current_staff().person, form.reason.data or ""
    )
    try:
        values = kind.takes(form, lot.lot_id)
        if "confirm" not in request.form:
            return _page(name, lot, form, preview(lot.lot_id, kind.conduct, command, **values))
        kind.conduct(command, **values)
    except PosError as error:
        add_error(form, error)
        return _page(name, lot, form, status=error.status)
    return redirect(url_for("office.package", package_id=package_id, done=name), 303)
