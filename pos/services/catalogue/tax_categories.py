"""Adding, naming and retiring tax categories, which hold at every location; each change is audited."""

from __future__ import annotations

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.domain.catalogue import tax_rates
from pos.domain.staff.queries import Person, require_everywhere


@unit_of_work
def add_tax_category(session: Session, *, name: str, person: Person) -> str:
    """Add a category and return its key; raises NotAllowed, and Invalid for its name."""
    require_everywhere(session, person)
    row = tax_rates.add_category(session, name)
    audit.note_change(
        session, "tax_category.added", before={}, after={"key": row.key, "name": row.name}, actor_id=person.id
    )
    return row.key


@unit_of_work
def rename_tax_category(session: Session, *, key: str, name: str, person: Person) -> None:
    """Call a category otherwise; raises NotAllowed, NotFound, Invalid."""
    require_everywhere(session, person)
    row = tax_rates.category(session, key)
    before = row.name
    tax_rates.rename_category(session, row, name)
    audit.note_change(session, "tax_category.renamed", before={key: before}, after={key: row.name}, actor_id=person.id)


@unit_of_work
def retire_tax_category(session: Session, *, key: str, person: Person) -> None:
    """Offer a category for nothing new; raises NotAllowed, NotFound, and Conflict while something on sale uses it."""
    _set_active(session, key, person, active=False)


@unit_of_work
def bring_back_tax_category(session: Session, *, key: str, person: Person) -> None:
    """Offer a retired category again; raises NotAllowed, NotFound."""
    _set_active(session, key, person, active=True)


def _set_active(session: Session, key: str, person: Person, *, active: bool) -> None:
    require_everywhere(session, person)
    row = tax_rates.category(session, key)
    before = row.active
    tax_rates.set_category_active(session, row, active=active)
    action = "tax_category.brought_back" if active else "tax_category.retired"
    audit.note_change(session, action, before={key: before}, after={key: active}, actor_id=person.id)
