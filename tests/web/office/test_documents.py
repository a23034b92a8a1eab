"""A document declared once gets a page and a PDF at the register and in the office, and its rows in the permission table."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from msgspec.structs import replace

from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.messages.till import NO_SUCH_OPEN_SHIFT
from pos.domain.staff.permissions import Permission
from pos.domain.till.models import Shift
from pos.services.documents.registry import DECLARED, Address, Printed, Reader, document
from tests.support.clinic import Clinic
from tests.unit.invoices.samples import REPORT
from tests.web.permissions.asking import browser_of
from tests.web.permissions.permission_matrix import document_rows


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    """A sheet about a shift, for as long as the test runs."""

    @document(
        "throw_away",
        register=Address("/shift-sheets/<uuid:shift_id>", Permission.RUN_DRAWER, "80mm"),
        office=Address("/money/shift-sheets/<uuid:shift_id>", Permission.MANAGE_BOOKS),
    )
    def build(shift_id: UUID, reader: Reader) -> Printed:
        shift = reading().get(Shift, shift_id)
        if shift is None or shift.location_id not in reader.location_ids:
            raise NotFound(NO_SUCH_OPEN_SHIFT)
        return Printed(replace(REPORT, title=f"Shift seen from the {reader.interface}"), "shift")

    yield
    del DECLARED["throw_away"]


@pytest.fixture
def shift_id(clinic: Clinic) -> UUID:
    """The open shift of the first desk."""
    with clinic.read() as session:
        return next(shift.id for shift in session.query(Shift) if shift.location_id == clinic.usd.location_id)


@pytest.mark.parametrize(("path", "who"), [("register", "receptionist"), ("office/money", "owner")])
def test_declared_document_is_a_page_and_a_pdf(clinic: Clinic, shift_id: UUID, path: str, who: str) -> None:
    web = browser_of(clinic, who)
    page = web.get(f"/{path}/shift-sheets/{shift_id}.html")
    assert (page.status_code, f"Shift seen from the {path.split('/', maxsplit=1)[0]}" in page.text) == (200, True)
    paper = web.get(f"/{path}/shift-sheets/{shift_id}.pdf?format=letter")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    assert web.get(f"/{path}/shift-sheets/{shift_id}.pdf?format=a7").status_code == 422
    assert web.get(f"/{path}/shift-sheets/{clinic.ana}.html").status_code == 404


def test_declared_document_is_guarded_by_its_permission_and_has_its_rows_in_the_table(
    clinic: Clinic, shift_id: UUID
) -> None:
    assert [str(row) for row in document_rows(DECLARED["throw_away"])] == [
        "GET /register/shift-sheets/<uuid:shift_id>.html",
        "GET /register/shift-sheets/<uuid:shift_id>.pdf",
        "GET /office/money/shift-sheets/<uuid:shift_id>.html",
        "GET /office/money/shift-sheets/<uuid:shift_id>.pdf",
    ]
    for who, status in (("manager", 200), ("bookkeeper", 403), ("receptionist", 403), ("anonymous", 303)):
        assert browser_of(clinic, who).get(f"/office/money/shift-sheets/{shift_id}.html").status_code == status, who
