"""The officer's figures and the facility's screens on 15 million bookings against 15 thousand.

    python -m bench.figures --bookings 15000000 --facilities 4000
    python -m bench.figures --large postgresql://… --small postgresql://… --lock …

Both databases have the same past per facility (bench/history.py), one of 4,000 facilities, one of
the five of a single municipality, so that what an index does not reach shows. Measured are the
read functions themselves: their time in all, in the database (of every statement, with the
driver), and of the database's CPU. And the nation by month over ten years from the kept months
against the plain GROUP BY over bookings.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click
import flask_migrate
from sqlalchemy import event, insert, select, text

from bench import history
from bench.frame import Figures, Goal, Rounds, Side, alternate, keep, say
from bench.past import TOWN, Plan
from bench.stage import Stage, stage
from reservation import clock, create_app, settings
from reservation.figures import rollup
from reservation.reads import capacity, day_sheet, office, registrations, today, week
from reservation.services import accounts, devices
from reservation.services.devices import Owner
from reservation.store.db import db, read, write
from reservation.store.tables.access import Account, Role
from reservation.store.tables.months import FacilityMonth
from reservation.store.tables.places import Facility, Municipality
from reservation.store.types import new_id
from tests import databases

NOW = "2026-10-31T12:00+09:00"
UNTIL = date(2026, 11, 1)
DAY = date(2026, 10, 30)
"""The last open day of the past."""
SAMPLES = 12
"""Municipalities that are asked in each round, spread over all of them."""


@dataclass(frozen=True)
class House:
    """A filled database, and the municipalities and facilities of it that are asked."""

    name: str
    stage: Stage
    towns: tuple[tuple[str, str], ...]
    rooms: tuple[str, ...]
    token: str


@click.command()
@click.option("--bookings", default=15_000_000, show_default=True)
@click.option("--facilities", default=4000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--large", default="", help="A PostgreSQL that bench.history has filled so already.")
@click.option("--small", default="", help="One with five facilities of the same past each.")
@click.option("--lock", help="Measure while holding the lock of this file.")
def main(
    bookings: int, facilities: int, rounds: int, large: str, small: str, lock: str | None
) -> None:
    """Measure the figures, and keep the result."""
    clock.fix(_now())
    plan = Plan(years=10, facilities=facilities, bookings=bookings, seed=1, until=UNTIL)
    few = Plan(10, TOWN, bookings * TOWN // facilities, 1, UNTIL)
    with ExitStack() as stack:
        much = stack.enter_context(_house("millions", large, plan))
        little = stack.enter_context(_house("thousands", small, few))
        with _held(lock):
            done = alternate(_sides([much, little]), rounds)
    size = {"bookings": [bookings, few.bookings], "facilities": [facilities, few.facilities]}
    keep("figures", {"size": size, "medians": done.medians()}, _goals(done))


def _goals(done: Rounds) -> list[Goal]:
    goals = []
    for screen in (*TOWN_SCREENS, *ROOM_SCREENS):
        spent = done.median(f"millions: {screen}", "database_cpu_ms")
        grown = done.ratio(f"millions: {screen}", f"thousands: {screen}", "database_cpu_ms")
        goals.append(Goal(f"ms of the database: {screen} (14)", spent, 10, most=True))
        goals.append(Goal(f"millions of thousands: {screen}", grown, 1.25, most=True))
    nation = done.ratio("nation: kept months", "nation: bookings", "ms")
    goals.append(Goal("nation by month, ten years, of GROUP BY (14)", nation, 0.2, most=True))
    return goals


def _sides(houses: list[House]) -> dict[str, Side]:
    sides: dict[str, Side] = {}
    for house in houses:
        for name, ask in TOWN_SCREENS.items():
            asks = [partial(ask, house, *town) for town in house.towns]
            sides[f"{house.name}: {name}"] = partial(_measure, house, asks)
        for name, ask in ROOM_SCREENS.items():
            asks = [partial(ask, room) for room in house.rooms]
            sides[f"{house.name}: {name}"] = partial(_measure, house, asks)
    for name, statement in NATION.items():
        asks = [partial(_nation, statement)]
        sides[f"nation: {name}"] = partial(_measure, houses[0], asks)
    return sides


@contextmanager
def _held(path: str | None) -> Iterator[None]:
    """The lock of that file, while it is quiet on this machine."""
    if path is None:
        yield
        return
    with Path(path).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass
class Spent:
    """What statements have cost so far: seconds until their rows were here, and of the server's
    CPU, which neighbours on a busy machine do not lengthen."""

    statements: int = 0
    seconds: float = 0.0
    cpu: float = 0.0


def _measure(house: House, asks: list[Callable[[], Any]]) -> Figures:
    """The medians over all that are asked: milliseconds in all and in the database, of its CPU,
    and statements."""
    found: list[tuple[float, ...]] = []
    with house.stage.app.app_context():
        for ask in asks:
            with _watched() as spent:
                begun = time.perf_counter()
                ask()
                whole = time.perf_counter() - begun
            found.append((1000 * whole, 1000 * spent.seconds, 1000 * spent.cpu, spent.statements))
    names = ("ms", "database_ms", "database_cpu_ms", "statements")
    return {name: median(one[place] for one in found) for place, name in enumerate(names)}


@contextmanager
def _watched() -> Iterator[Spent]:
    """What the statements meanwhile cost."""
    spent = Spent()

    def before(_connection: Any, cursor: Any, *_: Any) -> None:
        spent.cpu -= _cpu(cursor)
        spent.seconds -= time.perf_counter()

    def after(_connection: Any, cursor: Any, *_: Any) -> None:
        spent.seconds += time.perf_counter()
        spent.cpu += _cpu(cursor)
        spent.statements += 1

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    try:
        yield spent
    finally:
        event.remove(db.engine, "before_cursor_execute", before)
        event.remove(db.engine, "after_cursor_execute", after)


def _cpu(cursor: Any) -> float:
    """Seconds that the server process of this connection has been at work."""
    pid = cursor.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _now() -> datetime:
    return clock.read("2026-10-31 12:00")


def _report(period: office.Period, _house: House, town: str, _code: str) -> None:
    office.report(town, period, date(2026, 10, 31))


def _page(house: House, _town: str, code: str) -> None:
    client = house.stage.app.test_client()
    client.set_cookie("desk", house.token)
    answer = client.get(f"/municipality/{code}/figures?year=2025")
    if answer.status_code != 200:
        raise RuntimeError(f"the page of the figures answers {answer.status_code}")


TOWN_SCREENS: dict[str, Callable[[House, str, str], Any]] = {
    "figures of a past year": partial(_report, office.fiscal_year(2025)),
    "figures of this year": partial(_report, office.fiscal_year(2026)),
    "figures of this month": partial(_report, office.month(date(2026, 10, 1))),
    "page of a past year": _page,
    "all rooms of a day": lambda _h, town, _c: office.rooms_on(town, DAY, _now),
    "registrations": lambda _h, town, _c: registrations.counts(
        registrations.Office(municipality_id=town)
    ),
}
ROOM_SCREENS: dict[str, Callable[[str], Any]] = {
    "today": lambda room: today.today(room, DAY, _now()),
    "week": lambda room: week.week(room, DAY, _now()),
    "day sheet": lambda room: day_sheet.day_sheet(room, DAY, _now()),
    "places of a day": lambda room: capacity.of_day(room, DAY, _now()),
}
"""What a facility's people open."""

NATION = {
    "bookings": """
        select date_trunc('month', care_day)::date, count(*) from booking
        where state in ('completed', 'checked_in') group by 1 order by 1""",
    "kept months": """
        select month, sum(child_days) from facility_month
        where month < date '2026-10-01' group by 1 order by 1""",
}


def _nation(statement: str) -> int:
    with read() as session:
        return len(session.execute(text(statement)).all())


@contextmanager
def _house(name: str, url: str, plan: Plan) -> Iterator[House]:
    """A database with that past, its months kept, and somebody who may look at the figures."""
    opened = _known(url) if url else _filled(plan)
    with opened as made, made.app.app_context():
        codes = [plan.code(number * plan.towns // SAMPLES) for number in range(SAMPLES)]
        with read() as session:
            where = Municipality.code.in_(codes)
            towns = session.execute(select(Municipality.id, Municipality.code).where(where)).all()
            rooms = session.scalars(
                select(Facility.id).where(Facility.municipality_id.in_([one.id for one in towns]))
            ).all()
        say(f"{name}: {len(towns)} municipalities of {plan.towns}, keeping their months")
        _keep_months({one.id for one in towns})
        asked = [(one.id, one.code) for one in towns] * (SAMPLES // len(towns))
        token = _officer([one.id for one in towns])
        yield House(name, made, tuple(asked), tuple(rooms) * (SAMPLES // len(towns)), token)


@contextmanager
def _known(url: str) -> Iterator[Stage]:
    with TemporaryDirectory(prefix="reservation-bench-") as folder:
        environ = databases.environ(Path(folder), database_url=url, now=NOW)
        app = create_app(settings.load(environ))
        with app.app_context():
            flask_migrate.upgrade()
        yield Stage("postgresql", Path(folder), app, environ, url)
        databases.close(app)


@contextmanager
def _filled(plan: Plan) -> Iterator[Stage]:
    with stage("postgresql", now=NOW) as made:
        history.fill(made.url, **asdict(plan))
        yield made


def _keep_months(towns: set[str]) -> None:
    """Count the months of those who are asked, as the nightly job does. The others' rows, which
    only the nation reads, come from one statement: their child-days, of the same size."""
    with read() as session:
        runs = [run for run in rollup.due(session, _now()) if run.municipality_id in towns]
    for run in runs:
        with write() as session:
            rollup.keep(session, run, _now())
    columns = [one.name for one in FacilityMonth.__table__.columns]
    zeros = ", ".join("0" for _ in columns[3:])
    with write() as session:
        session.execute(
            text(f"""
            insert into facility_month ({", ".join(columns)})
            select facility_id, date_trunc('month', care_day)::date,
                count(*) filter (where state in ('completed', 'checked_in')), {zeros}
            from booking where care_day < '2026-10-01' group by 1, 2
            on conflict do nothing""")
        )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze facility_month"))
        connection.execute(text("vacuum analyze municipality_month"))


def _officer(towns: list[str]) -> str:
    """A signed-in browser of an officer of all these municipalities."""
    account, at = new_id(), clock.now()
    row = {"id": account, "mail": f"{account}@example.org", "name": "見本", "created_at": at}
    roles = [{"id": new_id(), "account_id": account, "role": "officer", "municipality_id": one}
             for one in towns]  # fmt: skip
    with write() as session:
        session.execute(insert(Account), [row])
        session.execute(insert(Role), roles)
        return devices.open_device(session, Owner(account_id=account), "bench", at, accounts.LASTS)


if __name__ == "__main__":
    main()
