"""A reader for page tests: gets, checks and submits pages as a browser without script would.

Every page it opens is checked: valid HTML, one h1, a title, a language, unique ids, a label for
every control, a CSRF token in every form that posts, nothing inline, no untranslated key, and no
health word in its address. ``page.says(…)`` and ``page.submit(…)`` make tests read like sentences.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HEALTH = re.compile(
    r"URI|FLU_|GASTRO|RASH_|発熱|インフル|水痘|allerg|temperature|illness|remark", re.IGNORECASE
)
"""Words that may stand in no address. The board's own choice (?complaint=) belongs to nobody."""
NATIVE = frozenset({"hidden", "submit", "button", "image", "reset"})
VOID_TEXT = re.compile(r"%\(\w+\)s|\{\w+\}(?!分)|Undefined|None(?=<| |$)")


class Reader:
    """Somebody with a browser without script. Follows redirects, keeps cookies."""

    def __init__(self, client: FlaskClient, base: str = "http://localhost") -> None:
        self.client = client
        self.base = base

    def opens(self, path: str, status: int = 200, **headers: str) -> Page:
        """Get a page; ``status`` is what it must answer in the end."""
        response = self._apart(
            lambda: self.client.get(path, follow_redirects=True, headers=_headers(headers))
        )
        return self._page(response, status)

    def posts(
        self,
        path: str,
        fields: dict[str, Any] | bytes,
        status: int = 200,
        *,
        follow: bool = True,
        kind: str | None = None,
    ) -> Page:
        """Send a form to an address, or a whole body of this kind. Every success must be a 303,
        and leads somewhere."""
        own = {"Origin": self.base, "Referer": self.base + "/my"}
        answer = self._apart(
            lambda: self.client.post(path, data=fields, headers=own, content_type=kind)
        )
        if answer.status_code in (301, 302, 307, 308):
            raise AssertionError(f"{path} answered {answer.status_code}, not 303")
        if answer.status_code == 303 and follow:
            return self.opens(answer.headers["Location"], status)
        return self._page(answer, status)

    def _apart(self, request: Callable[[], TestResponse]) -> TestResponse:
        """In a context of its own: an application context that a test has pushed would lend each
        request the last one's `g`, and with it who was signed in."""
        return Context().run(request)

    def _page(self, response: TestResponse, status: int) -> Page:
        is_text = not response.mimetype.startswith(("image/", "application/pdf"))
        text = response.get_data(as_text=True) if is_text else ""
        assert response.status_code == status, f"{response.status_code}: {_words(text)[:600]}"
        path = response.request.full_path.removesuffix("?")
        page = Page(self, path, response, text)
        if response.mimetype == "text/html":
            check(page)
        return page


@dataclass
class Form:
    """A form of a page: where it goes and what it would send if nothing were changed."""

    action: str
    method: str
    fields: dict[str, list[str]]
    buttons: list[tuple[str, str, str]]
    """(name, value, words) of each submit button."""


@dataclass
class Page:
    """An answer, parsed."""

    reader: Reader
    path: str
    response: TestResponse
    text: str
    tree: ET.Element = field(init=False)

    def __post_init__(self) -> None:
        self.tree = html5lib.parse(self.text, namespaceHTMLElements=False)

    @property
    def words(self) -> str:
        """All that can be read, in one line."""
        return _words_of(self.tree)

    @property
    def heading(self) -> str:
        """The h1, which is the answer."""
        found = [_words_of(one) for one in self.tree.iter("h1")]
        return found[0] if found else ""

    @property
    def title(self) -> str:
        """The document's title."""
        return _words_of(next(self.tree.iter("title")))

    def says(self, *sentences: str) -> Page:
        """These words stand on the page (spaces do not count)."""
        have = _tight(self.words)
        for sentence in sentences:
            assert _tight(sentence) in have, f"{sentence!r} is not on the page:\n{self.words}"
        return self

    def says_not(self, *sentences: str) -> Page:
        """None of these words stands on the page."""
        have = _tight(self.words)
        for sentence in sentences:
            assert _tight(sentence) not in have, f"{sentence!r} is on the page:\n{self.words}"
        return self

    def forms(self) -> list[Form]:
        """All forms, in order."""
        return [_form(one, self.path) for one in self.tree.iter("form")]

    def form(self, button: str = "") -> Form:
        """The form whose button says this; without words the first that posts."""
        for form in self.forms():
            if not button and form.method == "post":
                return form
            if button and any(_tight(button) in _tight(words) for _, _, words in form.buttons):
                return form
        raise AssertionError(f"no form with the button {button!r}:\n{self.words}")

    def submit(
        self, button: str = "", status: int = 200, *, follow: bool = True, **fields: Any
    ) -> Page:
        """Press the button with these fields filled in; a list fills boxes of one name."""
        form = self.form(button)
        sent = dict(form.fields)
        for name, value in fields.items():
            texts = value if isinstance(value, list) else [value]
            sent[name] = [str(text) for text in texts if text is not None]
        for name, value, words in form.buttons:
            if name and (not button or _tight(button) in _tight(words)):
                sent[name] = [value]
                break
        if form.method == "get":
            query = "&".join(f"{k}={v}" for k, vs in sent.items() for v in vs)
            return self.reader.opens(f"{form.action}?{query}", status)
        return self.reader.posts(form.action, sent, status, follow=follow)

    def link(self, words: str) -> str:
        """The address of the link with these words."""
        for one in self.tree.iter("a"):
            if _tight(words) in _tight(_words_of(one)):
                return urljoin(self.path, one.get("href", ""))
        raise AssertionError(f"no link {words!r}:\n{self.words}")

    def follow(self, words: str, status: int = 200) -> Page:
        """Go where the link with these words leads."""
        return self.reader.opens(self.link(words), status)


def check(page: Page) -> None:
    """What must be right on every page."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parse(page.text)
    wrong = [(at, code) for at, code, _ in parser.errors]
    assert not wrong, f"{page.path}: not valid HTML: {wrong[:5]}\n{_around(page.text, wrong[0][0])}"
    root = page.tree
    assert root.get("lang"), f"{page.path}: no language"
    assert len(list(root.iter("h1"))) == 1, f"{page.path}: not one h1"
    assert page.title.split("|")[0].strip(), f"{page.path}: no title of its own"
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids)), f"{page.path}: ids twice: {sorted(ids)}"
    _check_controls(page, set(filter(None, ids)))
    for form in root.iter("form"):
        if form.get("method", "get").lower() == "post":
            names = [one.get("name") for one in form.iter("input")]
            assert "csrf_token" in names, f"{page.path}: a form without CSRF token"
    for one in root.iter():
        inline = [name for name in one.attrib if name == "style" or name.startswith("on")]
        assert not inline, f"{page.path}: {one.tag} has {inline}"
    unread = VOID_TEXT.search(page.words)
    assert not unread, f"{page.path}: {unread.group() if unread else ''} on the page: {page.words}"
    _check_addresses(page)


def _check_controls(page: Page, ids: set[str]) -> None:
    labelled = {one.get("for") for one in page.tree.iter("label")}
    inside = {id(c) for label in page.tree.iter("label") for c in label.iter()}
    for one in page.tree.iter():
        if one.tag not in ("input", "select", "textarea"):
            continue
        if one.get("type", "text") in NATIVE:
            continue
        named = one.get("id") in labelled or id(one) in inside or one.get("aria-label")
        assert named, f"{page.path}: no label for {one.tag} {one.get('name')}"
        for reference in (one.get("aria-describedby") or "").split():
            assert reference in ids, f"{page.path}: aria-describedby {reference} leads nowhere"


def _check_addresses(page: Page) -> None:
    own = [page.path, *(one.get("href", "") for one in page.tree.iter("a"))]
    own += [one.get("action", "") for one in page.tree.iter("form")]
    for address in own:
        found = HEALTH.search(unquote(urlsplit(address).path))
        assert not found, f"{page.path}: {found.group() if found else ''} in the address {address}"


def _form(element: ET.Element, path: str) -> Form:
    fields: dict[str, list[str]] = {}
    buttons: list[tuple[str, str, str]] = []
    for one in element.iter():
        name = one.get("name", "")
        if one.tag == "button" or (one.tag == "input" and one.get("type") == "submit"):
            buttons.append((name, one.get("value", ""), _words_of(one) or one.get("value", "")))
        elif one.tag in ("input", "select", "textarea") and name:
            for value in _values(one):
                fields.setdefault(name, []).append(value)
    action = urljoin(path, element.get("action", path))
    return Form(action, element.get("method", "get").lower(), fields, buttons)


def _values(one: ET.Element) -> Iterator[str]:
    if one.tag == "textarea":
        yield (one.text or "").removeprefix("\n")
    elif one.tag == "select":
        options = list(one.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None] or options[:1]
        yield from (o.get("value", _words_of(o)) for o in chosen)
    elif one.get("type") in ("radio", "checkbox"):
        if one.get("checked") is not None:
            yield one.get("value", "on")
    else:
        yield one.get("value", "")


def _words_of(element: ET.Element) -> str:
    parts: list[str] = []
    _collect(element, parts)
    return " ".join(" ".join(parts).split())


def _collect(element: ET.Element, parts: list[str]) -> None:
    if not isinstance(element.tag, str) or element.tag in ("script", "style", "svg", "head"):
        if element.tag == "head":
            return
    elif element.text:
        parts.append(element.text)
    for child in element:
        # What is hidden waits for a script to show it; nobody reads it yet.
        if child.tag not in ("script", "style", "template") and child.get("hidden") is None:
            _collect(child, parts)
        if child.tail:
            parts.append(child.tail)


def _words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _around(text: str, place: tuple[int, int]) -> str:
    lines = text.splitlines()
    return "\n".join(lines[max(0, place[0] - 2) : place[0] + 1])


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in given.items()}
