"""The lines of the night, as staff read them: what happened, by whom, and how it went on."""

from __future__ import annotations

from flask_babel import gettext as _

from reservation.domain import states
from reservation.domain.refusals import Code, Refusal
from reservation.i18n import clock_time
from reservation.reads.night_log import SKIP, Line
from reservation.web.staff import bp, words


@bp.app_template_filter("night_line")
def night_line(line: Line) -> str:
    """What happened, without the names: 「空きを案内する(メール) 22:55 まで」."""
    if line.action == SKIP:
        return _("とばしました：%(why)s", why=_why(line.code))
    if line.action == "offer":
        return _offered(line)
    step = next(s for s in states.STEPS if (s.action, s.to.value) == (line.action, line.to))
    who = _who(line)
    return _("%(what)s(%(who)s)", what=_(step.words), who=who) if who else _(step.words)


def _offered(line: Line) -> str:
    ways = {"mail": _("メール"), "telephone": _("職員から電話")}
    said = _("空きをご案内：%(until)s まで", until=clock_time(line.until)) if line.until else ""
    said = said or _("空きをご案内")
    way = ways.get(line.asked_by)
    return _("%(what)s(%(who)s)", what=said, who=way) if way else said


def _who(line: Line) -> str:
    """Family or staff, and that it was said by telephone; nothing where the clock acted."""
    if line.actor == "clock":
        return ""
    who = {"family": _("家族"), "staff": _("職員")}[line.actor]
    return _("%(who)s・電話", who=who) if line.channel == "telephone" else who


def _why(code: str) -> str:
    """The reason in the words of the list's chips."""
    return words.why_short(Refusal(Code(code)))
