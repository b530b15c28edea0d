"""A family sends the doctor's form as a photo, from the booking's page and without script."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from reservation import clock as application_clock
from reservation import settings
from reservation.reads import my_export
from reservation.services import leaving, photos
from reservation.store.db import read
from reservation.store.tables.papers import DoctorFormPhoto
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain.pictures import SECRET, exif, jpeg
from tests.pages import Page, Reader
from tests.town import Household, Town

pytestmark = both_databases
now = application_clock.now
KIND = "multipart/form-data; boundary=x"
FORM = {"needed": "always", "due": "7:30", "by_photo": True}


@pytest.fixture
def town(make_town: Callable[..., Town]) -> Town:
    """A town where the form may be sent as a photo."""
    return make_town(doctor_form=FORM)


@pytest.fixture
def sakura(town: Town) -> Household:
    """A family of that town."""
    return town.family("さくら")


@pytest.fixture
def phone(sakura: Household, sign_in: Callable[..., Reader]) -> Reader:
    """Their telephone."""
    return sign_in(sakura)


def folder() -> Path:
    """Where the photos lie."""
    return settings.current().photos


@pytest.fixture(autouse=True)
def nothing_yet(context: Flask) -> None:
    """No files of tests before."""
    for file in folder().glob("*"):
        file.unlink()


def kept() -> list[DoctorFormPhoto]:
    """The photos there are, the oldest first."""
    with read() as db:
        return list(db.scalars(select(DoctorFormPhoto).order_by(DoctorFormPhoto.sent_at)))


def sends(page: Page, content: bytes, status: int = 200) -> Page:
    """Choose this file and press the button."""
    form = page.form("写真を送る")
    token = form.fields["csrf_token"][0]
    return posts(page.reader, form.action, token, content, status, key=form.fields["key"][0])


def posts(
    reader: Reader, path: str, token: str, content: bytes, status: int = 200, **more: str
) -> Page:
    """What a browser sends when a file was chosen."""
    line = "--x\r\nContent-Disposition: form-data; name="
    texts = [f'{line}"{name}"\r\n\r\n{text}\r\n' for name, text in more.items()]
    texts += [f'{line}"csrf_token"\r\n\r\n{token}\r\n', f'{line}"photo"; filename="a.jpg"\r\n\r\n']
    body = "".join(texts).encode() + content + b"\r\n--x--\r\n"
    return reader.posts(path, body, status, kind=KIND)


def opened(reader: Reader, booking_id: str) -> Page:
    """The booking's page."""
    return reader.opens(f"/my/bookings/{booking_id}")


def test_what_is_sent_is_clean_sealed_and_listed(sakura: Household, phone: Reader) -> None:
    page = opened(phone, sakura.books())
    page.says("写真は、予約のページから送れます。", "この施設の職員だけが見ます。")
    after = sends(page, jpeg(exif(6)))
    after.says("写真を送りました。施設の職員が確かめます。", "に送った写真：施設が確かめます")
    (row,) = kept()
    sealed = (folder() / row.id).read_bytes()
    assert SECRET not in sealed
    assert b"pixels" not in sealed
    assert (folder() / row.id).stat().st_mode & 0o777 == 0o600
    with read() as db:
        assert str(db.scalar(text("select key from doctor_form_photo"))).startswith("v1.")


def test_a_large_photo_lies_nowhere_in_clear(
    sakura: Household, phone: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_file(*_args: object, **_more: object) -> None:
        raise AssertionError("a photo was written to the disk in clear")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", no_file)
    large = jpeg().replace(b"more", b"more" * 1_000_000)
    sends(opened(phone, sakura.books()), large).says("写真を送りました。")
    assert kept()[0].size == len(large)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "写真をえらんでから、送ってください。"),
        (b"\0\0\0\x18ftypheic", "この写真の形式(HEIC)は、受け取れません。"),
        (jpeg()[:-2], "写真がこわれていて、読めませんでした。"),
        (b"<script>", "写真(JPEG・PNG)かPDFを送ってください。"),
        (jpeg() + bytes(8 * 1024 * 1024), "1枚8MBまでです。"),
    ],
    ids=["empty", "heic", "broken", "html", "large"],
)
def test_what_is_no_photo_is_refused_in_words(
    sakura: Household, phone: Reader, content: bytes, why: str
) -> None:
    page = sends(opened(phone, sakura.books()), content)
    page.says(why)
    beside = [one for one in page.tree.iter("p") if one.get("id") == "photo-e"]
    assert len(beside) == 1
    assert page.words.count("".join(beside[0].itertext()).strip()) == 1
    assert kept() == []


def test_far_too_large_is_a_page_that_says_what_to_do(sakura: Household, phone: Reader) -> None:
    path = opened(phone, sakura.books()).form("写真を送る").action
    too_long = bytes(9 * 1024 * 1024 + 1)
    answer = phone.client.post(path, data=too_long, content_type=KIND)
    assert answer.status_code == 413
    assert "送ったものが大きすぎます。" in answer.text
    assert "スクリーンショット" in answer.text


def test_an_expired_form_with_a_photo_is_not_said_to_be_still_there(
    sakura: Household, phone: Reader
) -> None:
    path = opened(phone, sakura.books()).form("写真を送る").action
    answer = posts(phone, path, "expired", jpeg(), 400)
    answer.says("前のページに戻り、もう一度お試しください。").says_not("そのまま残っています")
    assert kept() == []


def test_the_same_form_sent_twice_keeps_one_photo(sakura: Household, phone: Reader) -> None:
    page = opened(phone, sakura.books())
    sends(page, jpeg())
    sends(page, jpeg())
    assert len(kept()) == 1


def test_three_photos_and_then_one_must_go(sakura: Household, phone: Reader, clock: Clock) -> None:
    booking = sakura.books()
    for _ in range(3):
        sends(opened(phone, booking), jpeg())
        clock.forward(minutes=1)
    sends(opened(phone, booking), jpeg()).says("写真は3枚までです。")
    assert len(kept()) == 3
    opened(phone, booking).submit("写真を取り消す").says("写真を取り消しました。")
    sends(opened(phone, booking), jpeg()).says("写真を送りました。")
    assert len(kept()) == 3


def test_more_than_twenty_in_an_hour_are_too_many(
    sakura: Household, phone: Reader, clock: Clock
) -> None:
    booking = sakura.books()
    for _ in range(19):
        sends(opened(phone, booking), b"no photo")
    sends(opened(phone, booking), jpeg())
    opened(phone, booking).submit("写真を取り消す")
    sends(opened(phone, booking), jpeg()).says("短い時間に何度も送ったため、")
    assert kept() == []
    clock.forward(minutes=61)
    sends(opened(phone, booking), jpeg()).says("写真を送りました。")


def test_nothing_is_taken_where_no_photo_is_wanted(
    make_town: Callable[..., Town], sign_in: Callable[..., Reader]
) -> None:
    sakura = make_town(doctor_form=FORM | {"by_photo": False}).family("さくら")
    booking = sakura.books()
    page = opened(sign_in(sakura), booking)
    page.says_not("写真")
    token = page.reader.opens("/my/mail").form().fields["csrf_token"][0]
    answer = posts(page.reader, f"/my/bookings/{booking}/photos", token, jpeg())
    answer.says_not("写真を送りました")
    assert kept() == []


def test_only_the_bookings_family_may_send_and_take_back(
    sakura: Household, phone: Reader, sign_in: Callable[..., Reader]
) -> None:
    booking = sakura.books()
    page = sends(opened(phone, booking), jpeg())
    other = sign_in(sakura.town.family("はな"))
    token = other.opens("/my/mail").form().fields["csrf_token"][0]
    posts(other, f"/my/bookings/{booking}/photos", token, jpeg(), 404)
    away = page.form("写真を取り消す").action
    other.posts(away, {"csrf_token": token}, 404)
    assert len(kept()) == 1


def test_photos_go_after_thirty_days_and_strays_after_an_hour(
    sakura: Household, phone: Reader, clock: Clock
) -> None:
    sends(opened(phone, sakura.books()), jpeg())
    (row,) = kept()
    (folder() / "notes.txt").write_text("somebody else's")
    clock.set("2026-12-24 23:50")
    assert photos.forget(now) == 0
    clock.set("2026-12-25 00:50")
    assert photos.forget(now) == 2  # the row, and the file that nobody can open any more
    assert kept() == []
    assert not (folder() / row.id).exists()
    assert (folder() / "notes.txt").exists()


def test_a_file_whose_row_never_came_waits_an_hour(context: Flask, clock: Clock) -> None:
    name = "0" * 32
    photos.files.put(folder(), name, b"x", now())
    clock.forward(minutes=59)
    photos.forget(now)
    assert (folder() / name).exists()
    clock.forward(minutes=2)
    assert photos.forget(now) >= 1
    assert not (folder() / name).exists()


def test_the_export_lists_them_and_the_child_takes_them_along(
    sakura: Household, phone: Reader
) -> None:
    booking = sakura.books()
    sends(opened(phone, booking), jpeg())
    listed = json.loads(json.dumps(my_export.everything(sakura.family_id, now())))
    (one,) = listed["doctor_form_photos"]
    assert (one["kind"], one["booking_id"]) == ("jpeg", booking)
    assert "key" not in one
    sakura.cancels(booking)
    assert leaving.remove_child(sakura.child_id, sakura.by, now).code == "removed"
    with read() as db:
        assert db.scalar(select(func.count()).select_from(DoctorFormPhoto)) == 0


def test_a_folder_that_cannot_be_written_says_so_and_keeps_nothing(
    sakura: Household, phone: Reader
) -> None:
    booking = sakura.books()
    page = opened(phone, booking)
    here = folder()
    if here.exists():
        here.rmdir()
    here.write_text("no folder")
    try:
        answer = sends(page, jpeg(), status=503)
    finally:
        here.unlink()
    answer.says("ただいま混み合っています")
    assert kept() == []
