"""A year of random journals, as a clinic that sells, redeems and corrects every day might have them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from pos.domain.ledger.entries import CHART, chart_line
from pos.reports.bookkeeping.journals import AccountTerms, Books, DayJournal, Line
from pos.reports.bookkeeping.program import Program

# Names as clinics and their bookkeepers write them: accents, quotes, signs, another alphabet.
_NAMES = {
    "bank": "Bank “Straße” №1",
    "discounts": "=Discounts; | (odd)",
    "bad_debt": "悪い債権",
    "tips_payable": 'Tips "pool"',
}
KEYS = (
    *(key for key in CHART if key not in ("cash_drawer", "tax_payable", "tax_not_due")),
    "cash_drawer:0198c0de-0000-7000-8000-00000000abcd",
    "tax_payable:8",
    "tax_payable:second:9.975",
    "tax_not_due:8",
)


def day_journal(on: date, rng: random.Random, most_minor: int = 5_000_000) -> DayJournal:
    """A balanced journal of a few accounts, some moved on both sides."""
    keys = rng.sample(KEYS, rng.randint(2, len(KEYS)))
    lines = [Line(key, rng.randint(1, most_minor) * rng.choice((1, -1))) for key in keys]
    lines += [Line(key, -line.amount_minor // 2 or 1) for key, line in zip(keys[::3], lines[::3], strict=True)]
    off = sum(line.amount_minor for line in lines)
    if off:
        lines.append(Line("over_short", -off))
    return DayJournal(on, tuple(sorted(lines, key=lambda line: (line.account_key, -line.amount_minor))))


def year(
    program: Program, *, currency: str = "EUR", seed: int = 7, days: int = 365, location: str = "Maple Street"
) -> Books:
    """A year of them for a program, with the accounts it proposes or numbers of its own, and days without any entry."""
    rng = random.Random(seed)
    first = date(2025, 1, 1)
    accounts = {}
    for number, key in enumerate(KEYS, start=4000):
        code, name = chart_line(key)
        name = _NAMES.get(key, name)
        settings = {"account_length": "4", "clearing": "1370"}
        target = program.suggest(key, code, name)
        if not target or program.account_error(target, settings) is not None:
            target = str(number)
        accounts[key] = AccountTerms(code, name, target)
    open_days = [first + timedelta(days=n) for n in range(days) if (n % 7) != 6]
    settings = {"consultant": "29098", "client": "55003", "clearing": "1370"}
    return Books(
        location=location,
        slug="maple-street",
        prefix="MS",
        currency=currency,
        from_on=first,
        to_on=first + timedelta(days=days - 1),
        accounts=accounts,
        settings=program.with_defaults(settings),
        newest=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        days=tuple(day_journal(on, rng) for on in open_days),
    )
