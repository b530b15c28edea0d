"""The key of a form that performs an act: the same form sent twice acts once."""

from datetime import date
from secrets import token_urlsafe

from flask import flash, request
from flask_babel import gettext as _

from reservation import i18n
from reservation.services import keys
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.web.parents.session import me

NO_CONTENT = frozenset({"csrf_token", "key"})


def act_key(act: str) -> Key:
    """The key of this request's form. A form without a token (written by hand) counts by itself."""
    content = {n: v for n, v in request.form.items(multi=True) if n not in NO_CONTENT}
    token = request.form.get("key", "") or token_urlsafe()
    return keys.key(f"{me().guardian_id}:{act}", token, {**content, **(request.view_args or {})})


def say_reused(outcome: Outcome) -> None:
    """A known key with other content is no error: what was sent first counts, and is shown."""
    if outcome.reused:
        flash(
            _("この内容は、すでに送信されています。はじめに送った内容の結果をお見せしています。"),
            "few",
        )


def say_fell(outcome: Outcome) -> None:
    """Which later days of the illness have gone with the cancelled one."""
    if outcome.values.get("fell"):
        days = [i18n.day(date.fromisoformat(one)) for one in outcome.values["fell"]]
        flash(_("%(days)sの予約も取り消しました。", days=_("、").join(days)), "yes")
