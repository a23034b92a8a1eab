"""One clinic that a random history happens to: how it begins, who and what there is, and how a step is tried and counted."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, cast
from uuid import UUID

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos.app import create_app
from pos.core import clock
from pos.core.config import read_settings
from pos.core.database.base import db, reading, sqlite_driver
from pos.core.errors import PosError
from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan, TierPrice
from pos.domain.credits.rules.breakage import Expectation
from pos.domain.credits.rules.breakage_recognition import set_rule
from pos.domain.locations.models import Tier
from pos.domain.locations.queries import desk_place, place
from pos.domain.payments.models import Reader
from pos.domain.sales.carts import CartRequest
from pos.domain.staff.models import CommissionRule, Staff
from pos.domain.staff.queries import Person
from pos.reports.verify import verify
from pos.services.checkout.price_cart import price_request
from pos.services.checkout.ring_up import ring_up
from pos.services.packages.authorization import PackageAction
from tests.conftest import NOON, SECRET_KEY
from tests.integration.instalments.conftest import part_of
from tests.support.agreeing import disagreements
from tests.support.books import book_floats
from tests.support.build_clinic import create_clinic
from tests.support.clinic import (
    EUR_TAX,
    PRICES_FROM,
    USD_TAX,
    Clinic,
    TaxHabit,
    line,
)
from tests.support.gift_card_desk import command
from tests.support.managers_reports import reports_differ
from tests.support.pages_agree import pages_disagree
from tests.support.remembered_checks import broken_checks
from tests.support.remembered_figures import figures_once
from tests.support.totals_agree import totals_disagree

TAXES = (
    USD_TAX,
    TaxHabit("10", inclusive=True, point="redemption"),
    TaxHabit("5", second="9.975", inclusive=True, method="line"),
    TaxHabit("5", second="9.975", point="redemption"),
)
BREAKAGE = (Expectation(), Expectation("proportional", Decimal(20)), Expectation("remote", remote_months=1))
some = st.integers(0, 10_000)


class ClinicLife(RuleBasedStateMachine):
    """One clinic's life. `template` is a migrated, empty SQLite file."""

    ended = 0  # lives whose reports were compared

    template: Path
    # Counted over all lives of a run.
    accepted: ClassVar[dict[str, int]] = {}
    refused: ClassVar[dict[str, int]] = {}
    steps = 0
    each_step = True
    # How lives of each habit begin: a file to copy, and the world in it.
    begun: ClassVar[dict[tuple[TaxHabit, str], tuple[bytes, Clinic]]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.now = NOON
        self.seen: tuple[datetime, int] | None = None

    @initialize(tax=st.sampled_from(TAXES), breakage=st.sampled_from(BREAKAGE))
    def begin(self, tax: TaxHabit, breakage: Expectation) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copyfile(self.template, folder / "life.sqlite3")
        env = {
            "DATABASE_URL": f"sqlite:///{folder / 'life.sqlite3'}", "SECRET_KEY": SECRET_KEY,
            "WORKER_THREAD": "off", "BASE_URL": "http://localhost",
        }  # fmt: skip
        self.app = create_app(read_settings(env, instance_dir=folder))
        self.stack.callback(self._end)
        file, habits = folder / "life.sqlite3", (tax, breakage.method)
        if habits not in self.begun:
            self._build(tax, breakage)
            self._end()
            self.begun[habits] = file.read_bytes(), deepcopy(replace(self.world, app=cast(Flask, None)))
        self._end()
        content, world = self.begun[habits]
        file.write_bytes(content)
        self.world = replace(deepcopy(world), app=self.app)
        self.watch = sqlite_driver().connect(str(file))
        self.stack.callback(self.watch.close)
        # Refused where tax is due at redemption: such packages are paid whole.
        first = part_of(self.world, 150_00, plan="five")
        self.attempt("first part", lambda: self._pay(first, self.world.ben))

    def _build(self, tax: TaxHabit, breakage: Expectation) -> None:
        with clock.at(self.now):
            self.world: Clinic = book_floats(create_clinic(self.app, SECRET_KEY, usd=tax, eur=EUR_TAX))
            if breakage.method != "lapse":
                self.world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
                self.world.write(lambda s: set_rule(s, self.world.usd.location_id, self.now.date(), breakage))
            reader = {"desk_id": self.world.usd.desk, "stripe_reader_id": "tmr_1", "label": "Reader"}
            self.world.write(lambda session: session.add(Reader(**reader)))
            self.world.write(self._prepare)
            # Something to act upon, so that few steps are lost to an empty clinic.
            self.world.buy("ten", self.world.ana)
            self.world.buy("five", self.world.ben)
            self.world.sell(line("trigger_60", 2), line("aromatherapy"), client=self.world.ana)

    def _prepare(self, session: Session) -> None:
        """Packages may be paid in parts; the therapist is senior, and earns a commission like whoever is at the desk."""
        session.execute(update(PackagePlan).values(deposit_percent=Decimal(20)))
        session.add(Tier(level=1, name="Senior"))
        session.execute(update(Staff).where(Staff.id == self.world.therapist.id).values(tier=1))
        session.flush()
        for person, visit, sale in ((self.world.therapist, "33.33", "7"), (self.world.receptionist, "0", "12.5")):
            percents = {"visit_percent": Decimal(visit), "sale_percent": Decimal(sale)}
            session.add(CommissionRule(staff_id=person.id, from_on=self.now.date(), **percents))
        for item, minor in (("trigger_60", 20_00), ("trigger_90", 33_33)):
            place_id, key = self.world.usd.location_id, self.world.items[item]
            session.add(
                TierPrice(level=1, item_id=key, location_id=place_id, from_on=PRICES_FROM, surcharge_minor=minor)
            )

    def _end(self) -> None:
        with self.app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()

    def teardown(self) -> None:
        try:
            self.reports_agree()
        finally:
            self.stack.close()

    def reports_agree(self) -> None:
        """At the end of a life every report and file says the same of it, day by day and to the cent."""
        if not hasattr(self, "world"):
            return
        web = self.app.test_client()
        with clock.at(self.now):
            web.set_cookie("tp_office", self.world.office_cookie(self.world.owner), path="/office")
        with clock.at(self.now), self.app.app_context(), figures_once():
            # Nothing is sold at the second place: it is read, and each day summed, in the first life, then in every eighth.
            whole = ClinicLife.ended % 8 == 0
            for site in (self.world.usd, self.world.eur)[: 1 + whole]:
                where = place(reading(), site.location_id)
                assert disagreements(reading(), where) == []
                assert pages_disagree(web, reading(), where) == []
                # The rows behind each figure are a third of the work, so every other life reads them.
                assert reports_differ(reading(), where, rows_too=ClinicLife.ended % 2 == 0) == []
                assert not whole or totals_disagree(where) == []
            if self.each_step:  # by remembered checks; here `pos verify` itself is asked
                assert [(result.key, result.first) for result in verify(reading()) if not result.holds] == []
            else:
                assert broken_checks(reading()) == {}
            db.session.remove()
        ClinicLife.ended += 1

    # ---- helpers

    def written(self) -> int:
        """A number that is another one after anybody has written."""
        return int(self.watch.execute("PRAGMA data_version").fetchone()[0])

    def attempt(self, name: str, action: Callable[[], Any]) -> Any:
        """Do something the clinic may refuse."""
        with clock.at(self.now), self.app.app_context():
            try:
                done = action()
            except PosError as error:
                self.refused[name] = self.refused.get(name, 0) + 1
                if os.environ.get("SHOW_REFUSALS"):
                    print(name, error.sentence)  # noqa: T201  (asked for)
                return None
            finally:
                db.session.remove()
        self.accepted[name] = self.accepted.get(name, 0) + 1
        return done

    def _pay(self, wanted: CartRequest, client: UUID | None) -> Any:
        """Ring a ticket up with notes of five and their change."""
        with self.world.read() as session:
            where = desk_place(session, self.world.usd.desk).place
            rest = price_request(session, where, wanted, client_id=client, day=where.today()).rest_minor
        return ring_up(command(self.world, wanted, cash=-(-rest // 5_00) * 5_00, client=client))

    def pick(self, number: int, model: Any, *where: Any) -> Any | None:
        """One of the rows there are, if there is any."""
        with self.app.app_context():
            rows = reading().scalars(select(model).where(*where).order_by(model.id)).all()
            db.session.remove()
        return rows[number % len(rows)] if rows else None

    def action(self) -> PackageAction:
        owner = self.world.owner
        places = frozenset({self.world.usd.location_id, self.world.eur.location_id})
        return PackageAction(new_id(), Person(owner.id, owner.name, owner.role, places), "It was asked for.")

    def client(self, number: int) -> UUID:
        return (self.world.ana, self.world.ben)[number % 2]

    # ---- time

    @rule(hours=st.sampled_from((1, 5, 24, 24 * 7, 24 * 40, 24 * 200)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # ---- selling
