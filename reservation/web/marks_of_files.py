"""Static files: their address carries a mark of their content, so that it may be kept for a year.

`…/app.js?v=1f0c…` is kept for good only where the mark is that of the file this process has.
While two versions run side by side, a page of the new one may ask a process of the old one: that
answer is checked again the next time, so no proxy keeps old content under a new mark.
"""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

FOR_GOOD = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Mark the addresses that `url_for('static', …)` makes, and say how long an answer holds."""
    marks: dict[str, str] = {}

    def mark(name: str) -> str:
        if name not in marks:
            path = Path(str(app.static_folder)) / name
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            marks[name] = digest[:12]
        return marks[name]

    @app.url_defaults
    def add_mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", mark(str(values.get("filename", ""))) or None)

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            asked = request.args.get("v")
            if asked and asked == mark(str((request.view_args or {})["filename"])):
                response.headers["Cache-Control"] = FOR_GOOD
        return response
