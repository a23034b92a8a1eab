"""What a ticket keeps when it, or a line of it, becomes somebody else's. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from pos.domain.sales.carts import CartLineRequest, CartRequest


def _chosen_for(line: CartLineRequest) -> Iterator[tuple[str, object]]:
    """What of a line is chosen for the person it is for."""
    if line.exemption:
        yield "exemption", (line.exemption.reason, line.exemption.reference)
    if line.credit != "none":
        yield "credit", line.credit
    if line.visit_conversion:
        yield "visit_conversion", line.visit_conversion
    if line.part and line.part.lot_id:
        yield "part", line.part.lot_id


_NOTHING_CHOSEN: dict[str, Any] = {"exemption": None, "credit": "auto", "visit_conversion": None}


def for_another_client(
    before: CartRequest, requested: CartRequest, *, was: UUID | None, now: UUID | None
) -> CartRequest:
    """What is asked for, less what a ticket held `before` for somebody whose it is not any more.

    `was` and `now` are the ticket's clients; a line is of its person, or of the client. Exemptions, credits and visits
    chosen and parts of packages go from a line that is another person's, under whatever key it is asked for again; with
    another client gift cards, account credit and a promo code go too. What the ticket did not hold is the next person's and
    stays, and so does what was asked for while nobody was named.
    """
    held: dict[tuple[str, object], set[UUID]] = {}
    for line in before.lines:
        if owner := line.person_id or was:
            for chosen in _chosen_for(line):
                held.setdefault(chosen, set()).add(owner)
    lines = []
    for line in requested.lines:
        others = [one for one in _chosen_for(line) if one in held and (line.person_id or now) not in held[one]]
        gone = [what for what, _ in others]
        if "part" not in gone:
            lines.append(replace(line, **{what: _NOTHING_CHOSEN[what] for what in gone}))
    kept = replace(requested, lines=tuple(lines))
    if requested.lines and not lines:
        kept = replace(kept, discount=None, tip=None)
    if was is None or was == now:
        return kept
    paid_before = {(tender.kind, tender.card_id, tender.reference) for tender in before.stored}
    return replace(
        kept,
        stored=tuple(
            tender for tender in requested.stored if (tender.kind, tender.card_id, tender.reference) not in paid_before
        ),
        promo=None if requested.promo == before.promo else requested.promo,
    )


def reduction_has_moved(before: CartRequest, requested: CartRequest, *, was: UUID | None, now: UUID | None) -> bool:
    """Whether a line is asked for another person, and its item (consents are by item) or the ticket costs less by hand."""
    owners = {line.line_id: line.person_id or was for line in before.lines}
    moved = {
        line.item_id
        for line in requested.lines
        if (owner := owners.get(line.line_id)) is not None and owner != (line.person_id or now)
    }
    if before.discount or requested.discount:
        return bool(moved)
    return any(line.item_id in moved and (line.discount or line.price) for line in before.lines + requested.lines)
