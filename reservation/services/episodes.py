"""Which illness a day belongs to: the episode goes on, learns its name, or a new one begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reservation.domain import chain, illnesses
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Booking, Complaint, Wish
from reservation.services import children
from reservation.services.facts import Facts
from reservation.store.tables.bookings import BookingRow, Episode


def with_episode(
    wish: Wish, rules: RuleBook, found: Facts, onset: date | None
) -> tuple[Wish, str | None]:
    """The wish with the days of the episode that it goes on with (chain.goes_on), and that
    episode; None for a new one. The onset is that which is said now, else the episode's."""
    named = wish.complaint is Complaint.DIAGNOSED
    under = chain.goes_on(
        rules, found.days, found.unnamed, wish.illness, wish.care_day, named=named
    )
    child = replace(wish.child, days=chain.renamed(found.days, under, wish.illness))
    return replace(wish, child=child, onset=onset or found.onsets.get(under)), found.episodes.get(
        under
    )


def tell_episode(
    db: Session, found: Facts, episode: str | None, booking: Booking, onset: date | None
) -> None:
    """A step: a running episode, to which this new booking belongs, learns the onset that is said
    now and the name that a doctor has given; a new one knows both."""
    if episode is None:
        return
    if onset is not None:
        children.keep_onset(db, booking.id, onset)
    has_its_name = found.episodes.get(booking.illness) == episode
    if booking.complaint is Complaint.DIAGNOSED and not has_its_name:
        name(db, booking.id, booking.illness)


def name(db: Session, booking_id: str, illness: str) -> None:
    """A step: the episode of a booking carries the illness on, so that the next day begins with
    it; what began with a complaint is named once a doctor has."""
    episode = select(BookingRow.episode_id).where(BookingRow.id == booking_id).scalar_subquery()
    told = {} if illnesses.undiagnosed(illness) else {"complaint": Complaint.DIAGNOSED.value}
    db.execute(
        update(Episode)
        .where(Episode.id == episode)
        .values(illness=illness, **told)
        .execution_options(synchronize_session=False)
    )
