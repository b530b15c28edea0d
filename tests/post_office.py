"""A real mail server on this machine, which fails on command.

``office.does("4xx", "ok")``: what happens to the next letters, in order; afterwards "ok".
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Office:
    """What came in, and what to do with the next letter.

    ok · greylisted (451 at RCPT) · unknown (550 at RCPT) · unwanted (550 5.7.1 at RCPT) · full
    (452 at DATA) · spam (554 at DATA) · hang (no answer to DATA) · drop (takes the text, hangs up
    without an answer) · curt (takes the text, says so and hangs up) · busy (421 at RCPT).
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.readers: list[str] = []
        self.connections = 0
        self.ended = threading.Event()
        self._plan: list[str] = []
        self._always = "ok"
        self.lock = threading.Lock()

    def does(self, *plan: str) -> None:
        """The next letters end so."""
        self._plan = list(plan)

    def always(self, what: str) -> None:
        """Every letter ends so."""
        self._always = what

    def ids(self) -> list[str]:
        """The Message-ID of each letter that came in."""
        return [str(letter["Message-ID"]) for letter in self.letters]

    def subjects(self) -> list[str]:
        """The subject of each letter that came in."""
        return [str(letter["Subject"]) for letter in self.letters]

    def _next(self) -> str:
        with self.lock:
            return self._plan.pop(0) if self._plan else self._always

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = host
        return answers

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        session.what = self._next()
        answers = {
            "greylisted": "451 4.7.1 Try again later",
            "unknown": f"550 5.1.1 <{address}> User unknown",
            "unwanted": "550 5.7.1 Relaying denied",
            "busy": "421 4.3.2 Too busy",
        }
        if session.what in answers:
            return answers[session.what]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if session.what == "hang":
            await asyncio.get_running_loop().run_in_executor(None, self.ended.wait, 30)
            return "250 OK, late"
        if session.what == "full":
            return "452 4.2.2 Mailbox full"
        if session.what == "spam":
            return "554 5.6.0 No"
        raw = envelope.original_content
        assert isinstance(raw, bytes)
        letter: Any = message_from_bytes(raw, policy=policy.default)
        with self.lock:
            self.letters.append(letter)
            self.readers += envelope.rcpt_tos
        if session.what == "drop":
            assert server.transport is not None
            server.transport.abort()
        if session.what == "curt":
            assert server.transport is not None
            await server.push("250 OK")
            server.transport.close()
        return "250 OK"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(**options: Any) -> Iterator[tuple[Office, int]]:
    """A server on a free port."""
    office, port = Office(), free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield office, port
    finally:
        office.ended.set()
        controller.stop()


@pytest.fixture
def post_office() -> Iterator[tuple[Office, int]]:
    """A mail server that takes everything until told otherwise, and its port."""
    with running() as started:
        yield started
