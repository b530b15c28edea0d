"""Several nodes on one PostgreSQL: pages on two, schedulers on two, a stream."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import create_engine

from reservation import clock as application_clock
from reservation.services import accounts, devices, facilities
from reservation.services.devices import Owner
from reservation.store.db import write
from tests import databases
from tests.deploy import arrangement
from tests.public.serving import Listener
from tests.test_serve import free_port
from tests.town import EVENING, MUNICIPALITY, OPERATOR, Household, Town, book

pytestmark = [pytest.mark.alone, pytest.mark.postgres]
BOARD = "/my/book?complaint=fever&day=2026-11-24"


@dataclass
class Node:
    """A process of the installation with its port (0: none) and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def says(self, state: str) -> bool:
        """Whether this scheduler has said that it "leads" or "waits"."""
        return f'"state": "{state}"' in self.log.read_text("utf-8")


@dataclass
class Installation:
    """All nodes, and the application in this process on the same database."""

    app: Flask
    nodes: dict[str, Node] = field(default_factory=dict)


@pytest.fixture(scope="module")
def installation(
    _postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Each started as its unit says; the second scheduler when the first one leads."""
    folder = tmp_path_factory.mktemp("nodes")
    admin = create_engine(_postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS nodes WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE nodes")
    more = {
        "database_url": _postgres_url.replace("/postgres?", "/nodes?"),
        "pool_size": "4",
        "log_level": "info",
    }
    environ = databases.environ(folder, now="2026-11-23T18:00+09:00", **more)
    app = databases.make_app(folder, **more)
    found = Installation(app)
    with ExitStack() as stack:
        for name in ("pages a", "pages b", "stream", "scheduler a", "scheduler b"):
            unit, log = name.split()[0], folder / f"{name}.log"
            port = free_port() if unit != "scheduler" else 0
            words = arrangement.command(unit, port or None)
            start = arrangement.started(words, environ, log, port or None)
            node = found.nodes[name] = Node(stack.enter_context(start), port, log)
            if unit == "scheduler":
                until(lambda node=node: node.says("leads") or node.says("waits"), 90)
        yield found
    databases.close(app)
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS nodes WITH (FORCE)")
    admin.dispose()


def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait for something that must come true in this time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


@pytest.fixture
def town(installation: Installation, clock: Any) -> Iterator[Town]:
    """しーず with two places."""
    with installation.app.app_context():
        clock.set(EVENING)
        made = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        made.rules(book("seeds", capacity=2))
        yield made
    databases.empty(installation.app)


def test_what_is_done_on_one_node_is_on_the_board_of_the_other(
    installation: Installation, town: Town
) -> None:
    nodes = installation.nodes
    sakura = town.family("さくら")
    listener = Listener(nodes["stream"], "m/131156")
    assert listener.next(10) is not None
    before = board(nodes["pages b"])
    assert holds_by_the_page(nodes["pages a"], sakura).startswith("/my/")
    changed = listener.next(2)
    assert changed is not None
    until(lambda: board(nodes["pages b"]) != before, 2)
    assert board(nodes["pages b"]) == board(nodes["pages a"]) == left(changed.json)
    listener.close()


def test_when_the_leading_scheduler_is_killed_the_other_does_its_work(
    installation: Installation, town: Town, clock: Any
) -> None:
    leading, other = (installation.nodes[f"scheduler {name}"] for name in "ab")
    assert leading.says("leads")
    assert not other.says("leads")
    leading.process.send_signal(signal.SIGKILL)
    clock.set("2026-11-23 17:45")
    held = town.family("さくら").holds().booking_id
    assert held is not None
    until(lambda: other.says("leads"), 5)
    until(lambda: town.state(held) == "expired", 10)
    assert leading.process.wait(5) == -signal.SIGKILL


def board(node: Node) -> str:
    """Places left in each room for each profile, as this node's pages say."""
    with closing(http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)) as connection:
        connection.request("GET", "/vacancy.json")
        return left(json.loads(connection.getresponse().read()))


def left(state: Any) -> str:
    """The part of the bytes that says how many places there are."""
    return json.dumps([day["left"] for room in state["rooms"] for day in room["days"].values()])


def holds_by_the_page(node: Node, who: Household) -> str:
    """Hold a place by the form of a node's page, signed in; where the answer leads."""
    with write() as db:
        owner = Owner(guardian_id=who.guardian_id)
        token = devices.open_device(db, owner, "phone", application_clock.now(), accounts.LASTS)
    cookie = f"device={token}"
    with closing(http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)) as connection:
        connection.request("GET", BOARD, headers={"Cookie": cookie})
        answer = connection.getresponse()
        page, session = answer.read().decode(), answer.getheader("Set-Cookie", "")
        form = re.search(r'<form[^>]*method="post"[^>]*>.*?</form>', page, re.DOTALL)
        assert form is not None, page[:2000]
        action = re.search(r'action="([^"]*)"', form.group(0))
        fields = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form.group(0))
        headers = {
            "Cookie": f"{cookie}; {session.partition(';')[0]}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{node.port}",
            "Referer": f"http://127.0.0.1:{node.port}{BOARD}",
        }
        where = action.group(1).replace("&amp;", "&") if action else BOARD
        connection.request("POST", where, urlencode(fields), headers)
        answer = connection.getresponse()
        assert answer.status == 303, answer.read().decode()[:2000]
        return answer.getheader("Location", "")
