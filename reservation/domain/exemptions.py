"""The class of fees a family has shown proof for, by care day, and when a proof has run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from reservation.domain.rulebook.money import FeeClass, Fees


@dataclass(frozen=True, slots=True)
class Proof:
    """What staff have seen: a class of the tariff, from which care day, and until which (None:
    no end on the paper). ``fee_class`` '' says that from then on the family has none."""

    fee_class: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts on a care day. ``expired`` is the class whose proof has run out, or '';
    ``last`` the last care day of the proof, None where it has no end."""

    fee_class: str = ""
    expired: str = ""
    last: date | None = None


NONE = Standing()


def on_day(fees: Fees, proof: Proof | None, day: date) -> Standing:
    """The family's class on a care day, from the last proof that begins on it or before.

    A class that this facility's tariff does not know counts for nothing. A proof that has run out
    gives the ordinary fee: nobody pays less because nobody asked.
    """
    known = fees.class_of(proof.fee_class) if proof else None
    if proof is None or known is None or proof.valid_from > day:
        return NONE
    last = last_day(known, proof)
    if last is not None and last < day:
        return Standing(expired=proof.fee_class, last=last)
    return Standing(proof.fee_class, last=last)


def last_day(known: FeeClass | None, proof: Proof) -> date | None:
    """The last care day a proof counts for: its own end, or the day before the month in which the
    class asks for the new year's proof, whichever is earlier.

    A proof from 1 September is the new year's already and counts until 31 August; one from
    20 August is the old year's (domain.md §10, line 24).
    """
    month = known.proof_month if known else None
    ends = [] if proof.valid_to is None else [proof.valid_to]
    if month is not None:
        ends.append(_next_first(month, proof.valid_from) - timedelta(days=1))
    return min(ends, default=None)


def _next_first(month: int, day: date) -> date:
    """The first of that month after the day; never the day itself."""
    first = date(day.year, month, 1)
    return first if first > day else date(day.year + 1, month, 1)
