"""Writes the pages of docs/ that are made from the program; tests compare them."""

import json
from collections.abc import Callable
from pathlib import Path

from reservation.domain import diagram
from reservation.domain.rulebook import documents, reference

DOCS = Path(__file__).parents[1] / "docs"


def schema() -> str:
    """docs/rulebook.schema.json"""
    return json.dumps(documents.schema(), ensure_ascii=False, indent=2) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "rule-book.md": reference.markdown,
    "rulebook.schema.json": schema,
    "states.md": diagram.markdown,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
