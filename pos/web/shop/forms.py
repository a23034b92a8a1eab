"""What clients type: their details, and the address a sign-in link goes to."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, EmailField, Field, Form, HiddenField, StringField, TelField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from pos.core.errors import Invalid
from pos.domain.clients.registration import clean_name, normal_email, normal_phone
from pos.web.common.form_fields import PageForm, WholeNumber
from pos.web.common.template_context import page_text


def _email(_form: Form, field: Field) -> None:
    try:
        normal_email(field.data)
    except Invalid as error:
        raise ValidationError(page_text(error.sentence)) from error


def _name(_form: Form, field: Field) -> None:
    try:
        clean_name(field.data or "", field=field.name, needed=field.name == "given_name")
    except Invalid as error:
        raise ValidationError(page_text(error.sentence)) from error


class DetailsForm(PageForm):
    """Who buys. The order's key was minted with the form; prices are not asked of a browser."""

    order_key = HiddenField()
    given_name = StringField(_l("First name"), [InputRequired(_l("Please write your first name.")), _name])
    family_name = StringField(_l("Last name"), [Optional(), _name])
    email = EmailField(
        _l("E-mail"),
        [InputRequired(_l("Please write your e-mail address.")), Length(max=254), _email],
        description=_l("Your receipt and your sign-in link go here."),
    )
    phone = TelField(_l("Phone"), [Optional(), Length(max=40)])
    begin_early = BooleanField(
        _l("I want to be able to begin before the 14 days to withdraw are over"),
        [Optional()],
        description=_l("If I withdraw then, I pay for the sessions I had by that day."),
    )
    terms = BooleanField(
        _l("I have read the terms and accept them"), [InputRequired(_l("Please accept the terms to go on."))]
    )

    def __init__(self, formdata: Any = None, *, country: str, **values: Any) -> None:
        self._country = country
        super().__init__(formdata, **values)

    def validate_phone(self, field: Field) -> None:
        """A number as it is dialled in the clinic's country."""
        try:
            normal_phone(field.data, self._country)
        except Invalid as error:
            raise ValidationError(page_text(error.sentence)) from error

    def typed(self) -> dict[str, str]:
        """What was typed, to be kept while the client is away at Stripe."""
        return {name: self[name].data or "" for name in ("given_name", "family_name", "email", "phone")}


class PackageForm(DetailsForm):
    """Who buys a package, what makes it cheaper and what pays for it before the payment page. `shown` is the amount seen."""

    shown = HiddenField()
    promo = StringField(_l("Promo code"), [Optional(), Length(max=40)])
    gift_code = StringField(_l("Code of a gift card"), [Optional(), Length(max=80)])
    use_credit = BooleanField(_l("Use my account credit"), [Optional()])

    def shown_minor(self) -> int | None:
        """What the page said is left to pay; None for a form that does not say."""
        text = self.shown.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


class ShareForm(PageForm):
    """Somebody who is invited to use one's own package."""

    email = EmailField(
        _l("Their e-mail"),
        [InputRequired(_l("Please write their e-mail address.")), Length(max=254), _email],
        description=_l("We mail them a link. They need not have been here before."),
    )
    cap = WholeNumber(
        _l("Sessions at most"),
        [Optional(), NumberRange(1, 999, _l("Write a number, or nothing for no limit."))],
        description=_l("Leave it empty for no limit."),
    )


class NameForm(PageForm):
    """Whoever accepts an invitation and is new here."""

    given_name = StringField(_l("First name"), [InputRequired(_l("Please write your first name.")), _name])
    family_name = StringField(_l("Last name"), [Optional(), _name])


class GiftForm(DetailsForm):
    """Who buys a gift card, what it is worth, and who gets it when."""

    amount = StringField(_l("What it is worth"), [InputRequired(_l("Please write an amount.")), Length(max=20)])
    to_name = StringField(_l("For"), [Optional(), Length(max=120)])
    to_email = EmailField(
        _l("Their e-mail"),
        [Optional(), Length(max=254), _email],
        description=_l("The gift card goes here. Without it, it comes to you."),
    )
    message = StringField(_l("A few words"), [Optional(), Length(max=300)], description=_l("They stand on the card."))
    send_on = DateField(_l("Send it on"), [Optional()], description=_l("Without a day it goes at once."))


class BalanceForm(PageForm):
    """The code of a gift card."""

    code = StringField(_l("Code"), [InputRequired(_l("Please write the code of the gift card.")), Length(max=80)])


class SignInForm(PageForm):
    """The address a link goes to."""

    email = EmailField(
        _l("E-mail"),
        [InputRequired(_l("Please write your e-mail address.")), Length(max=254), _email],
        description=_l("The address you gave at the clinic or in the shop."),
    )
