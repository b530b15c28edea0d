"""What a family has shown of enrolment and work, for the desk that enters it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from reservation.domain import certificates, dates
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.people import CERTIFICATES
from reservation.reads import exemptions
from reservation.reads.registrations import Office
from reservation.store import certificates as store
from reservation.store import fee_classes
from reservation.store.db import read


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPaper:
    """One paper: its kind (a msgid), its care days, when and by whom it was seen."""

    id: str
    name: str
    valid_from: date
    last: date | None
    seen_on: date
    seen_by: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Papers:
    """The kinds that some facility of the municipality asks for (code → msgid), and what was
    seen, the last seen first."""

    asked: dict[str, str]
    seen: tuple[SeenPaper, ...]


def of_office(family_id: str, child_id: str, office: Office, today: date) -> Papers:
    """For the place that registers the child."""
    with read() as db:
        town = exemptions.town_of(db, office)
        return of_child(db, family_id, child_id, town, today)


def of_child(
    db: Session, family_id: str, child_id: str, municipality_id: str, today: date
) -> Papers:
    """A step: what counts for this child in a municipality."""
    books = fee_classes.tariffs(db, municipality_id, today)
    asking = [rules for rules in books if rules.eligibility.certificates]
    named = {paper for rules in asking for paper in rules.eligibility.certificates}
    rows = store.rows(db, family_id, child_id, municipality_id)
    found = []
    for row in rows:
        last = _last_day(asking, store.of_row(row))
        found.append(
            SeenPaper(
                id=row.id, name=CERTIFICATES[row.paper], valid_from=row.valid_from, last=last,
                seen_on=dates.local(row.seen_at).date(), seen_by=row.name or "",
                is_over=last is not None and last < today,
            )
        )  # fmt: skip
    asked: dict[str, str] = {code: words for code, words in CERTIFICATES.items() if code in named}
    return Papers(asked, tuple(found))


def _last_day(asking: list[RuleBook], one: certificates.Certificate) -> date | None:
    """The earliest end by the rule books that ask for papers."""
    ends = [one.valid_to, *(certificates.last_day(rules, one) for rules in asking)]
    return min((end for end in ends if end is not None), default=None)
