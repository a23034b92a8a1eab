"""What a manager types of a promo code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.validators import InputRequired, Length, Optional

from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.core.money import parse_amount, plain
from pos.domain.catalogue.queries import Menu
from pos.domain.locations.queries import Place
from pos.domain.promotions.rules import PromoTerms, normal_code
from pos.web.common.form_fields import PageForm, WholeNumber
from pos.web.office.settings.package_plan_forms import Percentage, Several

_NEEDED = _l("This is needed.")
_EVERY = "every "
_MOST_LABEL = 80


class PromoForm(PageForm):
    """A code, what it takes off, what it holds for, and its limits."""

    promo_id = HiddenField()
    code = StringField(
        _l("Code"),
        [InputRequired(_NEEDED), Length(max=40)],
        description=_l("What clients type: letters, digits, hyphens."),
    )
    label = StringField(
        _l("On the receipt"),
        [InputRequired(_NEEDED), Length(max=_MOST_LABEL)],
        description=_l("What clients read beside the reduction."),
    )
    where = SelectField(_l("Holds at"))
    percent = Percentage(_l("Percent off"), [Optional()])
    amount = StringField(
        _l("Or an amount off"), [Optional(), Length(max=20)], description=_l("Of all it holds for, together.")
    )
    items = Several(_l("Holds for"), [Optional()], description=_l("None chosen: for everything but gift cards."))
    from_on = DateField(_l("From"), [InputRequired(_NEEDED)])
    until_on = DateField(_l("Until"), [Optional()], description=_l("Empty: no end."))
    most_uses = WholeNumber(_l("Uses in all"), [Optional()], description=_l("Empty: no limit."))
    most_per_client = WholeNumber(_l("Uses of one client"), [Optional()], description=_l("Empty: no limit."))
    active = BooleanField(_l("It can be used"), [Optional()])

    def offer(self, places: tuple[Place, ...], menus: list[Menu], *, is_chain_wide: bool) -> None:
        """The locations and items there are to choose from."""
        currencies = sorted({place.currency for place in places}) if is_chain_wide else []
        every = [(f"{_EVERY}{one}", _l("Every location in %(currency)s", currency=one)) for one in currencies]
        self.where.choices = [SelectChoice(value, text) for value, text in every]
        self.where.choices += [SelectChoice(str(place.id), place.name) for place in places]
        named = {str(item.item_id): item.name for menu in menus for item in menu.all()}
        self.items.choices = [SelectChoice(key, name) for key, name in named.items()]

    def typed(self, places: tuple[Place, ...]) -> PromoTerms:
        """The terms that were typed; raises Invalid naming the field."""
        chosen = self.where.data or ""
        place = next((one for one in places if str(one.id) == chosen), None)
        currency = place.currency if place else chosen.removeprefix(_EVERY)
        amount = (self.amount.data or "").strip()
        assert self.from_on.data is not None
        return PromoTerms(
            promo_id=parse_id(self.promo_id.data, field="promo_id"),
            code=normal_code(self.code.data or ""),
            label=printable(self.label.data or "", _MOST_LABEL),
            percent=self.percent.value if (self.percent.data or "").strip() else None,
            amount_minor=parse_amount(amount, currency, field="amount") if amount else None,
            currency=currency,
            location_id=place.id if place else None,
            items=frozenset(UUID(item) for item in self.items.data or ()),
            from_on=self.from_on.data,
            until_on=self.until_on.data,
            most_uses=self.most_uses.data,
            most_per_client=self.most_per_client.data,
            active=bool(self.active.data),
        ).checked()


def form_values(terms: PromoTerms) -> dict[str, Any]:
    """What the form shows of a code."""
    return {
        "code": terms.code,
        "label": terms.label,
        "where": str(terms.location_id) if terms.location_id else f"{_EVERY}{terms.currency}",
        "percent": f"{terms.percent.normalize():f}" if terms.percent is not None else "",
        "amount": plain(terms.amount_minor, terms.currency) if terms.amount_minor is not None else "",
        "items": [str(item) for item in terms.items],
        "from_on": terms.from_on,
        "until_on": terms.until_on,
        "most_uses": terms.most_uses,
        "most_per_client": terms.most_per_client,
        "active": terms.active,
    }
