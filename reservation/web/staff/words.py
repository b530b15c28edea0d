"""Words of the staff screens: ages, states, reasons, what a task asks for, what has happened."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from reservation import clock
from reservation.domain import conditions, states
from reservation.domain.families import RELATIONS
from reservation.domain.morning import Statement
from reservation.domain.refusals import STAFF_CODES, Code, Refusal
from reservation.domain.rulebook.fields import Text
from reservation.domain.states import State
from reservation.domain.vacancy import Line
from reservation.domain.words import N_
from reservation.i18n import text_of
from reservation.reads.child_card import Event
from reservation.reads.children_of_day import Carer, DayChild
from reservation.web import morning_words
from reservation.web.refusals import explain
from reservation.web.staff import bp

REASONS: dict[Code, str] = {
    Code.CONDITION: N_("ようすが重い"),
    Code.FEVER: N_("熱が高い"),
    Code.DOCTOR: N_("医師の判断"),
    Code.ILLNESS_MIX: N_("部屋の組み合わせ"),
    Code.STAFF: N_("職員が足りない"),
    Code.CAPACITY: N_("席がない"),
    Code.PAPER: N_("書類がない"),
    Code.VACCINE: N_("予防接種が足りない"),
    Code.ELIGIBILITY: N_("対象の条件に合わない"),
    Code.OTHER: N_("ほかの理由"),
}
"""What staff press; the family reads the sentence of domain/refusals.py."""

SHORT: dict[Code, str] = {
    Code.NOT_NOW: N_("この時間は希望なし"),
    Code.RETURNS_FIRST: N_("続けて利用の方が先"),
    Code.EXAMINED_FIRST: N_("受診した方が先"),
    Code.TOO_MANY_DAYS: N_("日数の上限"),
    Code.TOO_MANY_AT_ONCE: N_("まとめた日数の上限"),
    Code.TOO_MANY_BOOKINGS: N_("予約の数の上限"),
    Code.PROVISIONAL_FULL: N_("登録待ちの人数の上限"),
    Code.TOGETHER: N_("きょうだい分がそろわない"),
    Code.CAPACITY: N_("満室"),
    Code.ILLNESS_MIX: N_("部屋なし"),
    Code.POINTS: N_("年齢"),
    Code.AGE_CAP: N_("年齢"),
    Code.SICK_CAP: N_("病児の人数"),
    Code.STAFF: N_("職員"),
    Code.LIST_FIRST: N_("順番待ち"),
    Code.CLOSED: N_("お休み"),
    Code.LIST_FIRST: N_("順番待ち"),
}

BRIEFLY: dict[str, str] = {
    "vaccine": N_("手帳 %(vaccine)s"),
    "full_days": N_("発症後 まる%(days)s日"),
    "treatment": N_("治療開始"),
    "no_vomiting": N_("嘔吐なし"),
    "test_negative": N_("検査陰性"),
    "can_eat": N_("食事・水分"),
    "spo2": N_("SpO2 %(percent)s％〜"),
    "fever_hours": N_("発熱から%(hours)s時間"),
    "hottest": N_("%(degrees)s℃より低い"),
    "hottest_morning": N_("朝 %(degrees)s℃以下"),
    "antipyretic_hours": N_("解熱剤から%(hours)s時間"),
}
"""What must hold in the morning (domain/morning.py), as short as a box on paper wants it."""

ABOUT: dict[str, str] = {
    "confirmed": N_("予約が確定したこと"),
    "received": N_("申し込みを受け付けたこと"),
    "declined": N_("お断りになったこと"),
    "waiting": N_("キャンセル待ちに入ったこと"),
    "offer": N_("空きのご案内"),
    "offer_lapsed": N_("ご案内の期限が過ぎたこと"),
    "taken": N_("席がほかの方に決まり、順番はそのままであること"),
    "withdrawn": N_("ご案内を取り下げたこと"),
    "list_ended": N_("空きが出なかったこと"),
    "left": N_("キャンセル待ちをやめたこと"),
    "superseded": N_("ほかの予約に決まったこと"),
    "cancelled": N_("キャンセルを受け付けたこと"),
    "closed": N_("施設の都合で取り消しになったこと"),
    "refused": N_("当日お預かりできなかったこと"),
    "review_late": N_("お返事が遅れていること"),
    "reconfirm": N_("きょう来られるかの確認"),
    "released": N_("朝の確認にお返事がなく、席を放したこと"),
    "changed": N_("予約の記録が変わったこと"),
    "photo_again": N_("用紙の写真が読めず、もう一度送っていただくこと"),
    "registration_approved": N_("利用登録が済んだこと"),
    "registration_returned": N_("利用登録に足りないものがあること"),
    "registration_declined": N_("利用登録をお受けできなかったこと"),
}
"""By the kind of message that should have reached the family."""

HAPPENED: dict[str, str] = {
    "move": N_("部屋を移した"),
    "pin": N_("部屋を固定した"),
    "unpin": N_("部屋の固定をはずした"),
    "change_illness": N_("病気を変えた"),
    "close_condition": N_("条件がそろった"),
    "open_condition": N_("条件を未完に戻した"),
    "set_call_time": N_("受けた時刻を直した"),
    "bill": N_("料金を直した"),
    "doctor_form": N_("医師の用紙を入力した"),
    "send_photo": N_("用紙の写真を送った"),
    "take_photo_away": N_("用紙の写真を取り消した"),
    "ask_photo_again": N_("写真をもう一度お願いした"),
}
"""Events that are no steps of the table of states."""


def reasons() -> list[tuple[str, str]]:
    """The reasons to choose from, as (code, words)."""
    return [(code.value, _(REASONS[code])) for code in STAFF_CODES]


@bp.app_template_filter("age_words")
def age_words(months: int) -> str:
    """3歳 – below a year 11か月."""
    if months < 12:
        return _("%(n)sか月", n=months)
    return _("%(n)s歳", n=months // 12)


@bp.app_template_filter("exact_age")
def exact_age(months: int) -> str:
    """2歳4か月."""
    if months < 12:
        return _("%(n)sか月", n=months)
    return _("%(years)s歳%(months)sか月", years=months // 12, months=months % 12)


@bp.app_template_filter("child_code")
def child_code(child: DayChild) -> str:
    """The code that components/marks.html draws; CONDITIONAL is ours."""
    conditional = child.state is State.CONFIRMED and child.open_conditions
    return "CONDITIONAL" if conditional else child.state.name


@bp.app_template_filter("child_state")
def child_state(child: DayChild) -> str:
    """確定, 条件付き, 確認中 …, short enough for a chip."""
    code = child_code(child)
    short = {"CONDITIONAL": _("条件付き"), "CONFIRMED": _("確定"), "OFFERED": _("案内中")}
    return short.get(code) or _(states.WORDS[child.state])


@bp.app_template_filter("line_words")
def line_words(line: Line) -> str:
    """A sentence that explains a room."""
    values = {n: i18n_text(v) if isinstance(v, dict) else v for n, v in line.values.items()}
    return _(line.words, **values, **{name: _(said) for name, said in line.said.items()})


@bp.app_template_filter("why")
def why(refusal: Refusal) -> str:
    """The sentence of a refusal."""
    return explain(refusal)[0]


@bp.app_template_filter("why_short")
def why_short(refusal: Refusal) -> str:
    """One word for a chip."""
    return _(SHORT[refusal.code]) if refusal.code in SHORT else _("お預かりできません")


@bp.app_template_filter("about_words")
def about_words(kind: str) -> str:
    """What a telephone call is about."""
    return _(ABOUT[kind]) if kind in ABOUT else _("お知らせ")


@bp.app_template_filter("statement_briefly")
def statement_briefly(one: Statement) -> str:
    """What must hold in the morning, behind a box to tick."""
    return morning_words.filled(BRIEFLY[one.code], one)


@bp.app_template_filter("condition_name")
def condition_name(code: str) -> str:
    """What is still to come."""
    return _(conditions.WORDS[code])


@bp.app_template_filter("relation_words")
def relation_words(carer: Carer) -> str:
    """母, or the name, or nothing."""
    return _(RELATIONS[carer.relation]) if carer.relation in RELATIONS else carer.name


@bp.app_template_filter("phone_words")
def phone_words(digits: str) -> str:
    """090-0000-1234, as it is read out; other lengths stay as they are."""
    if len(digits) == 11:
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    if len(digits) == 10 and digits[:2] in ("03", "06"):
        return f"{digits[:2]}-{digits[2:6]}-{digits[6:]}"
    return digits


@bp.app_template_filter("reason_name")
def reason_name(code: str) -> str:
    """A stored reason in the words of the buttons."""
    if code == "OVERRIDE":
        return _("規則によらない受け入れ")
    return _(REASONS[Code(code)]) if code in REASONS else ""


@bp.app_template_filter("event_words")
def event_words(event: Event) -> str:
    """A line of the history: what, and by whom."""
    step = next((s for s in states.STEPS if s.action == event.action and s.to == event.to), None)
    what = _(step.words) if step else _(HAPPENED.get(event.action, N_("変更")))
    who = {"family": _("家族"), "clock": _("自動"), "staff": _("職員")}.get(event.who, event.who)
    if event.channel == "telephone":
        who = _("%(who)s・電話", who=who)
    return _("%(what)s(%(who)s)", what=what, who=who)


def i18n_text(text: Text) -> str:
    """A facility's text in the reader's language."""
    return text_of(text).text


def clock_seconds(instant: datetime) -> str:
    """6:51:58, in Asia/Tokyo."""
    local = instant.astimezone(clock.TOKYO)
    return f"{local.hour}:{local.minute:02}:{local.second:02}"
