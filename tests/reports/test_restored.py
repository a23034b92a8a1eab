"""An older copy of the database in use: said at the start, cards and credits stop, no receipt number is given twice."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from pos.app import create_app
from pos.checkout.guard import lift_stops
from pos.checkout.restored import MARK, compare_with_stripe, expect_newest, note_heads
from pos.kernel.db import db
from pos.kernel.errors import Conflict
from pos.kernel.settings import Settings
from pos.locations.models import Location
from pos.payments.models import PaymentAttempt
from pos.reports.stops import expect_running, live_stops
from pos.reports.verify import verify
from pos.sales.models import Order
from tests.support.books import book_floats
from tests.support.cards import CARDS, take_cards
from tests.support.world import World, line


def mark_of(world: World, settings: Settings) -> Path:
    with world.app.app_context():
        note_heads()
        db.session.remove()
    return settings.instance_dir / MARK


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restored_copy_stops_cards_and_gives_no_number_twice(clinic: World, settings: Settings, tmp_path: Path) -> None:
    book_floats(clinic).sell(line("foot_30"))
    close(clinic.app)
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    shutil.copyfile(path, tmp_path / "backup.sqlite3")
    lost = clinic.sell(line("foot_30"))
    mark = mark_of(clinic, settings)
    assert mark.stat().st_mode & 0o077 == 0
    close(clinic.app)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "backup.sqlite3", path)

    started = replace(clinic, app=create_app(settings))
    with started.read() as session:
        (stop,) = live_stops(session, (clinic.usd.location_id,))
        assert stop.check_key == "restored"
        assert "was seen here before" in stop.sentence
        assert live_stops(session, (clinic.eur.location_id,)) == []
        with pytest.raises(Conflict, match="stopped"):
            expect_running(session, clinic.usd.location_id)
    after = started.sell(line("foot_30"))
    assert (lost.receipt_label, after.receipt_label) == ("RIV-000002", "RIV.2-000002")
    with started.read() as session:
        assert [check.first for check in verify(session) if not check.holds] == []
    # Another start changes nothing more, and the mark keeps what was lost until a manager lets it go on.
    before = mark.read_text(encoding="utf-8")
    mark_of(started, settings)
    assert mark.read_text(encoding="utf-8") == before
    close(started.app)
    again = replace(clinic, app=create_app(settings))
    with again.app.app_context():
        lift_stops(location_id=clinic.usd.location_id, staff_id=clinic.manager.id, reason="Entered from paper.")
    mark_of(again, settings)
    assert mark.read_text(encoding="utf-8") != before
    with again.app.app_context():
        assert expect_newest() == []
    with again.read() as session:
        assert live_stops(session, (clinic.usd.location_id,)) == []
        assert session.scalar(select(Location.receipt_prefix).where(Location.id == clinic.usd.location_id)) == "RIV.2"
    close(again.app)


def test_newest_books_pass_and_other_heads_stop_only_their_location(clinic: World, settings: Settings) -> None:
    clinic.sell(line("foot_30"))
    mark = mark_of(clinic, settings)
    with clinic.app.app_context():
        assert expect_newest() == []
    seen = json.loads(mark.read_text(encoding="utf-8"))
    seen[str(clinic.usd.location_id)]["seq"] += 5
    seen["01900000-0000-7000-8000-000000000000"] = {"seq": 9, "hash": "of another installation"}
    mark.write_text(json.dumps(seen), encoding="utf-8")
    with clinic.app.app_context():
        assert expect_newest() == [clinic.usd.location_id]
        assert expect_newest() == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}'])
def test_damaged_mark_stops_nothing(clinic: World, settings: Settings, content: str) -> None:
    clinic.sell(line("foot_30"))
    (settings.instance_dir / MARK).write_text(content, encoding="utf-8")
    with clinic.app.app_context():
        assert expect_newest() == []
    mark_of(clinic, settings)


@CARDS
def test_payment_at_stripe_of_an_order_unknown_here_stops_every_location(clinic: World) -> None:
    with take_cards(clinic) as till:
        known = till.charge(till.command(till.ticket(line("foot_30"))))
        till.tap()
        till.look(known.order_id)
        till.act(compare_with_stripe)
        with clinic.read() as session:
            assert live_stops(session, (clinic.usd.location_id, clinic.eur.location_id)) == []
        lost = till.charge(till.command(till.ticket(line("foot_30"))))
        till.tap()
        clinic.write(lambda s: s.execute(delete(PaymentAttempt).where(PaymentAttempt.order_id == lost.order_id)))
        clinic.write(lambda s: s.execute(delete(Order).where(Order.id == lost.order_id)))
        till.act(compare_with_stripe)
        with clinic.read() as session:
            stops = live_stops(session, (clinic.usd.location_id, clinic.eur.location_id))
            assert [stop.check_key for stop in stops] == ["restored", "restored"]
            assert "Stripe took a payment" in stops[0].sentence
