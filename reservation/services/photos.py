"""A photo of the doctor's form: sent by the booking's family, opened by that facility's staff.

The file is on the disk before the row that has its key; a row that never came leaves a file that
nobody can open, and `forget` takes it away (store/photos.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from reservation import settings
from reservation.clock import Now
from reservation.domain import dates, doctor_form, photos, states
from reservation.domain.photos import Photo
from reservation.domain.values import Booking
from reservation.services import acts, audit, outbox, throttle, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome
from reservation.services.work import Work
from reservation.store import photos as files
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.papers import DoctorFormPhoto
from reservation.store.tables.records import Task
from reservation.store.types import new_id

TASK = "photo"
PER, MOST = timedelta(hours=1), 20
"""How many files a family may send, those that are no photos too."""
STRAY = timedelta(hours=1)
"""After which a file without a row is nobody's any more."""
_Row = DoctorFormPhoto


def send(booking_id: str, content: bytes, by: By, key: Key | None, now: Now) -> Outcome:
    """Keep a photo of the form and let staff know: 'sent'.

    'too_many' where three are there, 'too_often' after twenty in an hour; refused with
    NOT_POSSIBLE where no form is to come, or none by photo. Raises photos.Unusable for what is no
    photo, Unavailable for a folder that takes none, NotFound for what is not one's own.
    """
    if not _let_in(booking_id, by, now):
        return Outcome("too_often", booking_id)
    photo = photos.cleaned(content)
    name = new_id()
    secret = files.put(settings.current().photos, name, photo.content, now())

    def step(task: Work, booking: Booking) -> Outcome:
        if not doctor_form.takes_photos(task.day(booking).rules, booking):
            raise states.NotPossible("send_photo", booking.state)
        if len(_readable(task.db, booking_id)) >= doctor_form.PHOTOS:
            return Outcome("too_many", booking_id)
        _keep(task, booking, photo, name, secret)
        return Outcome("sent", booking_id)

    return acts.on_one(booking_id, by, key, now, step)


def take_away(booking_id: str, photo_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """The family takes a photo back: 'taken_away'. NOT_POSSIBLE once staff have what they need."""

    def step(task: Work, booking: Booking) -> Outcome:
        if not doctor_form.gives_back(booking):
            raise states.NotPossible("take_photo_away", booking.state)
        gone = task.db.execute(
            delete(_Row)
            .where(_Row.id == photo_id, _Row.booking_id == booking_id)
            .returning(_Row.id)
        ).all()
        if not gone:
            raise NotFound(photo_id)
        if not _readable(task.db, booking_id):
            seen(task.db, booking_id, by, task.at)
        _note(task, booking, "take_photo_away")
        return Outcome("taken_away", booking_id)

    return acts.on_one(booking_id, by, key, now, step, ended=True)


def unreadable(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Staff cannot read what was sent; the family is asked to send it again: 'asked_again'."""

    def step(task: Work, booking: Booking) -> Outcome:
        found = _readable(task.db, booking_id)
        if not found or not doctor_form.takes_photos(task.day(booking).rules, booking):
            raise states.NotPossible("ask_photo_again", booking.state)
        task.db.execute(
            update(_Row)
            .where(_Row.id.in_(found))
            .values(unreadable_at=task.at)
            .execution_options(synchronize_session=False)
        )
        seen(task.db, booking_id, by, task.at)
        _note(task, booking, "ask_photo_again")
        work.announce(task, booking, "photo_again", work.owner(task, booking_id))
        return Outcome("asked_again", booking_id)

    return acts.on_one(booking_id, by, key, now, step)


def opened(booking_id: str, photo_id: str, by: By) -> Photo:
    """What a family has sent, for the staff of the booking's facility. Raises NotFound for what is
    not theirs, files.Gone for a file that is not there any more."""
    with read() as db:
        work.reference(db, booking_id, by)
        row = db.execute(
            select(_Row.kind, _Row.key).where(_Row.id == photo_id, _Row.booking_id == booking_id)
        ).one_or_none()
    if row is None:
        raise NotFound(photo_id)
    return Photo(row.kind, files.get(settings.current().photos, photo_id, row.key))


def seen(db: Session, booking_id: str, by: By, at: datetime) -> None:
    """A step: nobody needs to look at this booking's photos any more."""
    db.execute(
        update(Task)
        .where(Task.booking_id == booking_id, Task.kind == TASK, Task.done_at.is_(None))
        .values(done_at=at, done_by=by.id, result="done")
        .execution_options(synchronize_session=False)
    )


def forget(now: Now) -> int:
    """A job: photos of care days long past go, and files that belong to no row. Returns how many
    photos went."""
    here, at = settings.current(), now()
    before = dates.local(at).date() - timedelta(days=here.photo_days)
    past = select(BookingRow.id).where(BookingRow.care_day < before).scalar_subquery()
    with write() as db:
        gone = db.execute(delete(_Row).where(_Row.booking_id.in_(past)).returning(_Row.booking_id))
        ended = {row.booking_id for row in gone.all()}
        for booking_id in ended:
            seen(db, booking_id, audit.CLOCK, at)
    return len(ended) + _drop_strays(at)


def _drop_strays(at: datetime) -> int:
    """Files first, then rows: whoever sends one meanwhile has written a file that is too new."""
    folder = settings.current().photos
    old = set(files.names(folder, at - STRAY))
    if not old:
        return 0
    with read() as db:
        known = set(db.scalars(select(_Row.id)))
    return files.drop(folder, old - known)


def _let_in(booking_id: str, by: By, now: Now) -> bool:
    """Before the file is looked at or written: is it their booking, and not the hundredth file?"""
    with write() as db:
        family_id = work.reference(db, booking_id, by).family_id
        return throttle.allowed(db, TASK, family_id, now(), per=PER, most=MOST)


def _readable(db: Session, booking_id: str) -> list[str]:
    found = select(_Row.id).where(_Row.booking_id == booking_id, _Row.unreadable_at.is_(None))
    return list(db.scalars(found))


def _keep(task: Work, booking: Booking, photo: Photo, name: str, secret: str) -> None:
    row = {
        "id": name, "booking_id": booking.id, "kind": photo.kind, "size": len(photo.content),
        "key": secret, "sent_at": task.at,
    }  # fmt: skip
    task.db.execute(insert(_Row), [row])
    seen(task.db, booking.id, task.by, task.at)
    due = next((c.due_at for c in booking.conditions if c.code == doctor_form.CODE), None)
    outbox.add_task(
        task.db, TASK, booking.facility_id, task.at, booking_id=booking.id,
        family_id=work.owner(task, booking.id), care_day=booking.care_day, due_at=due,
    )  # fmt: skip
    _note(task, booking, "send_photo")


def _note(task: Work, booking: Booking, action: str) -> None:
    """The audit's row, and the day's boards show it."""
    audit.record(
        task.db, task.by, task.at, action, "booking", booking.id,
        facility_id=booking.facility_id, care_day=booking.care_day, frm=booking.state,
        to=booking.state, on_behalf_of=work.owner(task, booking.id),
    )  # fmt: skip
    task.mark((booking.facility_id, booking.care_day))
