"""What must always hold, as SQL that returns the violators: no row, no violation.

The statements are portable (SQLite and PostgreSQL) and safe to run on a database at work; they
are numbered as in docs/reliability.md. Places against capacity need the rule book and are looked
at by reads/integrity.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from reservation.domain.states import ENDED, HOLDS_A_PLACE, STEPS, State
from reservation.store.db import Base
from reservation.store.types import Encrypted, Instant

PERIOD = timedelta(minutes=2)
"""How long the sweep may leave an expired hold lying."""
TOLD = timedelta(days=7)
"""How far back promised messages are looked for: sent ones are pruned later."""
MAIL_AGE = timedelta(hours=4)
"""After this long every message has ended, one way or the other (reliability.md §1)."""


def _listed(states: frozenset[State]) -> str:
    return "(" + ", ".join(f"'{state.value}'" for state in sorted(states)) + ")"


HOLDING = _listed(HOLDS_A_PLACE)
FINAL = _listed(ENDED - {State.COMPLETED})
"""States after which nothing follows; a pick-up entered by mistake may be undone."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule of the whole database and the statement that finds who breaks it."""

    code: str
    words: str
    sql: str


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("I2", "a child holds at most one place a day", f"""
        select child_id, care_day from booking
        where state in {HOLDING} and (ends_at is null or ends_at > :now)
        group by child_id, care_day having count(*) > 1"""),
    Invariant("I3", "nobody holds a place on a closed day", f"""
        select b.id from booking b join day d
        on d.facility_id = b.facility_id and d.date = b.care_day
        where d.closed is not null and b.state in {HOLDING} and b.state <> 'checked_in'"""),
    Invariant("I4", "the state is the last one audited", """
        select b.id from booking b where b.state <> coalesce((
            select a."to" from audit a where a.entity = 'booking' and a.entity_id = b.id
            order by a.seq desc limit 1), '-')"""),
    Invariant("I5", "the audit is a chain, and nothing follows an end", f"""
        select entity_id from (
            select entity_id, frm, lag("to") over (partition by entity_id order by seq) p
            from audit where entity = 'booking') x
        where (p is null and frm is not null) or (p is not null and coalesce(frm, '-') <> p)
        or p in {FINAL}"""),
    Invariant("I6", "no hold outlives its end by more than the sweep's period", """
        select id from booking where state = 'held' and ends_at < :swept"""),
    Invariant("I8", "every message ends", """
        select id from outbox where status in ('queued', 'sending') and due_at < :mailed"""),
    Invariant("I11", "an open offer has its open round", """
        select b.id from booking b left join round r on r.id = b.round_id
        where b.state = 'offered' and (r.id is null or r.closed_at is not null)"""),
    Invariant("I12", "no confirmation of a hold after its end", """
        select a.entity_id from audit a join audit h on h.entity_id = a.entity_id
        and h.entity = 'booking' and h.action = 'lapse' and h.seq < a.seq
        where a.entity = 'booking' and a.frm = 'held'"""),
    Invariant("I15", "no event is told twice", """
        select dedupe from outbox group by dedupe having count(*) > 1"""),
)  # fmt: skip


def violations(db: Session, now: datetime) -> dict[str, int]:
    """How many rows break each rule; rules that hold are left out. ``now`` is aware."""
    found: dict[str, int] = {}
    values = {"now": now, "swept": now - PERIOD, "mailed": now - MAIL_AGE, "told": now - TOLD}
    for invariant in (*INVARIANTS, *told(), *sealed()):
        rows = db.execute(_statement(invariant.sql, values)).all()
        if rows:
            found[f"{invariant.code} {invariant.words}"] = len(rows)
    return found


def told() -> tuple[Invariant, ...]:
    """I7, once per step that tells: its message or, for a family without mail, its task exists."""
    kinds = sorted({(step.action, step.tells) for step in STEPS if step.tells})
    return tuple(
        Invariant("I7", f"{action} tells the family", f"""
            select a.seq from audit a where a.entity = 'booking' and a.action = '{action}'
            and a.at > :told
            and not exists (select 1 from outbox o
                where o.booking_id = a.entity_id and o.kind = '{kind}')
            and not exists (select 1 from task t
                where t.booking_id = a.entity_id and t.about = '{kind}')""")
        for action, kind in kinds
    )  # fmt: skip


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
        )
        for table, column in columns
    )


def _statement(sql: str, values: Mapping[str, Any]) -> Any:
    used = {name: value for name, value in values.items() if f":{name}" in sql}
    return text(sql).bindparams(
        *(bindparam(name, value, type_=Instant()) for name, value in used.items())
    )
