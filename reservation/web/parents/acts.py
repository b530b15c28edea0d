"""Around a form that performs an act: its key, and where the answer stands."""

from datetime import date
from secrets import token_urlsafe

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import i18n
from reservation.services import keys
from reservation.services.children import Wanted
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, to_json
from reservation.web.parents import asking as wishes
from reservation.web.parents.session import me
from reservation.web.public import choices
from reservation.web.public.choices import Asked

REFUSED = "refused"
"""In the session: what was wanted, and why not."""
NO_CONTENT = frozenset({"csrf_token", "key"})


def act_key(act: str, file: str = "") -> Key:
    """The key of this request's form, with the digest of a file that came with it. A form without
    a token (written by hand) counts by itself."""
    content = {n: v for n, v in request.form.items(multi=True) if n not in NO_CONTENT}
    more = {**(request.view_args or {}), **({"file": file} if file else {})}
    token = request.form.get("key", "") or token_urlsafe()
    return keys.key(f"{me().guardian_id}:{act}", token, {**content, **more})


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


def answer(outcome: Outcome, wanted: Wanted) -> ResponseReturnValue:
    """Where the answer to a hold or an entry stands."""
    say_reused(outcome)
    if outcome.is_refused:
        # In the session and not in the address: the reasons may tell what the child has.
        session[REFUSED] = {"fields": fields_of(wanted), "outcome": to_json(outcome)}
        return redirect(url_for("parents.refused"), 303)
    page = "parents.check" if outcome.code == "held" else "parents.booking"
    return redirect(url_for(page, booking_id=outcome.booking_id), 303)


def fields_of(wanted: Wanted) -> dict[str, str]:
    """A wanted place as the hidden fields of one more form."""
    asked = Asked(wanted.complaint, wanted.told, choices.AGE, wanted.care_day)
    return wishes.sent_fields(wanted.child_id, wanted.facility_id, wanted.care_day, asked)
