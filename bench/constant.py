"""Bare Flask that returns constant bytes: what any page of Flask costs at least.

Serves the files of the folder BENCH_CONSTANT: `vacancy.json` and `page.html`.
"""

import os
from pathlib import Path

from flask import Flask, Response

_folder = Path(os.environ["BENCH_CONSTANT"])
_json, _page = (_folder / "vacancy.json").read_bytes(), (_folder / "page.html").read_bytes()

app = Flask(__name__)


@app.get("/vacancy.json")
def vacancy() -> Response:
    """The same JSON every time."""
    return Response(_json, mimetype="application/json")


@app.get("/")
def page() -> Response:
    """The same page every time."""
    return Response(_page, mimetype="text/html")
