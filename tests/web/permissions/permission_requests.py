"""What is asked of a route, made ready for it, and who gets what: the columns of the table of permissions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pos.core.hashing import sha256_hex
from pos.core.ids import new_id
from pos.web.common.packed_file import pack
from tests.web.permissions.permission_fixtures import PermissionFixtures, event

EVERYBODY = (
    "anonymous", "ana", "ben", "therapist", "receptionist", "eur_receptionist", "manager", "bookkeeper", "owner"
)  # fmt: skip
# Cells: a status, or DOOR: led to the sign-in page of the face.
DOOR = "door"
Cells = tuple[int | str, ...]


def desk(ok: int, *, other: int = 404) -> Cells:
    """The JSON face: reception, manager and owner; `other` is what another location's reception gets."""
    return (401, 401, 401, 403, ok, other, ok, 403, ok)


def by_approval(ok: int) -> Cells:
    """What reception may do with a manager's consent only, which nobody gave."""
    return (401, 401, 401, 403, 403, 404, ok, 403, ok)


def desk_page(ok: int = 200, *, other: int = 404) -> Cells:
    """Pages of the register."""
    return (DOOR, DOOR, DOOR, 403, ok, other, ok, 403, ok)


def office(ok: int = 200, *, bookkeeper: int = 200) -> Cells:
    """Pages of the office: manager, owner, and the bookkeeper where no clients are shown."""
    return (DOOR, DOOR, DOOR, 403, 403, 403, ok, bookkeeper, ok)


def own(ok: int = 200) -> Cells:
    """Pages of whoever signs in to the office about themselves: therapists too, and no receptionist."""
    return (DOOR, DOOR, DOOR, ok, 403, 403, ok, ok, ok)


def chain_wide(ok: int = 200) -> Cells:
    """Pages of the office for what holds at every location: the manager of the table works at one, the owner may."""
    return (DOOR, DOOR, DOOR, 403, 403, 403, 403, 403, ok)


def anybody(status: int = 200, *, client: int | None = None, staff: int | None = None) -> Cells:
    """Public, with another answer for a signed-in client or signed-in staff where there is one."""
    return (status, *[client or status] * 2, *[staff or status] * 6)


OF_ANA: Cells = (DOOR, 200, 404, *[DOOR] * 6)
OF_CLIENTS: Cells = (DOOR, 200, 200, *[DOOR] * 6)


@dataclass(frozen=True)
class Probe:
    """What is asked: values for the rule's variables, and a body; `key`: of whoever is no person, in its header."""

    values: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    form: dict[str, str] | None = None
    query: str = ""
    data: bytes | None = None
    key: str | None = None

    def headers(self, token: str) -> dict[str, str]:
        """What a request without a form brings: the form token of a page, or the key of a program."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {"X-CSRFToken": token}


Ready = Callable[[PermissionFixtures], Probe]


def plain(_: PermissionFixtures) -> Probe:
    return Probe(json={})


def of(**named: str) -> Ready:
    """Variables taken from fixtures of the same names: `of(sale_id="sale")`."""
    return lambda t: Probe({name: getattr(t, thing) for name, thing in named.items()}, json={})


def ticket(*, parked: bool = False, **body: Any) -> Ready:
    """A fresh ticket of Riverside."""
    return lambda t: Probe({"ticket_id": t.fresh_ticket(parked=parked)[0]}, json=body)


def typed(**fields: str) -> Ready:
    """A form."""
    return lambda t: Probe(form=fields)


def pin_asked(t: PermissionFixtures) -> dict[str, str]:
    return {"pin": t.clinic.receptionist.pin, "desk": str(t.clinic.usd.desk)}


def drawer_asked(*, opening: bool) -> Ready:
    def ready(t: PermissionFixtures) -> Probe:
        t.drawers(open_=False)  # what others sold meanwhile is counted before
        if not opening:
            t.drawers(open_=True)
        return Probe(json={"float_minor": 0} if opening else {"counted_minor": 0})

    return ready


def charge_asked(t: PermissionFixtures) -> Probe:
    t.drawers(open_=True)
    return Probe(json=t.paid_by(card=True))


def cash_asked(t: PermissionFixtures) -> Probe:
    t.drawers(open_=True)
    return Probe(json=t.paid_by(card=False))


def new_client_asked(t: PermissionFixtures) -> Probe:
    return Probe(json={"client_id": str(new_id()), "given_name": "Zoe", "is_another": True})


def office_door_asked(t: PermissionFixtures) -> Probe:
    return Probe(form={"email": t.clinic.manager.email or "", "password": t.clinic.manager.password or ""})


def shop_page_asked(t: PermissionFixtures) -> Probe:
    return Probe({"slug": "riverside", "item_id": t.clinic.items["ten"]})


def buy_asked(t: PermissionFixtures) -> Probe:
    nora = {"given_name": "Nora", "email": "nora@mail.example", "terms": "y", "order_key": t.order_key()}
    return Probe(shop_page_asked(t).values, form=nora)


def buy_gift_card_asked(t: PermissionFixtures) -> Probe:
    nora = {"given_name": "Nora", "email": "nora@mail.example", "terms": "y", "order_key": t.order_key()}
    return Probe({"slug": "riverside"}, form={**nora, "amount": "50"})


def webhook_asked(t: PermissionFixtures) -> Probe:
    return Probe(data=event())


def refunding_asked(t: PermissionFixtures) -> Probe:
    sale_id, body = t.money_back()
    return Probe({"sale_id": sale_id}, json=body)


def refunding_form_asked(t: PermissionFixtures) -> Probe:
    sale_id, fields = t.money_back_to_card()
    return Probe({"sale_id": sale_id}, form=fields)


def tip_share_asked(t: PermissionFixtures) -> Probe:
    return Probe(form=t.pool_shared())


def tip_move_asked(t: PermissionFixtures) -> Probe:
    return Probe({"sale_id": t.tipped_sale()}, form={
        "action_id": str(new_id()), "from": "pool", "to": str(t.clinic.therapist.id), "amount": "0.01",
        "reason": "Theo treated her",
    })  # fmt: skip


def evidence_form_asked(t: PermissionFixtures) -> Probe:
    return Probe({"dispute_id": t.dispute}, form={"evidence_id": str(new_id()), "words": "She came on three days."})


def explain_form_asked(t: PermissionFixtures) -> Probe:
    payout_id, form = t.difference()
    return Probe({"payout_id": payout_id}, form=form)


def unmatched_form_asked(t: PermissionFixtures) -> Probe:
    transaction_id, form = t.unmatched(t.clinic.usd.location_id)
    return Probe({"transaction_id": transaction_id}, form=form)


def package_action_asked(t: PermissionFixtures) -> Probe:
    lot = t.lot
    form = {
        "lot": str(lot.id),
        "action_id": str(new_id()),
        "cause": "no_show",
        "reason": "Did not come",
        "confirm": "1",
    }
    return Probe({"package_id": lot.package_id, "name": "burn"}, form=form, query=f"?lot={lot.id}")


def complimentary_asked(t: PermissionFixtures) -> Probe:
    form = {
        "action_id": str(new_id()), "location": "riverside", "item_id": str(t.clinic.items["trigger_60"]), "credits": "1",
        "code": "goodwill", "expires_on": "2099-01-01", "reason": "A long wait",
    }  # fmt: skip
    return Probe({"client_id": t.clinic.ben}, form=form)


def goodwill_asked(t: PermissionFixtures) -> Probe:
    form = {"action_id": str(new_id()), "location": "riverside", "amount": "5", "reason": "A long wait"}
    return Probe({"client_id": t.clinic.ben}, form=form)


def balances_asked(t: PermissionFixtures) -> Probe:
    return Probe(form={"packed": pack(t.balances()), "name": "old.csv"})


def import_asked(t: PermissionFixtures) -> Probe:
    content = t.balances()
    form = {"packed": pack(content), "sha256": sha256_hex(content), "credits": "1", "value_minor": "4000"}
    return Probe(form=form | {"name": "old.csv", "import_id": str(new_id())})


def import_undo_asked(t: PermissionFixtures) -> Probe:
    return Probe({"import_id": t.imported()}, form={})


def plan_asked(t: PermissionFixtures) -> Probe:
    plan_id, form = t.plan()
    return Probe({"plan_id": plan_id}, form=form)


def plan_price_asked(t: PermissionFixtures) -> Probe:
    price = {"location": "riverside", "price": "180", "from_on": "2099-01-01"}
    return Probe({"plan_id": t.plan()[0]}, form=price)


def plan_action_asked(t: PermissionFixtures) -> Probe:
    return Probe({"plan_id": t.plan()[0], "action": "retire"}, form={})


def invite_asked(t: PermissionFixtures) -> Probe:
    return Probe({"package_id": t.lot.package_id}, form={"email": f"{new_id().hex}@mail.example"})


def invitation_withdraw_asked(t: PermissionFixtures) -> Probe:
    return Probe({"package_id": t.lot.package_id, "invitation_id": t.invitation()[0]}, form={})


def own_share_end_asked(t: PermissionFixtures) -> Probe:
    return Probe({"package_id": t.lot.package_id, "share_id": t.share(live=True)}, form={})


def another_way_asked(t: PermissionFixtures) -> Probe:
    refund_id, body = t.another_way()
    return Probe({"refund_id": refund_id}, json=body)


def another_way_form_asked(t: PermissionFixtures) -> Probe:
    refund_id, fields = t.another_way()
    return Probe({"refund_id": refund_id}, form=fields)
