"""What families do in these tests, in one line each."""

from __future__ import annotations

from sqlalchemy import func, select

from reservation.domain.states import Actor
from reservation.services import bookings
from reservation.services.audit import By
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Registration
from reservation.store.types import new_id
from tests.conftest import Clock
from tests.domain import build
from tests.pages import Page, Reader
from tests.town import Household, Town

SAID = {"brings": "father", "arrives_at": "8:30", "temperature": "３８．２℃", "since": "evening"}
HOLD, CONFIRM = "この席をおさえる", "予約を確定する"
BOARD = "/my/book?complaint=fever&day=2026-11-24"


def held(reader: Reader, room: str = "しーず") -> Page:
    """The check page after one tap on the board."""
    return reader.opens(BOARD).submit(f"{HOLD}({room})")


def booked(reader: Reader) -> Page:
    """The answer page after three taps."""
    return held(reader).submit(CONFIRM, **SAID)


def id_of(page: Page) -> str:
    """The booking's id from the address of its page."""
    return page.path.split("?")[0].split("/")[3]


def row(booking_id: str) -> BookingRow:
    """The booking as stored."""
    with read() as db:
        return db.get_one(BookingRow, booking_id)


def only_booking() -> BookingRow:
    """The only booking there is."""
    with read() as db:
        return db.scalars(select(BookingRow)).one()


def count(table: type) -> int:
    """How many rows there are."""
    with read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def add_sibling(sakura: Household, clock: Clock) -> str:
    """そら, ten months old."""
    child_id = new_id()
    with write() as db:
        db.add(ChildRow(id=child_id, family_id=sakura.family_id, name="そら", kana="ソラ",
            birthday=build.aged(10), created_at=clock.now()))  # fmt: skip
        db.add(Registration(child_id=child_id, municipality_id=sakura.town.municipality_id,
            status="approved", valid_from=build.aged(10), asked_at=clock.now()))  # fmt: skip
    return child_id


def fills(town: Town, room: str = "seeds", keep: int = 0) -> list[Household]:
    """Other families take every place of a room but some."""
    families = [town.family(f"こ{n}") for n in range(4 - keep)]
    for family in families:
        family.books("URI", at=room)
    return families


def joins(first: Reader, second: Reader) -> None:
    """The second guardian joins the first one's family."""
    page = first.opens("/my/family").submit("もう1人の保護者の番号を作る")
    code = next(one.text for one in page.tree.iter("b") if one.get("class") == "clock")
    second.opens("/my/join").submit("家族に加わる", code=code)


def cancel_one(town: Town, room: str = "seeds") -> None:
    """One of those who have a place in this room gives it back."""
    with read() as db:
        one = db.scalars(
            select(BookingRow)
            .where(
                BookingRow.state == "confirmed",
                BookingRow.facility_id == town.facilities[room],
            )
            .limit(1)
        ).one()
    family = By(Actor.FAMILY, "somebody", family_id=one.family_id)
    bookings.cancel(one.id, family, None, lambda: one.created_at)
