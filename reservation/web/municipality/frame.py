"""What the layout of the office shows on every page: the tabs, the town, the person."""

from flask import request, url_for
from flask_babel import gettext as _

from reservation.reads.roles import Post
from reservation.web import roles

TABS: list[tuple[str, str]] = []
"""(endpoint, msgid): a module with a page of its own adds its line with ``tab``."""

ORDER = (
    "municipality.rooms",
    "municipality.registrations",
    "municipality.defaults",
    "municipality.proposals",
    "municipality.figures",
)
"""The tabs from left to right, whatever the order in which modules are read."""


def tab(endpoint: str, label: str) -> None:
    """Add a tab of the masthead. ``label`` is a msgid."""
    TABS.append((endpoint, label))
    TABS.sort(key=lambda line: ORDER.index(line[0]))


def _shown(endpoint: str, label: str, post: Post) -> dict[str, object]:
    """A tab for the layout, marked on its own page and on all that lie below it."""
    url = url_for(endpoint, municipality_code=post.code)
    current = request.endpoint == endpoint or request.path.startswith(f"{url}/")
    return {"label": _(label), "url": url, "current": current, "key": ""}


def of_office(post: Post | None) -> dict[str, object]:
    """Variables of layouts/desk.html for the signed-in person."""
    clerk = roles.clerk()
    if clerk is None or post is None:
        return {}
    home = url_for("municipality.rooms", municipality_code=post.code)
    links = [(url_for("staff.password"), _("パスワードを変える"))]
    if len(clerk.person.posts) > 1:
        links.append((url_for("staff.home"), _("ほかの施設")))
    return {
        "viewer": clerk,
        "sign_out_url": url_for("staff.leave"),
        "house": _("%(town)s 病児保育", town=roles.shown(post)),
        "home": home,
        "post": post,
        "may_act": post.role == "officer",
        "tabs": [_shown(endpoint, label, post) for endpoint, label in TABS],
        "menu_links": links,
    }
