"""「写真を送る」: a photo of the doctor's form, sent from the booking's page, taken back there."""

from __future__ import annotations

import hashlib

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock, settings
from reservation.domain import doctor_form
from reservation.domain.photos import Unusable
from reservation.services import photos
from reservation.services.outcomes import Outcome
from reservation.web.parents import bp
from reservation.web.parents.acts import act_key
from reservation.web.parents.hold import own, say_no
from reservation.web.parents.session import me

BESIDE = "photo"
"""The kind of a message that stands beside the field (parents/_photos.html), not on top."""


@bp.post("/my/bookings/<booking_id>/photos")
def send_photo(booking_id: str) -> ResponseReturnValue:
    """Keep what was sent; why not is said on the booking's page."""
    own(booking_id)
    sent = request.files.get("photo")
    content = sent.read() if sent else b""
    most = settings.current().photo_mb
    if len(content) > most * 1024 * 1024:
        flash(too_large(most), BESIDE)
        return _back(booking_id)
    try:
        key = act_key("photo", hashlib.sha256(content).hexdigest())
        outcome = photos.send(booking_id, content, me().by, key, clock.now)
    except Unusable as error:
        flash(_why_not(error.reason), BESIDE)
        return _back(booking_id)
    _say(outcome)
    return _back(booking_id)


@bp.post("/my/bookings/<booking_id>/photos/<photo_id>/away")
def take_photo_away(booking_id: str, photo_id: str) -> ResponseReturnValue:
    """Take one back: sent by mistake, or to be sent again."""
    key = act_key("photo_away")
    outcome = photos.take_away(booking_id, photo_id, me().by, key, clock.now)
    say_no(outcome)
    if outcome.code == "taken_away":
        flash(_("写真を取り消しました。"), "yes")
    return _back(booking_id)


def too_large(most: int) -> str:
    """What to do with a photo that is too large; ``most`` in megabytes."""
    return _(
        "写真が大きすぎて、受け取れませんでした。1枚%(n)sMBまでです。用紙を表示した画面の写真"
        "(スクリーンショット)にすると、小さくなります。お急ぎのときは、お電話ください。",
        n=most,
    )


def _say(outcome: Outcome) -> None:
    say_no(outcome)
    if outcome.code == "sent":
        flash(_("写真を送りました。施設の職員が確かめます。"), "yes")
    elif outcome.code == "too_many":
        flash(
            _(
                "写真は%(n)s枚までです。送りなおすときは、先に1枚を取り消してください。",
                n=doctor_form.PHOTOS,
            ),
            "few",
        )
    elif outcome.code == "too_often":
        flash(_("短い時間に何度も送ったため、いまは送れません。1時間ほど待ってください。"), "few")


def _why_not(reason: str) -> str:
    return {
        "empty": _("写真をえらんでから、送ってください。"),
        "heic": _(
            "この写真の形式(HEIC)は、受け取れません。iPhoneでは「設定」の「カメラ」で「フォーマット」"
            "を「互換性優先」にして撮りなおすか、画面の写真(スクリーンショット)を送ってください。"
        ),
        "broken": _("写真がこわれていて、読めませんでした。もう一度撮って、送ってください。"),
    }.get(reason) or _(
        "写真(JPEG・PNG)かPDFを送ってください。用紙を写真に撮るのが、いちばんかんたんです。"
    )


def _back(booking_id: str) -> ResponseReturnValue:
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)
