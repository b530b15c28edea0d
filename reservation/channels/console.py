"""Where no mail server is set: the message stays here and only its kind is logged.

Outside production. In the demo the text itself is read at /dev/messages.
"""

from __future__ import annotations

from reservation import logs
from reservation.channels.letter import Letter, Result, Sent
from reservation.settings import Settings


class Console:
    """Counts every letter as sent."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, letter: Letter) -> Result:
        """Log the kind, never the text: a log keeps no codes and no addresses."""
        logs.get().info("message", channel="console", kind=letter.kind, state="kept here")
        return Sent()

    def close(self) -> None:
        """Nothing to let go of."""
