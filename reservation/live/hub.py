"""Who listens to what: one state per topic, made once per change and handed to every reader.

The state is sent whole, never a difference: a lost message costs nothing, and a slow reader holds
at most the newest one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask

from reservation import clock, logs
from reservation.live import changes
from reservation.live.reader import Message, Reader, body, event, tick
from reservation.live.topics import Shot, Source, source
from reservation.settings import Settings

RECHECK = 5.0
"""Seconds after which a topic is looked at again, even if nobody told of a change."""
FEW = 5
"""Such looks between two that somebody waits for."""
TOGETHER = 0.1
"""Seconds between two looks at least: changes in between are answered by one new state."""
TICK = 8.0
"""Seconds between two signs of life."""
TURNS = 16
"""In so many groups readers get their sign of life, so that it never goes to all at once."""
AT_ONCE = 500
"""Readers that are handed a message before the loop turns to others."""


@dataclass(eq=False)
class Topic:
    """A topic with readers. ``news`` is replaced by a new event whenever the state changes."""

    name: str
    make: Source
    shot: Shot
    readers: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    listening: set[Reader] = field(default_factory=set)
    """The readers of this process's own streams."""

    def __post_init__(self) -> None:
        self.message: Message = body(event(self.shot), tick())
        self.looked = clock.monotonic()
        """When it was last looked at, by the monotonic clock."""

    def publish(self, shot: Shot) -> None:
        """Take the newest state and wake everybody who waits for news."""
        self.shot = shot
        self.message = body(event(shot), tick())
        told, self.news = self.news, asyncio.Event()
        told.set()

    def hears(self, days: set[str]) -> bool:
        """Whether a change of one of these days can change the state."""
        about = self.shot.about
        return any(not day or day in about or day.partition(":")[0] in about for day in days)

    def is_old(self, now: datetime) -> bool:
        """Whether the clock alone has changed it."""
        return self.shot.fresh_until is not None and self.shot.fresh_until <= now


class Hub:
    """The topics of a process. All methods but the making of a state run in its event loop."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Settings = app.extensions["settings"]
        self.topics: dict[str, Topic] = {}
        self.stopping = asyncio.Event()
        self.readers = 0
        self._days: set[str] = set()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._turns: list[set[Reader]] = [set() for _ in range(TURNS)]
        self._turn = 0
        # One thread: a topic is never made twice at a time.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="live")

    def start(self) -> None:
        """Begin to watch the database and to publish."""
        work = (
            changes.watch(self.settings, self._told),
            self._publish(),
            self._tick(),
            self._end(),
        )
        self._tasks = [asyncio.create_task(one) for one in work]

    async def stop(self) -> None:
        """End every stream, then the watching."""
        self.stopping.set()
        await asyncio.sleep(0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=False)

    @property
    def is_full(self) -> bool:
        """Whether another stream would be one too many: who gets none polls."""
        return self.readers >= self.settings.live_streams

    async def join(self, name: str) -> Topic | None:
        """The topic of this name with one reader more; None when there is no such topic."""
        topic = self.topics.get(name)
        if topic is None:
            make = source(name)
            shot = await self._make(make) if make else None
            if make is None or shot is None:
                return None
            topic = self.topics.setdefault(name, Topic(name, make, shot))
        topic.readers += 1
        self.readers += 1
        return topic

    def leave(self, topic: Topic) -> None:
        """One reader less; a topic without readers is forgotten."""
        topic.readers -= 1
        self.readers -= 1
        if topic.readers == 0:
            self.topics.pop(topic.name, None)

    def add(self, topic: Topic, reader: Reader) -> Callable[[], None]:
        """Hand this reader every state from now on, and signs of life. What is returned takes it
        out again."""
        turn = self._turns[self._turn]
        for group in (topic.listening, turn):
            group.add(reader)
        reader.tell()
        if self.stopping.is_set():
            reader.end()

        def remove() -> None:
            topic.listening.discard(reader)
            turn.discard(reader)

        return remove

    def _told(self, day: str) -> None:
        self._days.add(day)
        self._changed.set()

    async def _publish(self) -> None:
        while True:
            begun, days = clock.monotonic(), self._days
            self._days = set()
            self._changed.clear()
            for topic in self.due(days, begun):
                await self._refresh(topic)
            try:
                await asyncio.wait_for(self._changed.wait(), self._pause())
            except TimeoutError:
                continue
            await asyncio.sleep(max(0.0, TOGETHER - (clock.monotonic() - begun)))

    def due(self, days: set[str], at: float) -> list[Topic]:
        """The topics that one of these days or the clock has changed, and a few of those that were
        not looked at for long. ``at`` is of the monotonic clock."""
        now, topics = clock.now(), list(self.topics.values())
        told = [one for one in topics if one.hears(days) or one.is_old(now)]
        long_ago = [one for one in topics if at - one.looked >= RECHECK and one not in told]
        return told + sorted(long_ago, key=lambda one: one.looked)[:FEW]

    def _pause(self) -> float:
        """Seconds until the clock alone makes a state old or a topic is to be looked at again."""
        now, at = clock.now(), clock.monotonic()
        topics = self.topics.values()
        edges = [t.shot.fresh_until for t in topics if t.shot.fresh_until]
        left = [(edge - now).total_seconds() for edge in edges]
        left += [topic.looked + RECHECK - at for topic in topics]
        return max(min(left, default=RECHECK), 0.05)

    async def _refresh(self, topic: Topic) -> None:
        topic.looked = clock.monotonic()
        try:
            shot = await self._make(topic.make)
        except Exception as error:
            # The database is away: readers keep what they have and are told nothing wrong.
            logs.get().error("live", state="making", error=type(error).__name__)
            return
        if shot is not None and shot.tag != topic.shot.tag:
            topic.publish(shot)
            await _each(topic.listening, Reader.tell)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK / TURNS)
            self._turn = (self._turn + 1) % TURNS
            message, now = body(tick()), clock.monotonic()

            def live(reader: Reader, message: Message = message, now: float = now) -> None:
                reader.end() if now >= reader.ends else reader.hand(message)

            await _each(self._turns[self._turn], live)

    async def _end(self) -> None:
        await self.stopping.wait()
        for turn in self._turns:
            for reader in list(turn):
                reader.end()

    async def _make(self, make: Source) -> Shot | None:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._made, make)

    def _made(self, make: Callable[[datetime], Shot | None]) -> Shot | None:
        with self.app.app_context():
            return make(clock.now())


async def _each(readers: Iterable[Reader], act: Callable[[Reader], None]) -> None:
    for number, reader in enumerate(list(readers), 1):
        act(reader)
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
