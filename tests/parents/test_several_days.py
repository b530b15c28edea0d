"""Several days of one illness on the pages of a family: what falls is said before it falls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from reservation.domain.refusals import Code
from reservation.web.public import choices
from tests.conftest import Clock
from tests.pages import Reader
from tests.parents.conftest import signs_in
from tests.parents.steps import HOLD
from tests.town import CARE_DAY, Household, Town, book

NEXT, THIRD = CARE_DAY + timedelta(days=1), CARE_DAY + timedelta(days=2)
EARLY = {"opens": {"days_before": 8, "at": "08:45"}}


@pytest.fixture
def three_days(
    make_town: Callable[..., Town], clock: Clock, reader: Reader
) -> Callable[[str], tuple[Town, Household, list[str]]]:
    """``three_days("cascade")``: さくら, signed in, has three days in a room with that model."""

    def make(model: str) -> tuple[Town, Household, list[str]]:
        town = make_town(chain={"model": model}, booking=EARLY)
        sakura = town.family("さくら")
        ids = [sakura.books(day=day) for day in (CARE_DAY, NEXT, THIRD)]
        signs_in(reader, sakura.mail)
        return town, sakura, ids

    return make


def states(town: Town, ids: list[str]) -> list[str]:
    return [town.state(one) for one in ids]


def test_the_page_names_the_days_that_fall_before_they_fall(three_days, reader: Reader) -> None:
    town, _sakura, ids = three_days("cascade")
    page = reader.opens(f"/my/bookings/{ids[1]}/cancel")
    page.says("同じ病気の後の日(11月26日(木))も取り消しになります。")
    page.submit("2日分を取り消す").says("11月26日(木)の予約も取り消しました。")
    assert states(town, ids) == ["confirmed", "cancelled", "cancelled"]


def test_a_page_that_told_other_days_cancels_nothing(three_days, reader: Reader) -> None:
    town, sakura, ids = three_days("cascade")
    page = reader.opens(f"/my/bookings/{ids[0]}/cancel")
    sakura.cancels(ids[2])
    page.submit("3日分を取り消す").says("状況が変わったため、この操作はできませんでした。")
    assert states(town, ids) == ["confirmed", "confirmed", "cancelled"]


@pytest.mark.parametrize(
    ("button", "after"),
    [
        ("園に行く(後の日も取り消す)", ["cancelled"] * 3),
        ("家で休む(この日だけ取り消す)", ["cancelled", "confirmed", "confirmed"]),
    ],
)
def test_where_the_child_will_be_is_asked_by_two_buttons(
    three_days, reader: Reader, button: str, after: list[str]
) -> None:
    town, _sakura, ids = three_days("conditional")
    page = reader.opens(f"/my/bookings/{ids[0]}/cancel")
    page.says("(11月25日(水)、11月26日(木))も予約があります。この日、お子さまはどうされますか。")
    page.submit(button)
    assert states(town, ids) == after


def test_the_last_day_and_rooms_without_the_rule_ask_nothing(three_days, reader: Reader) -> None:
    town, _sakura, ids = three_days("conditional")
    reader.opens(f"/my/bookings/{ids[2]}/cancel").submit("取り消す")
    assert states(town, ids) == ["confirmed", "confirmed", "cancelled"]


def test_a_form_written_by_hand_cancels_nothing_without_the_answer(
    three_days, reader: Reader
) -> None:
    town, _sakura, ids = three_days("conditional")
    page = reader.opens(f"/my/bookings/{ids[0]}/cancel")
    page.submit("園に行く(後の日も取り消す)", rest="both", later="x 2026-13-01")
    assert states(town, ids) == ["confirmed"] * 3


def test_a_family_reads_from_when_more_days_can_be_booked(
    make_town: Callable[..., Town], reader: Reader
) -> None:
    town = make_town(chain={"at_once": 1, "most_days": 5}, booking=EARLY)
    sakura = town.family("さくら")
    sakura.books()
    signs_in(reader, sakura.mail)
    assert sakura.holds(day=NEXT).has(Code.TOO_MANY_AT_ONCE)
    board = reader.opens(f"/my/book?complaint=diagnosed&told={choices.number('URI')}&day={NEXT}")
    board.says("まとめて予約できるのは1日までです。続きの受付は あした 8:30 からです。")


def test_a_known_course_is_bookable_on_the_board_before_other_illnesses(
    make_town: Callable[..., Town], clock: Clock, reader: Reader
) -> None:
    opens = {"opens": {"days_before": 1, "at": "8:45"}, "predictable_earlier": 2}
    town = make_town(booking=opens)
    town.rules(book("rabbit", booking=opens))
    sakura = town.family("さくら")
    clock.set("2026-11-24 18:00")
    signs_in(reader, sakura.mail)
    friday = CARE_DAY + timedelta(days=3)
    address = f"/my/book?complaint=diagnosed&day={friday}&told="
    flu = reader.opens(address + str(choices.number("FLU_A")))
    flu.submit(f"{HOLD}(しーず)").says("11月27日(金)")
    cold = reader.opens(address + str(choices.number("URI")))
    assert "11月27日(金)" not in cold.words
