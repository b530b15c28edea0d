"""Facilities from files: checked, compared, imported whole or not at all, exported."""

import sys
from collections.abc import Callable, Sequence
from datetime import time
from pathlib import Path
from typing import TypeVar

import click

from reservation import clock
from reservation.cli.application import application
from reservation.domain.rulebook import changes, defaults, documents
from reservation.domain.rulebook.defaults import Defaults, Followed
from reservation.domain.rulebook.fields import write_time
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.reads import facilities as reads
from reservation.reads import rule_defaults
from reservation.reads.facilities import Listed
from reservation.services import audit, facilities
from reservation.services.facilities import DoesNotFit
from reservation.services.outcomes import NotFound

Found = TypeVar("Found")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def facility() -> None:
    """Facilities and their rule books, as files."""


@facility.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--defaults", "town", type=FILE, help="What the municipality says, as a file.")
def check(files: tuple[Path, ...], town: Path | None) -> None:
    """Read rule books and say what is wrong: line, field, what is allowed. Changes nothing."""
    towns = read_all((town,), defaults.read) if town else []
    for path, one in zip(files, _rooms(files, towns), strict=True):
        click.echo(f"{path}: {one.book.code} in force from {one.book.valid_from}")


@facility.command("diff")
@click.argument("file", type=FILE)
@click.argument("other", required=False, type=FILE)
@click.option("--municipality", "town", help="Code of the municipality.")
def diff(file: Path, other: Path | None, town: str | None) -> None:
    """Say setting by setting what a file would change.

    Compares with the newest rule book of that facility, or from FILE to OTHER without a database.
    Ends with 1 where something differs.
    """
    if other is not None:
        before, after = (one.book for one in _rooms((file, other), []))
    else:
        with application():
            (one,) = _rooms((file,), rule_defaults.of_town(town or _only_town()))
            before, after = _one(one.book.code, town).books[0], one.book
    found = changes.diff(before, after)
    for change in found:
        click.echo(f"{change.path}: {_shown(change.before)} -> {_shown(change.after)}")
    sys.exit(1 if found else 0)


@facility.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--municipality", "town", help="Code of the municipality; not needed with only one.")
def import_(files: tuple[Path, ...], town: str | None) -> None:
    """Let rule books count from their date on; a new code is a new facility.

    Every file is read before anything is written: with a mistake in one of them nothing is
    imported. A file that says what counts already changes nothing.
    """
    with application():
        code = town or _only_town()
        rooms = _rooms(files, rule_defaults.of_town(code))
        known = {one.code: one for one in reads.listed(code)}
        for one in rooms:
            if one.book.code in known and _stands(known[one.book.code], one):
                click.echo(f"{one.book.code}: unchanged")
                continue
            _put(code, one)
            click.echo(f"{one.book.code}: imported, in force from {one.book.valid_from}")


@facility.command()
@click.argument("code")
@click.option("--municipality", "town", help="Code of the municipality.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File; else printed.")
def export(code: str, town: str | None, to: Path | None) -> None:
    """Write a facility's newest rule book as YAML, ready to be changed and imported again.

    What follows the municipality is there as a comment.
    """
    with application():
        newest = rule_defaults.books(_one(code, town).id)[0]
        text = documents.write(newest.book, newest.follows)
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


def read_all(files: Sequence[Path], reader: Callable[[str], Found]) -> list[Found]:
    """Every file as a document; otherwise every mistake of every file, and the end."""
    found, wrong = [], []
    for path in files:
        try:
            found.append(reader(path.read_text("utf-8")))
        except UnicodeDecodeError:
            wrong.append(f"{path}: no UTF-8 text")
        except BrokenRuleBook as broken:
            wrong += [f"{path}: {mistake.sentence()}" for mistake in broken.mistakes]
    if wrong:
        for sentence in wrong:
            click.echo(sentence, err=True)
        sys.exit(1)
    return found


def _rooms(files: Sequence[Path], towns: Sequence[Defaults]) -> list[Followed]:
    return read_all(files, lambda text: defaults.read_room(text, towns))


def _stands(known: Listed, one: Followed) -> bool:
    return one.book in known.books and one in rule_defaults.books(known.id)


def _put(code: str, one: Followed) -> None:
    """Store it; what hinders is said with the file's own words."""
    try:
        facilities.put_rule_book(code, one.book, audit.account(None), clock.now, one.follows)
    except NotFound as error:
        raise click.UsageError(f"municipality {code} is not known") from error
    except DoesNotFit as error:
        wrong = "\n".join(mistake.sentence() for mistake in error.broken.mistakes)
        raise click.ClickException(
            f"{error.code} does not fit its municipality:\n{wrong}"
        ) from error


def _shown(value: object) -> str:
    if isinstance(value, time):
        return write_time(value)
    return "-" if value is None else str(value)


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
