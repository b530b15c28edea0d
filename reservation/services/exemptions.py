"""Staff or officers have seen a family's proof for a lower fee."""

from __future__ import annotations

from sqlalchemy import insert, select

from reservation.clock import Now
from reservation.domain import dates
from reservation.domain.exemptions import Proof
from reservation.domain.rulebook.money import FeeClass
from reservation.services import audit, keys, shown
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.services.shown import Shown
from reservation.store import fee_classes
from reservation.store.db import write
from reservation.store.tables.people import Exemption, Family
from reservation.store.types import new_id


def enter(at_desk: Shown, seen: Proof, by: By, key: Key | None, now: Now) -> Outcome:
    """Keep a proof of the family that shows it: 'kept'.

    It counts at every facility of the municipality whose tariff knows the class, from its first
    care day on, in place of what was seen before; nothing that was kept is changed. Raises
    NotFound for what is another place's, ValueError for a class that no tariff of the
    place knows and an end before the beginning.
    """

    def act() -> Outcome:
        with write() as db:
            ref = shown.whose(db, at_desk)
            db.execute(select(Family.id).where(Family.id == ref.family_id).with_for_update())
            if (past := keys.find(db, key)) is not None:
                return past
            at = now()
            known = fee_classes.of(db, ref.municipality_id, dates.local(at).date())
            _must_be_possible(seen, known)
            identity = new_id()
            row = {
                "id": identity,
                "family_id": ref.family_id,
                "municipality_id": ref.municipality_id,
                "fee_class": seen.fee_class,
                "valid_from": seen.valid_from,
                "valid_to": seen.valid_to,
                "seen_at": at,
                "seen_by": by.id,
            }
            db.execute(insert(Exemption), [row])
            # Which class it is stands nowhere but in the sealed column.
            audit.record(
                db, by, at, "see_proof", "exemption", identity,
                facility_id=at_desk.place.facility_id, on_behalf_of=ref.family_id,
            )  # fmt: skip
            return keys.keep(db, key, Outcome("kept"), at)

    return keys.once(act)


def _must_be_possible(seen: Proof, known: dict[str, FeeClass]) -> None:
    backwards = seen.valid_to is not None and seen.valid_to < seen.valid_from
    if backwards or (seen.fee_class and seen.fee_class not in known):
        raise ValueError("no proof: its class or its days")
