"""Open phones: many readers of event streams in one thread, and when each has a new event.

Reading costs some 10 µs an event, on the cores that the server shares.
"""

from __future__ import annotations

import resource
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.load import Address

_BEGIN, _END = b"id: ", b"\n\n"


@dataclass
class Phones:
    """Open streams, all with their first event."""

    sockets: dict[int, socket.socket] = field(default_factory=dict)
    partial: dict[int, bytes] = field(default_factory=dict)
    """By socket: the beginning of an event whose end has not come yet."""
    poll: select.epoll = field(default_factory=select.epoll)

    def open(self, address: Address, topics: Sequence[str], host: str, limit: float) -> float:
        """One stream per topic named; the seconds until the last has its first event."""
        begun = time.perf_counter()
        waiting: set[int] = set()
        for n, topic in enumerate(topics):
            line = socket.create_connection(address, 10)
            line.sendall(f"GET /live?topic={topic} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            line.setblocking(False)
            number = line.fileno()
            self.sockets[number] = line
            self.poll.register(line, select.EPOLLIN)
            waiting.add(number)
            if n % 50 == 49:
                waiting -= set(self._read(0.0))
        while waiting:
            left = limit - (time.perf_counter() - begun)
            if left <= 0:
                raise RuntimeError(f"{len(waiting)} of {len(topics)} streams did not begin")
            waiting -= set(self._read(min(left, 1.0)))
        return time.perf_counter() - begun

    def receive(self, expected: int, limit: float) -> list[float]:
        """The seconds from now until each of so many phones has the next event."""
        begun = time.perf_counter()
        seen: dict[int, float] = {}
        while len(seen) < expected:
            left = limit - (time.perf_counter() - begun)
            if left <= 0:
                break
            for number in self._read(left):
                seen.setdefault(number, time.perf_counter() - begun)
        return list(seen.values())

    def rest(self, seconds: float) -> None:
        """Read and forget what comes for a while: signs of life, late events."""
        ends = time.perf_counter() + seconds
        while (left := ends - time.perf_counter()) > 0:
            self._read(left)

    def close(self) -> None:
        """Go away."""
        for line in self.sockets.values():
            line.close()
        self.sockets.clear()
        self.poll.close()

    def _read(self, wait: float) -> list[int]:
        """Which phones got a whole event, in the order of their reading."""
        got = []
        for number, _events in self.poll.poll(wait, 1000):
            data = self.sockets[number].recv(262_144)
            if not data:
                raise RuntimeError("a stream was ended")
            data = self.partial.pop(number, b"") + data
            at = data.rfind(_BEGIN)
            if at < 0:
                continue
            if data.find(_END, at) < 0:
                self.partial[number] = data[at:]
            else:
                got.append(number)
        return got


def raise_limit() -> int:
    """Let this process, and those it starts, open as many files as they may; how many that is."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
