"""Who issues a receipt or a credit note, as its head says it, and the mark across one that is none."""

from __future__ import annotations

from invoices.documents import Clinic
from pos.core.i18n.translator import Translator
from pos.domain.locations.queries import Place


def letterhead(place: Place, w: Translator) -> Clinic:
    """Name, address, tax number, contacts, logo and colour of a location as they are now; kept with the document."""
    number_of_tax = w("Tax number")
    return Clinic(
        name=place.clinic_name,
        address=place.address_lines,
        tax_ids=tuple(f"{label or number_of_tax} {number}" for label, number in place.tax_numbers),
        contacts=tuple(c for c in (place.phone, place.email) if c),
        logo=place.logo_sha256 or "",
        accent=place.accent,
    )


def watermark(w: Translator, *, is_test: bool, simulated: bool) -> str:
    """What stands across the paper of a test sale, or of a payment that the simulator took; nothing for any other."""
    if is_test:
        return w("TEST – not a sale")
    return w("SIMULATED – no money moves") if simulated else ""
