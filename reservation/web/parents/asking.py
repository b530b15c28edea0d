"""What a family asks for: the child, and the choices that came with the page or the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request, url_for

from reservation import clock
from reservation.domain.values import Booking, Complaint
from reservation.reads import board as boards
from reservation.reads import my_book
from reservation.reads.board import Board, Choice
from reservation.reads.municipalities import House
from reservation.reads.my_book import Asker
from reservation.services.children import Wanted
from reservation.web import onset, town
from reservation.web.parents.session import me
from reservation.web.public import choices
from reservation.web.public.choices import Asked


@dataclass(frozen=True)
class Asking:
    """A child of the family with a complaint or diagnosis, and the town whose rooms it asks."""

    house: House
    asked: Asked
    children: list[Asker]
    child: Asker

    @property
    def choice(self) -> Choice | None:
        """For the board; None while the diagnosis is missing."""
        if self.asked.complaint is Complaint.DIAGNOSED and self.asked.told is None:
            return None
        asked = self.asked
        return Choice(asked.complaint, asked.told, self.child.months, self.child.grade)

    def here(self, **changes: str) -> str:
        """The family's board with some choices changed. A child is a number, never a name."""
        query: dict[str, Any] = {**self.asked.query(), "age": None}
        query["day"] = self.asked.day.isoformat() if self.asked.day else None
        query["m"] = request.args.get("m") or self.house.code
        if len(self.children) > 1:
            query["child"] = self.children.index(self.child) + 1
        return url_for("parents.book", **{**query, **changes})

    def board(self, day: date | None = None) -> Board | None:
        """The rooms for this child; None while the diagnosis is missing."""
        if self.choice is None:
            return None
        who = my_book.known(self.child.id, self.house.id)
        return boards.board(self.house, self.choice, day or self.asked.day, clock.now(), who)

    def fields(self, facility_id: str, day: date) -> dict[str, str]:
        """The hidden fields of a form that asks one room for one day."""
        return sent_fields(self.child.id, facility_id, day, self.asked)


def house() -> House:
    """The town of the address, else the family's own."""
    found = town.asked() if request.args.get("m") else None
    return found or town.of(me().municipality_id) or abort(404)


def asking(children: list[Asker]) -> Asking | None:
    """What this page is asked for; None while one of several children is to be chosen."""
    number = request.args.get("child", "1" if len(children) == 1 else "")
    numbered = {str(n): one for n, one in enumerate(children, 1)}
    if number not in numbered:
        return None
    return Asking(house(), choices.asked(request.args), children, numbered[number])


def of_booking(booking: Booking) -> Asking | None:
    """The wish of an existing booking, to ask it of other rooms; None for a child that left."""
    children = my_book.askers(me().family_id, clock.now())
    child = next((one for one in children if one.id == booking.child_id), None)
    room = my_book.room(booking.facility_id, booking.care_day)
    at = town.of(room.municipality_id) if room else None
    if child is None or at is None:
        return None
    told = booking.illness if booking.complaint is Complaint.DIAGNOSED else None
    return Asking(
        at, Asked(booking.complaint, told, choices.AGE, booking.care_day), children, child
    )


def sent_fields(child_id: str, facility_id: str, day: date, asked: Asked) -> dict[str, str]:
    """A wanted place as hidden fields."""
    told = {"told": choices.number(asked.told)} if asked.told else {}
    return {
        "child": child_id,
        "facility": facility_id,
        "day": day.isoformat(),
        "complaint": asked.complaint.value,
        **told,
    }


def wanted(form: Mapping[str, str], child_id: str | None = None) -> Wanted:
    """A wanted place from a form's fields; 400 for what no form of ours sends."""
    asked = choices.asked(form)
    unknown = asked.complaint.value != form.get("complaint") or asked.day is None
    if unknown or (asked.complaint is Complaint.DIAGNOSED and asked.told is None):
        abort(400)
    assert asked.day is not None  # said in `unknown`
    return Wanted(
        child_id=child_id or form.get("child", ""),
        facility_id=form.get("facility", ""),
        care_day=asked.day,
        complaint=asked.complaint,
        told=asked.told,
        onset=onset.read(form.get("onset")),
    )
