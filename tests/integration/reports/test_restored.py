"""An older copy of the database in use: said at the start, cards and credits stop, no receipt number is given twice."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from pos.app import create_app
from pos.core import clock
from pos.core.config import Settings
from pos.core.database.base import db, reading
from pos.core.errors import Conflict
from pos.domain.ledger.models import Closing
from pos.domain.locations.models import Location
from pos.domain.locations.queries import desk_place, place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Order
from pos.domain.till.models import ZReport
from pos.domain.till.shifts import current_shift
from pos.reports.books.journal import lines
from pos.reports.books.shift_snapshot import shift_facts
from pos.reports.period import FIRST, LAST, Scope
from pos.services.documents.till_reports import closing_document, z_document
from pos.services.integrity.restored_copy import (
    MARK,
    compare_with_stripe,
    note_heads,
    require_newest,
)
from pos.services.integrity.run_checks import lift_stops
from pos.services.integrity.stops import active_stops, require_running
from pos.services.packages.complimentary_credits import ComplimentaryGrant, grant_complimentary_credits
from pos.services.till.close_period import write_closing
from pos.services.till.shifts import close_shift, expected_in
from tests.support.books import book_floats
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, line
from tests.support.package_actions import package_action
from tests.support.remembered_checks import broken_checks


def mark_of(world: Clinic, settings: Settings) -> Path:
    with world.app.app_context():
        note_heads()
        db.session.remove()
    return settings.instance_dir / MARK


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def put_in_place(world: Clinic, settings: Settings, copy: Path) -> Clinic:
    """The installation started anew on a copy of its database."""
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    shutil.copyfile(copy, path)
    return replace(world, app=create_app(settings))


def back_up(world: Clinic, settings: Settings, copy: Path) -> Path:
    close(world.app)
    shutil.copyfile(Path(settings.database_url.removeprefix("sqlite:///")), copy)
    return copy


def let_go_on(world: Clinic) -> None:
    with world.app.app_context():
        lift_stops(location_id=world.usd.location_id, staff_id=world.manager.id, reason="Entered from paper.")


def is_stopped(world: Clinic) -> bool:
    with world.read() as session:
        assert broken_checks(session) == {}
        return bool(active_stops(session, (world.usd.location_id,)))


def sold(world: Clinic, settings: Settings) -> str:
    """The receipt number of another sale, seen by the mark."""
    label = world.sell(line("foot_30")).receipt_label
    mark_of(world, settings)
    return label


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restored_copy_stops_cards_and_reuses_no_receipt_number(
    clinic: Clinic, settings: Settings, tmp_path: Path
) -> None:
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
        (stop,) = active_stops(session, (clinic.usd.location_id,))
        assert stop.check_key == "restored"
        assert "was seen here before" in stop.sentence
        assert active_stops(session, (clinic.eur.location_id,)) == []
        with pytest.raises(Conflict, match="stopped"):
            require_running(session, clinic.usd.location_id)
    after = started.sell(line("foot_30"))
    assert (lost.receipt_label, after.receipt_label) == ("RIV-000002", "RIV.2-000002")
    with started.read() as session:
        assert broken_checks(session) == {}
    # Another start changes nothing more, and the mark keeps what was lost until a manager lets it go on.
    here = str(clinic.usd.location_id)
    before = json.loads(mark.read_text(encoding="utf-8"))[here]["main"]
    mark_of(started, settings)
    assert json.loads(mark.read_text(encoding="utf-8"))[here]["main"] == before
    close(started.app)
    again = replace(clinic, app=create_app(settings))
    with again.app.app_context():
        lift_stops(location_id=clinic.usd.location_id, staff_id=clinic.manager.id, reason="Entered from paper.")
    mark_of(again, settings)
    assert json.loads(mark.read_text(encoding="utf-8"))[here]["main"] != before
    with again.app.app_context():
        assert require_newest() == []
    with again.read() as session:
        assert active_stops(session, (clinic.usd.location_id,)) == []
        assert session.scalar(select(Location.receipt_prefix).where(Location.id == clinic.usd.location_id)) == "RIV.2"
    close(again.app)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restored_copy_same_backup_three_times_gets_three_prefixes(
    clinic: Clinic, settings: Settings, tmp_path: Path
) -> None:
    book_floats(clinic).sell(line("foot_30"))
    backup = back_up(clinic, settings, tmp_path / "backup")
    labels = [sold(clinic, settings)]
    world = clinic
    for _ in range(3):
        close(world.app)
        world = put_in_place(world, settings, backup)
        labels.append(sold(world, settings))
        assert is_stopped(world)
    assert labels == ["RIV-000002", "RIV.2-000002", "RIV.3-000002", "RIV.4-000002"]
    close(world.app)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("lifted", [False, True])
def test_restored_copy_backup_of_stopped_copy_gets_its_own_prefix(
    clinic: Clinic, settings: Settings, tmp_path: Path, lifted: bool
) -> None:
    book_floats(clinic).sell(line("foot_30"))
    backup = back_up(clinic, settings, tmp_path / "first")
    sold(clinic, settings)
    close(clinic.app)
    copy = put_in_place(clinic, settings, backup)
    assert sold(copy, settings) == "RIV.2-000002"
    if lifted:
        let_go_on(copy)
        mark_of(copy, settings)
    second = back_up(copy, settings, tmp_path / "second")
    # The copy itself, started again, keeps its prefix.
    close(copy.app)
    copy = put_in_place(copy, settings, second)
    assert is_stopped(copy) is not lifted
    assert sold(copy, settings) == "RIV.2-000003"
    close(copy.app)
    again = put_in_place(copy, settings, second)
    assert sold(again, settings) == "RIV.3-000003"
    assert is_stopped(again)
    close(again.app)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("lifted", [False, True])
def test_restored_copy_newest_database_put_back_reuses_no_number(
    clinic: Clinic, settings: Settings, tmp_path: Path, lifted: bool
) -> None:
    book_floats(clinic).sell(line("foot_30"))
    backup = back_up(clinic, settings, tmp_path / "backup")
    sold(clinic, settings)
    newest = back_up(clinic, settings, tmp_path / "newest")
    copy = put_in_place(clinic, settings, backup)
    if lifted:
        let_go_on(copy)
    assert [sold(copy, settings) for _ in range(3)] == [f"RIV.2-00000{number}" for number in (2, 3, 4)]
    close(copy.app)
    back = put_in_place(copy, settings, newest)
    # While the copy was stopped it took cash alone: the newest database knows every card and credit, and goes on as it was.
    assert is_stopped(back) is lifted
    assert sold(back, settings) == ("RIV.3-000003" if lifted else "RIV-000003")
    close(back.app)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restored_copy_mark_lost_while_stopped_gets_new_prefix(
    clinic: Clinic, settings: Settings, tmp_path: Path
) -> None:
    book_floats(clinic).sell(line("foot_30"))
    backup = back_up(clinic, settings, tmp_path / "first")
    sold(clinic, settings)
    close(clinic.app)
    copy = put_in_place(clinic, settings, backup)
    second = back_up(copy, settings, tmp_path / "second")
    assert sold(copy, settings) == "RIV.2-000002"
    close(copy.app)
    (settings.instance_dir / MARK).unlink()
    again = put_in_place(copy, settings, second)
    assert sold(again, settings) == "RIV.3-000002"
    close(again.app)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restored_copy_fault_accepted_once_stops_again_for_other_loss(
    clinic: Clinic, settings: Settings, tmp_path: Path
) -> None:
    """The copy that was let go on is backed up, sells, and is put back: as far behind as before, by another sale."""
    book_floats(clinic).sell(line("foot_30"))
    backup = back_up(clinic, settings, tmp_path / "first")
    sold(clinic, settings)
    close(clinic.app)
    copy = put_in_place(clinic, settings, backup)
    let_go_on(copy)
    second = back_up(copy, settings, tmp_path / "second")
    assert sold(copy, settings) == "RIV.2-000002"
    close(copy.app)
    again = put_in_place(copy, settings, second)
    assert is_stopped(again)
    assert sold(again, settings) == "RIV.3-000002"
    close(again.app)


def test_restored_copy_missing_numbers_stop_cards_with_all_entries_there(clinic: Clinic, settings: Settings) -> None:
    """A receipt of nothing posts no entry, so the books alone do not show that it is missing."""
    clinic.sell(line("foot_30"))
    mark, here = mark_of(clinic, settings), str(clinic.usd.location_id)
    for number, (position, words) in enumerate(((2, "Receipt number 2"), (3, "Credit note number 1")), start=2):
        seen = json.loads(mark.read_text(encoding="utf-8"))
        seen[here]["main"][position] += 1
        mark.write_text(json.dumps(seen), encoding="utf-8")
        with clinic.app.app_context():
            assert require_newest() == [clinic.usd.location_id]
        with clinic.read() as session:
            (stop,) = active_stops(session, (clinic.usd.location_id,))
            assert words in stop.sentence
            assert session.get_one(Location, clinic.usd.location_id).receipt_prefix == f"RIV.{number}"
        let_go_on(clinic)
        mark_of(clinic, settings)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restored_copy_missing_receipt_of_zero_is_noticed(clinic: Clinic, settings: Settings, tmp_path: Path) -> None:
    """The visit of a complimentary credit is worth nothing, so no entry says that the credit is used."""
    book_floats(clinic).sell(line("foot_30"))
    last = clock.now().date() + timedelta(days=60)
    with clinic.app.app_context():
        gift = ComplimentaryGrant(clinic.ana, clinic.usd.location_id, clinic.items["trigger_60"], 1, "goodwill", last)
        grant_complimentary_credits(package_action(clinic), gift)
    backup = back_up(clinic, settings, tmp_path / "backup")
    assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 0
    mark_of(clinic, settings)
    close(clinic.app)
    again = put_in_place(clinic, settings, backup)
    assert is_stopped(again)
    close(again.app)


def test_restored_copy_mark_keeps_highest_prefix_and_moves_while_stopped(clinic: Clinic, settings: Settings) -> None:
    """On both databases: the books are cut off behind a mark that knows three prefixes."""
    clinic.sell(line("foot_30"))
    mark = mark_of(clinic, settings)
    here = str(clinic.usd.location_id)
    seen = json.loads(mark.read_text(encoding="utf-8"))
    lost = [9, "lost", 9, 0]
    seen[here]["main"] = lost
    seen[here]["given"]["3"] = lost
    mark.write_text(json.dumps(seen), encoding="utf-8")
    with clinic.app.app_context():
        assert require_newest() == [clinic.usd.location_id]
    assert sold(clinic, settings) == "RIV.4-000002"
    kept = json.loads(mark.read_text(encoding="utf-8"))[here]
    assert (kept["main"], sorted(kept["given"]), kept["given"]["3"]) == (lost, ["1", "3", "4"], lost)
    assert kept["given"]["4"][0] == kept["given"]["1"][0] + 1
    # Stopped already: what was given under this prefix is missing, so another one is taken all the same.
    kept["given"]["4"] = [kept["given"]["4"][0] + 1, "given, and missing here", 3, 0]
    mark.write_text(json.dumps({here: kept}), encoding="utf-8")
    with clinic.app.app_context():
        assert require_newest() == []
        assert require_newest() == []
    assert sold(clinic, settings) == "RIV.5-000003"


def test_restored_copy_other_head_stops_only_its_location(clinic: Clinic, settings: Settings) -> None:
    clinic.sell(line("foot_30"))
    mark = mark_of(clinic, settings)
    with clinic.app.app_context():
        assert require_newest() == []
    seen = json.loads(mark.read_text(encoding="utf-8"))
    seen[str(clinic.usd.location_id)]["main"][0] += 5
    seen["01900000-0000-7000-8000-000000000000"] = {"main": [9, "of another installation", 9, 9], "given": {}}
    mark.write_text(json.dumps(seen), encoding="utf-8")
    with clinic.app.app_context():
        assert require_newest() == [clinic.usd.location_id]
        assert require_newest() == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', '{"%s": 1}', '{"%s": {"main": [], "given": {"x": 1}}}'])
def test_restored_copy_damaged_mark_stops_nothing(clinic: Clinic, settings: Settings, content: str) -> None:
    clinic.sell(line("foot_30"))
    text = content.replace("%s", str(clinic.usd.location_id))
    (settings.instance_dir / MARK).write_text(text, encoding="utf-8")
    with clinic.app.app_context():
        assert require_newest() == []
    mark_of(clinic, settings)


def test_restored_copy_numbers_papers_and_entries_apart(clinic: Clinic, settings: Settings) -> None:
    """A Z report, a closing and a journal entry of the lost time had the numbers that follow here."""
    world = book_floats(clinic)
    world.sell(line("foot_30"))
    mark, here = mark_of(world, settings), str(world.usd.location_id)
    seen = json.loads(mark.read_text(encoding="utf-8"))
    entries = seen[here]["main"][0]
    seen[here]["main"] = [entries + 1, "lost", 2, 0]
    mark.write_text(json.dumps(seen), encoding="utf-8")
    with world.app.app_context():
        assert require_newest() == [world.usd.location_id]
    world.sell(line("foot_30"))
    with world.app.app_context():
        back = world.usd.desks[1]
        shift = current_shift(reading(), back)
        assert shift is not None
        held, day = expected_in(reading(), shift), shift.business_on
        reading().rollback()
        close_shift(desk_id=back, staff_id=world.receptionist.id, counted_minor=held, left_minor=0)
    world.write(lambda s: write_closing(s, place(s, world.usd.location_id), "day", day, None))
    with world.read() as session:
        where = place(session, world.usd.location_id)
        labels = {one.number: one.label for one in lines(session, Scope((where,), FIRST, LAST))}
        assert (labels[entries], labels[entries + 1]) == (f"RIV-J{entries:06d}", f"RIV.2-J{entries + 1:06d}")
        z = session.scalars(select(ZReport).where(ZReport.location_id == where.id)).first()
        assert z is not None
        desk = desk_place(session, world.usd.desk)
        shift = current_shift(session, desk.id)
        assert shift is not None
        facts = shift_facts(session, shift, desk, until=clock.now() + timedelta(minutes=1))
        assert facts["receipts"] == {"count": 2, "first": "RIV-000001", "last": "RIV.2-000002"}
        assert z_document(z).title == "Z report 1 (RIV.2)"
        closing = session.scalars(select(Closing).where(Closing.location_id == where.id)).one()
        paper = closing_document(closing)
        assert paper.title == "Closing of the day, no. 1 (RIV.2)"
        assert any("Z 1 (RIV.2)" in row[0] for section in paper.sections for row in section.rows)


@CARDS
def test_restored_copy_stripe_payment_of_unknown_order_stops_every_location(clinic: Clinic) -> None:
    with take_cards(clinic) as till:
        known = till.charge(till.command(till.ticket(line("foot_30"))))
        till.tap()
        till.look(known.order_id)
        till.act(compare_with_stripe)
        with clinic.read() as session:
            assert active_stops(session, (clinic.usd.location_id, clinic.eur.location_id)) == []
        lost = till.charge(till.command(till.ticket(line("foot_30"))))
        till.tap()
        clinic.write(lambda s: s.execute(delete(PaymentAttempt).where(PaymentAttempt.order_id == lost.order_id)))
        clinic.write(lambda s: s.execute(delete(Order).where(Order.id == lost.order_id)))
        till.act(compare_with_stripe)
        with clinic.read() as session:
            stops = active_stops(session, (clinic.usd.location_id, clinic.eur.location_id))
            assert [stop.check_key for stop in stops] == ["restored", "restored"]
            assert "Stripe took a payment" in stops[0].sentence
