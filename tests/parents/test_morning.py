"""What must hold on the morning: read before booking, asked for at the door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.bookings import Episode
from reservation.web.public.choices import number
from tests.conftest import Clock
from tests.pages import Page, Reader
from tests.parents.steps import CONFIRM, HOLD, SAID, id_of, row
from tests.town import CARE_DAY, Household, Town, book

RULES: dict[str, Any] = {
    "health": {"hottest": 38.5},
    "illnesses": {"table": {"FLU_A": {"handling": "cohort", "days_before_school": 2,
                                      "requires": ["treatment"]}}},
}  # fmt: skip
FLU = f"/my/book?complaint=diagnosed&told={number('FLU_A')}&day={CARE_DAY}"


@pytest.fixture
def strict(town: Town) -> Town:
    """しーず counts days since onset and looks at the temperature."""
    town.rules(book("seeds", valid_from="2026-11-01", **RULES))
    return town


def check_page(phone: Reader) -> Page:
    """The held place of a child with influenza."""
    return phone.opens(FLU).submit(f"{HOLD}(しーず)")


def test_the_family_reads_what_must_hold_and_says_when_it_began(
    strict: Town, phone: Reader
) -> None:
    check = check_page(phone).says("当日の朝に満たすこと", "治療(薬)を始めていること")
    check.says("まる2日がたっていること", "体温が38.5℃より低いこと", "症状が出た日")
    answer = check.submit(CONFIRM, **SAID, onset="2026-11-21")
    assert answer.heading == "予約が確定しました"
    answer.says("治療(薬)を始めていること").says_not("まる2日がたっていること")
    with read() as db:
        assert str(db.scalars(select(Episode.onset)).one()) == "2026-11-21"


def test_a_day_too_early_is_said_beside_its_field_and_keeps_what_was_typed(
    strict: Town, phone: Reader
) -> None:
    check = check_page(phone)
    again = check.submit(CONFIRM, 422, **SAID, onset="2026-11-22", remark="よく寝ました")
    again.says("11月25日(水) からご利用になれます", "その日からの予約にするか", "よく寝ました")
    assert row(id_of(again)).state == "held"
    again = again.submit(CONFIRM, 422, **SAID, onset="").says("症状が出た日を選んでください")
    again = again.submit(CONFIRM, 422, **SAID, onset="1999-01-01")
    assert again.submit(CONFIRM, **SAID, onset="2026-11-21").heading == "予約が確定しました"


def test_a_fever_of_the_day_itself_is_said_beside_its_field(
    strict: Town, phone: Reader, clock: Clock
) -> None:
    clock.set("2026-11-24 06:30")
    check = check_page(phone)
    said = {**SAID, "onset": "2026-11-20"}
    check = check.submit(CONFIRM, 422, **(said | {"temperature": "38.5"})).says("体温が高いため")
    assert check.submit(CONFIRM, **(said | {"temperature": "38.4"})).heading == "予約が確定しました"


def test_who_fell_ill_long_ago_says_so(strict: Town, phone: Reader) -> None:
    check = check_page(phone).says("それより前")
    assert check.submit(CONFIRM, **SAID, onset="2026-11-08").heading == "予約が確定しました"


def test_a_room_without_such_rules_asks_for_neither(town: Town, phone: Reader) -> None:
    check = check_page(phone).says_not("当日の朝に満たすこと")
    check.says_not("症状が出た日").says("いつから")


def test_the_facility_page_names_the_limits(strict: Town, phone: Reader) -> None:
    phone.opens("/facilities/seeds").says("当日の朝に満たすこと", "体温が38.5℃より低いこと")


def full(town: Town) -> None:
    """One place only, and somebody has it."""
    town.rules(book("seeds", valid_from="2026-11-01", capacity=1, **RULES))
    town.family("つばき").books()


def began() -> list[str]:
    """The days of onset that are kept."""
    with read() as db:
        return [str(day) for day in db.scalars(select(Episode.onset)) if day is not None]


def test_who_joins_the_list_from_the_board_is_asked_when_it_began(
    strict: Town, phone: Reader
) -> None:
    full(strict)
    asked = phone.opens(FLU).submit("キャンセル待ちする(しーず)", 422)
    assert asked.heading == "いつ症状が出ましたか"
    asked.says("その日からの日数が必要です").says_not("症状が出た日を選んでください")
    asked = asked.submit("キャンセル待ちする", 422).says("症状が出た日を選んでください")
    early = asked.submit("キャンセル待ちする", onset="2026-11-22")
    early.says("11月25日(水) からご利用になれます").says_not("キャンセル待ちする")
    asked = phone.opens(FLU).submit("キャンセル待ちする(しーず)", 422)
    answer = asked.submit("キャンセル待ちする", onset="2026-11-21")
    assert answer.heading == "キャンセル待ち 1番目です"
    assert began() == ["2026-11-21"]


def test_who_found_no_place_says_it_with_the_joining(strict: Town, phone: Reader) -> None:
    board = phone.opens(FLU)
    full(strict)
    no = board.submit(f"{HOLD}(しーず)").says("症状が出た日")
    assert no.submit("キャンセル待ちする", onset="2026-11-21").heading == "キャンセル待ち 1番目です"
    assert began() == ["2026-11-21"]


def test_a_known_episode_keeps_what_is_said_later(
    strict: Town, phone: Reader, sakura: Household
) -> None:
    place = sakura.books("FLU_A", CARE_DAY + timedelta(days=1))
    full(strict)
    assert row(place).state == "confirmed"
    asked = phone.opens(FLU).submit("キャンセル待ちする(しーず)", 422)
    asked.submit("キャンセル待ちする", onset="2026-11-20")
    assert began() == ["2026-11-20"]
