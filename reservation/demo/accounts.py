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
    facility: str = ""
    """Code of the facility of staff and managers."""


ACCOUNTS: tuple[Account, ...] = (
    Account(N_("佐倉さん(お子さま1人)"), "sakura@example.org", "parent"),
    Account(N_("花村さん(お子さま2人)"), "hana@example.org", "parent"),
    Account(N_("看護師(しーず)"), "kangoshi@example.org", "staff", "staff", "seeds"),
    Account(N_("施設長(しーず)"), "shisetsucho@example.org", "staff", "manager", "seeds"),
    Account(N_("看護師(ラビットルーム)"), "rabbit@example.org", "staff", "staff", "rabbit"),
    Account(N_("区の担当者"), "tantou@example.org", "staff", "officer"),
    Account(N_("区の担当者(見るだけ)"), "etsuran@example.org", "staff", "reviewer"),
)
PASSWORD = "byoji-hoiku-demo"
TOTP_SECRET = "DEMODEMODEMODEMODEMODEMODEMODEMO"
"""For signing in to the demo's staff accounts without the one click. Known to everybody: the
demo's data are nobody's, and no other mode has these accounts."""
