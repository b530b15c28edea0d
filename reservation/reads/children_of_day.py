"""The children of a facility's day as staff see them: with name, age, allergies, telephone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from reservation.domain import dates, illnesses, vaccines
from reservation.domain.states import State
from reservation.domain.vaccines import Told
from reservation.domain.values import Booking, Condition
from reservation.store import booking_rows
from reservation.store.tables.bookings import BookingRow, Episode
from reservation.store.tables.people import ChildRow, Guardian
from reservation.store.types import AnyRow

NOBODY = "―"
"""In the place of a name that was erased: bookings stay, the child does not."""


@dataclass(frozen=True, slots=True)
class Carer:
    """A guardian to telephone. ``relation`` is a code of families.RELATIONS or ''."""

    name: str
    relation: str
    telephone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChild:
    """One booking with its child. Ages are those on the care day; ``illness`` is a msgid."""

    booking: Booking
    family_id: str
    name: str
    kana: str
    months: int
    illness: str
    allergies: str
    medical_care: str
    family_doctor: str
    arrives_at: str
    brings: str
    temperature: str
    since: str
    onset: date | None
    """The day on which the illness began, where the family has said it."""
    vaccines: Told
    remark: str
    channel: str
    created_at: datetime
    review_due: datetime | None
    confirmed_at: datetime | None
    unanswered: bool
    """Asked this morning whether the child comes, and no answer yet."""
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    reason: str
    reason_note: str

    @property
    def id(self) -> str:
        """The booking's id."""
        return self.booking.id

    @property
    def state(self) -> State:
        """The booking's state."""
        return self.booking.state

    @property
    def open_conditions(self) -> tuple[Condition, ...]:
        """What is still to come."""
        return tuple(c for c in self.booking.conditions if c.is_open)

    @property
    def care(self) -> tuple[str, ...]:
        """Allergies and medical care that everybody in the room must know of."""
        return tuple(filter(None, (self.allergies, self.medical_care)))


def children(db: Session, *which: ColumnElement[bool]) -> list[DayChild]:
    """A step: the bookings that all of these conditions name, by arrival and reading."""
    rows = db.execute(
        select(
            BookingRow.__table__,
            ChildRow.name, ChildRow.kana, ChildRow.allergies, ChildRow.medical_care,
            ChildRow.family_doctor, ChildRow.vaccines, Episode.onset,
        )
        .join(ChildRow, ChildRow.id == BookingRow.child_id)
        .join(Episode, Episode.id == BookingRow.episode_id)
        .where(*which)
    ).all()  # fmt: skip
    found = [_child(row) for row in rows]
    return sorted(found, key=lambda c: (c.booking.care_day, c.arrives_at.rjust(5), c.kana, c.id))


def carers(db: Session, families: Iterable[str]) -> dict[str, tuple[Carer, ...]]:
    """A step: whom to telephone, by family; guardians without a number are left out."""
    rows = db.execute(
        select(Guardian.family_id, Guardian.name, Guardian.relation, Guardian.telephone)
        .where(Guardian.family_id.in_(set(families)), Guardian.telephone.is_not(None))
        .order_by(Guardian.created_at, Guardian.id)
    )
    found: dict[str, tuple[Carer, ...]] = {}
    for row in rows:
        carer = Carer(row.name, row.relation, row.telephone)
        found[row.family_id] = (*found.get(row.family_id, ()), carer)
    return found


def age(birthday: date, day: date) -> int:
    """Months of age on the care day."""
    return dates.age_months(birthday, day)


def _unanswered(row: AnyRow) -> bool:
    asked = row.reconfirm_asked_at is not None and row.reconfirmed_at is None
    return asked and row.state == State.CONFIRMED.value


def _child(row: AnyRow) -> DayChild:
    plain: dict[str, Any] = {
        name: getattr(row, name) or ""
        for name in (
            "allergies", "medical_care", "family_doctor", "arrives_at", "brings", "temperature",
            "since", "remark", "ended_by", "reason", "reason_note",
        )
    }  # fmt: skip
    # 8:15, however it was stored.
    plain["arrives_at"] = plain["arrives_at"].removeprefix("0")
    return DayChild(
        booking=booking_rows.to_booking(row),
        family_id=row.family_id,
        name=row.name or NOBODY,
        kana=row.kana,
        months=age(row.birthday, row.care_day),
        illness=illnesses.CATALOGUE[row.illness].words,
        onset=row.onset,
        vaccines=vaccines.read(row.vaccines),
        channel=row.channel,
        created_at=row.created_at,
        review_due=row.review_due,
        confirmed_at=row.confirmed_at,
        unanswered=_unanswered(row),
        checked_in_at=row.checked_in_at,
        checked_out_at=row.checked_out_at,
        ended_at=row.ended_at,
        **plain,
    )
