"""Two children in as few taps as possible, through the pages: both or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from reservation.domain.values import Terms
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow, Episode
from reservation.store.tables.records import Outbox
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Page, Reader
from tests.parents.steps import BOARD, CONFIRM, HOLD, SAID, add_sibling, cancel_one, id_of, row
from tests.town import Household, Town

MakeTown = Callable[..., Town]
SignIn = Callable[..., Reader]
LINK, ADD, WAIT = (
    "きょうだいも一緒に予約する",
    "きょうだいの席もおさえる",
    "2人でキャンセル待ちする",
)
BOTH = "2人の予約を確定する"


class Family:
    """さくら and そら, and their mother's phone."""

    def __init__(self, town: Town, clock: Clock, sign_in: SignIn) -> None:
        self.town, self.clock = town, clock
        self.sakura = town.family("さくら")
        self.child = add_sibling(self.sakura, clock)
        self.phone = sign_in(self.sakura)

    def holds(self, sign: str = "complaint=fever") -> Page:
        """The check page of さくら alone; さくら is the older one."""
        board = self.phone.opens(f"/my/book?{sign}&day=2026-11-24&child=1")
        return board.submit(f"{HOLD}(しーず)")

    def rows(self) -> list[BookingRow]:
        """Every booking of the family that is not over."""
        over = ("cancelled", "expired")
        with read() as db:
            mine = select(BookingRow).where(
                BookingRow.family_id == self.sakura.family_id, BookingRow.state.not_in(over)
            )
            return list(db.scalars(mine))


@pytest.fixture
def family(town: Town, clock: Clock, sign_in: SignIn) -> Family:
    """Two children and room for both."""
    return Family(town, clock, sign_in)


def full(make_town: MakeTown, clock: Clock, sign_in: SignIn, places: int = 2) -> Family:
    """Two children and a room in which every place is taken."""
    town = make_town(capacity=places)
    family = Family(town, clock, sign_in)
    for n in range(places):
        town.family(f"こ{n}").books()
    return family


@both_databases
def test_two_children_in_four_taps(make_town: MakeTown, clock: Clock, sign_in: SignIn) -> None:
    family = Family(make_town(), clock, sign_in)
    ask = family.holds().follow(LINK)
    ask.says("全員の席が取れたときだけ、予約になります", "さくらちゃんだけで続ける")
    check = ask.submit(ADD)
    assert check.heading == "2人分の席をおさえました"
    check.says(
        "さくらちゃんのようす", "そらちゃんのようす", "1人だけの予約にはなりません"
    ).says_not(LINK)
    sora = {"sibling1-temperature": "37.9", "sibling1-remark": "よく眠れました"}
    answer = check.submit(BOTH, **SAID, **sora)
    assert answer.heading == "予約が確定しました"
    answer.says("きょうだいと一緒", "そらちゃん")
    found = {one.child_id: one for one in family.rows()}
    assert {one.state for one in found.values()} == {"confirmed"}
    assert found[family.child].temperature == "37.9"
    assert found[family.child].remark == "よく眠れました"
    assert {one.brings for one in found.values()} == {"father"}


def test_what_is_wrong_with_one_keeps_both_held(family: Family) -> None:
    check = family.holds().follow(LINK).submit(ADD)
    wrong = check.submit(BOTH, 422, **SAID, **{"sibling1-temperature": "たかい"})
    wrong.says("体温を、38.2 のように数字で入力してください")
    assert {one.state for one in family.rows()} == {"held"}
    wrong.submit(BOTH, **SAID, **{"sibling1-temperature": "37.0"})
    assert {one.state for one in family.rows()} == {"confirmed"}


def test_a_fever_is_said_beside_the_child_it_is_about(
    make_town: MakeTown, clock: Clock, sign_in: SignIn
) -> None:
    family = Family(make_town(health={"hottest": 38.5}), clock, sign_in)
    clock.set("2026-11-24 06:30")
    check = family.holds().follow(LINK).submit(ADD)
    said = {**SAID, "temperature": "37.0", "sibling1-temperature": "39.0"}
    again = check.submit(BOTH, 422, **said).says("体温が高いため")
    field = next(e for e in again.tree.iter("input") if e.get("name") == "sibling1-temperature")
    assert field.get("aria-invalid") == "true"
    assert {one.state for one in family.rows()} == {"held"}


def test_the_complaint_of_the_first_is_the_likeliest(family: Family) -> None:
    ask = family.holds("complaint=cough").follow(LINK)
    assert ask.form(ADD).fields["sign"] == ["cough"]
    ask.submit(ADD)
    assert {one.complaint for one in family.rows()} == {"cough"}


def test_one_at_a_time_again(family: Family) -> None:
    check = family.holds().follow(LINK).submit(ADD)
    alone = check.submit("1人ずつの予約にする").says("1人ずつにしました", CONFIRM, LINK)
    alone.submit(CONFIRM, **SAID)
    assert sorted(one.state for one in family.rows()) == ["confirmed", "held"]


def test_the_place_of_one_is_let_go(family: Family) -> None:
    check = family.holds().follow(LINK).submit(ADD)
    check.submit("そらちゃんの席だけ放す")
    assert [one.state for one in family.rows()] == ["held"]
    family.phone.opens(f"/my/hold/{family.rows()[0].id}").says(CONFIRM)


def test_both_are_let_go(family: Family) -> None:
    family.holds().follow(LINK).submit(ADD).submit("全員の席を放してやめる")
    assert family.rows() == []


@both_databases
def test_without_a_second_place_the_family_chooses(
    make_town: MakeTown, clock: Clock, sign_in: SignIn
) -> None:
    family = Family(make_town(capacity=1), clock, sign_in)
    no = family.holds().follow(LINK).submit(ADD, 422)
    assert no.heading == "そらちゃんの席は、おさえられませんでした"
    no.says(
        "この日は満室です",
        "さくらちゃんの席は 18:10 までおさえています",
        "さくらちゃんだけで続ける",
    )
    waiting = no.submit(WAIT)
    assert waiting.heading.startswith("キャンセル待ち")
    waiting.says("きょうだいと一緒", "全員分の席がそろったときだけ")
    assert [one.state for one in family.rows()] == ["waiting", "waiting"]


def test_who_may_not_come_at_all_is_told_why(
    make_town: MakeTown, clock: Clock, sign_in: SignIn
) -> None:
    family = Family(make_town(ages={"youngest_months": 12}), clock, sign_in)
    no = family.holds().follow(LINK).submit(ADD, 422)
    no.says("対象は生後12か月からです", "さくらちゃんだけで続ける").says_not(WAIT)
    assert [one.state for one in family.rows()] == ["held"]


@both_databases
def test_both_wait_are_offered_and_answer_once(
    make_town: MakeTown, clock: Clock, sign_in: SignIn
) -> None:
    family = full(make_town, clock, sign_in)
    entry = family.sakura.waits()
    page = family.phone.opens(f"/my/bookings/{entry}").follow("きょうだいも一緒に待つ")
    page.says("順番は、あとから申し込んだ方で決まります", "さくらちゃんだけで待つ")
    page.submit("一緒に待つ").says("きょうだいと一緒", "1人ずつでもよい")
    for _ in range(2):
        cancel_one(family.town)
    offer = family.phone.opens(f"/my/offers/{entry}")
    offer.says("さくらちゃん", "そらちゃん", "きょうだい一緒のご案内です")
    offer.submit("行きます")
    assert {one.state for one in family.rows()} == {"confirmed"}
    with read() as db:
        kinds = db.scalars(select(Outbox.kind).where(Outbox.address == family.sakura.mail)).all()
    assert kinds.count("offer") == kinds.count("confirmed") == 2


def test_one_who_stops_waiting_leaves_the_other_there(
    make_town: MakeTown, clock: Clock, sign_in: SignIn
) -> None:
    family = full(make_town, clock, sign_in)
    entry = family.sakura.waits()
    page = family.phone.opens(f"/my/bookings/{entry}").follow("きょうだいも一緒に待つ")
    page = page.submit("一緒に待つ").follow("キャンセル待ちをやめる")
    page.says("そらちゃんは、1人で待ち続けます").submit("キャンセル待ちをやめる")
    assert [(one.child_id, one.state) for one in family.rows()] == [(family.child, "waiting")]


def test_a_booking_cancelled_later_says_that_the_other_stays(family: Family) -> None:
    answer = family.holds().follow(LINK).submit(ADD).submit(BOTH, **SAID)
    cancel = answer.follow("予約を取り消す").says("そらちゃんの予約は、そのまま残ります")
    cancel.submit("取り消す")
    assert [(one.child_id, one.state) for one in family.rows()] == [(family.child, "confirmed")]


def test_terms_are_those_of_both(make_town: MakeTown, clock: Clock, sign_in: SignIn) -> None:
    town = make_town(capacity=1, waiting={"second_chance_until": "9:00"})
    family = Family(town, clock, sign_in)
    town.family("つばき").books()
    entry = family.sakura.waits_with(Terms(near=True))
    page = family.phone.opens(f"/my/bookings/{entry}").follow("きょうだいも一緒に待つ")
    page.submit("一緒に待つ")
    assert [one.near for one in family.rows()] == [True, True]


def test_days_of_onset_are_asked_of_who_waits(
    make_town: MakeTown, clock: Clock, sign_in: SignIn
) -> None:
    flu = {"table": {"UNDIAGNOSED_FEVER": {"handling": "general", "days_before_school": 2}}}
    town = make_town(capacity=1, illnesses=flu)
    family = Family(town, clock, sign_in)
    no = family.holds().follow(LINK).submit(ADD, 422)
    no = no.submit(WAIT, 422).says("症状が出た日を選んでください")
    no.submit(WAIT, onset="2026-11-20", own_onset="2026-11-21")
    assert [one.state for one in family.rows()] == ["waiting", "waiting"]
    with read() as db:
        days = sorted(str(day) for day in db.scalars(select(Episode.onset)) if day)
    assert days == ["2026-11-20", "2026-11-21"]


def test_an_only_child_is_not_asked(sakura: Household, sign_in: SignIn) -> None:
    check = sign_in(sakura).opens(BOARD).submit(f"{HOLD}(しーず)").says_not("きょうだい")
    phone = check.reader
    phone.opens(f"/my/bookings/{id_of(check)}/sibling").says(CONFIRM)
    assert row(id_of(check)).together is None
