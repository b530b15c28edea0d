"""A reader of the storm: cookies, forms, keys; asks again with the same key until it knows."""

from __future__ import annotations

import base64
import http.client
import json
import re
import secrets
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from reservation import clock

PATIENCE = 120.0
"""Seconds for which a reader asks again."""
FAULTS = 8
"""So many 500s in a row are an answer: this form will never be taken."""
HIDDEN = re.compile(r'name="(csrf_token|key|seen)" value="([^"]*)"')


@dataclass
class Call:
    """One act as its client knows it. Instants are the application's."""

    act: str
    key: str
    family: str
    place: str
    day: str
    invoked: float
    returned: float = 0.0
    status: int = 0
    location: str = ""
    codes: tuple[str, ...] = ()
    tries: int = 0
    unknown: list[int] = field(default_factory=list)
    """What came instead of an answer: 0 for a broken connection, else 5xx."""
    again: bool = False
    """Whether the same form was sent after its answer had been read."""

    @property
    def booking(self) -> str:
        """The booking the answer leads to, '' for none."""
        found = re.match(r"/my/(?:hold|bookings|offers)/([0-9a-f]{32})", self.location)
        return found[1] if found else ""


class History:
    """What all clients saw, in memory and in a file, written before and after each call."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w")
        self.calls: list[Call] = []
        self.lock = threading.Lock()

    def note(self, call: Call, when: str) -> None:
        """Write one line: 'invoke' or 'return'."""
        with self.lock:
            if when == "invoke":
                self.calls.append(call)
            self.file.write(json.dumps({"type": when, **asdict(call)}) + "\n")

    def close(self) -> None:
        """No more lines."""
        with self.lock:
            self.file.close()


class Reader:
    """One browser: its cookies, and the token of its forms."""

    def __init__(self, port: int, history: History, stop: threading.Event, **cookies: str) -> None:
        self.port, self.history, self.stop = port, history, stop
        self.cookies = dict(cookies)
        self.csrf = ""
        self.connection: http.client.HTTPConnection | None = None

    def twin(self) -> Reader:
        """A second window of the same person, signed in like this one."""
        made = Reader(self.port, self.history, self.stop, **self.cookies)
        made.csrf = self.csrf
        return made

    def page(self, path: str) -> tuple[int, str, str]:
        """Status, location and body of a page; (0, '', '') when nobody answers in time."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self._once("GET", path, {})
            if 0 < found[0] <= 500:
                return found
            time.sleep(0.2)
        return 0, "", ""

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's forms; remembers the token."""
        fields = dict(HIDDEN.findall(self.page(path)[2]))
        self.csrf = fields.get("csrf_token", self.csrf)
        return fields

    def act(self, act: str, path: str, fields: Mapping[str, str], about: Mapping[str, str],
            key: str = "") -> Call:  # fmt: skip
        """Send a form until its answer is known, always with the same key."""
        call = Call(act, key or secrets.token_urlsafe(12), about["family"], about["place"],
                    about["day"], _instant(), again=bool(key))  # fmt: skip
        body = {**fields, "key": call.key, "csrf_token": self.csrf}
        self.history.note(call, "invoke")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and call.unknown[-FAULTS:] != [500] * FAULTS:
            call.tries += 1
            status, location, text = self._once("POST", path, body)
            if 0 < status < 500:
                call.status, call.location = status, location
                if location == "/my/book/refused":
                    call.codes = self._codes()
                break
            call.unknown.append(status)
            time.sleep(0.2)
        call.returned = _instant()
        self.history.note(call, "return")
        return call

    def _once(self, method: str, path: str, fields: Mapping[str, str]) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields)
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            self.hang_up()
            return 0, "", ""
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", "").partition("#")[0], text

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _codes(self) -> tuple[str, ...]:
        """The reasons of a refusal, from the session that the answer set (signed, not sealed)."""
        kept = _session(self.cookies.get("session", "")).get("refused", {})
        return tuple(one["code"] for one in kept.get("outcome", {}).get("refusals", []))


def _session(cookie: str) -> Any:
    packed = cookie.startswith(".")
    text = cookie.removeprefix(".").partition(".")[0]
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return json.loads(zlib.decompress(raw) if packed else raw) if raw else {}


def _instant() -> float:
    return clock.now().timestamp()
