"""A priced cart as JSON and back: what an order keeps, so that settlement charges exactly what was quoted."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pos.domain.sales.cart_options import gift_from_json, part_from_json
from pos.domain.sales.pricing import (
    Cart,
    CartLine,
    Cover,
    Discount,
    Exemption,
    PricedLine,
    TaxSum,
)


def _cover_to_json(cover: Cover) -> list[Any]:
    day = cover.service_on.isoformat() if cover.service_on else None
    return [cover.kind, str(cover.lot_id), cover.uses, cover.covered_minor, day, cover.upgrade_minor, cover.surcharge]


def _cover_from_json(value: list[Any]) -> Cover:
    # Orders frozen by an earlier version end before the day, the upgrade or the surcharge.
    rest: list[Any] = [None, 0, False]
    kind, lot_id, uses, covered, day, upgrade, surcharge = value + rest[len(value) - 4 :]
    return Cover(kind, UUID(lot_id), uses, covered, date.fromisoformat(day) if day else None, upgrade, surcharge)


def cart_to_json(cart: Cart) -> dict[str, Any]:
    """Plain JSON of a cart; Decimals and keys as text."""
    return {
        "currency": cart.currency,
        "tax_inclusive": cart.tax_inclusive,
        "tax_method": cart.tax_method,
        "taxes": [[str(t.percent), t.net_minor, t.tax_minor] for t in cart.taxes],
        "lines": [
            {
                "item_id": str(p.line.item_id),
                "kind": p.line.kind,
                "name": p.line.name,
                "quantity": p.line.quantity,
                "unit_minor": p.line.unit_minor,
                "tax_category": p.line.tax_category,
                "tax_percent": str(p.line.tax_percent),
                "tax_point": p.line.tax_point,
                "exemption": asdict(p.line.exemption) if p.line.exemption else None,
                "sessions": p.line.sessions,
                "exempt_minor": p.exempt_minor,
                "therapist_id": str(p.line.therapist_id) if p.line.therapist_id else None,
                "cover": _cover_to_json(p.line.cover) if p.line.cover else None,
                "reason": p.line.discount.reason if p.line.discount else "",
                "gift": p.line.gift.to_json() if p.line.gift else None,
                **({"part": p.line.part.to_json()} if p.line.part else {}),
                "list_minor": p.list_minor,
                "covered_minor": p.covered_minor,
                "line_discount_minor": p.line_discount_minor,
                "ticket_discount_minor": p.ticket_discount_minor,
                "net_minor": p.net_minor,
                "tax_minor": p.tax_minor,
                "list_net_minor": p.list_net_minor,
            }
            for p in cart.lines
        ],
    }


def cart_from_json(value: dict[str, Any]) -> Cart:
    """The cart an order froze."""
    lines = []
    for row in value["lines"]:
        cover = row["cover"]
        lines.append(
            PricedLine(
                line=CartLine(
                    item_id=UUID(row["item_id"]),
                    kind=row["kind"],
                    name=row["name"],
                    quantity=row["quantity"],
                    unit_minor=row["unit_minor"],
                    tax_category=row["tax_category"],
                    tax_percent=Decimal(row["tax_percent"]),
                    therapist_id=UUID(row["therapist_id"]) if row["therapist_id"] else None,
                    cover=_cover_from_json(cover) if cover else None,
                    discount=Discount(amount_minor=row["line_discount_minor"], reason=row["reason"])
                    if row["line_discount_minor"]
                    else None,
                    gift=gift_from_json(row.get("gift")),
                    # Orders frozen by an earlier version say nothing of these.
                    tax_point=row.get("tax_point", "sale"),
                    exemption=Exemption(**row["exemption"]) if row.get("exemption") else None,
                    sessions=row.get("sessions", 1),
                    part=part_from_json(row.get("part"), frozen=True),
                ),
                list_minor=row["list_minor"],
                covered_minor=row["covered_minor"],
                line_discount_minor=row["line_discount_minor"],
                ticket_discount_minor=row["ticket_discount_minor"],
                net_minor=row["net_minor"],
                tax_minor=row["tax_minor"],
                list_net_minor=row["list_net_minor"],
                exempt_minor=row.get("exempt_minor", 0),
            )
        )
    return Cart(
        currency=value["currency"],
        tax_inclusive=value["tax_inclusive"],
        tax_method=value["tax_method"],
        lines=tuple(lines),
        taxes=tuple(TaxSum(Decimal(p), net, tax) for p, net, tax in value["taxes"]),
    )
