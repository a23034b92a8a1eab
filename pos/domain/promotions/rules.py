"""What a promo code takes off, and why it may not hold. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.core.messages import catalogue as messages
from pos.core.messages.general import AMOUNT_NOT_ABOVE_ZERO
from pos.core.money import LARGEST_MINOR, allocate, percent_of

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,23}")


@dataclass(frozen=True)
class PromoTerms:
    """A code as it stands; see `models.PromoCode`."""

    promo_id: UUID
    code: str
    label: str
    percent: Decimal | None
    amount_minor: int | None
    currency: str
    location_id: UUID | None
    items: frozenset[UUID]
    from_on: date
    until_on: date | None
    most_uses: int | None
    most_per_client: int | None
    uses: int = 0
    active: bool = True

    def holds_for(self, item_id: UUID) -> bool:
        """Whether an item becomes cheaper."""
        return not self.items or item_id in self.items

    def checked(self) -> PromoTerms:
        """Itself; raises Invalid naming the field that makes no sense."""
        if not _CODE.fullmatch(self.code):
            raise Invalid(messages.PROMO_CODE_MALFORMED, field="code")
        if not self.label.strip():
            raise Invalid(messages.PROMO_LABEL_MISSING, field="label")
        if (self.percent is None) == (self.amount_minor is None):
            raise Invalid(messages.PROMO_EITHER_PERCENT_OR_AMOUNT, field="percent")
        if self.percent is not None and not 0 < self.percent <= 100:
            raise Invalid(messages.PROMO_PERCENT_OUT_OF_RANGE, field="percent")
        if self.amount_minor is not None and not 0 < self.amount_minor <= LARGEST_MINOR:
            raise Invalid(AMOUNT_NOT_ABOVE_ZERO, field="amount")
        if self.until_on is not None and self.until_on < self.from_on:
            raise Invalid(messages.LAST_DAY_BEFORE_FIRST, field="until_on")
        for field, limit in (("most_uses", self.most_uses), ("most_per_client", self.most_per_client)):
            if limit is not None and limit < 1:
                raise Invalid(messages.PROMO_LIMIT_TOO_SMALL, field=field)
        return self


def normal_code(typed: str) -> str:
    """A code as it is kept: capitals, no spaces."""
    return "".join(typed.split()).upper()


def problem(
    terms: PromoTerms,
    *,
    location_id: UUID,
    currency: str,
    day: date,
    client_id: UUID | None,
    used_by_client: int,
    is_unknown_yet: bool = False,
) -> Message | None:
    """Why a code does not hold here and now, as a sentence; None where it does.

    `is_unknown_yet`: the client is known with the order only, so a limit by client is looked at then.
    """
    if not terms.active or terms.currency != currency or terms.location_id not in (None, location_id):
        return messages.PROMO_CODE_OF_OTHER_LOCATION
    if day < terms.from_on:
        return messages.PROMO_CODE_NOT_YET
    if terms.until_on is not None and day > terms.until_on:
        return messages.PROMO_CODE_ENDED
    if terms.most_uses is not None and terms.uses >= terms.most_uses:
        return messages.PROMO_CODE_WITHOUT_USES
    if terms.most_per_client is not None and client_id is None and not is_unknown_yet:
        return messages.PROMO_CODE_NEEDS_CLIENT
    if terms.most_per_client is not None and used_by_client >= terms.most_per_client:
        return messages.PROMO_CODE_USED_BY_CLIENT
    return None


def cuts(terms: PromoTerms, items: Sequence[tuple[UUID, int]]) -> list[int]:
    """What comes off each (item, amount as displayed), in minor units: a percentage of each line, or an amount spread."""
    bases = [amount if terms.holds_for(item) else 0 for item, amount in items]
    if terms.percent is not None:
        return [percent_of(base, terms.percent) for base in bases]
    assert terms.amount_minor is not None
    return allocate(min(terms.amount_minor, sum(bases)), bases) if sum(bases) else [0] * len(bases)
