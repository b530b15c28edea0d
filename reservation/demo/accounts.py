"""The demo's accounts, printed at its start and offered for one click on its sign-in pages."""

from __future__ import annotations

from typing import NamedTuple

from reservation.domain.words import N_


class Account(NamedTuple):
    """One account. ``label`` is a msgid; ``kind`` is 'parent' or 'staff'; ``role`` as in Role."""

    label: str
    mail: str
    kind: str
    role: str = ""


ACCOUNTS: tuple[Account, ...] = (
    Account(N_("佐倉さん(お子さま1人)"), "sakura@example.org", "parent"),
    Account(N_("花村さん(お子さま2人)"), "hana@example.org", "parent"),
)
