"""Visit conversion: the single visit a client paid today becomes visit 1 of a package they buy now.

In the transaction of the package's sale the single is given back onto the client's account, with its credit note, and that
pays its part of the package: the client pays price(package) − what was paid for the single. The package is sold whole, so
its value, tax and terms are those of any other; its first credit is redeemed on a line of the same sale, by the therapist
of the visit. Nothing is dated back. A tip stays with the single's sale.

A line of a sale is used for this once, on the day of the visit, and neither refunded nor voided afterwards: its row in
A row of `visit_conversions` is written before money is asked for, and its key is the guard.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import Conflict, Invalid, PosError
from pos.core.hashing import digest
from pos.core.ids import new_id
from pos.core.messages import sales as messages
from pos.core.messages.refunds import SALE_RETURNED_MEANWHILE
from pos.core.money import rates_of
from pos.domain.catalogue.queries import Plan, menu, pick
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE
from pos.domain.clients.persons import same_person
from pos.domain.credits.models import CreditLot
from pos.domain.credits.rules.refund_policies import single_price_with_tax
from pos.domain.disputes import repository as disputes
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place
from pos.domain.posting_rules.refunds import entry_for_refund
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as refunds
from pos.domain.sales.cart_options import VisitConversionRequest
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.sales.repository import lines_of
from pos.domain.sales.visit_conversions import reserve, taken
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import tiers_of
from pos.domain.till.shifts import OpenShift
from pos.services.checkout.package_exchange import eligible_of, old_lot, surrender_package
from pos.services.credit_cover.credit_upgrades import covered_by_first
from pos.services.refunds.calculate import RefundChoice, quote_refund
from pos.services.refunds.refundable import refundable
from pos.services.refunds.write_refund import Written, write


@dataclass(frozen=True)
class Single:
    """A paid visit that can become the first of a package; `paid_minor` with its tax, without its tip.

    With `pack`, its lot, it is a package that a bigger one can take the place of.
    """

    back: VisitConversionRequest
    item_id: UUID
    name: str
    client_id: UUID
    therapist_id: UUID | None
    paid_minor: int
    pack: CreditLot | None = None


@dataclass(frozen=True)
class Offer:
    """A package a visit could be the first of, and what is then left to pay of it, tax included."""

    item_id: UUID
    name: str
    rest_minor: int


def single_of(
    session: Session, place: Place, back: VisitConversionRequest, *, day: date, for_id: UUID | None = None
) -> Single:
    """The visit as it stands; raises Conflict when it cannot become the first of a package (any more).

    `for_id` is the sale or order that has reserved it itself.
    """
    sale = session.get(Sale, back.sale_id)
    line = session.get(SaleLine, (back.sale_id, back.position))
    if sale is None or line is None or sale.location_id != place.id:
        raise Invalid(messages.NO_SUCH_VISIT, field="visit_conversion")
    if sale.client_id is None:
        raise Conflict(messages.VISIT_WITHOUT_CLIENT, why="no_client")
    paid = line.net_minor + line.tax_minor
    if line.kind == "package":
        lot = old_lot(session, back)
        if back.position in taken(session, sale.id, but_for=for_id):
            raise Conflict(messages.VISIT_CONVERTED_ALREADY, why="converted")
        return Single(back, line.item_id, line.name, sale.client_id, None, lot.net_minor + lot.tax_minor, lot)
    if line.person_id is not None:
        raise Conflict(messages.VISIT_OF_OTHER_CLIENT, why="other_client")
    is_visit = line.kind == "variant" and not line.cover and line.quantity == 1 and paid > 0
    if not is_visit or sale.business_on != day:
        raise Conflict(messages.VISIT_NOT_CONVERTIBLE, why="not_a_single")
    if back.position in taken(session, sale.id, but_for=for_id):
        raise Conflict(messages.VISIT_CONVERTED_ALREADY, why="converted")
    given_back = refunds.lines_refunded(session, sale.id).get(back.position, refunds.GivenBack())
    if any(given_back) or refunds.counters(session, sale.id).voided:
        raise Conflict(messages.VISIT_RETURNED_ALREADY, why="refunded")
    return Single(back, line.item_id, line.name, sale.client_id, line.therapist_id, paid)


def _require_bigger(session: Session, pack: CreditLot, plan: Plan, *, client_id: UUID | None, quantity: int) -> None:
    if not same_person(session, client_id, pack.client_id):
        raise Conflict(messages.PACKAGE_OWNED_BY_OTHER, why="other_client")
    if (
        plan.credits <= pack.quantity
        or plan.tier < pack.tier
        or not eligible_of(session, pack.id) <= set(plan.eligible)
    ):
        raise Invalid(messages.PACKAGE_NOT_BIGGER, field="visit_conversion")
    if quantity != 1:
        raise Invalid(messages.PACKAGE_EXCHANGED_FOR_ONE, field="quantity")


def require_fit(session: Session, single: Single, plan: Plan, *, client_id: UUID | None, quantity: int) -> None:
    """Raise Invalid or Conflict where a visit cannot be the first of this package for this client."""
    if single.pack is not None:
        _require_bigger(session, single.pack, plan, client_id=client_id, quantity=quantity)
        return
    if not same_person(session, client_id, single.client_id):
        raise Conflict(messages.VISIT_OF_OTHER_CLIENT, why="other_client")
    if not plan.visit_conversion or single.item_id not in plan.eligible:
        raise Invalid(messages.PACKAGE_NOT_FOR_PAST_VISIT, field="visit_conversion")
    if quantity != 1:
        raise Invalid(messages.ONE_PACKAGE_FOR_A_VISIT, field="quantity")


def _fits(session: Session, single: Single, plan: Plan) -> bool:
    try:
        require_fit(session, single, plan, client_id=single.client_id, quantity=1)
    except PosError:
        return False
    return True


def offers(session: Session, place: Place, sale_id: UUID) -> tuple[VisitConversionRequest | None, list[Offer]]:
    """The visit of a sale that can become the first of a package, and those packages; nothing where none can."""
    day = place.today()
    packages = menu(session, place, day).packages
    for line in lines_of(session, sale_id):
        try:
            single = single_of(session, place, VisitConversionRequest(sale_id, line.position), day=day)
        except PosError:
            continue
        tier = tiers_of(session, [single.therapist_id]).get(single.therapist_id, 0) if single.therapist_id else 0
        found = []
        for package in packages:
            assert package.plan is not None
            price = package.price_minor
            if not single.pack:
                visit = pick(session, place, day, {single.item_id})[single.item_id]
                price += visit.list_minor(tier) - covered_by_first(visit, tier, package.plan, price)
            with_tax = single_price_with_tax(price, rates_of(package), tax_inclusive=place.tax_inclusive)
            if with_tax >= single.paid_minor and _fits(session, single, package.plan):
                found.append(Offer(package.item_id, package.name, with_tax - single.paid_minor))
        if found:
            return single.back, found
    return None, []


def hold_visit(session: Session, back: VisitConversionRequest, *, by_id: UUID, promised: bool = False) -> None:
    """Reserve a visit for the sale or order `by_id`, locked against a refund; raises Conflict when one was faster.

    Also where its payment is disputed, unless it was `promised` to a payment that has been made meanwhile.
    """
    refunds.take(session, session.get_one(Sale, back.sale_id), 0, 0)
    if not promised:
        disputes.require_undisputed(session, back.sale_id)
    reserve(session, back, by_id=by_id)
    if any(refunds.lines_refunded(session, back.sale_id).get(back.position, ())):
        raise Conflict(SALE_RETURNED_MEANWHILE, why="refunded")


def give_visit_back(
    session: Session,
    context: ActionContext,
    sale: Sale,
    back: VisitConversionRequest,
    *,
    shift: OpenShift | None,
    is_pack: bool = False,
) -> str:
    """Put what was paid for the visit, or for a whole package, on the client's account, with its credit note.

    Returns the number of its receipt. `sale` is that of the package, which spends it in the same transaction; `shift` is
    that of the sale, whose Z report has both.
    """
    found = refundable(session, back.sale_id, but_for=sale.id)
    staff_id = sale.staff_id or found.sale.staff_id
    assert staff_id is not None
    context = replace(
        context,
        actor_id=staff_id,
        reason=messages.REPLACED_BY_BIGGER_PACKAGE if is_pack else messages.VISIT_BECAME_FIRST_OF_PACKAGE,
        key=str(sale.id),
    )
    if is_pack:
        quote = surrender_package(session, found, back, context)
    else:
        # What was added for coming at that hour stays paid: the visit took place.
        visits = replace(found, lines=tuple(line for line in found.lines if line.kind != SERVICE_CHARGE))
        quote = quote_refund(visits, RefundChoice(back.sale_id, positions=(back.position,), as_credit=True))
    refunds.take(session, found.sale, quote.total_minor, 0)
    written = Written(
        command_id=new_id(),
        kind="package" if is_pack else "lines",
        context=context,
        staff_role=Role(session.get_one(Staff, staff_id).role),
        content_hash=digest(["visit_conversion", str(sale.id), back.to_json()]),
        desk=None,
        shift=shift,
    )
    entry = entry_for_refund(
        written.command_id, found.sale.currency, quote.lines, quote.ways, tip_minor=0, drawer_id=None
    )
    write(session, written, found, quote, entry)
    return receipts.of_sale(session, back.sale_id).label
