"""The photo of the doctor's form at the desk: who sees it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation import settings
from reservation.domain.photos import Photo
from reservation.services import photos
from reservation.services.outcomes import NotFound
from reservation.store.db import read
from reservation.store.photos import Gone
from reservation.store.tables.papers import DoctorFormPhoto
from reservation.store.tables.records import Audit, Outbox
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain.pictures import jpeg
from tests.pages import Reader
from tests.staff.test_desk import open_tasks, row_of
from tests.town import Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
AtDesk = Callable[[Worker], Reader]
FORM = {"needed": "always", "due": "7:30", "by_photo": True}
SENT = "用紙の写真が届きました。確かめてください"


@pytest.fixture
def town(make_town: Callable[..., Town]) -> Town:
    """A town where the form may be sent as a photo."""
    return make_town(doctor_form=FORM)


@pytest.fixture
def sakura(town: Town) -> Household:
    """A family that has booked."""
    return town.family("さくら")


@pytest.fixture
def booking(sakura: Household) -> str:
    """Its booking, with a photo."""
    booking = sakura.books()
    sends(sakura, booking)
    return booking


def sends(sakura: Household, booking_id: str, content: bytes = b"") -> str:
    """The family sends a photo; what came of it."""
    return photos.send(booking_id, content or jpeg(), sakura.by, None, now).code


def photo_of(booking_id: str) -> str:
    """The id of the only photo."""
    with read() as db:
        found = select(DoctorFormPhoto.id).where(DoctorFormPhoto.booking_id == booking_id)
        return db.scalars(found).one()


def looks() -> list[tuple[str | None, str]]:
    """Who has looked at which screen."""
    with read() as db:
        rows = db.scalars(select(Audit).where(Audit.action == "look").order_by(Audit.seq))
        return [(row.actor_id, row.detail["screen"]) for row in rows]


def test_the_desk_opens_it_and_the_look_is_kept(town: Town, booking: str, at_desk: AtDesk) -> None:
    nurse = town.worker("staff", "seeds")
    desk = at_desk(nurse)
    desk.opens("/staff/seeds/").says(SENT)
    card = desk.opens(f"/staff/seeds/bookings/{booking}").says("用紙の写真を送った(家族)")
    photo = desk.opens(card.link("別の画面で開く"))
    assert photo.response.data == jpeg()
    sent = photo.response.headers
    assert (sent["Content-Type"], sent["Cache-Control"]) == ("image/jpeg", "no-store")
    assert sent["Content-Disposition"] == 'inline; filename="form.jpeg"'
    assert sent["Content-Security-Policy"].startswith("default-src 'none';")
    assert sent["Content-Security-Policy"].endswith("; sandbox")
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert looks()[-1] == (nurse.account_id, "photo")


def test_a_pdf_is_handed_out_as_a_file(town: Town, sakura: Household, at_desk: AtDesk) -> None:
    booking = sakura.books()
    sends(sakura, booking, b"%PDF-1.7\n%%EOF\n")
    desk = at_desk(town.worker("staff", "seeds"))
    card = desk.opens(f"/staff/seeds/bookings/{booking}")
    sent = desk.opens(card.link("別の画面で開く")).response.headers
    assert sent["Content-Disposition"] == 'attachment; filename="form.pdf"'


def test_nobody_elses_staff_sees_it(
    town: Town, booking: str, sakura: Household, at_desk: AtDesk
) -> None:
    photo, rabbit = photo_of(booking), town.worker("staff", "rabbit")
    desk = at_desk(rabbit)
    desk.opens(f"/staff/seeds/bookings/{booking}/photos/{photo}", 404)
    desk.opens(f"/staff/rabbit/bookings/{booking}/photos/{photo}", 404)
    with pytest.raises(NotFound):
        photos.opened(booking, photo, rabbit.by)
    mine = sakura.town.family("はな").books(at="rabbit")
    desk.opens(f"/staff/rabbit/bookings/{mine}/photos/{photo}", 404)
    with pytest.raises(NotFound):
        photos.opened(mine, photo, rabbit.by)


def test_entering_the_form_settles_everything(
    town: Town, booking: str, sakura: Household, at_desk: AtDesk, phone_of: Callable[..., Reader]
) -> None:
    desk = at_desk(town.worker("staff", "seeds"))
    assert open_tasks() == ["photo"]
    card = desk.opens(f"/staff/seeds/bookings/{booking}").says("読めたら、下に内容を")
    card.submit("用紙を記録する").says_not(SENT)
    assert open_tasks() == []
    assert row_of(booking).conditions[0]["closed_at"]
    page = phone_of(sakura).opens(f"/my/bookings/{booking}")
    page.says("に送った写真：確認済み").says_not("写真を取り消す", "写真を送る")
    assert photos.take_away(booking, photo_of(booking), sakura.by, None, now).is_refused
    assert sends(sakura, booking) == "refused"


def test_what_cannot_be_read_is_asked_for_again(
    town: Town, booking: str, sakura: Household, at_desk: AtDesk, clock: Clock,
    phone_of: Callable[..., Reader],
) -> None:  # fmt: skip
    desk = at_desk(town.worker("staff", "seeds"))
    card = desk.opens(f"/staff/seeds/bookings/{booking}")
    done = card.submit("もう一度送ってもらう")
    done.says("ご家族に、写真をもう一度お願いしました。").says_not(SENT)
    with read() as db:
        assert (
            db.scalars(select(Outbox.kind).where(Outbox.booking_id == booking))
            .all()
            .count("photo_again")
        )
    page = phone_of(sakura).opens(f"/my/bookings/{booking}")
    page.says("読めませんでした。もう一度送ってください", "写真を送る")
    again = desk.opens(f"/staff/seeds/bookings/{booking}").says("写真をもう一度お願いした(")
    again.says_not("読めたら、下に内容を")
    clock.forward(minutes=1)
    assert sends(sakura, booking) == "sent"
    assert open_tasks() == ["photo"]


def test_there_is_nothing_to_ask_again_without_a_photo(town: Town, sakura: Household) -> None:
    booking, nurse = sakura.books(), town.worker("staff", "seeds")
    assert photos.unreadable(booking, nurse.by, None, now).is_refused


def test_taken_back_or_cancelled_nobody_needs_to_look(
    town: Town, booking: str, sakura: Household, at_desk: AtDesk, clock: Clock
) -> None:
    photos.take_away(booking, photo_of(booking), sakura.by, None, now)
    assert open_tasks() == []
    with pytest.raises(NotFound):
        photos.take_away(booking, "0" * 32, sakura.by, None, now)
    sends(sakura, booking)
    sakura.cancels(booking)
    desk = at_desk(town.worker("staff", "seeds"))
    desk.opens("/staff/seeds/").says_not(SENT)
    assert photos.take_away(booking, photo_of(booking), sakura.by, None, now).code == "taken_away"
    clock.set("2027-01-15 06:58")
    photos.forget(now)
    assert open_tasks() == []


def test_a_file_that_is_gone_or_changed_is_said_to_be_gone(
    town: Town, booking: str, at_desk: AtDesk
) -> None:
    nurse, photo = town.worker("staff", "seeds"), photo_of(booking)
    assert photos.opened(booking, photo, nurse.by) == Photo("jpeg", jpeg())
    file = settings.current().photos / photo
    sealed = file.read_bytes()
    file.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(Gone):
        photos.opened(booking, photo, nurse.by)
    file.unlink()
    at_desk(nurse).opens(f"/staff/seeds/bookings/{booking}/photos/{photo}", 410)
