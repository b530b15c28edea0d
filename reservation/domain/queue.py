"""The waiting list of a day: its order, who may be asked, and whether it comes before the board."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reservation.domain import chain, clocks
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import ON_THE_LIST, OPEN, UNDECIDED, State
from reservation.domain.values import Booking, Child, Complaint, Day, Place

Standing = tuple[bool, bool, datetime, str]
"""What orders the list: not returning, not examined, asked at, id; the smallest stands first."""


def queue(day: Day) -> tuple[Booking, ...]:
    """All entries of the list: children that return first, then those seen at the clinic, where
    the facility gives them the priority; then first who asked first; who is being asked keeps the
    rank."""
    entries = (b for b in day.bookings if b.state in ON_THE_LIST)
    return tuple(sorted(entries, key=lambda entry: standing(day, entry)))


def has_priorities(rules: RuleBook) -> bool:
    """Whether anything beside the instant of asking orders the lists of this facility."""
    return bool(rules.chain.returning_days) or rules.waiting.examined_first


def standing(day: Day, entry: Booking) -> Standing:
    """Where an entry stands: the rank is what it is now, and may change with the day before."""
    examined = day.rules.waiting.examined_first and entry.terms.examined
    return not returns(day, entry), not examined, entry.asked_at, entry.id


def returns(day: Day, entry: Booking) -> bool:
    """Whether the child comes back from the open day before (chain.returns). A hold there is no
    place yet."""
    if not day.rules.chain.returning_days:
        return False
    promised = [p for p in day.beside.get(entry.id, ()) if p.state is not State.HELD]
    return chain.returns(day.rules, child_of(day, entry, promised), entry.illness, day.date)


def child_of(day: Day, entry: Booking, places: Iterable[Place]) -> Child:
    """The child of an entry with those of its family's places that are its own, the days of the
    illness it waits with under the name it has by now (chain.goes_on)."""
    mine = [place for place in places if place.child_id == entry.child_id]
    days = tuple((place.illness, place.day) for place in mine)
    unnamed = {place.illness for place in mine if not place.named}
    named = entry.complaint is Complaint.DIAGNOSED
    under = chain.goes_on(day.rules, days, unnamed, entry.illness, day.date, named=named)
    days = chain.renamed(days, under, entry.illness)
    return Child(id=entry.child_id, birthday=entry.birthday, days=days)


def party(day: Day, booking: Booking) -> tuple[Booking, ...]:
    """This booking and those of its brothers and sisters that share its mark and its state, in the
    order of the list; alone for a child that asked by itself."""
    if booking.together is None:
        return (booking,)
    alike = (b for b in day.bookings if (b.together, b.state) == (booking.together, booking.state))
    return tuple(sorted(alike, key=lambda b: standing(day, b)))


def parties(day: Day) -> tuple[tuple[Booking, ...], ...]:
    """The list as it is called up: who wants both places or none stands where the last of them
    stands, so that nobody is passed by for a brother's sake."""
    found: dict[str, tuple[Booking, ...]] = {}
    for entry in queue(day):
        mark = entry.together or entry.id
        found[mark] = (*found.pop(mark, ()), entry)
    return tuple(found.values())


def split(day: Day) -> tuple[Booking, ...]:
    """Linked bookings that are no pair any more, since one of them has ended or gone another way;
    places that are confirmed are nobody's to undo and stay as they are."""
    marks: dict[str, list[Booking]] = {}
    for booking in day.bookings:
        if booking.together is not None and booking.state in OPEN:
            marks.setdefault(booking.together, []).append(booking)
    broken = (m for m in marks.values() if len(m) < 2 or len({b.state for b in m}) > 1)
    return tuple(b for members in broken for b in members if b.state in UNDECIDED)


def rank(day: Day, booking_id: str) -> int:
    """The place in the list, from 1. Raises ValueError for a booking that is not on it."""
    return [b.id for b in queue(day)].index(booking_id) + 1


def may_be_asked(day: Day, entry: Booking) -> bool:
    """Whether an offer may go to this entry now.

    Who let an offer go by keeps the rank, and is asked again only when something new has been
    freed since (answers.md §1.7).
    """
    if entry.state is not State.WAITING:
        return False
    if entry.passed_at is None:
        return True
    return day.freed_at is not None and day.freed_at > entry.passed_at


def list_rules(day: Day, now: datetime) -> bool:
    """Whether a newcomer stands behind the list: until the stop time (answers.md §1.3).

    At the stop time itself the list reserves nothing more; a facility without a list never does.
    """
    if day.rules.waiting.mode == "none":
        return False
    return now < clocks.stop_at(day.rules, day.date)
