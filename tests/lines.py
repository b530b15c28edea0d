"""A line between browser and server that breaks on demand: after the act, before the word."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit


@dataclass
class Line:
    """``to`` is the server's address; ``cuts`` answers to POSTs are still to be lost.

    ``before`` and ``after`` are called with a request's first line when its answer is there and
    when it has been handed on: what waits in them holds the answer back.
    """

    url: str
    to: str
    cuts: int = 0
    lost: int = 0
    when_cut: Callable[[], None] = lambda: None
    before: Callable[[str], object] = lambda _request: None
    after: Callable[[str], object] = lambda _request: None


class _Server(ThreadingTCPServer):
    daemon_threads = True
    line: Line


class _Request(BaseRequestHandler):
    """One request and its whole answer; the connection ends with it."""

    server: _Server

    def handle(self) -> None:
        line = self.server.line
        request = _message(self.request)
        if not request:
            return
        try:
            answer = _asked(line.to, request)
        except OSError:
            return
        if line.cuts and request.startswith(b"POST"):
            line.cuts, line.lost = line.cuts - 1, line.lost + 1
            line.when_cut()
            return
        first = request.partition(b"\r\n")[0].decode()
        line.before(first)
        self.request.sendall(answer)
        line.after(first)


def _message(connection: socket.socket) -> bytes:
    """A request with its body, told to be the last of its connection; empty when none came."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65536)
        if not more:
            return b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
    lengths = [one for one in lines if one.lower().startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body


def _asked(to: str, request: bytes) -> bytes:
    place = urlsplit(to)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as upstream:
        upstream.sendall(request)
        answer = b""
        while more := upstream.recv(65536):
            answer += more
    return answer


@contextmanager
def line(to: str) -> Iterator[Line]:
    """The line on a port of its own."""
    with _Server(("127.0.0.1", 0), _Request) as server:
        server.line = Line(f"http://127.0.0.1:{server.server_address[1]}", to)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.line
        server.shutdown()
        thread.join()
