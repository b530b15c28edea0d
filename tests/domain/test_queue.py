"""The waiting list of a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reservation.domain.queue import has_priorities, list_rules, may_be_asked, queue, rank
from reservation.domain.states import State
from tests.domain.build import NOW, booking, day, rulebook, tokyo, waiting

SOON = timedelta(minutes=1)


def test_who_asked_first_stands_first_and_who_is_being_asked_keeps_the_rank() -> None:
    hana = waiting("hana", minute=5)
    sakura = waiting("sakura", minute=0, state=State.OFFERED)
    third = waiting("third", minute=5)
    full = day(third, booking("b1"), hana, sakura, waiting("left", state=State.CANCELLED))
    assert [b.id for b in queue(full)] == ["sakura", "hana", "third"]
    assert [rank(full, b) for b in ("sakura", "hana", "third")] == [1, 2, 3]


@pytest.mark.parametrize("other", ["b1", "nobody"])
def test_only_entries_have_a_rank(other: str) -> None:
    with pytest.raises(ValueError, match=other):
        rank(day(booking("b1"), waiting("hana")), other)


def test_an_entry_may_be_asked_while_it_waits() -> None:
    assert may_be_asked(day(), waiting("hana"))
    assert not may_be_asked(day(), waiting("hana", state=State.OFFERED))


def test_who_let_an_offer_go_by_is_asked_again_only_about_a_new_place() -> None:
    passed = waiting("hana", passed_at=NOW)
    assert not may_be_asked(day(), passed)
    assert not may_be_asked(day(freed_at=NOW - SOON), passed)
    assert not may_be_asked(day(freed_at=NOW), passed)
    assert may_be_asked(day(freed_at=NOW + SOON), passed)


def test_the_list_comes_first_until_half_an_hour_before_opening() -> None:
    assert list_rules(day(), tokyo(7, 29))
    assert not list_rules(day(), tokyo(7, 30))
    later = day(rules=rulebook(waiting={"stop_before_opening": 10}))
    assert list_rules(later, tokyo(7, 30))


def test_a_facility_without_a_list_never_puts_it_first() -> None:
    assert not list_rules(day(rules=rulebook(waiting={"mode": "none"})), NOW)
    assert list_rules(day(rules=rulebook(waiting={"mode": "staff"})), NOW)


def test_only_priorities_make_the_rank_hang_on_more_than_the_instant() -> None:
    assert not has_priorities(rulebook())
    assert has_priorities(rulebook(chain={"returning_days": 3}))
    assert has_priorities(rulebook(waiting={"examined_first": True}))
