"""How the rule book itself is changed, and which changes ask a second person."""

from __future__ import annotations

from datetime import datetime, timedelta

from reservation.domain.rulebook.fields import Section, setting
from reservation.domain.rulebook.sources import TOWN
from reservation.domain.words import N_

DANGEROUS = ("opening.", "places.", "booking.opens.", "booking.closes.", "changing.")
"""What may open or shut a facility on the wrong day, and the rule about it itself."""


class Changing(Section):
    """Whether one person's word is enough."""

    second_person: bool = setting(
        N_("大切な変更は2人で決める"),
        False,
        why=N_(
            "はいにすると、開室日と時間、定員と部屋、予約受付の開始と終了は、"
            "別の責任者か市区町村の担当者が認めてから使います。"
        ),
        source=TOWN,
    )
    waits_days: int = setting(
        N_("確認を待つ日数"),
        7,
        ge=1,
        le=60,
        unit=N_("日間"),
        why=N_("これをすぎた変更の案は使えなくなります。"),
    )

    def ends_at(self, proposed_at: datetime) -> datetime:
        """When a proposal made then can no longer be approved."""
        return proposed_at + timedelta(days=self.waits_days)


def is_dangerous(setting_path: str) -> bool:
    """Whether a change of this setting (by the catalogue's path) asks a second person."""
    return f"{setting_path}.".startswith(DANGEROUS)
