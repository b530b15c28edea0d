"""The desk's browser: signed in, signed out, and where to go afterwards."""

from flask import redirect, request, session, url_for
from werkzeug import Response

from reservation import clock
from reservation.reads import roles as people
from reservation.services import accounts
from reservation.services.accounts import Entered
from reservation.services.sign_in import Browser
from reservation.web import cookies, roles
from reservation.web.parents.session import is_own, label

KNOWN = "desk_known"
YEAR = 365 * 24 * 3600


def browser() -> Browser:
    """The browser of this request, for eight hours at most."""
    return Browser(label(request.user_agent.string), accounts.LASTS)


def begin(entered: Entered) -> Response:
    """Signed in: a fresh session, the desk's cookie, and on to the page that was asked for."""
    path = session.pop(roles.NEXT, "")
    session.clear()
    response = redirect(path if is_own(path) else start(entered.account_id), 303)
    cookies.put(response, roles.COOKIE, entered.token, None)
    cookies.mark_known(response, KNOWN, entered.mail, entered.token[:8], YEAR)
    return response


def finish(response: Response) -> Response:
    """Signed out; the mark of a known browser stays."""
    session.clear()
    cookies.drop(response, roles.COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def start(account_id: str) -> str:
    """Where this person's work begins: the only place, else the list of places."""
    person = people.person(account_id, clock.today())
    if person is not None and len(person.posts) == 1:
        return roles.place_of(person.posts[0])
    return url_for("staff.home")
