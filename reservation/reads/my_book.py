"""A family's own board: which child asks, and how each facility knows that child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from reservation.domain import chain, dates, families, vaccines
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import CAME, HOLDS_A_PLACE, State
from reservation.domain.values import Child
from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow, Episode, literals
from reservation.store.tables.people import ChildRow, Family, Registration
from reservation.store.tables.places import Facility
from reservation.store.types import AnyRow


@dataclass(frozen=True, slots=True)
class Asker:
    """A child of the family that may ask for a place."""

    id: str
    name: str
    birthday: date
    months: int
    grade: int


@dataclass(frozen=True, slots=True)
class Room:
    """A facility by id, with the rule book of a day."""

    id: str
    code: str
    municipality_id: str
    rules: RuleBook


def askers(family_id: str, at: datetime) -> list[Asker]:
    """The children of the family, the oldest first."""
    today = dates.local(at).date()
    with read() as db:
        rows = db.execute(
            select(ChildRow.id, ChildRow.name, ChildRow.birthday)
            .where(ChildRow.family_id == family_id, ChildRow.left_at.is_(None))
            .order_by(ChildRow.birthday, ChildRow.id)
        ).all()
    return [
        Asker(
            row.id,
            row.name,
            row.birthday,
            dates.age_months(row.birthday, today),
            dates.school_grade(row.birthday, today),
        )
        for row in rows
    ]


def known(child_id: str, municipality_id: str) -> Callable[[str, RuleBook, date], Child]:
    """The child as each facility of a municipality knows it: two statements, then none; one more
    where some facility counts the days of an illness."""
    stays = _Stays(child_id)
    with read() as db:
        row = db.execute(
            select(
                ChildRow.birthday, ChildRow.nursery_in, ChildRow.vaccines, ChildRow.family_id,
                Family.residence, Family.works_in, Family.on_leave, Family.guardians_work,
            )
            .join(Family, Family.id == ChildRow.family_id)
            .where(ChildRow.id == child_id)
        ).one()  # fmt: skip
        registered = db.execute(
            select(
                Registration.municipality_id, Registration.facility_id, Registration.status,
                Registration.valid_from, Registration.valid_to,
            ).where(Registration.child_id == child_id)
        ).all()  # fmt: skip

    def who(facility_id: str, rules: RuleBook, day: date) -> Child:
        scope = rules.registering.scope
        counting = [
            one.status
            for one in registered
            if (
                one.facility_id == facility_id
                if scope == "facility"
                else one.municipality_id == municipality_id
            )
            and one.valid_from <= day
            and (one.valid_to is None or one.valid_to >= day)
        ]
        return Child(
            id=child_id,
            birthday=row.birthday,
            residence=row.residence,
            nursery_in=row.nursery_in,
            registration="approved" if scope == "none" else families.standing(counting),
            works_in=row.works_in,
            guardian_on_leave=row.on_leave,
            guardians_work=row.guardians_work or "",
            family_id=row.family_id,
            vaccines=vaccines.read(row.vaccines),
            days=stays.at(facility_id) if chain.asks(rules) else (),
        )

    return who


class _Stays:
    """The days on which a child has, or has had, a place: read once, when somebody asks."""

    def __init__(self, child_id: str) -> None:
        self._child_id = child_id
        self._rows: list[AnyRow] | None = None

    def at(self, facility_id: str) -> tuple[tuple[str, date], ...]:
        """Illness and care day of those at one facility."""
        if self._rows is None:
            self._rows = self._read()
        return tuple((r.illness, r.care_day) for r in self._rows if r.facility_id == facility_id)

    def _read(self) -> list[AnyRow]:
        places = literals((HOLDS_A_PLACE | CAME) - {State.HELD})
        with read() as db:
            rows = db.execute(
                select(BookingRow.facility_id, BookingRow.care_day, Episode.illness)
                .join(Episode, Episode.id == BookingRow.episode_id)
                .where(BookingRow.child_id == self._child_id, BookingRow.state.in_(places))
            )
            return list(rows)


def room(facility_id: str, day: date) -> Room | None:
    """A facility with the rule book in force on that day; None when there is none."""
    with read() as db:
        row = db.execute(
            select(Facility.code, Facility.municipality_id).where(Facility.id == facility_id)
        ).one_or_none()
        if row is None:
            return None
        try:
            rules = rulebooks.in_force(db, facility_id, day)
        except rulebooks.NoRuleBook:
            return None
        return Room(facility_id, row.code, row.municipality_id, rules)


def facility_id(municipality_id: str, code: str) -> str | None:
    """The id of a municipality's facility by its code."""
    with read() as db:
        return db.scalar(
            select(Facility.id).where(
                Facility.municipality_id == municipality_id, Facility.code == code
            )
        )
