"""Waiting changes on the screens of managers and of the municipality's officers."""

from __future__ import annotations

from datetime import date

import pytest

from reservation.reads import rule_books as reads
from tests.staff.conftest import signed_in
from tests.town import SUGINAMI

RULES, OFFICE = "/staff/seeds/rules/places", f"/municipality/{SUGINAMI}/proposals"
LOOK = "変わることを見る"
TOOK_BACK = "変更の案を取り下げました"


@pytest.fixture
def town(make_town):
    """A room whose municipality wants two people."""
    return make_town(changing={"second_person": True})


def proposed(context, who):
    """The page after a manager has asked for four places."""
    desk = signed_in(context, who.account_id)
    page = desk.opens(RULES).says("大切な変更は、別の責任者か市区町村の担当者が認めてから")
    page = page.submit(LOOK, official_capacity="4", valid_from="2026-12-01")
    return page.submit("から使う")


def capacity(town):
    return reads.editing(town.facilities["seeds"], date(2026, 11, 23)).book.places.official_capacity


def test_the_proposer_reads_that_it_waits_and_may_take_it_back(town, context, manager):
    page = proposed(context, manager).says("変更の案を出しました。")
    page.says(
        "12月1日(火)の利用からの変更の案", "定員：6人 → 4人", "11月30日(月) 18:00までに決めて"
    )
    page.says("自分が出した案は、自分では認められません。").says_not("認めて、使う")
    page.submit("案を取り下げる").says(TOOK_BACK)
    assert capacity(town) == 6


def test_another_manager_approves(town, context, manager, nurse):
    proposed(context, manager)
    reading = signed_in(context, nurse.account_id).opens(RULES)
    reading.says("変更の案").says_not("認めて、使う")
    other = signed_in(context, town.worker("manager", "seeds").account_id)
    other.opens(RULES).submit("認めて、使う").says("変更を認めました。")
    assert capacity(town) == 4


def test_an_officer_sees_all_rooms_and_decides_and_a_reviewer_only_looks(
    town, context, manager, officer
):
    office = signed_in(context, officer.account_id)
    office.opens(OFFICE).says("確認を待っている変更の案はありません。")
    proposed(context, manager)
    watching = signed_in(context, town.worker("reviewer").account_id).opens(OFFICE)
    watching.says("しーず：12月1日(火)の利用からの変更の案").says_not("認めて、使う")
    page, late = office.opens(OFFICE), office.opens(OFFICE)
    page.submit("認めない").says(TOOK_BACK)
    assert capacity(town) == 6
    late.submit("認めて、使う").says("もう使えないか、あなたには認められません。")
