"""Random edits of prices, items, taxes, locations and people change nothing that was sold, printed or booked.

Receipts as pages, the rows of sales, the report and the ledger of a day stay byte for byte.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.errors import PosError
from pos.core.hashing import canonical
from pos.core.plain_json import to_plain
from pos.domain.catalogue.price_list import listed_items, listed_prices
from pos.domain.catalogue.services_and_items import ItemTerms, ServiceTerms, kept_items, kept_services
from pos.domain.catalogue.tax_rates import TAX_POINTS, TaxSetting
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.models import Location
from pos.domain.locations.queries import place
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import SaleLine
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person
from pos.reports.period import Scope
from pos.reports.sales.sales_export import sales_report
from pos.services.catalogue.location_settings import set_tax_setting
from pos.services.catalogue.menu_order import move_on_menu
from pos.services.catalogue.price_list import PriceChange, change_prices
from pos.services.catalogue.services_and_items import (
    retire_item,
    retire_service,
    write_item,
    write_service,
)
from pos.services.catalogue.tax_categories import rename_tax_category
from pos.services.locations.location_facts import facts_of
from pos.services.locations.locations import edit_location
from pos.services.staff.people import change_person, terms_of
from tests.support.clinic import Clinic, line


def history(clinic: Clinic) -> dict[str, list[str]]:
    """All that was sold, printed, reported and posted."""
    with clinic.read() as session:
        where = place(session, clinic.usd.location_id)
        day = where.today()
        rows = {
            table.__tablename__: sorted(
                canonical(to_plain({column.key: getattr(row, column.key) for column in table.__table__.columns}))
                for row in session.scalars(select(table))
            )
            for table in (Receipt, SaleLine, JournalEntry, Posting)
        }
        # Reports call a location and a person by today's name; the figures and everything else are of their day.
        named = re.compile(rf"River \d+|Person \d+|{where.name}|{clinic.receptionist.name}")
        report = sales_report(session, Scope((where,), day, day))
        rows["report"] = [named.sub("name", ",".join(map(str, row))) for row in report]
        tokens = sorted(session.scalars(select(Receipt.token)))
    web = clinic.app.test_client()
    return rows | {"pages": [_printed(web.get(f"/r/{token}").get_data(as_text=True)) for token in tokens]}


def _printed(page: str) -> str:
    """The receipt on its page; what stands around it differs from one answer to the next."""
    return page[page.index("<main") : page.index("</main>")]


def edit(clinic: Clinic, dice: random.Random, person: Person, number: int) -> None:
    """One edit of something."""
    with clinic.read() as session:
        service, item = dice.choice(kept_services(session)), dice.choice(kept_items(session))
        where = place(session, clinic.usd.location_id)
        listed, prices = dice.choice(listed_items(session)), listed_prices(session, [where])
    today = clock.now().date()
    what = dice.choice(
        ("service", "item", "price", "move", "retire", "retire_service", "tax", "category", "place", "person")
    )
    if what == "service":
        texts = ServiceTerms(f"Service {number}", f"S{number}", "Another text.")
        write_service(service_id=service.service_id, terms=texts, person=person, seen=service.state_token)
    elif what == "item":
        terms = ItemTerms(item.terms.kind, f"Item {number}", dice.choice(("service", "goods")), code=f"OWN-{number}")
        write_item(item_id=item.item_id, terms=terms, person=person, seen=item.state_token)
    elif what == "price":
        seen = prices[listed.item_id, where.id].price_minor
        wanted = dice.choice((None, 1, 999_99))
        change = PriceChange(listed.item_id, where.id, seen, wanted)
        change_prices(changes=[change], from_on=today, person=person)
    elif what == "move":
        move_on_menu(key=dice.choice((service.service_id, item.item_id)), step=dice.choice((-1, 1)), person=person)
    elif what == "retire":
        retire_item(item_id=item.item_id, person=person, retired=item.active)
    elif what == "tax":
        category, percent = dice.choice(("service", "goods")), Decimal(dice.randint(0, 30))
        setting = TaxSetting(category, where.today(), percent, dice.choice(TAX_POINTS))
        set_tax_setting(location_id=where.id, staff_id=person.id, setting=setting)
    elif what == "category":
        rename_tax_category(key=dice.choice(("service", "goods")), name=f"Taxed {number}", person=person)
    elif what == "place":
        with clinic.read() as session:
            facts = facts_of(session.get_one(Location, where.id))
        texts = {"name": f"River {number}", "clinic_name": f"Clinic {number}", "receipt_note": f"Note {number}"}
        texts |= {"address_lines": (f"{number} Street",), "tax_label": f"Tax {number}", "slug": f"river-{number}"}
        edit_location(location_id=where.id, facts=replace(facts, **texts), seen=facts.state_token, person=person)
    elif what == "person":
        with clinic.read() as session:
            terms = terms_of(session, clinic.receptionist.id)
        role = dice.choice((Role.RECEPTIONIST, Role.MANAGER, Role.BOOKKEEPER))
        changed = replace(terms, name=f"Person {number}", role=role, treats=dice.random() < 0.5)
        change_person(staff_id=clinic.receptionist.id, terms=changed, person=person)
    else:
        retire_service(service_id=service.service_id, person=person, retired=service.active)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_catalogue_random_edits_change_nothing_that_was_sold(clinic: Clinic, seed: int) -> None:
    clinic.sell(line("trigger_60"), line("oil"), line("aromatherapy"), client=clinic.ana)
    lot_id = clinic.buy("five", clinic.ana)
    clinic.sell(line("trigger_60"), line("hot_compress"), client=clinic.ana)  # by a credit
    clinic.sell(line("foot_60"), site=clinic.eur)
    before = history(clinic)
    owner = clinic.owner
    person = Person(owner.id, owner.name, owner.role, frozenset({clinic.usd.location_id, clinic.eur.location_id}))
    dice, done = random.Random(seed), 0
    with clinic.app.app_context():
        for number in range(60):
            try:
                edit(clinic, dice, person, number)
                done += 1
            except PosError:
                continue  # refused, as an edit may be
    assert done > 15
    assert history(clinic) == before
    left = clinic.lot(lot_id).remaining
    clinic.sell(line("trigger_60"), client=clinic.ana)
    assert clinic.lot(lot_id).remaining == left - 1  # what was sold is still redeemed
