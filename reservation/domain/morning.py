"""What must hold on the morning of the day: told to families beforehand, asked at the door.

None of it can be known when a place is booked the evening before, so none of it refuses a
booking; only the days since onset are counted beforehand, once the family has said when it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reservation.domain import dates, vaccines
from reservation.domain.refusals import Code, Refusal
from reservation.domain.vaccines import UNASKED, Told
from reservation.domain.words import N_

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook
    from reservation.domain.values import Booking

WORDS: dict[str, str] = {
    "vaccine": N_("母子健康手帳で、%(vaccine)sの予防接種を受けたことを確かめられること"),
    "full_days": N_("発症した日の翌日から数えて、まる%(days)s日がたっていること"),
    "treatment": N_("治療(薬)を始めていること"),
    "no_vomiting": N_("嘔吐がおさまっていること"),
    "test_negative": N_("検査で陰性と確かめてあること"),
    "can_eat": N_("食事や水分がとれること"),
    "spo2": N_("血中酸素(SpO2)が%(percent)s％以上あること"),
    "fever_hours": N_("熱が出てから%(hours)s時間以上たっていること"),
    "hottest": N_("体温が%(degrees)s℃より低いこと"),
    "hottest_morning": N_("朝の体温が%(degrees)s℃以下であること"),
    "antipyretic_hours": N_("解熱剤を使ってから%(hours)s時間以上たっていること"),
}
"""By the code of a Statement, untranslated. None of them names an illness; the value ``vaccine``
is a msgid of vaccines.WORDS."""

NOON = 12


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that must hold; ``values`` fill its words."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The Japanese sentence, untranslated and with its placeholders."""
        return WORDS[self.code]


def of(rules: RuleBook, booking: Booking, onset: date | None, told: Told) -> tuple[Statement, ...]:
    """What must hold for the child of a booking; see ``statements``."""
    return statements(rules, booking.illness, booking.birthday, booking.care_day, onset, told)


def counts_days(rules: RuleBook, booking: Booking) -> bool:
    """Whether the day of onset must be asked for this booking."""
    return asks_onset(rules, booking.illness, booking.birthday, booking.care_day)


def asks_onset(rules: RuleBook, illness: str, birthday: date | None, day: date) -> bool:
    """Whether the day of onset must be asked of a child with this illness; of one whose birthday
    nobody has said yet, wherever it may count."""
    if birthday is not None:
        return full_days(rules, illness, birthday, day) > 0
    rule = rules.illnesses.table.get(illness)
    return rule is not None and max(rule.days_at_school, rule.days_before_school) > 0


def statements(
    rules: RuleBook,
    illness: str,
    birthday: date,
    day: date,
    onset: date | None = None,
    told: Told = UNASKED,
) -> tuple[Statement, ...]:
    """Everything that must hold for a child with this illness on that care day.

    The days since onset are left out once the onset is known: then they have been counted; so is
    a vaccination of which the family has said that it was done.
    """
    return (*of_child(rules, illness, birthday, day, onset, told), *of_day(rules))


def of_child(
    rules: RuleBook, illness: str, birthday: date, day: date, onset: date | None, told: Told
) -> Iterator[Statement]:
    """What holds for a child of this age, illness and vaccinations beside what holds for all."""
    for one in vaccines.unsure(rules, told, birthday, day):
        yield Statement("vaccine", {"vaccine": vaccines.WORDS[one]})
    rule = rules.illnesses.table.get(illness)
    if rule is None:
        return
    days = full_days(rules, illness, birthday, day)
    if days and onset is None:
        yield Statement("full_days", {"days": days})
    yield from (Statement(code) for code in rule.requires)
    if rule.spo2 is not None:
        yield Statement("spo2", {"percent": rule.spo2})


def of_day(rules: RuleBook) -> Iterator[Statement]:
    """What holds for every child, whatever it has."""
    health = rules.health
    if health.fever_hours is not None:
        yield Statement("fever_hours", {"hours": health.fever_hours})
    if health.hottest is not None:
        yield Statement("hottest", {"degrees": health.hottest})
    if health.hottest_morning is not None:
        yield Statement("hottest_morning", {"degrees": health.hottest_morning})
    if health.antipyretic_hours is not None:
        yield Statement("antipyretic_hours", {"hours": health.antipyretic_hours})


def full_days(rules: RuleBook, illness: str, birthday: date, day: date) -> int:
    """How many full days must lie between the day of onset (day 0) and the care day; 0 for none.

    The day of onset does not count, as in the infection guideline for nurseries (保育所における
    感染症対策ガイドライン): with 2, a child that fell ill on the 10th may come on the 13th.
    """
    rule = rules.illnesses.table.get(illness)
    if rule is None:
        return 0
    return rule.days_at_school if dates.school_grade(birthday, day) else rule.days_before_school


def first_day(rules: RuleBook, illness: str, birthday: date, day: date, onset: date) -> date:
    """The first day for a child that fell ill on ``onset``, by the rule of the care day."""
    days = full_days(rules, illness, birthday, day)
    return onset + timedelta(days=days + 1) if days else onset


def too_early(
    rules: RuleBook, illness: str, birthday: date, day: date, onset: date | None
) -> Refusal | None:
    """Whether too few full days will have passed; None while nobody has said when it began."""
    if onset is None:
        return None
    first = first_day(rules, illness, birthday, day, onset)
    return Refusal(Code.TOO_EARLY, {"first": first}) if day < first else None


def too_hot(rules: RuleBook, degrees: float | None, day: date, now: datetime) -> Refusal | None:
    """Whether the temperature that the family tells on the day itself is too high already.

    The evening before it says nothing: a fever may be gone in the morning.
    """
    local = dates.local(now)
    if degrees is None or local.date() != day:
        return None
    health, is_morning = rules.health, local.hour < NOON
    above = health.hottest is not None and degrees >= health.hottest
    over = is_morning and health.hottest_morning is not None and degrees > health.hottest_morning
    return Refusal(Code.FEVER) if above or over else None
