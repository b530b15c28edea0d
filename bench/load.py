"""A load generator: many scripted readers over keep-alive connections, one thread, epoll.

A reader is a generator: it yields a request and is handed the answer, so a whole way through the
pages reads like one. It costs some 20 µs a request, which counts on a machine that both share.
"""

from __future__ import annotations

import select
import socket
import time
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.frame import percentile

Address = tuple[str, int]
LOST = 0
"""The status of a request whose connection ended without an answer."""


@dataclass(slots=True)
class Ask:
    """A request as bytes, and the kind under which its answer is counted."""

    kind: str
    data: bytes


@dataclass(slots=True)
class Answer:
    """Status, headers (small letters), body, and the seconds it took; status 0: no answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """The first header of this name, '' when it is not there."""
        return next((value for key, value in self.headers if key == name), "")


Reader = Generator[Ask, Answer, None]


@dataclass
class Log:
    """What came of a run."""

    seconds: float = 0.0
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    unfinished: int = 0
    """Readers that the time limit cut off or never let begin."""

    def count(self, kind: str, *statuses: int) -> int:
        """How many answers of a kind had one of these statuses (all, if none is named)."""
        found = self.statuses.get(kind, Counter())
        return sum(n for status, n in found.items() if not statuses or status in statuses)

    def rate(self, kind: str) -> float:
        """Answers of a kind per second of the run."""
        return self.count(kind) / self.seconds if self.seconds else 0.0

    def percentile(self, kind: str, share: float) -> float:
        """Milliseconds within which this share of a kind's answers came."""
        return 1000 * percentile(self.times.get(kind, []), share)

    def errors(self) -> int:
        """Answers 5xx and lost ones, of all kinds."""
        return sum(
            n
            for found in self.statuses.values()
            for status, n in found.items()
            if status == LOST or status >= 500
        )


def get(path: str, cookies: str = "", *, kind: str = "", more: str = "") -> Ask:
    """A GET; ``more`` are further header lines, each ended by CRLF."""
    return Ask(kind or path, _head("GET", path, cookies, more).encode() + b"\r\n")


def post(path: str, fields: dict[str, str], cookies: str = "", *, kind: str = "") -> Ask:
    """A form sent by POST."""
    body = urlencode(fields).encode()
    more = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return Ask(kind or path, _head("POST", path, cookies, more).encode() + b"\r\n" + body)


def drive(
    address: Address,
    readers: Iterable[Reader],
    connections: int,
    *,
    limit: float,
    arrivals: Iterable[float] | None = None,
) -> Log:
    """Let the readers go their ways, as many at once as there are connections.

    With ``arrivals`` (seconds from the start, ascending) each begins at its time or when a
    connection is free after it. The run ends with the last reader, or after ``limit`` seconds.
    """
    return _Run(address, readers, connections, limit, arrivals).go()


class _Line:
    """One connection with the reader that is using it."""

    __slots__ = ("buffer", "kind", "reader", "sent_at", "socket", "to_send")

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.reader: Reader | None = None
        self.kind, self.sent_at = "", 0.0
        self.buffer, self.to_send = b"", b""


class _Run:
    def __init__(
        self,
        address: Address,
        readers: Iterable[Reader],
        connections: int,
        limit: float,
        arrivals: Iterable[float] | None,
    ) -> None:
        self.address, self.readers, self.limit = address, iter(readers), limit
        self.arrivals: Iterator[float] | None = iter(arrivals) if arrivals is not None else None
        self.free = deque(_Line() for _ in range(connections))
        self.lines = connections
        self.open: dict[int, _Line] = {}
        """Lines with an open connection, by its number."""
        self.poll = select.epoll()
        self.log = Log()
        self.next_at: float | None = 0.0
        self.begun = 0.0

    def go(self) -> Log:
        self.begun = time.perf_counter()
        self._arrive()
        while True:
            now = time.perf_counter() - self.begun
            while self.next_at is not None and self.next_at <= now and self.free:
                self._begin()
            if now > self.limit or (self.next_at is None and len(self.free) == self.lines):
                break
            wait = 0.5 if self.next_at is None or not self.free else self.next_at - now
            for number, events in self.poll.poll(max(0.0, min(wait, self.limit - now + 0.01))):
                if number in self.open:
                    self._on(self.open[number], events)
        self.log.seconds = time.perf_counter() - self.begun
        self._end()
        return self.log

    def _arrive(self) -> None:
        self.next_at = 0.0 if self.arrivals is None else next(self.arrivals, None)

    def _begin(self) -> None:
        reader = next(self.readers, None)
        if reader is None:
            self.next_at = None
            return
        self._arrive()
        line = self.free.popleft()
        line.reader = reader
        self._step(line, None)

    def _step(self, line: _Line, answer: Answer | None) -> None:
        """Hand the reader its answer, and send what it asks next."""
        assert line.reader is not None
        try:
            ask = next(line.reader) if answer is None else line.reader.send(answer)
        except StopIteration:
            line.reader = None
            self.free.append(line)
            return
        line.kind, line.buffer, line.to_send = ask.kind, b"", ask.data
        line.sent_at = time.perf_counter()
        self._send(line)

    def _send(self, line: _Line) -> None:
        try:
            connected = line.socket or self._connect(line)
            line.to_send = line.to_send[connected.send(line.to_send) :]
        except BlockingIOError:
            pass
        except OSError:
            self._lost(line)
            return
        if line.socket is not None:
            mask = select.EPOLLOUT if line.to_send else select.EPOLLIN
            self.poll.modify(line.socket, mask)

    def _connect(self, line: _Line) -> socket.socket:
        line.socket = socket.create_connection(self.address, 10)
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.socket.setblocking(False)
        self.open[line.socket.fileno()] = line
        self.poll.register(line.socket, select.EPOLLIN)
        return line.socket

    def _on(self, line: _Line, events: int) -> None:
        assert line.socket is not None
        if events & select.EPOLLOUT and line.to_send:
            self._send(line)
            return
        if line.reader is None:
            self._hang_up(line)
            return
        try:
            data = line.socket.recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        line.buffer += data
        if data:
            parsed = _parse(line.buffer)
            if parsed is not None:
                self._answered(line, Answer(*parsed, time.perf_counter() - line.sent_at))
            return
        self._lost(line)

    def _lost(self, line: _Line) -> None:
        self._answered(line, Answer(LOST, [], b"", time.perf_counter() - line.sent_at))

    def _answered(self, line: _Line, answer: Answer) -> None:
        self.log.statuses.setdefault(line.kind, Counter())[answer.status] += 1
        self.log.times.setdefault(line.kind, []).append(answer.seconds)
        if answer.status == LOST or answer.header("connection").lower() == "close":
            self._hang_up(line)
        self._step(line, answer)

    def _hang_up(self, line: _Line) -> None:
        if line.socket is not None:
            self.open.pop(line.socket.fileno(), None)
            line.socket.close()
            line.socket = None

    def _end(self) -> None:
        for line in {id(one): one for one in [*self.open.values(), *self.free]}.values():
            if line.reader is not None:
                self.log.unfinished += 1
                line.reader.close()
            self._hang_up(line)
        self.log.unfinished += sum(1 for _ in self.readers)
        self.poll.close()


def _head(method: str, path: str, cookies: str, more: str) -> str:
    cookie = f"Cookie: {cookies}\r\n" if cookies else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}{more}"


def _parse(data: bytes) -> tuple[int, list[tuple[str, str]], bytes] | None:
    """Status, headers and body of a whole answer; None while something is missing."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split(" ", 2)[1])
    pairs = (line.partition(":") for line in lines)
    headers = [(name.lower(), value.strip()) for name, _, value in pairs]
    named = dict(headers)
    if "content-length" in named:
        return (status, headers, body) if len(body) >= int(named["content-length"]) else None
    if named.get("transfer-encoding") == "chunked":
        return (status, headers, _chunks(body)) if body.endswith(b"0\r\n\r\n") else None
    return status, headers, body


def _chunks(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        whole += rest[:length]
        body = rest[length + 2 :] if length else b""
    return whole
