"""Sharing one's own package by invitation: the owner learns nothing of an address before its reader accepts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.hashing import sha256_hex
from pos.core.mail import MailboxMail
from pos.core.outbox import OutboxMessage
from pos.domain.catalogue.models import PackagePlan
from pos.domain.clients.models import Client
from pos.domain.clients.registration import register
from pos.domain.credits import invitations as inviting
from pos.domain.credits.invitations import Invited
from pos.domain.credits.models import (
    CreditLot,
    LotShare,
    PurchasedPackage,
    ShareInvitation,
)
from pos.domain.locations.queries import places
from pos.services.jobs import nightly
from pos.services.packages import invitations
from pos.services.packages.adjust_credits import forfeit_credit
from pos.services.packages.invitations import accept_invitation, invite_to_share, withdraw_invitation
from pos.services.packages.share_and_transfer import share_package, transfer_credits
from pos.worker import work_once
from tests.conftest import NOON
from tests.integration.packages.test_account_sharing import signed_in
from tests.integration.refunds.conftest import Desk
from tests.support.barrier import race
from tests.support.clinic import Clinic, line
from tests.support.package_actions import package_action
from tests.web.office.test_pages import text
from tests.web.shop.conftest import Browser

pytestmark = pytest.mark.settings(MAILBOX="on")
STRANGER, BEN = "stranger@mail.example", "ben@mail.example"
ENDED = "has been used, withdrawn, or is older than 14 days"


@pytest.fixture
def path(clinic: Clinic) -> str:
    """The page of Ana's package of ten."""
    return f"/account/packages/{clinic.lot(clinic.buy('ten', clinic.ana)).package_id}"


def package_of(path: str) -> UUID:
    return UUID(path.rsplit("/", 1)[1])


def work(world: Clinic) -> None:
    with world.app.app_context():
        while work_once():
            pass


def mails(world: Clinic) -> list[MailboxMail]:
    work(world)
    with world.read() as session:
        return list(session.scalars(select(MailboxMail).order_by(MailboxMail.at, MailboxMail.id)))


def link(world: Clinic, to: str) -> str:
    """The path of the one link in the newest mail to an address."""
    mail = [mail for mail in mails(world) if mail.to == to][-1]
    (found,) = set(re.findall(r"\S+/account/invitations/\S+", mail.text))
    return urlsplit(found).path


def invited(world: Clinic, path: str, email: str, *, cap: int | None = None) -> str:
    """Have Ana invite an address; returns the path in the mail."""
    with world.app.app_context():
        invite_to_share(world.ana, package_of(path), email=email, cap=cap, locale="en")
    return link(world, email)


def token_of(found: str) -> str:
    return found.rsplit("/", 1)[1]


def shares(world: Clinic) -> list[tuple[UUID, int | None]]:
    with world.read() as session:
        return [(row.client_id, row.cap) for row in session.scalars(select(LotShare).order_by(LotShare.id))]


def visitor(world: Clinic) -> Browser:
    return Browser(world.app.test_client())


def bare(page: str, email: str) -> str:
    """A page without the address, its tokens and the keys that are new for each invitation."""
    page = re.sub(r'(name="csrf_token" value|name="csrf-token" content)="[^"]*"', "", page.replace(email, "ADDRESS"))
    page = re.sub(r'nonce="[^"]*"|"X-CSRFToken": *"[^"]*"', "", page)
    return re.sub(r"/invitations/[0-9a-f-]{36}/", "/invitations/ID/", page)


def test_invitation_answer_is_same_for_client_and_stranger(clinic: Clinic, path: str) -> None:
    seen = []
    for email in (BEN, STRANGER):
        ana = signed_in(clinic, "ana")
        answer = ana.post(f"{path}/invitations", ana.get(path).text, email=email, cap="3")
        page = ana.get(path).text
        assert f"Invitation sent to {email}, waiting until 30 Jun 2026" in text(page)
        seen.append((answer.status_code, answer.location, bare(answer.text, email), bare(page, email)))
        action = re.search(rf'action="({path}/invitations/[^"]+/withdraw)"', page)
        assert action
        assert ana.post(action[1], page).status_code == 303
        assert "Nobody but you." in ana.get(path).text
    assert seen[0] == seen[1]
    assert [mail.to for mail in mails(clinic)] == []  # both were withdrawn before they were sent


def test_invitation_mail_names_owner_package_and_one_link(clinic: Clinic, path: str) -> None:
    found = invited(clinic, path, STRANGER, cap=3)
    (mail,) = mails(clinic)
    assert mail.subject == "Ana Núñez invites you to sessions at Stillpoint Clinic"
    assert "10 × 60 min" in mail.text
    assert "Sessions at most: 3" in mail.text
    assert "until 30 Jun 2026" in mail.text
    assert len(re.findall(r"https?://", mail.text)) == 1
    with clinic.read() as session:
        row = session.scalars(select(ShareInvitation)).one()
        sent = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "share_invitation")).one()
    assert row.token_hash == sha256_hex(token_of(found).encode())
    assert (sent.state, sorted(sent.payload)) == ("done", ["invitation_id", "locale"])


def test_invitation_accepted_by_client_shares_once_and_shows_name(clinic: Clinic, path: str) -> None:
    found, browser = invited(clinic, path, BEN, cap=3), visitor(clinic)
    for _ in range(3):  # a mail scanner follows it
        page = browser.get(found)
    assert page.status_code == 200
    assert "Ana Núñez invites you" in page.text
    assert "3 sessions at most" in page.text
    assert 'name="given_name"' not in page.text
    assert shares(clinic) == []
    assert "Ben" not in text(signed_in(clinic, "ana").get(path).text)

    answer = browser.post(found, page.text)
    assert (answer.status_code, "You share this package now" in answer.text) == (200, True)
    assert shares(clinic) == [(clinic.ben, 3)]
    assert "Ben Fischer 0 of 3 used" in text(signed_in(clinic, "ana").get(path).text)
    assert BEN not in signed_in(clinic, "ana").get(path).text
    assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 0
    with clinic.read() as session:
        row = session.scalars(select(ShareInvitation)).one()
        assert row.share_id == session.scalars(select(LotShare.id)).one()
    assert (row.email, row.accepted_at, row.ended_at) == (None, row.ended_at, row.accepted_at)

    again = browser.post(found, page.text)
    assert (again.status_code, ENDED in again.text) == (422, True)
    assert browser.get(found).status_code == 422
    assert len(shares(clinic)) == 1


def test_invitation_accepted_by_newcomer_registers_client(clinic: Clinic, path: str) -> None:
    found, browser = invited(clinic, path, STRANGER), visitor(clinic)
    with clinic.read() as session:
        before = session.scalar(select(func.count()).select_from(Client))
    page = browser.get(found).text
    assert "You are new here" in page
    refused = browser.post(found, page, given_name="", family_name="Blum")
    assert (refused.status_code, "Please write your first name." in refused.text) == (422, True)
    assert 'value="Blum"' in refused.text
    refused = browser.post(found, page, given_name="x" * 81, family_name="")
    assert (refused.status_code, "80 characters" in refused.text) == (422, True)
    with clinic.read() as session:
        assert session.scalar(select(func.count()).select_from(Client)) == before
    assert browser.post(found, page, given_name="Mia", family_name="Blum").status_code == 200
    with clinic.read() as session:
        mia = session.scalars(select(Client).where(Client.email == STRANGER)).one()
    assert (mia.name, shares(clinic)) == ("Mia Blum", [(mia.id, None)])
    assert "Mia Blum 0 used, no limit" in text(signed_in(clinic, "ana").get(path).text)


def test_invitation_to_package_of_other_client_is_refused(clinic: Clinic, path: str) -> None:
    ben = signed_in(clinic, "ben")
    assert ben.post(f"{path}/invitations", ben.get("/account/").text, email=STRANGER).status_code == 404
    assert mails(clinic) == []


def test_invitation_of_address_registered_since_asks_no_name(clinic: Clinic, path: str) -> None:
    found = invited(clinic, path, STRANGER)
    facts = {"given_name": "Mia", "family_name": "Blum", "email": STRANGER, "phone": None, "country": "US"}
    mia: UUID = clinic.write(lambda s: register(s, **facts).id)
    browser = visitor(clinic)
    page = browser.get(found).text
    assert 'name="given_name"' not in page
    assert browser.post(found, page).status_code == 200
    assert shares(clinic) == [(mia, None)]


def test_invitation_expires_after_fourteen_days(clinic: Clinic, path: str, frozen: datetime) -> None:
    found, browser = invited(clinic, path, BEN), visitor(clinic)
    page = browser.get(found).text
    with clock.at(clock.now() + timedelta(days=14) - timedelta(seconds=1)):
        assert browser.get(found).status_code == 200
    with clock.at(clock.now() + timedelta(days=14)):
        for answer in (browser.get(found), browser.post(found, page)):
            assert (answer.status_code, ENDED in answer.text) == (422, True)
        assert shares(clinic) == []
        assert "Nobody but you." in signed_in(clinic, "ana").get(path).text
        # The address can be invited again, and the old invitation keeps it no longer.
        assert invited(clinic, path, BEN) != found
        with clinic.read() as session:
            rows = session.scalars(select(ShareInvitation).order_by(ShareInvitation.invited_at)).all()
        assert [row.email for row in rows] == [None, BEN]


def test_invitation_unanswered_address_is_deleted_by_nightly_job(clinic: Clinic, path: str) -> None:
    invited(clinic, path, BEN)

    def emails() -> list[str | None]:
        with clinic.read() as session:
            return list(session.scalars(select(ShareInvitation.email)))

    with clinic.app.app_context():
        (riverside,) = (one for one in places(reading()) if one.slug == "riverside")
        with clock.at(clock.now() + timedelta(days=13)):
            nightly.JOBS["expire"](riverside)
        assert emails() == [BEN]
        with clock.at(clock.now() + timedelta(days=14)):
            nightly.JOBS["expire"](riverside)
    assert emails() == [None]


def test_invitation_withdrawn_or_unknown_is_refused(clinic: Clinic, path: str) -> None:
    found, browser = invited(clinic, path, BEN), visitor(clinic)
    page = browser.get(found).text
    with clinic.read() as session:
        key = session.scalars(select(ShareInvitation.id)).one()
    with clinic.app.app_context():
        with pytest.raises(NotFound):
            withdraw_invitation(clinic.ben, package_of(path), key)
        withdraw_invitation(clinic.ana, package_of(path), key)
        with pytest.raises(NotFound):
            withdraw_invitation(clinic.ana, package_of(path), key)
    for address in (found, "/account/invitations/guess"):
        for answer in (browser.get(address), browser.post(address, page)):
            assert (answer.status_code, ENDED in answer.text) == (422, True)
    assert shares(clinic) == []
    with clinic.read() as session:
        assert session.scalars(select(ShareInvitation.email)).one() is None


def test_invitation_invalid_or_repeated_is_refused_at_its_field(clinic: Clinic, path: str) -> None:
    clinic.write(lambda s: s.execute(update(PackagePlan).values(share_cap=2)))
    capped = f"/account/packages/{clinic.lot(clinic.buy('ten', clinic.ana)).package_id}"
    ana = signed_in(clinic, "ana")
    page = ana.get(path).text
    tries: list[tuple[str, dict[str, str], int, str]] = [
        (path, {"email": " ANA@mail.example ", "cap": ""}, 422, "your own address"),
        (path, {"email": BEN, "cap": "0"}, 422, "Write a number"),
        (capped, {"email": BEN, "cap": "3"}, 422, "at most 2"),
    ]
    for where, typed, status, said in tries:
        answer = ana.post(f"{where}/invitations", page, **typed)
        assert (answer.status_code, said in answer.text) == (status, True), typed
    assert ana.post(f"{path}/invitations", page, email=BEN, cap="").status_code == 303
    answer = ana.post(f"{path}/invitations", page, email="BEN@mail.example", cap="")
    assert (answer.status_code, "already invited" in answer.text) == (409, True)
    assert ana.post(f"{path}/invitations", page, email=STRANGER, cap="").status_code == 429


def test_invitation_acceptance_already_shared_or_package_ended_is_refused(clinic: Clinic, path: str) -> None:
    lot_id = clinic.write(lambda s: s.scalars(select(CreditLot.id)).one())
    found, browser = invited(clinic, path, BEN), visitor(clinic)
    page = browser.get(found).text
    with clinic.app.app_context():
        share_package(package_action(clinic), lot_id, client_id=clinic.ben)
    answer = browser.post(found, page)
    assert (answer.status_code, "may use it already" in answer.text) == (409, True)
    clinic.write(lambda s: setattr(s.get_one(CreditLot, lot_id), "status", "closed"))
    answer = browser.post(found, page)
    assert (answer.status_code, "This package has ended." in answer.text) == (409, True)
    assert len(shares(clinic)) == 1
    with clinic.read() as session:
        assert session.scalars(select(ShareInvitation.ended_at)).one() is None


def accept_twice(world: Clinic, found: str) -> list[Any]:
    def accept() -> str:
        with world.app.app_context():
            return accept_invitation(token=token_of(found), given_name="Mia", family_name="Blum").package

    return race(accept, accept)


def test_invitation_accepted_twice_at_once_shares_once(clinic: Clinic, path: str) -> None:
    outcomes = accept_twice(clinic, invited(clinic, path, STRANGER))
    assert sorted(type(one).__name__ for one in outcomes) == ["Invalid", "str"]
    assert len(shares(clinic)) == 1


def test_invitation_acceptance_without_guard_unique_share_stops_second(
    clinic: Clinic, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the invitation is not ended, and both reach the share."""
    found = invited(clinic, path, BEN)

    def unguarded(session: Session, token: str) -> Invited:
        return inviting.by_token(session, token)

    monkeypatch.setattr(invitations.invitations, "take", unguarded)
    outcomes = accept_twice(clinic, found)
    (refused,) = (one for one in outcomes if not isinstance(one, str))
    assert isinstance(refused, Conflict)
    assert "may use it already" in refused.sentence
    assert len(shares(clinic)) == 1


def test_invitation_of_same_address_twice_at_once_is_sent_once(clinic: Clinic, path: str) -> None:
    def invite() -> UUID:
        with clinic.app.app_context():
            return invite_to_share(clinic.ana, package_of(path), email=STRANGER, cap=None, locale="en")

    outcomes = race(invite, invite)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "UUID"]
    assert isinstance(next(one for one in outcomes if not isinstance(one, UUID)), Conflict | Invalid)
    assert len(mails(clinic)) == 1


def _give_back(world: Clinic, path: str) -> None:
    with world.read() as session:
        sale_id = session.scalars(select(PurchasedPackage.sale_id)).one()
    assert sale_id is not None
    Desk(world).refund(sale_id, package_id=package_of(path))


def _expire(world: Clinic, path: str) -> None:
    yesterday = NOON.date() - timedelta(days=1)
    world.write(lambda session: session.execute(update(CreditLot).values(expires_on=yesterday)))


def _give_away(world: Clinic, path: str) -> None:
    with world.app.app_context():
        lot_id = lot_of(world, path)
        transfer_credits(package_action(world), lot_id, credits=10, receiver_id=world.ben)


def _use_up(world: Clinic, path: str) -> None:
    for _ in range(10):
        with world.app.app_context():
            forfeit_credit(package_action(world), lot_of(world, path), cause="no_show")


def lot_of(world: Clinic, path: str) -> UUID:
    with world.read() as session:
        return session.scalars(
            select(CreditLot.id).where(CreditLot.package_id == package_of(path), CreditLot.client_id == world.ana)
        ).one()


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (_give_back, "This package has ended."),
        (_expire, "it has expired"),
        (_give_away, "none of its sessions is left"),
        (_use_up, "none of its sessions is left"),
    ],
)
def test_invitation_to_ended_package_is_refused_with_reason(
    clinic: Clinic, path: str, end: Callable[[Clinic, str], None], sentence: str
) -> None:
    found, browser = invited(clinic, path, STRANGER), visitor(clinic)
    page = browser.get(found)
    assert "Accept the invitation" in page.text
    with clinic.app.app_context():
        invite_to_share(clinic.ana, package_of(path), email="late@mail.example", cap=None, locale="en")
    end(clinic, path)
    seen = browser.get(found)
    assert (seen.status_code, sentence in text(seen.text), "Accept the invitation" in seen.text) == (409, True, False)
    answer = browser.post(found, page.text, given_name="Mia", family_name="Blum")
    assert (answer.status_code, sentence in text(answer.text), shares(clinic)) == (409, True, [])
    # Its owner invites nobody else, and an invitation that was not mailed yet is not.
    assert f'action="{path}/invitations"' not in signed_in(clinic, "ana").get(path).text
    with clinic.app.app_context(), pytest.raises(Conflict, match="has ended"):
        invite_to_share(clinic.ana, package_of(path), email=BEN, cap=None, locale="en")
    assert "late@mail.example" not in {mail.to for mail in mails(clinic)}
