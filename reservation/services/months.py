"""Past months are counted once and kept for the figures."""

from __future__ import annotations

from reservation.clock import Now
from reservation.figures import rollup
from reservation.store.db import read, write


def keep(now: Now) -> int:
    """A job: count what past months lack or have changed since. Returns how many months.

    Figures are right without it: a month that is not kept, or has changed, is counted by whoever
    asks. A year of a municipality is one transaction, so that nobody's booking waits for long.
    """
    with read() as db:
        runs = rollup.due(db, now())
    done = 0
    for run in runs:
        with write() as db:
            done += rollup.keep(db, run, now())
    return done
