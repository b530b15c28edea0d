"""A complaint that becomes a diagnosis is the same illness: day 1 stays day 1, the onset stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.values import Complaint
from reservation.services import bookings, holds, rooming
from reservation.services.bookings import CheckPage
from reservation.services.children import Wanted
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow, Episode
from tests.databases import both_databases
from tests.town import CARE_DAY

pytestmark = both_databases
now = application_clock.now
NEXT, THIRD = CARE_DAY + timedelta(days=1), CARE_DAY + timedelta(days=2)
AHEAD = {"opens": {"days_before": 8, "at": "08:45"}}
FEVER, STOMACH, FLU, OTITIS = Complaint.FEVER, Complaint.STOMACH, "FLU_A", "OTITIS"


def wants(family, said, day):
    """What the family says: a complaint, or the illness a doctor has told it."""
    told = None if isinstance(said, Complaint) else said
    where = family.town.facilities["seeds"]
    complaint = Complaint.DIAGNOSED if told else said
    return Wanted(
        child_id=family.child_id, facility_id=where, care_day=day, complaint=complaint, told=told
    )


def books(family, said, day, onset=None):
    held = holds.hold(wants(family, said, day), family.by, None, now)
    assert held.code == "held", held
    page = CheckPage(onset=onset)
    return bookings.confirm(str(held.booking_id), page, family.by, None, now).booking_id


def episodes_of(*booked):
    """The episode of each booking, as (number of its first booking, illness, complaint, onset)."""
    with read() as db:
        rows = [
            db.execute(
                select(Episode.id, Episode.illness, Episode.complaint, Episode.onset)
                .join(BookingRow, BookingRow.episode_id == Episode.id)
                .where(BookingRow.id == one)
            ).one()
            for one in booked
        ]
    ids = [row.id for row in rows]
    return [(ids.index(row.id), row.illness, row.complaint, row.onset) for row in rows]


@pytest.mark.parametrize(
    ("first", "then", "same", "illness"),
    [
        (FEVER, FLU, True, FLU),
        (FLU, FEVER, True, FLU),
        (FEVER, STOMACH, True, "UNDIAGNOSED_FEVER"),
        (Complaint.COUGH, FLU, True, FLU),
        (FLU, OTITIS, False, FLU),
        (FLU, FLU, True, FLU),
    ],
)
def test_what_the_next_day_belongs_to(make_town, first, then, same, illness):
    town = make_town(booking=AHEAD)
    sakura = town.family("さくら")
    one, two = books(sakura, first, CARE_DAY, date(2026, 11, 22)), books(sakura, then, NEXT)
    before, after = episodes_of(one, two)
    assert after[0] == (0 if same else 1)
    assert before[1] == illness
    assert before[3] == date(2026, 11, 22), "the onset stays"
    assert before[2] == ("diagnosed" if illness in (FLU, OTITIS) else "fever")


def test_the_days_are_counted_from_the_first(make_town):
    town = make_town(booking=AHEAD, chain={"most_days": 2})
    sakura = town.family("さくら")
    books(sakura, FEVER, CARE_DAY)
    books(sakura, FLU, NEXT)
    no = holds.hold(wants(sakura, FLU, THIRD), sakura.by, None, now)
    assert [one.code for one in no.refusals] == [Code.TOO_MANY_DAYS]
    assert no.refusals[0].values["first"] == CARE_DAY
    again = holds.hold(wants(sakura, FEVER, THIRD), sakura.by, None, now)
    assert again.has(Code.TOO_MANY_DAYS), "nor by calling it a fever again"
    assert holds.hold(wants(sakura, OTITIS, THIRD), sakura.by, None, now).code == "held"


def test_a_day_of_rest_between_a_complaint_and_a_diagnosis_begins_anew(make_town):
    town = make_town(booking=AHEAD)
    sakura = town.family("さくら")
    booked = books(sakura, FEVER, CARE_DAY), books(sakura, FLU, THIRD)
    assert [one[0] for one in episodes_of(*booked)] == [0, 1]


def test_a_diagnosis_that_staff_enter_goes_on_with_the_days(make_town, clock):
    town = make_town(booking=AHEAD, chain={"most_days": 2})
    sakura, nurse = town.family("さくら"), town.worker("staff", "seeds")
    one = books(sakura, FEVER, CARE_DAY, date(2026, 11, 22))
    rooming.change_illness(one, FLU, nurse.by, None, now)
    two = books(sakura, FLU, NEXT)
    assert episodes_of(one, two) == [(0, FLU, "diagnosed", date(2026, 11, 22))] * 2
    assert holds.hold(wants(sakura, FLU, THIRD), sakura.by, None, now).has(Code.TOO_MANY_DAYS)


def test_the_list_counts_them_too(make_town):
    town = make_town(booking=AHEAD, chain={"returning_days": 3}, capacity=1)
    yuri, sakura, hana = (town.family(name) for name in ("ゆり", "さくら", "はな"))
    place = yuri.books(day=NEXT)
    books(sakura, FEVER, CARE_DAY)
    first = hana.waits(day=NEXT)
    joined = bookings.join(wants(sakura, FLU, NEXT), sakura.by, None, now)
    assert joined.values["rank"] == 1
    yuri.cancels(place)
    assert (town.state(first), town.state(joined.booking_id)) == ("waiting", "offered")


def test_an_episode_that_begins_has_its_name(make_town):
    town = make_town(booking=AHEAD)
    sakura = town.family("さくら")
    one = books(sakura, FLU, CARE_DAY)
    assert episodes_of(one) == [(0, FLU, "diagnosed", None)]
    with read() as db:
        assert db.scalar(select(func.count()).select_from(Episode)) == 1
