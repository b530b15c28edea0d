"""ASGI around the application: `/live` beside Flask on one port, and its orderly end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from a2wsgi import WSGIMiddleware
from flask import Flask

from reservation import create_app, logs, meters
from reservation.live import stream
from reservation.live.hub import Hub
from reservation.live.publisher import Publisher
from reservation.live.reader import Send
from reservation.live.stream import Receive, Scope
from reservation.settings import Settings

_LOOK_SECONDS = 1
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def create() -> Asgi:
    """Pages and stream together: what `reservation serve` runs."""
    app = create_app()
    settings: Settings = app.extensions["settings"]
    wsgi: Any = app
    # As many requests at work as there are database connections.
    return House(app, WSGIMiddleware(wsgi, workers=settings.connections))


def streams() -> Asgi:
    """The stream, and what watches it asks; every other address is a 404."""
    app = create_app()
    wsgi: Any = app
    return House(app, WSGIMiddleware(wsgi, workers=1), only=WATCHED)


def publisher() -> Asgi:
    """The publisher beside nginx with nchan: what `reservation publisher` runs."""
    return PublishingHouse(create_app())


class House:
    """The ASGI application: lifespan, `/live`, and the pages if there are any; ``only`` some."""

    def __init__(self, app: Flask, pages: Any | None, only: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.pages = pages
        self.only = only
        self.hub: Hub | None = None
        self._following: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one scope."""
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["path"] == "/live" and self.hub is not None:
            return await stream.answer(self.hub, scope, receive, send)
        if self.pages is None or (self.only and scope["path"] not in self.only):
            return await stream.refuse(send, 404)

        # a2wsgi hands these to run_coroutine_threadsafe, which takes coroutines only; the server's
        # own are futures, and every POST with a body would be a 500.
        async def receive_() -> Mapping[str, Any]:
            return await receive()

        async def send_(message: Mapping[str, Any]) -> None:
            await send(message)

        await self.pages(scope, receive_, send_)
        return None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._end()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _begin(self) -> None:
        self.hub = hub = Hub(self.app)
        self.hub.start()
        meters.streams(lambda: hub.readers)
        end_streams_on_signal(self.hub)
        self._following = asyncio.create_task(end_with_parent())

    async def _end(self) -> None:
        if self._following is not None:
            self._following.cancel()
        if self.hub is not None:
            await self.hub.stop()


class PublishingHouse(House):
    """The publisher beside nginx: it answers one question, `/ask?topic=…` (publisher.py)."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, None)
        self.publisher: Publisher | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """204 with the stream's slot, 403 for no topic, 503 where readers had better poll."""
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["path"] != "/ask" or self.publisher is None:
            return await stream.refuse(send, 404)
        names = parse_qs(scope["query_string"].decode("latin-1")).get("topic", [])
        try:
            slot = await self.publisher.ask(names[0]) if len(names) == 1 else None
        except Exception as error:
            # The database or nginx is away: the page polls and says so.
            logs.get().error("live", state="joining", error=type(error).__name__)
            return await stream.refuse(send, 503)
        if slot is None:
            return await stream.refuse(send, 403)
        headers = [(b"reservation-slot", slot.encode())]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        return await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self) -> None:
        self.publisher = Publisher(Hub(self.app))
        await self.publisher.start()
        self._following = asyncio.create_task(end_with_parent())

    async def _end(self) -> None:
        if self._following is not None:
            self._following.cancel()
        if self.publisher is not None:
            await self.publisher.stop()


async def end_with_parent() -> None:
    """End this worker when the server that started it was killed: alone it would go on serving,
    and keep the port and the database from the server that follows."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def end_streams_on_signal(hub: Hub) -> None:
    """End the streams as soon as the server is told to stop: it waits for open answers, and a
    stream would be open for minutes.

    The server's own handler hears the signal through the event loop's wake-up pipe and is not
    replaced by this one.
    """
    loop = asyncio.get_running_loop()

    def told(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(hub.stopping.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
        signal.siginterrupt(number, False)
