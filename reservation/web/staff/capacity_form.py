"""The form of a day's capacity. Empty boxes mean that the rule book's default counts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from reservation.domain.rulebook.places import ROOM_USES, Room
from reservation.domain.values import Day
from reservation.i18n import text_of
from reservation.services.capacity import Settings
from reservation.web.fields import NumberField, options
from reservation.web.staff.forms import on_offer


class CapacityForm(FlaskForm):
    """Places, staff of each half of the day, and the rooms that are open."""

    effective_capacity = NumberField(_l("受け入れる人数"))
    am_workers = NumberField(_l("保育士 午前"))
    am_nurses = NumberField(_l("看護師等 午前"))
    pm_workers = NumberField(_l("保育士 午後"))
    pm_nurses = NumberField(_l("看護師等 午後"))
    rooms = SelectMultipleField(
        _l("開く部屋"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )

    official: int
    may_exceed: bool
    uses: dict[str, SelectField]
    """By room: what it takes that day; '' is what the rule book says."""
    no_entrance: frozenset[str]
    """Rooms that may take no infections, for want of an entrance of their own."""

    @classmethod
    def of(cls, day: Day) -> CapacityForm:
        """The form filled with what the day has now, or with what was sent."""
        halves = {duty.half: duty for duty in day.duty}
        stored: dict[str, Any] = {"effective_capacity": day.effective_capacity}
        for half, duty in halves.items():
            stored |= {f"{half}_workers": duty.childcare_workers, f"{half}_nurses": duty.nurses}
        rooms = day.rules.places.rooms
        stored["rooms"] = [room.id for room in rooms if room.id not in day.closed_rooms]
        boxes = {_box(room): _use_field(room) for room in rooms}
        stored |= {_box(room): day.room_uses.get(room.id, "") for room in rooms}
        form: CapacityForm = type("OneDaysForm", (cls,), boxes)(data=stored)
        form.uses = {room.id: form[_box(room)] for room in rooms}
        apart = day.rules.places.infections_by_own_entrance
        form.no_entrance = frozenset(r.id for r in rooms if apart and not r.own_entrance)
        form.rooms.choices = options(
            (room.id, _("%(room)s(%(n)s人)", room=text_of(room.label).text, n=room.places))
            for room in rooms
        )
        form.official = day.rules.places.official_capacity
        form.may_exceed = day.rules.places.may_exceed
        return form

    def validate_effective_capacity(self, field: Field) -> None:
        """Not more than the official capacity, unless the rule book admits it."""
        if field.data is not None and field.data > self.official and not self.may_exceed:
            raise ValidationError(
                _("受け入れる人数は、定員の %(n)s人までで入力してください", n=self.official)
            )

    def validate_am_nurses(self, field: Field) -> None:
        """Both kinds of staff of a half, or neither."""
        _both(self.am_workers, field)

    def validate_pm_nurses(self, field: Field) -> None:
        """Both kinds of staff of a half, or neither."""
        _both(self.pm_workers, field)

    def validate(self, extra_validators: Any = None) -> bool:
        """Each box, and that no room takes infections that may not."""
        sound: bool = super().validate(extra_validators)
        for room_id in self.no_entrance:
            if self.uses[room_id].data in ("infectious", "either"):
                self.uses[room_id].errors = [
                    _("専用の出入口がない部屋は、うつる病気には使えません")
                ]
                sound = False
        return sound

    def settings(self, day: Day) -> Settings:
        """What the act takes; rooms that are not ticked are closed."""
        everything = {room.id for room in day.rules.places.rooms}
        return Settings(
            effective_capacity=self.effective_capacity.data,
            closed_rooms=frozenset(everything - set(self.rooms.data or ())),
            room_uses={room: use.data for room, use in self.uses.items() if use.data},
            am_workers=self.am_workers.data,
            am_nurses=self.am_nurses.data,
            pm_workers=self.pm_workers.data,
            pm_nurses=self.pm_nurses.data,
        )


def _box(room: Room) -> str:
    return f"use_{room.id}"


def _use_field(room: Room) -> SelectField:
    usual = _("いつもどおり(%(use)s)", use=_(ROOM_USES[room.use]))
    choices = [("", usual), *((use, _(words)) for use, words in ROOM_USES.items())]
    return SelectField(text_of(room.label).text, [on_offer], choices=options(choices),
                       validate_choice=False)  # fmt: skip


def _both(workers: Field, nurses: Field) -> None:
    if not workers.errors and (workers.data is None) != (nurses.data is None):
        raise ValidationError(_("保育士と看護師等は、両方を入力するか、両方を空にしてください"))
