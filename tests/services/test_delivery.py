"""The outbox against a real mail server: once, in time, and nothing that is no longer true."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select, update

from reservation import clock as application_clock
from reservation.channels import mail
from reservation.services import delivery, elsewhere, offers, outbox
from reservation.services.outbox import Note
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Outbox, Task
from reservation.store.types import new_id
from tests.databases import both_databases
from tests.domain import build
from tests.post_office import post_office
from tests.town import book as rule_book

pytestmark = both_databases
__all__ = ["post_office"]


@pytest.fixture
def office(context, post_office, monkeypatch):
    """The mail server that the application sends by; an answer is waited for one second."""
    taken, port = post_office
    ours = dataclasses.replace(
        context.extensions["settings"],
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_tls="none",
        smtp_sender="noreply@byoji.example.jp",
        base_url="https://byoji.example.jp",
    )
    monkeypatch.setitem(context.extensions, "settings", ours)
    monkeypatch.setattr(mail, "SECONDS", 1)
    return taken


def deliver():
    return delivery.deliver(application_clock.now)


def rows(*columns, **where):
    columns = columns or (Outbox.kind, Outbox.status)
    with read() as db:
        found = select(*columns).order_by(Outbox.created_at, Outbox.kind, Outbox.id)
        for name, value in where.items():
            found = found.where(getattr(Outbox, name) == value)
        return [tuple(row) for row in db.execute(found)]


def tasks():
    with read() as db:
        found = select(Task.kind, Task.about, Task.due_at).order_by(Task.created_at, Task.id)
        return [tuple(row) for row in db.execute(found)]


def failed(household):
    with read() as db:
        return db.scalar(
            select(Guardian.mail_failed_at).where(Guardian.id == household.guardian_id)
        )


def second_guardian(household):
    mail_address = f"second-{household.guardian_id[:6]}@example.org"
    with write() as db:
        row = {"id": new_id(), "family_id": household.family_id, "mail": mail_address}
        db.execute(insert(Guardian), [{**row, "created_at": application_clock.now()}])
    return mail_address


def send_code(address, until_minutes=10, language="ja"):
    at = application_clock.now()
    until = at + timedelta(minutes=until_minutes)
    with write() as db:
        note = Note("code", f"code:{new_id()}", at, until,
                    {"code": "042137", "until": until.isoformat()})  # fmt: skip
        outbox.put(db, note, address, at, language=language)


def offered(make_town):
    """はな is offered the place that さくら has given back; older mail has gone out."""
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    booking = sakura.books()
    entry = hana.waits()
    deliver()
    sakura.cancels(booking)
    assert town.state(entry) == "offered"
    return town, sakura, hana, entry


# what is sent


def test_a_confirmation_is_sent_once(town, sakura, office):
    booking = sakura.books()
    assert deliver() == 1
    assert deliver() == 0
    (letter,) = office.letters
    assert office.readers == [sakura.mail]
    assert letter["Subject"] == "【しーず】11月24日(火)の予約が確定しました"
    text = letter.get_body(("plain",)).get_content()
    assert f"https://byoji.example.jp/my/bookings/{booking}" in text
    assert "11月24日(火) 7:00 まで" in text
    assert "2,000円" in text
    assert "03-0000-0000" in text
    assert [part.get_filename() for part in letter.iter_attachments()] == ["予約.ics"]
    assert rows(Outbox.status, Outbox.params, Outbox.shown) == [("sent", None, None)]


def test_a_reader_gets_their_own_language(town, sakura, office):
    with write() as db:
        db.execute(update(Guardian).where(Guardian.id == sakura.guardian_id).values(language="en"))
    sakura.books()
    assert rows(Outbox.language) == [("en",)]
    assert deliver() == 1
    assert office.readers == [sakura.mail]


def test_each_guardian_gets_a_letter_with_an_id_of_its_own(town, sakura, office):
    other = second_guardian(sakura)
    sakura.books()
    assert deliver() == 2
    assert sorted(office.readers) == sorted([sakura.mail, other])
    assert len(set(office.ids())) == 2


def test_a_code_goes_before_older_news(town, sakura, office, clock):
    sakura.books()
    clock.forward(minutes=1)
    send_code("new@example.org")
    assert deliver() == 2
    assert office.readers == ["new@example.org", sakura.mail]
    text = office.letters[0].get_body(("plain",)).get_content()
    assert "042137" in text
    assert "18:11 まで" in text
    assert "杉並区" in office.subjects()[0]
    assert "http" not in text


def test_what_is_due_later_waits(town, sakura, office, clock):
    at = application_clock.now()
    with write() as db:
        outbox.put(db, Note("joined", "joined:1", at + timedelta(hours=1)), sakura.mail, at,
                   guardian_id=sakura.guardian_id)  # fmt: skip
    assert deliver() == 0
    clock.forward(hours=1)
    assert deliver() == 1
    assert office.readers == [sakura.mail]


def test_the_whole_evening_of_a_waiting_family(make_town, office):
    town, _, hana, entry = offered(make_town)
    assert deliver() == 2  # さくら: cancelled, はな: offer
    hana.says_yes(entry)
    assert deliver() == 1
    mine = [s for s, r in zip(office.subjects(), office.readers, strict=True) if r == hana.mail]
    assert mine == [
        "【しーず】11月24日(火)のキャンセル待ちを受け付けました",
        "【しーず】11月24日(火)に空きが出ました(お返事は 18:30 まで)",
        "【しーず】11月24日(火)の予約が確定しました",
    ]
    first = office.letters[office.readers.index(hana.mail)]
    assert "1番目です" in first.get_body(("plain",)).get_content()


def test_no_letter_names_the_child_or_the_illness(make_town, office, clock):
    """A canary for every kind that the acts send: neither is in any part of any letter."""
    town = make_town(capacity=1)
    kanaria = town.family("かなりあ")
    momo = town.family("もものき")
    booking = kanaria.books("FLU_A")
    momo.waits("FLU_A")
    deliver()
    kanaria.cancels(booking)
    deliver()
    clock.forward(hours=1)
    offers.sweep(application_clock.now)
    deliver()
    assert {kind for (kind,) in rows(Outbox.kind)} >= {
        "confirmed", "waiting", "cancelled", "offer", "offer_lapsed",
    }  # fmt: skip
    for letter in office.letters:
        said = str(letter["Subject"]) + "".join(
            part.get_content() if part.get_content_type() == "text/plain"
            else part.get_payload(decode=True).decode()
            for part in letter.walk() if not part.is_multipart()
        )  # fmt: skip
        assert not re.findall("かなりあ|もものき|インフル|FLU|influenza", said, re.IGNORECASE)


# what is no longer true


def test_a_confirmation_of_a_cancelled_booking_is_dropped(town, sakura, office):
    booking = sakura.books()
    sakura.cancels(booking)
    assert deliver() == 2
    assert office.subjects() == ["【しーず】11月24日(火)の予約をキャンセルしました"]
    assert ("confirmed", "dropped", "booking is cancelled") in rows(
        Outbox.kind, Outbox.status, Outbox.error
    )


def test_an_offer_that_is_over_is_dropped_even_before_any_sweep(make_town, office, clock):
    town, _, hana, _ = offered(make_town)
    clock.forward(minutes=30)
    assert deliver() == 2
    assert rows(Outbox.status, Outbox.error, kind="offer") == [("dropped", "too late")]


def test_an_older_offer_is_dropped_when_another_is_out(make_town, office, clock):
    town, _, hana, entry = offered(make_town)
    with write() as db:
        db.execute(
            update(Outbox)
            .where(Outbox.kind == "offer")
            .values(useful_until=Outbox.useful_until, due_at=application_clock.now())
        )
        row = db.execute(select(Outbox.__table__).where(Outbox.kind == "offer")).one()
        older = {**row._mapping, "id": new_id(), "dedupe": "older",
                 "useful_until": row.useful_until + timedelta(minutes=5)}  # fmt: skip
        db.execute(insert(Outbox), [older])
    deliver()
    assert sorted(rows(Outbox.status, Outbox.error, kind="offer")) == [
        ("dropped", "another offer is out"), ("sent", None),
    ]  # fmt: skip


def test_an_answered_offer_is_dropped(make_town, office):
    town, _, hana, entry = offered(make_town)
    hana.says_no(entry)
    deliver()
    assert rows(Outbox.status, Outbox.error, kind="offer")[0] == ("dropped", "booking is waiting")


def test_who_has_left_gets_nothing(town, sakura, office):
    at = application_clock.now()
    with write() as db:
        outbox.put(db, Note("joined", "joined:1", at), sakura.mail, at, guardian_id=new_id())
    assert deliver() == 1
    assert rows(Outbox.status, Outbox.error) == [("dropped", "reader has left")]


def test_an_hour_without_scheduler_sends_nothing_false(make_town, office, clock):
    """At 18:00 an offer, a confirmation, a code; the scheduler comes back at 19:00."""
    town, sakura, hana, entry = offered(make_town)
    rabbit = sakura.books(at="rabbit")
    send_code("new@example.org")
    office.letters.clear(), office.readers.clear()
    clock.forward(hours=1)
    assert deliver() == 4
    assert dict(rows(status="dropped")) == {"code": "dropped", "offer": "dropped"}
    assert sorted(office.subjects()) == [
        "【しーず】11月24日(火)の予約をキャンセルしました",
        "【ラビット】11月24日(火)の予約が確定しました",
    ]
    assert town.state(rabbit) == "confirmed"
    offers.sweep(application_clock.now)
    deliver()
    assert rows(status="queued") == rows(status="sending") == []
    assert town.state(entry) == "waiting"


def test_nothing_is_sent_of_a_day_that_is_past(town, sakura, office, clock):
    sakura.books()
    clock.set("2026-11-25 00:00")
    assert deliver() == 1
    assert rows(Outbox.status, Outbox.error) == [("dropped", "day is over")]
    assert office.letters == []


# when the server fails


@pytest.mark.parametrize("what", ["greylisted", "full", "busy", "hang", "drop", "spam"])
def test_it_is_tried_again_with_the_same_id(town, sakura, office, clock, what):
    sakura.books()
    office.does(what)
    assert deliver() == 0
    ((status, attempts, due),) = rows(Outbox.status, Outbox.attempts, Outbox.due_at)
    assert (status, attempts) == ("queued", 1)
    assert due == clock.now() + timedelta(seconds=30)
    clock.forward(seconds=29)
    assert deliver() == 0
    clock.forward(seconds=1)
    assert deliver() == 1
    assert len(set(office.ids())) == 1
    assert len(office.letters) == (2 if what == "drop" else 1)
    assert failed(sakura) is None
    assert tasks() == []


def test_after_less_than_four_hours_it_is_given_to_the_telephone(town, sakura, office, clock):
    sakura.books()
    office.always("greylisted")
    begun = clock.now()
    waits = []
    while rows(status="queued"):
        ((due,),) = rows(Outbox.due_at)
        clock.forward(seconds=max(0, (due - clock.now()).total_seconds()))
        waits.append((clock.now() - begun).total_seconds())
        deliver()
    assert waits == [0, 30, 150, 750, 2550, 6150, 9750, 13350]
    assert clock.now() - begun < timedelta(hours=4)
    assert rows(Outbox.status, Outbox.error) == [("dead", "recipient 451 4.7.1")]
    assert tasks() == [("undelivered", "confirmed", None)]
    assert failed(sakura) is None


def test_an_offer_is_tried_until_its_end_and_not_longer(make_town, office, clock):
    town, _, hana, _ = offered(make_town)
    office.always("greylisted")
    tries = []
    for _ in range(61):
        deliver()
        ((attempts,),) = rows(Outbox.attempts, kind="offer")
        tries.append(attempts)
        clock.forward(seconds=30)
    assert rows(Outbox.status, Outbox.error, kind="offer") == [("dropped", "too late")]
    assert tries[:6] == [1, 2, 2, 2, 2, 3]
    assert tries[-2:] == [16, 17]
    assert tasks() == []


def test_when_the_server_is_away_the_round_ends_and_the_rest_keeps_its_tries(
    town, sakura, hana, office
):
    sakura.books()
    hana.books()
    office.always("busy")
    deliver()
    assert sorted(rows(Outbox.attempts)) == [(0,), (1,)]
    office.always("ok")
    assert deliver() == 1
    assert len(office.letters) == 1


def test_a_text_that_cannot_be_written_stops_nobody(town, sakura, hana, office):
    at = application_clock.now()
    with write() as db:
        outbox.put(db, Note("code", "code:broken", at), "broken@example.org", at)
    sakura.books()
    assert deliver() == 1
    assert office.readers == [sakura.mail]
    ((status, error),) = rows(Outbox.status, Outbox.error, kind="code")
    assert (status, error) == ("queued", "UndefinedError")


# an address that does not work


def test_a_dead_address_is_marked_and_becomes_a_task(town, sakura, office, clock):
    sakura.books()
    office.does("unknown")
    assert deliver() == 1
    assert rows(Outbox.status, Outbox.error) == [("dead", "recipient 550 5.1.1")]
    assert failed(sakura) == clock.now()
    assert tasks() == [("undelivered", "confirmed", None)]
    sakura.cancels(_booking(sakura))
    assert sorted(kind for kind, *_ in tasks()) == ["call_news", "undelivered"]
    assert rows(status="queued") == []


def _booking(household):
    with read() as db:
        return db.scalar(select(Outbox.booking_id).where(Outbox.address == household.mail))


def test_a_dead_address_of_an_offer_is_a_call_with_the_offers_end(make_town, office, clock):
    town, _, hana, _ = offered(make_town)
    office.does("unknown")
    deliver()
    assert tasks() == [("call_offer", "offer", clock.now() + timedelta(minutes=30))]
    assert failed(hana) == clock.now()


def test_where_the_other_guardian_is_reached_nobody_need_call_about_the_offer(
    make_town, office, clock
):
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    second_guardian(hana)
    booking = sakura.books()
    hana.waits()
    deliver()
    sakura.cancels(booking)
    office.does("unknown")
    deliver()
    assert [(kind, about) for kind, about, _ in tasks()] == [("undelivered", "offer")]


def test_both_addresses_dead_is_a_call(make_town, office, clock):
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    second_guardian(hana)
    booking = sakura.books()
    hana.waits()
    deliver()
    sakura.cancels(booking)
    office.does("unknown", "unknown")
    deliver()
    assert sorted(kind for kind, *_ in tasks()) == ["call_offer", "undelivered"]


def test_a_dead_address_without_a_facility_is_nobodys_task(town, office):
    send_code("nobody@example.org")
    office.does("unknown")
    assert deliver() == 1
    assert tasks() == []


def test_an_invitation_that_does_not_arrive_is_no_call(town, office):
    at = application_clock.now()
    given = {"link": "/staff/invite/abc", "until": at.isoformat()}
    with write() as db:
        outbox.put(db, Note("invite", "invite:1", at, None, given), "nurse@example.org", at,
                   facility_id=town.facilities["seeds"])  # fmt: skip
    office.does("unknown")
    assert deliver() == 1
    assert tasks() == []


def test_an_invitation_leads_to_its_page(town, office):
    at = application_clock.now()
    given = {"link": "/staff/invite/abc", "until": at.isoformat()}
    with write() as db:
        outbox.put(db, Note("invite", "invite:1", at, None, given), "nurse@example.org", at,
                   facility_id=town.facilities["seeds"])  # fmt: skip
    assert deliver() == 1
    text = office.letters[0].get_body(("plain",)).get_content()
    assert "https://byoji.example.jp/staff/invite/abc" in text
    assert "しーずの職員として" in text


def test_an_address_that_takes_mail_again_works_again(town, sakura, office):
    with write() as db:
        db.execute(update(Guardian).values(mail_failed_at=application_clock.now()))
    send_code(sakura.mail)
    assert deliver() == 1
    assert failed(sakura) is None


# several processes, and processes that die


def test_two_deliverers_at_once_send_each_letter_once(town, office, context):
    for number in range(12):
        send_code(f"family{number}@example.org")
    begin = threading.Barrier(3)
    counts = []

    def work():
        with context.app_context():
            begin.wait()
            counts.append(deliver())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == 12
    assert len(office.letters) == len(set(office.ids())) == 12
    assert {status for _, status in rows()} == {"sent"}


def test_a_claim_is_respected_and_a_dead_deliverer_loses_it(town, sakura, office, clock):
    sakura.books()
    ((row_id,),) = rows(Outbox.id)
    assert delivery._claim(row_id, application_clock.now) is not None
    assert delivery._claim(row_id, application_clock.now) is None
    assert deliver() == 0
    clock.forward(seconds=179)
    assert deliver() == 0
    clock.forward(seconds=1)
    assert deliver() == 1
    assert rows(Outbox.status, Outbox.attempts) == [("sent", 2)]


def test_killed_between_sending_and_noting_it_is_sent_again_under_the_same_id(
    town, sakura, office, clock
):
    sakura.books()
    deliver()
    with write() as db:
        db.execute(
            update(Outbox).values(status="sending", claimed_until=clock.now(), ended_at=None)
        )
    assert deliver() == 1
    assert len(office.letters) == 2
    assert len(set(office.ids())) == 1


def test_who_comes_back_late_changes_nothing(town, sakura, office, clock):
    sakura.books()
    ((row_id,),) = rows(Outbox.id)
    slow = delivery._claim(row_id, application_clock.now)
    clock.forward(minutes=3)
    assert deliver() == 1
    late = delivery.Rejected("recipient 550 5.1.1")
    assert delivery._record(slow, late, None, application_clock.now) == 0
    assert rows(Outbox.status) == [("sent",)]
    assert failed(sakura) is None


# demo, holding back, pruning


def test_in_the_demo_the_text_is_kept_and_needs_no_server(town, sakura, context, monkeypatch):
    demo = dataclasses.replace(context.extensions["settings"], mode="demo", smtp_host="")
    monkeypatch.setitem(context.extensions, "settings", demo)
    sakura.books()
    assert deliver() == 1
    ((status, shown),) = rows(Outbox.status, Outbox.shown)
    assert status == "sent"
    assert shown.startswith("【しーず】11月24日(火)の予約が確定しました\n\nしーずの予約が")


def test_what_has_ended_is_forgotten_after_thirty_days(town, sakura, office, clock):
    sakura.books()
    deliver()
    send_code("new@example.org")
    clock.forward(days=30)
    assert delivery.prune(application_clock.now) == 0
    clock.forward(seconds=1)
    assert delivery.prune(application_clock.now) == 1
    assert rows() == [("code", "queued")]


def test_what_a_restore_dropped_is_deleted_too(town, office, clock):
    """It has no end of its own and counts from when it was due."""
    send_code("new@example.org")
    with write() as db:
        db.execute(update(Outbox).values(status="dropped", error="restored"))
    clock.forward(days=30, seconds=1)
    assert delivery.prune(application_clock.now) == 1


def test_params_are_gone_with_the_letter(town, office):
    send_code("new@example.org")
    ((params,),) = rows(Outbox.params)
    assert json.loads(params)["code"] == "042137"
    deliver()
    assert rows(Outbox.params) == [(None,)]


# the last message of a list


def waited_in_vain(make_town, **child):
    """はな has waited until the stop time for the one place of seeds; the rest has gone out."""
    town = make_town(capacity=1, rooms=build.rooms(general=1, isolation=1))
    town.family("さくら").books()
    hana = town.family("はな", **child)
    hana.waits()
    deliver()
    return town, hana


def last_text(office):
    return office.letters[-1].get_body(("plain",)).get_content()


def ends(clock):
    clock.set("2026-11-24 07:30")
    offers.sweep(application_clock.now)
    deliver()


def test_the_last_message_names_the_rooms_that_still_take_the_child(make_town, office, clock):
    waited_in_vain(make_town)
    ends(clock)
    text = last_text(office)
    assert "空きが出ませんでした" in text
    assert "7:30 の時点で、この日にお子さまをお預かりできる病児保育室：" in text
    assert "・ラビット 03-0000-0002" in text


def test_a_room_that_cannot_take_this_child_is_not_named(make_town, office, clock):
    town, _hana = waited_in_vain(make_town, months=8)
    town.rules(rule_book("rabbit", ages={"youngest_months": 12}))
    ends(clock)
    text = last_text(office)
    assert "ラビット" not in text
    assert "お預かりできる病児保育室は、ほかにありません" in text
    assert "杉並区(03-0000-0000)にご相談ください" in text


def test_a_full_room_is_not_named(make_town, office, clock):
    town, _hana = waited_in_vain(make_town)
    for n in range(4):
        town.family(f"子{n}").books(at="rabbit")
    ends(clock)
    assert "ラビット" not in last_text(office)


def test_a_room_without_rules_for_the_day_is_not_named(make_town, office):
    town, hana = waited_in_vain(make_town)
    with read() as db:
        row = db.execute(
            select(BookingRow.__table__).where(BookingRow.family_id == hana.family_id)
        ).one()
        earlier = SimpleNamespace(**{**row._mapping, "care_day": date(2020, 1, 6)})
        assert elsewhere.still_take(db, earlier, application_clock.now()) == []
