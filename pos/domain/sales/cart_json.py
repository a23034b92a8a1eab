"""A priced cart as JSON and back: what an order keeps, so that settlement charges exactly what was quoted."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

import msgspec

from pos.core.plain_json import to_plain
from pos.domain.sales.line_taxes import TaxSum
from pos.domain.sales.pricing import Cart, Cover

# A cover and a tax are kept as lists of their fields; those of earlier versions end before the day, the upgrade, the
# surcharge or the second tax.
_COVER = [field.name for field in fields(Cover)]
_TAX = [field.name for field in fields(TaxSum)]


def _line_to_json(priced: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = priced.pop("line")
    cover, discount = line["cover"], line.pop("discount")
    for rare in ("part", "agreed"):
        if line[rare] is None:
            del line[rare]
    # What only some locations have is left out by the others: digests of stored carts stay what they were.
    if not priced["second_tax_minor"]:
        del priced["second_tax_minor"]
    if not Decimal(line["second_tax_percent"]):
        del line["second_tax_percent"]
    if line["person_id"] is None:
        del line["person_id"]
    line["cover"] = list(cover.values()) if cover else None
    return {**line, "reason": discount["reason"] if discount else "", **priced}


def _line_from_json(row: dict[str, Any]) -> dict[str, Any]:
    cover, reduction_minor = row["cover"], row["line_discount_minor"]
    line = {
        **row,
        "cover": dict(zip(_COVER, cover, strict=False)) if cover else None,
        "discount": {"amount_minor": reduction_minor, "reason": row["reason"]} if reduction_minor else None,
    }
    return {**row, "line": line}


def cart_to_json(cart: Cart) -> dict[str, Any]:
    """Plain JSON of a cart; Decimals and keys as text."""
    found: dict[str, Any] = to_plain(cart)
    found["taxes"] = [list(tax.values())[: None if tax["second"] else -1] for tax in found["taxes"]]
    found["lines"] = [_line_to_json(priced) for priced in found["lines"]]
    return found


def cart_from_json(value: dict[str, Any]) -> Cart:
    """The cart an order froze; raises msgspec.ValidationError for another shape."""
    lines = [_line_from_json(row) for row in value["lines"]]
    taxes = [dict(zip(_TAX, tax, strict=False)) for tax in value["taxes"]]
    return msgspec.convert({**value, "lines": lines, "taxes": taxes}, Cart)
