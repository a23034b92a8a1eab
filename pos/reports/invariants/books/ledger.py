"""Invariants of the ledger: balance, chain, and that entries say what the sales say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, or_, select
from sqlalchemy.orm import aliased

from pos.core.i18n.message import Message
from pos.core.messages.kept import book_checks as messages
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.credits.models import CreditLot, Redemption
from pos.domain.ledger.entries import GENESIS, EntryFacts, entry_hash
from pos.domain.ledger.models import Chain, JournalEntry, Posting
from pos.domain.locations.models import Location
from pos.domain.payments.models import Tender
from pos.domain.posting_rules.sales import REVENUE
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.till.models import CashMovement, Drawer, Shift
from pos.domain.till.rules import KINDS
from pos.reports.invariants.base import Check, CheckScope


def _names(look: CheckScope) -> dict[UUID, str]:
    return dict(iter(look.session.execute(select(Location.id, Location.slug))))


def _entry(slug: str, seq: int) -> Message:
    return messages.ENTRY_OF_LOCATION(number=seq, location=slug)


def _unbalanced(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(
            Location.slug,
            JournalEntry.seq,
            func.count(Posting.position).label("postings"),
            func.coalesce(func.sum(Posting.amount_minor), 0).label("minor"),
            func.coalesce(func.sum(case((Posting.location_id != JournalEntry.location_id, 1), else_=0)), 0).label(
                "away"
            ),
        )
        .join(Location, Location.id == JournalEntry.location_id)
        .outerjoin(Posting, Posting.entry_id == JournalEntry.id)
        .where(look.in_scope(JournalEntry.location_id))
        .group_by(Location.slug, JournalEntry.seq, JournalEntry.id)
        .having(
            (func.count(Posting.position) < 2)
            | (func.sum(Posting.amount_minor) != 0)
            | (func.sum(case((Posting.location_id != JournalEntry.location_id, 1), else_=0)) > 0)
        )
        .order_by(Location.slug, JournalEntry.seq)
    )
    for slug, seq, postings, minor, away in rows:
        if away:
            yield messages.POSTING_ELSEWHERE(subject=_entry(slug, seq))
        else:
            yield messages.POSTINGS_DO_NOT_BALANCE(subject=_entry(slug, seq), postings=postings, sum=minor)


_FACTS = (
    JournalEntry.seq, JournalEntry.event, JournalEntry.subject_id, JournalEntry.reference, JournalEntry.business_on,
    JournalEntry.posted_at, JournalEntry.actor_id, JournalEntry.shift_id, JournalEntry.client_ref, JournalEntry.currency,
    JournalEntry.previous_hash, JournalEntry.recorded, JournalEntry.log_seq, JournalEntry.log_head, JournalEntry.hash,
)  # fmt: skip


def _postings_by_entry(look: CheckScope, location_id: UUID) -> Iterator[tuple[int, tuple[tuple[str, int], ...]]]:
    """The postings of each entry of a chain, by the entry's number. Keys are left out: a million of them cost seconds."""
    rows = look.rows(
        select(JournalEntry.seq, Posting.account_key, Posting.amount_minor)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.location_id == location_id)
        .order_by(JournalEntry.seq, Posting.position)
    )
    for seq, group in groupby(rows, key=itemgetter(0)):
        yield seq, tuple((key, minor) for _, key, minor in group)


def _entries(look: CheckScope) -> Iterator[tuple[str, EntryFacts, str]]:
    """Each entry as its hash should cover it, with the hash it carries, chain by chain."""
    chains = look.session.execute(
        select(Location.id, Location.slug).where(look.in_scope(Location.id)).order_by(Location.id)
    )
    for location_id, slug in chains.all():
        postings = _postings_by_entry(look, location_id)
        at, lines = next(postings, (None, ()))
        rows = look.rows(select(*_FACTS).where(JournalEntry.location_id == location_id).order_by(JournalEntry.seq))
        for *facts, own in rows:
            found: tuple[tuple[str, int], ...] = ()
            if at == facts[0]:
                found = lines
                at, lines = next(postings, (None, ()))
            *facts, recorded, log_seq, log_head = facts
            history = None if recorded is None else tuple(recorded), log_seq, log_head
            yield slug, EntryFacts(*(location_id, *facts, found, *history)), own


def _broken_chain(look: CheckScope) -> Iterator[Message]:
    names = _names(look)
    heads = {c.location_id: c for c in look.session.scalars(select(Chain).where(look.in_scope(Chain.location_id)))}
    ends: dict[UUID, tuple[int, str]] = {}
    awaited = {location: head for location, head in look.expected_heads.items() if head != GENESIS}
    for slug, facts, own in _entries(look):
        seq, previous = ends.get(facts.location_id, (0, GENESIS))
        if facts.seq != seq + 1:
            yield messages.ENTRIES_MISSING(location=slug, before=seq, number=facts.seq)
        elif facts.previous_hash != previous:
            yield messages.ENTRY_UNLINKED(subject=_entry(slug, facts.seq))
        if entry_hash(facts) != own:
            yield messages.HASH_DOES_NOT_FIT(subject=_entry(slug, facts.seq))
        ends[facts.location_id] = facts.seq, own
        if awaited.get(facts.location_id) == own:
            del awaited[facts.location_id]
    for location in sorted({*heads, *ends}, key=lambda key: names.get(key, "")):
        name = names.get(location) or messages.LOCATION_NOT_THERE(id=location)
        seq, own = ends.get(location, (0, GENESIS))
        head = heads.get(location)
        if head is None:
            yield messages.BOOKS_WITHOUT_HEAD(location=name, number=seq)
        elif (head.seq, head.head_hash) != (seq, own):
            yield messages.HEAD_NAMES_OTHER_ENTRY(location=name, named=head.seq, number=seq)
    for location, hash_ in awaited.items():
        yield messages.END_OF_CHAIN_CUT(hash=hash_[:16], location=names.get(location, location))


# Accounts of which a location has several: one for each drawer, one for each rate.
_PARTED = frozenset({"cash_drawer", "tax_payable", "tax_not_due", "tax_payable:second", "tax_not_due:second"})


def _other_than_the_sale(look: CheckScope) -> Iterator[Message]:
    """The entry of a sale, measured by account, against the sale's own columns and rows."""

    def sums(*bases: str) -> ColumnElement[int]:
        fits: ColumnElement[bool] = Posting.account_key.in_(bases)
        for base in _PARTED.intersection(bases):
            fits = fits | Posting.account_key.startswith(f"{base}:", autoescape=True)
        return func.coalesce(func.sum(case((fits, Posting.amount_minor), else_=0)), 0)

    booked = (
        select(
            JournalEntry.subject_id,
            sums("tax_payable", "tax_not_due").label("tax"),
            sums("tax_payable:second", "tax_not_due:second").label("second_tax"),
            sums("tips_payable").label("tip"),
            sums(*REVENUE.values(), "discounts", "package_liability").label("net"),
            *(sums(kind.account).label(f"by_{kind.key}") for kind in TENDER_KINDS.values()),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.event == "sale", look.in_scope(JournalEntry.location_id))
        .group_by(JournalEntry.subject_id)
        .subquery()
    )

    def paid(kind: str) -> ScalarSelect[int]:
        return (
            select(func.coalesce(func.sum(Tender.moved_minor), 0))
            .where(Tender.sale_id == Sale.id, Tender.kind == kind)
            .scalar_subquery()
        )

    # What gift cards were sold for is owed, not earned.
    sold_cards = (
        select(func.coalesce(func.sum(SaleLine.net_minor), 0))
        .where(SaleLine.sale_id == Sale.id, SaleLine.kind == GIFT_CARD)
        .scalar_subquery()
    )
    entry = aliased(JournalEntry)
    by_tender = (
        booked.c[f"by_{kind}"] != (paid(kind) - sold_cards if kind == GIFT_CARD else paid(kind))
        for kind in TENDER_KINDS
    )
    measured = (
        or_(*by_tender)
        | (booked.c.tax != -Sale.tax_minor)
        | (booked.c.second_tax != -Sale.second_tax_minor)
        | (booked.c.tip != -Sale.tip_minor)
        | (booked.c.net != sold_cards - Sale.net_minor)
        | (entry.business_on != Sale.business_on)
        | (entry.location_id != Sale.location_id)
        | (entry.currency != Sale.currency)
    )
    rows = look.rows(
        select(Location.slug, entry.seq, entry.reference)
        .select_from(Sale)
        .join(entry, (entry.subject_id == Sale.id) & (entry.event == "sale"))
        .join(booked, booked.c.subject_id == Sale.id)
        .join(Location, Location.id == entry.location_id)
        .where(look.in_scope(Sale.location_id), measured)
        .order_by(Location.slug, entry.seq)
    )
    for slug, seq, reference in rows:
        yield messages.ENTRY_UNLIKE_SALE(subject=_entry(slug, seq), reference=reference)
    unmatched = look.rows(
        select(Location.slug, JournalEntry.seq)
        .join(Location, Location.id == JournalEntry.location_id)
        .outerjoin(Sale, Sale.id == JournalEntry.subject_id)
        .where(look.in_scope(JournalEntry.location_id), JournalEntry.event == "sale", Sale.id.is_(None))
        .order_by(Location.slug, JournalEntry.seq)
    )
    for slug, seq in unmatched:
        yield messages.ENTRY_WITHOUT_SALE(subject=_entry(slug, seq))


def _not_journalled(look: CheckScope) -> Iterator[Message]:
    """A sale that moved something: money, a discount against a price, or a credit with a value."""
    redeemed = select(Redemption.id).where(Redemption.sale_id == Sale.id, Redemption.value_minor > 0).exists()
    reduced = (
        select(SaleLine.sale_id)
        .where(SaleLine.sale_id == Sale.id, SaleLine.discount_minor > 0, SaleLine.kind != "package")
        .exists()
    )
    rows = look.rows(
        select(Receipt.label)
        .join(Sale, Sale.id == Receipt.sale_id)
        .outerjoin(JournalEntry, (JournalEntry.subject_id == Sale.id) & (JournalEntry.event == "sale"))
        .where(
            look.in_scope(Sale.location_id),
            JournalEntry.id.is_(None),
            (Sale.total_minor + Sale.tip_minor > 0) | redeemed | reduced,
        )
        .order_by(Receipt.location_id, Receipt.number)
    )
    for (label,) in rows:
        yield messages.RECEIPT_WITHOUT_ENTRY(label=label)


def _balances(look: CheckScope, *bases: str) -> dict[tuple[UUID, str], int]:
    rows = look.session.execute(
        select(Posting.location_id, Posting.account_key, func.sum(Posting.amount_minor))
        .where(look.in_scope(Posting.location_id))
        .group_by(Posting.location_id, Posting.account_key)
    )
    return {(where, key): int(minor) for where, key, minor in rows if key.partition(":")[0] in bases}


def _other_liability(look: CheckScope) -> Iterator[Message]:
    lots = look.sums(CreditLot.location_id, CreditLot.net_minor - CreditLot.recognised_minor)
    booked = {where: -minor for (where, _), minor in _balances(look, "package_liability").items()}
    for where, name in sorted(_names(look).items(), key=lambda item: item[1]):
        if lots.get(where, 0) != booked.get(where, 0):
            yield messages.CREDITS_UNLIKE_LEDGER(location=name, worth=lots.get(where, 0), owed=booked.get(where, 0))


def _by_event(look: CheckScope, base: str) -> dict[tuple[UUID, str, str], int]:
    """What each event moved on the accounts of one meaning: (location, account, event) → minor units."""
    rows = look.session.execute(
        select(Posting.location_id, Posting.account_key, JournalEntry.event, func.sum(Posting.amount_minor))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            look.in_scope(Posting.location_id),
            (Posting.account_key == base) | Posting.account_key.startswith(f"{base}:", autoescape=True),
        )
        .group_by(Posting.location_id, Posting.account_key, JournalEntry.event)
    )
    return {(where, key, event): int(minor) for where, key, event, minor in rows}


# Events whose amounts other invariants prove against their own rows.
_CORRECTED = frozenset({"refund", "refund_failed", "void", "gift_card_cash_out", "account_credit_payout"})


def _other_drawers(look: CheckScope) -> Iterator[Message]:
    """Each drawer's account against float, cash taken and movements; refunds are proved against their own rows."""
    booked = _by_event(look, "cash_drawer")
    balances: dict[tuple[UUID, str], int] = {}
    corrected: dict[tuple[UUID, str], int] = {}
    for (where, key, event), minor in booked.items():
        balances[where, key] = balances.get((where, key), 0) + minor
        if event in _CORRECTED:
            corrected[where, key] = corrected.get((where, key), 0) + minor

    def total(query: Select[*tuple[Any, ...]]) -> dict[UUID, int]:
        return {drawer: int(minor) for drawer, minor in look.session.execute(query)}

    in_shifts = look.in_scope(Shift.location_id)
    cash = total(
        select(Shift.drawer_id, func.sum(Tender.moved_minor))
        .join(Tender, Tender.shift_id == Shift.id)
        .where(in_shifts)
        .group_by(Shift.drawer_id)
    )
    direction = case(
        *((CashMovement.kind == name, kind.direction * CashMovement.amount_minor) for name, kind in KINDS.items()),
        else_=0,
    )
    moved = total(
        select(CashMovement.drawer_id, func.sum(direction))
        .where(look.in_scope(CashMovement.location_id))
        .group_by(CashMovement.drawer_id)
    )
    # What opening and closing moved: a float comes in, and at the close everything but what stays has gone.
    opened = total(
        select(Shift.drawer_id, func.sum(Shift.float_minor - Shift.opening_found_minor))
        .where(in_shifts)
        .group_by(Shift.drawer_id)
    )
    closed = total(
        select(Shift.drawer_id, func.sum(Shift.left_minor - func.coalesce(Shift.expected_minor, 0)))
        .where(in_shifts, Shift.state == "closed")
        .group_by(Shift.drawer_id)
    )
    rows = look.session.execute(
        select(Drawer.id, Drawer.location_id, Location.slug)
        .join(Location, Location.id == Drawer.location_id)
        .where(look.in_scope(Drawer.location_id))
        .order_by(Location.slug, Drawer.id)
    ).all()
    for drawer, location, slug in rows:
        account = (location, f"cash_drawer:{drawer}")
        should = sum(part.get(drawer, 0) for part in (cash, moved, opened, closed)) + corrected.get(account, 0)
        found = balances.pop(account, 0)
        if found != should:
            yield messages.DRAWER_UNLIKE_LEDGER(drawer=drawer, location=slug, should=should, found=found)
    for (_, name), minor in balances.items():
        if minor:
            yield messages.LEDGER_OF_NO_DRAWER(amount=minor, account=name)


def _other_tips(look: CheckScope) -> Iterator[Message]:
    booked: dict[UUID, dict[str, int]] = {}
    for (where, _, event), minor in _by_event(look, "tips_payable").items():
        booked.setdefault(where, {})[event] = -minor
    tips = look.sums(Sale.location_id, Sale.tip_minor)
    paid = look.sums(CashMovement.location_id, CashMovement.amount_minor, CashMovement.kind == "tip_paid_out")
    for where, name in sorted(_names(look).items(), key=lambda item: item[1]):
        events = booked.get(where, {})
        owed = sum(minor for event, minor in events.items() if event not in _CORRECTED)
        given, out = tips.get(where, 0), paid.get(where, 0)
        if given - out != owed:
            yield messages.TIPS_UNLIKE_LEDGER(location=name, given=given, paid=out, owed=owed)


def heads(look: CheckScope) -> list[tuple[Location, int, str]]:
    """The head of each chain that is looked at."""
    rows = look.session.execute(
        select(Location, Chain.seq, Chain.head_hash)
        .join(Chain, Chain.location_id == Location.id)
        .where(look.in_scope(Location.id))
        .order_by(Location.position, Location.name)
    )
    return [(location, seq, head) for location, seq, head in rows]


CHECKS = (
    Check("balanced", "Every entry balances, with two postings or more", JournalEntry.location_id, _unbalanced),
    Check("chain", "The chain is linked and complete, and every hash fits", JournalEntry.location_id, _broken_chain),
    Check("entries", "Every entry of a sale says what the sale says", Sale.location_id, _other_than_the_sale),
    Check("journalled", "Every receipt that moved something is in the journal", Receipt.location_id, _not_journalled),
    Check("liability", "The ledger owes what unused credits are worth", CreditLot.location_id, _other_liability),
    Check("drawers", "Drawer accounts hold float, cash taken and movements", Drawer.location_id, _other_drawers),
    Check("tips", "Tips owed are the tips given less those paid out", Sale.location_id, _other_tips),
)
