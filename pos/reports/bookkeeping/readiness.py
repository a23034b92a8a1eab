"""Whether some days can be exported for a program: what is missing, what was exported before, which days are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.i18n.message import Message
from pos.core.messages.books import ACCOUNT_NAME_MISSING, ACCOUNT_WITH_CODE, EXPORT_CURRENCY_NOT_TAKEN
from pos.domain.bookkeeping.models import JournalExport
from pos.domain.bookkeeping.queries import exports_of_days, written_terms
from pos.domain.ledger.chart_of_accounts import chart
from pos.domain.ledger.models import Closing
from pos.domain.locations.queries import Place
from pos.reports.bookkeeping.journals import AccountTerms, Books, DayJournal, day_journals, newest_posting
from pos.reports.bookkeeping.program import Program


@dataclass(frozen=True)
class ProgramAccount:
    """An account of a location and what a program calls it: as written, or as proposed; `error` where that will not do."""

    key: str
    code: str
    name: str
    meaning: str
    written: str
    proposed: str
    error: Message | None

    @property
    def target(self) -> str:
        """What stands in a file."""
        return self.written or self.proposed


@dataclass(frozen=True)
class Missing:
    """One thing that keeps an export from being made: what it is about, and a sentence where there is one to say."""

    what: str
    sentence: Message | None = None


@dataclass(frozen=True)
class Readiness:
    """What is known before an export. `missing` keeps it from being made; `before` and `not_closed` ask first."""

    missing: tuple[Missing, ...]
    before: tuple[JournalExport, ...]
    not_closed: tuple[date, ...]
    days: tuple[DayJournal, ...]

    @property
    def asks(self) -> bool:
        """Whether somebody must say that they want these days all the same."""
        return bool(self.before or self.not_closed)


def program_accounts(session: Session, place: Place, program: Program) -> list[ProgramAccount]:
    """The accounts of a location, by code, as a program calls them."""
    accounts, settings = written_terms(session, place.id, program.key)
    settings = program.with_defaults(settings)
    found = []
    for line in chart(session, place.id):
        written = accounts.get(line.key, "")
        proposed = program.suggest(line.key, line.code, line.name)
        used = written or (proposed if program.uses_suggestions else "")
        error = None if not program.account_word or not used else program.account_error(used, settings)
        if program.account_word and not used:
            error = ACCOUNT_NAME_MISSING
        found.append(ProgramAccount(line.key, line.code, line.name, line.meaning, written, proposed, error))
    return found


def _not_closed(session: Session, place: Place, days: tuple[DayJournal, ...]) -> tuple[date, ...]:
    if not days:
        return ()
    closed = set(
        session.scalars(
            select(Closing.period_on).where(
                Closing.location_id == place.id,
                Closing.kind == "day",
                Closing.period_on.between(days[0].on, days[-1].on),
            )
        )
    )
    return tuple(day.on for day in days if day.on not in closed)


def readiness(session: Session, place: Place, program: Program, from_on: date, to_on: date) -> Readiness:
    """Look before an export: accounts that move and have none in the program, settings, currency, exports before."""
    days = day_journals(session, place.id, from_on, to_on)
    missing = []
    if not program.takes(place.currency):
        missing.append(
            Missing(program.title, EXPORT_CURRENCY_NOT_TAKEN(program=program.title, currency=place.currency))
        )
    settings = program.with_defaults(written_terms(session, place.id, program.key)[1])
    missing += [Missing(setting.label, wrong) for setting, wrong in program.wrong_settings(settings)]
    moved = {line.account_key for day in days for line in day.lines}
    for account in program_accounts(session, place, program):
        if account.key in moved and account.error is not None:
            missing.append(
                Missing(
                    ACCOUNT_WITH_CODE(code=account.code, account=account.name),
                    account.error if account.written else None,
                )
            )
    return Readiness(
        missing=tuple(missing),
        before=tuple(exports_of_days(session, place.id, program.key, from_on, to_on)),
        not_closed=_not_closed(session, place, days),
        days=days,
    )


def terms_of(session: Session, place: Place, program: Program) -> dict[str, Any]:
    """The names and settings an export is written with now, as JSON; kept with it."""
    return {
        "location": place.name,
        "slug": place.slug,
        "prefix": place.receipt_prefix.partition(".")[0],
        "currency": place.currency,
        "accounts": {
            account.key: [account.code, str(account.name), account.target]
            for account in program_accounts(session, place, program)
        },
        "settings": program.with_defaults(written_terms(session, place.id, program.key)[1]),
    }


def books_of(
    session: Session,
    location_id: UUID,
    terms: Mapping[str, Any],
    from_on: date,
    to_on: date,
    until_seq: int,
    *,
    days: tuple[DayJournal, ...] | None = None,
) -> Books | None:
    """What a format writes from: the ledger as far as an entry, under some terms. None where nothing was booked.

    `days` are its journals, where they were read in the same moment.
    """
    newest: datetime | None = newest_posting(session, location_id, from_on, to_on, until_seq=until_seq)
    if newest is None:
        return None
    if days is None:
        days = day_journals(session, location_id, from_on, to_on, until_seq=until_seq)
    accounts = {key: AccountTerms(*names) for key, names in terms["accounts"].items()}
    return Books(
        location=terms["location"],
        slug=terms["slug"],
        prefix=terms["prefix"],
        currency=terms["currency"],
        from_on=from_on,
        to_on=to_on,
        accounts=accounts,
        settings=terms["settings"],
        newest=newest,
        days=tuple(_by_code(day, accounts) for day in days),
    )


def _by_code(day: DayJournal, accounts: Mapping[str, AccountTerms]) -> DayJournal:
    """A journal in the order of the chart, debits first."""
    order = sorted(day.lines, key=lambda line: (accounts[line.account_key].code, line.account_key, -line.amount_minor))
    return DayJournal(day.on, tuple(order))
