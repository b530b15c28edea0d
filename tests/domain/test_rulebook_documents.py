"""Rule books in and out of YAML, the words for every kind of mistake, and Suginami's own."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings

import reservation
from reservation.domain import capacity, clocks, gates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.documents import build, plain, read, read_as, schema, write
from reservation.domain.rulebook.fields import Section, read_day, read_time, setting
from reservation.domain.rulebook.mistakes import LINE, BrokenRuleBook, Mistake
from reservation.domain.rulebook.model import IllnessRule
from reservation.domain.rulebook.municipality import Municipality
from reservation.domain.rulebook.tree import DEEPEST, LONGEST
from reservation.domain.values import Child
from tests.domain import build as builders
from tests.domain.rulebooks import rulebooks

SUGINAMI = Path(reservation.__file__).parent / "demo" / "suginami"
FULL_WIDTH = "\uff17\uff1a\uff10\uff15"
AT_CAPACITY = "places.official_capacity"
CAPACITY = "official_capacity: 6"
ROOMS = ("seeds", "rabbit", "tamura", "kohitsuji", "fifth")

SMALL = """\
code: seeds
valid_from: 2026-04-01
about:
  name: {ja: すぎなみ病児保育室 しーず}
  short_name: {ja: しーず}
  telephone: 03-0000-0000
opening:
  week:
    mon: {opens: 8:00, closes: 18:00}
    tue:
      opens: '8:45'
      closes: "17:30"
places:
  official_capacity: 6
  rooms:
    - id: a
      label: {ja: 保育室}
      kind: general
      places: 4
booking:
  opens: {days_before: 1, at: 8:45}
illnesses:
  complaints: {fever: UNDIAGNOSED_FEVER}
  table:
    MUMPS: {handling: never}
fees:
  resident: 2000
"""


def mistakes(text: str) -> tuple[Mistake, ...]:
    """What reading this text finds."""
    with pytest.raises(BrokenRuleBook) as broken:
        read(text)
    return broken.value.mistakes


def mistake(old: str, new: str) -> Mistake:
    """The only mistake after this change to SMALL; it must stand in the text once."""
    assert SMALL.count(old) == 1
    (found,) = mistakes(SMALL.replace(old, new))
    return found


def line_of(text: str) -> int:
    """The line of SMALL on which this text first stands."""
    return SMALL[: SMALL.index(text)].count("\n") + 1


# in and out


@settings(max_examples=40)
@given(rulebooks())
def test_written_and_read_again_is_the_same(book: RuleBook) -> None:
    assert read(write(book)) == book
    assert build(RuleBook, plain(book)) == book
    assert build(RuleBook, json.loads(json.dumps(plain(book)))) == book


@settings(max_examples=10)
@given(rulebooks())
def test_every_rule_book_passes_the_published_schema(book: RuleBook) -> None:
    jsonschema.validate(plain(book), schema(), jsonschema.Draft202012Validator)


def test_times_are_times_with_and_without_quotes() -> None:
    book = read(SMALL)
    assert book.booking.opens.at == time(8, 45)
    assert book.opening.week["tue"].opens == time(8, 45)
    assert book.opening.week["tue"].closes == time(17, 30)
    assert "at: 8:45" in write(book)


def test_written_rule_book_is_readable_and_in_the_order_of_the_models() -> None:
    lines = write(read(SMALL)).splitlines()
    assert lines[0] == "code: seeds  # 施設の記号"
    assert "  hold_minutes: 10  # 席をおさえる時間(分)" in lines
    assert "  same_day_from:  # 当日受付の開始" in lines
    names = [line.split(":")[0] for line in lines if line and line[0] not in " #"]
    assert names == list(RuleBook.model_fields)


def test_missing_sections_have_their_defaults() -> None:
    assert read(SMALL).cancelling == RuleBook.model_fields["cancelling"].get_default(
        call_default_factory=True
    )


@pytest.mark.parametrize("written", ["7:05", "07:05", "7:05:00", FULL_WIDTH, " 7:05 ", time(7, 5)])
def test_a_time_is_read_from(written: object) -> None:
    assert read_time(written) == time(7, 5)


@pytest.mark.parametrize(
    "written", ["24:00", "7:60", "7:05:30", "7", "", None, 425, 7.05, time(7, 5, 30), "7:5"]
)
def test_no_time_is_read_from(written: object) -> None:
    with pytest.raises(ValueError, match="7:00"):
        read_time(written)


def test_days_are_read_and_instants_are_not() -> None:
    assert (
        read_day("2026-11-30") == read_day("\uff12\uff10\uff12\uff16-11-30") == date(2026, 11, 30)
    )
    assert read_day(date(2026, 11, 30)) == date(2026, 11, 30)
    for wrong in ("2026-11-31", "20261130", "2026/11/30", "", None, 20261130, builders.NOW):
        with pytest.raises(ValueError, match="2026-11-30"):
            read_day(wrong)


# mistakes: line, field, what is allowed


@pytest.mark.parametrize(
    ("old", "new", "field", "allowed"),
    [
        ("opens: 8:00", "opens: 25:00", "opening.week.mon.opens", "7:00 のように"),
        ("opens: 8:00", "opens: 800", "opening.week.mon.opens", "7:00 のように"),
        ("opens: 8:00", "opens: 19:00", "opening.week.mon", "閉室は開室より後"),
        ("mon:", "moon:", "opening.week.moon", "mon の書き間違い"),
        ("mon:", "holiday:", "opening.week.holiday", "書ける項目：fri, mon, sat"),
        ("2026-04-01", "2026-04-31", "valid_from", "2026-11-30 のように"),
        ("2026-04-01", "20260401", "valid_from", "2026-11-30 のように"),
        ("code: seeds", "code: Seeds!", "code", "^[a-z0-9-]{2,40}$"),
        ("code: seeds", "code: 12", "code", "引用符"),
        (CAPACITY, "official_capacity: 0", AT_CAPACITY, "1 以上 60 以下"),
        (CAPACITY, "official_capacity: '6'", AT_CAPACITY, "1 以上 60"),
        (CAPACITY, "official_capacity: 6.5", AT_CAPACITY, "1 以上 60"),
        (CAPACITY, CAPACITY + "\n  points: 0", "places.points", "0 より大きい"),
        (CAPACITY, CAPACITY + "\n  points: all", "places.points", "0 より大きい"),
        (CAPACITY, CAPACITY + "\n  may_exceed: yes", "places.may_exceed",
         "true か false"),
        (CAPACITY,
         CAPACITY + "\n  age_caps: [{below_months: 12, at_most: -1}]",
         "places.age_caps.1.at_most", "0 以上の数"),
        (CAPACITY, CAPACITY + "\n  illness_caps: [{illnesses: [FLU], at_most: 2}]",
         "places.illness_caps.1", "病気の表にある記号"),
        ("id: a", "id: \uff21", "places.rooms.1.id", "^[a-z0-9_-]+$"),
        ("id: a", "id: ''", "places.rooms.1.id", "1〜20 文字"),
        ("id: a", "id: a\n      combinable_with: [b]", "places", "ある部屋の記号"),
        ("kind: general", "kind: genral", "places.rooms.1.kind", "general, isolation, observation"),
        ("kind: general", "kynd: general\n      kind: general", "places.rooms.1.kynd", "kind の"),
        ("label: {ja: 保育室}", "label: {en: Room}", "places.rooms.1.label", "日本語(ja)の文"),
        ("label: {ja: 保育室}", "label: {ja: ' '}", "places.rooms.1.label", "日本語(ja)の文"),
        ("label: {ja: 保育室}", "label: {ja: 室, JP: 室}", "places.rooms.1.label", "ja en zh_Hans"),
        ("label: {ja: 保育室}", "label: {ja: 12}", "places.rooms.1.label.ja", "引用符"),
        ("label: {ja: 保育室}", "label: 保育室", "places.rooms.1.label", "「名前: 値」の形"),
        ("telephone: 03-0000-0000", "languages: [ja, english]\n  telephone: '03'",
         "about.languages.2", "zh_Hans"),
        ("telephone: 03-0000-0000", "telephone: '03'\n  notices: {ja: 休み}", "about.notices",
         "「- 」で始まる行"),
        ("telephone: 03-0000-0000", "phone: 03-0000-0000\n  telephone: '03'", "about.phone",
         "telephone の書き間違い"),
        ("telephone: 03-0000-0000", "kana: シーズ", "about.telephone", "「電話番号」を書いて"),
        ("telephone: 03-0000-0000", "telephone: '03'\n  kinds: []", "about.kinds", "1つ以上"),
        ("at: 8:45", "at: ", "booking.opens.at", "7:00 のように"),
        ("days_before: 1, at: 8:45", "days_before: 0, at: 8:45", "booking", "終了は、開始より後"),
        ("MUMPS", "MUMP", "illnesses.table.MUMP", "MUMPS の書き間違い"),
        ("MUMPS", "mumps", "illnesses.table.mumps", "MUMPS の書き間違い"),
        ("MUMPS: {handling: never}", "MUMPS: never", "illnesses.table.MUMPS", "「名前: 値」の形"),
        ("fever: UND", "fevr: UND", "illnesses.complaints.fevr", "fever の書き間違い"),
        ("fever: UND", "unwell: UND", "illnesses.complaints.unwell", "書ける項目：cough, fever"),
        ("fever: UNDIAGNOSED_FEVER", "fever: FEVER", "illnesses.complaints.fever",
         "UNDIAGNOSED_FEVER, ALLERGY"),
        ("fees:\n  resident: 2000", "fees: 2000", "fees", "「名前: 値」の形"),
        ("fees:\n  resident: 2000", "fees: {resident: 2000, resident: 2500}", "fees.resident",
         "2回"),
        ("fees:\n  resident: 2000", "fees: {resident: 2000, [a]: 1}", "fees", "「名前: 値」の形"),
        ("resident: 2000", 'resident: "\\ud800"', "fees.resident", "使えない文字"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_line_its_field_and_what_is_allowed(
    old: str, new: str, field: str, allowed: str
) -> None:
    assert SMALL.count(old) == 1
    found = mistakes(SMALL.replace(old, new))[0]
    last = field.split(".")[-1]
    lines = SMALL.replace(old, new).splitlines()
    assert found.field == field
    assert allowed in found.allowed % found.values
    written = lines[found.line - 1]
    assert last in written or last.isdigit() or found.said is None or field in ("fees", "places")


def test_the_line_is_that_of_the_setting() -> None:
    assert mistake("opens: '8:45'", "opens: 8.45").line == line_of("opens: '8:45'")
    assert mistake("kind: general", "kind: genral").line == line_of("kind: general")
    # a missing one: where its section begins
    assert mistake("      kind: general\n", "").line == line_of("- id: a")
    assert mistake("  official_capacity: 6\n", "").line == line_of("places:")
    assert mistake("code: seeds\n", "").line == 1


def test_a_sentence_says_all_of_it() -> None:
    found = mistake("kind: general", "kind: genral")
    assert found.sentence() == (
        "18行目 places.rooms.1.kind：general, isolation, observation のどれかを書いてください。"
        "(書かれた値：genral)"
    )
    english = {LINE: "Line %(line)s, %(field)s: %(allowed)s (found: %(said)s)"}
    assert found.sentence(lambda msgid: english.get(msgid, "?")).startswith("Line 18, places")


def test_a_value_that_is_not_there_is_a_dash_and_a_time_a_time() -> None:
    assert Mistake(("a",), None, "x").sentence().endswith("(書かれた値：–)")
    assert Mistake(("a",), time(7, 0), "x").sentence().endswith("(書かれた値：7:00)")


def test_all_mistakes_are_told_at_once_in_order_of_lines() -> None:
    text = SMALL.replace("resident: 2000", "resident: -1").replace("MUMPS", "MUMP")
    text = text.replace("code: seeds", "kode: seeds")
    found = mistakes(text)
    assert [one.field for one in found] == [
        "code", "kode", "illnesses.table.MUMP", "fees.resident",
    ]  # fmt: skip
    assert [one.line for one in found] == sorted(one.line for one in found)
    with pytest.raises(BrokenRuleBook, match="illnesses.table.MUMP"):
        read(text)


def test_a_wrong_weekday_is_told_once_with_a_suggestion() -> None:
    found = mistake("tue:", "tues:")
    assert found.values == {"suggestion": "tue"}


def test_two_rooms_of_one_id_are_refused() -> None:
    room = "    - id: a\n      label: {ja: 保育室}\n      kind: general\n      places: 4\n"
    found = mistake(room, room + room)
    assert (found.field, "2つあります" in found.allowed) == ("places", True)


@pytest.mark.parametrize(
    ("until", "words"),
    [("", "両方"), ("\n  same_day_until: 8:00", "より後の時刻")],
)
def test_a_same_day_window_has_two_ends_in_order(until: str, words: str) -> None:
    line = "opens: {days_before: 1, at: 8:45}"
    found = mistake(line, f"{line}\n  same_day_from: 9:00{until}")
    assert (found.field, found.line) == ("booking", line_of("booking:"))
    assert words in found.allowed


def test_a_closure_ends_after_it_begins() -> None:
    closures = "opening:\n  closures:\n    - {first: 2027-01-03, last: 2026-12-29}\n"
    found = mistake("opening:\n", closures)
    assert (found.field, found.line) == ("opening.closures.1", 9)


# broken YAML


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("- id: a", "- id: 'a", 16, "YAML として"),
        ("  official_capacity: 6", "\tofficial_capacity: 6", 14, "YAML として"),
        (
            "  official_capacity: 6",
            "   official_capacity: 6\n  may_exceed: true",
            15,
            "YAML として",
        ),
        ("code: seeds", "code: &name seeds", 1, "「!」「&」「*」"),
        ("code: seeds", "code: *name", 1, "「!」「&」「*」"),
        ("code: seeds", "code: !!python/name:os.system seeds", 1, "「!」「&」「*」"),
        ("code: seeds", "code: !!int seeds", 1, "「!」「&」「*」"),
        ("places: 4", "places: 4\n      own_entrance: \x07", 20, "使えない文字"),
        ("code: seeds", "---\ncode: seeds\n---", 3, "YAML として"),
        ("code: seeds", "code: " + "[" * DEEPEST + "]" * DEEPEST, 1, "YAML として"),
    ],
)
def test_broken_yaml_has_a_line_too(old: str, new: str, line: int, words: str) -> None:
    found = mistake(old, new)
    assert (found.line, words in found.allowed) == (line, True)


@pytest.mark.parametrize("text", ["", "# nothing", "- a\n- b", "しーず"])
def test_a_document_that_is_no_table_is_refused(text: str) -> None:
    (found,) = mistakes(text)
    assert (found.line, found.field, found.allowed) == (1, "", "「名前: 値」の形で書いてください。")


def test_a_file_beyond_all_measure_is_refused_unread() -> None:
    (found,) = mistakes("#" * (LONGEST + 1))
    assert "大きすぎます" in found.allowed


def test_words_of_yaml_1_1_stay_words() -> None:
    book = read(SMALL.replace("{ja: しーず}", "{ja: no, en: 1_000}"))
    assert book.about.short_name == {"ja": "no", "en": "1_000"}


def test_a_rule_book_of_values_is_checked_by_the_same_rules() -> None:
    values = plain(read(SMALL)) | {"code": "X"}
    with pytest.raises(BrokenRuleBook) as broken:
        build(RuleBook, values)
    assert [(one.line, one.field) for one in broken.value.mistakes] == [(0, "code")]
    values = plain(read(SMALL))
    values["illnesses"]["table"]["MUMP"] = plain(IllnessRule(handling="never"))
    with pytest.raises(BrokenRuleBook, match="MUMPS"):
        build(RuleBook, values)


# Suginami


@pytest.mark.parametrize("name", ROOMS)
def test_suginamis_files_are_rule_books_and_pass_the_schema(name: str) -> None:
    book = read((SUGINAMI / f"{name}.yaml").read_text("utf-8"))
    assert book.code == name
    assert {"ja", "en"} <= set(book.about.name)
    assert book.about.telephone.startswith("03-0000-000")
    assert (book.ages.youngest_months, book.ages.oldest_grade) == (5, 0)
    assert book.registering.renewal == "never"
    jsonschema.validate(plain(book), schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", [*ROOMS, "municipality"])
def test_all_texts_of_suginami_are_in_japanese_and_english(name: str) -> None:
    model = Municipality if name == "municipality" else RuleBook
    document = plain(read_as(model, (SUGINAMI / f"{name}.yaml").read_text("utf-8")))

    def texts(value: object) -> list[dict[str, str]]:
        if isinstance(value, dict):
            return [value] if "ja" in value else [t for v in value.values() for t in texts(v)]
        return [t for v in value for t in texts(v)] if isinstance(value, list) else []

    found = texts(document)
    assert found
    assert all(set(text) == {"ja", "en"} for text in found)


def test_the_municipality_names_its_rooms_in_order() -> None:
    town = read_as(Municipality, (SUGINAMI / "municipality.yaml").read_text("utf-8"))
    assert (town.code, town.facilities) == ("131156", ROOMS)
    assert {path.stem for path in SUGINAMI.glob("*.yaml")} == {"municipality", *ROOMS}
    assert town.stored()["consent_text"] == town.consent.text
    assert town.stored()["office"]["mail"] == "hoiku@suginami.example"
    with pytest.raises(BrokenRuleBook) as broken:
        read_as(Municipality, "code: 13115\nname: {ja: 杉並区}\n")
    assert [one.field for one in broken.value.mistakes] == [
        "code", "telephone", "office", "consent",
    ]  # fmt: skip


def test_the_fifth_room_says_that_it_is_a_sample() -> None:
    assert "見本" in read((SUGINAMI / "fifth.yaml").read_text("utf-8")).about.name["ja"]


def suginami(name: str) -> RuleBook:
    """The rule book of one of Suginami's rooms."""
    return read((SUGINAMI / f"{name}.yaml").read_text("utf-8"))


def test_a_monday_at_tamura_is_booked_on_friday_from_8_45() -> None:
    monday = date(2026, 11, 30)
    opens = builders.tokyo(8, 45, date(2026, 11, 27))
    assert clocks.opens_at(suginami("tamura"), monday) == opens
    before = clocks.may_ask(suginami("tamura"), monday, opens - timedelta(seconds=1))
    assert before is not None
    assert before.code is Code.NOT_YET_OPEN
    assert clocks.may_ask(suginami("tamura"), monday, opens) is None


def test_two_rooms_open_three_open_days_before() -> None:
    # the holiday on Monday the 23rd and the weekend do not count
    opens = builders.tokyo(8, 45, date(2026, 11, 18))
    assert clocks.opens_at(suginami("seeds"), builders.CARE_DAY) == opens
    assert clocks.opens_at(suginami("rabbit"), builders.CARE_DAY) == opens


@pytest.mark.parametrize(
    ("name", "illness", "code"),
    [
        ("seeds", "MUMPS", Code.NEVER_ILLNESS),
        ("seeds", "VARICELLA", Code.NEVER_ILLNESS),
        ("seeds", "GASTROENTERITIS", None),
        ("kohitsuji", "UNDIAGNOSED_FEVER", Code.NOT_UNDIAGNOSED),
        ("kohitsuji", "PERTUSSIS", None),
        ("fifth", "FLU_A", Code.NEVER_ILLNESS),
        ("fifth", "URI", None),
    ],
)
def test_what_suginamis_rooms_take(name: str, illness: str, code: Code | None) -> None:
    refused = gates.illness(suginami(name), illness)
    assert (refused and refused.code) == code


def test_a_child_may_come_from_five_months_on() -> None:
    birthday = date(2026, 7, 1)
    for name in ROOMS:
        too_young = gates.age_of(suginami(name), birthday, date(2026, 11, 30))
        assert too_young == Refusal(Code.TOO_YOUNG, {"months": 5})
        assert gates.age_of(suginami(name), birthday, date(2026, 12, 1)) is None


def test_lives_in_nakano_and_goes_to_a_nursery_in_suginami() -> None:
    child = Child(id="c", birthday=date(2024, 4, 1), residence="131148", nursery_in="131156")
    assert gates.eligibility(suginami("seeds"), child, "131156") is None
    at_home = Child(id="c", birthday=child.birthday, residence="131156", guardian_on_leave=True)
    on_leave = gates.work(suginami("seeds"), at_home)
    assert on_leave == Refusal(Code.ELIGIBILITY, {"rule": "on_leave"})


def test_small_children_weigh_more_at_the_rabbit_room() -> None:
    rules = suginami("rabbit")
    assert [capacity.points(rules, months) for months in (11, 12, 36)] == [1.66, 1.25, 1.0]


class Free(Section):
    """A document whose numbers have no limits."""

    whole: int = setting("whole")
    number: float = setting("number")


def test_numbers_without_limits_are_told_what_they_are() -> None:
    with pytest.raises(BrokenRuleBook) as broken:
        build(Free, {"whole": "x", "number": "y"})
    assert [one.allowed for one in broken.value.mistakes] == [
        "整数を書いてください。",
        "数を書いてください。",
    ]


def test_a_room_is_found_by_its_id() -> None:
    found = suginami("seeds").room("a")
    assert found is not None
    assert (found.places, found.use) == (2, "infectious")
    assert suginami("seeds").room("z") is None
