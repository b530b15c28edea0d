"""Groups of streams that end together, since nginx cannot end one after a time of its own.

Every minute a few new slots are opened and whoever comes is put into one of them at random; a slot
ends at a random moment so that each of its streams has lasted between five and ten minutes.
"""

from __future__ import annotations

import random

AT_ONCE = 4
"""Slots that are open together: a crowd that came at one moment leaves in so many parts."""
OPEN = 60.0
"""Seconds during which a slot takes streams in."""
ENDS = (375.0, 585.0)
"""Seconds from a slot's opening to its end, at random. With a look every eight seconds a stream
lasts at least 300 and at most 600."""
NAMES = tuple(f"slot/{n}" for n in range(10 * AT_ONCE))
"""Every channel there ever is, so that a new process can end what its predecessor left."""


class Slots:
    """Which slots exist now. Instants are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self._open: list[str] = []
        self._opened = float("-inf")
        self._next = 0

    def turn(self, now: float) -> list[str]:
        """Open new slots when it is time. The slots that are over; they are forgotten."""
        if now - self._opened >= OPEN:
            self._opened = now
            self._open = [NAMES[(self._next + n) % len(NAMES)] for n in range(AT_ONCE)]
            self._next += AT_ONCE
            for name in self._open:
                self.ends[name] = now + random.uniform(*ENDS)
        over = [name for name, end in self.ends.items() if end <= now]
        for name in over:
            del self.ends[name]
        return over

    def pick(self) -> str:
        """The slot of a new stream."""
        return random.choice(self._open)
