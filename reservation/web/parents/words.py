"""Words of a family's pages: names to call children by, states, bands, what happens when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from markupsafe import Markup, escape

from reservation import clock, i18n
from reservation.domain import (
    check_page,
    clocks,
    conditions,
    dates,
    doctor_form,
    families,
    states,
)
from reservation.domain.exemptions import Standing
from reservation.domain.fees import Bill
from reservation.domain.morning import Statement
from reservation.domain.refusals import WORDS as REASONS
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import Condition
from reservation.i18n import text_of
from reservation.reads import board as boards
from reservation.reads.my_bookings import Booked
from reservation.web import fee_words, form_words, morning_words
from reservation.web.parents import bp
from reservation.web.public import choices
from reservation.web.public.choices import Asked


@dataclass(frozen=True)
class Band:
    """The answer, full width: kind yes few wait no, the h1, and sentences below it."""

    kind: str
    heading: str
    sentences: tuple[str, ...] = ()


Row = tuple[str, str, str, bool]
"""A line of 「これからのこと」: day, clock time, sentence, whether it is now."""


@bp.app_template_filter("called")
def called(name: str) -> str:
    """はな – of 髙橋 はな."""
    return families.called(name)


@bp.app_template_filter("sign_words")
def sign_words(asked: Asked) -> str:
    """発熱, or the diagnosis, in the reader's language."""
    if asked.told:
        return _(boards.told_illnesses()[asked.told])
    return _(choices.COMPLAINTS[asked.complaint])


@bp.app_template_filter("brings_words")
def brings_words(code: str) -> str:
    """Who brings the child, in words; '' where it was not said."""
    return _(check_page.BRINGS[code]) if code in check_page.BRINGS else ""


@bp.app_template_filter("class_words")
def class_words(standing: Standing, rules: RuleBook) -> str:
    """減免：生活保護, or that its proof has run out; '' for a family without."""
    return fee_words.standing(rules, standing)


@bp.app_template_filter("fee_table")
def fee_table(rules: RuleBook) -> list[tuple[str, str]]:
    """Everything that a facility charges, as a table."""
    return fee_words.table(rules)


@bp.app_template_filter("bill_lines")
def bill_lines(bill: Bill) -> list[tuple[str, str]]:
    """A bill as (what for, amount), the total last."""
    return fee_words.lines(bill)


@bp.app_template_filter("state_code")
def state_code(booked: Booked) -> str:
    """The code that components/marks.html draws; CONDITIONAL is ours."""
    conditional = booked.state is State.CONFIRMED and booked.open_conditions
    return "CONDITIONAL" if conditional else booked.state.name


@bp.app_template_filter("state_words")
def state_words(booked: Booked) -> str:
    """予約確定, 条件付き確定, キャンセル待ち …"""
    if state_code(booked) == "CONDITIONAL":
        return _("条件付き確定")
    return _(states.WORDS[booked.state])


@bp.app_template_filter("day_word")
def day_word(instant: datetime) -> str:
    """きょう, あした, or the day."""
    return i18n.day_word(instant) or i18n.day(instant)


@bp.app_template_filter("day_short")
def day_short(day: date) -> str:
    """きょう, あした, or the day."""
    return i18n.day_word(day) or i18n.day(day)


def room_name(booked: Booked) -> str:
    """The short name of the room."""
    return text_of(booked.rules.about.short_name).text


@bp.app_template_filter("statement_words")
def statement_words(one: Statement) -> str:
    """朝の体温が37.4℃以下であること"""
    return morning_words.filled(one.words, one)


@bp.app_template_filter("condition_words")
def condition_words(code: str, rules: RuleBook) -> str:
    """What is still to come, in words; the doctor's form by its name in the town."""
    if code == doctor_form.CODE:
        return _(conditions.FORM) % {"name": text_of(rules.doctor_form.name).text}
    return _(conditions.WORDS[code])


@bp.app_template_filter("form_sentences")
def form_sentences(rules: RuleBook) -> str:
    """How long the doctor's form is good, and who may write it."""
    return form_words.sentences(rules)


def band(booked: Booked) -> Band:
    """The answer for the state that counts now."""
    if booked.state is State.CONFIRMED and booked.open_conditions:
        return _conditional(booked)
    if booked.state is State.REQUESTED:
        return _requested(booked)
    if booked.state in (State.WAITING, State.OFFERED):
        heading = Markup(_('キャンセル待ち <span class="nb">%(n)s番目です</span>', n=booked.rank))
        return Band("wait", heading, (_("空きが出たら、すぐにご案内します。"),))
    if booked.state is State.CONFIRMED:
        sentence = _("%(day)s、お待ちしています。", day=i18n.near_day(booked.day))
        return Band("yes", _("予約が確定しました"), (sentence,))
    if booked.state is State.CHECKED_IN:
        return Band("yes", _("お預かりしています"))
    return Band("no", _ended_heading(booked), tuple(_ended_sentences(booked)))


def _conditional(booked: Booked) -> Band:
    count = len(booked.open_conditions)
    open_ones = tuple(_to_come(one, booked.rules) for one in booked.open_conditions)
    head = Markup(_("<b>あと%(n)sつ</b>：", n=count))
    lines = (head + open_ones[0],) if count == 1 else (head, *open_ones)
    return Band("few", _("条件付きで確定しました"), lines)


def _to_come(one: Condition, rules: RuleBook) -> Markup:
    what = condition_words(one.code, rules)
    if one.due_at is None:
        return escape(what)
    until = moment(one.due_at)
    return Markup(_('%(what)sを <b class="nb">%(until)s</b> まで', what=what, until=until))


def _requested(booked: Booked) -> Band:
    sentence = _("席をおさえたまま、施設が確かめています。")
    forms = [one for one in booked.open_conditions if one.code == doctor_form.CODE]
    if forms:
        sentence = Markup("<br>").join([sentence, *(_to_come(one, booked.rules) for one in forms)])
    if booked.review_due and booked.review_due > clock.now():
        due = Markup(
            _('<b class="nb">%(until)s</b> までにお返事します。', until=moment(booked.review_due))
        )
        return Band("wait", _("申し込みを確認中です"), (sentence, due))
    late = _("お返事が遅れています。施設に催促しました。お急ぎのときは、お電話ください。")
    return Band("wait", _("申し込みを確認中です"), (sentence, late))


def _ended_heading(booked: Booked) -> str:
    if booked.state is State.CANCELLED:
        by_us = booked.ended_by == "staff"
        return _("施設の都合で取り消しになりました") if by_us else _("予約を取り消しました")
    if booked.state is State.EXPIRED and booked.arrives_at == "" and booked.confirmed_at is None:
        return _("時間が過ぎて、終わりました")
    return {
        State.DECLINED: _("お預かりできませんでした"),
        State.COMPLETED: _("ご利用ありがとうございました"),
        State.REFUSED_AT_DOOR: _("当日、お預かりできませんでした"),
        State.NO_SHOW: _("ご連絡がないまま、終わりました"),
    }.get(booked.state, _("時間が過ぎて、終わりました"))


def _ended_sentences(booked: Booked) -> Iterator[str]:
    if booked.reason in Code.__members__ and "%(" not in REASONS[Code(booked.reason)]:
        yield _(REASONS[Code(booked.reason)])
    if booked.state is State.CANCELLED and booked.late:
        yield _("締切の後の取り消しとして記録しました。")
    elif booked.state is State.CANCELLED and booked.same_day:
        yield _("当日の取り消しです。締切の前なので、料金はかかりません。")


@bp.app_template_filter("moment")
def moment(instant: datetime) -> str:
    """あした 7:30"""
    return f"{day_word(instant)} {i18n.clock_time(instant)}"


def timeline(booked: Booked, guardians: int) -> list[Row]:
    """What has just been done, and what happens when, in the order of time."""
    now = clock.now()
    first = booked.confirmed_at or booked.created_at
    done = i18n.sentences(
        _("順番を受け付けました。") if booked.rank else "",
        _("メールを送りました。"),
        _("ご家族の%(n)s人に届きます。", n=guardians) if guardians > 1 else "",
    )
    coming = [
        (at, text)
        for at, text in (_list_rows(booked) if booked.rank else _place_rows(booked))
        if at > now
    ]
    rows = [_row(first, done, is_now=True)]
    return rows + [_row(at, text) for at, text in sorted(coming, key=lambda row: row[0])]


def _row(at: datetime, text: str, *, is_now: bool = False) -> Row:
    return (i18n.leading(day_word(at)), i18n.clock_time(at), text, is_now)


def _place_rows(booked: Booked) -> Iterator[tuple[datetime, str]]:
    name = room_name(booked)
    if booked.state is State.REQUESTED and booked.review_due:
        yield booked.review_due, _("%(room)sからのお返事は、ここまでにお届けします。", room=name)
    yield (
        clocks.evening_reminder_at(booked.rules, booked.day),
        _("予約をお忘れにならないよう、メールでお知らせします。"),
    )
    for one in booked.open_conditions:
        if one.due_at:
            what = condition_words(one.code, booked.rules)
            yield one.due_at, _("%(what)sは、ここまで。", what=what)
    if booked.booking.cancel_until:
        yield booked.booking.cancel_until, _("キャンセルはここまで。料金はかかりません。")
    arrives = check_page.arrival(booked.arrives_at)
    if arrives:
        yield dates.at(booked.day, arrives), _("%(room)sに着く時刻です。", room=name)


def _list_rows(booked: Booked) -> Iterator[tuple[datetime, str]]:
    waiting, terms = booked.rules.waiting, booked.booking.terms
    if terms.takes_until and waiting.takes_for_family:
        yield terms.takes_until, _("空いたら、ここまでは、おたずねせずに席をお取りします。")
    morning = dates.at(booked.day, waiting.quiet_until)
    if waiting.mode == "automatic" and waiting.quiet_from != waiting.quiet_until:
        night = dates.at(booked.day - timedelta(days=1), waiting.quiet_from)
        until = i18n.clock_time(waiting.quiet_until)
        if terms.wakes and waiting.wake_minutes:
            yield night, _("ここから %(until)s までも、空いたらご案内します。", until=until)
        else:
            yield night, _("ここから %(until)s までは、ご案内を休みます。", until=until)
        yield morning, _("朝のご案内が始まります。")
    stop = clocks.list_ends_at(booked.rules, booked.day, near=terms.near)
    yield stop, _("空きが出なかったときも、必ずお知らせします。")
