"""Today at a glance: one location's day, and what somebody should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.domain.locations.queries import Place
from pos.domain.sales.tender_kinds import STORED
from pos.domain.staff.permissions import Permission
from pos.reports.dashboard import (
    DISCOUNT_PERCENT,
    LocationDay,
    dead_messages,
    location_day,
    stuck_payments,
    wrong_counts,
)
from pos.reports.disputes_and_payouts import needs_attention
from pos.reports.period import one_moment
from pos.reports.sales.figures import FIGURES
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.first_steps import first_steps
from pos.web.office.labels import (
    Point,
    compared,
    kind_labels,
    outbox_labels,
    tender_labels,
    unmatched_text,
)
from pos.web.office.request_args import (
    long_day,
    own_places,
    requested_place,
    short_day,
    week_day,
    whole_week_day,
)


@dataclass(frozen=True)
class AttentionItem:
    """Something to look at, and where."""

    icon: str
    text: str
    href: str


def _to_messages() -> str:
    if current_staff().person.may(Permission.MANAGE_BOOKS):
        return url_for("office.messages", _anchor="dead")
    return url_for("office.payments", _anchor="messages")


def _things(found: LocationDay, mine: tuple[Place, ...]) -> list[AttentionItem]:
    session, w = reading(), page_translator()
    things = []
    for payment in stuck_payments(session, mine):
        sums = {"amount": w.money(payment.amount_minor, payment.currency), "place": payment.place.name}
        text = {
            "doubt": _("A card payment of %(amount)s at %(place)s has no known outcome.", **sums),
            "mismatch": _("A card payment of %(amount)s at %(place)s does not fit its sale.", **sums),
            "no_sale": _("A card payment of %(amount)s at %(place)s paid for nothing. It must be given back.", **sums),
            "part": _("A ticket at %(place)s was left paid in part: %(amount)s was received.", **sums),
        }[payment.why]
        things.append(AttentionItem("card", text, url_for("office.payments")))
    chain_wide = may_chain_wide()
    after = needs_attention(session, mine, unplaced=chain_wide)
    for dispute in after.disputes:
        sums = {"amount": w.money(dispute.amount_minor, dispute.currency), "place": dispute.place.name}
        due = w.moment(dispute.due_at, dispute.place.time_zone) if dispute.due_at else ""
        text = _("A payment of %(amount)s at %(place)s is disputed. Answer before %(due)s.", due=due, **sums)
        things.append(AttentionItem("alert", text, url_for("office.one_dispute", dispute_id=dispute.dispute_id)))
    if after.payouts:
        text = ngettext("%(num)d payout has differences.", "%(num)d payouts have differences.", after.payouts)
        things.append(AttentionItem("money", text, url_for("office.payout_list")))
    if after.unmatched and current_staff().person.may(Permission.MANAGE_BOOKS):
        things.append(AttentionItem("card", unmatched_text(after.unmatched), url_for("office.unmatched_rows")))
    for topic, count, _since in dead_messages(session) if chain_wide else ():
        text = ngettext(
            "%(num)d message could not be delivered: %(topic)s.",
            "%(num)d messages could not be delivered: %(topic)s.",
            count,
            topic=outbox_labels().get(topic, topic),
        )
        things.append(AttentionItem("mail", text, _to_messages()))
    for shift in wrong_counts(session, mine):
        assert shift.over_short_minor is not None
        sums = {
            "amount": w.money(abs(shift.over_short_minor), shift.place.currency),
            "place": f"{shift.place.name}, {shift.desk}",
            "day": short_day(shift.business_on),
        }
        text = (
            _("The drawer of %(place)s was %(amount)s over on %(day)s.", **sums)
            if shift.over_short_minor > 0
            else _("The drawer of %(place)s was %(amount)s short on %(day)s.", **sums)
        )
        day = shift.business_on.isoformat()
        where: dict[str, Any] = {"location": shift.place.slug, "from": day, "to": day}
        things.append(AttentionItem("coins", text, url_for("office.shifts", **where)))
    if found.discount_percent >= DISCOUNT_PERCENT:
        text = _("Discounts are %(percent)s of today's gross.", percent=f"{found.discount_percent} %")
        day = found.day.isoformat()
        where = {"location": found.place.slug, "from": day, "to": day, "what": "discounted", "rows": "items"}
        things.append(AttentionItem("percent", text, url_for("office.sales", **where)))
    if not found.agreement.holds:
        day = found.day.isoformat()
        where = {"location": found.place.slug, "from": day, "to": day}
        text = _("Today's sales do not agree with the ledger.")
        things.append(AttentionItem("alert", text, url_for("office.sales", **where)))
    return things


@bp.get("/")
@requires(Permission.OWN)
def today() -> str | AnyResponse:
    """Takings, categories, credits and drawers of one location today; a therapist goes on to their own earnings."""
    if not current_staff().person.may(Permission.SEE_REPORTS):
        return redirect(url_for("office.own_earnings"), 303)
    one_moment(reading())
    place, mine = requested_place(), own_places()
    found = location_day(reading(), place)
    w, figures = page_translator(), found.figures

    def point(label: str, minor: int) -> Point:
        return Point(label, minor, w.amount(minor, place.currency))

    tenders = [point(text, figures.tender_minor(kind)) for kind, text in tender_labels().items() if kind not in STORED]
    kinds = [point(text, figures.kind(kind).net_minor) for kind, text in kind_labels().items()]
    return render_template(
        "office/dashboard.html",
        found=found,
        meant=FIGURES,
        places=mine,
        day_words=long_day(found.day),
        day=found.day.isoformat(),
        compared=compared(figures.takings_minor, found.takings_before_minor),
        before_words=whole_week_day(found.day),
        tenders=tenders,
        kinds=kinds,
        week=[point(week_day(on), minor) for on, minor in found.week],
        week_before=[point(week_day(on), minor) for on, minor in found.week_before],
        things=_things(found, mine),
        first_steps=first_steps(),
    )
