"""What the storm left behind: the rules of the database, and what the clients saw (H1 to H5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from reservation import clock
from reservation.domain.states import HOLDS_A_PLACE, State
from reservation.reads import integrity
from reservation.store.db import db as database
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.records import Audit, Outbox
from tests.storm.ground import OPENING, PLACES, Ground
from tests.storm.reader import Call

SLACK = 6.0
"""Seconds by which an act may be seen later than it was stamped: a frozen scheduler holds its
transaction open for 4.5."""
BUSY_WINDOW = 8.0
"""Seconds after a blow in which answers may be missing."""


@dataclass
class Verdict:
    """Every finding by its rule: the number of violations, and a first example."""

    found: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, rule: str, wrong: Iterable[object]) -> None:
        """Count what is wrong; nothing wrong leaves no trace."""
        listed = list(wrong)
        if listed:
            self.found[rule] += len(listed)
            self.examples.setdefault(rule, str(listed[0])[:300])


def judge(app: Flask, ground: Ground, calls: list[Call], letters: list[str]) -> Verdict:
    """Everything but the number of repeated letters, which depends on the blows."""
    verdict = Verdict()
    with app.app_context():
        for broken in integrity.check(clock.now, grace=timedelta(seconds=5)):
            verdict.add(broken.rule, [broken] * broken.rows)
        with read() as db:
            audit = db.execute(
                select(
                    Audit.entity, Audit.entity_id, Audit.facility_id, Audit.care_day,
                    Audit.action, Audit.frm, Audit.to, Audit.at, Audit.detail,
                ).order_by(Audit.seq)
            ).all()  # fmt: skip
            states = {r.id: r.state for r in db.execute(select(BookingRow.id, BookingRow.state))}
            outbox = {r.id: r.status for r in db.execute(select(Outbox.id, Outbox.status))}
        _integrity(app, verdict)
    _answers(verdict, calls)
    _bookings(verdict, calls, audit, states)
    _replays(verdict, calls)
    _full(verdict, calls, audit)
    _opening(verdict, ground, calls, audit)
    _letters(verdict, outbox, letters)
    return verdict


def _integrity(app: Flask, verdict: Verdict) -> None:
    """The files themselves."""
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            said = connection.scalar(text("PRAGMA integrity_check"))
            wrong = connection.execute(text("PRAGMA foreign_key_check")).all()
        verdict.add("file: integrity_check", [said] if said != "ok" else [])
        verdict.add("file: foreign_key_check", wrong)
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            # Reads every row and makes each index anew: a torn page or a value twice ends it.
            connection.execute(text("reindex schema public"))
            if connection.scalar(text(_HAS_AMCHECK)):
                connection.execute(text("create extension if not exists amcheck"))
                verdict.add("file: amcheck", connection.execute(text(_AMCHECK)).all())
        except DBAPIError as error:
            verdict.add("file: reindex", [str(error.orig)])


_HAS_AMCHECK = "select count(*) from pg_available_extensions where name = 'amcheck'"
_AMCHECK = """
    select c.relname, v.msg from pg_class c, lateral verify_heapam(c.oid) v
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"""


def _answers(verdict: Verdict, calls: list[Call]) -> None:
    verdict.add("G4 every answer becomes definite", [c for c in calls if not c.status])
    odd = [c for c in calls if c.status and c.status != 303 and c.act not in ("close", "capacity")]
    verdict.add("every answer is a redirect", odd)
    verdict.add("nobody is asked to sign in again", [c for c in calls if "/signin" in c.location])
    verdict.add("no 500", [c for c in calls if 500 in c.unknown])


def _confirmed(calls: list[Call]) -> set[str]:
    return {
        c.booking
        for c in calls
        if c.act in ("confirm", "yes") and c.location.startswith("/my/bookings/")
    }


def _bookings(verdict: Verdict, calls: list[Call], audit: Any, states: dict[str, str]) -> None:
    """H1: what was confirmed is there. H2: what is there was answered."""
    reached = defaultdict(set)
    for row in audit:
        if row.entity == "booking":
            reached[row.entity_id].add(row.to)
    told = _confirmed([c for c in calls if not c.again])
    # A yes answered with the booking's page may also mean that another act had ended the offer.
    sure = {c.booking for c in calls if c.act == "confirm" and c.booking in told}
    lost = [b for b in sure if b not in states or State.CONFIRMED not in reached[b]]
    verdict.add("H1 no confirmation is lost", lost)
    ended = {c.booking for c in calls if c.act == "cancel" and c.status == 303}
    open_ = {State.CONFIRMED.value, State.REQUESTED.value}
    back = [b for b in ended if states.get(b) in open_]
    verdict.add("H1 no cancellation is lost", back)
    named = {c.booking for c in calls if c.booking}
    verdict.add("H2 no booking that no answer named", [b for b in states if b not in named])
    # A family that waits on such terms has asked for the place beforehand (taking.due).
    taken = {r.entity_id for r in audit if r.action in ("take", "take_for_review")}
    ghosts = [b for b, s in states.items() if s in open_ and b not in told | taken]
    verdict.add("H2 no confirmation that no answer told", ghosts)


def _replays(verdict: Verdict, calls: list[Call]) -> None:
    """H3: the same key, the same answer."""
    first: dict[str, Call] = {}
    wrong = []
    for call in calls:
        known = first.setdefault(call.key, call)
        same = (known.status, known.location, known.codes) == (
            call.status, call.location, call.codes
        )  # fmt: skip
        if known is not call and known.status and call.status and not same:
            wrong.append((known, call))
    verdict.add("H3 a replay answers the same", wrong)


def _full(verdict: Verdict, calls: list[Call], audit: Any) -> None:
    """H4: every "full" overlaps a moment when the day was full."""
    history = _occupancy(audit)
    wrong = []
    for call in calls:
        if "CAPACITY" in call.codes and not call.again:
            moments = history.get((call.place, call.day), [])
            if not _was_full(moments, call.invoked - SLACK, call.returned + 1):
                wrong.append(call)
    verdict.add("H4 who reads full met a full day", wrong)


def _was_full(moments: list[tuple[float, int, int]], start: float, end: float) -> bool:
    most, least, before = 0, PLACES, (0, PLACES)
    for at, heads, capacity in moments:
        if at < start:
            before = (heads, capacity)
        elif at <= end:
            most, least = max(most, heads), min(least, capacity)
    return max(most, before[0]) >= min(least, before[1])


def _occupancy(audit: Any) -> dict[tuple[str, str], list[tuple[float, int, int]]]:
    """Per day: (instant, heads, capacity) after each change; a hold's end is a change too."""
    ends: dict[str, datetime] = {}
    changes: dict[tuple[str, str], list[tuple[float, str, Any]]] = defaultdict(list)
    for row in audit:
        key = (row.facility_id, str(row.care_day))
        at = row.at.timestamp()
        if row.entity == "day" and row.action == "set_day":
            changes[key].append((at, "capacity", row.detail["effective_capacity"]))
        if row.entity != "booking":
            continue
        holds = State(row.to) in HOLDS_A_PLACE
        if holds and row.to == State.HELD and "until" in row.detail:
            ends[row.entity_id] = datetime.fromisoformat(row.detail["until"])
        changes[key].append((at, "in" if holds else "out", row.entity_id))
        if row.action == "lapse":
            until = ends.get(row.entity_id, row.at).timestamp()
            changes[key].append((until, "out", row.entity_id))
    return {key: _count(sorted(listed, key=lambda c: c[0])) for key, listed in changes.items()}


def _count(changes: list[tuple[float, str, Any]]) -> list[tuple[float, int, int]]:
    heads: set[str] = set()
    capacity = PLACES
    found = []
    for at, kind, what in changes:
        if kind == "capacity":
            capacity = PLACES if what is None else what
        elif kind == "in":
            heads.add(what)
        else:
            heads.discard(what)
        found.append((at, len(heads), capacity))
    return found


def _opening(verdict: Verdict, ground: Ground, calls: list[Call], audit: Any) -> None:
    """H5: nobody gets in before the opening; from then on nobody reads that it is closed."""
    early = [
        row for row in audit
        if row.facility_id == ground.late.id and row.entity == "booking" and row.at < OPENING
    ]  # fmt: skip
    verdict.add("H5 nobody before the opening", early)
    opening = OPENING.timestamp()
    late = [c for c in calls if "NOT_YET_OPEN" in c.codes and c.invoked > opening and not c.again]
    verdict.add("H5 everybody after the opening", [c for c in late if c.tries == 1])


def _letters(verdict: Verdict, outbox: dict[str, str], letters: list[str]) -> None:
    """One Message-ID per event: the id of its row; and what is sent has arrived."""
    ids = {letter.strip("<>").partition("@")[0] for letter in letters}
    verdict.add("G2 every letter is a row of the outbox", ids - set(outbox))
    lost = [one for one, status in outbox.items() if status == "sent" and one not in ids]
    verdict.add("G2 what is marked as sent was sent", lost)
    waits = [one for one, status in outbox.items() if status in ("queued", "sending")]
    verdict.add("I8 at rest every message has ended", waits)


def repeats(letters: list[str]) -> int:
    """How many letters came in a second time."""
    return sum(count - 1 for count in Counter(letters).values())


def unprovoked(calls: list[Call], blows: list[float]) -> list[Call]:
    """Calls that got no answer at first although nothing had been struck for a while.

    ``blows`` are instants of the application's clock.
    """
    return [
        c for c in calls
        if c.unknown
        and not any(c.invoked - BUSY_WINDOW <= blow <= c.returned + 0.5 for blow in blows)
    ]  # fmt: skip


def figures(calls: list[Call]) -> dict[str, Any]:
    """How long answers took, in milliseconds, and the longest time without any."""
    answered = [c for c in calls if c.status]
    spent = sorted((c.returned - c.invoked) * 1000 for c in answered)
    ends = sorted(c.returned for c in answered)
    gaps = [after - before for before, after in zip(ends, ends[1:], strict=False)]
    return {
        "calls": len(calls),
        "by act": dict(Counter(c.act for c in calls)),
        "refused": dict(Counter(code for c in calls for code in c.codes[:1])),
        "unknown at first": sum(bool(c.unknown) for c in calls),
        "p50 ms": round(spent[len(spent) // 2], 1) if spent else None,
        "p99 ms": round(spent[int(len(spent) * 0.99)], 1) if spent else None,
        "longest until definite s": round(spent[-1] / 1000, 1) if spent else None,
        "longest unavailability s": round(max(gaps, default=0), 1),
    }
