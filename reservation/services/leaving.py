"""Leaving: a person's data is erased, and what is counted stays without the person.

With another guardian in the family only the one who leaves goes. With the last one the family
goes: names, dates of birth to the month, health notes, telephone, address and mail are erased, the
bookings stay as day, facility, state and illness code of nobody. A family may also take one child
away and stay. Copies in backups age out with the backups (docs/operations.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, Update, delete, func, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain.certificates import WORK
from reservation.domain.states import OPEN, State
from reservation.services import audit, families
from reservation.services.audit import By
from reservation.services.outcomes import Outcome
from reservation.store.db import write
from reservation.store.tables.access import Device, JoinCode, MailCode
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.money import BillRow
from reservation.store.tables.papers import DoctorFormPhoto, DoctorFormRow
from reservation.store.tables.people import (
    CertificateRow,
    ChildRow,
    Consent,
    Exemption,
    Family,
    Guardian,
    Registration,
)
from reservation.store.tables.records import Audit, Outbox

_NOBODY = {"address": "", "params": None, "shown": None, "dedupe": Outbox.id}
"""A message after its reader has left; its dedupe key may have held the address."""


def leave(by: By, now: Now) -> Outcome:
    """Erase the acting guardian, and the family with the last one.

    'left', or 'has_bookings' while something is open: a place that nobody would give back must
    not be left behind (the page says which, and each is cancelled there).
    """
    with write() as db:
        db.execute(select(Family.id).where(Family.id == by.family_id).with_for_update())
        at = now()
        if _is_last(db, by):
            if _has_open(db, BookingRow.family_id == by.family_id, at):
                return Outcome("has_bookings")
            _erase_family(db, str(by.family_id), at)
        _erase_guardian(db, str(by.id))
        audit.record(db, by, at, "leave", "guardian", str(by.id), on_behalf_of=by.family_id)
        return Outcome("left")


def remove_child(child_id: str, by: By, now: Now) -> Outcome:
    """Erase one child of the acting guardian's family; the family and its other children stay.

    'removed', or 'has_bookings' while something of the child is open. Raises NotFound for another
    family's child, and for one that was removed before.
    """
    with write() as db:
        db.execute(select(Family.id).where(Family.id == by.family_id).with_for_update())
        at = now()
        families.own_child(db, child_id, by)
        if _has_open(db, BookingRow.child_id == child_id, at):
            return Outcome("has_bookings")
        _erase_children(db, [db.get_one(ChildRow, child_id)], at)
        _erase_told(db, child_id)
        audit.record(db, by, at, "remove", "child", child_id, on_behalf_of=by.family_id)
        return Outcome("removed")


def _is_last(db: Session, by: By) -> bool:
    others = db.scalar(
        select(func.count()).where(
            Guardian.family_id == by.family_id, Guardian.id != by.id, Guardian.mail.is_not(None)
        )
    )
    return not others


def _has_open(db: Session, whose: ColumnElement[bool], at: datetime) -> bool:
    # A hold whose time is over is free, whether or not a job has swept it.
    over = (BookingRow.state == State.HELD.value) & (BookingRow.ends_at <= at)
    found = db.scalar(
        select(BookingRow.id)
        .where(whose, BookingRow.state.in_([state.value for state in sorted(OPEN)]), ~over)
        .limit(1)
    )
    return found is not None


def _erase_guardian(db: Session, guardian_id: str) -> None:
    mail = db.scalar(select(Guardian.mail).where(Guardian.id == guardian_id))
    row = {
        "mail": None, "name": "", "kana": "", "relation": "", "telephone": None,
        "telephone_index": None, "telephone_tail_index": None, "mail_failed_at": None,
    }  # fmt: skip
    _run(db, update(Guardian).where(Guardian.id == guardian_id).values(row))
    _run(db, delete(Device).where(Device.guardian_id == guardian_id))
    _run(db, delete(MailCode).where(MailCode.mail == mail))
    mine = (Outbox.guardian_id == guardian_id) | (Outbox.address == mail)
    _run(db, update(Outbox).where(mine, Outbox.status == "queued").values(status="dropped"))
    _run(db, update(Outbox).where(mine).values(_NOBODY))


def _erase_family(db: Session, family_id: str, at: datetime) -> None:
    home = {
        "postcode": None, "address": None, "residence": "", "works_in": "", "on_leave": False,
        "guardians_work": None, "left_at": at,
    }  # fmt: skip
    _run(db, update(Family).where(Family.id == family_id).values(home))
    children = db.scalars(select(ChildRow).where(ChildRow.family_id == family_id)).all()
    _erase_children(db, children, at)
    _run(db, update(Audit).where(Audit.on_behalf_of == family_id).values(note=None))
    _run(db, delete(JoinCode).where(JoinCode.family_id == family_id))
    _run(db, delete(Exemption).where(Exemption.family_id == family_id))
    _run(db, delete(CertificateRow).where(CertificateRow.family_id == family_id))
    _run(db, delete(Consent).where(Consent.family_id == family_id))
    # Guardians without mail were known by telephone only, and go with the family.
    nameless = {"name": "", "kana": "", "telephone": None}
    index = {"telephone_index": None, "telephone_tail_index": None}
    gone = update(Guardian).where(Guardian.family_id == family_id, Guardian.mail.is_(None))
    _run(db, gone.values(nameless | index))


def _erase_children(db: Session, children: Sequence[ChildRow], at: datetime) -> None:
    ids = [child.id for child in children]
    for child in children:
        _erase_child(child, at)
    for row in db.scalars(select(BookingRow).where(BookingRow.child_id.in_(ids))).all():
        row.birthday = row.birthday.replace(day=1)
    db.flush()
    said = {"temperature": None, "since": None, "remark": None, "reason_note": None, "brings": ""}
    _run(db, update(BookingRow).where(BookingRow.child_id.in_(ids)).values(said))
    # What was paid stays as a sum; its lines and reasons may tell of the family.
    mine = select(BookingRow.id).where(BookingRow.child_id.in_(ids))
    unsaid = {"lines": None, "reason": None}
    _run(db, update(BillRow).where(BillRow.booking_id.in_(mine)).values(unsaid))
    _run(db, update(Registration).where(Registration.child_id.in_(ids)).values(answer=None))
    _run(db, delete(DoctorFormRow).where(DoctorFormRow.child_id.in_(ids)))
    # What was shown of the guardians' work is the family's, whichever child it was shown with.
    theirs = CertificateRow.child_id.in_(ids) & (CertificateRow.paper != WORK)
    _run(db, delete(CertificateRow).where(theirs))
    # With the row goes the key: no copy of the file can be opened any more.
    _run(db, delete(DoctorFormPhoto).where(DoctorFormPhoto.booking_id.in_(mine)))


def _erase_told(db: Session, child_id: str) -> None:
    """What was written and sent about one child's bookings; nothing of it is sent any more."""
    mine = select(BookingRow.id).where(BookingRow.child_id == child_id)
    notes = (Audit.entity == "booking") & Audit.entity_id.in_(mine)
    _run(db, update(Audit).where(notes).values(note=None))
    about = Outbox.booking_id.in_(mine)
    _run(db, update(Outbox).where(about, Outbox.status == "queued").values(status="dropped"))
    _run(db, update(Outbox).where(about).values(params=None, shown=None))


def _erase_child(child: ChildRow, at: datetime) -> None:
    child.name = child.kana = child.nursery = child.nursery_in = ""
    # The month is enough for the figures by age.
    child.birthday = child.birthday.replace(day=1)
    child.allergies = child.medical_care = child.family_doctor = child.vaccines = None
    child.left_at = at


def _run(db: Session, statement: Update | Delete) -> Any:
    return db.execute(statement.execution_options(synchronize_session=False))
