"""The guards of staff and of the municipality: who is at the desk, and with which role here.

Staff pages stand under /staff/<facility_code>/, the office's under
/municipality/<municipality_code>/. A place where the person has no role answers like one that does
not exist. Pages for some roles only say so with `@only("manager")`; of the municipality's roles a
reviewer may look and an officer may also act.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from reservation import clock
from reservation.domain.values import Channel
from reservation.i18n import text_of
from reservation.reads import roles
from reservation.reads.roles import Person, Post
from reservation.services import accounts, audit, devices
from reservation.services.audit import By
from reservation.web import access, cookies

COOKIE = "desk"
NEXT = "desk_next"
_View = TypeVar("_View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Clerk:
    """A signed-in person with a staff account, as pages need them."""

    person: Person
    device_id: str
    kind: str = "staff"

    @property
    def label(self) -> str:
        """The name in the masthead."""
        return self.person.name

    @property
    def account_id(self) -> str:
        """Whose account."""
        return self.person.account_id


def clerk() -> Clerk | None:
    """The person behind the desk's cookie, asked once per request."""
    if "clerk" not in g:
        # Where the database is away this stays, so that the error page does not ask it again.
        g.clerk = None
        g.clerk = _read()
    found: Clerk | None = g.clerk
    return found


def me() -> Clerk:
    """The signed-in person of a page behind a guard."""
    found = clerk()
    if found is None:
        raise LookupError("this page is not behind the guard")
    return found


def here() -> Post:
    """The person's role at the place of this page's address."""
    post: Post = g.post
    return post


def facility_id() -> str:
    """The facility of this page's address."""
    found = here().facility_id
    if found is None:
        raise LookupError("this page belongs to no facility")
    return found


def by(channel: Channel = Channel.DESK) -> By:
    """The signed-in person acting at the facility of this page."""
    return audit.staff(me().account_id, facility_id(), channel)


def officer_by() -> By:
    """The signed-in officer acting for the municipality of this page."""
    return audit.account(me().account_id)


def only(*allowed: str) -> Callable[[_View], _View]:
    """A page for these roles only; others of the same place read that it is not for them."""

    def wrap(view: _View) -> _View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if here().role not in allowed:
                abort(403)
            return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return wrap


def place_of(post: Post) -> str:
    """Where this role's work begins."""
    kind = "staff" if post.facility_id is not None else "municipality"
    return f"/{kind}/{post.code}/"


def shown(post: Post | None) -> str:
    """The place's name in the reader's language."""
    return text_of(post.name).text if post else ""


@access.check("staff")
def staff() -> ResponseReturnValue | None:
    """May pass with a role at the facility named in the address, or where none is named."""
    if clerk() is None:
        return ask()
    code = (request.view_args or {}).get("facility_code")
    if code is None:
        return None
    g.post = me().person.at_facility(code)
    return abort(404) if g.post is None else None


@access.check("municipality")
def municipality() -> ResponseReturnValue | None:
    """May pass with a role at the municipality named in the address; reviewers only to look."""
    if clerk() is None:
        return ask()
    code = (request.view_args or {}).get("municipality_code")
    if code is None:
        return None
    g.post = me().person.at_municipality(code)
    if g.post is None:
        abort(404)
    if request.method not in ("GET", "HEAD", "OPTIONS") and g.post.role != "officer":
        abort(403)
    return None


def ask() -> ResponseReturnValue:
    """To the sign-in page; a page that was asked for is kept until afterwards."""
    if request.method == "GET":
        session[NEXT] = request.full_path.removesuffix("?")
    return redirect(url_for("desk_door.ask"), 303)


def _read() -> Clerk | None:
    token = cookies.get(COOKIE)
    found = devices.find(token, clock.now, idle=accounts.IDLE) if token else None
    if found is None or found.account_id is None:
        return None
    person = roles.person(found.account_id, clock.today())
    return Clerk(person, found.id) if person is not None else None
