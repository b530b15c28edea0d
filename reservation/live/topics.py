"""What can be listened to: a name, and how its present state is made.

    m/<municipality code>            the board's bytes, for everybody
    staff/<facility id>/<date>       topic and version only; the page fetches its fragment

Only versions travel on staff topics, so that the stream needs no session (answers.md §7).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from reservation.reads import coming_days, municipalities, vacancy_bytes


@dataclass(frozen=True, slots=True)
class Shot:
    """The whole state of a topic. ``tag`` is the id of its event; at ``fresh_until`` the clock
    alone makes it old; ``about`` are the facilities, or the days ("<facility>:<date>"), of which a
    change can change it."""

    tag: str
    body: bytes
    fresh_until: datetime | None
    about: frozenset[str]


Source = Callable[[datetime], Shot | None]
"""Makes the state at an instant; None when the topic names nothing. Asks the database."""


def source(topic: str) -> Source | None:
    """How the state of a topic is made; None for a name that is no topic at all."""
    kind, _, rest = topic.partition("/")
    if kind == "m" and rest:
        return lambda now: _board(rest, now)
    facility_id, _, day = rest.partition("/")
    if kind == "staff" and facility_id and (wanted := _date(day)) is not None:
        return lambda now: _staff(topic, facility_id, wanted, now)
    return None


def _board(code: str, now: datetime) -> Shot | None:
    house = municipalities.by_code(code)
    if house is None:
        return None
    state = vacancy_bytes.state(house, now)
    return Shot(state.tag, state.body, state.fresh_until, state.facilities)


def _staff(topic: str, facility_id: str, day: date, now: datetime) -> Shot | None:
    found = coming_days.day_state(facility_id, day, now)
    if found is None:
        return None
    edge = int(found.fresh_until.timestamp()) if found.fresh_until else 0
    tag = f"{found.version}.{found.rules_version}-{edge:x}"
    body = json.dumps({"topic": topic, "version": found.version}).encode()
    return Shot(tag, body, found.fresh_until, frozenset({f"{facility_id}:{day.isoformat()}"}))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
