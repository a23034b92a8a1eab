"""Which credit pays which line: the soonest to end of the lots that the person of the line may use, or a chosen one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from pos.core.errors import NoCreditLeft
from pos.core.messages.sales import CREDIT_NOT_USABLE
from pos.domain.catalogue.queries import Picked
from pos.domain.credits.rules.value import LotFacts, soonest
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.sales.pricing import Cover
from pos.services.credit_cover.credit_upgrades import Reaches, upgraded


def tier_of(tiers: dict[UUID, int], therapist_id: UUID | None) -> int:
    """The tier of a therapist; the standard one where nobody is named."""
    return tiers.get(therapist_id, 0) if therapist_id else 0


def _session_cover(
    lots: Sequence[LotFacts],
    reaches: Reaches,
    line: CartLineRequest,
    item: Picked,
    tier: int,
    day: date,
    used: dict[UUID, int],
) -> Cover | None:
    if line.credit == "none" or line.price:
        return None
    whole = [lot for lot in lots if (lot.lot_id, item.item_id, tier) not in reaches]
    if line.credit == "auto":
        lot = soonest(whole, item.item_id, day, used)
        if lot is None:
            return upgraded(lots, reaches, line.quantity, item, tier, day, used, longer_only=True)
    else:
        preferred = [lot for lot in lots if str(lot.lot_id) == line.credit]
        lot = soonest([one for one in whole if one in preferred], item.item_id, day, used)
        if lot is None and (cover := upgraded(preferred, reaches, line.quantity, item, tier, day, used)):
            return cover
        if lot is None:
            raise NoCreditLeft(
                CREDIT_NOT_USABLE,
                field="credit",
                line_id=str(line.line_id),
                single_minor=item.list_minor(tier),
            )
    uses = min(line.quantity, lot.remaining - used.get(lot.lot_id, 0))
    used[lot.lot_id] = used.get(lot.lot_id, 0) + uses
    return Cover("credit", lot.lot_id, uses, uses * item.list_minor(tier))


def _included_cover(
    lots: Sequence[LotFacts],
    line: CartLineRequest,
    item: Picked,
    used: dict[UUID, int],
    given: dict[tuple[UUID, UUID], int],
) -> Cover | None:
    """An add-on that comes free with each visit paid by a credit of this ticket."""
    if line.credit == "none" or line.price:
        return None
    for lot in lots:
        free = used.get(lot.lot_id, 0) - given.get((lot.lot_id, item.item_id), 0)
        if item.item_id in lot.included and free > 0:
            uses = min(line.quantity, free)
            given[lot.lot_id, item.item_id] = given.get((lot.lot_id, item.item_id), 0) + uses
            return Cover("included", lot.lot_id, uses, uses * item.price_minor)
    return None


@dataclass
class _Uses:
    """The credits that the lines so far take, by lot and in all, and by the person who takes them; None is the client."""

    lots: Mapping[UUID | None, Sequence[LotFacts]]
    in_all: dict[UUID, int] = field(default_factory=dict)
    by_person: dict[UUID | None, dict[UUID, int]] = field(default_factory=dict)

    def seen_by(self, person: UUID | None) -> dict[UUID, int]:
        """What of each lot counts as taken for a person: their own uses of it, or what others leave of it, if that is less.

        What a lot holds is the most that anybody here may use of it: its owner all, a person it is shared with up to a cap.
        """
        own = self.by_person.setdefault(person, {})
        seen = {}
        for lot in self.lots.get(person, ()):
            holds = max(one.remaining for lots in self.lots.values() for one in lots if one.lot_id == lot.lot_id)
            left = holds - self.in_all.get(lot.lot_id, 0)
            seen[lot.lot_id] = max(own.get(lot.lot_id, 0), lot.remaining - left)
        return seen

    def take(self, person: UUID | None, cover: Cover | None) -> None:
        """Count what a line takes."""
        if cover is None:
            return
        for uses in (self.in_all, self.by_person.setdefault(person, {})):
            uses[cover.lot_id] = uses.get(cover.lot_id, 0) + cover.uses


def covers_of(
    wanted: CartRequest,
    picked: dict[UUID, Picked],
    client_lots: Sequence[LotFacts],
    person_lots: Mapping[UUID, Sequence[LotFacts]],
    reaches: Reaches,
    tiers: dict[UUID, int],
    visit_on: date,
    day: date,
) -> dict[UUID, Cover | None]:
    """What pays each treatment and add-on, by the key of its line, line by line in their order.

    A line takes of the lots of the person it is for, or of the client's. An add-on comes free with the visits of that
    person. Raises NoCreditLeft for a chosen lot without a credit left.
    """
    lots: dict[UUID | None, Sequence[LotFacts]] = {None: client_lots}
    lots.update(person_lots.items())
    uses = _Uses(lots)
    given: dict[UUID | None, dict[tuple[UUID, UUID], int]] = {}
    covers: dict[UUID, Cover | None] = {}
    lines = [line for line in wanted.lines if line.item_id in picked]
    for line in lines:
        item = picked[line.item_id]
        if item.kind == "variant":
            own, tier = lots.get(line.person_id, ()), tier_of(tiers, line.therapist_id)
            cover = _session_cover(own, reaches, line, item, tier, visit_on, uses.seen_by(line.person_id))
            uses.take(line.person_id, cover)
            covers[line.line_id] = replace(cover, service_on=visit_on) if cover and visit_on != day else cover
    for line in lines:
        if picked[line.item_id].kind == "add_on":
            own, taken = lots.get(line.person_id, ()), uses.by_person.get(line.person_id, {})
            free = given.setdefault(line.person_id, {})
            covers[line.line_id] = _included_cover(own, line, picked[line.item_id], taken, free)
    return covers
