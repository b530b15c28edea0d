"""The figures of a month or a fiscal year: on the page, as CSV, as a workbook."""

import io
from datetime import date
from typing import Any

from flask import abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from reservation import clock, i18n
from reservation import figures as counted
from reservation.domain import dates
from reservation.domain.words import N_
from reservation.figures import Name, charts, files
from reservation.reads import office
from reservation.reads.office import Period, Report
from reservation.services import exports
from reservation.web import roles
from reservation.web.municipality import bp
from reservation.web.municipality.frame import tab

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/<municipality_code>/figures")
def figures(municipality_code: str) -> ResponseReturnValue:
    """The sentence, the two pictures and all tables of a period."""
    period = asked_period()
    report = office.report(roles.here().municipality_id, period, clock.today())
    return render_template(
        "municipality/figures.html",
        period=period,
        name=period_name(period),
        query=query_of(period),
        before=query_of(period.before),
        after=query_of(period.after) if period.last < clock.today() else None,
        this_year=query_of(office.fiscal_year(dates.fiscal_year(period.first))),
        report=report,
        gaps=Markup(gap_chart(report)),
        multiples=month_charts(report),
        figure=counted.FIGURES,
        cell=shown,
        header=heading,
    )


tab("municipality.figures", N_("統計"))


@bp.get("/<municipality_code>/figures/<figure>.csv")
def figure_csv(municipality_code: str, figure: str) -> ResponseReturnValue:
    """One table for a spreadsheet; written down as an export."""
    period, post = asked_period(), roles.here()
    if figure not in counted.FIGURES:
        abort(404)
    table = office.table(post.municipality_id, period, clock.today(), figure)
    exports.note(post.municipality_id, figure, period_code(period), roles.officer_by(), clock.now)
    lead = [(_("全国地方公共団体コード"), post.code), (_("期間"), period_code(period))]
    name = f"{_(counted.FIGURES[figure].title)}_{period_name(period)}.csv"
    return _file(files.as_csv(table, said, lead), name, "text/csv; charset=utf-8")


@bp.get("/<municipality_code>/figures.xlsx")
def workbook(municipality_code: str) -> ResponseReturnValue:
    """All tables of a period in one workbook; written down as an export."""
    period, post = asked_period(), roles.here()
    found = office.report(post.municipality_id, period, clock.today())
    exports.note(post.municipality_id, "all", period_code(period), roles.officer_by(), clock.now)
    tables = [(counted.FIGURES[code].title, table) for code, table in found.tables]
    tables.append((counted.FIGURES["gaps"].title, found.gaps))
    name = _("利用統計_%(period)s", period=period_name(period)) + ".xlsx"
    return _file(files.as_xlsx(tables, said), name, XLSX)


def asked_period() -> Period:
    """The period in the address: ``month=2026-10`` or ``year=2026``; else the month at hand.

    Anything else answers 404.
    """
    year, month = request.args.get("year"), request.args.get("month")
    try:
        if year:
            return office.fiscal_year(_plausible(int(year)))
        if month:
            first = date.fromisoformat(f"{month}-01")
            _plausible(first.year)
            return office.month(first)
    except ValueError:
        abort(404)
    return office.month(clock.today())


def _plausible(year: int) -> int:
    if not 2000 <= year <= 2200:
        raise ValueError(year)
    return year


def query_of(period: Period) -> dict[str, str]:
    """The period as it stands in an address."""
    name = "year" if period.is_year else "month"
    return {name: period_code(period)}


def period_code(period: Period) -> str:
    """2026-10 for a month, 2026 for a fiscal year."""
    return f"{period.first:%Y}" if period.is_year else f"{period.first:%Y-%m}"


def period_name(period: Period) -> str:
    """The period in words."""
    if period.is_year:
        return _("%(year)s年度", year=period.first.year)
    return i18n.month(period.first)


def said(text: str) -> str:
    """A msgid or a facility's name in the reader's language."""
    return i18n.text_of(text.texts).text if isinstance(text, Name) else _(text)


def marked(text: str) -> str:
    """The same for the page: a name that exists in Japanese only says so."""
    if isinstance(text, Name):
        found = i18n.text_of(text.texts)
        if found.lang != i18n.LANGUAGES[i18n.language()].html:
            return Markup('<span lang="{}">{}</span>').format(found.lang, found.text)
    return said(text)


def shown(value: Any, kind: str) -> str:
    """A cell as the page shows it."""
    if value is None:
        return "–"
    if isinstance(value, date):
        return i18n.month(value) if kind == "month" else i18n.day(value)
    if kind == "word" or isinstance(value, Name):
        return marked(value)
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def heading(column: counted.Column) -> str:
    """A column's heading as the page shows it."""
    if not column.unit:
        return marked(column.label)
    label, unit = marked(column.label), _(column.unit)
    return Markup("{}").format(_(N_("%(label)s(%(unit)s)"))) % {"label": label, "unit": unit}


def gap_chart(report: Report) -> str:
    """The picture nobody has had: unmet child-days over the empty places of the same days."""
    days = []
    for day, unmet, empty, _served in report.gaps.rows:
        assert isinstance(day, date)
        words = _("%(day)s：満たされなかった %(unmet)s人日、空いた席 %(empty)s",
                  day=i18n.day(day), unmet=unmet, empty=empty)  # fmt: skip
        days.append(
            charts.Gap(
                str(day.day), str(format_date(day, "ccc")), words, int(str(unmet)), int(str(empty)),
                starts_week=day.weekday() == 0,
            )
        )  # fmt: skip
    frame = charts.Frame(
        "gaps",
        _("日ごとの、満たされなかった人日と空いた席"),
        _("上に満たされなかった人日、下に同じ日の空いた席。同じ数字がすぐ下の表にあります。"),
    )
    return charts.gaps(frame, days, _("満たされなかった人日"), _("空いた席"))


def month_charts(report: Report) -> list[tuple[str, int, Markup]]:
    """Twelve months of each room, as small pictures: its name, its places, the picture."""
    found = []
    for number, room in enumerate(report.scope.rooms, 1):
        bars = [
            charts.Month(
                str(first.month),
                _("%(month)s：のべ %(used)s人、受入可能 %(places)s",
                  month=i18n.month(first), used=used, places=places),
                int(str(used)), int(str(places)),
            )
            for name, first, used, places, _share in report.months.rows
            if name == room.name and isinstance(first, date)
        ]  # fmt: skip
        frame = charts.Frame(
            f"room-{number}",
            _("%(room)s：月ごとののべ利用児童数", room=said(room.name)),
            _("12か月の棒。右はしがこの月、破線は受入可能数の合計です。"),
        )
        picture = Markup(charts.months(frame, bars))
        found.append((marked(room.name), report.capacities[room.id], picture))
    return found


def _file(content: bytes, name: str, mimetype: str) -> ResponseReturnValue:
    answer = send_file(
        io.BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
