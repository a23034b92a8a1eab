"""Statements of one sale by person: what of it was for whom. No receipt: that is one for each sale, and its client's."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from invoices.documents import REPORT_LABELS, Column, ReportDocument, Section
from pos.core.clock import zone
from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.i18n.translator import Translator, translator
from pos.core.messages.sales import NO_SUCH_SALE
from pos.domain.clients.queries import name_of
from pos.domain.locations.queries import place as place_of
from pos.domain.receipts import repository as receipts
from pos.domain.receipts.letterhead import letterhead
from pos.domain.sales import repository as sales
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.services.documents.registry import Address, Printed, Reader, document


def _words(w: Translator, line: SaleLine, staff: dict[UUID, str], currency: str) -> str:
    parts = [line.name if line.quantity == 1 else f"{line.quantity} × {line.name}"]
    if line.therapist_id in staff:
        parts.append(staff[line.therapist_id])
    if line.cover == "credit":
        parts.append(w("paid by credits"))
    elif line.cover:
        parts.append(w("included with the package"))
    if line.discount_minor:
        parts.append(w("less %(amount)s discount", amount=w.amount(line.discount_minor, currency)))
    return " · ".join(parts)


def _sections(session: Session, w: Translator, sale: Sale) -> tuple[Section, ...]:
    by_person: dict[UUID | None, list[SaleLine]] = {}
    for line in sales.lines_of(session, sale.id):
        by_person.setdefault(line.person_id or sale.client_id, []).append(line)
    staff = names(session)
    found = []
    for person, lines in by_person.items():
        rows = tuple(
            (_words(w, line, staff, sale.currency), w.amount(line.net_minor + line.tax_minor, sale.currency))
            for line in lines
        )
        total = sum(line.net_minor + line.tax_minor for line in lines)
        found.append(
            Section(
                columns=(Column(heading=w("What")), Column(heading=w("With tax"), align="end")),
                rows=rows,
                heading=w("for %(name)s", name=name_of(session, person)) if person else w("Walk-in"),
                total_rows=((w("Together"), w.money(total, sale.currency)),),
            )
        )
    return tuple(found)


@document("visit_statements", register=Address("/sales/<uuid:sale_id>/statements", Permission.RING_UP, paper="80mm"))
def visit_statements(sale_id: UUID, reader: Reader) -> Printed:
    """What of a sale was for each person, tax included, without the tip, and the receipt it stands on; raises NotFound."""
    session = reading()
    sale = sales.sale(session, sale_id)
    if sale is None or sale.location_id not in reader.location_ids:
        raise NotFound(NO_SUCH_SALE)
    place, receipt = place_of(session, sale.location_id), receipts.of_sale(session, sale.id)
    w = translator(place.locale)
    paper = ReportDocument(
        language=place.locale.replace("_", "-"),
        title=w("Statement by person"),
        subtitle=w("Receipt %(receipt)s", receipt=receipt.label),
        clinic=letterhead(place, w),
        issued_at=w.moment(sale.completed_at, place.time_zone),
        issued_iso=sale.completed_at.astimezone(zone(place.time_zone)).isoformat(timespec="seconds"),
        sections=_sections(session, w, sale),
        footer=w("This is no receipt. The receipt names everybody and is kept by who paid."),
        labels={key: w(text) for key, text in REPORT_LABELS.items()},
    )
    return Printed(paper, f"statement-{receipt.label}")
