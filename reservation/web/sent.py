"""What a request may carry: texts, without signs that no keyboard makes.

No page of ours sends a file or JSON, yet Flask-WTF would take either in a form's place and hand
fields things that are no texts. Control characters come from pasted texts; PostgreSQL refuses one
of them, mails and workbooks the others. They are dropped here once, and refused in a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict

FORMS = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Texts(ImmutableMultiDict[str, str]):
    """Arguments or fields, cleaned; what is no text is left out."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        texts = []
        for name, text in pairs:
            if isinstance(text, str):
                texts.append((clean(name), clean(text)))
            else:
                text.close()  # a file
        super().__init__(texts)


class OwnRequest(Request):
    """A request whose arguments and fields are clean texts."""

    parameter_storage_class = Texts


def clean(text: str) -> str:
    """The text without control characters; tabs and line ends stay."""
    return _CONTROLS.sub("", text)


def init_app(app: Flask) -> None:
    """Clean what comes; 415 for anything but a form, 404 for a path with control characters."""
    app.request_class = OwnRequest

    @app.before_request
    def look() -> None:
        if clean(request.path) != request.path:
            abort(404)
        if request.method == "POST" and request.mimetype not in FORMS:
            abort(415)
