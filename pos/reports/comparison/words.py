"""A change in words: `12 % more`, or an amount where a percentage would say little."""

from __future__ import annotations

from decimal import Decimal

from pos.core.i18n.translator import Translator
from pos.core.money import Money, share_of
from pos.reports.exporters import Cell

# Above this a change is said as an amount: nobody pictures 3,852 %. So is that of a count smaller than the second.
_MOST_PERCENT, _SMALL_COUNT = 200, 20


def change_words(w: Translator, now: Cell, before: Cell) -> str:
    """How much more or less a figure is than before; empty where there is no figure, or none on both sides.

    An average of nothing is no figure: beside one it is said which of the two is missing. Of two that are negative, such as
    refunds, more is further from zero.
    """
    if isinstance(now, Money) and isinstance(before, Money):
        new, old, currency = Decimal(now.minor), Decimal(before.minor), now.currency
    elif isinstance(now, int | Decimal) and isinstance(before, int | Decimal):
        new, old, currency = Decimal(now), Decimal(before), ""
    elif now is None or before is None:
        return _beside_nothing(w, now, before)
    else:
        return ""
    if new == old:
        return w("the same") if new else ""
    if not old:
        return w("nothing before")
    if not new:
        return w("nothing now")
    if new < 0 and old < 0:
        new, old = -new, -old
    off, is_more = abs(new - old), new > old
    as_number = not currency and (isinstance(now, Decimal) or old < _SMALL_COUNT)
    percent = share_of(int(off), int(old), 0) if old >= 1 else Decimal(0)
    if as_number or min(new, old) < 0 or percent > _MOST_PERCENT:
        text = w.amount(int(off), currency) if currency else f"{off.normalize():f}"
    elif not percent:
        return w("about the same")
    else:
        text = w.percent(percent)
    return w("%(by)s more", by=text) if is_more else w("%(by)s less", by=text)


def _beside_nothing(w: Translator, now: Cell, before: Cell) -> str:
    figure = before if now is None else now
    if not isinstance(figure, Money | int | Decimal) or not figure:
        return ""
    return w("nothing now") if now is None else w("nothing before")
