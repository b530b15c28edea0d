"""What happens seldom at the desk: replays, others who make room, one click, several places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import (
    accounts,
    desk,
    keys,
    outbox,
    rooming,
    staff_accounts,
    tasks,
    throttle,
)
from reservation.services.facilities import put_municipality
from reservation.services.mail_codes import TooOften
from reservation.services.outcomes import NotFound
from reservation.services.staff_accounts import Post
from reservation.store.db import write
from reservation.store.tables.access import Account, Role
from reservation.store.types import new_id
from tests.conftest import Clock
from tests.databases import both_databases, close, make_app
from tests.domain import build
from tests.pages import Reader
from tests.staff.test_accounts import PASSWORD, SAFARI, accepts, code_of, invites, signs_in
from tests.staff.test_desk import open_tasks, row_of
from tests.staff.test_telephone import calls, new_family_calls, open_task
from tests.town import CARE_DAY, MUNICIPALITY, OPERATOR, Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
AtDesk = Callable[[Worker], Reader]
MakeTown = Callable[..., Town]


def test_an_override_takes_the_offer_with_it(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    booking, entry = sakura.books(), hana.waits()
    sakura.cancels(booking)
    assert town.state(entry) == "offered"
    nurse = town.worker("staff", "seeds")
    assert desk.override(entry, "general", "電話で確認", nurse.by, None, now).code == "confirmed"
    row = row_of(entry)
    assert (row.state, row.round_id, row.ends_at) == ("confirmed", None, None)


def test_an_override_of_a_wish_is_replayed(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    hana, nurse = town.family("はな"), town.worker("staff", "seeds")
    key = keys.key("nurse:override", "t", {})
    first = desk.override_wish(hana.wants(), "general", "医師から", nurse.by, key, now)
    assert desk.override_wish(hana.wants(), "general", "医師から", nurse.by, key, now) == first
    again = desk.override_wish(hana.wants(), "attic", "医師から", nurse.by, None, now)
    assert again.has(Code.NOT_POSSIBLE)


def test_what_has_ended_has_no_illness_to_change(sakura: Household, nurse: Worker) -> None:
    booking = sakura.books()
    sakura.cancels(booking)
    answer = rooming.change_illness(booking, "FLU_A", nurse.by, None, now)
    assert answer.has(Code.NOT_POSSIBLE)


def test_others_make_room_for_another_illness(make_town: MakeTown) -> None:
    rooms = [build.room("open", 2, takes="either"), build.room("shut", 1, takes="infectious")]
    town = make_town(capacity=2, rooms=rooms)
    nurse = town.worker("staff", "seeds")
    flu = town.family("さくら").books("FLU_A")
    rooming.move(flu, "open", nurse.by, None, now, pin=False)
    other = town.family("はな").books("RSV")
    assert (row_of(flu).room, row_of(other).room) == ("open", "shut")
    assert rooming.change_illness(other, "URI", nurse.by, None, now).code == "moved"
    assert (row_of(flu).room, row_of(other).room) == ("shut", "open")


def test_others_make_room_for_a_hand(make_town: MakeTown) -> None:
    rooms = [build.room(name, 1, takes="infectious") for name in ("one", "two")]
    town = make_town(capacity=2, rooms=rooms)
    nurse = town.worker("staff", "seeds")
    first, second = town.family("さくら").books("FLU_A"), town.family("はな").books("RSV")
    there = row_of(second).room or ""
    assert rooming.move(first, there, nurse.by, None, now).code == "moved"
    assert row_of(first).room == there
    assert row_of(second).room not in (None, there)


def test_acts_of_the_telephone_are_replayed(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    nurse, momo = town.worker("staff", "seeds"), town.family("もも")
    place = momo.books()
    entry = new_family_calls(town, nurse)[0].booking_id or ""
    momo.cancels(place)
    task, key = open_task("call_offer"), keys.key("nurse:task", "t", {})
    first = tasks.answer(task, "yes", nurse.by, key, now)
    assert tasks.answer(task, "yes", nurse.by, key, now) == first
    assert town.state(entry) == "confirmed"
    with write() as db:
        outbox.add_task(db, "call_news", nurse.facility_id or "", now(), booking_id=entry)
    task, key = open_task("call_news"), keys.key("nurse:task", "u", {})
    first = tasks.answer(task, "done", nurse.by, key, now)
    assert tasks.answer(task, "done", nurse.by, key, now) == first
    assert open_tasks() == []


def test_a_call_makes_room_by_moving_others(make_town: MakeTown) -> None:
    rooms = [build.room("a", 1, takes="either"), build.room("b", 2, takes="either")]
    town = make_town(capacity=3, rooms=rooms)
    nurse = town.worker("staff", "seeds")
    alone = town.family("さくら").books("FLU_A")
    rooming.move(alone, "b", nurse.by, None, now, pin=False)
    calls(town.family("はな"), nurse, "URI")
    answer = calls(town.family("もも"), nurse, "URI")
    assert answer.code == "confirmed"
    assert row_of(alone).room == "a"


def test_account_acts_are_replayed(town: Town, manager: Worker) -> None:
    post = Post(role="staff", facility_id=manager.facility_id)
    key = keys.key("m:invite", "t", {})
    first = staff_accounts.invite("a@example.org", "森田", post, manager.by, key, now)
    again = staff_accounts.invite("a@example.org", "森田", post, manager.by, key, now)
    assert (again.outcome, again.token) == (first.outcome, None)
    account_id = first.outcome.values["account_id"]
    key = keys.key("m:reset", "t", {})
    reset = staff_accounts.reset(account_id, manager.by, key, now)
    assert staff_accounts.reset(account_id, manager.by, key, now).outcome == reset.outcome
    key = keys.key("m:disable", "t", {})
    gone = staff_accounts.disable(account_id, manager.by, key, now)
    assert staff_accounts.disable(account_id, manager.by, key, now) == gone
    unknown = Post(role="cook", facility_id=manager.facility_id)
    with pytest.raises(NotFound):
        staff_accounts.invite("b@example.org", "x", unknown, manager.by, None, now)


def test_one_source_is_slowed_before_anything_is_looked_up(town: Town) -> None:
    accepts(invites(town))
    with write() as db:
        for _ in range(300):
            throttle.allowed(
                db, "staff.source", "192.0.2.1", now(),
                per=timedelta(minutes=1), most=300,
            )  # fmt: skip
    assert isinstance(signs_in(), TooOften)
    with pytest.raises(NotFound):
        accounts.set_keys("nobody", True, now)


def test_the_known_browser_is_remembered_by_a_cookie(
    town: Town, reader: Reader, clock: Clock
) -> None:
    accepts(invites(town))
    page = reader.opens("/staff/sign-in")
    clock.forward(minutes=1)
    inside = page.submit(
        "ログインする", mail="morita@example.org", password=PASSWORD, code=code_of()
    )
    assert reader.opens("/staff/sign-in").path == inside.path
    out = inside.submit("ログアウト")
    for _ in range(11):
        signs_in(password="guess guess guess")
    assert isinstance(signs_in(), TooOften)
    clock.forward(minutes=1)
    again = out.submit("ログインする", mail="morita@example.org", password=PASSWORD, code=code_of())
    assert again.path == "/staff/seeds/"


def test_a_stranger_browser_is_told_to_wait(town: Town, reader: Reader) -> None:
    accepts(invites(town))
    page = reader.opens("/staff/sign-in")
    page.submit("ログインする", 422, mail="", password="", code="").says(
        "メールアドレスを入力してください", "パスワードを入力してください"
    )
    for _ in range(10):
        signs_in(password="guess guess guess")
    slow = page.submit(
        "ログインする", 429, mail="morita@example.org", password=PASSWORD, code=code_of()
    )
    slow.says("短い時間に何度も試したため")


def test_with_several_places_one_chooses(town: Town, nurse: Worker, at_desk: AtDesk) -> None:
    with write() as db:
        for place in (
            {"role": "manager", "facility_id": town.facilities["rabbit"]},
            {"role": "reviewer", "municipality_id": town.municipality_id},
        ):
            row = {"id": new_id(), "account_id": nurse.account_id, **place}
            db.execute(insert(Role), [row])
    page = at_desk(nurse).opens("/staff")
    page.says("どの施設を開きますか", "しーず", "ラビット", "杉並区")
    assert page.follow("ラビット").path == "/staff/rabbit/"


def test_without_a_place_nothing_is_shown(town: Town, at_desk: AtDesk) -> None:
    account = new_id()
    with write() as db:
        row = {"id": account, "mail": "o@example.org", "name": "運用", "created_at": now()}
        db.execute(insert(Account), [row])
        db.execute(insert(Role), [{"id": new_id(), "account_id": account, "role": "operator"}])
    page = at_desk(Worker(account, "o@example.org")).opens("/staff")
    page.says("担当の施設がありません")


def test_cancelled_for_the_family_and_for_the_facility(
    town: Town, sakura: Household, hana: Household, nurse: Worker, at_desk: AtDesk, clock: Clock
) -> None:
    hers, theirs = sakura.books(), hana.books()
    reader = at_desk(nurse)
    page = reader.opens(f"/staff/seeds/bookings/{hers}").submit("家族の申し出で取り消す")
    page.says("ご家族の申し出で取り消しました。", "終わった予約 1件")
    assert (row_of(hers).state, row_of(hers).ended_by) == ("cancelled", "staff")
    page = reader.opens(f"/staff/seeds/bookings/{theirs}")
    form = next(f for f in page.forms() if "/close?" in f.action)
    reader.posts(form.action, {**form.fields, "reason": "STAFF"}).says("施設の都合で取り消し")
    assert row_of(theirs).reason == "STAFF"
    late = sakura.books()
    clock.set(f"{CARE_DAY} 09:30")
    reader = at_desk(nurse)
    reader.opens(f"/staff/seeds/bookings/{late}").submit("来ませんでした").says("来なかったと記録")
    assert row_of(late).state == "no_show"


def test_forged_buttons_are_refused(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    booking = sakura.books()
    reader = at_desk(nurse)
    form = reader.opens(f"/staff/seeds/bookings/{booking}").form("病気を変える")
    token = form.fields["csrf_token"]
    for act, fields in (
        ("condition", {"code": "hunger"}),
        ("offer", {"minutes": "7"}),
        ("decline", {"reason": "x"}),
    ):
        path = f"/staff/seeds/bookings/{booking}/{act}"
        reader.posts(path, {**fields, "csrf_token": token}, 400)
    reader.posts("/staff/seeds/tasks/x", {"answer": "perhaps", "csrf_token": token}, 400)
    assert row_of(booking).state == "confirmed"


@pytest.fixture
def demo(database: str, tmp_path: Path) -> Iterator[Reader]:
    """A browser at a demo with one of its nurses."""
    app = make_app(tmp_path, mode="demo")
    with app.app_context():
        put_municipality(MUNICIPALITY, OPERATOR, now)
        with write() as db:
            row = {"id": new_id(), "mail": "kangoshi@example.org", "name": "森田"}
            db.execute(insert(Account), [row | {"created_at": now()}])
    yield Reader(app.test_client())
    close(app)


def test_one_click_exists_in_the_demo_only(demo: Reader, reader: Reader) -> None:
    page = demo.opens("/staff/sign-in").says("見本の職員として入る")
    inside = page.submit("看護師(しーず)")
    assert inside.path == "/staff"
    token = inside.form().fields["csrf_token"]
    forged = {"mail": "root@example.org", "csrf_token": token}
    demo.posts("/staff/sign-in/demo", forged, 404)
    missing = {"mail": "shisetsucho@example.org", "csrf_token": token}
    demo.posts("/staff/sign-in/demo", missing, 404)
    assert "見本の職員" not in reader.opens("/staff/sign-in").text
    assert reader.client.get("/staff/sign-in/demo").status_code == 404
    with pytest.raises(NotFound), demo.client.application.app_context():
        accounts.enter_demo("nobody@example.org", SAFARI, now)


def test_the_page_of_nobody_is_the_sign_in(reader: Reader, town: Town) -> None:
    assert reader.opens("/staff/seeds/telephone").path == "/staff/sign-in"
