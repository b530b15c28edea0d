"""What a day says of its rooms: literal rooms, and that it never says what ``fits`` does not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reservation.domain import vacancy
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.vacancy import explain, fits, plan
from reservation.domain.vacancy.explaining import USUAL_MONTHS
from reservation.domain.values import Day, Duty
from tests.domain.build import NOW, booking, day, offer, room, rooms, rulebook, waiting, wish
from tests.domain.histories import days

TWO = rulebook(rooms=rooms(general=2, isolation=2), capacity=4)
BOTH = rulebook(rooms=rooms(general=2, either=2), capacity=4)


def said(today: Day, room_id: str) -> list[str]:
    """The Japanese sentences of a room."""
    one = next(each for each in explain(today, plan(today, NOW), NOW) if each.room_id == room_id)
    return [line.words % {**line.values, **line.said} for line in one.lines]


def colds(n: int, rules: RuleBook = TWO) -> Day:
    """So many children with a cold in the general room."""
    return day(*(booking(f"c{i}", room="general") for i in range(n)), rules=rules)


def test_an_empty_day_says_what_each_room_is_for() -> None:
    assert said(colds(0), "general") == [
        "だれもいません。",
        "うつらない病気に使う部屋です。",
        "あと2人、うつらない病気のお子さまが入れます。",
        "その次のお子さまは入れません。"
        "空いている席はありますが、うつる病気を分ける部屋がありません。",
    ]
    assert said(colds(0), "isolation") == [
        "だれもいません。",
        "うつる病気に使う部屋で、一度に1つの病気だけです。",
        "ほかのうつる病気でも、1つの病気なら2人入れます。",
        "その次のお子さまは入れません。"
        "空いている席はありますが、うつる病気を分ける部屋がありません。",
    ]


def test_one_with_influenza_leaves_a_place_for_the_same_illness_only() -> None:
    today = day(booking("a", "FLU_A", room="isolation"), rules=TWO)
    assert said(today, "isolation") == [
        "インフルエンザA型のお子さまが1人です。",
        "うつる病気に使う部屋で、一度に1つの病気だけです。",
        "あと1人、同じ病気だけ入れます。",
        "その次のお子さまは入れません。"
        "空いている席はありますが、うつる病気を分ける部屋がありません。",
        "ほかのうつる病気のお子さまは入れません。"
        "空いている席はありますが、うつる病気を分ける部屋がありません。",
    ]


def test_a_child_that_sits_alone_and_may_not_be_moved() -> None:
    alone = booking("a", "UNDIAGNOSED_RASH", State.CHECKED_IN, room="isolation")
    assert said(day(alone, rules=TWO), "isolation")[:3] == [
        "発疹(診断前)の1人を、ほかのお子さまと分けてお預かりします。",
        "うつる病気に使う部屋で、一度に1つの病気だけです。",
        "来室した、または固定したお子さま1人は、移しません。",
    ]


def test_siblings_in_a_room_for_one() -> None:
    shared = {"table": {"STREP": {"handling": "single"}}, "siblings_share": True}
    two = [booking(n, "STREP", room="isolation", family_id="suzuki") for n in "ab"]
    today = day(*two, rules=rulebook(rooms=rooms(isolation=2), illnesses=shared))
    assert said(today, "isolation")[0] == (
        "溶連菌感染症のきょうだい2人を、ほかのお子さまと分けてお預かりします。"
    )


def test_what_a_full_day_and_few_staff_stop() -> None:
    full = colds(2).change(effective_capacity=2)
    assert said(full, "general")[0] == "うつらない病気のお子さまが2人です。"
    assert said(full, "general")[2:] == [
        "うつらない病気のお子さまは、もう入れません。この日は満室です。"
    ]
    few = colds(2).change(duty=(Duty("am", 1, 1),))
    assert said(few, "isolation")[2:] == [
        "ほかのうつる病気でも、1つの病気なら1人入れます。",
        "その次のお子さまは入れません。この日の職員の人数では、これ以上お預かりできません。",
    ]


def test_who_may_come_after_moves_or_into_another_room() -> None:
    today = day(booking("a", "FLU_A", room="either"), rules=BOTH)
    assert said(today, "general")[2:] == [
        "あと2人、うつらない病気のお子さまが入れます。",
        "その次のお子さまは入れません。"
        "空いている席はありますが、うつる病気を分ける部屋がありません。",
    ]
    three = rulebook(rooms=rooms(isolation=2, either=2), capacity=4)
    moved = day(booking("a", "FLU_A", room="either"), rules=three)
    assert "いまのお子さまを移せば、うつらない病気のお子さまがあと2人入れます。" in said(
        moved, "either"
    )
    big = day(*(booking(f"c{i}", room="general") for i in range(2)), rules=BOTH)
    assert said(big, "general")[2:] == ["うつらない病気のお子さまは、ほかの部屋に入れます。"]
    assert said(big, "either")[1] == (
        "うつらない病気にも、うつる病気1つにも使えます。いっしょにはできません。"
    )


def test_a_room_that_is_closed_used_otherwise_or_has_no_entrance() -> None:
    shut = colds(0).change(closed_rooms=frozenset({"isolation"}))
    assert said(shut, "isolation") == ["職員が閉じています。", "だれもいません。"]
    other = colds(0).change(room_uses={"general": "infectious"})
    assert said(other, "general")[1:3] == [
        "この日だけ、部屋の使い方を変えています。",
        "うつる病気に使う部屋で、一度に1つの病気だけです。",
    ]
    apart = rulebook(
        rooms=rooms(general=2, isolation=2), places={"infections_by_own_entrance": True}
    )
    assert said(day(rules=apart), "isolation") == [
        "専用の出入口がないため、うつる病気には使えません。",
        "だれもいません。",
    ]
    assert said(day(closed="台風", rules=TWO), "general") == ["だれもいません。"]


def test_rooms_that_can_be_joined_say_so() -> None:
    doors = [room("a", 2, "isolation", None, "b"), room("b", 2, "isolation")]
    for one, other in (("a", "b"), ("b", "a")):
        lines = explain(today := day(rules=rulebook(rooms=doors)), plan(today, NOW), NOW)
        line = next(each for each in lines if each.room_id == one).lines[2]
        assert line.words == "同じ病気のときだけ、%(room)sとつなげて1つの部屋にできます。"
        assert line.values == {"room": {"ja": other}}


def test_children_who_may_not_be_together_are_said_to_be() -> None:
    mixed = day(booking("a", room="general"), booking("b", "FLU_A", room="general"), rules=TWO)
    assert said(mixed, "general")[0].startswith("ちがう病気のお子さまがいっしょに")


def test_the_age_is_said_where_it_counts() -> None:
    weighed = rulebook(rooms=rooms(general=4), places={"points": 2})
    assert said(day(rules=weighed), "general")[2:] == [
        "あと2人、うつらない病気のお子さまが入れます。",
        "その次のお子さまは入れません。この年齢のお子さまをお預かりできる人数に達しています。",
        "人数は、3歳のお子さまの場合です。",
    ]


def test_a_room_of_a_facility_that_takes_no_such_child_says_nothing_of_it() -> None:
    never = dict.fromkeys(vacancy.explaining.illnesses.CATALOGUE, "never")
    today = day(rules=rulebook(rooms=rooms(either=2), illnesses=never))
    assert said(today, "either") == [
        "だれもいません。",
        "うつらない病気にも、うつる病気1つにも使えます。いっしょにはできません。",
    ]


def test_an_open_offer_and_the_list_stop_the_next_one() -> None:
    asked = waiting("w", state=State.OFFERED, round_id="r1")
    today = colds(1).with_booking(asked).change(rounds=(offer(),))
    assert said(today, "general")[2:] == [
        "うつらない病気のお子さまは、もう入れません。先にお待ちの方に空きをご案内しています。"
    ]


@settings(max_examples=150)
@given(days(), st.booleans(), st.sampled_from(["", "r0", "r1"]))
def test_what_is_said_is_what_fits_says(today: Day, relabelled: bool, shut: str) -> None:
    uses = {"r0": "infectious", "r1": "either"} if relabelled else {}
    today = today.change(room_uses=uses, closed_rooms=frozenset({shut} - {""}))
    found: dict[tuple[str, str], list[vacancy.More]] = {}
    for one in explain(today, plan(today, NOW), NOW):
        for more in one.more:
            found.setdefault((more.kind, more.illness), []).append(more)
    for (_, illness), each in found.items():
        asking = wish(illness, USUAL_MONTHS)
        answer = fits(today, asking, NOW)
        most = max(more.n for more in each)
        assert most <= vacancy.places_left(today, asking, NOW)
        for more in each:
            if not more.n and more.stops:
                assert isinstance(answer, vacancy.No)
                assert [reason.code for reason in answer.reasons] == [more.stops]
            else:
                assert not isinstance(answer, vacancy.No)
            if more.n and not more.stops:
                assert vacancy.places_left(today, asking, NOW) > more.n
        if each[0].kind != "same":
            assert bool(most) == (not isinstance(answer, vacancy.No))


@given(days())
def test_where_a_room_says_so_a_child_can_be_put_there(today: Day) -> None:
    for one in explain(today, plan(today, NOW), NOW):
        for more in (each for each in one.more if each.n):
            state = vacancy.occupancy.Occupancy(today, NOW)
            here = [
                vacancy.occupancy.Guest(
                    f"n{i}", "G" if more.kind == "general" else more.illness, USUAL_MONTHS,
                    one.room_id, True,
                )
                for i in range(more.n)
            ]  # fmt: skip
            seating = state.seating(here)
            assert seating is not None
            assert {seating.rooms[each.id] for each in here} == {one.room_id}
            assert bool(seating.moves) == more.after_moves


def test_the_reason_is_a_code_of_no_place() -> None:
    one = explain(colds(2), plan(colds(2), NOW), NOW)[0]
    assert [more.stops for more in one.more] == [Code.ILLNESS_MIX]
