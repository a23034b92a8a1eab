"""Every route × everybody. A route that is not in the table fails, and so does a row whose route is gone.

Everybody carries every cookie a slip could give them: staff are signed in at a desk and in the office whatever their role,
so that each route's own guard decides, not the door. Where somebody is refused, no table may change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pos.checkout import card_at_desk
from pos.clients import service as clients
from pos.kernel.hashing import sha256_hex
from pos.kernel.ids import new_id
from pos.receipts import service as receipts
from pos.web.common.security import csrf
from pos.web.office.imports import pack
from tests.support.cards import Till
from tests.support.world import World
from tests.web.house import browser, changed, form_token, kept
from tests.web.things import Things, event, signed

pytestmark = pytest.mark.xdist_group("permissions")

EVERYBODY = (
    "anonymous", "ana", "ben", "therapist", "receptionist", "eur_receptionist", "manager", "bookkeeper", "owner"
)  # fmt: skip
# Cells: a status, or DOOR: led to the sign-in page of the face.
DOOR = "door"
Cells = tuple[int | str, ...]


def desk(ok: int, *, other: int = 404) -> Cells:
    """The JSON face: reception, manager and owner; `other` is what another location's reception gets."""
    return (401, 401, 401, 403, ok, other, ok, 403, ok)


def by_approval(ok: int) -> Cells:
    """What reception may do with a manager's consent only, which nobody gave."""
    return (401, 401, 401, 403, 403, 404, ok, 403, ok)


def desk_page(ok: int = 200, *, other: int = 404) -> Cells:
    """Pages of the register."""
    return (DOOR, DOOR, DOOR, 403, ok, other, ok, 403, ok)


def office(ok: int = 200, *, bookkeeper: int = 200) -> Cells:
    """Pages of the office: manager, owner, and the bookkeeper where no clients are shown."""
    return (DOOR, DOOR, DOOR, 403, 403, 403, ok, bookkeeper, ok)


def anybody(status: int = 200, *, client: int | None = None, staff: int | None = None) -> Cells:
    """Public, with another answer for a signed-in client or signed-in staff where there is one."""
    return (status, *[client or status] * 2, *[staff or status] * 6)


OF_ANA: Cells = (DOOR, 200, 404, *[DOOR] * 6)
OF_CLIENTS: Cells = (DOOR, 200, 200, *[DOOR] * 6)


@dataclass(frozen=True)
class Ask:
    """What is asked: values for the rule's variables, and a body. `path` replaces the rule altogether."""

    values: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    form: dict[str, str] | None = None
    query: str = ""
    data: bytes | None = None


Ready = Callable[[Things], Ask]


def plain(_: Things) -> Ask:
    return Ask(json={})


def of(**named: str) -> Ready:
    """Variables taken from things of the same names: `of(sale_id="sale")`."""
    return lambda t: Ask({name: getattr(t, thing) for name, thing in named.items()}, json={})


def ticket(*, parked: bool = False, **body: Any) -> Ready:
    """A fresh ticket of Riverside."""
    return lambda t: Ask({"ticket_id": t.fresh_ticket(parked=parked)[0]}, json=body)


def typed(**fields: str) -> Ready:
    """A form."""
    return lambda t: Ask(form=fields)


def _pin(t: Things) -> dict[str, str]:
    return {"pin": t.clinic.receptionist.pin, "desk": str(t.clinic.usd.desk)}


def _drawer(*, opening: bool) -> Ready:
    def ready(t: Things) -> Ask:
        t.drawers(open_=False)  # what others sold meanwhile is counted before
        if not opening:
            t.drawers(open_=True)
        return Ask(json={"float_minor": 0} if opening else {"counted_minor": 0})

    return ready


def _charge(t: Things) -> Ask:
    t.drawers(open_=True)
    return Ask(json=t.paid_by(card=True))


def _cash(t: Things) -> Ask:
    t.drawers(open_=True)
    return Ask(json=t.paid_by(card=False))


def _new_client(t: Things) -> Ask:
    return Ask(json={"client_id": str(new_id()), "given_name": "Zoe"})


def _office_door(t: Things) -> Ask:
    return Ask(form={"email": t.clinic.manager.email or "", "password": t.clinic.manager.password or ""})


def _shop_page(t: Things) -> Ask:
    return Ask({"slug": "riverside", "item_id": t.clinic.items["ten"]})


def _buy(t: Things) -> Ask:
    nora = {"given_name": "Nora", "email": "nora@mail.example", "terms": "y", "order_key": t.order_key()}
    return Ask(_shop_page(t).values, form=nora)


def _buy_gift_card(t: Things) -> Ask:
    nora = {"given_name": "Nora", "email": "nora@mail.example", "terms": "y", "order_key": t.order_key()}
    return Ask({"slug": "riverside"}, form={**nora, "amount": "50"})


def _webhook(t: Things) -> Ask:
    return Ask(data=event())


def _refunding(t: Things) -> Ask:
    sale_id, body = t.money_back()
    return Ask({"sale_id": sale_id}, json=body)


def _refunding_form(t: Things) -> Ask:
    sale_id, fields = t.money_back_to_card()
    return Ask({"sale_id": sale_id}, form=fields)


def _evidence_form(t: Things) -> Ask:
    return Ask({"dispute_id": t.dispute}, form={"evidence_id": str(new_id()), "words": "She came on three days."})


def _explain_form(t: Things) -> Ask:
    payout_id, form = t.difference()
    return Ask({"payout_id": payout_id}, form=form)


def _stray_form(t: Things) -> Ask:
    stray_id, form = t.stray()
    return Ask({"stray_id": stray_id}, form=form)


def _deed(t: Things) -> Ask:
    lot = t.lot
    form = {"lot": str(lot.id), "deed_id": str(new_id()), "cause": "no_show", "reason": "Did not come", "confirm": "1"}
    return Ask({"package_id": lot.package_id, "name": "burn"}, form=form, query=f"?lot={lot.id}")


def _courtesy(t: Things) -> Ask:
    form = {
        "deed_id": str(new_id()), "location": "riverside", "item_id": str(t.clinic.items["trigger_60"]), "credits": "1",
        "code": "goodwill", "expires_on": "2099-01-01", "reason": "A long wait",
    }  # fmt: skip
    return Ask({"client_id": t.clinic.ben}, form=form)


def _goodwill(t: Things) -> Ask:
    form = {"deed_id": str(new_id()), "location": "riverside", "amount": "5", "reason": "A long wait"}
    return Ask({"client_id": t.clinic.ben}, form=form)


def _balances(t: Things) -> Ask:
    return Ask(form={"packed": pack(t.balances()), "name": "old.csv"})


def _import(t: Things) -> Ask:
    content = t.balances()
    form = {"packed": pack(content), "sha256": sha256_hex(content), "credits": "1", "value_minor": "4000"}
    return Ask(form=form | {"name": "old.csv", "import_id": str(new_id())})


def _import_undo(t: Things) -> Ask:
    return Ask({"import_id": t.imported()}, form={})


def _plan(t: Things) -> Ask:
    plan_id, form = t.plan()
    return Ask({"plan_id": plan_id}, form=form)


def _plan_price(t: Things) -> Ask:
    price = {"location": "riverside", "price": "180", "from_on": "2099-01-01"}
    return Ask({"plan_id": t.plan()[0]}, form=price)


def _plan_deed(t: Things) -> Ask:
    return Ask({"plan_id": t.plan()[0], "deed": "retire"}, form={})


def _own_share(t: Things) -> Ask:
    t.share(live=False)
    return Ask({"package_id": t.lot.package_id}, form={"email": "ben@mail.example"})


def _own_share_end(t: Things) -> Ask:
    return Ask({"package_id": t.lot.package_id, "share_id": t.share(live=True)}, form={})


def _another_way(t: Things) -> Ask:
    refund_id, body = t.another_way()
    return Ask({"refund_id": refund_id}, json=body)


def _another_way_form(t: Things) -> Ask:
    refund_id, fields = t.another_way()
    return Ask({"refund_id": refund_id}, form=fields)


@dataclass(frozen=True)
class Row:
    """A route and what everybody gets. `writes`: whoever is let in changes something (a GET too, where it is said)."""

    method: str
    rule: str
    cells: Cells
    ready: Ready = plain
    writes: bool | None = None

    @property
    def changes(self) -> bool:
        return self.method != "GET" if self.writes is None else self.writes

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


API = "/register/api"
SALE = "/register/sales/<uuid:sale_id>"
TABLE = (
    # the register's JSON face
    Row("GET", f"{API}/state", desk(200, other=200)),
    Row("GET", f"{API}/search", desk(200, other=200), lambda t: Ask(query="?q=ana")),
    Row("GET", f"{API}/token", anybody()),
    Row("POST", f"{API}/sign-in", (200, 200, 200, 200, 200, 403, 200, 200, 200), lambda t: Ask(
        json={"pin": t.clinic.receptionist.pin}, query=f"?desk={t.clinic.usd.desk}"), writes=False),
    Row("POST", f"{API}/clients", desk(201, other=201), _new_client),
    Row("GET", f"{API}/clients/<uuid:client_id>", desk(200, other=200), lambda t: Ask({"client_id": t.clinic.ana})),
    Row("POST", f"{API}/tickets", desk(201, other=201), lambda t: Ask(json={"ticket_id": str(new_id())})),
    Row("GET", f"{API}/tickets/<uuid:ticket_id>", desk(200), ticket()),
    Row("PUT", f"{API}/tickets/<uuid:ticket_id>", desk(200), ticket(lines=[])),
    Row("POST", f"{API}/tickets/<uuid:ticket_id>/park", desk(200), ticket(note="")),
    Row("POST", f"{API}/tickets/<uuid:ticket_id>/take-up", desk(200), ticket(parked=True)),
    Row("POST", f"{API}/tickets/<uuid:ticket_id>/drop", desk(200), ticket()),
    Row("POST", f"{API}/shift", desk(201, other=201), _drawer(opening=True)),
    Row("GET", f"{API}/shift", desk(200, other=200)),
    Row("POST", f"{API}/shift/close", desk(200, other=200), _drawer(opening=False)),
    Row("POST", f"{API}/shift/movements", desk(201, other=201), lambda t: Ask(
        json={"movement_id": str(new_id()), "kind": "paid_in", "amount_minor": 100, "reason": "Change"})),
    Row("POST", f"{API}/sales", desk(201), _cash),
    Row("GET", f"{API}/sales/<uuid:sale_id>", desk(200), of(sale_id="sale")),
    Row("GET", f"{API}/sales/<uuid:sale_id>/look-back", desk(200), of(sale_id="sale")),
    Row("POST", f"{API}/sales/<uuid:sale_id>/mail", desk(202), of(sale_id="sale")),
    Row("POST", f"{API}/sales/<uuid:sale_id>/reprint", desk(201), of(sale_id="sale")),
    Row("POST", f"{API}/payments", desk(202), _charge),
    Row("GET", f"{API}/payments/<uuid:order_id>", desk(200), of(order_id="waiting")),
    Row("POST", f"{API}/payments/<uuid:order_id>/again", desk(200), of(order_id="waiting")),
    Row("POST", f"{API}/payments/<uuid:order_id>/cancel", desk(200), lambda t: Ask(
        {"order_id": t.fresh_payment()}, json={})),
    Row("POST", f"{API}/payments/<uuid:order_id>/reader", desk(200), lambda t: Ask(
        {"order_id": t.fresh_payment()}, json={"reader_id": str(t.till.own_reader(1))})),
    Row("POST", f"{API}/payments/<uuid:order_id>/code", desk(200), lambda t: Ask(
        {"order_id": t.fresh_payment()}, json={})),
    Row("GET", f"{API}/payments/<uuid:order_id>/code.svg", desk(200), of(order_id="coded")),
    Row("GET", "/register/payments/<uuid:order_id>/code", desk_page(), of(order_id="coded")),
    Row("GET", f"{API}/readers", desk(200, other=200)),
    Row("POST", f"{API}/readers/<uuid:reader_id>/free", desk(200), lambda t: Ask(
        {"reader_id": t.busy_reader()}, json={})),
    Row("POST", f"{API}/promo-codes/look-up", desk(200, other=200), lambda t: Ask(json={"code": "X"}), writes=False),
    Row("POST", f"{API}/approvals", (401, 401, 401, 403, 201, 403, 422, 403, 201), lambda t: Ask(
        json={"action": "refund", "subject_id": t.sale, "amount_minor": 100, "pin": t.clinic.manager.pin})),
    Row("GET", f"{API}/sales/<uuid:sale_id>/refundable", desk(200), of(sale_id="sale")),
    Row("POST", f"{API}/sales/<uuid:sale_id>/refund-preview", desk(200), of(sale_id="small_sale"), writes=False),
    Row("POST", f"{API}/sales/<uuid:sale_id>/refunds", by_approval(201), _refunding),
    Row("POST", f"{API}/sales/<uuid:sale_id>/void", by_approval(201), _refunding),
    Row("GET", f"{API}/refunds/<uuid:refund_id>", desk(200), of(refund_id="refund")),
    Row("POST", f"{API}/refunds/<uuid:refund_id>/another-way", by_approval(201), _another_way),
    Row("POST", f"{API}/gift-cards/look-up", desk(422, other=422), lambda t: Ask(json={"code": "x"}), writes=False),
    Row("GET", f"{API}/sales/<uuid:sale_id>/gift-cards", desk(200), of(sale_id="sale")),
    Row("POST", f"{API}/gift-cards/<uuid:card_id>/cash-out", desk(409), lambda t: Ask(
        {"card_id": t.gift_card}, json={"deed_id": str(new_id())}), writes=False),
    Row("POST", f"{API}/clients/<uuid:client_id>/burn", desk(404), lambda t: Ask({"client_id": t.clinic.ana}, json={
        "deed_id": str(new_id()), "lot_id": str(new_id()), "cause": "no_show"}), writes=False),
    Row("POST", f"{API}/clients/<uuid:client_id>/account-credit/pay-out", desk(404), lambda t: Ask(
        {"client_id": new_id()}, json={"deed_id": str(new_id()), "reason": "She moves away"}), writes=False),
    # the register's pages
    Row("GET", "/register/", desk_page(other=200)),
    Row("GET", "/register/sign-in", anybody()),
    Row("POST", "/register/sign-in", anybody(303), lambda t: Ask(form=_pin(t)), writes=False),
    Row("POST", "/register/sign-out", anybody(303), typed(), writes=False),
    Row("GET", f"{SALE}/receipt.html", desk_page(), of(sale_id="sale")),
    Row("GET", f"{SALE}/receipt.pdf", desk_page(), of(sale_id="sale"), writes=True),
    Row("GET", f"{SALE}/duplicate/<int:number>.pdf", desk_page(), lambda t: Ask({"sale_id": t.sale, "number": 1})),
    Row("GET", "/register/x.html", (DOOR, DOOR, DOOR, 403, 403, 403, 200, 200, 200)),
    Row("GET", "/register/z/<uuid:z_id>.html", desk_page(), of(z_id="z")),
    Row("GET", "/register/z/<uuid:z_id>.pdf", desk_page(), of(z_id="z")),
    Row("GET", "/register/refunds/<uuid:refund_id>/credit-note.html", desk_page(), of(refund_id="refund")),
    Row("GET", "/register/refunds/<uuid:refund_id>/credit-note.pdf", desk_page(), of(refund_id="refund"), writes=True),
    Row("GET", "/register/gift-cards/<uuid:card_id>/certificate.html", desk_page(), of(card_id="gift_card")),
    Row("GET", "/register/gift-cards/<uuid:card_id>/certificate.pdf", desk_page(), of(card_id="gift_card")),
    # the office
    Row("GET", "/office/", office()),
    Row("GET", "/office/checks", office()),
    Row("GET", "/office/checks/run", office()),
    Row("POST", "/office/checks/lift", office(409, bookkeeper=403), typed(reason="Looked at it"), writes=False),
    Row("GET", "/office/clients", office(bookkeeper=403)),
    Row("GET", "/office/clients/<uuid:client_id>", office(bookkeeper=403), lambda t: Ask({"client_id": t.clinic.ana})),
    Row("GET", "/office/money", office()),
    Row("GET", "/office/money/accounts", office()),
    Row("POST", "/office/money/accounts", office(303, bookkeeper=403), lambda t: Ask(
        form={"key": "bank", "code": f"B{new_id().hex[-8:]}", "name": "House bank"})),
    Row("POST", "/office/money/limits", office(303, bookkeeper=403), typed(movement="90", difference="4")),
    Row("GET", "/office/money/closings", office()),
    # A drawer is open since June, so there is nothing to close.
    Row("POST", "/office/money/closings", office(409, bookkeeper=403), typed(), writes=False),
    Row("GET", "/office/money/closings/<uuid:closing_id>.html", office(), of(closing_id="closing")),
    Row("GET", "/office/money/closings/<uuid:closing_id>.pdf", office(), of(closing_id="closing")),
    Row("GET", "/office/money/x/<uuid:shift_id>.html", office(), lambda t: Ask({"shift_id": t.open_shift()})),
    Row("GET", "/office/money/z/<uuid:z_id>.html", office(), of(z_id="z")),
    Row("GET", "/office/money/z/<uuid:z_id>.pdf", office(), of(z_id="z")),
    Row("GET", "/office/money/journal.csv", office()),
    Row("GET", "/office/money/gift-cards", office()),
    Row("POST", "/office/money/gift-cards", office(303, bookkeeper=403), typed(
        from_on="2030-01-01", least="10", most="500", balance_most="500", cash_out="10", validity_months="")),
    Row("GET", "/office/money/gift-cards/<uuid:card_id>", office(), of(card_id="gift_card")),
    Row("POST", "/office/money/gift-cards/<uuid:card_id>/<any(block, unblock, replace):deed>", office(
        303, bookkeeper=403), lambda t: Ask({"card_id": t.fresh_gift_card(), "deed": "block"}, form={"reason": "lost"})),
    Row("GET", "/office/money/gift-cards/<uuid:card_id>/certificate.html", office(bookkeeper=403), of(card_id="gift_card")),
    Row("GET", "/office/money/gift-cards/<uuid:card_id>/certificate.pdf", office(bookkeeper=403), of(card_id="gift_card")),
    Row("GET", "/office/money/owed", office()),
    Row("GET", "/office/money/owed.csv", office()),
    Row("GET", "/office/money/payments", office()),
    Row("GET", "/office/money/refunds", office()),
    Row("GET", "/office/money/refunds/<uuid:refund_id>", office(), of(refund_id="refund")),
    Row("GET", "/office/money/refunds/<uuid:refund_id>/credit-note.html", office(), of(refund_id="refund")),
    Row("GET", "/office/money/refunds/<uuid:refund_id>/credit-note.pdf", office(), of(refund_id="refund"), writes=True),
    Row("POST", "/office/money/refunds/<uuid:refund_id>/look", office(303, bookkeeper=403), of(refund_id="refund"),
        writes=False),
    Row("GET", "/office/money/disputes", office()),
    Row("GET", "/office/money/disputes/<uuid:dispute_id>", office(), of(dispute_id="dispute")),
    Row("POST", "/office/money/disputes/<uuid:dispute_id>/look", office(303, bookkeeper=403), of(dispute_id="dispute"),
        writes=False),
    Row("POST", "/office/money/disputes/<uuid:dispute_id>/evidence", office(303, bookkeeper=403), _evidence_form),
    Row("GET", "/office/money/disputes/<uuid:dispute_id>/evidence.html", office(bookkeeper=403),
        of(dispute_id="dispute")),
    Row("GET", "/office/money/disputes/<uuid:dispute_id>/evidence.pdf", office(bookkeeper=403),
        of(dispute_id="dispute")),
    Row("GET", "/office/money/payouts", office()),
    Row("GET", "/office/money/payouts/<uuid:payout_id>", office(), of(payout_id="payout")),
    Row("GET", "/office/money/payouts/<uuid:payout_id>.csv", office(), of(payout_id="payout")),
    Row("GET", "/office/money/payouts/<uuid:payout_id>.xlsx", office(), of(payout_id="payout")),
    Row("POST", "/office/money/payouts/<uuid:payout_id>/look", office(303, bookkeeper=403), of(payout_id="payout"),
        writes=False),
    Row("POST", "/office/money/payouts/<uuid:payout_id>/explain", office(303, bookkeeper=403), _explain_form),
    Row("GET", "/office/money/strays", office(bookkeeper=403)),
    Row("POST", "/office/money/strays/<uuid:stray_id>", office(303, bookkeeper=403), _stray_form),
    Row("POST", "/office/money/refunds/<uuid:refund_id>/another-way", office(303, bookkeeper=403), _another_way_form),
    Row("GET", "/office/sales/<uuid:sale_id>/refund", office(bookkeeper=403), of(sale_id="small_sale")),
    Row("POST", "/office/sales/<uuid:sale_id>/refund", office(303, bookkeeper=403), _refunding_form),
    Row("GET", "/office/money/shifts", office()),
    Row("GET", "/office/packages", office()),
    Row("GET", "/office/packages/<uuid:package_id>", office(), of(package_id="package")),
    Row("GET", "/office/packages/<uuid:package_id>/<name>", office(bookkeeper=403), _deed),
    Row("POST", "/office/packages/<uuid:package_id>/<name>", office(303, bookkeeper=403), _deed),
    Row("GET", "/office/clients/<uuid:client_id>/account-credit", office(bookkeeper=403), _goodwill),
    Row("POST", "/office/clients/<uuid:client_id>/account-credit", office(303, bookkeeper=403), _goodwill),
    Row("GET", "/office/clients/<uuid:client_id>/courtesy", office(bookkeeper=403),
        lambda t: Ask({"client_id": t.clinic.ana})),
    Row("POST", "/office/clients/<uuid:client_id>/courtesy", office(303, bookkeeper=403), _courtesy),
    Row("GET", "/office/sales", office()),
    Row("GET", "/office/sales.csv", office()),
    Row("GET", "/office/sales.xlsx", office()),
    Row("GET", "/office/sales/<uuid:sale_id>", office(), of(sale_id="sale")),
    Row("GET", "/office/sales/<uuid:sale_id>/receipt.html", office(), of(sale_id="sale")),
    Row("GET", "/office/sales/<uuid:sale_id>/receipt.pdf", office(), of(sale_id="sale"), writes=True),
    Row("GET", "/office/settings", office()),
    Row("POST", "/office/settings/ways-to-pay", office(303, bookkeeper=403), typed(reader_tips="on")),
    Row("GET", "/office/settings/payments", office(bookkeeper=403)),
    Row("POST", "/office/settings/payments/look", office(bookkeeper=403), typed(), writes=False),
    Row("POST", "/office/settings/payments/endpoint", office(bookkeeper=403), lambda t: Ask(
        form={"key": str(new_id())}), writes=False),
    Row("POST", "/office/settings/payments/readers", office(303, bookkeeper=403), lambda t: Ask(
        form={"key": str(new_id()), "code": "simulated-wpe", "label": "Spare"}), writes=False),
    Row("POST", "/office/settings/payments/readers/place", office(404, bookkeeper=403), typed(
        reader="tmr_nobody", label="Spare"), writes=False),
    Row("GET", "/office/settings/messages", office(bookkeeper=403)),
    Row("POST", "/office/settings/messages/replay", office(303, bookkeeper=403), lambda t: Ask(
        form={"event_id": t.message()})),
    Row("POST", "/office/settings/messages/<uuid:message_id>/<any(again, aside):deed>", office(303, bookkeeper=403),
        lambda t: Ask({"message_id": t.dead_letter(), "deed": "aside"}, form={"why": "Sent by hand"})),
    Row("GET", "/office/settings/imports", office(bookkeeper=403)),
    Row("POST", "/office/settings/imports", office(bookkeeper=403), _balances, writes=False),
    Row("POST", "/office/settings/imports/confirm", office(303, bookkeeper=403), _import),
    Row("POST", "/office/settings/imports/<uuid:import_id>/undo", office(303, bookkeeper=403), _import_undo),
    Row("GET", "/office/settings/tax", office()),
    Row("POST", "/office/settings/tax", office(303, bookkeeper=403), lambda t: Ask(form={
        "category": "goods", "from_on": f"2030-01-{1 + new_id().int % 28:02d}", "percent": "7", "tax_point": "redemption"})),
    Row("POST", "/office/settings/breakage", office(303, bookkeeper=403), lambda t: Ask(form={
        "method": "remote", "from_on": f"2030-01-{1 + new_id().int % 28:02d}", "remote_months": "18"})),
    Row("GET", "/office/settings/promo-codes", office()),
    Row("GET", "/office/settings/promo-codes/new", office(bookkeeper=403)),
    Row("POST", "/office/settings/promo-codes/new", office(303, bookkeeper=403), lambda t: Ask(form=t.promo_form())),
    Row("GET", "/office/settings/promo-codes/<uuid:promo_id>", office(bookkeeper=403), of(promo_id="promo")),
    Row("POST", "/office/settings/promo-codes/<uuid:promo_id>", office(303, bookkeeper=403), lambda t: Ask(
        {"promo_id": t.promo}, form=t.promo_form(t.promo))),
    Row("GET", "/office/settings/therapists", office(bookkeeper=403)),
    Row("POST", "/office/settings/therapists/name", office(303, bookkeeper=403), lambda t: Ask(
        form={"name": f"Senior {new_id()}"[:30]})),
    Row("POST", "/office/settings/therapists/give", office(303, bookkeeper=403), lambda t: Ask(
        form={"staff": str(t.clinic.therapist.id), "tier": "0"}), writes=False),
    Row("POST", "/office/settings/therapists/price", office(422, bookkeeper=403), typed(
        tier="0", item="x", location="riverside", from_on="2030-01-01", price="5"), writes=False),
    Row("GET", "/office/settings/plans", office()),
    Row("GET", "/office/settings/plans/new", office(bookkeeper=403)),
    Row("POST", "/office/settings/plans/new", office(303, bookkeeper=403), lambda t: Ask(form=t.plan_form())),
    Row("GET", "/office/settings/plans/<uuid:plan_id>", office(bookkeeper=403), _plan),
    Row("POST", "/office/settings/plans/<uuid:plan_id>", office(303, bookkeeper=403), _plan),
    Row("POST", "/office/settings/plans/<uuid:plan_id>/price", office(303, bookkeeper=403), _plan_price),
    Row("POST", "/office/settings/plans/<uuid:plan_id>/<any(retire, offer):deed>", office(303, bookkeeper=403),
        _plan_deed),
    Row("GET", "/office/sign-in", anybody(staff=303)),
    Row("POST", "/office/sign-in", anybody(303), _office_door, writes=False),
    Row("POST", "/office/sign-out", anybody(303), typed(), writes=False),
    # the shop and the account
    Row("GET", "/", anybody()),
    Row("GET", "/shop/", anybody(302)),
    Row("GET", "/shop/<slug>/", anybody(), lambda t: Ask({"slug": "riverside"})),
    Row("GET", "/shop/<slug>/<uuid:item_id>", anybody(), _shop_page),
    Row("GET", "/shop/<slug>/at-desk", anybody(), lambda t: Ask({"slug": "riverside"})),
    Row("GET", "/p/<code>", anybody(303), lambda t: Ask({"code": t.till.attempt(t.coded).short_code})),
    Row("POST", "/shop/<slug>/<uuid:item_id>", anybody(303), _buy),
    Row("GET", "/shop/order/<token>", anybody(), of(token="order")),
    Row("GET", "/shop/order/<token>/back", anybody(303), lambda t: Ask({"token": t.online()}), writes=True),
    Row("GET", "/r/<token>", anybody(), of(token="receipt_token")),
    Row("GET", "/r/<token>.pdf", anybody(), of(token="receipt_token"), writes=True),
    Row("GET", "/cn/<token>", anybody(), of(token="note_token")),
    Row("GET", "/cn/<token>.pdf", anybody(), of(token="note_token"), writes=True),
    Row("GET", "/shop/<slug>/gift-card", anybody(), lambda t: Ask({"slug": "riverside"})),
    Row("POST", "/shop/<slug>/gift-card", anybody(303), _buy_gift_card),
    Row("GET", "/shop/<slug>/gift-card/balance", anybody(), lambda t: Ask({"slug": "riverside"})),
    Row("POST", "/shop/<slug>/gift-card/balance", anybody(422), lambda t: Ask(
        {"slug": "riverside"}, form={"code": "x"}), writes=False),
    Row("GET", "/account/", OF_CLIENTS),
    Row("GET", "/account/packages/<uuid:package_id>", OF_ANA, of(package_id="package")),
    Row("POST", "/account/packages/<uuid:package_id>/shares", (DOOR, 303, 404, *[DOOR] * 6), _own_share),
    Row("POST", "/account/packages/<uuid:package_id>/shares/<uuid:share_id>/end", (DOOR, 303, 404, *[DOOR] * 6),
        _own_share_end),
    Row("GET", "/account/receipts/<uuid:sale_id>", OF_ANA, of(sale_id="sale")),
    Row("GET", "/account/receipts/<uuid:sale_id>.pdf", OF_ANA, of(sale_id="sale"), writes=True),
    Row("GET", "/account/sign-in", anybody(client=303)),
    Row("POST", "/account/sign-in", anybody(), typed(email="ana@mail.example")),
    Row("GET", "/account/enter/<token>", anybody(), lambda t: Ask({"token": t.link()})),
    Row("POST", "/account/enter/<token>", anybody(303), lambda t: Ask({"token": t.link()}, form={})),
    Row("POST", "/account/sign-out", anybody(303), typed(), writes=False),
    # the rest
    Row("POST", "/hooks/stripe", anybody(204), _webhook),
    Row("GET", "/metrics", anybody(404)),  # no METRICS_TOKEN, no metrics: tests/hooks/test_metrics.py has the rest
    Row("GET", "/mailbox/", anybody()),
    Row("GET", "/mailbox/<uuid:mail_id>", anybody(), of(mail_id="mail")),
    Row("GET", "/mailbox/<uuid:mail_id>/html", anybody(), of(mail_id="mail")),
    Row("GET", "/mailbox/<uuid:mail_id>/source", anybody(), of(mail_id="mail")),
)  # fmt: skip


@pytest.fixture(scope="module")
def things(house: Till) -> Things:
    return Things(house)


def browser_of(world: World, who: str) -> FlaskClient:
    """Somebody's browser, with every cookie they could have."""
    if who in ("ana", "ben"):
        client = getattr(world, who)
        return browser(world, at=world.write(lambda s: clients.open_session(s, client)))
    if who == "anonymous":
        return browser(world)
    person = getattr(world, who)
    return browser(world, desk=person, office=person)


def address(world: World, rule: str, values: dict[str, Any]) -> str:
    """The path of a rule with its variables filled in."""
    found = next(one for one in world.app.url_map.iter_rules() if one.rule == rule)
    built = found.build(values)
    assert built is not None, f"{rule} needs {found.arguments}"
    return built[1]


def ask(web: FlaskClient, world: World, row: Row, asked: Ask) -> TestResponse:
    """Ask as a page of ours would: with the form token where something may be changed."""
    path = address(world, row.rule, asked.values) + asked.query
    if row.method == "GET":
        return web.get(path)
    if asked.data is not None:
        return web.post(path, data=asked.data, headers=signed(asked.data))
    token = form_token(web)
    if asked.form is not None:
        return web.open(path, method=row.method, data={"csrf_token": token, **asked.form})
    return web.open(path, method=row.method, json=asked.json, headers={"X-CSRFToken": token})


def test_every_route_has_its_row_and_every_row_its_route(house: Till) -> None:
    routes = {
        (method, rule.rule)
        for rule in house.clinic.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    rows = [(row.method, row.rule) for row in TABLE]
    assert sorted(rows) == sorted(routes)
    assert all(len(row.cells) == len(EVERYBODY) for row in TABLE)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_everybody_gets_what_is_theirs_and_nothing_else(things: Things, row: Row) -> None:
    world = things.clinic
    wrote = []
    things.drawers(open_=True)  # rows run in any order, and one of them closes the drawers
    for who, cell in zip(EVERYBODY, row.cells, strict=True):
        asked = row.ready(things)
        web = browser_of(world, who)
        before = kept(world)
        answer = ask(web, world, row, asked)
        after = changed(before, kept(world))
        said = f"{who}: {answer.status} {answer.headers.get('Location', '')} {answer.data[:200]!r}"
        if cell == DOOR:
            face = row.rule.split("/")[1]
            assert answer.status_code == 303, said
            assert answer.location.startswith(f"/{face}/sign-in?next=/{face}/"), said
        else:
            assert answer.status_code == cell, said
        refused = cell == DOOR or int(cell) >= 400
        if refused:
            assert after == [], said
            if row.rule.startswith(API):
                assert answer.content_type == "application/problem+json", said
                assert answer.get_json()["title"], said
        elif not row.changes:
            assert after == [], said
        else:
            wrote += after
    # A GET may write once and never again (paper that is kept); a deed writes, or this test could not see what it does.
    assert wrote or row.method == "GET" or not row.changes


UNSAFE = [row for row in TABLE if row.method != "GET" and row.rule != "/hooks/stripe"]


@pytest.mark.parametrize("row", UNSAFE, ids=str)
def test_without_its_form_token_nothing_is_changed(things: Things, row: Row) -> None:
    world = things.clinic
    who = "ana" if row.rule.startswith(("/account", "/shop")) else "owner"
    asked, web = row.ready(things), browser_of(world, who)
    form_token(web)
    path = address(world, row.rule, asked.values) + asked.query
    before = kept(world)
    for value in (None, "", "nonsense", form_token(browser(world))):
        if asked.form is not None:
            given = {} if value is None else {"csrf_token": value}
            answer = web.open(path, method=row.method, data=asked.form | given)
        else:
            headers = {} if value is None else {"X-CSRFToken": value}
            answer = web.open(path, method=row.method, json=asked.json, headers=headers)
        assert answer.status_code == 400, value
        assert "open too long" in answer.text
    assert changed(before, kept(world)) == []


def test_the_webhook_alone_needs_no_form_token(things: Things) -> None:
    assert {blueprint.name for blueprint in csrf._exempt_blueprints} == {"hooks"}
    assert csrf._exempt_views == set()


@pytest.mark.parametrize("row", [row for row in TABLE if "<" in row.rule], ids=str)
def test_what_does_not_exist_is_not_found(things: Things, row: Row) -> None:
    """The same answer as for what is somebody else's: nobody learns which keys exist."""
    world = things.clinic
    asked = row.ready(things)
    unknown = {name: new_id() if isinstance(value, UUID) else value for name, value in asked.values.items()}
    unknown |= {name: "nonsense" for name in ("token", "slug", "code") if name in unknown}
    web = browser_of(world, "ana" if row.rule.startswith("/account") else "owner")
    before = kept(world)
    answer = ask(web, world, row, Ask(unknown, asked.json, asked.form, asked.query))
    # A mailed link is answered on its own page: used, too old, or never ours.
    expected = {"GET": 200, "POST": 422}[row.method] if "/enter/" in row.rule else 404
    assert answer.status_code == expected, answer.get_data(as_text=True)[:300]
    assert changed(before, kept(world)) == []


OFFICE = [row for row in TABLE if row.rule.startswith("/office") and "sign-" not in row.rule]


@pytest.mark.parametrize("row", [row for row in OFFICE if "sale_id" in row.rule], ids=str)
def test_a_sale_of_another_location_is_not_found_in_the_office(things: Things, row: Row) -> None:
    world, there = things.clinic, {"sale_id": things.sale_elsewhere}
    assert ask(browser_of(world, "manager"), world, row, Ask(there)).status_code == 404
    assert ask(browser_of(world, "owner"), world, row, Ask(there)).status_code == (200 if row.method == "GET" else 422)


def test_another_location_is_nowhere_in_the_office_of_somebody_who_does_not_work_there(things: Things) -> None:
    world = things.clinic
    sale = things.sale_elsewhere
    with world.read() as session:
        label = receipts.of_sale(session, sale).label
    manager, owner = browser_of(world, "manager"), browser_of(world, "owner")
    seen = 0
    for row in (row for row in OFFICE if row.method == "GET"):
        asked = row.ready(things)
        path = address(world, row.rule, asked.values)
        named = manager.get(f"{path}?location=altstadt")
        assert named.status_code in (200, 404, 422), path  # a deed's preview wants its fields
        for answer in (named, manager.get(path), manager.get(f"{path}?rows=items")):
            assert label.encode() not in answer.data, path
            assert b"Altstadt" not in answer.data, path
        seen += label.encode() in owner.get(f"{path}?location=altstadt").data
    assert seen, "the owner sees it somewhere, or this test looks for nothing"


def test_other_methods_are_refused(things: Things) -> None:
    world = things.clinic
    declared: dict[str, set[str]] = {}
    for row in TABLE:
        if "<" not in row.rule:
            declared.setdefault(row.rule, set()).add(row.method)
    web = browser_of(world, "owner")
    token, before = form_token(web), kept(world)
    for path, methods in declared.items():
        for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"} - methods:
            answer = web.open(path, method=method, headers={"X-CSRFToken": token})
            assert answer.status_code == 405, (method, path)
    assert changed(before, kept(world)) == []


def test_a_head_request_is_guarded_like_the_page(things: Things) -> None:
    world = things.clinic
    nobody = browser(world)
    for row in TABLE:
        if row.method == "GET":
            path = address(world, row.rule, row.ready(things).values)
            assert nobody.head(path).status_code == nobody.get(path).status_code, path


def test_a_payment_of_another_location_is_neither_seen_nor_ended(things: Things) -> None:
    """The one thing in the house that would let another location take a client's money away."""
    world, order = things.clinic, things.fresh_payment()
    there = browser_of(world, "eur_receptionist")
    token = form_token(there)
    for end in ("", "/again", "/cancel", "/code"):
        path = f"{API}/payments/{order}{end}"
        answer = there.post(path, json={}, headers={"X-CSRFToken": token}) if end else there.get(path)
        assert answer.status_code == 404
    with world.app.app_context():
        assert card_at_desk.find_out(order).state in ("pending", "declined")
