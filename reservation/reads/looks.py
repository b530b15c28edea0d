"""The board's bytes as a request gets them: from memory, the database asked now and then.

A look asks which municipality an address means and what its days are now. It counts for ``every``
seconds; then one request looks again while the others go on with the last one, at most as long
again. So what is handed out was so at most twice ``every`` ago, however many ask; where the clock
alone has made it old nobody gets it, and all wait for the one that looks.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from reservation import clock
from reservation.clock import Now
from reservation.reads import vacancy_bytes
from reservation.reads.municipalities import House
from reservation.reads.vacancy_bytes import State
from reservation.store.db import Unavailable

KEPT = 2_000
"""How many addresses of municipalities a process remembers."""
NEVER = float("-inf")


@dataclass(slots=True, eq=False)
class Look:
    """What one look has found; the same object for as long as later looks find the same."""

    house: House
    state: State
    tag: str
    """Changes with the bytes and with what is said of the municipality."""
    asked: float
    """When the database was last asked, by the monotonic clock; a commit before it is in here."""
    seen: datetime
    """The same by the application's clock."""

    def holds(self, seconds: float, now: datetime) -> bool:
        """Whether it was so less than ``seconds`` ago and the clock has not changed it since."""
        return clock.monotonic() - self.asked < seconds and now < self.state.fresh_until


@dataclass(slots=True, eq=False)
class _Spot:
    """One address: its last look, and who may look."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    look: Look | None = None
    failed: float = NEVER
    """When a look last failed, by the monotonic clock."""


class Looks:
    """The last looks of a process, by address (host name or code)."""

    def __init__(self, every: float) -> None:
        self.every = every
        """Seconds for which a look counts; 0: each request looks."""
        self._spots: dict[str, _Spot] = {}

    def get(self, address: str, ask: Callable[[], House | None], now: Now) -> Look | None:
        """The look that counts now; None where ``ask`` finds no municipality.

        Raises Unavailable when the database is away; whoever waited for that look does not try
        again by itself.
        """
        begun = clock.monotonic()
        spot = self._spot(address)
        last = spot.look
        if last is not None and last.holds(self.every, now()):
            return last
        is_usable = last is not None and last.holds(2 * self.every, now())
        if not spot.turn.acquire(blocking=not is_usable):
            return last
        try:
            return self._next(spot, begun, ask, now)
        finally:
            spot.turn.release()
            if spot.look is None:
                self._spots.pop(address, None)

    def _spot(self, address: str) -> _Spot:
        if len(self._spots) > KEPT:
            self._spots.clear()
        return self._spots.setdefault(address, _Spot())

    def _next(
        self, spot: _Spot, begun: float, ask: Callable[[], House | None], now: Now
    ) -> Look | None:
        last = spot.look
        if last is not None and last.holds(self.every, now()):
            return last
        if spot.failed > begun:
            raise Unavailable("the look that was waited for has failed")
        try:
            spot.look = _look(last, ask, now)
        except Exception:
            spot.failed = clock.monotonic()
            raise
        return spot.look


def _look(last: Look | None, ask: Callable[[], House | None], now: Now) -> Look | None:
    asked, seen = clock.monotonic(), now()
    house = ask()
    if house is None:
        return None
    state = vacancy_bytes.state(house, seen)
    if last is not None and last.state is state and last.house == house:
        last.asked, last.seen = asked, seen
        return last
    tag = hashlib.sha256(f"{house!r} {state.tag}".encode()).hexdigest()[:16]
    return Look(house, state, tag, asked, seen)
