"""The rule book as one document: sections, defaults, and questions that fields answer alone."""

from __future__ import annotations

from typing import Literal

from reservation.domain.rulebook.clocks import BookingTimes, Cancelling, Reminders, WaitingList
from reservation.domain.rulebook.fields import CalendarDay, Section, Text, setting
from reservation.domain.rulebook.sections import (
    About,
    Ages,
    Eligibility,
    Opening,
    Places,
    Registering,
    Room,
    Staffing,
)
from reservation.domain.words import N_

HANDLINGS = {
    "general": N_("保育室でいっしょに"),
    "cohort": N_("同じ病気の子どもと同じ部屋"),
    "single": N_("1人の部屋"),
    "never": N_("お預かりしない"),
    "doctor": N_("1人の部屋、医師が決める"),
}


class IllnessRule(Section):
    """How the facility handles one illness."""

    handling: Literal["general", "cohort", "single", "never", "doctor"] = setting(
        N_("扱い"), words=HANDLINGS
    )
    note: Text = setting(N_("家族への説明"), dict)


class Illnesses(Section):
    """Complaints before a diagnosis, and the table of illnesses (answers.md §2)."""

    complaints: dict[str, str] = setting(
        N_("診断前の症状"), dict, why=N_("症状ごとに、どの病気として扱うか。空は標準です。")
    )
    table: dict[str, IllnessRule] = setting(
        N_("病気の表"), dict, why=N_("書かれていない病気は、一覧の標準の扱いです。")
    )
    unsure_to_staff: bool = setting(N_("「わからない」は必ず職員が確認"), True)


class Fees(Section):
    """The day fee. Amounts are whole yen."""

    resident: int = setting(N_("利用料"), ge=0, le=20000, unit=N_("円"))
    non_resident: int | None = setting(
        N_("利用料(市区町村外)"), None, ge=0, le=20000, unit=N_("円")
    )
    notes: tuple[Text, ...] = setting(N_("料金の補足"), ())


class RuleBook(Section):
    """All settings of one facility from one date on."""

    code: str = setting(N_("施設の記号"), pattern=r"^[a-z0-9-]{2,40}$")
    valid_from: CalendarDay = setting(N_("この日の利用から"))
    about: About = setting(N_("施設の案内"))
    opening: Opening = setting(N_("開室日と時間"))
    places: Places = setting(N_("定員と部屋"))
    staffing: Staffing = setting(N_("職員の配置"), Staffing)
    ages: Ages = setting(N_("対象年齢"), Ages)
    eligibility: Eligibility = setting(N_("対象となる人"), Eligibility)
    registering: Registering = setting(N_("利用登録"), Registering)
    booking: BookingTimes = setting(N_("予約"), BookingTimes)
    cancelling: Cancelling = setting(N_("キャンセル"), Cancelling)
    waiting: WaitingList = setting(N_("キャンセル待ち"), WaitingList)
    reminders: Reminders = setting(N_("お知らせの時刻"), Reminders)
    illnesses: Illnesses = setting(N_("病気の扱い"), Illnesses)
    fees: Fees = setting(N_("料金"))

    def room(self, room_id: str) -> Room | None:
        """The room with this id, or None."""
        return next((room for room in self.places.rooms if room.id == room_id), None)
