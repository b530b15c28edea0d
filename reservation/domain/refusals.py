"""Why not: one Refusal per reason, with a code that never changes and words that may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reservation.domain.words import N_


class Code(StrEnum):
    """Codes of refusals. They are stored with each refusal and counted in the figures."""

    # no place
    CAPACITY = "CAPACITY"
    ILLNESS_MIX = "ILLNESS_MIX"
    POINTS = "POINTS"
    AGE_CAP = "AGE_CAP"
    SICK_CAP = "SICK_CAP"
    STAFF = "STAFF"
    LIST_FIRST = "LIST_FIRST"
    # not this child, not here
    NEVER_ILLNESS = "NEVER_ILLNESS"
    NOT_UNDIAGNOSED = "NOT_UNDIAGNOSED"
    TOO_YOUNG = "TOO_YOUNG"
    TOO_OLD = "TOO_OLD"
    TOO_EARLY = "TOO_EARLY"
    ELIGIBILITY = "ELIGIBILITY"
    REGISTRATION = "REGISTRATION"
    # not at this time
    CLOSED = "CLOSED"
    NOT_YET_OPEN = "NOT_YET_OPEN"
    TOO_LATE = "TOO_LATE"
    NO_LIST = "NO_LIST"
    NOT_NOW = "NOT_NOW"
    RETURNS_FIRST = "RETURNS_FIRST"
    EXAMINED_FIRST = "EXAMINED_FIRST"
    TOGETHER = "TOGETHER"
    # limits of a family
    ALREADY_BOOKED = "ALREADY_BOOKED"
    TOO_MANY_HOLDS = "TOO_MANY_HOLDS"
    TOO_MANY_DAYS = "TOO_MANY_DAYS"
    TOO_MANY_AT_ONCE = "TOO_MANY_AT_ONCE"
    PROVISIONAL_FULL = "PROVISIONAL_FULL"
    TOO_MANY_BOOKINGS = "TOO_MANY_BOOKINGS"
    # a moment too late
    HOLD_ENDED = "HOLD_ENDED"
    OFFER_ENDED = "OFFER_ENDED"
    ALREADY_GONE = "ALREADY_GONE"
    NOT_POSSIBLE = "NOT_POSSIBLE"
    TELEPHONE_ONLY = "TELEPHONE_ONLY"
    # said by staff
    CONDITION = "CONDITION"
    FEVER = "FEVER"
    DOCTOR = "DOCTOR"
    PAPER = "PAPER"
    VACCINE = "VACCINE"
    NOT_REVIEWED = "NOT_REVIEWED"
    NOT_RECONFIRMED = "NOT_RECONFIRMED"
    CHAIN = "CHAIN"
    OTHER = "OTHER"


NO_PLACE = frozenset(
    {
        Code.CAPACITY,
        Code.ILLNESS_MIX,
        Code.POINTS,
        Code.AGE_CAP,
        Code.SICK_CAP,
        Code.STAFF,
        Code.LIST_FIRST,
    }
)
"""Codes for which standing in the waiting list makes sense."""

STAFF_CODES = (
    Code.CONDITION, Code.FEVER, Code.DOCTOR, Code.ILLNESS_MIX, Code.STAFF, Code.CAPACITY,
    Code.PAPER, Code.VACCINE, Code.ELIGIBILITY, Code.OTHER,
)  # fmt: skip
"""What staff may choose from when they decline or refuse at the door, in this order."""

WORDS: dict[Code, str] = {
    Code.CAPACITY: N_("この日は満室です。"),
    Code.ILLNESS_MIX: N_("空いている席はありますが、うつる病気を分ける部屋がありません。"),
    Code.POINTS: N_("この年齢のお子さまをお預かりできる人数に達しています。"),
    Code.AGE_CAP: N_("この年齢のお子さまの受け入れ人数に達しています。"),
    Code.SICK_CAP: N_("この病気や症状のお子さまの受け入れ人数に達しています。"),
    Code.STAFF: N_("この日の職員の人数では、これ以上お預かりできません。"),
    Code.LIST_FIRST: N_("先にお待ちの方に空きをご案内しています。"),
    Code.NEVER_ILLNESS: N_("この病気のお子さまは、こちらではお預かりしていません。"),
    Code.NOT_UNDIAGNOSED: N_("診断名のわからない症状では、こちらではお預かりしていません。"),
    Code.TOO_YOUNG: N_("対象は生後%(months)sか月からです。"),
    Code.TOO_OLD: N_("対象の年齢をこえています(%(upto)s)。"),
    Code.TOO_EARLY: N_("発症からの日数が足りません。%(first)s からご利用になれます。"),
    Code.ELIGIBILITY: N_("お住まいまたは在園の条件に合いません。"),
    Code.REGISTRATION: N_("ご利用の前に登録が必要です。"),
    Code.CLOSED: N_("この日はお休みです。"),
    Code.NOT_YET_OPEN: N_("予約の受付は %(at)s からです。"),
    Code.TOO_LATE: N_("予約の受付は %(at)s に終わりました。"),
    Code.NO_LIST: N_("こちらではキャンセル待ちを受け付けていません。"),
    Code.NOT_NOW: N_("この時間のご案内は、ご希望ではありません。"),
    Code.EXAMINED_FIRST: N_("こちらの医院で受診したお子さまを、先にご案内しています。"),
    Code.RETURNS_FIRST: N_("前の日から続けて利用するお子さまを、先にご案内しています。"),
    Code.TOGETHER: N_("きょうだい一緒の席が、そろいません。"),
    Code.ALREADY_BOOKED: N_("この日は、%(facility)s にすでに予約があります。"),
    Code.TOO_MANY_HOLDS: N_("同時におさえられる席の数をこえました。"),
    Code.TOO_MANY_DAYS: N_(
        "1つの病気で使えるのは、最初の日(%(first)s)から数えて%(days)s日までです。"
    ),
    Code.TOO_MANY_AT_ONCE: N_(
        "まとめて予約できるのは%(days)s日までです。続きの受付は %(at)s からです。"
    ),
    Code.PROVISIONAL_FULL: N_("登録の承認を待つお子さまの予約は、1日%(most)s人までです。"),
    Code.TOO_MANY_BOOKINGS: N_("こちらの予約は、1家族で同時に%(n)s件までです。"),
    Code.HOLD_ENDED: N_("時間切れで席を放しました。空きがあれば、もう一度おさえられます。"),
    Code.OFFER_ENDED: N_("お返事の期限を過ぎました。キャンセル待ちの順番はそのままです。"),
    Code.ALREADY_GONE: N_("ひと足ちがいで、席はほかの方に決まりました。"),
    Code.NOT_POSSIBLE: N_("状況が変わったため、この操作はできませんでした。"),
    Code.TELEPHONE_ONLY: N_("キャンセルの締切を過ぎました。"),
    Code.CONDITION: N_("お子さまのご様子から、お預かりできないと判断しました。"),
    Code.FEVER: N_("体温が高いため、お預かりできません。"),
    Code.DOCTOR: N_("医師の判断により、お預かりできません。"),
    Code.PAPER: N_("必要な書類がそろっていません。"),
    Code.VACCINE: N_("必要な予防接種が確認できません。"),
    Code.NOT_REVIEWED: N_("締切までに施設の確認が終わりませんでした。"),
    Code.NOT_RECONFIRMED: N_("当日の朝の確認に、期限までにお返事がありませんでした。"),
    Code.CHAIN: N_("同じ病気の前の日に利用がなかったため、この日も取り消しになりました。"),
    Code.OTHER: N_("施設の都合により、お預かりできません。"),
}  # fmt: skip

RULES: dict[str, str] = {
    "on_leave": N_("育児休業中の保護者がいるご家族は、こちらではご利用になれません。"),
    "not_working": N_("こちらは、保護者の全員が働いているご家族のための施設です。"),
}
"""Instead of WORDS where the value ``rule`` says which rule of ELIGIBILITY it was."""

RULE_NEXT = N_(
    "お仕事のようすが変わったときは「ご家族」の「お住まい」で直してください。"
    "求職や看護などのご事情は、お電話でご相談ください。"
)
"""What a family can do about any of RULES."""

NEXT: dict[Code, str] = {
    Code.CAPACITY: N_("キャンセル待ちをするか、別の病児保育室をご覧ください。"),
    Code.ILLNESS_MIX: N_("キャンセル待ちをするか、別の病児保育室をご覧ください。"),
    Code.POINTS: N_("キャンセル待ちをするか、別の病児保育室をご覧ください。"),
    Code.AGE_CAP: N_("キャンセル待ちをするか、別の病児保育室をご覧ください。"),
    Code.SICK_CAP: N_("キャンセル待ちをするか、別の病児保育室をご覧ください。"),
    Code.STAFF: N_("キャンセル待ちをするか、別の病児保育室をご覧ください。"),
    Code.LIST_FIRST: N_("キャンセル待ちをするか、別の病児保育室をご覧ください。"),
    Code.NEVER_ILLNESS: N_("別の病児保育室をご覧ください。"),
    Code.NOT_UNDIAGNOSED: N_("受診がすんだら「診断名あり」でご覧ください。"),
    Code.TOO_YOUNG: N_("別の病児保育室をご覧ください。"),
    Code.TOO_OLD: N_("別の病児保育室をご覧ください。"),
    Code.TOO_EARLY: N_("その日からの予約にするか、別の病児保育室をご覧ください。"),
    Code.ELIGIBILITY: N_("別の病児保育室をご覧いただくか、お電話でご相談ください。"),
    Code.REGISTRATION: N_("「ご家族」の画面から登録を申し込んでください。"),
    Code.VACCINE: N_(
        "接種がすんだら「ご家族」のお子さまの画面で答えを直してください。"
        "お急ぎのときは、お電話でご相談ください。"
    ),
    Code.CLOSED: N_("別の日か、別の病児保育室をご覧ください。"),
    Code.NOT_YET_OPEN: N_("受付が始まってから、もう一度お越しください。"),
    Code.TOO_LATE: N_("別の病児保育室をご覧いただくか、お電話でご相談ください。"),
    Code.NO_LIST: N_("別の病児保育室をご覧ください。"),
    Code.NOT_NOW: N_("朝になってもまだ空いていれば、順番にご案内します。"),
    Code.RETURNS_FIRST: N_("席が空けば、次の順番でご案内します。"),
    Code.EXAMINED_FIRST: N_("席が空けば、次の順番でご案内します。"),
    Code.TOGETHER: N_("2人分がそろったときにご案内します。1人ずつ待つこともできます。"),
    Code.ALREADY_BOOKED: N_("「マイページ」でご確認ください。"),
    Code.TOO_MANY_BOOKINGS: N_(
        "先の予約が終わるか、取り消すと予約できます。「マイページ」でご確認ください。"
    ),
    Code.TOO_MANY_HOLDS: N_(
        "先の予約を確定するか、席を放してください。「マイページ」でご確認いただけます。"
    ),
    Code.TOO_MANY_DAYS: N_("まだお休みが必要なときは、お電話でご相談ください。"),
    Code.TOO_MANY_AT_ONCE: N_("続きの受付が始まってから、もう一度お越しください。"),
    Code.PROVISIONAL_FULL: N_("登録が承認されてからご予約いただくか、お電話でご相談ください。"),
    Code.HOLD_ENDED: N_("空き状況からもう一度お選びください。"),
    Code.OFFER_ENDED: N_("次に空きが出たときに、またご案内します。"),
    Code.ALREADY_GONE: N_("キャンセル待ちの順番はそのままです。次の空きをご案内します。"),
    Code.NOT_POSSIBLE: N_("いまの状況をご確認ください。"),
    Code.TELEPHONE_ONLY: N_("お電話でご連絡ください。"),
}

_LIST_OR_ELSEWHERE = N_(
    "キャンセル待ちに入れるか、ほかの施設をご案内してください。理由を書いて受け入れることもできます。"
)
_ELSEWHERE = N_("ほかの施設をご案内してください。理由を書いて受け入れることもできます。")

STAFF_NEXT: dict[Code, str] = {
    **dict.fromkeys(sorted(NO_PLACE), _LIST_OR_ELSEWHERE),
    Code.NEVER_ILLNESS: _ELSEWHERE,
    Code.NOT_UNDIAGNOSED: N_("受診のあとに診断名を聞いて、もう一度受け付けてください。"),
    Code.TOO_YOUNG: _ELSEWHERE,
    Code.TOO_OLD: _ELSEWHERE,
    Code.TOO_EARLY: _ELSEWHERE,
    Code.ELIGIBILITY: _ELSEWHERE,
    Code.REGISTRATION: N_("利用登録の申し込みをご案内してください。"),
    Code.VACCINE: N_(
        "母子健康手帳をご家族に確かめてください。理由を書いて受け入れることもできます。"
    ),
    Code.CLOSED: N_("ほかの日か、ほかの施設をご案内してください。"),
    Code.NOT_YET_OPEN: N_("受付が始まる時刻をご案内してください。"),
    Code.TOO_LATE: N_("受け入れるときは、理由を書いて受け入れてください。"),
    Code.NO_LIST: N_("ほかの施設をご案内してください。"),
    Code.NOT_NOW: N_("朝になってもまだ空いていれば、順番にご案内します。"),
    Code.RETURNS_FIRST: N_("席が空けば、次の順番でご案内します。"),
    Code.EXAMINED_FIRST: N_("席が空けば、次の順番でご案内します。"),
    Code.TOGETHER: N_("1人ずつでもよいか、ご家族に確かめてください。"),
    Code.ALREADY_BOOKED: N_("どちらの予約を残すか、ご家族に確かめてください。"),
    Code.TOO_MANY_HOLDS: N_("おさえたままの席をどうするか、ご家族に確かめてください。"),
    Code.TOO_MANY_DAYS: _ELSEWHERE,
    Code.TOO_MANY_AT_ONCE: N_(
        "続きの受付が始まる時刻をご案内してください。理由を書いて受け入れることもできます。"
    ),
    Code.PROVISIONAL_FULL: N_("先に登録を承認するか、ほかの施設をご案内してください。"),
    Code.TOO_MANY_BOOKINGS: N_("どの予約を残すか、ご家族に確かめてください。"),
    Code.HOLD_ENDED: N_("空きがあれば、もう一度受け付けられます。"),
    Code.OFFER_ENDED: N_("次に空きが出たときに、またご案内します。"),
    Code.ALREADY_GONE: N_("順番はそのままです。次に空きが出たときに、またご案内します。"),
    Code.NOT_POSSIBLE: N_("画面を開き直して、いまの状況を確かめてください。"),
}
"""What staff can do who read the refusal at the desk; nobody at the desk should telephone, or
look at 「マイページ」."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with the values its words need (already formatted by nobody: plain values)."""

    code: Code
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The Japanese sentence, untranslated and with its placeholders."""
        return RULES.get(self._rule, WORDS[self.code])

    @property
    def next_step(self) -> str:
        """What the family can do, untranslated; empty where only the telephone is left."""
        return RULE_NEXT if self._rule in RULES else NEXT.get(self.code, "")

    @property
    def _rule(self) -> str:
        return str(self.values.get("rule", ""))

    @property
    def staff_step(self) -> str:
        """What staff can do, untranslated; empty where staff themselves have said no."""
        return STAFF_NEXT.get(self.code, "")
