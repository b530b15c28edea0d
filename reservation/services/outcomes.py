"""What an act answers: a code, the booking, and every reason when it is a no.

Outcomes are stored with the idempotency key and replayed, so they are plain and small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from reservation.domain.refusals import Code, Refusal


class NotFound(LookupError):
    """There is no such thing, or it belongs to somebody else: pages answer both with 404."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to an act. ``code`` is what became of it: 'held', 'confirmed', 'requested',
    'waiting', 'cancelled', 'refused' … ``values`` are plain facts such as the rank."""

    code: str
    booking_id: str | None = None
    refusals: tuple[Refusal, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    reused: bool = False
    """The key came back with other content: this is the first outcome (answers.md §6)."""

    @property
    def is_refused(self) -> bool:
        """Whether nothing was done, for the reasons in ``refusals``."""
        return self.code == "refused"

    def has(self, code: Code) -> bool:
        """Whether this reason is among the refusals."""
        return any(refusal.code is code for refusal in self.refusals)


def refused(*refusals: Refusal, booking_id: str | None = None) -> Outcome:
    """An outcome that did nothing."""
    return Outcome("refused", booking_id, tuple(refusals))


def to_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as it is stored with its key."""
    return {
        "code": outcome.code,
        "booking_id": outcome.booking_id,
        "refusals": [
            {"code": r.code.value, "values": {k: _plain(v) for k, v in r.values.items()}}
            for r in outcome.refusals
        ],
        "values": {k: _plain(v) for k, v in outcome.values.items()},
    }


def from_json(stored: Mapping[str, Any], *, reused: bool = False) -> Outcome:
    """A stored outcome, as the first asker got it."""
    return Outcome(
        stored["code"],
        stored["booking_id"],
        tuple(
            Refusal(Code(r["code"]), {k: _rich(v) for k, v in r["values"].items()})
            for r in stored["refusals"]
        ),
        {k: _rich(v) for k, v in stored["values"].items()},
        reused,
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def _rich(value: Any) -> Any:
    if isinstance(value, dict) and "instant" in value:
        return datetime.fromisoformat(value["instant"])
    if isinstance(value, dict) and "date" in value:
        return date.fromisoformat(value["date"])
    return value
