"""What a manager types of a package plan."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput

from pos.domain.catalogue.package_plans import (
    MOST_DAYS,
    MOST_MONTHS,
    MOST_SESSIONS,
    MOST_TEXT,
    PlanTerms,
)
from pos.web.common.form_fields import PageForm

_REQUIRED = _l("This is needed.")
PERCENTS = ("refund_fee_percent", "deposit_percent")


class WholeNumber(IntegerField):
    """A whole number, with a sentence where it is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; empty stays empty."""
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        if not text:
            return
        if not text.isdecimal() or not text.isascii() or len(text) > 6:
            raise ValueError(_("Write a whole number."))
        self.data = int(text)


class Percentage(StringField):
    """A percentage between 0 and 100 as it was typed; `value` is the number."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no percentage."""
        if not self._number().is_finite() or not 0 <= self._number() <= 100:
            raise ValidationError(_("Write a percentage between 0 and 100, like 10 or 7.5."))

    def _number(self) -> Decimal:
        text = (self.data or "0").strip().removesuffix("%").strip().replace(",", ".")
        try:
            return round(Decimal(text[:12]), 4) if len(text) <= 12 else Decimal("NaN")
        except InvalidOperation:
            return Decimal("NaN")

    @property
    def value(self) -> Decimal:
        """The number that was typed."""
        return self._number()


class Several(SelectMultipleField):
    """A list of checks."""

    option_widget = CheckboxInput()


def _number(
    label: Any, most: int, *, least: int = 0, default: int | None = None, needed: bool = True, **more: Any
) -> Any:
    sentence = _l("Between %(least)s and %(most)s.", least=least, most=most)
    first = InputRequired(_REQUIRED) if needed else Optional()
    return WholeNumber(label, [first, NumberRange(least, most, sentence)], default=default, **more)


class PlanForm(PageForm):
    """A plan. `plan_id` makes a second press harmless, `seen` notices that somebody else was faster."""

    plan_id = HiddenField()
    seen = HiddenField()
    name = StringField(_l("Name"), [InputRequired(_REQUIRED), Length(max=160)])
    eligible = Several(
        _l("Good for"), [DataRequired(_l("Choose what its sessions are good for."))], coerce=str, choices=[]
    )
    included = Several(_l("Included with each visit"), coerce=str, choices=[])
    sessions = _number(_l("Sessions"), MOST_SESSIONS, least=1)
    bonus_sessions = _number(
        _l("Bonus sessions"), MOST_SESSIONS, default=0, description=_l("On the house; they share the price.")
    )
    validity_months = _number(
        _l("Valid for months"), MOST_MONTHS, default=12, needed=False, description=_l("From the day of the sale.")
    )
    expiry_policy = SelectField(_l("What is left after the last day"))
    refund_policy = SelectField(_l("When somebody stops early"))
    refund_fee_percent = Percentage(
        _l("Fee on a refund, %"), default="0", description=_l("Of what was paid; only where single prices count.")
    )
    tier = SelectField(_l("Good for therapists up to"), coerce=int, default=0)
    deposit_percent = Percentage(
        _l("Least part paid at once, %"),
        default="0",
        description=_l("At the desk the rest is paid later; only what is paid can be used. 0: all of it at once."),
    )
    upgrade_method = SelectField(_l("A longer visit costs"))
    sharing = BooleanField(_l("May be shared with named people"), default=True)
    share_cap = _number(
        _l("Credits each of them may use"), 999, least=1, needed=False, description=_l("Empty is no limit.")
    )
    transfer = BooleanField(_l("Credits may be given away"), default=True)
    freeze_days = _number(
        _l("Days a freeze may last"), MOST_DAYS, default=90, description=_l("In all; medical without a limit.")
    )
    extension_days = _number(_l("Days a manager may add"), MOST_DAYS, default=365)
    visit_conversion = BooleanField(_l("A single paid today can become its first visit"), default=True)
    in_shop = BooleanField(_l("Sold in the online shop"), default=True)
    sale_from_on = DateField(_l("Sold from"), [Optional()])
    sale_to_on = DateField(_l("Sold until"), [Optional()], description=_l("Both days included. Empty is no limit."))
    terms = TextAreaField(
        _l("Terms in your own words"),
        [Length(max=MOST_TEXT)],
        default="",
        description=_l("Shown before the sentences of the policies above. One line is one sentence or two."),
    )
    terms_version = StringField(
        _l("Version of the text"),
        [InputRequired(_REQUIRED), Length(max=20)],
        default="1",
        description=_l("A changed text needs a new one: each client keeps the version they bought."),
    )

    def offer(self, choices: dict[str, list[tuple[UUID, str]]], tiers: dict[int, str]) -> None:
        """Fill in what can be chosen."""
        self.tier.choices = [SelectChoice(level, name) for level, name in tiers.items()]
        for field in (self.eligible, self.included):
            field.choices = [SelectChoice(str(key), name) for key, name in choices[field.name]]
        words = policy_labels()
        for select in (self.expiry_policy, self.refund_policy, self.upgrade_method):
            select.choices = [SelectChoice(value, text) for value, text in words[select.name].items()]

    def typed(self) -> PlanTerms:
        """What was typed, after it was validated as far as a form can."""
        typed: dict[str, Any] = {name: self[name].data for name in PlanTerms.__dataclass_fields__}
        numbers = ("bonus_sessions", "validity_months", "freeze_days", "extension_days")
        typed |= {name: typed[name] or 0 for name in numbers}
        typed |= {role: tuple(UUID(key) for key in typed[role] or ()) for role in ("eligible", "included")}
        percents = {"refund_fee_percent": self.refund_fee_percent.value, "deposit_percent": self.deposit_percent.value}
        return PlanTerms(**typed | percents)


def policy_labels() -> dict[str, dict[str, str]]:
    """What each policy of a plan means."""
    return {
        "expiry_policy": {
            "account_credit": _("what was paid for it becomes account credit"),
            "lapse": _("it ends, and its value is earned"),
            "never": _("nothing: it never expires"),
        },
        "refund_policy": {
            "pro_rata": _("unused sessions come back at what was paid for each"),
            "single_price": _("used sessions count at the single price, the rest comes back"),
            "store_credit": _("unused sessions become credit at the clinic"),
        },
        "upgrade_method": {
            "list": _("the difference of the two single prices"),
            "value": _("its single price, less what the credit is worth"),
        },
    }


def form_values(terms: PlanTerms) -> dict[str, Any]:
    """A plan as its form shows it."""
    percents = {name: f"{getattr(terms, name).normalize():f}" for name in PERCENTS}
    roles = {role: [str(key) for key in getattr(terms, role)] for role in ("eligible", "included")}
    names = PlanTerms.__dataclass_fields__.keys() - roles.keys() - percents.keys()
    return {name: getattr(terms, name) for name in names} | roles | percents
