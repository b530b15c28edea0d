"""The live stream over a real server: what moves elsewhere moves here, and stopping is orderly."""

from __future__ import annotations

import json
import queue
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import create_engine, func, select

from reservation import clock as application_clock
from reservation.services import accounts, devices, facilities
from reservation.services.devices import Owner
from reservation.store.days import CHANGES
from reservation.store.db import db, write
from tests import browsers, databases
from tests.databases import both_databases
from tests.public.serving import Listener, Served, behind_nchan, served
from tests.town import CARE_DAY, EVENING, MUNICIPALITY, OPERATOR, Town, book

pytestmark = pytest.mark.alone
NOW = "2026-11-23T18:00+09:00"
both_ways = pytest.mark.parametrize("way", ["embedded", "nchan"], indirect=True)
BOARD = "/?complaint=diagnosed&told=1&age=2"


@pytest.fixture(scope="module")
def houses(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, str], Served]]:
    """One server per database and way of the stream for all tests that do not stop it; started
    when first asked for."""
    running: dict[tuple[str, str], Served] = {}
    environs: dict[str, dict[str, str]] = {}
    with ExitStack() as stack:

        def start(database: str, way: str) -> Served:
            if way == "nchan":
                plain = get(database, "embedded")
                return stack.enter_context(behind_nchan(plain, environs[database], NOW))
            more = {}
            if database == "postgres":
                url = request.getfixturevalue("_postgres_url")
                more["database_url"] = stack.enter_context(postgres_database(url))
            environs[database] = databases.environ(tmp_path_factory.mktemp(database), **more)
            return stack.enter_context(served(environs[database], NOW))

        def get(database: str, way: str) -> Served:
            if (database, way) not in running:
                running[database, way] = start(database, way)
            return running[database, way]

        yield get


@contextmanager
def postgres_database(url: str) -> Iterator[str]:
    """A database of its own beside the one that other tests use."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS live WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE live")
    yield url.replace("/postgres?", "/live?")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS live WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    """ "embedded", or with `@both_ways` also "nchan": nginx carries the stream."""
    return str(getattr(request, "param", "embedded"))


@pytest.fixture
def house(database: str, way: str, houses: Callable[[str, str], Served]) -> Iterator[Served]:
    """A running server on an empty database."""
    running = houses(database, way)
    with running.app.app_context():
        yield running
    databases.empty(running.app)


@pytest.fixture
def own_house(fresh_database: dict[str, str]) -> Iterator[Served]:
    """A server for one test, which may stop it."""
    with served(fresh_database, NOW) as running, running.app.app_context():
        yield running


@pytest.fixture
def live_town(house: Served, clock: Any) -> Town:
    """しーず has two places, ラビット six; both in the served database.

    That was emptied under the running server, which PostgreSQL tells of days alone: streams would
    begin with the state of the test before until they are looked at again (hub.RECHECK).
    """
    town = two_rooms(clock)
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.execute(select(func.pg_notify(CHANGES, "")))
    return town


def two_rooms(clock: Any) -> Town:
    clock.set(EVENING)
    town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
    town.rules(book("seeds", capacity=2))
    town.rules(
        book("rabbit", about={"name": {"ja": "ラビットルーム"}, "short_name": {"ja": "ラビット"}})
    )
    return town


def left(state: Any, room: str = "seeds") -> str:
    """Places left for a cold of a child of two, tomorrow."""
    column = state["signs"].index("diagnosed:URI") * len(state["bands"])
    column += max(n for n, band in enumerate(state["bands"]) if band <= [24, 0])
    cells = next(one for one in state["rooms"] if one["code"] == room)
    return str(cells["days"][CARE_DAY.isoformat()]["left"][column])


def made(text: str) -> Any:
    """The state without the time at which a process has made its bytes."""
    state = json.loads(text)
    del state["at"]
    return state


@both_ways
@both_databases
def test_the_state_comes_at_once_and_each_change_within_two_seconds(
    house: Served, live_town: Town, way: str
) -> None:
    listener = Listener(house, "m/131156")
    assert listener.response.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    assert listener.response.getheader("Cache-Control") == "no-store"
    if way == "embedded":  # a word to nginx, which keeps it to itself
        assert listener.response.getheader("X-Accel-Buffering") == "no"
    assert listener.response.getheader("Set-Cookie") is None
    first = listener.next(2)
    assert first is not None
    assert left(first.json) == "2"
    assert 1000 <= listener.retry <= 4000
    same = house.get("/vacancy.json")
    assert made(same.text) == made(first.data)
    assert same.headers["ETag"] == f'"{first.id}"'
    for expected in ("1", "0"):
        begun = time.monotonic()
        live_town.family("さくら").books()
        # The hold and its confirmation are two commits, and on a slow machine two events.
        while True:
            changed = listener.next(2)
            assert changed is not None
            assert time.monotonic() - begun < 2
            if left(changed.json) == expected:
                break
    listener.close()


@both_ways
@both_databases
def test_staff_topics_carry_the_version_only(house: Served, live_town: Town) -> None:
    topic = f"staff/{live_town.facilities['seeds']}/{CARE_DAY}"
    listener = Listener(house, topic)
    first = listener.next(2)
    assert first is not None
    assert set(first.json) == {"topic", "version"}
    live_town.family("さくら").books(at="rabbit")
    with pytest.raises(queue.Empty):
        listener.next(1.5)
    live_town.family("はな").books()
    second = listener.next(2)
    assert second is not None
    assert second.json["version"] > first.json["version"]
    listener.close()


def test_who_has_the_state_is_sent_a_sign_of_life_only(house: Served, live_town: Town) -> None:
    one = Listener(house, "m/131156")
    first = one.next(2)
    assert first is not None
    again = Listener(house, "m/131156", last=first.id)
    tick = again.next(2, "tick")
    assert tick is not None
    assert re.match(r"2026-11-23T09:\d\d:\d\dZ", tick.data)
    with pytest.raises(queue.Empty):
        again.next(0.5)
    assert again.next(10, "tick") is not None
    one.close()
    again.close()


@both_ways
def test_what_does_not_exist_cannot_be_listened_to(house: Served, live_town: Town) -> None:
    for topic in ("m/999999", "m/", "staff/x/2026-11-24", "staff/x/y", "", "elsewhere/1"):
        assert house.get(f"/live?topic={topic}").status == 404
    assert house.get("/live").status == 404
    assert house.send("POST", "/live?topic=m/131156", "x").status == 405


@both_ways
def test_the_clock_alone_moves_the_stream(
    fresh_database: dict[str, str], clock: Any, way: str
) -> None:
    """Booking closes at 7:00 while somebody looks."""
    now = "2026-11-24T06:59:45+09:00"
    with ExitStack() as stack:
        house = stack.enter_context(served(fresh_database, now))
        stack.enter_context(house.app.app_context())
        clock.set("2026-11-24 06:59")
        town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        town.rules(book("seeds", capacity=2))
        if way == "nchan":
            house = stack.enter_context(behind_nchan(house, fresh_database, now))
        listener = Listener(house, "m/131156")
        first = listener.next(2)
        assert first is not None
        assert CARE_DAY.isoformat() in first.json["rooms"][0]["days"]
        assert first.json["fresh_until"] == "2026-11-23T22:00:00Z"
        second = listener.next(30)
        assert second is not None
        assert CARE_DAY.isoformat() not in second.json["rooms"][0]["days"]
        listener.close()


def test_too_many_streams_are_told_to_poll_and_pages_go_on(
    fresh_database: dict[str, str], clock: Any
) -> None:
    few = {**fresh_database, "RESERVATION_LIVE_STREAMS": "3"}
    with served(few, "2026-11-23T18:00+09:00") as house, house.app.app_context():
        clock.set(EVENING)
        town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        town.rules(book("seeds"))
        listeners = [Listener(house, "m/131156") for _ in range(3)]
        assert [one.response.status for one in listeners] == [200, 200, 200]
        fourth = house.get("/live?topic=m/131156")
        assert (fourth.status, fourth.headers["Retry-After"]) == (503, "10")
        assert house.get("/vacancy.json").status == 200
        listeners[0].close()
        end = time.monotonic() + 10
        while (late := Listener(house, "m/131156")).response.status != 200:
            assert time.monotonic() < end
            late.close()
            time.sleep(0.2)
        for one in (*listeners[1:], late):
            one.close()


def test_stopping_ends_the_streams_and_finishes_what_was_accepted(
    own_house: Served, clock: Any, fresh_database: dict[str, str]
) -> None:
    house = own_house
    two_rooms(clock)
    listeners = [Listener(house, "m/131156") for _ in range(5)]
    assert all(one.next(2) for one in listeners)
    send = signing_in(house)
    path = f"{fresh_database['RESERVATION_INSTANCE']}/reservation.sqlite"
    answers: list[int] = []
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN IMMEDIATE")
        asking = threading.Thread(target=lambda: answers.append(send()))
        asking.start()
        time.sleep(1)
        house.process.terminate()
        time.sleep(1)
        assert answers == []
        other.execute("ROLLBACK")
    begun = time.monotonic()
    asking.join(10)
    assert answers == [303]
    assert house.process.wait(20) == 0
    assert time.monotonic() - begun < 6
    assert [one.next(1) for one in listeners] == [None] * 5
    for one in listeners:
        one.close()


def signing_in(house: Served) -> Any:
    """A POST with a body, ready to be sent: it writes, so it waits for the database's lock."""
    page = house.get("/signin")
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    fields = urlencode({"csrf_token": token.group(1), "mail": "sakura@example.org"})

    kind = "application/x-www-form-urlencoded"
    return lambda: house.send("POST", "/signin", fields, Content_Type=kind, Cookie=cookie).status


@pytest.fixture
def phone(browser: Browser, house: Served) -> Iterator[Page]:
    with browsers.context(browser, browsers.PHONE, house.url) as reader:
        page = reader.new_page()
        page.goto("about:blank")
        yield page


def seeds(page: Page) -> Any:
    return page.locator("[data-room=seeds]")


@pytest.mark.browser
@both_ways
@both_databases
def test_an_open_page_changes_within_two_seconds_by_the_stream(
    house: Served, live_town: Town, phone: Page
) -> None:
    phone.goto(BOARD)
    expect(phone.locator("[data-how]")).to_have_text("自動で更新されます")
    expect(phone.locator("[data-time]")).to_have_text(re.compile(r"18:\d\d:\d\d"))
    expect(seeds(phone)).to_contain_text("のこり 2")
    phone.evaluate("window.isSame = true")
    live_town.family("さくら").books()
    expect(seeds(phone)).to_contain_text("のこり 1", timeout=2000)
    expect(seeds(phone)).to_contain_text("残りわずか")
    expect(seeds(phone)).to_have_class(re.compile("is-few is-changed"))
    expect(seeds(phone).locator(".changed")).to_contain_text("更新")
    live_town.family("はな").books()
    expect(seeds(phone)).to_contain_text("満室", timeout=2000)
    expect(seeds(phone).get_by_role("link", name="キャンセル待ちする")).to_be_visible()
    expect(seeds(phone).get_by_role("link", name="この室で予約")).to_be_hidden()
    expect(phone.locator("h1")).to_have_text(re.compile("1つ"))
    expect(phone.locator("[aria-current=page] [data-free]")).to_have_text("空き 1室")
    live_town.family("もも").waits()
    expect(seeds(phone)).to_contain_text("いま申し込むと 2番目", timeout=2000)
    rooms = phone.locator("[data-room]").evaluate_all("all => all.map(one => one.dataset.room)")
    assert rooms == ["seeds", "rabbit"]
    assert phone.evaluate("window.isSame")


@pytest.mark.browser
def test_with_the_stream_blocked_the_page_changes_within_ten_seconds(
    house: Served, live_town: Town, phone: Page
) -> None:
    phone.route("**/live?*", lambda route: route.abort())
    phone.goto(BOARD)
    phone.evaluate("window.isSame = true")
    expect(seeds(phone)).to_contain_text("のこり 2")
    live_town.family("さくら").books()
    expect(seeds(phone)).to_contain_text("のこり 1", timeout=10_000)
    live_town.family("はな").books()
    expect(seeds(phone)).to_contain_text("満室", timeout=10_000)
    assert phone.evaluate("window.isSame")


@pytest.mark.browser
def test_when_nothing_is_heard_the_page_says_since_when_and_whom_to_call(
    house: Served, live_town: Town, phone: Page
) -> None:
    away = [True]

    def answer(route: Route) -> None:
        route.abort() if away[0] else route.continue_()

    phone.route("**/live?*", lambda route: route.abort())
    phone.route("**/vacancy.json*", answer)
    phone.goto(BOARD)
    notice = phone.locator("[data-lost]")
    expect(notice).to_be_hidden()
    expect(notice).to_be_visible(timeout=12_000)
    expect(notice).to_contain_text("03-0000-0000")
    expect(notice).to_contain_text(re.compile(r"18:\d\d"))
    away[0] = False
    expect(notice).to_be_hidden(timeout=12_000)


@pytest.mark.browser
def test_a_choice_is_answered_in_place_and_remembered_on_the_device(
    house: Served, live_town: Town, phone: Page
) -> None:
    phone.goto("/")
    phone.evaluate("window.isSame = true")
    phone.get_by_label("おなか").check(force=True)
    expect(phone.locator(".board-head")).to_contain_text("おなか")
    phone.locator("#age").select_option("4")
    expect(phone.locator(".board-head")).to_contain_text("おなか ・ 4歳")
    assert "complaint=stomach" in phone.url
    assert phone.evaluate("window.isSame")
    phone.goto("/")
    expect(phone.locator(".board-head")).to_contain_text("おなか ・ 4歳")
    expect(phone.locator("#told")).to_be_hidden()
    phone.get_by_label("診断名あり").check(force=True)
    phone.locator("#told").select_option("9")
    expect(phone.locator(".board-head")).to_contain_text("インフルエンザA型")
    phone.goto("/")
    expect(phone.locator(".board-head")).to_contain_text("おなか")


@pytest.mark.browser
def test_without_a_script_the_board_works_by_its_button(
    house: Served, live_town: Town, browser: Browser
) -> None:
    size = {**browsers.PHONE, "java_script_enabled": False}
    with browsers.context(browser, size, house.url) as reader:
        page = reader.new_page()
        page.goto("/")
        page.get_by_label("せき・鼻水").check(force=True)
        page.get_by_role("button", name="この条件で見る").click()
        expect(page.locator(".board-head")).to_contain_text("せき・鼻水")
        expect(page.locator("[data-how]")).to_have_text("読み込みなおすと、新しくなります")
        live_town.family("さくら").books()
        live_town.family("はな").books()
        page.reload()
        expect(seeds(page)).to_contain_text("満室")


@pytest.mark.browser
def test_a_room_that_opens_by_the_clock_gets_its_button(
    fresh_database: dict[str, str], clock: Any, browser: Browser
) -> None:
    """8:45 comes while the page is open: the words and buttons for it are fetched."""
    with served(fresh_database, "2026-11-20T08:44:50+09:00") as house, house.app.app_context():
        clock.set("2026-11-20 08:44")
        town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        town.rules(book("seeds", booking={"opens": {"days_before": 1, "at": "08:45"}}))
        with browsers.context(browser, browsers.PHONE, house.url) as reader:
            page = reader.new_page()
            page.goto("/?complaint=cough&age=2")
            expect(seeds(page)).to_contain_text("受付前")
            expect(seeds(page).get_by_role("link", name="この室で予約")).to_be_visible(
                timeout=20_000
            )
            assert "空きあり" in seeds(page).inner_text()


@pytest.mark.browser
def test_the_desk_s_page_moves_but_not_under_somebody_s_hands(
    house: Served, live_town: Town, browser: Browser
) -> None:
    nurse = live_town.worker("staff", "seeds")
    with write() as db:
        owner = Owner(account_id=nurse.account_id)
        token = devices.open_device(db, owner, "desk", application_clock.now(), accounts.LASTS)
    with browsers.context(browser, browsers.DESK, house.url) as reader:
        reader.add_cookies([{"name": "desk", "value": token, "url": house.url}])
        page = reader.new_page()
        page.goto(f"/staff/seeds/day/{CARE_DAY}")
        board = page.locator("[data-fragment]")
        page.evaluate("window.isSame = true")
        live_town.family("さくら").books()
        expect(board).to_contain_text("さくら", timeout=3000)
        board.locator("a, button, summary").first.focus()
        live_town.family("はな").books()
        page.wait_for_timeout(1500)
        expect(board).not_to_contain_text("はな")
        page.evaluate("document.activeElement.blur()")
        expect(board).to_contain_text("はな", timeout=3000)
        assert page.evaluate("window.isSame")
