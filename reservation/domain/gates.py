"""May this child come here that day? One small function per rule, and all reasons at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from reservation.domain import (
    certificates,
    chain,
    clocks,
    dates,
    doctor_form,
    early,
    illnesses,
    morning,
    vaccines,
)
from reservation.domain.refusals import Code, Refusal
from reservation.domain.values import Child, Condition, Day, Wish, holds_place
from reservation.domain.words import N_

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook

_ORDER = (
    # what the family can change comes first, or waits for
    Code.REGISTRATION,
    Code.NOT_UNDIAGNOSED,
    Code.VACCINE,
    Code.NOT_YET_OPEN,
    Code.TOO_LATE,
    Code.TOO_EARLY,
    Code.CLOSED,
    Code.TOO_MANY_AT_ONCE,
    Code.TOO_MANY_DAYS,
    Code.NEVER_ILLNESS,
    Code.TOO_YOUNG,
    Code.TOO_OLD,
    Code.ELIGIBILITY,
)

UPTO = (
    N_("就学前まで"),
    N_("小学1年生まで"),
    N_("小学2年生まで"),
    N_("小学3年生まで"),
    N_("小学4年生まで"),
    N_("小学5年生まで"),
    N_("小学6年生まで"),
)
"""The oldest grade in words; the value ``upto`` of TOO_OLD is one of these msgids."""


def check(
    rules: RuleBook, wish: Wish, now: datetime, *, municipality: str, by_staff: bool = False
) -> list[Refusal]:
    """Every reason against this wish, those first that the family can change; [] if none.

    ``municipality`` is the code of the facility's municipality. Staff who enter a telephone call
    (``by_staff``) may do so after the closing time and for a child not yet registered.
    """
    child = wish.child
    found = [
        clock_for(rules, wish, now),
        chain.too_many(rules, child, wish.illness, wish.care_day),
        chain.at_once(rules, child, wish.illness, wish.care_day, now),
        illness(rules, wish.illness),
        age_of(rules, child.birthday, wish.care_day),
        older(rules, dates.school_grade(child.birthday, wish.care_day), wish.care_day, now),
        morning.too_early(rules, wish.illness, child.birthday, wish.care_day, wish.onset),
        vaccines.refused(rules, child.vaccines, child.birthday, wish.care_day),
        work(rules, child),
        eligibility(rules, child, municipality),
        registration(rules, child),
    ]
    waived = {Code.TOO_LATE, Code.REGISTRATION} if by_staff else set()
    reasons = [refusal for refusal in found if refusal and refusal.code not in waived]
    return sorted(last_opening(reasons), key=lambda refusal: _ORDER.index(refusal.code))


def last_opening(reasons: list[Refusal]) -> list[Refusal]:
    """Of two openings that are both to come only the later one helps."""
    openings = [r for r in reasons if r.code is Code.NOT_YET_OPEN]
    if len(openings) < 2:
        return reasons
    last = max(openings, key=lambda r: cast("datetime", r.values["at"]))
    return [r for r in reasons if r.code is not Code.NOT_YET_OPEN or r is last]


def check_on(
    day: Day, wish: Wish, now: datetime, *, municipality: str, by_staff: bool = False
) -> list[Refusal]:
    """``check``, and what only a look at the day's bookings can say of this child."""
    found = check(day.rules, wish, now, municipality=municipality, by_staff=by_staff)
    full = provisional(day, wish, now)
    return [*found, full] if full else found


def clock(rules: RuleBook, day: date, now: datetime) -> Refusal | None:
    """Whether the day is closed, cannot be asked for yet, or not any more."""
    return clocks.may_ask(rules, day, now)


def clock_for(rules: RuleBook, wish: Wish, now: datetime) -> Refusal | None:
    """The same for this child: some may ask before all others."""
    return clocks.may_ask(rules, wish.care_day, now, wish.illness, returning=_returns(rules, wish))


def opens(rules: RuleBook, wish: Wish) -> datetime:
    """When requests open for this child and day."""
    return early.opens_for(rules, wish.care_day, wish.illness, returning=_returns(rules, wish))


def _returns(rules: RuleBook, wish: Wish) -> bool:
    return chain.returns(rules, wish.child, wish.illness, wish.care_day)


def provisional(day: Day, wish: Wish, now: datetime) -> Refusal | None:
    """Whether as many children as the facility takes before their registration is approved have
    a place on the day already. Entries of the list are not counted."""
    most = day.rules.registering.provisional_most
    if not most or not _provisional(_approval(day.rules, wish, now)):
        return None
    return provisional_full(day, wish.booking_id, now)


def provisional_full(
    day: Day, but: str | None, now: datetime, *, beside: int = 0
) -> Refusal | None:
    """Whether that many have a place already, ``but`` not counted, or would get it ``beside``."""
    most = day.rules.registering.provisional_most
    there = [b for b in day.bookings if b.id != but and holds_place(b, now)]
    if sum(_provisional(booking.conditions) for booking in there) + beside < most:
        return None
    return Refusal(Code.PROVISIONAL_FULL, {"most": most})


def _provisional(found: tuple[Condition, ...]) -> bool:
    return any(one.code == "registration" and one.is_open for one in found)


def illness(rules: RuleBook, code: str) -> Refusal | None:
    """Whether the facility never takes this illness, or never without a diagnosis."""
    if illnesses.handling(rules, code) != "never":
        return None
    undiagnosed = illnesses.undiagnosed(code)
    return Refusal(Code.NOT_UNDIAGNOSED if undiagnosed else Code.NEVER_ILLNESS)


def age_of(rules: RuleBook, birthday: date, day: date) -> Refusal | None:
    """Whether a child born on ``birthday`` is too young or too old on the care day."""
    return age(rules, dates.age_months(birthday, day), dates.school_grade(birthday, day))


def age(rules: RuleBook, months: int, grade: int) -> Refusal | None:
    """The same by months of age and school grade (0 before school)."""
    if months < rules.ages.youngest_months:
        return Refusal(Code.TOO_YOUNG, {"months": rules.ages.youngest_months})
    if grade > rules.ages.oldest_grade:
        return Refusal(Code.TOO_OLD, {"upto": UPTO[rules.ages.oldest_grade]})
    return None


def older(rules: RuleBook, grade: int, day: date, now: datetime) -> Refusal | None:
    """Whether a child of this school grade must wait until the younger ones have chosen.

    NOT_YET_OPEN with the instant (domain.md §2.3: Ohisama, Haruzora). On a closed day nobody waits.
    """
    opens = clocks.older_opens_at(rules, day, grade)
    return Refusal(Code.NOT_YET_OPEN, {"at": opens}) if opens and now < opens else None


def eligibility(rules: RuleBook, child: Child, municipality: str) -> Refusal | None:
    """Whether residence, nursery or the place of a guardian's work admit the child
    (domain.md §2.2).

    The towns with an agreement are those of the tariff (``fees.partners``).
    A child of whom neither residence nor nursery is known yet is not refused: the registration
    asks for them.
    """
    rule = rules.eligibility
    unknown = not child.residence and not child.nursery_in
    lives_here = rule.residents and child.residence == municipality
    goes_here = rule.nursery_in_municipality and child.nursery_in == municipality
    works_here = rule.works_in_municipality and child.works_in == municipality
    agreed = rule.partners and child.residence in rules.fees.partners
    admitted = (rule.anyone, unknown, lives_here, goes_here, works_here, agreed)
    return None if any(admitted) else Refusal(Code.ELIGIBILITY)


def work(rules: RuleBook, child: Child) -> Refusal | None:
    """Whether the guardians work and none is on leave, as far as the rule book asks and the
    family has said. The value ``rule`` names which of the two (refusals.RULES)."""
    rule = rules.eligibility
    if rule.not_on_leave and child.guardian_on_leave:
        return Refusal(Code.ELIGIBILITY, {"rule": "on_leave"})
    if rule.all_working and child.guardians_work == "not_all":
        return Refusal(Code.ELIGIBILITY, {"rule": "not_working"})
    return None


def registration(rules: RuleBook, child: Child) -> Refusal | None:
    """Whether the child is registered, or about to be where the facility accepts that."""
    rule = rules.registering
    enough = {"approved", "pending"} if rule.before_approval else {"approved"}
    if rule.scope == "none" or child.registration in enough:
        return None
    return Refusal(Code.REGISTRATION)


def conditions(
    rules: RuleBook, wish: Wish, now: datetime, *, municipality: str
) -> tuple[Condition, ...]:
    """What would still be open on a confirmed booking for this wish, with its due times (UTC).

    A registration that is not approved is due on the care day; a complaint that only a doctor
    decides about is due when the facility opens; for the doctor's form see doctor_form.condition,
    for papers of enrolment and work certificates.conditions. A time that has passed is due at
    once.
    """
    found = [*_approval(rules, wish, now)]
    by_doctor = illnesses.handling(rules, wish.illness) == "doctor"
    if by_doctor and illnesses.undiagnosed(wish.illness):
        open_hours = dates.hours(rules, wish.care_day)
        due_at = max(dates.at(wish.care_day, open_hours.opens), now) if open_hours else None
        found.append(Condition("diagnosis", due_at))
    paper = wish.child.form
    form = doctor_form.condition(rules, paper, wish.illness, wish.care_day, now)
    if form is not None:
        found.append(form)
    shown = certificates.conditions(rules, wish.child, municipality, wish.care_day, now)
    return (*found, *shown)


def _approval(rules: RuleBook, wish: Wish, now: datetime) -> tuple[Condition, ...]:
    if rules.registering.scope == "none" or wish.child.registration == "approved":
        return ()
    due = dates.at(wish.care_day, rules.registering.approval_due)
    return (Condition("registration", max(due, now)),)
