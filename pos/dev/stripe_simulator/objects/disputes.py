"""How a dispute moves: opened by a client's bank, answered by the clinic, won, lost, or prevented before it began."""

from __future__ import annotations

from typing import Any

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import balance
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json

# Dispute status → those it may move to; whatever is not here is refused.
MOVES: dict[str, frozenset[str]] = {
    "warning_needs_response": frozenset({"warning_under_review", "warning_closed", "needs_response", "prevented"}),
    "warning_under_review": frozenset({"warning_closed", "needs_response"}),
    "needs_response": frozenset({"under_review", "won", "lost"}),
    "under_review": frozenset({"won", "lost"}),
    "warning_closed": frozenset(),
    "prevented": frozenset(),
    "won": frozenset(),
    "lost": frozenset(),
}
INQUIRIES = ("warning_needs_response", "warning_under_review")
OPEN = (*INQUIRIES, "needs_response", "under_review")
REASONS = ("fraudulent", "product_not_received", "credit_not_processed", "duplicate", "product_unacceptable", "general")
DAYS_TO_ANSWER = 9
# By currency: what Stripe keeps for a dispute, won or lost.
_FEES = {"usd": 1500, "cad": 1500, "eur": 2000, "gbp": 2000}

_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
).split()


def open_of(world: Context, charge_id: str) -> list[Json]:
    """The disputes of a charge that are not decided."""
    return [one for one in world.store.where("dispute", "charge", charge_id) if one["status"] in OPEN]


@documented("A dispute takes its amount and a fee from the balance at once; an inquiry takes nothing yet.")
def open_dispute(
    world: Context, charge_id: str, *, amount: int | None = None, reason: str = "fraudulent", inquiry: bool = False
) -> Json:
    """The client's bank disputes a charge, whole or in part; raises ApiError for what cannot be disputed."""
    with world.store.transaction():
        charge = world.find("charge", charge_id, "charge")
        disputed = sum(one["amount"] for one in open_of(world, charge_id))
        amount = amount or charge["amount_captured"] - disputed
        if not charge["captured"] or not 0 < amount <= charge["amount_captured"] - disputed:
            raise ApiError(400, "That is more than is left of this charge to dispute.", code="nothing_to_dispute")
        identifier = world.new_id("dp")
        dispute: Json = {
            "id": identifier,
            "object": "dispute",
            "amount": amount,
            "balance_transactions": [],
            "charge": charge_id,
            "created": world.now(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": world.now() + DAYS_TO_ANSWER * 86400,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "is_charge_refundable": inquiry,
            "livemode": False,
            "metadata": {},
            "network_reason_code": "10.4",
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": "visa",
                    "case_type": "inquiry" if inquiry else "chargeback",
                    "network": "visa",
                    "network_reason_code": "10.4",
                },
            },
            "reason": reason if reason in REASONS else "general",
            "status": "warning_needs_response" if inquiry else "needs_response",
        }
        world.store.put(charge | {"disputed": True})
        if not inquiry:
            _withdraw(world, dispute)
        world.store.put(dispute)
        world.tell("charge.dispute.created", dispute)
        if not inquiry:
            world.tell("charge.dispute.funds_withdrawn", dispute)
        return dispute


def _withdraw(world: Context, dispute: Json) -> None:
    currency = dispute["currency"]
    entry = balance.book(
        world, "adjustment", "dispute", dispute["id"], -dispute["amount"], currency, fee=_FEES.get(currency, 1500)
    )
    dispute["balance_transactions"].append(entry)
    dispute["is_charge_refundable"] = False


def _moved(world: Context, identifier: str, status: str) -> Json:
    dispute = world.find("dispute", identifier)
    if status not in MOVES[dispute["status"]]:
        raise ApiError(400, f"This dispute is {dispute['status']}, so it cannot become {status}.")
    dispute["status"] = status
    return dispute


def _told(world: Context, dispute: Json, *kinds: str) -> Json:
    world.store.put(dispute)
    for kind in kinds:
        world.tell(f"charge.dispute.{kind}", dispute)
    return dispute


@documented("An inquiry may become a dispute; the money is taken then.")
def escalate(world: Context, identifier: str) -> Json:
    """The bank makes a dispute of its inquiry."""
    with world.store.transaction():
        dispute = _moved(world, identifier, "needs_response")
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
        _withdraw(world, dispute)
        return _told(world, dispute, "updated", "funds_withdrawn")


@documented("Evidence is kept on the dispute; submitting it hands it to the bank, which happens once.")
def answer(world: Context, dispute: Json, evidence: dict[str, Any], *, submit: bool) -> Json:
    """Keep evidence and, with `submit`, hand it to the bank; raises ApiError when the dispute is decided."""
    if dispute["status"] not in OPEN:
        raise ApiError(400, "This dispute is already closed.", code="dispute_closed")
    dispute["evidence"] |= evidence
    details = dispute["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(evidence)
    if submit:
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
        dispute["status"] = "warning_under_review" if dispute["status"] in INQUIRIES else "under_review"
    return _told(world, dispute, "updated")


@documented("A dispute that is won gives its amount back.")
@inferred("The fee of a dispute is kept by Stripe, also when it is won.")
def win(world: Context, identifier: str) -> Json:
    """The bank decides for the clinic."""
    with world.store.transaction():
        dispute = _moved(world, identifier, "won")
        entry = balance.book(
            world, "adjustment", "dispute_reversal", identifier, dispute["amount"], dispute["currency"], fee=0
        )
        dispute["balance_transactions"].append(entry)
        _let_go(world, dispute)
        return _told(world, dispute, "funds_reinstated", "closed")


@documented("A dispute that is lost changes the balance no more: the money is gone.")
def lose(world: Context, identifier: str) -> Json:
    """The bank decides for its client, or the clinic accepts the dispute."""
    with world.store.transaction():
        return _told(world, _moved(world, identifier, "lost"), "closed")


@documented("An inquiry that nobody pursues is closed as warning_closed; nothing was taken.")
def close_inquiry(world: Context, identifier: str) -> Json:
    """The bank lets its inquiry go."""
    with world.store.transaction():
        dispute = _moved(world, identifier, "warning_closed")
        _let_go(world, dispute)
        return _told(world, dispute, "closed")


@inferred("A dispute prevented before it began takes nothing and is told as closed.")
def prevent(world: Context, identifier: str) -> Json:
    """The network settles it before it becomes a dispute."""
    with world.store.transaction():
        dispute = _moved(world, identifier, "prevented")
        _let_go(world, dispute)
        return _told(world, dispute, "closed")


def _let_go(world: Context, dispute: Json) -> None:
    dispute["is_charge_refundable"] = True


ACTIONS = {"escalate": escalate, "win": win, "lose": lose, "close": close_inquiry, "prevent": prevent}
