"""The rule book as one document: sections, defaults, and questions that fields answer alone."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from reservation.domain.rulebook.calls import Reminders, WaitingList
from reservation.domain.rulebook.chain import Chain
from reservation.domain.rulebook.changing import Changing
from reservation.domain.rulebook.clocks import BookingTimes, Cancelling
from reservation.domain.rulebook.fields import CalendarDay, Section, Text, setting
from reservation.domain.rulebook.health import REQUIREMENTS, Health
from reservation.domain.rulebook.money import Fees
from reservation.domain.rulebook.papers import DoctorForm
from reservation.domain.rulebook.people import Ages, Eligibility, Registering, Staffing
from reservation.domain.rulebook.places import Places, Room
from reservation.domain.rulebook.sections import About, Opening
from reservation.domain.rulebook.sources import INFECTIONS, ROOMS, TOWN
from reservation.domain.rulebook.vaccinated import Vaccines
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
        N_("扱い"),
        words=HANDLINGS,
        why=N_(
            "同じ部屋にしてよいか、1人の部屋にするか、お預かりしないかです。"
            "診断前の発熱(UNDIAGNOSED_FEVER)も、保育室に入れるか、分けるかをここで決めます。"
        ),
        source=INFECTIONS,
    )
    most_days: int | None = setting(
        N_("使える日数"),
        None,
        ge=0,
        le=60,
        unit=N_("日"),
        why=N_("この病気だけ「続けて使う」の日数とちがうときに書きます。0 は、限りがありません。"),
        source=TOWN,
    )
    days_before_school: int = setting(
        N_("就学前：発症から何日"),
        0,
        ge=0,
        le=14,
        unit=N_("日"),
        why=N_("発症した日の翌日から数えて、まるこの日数がたつまで予約できません。"),
        source=INFECTIONS,
    )
    days_at_school: int = setting(
        N_("小学生：発症から何日"),
        0,
        ge=0,
        le=14,
        unit=N_("日"),
        why=N_("小学生のとき、就学前の日数のかわりに使います。"),
        source=INFECTIONS,
    )
    requires: tuple[Literal["treatment", "no_vomiting", "test_negative", "can_eat"], ...] = setting(
        N_("当日の条件"),
        (),
        words=REQUIREMENTS,
        why=N_("予約のときに家族が読み、当日に玄関で確かめます。"),
        source=INFECTIONS,
    )
    spo2: int | None = setting(
        N_("血中酸素(SpO2)"),
        None,
        ge=80,
        le=99,
        unit=N_("％以上"),
        why=N_("ぜんそくなどで、玄関で測る値です。空のときは、測りません。"),
        source=ROOMS,
    )
    note: Text = setting(
        N_("家族への説明"), dict, why=N_("断るときや条件があるとき、家族にそのまま見せる文です。")
    )


class Illnesses(Section):
    """Complaints before a diagnosis, and the table of illnesses (answers.md §2)."""

    complaints: dict[str, str] = setting(
        N_("診断前の症状"), dict, why=N_("症状ごとに、どの病気として扱うか。空は標準です。")
    )
    table: dict[str, IllnessRule] = setting(
        N_("病気の表"),
        dict,
        why=N_("書かれていない病気は、一覧の標準の扱いです。"),
        source=INFECTIONS,
    )
    siblings_share: bool = setting(
        N_("きょうだいは1人の部屋をいっしょに使える"),
        False,
        why=N_(
            "「1人の部屋」の病気でも、同じ家族のきょうだいが同じ病気なら、同じ部屋に入れます。"
            "医師が決める病気は、1人のままです。"
        ),
    )
    subtype_matters: bool = setting(
        N_("型のちがうインフルエンザを分ける"),
        True,
        why=N_("いいえにすると、A型とB型のお子さまが同じ部屋に入れます。"),
        source=INFECTIONS,
    )
    unsure_to_staff: bool = setting(
        N_("「わからない」は必ず職員が確認"), True, why=N_("職員が話を聞いてから部屋を決めます。")
    )


class RuleBook(Section):
    """All settings of one facility from one date on."""

    code: str = setting(
        N_("施設の記号"),
        pattern=r"^[a-z0-9-]{2,40}$",
        why=N_("アドレスとファイルで使う短い名前。後から変えられません。"),
    )
    valid_from: CalendarDay = setting(
        N_("この日の利用から"), why=N_("この日からのご利用に、ここに書いたきまりを使います。")
    )
    about: About = setting(N_("施設の案内"), why=N_("家族が施設のページで読むことです。"))
    opening: Opening = setting(N_("開室日と時間"), why=N_("開いている曜日と時間、臨時の休みです。"))
    places: Places = setting(
        N_("定員と部屋"), why=N_("1日に何人まで、どの部屋で受け入れるかです。")
    )
    staffing: Staffing = setting(
        N_("職員の配置"),
        Staffing,
        why=N_("その日の職員の人数から、受け入れられる人数を計算します。"),
    )
    ages: Ages = setting(N_("対象年齢"), Ages, why=N_("利用日の年齢で決まります。"))
    eligibility: Eligibility = setting(
        N_("対象となる人"), Eligibility, why=N_("どれか1つに当てはまれば利用できます。")
    )
    registering: Registering = setting(
        N_("利用登録"), Registering, why=N_("初めての利用の前に必要な登録です。")
    )
    booking: BookingTimes = setting(
        N_("予約"), BookingTimes, why=N_("いつから、いつまで、どのように予約を受けるかです。")
    )
    chain: Chain = setting(
        N_("続けて使う"), Chain, why=N_("1つの病気で何日か使うときのきまりです。")
    )
    cancelling: Cancelling = setting(
        N_("キャンセル"), Cancelling, why=N_("いつまで取り消せるか、その後はどうなるかです。")
    )
    waiting: WaitingList = setting(
        N_("キャンセル待ち"),
        WaitingList,
        why=N_("空きが出たとき、次の家族へ案内する順番と時間です。"),
    )
    reminders: Reminders = setting(
        N_("お知らせの時刻"), Reminders, why=N_("予約した家族へ、忘れないように知らせる時刻です。")
    )
    illnesses: Illnesses = setting(
        N_("病気の扱い"),
        Illnesses,
        why=N_("病気ごとに、どの部屋で、どのようにお預かりするかです。"),
    )
    doctor_form: DoctorForm = setting(
        N_("医師連絡票"), DoctorForm, why=N_("医師が書く用紙が、いつ、いつまでに必要かです。")
    )
    health: Health = setting(
        N_("当日の体調"),
        Health,
        why=N_("利用日の朝の体温などです。予約のときに家族が読み、玄関で確かめます。"),
    )
    vaccines: Vaccines = setting(
        N_("予防接種"), Vaccines, why=N_("お預かりの前に、受けていることが必要な予防接種です。")
    )
    fees: Fees = setting(
        N_("料金"), why=N_("1日の利用料です。予約のときに示した金額は、後から変わりません。")
    )
    changing: Changing = setting(
        N_("きまりの変え方"), Changing, why=N_("だれが認めれば、変更を使えるかです。")
    )

    @model_validator(mode="after")
    def _older_may_ask(self) -> Self:
        if self.ages.older_grade is None:
            return self
        opens, last = self.ages.older_opens, self.booking.same_day_until
        is_over = opens.key >= self.booking.closes.key
        if is_over and (last is None or opens.key >= (0, last)):
            raise ValueError(N_("上の学年の受付の開始は、予約受付の終了より前にしてください。"))
        return self

    def room(self, room_id: str) -> Room | None:
        """The room with this id, or None."""
        return next((room for room in self.places.rooms if room.id == room_id), None)
