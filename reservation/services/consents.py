"""Who agreed to which version of the text, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from reservation.services import audit
from reservation.services.audit import By
from reservation.store.tables.people import Consent
from reservation.store.types import new_id


def agree(db: Session, version: str, by: By, at: datetime) -> None:
    """A step: the family agrees to this version of the text; once is enough."""
    known = db.scalar(
        select(Consent.id).where(Consent.family_id == by.family_id, Consent.version == version)
    )
    if known is not None:
        return
    identity = new_id()
    row = {"family_id": by.family_id, "guardian_id": by.id, "version": version, "at": at}
    db.execute(insert(Consent), [{"id": identity, **row}])
    audit.record(
        db, by, at, "agree", "consent", identity, on_behalf_of=by.family_id,
        detail={"version": version},
    )  # fmt: skip
