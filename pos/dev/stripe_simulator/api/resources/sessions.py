"""Checkout Sessions: a hosted page with a price, a way back and an end."""

from __future__ import annotations

from typing import Any

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.metadata import merged
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import hosted_checkout, money
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json

_SHORTEST, _LONGEST = 30 * 60, 24 * 3600
# The clocks of caller and server differ a little, so the edges are not cut to the second.
_LEEWAY = 60


@handles("post", "/v1/checkout/sessions")
@documented("A session in payment mode has line items with their own prices and ends within 30 minutes to 24 hours.")
def create(call: Call) -> Json:
    """A new session, open."""
    params, world = call.params, call.world
    _check_kind(params)
    identifier = world.new_id("cs")
    lines = [_line(call, index, line) for index, line in enumerate(params["line_items"])]
    currencies = {line["currency"] for line in lines}
    if len(currencies) != 1:
        raise ApiError(400, "All line items of a session must share one currency.", param="line_items")
    currency = currencies.pop()
    total = sum(line["amount_total"] for line in lines)
    if total:
        money.check_amount(total, currency, "line_items")
    session: Json = {
        "id": identifier,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": bool(params.get("adaptive_pricing", {}).get("enabled", True))},
        "after_expiration": None,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "consent": None,
        "consent_collection": None,
        "created": world.now(),
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": _end(call),
        "invoice": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merged({}, params.get("metadata")),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid" if total else "no_payment_required",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{world.settings.public_url}/pay/{identifier}",
        "_intent_data": _intent_data(params),
        "_line_items": lines,
    }  # fmt: skip
    return world.store.put(session)


@inferred("Only hosted pages in payment mode are simulated; anything else is refused rather than half done.")
def _check_kind(params: dict[str, Any]) -> None:
    if params.get("mode", "payment") != "payment":
        raise ApiError(400, f"The simulator does not handle mode={params['mode']}.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise ApiError(400, f"The simulator does not handle ui_mode={params['ui_mode']}.", param="ui_mode")
    if not params.get("line_items"):
        raise ApiError(400, "You must pass line_items in payment mode.", code="parameter_missing", param="line_items")
    if "success_url" not in params:
        raise ApiError(400, "Missing required param: success_url.", code="parameter_missing", param="success_url")
    for name in ("success_url", "cancel_url"):
        if name in params and not params[name].startswith(("http://", "https://")):
            raise ApiError(400, "Not a valid URL", code="url_invalid", param=name)
    if "card" not in (params.get("allowed_payment_method_types") or ["card"]):
        raise ApiError(400, "No payment method is left for this session.", param="allowed_payment_method_types")
    if "@" not in params.get("customer_email", "@"):
        raise ApiError(
            400, f"Invalid email address: {params['customer_email']}", code="email_invalid", param="customer_email"
        )


def _intent_data(params: dict[str, Any]) -> Json:
    data: Json = dict(params.get("payment_intent_data") or {})
    data["metadata"] = merged({}, data.get("metadata"))
    return data


def _end(call: Call) -> int:
    now, end = call.world.now(), call.params.get("expires_at")
    if end is None:
        return now + _LONGEST
    if not now + _SHORTEST - _LEEWAY <= end <= now + _LONGEST + _LEEWAY:
        raise ApiError(
            400,
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return int(end)


def _line(call: Call, index: int, line: dict[str, Any]) -> Json:
    where = f"line_items[{index}]"
    price, quantity = line.get("price_data"), line.get("quantity", 1)
    if price is None:
        raise ApiError(400, f"No such price: '{line.get('price')}'", code="resource_missing", param=f"{where}[price]")
    if "product_data" not in price or "unit_amount" not in price:
        raise ApiError(
            400,
            "price_data needs product_data and unit_amount.",
            code="parameter_missing",
            param=f"{where}[price_data]",
        )
    if quantity < 1 or price["unit_amount"] < 0:
        raise ApiError(400, "Quantities begin at 1 and amounts at 0.", code="parameter_invalid_integer", param=where)
    currency = money.check_currency(price["currency"], f"{where}[price_data][currency]")
    amount = price["unit_amount"] * quantity
    product = call.world.new_id("prod")
    return {
        "id": call.world.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": price["product_data"]["name"],
        "metadata": merged({}, line.get("metadata")),
        "price": {
            "id": call.world.new_id("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": call.world.now(),
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": product,
            "recurring": None,
            "tax_behavior": price.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": price["unit_amount"],
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": quantity,
    }


@handles("get", "/v1/checkout/sessions/{}")
@documented("A session by its id; its intent is null until the customer first submits the page.")
def retrieve(call: Call) -> Json:
    """One session."""
    return call.world.find("checkout.session", call.ids[0], "session")


@handles("get", "/v1/checkout/sessions")
@documented("Sessions newest first, by status or intent.")
def list_(call: Call) -> Json:
    """Sessions in pages."""
    wanted = {name: call.params[name] for name in ("payment_intent", "status") if name in call.params}
    found = [
        session
        for session in call.world.store.all("checkout.session")
        if all(session[name] == value for name, value in wanted.items())
    ]
    return page("/v1/checkout/sessions", found, call.params)


@handles("get", "/v1/checkout/sessions/{}/line_items")
@documented("The lines of a session as they were priced when it was made.")
def list_line_items(call: Call) -> Json:
    """Line items in pages."""
    session = retrieve(call)
    return page(f"/v1/checkout/sessions/{session['id']}/line_items", session["_line_items"], call.params)


@handles("post", "/v1/checkout/sessions/{}/expire")
@documented("Only an open session can be expired; a complete one was paid.")
def expire(call: Call) -> Json:
    """End a session unpaid."""
    session = retrieve(call)
    if session["status"] != "open":
        raise ApiError(
            400,
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{session['status']}`.",
        )
    return hosted_checkout.expire(call.world, session)
