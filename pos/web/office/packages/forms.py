"""What a manager types to put a package right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from pos.core.errors import PosError
from pos.web.common.form_fields import PageForm, WholeNumber
from pos.web.common.template_context import page_text

_REQUIRED = _l("This is needed.")


class ReasonForm(PageForm):
    """An action with nothing but its reason. `action_id` makes a second press harmless."""

    action_id = HiddenField()
    reason = StringField(
        _l("Reason"),
        [InputRequired(_REQUIRED), Length(max=200)],
        description=_l("Kept with the change, for whoever looks at it later."),
    )


class FreezeForm(ReasonForm):
    """From today, until a day or until somebody ends it."""

    until_on = DateField(
        _l("Until"),
        [Optional()],
        description=_l("The day the freeze ends. Leave it empty to end it by hand; the terms limit how long it lasts."),
    )
    medical = BooleanField(_l("Medical: without a limit of days"))


class ExtendForm(ReasonForm):
    """Another last day."""

    to = DateField(_l("New last day"), [InputRequired(_l("Choose a day."))])


class ForfeitForm(ReasonForm):
    """A credit used up without a visit."""

    cause = RadioField(
        _l("What happened"),
        [InputRequired(_REQUIRED)],
        choices=[SelectChoice("late_cancel", _l("Cancelled too late")), SelectChoice("no_show", _l("Did not come"))],
        default="late_cancel",
    )


class PersonForm(ReasonForm):
    """An action with another client: typed as the desk would search, chosen where several fit."""

    who = StringField(
        _l("Client"), [InputRequired(_REQUIRED), Length(max=80)], description=_l("Name, e-mail or phone of a client.")
    )
    client_id = SelectField(_l("Which one"), [Optional()], choices=[], validate_choice=False)


class ShareForm(PersonForm):
    """Somebody who may use the package."""

    cap = WholeNumber(
        _l("At most"), [Optional(), NumberRange(1, 999)], description=_l("Credits in all. Leave it empty for no limit.")
    )


class TransferForm(PersonForm):
    """Credits for somebody else."""

    credits = WholeNumber(_l("Credits"), [InputRequired(_REQUIRED), NumberRange(1, 999)], default=1)


class ComplimentaryForm(ReasonForm):
    """A complimentary credit."""

    location = SelectField(_l("Location"))
    item_id = SelectField(_l("Good for"))
    credits = WholeNumber(_l("Credits"), [InputRequired(_REQUIRED), NumberRange(1, 20)], default=1)
    code = SelectField(_l("What for"))
    expires_on = DateField(_l("Last day"), [InputRequired(_l("Choose a day."))])


def choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Values and words as a choice field takes them."""
    return [SelectChoice(value, words) for value, words in pairs]


def add_error(form: Any, error: PosError) -> None:
    """Put a refusal beside its field, or above the form where it concerns none of them."""
    sentence = page_text(error.sentence)
    if error.field and error.field in form:
        form[error.field].errors = [*form[error.field].errors, sentence]
    else:
        form.form_errors.append(sentence)
