"""In front of Flask: public answers that are ready are sent without asking anybody.

A view hands its finished answer over with ``keep``. Whoever asks the same is handed the same bytes
for as long as the look holds on which they rest (reads/looks.py): no routing, no template, no
statement. Everything else, and whatever has grown old, goes on to the pages.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.http import parse_cookie

from reservation import clock, i18n, logs, meters
from reservation.reads.looks import Look, Looks
from reservation.settings import Settings
from reservation.web import town

Environ = dict[str, Any]
Start = Callable[..., Any]
Key = tuple[str, ...]

KEPT = 500
"""How many answers a process keeps."""
LONGEST = 300
"""How long an address or a list of languages may be that is worth keeping."""
TIME = "Reservation-Now"
_OWN = frozenset({"X-Request-Id", TIME, "Content-Length"})
"""Headers that each answer has of its own."""
_KEY, _READY = "reservation.front.key", "reservation.front.ready"
"""Of the request's environment, so that nothing outlives the request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. ``until`` is the instant at which the clock alone makes it old; ``looks``
    says how many times as long as a look counts it may be handed out after the last look that
    found it right."""

    look: Look
    until: datetime
    looks: int
    etag: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    tells_time: bool
    rule: str

    def holds(self, every: float, *, is_asked: bool = False) -> bool:
        """Whether it may be handed out; where somebody is asking for the next one, a little
        longer."""
        now = clock.now()
        return now < self.until and self.look.holds((self.looks + is_asked) * every, now)

    def send(self, asked: str, start: Start) -> Iterable[bytes]:
        """Answer; ``asked`` is the request's If-None-Match."""
        own = [(TIME, told(self.look.seen))] if self.tells_time else []
        if self.etag in asked:
            start("304 NOT MODIFIED", [*_without_content(self.headers), *own])
            return ()
        start("200 OK", [*self.headers, ("Content-Length", str(len(self.body))), *own])
        return (self.body,)


class Front:
    """The WSGI application around the pages."""

    def __init__(self, pages: Callable[[Environ, Start], Iterable[bytes]], looks: Looks) -> None:
        self.pages = pages
        self.looks = looks
        self.answers: OrderedDict[Key, Answer] = OrderedDict()
        self.asked: set[Key] = set()
        """What somebody is asking the pages for at this moment."""

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Send the answer that is ready, or ask the pages."""
        key = _key(environ)
        if not key:
            return self.pages(environ, start)
        answer = self.answers.get(key)
        if answer is None or not answer.holds(self.looks.every, is_asked=key in self.asked):
            return self._ask(key, environ, start)
        logs.get().debug("ready", rule=answer.rule)
        meters.ready()
        return answer.send(environ.get("HTTP_IF_NONE_MATCH", ""), start)

    def _ask(self, key: Key, environ: Environ, start: Start) -> Iterable[bytes]:
        environ[_KEY] = key
        self.asked.add(key)
        try:
            return self.pages(environ, start)
        finally:
            self.asked.discard(key)

    def keep(self, key: Key, answer: Answer) -> None:
        """Remember an answer; the one kept longest gives way."""
        self.answers.pop(key, None)
        self.answers[key] = answer
        while len(self.answers) > KEPT:
            self.answers.popitem(last=False)


def init_app(app: Flask) -> None:
    """Stand in front of the application. To be called first: the last to see each answer."""
    settings: Settings = app.extensions["settings"]
    looks = Looks(settings.board_look_ms / 1000)
    front = Front(app.wsgi_app, looks)
    app.extensions["front"] = front
    app.wsgi_app = front  # type: ignore[method-assign, assignment]

    @app.after_request
    def take(response: Response) -> Response:
        key, ready = request.environ.get(_KEY), request.environ.get(_READY)
        if not ready or response.status_code != 200 or "Set-Cookie" in response.headers:
            return response
        if key:
            front.keep(key, _answer(response, *ready))
        response.make_conditional(request)
        return response


def look() -> Look | None:
    """The look for the municipality of this address; None where there is none. Raises Unavailable
    when that cannot be known now."""
    front: Front = current_app.extensions["front"]
    address = town.named() or town.host()
    found = front.looks.get(address, town.certain, clock.now)
    # The layouts and the error pages ask for it.
    g.house = found.house if found else None
    return found


def keep(response: Response, look: Look, until: datetime, looks: int = 1) -> Response:
    """Let this answer, whole and with its ETag, be sent to whoever asks the same, until then at
    most and for so many times the life of a look; who has it already is sent a 304."""
    request.environ[_READY] = (look, min(until, look.state.fresh_until), looks)
    return response


def told(instant: datetime) -> str:
    """An instant as programs read it: 2026-11-23T09:00:00Z."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _answer(response: Response, look: Look, until: datetime, looks: int) -> Answer:
    headers = tuple((name, text) for name, text in response.headers if name not in _OWN)
    return Answer(
        look=look,
        until=until,
        looks=looks,
        etag=response.headers["ETag"],
        body=response.get_data(),
        headers=headers,
        tells_time=TIME in response.headers,
        rule=request.url_rule.rule if request.url_rule else "",
    )


def _without_content(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in headers if not name.startswith("Content-Type")]


def _key(environ: Environ) -> Key:
    """What an answer depends on; empty where nothing can be ready."""
    if environ["REQUEST_METHOD"] != "GET":
        return ()
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    languages = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    if len(path) + len(query) > LONGEST or len(languages) > LONGEST:
        return ()
    cookies = environ.get("HTTP_COOKIE", "")
    kept = parse_cookie(cookies).get(i18n.COOKIE, "") if i18n.COOKIE in cookies else ""
    return (
        environ.get("wsgi.url_scheme", ""),
        environ.get("HTTP_HOST", ""),
        environ.get("SCRIPT_NAME", ""),
        path,
        query,
        languages,
        kept,
    )
