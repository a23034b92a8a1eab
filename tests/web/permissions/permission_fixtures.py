"""What the permission table is tried on: fixtures of Ana at Riverside, made anew where an action uses them up."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.ids import new_id
from pos.core.mail import MailboxMail
from pos.core.outbox import OutboxMessage
from pos.dev.stripe_simulator.wsgi import WEBHOOK_SECRET
from pos.domain.catalogue.package_plans import PlanTerms
from pos.domain.clients import registration as clients
from pos.domain.credits import invitations, sharing
from pos.domain.credits.models import CreditLot, LotShare, PurchasedPackage
from pos.domain.locations.queries import place
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.rules import PromoTerms
from pos.domain.receipts import credit_notes
from pos.domain.receipts import repository as receipts
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import Order, Ticket
from pos.domain.staff import devices
from pos.domain.staff.credentials import MOST_FAILURES, count_attempt
from pos.domain.staff.queries import Person
from pos.domain.till.models import ZReport
from pos.domain.till.shifts import current_shift
from pos.domain.tips import repository as tips
from pos.services.catalogue.package_plans import create_plan
from pos.services.checkout.cart import park_ticket
from pos.services.documents.receipts import reprint
from pos.services.imports.import_balances import import_balances
from pos.services.payments.online_checkout import BuyOnline, buy_online
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.till.close_period import write_closing
from pos.web.shop.order_tokens import form_key, order_token
from tests.support.clinic import line
from tests.support.gift_card_desk import sell_card
from tests.web.permissions.stripe_fixtures import StripeFixtures


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, at: int | None = None) -> dict[str, str]:
    """The headers of a webhook as Stripe signs it."""
    moment = int(clock.now().timestamp()) if at is None else at
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={mac}", "Content-Type": "application/json"}


def event(object_id: str = "pi_nobody_knows", **changed: Any) -> bytes:
    """A webhook's body."""
    found = {
        "id": f"evt_{new_id().hex}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(clock.now().timestamp()),
        "livemode": False,
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": object_id, "object": "payment_intent"}},
    }
    return json.dumps(found | changed).encode()


@dataclass
class PermissionFixtures(StripeFixtures):
    """Riverside with Ana's purchases, a card payment waiting at its second desk, and Altstadt with a sale of its own."""

    @cached_property
    def sale(self) -> UUID:
        """A sale of a package to Ana, reprinted once."""
        done = self.clinic.sell(line("ten"), client=self.clinic.ana)
        with self.clinic.app.app_context():
            reprint(done.sale_id, self.clinic.receptionist.id)
        return done.sale_id

    @cached_property
    def small_sale(self) -> UUID:
        """A sale of a treatment to Ana, paid in cash at the first desk."""
        return self.clinic.sell(line("foot_30"), client=self.clinic.ana).sale_id

    def tipped_sale(self) -> UUID:
        """A sale of a treatment with a tip that is in the pool."""
        self.drawers(open_=True)
        return self.clinic.sell(line("foot_30"), client=self.clinic.ana, tip=Tip(amount_minor=5_00)).sale_id

    def pool_shared(self) -> dict[str, str]:
        """The form that shares out the pool of a date on which there is something in it."""
        self.tipped_sale()
        with self.clinic.read() as session:
            on, minor = list(tips.pools(session, self.clinic.usd.location_id).items())[-1]
        return {
            "action_id": str(new_id()), "place": "riverside", "on": on.isoformat(), "expected_minor": str(minor),
            "rule": "equal", "among": str(self.clinic.therapist.id),
        }  # fmt: skip

    @cached_property
    def refund(self) -> UUID:
        """Money given back for a sale of Ana's."""
        sale_id = self.clinic.sell(line("foot_30"), client=self.clinic.ana).sale_id
        refund_id = new_id()
        with self.clinic.app.app_context():
            refund(
                RefundCommand(refund_id, RefundChoice(sale_id), "Too loud", self.clinic.manager, self.clinic.usd.desk)
            )
        return refund_id

    @property
    def note_token(self) -> str:
        """The link of its credit note."""
        refund_id = self.refund
        with self.clinic.read() as session:
            return credit_notes.of_refund(session, refund_id).token

    def imported(self) -> UUID:
        """Such a file, brought in at Riverside a moment ago."""
        import_id = new_id()
        with self.clinic.app.app_context():
            import_balances(
                import_id=import_id, location_id=self.clinic.usd.location_id, content=self.balances(), name="old.csv"
            )
        return import_id

    def plan(self) -> tuple[UUID, dict[str, str]]:
        """A package plan that was just made, and the form that changes it."""
        plan_id, who = new_id(), self.clinic.manager
        terms = PlanTerms(f"Plan {plan_id.hex[-8:]}", 4, 12, (self.clinic.items["foot_60"],))
        with self.clinic.app.app_context():
            kept = create_plan(plan_id=plan_id, terms=terms, person=Person(who.id, who.name, who.role, frozenset()))
        return plan_id, self.plan_form(name=terms.name) | {"seen": kept.state_token, "sessions": "5"}

    def plan_form(self, **typed: str) -> dict[str, str]:
        """The form of a package plan."""
        given = {
            "plan_id": str(new_id()),
            "name": f"Plan {new_id().hex[-8:]}",
            "eligible": str(self.clinic.items["foot_60"]),
        }
        numbers = {"sessions": "4", "bonus_sessions": "0", "validity_months": "12", "freeze_days": "90"}
        chosen = {"expiry_policy": "lapse", "refund_policy": "pro_rata", "upgrade_method": "list", "terms_version": "1"}
        return given | numbers | chosen | {"extension_days": "365", "sharing": "y"} | typed

    @cached_property
    def sale_elsewhere(self) -> UUID:
        """A sale at Altstadt."""
        return self.clinic.sell(line("foot_60"), site=self.clinic.eur).sale_id

    @property
    def receipt_token(self) -> str:
        """The link of Ana's receipt."""
        sale = self.sale
        with self.clinic.read() as session:
            return receipts.of_sale(session, sale).token

    @property
    def package(self) -> UUID:
        """Ana's package."""
        sale = self.sale
        with self.clinic.read() as session:
            return session.scalars(select(PurchasedPackage.id).where(PurchasedPackage.sale_id == sale)).one()

    @cached_property
    def lot(self) -> CreditLot:
        """The lot of a package of Ana's, with plenty of credits."""
        done = self.clinic.sell(line("ten"), client=self.clinic.ana)
        with self.clinic.read() as session:
            query = select(CreditLot).join(PurchasedPackage).where(PurchasedPackage.sale_id == done.sale_id)
            return session.scalars(query).one()

    def share(self, *, live: bool) -> UUID:
        """A share of that lot with Ben that lives, or has ended."""
        lot, clinic = self.lot, self.clinic

        def conduct(session: Session) -> UUID:
            found = session.scalar(select(LotShare.id).where(LotShare.lot_id == lot.id, LotShare.ended_at.is_(None)))
            if found is None:
                found = sharing.share(session, lot, clinic.ben, cap=None, plan_cap=None, staff_id=None).id
            if not live:
                sharing.end(session, found, lot.id, staff_id=None)
            return found

        return clinic.write(conduct)

    def invitation(self) -> tuple[UUID, str]:
        """A fresh invitation to that lot, to an address nobody has, and its token."""
        lot_id = self.lot.id

        def conduct(session: Session) -> tuple[UUID, str]:
            lot, email = session.get_one(CreditLot, lot_id), f"{new_id().hex}@mail.example"
            row, token = invitations.invite(session, lot, email=email, cap=None, plan_cap=None)
            return row.id, token

        return self.clinic.write(conduct)

    @cached_property
    def mail(self) -> UUID:
        """A mail in the mailbox."""
        row = MailboxMail(
            at=clock.now(),
            to="ana@mail.example",
            subject="Hello",
            text="t",
            html="<p>h</p>",
            raw=b"r",
            attachment_names=[],
        )
        self.clinic.write(lambda s: s.add(row))
        return row.id

    @cached_property
    def waiting(self) -> UUID:
        """A card payment that waits at the second desk's reader."""
        return self.till.charge(self.till.command(self.till.ticket(line("foot_60"), desk=1))).order_id

    def fresh_gift_card(self) -> UUID:
        """A gift card nobody has blocked yet."""
        return sell_card(self.clinic, 50_00).card_id

    @cached_property
    def gift_card(self) -> UUID:
        """A gift card sold today at Riverside."""
        return sell_card(self.clinic, 50_00).card_id

    def fresh_payment(self) -> UUID:
        """A card payment nobody has waited for yet."""
        return self.till.charge(self.till.command(self.till.ticket(line("foot_60"), desk=1))).order_id

    @cached_property
    def promo(self) -> UUID:
        """A promo code of Riverside."""
        form = self.promo_form()
        terms = PromoTerms(
            UUID(form["promo_id"]), form["code"], "Spring", Decimal(10), None, "USD", self.clinic.usd.location_id,
            frozenset(), date(2026, 1, 1), None, None, None,
        )  # fmt: skip
        self.clinic.write(lambda s: promotions.write(s, terms))
        return terms.promo_id

    def promo_form(self, promo_id: UUID | None = None) -> dict[str, str]:
        """A code as a manager types it: a new one, or one with another percentage."""
        key = promo_id or new_id()
        return {
            "promo_id": str(key), "code": f"C{key.hex[-12:]}".upper(), "label": "Spring",
            "where": str(self.clinic.usd.location_id), "percent": str(new_id().int % 99 + 1), "amount": "",
            "from_on": "2026-01-01", "until_on": "", "most_uses": "", "most_per_client": "", "active": "y",
        }  # fmt: skip

    def paired_device(self) -> UUID:
        """A browser that was just paired with Riverside."""
        where, who = self.clinic.usd.location_id, self.clinic.manager.id
        return self.clinic.write(lambda s: devices.pair(s, staff_id=who, location_id=where, label="Front")[0])

    def locked_door(self) -> str:
        """The door of such a device, locked a moment ago."""
        door = f"device:{self.paired_device()}"
        for _ in range(MOST_FAILURES):
            self.clinic.write(lambda s: count_attempt(s, door))
        return door

    def busy_reader(self) -> UUID:
        """The first desk's reader, which asks for a card of that desk."""
        self.drawers(open_=True)
        self.till.charge(self.till.command(self.till.ticket(line("foot_60"))))
        return self.till.own_reader()

    @cached_property
    def coded(self) -> UUID:
        """A payment whose QR code stands on the screen of the second desk."""
        ticket = self.till.ticket(line("foot_60"), desk=1)
        return self.till.charge(self.till.command(ticket, by_code=True)).order_id

    def fresh_ticket(self, *, parked: bool = False) -> tuple[UUID, int, int]:
        """An open ticket at the first desk: its key, version and amount due."""
        ticket = self.till.ticket(line("foot_60"))
        if parked:
            with self.clinic.app.app_context():
                park_ticket(ticket_id=ticket.ticket_id, desk_id=self.clinic.usd.desk, note="")
        return ticket.ticket_id, ticket.version, ticket.priced.due_minor

    def paid_by(self, *, card: bool) -> dict[str, Any]:
        """The body that takes a fresh ticket's amount."""
        ticket_id, version, due = self.fresh_ticket()
        return {
            "sale_id": str(new_id()),
            "ticket_id": str(ticket_id),
            "ticket_version": version,
            "cash_tendered_minor": 0 if card else due,
            "expected_due_minor": due,
            "expected_credits": 0,
        }

    @cached_property
    def z(self) -> UUID:
        """The Z report of a shift at Riverside's first desk."""
        self.drawers(open_=True)
        self.drawers(open_=False)
        with self.clinic.read() as session:
            query = select(ZReport.id).where(ZReport.location_id == self.clinic.usd.location_id)
            found = session.scalars(query.order_by(ZReport.closed_at.desc(), ZReport.number.desc())).first()
        self.drawers(open_=True)
        assert found is not None
        return found

    def open_shift(self) -> UUID:
        """The open shift of Riverside's first desk."""
        self.drawers(open_=True)
        with self.clinic.read() as session:
            shift = current_shift(session, self.clinic.usd.desk)
            assert shift is not None
            return shift.id

    @cached_property
    def closing(self) -> UUID:
        """A closed day of Riverside, long before anything happened."""

        def close(session: Session) -> UUID:
            day = date(2026, 1, 5)
            return write_closing(session, place(session, self.clinic.usd.location_id), "day", day, None).id

        return self.clinic.write(close)

    def _placed_at(self, desk_id: UUID) -> list[UUID]:
        with self.clinic.read() as session:
            return list(session.scalars(select(Order.id).where(Order.desk_id == desk_id, Order.state == "placed")))

    def _open_at(self, desk_id: UUID) -> list[UUID]:
        with self.clinic.read() as session:
            return list(session.scalars(select(Ticket.id).where(Ticket.desk_id == desk_id, Ticket.state == "open")))

    def message(self) -> str:
        """A fresh message from Stripe."""
        body = event()
        answer = self.clinic.app.test_client().post("/hooks/stripe", data=body, headers=signed(body))
        assert answer.status_code == 204
        return str(json.loads(body)["id"])

    def dead_letter(self) -> UUID:
        """A fresh mail the outbox has given up."""
        now = clock.now()
        letter = OutboxMessage(
            topic="client_link",
            payload={},
            created_at=now,
            due_at=now,
            attempts=12,
            state="dead",
            last_error="No route",
        )

        def write(session: Session) -> UUID:
            session.add(letter)
            session.flush()
            return letter.id

        return self.clinic.write(write)

    def link(self) -> str:
        """A fresh sign-in link of Ana's."""
        return self.clinic.write(lambda s: clients.make_link(s, self.clinic.ana))

    def order_key(self) -> str:
        """A fresh key of a shop form."""
        with self.clinic.app.app_context():
            return form_key(new_id())

    def online(self) -> str:
        """The address token of an order that was placed online and not paid."""
        with self.clinic.app.app_context():
            state = buy_online(
                BuyOnline(
                    order_id=new_id(),
                    place_slug="riverside",
                    item_id=self.clinic.items["three"],
                    given_name="Ana",
                    family_name="Núñez",
                    email="ana@mail.example",
                    phone=None,
                    locale="en",
                    terms_accepted=True,
                    success_url="http://localhost/done?session_id={CHECKOUT_SESSION_ID}",
                    cancel_url="http://localhost/back",
                )
            )
            return order_token(state.order_id)

    @cached_property
    def order(self) -> str:
        """One such order for all who only look."""
        return self.online()
