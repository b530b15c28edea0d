"""Two guardians of one family read the same offer: the first answer wins, the other sees whose."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.records import Outbox
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
    late.says("行きます(さくらの母)")
    his.opens(f"/my/offers/{waiting}").says("予約が確定しました", "行きます(さくらの母)")


def test_a_no_of_the_other_is_seen_on_the_stale_page(
    waiting: str, town: Town, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    father = town.second_guardian(sakura)
    his, hers = sign_in(father), sign_in(sakura)
    cancel_one(town)
    stale = hers.opens(f"/my/offers/{waiting}")
    his.opens(f"/my/offers/{waiting}").submit("今回は見送る").says("順番", "1番目")
    stale.submit("行きます").says("順番は 1番目のまま")
    hers.opens(f"/my/bookings/{waiting}").says("今回は見送る(さくらの父)")
    assert town.state(waiting) == "waiting"
