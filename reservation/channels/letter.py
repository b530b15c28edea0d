"""What goes out by a channel, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reservation.messages import Message


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address. ``id`` is the outbox row's: the same at every attempt."""

    id: str
    kind: str
    address: str
    written: datetime
    message: Message


@dataclass(frozen=True, slots=True)
class Sent:
    """Handed over; from here on it is out of our hands."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. ``away`` says that the server itself did not answer, whatever the message."""

    reason: str
    away: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nobody can be reached at this address."""

    reason: str


Result = Sent | Retry | Rejected


class Channel(Protocol):
    """A way out. Neither method raises for what a server does or fails to do."""

    def send(self, letter: Letter) -> Result:
        """Try once."""

    def close(self) -> None:
        """Let go of any connection."""
