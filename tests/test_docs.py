"""The docs say what the program does: made pages are fresh, named things and links are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import docs

ROOT = Path(__file__).parents[1]
TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", sorted(docs.PAGES))
def test_a_made_page_is_what_the_program_says(name: str) -> None:
    have = (ROOT / "docs" / name).read_text("utf-8")
    assert have == docs.PAGES[name](), "run bash scripts/docs.sh"


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(text: Path) -> None:
    links = [link for link in LINK.findall(text.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (text.parent / link).exists()] == []


def test_both_commands_of_the_readme_are_there() -> None:
    for readme in (ROOT / "README.md", ROOT / "README.ja.md"):
        named = set(re.findall(r"bash (scripts/\w+\.sh)", readme.read_text("utf-8")))
        assert {"scripts/demo.sh", "scripts/test.sh"} <= named
        assert [name for name in named if not (ROOT / name).exists()] == []
