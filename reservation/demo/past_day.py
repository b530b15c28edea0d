"""A past day of one facility, as rows: who came, who cancelled, who found no place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from reservation.demo import mixture
from reservation.demo.people import Kid, Place, identity
from reservation.domain import capacity, clocks, dates, fees, illnesses
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Day
from reservation.services.children import wish_id
from reservation.store.tables.bookings import BookingRow, Episode, RefusalRow, WishRow
from reservation.store.tables.places import SnapshotRow
from reservation.store.tables.records import Audit, Outbox

MINUTE = timedelta(minutes=1)
Add = Callable[[Any, dict[str, Any]], None]


@dataclass(slots=True)
class PastDay:
    """Asked once per child; ``close`` writes the head-count."""

    add: Add
    place: Place
    facility_id: str
    rules: RuleBook
    day: date
    is_recent: bool
    """Messages of the last days are kept, older ones have been pruned."""
    rng: Random
    taken: int = 0
    coming: int = 0
    """Who is booked as the door opens."""
    points: float = 0.0
    inside: dict[str, list[str]] = field(default_factory=dict)
    """Cohorts of the children by room."""

    def ask(self, kid: Kid) -> None:
        """One family asks; the answer and what follows are written at once."""
        rng = self.rng
        before = dates.open_day_before(self.rules, self.day, 1)
        at = max(
            clocks.opens_at(self.rules, self.day),
            dates.at(before, time(8, 45)) + rng.uniform(0, 780) * MINUTE,
        )
        code = mixture.illness(self.day, False, rng)
        complaint, told = mixture.complaint(code, rng)
        illness = illnesses.illness_for(self.rules, complaint, told)
        channel = "telephone" if kid.by_telephone else "web"
        months = dates.age_months(kid.birthday, self.day)
        wish = {
            "id": wish_id(kid.child_id, self.day),
            "municipality_id": self.place.municipality_id,
            "child_id": kid.child_id,
            "care_day": self.day,
            "channel": channel,
            "complaint": complaint.value,
            "illness": illness,
            "age_months": months,
            "opened_at": at,
        }
        refused = self._refusal(kid, illness, months)
        self.add(WishRow, {**wish, "opened_by": "refused" if refused else "hold"})
        if refused is None:
            self._book(kid, wish, at)
            return
        row = {name: wish[name] for name in ("care_day", "illness", "age_months", "channel")}
        self.add(
            RefusalRow,
            {
                **row,
                "id": identity(rng),
                "facility_id": self.facility_id,
                "wish_id": wish["id"],
                "code": refused.value,
                "codes": [refused.value],
                "at": at,
            },
        )

    def close(self) -> None:
        """Freeze the head-count."""
        hours = dates.hours(self.rules, self.day)
        assert hours is not None  # only open days are written
        self.add(
            SnapshotRow,
            {
                "facility_id": self.facility_id,
                "date": self.day,
                "planned": self.coming,
                "waiting": 0,
                "official_capacity": self.rules.places.official_capacity,
                "effective_capacity": self._capacity(),
                "taken_at": dates.at(self.day, hours.opens),
            },
        )

    def _capacity(self) -> int:
        return capacity.capacity(Day(facility_id=self.facility_id, date=self.day, rules=self.rules))

    def _refusal(self, kid: Kid, illness: str, months: int) -> Code | None:
        """The reason against this child, or None after a room was found for it."""
        if illnesses.handling(self.rules, illness) == "never":
            undiagnosed = illnesses.undiagnosed(illness)
            return Code.NOT_UNDIAGNOSED if undiagnosed else Code.NEVER_ILLNESS
        if months < self.rules.ages.youngest_months:
            return Code.TOO_YOUNG
        if dates.school_grade(kid.birthday, self.day) > self.rules.ages.oldest_grade:
            return Code.TOO_OLD
        if self.taken >= self._capacity():
            return Code.CAPACITY
        weight = max([w.points for w in self.rules.places.age_weights
                      if months < w.below_months], default=1.0)  # fmt: skip
        most = self.rules.places.points
        if most is not None and self.points + weight > most:
            return Code.POINTS
        cohort = illnesses.cohort(self.rules, illness, kid.child_id)
        for room in self.rules.places.rooms:
            children = self.inside.setdefault(room.id, [])
            general = cohort == illnesses.GENERAL
            allowed = room.use == "either" or (room.use == "general") == general
            if allowed and len(children) < room.places and set(children) <= {cohort}:
                children.append(cohort)
                self.taken += 1
                self.points += weight
                return None
        return Code.ILLNESS_MIX

    def _book(self, kid: Kid, wish: dict[str, Any], at: datetime) -> None:
        rng, booking_id, episode_id = self.rng, identity(self.rng), identity(self.rng)
        hours = dates.hours(self.rules, self.day)
        assert hours is not None  # only open days are written
        confirmed_at = at + rng.uniform(1, 6) * MINUTE
        self.add(
            Episode,
            {
                "id": episode_id,
                "facility_id": self.facility_id,
                "child_id": kid.child_id,
                "complaint": wish["complaint"],
                "illness": wish["illness"],
                "created_at": at,
            },
        )
        lot = rng.random()
        row = {**self._row(kid, wish, booking_id, episode_id, at), "confirmed_at": confirmed_at}
        steps = [("hold", None, "held", "family", at),
                 ("confirm", "held", "confirmed", "family", confirmed_at)]  # fmt: skip
        if lot < 0.3:
            steps.append(self._cancel(row, confirmed_at))
        elif lot < 0.31:
            ended = dates.at(self.day, hours.opens) + 90 * MINUTE
            row |= {"state": "no_show", "ended_at": ended, "ended_by": "staff"}
            steps.append(("no_show", "confirmed", "no_show", "staff", ended))
        else:
            came = dates.at(self.day, hours.opens) + rng.uniform(0, 70) * MINUTE
            went = dates.at(self.day, hours.closes) - rng.uniform(5, 150) * MINUTE
            row |= {"state": "completed", "checked_in_at": came, "checked_out_at": went,
                    "ended_at": went, "ended_by": "staff"}  # fmt: skip
            steps.append(("check_in", "confirmed", "checked_in", "staff", came))
            steps.append(("check_out", "checked_in", "completed", "staff", went))
        opens = dates.at(self.day, hours.opens)
        self.coming += confirmed_at <= opens and not (lot < 0.3 and row["ended_at"] <= opens)
        self.add(BookingRow, row)
        for action, frm, to, actor, when in steps:
            self._audit(kid, row, action, frm, to, actor, when)

    def _row(
        self, kid: Kid, wish: dict[str, Any], booking_id: str, episode_id: str, at: datetime
    ) -> dict[str, Any]:
        """The columns that every booking has."""
        return {
            "id": booking_id,
            "facility_id": self.facility_id,
            "family_id": kid.family_id,
            "child_id": kid.child_id,
            "episode_id": episode_id,
            "wish_id": wish["id"],
            "care_day": self.day,
            "complaint": wish["complaint"],
            "illness": wish["illness"],
            "birthday": kid.birthday,
            "asked_at": at,
            "cancel_until": clocks.cancel_until(self.rules, self.day),
            "price": fees.price(self.rules, self.place.code, self.place.code),
            "residence": self.place.code,
            "channel": wish["channel"],
            "created_at": at,
            "checked_in_at": None,
            "checked_out_at": None,
            "late": False,
            "same_day": False,
            "lead_hours": None,
        }

    def _cancel(
        self, row: dict[str, Any], confirmed_at: datetime
    ) -> tuple[str, str, str, str, datetime]:
        evening = dates.at(dates.open_day_before(self.rules, self.day, 1), time(18))
        morning = dates.at(self.day, time(5, 30))
        base = morning if self.rng.random() < 0.65 else evening
        when = max(base + self.rng.uniform(0, 140) * MINUTE, confirmed_at + 5 * MINUTE)
        row |= {
            "state": "cancelled",
            "ended_at": when,
            "ended_by": "family",
            "late": when >= row["cancel_until"],
            "same_day": dates.local(when).date() >= self.day,
            "lead_hours": clocks.hours_before_opening(self.rules, self.day, when),
        }
        return ("cancel", "confirmed", "cancelled", "family", when)

    def _audit(
        self,
        kid: Kid,
        row: dict[str, Any],
        action: str,
        frm: str | None,
        to: str,
        actor: str,
        at: datetime,
    ) -> None:
        self.add(
            Audit,
            {
                "entity": "booking",
                "entity_id": row["id"],
                "facility_id": self.facility_id,
                "care_day": self.day,
                "action": action,
                "frm": frm,
                "to": to,
                "actor": actor,
                "actor_id": kid.guardian_id if actor == "family" else None,
                "on_behalf_of": kid.family_id,
                "channel": row["channel"] if actor == "family" else "desk",
                "detail": {},
                "at": at,
            },
        )
        kind = {"confirm": "confirmed", "cancel": "cancelled"}.get(action)
        if kind and self.is_recent:
            event = f"{kind}:{row['id']}"
            self.add(Outbox, {"id": identity(self.rng), "dedupe": event, "kind": kind,
                              "channel": "mail", "facility_id": self.facility_id,
                              "booking_id": row["id"], "guardian_id": kid.guardian_id,
                              "address": "sent@example.org", "created_at": at, "due_at": at,
                              "ended_at": at, "status": "sent", "attempts": 1})  # fmt: skip
