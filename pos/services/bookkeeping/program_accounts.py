"""Writing down what a bookkeeping program calls the accounts of a location, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.i18n.sanitize import printable
from pos.domain.bookkeeping.models import BookkeepingProgram
from pos.domain.ledger.chart_of_accounts import chart
from pos.domain.locations.queries import place
from pos.reports.bookkeeping.program import Program
from pos.reports.bookkeeping.programs import program_of

MOST = 200


def _settings(program: Program, typed: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for setting in program.settings:
        text = printable(typed.get(setting.key, ""), setting.most + 1)
        if text and (wrong := setting.error(text)) is not None:
            raise Invalid(wrong, field=f"setting.{setting.key}")
        if text:
            found[setting.key] = text
    return found


@unit_of_work
def set_program_accounts(
    session: Session,
    *,
    location_id: UUID,
    staff_id: UUID,
    program_key: str,
    accounts: Mapping[str, str],
    settings: Mapping[str, str],
) -> bool:
    """Keep what a program calls the accounts of a location, by the key of each, and its settings; says whether that changed.

    What is empty is not written. Raises NotFound for a program that is none, and Invalid for an account or setting that the
    program would refuse, with its field `account.<key>` or `setting.<key>`.
    """
    program = program_of(program_key)
    where = place(session, location_id)
    now_settings = _settings(program, settings)
    complete = program.with_defaults(now_settings)
    if (together := program.settings_error(complete)) is not None:
        raise Invalid(together[1], field=f"setting.{together[0]}")
    now_accounts = {}
    for line in chart(session, where.id):
        text = " ".join(printable(accounts.get(line.key, ""), MOST).split())
        if text and (wrong := program.account_error(text, complete)) is not None:
            raise Invalid(wrong, field=f"account.{line.key}")
        if text:
            now_accounts[line.key] = text
    row = session.get(BookkeepingProgram, (where.id, program.key), with_for_update=True, populate_existing=True)
    before = {**row.accounts, **row.settings} if row else {}
    if row is None:
        session.add(
            BookkeepingProgram(location_id=where.id, program=program.key, accounts=now_accounts, settings=now_settings)
        )
    else:
        row.accounts, row.settings = now_accounts, now_settings
    return audit.note_change(
        session, f"bookkeeping.{program.key.replace('-', '_')}", before=before, after={**now_accounts, **now_settings},
        actor_id=staff_id, location_id=where.id,
    )  # fmt: skip
