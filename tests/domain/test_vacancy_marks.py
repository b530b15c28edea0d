"""○ △ × for one child, and for every kind of child at once."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.vacancy import Mark, Profile, board, mark, profiles
from reservation.domain.vacancy.board import age_bands, band_of
from reservation.domain.values import Booking, Complaint, Day
from tests.domain.build import NOW, booking, day, rooms, rulebook, tokyo, waiting, wish


def colds(n: int) -> list[Booking]:
    """So many children in the general room for four."""
    return [booking(f"b{i}", room="general") for i in range(n)]


@pytest.mark.parametrize(
    ("taken", "kind", "word", "left"),
    [(1, "yes", "空きあり", 3), (2, "yes", "空きあり", 2), (3, "few", "残りわずか", 1)],
)
def test_circle_for_two_or_more_and_triangle_for_the_last(
    taken: int, kind: str, word: str, left: int
) -> None:
    seen = mark(day(*colds(taken)), wish(), NOW)
    assert (seen.kind, seen.word, seen.left, seen.reasons) == (kind, word, left, ())


def test_who_holds_a_place_reads_a_mark_for_it_and_how_many_others_are_left() -> None:
    held = booking("mine", room="general")
    seen = mark(day(held, *colds(2)), wish(booking_id="mine"), NOW)
    assert (seen.kind, seen.left) == ("yes", 2)


def test_cross_with_a_reason() -> None:
    seen = mark(day(*colds(4)), wish(), NOW)
    assert (seen.kind, seen.word, seen.left) == ("no", "満室", 0)
    assert [r.code for r in seen.reasons] == [Code.ILLNESS_MIX]


def test_triangle_after_a_move() -> None:
    rules = rulebook(rooms=rooms(isolation=2, either=3), capacity=6)
    moved = mark(day(booking("flu", "FLU_A", room="either"), rules=rules), wish(), NOW)
    assert (moved.kind, moved.word, moved.left) == ("few", "部屋の調整で空き", 3)


def test_triangle_where_staff_or_a_doctor_decide() -> None:
    rash = mark(day(), wish("UNDIAGNOSED_RASH", complaint=Complaint.RASH), NOW)
    assert (rash.kind, rash.word, rash.needs_staff) == ("few", "施設が確認", True)
    unsure = mark(day(), wish("UNCLEAR", complaint=Complaint.UNSURE), NOW)
    assert (unsure.kind, unsure.left, unsure.needs_staff) == ("few", 4, True)


@pytest.mark.parametrize(
    ("codes", "word"),
    [
        ([Code.NOT_YET_OPEN], "受付前"),
        ([Code.TOO_LATE], "受付終了"),
        ([Code.CLOSED], "お休み"),
        ([Code.TOO_LATE, Code.TOO_YOUNG], "お預かりできません"),
        ([Code.NEVER_ILLNESS], "お預かりできません"),
    ],
)
def test_reasons_of_the_gates_make_a_cross(codes: list[Code], word: str) -> None:
    seen = mark(day(), wish(), NOW, [Refusal(code) for code in codes])
    assert (seen.kind, seen.word, seen.left) == ("no", word, 0)
    assert [r.code for r in seen.reasons] == codes


def test_a_closed_day_says_so_and_no_booking_times() -> None:
    late, never = Refusal(Code.TOO_LATE), Refusal(Code.NEVER_ILLNESS)
    seen = mark(day(closed="台風"), wish(), NOW, [late, never])
    assert [r.code for r in seen.reasons] == [Code.CLOSED, Code.NEVER_ILLNESS]
    assert mark(day(closed="台風"), wish(), NOW).word == "お休み"


# -- the board -----------------------------------------------------------------------------------


def row(today: Day, now: datetime = NOW, *, clock: bool = True) -> dict[tuple[str, int], Mark]:
    """The board of a day by sign (complaint or illness) and months."""
    kinds = profiles([today.rules])
    marks = board(today, kinds, now, clock=clock)
    return {
        (p.illness or p.complaint.value, p.months): m for p, m in zip(kinds, marks, strict=True)
    }


def test_bands_are_cut_where_any_rule_book_cuts() -> None:
    babies = rulebook(
        ages={"youngest_months": 5},
        places={
            "age_caps": [{"from_months": 6, "below_months": 24, "at_most": 1}],
            "age_weights": [{"below_months": 12, "points": 1.5}],
        },
    )
    school = rulebook(ages={"oldest_grade": 3})
    assert age_bands([babies]) == ((0, 0), (5, 0), (6, 0), (12, 0), (24, 0), (72, 1))
    assert age_bands([babies, school]) == (
        (0, 0), (5, 0), (6, 0), (12, 0), (24, 0), (72, 1), (108, 4),
    )  # fmt: skip
    big = {"age_caps": [{"from_months": 80, "below_months": 120, "at_most": 2}]}
    everyone = rulebook(ages={"oldest_grade": 6, "youngest_months": 0}, places=big)
    assert age_bands([everyone]) == ((0, 0), (80, 0), (120, 0))


def test_a_child_finds_its_band() -> None:
    bands = ((0, 0), (6, 0), (12, 0), (72, 1))
    assert band_of(bands, 5, 0) == (0, 0)
    assert band_of(bands, 6, 0) == (6, 0)
    assert band_of(bands, 83, 0) == (12, 0)
    assert band_of(bands, 72, 1) == (72, 1)
    assert band_of(bands, 150, 6) == (72, 1)


def test_profiles_are_complaints_then_illnesses_by_age() -> None:
    kinds = profiles([rulebook()])
    assert kinds[:3] == (
        Profile(Complaint.FEVER, None, 0, 0),
        Profile(Complaint.FEVER, None, 6, 0),
        Profile(Complaint.FEVER, None, 72, 1),
    )
    told = [p.illness for p in kinds if p.complaint is Complaint.DIAGNOSED and p.months == 0]
    assert "FLU_A" in told
    assert "UNDIAGNOSED_FEVER" not in told
    assert len(kinds) == 3 * (5 + len(told))


def test_the_board_of_a_morning() -> None:
    seen = row(day(*colds(3), booking("flu", "FLU_A", room="isolation"), waiting("w", "FLU_B")))
    assert (seen["cough", 6].kind, seen["cough", 6].left) == ("few", 1)
    assert (seen["FLU_A", 6].kind, seen["FLU_A", 6].left) == ("few", 1)
    assert [r.code for r in seen["FLU_B", 6].reasons] == [Code.ILLNESS_MIX]
    assert [r.code for r in seen["MEASLES", 6].reasons] == [Code.NEVER_ILLNESS]
    assert [r.code for r in seen["cough", 0].reasons] == [Code.TOO_YOUNG]
    assert [r.code for r in seen["MEASLES", 72].reasons] == [Code.NEVER_ILLNESS, Code.TOO_OLD]
    assert seen["rash", 6].kind == "no"


def test_what_waits_counts_for_the_board_too() -> None:
    seen = row(day(waiting("w", "FLU_B")))
    assert [r.code for r in seen["FLU_A", 6].reasons] == [Code.LIST_FIRST]
    assert seen["FLU_B", 6].left == 1


def test_nobody_can_ask_after_the_close_but_staff_still_see_the_places() -> None:
    assert row(day(), tokyo(7))["cough", 6].word == "受付終了"
    assert row(day(), tokyo(7), clock=False)["cough", 6].word == "空きあり"
    assert row(day(closed="台風"), tokyo(7))["cough", 6].word == "お休み"


def big_city() -> tuple[Day, tuple[Profile, ...]]:
    """A full day with a list, and the profiles of rule books that cut ages in many places."""
    today = day(
        *colds(3),
        booking("flu", "FLU_A", room="isolation"),
        *(waiting(f"w{n}", illness) for n, illness in enumerate(["URI", "FLU_B", "FLU_A", "RSV"])),
    )
    cuts: list[RuleBook] = [rulebook(ages={"youngest_months": n}) for n in range(3, 60)]
    return today, profiles([today.rules, *cuts])


def test_thousands_of_profiles_cost_a_few_milliseconds() -> None:
    today, kinds = big_city()
    assert len(kinds) > 1800
    board(today, kinds, NOW)
    start = time.process_time()
    board(today, kinds, NOW)
    assert time.process_time() - start < 0.1
