"""What must always hold, as SQL that returns the violators: no row, no violation.

The statements are portable (SQLite and PostgreSQL) and safe to run on a database at work; they
are numbered as in docs/reliability.md. I1, I10, I13 and the head-counts of I14 need the rule book
and are looked at by reads/integrity.py. Every statement about days takes ``:since``, a care day:
from it on, and through the indexes that the facility leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, text
from sqlalchemy.orm import Session

from reservation.domain.states import ENDED, HOLDS_A_PLACE, OPEN, STEPS, UNDECIDED, State
from reservation.store.db import Base
from reservation.store.types import Encrypted, Instant

PERIOD = timedelta(minutes=2)
"""How long the sweep may leave an expired hold lying."""
TOLD = timedelta(days=7)
"""How far back promised messages are looked for: sent ones are pruned later."""
MAIL_AGE = timedelta(hours=4)
"""After this long every message has ended, one way or the other (reliability.md §1)."""
EVER = date(1970, 1, 1)
SLACK = timedelta(days=2)
"""How late the jobs that forget may be."""
KEPT = {
    "idempotency_key.created_at": timedelta(hours=48),
    "mail_code.created_at": timedelta(days=1),
    "attempt.at": timedelta(days=1),
    "device.ends_at": timedelta(days=30),
    "outbox.due_at": timedelta(days=30),
}
"""How long the services keep these rows, by the column they count from (tests compare them).
A message that has not ended 31 days after it was due breaks I8 first."""


def _listed(states: frozenset[State]) -> str:
    return "(" + ", ".join(f"'{state.value}'" for state in sorted(states)) + ")"


HOLDING = _listed(HOLDS_A_PLACE)
FINAL = _listed(ENDED - {State.COMPLETED})
"""States after which nothing follows; a pick-up entered by mistake may be undone."""


OPENED, UNSURE = _listed(OPEN), _listed(UNDECIDED)
FREEING = " or ".join(
    [f"(f.action = '{s.action}' and f.frm = '{s.frm}')" for s in STEPS if s.frees and s.frm]
    + ["f.action = 'reopen_day'"]
)
"""Audit rows ``f`` after which who let an offer go by may be asked again."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule of the whole database and the statement that finds who breaks it.

    ``cheap`` ones are run every few minutes, over the days to come.
    """

    code: str
    words: str
    sql: str
    cheap: bool = True


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("I2", "a child holds at most one place a day", f"""
        select b.child_id, b.care_day from facility join booking b
        on b.facility_id = facility.id and b.care_day >= :since
        where b.state in {HOLDING} and (b.ends_at is null or b.ends_at > :now)
        group by b.child_id, b.care_day having count(*) > 1"""),
    Invariant("I2h", "a child never held two places of a day", f"""
        select child_id, care_day from (
            select b.child_id, b.care_day, sum(case
                when a."to" in {HOLDING} and (a.frm is null or a.frm not in {HOLDING}) then 1
                when a.frm in {HOLDING} and a."to" not in {HOLDING} then -1 else 0 end)
                over (partition by b.child_id, b.care_day order by a.seq) held
            from facility join audit a on a.facility_id = facility.id and a.care_day >= :since
            join booking b on b.id = a.entity_id where a.entity = 'booking') x
        group by child_id, care_day having max(held) > 1"""),
    Invariant("I3", "nobody holds a place on a closed day", f"""
        select b.id from facility join day d on d.facility_id = facility.id and d.date >= :since
        join booking b on b.facility_id = d.facility_id and b.care_day = d.date
        where d.closed is not null and b.state in {HOLDING} and b.state <> 'checked_in'"""),
    Invariant("I4", "the state is the last one audited", """
        select b.id from facility join booking b
        on b.facility_id = facility.id and b.care_day >= :since
        where b.state <> coalesce((
            select a."to" from audit a where a.entity = 'booking' and a.entity_id = b.id
            order by a.seq desc limit 1), '-')"""),
    Invariant("I5", "the audit is a chain, and nothing follows an end", f"""
        select entity_id from (
            select a.entity_id, a.frm,
                lag(a."to") over (partition by a.entity_id order by a.seq) p
            from facility join audit a on a.facility_id = facility.id and a.care_day >= :since
            where a.entity = 'booking') x
        where (p is null and frm is not null) or (p is not null and coalesce(frm, '-') <> p)
        or p in {FINAL}"""),
    Invariant("I6", "no hold outlives its end by more than the sweep's period", """
        select id from booking where state = 'held' and ends_at < :swept"""),
    Invariant("I8", "every message ends", """
        select id from outbox where status in ('queued', 'sending') and due_at < :mailed"""),
    Invariant("I9", "nobody is asked before who waits longer and could be asked", f"""
        select e.id from facility join audit o
        on o.facility_id = facility.id and o.care_day >= :since
        and o.entity = 'booking' and o.action in ('offer', 'take', 'take_for_review')
        and o.actor = 'clock'
        join booking l on l.id = o.entity_id
        join booking e on e.facility_id = o.facility_id and e.care_day = o.care_day
        and (e.asked_at < l.asked_at or (e.asked_at = l.asked_at and e.id < l.id))
        where 'waiting' = (
            select a."to" from audit a where a.entity = 'booking' and a.entity_id = e.id
            and a.seq < o.seq order by a.seq desc limit 1)
        and not exists (select 1 from audit p where p.entity = 'booking' and p.entity_id = e.id
            and p.seq < o.seq and p.action in ('no', 'lapse_offer')
            and not exists (select 1 from audit f where f.facility_id = e.facility_id
                and f.care_day = e.care_day and f.seq < o.seq and f.at > p.at and ({FREEING})))
        and not exists (select 1 from round r where r.facility_id = e.facility_id
            and r.care_day = e.care_day and r.started_at = o.at
            and cast(r.skipped as text) like '%' || e.id || '%')""", cheap=False),
    Invariant("I11", "an open offer has its open round", """
        select b.id from booking b left join round r on r.id = b.round_id
        where b.state = 'offered' and (r.id is null or r.closed_at is not null)"""),
    Invariant("I12", "no confirmation of a hold after its end", """
        select a.entity_id from facility join audit a
        on a.facility_id = facility.id and a.care_day >= :since
        join audit h on h.entity = 'booking' and h.entity_id = a.entity_id
        and h.action = 'lapse' and h.seq < a.seq
        where a.entity = 'booking' and a.frm = 'held'"""),
    Invariant("I14", "who came has a time of coming, and only they", """
        select b.id from facility join booking b
        on b.facility_id = facility.id and b.care_day >= :since
        where (b.state in ('checked_in', 'completed') and b.checked_in_at is null)
        or (b.state not in ('checked_in', 'completed') and b.checked_in_at is not null)"""),
    Invariant("I14", "who ended a booking is who the audit says", f"""
        select b.id from facility join booking b
        on b.facility_id = facility.id and b.care_day >= :since
        where b.state in {FINAL} and coalesce(b.ended_by, '-') <> coalesce((
            select a.actor from audit a where a.entity = 'booking' and a.entity_id = b.id
            order by a.seq desc limit 1), '-')"""),
    Invariant("I19", "siblings who want both places or none are in one state", f"""
        select b.together from facility join booking b
        on b.facility_id = facility.id and b.care_day >= :since
        where b.together is not null and b.state in {OPENED}
        and (b.state <> 'held' or b.ends_at > :now)
        group by b.together
        having sum(case when b.state in {UNSURE} then 1 else 0 end) > 0
        and (count(*) < 2 or count(distinct b.state) > 1)"""),
    Invariant("I15", "no event is told twice", """
        select dedupe from outbox group by dedupe having count(*) > 1""", cheap=False),
)  # fmt: skip

MEETINGS = {
    "a booking and its child's family": """
        join child o on o.id = b.child_id where o.family_id <> b.family_id""",
    "a booking and its episode": """
        join episode o on o.id = b.episode_id
        where o.facility_id <> b.facility_id or o.child_id <> b.child_id""",
    "a booking and its wish": """
        join wish o on o.id = b.wish_id
        where o.child_id <> b.child_id or o.care_day <> b.care_day""",
    "an offer and its round": """
        join round o on o.id = b.round_id
        where o.facility_id <> b.facility_id or o.care_day <> b.care_day""",
    "a message and its reader": """
        join outbox o on o.booking_id = b.id join guardian g on g.id = o.guardian_id
        where g.family_id <> b.family_id or o.facility_id <> b.facility_id""",
    "a task and its booking": """
        join task o on o.booking_id = b.id
        where o.facility_id <> b.facility_id or o.family_id <> b.family_id""",
    "an audit row and its booking": """
        join audit o on o.entity = 'booking' and o.entity_id = b.id
        where o.facility_id <> b.facility_id or o.care_day <> b.care_day
        or o.on_behalf_of <> b.family_id""",
}
"""Rows that meet, and whose facility, family, child or day must be one (I16)."""


def violations(
    db: Session, now: datetime, *, since: date = EVER, cheap: bool = False
) -> dict[str, int]:
    """How many rows break each rule; rules that hold are left out. ``now`` is aware.

    ``since`` leaves out earlier care days, ``cheap`` the rules that look at everything.
    """
    found: dict[str, int] = {}
    values = {"now": now, "swept": now - PERIOD, "mailed": now - MAIL_AGE, "told": now - TOLD}
    values |= {_parameter(column): now - kept - SLACK for column, kept in KEPT.items()}
    for invariant in (*INVARIANTS, *told(), *closed(), *forgotten(), *sealed()):
        if cheap and not invariant.cheap:
            continue
        rows = db.execute(_statement(invariant.sql, values, since)).all()
        if rows:
            name = f"{invariant.code} {invariant.words}"
            found[name] = found.get(name, 0) + len(rows)
    return found


def told() -> tuple[Invariant, ...]:
    """I7, once per step that tells: its message or, for a family without mail, its task exists;
    at night what could not be told is noted as such in the same instant."""
    kinds = sorted({(step.action, step.tells) for step in STEPS if step.tells})
    return tuple(
        Invariant("I7", f"{action} tells the family", f"""
            select a.seq from facility join audit a
            on a.facility_id = facility.id and a.care_day >= :since
            where a.entity = 'booking' and a.action = '{action}' and a.at > :told
            and not exists (select 1 from outbox o
                where o.booking_id = a.entity_id and o.kind = '{kind}')
            and not exists (select 1 from task t
                where t.booking_id = a.entity_id and t.about = '{kind}')
            and not exists (select 1 from audit u where u.entity = 'booking'
                and u.entity_id = a.entity_id and u.action = 'unreached' and u.at = a.at)""")
        for action, kind in kinds
    )  # fmt: skip


def closed() -> tuple[Invariant, ...]:
    """I16, once per pair of rows that meet: they belong to one facility, family, child and day."""
    return tuple(
        Invariant("I16", f"{pair} belong together", f"""
            select b.id from facility join booking b
            on b.facility_id = facility.id and b.care_day >= :since {rest}""")
        for pair, rest in MEETINGS.items()
    )  # fmt: skip


def forgotten() -> tuple[Invariant, ...]:
    """I17, once per kind of row that is kept for a time only: none past its time and two days."""
    return tuple(
        Invariant(
            "I17",
            f"{column.partition('.')[0]} is forgotten in time",
            f"select 1 from {column.partition('.')[0]} where {column} < :{_parameter(column)}",
            cheap=False,
        )
        for column in KEPT
    )


def sealed() -> tuple[Invariant, ...]:
    """I18, once per encrypted column: no plain text in it."""
    columns = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted)
    ]
    return tuple(
        Invariant(
            "I18",
            f"{table}.{column} is encrypted",
            f"select 1 from {table} where {column} is not null and {column} not like 'v1.%'",
            cheap=False,
        )
        for table, column in columns
    )


def _parameter(column: str) -> str:
    return "before_" + column.partition(".")[0]


def _statement(sql: str, values: Mapping[str, Any], since: date) -> Any:
    used: list[Any] = [
        bindparam(name, value, type_=Instant())
        for name, value in values.items()
        if f":{name}" in sql
    ]
    if ":since" in sql:
        used.append(bindparam("since", since, type_=Date()))
    return text(sql).bindparams(*used)
