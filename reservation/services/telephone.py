"""A call is taken: the same rules and the same queue as on the web, entered by staff.

The time of the call decides the place in the queue; a call from the voice box may be entered with
its own time and a reason, at most a day back, never before requests for the day were opened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import gates, kana, queue, vacancy
from reservation.domain.refusals import NO_PLACE, Code, Refusal
from reservation.domain.states import HOLDS_A_PLACE, State
from reservation.services import (
    audit,
    bookings,
    children,
    holds,
    joining,
    keys,
    offers,
    others,
    tasks,
    telephones,
    work,
)
from reservation.services.audit import By
from reservation.services.bookings import CheckPage
from reservation.services.children import Wanted
from reservation.services.holds import Asked
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.services.work import Work
from reservation.store import known_children
from reservation.store.db import write
from reservation.store.tables.people import ChildRow, Family, Guardian
from reservation.store.tables.places import Facility
from reservation.store.types import new_id

FARTHEST = timedelta(hours=24)
"""How far back the time of a call may lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the caller wants (``wanted.asked_at``: when the call came, if not now), and the number
    to call back."""

    wanted: Wanted
    call_back: str = ""
    why: str = ""
    """The reason for another time than now; kept in the audit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChild:
    """A child nobody knows yet. The telephone number is the family's."""

    name: str
    kana: str
    birthday: date
    telephone: str


def take_call(call: Call, by: By, key: Key | None, now: Now) -> Outcome:
    """Enter a call: 'confirmed', 'requested', 'waiting' with the rank, or 'refused'.

    Refused with every reason at once, as on the web; staff may enter after the closing time and
    for a child not registered yet. NOT_POSSIBLE for a time of call that lies ahead, more than a
    day back, or has no reason. Raises NotFound for an unknown facility and a child that has
    nothing to do with it.
    """

    def act() -> Outcome:
        with write() as db:
            return _take(db, call, by, key, now)

    return keys.once(act)


def take_new(
    new: NewChild, call: Call, by: By, key: Key | None, now: Now
) -> tuple[Outcome, str | None]:
    """The same for a child nobody knows: a family without mail is made with it.

    Returns the claim code too, which is shown once: with it the family gets its account later
    (answers.md §4); None when the same form came again. ``call.wanted.child_id`` is not looked at.
    Raises ValueError for a telephone number that is none.
    """

    def act() -> tuple[Outcome, str | None]:
        with write() as db:
            if (past := keys.find(db, key)) is not None:
                return past, None
            child_id, code = _new_family(db, new, by, now())
            wanted = replace(call.wanted, child_id=child_id)
            return _take(db, replace(call, wanted=wanted), by, key, now), code

    return keys.once(act)


def _take(db: Session, call: Call, by: By, key: Key | None, now: Now) -> Outcome:
    """A step: lock what the call may touch, enter it, tidy, keep."""
    wanted = call.wanted
    family_id = _family(db, wanted)
    where = {(wanted.facility_id, wanted.care_day)}
    where.update(others.keys_of(db, wanted.child_id, wanted.care_day))
    task = work.lock(db, where, by, now, family_id=family_id)
    if (past := keys.find(db, key)) is not None:
        return past
    outcome = _enter(task, call)
    offers.tidy(task)
    if outcome.booking_id is not None:
        tasks.told(db, outcome.booking_id, by, task.at)
    return keys.keep(db, key, outcome, task.at)


def _family(db: Session, wanted: Wanted) -> str:
    """The family of a child that this facility may know of."""
    town = db.scalar(select(Facility.municipality_id).where(Facility.id == wanted.facility_id))
    found = db.scalar(
        select(ChildRow.family_id)
        .join(Family, Family.id == ChildRow.family_id)
        .where(
            ChildRow.id == wanted.child_id,
            ChildRow.left_at.is_(None),
            known_children.at(wanted.facility_id, town or ""),
        )
    )
    if found is None:
        raise NotFound(wanted.child_id)
    return found


def _new_family(db: Session, new: NewChild, by: By, at: datetime) -> tuple[str, str]:
    """A step: family, guardian without mail, child, and the code to claim them."""
    town = db.execute(
        select(Facility.municipality_id).where(Facility.id == by.facility_id)
    ).scalar_one()
    family_id, child_id = new_id(), new_id()
    db.execute(
        insert(Family),
        [{"id": family_id, "municipality_id": town, "on_leave": False, "created_at": at}],
    )
    _add_people(db, family_id, child_id, new, at)
    audit.record(
        db, by, at, "create", "family", family_id, facility_id=by.facility_id,
        on_behalf_of=family_id,
    )  # fmt: skip
    code, _until = joining.make(db, family_id, "claim", at)
    return child_id, code


def _add_people(db: Session, family_id: str, child_id: str, new: NewChild, at: datetime) -> None:
    guardian = {
        "id": new_id(),
        "family_id": family_id,
        "language": "ja",
        "created_at": at,
        **telephones.columns(new.telephone),
    }
    db.execute(insert(Guardian), [guardian])
    child = {
        "id": child_id,
        "family_id": family_id,
        "name": new.name.strip(),
        "kana": kana.katakana(new.kana),
        "birthday": new.birthday,
        "created_at": at,
    }
    db.execute(insert(ChildRow), [child])


def _enter(task: Work, call: Call) -> Outcome:
    wanted = call.wanted
    others.lapse_elsewhere(task.db, wanted.child_id, wanted.care_day, task.at)
    since = wanted.asked_at or task.at
    if not task.at - FARTHEST <= since <= task.at or (wanted.asked_at and not call.why.strip()):
        return refused(Refusal(Code.NOT_POSSIBLE))
    seen = holds.look_again(task, wanted)
    opens = gates.opens(seen.day.rules, seen.wish)
    if since < opens <= task.at:
        return refused(Refusal(Code.NOT_YET_OPEN, {"at": opens}))
    children.open_wish(task.db, seen.who, seen.wish, "telephone", task.by, task.at)
    own = others.holding(task.db, wanted.child_id, wanted.care_day)
    if own is not None and State(own.state) in HOLDS_A_PLACE:
        return refused(Refusal(Code.ALREADY_BOOKED, {"facility_id": own.facility_id}))
    outcome = _place(task, call, seen, since) if seen.fit else _no_place(task, call, seen, since)
    if outcome.booking_id is not None:
        _note(task, call, outcome.booking_id)
    return outcome


def _place(task: Work, call: Call, seen: Asked, since: datetime) -> Outcome:
    """There is a place: hold and confirm in one go, where the rules have no other objection."""
    if seen.reasons:
        return _say_no(task, call, seen)
    assert seen.fit is not None  # the caller has looked
    if isinstance(seen.fit, vacancy.FitsAfterMove):
        work.move(task, seen.fit.moves)
    booking = holds.new_booking(
        task, call.wanted, seen, State.HELD, "hold", room=seen.fit.room, asked_at=since
    )
    return bookings.confirm_step(task, booking, CheckPage())


def _no_place(task: Work, call: Call, seen: Asked, since: datetime) -> Outcome:
    """No place: into the list where only the place is missing; the no counts either way."""
    if seen.entry is not None:
        rank = queue.rank(task.day(seen.entry), seen.entry.id)
        return Outcome("waiting", seen.entry.id, values={"rank": rank})
    answer = _say_no(task, call, seen)
    if any(r.code not in NO_PLACE for r in seen.reasons):
        return answer
    if seen.day.rules.waiting.mode == "none":
        return refused(*seen.reasons, Refusal(Code.NO_LIST))
    entry = holds.new_booking(task, call.wanted, seen, State.WAITING, "join", asked_at=since)
    work.announce(task, entry, "waiting", seen.who.family_id)
    rank = queue.rank(task.day(entry), entry.id)
    return Outcome("waiting", entry.id, values={"rank": rank})


def _say_no(task: Work, call: Call, seen: Asked) -> Outcome:
    return holds.refuse(
        task.db, seen.who, seen.wish, call.wanted.facility_id, seen.reasons, task.by, task.at
    )


def _note(task: Work, call: Call, booking_id: str) -> None:
    """The number to call back, for the child's card; and the corrected time, for the record."""
    if call.call_back.strip():
        work.set_columns(task.db, booking_id, {"remark": f"☎ {call.call_back.strip()}"})
    if call.wanted.asked_at is not None:
        audit.record(
            task.db, task.by, task.at, "set_call_time", "booking", booking_id,
            facility_id=call.wanted.facility_id, care_day=call.wanted.care_day, note=call.why,
            detail={"asked_at": call.wanted.asked_at.isoformat()},
        )  # fmt: skip
