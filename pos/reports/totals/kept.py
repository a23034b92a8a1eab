"""Figures of a day as plain JSON, and back: what `day_totals` keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from pos.domain.ledger.entries import rate_of_key
from pos.reports.sales.sums import EventSum, Figures, KindSum, TaxSums

_PARTED = ("currency", "tax_names", "tenders", "kinds", "taxes", "back", "back_taxes", "events")
_PLAIN = tuple(name for name in Figures.__dataclass_fields__ if name not in _PARTED)
# A key written as text; words are shorter.
_KEY_LENGTH = 36
_OF_KIND = tuple(KindSum.__dataclass_fields__)
_OF_EVENT = tuple(name for name in EventSum.__dataclass_fields__ if name != "taxes")


def _taxes(sums: TaxSums) -> dict[str, Any]:
    return {
        "due": {rate.key: list(amounts) for rate, amounts in sums.due.items()},
        "not_due": {rate.key: minor for rate, minor in sums.not_due.items()},
    }


def _taxes_of(kept: dict[str, Any]) -> TaxSums:
    due = {rate_of_key(key): (net, tax) for key, (net, tax) in kept["due"].items()}
    return TaxSums(due, {rate_of_key(key): minor for key, minor in kept["not_due"].items()})


def as_kept(found: Figures) -> dict[str, Any]:
    """Figures of one location's day as JSON; what is nothing is left out, the currency is the location's."""
    kept: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(found, name))}
    kept["tenders"] = {kind: list(pair) for kind, pair in found.tenders.items()}
    kept["kinds"] = {kind: [getattr(part, name) for name in _OF_KIND] for kind, part in found.kinds.items()}
    kept["back"] = dict(found.back)
    kept["taxes"], kept["back_taxes"] = _taxes(found.taxes), _taxes(found.back_taxes)
    kept["events"] = {
        name: {**{part: getattr(event, part) for part in _OF_EVENT}, "taxes": _taxes(event.taxes)}
        for name, event in found.events.items()
    }
    return kept


def figures_of(kept: dict[str, Any], currency: str) -> Figures:
    """The figures that were kept."""
    values = {name: kept[name] for name in _PLAIN if name in kept}
    events = {
        name: EventSum(**{part: event[part] for part in _OF_EVENT}, taxes=_taxes_of(event["taxes"]))
        for name, event in kept["events"].items()
    }
    return Figures(
        currency,
        **values,
        tenders={kind: (count, minor) for kind, (count, minor) in kept["tenders"].items()},
        kinds={kind: KindSum(*parts) for kind, parts in kept["kinds"].items()},
        back=dict(kept["back"]),
        taxes=_taxes_of(kept["taxes"]),
        back_taxes=_taxes_of(kept["back_taxes"]),
        events=events,
    )


def lines_as_kept(sums: Mapping[tuple[Any, ...], tuple[int, ...]]) -> list[list[Any]]:
    """Sums of lines by what they are summed by, as rows of JSON in a fixed order."""
    rows = [[[str(one) if isinstance(one, UUID) else one for one in key], *amounts] for key, amounts in sums.items()]
    return sorted(rows, key=lambda row: [str(one) for one in row[0]])


def kept_lines(rows: Iterable[list[Any]]) -> Iterator[tuple[tuple[Any, ...], list[int]]]:
    """The same back: what is summed by, and the amounts."""
    for key, *amounts in rows:
        yield tuple(UUID(one) if isinstance(one, str) and len(one) == _KEY_LENGTH else one for one in key), amounts
