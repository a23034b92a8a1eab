"""The table of permissions: every route and what everybody gets of it, in the order of `EVERYBODY`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pos.core.ids import new_id
from pos.domain.staff.permissions import Permission, Role, may
from pos.reports.listed import reports
from pos.reports.registry import Report
from pos.services.documents.registry import Printable, documents
from tests.web.permissions import (
    rows_appointments,
    rows_audit,
    rows_bookkeeping,
    rows_catalogue,
    rows_clients,
    rows_displays,
    rows_drawer,
    rows_offline,
    rows_parts,
    rows_places,
    rows_receipts,
    rows_saved_views,
    rows_setup,
    rows_staff,
    rows_stock,
)
from tests.web.permissions.permission_requests import (
    DOOR,
    OF_ANA,
    OF_CLIENTS,
    Cells,
    Probe,
    another_way_asked,
    another_way_form_asked,
    anybody,
    balances_asked,
    buy_asked,
    buy_gift_card_asked,
    by_approval,
    cash_asked,
    chain_wide,
    charge_asked,
    complimentary_asked,
    desk,
    desk_page,
    evidence_form_asked,
    explain_form_asked,
    goodwill_asked,
    import_asked,
    import_undo_asked,
    invitation_withdraw_asked,
    invite_asked,
    new_client_asked,
    of,
    office,
    office_door_asked,
    own_share_end_asked,
    package_action_asked,
    pin_asked,
    plan_action_asked,
    plan_asked,
    plan_price_asked,
    refunding_asked,
    refunding_form_asked,
    shop_page_asked,
    ticket,
    tip_move_asked,
    tip_share_asked,
    typed,
    unmatched_form_asked,
    webhook_asked,
)
from tests.web.permissions.permission_row import Row


def report_rows(report: Report) -> list[Row]:
    """The rows of a declared report: its page and its files, each for whoever has the permission it declares."""

    def cells(permission: Permission) -> Cells:
        return office(bookkeeper=200 if may(Role.BOOKKEEPER, permission) else 403)

    address, of_files = f"/office/reports/{report.name}", cells(report.file_permission)
    files = [Row("GET", f"{address}.{kind}", of_files) for kind in ("csv", "xlsx", "pdf", "json")]
    return [Row("GET", address, cells(report.permission)), *files]


def document_rows(printable: Printable) -> Iterator[Row]:
    """The rows of a declared document: page and PDF at each of its addresses; its subject is the fixture of that name."""
    for interface, address in printable.addresses.items():
        (variable,) = re.findall(r"<uuid:(\w+)>", address.rule)
        cells = (
            desk_page()
            if interface == "register"
            else office(bookkeeper=200 if may(Role.BOOKKEEPER, address.permission) else 403)
        )
        if address.personal:
            cells = chain_wide()
        for ending in ("html", "pdf"):
            subject = of(**{variable: variable.removesuffix("_id")})
            yield Row("GET", f"/{interface}{address.rule}.{ending}", cells, subject)


API = "/register/api"
SALE = "/register/sales/<uuid:sale_id>"
TABLE = (
    # the register's JSON face
    Row("GET", f"{API}/state", desk(200, other=200)),
    Row("GET", f"{API}/search", desk(200, other=200), lambda t: Probe(query="?q=ana")),
    Row("GET", f"{API}/token", anybody()),
    Row("POST", f"{API}/sign-in", (200, 200, 200, 200, 200, 422, 200, 200, 200), lambda t: Probe(
        json={"pin": t.clinic.receptionist.pin}, query=f"?desk={t.clinic.usd.desk}"), writes=False),
    Row("POST", f"{API}/clients", desk(201, other=201), new_client_asked),
    Row("GET", f"{API}/clients/<uuid:client_id>", desk(200, other=200), lambda t: Probe({"client_id": t.clinic.ana})),
    Row("POST", f"{API}/tickets", desk(201, other=201), lambda t: Probe(json={"ticket_id": str(new_id())})),
    Row("GET", f"{API}/tickets/<uuid:ticket_id>", desk(200), ticket()),
    Row("PUT", f"{API}/tickets/<uuid:ticket_id>", desk(200), ticket(lines=[])),
    Row("POST", f"{API}/tickets/<uuid:ticket_id>/park", desk(200), ticket(note="")),
    Row("POST", f"{API}/tickets/<uuid:ticket_id>/take-up", desk(200), ticket(parked=True)),
    Row("POST", f"{API}/tickets/<uuid:ticket_id>/drop", desk(200), ticket()),
    Row("POST", f"{API}/sales", desk(201), cash_asked),
    Row("GET", f"{API}/sales/<uuid:sale_id>", desk(200), of(sale_id="sale")),
    Row("GET", f"{API}/sales/<uuid:sale_id>/visit-conversion", desk(200), of(sale_id="sale")),
    Row("POST", f"{API}/sales/<uuid:sale_id>/mail", desk(202), of(sale_id="sale")),
    Row("GET", f"{API}/sales", desk(200, other=200)),
    Row("POST", f"{API}/sales/<uuid:sale_id>/reprint", desk(201), of(sale_id="sale")),
    # No desk of the clinic has a network printer: allowed, and told so.
    Row("POST", f"{API}/sales/<uuid:sale_id>/print", desk(409), of(sale_id="sale"), writes=False),
    Row("POST", f"{API}/refunds/<uuid:refund_id>/print", desk(409), of(refund_id="refund"), writes=False),
    Row("POST", f"{API}/payments", desk(202), charge_asked),
    Row("GET", f"{API}/payments/<uuid:order_id>", desk(200), of(order_id="waiting")),
    Row("POST", f"{API}/payments/<uuid:order_id>/again", desk(200), of(order_id="waiting")),
    Row("POST", f"{API}/payments/<uuid:order_id>/cancel", desk(200), lambda t: Probe(
        {"order_id": t.fresh_payment()}, json={})),
    Row("POST", f"{API}/payments/<uuid:order_id>/reader", desk(200), lambda t: Probe(
        {"order_id": t.fresh_payment()}, json={"reader_id": str(t.till.own_reader(1))})),
    Row("POST", f"{API}/payments/<uuid:order_id>/code", desk(200), lambda t: Probe(
        {"order_id": t.fresh_payment()}, json={})),
    Row("GET", f"{API}/payments/<uuid:order_id>/code.svg", desk(200), of(order_id="coded")),
    Row("GET", "/register/payments/<uuid:order_id>/code", desk_page(), of(order_id="coded")),
    Row("GET", f"{API}/readers", desk(200, other=200)),
    Row("POST", f"{API}/readers/<uuid:reader_id>/free", desk(200), lambda t: Probe(
        {"reader_id": t.busy_reader()}, json={})),
    Row("POST", f"{API}/promo-codes/look-up", desk(200, other=200), lambda t: Probe(json={"code": "X"}), writes=False),
    Row("POST", f"{API}/approvals", (401, 401, 401, 403, 201, 422, 422, 403, 201), lambda t: Probe(
        json={"action": "refund", "subject_id": t.sale, "amount_minor": 100, "pin": t.clinic.manager.pin})),
    Row("GET", f"{API}/sales/<uuid:sale_id>/refundable", desk(200), of(sale_id="sale")),
    Row("POST", f"{API}/sales/<uuid:sale_id>/refund-preview", desk(200), of(sale_id="small_sale"), writes=False),
    Row("POST", f"{API}/sales/<uuid:sale_id>/refunds", by_approval(201), refunding_asked),
    Row("POST", f"{API}/sales/<uuid:sale_id>/void", by_approval(201), refunding_asked),
    Row("GET", f"{API}/refunds/<uuid:refund_id>", desk(200), of(refund_id="refund")),
    Row("POST", f"{API}/refunds/<uuid:refund_id>/another-way", by_approval(201), another_way_asked),
    Row("POST", f"{API}/gift-cards/look-up", desk(422, other=422), lambda t: Probe(json={"code": "x"}), writes=False),
    Row("GET", f"{API}/sales/<uuid:sale_id>/gift-cards", desk(200), of(sale_id="sale")),
    Row("POST", f"{API}/gift-cards/<uuid:card_id>/cash-out", desk(409), lambda t: Probe(
        {"card_id": t.gift_card}, json={"action_id": str(new_id())}), writes=False),
    Row("POST", f"{API}/clients/<uuid:client_id>/burn", desk(404), lambda t: Probe({"client_id": t.clinic.ana}, json={
        "action_id": str(new_id()), "lot_id": str(new_id()), "cause": "no_show"}), writes=False),
    Row("POST", f"{API}/clients/<uuid:client_id>/account-credit/pay-out", desk(404), lambda t: Probe(
        {"client_id": new_id()}, json={"action_id": str(new_id()), "reason": "She moves away"}), writes=False),
    # the register's pages
    Row("GET", "/register/", desk_page(other=200)),
    Row("GET", "/register/sign-in", anybody()),
    Row("POST", "/register/sign-in", anybody(303), lambda t: Probe(form=pin_asked(t)), writes=False),
    Row("POST", "/register/sign-out", anybody(303), typed(), writes=False),
    Row("GET", f"{SALE}/receipt.html", desk_page(), of(sale_id="sale")),
    Row("GET", f"{SALE}/receipt.pdf", desk_page(), of(sale_id="sale"), writes=True),
    Row("GET", f"{SALE}/duplicate/<int:number>.pdf", desk_page(), lambda t: Probe({"sale_id": t.sale, "number": 1})),
    Row("GET", "/register/x.html", (DOOR, DOOR, DOOR, 403, 403, 403, 200, 200, 200), writes=True),
    Row("GET", "/register/x/counts.html", desk_page(other=200), writes=True),
    Row("GET", "/register/refunds/<uuid:refund_id>/credit-note.html", desk_page(), of(refund_id="refund")),
    Row("GET", "/register/refunds/<uuid:refund_id>/credit-note.pdf", desk_page(), of(refund_id="refund"), writes=True),
    # the office
    Row("GET", "/office/", (DOOR, DOOR, DOOR, 303, 403, 403, 200, 200, 200)),
    Row("GET", "/office/checks", office()),
    Row("GET", "/office/checks/run", office()),
    Row("POST", "/office/checks/lift", office(409, bookkeeper=403), typed(reason="Looked at it"), writes=False),
    Row("GET", "/office/clients", office(bookkeeper=403)),
    Row("GET", "/office/clients/<uuid:client_id>", office(bookkeeper=403), lambda t: Probe({"client_id": t.clinic.ana})),
    Row("GET", "/office/money", office()),
    Row("GET", "/office/money/closings", office()),
    # A drawer is open since June, so there is nothing to close.
    Row("POST", "/office/money/closings", office(409, bookkeeper=403), typed(), writes=False),
    Row("GET", "/office/money/x/<uuid:shift_id>.html", office(), lambda t: Probe({"shift_id": t.open_shift()})),
    Row("GET", "/office/money/gift-cards", office()),
    Row("POST", "/office/money/gift-cards", office(303, bookkeeper=403), typed(
        from_on="2030-01-01", least="10", most="500", balance_most="500", cash_out="10", validity_months="")),
    Row("GET", "/office/money/gift-cards/<uuid:card_id>", office(), of(card_id="gift_card")),
    Row("POST", "/office/money/gift-cards/<uuid:card_id>/<any(block, unblock, replace):action>", office(
        303, bookkeeper=403), lambda t: Probe({"card_id": t.fresh_gift_card(), "action": "block"}, form={"reason": "lost"})),
    Row("GET", "/office/money/owed", office()),
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
    Row("POST", "/office/money/disputes/<uuid:dispute_id>/evidence", office(303, bookkeeper=403), evidence_form_asked),
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
    Row("POST", "/office/money/payouts/<uuid:payout_id>/explain", chain_wide(303), explain_form_asked),
    Row("GET", "/office/money/unmatched", office(bookkeeper=403)),
    Row("POST", "/office/money/unmatched/<uuid:transaction_id>", office(303, bookkeeper=403), unmatched_form_asked),
    Row("POST", "/office/money/refunds/<uuid:refund_id>/another-way", office(303, bookkeeper=403), another_way_form_asked),
    Row("GET", "/office/sales/<uuid:sale_id>/refund", office(bookkeeper=403), of(sale_id="small_sale")),
    Row("POST", "/office/sales/<uuid:sale_id>/refund", office(303, bookkeeper=403), refunding_form_asked),
    Row("GET", "/office/money/shifts", office()),
    Row("GET", "/office/reports", office()),
    *(row for report in reports().values() for row in report_rows(report)),
    *(row for printable in documents().values() for row in document_rows(printable)),
    Row("GET", "/office/money/tips", office()),
    Row("POST", "/office/money/tips/share", office(303, bookkeeper=403), tip_share_asked),
    Row("GET", "/office/sales/<uuid:sale_id>/tip", office(bookkeeper=403), lambda t: Probe({"sale_id": t.tipped_sale()})),
    Row("POST", "/office/sales/<uuid:sale_id>/tip", office(303, bookkeeper=403), tip_move_asked),
    Row("GET", "/office/packages", office()),
    Row("GET", "/office/packages/<uuid:package_id>", office(), of(package_id="package")),
    Row("GET", "/office/packages/<uuid:package_id>/<name>", office(bookkeeper=403), package_action_asked),
    Row("POST", "/office/packages/<uuid:package_id>/<name>", office(303, bookkeeper=403), package_action_asked),
    Row("GET", "/office/clients/<uuid:client_id>/account-credit", office(bookkeeper=403), goodwill_asked),
    Row("POST", "/office/clients/<uuid:client_id>/account-credit", office(303, bookkeeper=403), goodwill_asked),
    Row("GET", "/office/clients/<uuid:client_id>/complimentary", office(bookkeeper=403),
        lambda t: Probe({"client_id": t.clinic.ana})),
    Row("POST", "/office/clients/<uuid:client_id>/complimentary", office(303, bookkeeper=403), complimentary_asked),
    Row("GET", "/office/sales", office()),
    Row("GET", "/office/sales.csv", office()),
    Row("GET", "/office/sales.xlsx", office()),
    Row("GET", "/office/sales/<uuid:sale_id>", office(), of(sale_id="sale")),
    Row("GET", "/office/sales/<uuid:sale_id>/receipt.html", office(), of(sale_id="sale")),
    Row("GET", "/office/sales/<uuid:sale_id>/receipt.pdf", office(), of(sale_id="sale"), writes=True),
    Row("GET", "/office/settings", office()),
    Row("POST", "/office/settings/ways-to-pay", office(303, bookkeeper=403),
        typed(reader_tips="on", offline_minutes="15", offline_sales="9")),
    Row("GET", "/office/settings/payments", office(bookkeeper=403)),
    Row("POST", "/office/settings/payments/look", office(bookkeeper=403), typed(), writes=False),
    Row("POST", "/office/settings/payments/endpoint", chain_wide(), lambda t: Probe(
        form={"key": str(new_id())}), writes=False),
    Row("POST", "/office/settings/payments/readers", office(303, bookkeeper=403), lambda t: Probe(
        form={"key": str(new_id()), "code": "simulated-wpe", "label": "Spare"}), writes=False),
    Row("POST", "/office/settings/payments/readers/place", office(404, bookkeeper=403), typed(
        reader="tmr_nobody", label="Spare"), writes=False),
    Row("GET", "/office/settings/messages", chain_wide()),
    Row("POST", "/office/settings/messages/replay", chain_wide(303), lambda t: Probe(
        form={"event_id": t.message()})),
    Row("POST", "/office/settings/messages/<uuid:message_id>/<any(again, aside):action>", chain_wide(303),
        lambda t: Probe({"message_id": t.dead_letter(), "action": "aside"}, form={"why": "Sent by hand"})),
    Row("GET", "/office/settings/imports", office(bookkeeper=403)),
    Row("POST", "/office/settings/imports", office(bookkeeper=403), balances_asked, writes=False),
    Row("POST", "/office/settings/imports/confirm", office(303, bookkeeper=403), import_asked),
    Row("POST", "/office/settings/imports/<uuid:import_id>/undo", office(303, bookkeeper=403), import_undo_asked),
    Row("GET", "/office/settings/devices", office(bookkeeper=403)),
    Row("POST", "/office/settings/devices/pair", office(303, bookkeeper=403), typed(label="Front"), writes=False),
    Row("POST", "/office/settings/devices/<uuid:device_id>/unpair", office(303, bookkeeper=403), lambda t: Probe(
        {"device_id": t.paired_device()}, form={}), writes=False),
    Row("POST", "/office/settings/devices/unlock", office(303, bookkeeper=403), lambda t: Probe(
        form={"door": t.locked_door()}), writes=False),
    Row("GET", "/office/settings/tax", office()),
    Row("POST", "/office/settings/tax", office(303, bookkeeper=403), lambda t: Probe(form={
        "category": "goods", "from_on": f"2030-01-{1 + new_id().int % 28:02d}", "percent": "7", "tax_point": "redemption"})),
    Row("POST", "/office/settings/breakage", office(303, bookkeeper=403), lambda t: Probe(form={
        "method": "remote", "from_on": f"2030-01-{1 + new_id().int % 28:02d}", "remote_months": "18"})),
    Row("GET", "/office/settings/promo-codes", office()),
    Row("GET", "/office/settings/promo-codes/new", office(bookkeeper=403)),
    Row("POST", "/office/settings/promo-codes/new", office(303, bookkeeper=403), lambda t: Probe(form=t.promo_form())),
    Row("GET", "/office/settings/promo-codes/<uuid:promo_id>", office(bookkeeper=403), of(promo_id="promo")),
    Row("POST", "/office/settings/promo-codes/<uuid:promo_id>", office(303, bookkeeper=403), lambda t: Probe(
        {"promo_id": t.promo}, form=t.promo_form(t.promo))),
    Row("GET", "/office/settings/therapists", office(bookkeeper=403)),
    Row("POST", "/office/settings/therapists/name", chain_wide(303), lambda t: Probe(
        form={"name": f"Senior {new_id()}"[:30]})),
    Row("POST", "/office/settings/therapists/give", office(303, bookkeeper=403), lambda t: Probe(
        form={"staff": str(t.clinic.therapist.id), "tier": "0"}), writes=False),
    Row("POST", "/office/settings/therapists/price", office(422, bookkeeper=403), typed(
        tier="0", item="x", location="riverside", from_on="2030-01-01", price="5"), writes=False),
    *rows_staff.ROWS,
    Row("GET", "/office/settings/plans", office()),
    Row("GET", "/office/settings/plans/new", chain_wide()),
    Row("POST", "/office/settings/plans/new", chain_wide(303), lambda t: Probe(form=t.plan_form())),
    Row("GET", "/office/settings/plans/<uuid:plan_id>", office(bookkeeper=403), plan_asked),
    Row("POST", "/office/settings/plans/<uuid:plan_id>", chain_wide(303), plan_asked),
    Row("POST", "/office/settings/plans/<uuid:plan_id>/price", office(303, bookkeeper=403), plan_price_asked),
    Row("POST", "/office/settings/plans/<uuid:plan_id>/<any(retire, offer):action>", chain_wide(303),
        plan_action_asked),
    *rows_catalogue.ROWS,
    *rows_stock.ROWS,
    *rows_appointments.ROWS,
    *rows_displays.ROWS,
    Row("GET", "/office/sign-in", anybody(staff=303)),
    Row("POST", "/office/sign-in", anybody(303), office_door_asked, writes=False),
    Row("POST", "/office/sign-out", anybody(303), typed(), writes=False),
    *rows_places.ROWS,
    *rows_receipts.ROWS,
    *rows_drawer.ROWS,
    *rows_offline.ROWS,
    *rows_parts.ROWS,
    # the shop and the account
    Row("GET", "/", anybody()),
    Row("GET", "/shop/", anybody(302)),
    Row("GET", "/shop/<slug>/", anybody(), lambda t: Probe({"slug": "riverside"})),
    Row("GET", "/shop/<slug>/<uuid:item_id>", anybody(), shop_page_asked),
    Row("GET", "/shop/<slug>/at-desk", anybody(), lambda t: Probe({"slug": "riverside"})),
    Row("GET", "/p/<code>", anybody(303), lambda t: Probe({"code": t.till.attempt(t.coded).short_code})),
    Row("POST", "/shop/<slug>/<uuid:item_id>", anybody(303), buy_asked),
    Row("GET", "/shop/order/<token>", anybody(), of(token="order")),
    Row("GET", "/shop/order/<token>/back", anybody(303), lambda t: Probe({"token": t.online()}), writes=True),
    Row("GET", "/r/<token>", anybody(), of(token="receipt_token")),
    Row("GET", "/r/<token>.pdf", anybody(), of(token="receipt_token"), writes=True),
    Row("GET", "/cn/<token>", anybody(), of(token="note_token")),
    Row("GET", "/cn/<token>.pdf", anybody(), of(token="note_token"), writes=True),
    Row("GET", "/shop/<slug>/gift-card", anybody(), lambda t: Probe({"slug": "riverside"})),
    Row("POST", "/shop/<slug>/gift-card", anybody(303), buy_gift_card_asked),
    Row("GET", "/shop/<slug>/gift-card/balance", anybody(), lambda t: Probe({"slug": "riverside"})),
    Row("POST", "/shop/<slug>/gift-card/balance", anybody(422), lambda t: Probe(
        {"slug": "riverside"}, form={"code": "x"}), writes=False),
    Row("GET", "/account/", OF_CLIENTS),
    Row("GET", "/account/packages/<uuid:package_id>", OF_ANA, of(package_id="package")),
    Row("POST", "/account/packages/<uuid:package_id>/invitations", (DOOR, 303, 404, *[DOOR] * 6), invite_asked),
    Row("POST", "/account/packages/<uuid:package_id>/invitations/<uuid:invitation_id>/withdraw",
        (DOOR, 303, 404, *[DOOR] * 6), invitation_withdraw_asked),
    Row("GET", "/account/invitations/<token>", anybody(), lambda t: Probe({"token": t.invitation()[1]})),
    Row("POST", "/account/invitations/<token>", anybody(),
        lambda t: Probe({"token": t.invitation()[1]}, form={"given_name": "Mia", "family_name": "Blum"})),
    Row("POST", "/account/packages/<uuid:package_id>/shares/<uuid:share_id>/end", (DOOR, 303, 404, *[DOOR] * 6),
        own_share_end_asked),
    Row("GET", "/account/receipts/<uuid:sale_id>", OF_ANA, of(sale_id="sale")),
    Row("GET", "/account/receipts/<uuid:sale_id>.pdf", OF_ANA, of(sale_id="sale"), writes=True),
    Row("GET", "/account/sign-in", anybody(client=303)),
    Row("POST", "/account/sign-in", anybody(), typed(email="ana@mail.example")),
    Row("GET", "/account/enter/<token>", anybody(), lambda t: Probe({"token": t.link()})),
    Row("POST", "/account/enter/<token>", anybody(303), lambda t: Probe({"token": t.link()}, form={})),
    Row("POST", "/account/sign-out", anybody(303), typed(), writes=False),
    *rows_audit.ROWS,
    *rows_bookkeeping.ROWS,
    *rows_saved_views.ROWS,
    *rows_clients.ROWS,
    *rows_setup.ROWS,
    # the rest
    Row("POST", "/hooks/stripe", anybody(204), webhook_asked),
    Row("GET", "/healthz", anybody()),
    Row("GET", "/readyz", anybody()),
    Row("GET", "/metrics", anybody(404)),  # no METRICS_TOKEN, no metrics: tests/web/webhooks/test_metrics.py has the rest
    Row("GET", "/mailbox/", anybody()),
    Row("GET", "/mailbox/<uuid:mail_id>", anybody(), of(mail_id="mail")),
    Row("GET", "/mailbox/<uuid:mail_id>/html", anybody(), of(mail_id="mail")),
    Row("GET", "/mailbox/<uuid:mail_id>/source", anybody(), of(mail_id="mail")),
)  # fmt: skip
