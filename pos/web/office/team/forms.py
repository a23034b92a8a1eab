"""What a manager types of somebody who works here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from pos.core.ids import parse_id
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Role
from pos.services.staff.people import StaffTerms
from pos.web.common.form_fields import PageForm
from pos.web.office.settings.package_plan_forms import Percentage, Several

_NEEDED = _l("This is needed.")


def role_words() -> dict[Role, str]:
    """The roles in words."""
    return {
        Role.RECEPTIONIST: _("Receptionist"),
        Role.THERAPIST: _("Therapist"),
        Role.MANAGER: _("Manager"),
        Role.OWNER: _("Owner"),
        Role.BOOKKEEPER: _("Bookkeeper"),
    }


class StaffForm(PageForm):
    """A person. `staff_id` makes a second press harmless."""

    staff_id = HiddenField()
    name = StringField(_l("Name"), [InputRequired(_NEEDED), Length(max=80)])
    email = StringField(
        _l("E-mail"),
        [Optional(), Length(max=254)],
        description=_l("For invitations, and to sign in to the office."),
    )
    role = SelectField(_l("Role"))
    locations = Several(_l("Works at"), [DataRequired(_l("Choose at least one location."))], coerce=str, choices=[])
    treats = BooleanField(_l("Gives treatments"))
    tier = SelectField(_l("Tier"), coerce=int, default=0)
    licence_number = StringField(_l("Licence number"), [Optional(), Length(max=40)], description=_l("Of a therapist."))
    npi = StringField(
        _l("NPI"), [Optional(), Length(max=20)], description=_l("Ten digits; in the United States, for insurers.")
    )

    def offer(self, places: tuple[Place, ...], tiers: dict[int, str], *, owner: bool) -> None:
        """The roles, locations and tiers there are to choose from."""
        words = role_words()
        self.role.choices = [
            SelectChoice(role.value, text) for role, text in words.items() if owner or role is not Role.OWNER
        ]
        self.locations.choices = [SelectChoice(str(place.id), place.name) for place in places]
        self.tier.choices = [SelectChoice(level, text) for level, text in tiers.items()]

    def typed(self) -> StaffTerms:
        """What was typed."""
        return StaffTerms(
            name=self.name.data or "",
            role=Role(self.role.data),
            locations=frozenset(UUID(one) for one in self.locations.data or ()),
            email=self.email.data,
            treats=bool(self.treats.data),
            tier=self.tier.data or 0,
            licence_number=self.licence_number.data,
            npi=self.npi.data,
        )

    def key(self) -> UUID:
        """The key of somebody new; raises Invalid."""
        return parse_id(self.staff_id.data, field="staff_id")


def form_values(terms: StaffTerms) -> dict[str, Any]:
    """What the form shows of somebody."""
    return {
        "name": terms.name, "email": terms.email or "", "role": terms.role.value, "treats": terms.treats,
        "locations": [str(one) for one in terms.locations], "tier": terms.tier,
        "licence_number": terms.licence_number or "", "npi": terms.npi or "",
    }  # fmt: skip


class CommissionForm(PageForm):
    """A commission from a day on."""

    from_on = DateField(_l("From"), [InputRequired(_l("Choose a day."))])
    visit_percent = Percentage(_l("Of visits, %"), [Optional()], default="0")
    sale_percent = Percentage(_l("Of what they sell, %"), [Optional()], default="0")
