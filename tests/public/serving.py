"""`reservation serve` as a process on a port of this machine, and a reader of its stream."""

from __future__ import annotations

import http.client
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import flask_migrate
from flask import Flask

from reservation import create_app, settings
from tests import databases
from tests.deploy import arrangement
from tests.test_serve import free_port


@dataclass
class Answer:
    """An answer that has been read."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Served:
    """A running server, and the application in this process on the same database."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    app: Flask

    def get(self, path: str) -> Answer:
        """One answer to one connection."""
        return self.send("GET", path)

    def send(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """The same for any method; headers like Content_Type."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body or None, given)
            with connection.getresponse() as response:
                # A stream would be read for minutes.
                endless = response.getheader("Content-Type", "").startswith("text/event-stream")
                text = "" if endless else response.read().decode()
                return Answer(response.status, response.headers, text)


@contextmanager
def served(environ: dict[str, str], now: str) -> Iterator[Served]:
    """Tables made, `reservation serve` running, its clock at ``now`` and running on."""
    app = create_app(settings.load(environ))
    port = free_port()
    env = {**os.environ, **environ, "RESERVATION_PORT": str(port), "RESERVATION_NOW": now}
    with app.app_context():
        flask_migrate.upgrade()
    with subprocess.Popen([sys.executable, "-m", "reservation", "serve"], env=env) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/healthz")
            yield Served(f"http://127.0.0.1:{port}", port, process, app)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(20)
    databases.close(app)


@contextmanager
def behind_nchan(
    house: Served, environ: dict[str, str], now: str, **changes: str
) -> Iterator[Served]:
    """The same house behind the real nginx, which carries the stream, fed by the publisher.
    ``changes`` alter the shipped configuration."""
    folder = Path(tempfile.mkdtemp(prefix="reservation-nchan-"))
    port = free_port()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        front = stack.enter_context(
            arrangement.nginx(folder, [house.port], port, nchan=True, **changes)
        )
        env = {
            **environ,
            "RESERVATION_NOW": now,
            "RESERVATION_PUBLISHER_PORT": str(port),
            "RESERVATION_NCHAN_URL": f"http://127.0.0.1:{front.publish_port}/publish",
        }
        words = [sys.executable, "-m", "reservation", "publisher"]
        log = folder / "publisher.log"
        process = stack.enter_context(arrangement.started(words, env, log, port))
        yield Served(f"http://127.0.0.1:{front.port}", front.port, process, house.app)


def _wait(url: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@dataclass
class Event:
    """One event of the stream."""

    kind: str
    id: str
    data: str

    @property
    def json(self) -> Any:
        """The data, read."""
        return json.loads(self.data)


class HasPort(Protocol):
    """Whatever answers on a port of this machine."""

    port: int


class Listener:
    """A reader of a topic: ``next()`` is the next event of a kind."""

    def __init__(self, house: HasPort, topic: str, last: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
        headers = {"Last-Event-ID": last} if last else {}
        self.connection.request("GET", f"/live?topic={quote(topic)}", headers=headers)
        # An answer without an end takes the socket from its connection.
        self.socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.events: queue.Queue[Event | None] = queue.Queue()
        self.retry = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        if self.response.status == 200:
            self.reader.start()

    def next(self, seconds: float, kind: str = "message") -> Event | None:
        """The next event of this kind; None when the stream has ended. Raises queue.Empty."""
        end = time.monotonic() + seconds
        while True:
            event = self.events.get(timeout=max(0.01, end - time.monotonic()))
            if event is None or event.kind == kind:
                return event

    def close(self) -> None:
        """Go away without a word, as phones do."""
        with suppress(OSError):
            # Already gone when the server has ended the stream.
            self.socket.shutdown(socket.SHUT_RDWR)
        if self.reader.is_alive():
            self.reader.join(5)
        self.response.close()
        self.connection.close()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for raw in self.response:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name == "retry":
                    self.retry = int(value)
                elif name:
                    fields[name] = value
                elif "data" in fields:
                    self.events.put(
                        Event(fields.get("event", "message"), fields.get("id", ""), fields["data"])
                    )
                    fields = {}
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        self.events.put(None)
