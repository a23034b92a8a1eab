"""What a manager types of a service and of an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.validators import InputRequired, Length, Optional

from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.core.money import parse_amount
from pos.domain.catalogue.services_and_items import ItemTerms, ServiceTerms
from pos.domain.locations.queries import Place
from pos.web.common.form_fields import PageForm, WholeNumber

_NEEDED = _l("This is needed.")


class ServiceForm(PageForm):
    """A service as clients and the register read it."""

    service_id = HiddenField()
    seen = HiddenField()
    name = StringField(
        _l("Name"), [InputRequired(_NEEDED), Length(max=400)], description=_l("In the shop and on pages.")
    )
    short_name = StringField(
        _l("Short name"),
        [InputRequired(_NEEDED), Length(max=400)],
        description=_l("On the register and on receipts, with the minutes after it."),
    )
    description = TextAreaField(
        _l("Description for clients"),
        [Optional(), Length(max=8000)],
        description=_l("In the shop. What it is, without a promise of what it does for health."),
    )

    def typed(self) -> ServiceTerms:
        """What was typed."""
        return ServiceTerms(self.name.data or "", self.short_name.data or "", self.description.data or "")


class ItemForm(PageForm):
    """A duration, an add-on or a retail article."""

    item_id = HiddenField()
    seen = HiddenField()
    name = StringField(_l("Name"), [Optional(), Length(max=400)], description=_l("On the register and on receipts."))
    minutes = WholeNumber(_l("Minutes"), [Optional()])
    tax_category = SelectField(
        _l("Tax category"), description=_l("Which rate of Tax and breakage it has."), validate_choice=False
    )
    key = StringField(
        _l("Key on the register"),
        [Optional(), Length(max=10)],
        description=_l("One letter, pressed with Alt. Empty: no key."),
    )
    code = StringField(
        _l("Barcode"), [Optional(), Length(max=100)], description=_l("EAN or UPC, or a code of your own.")
    )

    def offer(self, kind: str, categories: Mapping[str, str]) -> None:
        """Keep the fields of a kind, and offer the tax categories."""
        away = {"variant": ("name", "key", "code"), "add_on": ("minutes", "code"), "retail": ("minutes",)}[kind]
        for name in away:
            del self[name]
        self.tax_category.choices = [SelectChoice(key, name) for key, name in categories.items()]
        if self.name is not None:
            self.name.validators = [InputRequired(_NEEDED), Length(max=400)]
            self.name.flags.required = True
        if self.minutes is not None:
            self.minutes.flags.required = True

    def typed(self, kind: str, service_id: UUID | None) -> ItemTerms:
        """What was typed."""
        return ItemTerms(
            kind=kind,
            name=(self.name.data or "") if self.name is not None else "",
            tax_category=self.tax_category.data or "",
            service_id=service_id,
            minutes=self.minutes.data if self.minutes is not None else None,
            key=self.key.data if self.key is not None else None,
            code=self.code.data if self.code is not None else None,
        )


def typed_prices(places: Sequence[Place]) -> tuple[dict[UUID, int], dict[str, Message]]:
    """The prices of a new item by location, where one was typed, and what is wrong with them by the location's word."""
    prices: dict[UUID, int] = {}
    wrong: dict[str, Message] = {}
    for place in places:
        text = request.form.get(f"price-{place.slug}", "")[:40].strip()
        if not text:
            continue
        try:
            prices[place.id] = parse_amount(text, place.currency, field="price")
        except Invalid as error:
            wrong[place.slug] = error.sentence
    return prices, wrong
