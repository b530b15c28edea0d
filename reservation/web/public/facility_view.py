"""A facility's rule book in sentences for families."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from reservation import i18n
from reservation.domain import gates, illnesses, morning, vaccines
from reservation.domain.morning import Statement
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.clocks import Clock
from reservation.domain.rulebook.model import HANDLINGS
from reservation.domain.rulebook.people import CERTIFICATES
from reservation.domain.rulebook.places import ROOM_USES
from reservation.domain.rulebook.sections import KINDS, AgeBelonging, Closure
from reservation.i18n import LANGUAGES
from reservation.reads.facility_page import FacilityPage, Treated, Weekdays
from reservation.web import chain_words, fee_words, form_words

MONDAY = date(2026, 1, 5)
MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"


@dataclass(frozen=True, slots=True)
class FacilityView:
    """What `templates/public/facility.html` shows."""

    page: FacilityPage
    board_url: str

    @property
    def rules(self) -> RuleBook:
        """The rule book in force."""
        return self.page.rules

    @property
    def kinds(self) -> str:
        """病児対応型・病後児対応型"""
        return _("・").join(_(KINDS[kind]) for kind in self.rules.about.kinds)

    @property
    def hours(self) -> list[tuple[str, str]]:
        """(月〜金, 8:00〜18:00), closed days last."""
        open_runs = [run for run in self.page.week if run.hours]
        closed = [run for run in self.page.week if not run.hours]
        return [(_days(run), _hours(run)) for run in (*open_runs, *closed)]

    @property
    def in_the_morning(self) -> tuple[Statement, ...]:
        """What every child must fulfil on the day."""
        return tuple(morning.of_day(self.rules))

    @property
    def vaccines(self) -> list[str]:
        """MR(麻しん・風しん)：1歳2か月から"""
        return [
            _(
                "%(vaccine)s：生後%(months)sか月から",
                vaccine=_(vaccines.WORDS[one.vaccine]),
                months=one.from_months,
            )
            for one in self.rules.vaccines.needed
        ]

    @property
    def holidays(self) -> str:
        """Whether it opens on national holidays."""
        open_then = self.rules.opening.on_holidays
        return _("祝日も開いています。") if open_then else _("祝日はお休みです。")

    def closure(self, one: Closure) -> str:
        """12月29日(火)〜1月4日(月)"""
        if one.first == one.last:
            return i18n.day(one.first)
        return _("%(first)s〜%(last)s", first=i18n.day(one.first), last=i18n.day(one.last))

    @property
    def languages(self) -> list[tuple[str, str]]:
        """(own name, HTML language) of the languages spoken."""
        known = [LANGUAGES[c] for c in self.rules.about.languages if c in LANGUAGES]
        return [(one.name, one.html) for one in known]

    @property
    def map_url(self) -> str:
        """A map elsewhere, by coordinates; '' without them."""
        about = self.rules.about
        if about.latitude is None or about.longitude is None:
            return ""
        return MAP.format(lat=about.latitude, lon=about.longitude)

    @property
    def ages(self) -> str:
        """生後6か月から 就学前まで"""
        ages = self.rules.ages
        return _(
            "生後%(months)sか月から、%(upto)s",
            months=ages.youngest_months,
            upto=_(gates.UPTO[ages.oldest_grade]),
        )

    def for_ages(self, one: AgeBelonging) -> str:
        """生後6か月以上12か月未満 · 生後12か月未満 · 生後12か月以上"""
        if one.below_months is None:
            return _("生後%(months)sか月以上", months=one.from_months)
        if one.from_months == 0:
            return _("生後%(months)sか月未満", months=one.below_months)
        return _(
            "生後%(first)sか月以上%(end)sか月未満",
            first=one.from_months,
            end=one.below_months,
        )

    @property
    def eligibility(self) -> list[str]:
        """Who may come, one sentence each."""
        rule = self.rules.eligibility
        if rule.anyone:
            found = [_("どなたでも利用できます。")]
        else:
            found = [
                _("区市町村内にお住まいの方") if rule.residents else "",
                _("区市町村内の園に通っている方") if rule.nursery_in_municipality else "",
                _("保護者が区市町村内で働いている方") if rule.works_in_municipality else "",
                _("協定のある市区町村にお住まいの方") if rule.partners else "",
            ]
        found.append(_("保護者の全員が働いていることが必要です。") if rule.all_working else "")
        found.append(_("育児休業中の方は利用できません。") if rule.not_on_leave else "")
        found.append(self._papers())
        return [sentence for sentence in found if sentence]

    def _papers(self) -> str:
        rule = self.rules.eligibility
        if not rule.certificates:
            return ""
        papers = _join(_(CERTIFICATES[paper]) for paper in rule.certificates)
        outside = _(
            "市区町村の外の園に通うお子さまは、%(papers)sを見せていただきます。", papers=papers
        )
        everyone = _("%(papers)sを見せていただきます。", papers=papers)
        yearly = rule.certificates_renewal == "fiscal_year"
        return i18n.sentences(
            everyone if rule.certificates_of == "everyone" else outside,
            _("年度が変わると、新しい書類が要ります。") if yearly else _("一度だけで足ります。"),
        )

    @property
    def registration(self) -> str:
        """What must be registered before the first use."""
        rule = self.rules.registering
        first = {
            "municipality": _(
                "利用の前に、登録が必要です。1回の登録で、区市町村のどの室も使えます。"
            ),
            "facility": _("利用の前に、この施設への登録が必要です。"),
            "none": _("登録はいりません。"),
        }[rule.scope]
        if rule.scope == "none":
            return first
        then = (
            _("承認の前でも予約できます(利用日の %(time)s までに承認されることが条件です)。",
              time=i18n.clock_time(rule.approval_due))
            if rule.before_approval
            else _("承認されてから予約できます。")
        )  # fmt: skip
        most = (
            _("承認を待つお子さまは、1日%(most)s人までです。", most=rule.provisional_most)
            if rule.before_approval and rule.provisional_most
            else ""
        )
        renewal = _("登録は年度ごとに更新します。") if rule.renewal == "fiscal_year" else ""
        return i18n.sentences(first, then, most, renewal)

    @property
    def doctor_form(self) -> list[str]:
        """When the doctor's form is needed, one sentence each; nothing where it never is."""
        rule = self.rules.doctor_form
        if rule.needed == "never":
            return []
        by = i18n.clock_time(rule.due) if rule.due else ""
        found = [
            _("毎回、必要です。")
            if rule.needed == "always"
            else _("うつる病気のときに、必要です。"),
            _("予約は、用紙を確かめてから決まります。") if rule.before_confirming else "",
            _("利用日の %(time)s までに出してください。", time=by)
            if by
            else _("利用日の開室までに出してください。"),
            form_words.sentences(self.rules),
        ]
        return [sentence for sentence in found if sentence]

    @property
    def clocks(self) -> list[tuple[str, str]]:
        """What happens when, in words."""
        booking, cancelling = self.rules.booking, self.rules.cancelling
        review = (
            _("空いていれば、その場で決まります。")
            if booking.review == "automatic"
            else _("職員が確かめてから決まります。")
        )
        rows = [
            (_("予約の受付"), _("%(opens)sから、%(closes)sまで", opens=clock_words(booking.opens),
                              closes=clock_words(booking.closes))),
            (_("経過のわかる病気"), self._predictable()),
            (_("続けて使うとき"), self._several_days()),
            (_("当日の受付"), self._same_day()),
            (_("予約の決まり方"), review),
            (_("キャンセルの締切"), clock_words(cancelling.until)),
            (_("締切の後"), self._afterwards()),
            (_("キャンセル待ち"), self._waiting()),
        ]  # fmt: skip
        return [(term, text) for term, text in rows if text]

    def _predictable(self) -> str:
        rule = self.rules.booking
        if not rule.predictable_earlier or not rule.predictable:
            return ""
        days = rule.opens.days_before + rule.predictable_earlier
        opens = clock_words(rule.opens.model_copy(update={"days_before": days}))
        named = _join(_(illnesses.CATALOGUE[code].words) for code in rule.predictable)
        return _("%(illnesses)sは、%(opens)sから受け付けます。", illnesses=named, opens=opens)

    def _several_days(self) -> str:
        opens = clock_words(self.rules.chain.returning_opens)
        return chain_words.sentences_of(self.rules, opens)

    def _same_day(self) -> str:
        first, last = self.rules.booking.same_day_from, self.rules.booking.same_day_until
        return i18n.span(first, last) if first and last else ""

    def _afterwards(self) -> str:
        rule = self.rules.cancelling
        how = (
            _("画面から取り消せます。")
            if rule.afterwards == "page"
            else _("お電話でご連絡ください。")
        )
        fee = (
            _("キャンセル料は %(fee)s です。", fee=i18n.yen(rule.late_fee)) if rule.late_fee else ""
        )
        return i18n.sentences(how, fee)

    def _waiting(self) -> str:
        rule = self.rules.waiting
        stop = _("開室の%(minutes)s分前まで続きます。", minutes=rule.stop_before_opening)
        return {
            "automatic": i18n.sentences(
                _("空きが出たら、待っている順にメールでご案内します。"), stop
            ),
            "staff": i18n.sentences(_("空きが出たら、施設からご連絡します。"), stop),
            "none": _("受け付けていません。"),
        }[rule.mode]

    @property
    def fees(self) -> list[tuple[str, str]]:
        """(for whom or for what, amount): the day, the tariff, reductions, and what is added."""
        return fee_words.table(self.rules)

    def handling(self, treated: Treated) -> str:
        """How these illnesses are looked after."""
        return _(HANDLINGS[treated.handling])

    def use(self, code: str) -> str:
        """What a room is used for."""
        return _(ROOM_USES[code])


def clock_words(clock: Clock) -> str:
    """利用日の前の開室日の 8:45"""
    time = i18n.clock_time(clock.at)
    if clock.days_before == 0:
        return _("利用日の %(time)s", time=time)
    if clock.days_before == 1:
        return _("前の開室日の %(time)s", time=time)
    return _("%(n)s開室日前の %(time)s", n=clock.days_before, time=time)


def _days(run: Weekdays) -> str:
    names = [_weekday(number) for number in run.days]
    if len(names) > 2:
        return _("%(first)s〜%(last)s", first=names[0], last=names[-1])
    return _join(names)


def _join(names: Iterable[str]) -> str:
    return _("・").join(names)


def _weekday(number: int) -> str:
    return str(format_date(MONDAY.replace(day=MONDAY.day + number), "ccc"))


def _hours(run: Weekdays) -> str:
    return i18n.span(run.hours.opens, run.hours.closes) if run.hours else _("お休み")
