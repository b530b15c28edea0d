"""Settings, changes and previews in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _

from reservation import i18n
from reservation.domain.illnesses import CATALOGUE, COMPLAINTS
from reservation.domain.rulebook.catalogue import Kind, SettingInfo, everything, within
from reservation.domain.rulebook.changes import Change
from reservation.domain.rulebook.fields import Section
from reservation.domain.rulebook.preview import DayLine, Terms
from reservation.reads.rule_books import Version
from reservation.web.staff.rulebook.fields import WEEKDAY_WORDS

NOTHING = "–"


@dataclass(frozen=True)
class Line:
    """One thing that changes: its name, and what it was and will be."""

    label: str
    before: str
    after: str


def value(info: SettingInfo, said: object) -> str:
    """The value of a setting as a person would say it; a dash for nothing."""
    if isinstance(said, bool):
        return _("はい") if said else _("いいえ")
    if said is None or said in ("", (), {}):
        return NOTHING
    if isinstance(said, Section):
        each = info.path + {Kind.ROWS: "[]", Kind.TABLE: "{}"}.get(info.kind, "")
        parts = [(one, getattr(said, one.name)) for one in within(each)]
        # 「お預かりしない」, not 「お預かりしない・0日・0日」
        told = [(one, part) for one, part in parts if one.required or part != 0 or part is False]
        return _joined(value(one, part) for one, part in told)
    if isinstance(said, dict):
        return _of_names(info, said)
    if isinstance(said, tuple):
        return _joined(value(info, one) for one in said)
    return _single(info, said)


def _single(info: SettingInfo, said: object) -> str:
    if isinstance(said, time):
        return i18n.clock_time(said)
    if isinstance(said, date):
        return i18n.dated(said)
    words = dict(info.choices).get(str(said))
    if words:
        return str(_(words))
    number = f"{said:g}" if isinstance(said, float) else str(said)
    return _("%(n)s%(unit)s", n=number, unit=_(info.unit)) if info.unit else number


def _of_names(info: SettingInfo, said: dict[str, object]) -> str:
    if info.kind in (Kind.TEXT, Kind.TEXTS):
        return i18n.text_of({code: str(text) for code, text in said.items()}).text or NOTHING
    if info.kind is Kind.NAMES:
        before = {str(name): _(CATALOGUE[code].words) for name, code in COMPLAINTS.items()}
        return _joined(before[n] + _("：") + row_name(info, str(one)) for n, one in said.items())
    return _joined(row_name(info, name) + _("：") + value(info, one) for name, one in said.items())


def _joined(parts: object) -> str:
    listed = [part for part in parts if part != NOTHING]  # type: ignore[attr-defined]
    return _("・").join(listed) or NOTHING


def row_name(info: SettingInfo, name: str) -> str:
    """What a row or a name of a table is called: 月曜日, an illness, else the name itself."""
    known = {"opening.week": WEEKDAY_WORDS}.get(info.path) or {
        code: illness.words for code, illness in CATALOGUE.items()
    }
    return str(_(known[name])) if name in known else name


def label(info: SettingInfo) -> str:
    """The setting's label, after that of the clock it belongs to: 予約受付の開始：時刻."""
    holder = everything().get(info.parent)
    if holder is not None and holder.kind is Kind.SECTION and holder.parent:
        return _(holder.label) + _("：") + _(info.label)
    return str(_(info.label))


def change(one: Change) -> Line:
    """A changed setting, named with its section and row."""
    info = everything()[one.setting]
    parts = [str(_(one.section))]
    rows = next((r for r in _holders(one.setting) if r.kind in (Kind.ROWS, Kind.TABLE)), None)
    if rows is not None:
        rest = one.path.removeprefix(f"{rows.path}.")
        row = rest.removesuffix(f".{info.name}") if info is not rows else rest
        if rest != one.path:
            parts.append(row_name(rows, row))
    if one.section != one.label:
        parts.append(label(info))
    return Line(" › ".join(parts), value(info, one.before), value(info, one.after))


def _holders(path: str) -> list[SettingInfo]:
    """The setting itself and all that hold it, innermost first."""
    found = []
    while path:
        info = everything().get(path.rstrip("[]{}"))
        if info is not None:
            found.append(info)
        path = path.rpartition(".")[0]
    return found


def day_line(line: DayLine) -> list[Line]:
    """What differs on one care day."""
    before, after = _terms(line.before), _terms(line.after)
    return [Line(name, before[name], after[name]) for name in before if before[name] != after[name]]


def day_terms(line: DayLine) -> list[tuple[str, str]]:
    """What will count on one care day; what says nothing is left out."""
    return [(name, said) for name, said in _terms(line.after).items() if said != NOTHING]


def history(one: Version) -> list[Line] | None:
    """What a version changed, setting by setting; None for the first of all."""
    if one.changes is None:
        return None
    return [change(each) for each in one.changes if each.path != "valid_from"]


def _terms(terms: Terms) -> dict[str, str]:
    opening = (
        i18n.text_of(terms.closed).text
        if terms.closed is not None
        else i18n.span(terms.hours.opens, terms.hours.closes)
        if terms.hours
        else NOTHING
    )
    return {
        _("時間"): opening,
        _("予約受付の開始"): _instant(terms.opens_at),
        _("予約受付の終了"): _instant(terms.closes_at),
        _("キャンセルの締切"): _instant(terms.cancel_until),
        _("受入人数"): _("%(n)s人", n=terms.places),
    }


def _instant(at: datetime | None) -> str:
    if at is None:
        return NOTHING
    return f"{i18n.dated(at)} {i18n.clock_time(at)}"
