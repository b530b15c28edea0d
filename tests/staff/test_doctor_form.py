"""The doctor's form at the desk: what it says decides room, conditions and what comes next."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from reservation import clock as application_clock
from reservation import messages
from reservation.reads import my_export
from reservation.services import doctor_forms, leaving, letters, rooming
from reservation.services.doctor_forms import Written
from reservation.services.letters import Envelope
from reservation.services.outcomes import NotFound
from reservation.store.db import read
from reservation.store.tables.bookings import Episode
from reservation.store.tables.papers import DoctorFormRow
from reservation.store.tables.records import Outbox
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain import build
from tests.pages import Reader
from tests.staff.test_desk import open_tasks, row_of, told
from tests.town import CARE_DAY, Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
TODAY = date(2026, 11, 23)
MakeTown = Callable[..., Town]
FORM = {"needed": "always", "due": "7:30"}


def test_past_its_time_it_is_red_for_staff_and_ends_nothing(
    make_town: MakeTown, clock: Clock, at_desk: Callable[[Worker], Reader]
) -> None:
    town = make_town(doctor_form=FORM)
    booking_id = town.family("さくら").books()
    clock.set("2026-11-24 07:29")
    desk = at_desk(town.worker("staff", "seeds"))
    desk.opens("/staff/seeds/").says("さくら").says_not("医師連絡票の提出が、まだです")
    clock.set("2026-11-24 07:30")
    red = desk.opens("/staff/seeds/").says("医師連絡票の提出が、まだです")
    assert town.state(booking_id) == "confirmed"
    after = red.submit("そろいました(さくら)")
    after.says("さくら").says_not("医師連絡票の提出が、まだです")


def enters(booking_id: str, nurse: Worker, illness: str, rest: str = "4", **more: str) -> str:
    """Staff enter a form of today; what became of the place."""
    form = Written(illness=illness, issued=TODAY, rest=rest, **more)
    return doctor_forms.enter(booking_id, form, nurse.by, None, now).code


def open_ones(booking_id: str) -> list[str]:
    """The codes of what is still to come."""
    return [c["code"] for c in row_of(booking_id).conditions if c["closed_at"] is None]


@pytest.fixture
def careful(make_town: MakeTown) -> Town:
    """A town in which every child needs a form."""
    return make_town(doctor_form=FORM)


def test_a_form_closes_what_was_to_come_and_is_kept_encrypted(careful: Town) -> None:
    booking = careful.family("さくら").books()
    nurse = careful.worker("staff", "seeds")
    assert open_ones(booking) == ["doctor_form"]
    assert enters(booking, nurse, "URI", clinic="こまえ医院", phase="acute", tests="陰性") == "kept"
    assert open_ones(booking) == []
    with read() as db:
        row = db.scalars(select(DoctorFormRow)).one()
        stored = db.execute(text("select clinic, phase, rest, tests from doctor_form")).one()
        episode = db.scalar(select(Episode.id))
    assert (row.illness, row.issued, row.isolated, row.rest) == ("URI", TODAY, False, "4")
    assert (row.clinic, row.phase, row.tests) == ("こまえ医院", "acute", "陰性")
    assert (row.episode_id, row.entered_by) == (episode, nurse.account_id)
    assert all(str(value).startswith("v1.") for value in stored)


def test_the_next_day_needs_no_form_while_the_first_is_good(careful: Town) -> None:
    sakura, nurse = careful.family("さくら"), careful.worker("staff", "seeds")
    later = sakura.books(day=CARE_DAY + timedelta(days=1))
    first = sakura.books()
    assert enters(first, nurse, "URI") == "kept"
    assert open_ones(later) == []
    other = sakura.books("FLU_A", day=CARE_DAY + timedelta(days=2))
    assert open_ones(other) == ["doctor_form"]


def test_isolation_moves_a_child_with_a_cold_and_the_days_after_follow(careful: Town) -> None:
    sakura, nurse = careful.family("さくら"), careful.worker("staff", "seeds")
    booking = sakura.books()
    later = sakura.books(day=CARE_DAY + timedelta(days=1))
    assert row_of(booking).room == "general"
    assert enters(booking, nurse, "URI", rest="2") == "moved"
    for one in (booking, later, sakura.books(day=CARE_DAY + timedelta(days=2))):
        assert (row_of(one).room, row_of(one).isolated) == ("isolation", True)
    assert enters(booking, nurse, "URI", rest="4") == "moved"
    assert (row_of(later).room, row_of(later).isolated) == ("general", False)


def test_another_diagnosis_by_the_form_finds_another_room(careful: Town) -> None:
    booking = careful.family("さくら").books("UNDIAGNOSED_FEVER")
    assert enters(booking, careful.worker("staff", "seeds"), "FLU_A") == "moved"
    assert (row_of(booking).illness, row_of(booking).room) == ("FLU_A", "isolation")


def test_without_a_room_the_place_stays_and_staff_get_a_task(careful: Town) -> None:
    flu, sakura = careful.family("はな"), careful.family("さくら")
    nurse = careful.worker("staff", "seeds")
    flu.books("FLU_A")
    booking = sakura.books()
    assert enters(booking, nurse, "URI", rest="2") == "unseated"
    assert (careful.state(booking), row_of(booking).room) == ("confirmed", "general")
    assert open_tasks() == ["reseat"]
    assert enters(booking, nurse, "URI") == "kept"
    assert open_tasks() == []


def test_who_waits_keeps_the_rank_and_an_offer_that_no_longer_fits_goes_back(
    make_town: MakeTown,
) -> None:
    town = make_town(capacity=2, rooms=build.rooms(general=1, isolation=1), doctor_form=FORM)
    first, flu, hana = (town.family(n) for n in ("さくら", "もも", "はな"))
    nurse = town.worker("staff", "seeds")
    place = first.books("URI")
    flu.books("FLU_A")
    entry = hana.waits("URI")
    asked_at = row_of(entry).asked_at
    assert enters(entry, nurse, "BRONCHITIS") == "kept"
    assert (town.state(entry), row_of(entry).asked_at) == ("waiting", asked_at)
    first.cancels(place)
    assert town.state(entry) == "offered"
    enters(entry, nurse, "FLU_B")
    assert (town.state(entry), row_of(entry).asked_at) == ("waiting", asked_at)
    assert "withdrawn" in told(entry)


def test_a_corrected_illness_asks_for_a_new_form(careful: Town, clock: Clock) -> None:
    booking = careful.family("さくら").books()
    nurse = careful.worker("staff", "seeds")
    enters(booking, nurse, "URI")
    rooming.change_illness(booking, "BRONCHITIS", nurse.by, None, now)
    assert open_ones(booking) == ["doctor_form"]
    rooming.change_illness(booking, "URI", nurse.by, None, now)
    assert open_ones(booking) == []


def test_only_own_staff_may_and_only_what_the_rules_take(make_town: MakeTown) -> None:
    town = make_town(doctor_form=FORM | {"clinics": ["こまえ医院"]})
    booking = town.family("さくら").books()
    nurse, other = town.worker("staff", "seeds"), town.worker("staff", "rabbit")
    with pytest.raises(NotFound):
        enters(booking, other, "URI", clinic="こまえ医院")
    with pytest.raises(ValueError, match="clinic"):
        enters(booking, nurse, "URI", clinic="どこか医院")
    with pytest.raises(ValueError, match="catalogue"):
        enters(booking, nurse, "COLD", clinic="こまえ医院")
    with read() as db:
        assert db.scalar(select(func.count()).select_from(DoctorFormRow)) == 0
    assert open_ones(booking) == ["doctor_form"]


def test_a_booking_that_is_over_takes_no_form(careful: Town) -> None:
    sakura = careful.family("さくら")
    booking = sakura.books()
    sakura.cancels(booking)
    assert enters(booking, careful.worker("staff", "seeds"), "URI") == "refused"


def exported(household: Household) -> list[dict[str, str]]:
    """The forms in what the family may take away."""
    return json.loads(json.dumps(my_export.everything(household.family_id, now())))["doctor_forms"]


def test_a_form_is_in_the_familys_export_and_goes_with_the_child(careful: Town) -> None:
    sakura = careful.family("さくら")
    booking = sakura.books()
    enters(booking, careful.worker("staff", "seeds"), "URI", clinic="こまえ医院")
    assert [one["clinic"] for one in exported(sakura)] == ["こまえ医院"]
    sakura.cancels(booking)
    assert leaving.remove_child(sakura.child_id, sakura.by, now).code == "removed"
    assert exported(sakura) == []


def test_forms_are_forgotten_after_ninety_days(careful: Town, clock: Clock) -> None:
    booking = careful.family("さくら").books()
    enters(booking, careful.worker("staff", "seeds"), "URI")
    clock.set("2027-02-21 03:40")
    assert doctor_forms.forget(now) == 0
    clock.set("2027-02-22 03:40")
    assert doctor_forms.forget(now) == 1


def test_the_card_takes_the_form_and_shows_what_was_written(
    careful: Town, at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    booking = careful.family("さくら").books()
    desk = at_desk(careful.worker("staff", "seeds"))
    card = desk.opens(f"/staff/seeds/bookings/{booking}")
    wrong = card.submit("用紙を記録する", 422, issued=["2026", "11", "24"], tests="よ" * 201)
    wrong.says("発行日は、きょうまでの日を入力してください", "200字までで入力してください")
    done = card.submit(
        "用紙を記録する", clinic="こまえ医院", rest="2", phase="acute", tests="溶連菌 陰性"
    )
    done.says("用紙を記録し、isolationへ移しました。")
    card = desk.opens(f"/staff/seeds/bookings/{booking}")
    card.says("こまえ医院", "2 隔離室", "急性期", "溶連菌 陰性", "医師の用紙を入力した")
    card.says_not("医師連絡票の提出 まだ", "この予約には使えません")
    clock.forward(minutes=1)
    again = card.submit("用紙を記録する", issued=["2026", "11", "1"])
    again.says("用紙を記録し、generalへ移しました。")
    desk.opens(f"/staff/seeds/bookings/{booking}").says("この予約には使えません")
    clock.forward(minutes=1)
    kept = desk.opens(f"/staff/seeds/bookings/{booking}").submit("用紙を記録する", rest="4")
    kept.says("用紙を記録しました。部屋は同じです。")


def test_the_card_offers_the_clinics_that_are_taken_and_says_when_no_room_is_left(
    make_town: MakeTown, at_desk: Callable[[Worker], Reader]
) -> None:
    town = make_town(doctor_form=FORM | {"clinics": ["こまえ医院"]})
    town.family("はな").books("FLU_A")
    booking = town.family("さくら").books()
    desk = at_desk(town.worker("staff", "seeds"))
    card = desk.opens(f"/staff/seeds/bookings/{booking}")
    card.submit("用紙を記録する", 422, clinic="どこか医院").says("一覧からえらんでください")
    card.submit("用紙を記録する", clinic="こまえ医院", rest="2").says(
        "用紙を記録しました。席は残しています。", "部屋を決めてください。"
    )


def newest_letter() -> str:
    """What the newest letter about a change says now."""
    with read() as db:
        row = db.scalars(
            select(Outbox).where(Outbox.kind == "changed").order_by(Outbox.created_at.desc())
        ).first()
        assert row is not None
        names = [one.name for one in fields(Envelope)]
        envelope = Envelope(**{name: getattr(row, name) for name in names})
        facts = letters.facts(db, envelope, now(), "http://localhost")
        assert letters.why_not(db, envelope, now()) is None
    message = messages.render("changed", "ja", facts)
    return f"{message.subject}\n{message.text}"


def test_the_family_is_told_when_form_or_room_are_open_again_and_not_of_what(
    careful: Town, clock: Clock
) -> None:
    flu, sakura = careful.family("はな"), careful.family("さくら")
    nurse = careful.worker("staff", "seeds")
    flu.books("FLU_A")
    booking = sakura.books()
    enters(booking, nurse, "URI")
    assert "changed" not in told(booking)
    clock.forward(seconds=1)
    rooming.change_illness(booking, "BRONCHITIS", nurse.by, None, now)
    first = newest_letter()
    assert first.startswith("【しーず】11月24日(火)の予約について、施設が確かめています\n")
    assert "医師連絡票の提出" in first
    assert "お預かりする部屋を" not in first
    clock.forward(seconds=1)
    rooming.change_illness(booking, "FLU_B", nurse.by, None, now)
    second = newest_letter()
    assert "お預かりする部屋を、施設が確かめています。" in second
    assert "インフルエンザ" not in first + second
    assert "気管支炎" not in first + second
