"""The account: sharing one's own package, what others share, and movements in a client's words."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from pos.domain.catalogue.models import PackagePlan
from pos.domain.clients import registration as clients
from pos.domain.credits.models import LotShare
from pos.services.packages.adjust_credits import forfeit_credit
from pos.services.packages.freeze_and_extend import freeze_package
from pos.services.packages.share_and_transfer import share_package, transfer_credits
from tests.support.clinic import Clinic, line
from tests.support.package_actions import package_action
from tests.web.office.test_pages import text
from tests.web.shop.conftest import Browser


def signed_in(world: Clinic, client: str) -> Browser:
    browser = Browser(world.app.test_client())
    cookie = world.write(lambda s: clients.open_session(s, getattr(world, client)))
    browser.web.set_cookie("tp_client", cookie)
    return browser


def test_package_sharing_is_shown_to_both_clients_and_ended_by_owner(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    path = f"/account/packages/{clinic.lot(lot).package_id}"
    ana, ben = signed_in(clinic, "ana"), signed_in(clinic, "ben")
    page = ana.get(path).text
    assert "Nobody but you." in page
    with clinic.app.app_context():
        share_package(package_action(clinic), lot, client_id=clinic.ben, cap=3)
    page = ana.get(path).text
    assert "Ben Fischer 0 of 3 used" in text(page)
    assert "10 × 60 min by Ana Núñez · valid until 16 Jun 2027 3" in text(ben.get("/account/").text)
    assert ben.get(path).status_code == 404
    assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 0
    assert "Trigger point therapy, 60 min 16 Jun 2026 · Ben Fischer · worth $90.00 before tax" in text(
        ana.get(path).text
    )
    link = re.search(r'action="(/account/packages/[^"]+/end)"', page)
    assert link
    assert ben.post(link[1], ben.get("/account/").text).status_code == 404
    assert ana.post(link[1], page).status_code == 303
    with clinic.read() as session:
        assert session.scalars(select(LotShare.ended_at)).one() is not None
    assert "Shared with you" not in ben.get("/account/").text


def test_package_sharing_plan_without_sharing_is_refused(clinic: Clinic) -> None:
    clinic.write(lambda s: s.execute(update(PackagePlan).values(sharing=False)))
    lot = clinic.buy("ten", clinic.ana)
    ana = signed_in(clinic, "ana")
    page = ana.get(f"/account/packages/{clinic.lot(lot).package_id}").text
    assert "Who else may use it" not in page
    assert ana.post(f"/account/packages/{clinic.lot(lot).package_id}/invitations", ana.get("/account/").text,
                    email="ben@mail.example", cap="").status_code == 409  # fmt: skip


def test_account_package_statement_names_moves_in_plain_words(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        forfeit_credit(package_action(clinic), lot, cause="no_show")
        given = transfer_credits(package_action(clinic, "For her brother"), lot, credits=2, receiver_id=clinic.ben)
        freeze_package(package_action(clinic), lot)
    page = text(signed_in(clinic, "ana").get(f"/account/packages/{clinic.lot(lot).package_id}").text)
    assert "It is frozen" in page
    assert "Frozen 16 Jun 2026 7" in page
    assert "Given to somebody else 16 Jun 2026 · worth $180.00 before tax −2 7" in page
    assert "Cancelled late or missed 16 Jun 2026 · worth $90.00 before tax −1 9" in page
    brother = text(signed_in(clinic, "ben").get(f"/account/packages/{clinic.lot(given).package_id}").text)
    assert "2 sessions given to you 16 Jun 2026 +2 2" in brother
    assert "A refund would go to them." in brother
    assert "Who else may use it" not in brother
