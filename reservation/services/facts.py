"""What an act must know of a child, its family and the form that was sent: one statement.

A hold asks it twice, once to look and once under the lock, so it is built once and names
everything that the family's lock guards. The day itself is asked apart: its own lock guards it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    String,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from reservation.domain import dates
from reservation.domain.dates import FAR
from reservation.domain.doctor_form import Paper
from reservation.domain.limits import SoFar
from reservation.domain.states import HOLDS_A_PLACE, State
from reservation.services import so_far, stays
from reservation.services.keys import Key, replay
from reservation.services.outcomes import NotFound, Outcome
from reservation.store import certificates, exemptions
from reservation.store.tables.bookings import BookingRow, literals
from reservation.store.tables.papers import DoctorFormRow
from reservation.store.tables.people import ChildRow, Exemption, Family, Registration
from reservation.store.tables.places import DayRow, Facility, Municipality
from reservation.store.tables.records import KeyRow
from reservation.store.types import AnyRow

AROUND = timedelta(days=FAR)
"""How far from the day a child's other days are looked at."""

# Written into the statement: a value would be written into it anew each time.
_COMMA: Any = literal_column("','")
_COLON: Any = literal_column("':'", String)
_ONE: Any = literal_column("'1'", String)
_NONE: Any = literal_column("'0'", String)


@dataclass(frozen=True, slots=True)
class Own:
    """The booking with which a child holds a place on the day, wherever."""

    id: str
    facility_id: str
    state: State
    ends_at: datetime | None

    def is_over(self, at: datetime) -> bool:
        """Whether it is a hold past its end, which holds nothing any more."""
        return self.state is State.HELD and self.ends_at is not None and self.ends_at <= at


@dataclass(frozen=True, slots=True)
class Facts:
    """The answer. ``day`` is the day's row, None where nobody has made it yet."""

    child: AnyRow
    day: AnyRow | None
    past: Outcome | None
    """What came of this very form before."""
    registrations: tuple[tuple[str, str], ...]
    """(municipality or facility, status) of those that count on the day."""
    own: Own | None
    so_far: SoFar
    """What the family has of what is limited."""
    episodes: Mapping[str, str]
    """Illness → the episode at this facility that this day would belong to."""
    form: Paper | None
    """The newest doctor's form that this facility has of the child."""
    days: tuple[tuple[str, date], ...]
    """Illness and care day of the places the child has, or has had, at this facility."""
    unnamed: frozenset[str]
    """Illnesses of these episodes that no doctor has named."""
    onsets: Mapping[str, date]
    """Illness → the day on which that episode began, where the family has said it."""


def ask(
    db: Session,
    child_id: str,
    facility_id: str,
    care_day: date,
    at: datetime,
    key: Key | None = None,
) -> Facts:
    """A step: what is known at this instant. Raises NotFound for an unknown child or facility."""
    row = (
        db.connection()
        .execute(
            _statement(),
            {
                "child_id": child_id,
                "facility_id": facility_id,
                "day": care_day,
                "from_day": care_day - AROUND,
                "to_day": care_day + AROUND,
                "at": at,
                "an_hour_ago": at - timedelta(hours=1),
                "today": dates.local(at).date(),
                "scope": key.scope if key else None,
                "token": key.token if key else None,
            },
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound(child_id)
    return Facts(
        child=row,
        day=row if row.date is not None else None,
        past=replay(row, key) if key and row.fingerprint is not None else None,
        registrations=tuple(_pairs(row.registrations)),
        own=_own(row),
        so_far=SoFar(row.open_holds, row.asked_lately, row.ahead),
        form=paper_of(row.form),
        **stays.read(row.stays, care_day),
    )


def of_booking(db: Session, ref: AnyRow, at: datetime, key: Key | None) -> Facts:
    """A step: the same about the child of a booking (work.reference)."""
    return ask(db, ref.child_id, ref.facility_id, ref.care_day, at, key)


def _pairs(text: str | None) -> list[tuple[str, str]]:
    """'a:1,b:2' → its pairs."""
    parts = (one.partition(":") for one in (text or "").split(",") if one)
    return [(name, value) for name, _, value in parts]


def newest_form(child_id: Any, facility_id: Any) -> Any:
    """'illness:day of issue:1 if isolated' of the form that was entered last, as a subquery."""
    kept_apart = case((DoctorFormRow.isolated, _ONE), else_=_NONE)
    return (
        select(
            DoctorFormRow.illness
            + _COLON
            + cast(DoctorFormRow.issued, String)
            + _COLON
            + kept_apart
        )
        .where(DoctorFormRow.child_id == child_id, DoctorFormRow.facility_id == facility_id)
        .order_by(DoctorFormRow.entered_at.desc())
        .limit(1)
        .correlate(ChildRow, Facility)
        .scalar_subquery()
    )


def paper_of(text: str | None) -> Paper | None:
    """The same as the rules look at it."""
    if text is None:
        return None
    illness, issued, isolated = text.split(":")
    return Paper(illness, date.fromisoformat(issued), isolated == "1")


def _own(row: AnyRow) -> Own | None:
    if row.own_id is None:
        return None
    return Own(row.own_id, row.own_facility_id, State(row.own_state), row.own_ends_at)


_OF_FAMILY = (
    ChildRow.birthday, ChildRow.nursery_in, ChildRow.vaccines, ChildRow.family_id,
    ChildRow.left_at, Family.residence, Family.works_in, Family.on_leave, Family.guardians_work,
)  # fmt: skip


@cache
def _statement() -> Any:
    own = aliased(BookingRow)
    return (
        select(
            ChildRow.id.label("child_id"),
            *_OF_FAMILY,
            Facility.id.label("asked_facility_id"),
            Facility.municipality_id,
            Municipality.code.label("municipality_code"),
            _registrations().label("registrations"),
            KeyRow.fingerprint,
            KeyRow.outcome,
            own.id.label("own_id"),
            own.facility_id.label("own_facility_id"),
            own.state.label("own_state"),
            own.ends_at.label("own_ends_at"),
            *so_far.columns(),
            stays.around().label("stays"),
            *exemptions.COLUMNS,
            newest_form(ChildRow.id, Facility.id).label("form"),
            certificates.in_one(
                ChildRow.family_id, ChildRow.id, Facility.municipality_id, ChildRow, Facility
            ).label("certificates"),
            DayRow.__table__,
        )
        .join(Family, Family.id == ChildRow.family_id)
        .join(Facility, Facility.id == bindparam("facility_id"))
        .join(Municipality, Municipality.id == Facility.municipality_id)
        .outerjoin(DayRow, (DayRow.facility_id == Facility.id) & (DayRow.date == bindparam("day")))
        .outerjoin(
            KeyRow, (KeyRow.scope == bindparam("scope")) & (KeyRow.token == bindparam("token"))
        )
        .outerjoin(
            own,
            (own.child_id == ChildRow.id)
            & (own.care_day == bindparam("day"))
            & own.state.in_(literals(HOLDS_A_PLACE)),
        )
        .outerjoin(
            Exemption,
            exemptions.newest(ChildRow.family_id, Facility.municipality_id, bindparam("day")),
        )
        .where(ChildRow.id == bindparam("child_id"))
    )


def _registrations() -> Any:
    """'scope:status' of the child's registrations that count on the day, by commas.

    Asked by the child alone: with the town beside it a planner may read the whole town's.
    """
    day: Any = bindparam("day")
    scope = func.coalesce(Registration.facility_id, Registration.municipality_id)
    return (
        select(func.aggregate_strings(scope + _COLON + Registration.status, _COMMA))
        .where(
            Registration.child_id == ChildRow.id,
            Registration.valid_from <= day,
            or_(Registration.valid_to.is_(None), Registration.valid_to >= day),
        )
        .correlate(ChildRow)
        .scalar_subquery()
    )
