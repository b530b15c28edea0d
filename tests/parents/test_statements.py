"""What a family's acts cost in statements, through the pages, the session's own included.

PostgreSQL's statements are round trips, and those after the day's lock are what everybody waits for
who wants the same day. SQLite's are calls in the process, and need some more: it writes one table
at a time.
"""

from __future__ import annotations

from reservation.store import days
from reservation.store.db import write
from tests.databases import both_databases
from tests.pages import Page, Reader
from tests.parents.conftest import statements
from tests.parents.steps import BOARD, CONFIRM, HOLD, SAID, booked, fills, held
from tests.town import CARE_DAY, Town


def cost(page: Page, button: str, **fields: str) -> tuple[list[str], int]:
    """The statements of pressing a button, and how many of them came after the day's lock."""
    with statements() as seen:
        page.submit(button, 303, follow=False, **fields)
    sent = [one for one in seen if not one.startswith("BEGIN")]
    locks = [n for n, one in enumerate(sent, 1) if "FOR UPDATE OF day" in one]
    return sent, len(sent) - max(locks, default=0)


@both_databases
def test_a_hold_costs_twelve_statements_at_most_and_few_under_the_lock(
    town: Town, phone: Reader, database: str
) -> None:
    with write() as db:
        days.load(db, town.facilities["seeds"], CARE_DAY, lock=True)
    sent, under_lock = cost(phone.opens(BOARD), f"{HOLD}(しーず)")
    assert len(sent) <= {"sqlite": 12, "postgres": 10}[database]
    if database == "postgres":
        assert under_lock <= 4


@both_databases
def test_the_first_hold_of_a_day_makes_the_days_row(
    town: Town, phone: Reader, database: str
) -> None:
    sent, _ = cost(phone.opens(BOARD), f"{HOLD}(しーず)")
    assert len(sent) <= {"sqlite": 14, "postgres": 12}[database]


@both_databases
def test_a_refusal_costs_less_and_neither_locks_nor_writes_a_day(
    town: Town, phone: Reader, database: str
) -> None:
    board = phone.opens(BOARD)
    fills(town)
    sent, _ = cost(board, f"{HOLD}(しーず)")
    assert len(sent) <= {"sqlite": 6, "postgres": 5}[database]
    assert not [s for s in sent if "FOR UPDATE" in s or "UPDATE day" in s or "INTO day" in s]


@both_databases
def test_confirming_costs_six_statements_under_the_lock(
    town: Town, phone: Reader, database: str
) -> None:
    sent, under_lock = cost(held(phone), CONFIRM, **SAID)
    assert len(sent) <= {"sqlite": 15, "postgres": 15}[database]
    if database == "postgres":
        assert under_lock <= 6


@both_databases
def test_cancelling_costs_six_statements_under_the_lock(
    town: Town, phone: Reader, database: str
) -> None:
    page = phone.opens(f"{booked(phone).path}/cancel")
    sent, under_lock = cost(page, "取り消す")
    assert len(sent) <= {"sqlite": 11, "postgres": 10}[database]
    if database == "postgres":
        assert under_lock <= 6


@both_databases
def test_a_yes_costs_as_much_as_confirming(
    offered: str, phone: Reader, database: str, town: Town
) -> None:
    sent, under_lock = cost(phone.opens(f"/my/offers/{offered}"), "行きます")
    assert len(sent) <= {"sqlite": 14, "postgres": 14}[database]
    if database == "postgres":
        assert under_lock <= 8


@both_databases
def test_waiting_costs_no_more_than_a_hold(town: Town, phone: Reader, database: str) -> None:
    fills(town)
    page = phone.opens(BOARD)
    sent, under_lock = cost(page, "キャンセル待ちする(しーず)")
    assert len(sent) <= {"sqlite": 14, "postgres": 9}[database]
    if database == "postgres":
        assert under_lock <= 6
