"""Fill a migrated database with years of past: the same every time, 15 million bookings in minutes.

    python -m bench.history --url postgresql://… --bookings 15000000 --facilities 4000 --years 10

PostgreSQL is filled by COPY, one municipality a transaction, with indexes and foreign keys taken
off before and put on (and so checked) afterwards; SQLite, for small sizes, row by row. The audit is
thin (see bench/past.py). Families have no encrypted value such as a telephone: no key is needed.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

import click
import psycopg

from bench.lives import Town, begin, live
from bench.past import COLUMNS, Lines, Plan
from reservation import clock
from reservation.demo import bulk

Copy = Callable[[str, list[str]], None]


def fill(
    url: str,
    *,
    years: int,
    facilities: int,
    bookings: int,
    seed: int,
    until: date | None = None,
    jobs: int = 2,
) -> Plan:
    """Write the past up to the day before ``until`` (today); the plan says which codes it has.

    The municipalities of another seed may be there already, those of this one may not.
    """
    plan = Plan(years, facilities, bookings, seed, until or clock.today())
    if url.startswith("sqlite"):
        _fill_sqlite(url.removeprefix("sqlite:///"), plan)
    else:
        _fill_postgresql(re.sub(r"^postgresql\+\w+", "postgresql", url), plan, jobs)
    return plan


def _fill_postgresql(url: str, plan: Plan, jobs: int) -> None:
    with _bare(url):
        if jobs == 1:
            for number in range(plan.towns):
                _town(url, plan, number)
        else:
            with ProcessPoolExecutor(jobs) as pool:
                list(pool.map(partial(_town, url, plan), range(plan.towns)))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _town(url: str, plan: Plan, number: int) -> None:
    """One municipality in one transaction."""
    town = begin(plan, number)
    lines = live(town)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, columns, values in _heads(town):
            marks = ", ".join(["%s"] * len(values))
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
        for table, columns in COLUMNS.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write("".join(f"{line}\n" for line in lines[table]))


@contextmanager
def _bare(url: str) -> Iterator[None]:
    """The tables without indexes, keys and foreign keys for as long as they are filled."""
    tables = [*COLUMNS]
    with psycopg.connect(url, autocommit=True) as connection:
        rules = connection.execute(RULES, [tables, tables]).fetchall()
        indexes = connection.execute(INDEXES, [tables]).fetchall()
        for table, name, _ in rules:
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
    yield
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET work_mem = '256MB'")
        for _, definition in indexes:
            connection.execute(definition)
        for table, name, definition in reversed(rules):
            connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


RULES = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where contype in ('p', 'u', 'f') and (conrelid::regclass::text = any(%s)
        or (contype = 'f' and confrelid::regclass::text = any(%s)))
    order by contype = 'p', contype = 'u', conrelid::regclass::text, conname"""
"""Foreign keys first: they lean on the others."""

INDEXES = """
    select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
    where i.indrelid::regclass::text = any(%s)
    and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)"""


def _fill_sqlite(path: str, plan: Plan) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for number in range(plan.towns):
            town = begin(plan, number)
            lines: Lines = live(town)
            for table, columns, values in _heads(town):
                marks = ", ".join("?" * len(values))
                connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
            for table, columns in COLUMNS.items():
                marks = ", ".join("?" * (columns.count(",") + 1))
                rows = ([None if cell == r"\N" else cell for cell in line.split("\t")]
                        for line in lines[table])  # fmt: skip
                connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
    connection.execute("ANALYZE")
    connection.close()


def _heads(town: Town) -> Iterator[tuple[str, str, list[Any]]]:
    """The rows of the municipality itself, its facilities and their rule books."""
    plan = town.plan
    at = f"{plan.first - timedelta(days=90)}T00:00:00.000000+00:00"
    name = {"ja": f"見本市{town.code}", "en": f"Sample City {town.code}"}
    text = partial(json.dumps, ensure_ascii=False)
    yield (
        "municipality",
        "id, code, name, telephone, telephone_hours, consent_version, consent_text, office",
        [town.id, town.code, text(name), "03-0000-0000", text({"ja": "平日 8:30〜17:00"}),
         "見本-1", text({"ja": "見本の同意文です。"}),
         text({"section": {"ja": "保育課(見本)"}, "address": {}, "mail": ""})],
    )  # fmt: skip
    books = bulk.rule_books(len(town.facilities), plan.first)
    for place, (facility, book) in enumerate(zip(town.facilities, books, strict=True)):
        yield (
            "facility",
            "id, municipality_id, code, position, rules_version",
            [facility, town.id, book.code, place, 1],
        )
        yield (
            "rule_book",
            "id, facility_id, version, valid_from, document, created_at",
            [facility, facility, 1, str(book.valid_from), text(book.model_dump(mode="json")), at],
        )


@click.command()
@click.option("--url", required=True, help="sqlite:///… or postgresql://…, migrated.")
@click.option("--bookings", default=15_000, show_default=True)
@click.option("--facilities", default=4, show_default=True)
@click.option("--years", default=10, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last one.")
@click.option("--jobs", default=2, show_default=True, help="Processes that write.")
def main(
    url: str,
    bookings: int,
    facilities: int,
    years: int,
    seed: int,
    until: datetime | None,
    jobs: int,
) -> None:
    """Fill a migrated database with a past."""
    begun = monotonic()
    plan = fill(
        url, years=years, facilities=facilities, bookings=bookings, seed=seed,
        until=until.date() if until else None, jobs=jobs,
    )  # fmt: skip
    click.echo(
        f"{bookings} bookings, {plan.towns} municipalities from {plan.code(0)}:"
        f" {monotonic() - begun:.0f} s"
    )


if __name__ == "__main__":
    main()
