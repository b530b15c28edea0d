"""The eve of the demo: a full room with a waiting list, an open offer, requests to decide.

The families of the scene are nobody else's: the crowd's accidents do not touch them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import update
from sqlalchemy.orm import Session

from reservation.demo import people
from reservation.demo.chances import MINUTE
from reservation.demo.history import Illness
from reservation.demo.need import Need
from reservation.demo.people import Crowd, Kid, Place
from reservation.demo.stage import Stage
from reservation.domain import clocks
from reservation.domain.states import State
from reservation.domain.values import Booking, Complaint
from reservation.services import outbox
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration

SEEDS, RABBIT = "seeds", "rabbit"
FULL: tuple[tuple[str, Complaint, str | None], ...] = (
    ("sakura", Complaint.DIAGNOSED, "URI"),
    ("influenza", Complaint.DIAGNOSED, "FLU_A"),
    ("rsv", Complaint.DIAGNOSED, "RSV"),
    ("cancels", Complaint.DIAGNOSED, "BRONCHITIS"),
    ("unsure", Complaint.UNSURE, None),
    ("pending", Complaint.FEVER, None),
)
"""Who has a place at しーず: six of six."""

WAIT: tuple[tuple[str, Complaint, str | None], ...] = (
    ("hana", Complaint.DIAGNOSED, "URI"),
    ("second", Complaint.DIAGNOSED, "FLU_A"),
    ("telephone", Complaint.COUGH, None),
    ("fourth", Complaint.STOMACH, None),
    ("fifth", Complaint.DIAGNOSED, "URI"),
)
ASK: tuple[tuple[str, Complaint, str | None], ...] = (
    ("riku", Complaint.DIAGNOSED, "GASTROENTERITIS"),
    ("asks", Complaint.FEVER, None),
    ("asks2", Complaint.DIAGNOSED, "URI"),
)
"""Who asks at ラビットルーム, where staff decide."""

PAST = (
    ("sakura", "URI", 76, 3), ("sakura", "HFMD", 41, 4), ("sakura", "BRONCHITIS", 17, 3),
    ("hana", "OTITIS", 60, 2), ("hana", "STREP", 24, 3), ("riku", "RSV", 33, 5),
)  # fmt: skip
"""Part, illness, so many days ago, for so many days."""

AT_RABBIT = 4
NUMBERS = {"telephone": 11}
"""Drawn like the crowd's families; the twelfth of each dozen has no mail."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The children of the scene by their part."""

    kids: dict[str, Kid]


def cast(crowd: Crowd, place: Place, anchor: date, at: datetime, rng: Random) -> Cast:
    """Add the families of the scene to the crowd's rows (not to the children who fall ill)."""
    kids = {
        "sakura": _known(crowd, place, "sakura", ("佐倉", "サクラ"), at, rng),
        "hana": _known(crowd, place, "hana", ("花村", "ハナムラ"), at, rng),
    }
    _kid(crowd, place, kids, "sakura", ("ひなた", "ヒナタ"), 1290, anchor, at, rng)
    _kid(crowd, place, kids, "hana", ("はな", "ハナ"), 1230, anchor, at, rng)
    kids["riku"] = kids["hana"]
    _kid(crowd, place, kids, "riku", ("りく", "リク"), 560, anchor, at, rng)
    others = [part for part, *_ in (*FULL, *WAIT, *ASK) if part not in kids]
    for number, part in enumerate(others):
        own = Crowd()
        own.rows = crowd.rows
        where = 9000 + 12 * number + NUMBERS.get(part, 0)
        kids[part] = people.family(own, place, where, anchor, at, rng)[0]
    _pending(crowd, kids["pending"].child_id)
    return Cast(kids)


def _known(
    crowd: Crowd, place: Place, part: str, surname: tuple[str, str], at: datetime, rng: Random
) -> Kid:
    """A family of a demo account: one guardian with the address of the account."""
    before = {table: len(rows) for table, rows in crowd.rows.items()}
    own = Crowd()
    own.rows = crowd.rows
    kid = people.family(own, place, 0, at.date(), at, rng)[0]
    guardians = crowd.rows[Guardian]
    del guardians[before[Guardian] + 1 :]
    given = {"sakura": ("美咲", "ミサキ"), "hana": ("香織", "カオリ")}[part]
    guardians[-1] |= {
        "mail": f"{part}@example.org",
        "name": f"{surname[0]} {given[0]}",
        "kana": f"{surname[1]} {given[1]}",
        "language": "ja",
    }
    crowd.rows[Family][-1] |= {"residence": place.code, "postcode": "166-0012",
                               "address": "杉並区和田3丁目(見本)"}  # fmt: skip
    for table in (ChildRow, Registration):
        del crowd.rows[table][before[table] :]
    return kid


def _kid(
    crowd: Crowd,
    place: Place,
    kids: dict[str, Kid],
    part: str,
    given: tuple[str, str],
    age_days: int,
    anchor: date,
    at: datetime,
    rng: Random,
) -> None:
    family, born = kids[part], anchor - timedelta(days=age_days)
    surname = ("佐倉", "サクラ") if part == "sakura" else ("花村", "ハナムラ")
    child_id = people.child(crowd, place, family.family_id, surname, born, at, rng, given=given)
    care = {"sakura": ("卵", None), "hana": (None, "熱性けいれんが1回あり(1歳3か月)。")}
    allergies, medical = care.get(part, (None, None))
    crowd.rows[ChildRow][-1] |= {"allergies": allergies, "medical_care": medical}
    kids[part] = Kid(child_id, family.family_id, family.guardian_id, born, SEEDS)


def _pending(crowd: Crowd, *child_ids: str) -> None:
    for row in crowd.rows[Registration]:
        if row["child_id"] in child_ids:
            row |= {"status": "pending", "number": None, "decided_at": None}


def play(stage: Stage, cast: Cast) -> None:
    """Fill しーず for the stage's day, let others wait there, and ask at ラビットルーム.

    Everything lies between the opening of booking and now; the offer goes out just before now.
    """
    parts = {part for part, *_ in (*FULL, *WAIT, *ASK)}
    if SEEDS not in stage.rooms or not parts <= set(cast.kids):
        return
    opens = clocks.opens_at(stage.rooms[SEEDS].rules, stage.day)
    for number, (part, complaint, told) in enumerate(FULL):
        stage.at(
            opens + 2 * number * MINUTE,
            _book,
            stage,
            Need(cast.kids[part], complaint, told, (SEEDS,)),
        )
    for number, (part, complaint, told) in enumerate(WAIT):
        when = opens + (60 + 25 * number) * MINUTE
        stage.at(when, stage.join, Need(cast.kids[part], complaint, told, (SEEDS,)))
    for number, (part, complaint, told) in enumerate(ASK if RABBIT in stage.rooms else ()):
        when = stage.until - (20 + 35 * number) * MINUTE
        stage.at(when, _book, stage, Need(cast.kids[part], complaint, told, (RABBIT,)))
    frees = stage.until - MINUTE
    ladder = clocks.offer_end(stage.rooms[SEEDS].rules, stage.day, frees)
    if ladder is not None and ladder.ends_at > stage.until + 4 * MINUTE:
        stage.at(frees, _free, stage, cast.kids["cancels"])
    stage.at(stage.until, _unreachable, stage, cast.kids["influenza"])


def thinned(needs: list[Need]) -> list[Need]:
    """The crowd leaves room at ラビットルーム for those who ask there in the scene."""
    at_rabbit = [need for need in needs if need.rooms[0] == RABBIT]
    rest = [need for need in needs if RABBIT not in need.rooms]
    return [*rest, *at_rabbit[:AT_RABBIT]]


def past(cast: Cast, today: date) -> list[tuple[date, Illness]]:
    """What the families of the demo accounts have been through already."""
    found = []
    for part, code, ago, length in PAST:
        kid = replace(cast.kids[part], facility=SEEDS if part != "riku" else RABBIT)
        first = today - timedelta(days=ago)
        found.append((first, Illness(kid, code, first + timedelta(days=length - 1))))
    return found


def _book(stage: Stage, need: Need) -> None:
    """Hold and confirm in one go; nothing more is planned for it."""
    stage.ask(need, plan=False)


def _free(stage: Stage, kid: Kid) -> None:
    booking = _of(stage, kid)
    if booking is not None:
        stage.cancel(booking.id)


def _unreachable(stage: Stage, kid: Kid) -> None:
    """The confirmation could not be delivered: the address is marked, staff must telephone."""
    booking = _of(stage, kid)
    if booking is None:
        return
    db: Session = stage.task.db
    at = stage.task.at
    db.execute(
        update(Guardian).where(Guardian.family_id == kid.family_id).values(mail_failed_at=at)
    )
    outbox.add_task(
        db, "undelivered", booking.facility_id, at, booking_id=booking.id,
        family_id=kid.family_id, care_day=stage.day, about="confirmed",
    )  # fmt: skip


def _of(stage: Stage, kid: Kid) -> Booking | None:
    return next(
        (
            booking
            for day in stage.task.days.values()
            for booking in day.bookings
            if booking.child_id == kid.child_id
            and booking.state in (State.CONFIRMED, State.REQUESTED)
        ),
        None,
    )
