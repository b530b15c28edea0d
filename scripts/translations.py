"""Extracts the sentences from code and templates and merges them into the catalogues.

Babel's own command writes the date of the day and line numbers, so that every run changes every
catalogue; here the files' names stand beside a sentence, and nothing that moves by itself.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from reservation import i18n

ROOT = Path(__file__).resolve().parent.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {
    "**.html": {"extensions": "jinja2.ext.i18n", "silent": "false", "trimmed": "true"},
    "**.txt": {"extensions": "jinja2.ext.i18n", "silent": "false", "trimmed": "true"},
}
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
# Catalogues carry no real date: it would change with every run.
BORN = datetime(2026, 1, 1, tzinfo=UTC)


def extract() -> Catalog:
    """Every sentence of the source, with the files in which it stands."""
    found = Catalog(project="reservation", creation_date=BORN, charset="utf-8")
    sentences = extract_from_dir(
        ROOT / "reservation", METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",)
    )
    for name, _line, message, comments, context in sorted(
        sentences, key=lambda one: (one[0], one[1])
    ):
        where = [(f"reservation/{name}", None)]
        found.add(message, None, where, auto_comments=comments, context=context)
    return found


def merge(code: str, template: Catalog) -> Catalog:
    """The catalogue of a language with the sentences of today; none is guessed."""
    path = i18n.catalog_path(code)
    catalog = Catalog(locale=i18n.LANGUAGES[code].locale)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=i18n.LANGUAGES[code].locale)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.version, catalog.fuzzy = "reservation", "1", False
    catalog.last_translator = catalog.language_team = "the reservation authors"
    catalog.msgid_bugs_address = ""
    catalog.creation_date = catalog.revision_date = BORN
    catalog.header_comment = f"# {i18n.LANGUAGES[code].name}"
    return catalog


def main(codes: list[str]) -> None:
    template = extract()
    for code in codes or [one for one in i18n.shipped() if one != i18n.SOURCE]:
        path = i18n.catalog_path(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = merge(code, template)
        with path.open("wb") as file:
            write_po(file, catalog, width=100, sort_output=True, include_lineno=False)
        empty = sum(1 for one in catalog if one.id and not one.string)
        sys.stdout.write(f"{code}: {len(catalog)} sentences, {empty} without translation\n")


if __name__ == "__main__":
    main(sys.argv[1:])
