"""Opening balances from another system, read from CSV: a dry run that names each wrong row, and control totals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.hashing import sha256_hex
from pos.core.i18n.name_folding import same_name
from pos.core.i18n.sanitize import printable
from pos.core.messages import imports as messages
from pos.core.messages.catalogue import SECOND_TAX_HAS_NO_NAME
from pos.core.money import cumulative_share
from pos.domain.catalogue.queries import Picked, menu
from pos.domain.catalogue.tax_rates import require_rate
from pos.domain.clients.queries import by_email
from pos.domain.clients.registration import clean_name, normal_email, normal_phone
from pos.domain.locations.queries import Place
from pos.domain.operations.models import BalanceImport
from pos.services.imports.csv_table import MEGABYTE, amount_of, read_table

T = TypeVar("T")

COLUMNS = (
    "given_name", "family_name", "email", "phone", "package", "sessions", "left", "net_paid", "expires_on", "tax_paid",
    "tax_percent", "second_tax_percent", "reference",
)  # fmt: skip
NEEDED = ("given_name", "package", "sessions", "left", "net_paid", "reference")
MOST_BYTES = 5 * MEGABYTE
MOST_ROWS = 20_000
_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0", ""}


@dataclass(frozen=True)
class BalanceRow:
    """One row: what a client has left. `value_minor` is the unused part of what was paid, net of tax."""

    number: int
    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    item: Picked
    sessions: int
    left: int
    value_minor: int
    expires_on: date | None
    tax_paid: bool
    tax_percent: Decimal
    reference: str
    second_tax_percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class RowError:
    """What is wrong in a row: its number in the file (the heading is row 1), the column, and a sentence."""

    number: int
    column: str
    sentence: str


@dataclass
class BalanceFile:
    """A file as it was read: the rows that are right, the errors, the hash of the file, and list prices by item."""

    name: str
    sha256: str
    currency: str
    prices: dict[UUID, int] = field(default_factory=dict)
    rows: list[BalanceRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def credits(self) -> int:
        """Control total: sessions left."""
        return sum(row.left for row in self.rows)

    @property
    def value_minor(self) -> int:
        """Control total: what is owed in them, net of tax, minor units."""
        return sum(row.value_minor for row in self.rows)

    def require_right(self) -> None:
        """Raise Invalid with the first error where the file has any, or no row."""
        if self.errors:
            first = self.errors[0]
            raise Invalid(
                messages.ROW_WRONG(number=first.number, column=first.column, sentence=first.sentence), field="file"
            )
        if not self.rows:
            raise Invalid(messages.FILE_WITHOUT_ROWS, field="file")


def _item_key(name: str) -> str:
    """A package's name whatever sign of multiplication and blanks were typed: 10 × 60 min, 10x60 MIN."""
    return re.sub(r"(?<=\d) ?[x×✕*] ?(?=\d)", "x", " ".join(name.casefold().split()))


class _Reader:
    """Reads one row; each column that does not fit adds an error instead of raising."""

    def __init__(self, number: int, values: dict[str, str], errors: list[RowError]) -> None:
        self.number, self.errors = number, errors
        self.values = dict.fromkeys(COLUMNS, "") | values

    def wrong(self, column: str, sentence: str) -> None:
        self.errors.append(RowError(self.number, column, sentence))

    def read(self, column: str, convert: Callable[[str], T]) -> T | None:
        try:
            return convert(self.values[column])
        except Invalid as error:
            self.wrong(column, error.sentence)
            return None

    def optional(self, column: str, convert: Callable[[str], T]) -> T | None:
        return self.read(column, convert) if self.values[column] else None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 999 or len(text) > 6:
        raise Invalid(messages.NOT_A_NUMBER_OF_SESSIONS(typed=text[:20]))
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(messages.ROW_NOT_A_DAY(typed=text[:20])) from error


def _yes(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise Invalid(messages.NEITHER_YES_NOR_NO(typed=text[:20]))


def _percent(text: str) -> Decimal:
    try:
        found = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation as error:
        raise Invalid(messages.NOT_A_PERCENTAGE(typed=text[:20])) from error
    if not found.is_finite() or not 0 <= found < 100:
        raise Invalid(messages.TAX_PERCENT_OUT_OF_RANGE)
    require_rate(found)
    return found


def _reference(text: str) -> str:
    found = printable(text, 80)
    if not found:
        raise Invalid(messages.REFERENCE_MISSING)
    return found


def _known_references(session: Session, place: Place) -> set[str]:
    rows = session.scalars(
        select(BalanceImport.lots).where(BalanceImport.location_id == place.id, BalanceImport.state == "committed")
    )
    return {lot["reference"] for lots in rows for lot in lots}


def _row(r: _Reader, place: Place, items: dict[str, Picked], seen: set[str]) -> BalanceRow | None:
    before = len(r.errors)

    def item_of(text: str) -> Picked:
        found = items.get(_item_key(text))
        if found is None:
            raise Invalid(messages.NEITHER_PACKAGE_NOR_TREATMENT(typed=text[:60], place=place.name))
        return found

    def reference_of(text: str) -> str:
        found = _reference(text)
        if found in seen:
            raise Invalid(messages.REFERENCE_IMPORTED_BEFORE(reference=found))
        seen.add(found)
        return found

    given = r.read("given_name", lambda text: clean_name(text, field="given_name"))
    family = r.read("family_name", lambda text: clean_name(text, field="family_name", needed=False))
    email = r.optional("email", normal_email)
    phone = r.optional("phone", lambda text: normal_phone(text, place.country))
    item, sessions, left = r.read("package", item_of), r.read("sessions", _count), r.read("left", _count)
    paid = r.read("net_paid", lambda text: amount_of(text, place))
    expires, reference = r.optional("expires_on", _day), r.read("reference", reference_of)
    tax_paid, percent = r.read("tax_paid", _yes), r.optional("tax_percent", _percent)
    second = r.optional("second_tax_percent", _percent)
    if second and not place.second_tax_label:
        r.wrong("second_tax_percent", SECOND_TAX_HAS_NO_NAME)
    if sessions is not None and left is not None and left > sessions:
        r.wrong("left", messages.MORE_LEFT_THAN_SOLD(left=left, sessions=sessions))
    if expires is not None and expires < place.today():
        r.wrong("expires_on", messages.ROW_PACKAGE_EXPIRED)
    if len(r.errors) > before:
        return None
    assert given is not None and item is not None and sessions is not None and left is not None  # noqa: PT018  (narrows all of them)
    assert paid is not None and reference is not None  # noqa: PT018  (as above)
    return BalanceRow(
        number=r.number,
        given_name=given,
        family_name=family or "",
        email=email,
        phone=phone,
        item=item,
        sessions=sessions,
        left=left,
        value_minor=paid - cumulative_share(paid, sessions - left, sessions),
        expires_on=expires,
        tax_paid=bool(tax_paid),
        tax_percent=percent or Decimal(0),
        reference=reference,
        second_tax_percent=second or Decimal(0),
    )


def _other_owner(session: Session, row: BalanceRow, owners: dict[str, str]) -> str | None:
    """The name of whoever has the row's address under another name, here or above in the file: it is one person's."""
    if not row.email:
        return None
    name = f"{row.given_name} {row.family_name}".strip()
    client = by_email(session, row.email)
    owner = f"{client.given_name} {client.family_name}".strip() if client else owners.setdefault(row.email, name)
    return None if same_name(owner, name) else owner


def read_balances(session: Session, place: Place, content: bytes, name: str) -> BalanceFile:
    """Read a file of balances for a location; nothing is changed. Raises Invalid for what is no such table at all."""
    found = BalanceFile(name=printable(name, 200), sha256=sha256_hex(content), currency=place.currency)
    shelf = menu(session, place, place.today())
    variants = [variant for group in shelf.services for variant in group.variants]
    items = {_item_key(item.name): item for item in (*variants, *shelf.packages)}
    found.prices = {item.item_id: item.price_minor for item in shelf.all()}
    seen = _known_references(session, place)
    owners: dict[str, str] = {}
    table = read_table(content, needed=NEEDED, known=COLUMNS, most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    for number, values in table:
        row = _row(_Reader(number, values, found.errors), place, items, seen)
        if row is None:
            continue
        if other := _other_owner(session, row, owners):
            sentence = messages.EMAIL_OF_OTHER_CLIENT(email=row.email, other=other)
            found.errors.append(RowError(number, "email", sentence))
            continue
        found.rows.append(row)
    return found
