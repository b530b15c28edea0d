"""The hub: one message for all readers of a topic, the newest for a slow one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from reservation.live import hub as hubs
from reservation.live.hub import Hub, Topic
from reservation.live.reader import Message, Reader
from reservation.live.topics import Shot
from tests import loops

EDGE = datetime(2026, 11, 24, tzinfo=UTC)


def shot(tag: str, *about: str, until: datetime | None = None) -> Shot:
    return Shot(tag, b"{}", until, frozenset(about))


def topic(name: str, *about: str) -> Topic:
    return Topic(name, lambda _now: None, shot("1", *about))


class Phone:
    """A reader's end of the line, which may be slow or gone."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.line: asyncio.Future[None] | None = None
        self.is_gone = False

    def send(self, message: Message) -> Awaitable[None]:
        if self.is_gone:
            raise RuntimeError("closed")
        self.got.append(message)
        return self.line if self.line is not None else _nothing()

    @property
    def tags(self) -> list[bytes]:
        return [one["body"].split(b"\n")[0] for one in self.got]


class _Done:
    """As granian answers: it has sent already, and there is nothing to wait for."""

    def __await__(self) -> Any:
        return iter(())


def _nothing() -> Awaitable[None]:
    return _Done()


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loops.run(story())


def test_all_readers_of_a_topic_are_handed_the_same_message() -> None:
    async def story() -> None:
        board, phones = topic("m/1"), [Phone() for _ in range(3)]
        readers = [Reader(phone.send, board, "1") for phone in phones]
        for reader in readers:
            reader.tell()
        assert [phone.got for phone in phones] == [[], [], []]
        board.publish(shot("2"))
        for reader in readers:
            reader.tell()
            reader.tell()
        assert [len(phone.got) for phone in phones] == [1, 1, 1]
        assert phones[0].got[0] is phones[1].got[0] is phones[2].got[0]

    run(story)


def test_a_slow_reader_is_sent_the_newest_state_and_none_between() -> None:
    async def story() -> None:
        board, phone = topic("m/1"), Phone()
        reader = Reader(phone.send, board, "1")
        phone.line = line = asyncio.get_running_loop().create_future()
        for tag in "2345":
            board.publish(shot(tag))
            reader.tell()
            reader.hand({"body": b"tick"})
        assert phone.tags == [b"id: 2"]
        phone.line = None
        line.set_result(None)
        await asyncio.sleep(0)
        assert phone.tags == [b"id: 2", b"id: 5"]
        assert not reader.ended.done()

    run(story)


def test_who_is_gone_ends_the_stream() -> None:
    async def story() -> None:
        board, phone, other = topic("m/1"), Phone(), Phone()
        reader, waiting = Reader(phone.send, board, ""), Reader(other.send, board, "")
        phone.is_gone = True
        reader.tell()
        assert reader.ended.done()
        other.line = asyncio.get_running_loop().create_future()
        waiting.tell()
        other.line.set_exception(OSError())
        await asyncio.sleep(0)
        assert waiting.ended.done()

    run(story)


def test_servers_that_answer_with_coroutines_are_served_too() -> None:
    async def story() -> None:
        got: list[Message] = []

        async def send(message: Message) -> None:
            await asyncio.sleep(0)
            got.append(message)

        board = topic("m/1")
        reader = Reader(send, board, "")
        reader.tell()
        board.publish(shot("2"))
        reader.tell()
        while len(got) < 2:
            await asyncio.sleep(0)
        assert [one["body"].split(b"\n")[0] for one in got] == [b"id: 1", b"id: 2"]

    run(story)


@pytest.mark.parametrize(
    ("days", "heard"),
    [
        ({""}, {"m/1", "staff/a/24", "staff/b/24"}),
        ({"a:2026-11-24"}, {"m/1", "staff/a/24"}),
        ({"a:2026-11-25"}, {"m/1"}),
        ({"b:2026-11-24", "c:2026-11-24"}, {"staff/b/24"}),
        (set(), set()),
    ],
)
def test_a_change_is_looked_at_by_the_topics_that_it_can_change(
    days: set[str], heard: set[str]
) -> None:
    async def story() -> None:
        all_ = [topic("m/1", "a"), topic("staff/a/24", "a:2026-11-24"),
                topic("staff/b/24", "b:2026-11-24")]  # fmt: skip
        assert {one.name for one in all_ if one.hears(days)} == heard

    run(story)


def test_who_is_told_of_a_change_waits_for_few_others(app: Flask) -> None:
    async def story() -> None:
        hub = Hub(app)
        for n in range(20):
            one = hub.topics[f"m/{n}"] = topic(f"m/{n}", f"place{n}")
            one.looked = float(n)
        assert [one.name for one in hub.due({"place19:2026-11-24"}, 12.0)] == [
            "m/19", "m/0", "m/1", "m/2", "m/3", "m/4",
        ]  # fmt: skip
        assert [one.name for one in hub.due(set(), 6.5)] == ["m/0", "m/1"]
        assert len(hub.due({""}, 0.0)) == 20

    run(story)


def test_the_clock_makes_a_topic_old() -> None:
    async def story() -> None:
        board = topic("m/1")
        assert not board.is_old(EDGE)
        board.publish(shot("2", until=EDGE))
        assert board.is_old(EDGE)
        assert not board.is_old(EDGE.replace(year=2025))

    run(story)


def test_signs_of_life_go_round_and_end_who_has_listened_long_enough(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "TICK", 0.16)

    async def story() -> None:
        hub, board = Hub(app), topic("m/1")
        fresh, spent = Phone(), Phone()
        stays, goes = Reader(fresh.send, board, "1"), Reader(spent.send, board, "1")
        goes.ends = 0.0
        hub.add(board, stays)
        hub.add(board, goes)
        hub.start()
        await goes.ended
        assert spent.got == []
        while len(fresh.got) < 2:
            await asyncio.sleep(0.01)
        assert fresh.got[0]["body"].startswith(b"event: tick\ndata: ")
        assert not stays.ended.done()
        await hub.stop()
        assert stays.ended.done()
        late = Reader(fresh.send, board, "1")
        hub.add(board, late)
        assert late.ended.done()

    run(story)
