"""Invariants of what was recorded when it was written: no row of history was changed, added or removed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, func, select

from pos.core.database.base import Base
from pos.core.database.change_log import (
    GENESIS,
    ChangeLog,
    ChangeLogHead,
    log_hash,
)
from pos.core.database.history import Recorder, recorder_of, row_digest
from pos.core.hashing import sha256_hex
from pos.core.i18n.message import Message
from pos.core.messages.kept import book_checks as messages
from pos.domain.ledger.models import JournalEntry
from pos.domain.locations.models import Location
from pos.domain.receipts.credit_note_models import CreditNote, CreditNoteFile
from pos.domain.receipts.models import Receipt, ReceiptFile
from pos.reports.invariants.base import Check, CheckScope

_ITEM = re.compile(r"\w+:(?:[^:]+:(?:[0-9a-f]{32})?|[0-9a-f]{32})")


def recorders() -> list[Recorder]:
    """How the rows of each table of history are recorded."""
    found = (recorder_of(table) for table in Base.metadata.sorted_tables)
    return [recorder for recorder in found if recorder is not None]


class _Digests:
    """Many digests of 16 bytes, by their first byte, so that two lots of them can be compared in little memory."""

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(256)]

    def add(self, digest: str) -> None:
        """Take one in, given in hex."""
        found = bytes.fromhex(digest)
        self._parts[found[0]] += found

    def part(self, first: int) -> set[bytes]:
        """Those that begin with a byte."""
        part = self._parts[first]
        return {bytes(part[at : at + 16]) for at in range(0, len(part), 16)}


def _recorded(look: CheckScope) -> Iterator[tuple[str, Any, int, bool]]:
    """Every item that was recorded, with the location and number of its entry, then of its record of the change log (True).

    What cannot be an item is left out: the hash over it does not fit either, and that is found by the chain.
    """
    entries = look.rows(
        select(JournalEntry.location_id, JournalEntry.seq, JournalEntry.recorded)
        .where(JournalEntry.recorded.is_not(None))
        .order_by(JournalEntry.location_id, JournalEntry.seq)
    )
    for location_id, seq, items in entries:
        for item in filter(_ITEM.fullmatch, items):
            yield item, location_id, seq, False
    log = look.rows(select(ChangeLog.location_id, ChangeLog.seq, ChangeLog.recorded).order_by(ChangeLog.seq))
    for location_id, seq, items in log:
        for item in filter(_ITEM.fullmatch, items):
            yield item, location_id, seq, True


@cache
def _all_of(table: Table) -> Select[*tuple[Any, ...]]:
    """The question for all rows of a table of history, their recorded columns."""
    recorder = recorder_of(table)
    assert recorder is not None
    return select(*recorder.columns)


def _rows(look: CheckScope, recorder: Recorder) -> Iterator[tuple[str, Any]]:
    """The digest of every row of a table, with the row: its recorded columns."""
    name, facts = recorder.name, recorder.facts
    for row in look.rows(_all_of(recorder.table)):
        yield row_digest(name, facts, row), row


def _as_dict(recorder: Recorder, row: Any) -> dict[str, Any]:
    return dict(zip(recorder.names, row, strict=True))


def _place_of(look: CheckScope, table: Table, row: dict[str, Any], depth: int = 3) -> UUID | None:
    """The location of a row: its own, or that of what it belongs to."""
    if row.get("location_id") is not None or depth == 0:
        return row.get("location_id")
    for key in table.foreign_key_constraints:
        parent = key.referred_table
        if recorder_of(parent) is None:
            continue
        pairs = [(element.column, row.get(element.parent.name)) for element in key.elements]
        above = look.session.execute(select(parent).where(*(column == value for column, value in pairs))).first()
        found = _place_of(look, parent, dict(above._mapping), depth - 1) if above else None
        if found is not None:
            return found
    return None


def _elsewhere(look: CheckScope, location_id: UUID | None) -> bool:
    """Whether a row belongs to a location that is not looked at."""
    return look.location_ids is not None and location_id is not None and location_id not in look.location_ids


def _otherwise(look: CheckScope) -> Iterator[Message]:
    """Rows that differ from what was recorded of them, by digest. One pass over what was recorded and one over the rows."""
    written, found = _Digests(), _Digests()
    latest: dict[str, str] = {}
    for item, *_ in _recorded(look):
        name, _, digest = item.rpartition(":")
        if ":" in name:
            latest[name] = digest
        else:
            written.add(digest)
    for recorder in recorders():
        for digest, row in _rows(look, recorder):
            if not recorder.changes:
                found.add(digest)
                continue
            values = _as_dict(recorder, row)
            name = f"{recorder.name}:{recorder.key_of(values)}"
            if latest.pop(name, None) != digest and not _elsewhere(look, _place_of(look, recorder.table, values)):
                yield messages.ROW_NOT_AS_RECORDED(table=recorder.name, key=recorder.key_of(values))
    for name, digest in latest.items():
        if digest:
            table, _, key = name.partition(":")
            yield messages.RECORDED_ROW_GONE(table=table, key=key)
    added: set[str] = set()
    gone: set[str] = set()
    for first in range(256):
        before, now = written.part(first), found.part(first)
        added |= {digest.hex() for digest in now - before}
        gone |= {digest.hex() for digest in before - now}
    if added:
        yield from _named_rows(look, added)
    if gone:
        yield from _named_records(look, gone)


def _named_rows(look: CheckScope, digests: set[str]) -> Iterator[Message]:
    for recorder in recorders():
        if recorder.changes:
            continue
        for digest, row in _rows(look, recorder):
            if digest not in digests:
                continue
            values = _as_dict(recorder, row)
            if not _elsewhere(look, _place_of(look, recorder.table, values)):
                yield messages.ROW_NOT_AS_RECORDED(table=recorder.name, key=recorder.key_of(values))


def _named_records(look: CheckScope, digests: set[str]) -> Iterator[Message]:
    slugs = dict(iter(look.session.execute(select(Location.id, Location.slug))))
    for item, location_id, number, in_log in _recorded(look):
        table, _, digest = item.partition(":")
        if digest not in digests or _elsewhere(look, location_id):
            continue
        location = slugs.get(location_id, location_id)
        if not in_log:
            yield messages.ROW_OF_ENTRY_GONE(table=table, number=number, location=location)
        elif location_id is None:
            yield messages.ROW_OF_RECORD_GONE(table=table, number=number)
        else:
            yield messages.ROW_OF_RECORD_AT_LOCATION_GONE(table=table, number=number, location=location)


def _broken_log(look: CheckScope) -> Iterator[Message]:
    seq, previous = 0, GENESIS
    rows = look.rows(
        select(
            ChangeLog.seq, ChangeLog.at, ChangeLog.location_id, ChangeLog.recorded, ChangeLog.previous_hash, ChangeLog.hash
        ).order_by(ChangeLog.seq)
    )  # fmt: skip
    for number, at, location_id, recorded, before, own in rows:
        if number != seq + 1:
            yield messages.RECORDS_MISSING(before=seq, number=number)
        elif before != previous:
            yield messages.RECORD_UNLINKED(subject=messages.RECORD_OF_CHANGE_LOG(number=number))
        if log_hash(number, at, location_id, recorded, before) != own:
            yield messages.HASH_DOES_NOT_FIT(subject=messages.RECORD_OF_CHANGE_LOG(number=number))
        seq, previous = number, own
    head = look.session.execute(select(ChangeLogHead.seq, ChangeLogHead.head_hash)).all()
    if [tuple(row) for row in head] != [(seq, previous)]:
        yield messages.HEAD_OF_CHANGE_LOG_WRONG(number=seq)
    # Every entry names the end of the log of its time: an end that was cut off later shows here.
    entries = look.rows(
        select(Location.slug, JournalEntry.seq)
        .join(Location, Location.id == JournalEntry.location_id)
        .outerjoin(ChangeLog, ChangeLog.seq == JournalEntry.log_seq)
        .where(
            look.in_scope(JournalEntry.location_id),
            JournalEntry.log_seq.is_not(None),
            func.coalesce(ChangeLog.hash, GENESIS) != JournalEntry.log_head,
        )
        .order_by(Location.slug, JournalEntry.seq)
    )
    for slug, number in entries:
        yield messages.ENTRY_NAMES_NO_RECORD(subject=messages.ENTRY_OF_LOCATION(number=number, location=slug))


def _other_bytes(look: CheckScope) -> Iterator[Message]:
    receipts = (
        select(Receipt.label, ReceiptFile.format, ReceiptFile.sha256, ReceiptFile.content)
        .join(ReceiptFile, ReceiptFile.receipt_id == Receipt.id)
        .where(look.in_scope(Receipt.location_id))
        .order_by(Receipt.label, ReceiptFile.format)
    )
    notes = (
        select(CreditNote.label, CreditNoteFile.format, CreditNoteFile.sha256, CreditNoteFile.content)
        .join(CreditNoteFile, CreditNoteFile.note_id == CreditNote.id)
        .where(look.in_scope(CreditNote.location_id))
        .order_by(CreditNote.label, CreditNoteFile.format)
    )
    for query in (receipts, notes):
        for label, paper, hash_, content in look.rows(query):
            if sha256_hex(content) != hash_:
                yield messages.FILE_CHANGED(label=label, paper=paper)


CHECKS = (
    Check(
        "change_log", "The change log is linked and complete, and entries name it", ChangeLog.location_id, _broken_log
    ),
    Check("recorded", "Every row of history is as it was recorded", JournalEntry.location_id, _otherwise),
    Check("files", "Stored PDFs are as they were first rendered", Receipt.location_id, _other_bytes),
)
