"""Who took figures out of the system, and which."""

from __future__ import annotations

from reservation.clock import Now
from reservation.services import audit
from reservation.services.audit import By
from reservation.store.db import write


def note(municipality_id: str, what: str, period: str, by: By, now: Now) -> None:
    """Write down that figures left as a file: by whom, which, and of which period."""
    with write() as db:
        audit.record(
            db, by, now(), "export", "municipality", municipality_id,
            detail={"what": what, "period": period},
        )  # fmt: skip
