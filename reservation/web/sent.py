"""What a request may carry: texts, without signs that no keyboard makes.

One page of ours sends a file (a photo) and none JSON, yet Flask-WTF would take either in a form's
place and hand fields things that are no texts. Control characters come from pasted texts;
PostgreSQL refuses one of them, mails and workbooks the others. They are dropped here once, and
refused in a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, abort, current_app, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.formparser import FormDataParser

FILES = frozenset({"parents.send_photo"})
"""Endpoints to which a file may come."""
LENGTH = "PHOTO_LENGTH"
"""The application's name for how long a request with a photo may be."""
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


class TextsOrFiles(ImmutableMultiDict[str, Any]):
    """Fields, cleaned, and files."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__(
            (clean(name), clean(one) if isinstance(one, str) else one) for name, one in pairs
        )


class OwnRequest(Request):
    """A request whose arguments and fields are clean texts; files come where they are asked for."""

    parameter_storage_class = Texts

    def make_form_data_parser(self) -> FormDataParser:
        """Let a photo in where one may come, as large as it may be."""
        parser = super().make_form_data_parser()
        if self.endpoint in FILES:
            self.max_content_length = current_app.config[LENGTH]
            parser.cls = TextsOrFiles
        return parser

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        # In memory whatever its size: the usual way would write a child's papers to the disk in
        # clear. The limit on the whole request is the limit on this.
        return BytesIO()


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
