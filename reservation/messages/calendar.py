"""A booking as a calendar file (RFC 5545): the time and the facility, never why."""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar, Event

FILE_NAME = "予約.ics"


def booking_file(
    *,
    uid: str,
    title: str,
    starts: datetime,
    ends: datetime,
    written: datetime,
    link: str = "",
    language: str = "ja",
) -> bytes:
    """The bytes of 予約.ics. ``uid`` is the booking's id, so that a second file changes the first
    entry; instants are aware, ``written`` is when the file is made."""
    event = Event()
    event.add("uid", f"{uid}@reservation")
    event.add("dtstamp", written.astimezone(UTC))
    event.add("dtstart", starts.astimezone(UTC))
    event.add("dtend", ends.astimezone(UTC))
    event.add("summary", title, parameters={"LANGUAGE": language})
    event.add("class", "PRIVATE")
    if link:
        event.add("url", link)
    calendar = Calendar()
    calendar.add("prodid", "-//reservation//booking//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
