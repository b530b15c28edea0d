"""What the layout of the desk shows on every page: the tabs, the place, the person."""

from flask import request, url_for
from flask_babel import gettext as _

from reservation.reads.roles import Post
from reservation.web import roles

TABS: list[tuple[str, str, str]] = []
"""(endpoint, msgid, key): a module with a page of its own adds its line with ``tab``."""

ORDER = ("staff.today", "staff.telephone", "staff.week", "staff.registrations", "staff.rules")
"""The tabs from left to right, whatever the order in which modules are read."""


def tab(endpoint: str, label: str, key: str = "") -> None:
    """Add a tab of the masthead. ``label`` is a msgid; ``key`` the letter that opens it."""
    TABS.append((endpoint, label, key))
    TABS.sort(key=lambda line: ORDER.index(line[0]))


def of_desk(post: Post | None) -> dict[str, object]:
    """Variables of layouts/desk.html for the signed-in person."""
    clerk = roles.clerk()
    if clerk is None:
        return {}
    own = [(url_for("staff.password"), _("パスワードを変える"))]
    common: dict[str, object] = {
        "viewer": clerk,
        "sign_out_url": url_for("staff.leave"),
        "single_keys": clerk.person.single_keys,
        "home": url_for("staff.home"),
        "menu_links": own,
    }
    if post is None or post.facility_id is None:
        return common
    home = url_for("staff.today", facility_code=post.code)
    links = [(url_for("staff.settings", facility_code=post.code), _("設定とキーの一覧")), *own]
    if post.is_manager:
        links.append((url_for("staff.people", facility_code=post.code), _("職員のアカウント")))
    if len(clerk.person.posts) > 1:
        links.append((url_for("staff.home"), _("ほかの施設")))
    return common | {
        "house": roles.shown(post),
        "home": home,
        "post": post,
        "tabs": [_tab(post, *line) for line in TABS],
        "menu_links": links,
    }


def _tab(post: Post, endpoint: str, label: str, key: str) -> dict[str, object]:
    return {
        "label": _(label),
        "url": url_for(endpoint, facility_code=post.code),
        "current": request.endpoint == endpoint,
        "key": key,
    }
