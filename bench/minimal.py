"""The yardsticks: the minimal correct booking in pgbench and in plain sqlite3."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

from bench.frame import Figures
from bench.stage import Stage
from tests import postgres

DAYS = 4000
TABLES = (
    "CREATE TABLE m_day (id integer PRIMARY KEY, remaining integer NOT NULL)",
    "CREATE TABLE m_booking (id bigserial PRIMARY KEY, day integer NOT NULL, child bigint)",
    "CREATE TABLE m_outbox (id bigserial PRIMARY KEY, booking bigint NOT NULL, kind text)",
)
TAKE = "UPDATE m_day SET remaining = remaining - 1 WHERE id = {day} AND remaining > 0"
FIVE = (
    "BEGIN;\n" + TAKE + ";\n"
    "INSERT INTO m_booking (day, child) VALUES ({day}, :child) RETURNING id AS booking \\gset\n"
    "INSERT INTO m_outbox (booking, kind) VALUES (:booking, 'held');\nCOMMIT;\n"
)
ONE = (
    "WITH d AS (" + TAKE + " RETURNING id), "
    "b AS (INSERT INTO m_booking (day, child) SELECT id, :child FROM d RETURNING id) "
    "INSERT INTO m_outbox (booking, kind) SELECT id, 'held' FROM b;\n"
)


def lay_out(stage: Stage) -> None:
    """The yardstick's own tables, beside the application's."""
    with stage.app.app_context():
        _psql(stage, ";".join(TABLES))
        _psql(stage, f"INSERT INTO m_day SELECT n, 1000000000 FROM generate_series(1, {DAYS}) n")


def pgbench(stage: Stage, script: str, *, hot: bool, clients: int, seconds: float) -> Figures:
    """Transactions per second of a script, FIVE or ONE, on one day or on all."""
    day = "1" if hot else ":day"
    text = f"\\set day random(1, {DAYS})\n\\set child random(1, 1000000)\n" + script.format(day=day)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.sql"
        path.write_text(text)
        words = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(round(seconds))]
        done = _call(stage, "pgbench", [*words, "-f", str(path)])
    found = re.search(r"tps = ([\d.]+)", done)
    if found is None:
        raise RuntimeError(f"pgbench gave no rate: {done[-300:]}")
    return {"rate": float(found[1])}


def _psql(stage: Stage, text: str) -> None:
    _call(stage, "psql", ["-q", "-v", "ON_ERROR_STOP=1", "-c", text])


def _call(stage: Stage, program: str, words: Sequence[str]) -> str:
    where = ["-h", str(stage.socket_folder), "-U", "postgres"]
    more = ["postgres"] if program == "pgbench" else ["-d", "postgres"]
    done = subprocess.run(
        [str(postgres.program(program)), *where, *words, *more],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout


def raw_sqlite(path: Path, *, processes: int, seconds: float) -> Figures:
    """The same five statements through the driver, synchronous=FULL: rate and longest wait."""
    with closing(_raw(path)) as connection:
        for statement in TABLES:
            table = statement.replace("TABLE", "TABLE IF NOT EXISTS")
            connection.execute(table.replace("bigserial", "integer"))
        connection.execute("BEGIN")
        days = [(n, 1_000_000_000) for n in range(1, DAYS + 1)]
        connection.executemany("INSERT OR IGNORE INTO m_day VALUES (?, ?)", days)
        connection.execute("COMMIT")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        # The first round only starts the processes.
        list(pool.map(_hammer, [path] * processes, [0.3] * processes))
        found = list(pool.map(_hammer, [path] * processes, [seconds] * processes))
    return {
        "rate": sum(count for count, _ in found) / seconds,
        "longest_ms": 1000 * max(longest for _, longest in found),
    }


def _hammer(path: Path, seconds: float) -> tuple[int, float]:
    """(bookings, longest one in seconds) of one process."""
    count, longest = 0, 0.0
    with closing(_raw(path)) as connection:
        ends = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < ends:
            count += 1
            _book_raw(connection, count % DAYS + 1, count)
            longest = max(longest, time.perf_counter() - begun)
    return count, longest


def _raw(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _book_raw(connection: sqlite3.Connection, day: int, child: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(TAKE.format(day="?"), [day])
    made = connection.execute("INSERT INTO m_booking (day, child) VALUES (?, ?)", [day, child])
    connection.execute("INSERT INTO m_outbox (booking, kind) VALUES (?, 'held')", [made.lastrowid])
    connection.execute("COMMIT")
