"""The server, with everything that belongs to it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from granian import Granian
from granian.constants import Interfaces

from reservation import clock, logs
from reservation import settings as all_settings
from reservation.cli.application import application
from reservation.services import installation
from reservation.settings import Settings
from reservation.store import leader

_STOP_SECONDS = 10
_WAIT_SECONDS = 5
_AT_ONCE = 20_000


@click.command()
def serve() -> None:
    """Serve pages and turn the timetable until Ctrl-C."""
    settings = all_settings.load()
    with the_only_server(settings):
        with application(settings):
            installation.be_ready(settings.mode)
        run_server(settings)


@contextmanager
def the_only_server(settings: Settings) -> Iterator[None]:
    """Keep other servers off the same SQLite file while inside. Raises NotReady when one is there.

    Waits a moment: the worker of a server that was killed ends a second later.
    """
    settings.instance.mkdir(parents=True, exist_ok=True)
    lock = leader.server(settings)
    end = clock.monotonic() + _WAIT_SECONDS
    while lock and not lock.take():
        if clock.monotonic() > end:
            raise installation.NotReady(
                "Another server works on this database: stop it first, or give this one a"
                " folder of its own (RESERVATION_INSTANCE)."
            )
        time.sleep(0.1)
    try:
        yield
    finally:
        if lock:
            lock.release()


@click.command()
def publisher() -> None:
    """Feed the live streams that this machine's nginx carries (module nchan), until stopped."""
    with application() as app:
        settings: Settings = app.extensions["settings"]
        installation.be_ready(settings.mode)
    _serve("reservation.live:publisher", "127.0.0.1", settings.publisher_port)


def run_server(settings: Settings) -> None:
    """Serve pages and live stream on host and port with the scheduler beside.

    Returns when both have ended. The children read the settings from the environment, as this
    process did.
    """
    if settings.now:
        os.environ["RESERVATION_NOW"] = clock.pinned()
    with scheduler_beside():
        _serve("reservation.live:create", settings.host, settings.port)


def _serve(factory: str, address: str, port: int) -> None:
    Granian(
        factory,
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        # Counts open streams too; the default takes the site down with the 1,025th phone.
        # Streams have a limit of their own (live_streams), pages the size of the pool.
        backpressure=_AT_ONCE,
        log_enabled=False,
        workers_kill_timeout=_STOP_SECONDS,
    ).serve()


@contextmanager
def scheduler_beside() -> Iterator[None]:
    """`reservation scheduler` as a child: started again when it dies, ended with this process."""
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_scheduler, args=[stopping], daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(_STOP_SECONDS + 1)


def _keep_scheduler(stopping: threading.Event) -> None:
    command = [sys.executable, "-m", "reservation", "scheduler", "--with-parent"]
    while not stopping.is_set():
        # A session of its own: Ctrl-C in the terminal reaches us, and we end the child in order.
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as child:
            while child.poll() is None and not stopping.wait(0.2):
                pass
            if child.poll() is None:
                _end(child)
        if not stopping.wait(1):
            logs.get().error("scheduler", state="ended", code=child.returncode)


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
