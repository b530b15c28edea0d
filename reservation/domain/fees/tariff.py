"""The price of a day before it is known how long the child stays."""

from __future__ import annotations

from dataclasses import dataclass

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.money import ANY_LENGTH, Where


@dataclass(frozen=True, slots=True)
class Payer:
    """A family as the tariff sees it. ``residence`` and ``municipality`` (the facility's) are
    municipality codes, ``fee_class`` a code of the rule book's classes or '' for none;
    ``expired`` is the class whose proof has run out before the care day, or ''."""

    residence: str
    municipality: str
    fee_class: str = ""
    expired: str = ""


def lives(rules: RuleBook, payer: Payer) -> Where:
    """Where the family lives, in the tariff's words.

    A family whose residence is not yet known pays the resident's fee until the office has looked;
    towns that charge others more name ``non_resident`` in the rule book (domain.md 2.3).
    """
    if not payer.residence or payer.residence == payer.municipality:
        return "resident"
    return "partner" if payer.residence in rules.fees.partners else "other"


def price(rules: RuleBook, residence: str, municipality: str, fee_class: str = "") -> int:
    """Yen for the whole day, however long: what is promised with a place. Meals, surcharges and
    the taxi come on top."""
    payer = Payer(residence, municipality, fee_class)
    return rules.fees.amount(lives(rules, payer), fee_class, ANY_LENGTH)


def spans(rules: RuleBook, payer: Payer) -> tuple[tuple[int, int], ...]:
    """(up to how many hours, yen), shortest first, where a shorter stay costs this family less
    than the whole day."""
    where, fees = lives(rules, payer), rules.fees
    whole = fees.amount(where, payer.fee_class, ANY_LENGTH)
    steps = sorted({rate.hours for rate in fees.rates if rate.hours is not None})
    amounts = [(hours, fees.amount(where, payer.fee_class, hours * 60)) for hours in steps]
    return tuple((hours, amount) for hours, amount in amounts if amount < whole)
