"""Words of what happened to a booking, and who of the family did it."""

from __future__ import annotations

from flask_babel import gettext as _

from reservation.domain import states
from reservation.reads.booking_log import LogLine
from reservation.web.parents import bp
from reservation.web.parents.words import moment


@bp.app_template_filter("log_words")
def log_words(line: LogLine) -> str:
    """What happened, and by whom of the family."""
    step = next((s for s in states.STEPS if s.action == line.action and s.to == line.to), None)
    what = _(step.words) if step else line.action
    return _("%(what)s(%(who)s)", what=what, who=_who(line))


@bp.app_template_filter("by_words")
def by_words(line: LogLine) -> str:
    """あした 22:10 に、さくらの父さんが手続きしました。 – for the other guardian."""
    who = _("%(name)sさん", name=line.name) if line.name else _("ご家族の方")
    return _("%(at)s に、%(who)sが手続きしました。", at=moment(line.at), who=who)


def _who(line: LogLine) -> str:
    if line.actor == "family":
        return _("あなた") if line.is_me else line.name or _("ご家族")
    return _("施設") if line.actor == "staff" else _("自動")
