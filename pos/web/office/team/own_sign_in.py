"""One's own sign-in to the office: password, second factor, recovery codes."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.core.messages.people import NO_SUCH_PERSON
from pos.domain.staff import second_factors
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.domain.staff.team import team
from pos.domain.staff.totp import address_for_apps
from pos.services.staff.second_factor import begin_second_factor, end_own_second_factor, prove_second_factor
from pos.services.staff.sign_in_means import set_own_password
from pos.web.common.permissions import requires
from pos.web.common.qr_picture import qr_picture
from pos.web.common.sessions import cookie, current_staff
from pos.web.office.blueprint import bp


def _page(error: PosError | None = None, action: str = "", codes: list[str] | None = None) -> Response:
    person, session = current_staff().person, reading()
    secret = second_factors.secret_to_prove(session, person.id)
    page = render_template(
        "office/team/own_sign_in.html",
        member=team(session, only=person.id)[0],
        secret=secret,
        codes=codes,
        codes_left=second_factors.codes_left(session, person.id),
        is_required=person.role in second_factors.required_roles(session),
        error=error,
        action=action,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/your-sign-in")
@requires(Permission.OWN)
def own_sign_in() -> Response:
    """How the signed-in person signs in."""
    return _page()


@bp.get("/your-sign-in/code.svg")
@requires(Permission.OWN)
def second_factor_image() -> Response:
    """The secret that is being set up, as a QR code for an authenticator app."""
    return code_image(current_staff().person)


def code_image(person: Person) -> Response:
    """The secret that somebody sets up, as a picture; raises NotFound where there is none."""
    session = reading()
    secret = second_factors.secret_to_prove(session, person.id)
    if secret is None:
        raise NotFound(NO_SUCH_PERSON)
    account = team(session, only=person.id)[0].email or person.name
    return qr_picture(address_for_apps(secret, account, "Tenderpoint"))


@bp.post("/your-sign-in/password", defaults={"action": "password"})
@bp.post("/your-sign-in/begin", defaults={"action": "begin"})
@bp.post("/your-sign-in/prove", defaults={"action": "prove"})
@bp.post("/your-sign-in/end", defaults={"action": "end"})
@requires(Permission.OWN)
def change_own_sign_in(action: str) -> AnyResponse:
    """Change one's own password, or set up, turn on or turn off the second factor."""
    person, form = current_staff().person, request.form
    try:
        match action:
            case "password":
                set_own_password(
                    present=form.get("present", "")[:200], password=form.get("password", "")[:200],
                    cookie=cookie("office"), person=person,
                )  # fmt: skip
            case "begin":
                begin_second_factor(person=person)
            case "prove":
                return _page(
                    codes=prove_second_factor(code=form.get("code", "")[:40], cookie=cookie("office"), person=person)
                )
            case _:
                end_own_second_factor(present=form.get("present", "")[:200], person=person)
    except PosError as error:
        return _page(error, action)
    return redirect(url_for("office.own_sign_in", done=action), 303)
