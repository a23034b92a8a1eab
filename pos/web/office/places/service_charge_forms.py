"""What a manager types of a service charge."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask_babel import format_time
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TimeField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.validators import InputRequired, Length, Optional

from pos.core.ids import parse_id
from pos.core.money import parse_amount, plain
from pos.domain.locations.queries import Place
from pos.domain.locations.service_charge_rules import DAY_MINUTES, EVERY_DAY, MOST_NAME, ServiceCharge
from pos.web.common.form_fields import PageForm
from pos.web.office.settings.package_plan_forms import Percentage, Several

_NEEDED = _l("This is needed.")
BY_ITSELF, AT_DESK = "itself", "desk"


def weekday_names() -> list[str]:
    """The days of the week, Monday first."""
    return [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]


class ServiceChargeForm(PageForm):
    """One charge. `key` makes a second press harmless, `seen` notices that somebody else was faster."""

    key = HiddenField()
    seen = HiddenField()
    name = StringField(
        _l("Name"), [InputRequired(_NEEDED), Length(max=MOST_NAME)], description=_l("It stands on the receipt.")
    )
    percent = Percentage(_l("Percent of what the visits cost"), [Optional()])
    amount = StringField(_l("Or an amount"), [Optional(), Length(max=20)])
    tax_category = SelectField(_l("Taxed as"))
    added = RadioField(
        _l("It is added"),
        choices=[
            SelectChoice(BY_ITSELF, _l("By itself")),
            SelectChoice(AT_DESK, _l("When somebody at the desk says so")),
        ],
        default=BY_ITSELF,
    )
    weekdays = Several(_l("On these days"), [Optional()])
    from_time = TimeField(_l("From this hour"), [Optional()], description=_l("Empty: the whole day."))
    to_time = TimeField(
        _l("To before this hour"), [Optional()], description=_l("Less than the first: of the next day.")
    )
    on_credits = BooleanField(_l("Also on visits that a package pays, at their list price"), [Optional()])
    from_on = DateField(_l("First day"), [InputRequired(_NEEDED)])
    until_on = DateField(_l("Last day"), [Optional()], description=_l("Empty: no end."))

    def offer(self, categories: dict[str, str]) -> None:
        """The tax categories and days there are to choose from."""
        self.tax_category.choices = [SelectChoice(key, name) for key, name in categories.items()]
        self.weekdays.choices = [SelectChoice(str(day), name) for day, name in enumerate(weekday_names())]

    def typed(self, place: Place) -> ServiceCharge:
        """The charge that was typed; raises Invalid naming the field."""
        amount = (self.amount.data or "").strip()
        assert self.from_on.data is not None
        by_itself = self.added.data == BY_ITSELF
        return ServiceCharge(
            key=parse_id(self.key.data, field="key"),
            name=self.name.data or "",
            tax_category=self.tax_category.data or "",
            from_on=self.from_on.data,
            until_on=self.until_on.data,
            percent=self.percent.value if (self.percent.data or "").strip() else None,
            amount_minor=parse_amount(amount, place.currency, field="amount") if amount else None,
            by_itself=by_itself,
            weekdays=tuple(int(day) for day in self.weekdays.data or ()) if by_itself else EVERY_DAY,
            from_minute=_minute(self.from_time.data) if by_itself else 0,
            to_minute=(_minute(self.to_time.data) or DAY_MINUTES) if by_itself else DAY_MINUTES,
            on_credits=bool(self.on_credits.data),
        )


def _minute(typed: time | None) -> int:
    return typed.hour * 60 + typed.minute if typed else 0


def _time(minute: int) -> time | None:
    return time(*divmod(minute, 60)) if 0 < minute < DAY_MINUTES else None


def form_values(rule: ServiceCharge, place: Place) -> dict[str, Any]:
    """What the form shows of a charge."""
    is_whole = (rule.from_minute, rule.to_minute) == (0, DAY_MINUTES)
    return {
        "name": rule.name,
        "percent": f"{rule.percent.normalize():f}" if rule.percent is not None else "",
        "amount": plain(rule.amount_minor, place.currency) if rule.amount_minor is not None else "",
        "tax_category": rule.tax_category,
        "added": BY_ITSELF if rule.by_itself else AT_DESK,
        "weekdays": [str(day) for day in rule.weekdays],
        "from_time": None if is_whole else time(*divmod(rule.from_minute, 60)),
        "to_time": None if is_whole else _time(rule.to_minute),
        "on_credits": rule.on_credits,
        "from_on": rule.from_on,
        "until_on": rule.until_on,
    }


def when_words(rule: ServiceCharge) -> str:
    """When a charge is added, in words."""
    if not rule.by_itself:
        return str(_("Chosen at the desk"))
    names = weekday_names()
    days: str = _("Every day") if rule.weekdays == EVERY_DAY else ", ".join(names[day] for day in rule.weekdays)
    if (rule.from_minute, rule.to_minute) == (0, DAY_MINUTES):
        return days
    hours = (time(*divmod(minute % DAY_MINUTES, 60)) for minute in (rule.from_minute, rule.to_minute))
    first, last = (format_time(hour, "short") for hour in hours)
    words: str = _("%(days)s, %(first)s to %(last)s", days=days, first=first, last=last)
    return words
