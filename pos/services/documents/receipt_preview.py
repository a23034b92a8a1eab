"""A receipt with made-up lines, set by the code of real ones, to see what a location's receipts will look like."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid
from pos.core.hashing import sha256_hex
from pos.core.i18n.translator import Translator, translator
from pos.core.ids import new_id
from pos.core.money import Rates, exponent
from pos.domain.catalogue.queries import tax_rates
from pos.domain.locations.queries import Place
from pos.domain.locations.receipt_look import checked_logo, clean_accent, logo_content
from pos.domain.payments.models import Tender
from pos.domain.receipts.receipt_document import ReceiptFacts, SoldPackage, write_document
from pos.domain.sales.models import Sale
from pos.domain.sales.pricing import Cart, CartLine, price_cart
from pos.services.documents.renderer import render_pool, sheet_of
from pos.services.locations.location_facts import clean_note


def preview_html(
    session: Session, place: Place, *, note: str, accent: str, logo: bytes | None, remove_logo: bool, paper_format: str
) -> str:
    """A sample receipt on `80mm`, `a4` or `letter` as it would be with a note, colour and logo that need not be saved.

    What could not be saved as it is typed, such as half a colour, is shown as it is kept. Nothing is written: the sale is
    made for the page alone. Raises Invalid for another paper.
    """
    sheet = sheet_of("receipt", paper_format)
    picture = b"" if remove_logo else logo_content(session, place.logo_sha256)
    shown = place
    with suppress(Invalid):
        shown = replace(shown, receipt_note=clean_note(note))
    with suppress(Invalid):
        shown = replace(shown, accent=clean_accent(accent))
    with suppress(Invalid):
        picture = checked_logo(logo).content if logo else picture
    shown = replace(shown, logo_sha256=sha256_hex(picture) if picture else None)
    w = translator(place.locale)
    document = write_document(_sample(w, shown, tax_rates(session, place, place.today())))
    document = replace(document, number=f"{place.receipt_prefix}-000000", watermark=w("SAMPLE"))
    return render_pool().render_html(document, sheet, picture)


def _lines(w: Translator, place: Place, rates: dict[str, Rates]) -> Cart:
    scale = 10 ** (exponent(place.currency) or 2)

    def line(kind: str, name: str, units: int, category: str, quantity: int = 1) -> CartLine:
        first, second = rates.get(category, Rates(Decimal(0)))
        return CartLine(new_id(), kind, name, quantity, units * scale, category, first, second_tax_percent=second)

    lines = (
        line("variant", w("Trigger point session, 60 minutes"), 95, "service"),
        line("retail", w("Massage ball"), 14, "retail", 2),
        line("package", w("Package of five sessions"), 425, "service"),
    )
    return price_cart(lines, currency=place.currency, tax_inclusive=place.tax_inclusive, tax_method=place.tax_method)


def _sample(w: Translator, place: Place, rates: dict[str, Rates]) -> ReceiptFacts:
    cart, now = _lines(w, place, rates), clock.now()
    sale = Sale(id=new_id(), completed_at=now, tip_minor=0)
    due = cart.total_minor
    hundred = 100 * 10 ** (exponent(place.currency) or 2)
    handed = -(-due // hundred) * hundred
    paid = Tender(kind="cash", amount_minor=due, tendered_minor=handed, change_minor=handed - due, rounding_minor=0)
    package = SoldPackage(w("Package of five sessions"), 5, place.today() + timedelta(days=365))
    return ReceiptFacts(
        place=place,
        sale=sale,
        cart=cart,
        tenders=(paid,),
        paid_by={},
        portal_url="https://receipt.example/sample",
        served_by=w("Sample name"),
        desk="",
        client_name="",
        therapists={},
        used=(),
        sold=(package,),
        simulated=False,
    )
