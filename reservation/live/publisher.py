"""The stream's second way: nginx (module nchan) carries the readers, this process feeds it.

nginx asks `/ask?topic=…` once per new stream. The topic's state is put into nchan, and the answer
names the slot with which the stream ends. Topics that somebody listens to are published when they
change, as the hub makes them; one that nobody listens to for a minute is forgotten.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from reservation import clock, logs
from reservation.live.hub import TICK, Hub, Topic
from reservation.live.nchan import Away, Nchan
from reservation.live.reader import event, tick
from reservation.live.slots import NAMES, Slots
from reservation.live.stream import RETRY

LOOK = 1.0
"""Seconds for which nginx is believed to still have a topic's state: a restart empties it."""
IDLE = 60.0
"""Seconds after which a topic is looked at, whether anybody still listens."""
AGAIN = 2.0
"""Seconds before an event that nginx did not take is put again."""

_T = TypeVar("_T")


@dataclass(eq=False)
class Held:
    """A topic that is published. ``tag`` is that of the state nginx has."""

    topic: Topic
    tag: str = ""
    looked: float = float("-inf")
    asked: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None


class Publisher:
    """What is published at present. Runs in one event loop; nginx is asked in a thread."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.nchan = Nchan(hub.settings.nchan_url)
        self.slots = Slots()
        self.held: dict[str, Held] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="nchan")
        self._ticking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to publish. Streams that a predecessor left are ended: they come back."""
        self.hub.start()
        await self._try(self._drop_all)
        await self._turn()
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """End every stream, then the publishing."""
        tasks = [self._ticking, *(one.task for one in self.held.values())]
        for task in filter(None, tasks):
            task.cancel()
        await asyncio.gather(*filter(None, tasks), return_exceptions=True)
        await self._try(self._drop_all)
        await self.hub.stop()
        self._pool.shutdown(wait=False)
        self.nchan.close()

    async def ask(self, name: str) -> str | None:
        """The slot for a new stream of this topic, once nginx has its state; None when there is
        no such topic. Raises Away, and what the database raises."""
        held = self.held.get(name)
        if held is None:
            topic = await self.hub.join(name)
            if topic is None:
                return None
            held = self._hold(topic)
        held.asked = clock.monotonic()
        await self._see_to(held)
        return self.slots.pick().removeprefix("slot/")

    def _hold(self, topic: Topic) -> Held:
        known = self.held.get(topic.name)
        if known is not None:
            # Somebody else asked for it while its state was made.
            self.hub.leave(topic)
            return known
        held = self.held[topic.name] = Held(topic)
        held.task = asyncio.create_task(self._follow(held))
        return held

    async def _see_to(self, held: Held) -> None:
        """Make sure that nginx has the state, which a restart would have taken from it."""
        async with held.lock:
            now = clock.monotonic()
            if held.tag == held.topic.shot.tag and now - held.looked < LOOK:
                return
            has = await self._run(lambda: self.nchan.readers(held.topic.name))
            if has is None or held.tag != held.topic.shot.tag:
                await self._put(held)
            held.looked = now

    async def _follow(self, held: Held) -> None:
        while True:
            news = held.topic.news
            if not await self._try(partial(self._catch_up, held)):
                await asyncio.sleep(AGAIN)
                continue
            await news.wait()

    async def _catch_up(self, held: Held) -> None:
        async with held.lock:
            if held.tag != held.topic.shot.tag:
                await self._put(held)

    async def _put(self, held: Held) -> None:
        shot = held.topic.shot
        retry = f"retry: {random.randint(*RETRY)}\n".encode()
        await self._run(lambda: self.nchan.put(held.topic.name, retry + event(shot)))
        held.tag = shot.tag

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            await self._turn()
            await self._forget()

    async def _turn(self) -> None:
        """A sign of life for every slot; the end for those whose time has come."""
        over, body = self.slots.turn(clock.monotonic()), tick()
        going = list(self.slots.ends)

        def turn() -> None:
            for name in over:
                self.nchan.drop(name)
            for name in going:
                self.nchan.put(name, body)

        await self._try(lambda: self._run(turn))

    async def _forget(self) -> None:
        now = clock.monotonic()
        for held in [one for one in self.held.values() if now - one.asked >= IDLE]:
            held.asked = now
            await self._try(partial(self._let_go, held))

    async def _let_go(self, held: Held) -> None:
        name, asked = held.topic.name, held.asked
        readers = await self._run(lambda: self.nchan.readers(name))
        # Somebody may have come while we asked.
        if readers or held.asked != asked:
            return
        # What nginx has of it stays until it ages: nchan now and then shows a reader nothing of a
        # topic that was deleted just before, and who comes next is given the new state anyway.
        del self.held[name]
        if held.task is not None:
            held.task.cancel()
        self.hub.leave(held.topic)

    async def _drop_all(self) -> None:
        def drop() -> None:
            for name in NAMES:
                self.nchan.drop(name)

        await self._run(drop)

    async def _run(self, ask: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, ask)

    async def _try(self, act: Callable[[], Awaitable[object]]) -> bool:
        """Do it; False, with a line in the log, when nginx is away: it comes back."""
        try:
            await act()
        except Away as error:
            logs.get().error("live", state="publishing", error=str(error))
            return False
        return True
