"""The catalogue of illnesses, and what a facility does with each (answers.md §2, domain.md §4).

A complaint becomes a code of the catalogue at once, so that seating, marks and figures never meet
a child without one. How an illness is handled is the rule book's table over the catalogue's
default: 'general' sits in the general room, 'cohort' shares a room with the same illness,
'single' sits alone, 'doctor' sits alone and a doctor decides, 'never' is not taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reservation.domain.values import Complaint
from reservation.domain.words import N_

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook

SUBTYPES = {"FLU_A": "FLU", "FLU_B": "FLU"}
"""The cohort of illnesses that some rooms do not tell apart by their type."""

GENERAL = "G"
"""The cohort of all who may sit together in a general room."""


@dataclass(frozen=True, slots=True)
class Illness:
    """One line of the catalogue; ``group`` is a key of GROUPS."""

    code: str
    words: str
    group: str
    handling: str


GROUPS: dict[str, str] = {
    "undiagnosed": N_("診断前"),
    "respiratory": N_("かぜ・気管支の病気"),
    "influenza": N_("インフルエンザ"),
    "covid": N_("新型コロナウイルス感染症"),
    "gastro": N_("胃腸炎"),
    "summer": N_("夏かぜ(手足口病など)"),
    "rash": N_("発疹の出る病気"),
    "strep": N_("溶連菌感染症"),
    "notifiable": N_("届出の必要な病気"),
    "other": N_("その他"),
}
"""Groups of illnesses for the figures, in the order of the tables."""

_LINES = (
    Illness("UNDIAGNOSED_FEVER", N_("発熱(診断前)"), "undiagnosed", "general"),
    Illness("SUSPECTED_GASTROENTERITIS", N_("嘔吐・下痢(診断前)"), "undiagnosed", "cohort"),
    Illness("UNDIAGNOSED_RASH", N_("発疹(診断前)"), "undiagnosed", "doctor"),
    Illness("UNCLEAR", N_("はっきりしない不調"), "undiagnosed", "general"),
    Illness("URI", N_("かぜ(上気道炎)"), "respiratory", "general"),
    Illness("BRONCHITIS", N_("気管支炎"), "respiratory", "general"),
    Illness("PNEUMONIA", N_("肺炎"), "respiratory", "general"),
    Illness("ASTHMA", N_("ぜんそく"), "respiratory", "general"),
    Illness("OTITIS", N_("中耳炎"), "respiratory", "general"),
    Illness("RSV", N_("RSウイルス感染症"), "respiratory", "cohort"),
    Illness("HMPV", N_("ヒトメタニューモウイルス感染症"), "respiratory", "cohort"),
    Illness("MYCOPLASMA", N_("マイコプラズマ肺炎"), "respiratory", "cohort"),
    Illness("FLU_A", N_("インフルエンザA型"), "influenza", "cohort"),
    Illness("FLU_B", N_("インフルエンザB型"), "influenza", "cohort"),
    Illness("COVID19", N_("新型コロナウイルス感染症"), "covid", "cohort"),
    Illness("GASTROENTERITIS", N_("感染性胃腸炎"), "gastro", "cohort"),
    Illness("HFMD", N_("手足口病"), "summer", "cohort"),
    Illness("HERPANGINA", N_("ヘルパンギーナ"), "summer", "cohort"),
    Illness("PCF", N_("咽頭結膜熱(アデノウイルス)"), "summer", "cohort"),
    Illness("VARICELLA", N_("水ぼうそう(水痘)"), "rash", "cohort"),
    Illness("ROSEOLA", N_("突発性発疹"), "rash", "general"),
    Illness("FIFTH", N_("りんご病(伝染性紅斑)"), "rash", "general"),
    Illness("IMPETIGO", N_("とびひ(伝染性膿痂疹)"), "rash", "general"),
    Illness("RUBELLA", N_("風疹"), "rash", "cohort"),
    Illness("STREP", N_("溶連菌感染症"), "strep", "cohort"),
    Illness("MUMPS", N_("おたふくかぜ(流行性耳下腺炎)"), "other", "cohort"),
    Illness("PERTUSSIS", N_("百日咳"), "other", "cohort"),
    Illness("MEASLES", N_("麻疹(はしか)"), "notifiable", "never"),
    Illness("TB", N_("結核"), "notifiable", "never"),
    Illness("EHEC", N_("腸管出血性大腸菌感染症(O157など)"), "notifiable", "never"),
    Illness("EKC", N_("はやり目(流行性角結膜炎)"), "other", "never"),
    Illness("ALLERGY", N_("アレルギーによる症状"), "other", "general"),
    Illness("OTHER", N_("その他の病気(うつらないもの)"), "other", "general"),
)

CATALOGUE: dict[str, Illness] = {line.code: line for line in _LINES}
"""All illnesses by code, in the order in which a list shows them."""

COMPLAINTS: dict[Complaint, str] = {
    Complaint.FEVER: "UNDIAGNOSED_FEVER",
    Complaint.COUGH: "URI",
    Complaint.STOMACH: "SUSPECTED_GASTROENTERITIS",
    Complaint.RASH: "UNDIAGNOSED_RASH",
    Complaint.UNSURE: "UNCLEAR",
}
"""Which illness a complaint counts as where the rule book says nothing."""

_STRENGTH = (
    Complaint.DIAGNOSED,
    Complaint.RASH,
    Complaint.STOMACH,
    Complaint.FEVER,
    Complaint.COUGH,
    Complaint.UNSURE,
)


def strongest(complaints: Iterable[Complaint]) -> Complaint:
    """The one complaint that several signs count as: rash > stomach > fever > cough.

    A diagnosis beats every sign; no sign at all is 'not sure' (answers.md §2).
    """
    named = set(complaints)
    return next((c for c in _STRENGTH if c in named), Complaint.UNSURE)


def illness_for(rules: RuleBook, complaint: Complaint, told: str | None) -> str:
    """The catalogue code for a complaint; an illness told by a doctor beats every complaint.

    Raises ValueError for a code that is not in the catalogue, and for 'diagnosed' without one.
    """
    code = told or rules.illnesses.complaints.get(complaint.value) or COMPLAINTS.get(complaint, "")
    if code not in CATALOGUE:
        raise ValueError(f"not in the catalogue of illnesses: {code!r}")
    return code


def handling(rules: RuleBook, code: str) -> str:
    """'general', 'cohort', 'single', 'doctor' or 'never': the rule book's, else the default."""
    rule = rules.illnesses.table.get(code)
    return rule.handling if rule else CATALOGUE[code].handling


def cohort(
    rules: RuleBook, code: str, booking_id: str, family_id: str = "", *, isolated: bool = False
) -> str:
    """Who may share a room: 'G', the code itself, or a name of its own for a child that sits alone.

    A 'never' illness, which only staff can have let in, sits alone too (domain.md §4.3). Children
    of one family with the same 'single' illness share a name where the rule book lets them.
    ``isolated`` by a doctor's form, a child with a general illness sits with its own illness only.
    """
    how = handling(rules, code)
    if how == "general":
        return code if isolated else GENERAL
    if how == "single" and family_id and rules.illnesses.siblings_share:
        return f"{code}:family-{family_id}"
    if how != "cohort":
        return f"{code}:{booking_id}"
    return code if rules.illnesses.subtype_matters else SUBTYPES.get(code, code)


def needs_staff(rules: RuleBook, complaint: Complaint, code: str) -> bool:
    """Whether a person must look at this request even where places are given automatically."""
    unsure = complaint is Complaint.UNSURE and rules.illnesses.unsure_to_staff
    return unsure or handling(rules, code) == "doctor"


def undiagnosed(code: str) -> bool:
    """Whether the code stands for a complaint that no doctor has named yet."""
    return CATALOGUE[code].group == "undiagnosed"
