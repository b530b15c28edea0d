"""Ways out, one file each. A new one is its file and its line in CHANNELS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reservation.channels.console import Console
from reservation.channels.letter import Channel, Letter, Result
from reservation.channels.mail import Mail
from reservation.settings import Settings

CHANNELS: dict[str, Callable[[Settings], Channel]] = {"mail": Mail, "console": Console}


class Ways:
    """The channels of one round of delivery, opened when first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open: dict[str, Channel] = {}

    def send(self, channel: str, letter: Letter) -> Result:
        """Send by the channel of that name. Mail without a server (never in production, where
        the settings refuse it) stays on the console. Raises KeyError for an unknown name."""
        name = "console" if channel == "mail" and not self.settings.smtp_host else channel
        if name not in self._open:
            self._open[name] = CHANNELS[name](self.settings)
        return self._open[name].send(letter)

    def close(self) -> None:
        """Let go of every connection."""
        for channel in self._open.values():
            channel.close()
        self._open.clear()


@contextmanager
def ways(settings: Settings) -> Iterator[Ways]:
    """All ways out, closed at the end."""
    opened = Ways(settings)
    try:
        yield opened
    finally:
        opened.close()
