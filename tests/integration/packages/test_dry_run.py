"""What a package adjustment would do: told without waiting for anybody, and exactly what it then does."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import Base, engine, reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, PosError
from pos.domain.catalogue.models import PackagePlan
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot, LotShare
from pos.domain.credits.rules.breakage import Expectation
from pos.domain.ledger.models import Chain
from pos.domain.locations.queries import places
from pos.services.catalogue.location_settings import set_breakage
from pos.services.packages import adjust_credits, freeze_and_extend, share_and_transfer
from pos.services.packages.breakage import recognise_breakage
from pos.services.packages.dry_run import Preview, booked_after, preview, standing
from pos.web.office.packages.adjustments import KINDS
from tests.support.barrier import PATIENCE
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.package_actions import moves, package_action

# Long enough for what need not wait, on a busy machine.
AT_ONCE = 20.0


@dataclass
class Case:
    """An adjustment that is possible: the unit of work, the lot, and what it takes beside the package_action."""

    conduct: Callable[..., Any]
    lot: UUID
    takes: dict[str, Any]


def _ready(world: Clinic, kind: str) -> Case:
    """A package with a visit used, and whatever must be there before an adjustment of this kind."""
    with world.app.app_context():
        lot = world.buy("ten", world.ana)
        world.sell(line("trigger_60"), client=world.ana)
        ends = world.lot(lot).expires_on
        assert ends is not None
        to = ends + timedelta(days=30)
        match kind:
            case "freeze":
                until = clock.now().date() + timedelta(days=20)
                return Case(freeze_and_extend.freeze_package, lot, {"lot_id": lot, "until_on": until})
            case "unfreeze":
                with clock.at(clock.now() - timedelta(days=9)):
                    freeze_and_extend.freeze_package(package_action(world), lot)
                return Case(freeze_and_extend.unfreeze_package, lot, {"lot_id": lot})
            case "extend":
                return Case(freeze_and_extend.extend_package, lot, {"lot_id": lot, "to": to})
            case "burn":
                return Case(adjust_credits.forfeit_credit, lot, {"lot_id": lot, "cause": "no_show"})
            case "restore":
                adjust_credits.forfeit_credit(package_action(world), lot, cause="no_show")
                return Case(adjust_credits.undo_forfeit, lot, {"move_id": moves(world, lot, "burn")[0]})
            case "reverse":
                return Case(adjust_credits.reverse_redemption, lot, {"move_id": moves(world, lot, "redeem")[0]})
            case "share":
                return Case(share_and_transfer.share_package, lot, {"lot_id": lot, "client_id": world.ben, "cap": 2})
            case "end-share":
                share = share_and_transfer.share_package(package_action(world), lot, client_id=world.ben)
                return Case(share_and_transfer.end_share, lot, {"lot_id": lot, "share_id": share})
            case "transfer":
                takes = {"lot_id": lot, "credits": 3, "receiver_id": world.ben}
                return Case(share_and_transfer.transfer_credits, lot, takes)
    raise AssertionError(kind)


def _look(world: Clinic, lot: UUID) -> tuple[Any, int]:
    """How a lot stands, and the number of the last entry of its location."""
    with world.read() as session:
        return standing(session, lot), session.scalars(
            select(Chain.seq).where(Chain.location_id == world.usd.location_id)
        ).one()


def _engine(world: Clinic) -> str:
    with world.app.app_context():
        return engine().dialect.name


def _rows(world: Clinic) -> dict[str, int]:
    with world.read() as session:
        return {
            table.name: session.scalars(select(func.count()).select_from(table)).one()
            for table in Base.metadata.sorted_tables
        }


def _told_and_done(world: Clinic, case: Case) -> tuple[Preview, Preview]:
    """The preview of an adjustment, and what it then did."""
    action = package_action(world)
    with world.app.app_context():
        told = preview(case.lot, case.conduct, action, **case.takes)
    before, last = _look(world, case.lot)
    with world.app.app_context():
        case.conduct(action, **case.takes)
    after, _ = _look(world, case.lot)
    with world.read() as session:
        return told, Preview(before, after, booked_after(session, world.usd.location_id, last))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_preview_of_any_adjustment_tells_what_it_then_does_and_leaves_nothing(clinic: Clinic, kind: str) -> None:
    book_floats(clinic)
    case = _ready(clinic, kind)
    rows, looked = _rows(clinic), _look(clinic, case.lot)
    with clinic.app.app_context():
        preview(case.lot, case.conduct, package_action(clinic), **case.takes)
    assert (_rows(clinic), _look(clinic, case.lot)) == (rows, looked)
    told, done = _told_and_done(clinic, case)
    assert told == done
    assert bool(told.postings) == (kind in ("burn", "restore", "reverse"))
    assert failing(clinic) == {}


@pytest.mark.parametrize("kind", ["burn", "restore", "reverse", "transfer"])
def test_a_preview_tells_of_tax_that_becomes_due_and_of_breakage_taken_back(
    build_clinic: Callable[..., Clinic], kind: str
) -> None:
    world = book_floats(build_clinic(usd=TaxHabit("10", inclusive=True, point="redemption")))
    world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
    case = _ready(world, kind)
    with world.app.app_context():
        today = places(reading())[0].today()
        set_breakage(
            location_id=world.usd.location_id,
            staff_id=world.manager.id,
            from_on=today,
            expectation=Expectation("proportional", Decimal(90)),
        )
        assert recognise_breakage(places(reading()))
    told, done = _told_and_done(world, case)
    assert told == done
    assert "breakage" in str(told.postings).lower() or kind in ("restore", "reverse")
    assert failing(world) == {}


def test_a_preview_refuses_what_the_adjustment_refuses(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        with pytest.raises(Invalid) as refused:
            preview(lot, freeze_and_extend.extend_package, package_action(clinic), lot_id=lot, to=clock.now().date())
        assert refused.value.field == "to"
        freeze_and_extend.freeze_package(package_action(clinic), lot)
        with pytest.raises(Conflict):
            preview(lot, adjust_credits.forfeit_credit, package_action(clinic), lot_id=lot, cause="no_show")
        with pytest.raises(PosError):
            preview(lot, freeze_and_extend.freeze_package, package_action(clinic, "no"), lot_id=lot)


@contextmanager
def _beside(world: Clinic, work: Callable[[threading.Event, threading.Event], Any]) -> Iterator[Future[Any]]:
    """Run `work` in another thread until it says it is inside; it goes on when the block ends."""
    inside, leave = threading.Event(), threading.Event()

    def run() -> Any:
        with world.app.app_context():
            return work(inside, leave)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(run)
        try:
            assert inside.wait(PATIENCE)
            yield other
        finally:
            leave.set()
            other.result(PATIENCE)


def _sale_under_way(world: Clinic, lot: UUID, inside: threading.Event, leave: threading.Event) -> None:
    """A unit of work that holds the lot and the head of the books, as a sale does, and has not ended."""

    @unit_of_work
    def held(session: Session) -> None:
        session.execute(update(CreditLot).where(CreditLot.id == lot).values(tier=CreditLot.tier))
        session.execute(update(Chain).values(seq=Chain.seq))
        inside.set()
        assert leave.wait(PATIENCE)

    held()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_preview_answers_while_a_sale_is_written_and_the_adjustment_waits(clinic: Clinic, kind: str) -> None:
    case = _ready(clinic, kind)

    def act(conduct: Callable[..., Any], *first: Any) -> Any:
        with clinic.app.app_context():
            return conduct(*first, package_action(clinic), **case.takes)

    with ThreadPoolExecutor(2) as pool:
        with _beside(clinic, partial(_sale_under_way, clinic, case.lot)):
            told = pool.submit(act, preview, case.lot, case.conduct).result(AT_ONCE)
            assert told.before.credits == clinic.lot(case.lot).remaining
            # The control: the adjustment itself does wait for the sale, except where it writes nothing that a sale writes.
            done = pool.submit(act, case.conduct)
            if _engine(clinic) == "sqlite" or kind not in ("share", "end-share"):
                with pytest.raises(TimeoutError):
                    done.result(0.3)
        assert done.exception(PATIENCE) is None or isinstance(done.exception(), PosError)


def test_a_sale_is_rung_up_while_a_preview_is_being_made(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)

    def made(inside: threading.Event, leave: threading.Event) -> Preview:
        def conduct(session: Session, *args: Any, **values: Any) -> None:
            inspect.unwrap(adjust_credits.forfeit_credit)(session, *args, **values)
            session.flush()
            inside.set()
            assert leave.wait(PATIENCE)

        return preview(lot, conduct, package_action(clinic), lot_id=lot, cause="no_show")

    with ThreadPoolExecutor(1) as pool, _beside(clinic, made) as other:
        sold = pool.submit(clinic.sell, line("trigger_60"), client=clinic.ana).result(AT_ONCE)
        assert sold.total_minor == 0
        assert clinic.lot(lot).remaining == 9
    told = other.result()
    assert (told.before.credits, told.after.credits) == (10, 9)
    assert clinic.lot(lot).remaining == 9


def test_a_preview_of_what_writes_another_table_fails_and_leaves_nothing(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)

    def rename(session: Session) -> None:
        session.execute(update(Client).values(given_name="Nobody"))

    with clinic.app.app_context(), pytest.raises(DBAPIError):
        preview(lot, rename)
    with clinic.read() as session:
        assert session.scalars(select(Client.id).where(Client.given_name == "Nobody")).all() == []
        assert session.scalars(select(LotShare.id)).all() == []
        assert session.scalars(select(CreditLot.remaining)).all() == [10]
