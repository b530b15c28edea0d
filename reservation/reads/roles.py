"""Who a staff account is, and where it may work: asked once per request of the staff screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.tables.access import Account, Role
from reservation.store.tables.places import Facility, Municipality


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a facility or a municipality; ``code`` and ``name`` are that place's."""

    role: str
    code: str
    name: Mapping[str, str]
    facility_id: str | None
    municipality_id: str

    @property
    def is_manager(self) -> bool:
        """Whether accounts and the rule book of the facility are theirs to change."""
        return self.role == "manager"


@dataclass(frozen=True, slots=True)
class Person:
    """A staff account that is not disabled, with all its roles."""

    account_id: str
    mail: str
    name: str
    single_keys: bool
    posts: tuple[Post, ...]

    def at_facility(self, code: str) -> Post | None:
        """The role at the facility with this code: a manager's before a plain one."""
        found = [p for p in self.posts if p.facility_id is not None and p.code == code]
        return min(found, key=lambda post: not post.is_manager, default=None)

    def at_municipality(self, code: str) -> Post | None:
        """The role at the municipality with this code: an officer's before a reviewer's."""
        found = [p for p in self.posts if p.facility_id is None and p.code == code]
        return min(found, key=lambda post: post.role != "officer", default=None)


def person(account_id: str, today: date) -> Person | None:
    """The account with its roles; None for one that is not there or is disabled.

    One statement, apart from rule books not read before (for the facilities' names).
    """
    with read() as db:
        rows = db.execute(
            select(
                Account.id, Account.mail, Account.name, Account.single_keys, Role.role,
                Facility.id.label("facility_id"), Facility.code, Facility.rules_version,
                Municipality.id.label("municipality_id"), Municipality.code.label("town_code"),
                Municipality.name.label("town_name"),
            )
            .outerjoin(Role, Role.account_id == Account.id)
            .outerjoin(Facility, Facility.id == Role.facility_id)
            .outerjoin(
                Municipality,
                (Municipality.id == Role.municipality_id)
                | (Municipality.id == Facility.municipality_id),
            )
            .where(Account.id == account_id, Account.disabled_at.is_(None))
            .order_by(Facility.position, Facility.code, Municipality.code)
        ).all()  # fmt: skip
        if not rows:
            return None
        posts = []
        for row in rows:
            if row.facility_id is not None:
                shelf = rulebooks.of_version(db, row.facility_id, row.rules_version)
                name = _name(shelf, today)
                post = Post(row.role, row.code, name, row.facility_id, row.municipality_id)
                posts.append(post)
            elif row.municipality_id is not None:
                town = row.municipality_id
                posts.append(Post(row.role, row.town_code, row.town_name, None, town))
    first = rows[0]
    return Person(first.id, first.mail, first.name, first.single_keys, tuple(posts))


def _name(shelf: rulebooks.Shelf, today: date) -> Mapping[str, str]:
    try:
        return shelf.on(today).about.short_name
    except rulebooks.NoRuleBook:
        # Its first rule book begins later.
        return shelf.books[-1].about.short_name if shelf.books else {}


def facilities_called(code: str, municipality_code: str | None) -> list[str]:
    """The ids of the facilities with this code: in one municipality, or in all of them."""
    question = (
        select(Facility.id)
        .join(Municipality, Municipality.id == Facility.municipality_id)
        .where(Facility.code == code)
    )
    if municipality_code:
        question = question.where(Municipality.code == municipality_code)
    with read() as db:
        return list(db.scalars(question))


def municipality_called(code: str) -> str | None:
    """The id of the municipality with this code."""
    with read() as db:
        return db.scalar(select(Municipality.id).where(Municipality.code == code))
