"""What tickets and orders keep as JSON has the shape that earlier versions wrote, and reads back as it was."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from pos.core.hashing import digest
from pos.domain.catalogue.package_plans import PlanTerms
from pos.domain.sales.cart_json import cart_from_json, cart_to_json
from pos.domain.sales.cart_options import Gift, Part, Stored, StoredPart, VisitConversionRequest
from pos.domain.sales.carts import CartLineRequest, CartRequest, Tip, cart_request_from_json
from pos.domain.sales.line_taxes import TaxSum
from pos.domain.sales.pricing import Cart, CartLine, Cover, Discount, Exemption, PricedLine
from pos.services.checkout.price_cart import Grant, Plan
from pos.services.refunds.calculate import RefundChoice

K = [UUID(int=number) for number in range(1, 12)]
GIFT = Gift(2_500, K[5], "Ana", "ana@example.com", "Enjoy", date(2026, 12, 24))
COVER = Cover("credit", K[2], 1, 900, date(2026, 11, 20), 100, True)
PACKAGE = CartLine(
    K[0],
    "package",
    "Ten",
    2,
    9_000,
    "standard",
    Decimal("19.5"),
    K[1],
    COVER,
    Discount(amount_minor=50, reason="Regular"),
    part=Part(3_000, K[3], 9_000),
    tax_point="redemption",
    exemption=Exemption("prescription", "R 17"),
    sessions=10,
)
CARD = CartLine(K[4], "gift_card", "Card", 1, 2_500, "none", Decimal("0.00"), gift=GIFT)
CART = Cart(
    "EUR",
    True,
    "line",
    (
        PricedLine(PACKAGE, 18_000, 900, 50, 10, 14_000, 2_600, 15_000, 300),
        PricedLine(CARD, 2_500, 0, 0, 0, 2_500, 0, 2_500),
    ),
    (TaxSum(Decimal("19.5"), 14_000, 2_600), TaxSum(Decimal("0.00"), 2_500, 0)),
)
WANTED = CartRequest(
    (
        CartLineRequest(
            K[0],
            K[1],
            2,
            K[2],
            str(K[3]),
            Discount(Decimal("7.50"), reason="Regular"),
            exemption=Exemption("certificate", "B 2", 1),
            part=Part(300),
        ),
        CartLineRequest(K[6], K[7], visit_conversion=VisitConversionRequest(K[8], 1)),
        CartLineRequest(K[9], K[10], gift=GIFT),
    ),
    Discount(amount_minor=1_500, reason="Birthday"),
    Tip(Decimal(20), staff_id=K[2]),
    (Stored("gift_card", K[5], 700), Stored("account_credit")),
    date(2026, 11, 22),
    "SPRING",
)
STORED = (
    StoredPart("gift_card", 100, K[5]),
    StoredPart("account_credit", 5, None, VisitConversionRequest(K[8], 1), K[4]),
)
PLAN = Plan(
    10,
    1,
    12,
    "pro_rata",
    "account_credit",
    True,
    "Terms",
    "2",
    (K[1], K[0]),
    (K[3],),
    share_cap=2,
    refund_fee_percent="7.5",
)
GRANT = Grant(PLAN, {K[1]: 1_000, K[0]: 900})


REFUND = RefundChoice(K[0], K[1], (1, 2), 500, 20, True)
TERMS = PlanTerms(
    "Ten", 10, 12, (K[1], K[0]), (K[2],), refund_fee_percent=Decimal("7.50"), sale_from_on=date(2026, 1, 2)
)


def kept(value: Any) -> Any:
    """As a JSON column gives it back."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("written", "before"),
    [
        (cart_to_json(CART), "0b2bb71e84c467737d34675bd95a8f24f3751df2dacfbea2a89f7689de15c461"),
        (WANTED.to_json(), "ec2e4f2b203eb05822ab87d2a1fde232c1f99d0f3504d29b2ed40869880a59fd"),
        (CartRequest().to_json(), "3674bd5c0c3917cbd0ed3c0ead09947b6410d5a67019aaeeba0450a771023385"),
        ([part.to_json() for part in STORED], "900217c5fbdab5b2af2fe5774b574f73dfaad6fec9d0dc54cdd28a5241e1b726"),
        (GRANT.to_json(), "8f61c3e18258cdd435bf201a116e3d416f50552247d94c48c5e9d989e1188c14"),
        (REFUND.to_json(), "3208f499511e0621dbe36e42ba2115237c5667ae78e6f3a67a07bd3b267b93ec"),
        (TERMS.to_json(), "60b9d3a918427a42e04c99d253bda29855ecc763c629a3208c78e841337656bc"),
    ],
    ids=["cart", "ticket", "empty ticket", "stored value", "grant", "refund", "terms of a plan"],
)
def test_stored_json_digest_never_changes(written: object, before: str) -> None:
    """Digests of these are kept: a request that is repeated, and an order checked years later, must give the same one."""
    assert digest(written) == digest(kept(written)) == before


def test_stored_json_survives_round_trip() -> None:
    assert cart_from_json(kept(cart_to_json(CART))) == CART
    assert cart_request_from_json(kept(WANTED.to_json())) == WANTED
    assert tuple(StoredPart.from_json(row) for row in kept([part.to_json() for part in STORED])) == STORED
    assert Grant.from_json(kept(GRANT.to_json())) == GRANT


def test_stored_json_of_earlier_version_takes_defaults() -> None:
    row = kept(cart_to_json(CART))
    for line in row["lines"]:
        for name in ("tax_point", "exemption", "sessions", "exempt_minor", "gift", "part"):
            line.pop(name, None)
    row["lines"][0]["cover"] = row["lines"][0]["cover"][:4]
    line = cart_from_json(row).lines[0]
    assert (line.line.cover, line.exempt_minor) == (Cover("credit", K[2], 1, 900), 0)
    assert (line.line.tax_point, line.line.exemption, line.line.sessions, line.line.part) == ("sale", None, 1, None)
    assert set(kept(cart_to_json(cart_from_json(row)))["lines"][0]) >= {
        "tax_point",
        "exemption",
        "sessions",
        "exempt_minor",
    }
    grant = kept(GRANT.to_json())
    for name in ("sharing", "transfer", "freeze_days"):
        del grant["plan"][name]
    assert Grant.from_json(grant) == GRANT
    assert kept(Grant.from_json(grant).to_json()) == kept(GRANT.to_json())


def test_stored_json_damaged_grant_is_refused() -> None:
    row = kept(GRANT.to_json())
    row["plan"]["sessions"] = "10"
    with pytest.raises(msgspec.ValidationError, match=r"Expected `int`, got `str` - at `\$.plan.sessions`"):
        Grant.from_json(row)
