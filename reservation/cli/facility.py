"""Facilities and municipalities from files: checked, imported whole or not at all, exported."""

import sys
from pathlib import Path
from typing import TypeVar

import click

from reservation import clock
from reservation.cli.application import application
from reservation.domain.rulebook import RuleBook, documents
from reservation.domain.rulebook.fields import Section
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.domain.rulebook.municipality import Municipality
from reservation.reads import facilities as reads
from reservation.reads.facilities import Listed
from reservation.services import audit, facilities
from reservation.services.outcomes import NotFound

Document = TypeVar("Document", bound=Section)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def facility() -> None:
    """Facilities and their rule books, as files."""


@click.group()
def municipality() -> None:
    """The municipality and its office, as a file."""


@facility.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
def check(files: tuple[Path, ...]) -> None:
    """Read rule books and say what is wrong: line, field, what is allowed. Changes nothing."""
    for path, book in zip(files, _all(RuleBook, files), strict=True):
        click.echo(f"{path}: {book.code} in force from {book.valid_from}")


@facility.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--municipality", "town", help="Code of the municipality; not needed with only one.")
def import_(files: tuple[Path, ...], town: str | None) -> None:
    """Let rule books count from their date on; a new code is a new facility.

    Every file is read before anything is written: with a mistake in one of them nothing is
    imported. A file that says what counts already changes nothing.
    """
    books = _all(RuleBook, files)
    with application():
        code = town or _only_town()
        known = {one.code: one for one in reads.listed(code)}
        try:
            for book in books:
                if book.code in known and book in known[book.code].books:
                    click.echo(f"{book.code}: unchanged")
                    continue
                facilities.put_rule_book(code, book, audit.account(None), clock.now)
                click.echo(f"{book.code}: imported, in force from {book.valid_from}")
        except NotFound as error:
            raise click.UsageError(f"municipality {code} is not known") from error


@facility.command()
@click.argument("code")
@click.option("--municipality", "town", help="Code of the municipality.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File; else printed.")
def export(code: str, town: str | None, to: Path | None) -> None:
    """Write a facility's newest rule book as YAML, ready to be changed and imported again."""
    with application():
        found = _one(code, town)
        text = documents.write(found.books[0])
    if to is None:
        click.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8")
        click.echo(f"{to}: {code}")


@facility.command("list")
def list_() -> None:
    """Print every facility with the rule book that counts today."""
    with application():
        for one in reads.listed():
            book = one.on(clock.today())
            since = f"in force since {book.valid_from}" if book else "no rule book in force yet"
            about = (book or one.books[0]).about if one.books else None
            name = about.short_name["ja"] if about else ""
            click.echo(f"{one.municipality_code} {one.code} {name} version {one.version}, {since}")


@municipality.command("import")
@click.argument("file", type=FILE)
def import_town(file: Path) -> None:
    """Add a municipality, or change the one with this code."""
    (town,) = _all(Municipality, (file,))
    with application():
        facilities.put_municipality(town.stored(), audit.account(None), clock.now)
    click.echo(f"{town.code}: imported")


def _all(model: type[Document], files: tuple[Path, ...]) -> list[Document]:
    """Every file as a document; otherwise every mistake of every file, and the end."""
    found, wrong = [], []
    for path in files:
        try:
            found.append(documents.read_as(model, path.read_text("utf-8")))
        except UnicodeDecodeError:
            wrong.append(f"{path}: no UTF-8 text")
        except BrokenRuleBook as broken:
            wrong += [f"{path}: {mistake.sentence()}" for mistake in broken.mistakes]
    if wrong:
        for sentence in wrong:
            click.echo(sentence, err=True)
        sys.exit(1)
    return found


def _only_town() -> str:
    codes = reads.towns()
    if len(codes) != 1:
        why = "there is none yet" if not codes else f"there are several: {', '.join(codes)}"
        raise click.UsageError(f"name the municipality with --municipality ({why})")
    return codes[0]


def _one(code: str, town: str | None) -> Listed:
    found = [one for one in reads.listed(town, code) if one.books]
    if len(found) != 1:
        why = "is not known" if not found else "is in several municipalities: name --municipality"
        raise click.UsageError(f"facility {code} {why}")
    return found[0]
