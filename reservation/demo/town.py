"""The demo municipality: its office, its rooms with their rule books, and who works there."""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.demo.accounts import ACCOUNTS, PASSWORD, TOTP_SECRET
from reservation.demo.need import Room
from reservation.demo.people import Place
from reservation.domain.rulebook import defaults, documents
from reservation.domain.rulebook.municipality import Municipality as Document
from reservation.services import audit, facilities, passwords
from reservation.store import rulebooks
from reservation.store.db import read, write
from reservation.store.tables.access import Account, Role
from reservation.store.tables.places import Facility, Municipality
from reservation.store.types import new_id

CODE = "131156"
OPERATOR = audit.account(None)


def load(now: Now) -> None:
    """Load Suginami from its files, and make the staff accounts. Rooms follow the town in what
    their files leave out."""
    folder = files("reservation.demo") / "suginami"
    town = documents.read_as(Document, (folder / "municipality.yaml").read_text("utf-8"))
    facilities.put_municipality(town.stored(), OPERATOR, now)
    for code in town.facilities:
        room = defaults.read_room((folder / f"{code}.yaml").read_text("utf-8"), ())
        facilities.put_rule_book(town.code, room.book, OPERATOR, now, room.follows)
    with write() as db:
        _accounts(db, now)


def _accounts(db: Session, now: Now) -> None:
    """A step: the printed accounts, and a nurse for each room that has none among them."""
    at, hashed = now(), passwords.hashed(PASSWORD)
    town = db.execute(select(Municipality.id).where(Municipality.code == CODE)).scalar_one()
    places = {row.code: row.id for row in db.execute(select(Facility.id, Facility.code))}
    known = [one for one in ACCOUNTS if one.kind == "staff"]
    nurses = {one.facility for one in known if one.role == "staff"}
    people = [(one.label, one.mail, one.role, one.facility) for one in known]
    people += [
        ("看護師", f"{code}@example.org", "staff", code) for code in places if code not in nurses
    ]
    for name, mail, role, facility in people:
        account = new_id()
        row = {"id": account, "mail": mail, "name": name, "password_hash": hashed,
               "totp_secret": TOTP_SECRET, "created_at": at}  # fmt: skip
        db.execute(insert(Account), [row])
        post = {"facility_id": places[facility]} if facility else {"municipality_id": town}
        db.execute(insert(Role), [{"id": new_id(), "account_id": account, "role": role, **post}])


def rooms() -> dict[str, Room]:
    """The rooms by code, in the municipality's order, with somebody of their staff."""
    with read() as db:
        rows = db.execute(
            select(Facility.id, Facility.code, Role.account_id)
            .join(Role, Role.facility_id == Facility.id)
            .join(Municipality, Municipality.id == Facility.municipality_id)
            .where(Municipality.code == CODE, Role.role == "staff")
            .order_by(Facility.position)
        ).all()
        return {
            row.code: Room(row.code, row.id, rulebooks.shelf(db, row.id).books[0], row.account_id)
            for row in rows
        }


def place(rooms: dict[str, Room]) -> Place:
    """The municipality, as families are drawn for it."""
    with read() as db:
        town = db.execute(
            select(Municipality.id, Municipality.consent_version).where(Municipality.code == CODE)
        ).one()
    sizes = {code: room.rules.places.official_capacity for code, room in rooms.items()}
    return Place(town.id, CODE, town.consent_version, sizes)


def is_loaded() -> bool:
    """Whether the municipality is there already."""
    with read() as db:
        return db.scalar(select(Municipality.id).where(Municipality.code == CODE)) is not None
