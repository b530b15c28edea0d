"""What a day costs, in whole yen."""

from __future__ import annotations

from reservation.domain.rulebook import RuleBook


def price(rules: RuleBook, residence: str, municipality: str) -> int:
    """The day fee in yen for a child living in ``residence`` (both municipality codes).

    A family whose residence is not yet known pays the resident's fee until the office has looked;
    towns that charge others more name ``non_resident`` in the rule book (domain.md 2.3).
    """
    outside = bool(residence) and residence != municipality
    if outside and rules.fees.non_resident is not None:
        return rules.fees.non_resident
    return rules.fees.resident
