"""The day sheet: what stands on it, and what it looks like on paper."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from reservation import clock as application_clock
from reservation.domain import morning
from reservation.services import accounts, devices, door
from reservation.services.devices import Owner
from reservation.store.db import write
from reservation.store.tables.people import ChildRow, Guardian
from reservation.web.staff.words import BRIEFLY
from tests.databases import both_databases
from tests.staff.conftest import signed_in

SHEET = "/staff/seeds/day/2026-11-24/sheet"


def tells(family, **child):
    """Allergies and such, and a telephone number."""
    with write() as db:
        db.execute(update(ChildRow).where(ChildRow.id == family.child_id).values(**child))
        mine = Guardian.id == family.guardian_id
        db.execute(update(Guardian).where(mine).values(telephone="09000005678", relation="mother"))


@both_databases
def test_everything_that_must_be_known_stands_on_it(make_town, context):
    town = make_town(capacity=1)
    nurse = town.worker("staff", "seeds")
    sakura, hana = town.family("さくら"), town.family("はな")
    tells(sakura, allergies="卵アレルギー", medical_care="熱性けいれん 坐薬あり")
    sakura.books()
    hana.waits()
    page = signed_in(context, nurse.account_id).opens(SHEET)
    assert page.heading == "日誌 11月24日(火) すぎなみ病児保育室 しーず"
    page.says("さくら 2歳", "卵アレルギー", "熱性けいれん 坐薬あり", "かぜ(上気道炎)", "確定")
    page.says("母 090-0000-5678", "お迎え 時刻 / 署名", "11月23日(月) 18:00 現在", "定員1 ・ 確定1")
    page.says("キャンセル待ち", "はな 2歳", "満室", "特記・申し送り")
    assert [one.text for one in page.tree.iter("b") if one.get("class") == "warn"] == [
        "卵アレルギー", "熱性けいれん 坐薬あり",
    ]  # fmt: skip


def test_what_must_hold_in_the_morning_stands_once_for_all_and_by_child(make_town, context, clock):
    table = {"GASTROENTERITIS": {"handling": "cohort", "requires": ["no_vomiting", "can_eat"]}}
    town = make_town(
        illnesses={"table": table},
        health={"hottest_morning": 38.5},
        vaccines={"needed": [{"vaccine": "MR", "from_months": 14}]},
    )
    nurse, sakura = town.worker("staff", "seeds"), town.family("さくら")
    booking = sakura.books("GASTROENTERITIS")
    town.family("はな").books()
    page = signed_in(context, nurse.account_id).opens(SHEET)
    page.says("朝の確認(全員)：□ 朝 38.5℃以下", "□ 手帳 MR(麻しん・風しん) □ 嘔吐なし")
    assert page.text.count("嘔吐なし") == 1
    clock.set("2026-11-24 08:30")
    door.check_in(booking, nurse.by, None, application_clock.now)
    page = signed_in(context, nurse.account_id).opens(SHEET)
    page.says("□ 朝 38.5℃以下").says_not("嘔吐なし")


@pytest.mark.parametrize("code", morning.WORDS)
def test_everything_of_the_morning_has_a_short_form(code):
    long, short = morning.WORDS[code], BRIEFLY[code]
    assert re.findall(r"%\(\w+\)", short) == re.findall(r"%\(\w+\)", long)
    assert len(short) < len(long)


def test_a_hold_is_nobodys_yet(town, desk, sakura):
    sakura.holds()
    desk.opens(SHEET).says_not("さくら").says("未定1")


def test_an_empty_day_prints_lines_to_write_on(town, desk):
    page = desk.opens(SHEET).says("待っている方はいません", "確定0")
    rows = [one for one in page.tree.iter("tr") if one.get("class") == "print-row"]
    assert len(rows) == 3


def test_paper_repeats_the_head_and_needs_no_colour(desk_page, town, nurse, sakura):
    """As Chromium prints it: A4 landscape, nothing of the screen's frame, borders in black."""
    tells(sakura, allergies="卵")
    sakura.books()
    page = desk_page
    page.context.add_cookies([_cookie(page, nurse)])
    page.goto(SHEET)
    page.emulate_media(media="print")
    look = page.evaluate(
        """() => {
          const of = (where, name) => getComputedStyle(document.querySelector(where))[name];
          return {
            head: of('.daysheet thead', 'display'), mast: of('.masthead', 'display'),
            back: of('.screen-only', 'display'), border: of('.daysheet td', 'borderTopColor'),
            warn: of('.daysheet .warn', 'fontWeight'),
            frame: of('.daysheet .warn', 'borderTopWidth'),
          }; }"""
    )
    assert look["head"] == "table-header-group"
    assert (look["mast"], look["back"]) == ("none", "none")
    assert look["border"] == "rgb(0, 0, 0)"
    assert int(look["warn"]) >= 700
    assert float(look["frame"].removesuffix("px")) >= 1
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def _cookie(page, nurse):
    with write() as db:
        owner = Owner(account_id=nurse.account_id)
        token = devices.open_device(db, owner, "desk", application_clock.now(), accounts.LASTS)
    page.goto("/healthz")
    return {"name": "desk", "value": token, "url": page.url}
