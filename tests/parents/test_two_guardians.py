"""Two guardians of one family read the same offer: the first answer wins, the other sees whose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from sqlalchemy import delete, select

from reservation import clock as application_clock
from reservation import messages
from reservation.services import letters, reconfirming
from reservation.services.letters import Envelope
from reservation.store.db import read, write
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Outbox
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.steps import cancel_one
from tests.town import Household, Town

pytestmark = both_databases


def told(who: Household) -> list[str]:
    """The kinds of message to one guardian's own address."""
    with read() as db:
        rows = select(Outbox.kind).where(Outbox.address == who.mail, Outbox.booking_id.is_not(None))
        return sorted(db.scalars(rows))


def test_both_are_asked_and_both_are_told_whose_yes_it_was(
    waiting: str, town: Town, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    father = town.second_guardian(sakura)
    his, hers = sign_in(father), sign_in(sakura)
    cancel_one(town)
    assert told(father) == ["offer"]
    assert "offer" in told(sakura)
    stale = his.opens(f"/my/offers/{waiting}")
    hers.opens(f"/my/offers/{waiting}").submit("行きます").says("行きます(あなた)")
    assert told(father) == ["confirmed", "offer"]
    late = stale.submit("行きます")
    assert late.heading == "予約が確定しました"
    late.says("行きます(さくらの母)", "さくらの母さんが手続きしました")
    his.opens(f"/my/offers/{waiting}").says("予約が確定しました", "行きます(さくらの母)")


def test_a_no_of_the_other_is_seen_on_the_stale_page(
    waiting: str, town: Town, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    father = town.second_guardian(sakura)
    his, hers = sign_in(father), sign_in(sakura)
    cancel_one(town)
    stale = hers.opens(f"/my/offers/{waiting}")
    his.opens(f"/my/offers/{waiting}").submit("今回は見送る").says("順番", "1番目")
    assert "passed" not in told(father)
    assert "passed" in told(sakura)
    late = stale.submit("行きます")
    assert late.heading == "この空きは見送りました"
    late.says("さくらの父さんが手続きしました", "順番は 1番目のまま")
    his.opens(f"/my/offers/{waiting}").says("この空きは見送りました").says_not("手続きしました")
    hers.opens(f"/my/bookings/{waiting}").says("今回は見送る(さくらの父)")
    assert town.state(waiting) == "waiting"


def texts(who: Household, kind: str) -> list[str]:
    """What messages of a kind say to one guardian, written as delivery writes them."""
    with read() as db:
        rows = db.execute(
            select(Outbox.__table__).where(Outbox.address == who.mail, Outbox.kind == kind)
        ).mappings()
        envelopes = [Envelope(**{f.name: row[f.name] for f in fields(Envelope)}) for row in rows]
        known = [
            letters.facts(db, one, application_clock.now(), "https://example.org")
            for one in envelopes
        ]
    return [messages.render(kind, "ja", one).text for one in known]


def test_a_letter_says_which_guardian_did_it_to_the_other_alone(
    town: Town, sakura: Household
) -> None:
    father = town.second_guardian(sakura)
    place = sakura.books()
    assert ["お手続きした方：さくらの母さん" in one for one in texts(father, "confirmed")] == [True]
    assert ["お手続きした方" in one for one in texts(sakura, "confirmed")] == [False]
    father.cancels(place)
    assert ["お手続きした方：さくらの父さん" in one for one in texts(sakura, "cancelled")] == [True]
    assert ["お手続きした方" in one for one in texts(father, "cancelled")] == [False]


def test_who_has_left_the_family_is_one_of_it_without_a_name(town: Town, sakura: Household) -> None:
    father = town.second_guardian(sakura)
    place = sakura.books()
    father.cancels(place)
    with write() as db:
        db.execute(delete(Guardian).where(Guardian.id == father.guardian_id))
    assert ["お手続きした方：ご家族の方" in one for one in texts(sakura, "cancelled")] == [True]


def test_another_familys_letters_know_nothing_of_who_acted(
    waiting: str, town: Town, sakura: Household
) -> None:
    cancel_one(town)
    with read() as db:
        said = db.execute(
            select(Outbox.kind, Outbox.params).where(Outbox.booking_id == waiting)
        ).all()
    assert {kind: "guardian" in (params or "") for kind, params in said} == {
        "offer": False,
        "waiting": True,
    }


def test_the_other_is_told_that_the_child_comes(
    make_town: Callable[..., Town], clock: Clock, sign_in: Callable[..., Reader]
) -> None:
    there = make_town(capacity=1, reminders={"reconfirm": "release"})
    sakura = there.family("さくら")
    father = there.second_guardian(sakura)
    place = sakura.books()
    clock.set("2026-11-24 06:00")
    reconfirming.due(clock.now)
    sign_in(sakura).opens(f"/my/coming/{place}").submit("行きます")
    assert "coming" in told(father)
    assert "coming" not in told(sakura)
    assert ["お手続きした方：さくらの母さん" in one for one in texts(father, "coming")] == [True]
