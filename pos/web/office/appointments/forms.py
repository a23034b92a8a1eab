"""What is typed for a visit that is expected."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from pos.core.errors import Invalid
from pos.core.i18n.name_folding import same_name
from pos.core.ids import parse_id
from pos.domain.appointments.queries import Listed
from pos.domain.catalogue.queries import visit_items
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.queries import of_contact
from pos.domain.clients.registration import normal_email, normal_phone
from pos.domain.locations.queries import Place
from pos.domain.staff.queries import therapists
from pos.reports.period import parse_day
from pos.services.appointments.plan import MOST_NAME, MOST_NOTE, PlannedVisit, time_of
from pos.web.common.form_fields import PageForm
from pos.web.office.packages.forms import choices


class AppointmentForm(PageForm):
    """A visit. `appointment_id` makes a second press harmless, `client_id` is whom the name was of."""

    appointment_id = HiddenField()
    client_id = HiddenField()
    visit_on = StringField(_l("Day"), [InputRequired(_l("Write a day.")), Length(max=40)])
    starts_at = StringField(_l("Time"), [InputRequired(_l("Write the time like 09:30.")), Length(max=10)])
    client_name = StringField(_l("Client"), [InputRequired(_l("Please write a name.")), Length(max=MOST_NAME)])
    contact = StringField(
        _l("E-mail or phone"),
        [Length(max=320)],
        description=_l("A client of this name with this address or number is found. Nobody is added."),
    )
    item_id = SelectField(_l("Service"), validate_choice=False)
    therapist_id = SelectField(_l("Therapist"), validate_choice=False)
    note = StringField(_l("Note"), [Length(max=MOST_NOTE)])
    state = SelectField(_l("State"), validate_choice=False)

    def offer(self, session: Session, place: Place) -> None:
        """Fill the lists of treatments and therapists."""
        self.item_id.choices = choices((str(item_id), name) for item_id, name in visit_items(session))
        here = [(str(staff_id), name) for staff_id, name, _ in therapists(session, place.id)]
        self.therapist_id.choices = choices([("", _l("Nobody named")), *here])
        words = (("expected", _l("Expected")), ("arrived", _l("Arrived")), ("missed", _l("Missed")))
        self.state.choices = choices([*words, ("cancelled", _l("Cancelled"))])

    def of(self, one: Listed) -> None:
        """Begin with what is planned."""
        self.appointment_id.data, self.client_id.data = str(one.id), str(one.client_id or "")
        self.visit_on.data, self.starts_at.data = one.visit_on.isoformat(), one.starts_at.isoformat("minutes")
        self.client_name.data, self.note.data = one.client, one.note
        self.item_id.data, self.therapist_id.data, self.state.data = (
            str(one.item_id),
            str(one.therapist_id or ""),
            one.state,
        )

    def visit(self, session: Session, place: Place) -> PlannedVisit:
        """What was typed; raises Invalid."""
        therapist = parse_id(self.therapist_id.data, field="therapist_id") if self.therapist_id.data else None
        return PlannedVisit(
            parse_day(self.visit_on.data or "", field="visit_on"),
            time_of(self.starts_at.data or ""),
            parse_id(self.item_id.data, field="item_id"),
            self._client(session, place),
            self.client_name.data or "",
            therapist,
            self.note.data or "",
        )

    def _client(self, session: Session, place: Place) -> UUID | None:
        name, contact = self.client_name.data or "", (self.contact.data or "").strip()
        if contact:
            try:
                email = normal_email(contact) if "@" in contact else None
                phone = None if email else normal_phone(contact, place.country)
            except Invalid as error:
                raise Invalid(error.sentence, field="contact") from error
            found = of_contact(session, name, "", email=email, phone=phone)
            return found.id if found else None
        if self.client_id.data:
            kept = client_of(session, parse_id(self.client_id.data, field="client_name"))
            if same_name(kept.name, name):
                return kept.id
        return None
