"""Gift cards: what is owed on them, one card's story, lost cards, and the terms of a location."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.books import FILTER_STATE
from pos.core.messages.stored_value import NO_SUCH_GIFT_CARD, VALIDITY_NOT_A_NUMBER
from pos.core.money import parse_amount, plain
from pos.domain.ledger.queries import balance
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.domain.stored_value import queries
from pos.domain.stored_value.queries import CardFacts
from pos.domain.stored_value.rules import CardTerms
from pos.services.stored_value import gift_cards as use_cases
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.request_args import (
    keyed_pages,
    own_ids,
    own_places,
    requested_place,
    requested_window,
    typed_first_day,
)

STATES = ("active", "used_up", "expired", "blocked", "replaced")


def state_labels() -> dict[str, tuple[str, str]]:
    """What a card is, and how its chip looks."""
    return {
        "active": (_("Active"), "good"),
        "used_up": (_("Used up"), ""),
        "expired": (_("Expired"), "warn"),
        "blocked": (_("Blocked"), "bad"),
        "replaced": (_("Replaced"), ""),
    }


def move_labels() -> dict[str, str]:
    """What happened to stored value, move by move."""
    return {
        "issue": _("Sold"),
        "reload": _("Reloaded"),
        "hold": _("Set aside for a card payment"),
        "release": _("Given back from a card payment"),
        "spend": _("Paid with it"),
        "refund": _("Refunded"),
        "void": _("Sale cancelled"),
        "cash_out": _("Paid out in cash"),
        "expire": _("Expired"),
        "replace": _("Moved from a lost card"),
        "replaced": _("Moved to a new card"),
        "lapse": _("From an expired package"),
        "merge": _("Moved when two records of a client were merged"),
        "goodwill": _("Goodwill"),
        "suspend": _("Blocked while its payment is disputed"),
        "resume": _("The dispute of its payment is over"),
        "lost": _("Taken back: its payment was lost"),
    }


def _list_page(error: PosError | None = None) -> Response:
    place, session = requested_place(), reading()
    filters = AskedFilters((), (place,))
    state = filters.word("state", STATES, FILTER_STATE)
    last4 = filters.narrows("ends", request.args.get("ends", "")[:4].strip())
    today = place.today()
    window = requested_window(datetime, UUID)
    found = [] if filters.wrong else queries.cards(session, place.id, today, state=state, last4=last4, window=window)
    args = {"location": place.slug, "state": state, "ends": last4}
    rows, pager = keyed_pages(found, window, lambda card: (card.issued_at, card.card_id), **args)
    terms = queries.terms_of(session, place, today)
    shown = {
        "least": plain(terms.least_minor, place.currency),
        "most": plain(terms.most_minor, place.currency),
        "balance_most": plain(terms.balance_most_minor, place.currency),
        "cash_out": "" if terms.cash_out_minor is None else plain(terms.cash_out_minor, place.currency),
        "validity_months": str(terms.validity_months or ""),
        "from_on": today.isoformat(),
    }
    owed, booked = queries.owed_on_cards(session, place.id), -balance(session, place.id, "gift_card_liability")
    page = render_template(
        "office/money/gift_cards.html",
        place=place,
        own_places=own_places(),
        rows=rows,
        pages=pager,
        refused=filters,
        state=state,
        ends=last4,
        states=state_labels(),
        owed=owed,
        booked=booked,
        history=queries.terms_history(session, place.id),
        typed={name: request.form.get(name, text) for name, text in shown.items()},
        error=error,
    )
    return make_response(page, error.status if error else 422 if filters.wrong else 200)


@bp.get("/money/gift-cards")
@requires(Permission.SEE_REPORTS)
def gift_cards() -> Response:
    """Gift cards by state, what they hold beside the ledger, and the terms of the location."""
    return _list_page()


def _months(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text.strip()) > 4:
        raise Invalid(VALIDITY_NOT_A_NUMBER, field="validity_months")
    return int(text)


@bp.post("/money/gift-cards")
@requires(Permission.MANAGE_BOOKS)
def set_gift_card_terms() -> AnyResponse:
    """Set the terms of gift cards from a day on."""
    place, form = requested_place(), request.form

    def minor(field: str) -> int:
        return parse_amount(form.get(field, "")[:40], place.currency, field=field)

    try:
        from_on = typed_first_day()
        terms = CardTerms(
            minor("least"),
            minor("most"),
            minor("balance_most"),
            minor("cash_out") if form.get("cash_out", "").strip() else None,
            _months(form.get("validity_months", "")),
        )
        use_cases.set_terms(
            location_id=place.id, from_on=from_on, terms=terms, staff_id=current_staff().person.id, own=own_ids()
        )
    except PosError as error:
        return _list_page(error)
    return redirect(url_for("office.gift_cards", location=place.slug) + "#terms", 303)


def _own_card(card_id: UUID) -> tuple[CardFacts, Place]:
    for place in own_places():
        found = queries.card(reading(), card_id, place.today())
        if found.location_id == place.id:
            return found, place
    raise NotFound(NO_SUCH_GIFT_CARD)


def _card_page(card_id: UUID, error: PosError | None = None) -> Response:
    card, place = _own_card(card_id)
    session = reading()
    page = render_template(
        "office/money/gift_card.html",
        card=card,
        place=place,
        moves=queries.card_moves(session, card_id),
        move_words=move_labels(),
        states=state_labels(),
        people=names(session),
        successor=queries.successor(session, card_id),
        new_card_id=new_id(),
        error=error,
        reason=request.form.get("reason", ""),
    )
    return make_response(page, error.status if error else 200)


@bp.get("/money/gift-cards/<uuid:card_id>")
@requires(Permission.SEE_REPORTS)
def gift_card(card_id: UUID) -> Response:
    """One card and all its moves."""
    return _card_page(card_id)


@bp.post("/money/gift-cards/<uuid:card_id>/<any(block, unblock, replace):action>")
@requires(Permission.CORRECT_CREDITS)
def change_gift_card(card_id: UUID, action: str) -> AnyResponse:
    """Block a lost card, let it pay again, or move what is on it to a new one."""
    _own_card(card_id)
    who, reason, shown = current_staff().person.id, request.form.get("reason", "")[:200], card_id
    try:
        if action == "block":
            use_cases.block(card_id=card_id, staff_id=who, own=own_ids(), reason=reason)
        elif action == "unblock":
            use_cases.unblock(card_id=card_id, staff_id=who, own=own_ids(), reason=reason)
        else:
            shown = use_cases.replace_card(
                card_id=card_id,
                new_card_id=parse_id(request.form.get("new_card_id"), field="new_card_id"),
                staff_id=who,
                own=own_ids(),
                reason=reason,
            ).card_id
    except PosError as error:
        return _card_page(card_id, error)
    return redirect(url_for("office.gift_card", card_id=shown), 303)
