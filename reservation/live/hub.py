"""Who listens to what: one state per topic, made once per change and handed to every reader.

The state is sent whole, never a difference: a lost message costs nothing, and a slow reader holds
at most the newest one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask

from reservation import clock, logs
from reservation.live import changes
from reservation.live.topics import Shot, Source, source
from reservation.settings import Settings

RECHECK = 5.0
"""Seconds after which every topic is looked at again, even if nobody told of a change."""
TOGETHER = 0.1
"""Seconds in which changes are answered by one new state."""


@dataclass(eq=False)
class Topic:
    """A topic with readers. ``news`` is replaced by a new event whenever the state changes."""

    name: str
    make: Source
    shot: Shot
    readers: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, shot: Shot) -> None:
        """Hand the newest state to everybody who waits for news."""
        self.shot = shot
        told, self.news = self.news, asyncio.Event()
        told.set()


class Hub:
    """The topics of a process. All methods but the making of a state run in its event loop."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Settings = app.extensions["settings"]
        self.topics: dict[str, Topic] = {}
        self.stopping = asyncio.Event()
        self.readers = 0
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        # One thread: a topic is never made twice at a time.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="live")

    def start(self) -> None:
        """Begin to watch the database and to publish."""
        watching = changes.watch(self.settings, self._changed.set)
        self._tasks = [asyncio.create_task(watching), asyncio.create_task(self._publish())]

    async def stop(self) -> None:
        """End every stream, then the watching."""
        self.stopping.set()
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

    async def _publish(self) -> None:
        while True:
            self._changed.clear()
            for topic in list(self.topics.values()):
                await self._refresh(topic)
            try:
                await asyncio.wait_for(self._changed.wait(), self._pause())
            except TimeoutError:
                continue
            await asyncio.sleep(TOGETHER)

    def _pause(self) -> float:
        """Seconds until the clock alone makes a state old, at most until the next look."""
        now = clock.now()
        edges = [t.shot.fresh_until for t in self.topics.values() if t.shot.fresh_until]
        left = min(((edge - now).total_seconds() for edge in edges), default=RECHECK)
        return min(max(left, 0.05), RECHECK)

    async def _refresh(self, topic: Topic) -> None:
        try:
            shot = await self._make(topic.make)
        except Exception as error:
            # The database is away: readers keep what they have and are told nothing wrong.
            logs.get().error("live", state="making", fault=type(error).__name__)
            return
        if shot is not None and shot.tag != topic.shot.tag:
            topic.publish(shot)

    async def _make(self, make: Source) -> Shot | None:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._made, make)

    def _made(self, make: Callable[[datetime], Shot | None]) -> Shot | None:
        with self.app.app_context():
            return make(clock.now())
