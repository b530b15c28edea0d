"""A municipality's defaults, and rooms that follow them."""

from __future__ import annotations

from datetime import date, time

import pytest

from reservation.domain.rulebook import documents
from reservation.domain.rulebook.defaults import (
    Defaults,
    Followed,
    as_room,
    changed_words,
    in_force,
    read,
    read_room,
    rederived,
    still_followed,
    units,
    values_in,
    values_on,
)
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from tests.domain.build import rulebook
from tests.domain.test_rulebook_documents import SMALL

APRIL, DECEMBER, NEW_YEAR = date(2026, 4, 1), date(2026, 12, 1), date(2027, 1, 1)
TOWN = """\
valid_from: 2026-12-01
booking:
  opens: {days_before: 2, at: 12:00}
  hold_minutes: 8
waiting:
  quiet_from: 22:00
"""
HOLD = "booking.hold_minutes"


def followed(**sections: object) -> Followed:
    """A rule book that follows in the minutes of a hold."""
    return Followed(rulebook(**sections), (HOLD,))


def says(minutes: int, since: date = DECEMBER) -> Defaults:
    """A municipality that says only that."""
    return Defaults(since, {HOLD: minutes})


def test_a_town_says_units_and_the_day_from_which_they_count() -> None:
    assert read(TOWN) == Defaults(
        DECEMBER,
        {
            HOLD: 8,
            "booking.opens": {"days_before": 2, "at": "12:00"},
            "waiting.quiet_from": "22:00",
        },
    )
    assert {HOLD, "booking.opens", "about.papers", "places.rooms"} < set(units())
    assert not {"code", "valid_from", "booking.opens.at"} & set(units())


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "allowed"),
    [
        ("hold_minutes: 8", "hold_minutes: 1", 4, "booking.hold_minutes", "2 以上 60"),
        ("hold_minutes: 8", "hold_minute: 8", 4, "booking.hold_minute", "hold_minutes の書き"),
        ("valid_from: 2026-12-01", "# none", 1, "valid_from", "を書いて"),
        ("valid_from: 2026-12-01", "code: a\nvalid_from: 2026-12-01", 1, "code", "書ける項目"),
        ("waiting:", "waiting: 5\nfees:", 5, "waiting", "「名前: 値」"),
        ("opens: {days_before: 2", "closes: {days_before: 2", 2, "booking", "開始より後"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_towns_file_has_its_line(
    old: str, new: str, line: int, field: str, allowed: str
) -> None:
    with pytest.raises(BrokenRuleBook) as broken:
        read(TOWN.replace(old, new))
    found = broken.value.mistakes[0]
    assert (found.line, found.field) == (line, field)
    assert allowed in found.allowed % found.values


def test_what_a_room_leaves_out_comes_from_the_town_that_counts_on_its_day() -> None:
    later = SMALL.replace("2026-04-01", "2026-12-01")
    before, after = read_room(SMALL, [read(TOWN)]), read_room(later, [read(TOWN)])
    assert (before.book.booking.hold_minutes, after.book.booking.hold_minutes) == (10, 8)
    assert after.book.waiting.quiet_from == time(22, 0)
    # it says itself when booking opens
    assert (after.book.booking.opens.days_before, after.book.booking.opens.at) == (1, time(8, 45))
    assert HOLD in after.follows
    assert "booking.opens" not in after.follows
    assert before.follows == after.follows


def test_a_required_setting_may_come_from_the_town() -> None:
    without = SMALL.replace("fees:\n  resident: 2000\n", "").replace("2026-04-01", "2026-12-01")
    town = Defaults(DECEMBER, {"fees.resident": 1500})
    assert read_room(without, [town]).book.fees.resident == 1500
    for missing in ([], [Defaults(NEW_YEAR, {"fees.resident": 1500})]):
        with pytest.raises(BrokenRuleBook, match="fees"):
            read_room(without, missing)
    with pytest.raises(BrokenRuleBook, match="valid_from"):
        read_room(without.replace("2026-12-01", "soon"), [town])


def test_written_with_what_it_follows_as_comments_and_read_again_it_is_the_same() -> None:
    town = [read(TOWN)]
    one = read_room(SMALL.replace("2026-04-01", "2026-12-01"), town)
    text = documents.write(one.book, one.follows)
    assert "#   hold_minutes: 8  # 席をおさえる時間(分)" in text
    assert "\n# waiting:" in text
    assert "\n  opens:  # 予約受付の開始" in text
    assert read_room(text, town) == one


def test_the_newest_document_that_counts_by_then_is_the_towns_word() -> None:
    towns = [says(7, NEW_YEAR), says(8, DECEMBER)]
    days = (APRIL, DECEMBER, date(2026, 12, 31), NEW_YEAR)
    assert [values_on(towns, day).get(HOLD) for day in days] == [None, 8, 8, 7]


def test_a_room_that_follows_gets_a_version_on_the_day_of_the_change() -> None:
    (changed,) = rederived([followed()], [says(8)], DECEMBER)
    assert (changed.book.valid_from, changed.book.booking.hold_minutes) == (DECEMBER, 8)
    assert changed.follows == (HOLD,)
    assert rederived([Followed(rulebook())], [says(8)], DECEMBER) == ()
    # nothing changes where the town says what counts already
    assert rederived([followed()], [says(10)], DECEMBER) == ()


def test_a_planned_rule_book_follows_too_and_the_past_stays() -> None:
    planned = followed(valid_from="2027-01-01", capacity=4)
    changed = rederived([followed(), planned], [says(8)], DECEMBER)
    assert [(c.book.valid_from, c.book.booking.hold_minutes) for c in changed] == [
        (DECEMBER, 8), (NEW_YEAR, 8),
    ]  # fmt: skip
    assert changed[1].book.places.official_capacity == 4
    assert rederived([followed()], [says(8, APRIL)], DECEMBER) == ()


def test_two_words_of_a_town_are_two_versions_and_none_gives_the_programs_default() -> None:
    towns = [says(8), Defaults(NEW_YEAR, {})]
    changed = rederived([followed()], towns, DECEMBER)
    assert [c.book.booking.hold_minutes for c in changed] == [8, 10]


def test_a_word_that_makes_no_rule_book_is_refused() -> None:
    one = Followed(rulebook(), ("booking.closes",))
    early = Defaults(DECEMBER, {"booking.closes": {"days_before": 9, "at": "7:00"}})
    with pytest.raises(BrokenRuleBook, match="開始より後"):
        rederived([one], [early], DECEMBER)


def test_no_version_before_a_rooms_first_rule_book() -> None:
    (changed,) = rederived([followed(valid_from="2027-01-01")], [says(8)], DECEMBER)
    assert changed.book.valid_from == NEW_YEAR


def test_what_staff_left_as_it_was_follows_on() -> None:
    one = Followed(rulebook(), (HOLD, "booking.extension_minutes"))
    changed = rulebook(booking={"hold_minutes": 9})
    assert still_followed(one, changed) == ("booking.extension_minutes",)


def test_a_section_that_is_none_is_told_and_not_filled_in() -> None:
    with pytest.raises(BrokenRuleBook, match="booking"):
        read_room(SMALL.replace("booking:\n  opens: {days_before: 1, at: 8:45}", "booking: 5"), [])


# -- what is said, and what is said otherwise ----------------------------------------------------


def test_what_a_town_says_makes_a_room_with_nothing_of_its_own() -> None:
    said = read(TOWN)
    room = as_room(said.values, said.valid_from)
    assert (room.booking.hold_minutes, room.booking.opens.at, room.valid_from) == (
        8, time(12), DECEMBER,
    )  # fmt: skip
    assert values_in(room, tuple(said.values)) == said.values
    assert as_room({}, APRIL).booking.hold_minutes == 10


def test_words_that_come_and_go_are_one_change_each_and_others_setting_by_setting() -> None:
    before = {HOLD: 8, "booking.opens": {"days_before": 2, "at": "12:00"}, "fees.resident": 2000}
    after = {HOLD: 8, "booking.opens": {"days_before": 2, "at": "13:00"}, "waiting.mode": "staff"}
    found = [(one.path, one.before, one.after) for one in changed_words(before, after)]
    assert found == [
        ("booking.opens.at", time(12), time(13)),
        ("waiting.mode", None, "staff"),
        ("fees.resident", 2000, None),
    ]
    assert changed_words(before, before) == ()


def test_a_word_that_is_the_programs_default_is_a_word_all_the_same() -> None:
    (only,) = changed_words({}, {HOLD: 10})
    assert (only.path, only.before, only.after, only.setting) == (HOLD, None, 10, HOLD)


def test_rows_and_tables_that_a_town_says_otherwise_are_named_by_row() -> None:
    closed = {"first": "2026-12-29", "last": "2027-01-03", "reason": {"ja": "年末年始"}}
    before = {"opening.closures": [closed], "illnesses.table": {"URI": {"handling": "general"}}}
    longer = {**closed, "last": "2027-01-04"}
    after = {"opening.closures": [longer], "illnesses.table": {"URI": {"handling": "never"}}}
    assert [one.path for one in changed_words(before, after)] == [
        "opening.closures.2026-12-29.last", "illnesses.table.URI.handling",
    ]  # fmt: skip


def test_the_rule_book_of_a_day_is_the_newest_that_has_begun() -> None:
    old = followed(capacity=4)
    new = Followed(rulebook(capacity=5, valid_from="2026-12-01"), (HOLD,))
    assert in_force([new, old], date(2026, 11, 30)) == old.book
    assert in_force([new, old], DECEMBER) == new.book
    assert in_force([new, old], date(2026, 3, 31)) is None
