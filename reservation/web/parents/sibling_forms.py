"""The form by which a family asks for a place beside that of a brother or sister."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from reservation.domain import illnesses, morning
from reservation.domain.values import Booking, Complaint
from reservation.reads.my_book import Asker
from reservation.reads.my_bookings import Booked
from reservation.services.children import Wanted
from reservation.web import onset
from reservation.web.fields import options
from reservation.web.public import choices

CHOSEN = [InputRequired(_l("一覧からえらんでください"))]


class AddForm(FlaskForm):
    """Which child, and how it is. The days of onset are asked of who will wait, where they count;
    of who gets a place the check page asks."""

    child = SelectField(_l("お子さま"), CHOSEN)
    sign = SelectField(_l("ようす"), CHOSEN)
    onset = SelectField(_l("症状が出た日"), validate_choice=False)
    own_onset = SelectField(_l("症状が出た日"), validate_choice=False)

    @classmethod
    def of(cls, booked: Booked, children: list[Asker], **kwargs: Any) -> AddForm:
        """The form with the other children; the first one's complaint is the likeliest."""
        form = cls(**kwargs)
        form.child.choices = options((one.id, one.name) for one in children)
        form.sign.choices = options(choices.signs())
        for field in (form.onset, form.own_onset):
            field.choices = options(onset.days())
        if not form.is_submitted():
            form.sign.data = _sign(booked.booking)
            form.own_onset.data = onset.shown(booked.onset)
        return form

    def wanted(self, booking: Booking) -> Wanted:
        """A place for that child in the same room on the same day."""
        complaint, told = choices.read_sign(self.sign.data)
        return Wanted(
            child_id=self.child.data,
            facility_id=booking.facility_id,
            care_day=booking.care_day,
            complaint=complaint,
            told=told,
            onset=onset.read(self.onset.data),
        )

    def asks_onset(self, booked: Booked, children: list[Asker]) -> bool:
        """Whether the days since onset count for that child."""
        complaint, told = choices.read_sign(self.sign.data)
        illness = illnesses.illness_for(booked.rules, complaint, told)
        birthday = next((c.birthday for c in children if c.id == self.child.data), None)
        return morning.asks_onset(booked.rules, illness, birthday, booked.day)

    @property
    def own_began(self) -> date | None:
        """When the first child's illness began."""
        return onset.read(self.own_onset.data)


def _sign(booking: Booking) -> str:
    if booking.complaint is Complaint.DIAGNOSED:
        return choices.number(booking.illness)
    return booking.complaint.value
