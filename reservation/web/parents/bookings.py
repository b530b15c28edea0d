"""A booking's answer page, its calendar file, and cancelling in two taps."""

from secrets import token_urlsafe

from flask import (
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock, i18n
from reservation.domain import check_page, dates, doctor_form, states
from reservation.domain.states import ON_THE_LIST, Actor, State
from reservation.messages import calendar as calendars
from reservation.reads import my_bookings, my_family, photos
from reservation.reads.board import RoomCard
from reservation.reads.my_bookings import Booked
from reservation.services import bookings
from reservation.web import rest, terms
from reservation.web.parents import asking as wishes
from reservation.web.parents import bp, words
from reservation.web.parents.acts import act_key, say_fell
from reservation.web.parents.hold import own, own_page, say_no
from reservation.web.parents.session import me
from reservation.web.refusals import explain

CALENDAR = frozenset({State.CONFIRMED, State.REQUESTED, State.CHECKED_IN})


@bp.get("/my/bookings/<booking_id>")
def booking(booking_id: str) -> ResponseReturnValue:
    """The answer, what happens next with clock times, and the buttons."""
    page = own_page(booking_id)
    booked = page.booked
    if booked.state is State.HELD:
        return redirect(url_for("parents.check", booking_id=booking_id), 303)
    if booked.state is State.OFFERED:
        return redirect(url_for("parents.offer", booking_id=booking_id), 303)
    found = wishes.of_booking(booked.booking) if booked.state in ON_THE_LIST else None
    return render_template(
        "parents/booking.html",
        page=page,
        booked=booked,
        band=words.band(booked),
        rows=words.timeline(booked, _told()) if booked.state in states.OPEN else [],
        actions={step.action for step in states.possible(booked.state, Actor.FAMILY)},
        has_file=booked.state in CALENDAR,
        asking=found,
        barred=explain(page.barred) if page.barred else (),
        may_add=booked.state is State.WAITING
        and found is not None
        and len(found.children) > len(page.siblings) + 1,
        offered=terms.offered(booked.rules, booked.day, booked.booking.terms) if found else None,
        elsewhere=_elsewhere(found, booked) if found else [],
        photos=photos.sent(booking_id) if booked.rules.doctor_form.by_photo else (),
        takes_photos=doctor_form.takes_photos(booked.rules, booked.booking),
        gives_photos_back=doctor_form.gives_back(booked.booking),
        token=token_urlsafe(),
    )


@bp.get("/my/bookings/<booking_id>/cancel")
def cancelling(booking_id: str) -> ResponseReturnValue:
    """What cancelling means now: the first of two taps."""
    page = own_page(booking_id)
    booked = page.booked
    actions = {step.action for step in states.possible(booked.state, Actor.FAMILY)}
    if not actions & {"cancel", "leave"}:
        return redirect(url_for("parents.booking", booking_id=booking_id), 303)
    until = booked.booking.cancel_until
    late = until is not None and clock.now() >= until
    return render_template(
        "parents/cancel.html",
        booked=booked,
        siblings=page.siblings,
        waits="leave" in actions,
        late=late,
        by_telephone=late and booked.rules.cancelling.afterwards == "telephone",
        later=my_bookings.later_days(booking_id),
        rest_fields=rest.fields,
        token=token_urlsafe(),
    )


@bp.post("/my/bookings/<booking_id>/cancel")
def cancel(booking_id: str) -> ResponseReturnValue:
    """Cancel, or leave the list: the second tap."""
    said = rest.read(request.form)
    outcome = bookings.cancel(booking_id, me().by, act_key("cancel"), clock.now, said)
    say_no(outcome)
    say_fell(outcome)
    if outcome.code == "left":
        flash(_("キャンセル待ちをやめました。"), "yes")
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


@bp.get("/my/bookings/<booking_id>/calendar.ics")
def calendar(booking_id: str) -> ResponseReturnValue:
    """The booking for one's own calendar: the time and the room, never why."""
    booked = own(booking_id)
    if booked.state not in CALENDAR or booked.hours is None:
        abort(404)
    starts = check_page.arrival(booked.arrives_at) or booked.hours.opens
    base = current_app.extensions["settings"].base_url
    made = calendars.booking_file(
        uid=booking_id,
        title=_("予約(%(room)s)", room=words.room_name(booked)),
        starts=dates.at(booked.day, starts),
        ends=dates.at(booked.day, booked.hours.closes),
        written=clock.now(),
        link=f"{base}/my/bookings/{booking_id}",
        language=i18n.language(),
    )
    headers = {"Content-Disposition": 'attachment; filename="booking.ics"'}
    return Response(made, content_type="text/calendar; charset=utf-8", headers=headers)


def _elsewhere(found: wishes.Asking, booked: Booked) -> list[RoomCard]:
    """Rooms that could be had now instead of waiting."""
    board = found.board(booked.day)
    if board is None or board.day != booked.day:
        return []
    here = booked.booking.facility_id
    return [room for room in board.rooms if room.mark.kind != "no" and room.facility_id != here]


def _told() -> int:
    """How many guardians read the family's mail."""
    return my_family.readers(me().family_id)
