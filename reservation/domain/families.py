"""What a family still has to tell before a registration can be decided."""

from __future__ import annotations

from collections.abc import Collection

from reservation.domain.words import N_

ELSEWHERE = "000000"
"""Lives, or goes to nursery, in a municipality that is not of this installation."""

RELATIONS = {
    "mother": N_("母"),
    "father": N_("父"),
    "grandparent": N_("祖父母"),
    "other": N_("ほかの人"),
}

WORK = {
    "all": N_("全員働いています"),
    "not_all": N_("働いていない保護者がいます"),
}
"""Whether the guardians work; who is on leave from work does."""

MISSING = {
    "guardian_name": N_("保護者のお名前"),
    "telephone": N_("保護者の電話番号"),
    "residence": N_("お住まいの市区町村"),
    "allergies": N_("アレルギーのこと"),
    "medical_care": N_("医療的ケアのこと"),
}


def missing(
    *,
    guardian_name: str,
    telephone: str | None,
    residence: str,
    allergies: str | None,
    medical_care: str | None,
) -> tuple[str, ...]:
    """Codes of MISSING, in the order of the pages. An empty text for allergies or medical care
    means "none"; None means that nobody has answered yet."""
    told = {
        "guardian_name": bool(guardian_name),
        "telephone": bool(telephone),
        "residence": bool(residence),
        "allergies": allergies is not None,
        "medical_care": medical_care is not None,
    }
    return tuple(code for code in MISSING if not told[code])


def standing(statuses: Collection[str]) -> str:
    """'approved', 'pending' or 'none', from the statuses of a child's registrations that count."""
    if "approved" in statuses:
        return "approved"
    return "pending" if {"pending", "returned"} & set(statuses) else "none"


def called(name: str) -> str:
    """The name a child is called by: what follows the family name, in Latin letters what comes
    first. For greeting only; stored names are never split."""
    parts = name.split()
    if not parts:
        return name
    return parts[0] if name.isascii() else parts[-1]
