"""Who of the staff looked at which child: one audit row per opened page that shows health notes."""

from __future__ import annotations

from datetime import date

from reservation import logs
from reservation.clock import Now
from reservation.services import audit
from reservation.services.audit import By
from reservation.store.db import Unavailable, write


def note(screen: str, by: By, now: Now, *, child_id: str = "", day: date | None = None) -> None:
    """A page was opened: 'card', 'registration' or 'telephone' of a child, or the 'day_sheet' of
    a day, whose children stand in its bookings. Boards that fetch themselves anew are no openings.

    A look that cannot be written down (a full disk) is told in the log and hinders nobody: at 6:58
    the nurse must be able to read.
    """
    entity, entity_id = ("child", child_id) if child_id else ("facility", by.facility_id or "")
    try:
        with write() as db:
            audit.record(
                db, by, now(), "look", entity, entity_id,
                facility_id=by.facility_id, care_day=day, detail={"screen": screen},
            )  # fmt: skip
    except Unavailable as error:
        logs.get().error("look", account=by.id, kind=screen, reason=str(error))
