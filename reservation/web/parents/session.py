"""Who is signed in: the device cookie, the guard of /my, and where to go after signing in."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from reservation import clock, i18n
from reservation.services import audit, devices
from reservation.services.audit import By
from reservation.services.devices import Owner
from reservation.services.sign_in import Browser, Entered
from reservation.web import access, cookies

YEAR = 365 * 24 * 3600
NEXT = "next"
DEVICE = "device"
KNOWN = "known"


@dataclass(frozen=True)
class Viewer:
    """A signed-in guardian, as pages and acts need them."""

    guardian_id: str
    family_id: str
    municipality_id: str
    device_id: str
    label: str
    mail: str
    language: str
    kind: str = "parent"

    @property
    def by(self) -> By:
        """This guardian acting for their family."""
        return audit.guardian(self.guardian_id, self.family_id)

    @property
    def owner(self) -> Owner:
        """The owner of this guardian's devices."""
        return Owner(guardian_id=self.guardian_id)


def viewer() -> Viewer | None:
    """The guardian of the request's device cookie, asked once per request."""
    if "viewer" not in g:
        g.viewer = _read()
    found: Viewer | None = g.viewer
    return found


def me() -> Viewer:
    """The signed-in guardian of a page behind the guard."""
    found = viewer()
    if found is None:
        raise LookupError("this page is not behind the guard")
    return found


@access.check("parents")
def check() -> ResponseReturnValue | None:
    """May pass, or goes to sign in; a page that was asked for is kept until afterwards."""
    if viewer() is not None:
        return None
    if request.method == "GET":
        keep_next(request.full_path.removesuffix("?"))
    elif request.referrer:
        keep_next(_path(request.referrer))
    return redirect(url_for("door.ask"), 303)


def keep_next(path: str) -> None:
    """Remember where to go after signing in; only pages of this site count."""
    if is_own(path):
        session[NEXT] = path


def take_next() -> str:
    """Where to go now, once; my page when nothing was asked for."""
    path = session.pop(NEXT, "")
    return path if is_own(path) else url_for("parents.home")


def is_own(path: str) -> bool:
    """Whether this is a path of this site: no host, and no sign-in page again."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\", "/signin", "/signout"))
    return plain and path.isprintable() and "\\" not in path and len(path) < 2000


def browser(*, stay: bool) -> Browser:
    """The browser of this request; without ``stay`` it is asked for a code again next time."""
    lasts = devices.PARENT_LASTS if stay else devices.ONCE_LASTS
    return Browser(label(request.user_agent.string), lasts)


def begin(entered: Entered, *, stay: bool) -> Response:
    """Signed in: a fresh session, the device's cookie, and on to the page that was asked for."""
    path = take_next()
    session.clear()
    response = redirect(path, 303)
    lasts = int(devices.PARENT_LASTS.total_seconds()) if stay else None
    cookies.put(response, DEVICE, entered.token, lasts)
    if stay:
        cookies.mark_known(response, KNOWN, entered.mail, entered.token[:8], YEAR)
    if not request.args.get("lang") and i18n.COOKIE not in request.cookies:
        cookies.put(response, i18n.COOKIE, entered.language, YEAR, plain=True)
    return response


def finish(response: Response) -> Response:
    """Signed out: forget the session and the device; the mark of a known browser stays."""
    session.clear()
    cookies.drop(response, DEVICE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def known(mail: str) -> str | None:
    """The mark of this browser if it has signed in with this address before."""
    return cookies.known(KNOWN, mail)


def label(agent: str) -> str:
    """A few words for the list of devices: 「iPhone・Safari」."""
    systems = ("iPhone", "iPad", "Android", "Windows", "CrOS", "Mac OS", "Linux")
    programs = ("Line", "Edg", "OPR", "Firefox", "CriOS", "Chrome", "Safari")
    names = {"CrOS": "Chromebook", "Mac OS": "Mac", "Line": "LINE", "Edg": "Edge"}
    names |= {"CriOS": "Chrome", "OPR": "Opera"}
    found = [
        next((names.get(word, word) for word in words if f"{word}" in agent), "")
        for words in (systems, programs)
    ]
    return _("・").join(filter(None, found)) or _("名前のわからない端末")


def _read() -> Viewer | None:
    token = cookies.get(DEVICE)
    found = devices.find(token, clock.now) if token else None
    if found is None or found.guardian_id is None or found.family_id is None:
        return None
    return Viewer(
        guardian_id=found.guardian_id,
        family_id=found.family_id,
        municipality_id=found.municipality_id or "",
        device_id=found.id,
        label=found.name or found.mail or "",
        mail=found.mail or "",
        language=found.language,
    )


def _path(address: str) -> str:
    parts = urlsplit(address)
    own = parts.netloc == request.host
    return f"{parts.path}?{parts.query}" if own and parts.query else parts.path if own else ""
