"""What differs where nginx carries the stream: slots that end, restarts, the limit."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from reservation import clock as application_clock
from reservation.live.hub import Hub
from reservation.live.nchan import Nchan
from reservation.live.publisher import IDLE, Publisher
from reservation.live.slots import AT_ONCE, NAMES, Slots
from reservation.services import facilities
from tests import loops
from tests.deploy import arrangement
from tests.public.serving import Listener, Served, behind_nchan, served
from tests.test_serve import children, free_port
from tests.town import EVENING, MUNICIPALITY, OPERATOR, Town, book

NOW = "2026-11-23T18:00+09:00"


def test_every_stream_lasts_five_to_ten_minutes_and_a_crowd_leaves_in_parts() -> None:
    """A day of looks every eight seconds, a reader at each."""
    group, ages, names = Slots(), [], set()
    inside: dict[str, list[float]] = {}
    for now in range(0, 86_400, 8):
        for name in group.turn(now):
            ages += [now - came for came in inside.pop(name, [])]
        name = group.pick()
        names.add(name)
        inside.setdefault(name, []).append(now)
        # Between two looks readers come too; the last of them a moment before the next.
        inside[name].append(now + 7.9)
        assert len(group.ends) <= len(NAMES)
    assert min(ages) >= 300
    assert max(ages) <= 600
    assert max(ages) - min(ages) > 200
    assert names == set(NAMES)
    assert len({group.pick() for _ in range(200)}) == AT_ONCE


def test_a_slot_is_not_opened_again_before_it_has_ended() -> None:
    group = Slots()
    for now in range(0, 86_400, 8):
        before = dict(group.ends)
        group.turn(now)
        again = [name for name in before if name in group.ends and group.ends[name] != before[name]]
        assert again == []


@pytest.fixture
def house(fresh_database: dict[str, str], clock: Any) -> Iterator[Served]:
    """A house with one room, as `reservation serve` gives it."""
    with served(fresh_database, NOW) as running, running.app.app_context():
        clock.set(EVENING)
        town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        town.rules(book("seeds"))
        yield running


@pytest.mark.alone
def test_the_publisher_ends_its_streams_and_a_new_one_serves_who_comes_back(
    house: Served, fresh_database: dict[str, str]
) -> None:
    with behind_nchan(house, fresh_database, NOW) as front:
        listeners = [Listener(front, "m/131156") for _ in range(5)]
        assert all(one.next(5) for one in listeners)
        front.process.terminate()
        assert front.process.wait(20) == 0
        assert [one.next(2) for one in listeners] == [None] * 5
        late = front.get("/live?topic=m/131156")
        assert (late.status, late.headers["Retry-After"]) == (503, "10")
        for one in listeners:
            one.close()


@pytest.mark.alone
def test_above_nginx_s_own_limit_readers_are_told_to_poll(
    house: Served, fresh_database: dict[str, str]
) -> None:
    fewer = {"limit_conn reservation_live 8000;": "limit_conn reservation_live 3;"}
    with behind_nchan(house, fresh_database, NOW, **fewer) as front:
        listeners = [Listener(front, "m/131156") for _ in range(3)]
        assert all(one.next(5) for one in listeners)
        fourth = front.get("/live?topic=m/131156")
        assert (fourth.status, fourth.headers["Retry-After"]) == (503, "10")
        assert front.get("/vacancy.json").status == 200
        for one in listeners:
            one.close()


@pytest.mark.alone
def test_a_killed_publisher_s_successor_ends_what_it_left_and_goes_on(
    house: Served, fresh_database: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    with arrangement.nginx(tmp_path, [house.port], port, nchan=True) as front:
        environ = {
            **fresh_database,
            "RESERVATION_NOW": NOW,
            "RESERVATION_PUBLISHER_PORT": str(port),
            "RESERVATION_NCHAN_URL": f"http://127.0.0.1:{front.publish_port}/publish",
        }
        words, log = arrangement.command("publisher"), tmp_path / "publisher.log"
        with arrangement.started(words, environ, log, port) as process:
            left = Listener(front, "m/131156")
            assert left.next(20) is not None
            for pid in (*children(process.pid), process.pid):
                os.kill(pid, signal.SIGKILL)
        with arrangement.started(words, environ, log, port):
            # Its slot has nobody to end it any more, so the new one has.
            assert left.next(20) is None
            left.close()
            again = come_back(front)
            assert again.next(5) is not None
            with arrangement.nginx_again(front):
                assert again.next(5) is None
                again.close()
                # A phone comes back when it was told to, one second later at the earliest.
                assert again.retry >= 1000
                time.sleep(again.retry / 1000)
                late = come_back(front)
                assert late.next(5) is not None
                late.close()


def test_a_topic_let_go_by_the_publisher_stays_with_nginx_for_who_comes_next(
    app: Flask, town: Town, tmp_path: Path
) -> None:
    with arrangement.nginx(tmp_path, [free_port()], free_port(), nchan=True) as front:
        url = f"http://127.0.0.1:{front.publish_port}/publish"

        async def story() -> None:
            one = Publisher(Hub(app))
            one.nchan = Nchan(url)
            await one.start()
            assert await one.ask("m/131156")
            one.held["m/131156"].asked -= IDLE
            await one._forget()
            assert one.held == {}
            with closing(Nchan(url)) as nginx:
                assert nginx.readers("m/131156") == 0
            assert await one.ask("m/131156")
            await one.stop()

        loops.run(story())


def come_back(front: arrangement.Front) -> Listener:
    """A stream as a phone gets it: tried again while the publisher begins."""
    end = time.monotonic() + 20
    while (found := Listener(front, "m/131156")).response.status != 200:
        assert time.monotonic() < end
        found.close()
        time.sleep(0.2)
    return found
