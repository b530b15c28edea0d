"""A whole night: eight families wait, three places come free, and each letter at its minute.

The clock stands still and is moved on minute by minute, each with the scheduler's two jobs, so
nothing here waits for time. Letters are those that a real mail server has taken.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import update

from reservation import clock as application_clock
from reservation.channels import mail
from reservation.services import accounts, delivery, devices, offers
from reservation.services.devices import Owner
from reservation.store.db import write
from reservation.store.tables.people import Guardian
from tests import browsers
from tests.browser.screen import Screen
from tests.conftest import Clock, Server
from tests.domain import build
from tests.post_office import Office, post_office
from tests.town import CARE_DAY, Household, Town

__all__ = ["post_office"]
pytestmark = pytest.mark.alone

EVE, MORNING = "2026-11-23", "2026-11-24"
BOOKED = ("さくら", "つむぎ", "かい")
WAITING = ("はな", "もも", "ゆう", "れん", "そう", "みお", "りこ", "あん")
PICTURE = Path(__file__).parents[2] / "docs" / "screenshots" / "night-1280.png"

LETTERS = """
22:40 さくら の予約をキャンセルしました
22:40 はな に空きが出ました(お返事は 22:55 まで)
22:55 はな のご案内の期限が過ぎました
23:10 つむぎ の予約をキャンセルしました
6:00 はな に空きが出ました(お返事は 6:10 まで)
6:00 もも に空きが出ました(お返事は 6:10 まで)
6:03 はな の予約が確定しました
6:20 かい の予約をキャンセルしました
6:20 もも に空きが出ました(お返事は 6:30 まで)
6:30 もも のご案内の期限が過ぎました
6:30 れん に空きが出ました(お返事は 6:40 まで)
6:40 れん のご案内の期限が過ぎました
6:40 そう に空きが出ました(お返事は 6:50 まで)
6:50 そう のご案内の期限が過ぎました
6:50 みお に空きが出ました(お返事は 7:00 まで)
7:00 みお のご案内の期限が過ぎました
7:00 りこ に空きが出ました(お返事は 7:05 まで)
7:00 あん に空きが出ました(お返事は 7:05 まで)
7:02 あん の予約が確定しました
7:02 りこ の空きは、ほかの方に決まりました
7:30 もも は空きが出ませんでした
7:30 れん は空きが出ませんでした
7:30 そう は空きが出ませんでした
7:30 みお は空きが出ませんでした
7:30 りこ は空きが出ませんでした
"""
"""Who read what, and when. もも let the place of six go by, and stays first for the next one; ゆう
has no mail and is telephoned."""

LOG = """
22:40 さくら キャンセルする(家族)
22:40 はな 空きをご案内：22:55 まで(メール)
22:55 はな お返事なし
23:10 つむぎ キャンセルする(家族)
6:00 はな、もも 空きをご案内：6:10 まで(メール)
6:03 はな 行きます(家族)
6:05 もも 今回は見送る(家族)
6:05 ゆう 空きをご案内：6:15 まで(職員から電話)
6:08 ゆう 行きます(職員)
6:20 かい キャンセルする(家族)
6:20 もも 空きをご案内：6:30 まで(メール)
6:30 もも お返事なし
6:30 れん 空きをご案内：6:40 まで(メール)
6:40 れん お返事なし
6:40 そう 空きをご案内：6:50 まで(メール)
6:50 そう お返事なし
6:50 みお 空きをご案内：7:00 まで(メール)
7:00 みお お返事なし
7:00 りこ、あん 空きをご案内：7:05 まで(メール)
7:02 あん 行きます(家族)
7:02 りこ ほかの方に決まりました
7:30 もも、れん、そう、みお、りこ 空きが出ませんでした
"""
"""What staff read of it in the morning, after the eight who had joined."""


@dataclasses.dataclass
class Night:
    """The town, its clock and its letters."""

    town: Town
    clock: Clock
    office: Office
    families: dict[str, Household]
    entries: dict[str, str]
    bookings: dict[str, str]
    letters: list[str] = dataclasses.field(default_factory=list)

    def passes(self, until: str) -> None:
        """The minutes until then, each with what the scheduler does in it."""
        end = application_clock.read(until)
        while application_clock.now() < end:
            self.clock.forward(minutes=1)
            self.jobs()

    def jobs(self) -> None:
        """Call up the lists, and send what is to be sent."""
        before = len(self.office.letters)
        offers.sweep(application_clock.now)
        delivery.deliver(application_clock.now)
        at = application_clock.now().astimezone(application_clock.TOKYO)
        names = {family.mail: name for name, family in self.families.items()}
        for letter, reader in list(zip(self.office.letters, self.office.readers, strict=True))[
            before:
        ]:
            subject = str(letter["Subject"]).removeprefix("【しーず】11月24日(火)")
            self.letters.append(f"{at.hour}:{at.minute:02} {names[reader]} {subject}")

    def link(self, name: str) -> str:
        """Where the last letter of this family leads."""
        mine = [
            letter
            for letter, reader in zip(self.office.letters, self.office.readers, strict=True)
            if reader == self.families[name].mail
        ]
        text = mine[-1].get_body(("plain",)).get_content()
        found = re.search(r"https?://\S+/my/bookings/\S+", text)
        assert found, text
        return urlsplit(found.group()).path


@pytest.fixture
def night(
    make_town: Callable[..., Town],
    context: Flask,
    clock: Clock,
    post_office: tuple[Office, int],
    monkeypatch: pytest.MonkeyPatch,
) -> Night:
    """Three places that are taken, and eight families who wait since six in the evening."""
    office, port = post_office
    ours = dataclasses.replace(
        context.extensions["settings"],
        smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none",
        smtp_sender="noreply@byoji.example.jp", base_url="https://byoji.example.jp",
    )  # fmt: skip
    monkeypatch.setitem(context.extensions, "settings", ours)
    monkeypatch.setattr(mail, "SECONDS", 5)
    rooms = [
        {**build.room("wakaba", 3), "label": {"ja": "わかばの部屋"}},
        {**build.room("isolation", 1, "isolation"), "label": {"ja": "隔離室"}},
    ]
    town = make_town(capacity=3, rooms=rooms)
    families = {name: town.family(name) for name in (*BOOKED, *WAITING)}
    bookings = {name: families[name].books() for name in BOOKED}
    entries = {name: families[name].waits() for name in WAITING}
    delivery.deliver(application_clock.now)
    by_telephone = Guardian.id == families["ゆう"].guardian_id
    with write() as db:
        db.execute(
            update(Guardian).where(by_telephone).values(mail=None, telephone="090-0000-1234")
        )
    return Night(town, clock, office, families, entries, bookings)


@pytest.fixture
def screen(browser: Browser, server: Server) -> Iterator[Callable[..., Screen]]:
    """``screen(guardian_id=…)``: one more phone, or (``account_id``) a desk, signed in."""
    with ExitStack() as stack:

        def opens(guardian_id: str = "", account_id: str = "") -> Screen:
            size = browsers.PHONE if guardian_id else browsers.DESK
            owner = Owner(guardian_id=guardian_id or None, account_id=account_id or None)
            lasts = devices.PARENT_LASTS if guardian_id else accounts.LASTS
            with write() as db:
                token = devices.open_device(db, owner, "night", application_clock.now(), lasts)
            reader = stack.enter_context(browsers.context(browser, size, server.url))
            name = "device" if guardian_id else "desk"
            reader.add_cookies([{"name": name, "value": token, "url": server.url}])
            return Screen(reader.new_page())

        yield opens


def gives_up(screen: Screen, booking: str) -> None:
    """Cancel in two taps."""
    asked = screen.opens(f"/my/bookings/{booking}").taps("取り消す").is_at("/cancel")
    asked.taps("取り消す").has_heading("予約を取り消しました")


def lines(text: str) -> list[str]:
    """The lines of a table of this file."""
    return text.strip().splitlines()


def test_each_letter_of_a_night_goes_out_at_its_minute_and_staff_read_it_all(
    night: Night, screen: Callable[..., Screen]
) -> None:
    def phone(name: str) -> Screen:
        return screen(guardian_id=night.families[name].guardian_id)

    def at_the_desk() -> Screen:
        return screen(account_id=night.town.worker("staff", "seeds").account_id)

    def cancels(name: str, at: str) -> None:
        night.passes(at)
        gives_up(phone(name), night.bookings[name])
        night.jobs()

    night.clock.set(f"{EVE} 22:35")
    cancels("さくら", f"{EVE} 22:40")
    cancels("つむぎ", f"{EVE} 23:10")
    night.passes(f"{EVE} 23:15")
    for hour in range(6):
        night.clock.set(f"{MORNING} 0{hour}:55")
        night.jobs()
    night.passes(f"{MORNING} 06:03")
    phone("はな").opens(night.link("はな")).sees("6:10 まで").taps("行きます").has_heading(
        "確定しました"
    )
    night.jobs()
    night.passes(f"{MORNING} 06:05")
    passed = phone("もも").opens(night.link("もも")).taps("今回は見送る")
    passed.is_at("/my/bookings/").has_heading("キャンセル待ち 1番目です")
    night.passes(f"{MORNING} 06:08")
    nurse = at_the_desk()
    day = f"/staff/seeds/day/{CARE_DAY}"
    nurse.opens(day).at("article.task", "ゆう").sees("電話で空きのご案内", "6:15 まで").taps("来る")
    nurse.at(".done").sees("ゆう：「来る」と記録し、予約を確定しました。")
    cancels("かい", f"{MORNING} 06:20")
    night.passes(f"{MORNING} 07:02")
    last = phone("あん").opens(night.link("あん")).sees("7:05 まで")
    last.taps("行きます").has_heading("確定しました")
    night.jobs()
    phone("りこ").opens(night.link("りこ")).sees("5番目")
    night.passes(f"{MORNING} 07:31")

    nurse = at_the_desk().opens(day).taps("夜の記録")
    told = nurse.at("#night-log")
    seen = [" ".join(one.split()) for one in told.here.locator("li").all_inner_texts()]
    if os.environ.get("RESERVATION_TEST_SNAPSHOTS") == "write":
        nurse.page.screenshot(path=PICTURE, full_page=True)
    assert sorted(night.letters) == sorted(lines(LETTERS))
    assert seen[-len(lines(LOG)) :] == lines(LOG)
    assert len(seen) == len(WAITING) + len(lines(LOG))
