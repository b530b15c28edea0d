"""axe-core on an open page: what it finds at WCAG 2.0–2.2, levels A and AA."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

FOLDER = Path(__file__).parent / "vendor"
SOURCE = (FOLDER / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def is_genuine() -> bool:
    """Whether the file is the one that VENDORED.md names."""
    listed = re.search(r"axe\.min\.js .*\| ([0-9a-f]{64}) \|", (FOLDER / "VENDORED.md").read_text())
    found = hashlib.sha256((FOLDER / "axe.min.js").read_bytes()).hexdigest()
    return listed is not None and listed.group(1) == found


def findings(page: Page) -> list[str]:
    """One line per violation: rule and the first places. Empty is right.

    The source is evaluated, not added as a script tag: the page's own policy forbids those.
    """
    page.evaluate(SOURCE)
    answer: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}"
        for one in answer["violations"]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page can be pushed sideways; 0 is right (WCAG 1.4.10)."""
    pushed: int = page.evaluate(
        "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    )
    return max(0, pushed)
