"""Municipalities from files: the office, and what it says for all its rooms."""

from pathlib import Path

import click

from reservation import clock
from reservation.cli.application import application
from reservation.cli.facility import FILE, read_all
from reservation.domain.rulebook import defaults as rules
from reservation.domain.rulebook import documents
from reservation.domain.rulebook.defaults import Defaults
from reservation.domain.rulebook.municipality import Municipality
from reservation.reads import facilities as reads
from reservation.reads import rule_defaults
from reservation.reads.rule_defaults import Effect
from reservation.services import audit, facilities


@click.group()
def municipality() -> None:
    """The municipality and its office, as a file."""


@municipality.command("import")
@click.argument("file", type=FILE)
def import_town(file: Path) -> None:
    """Add a municipality, or change the one with this code."""
    (town,) = read_all((file,), lambda text: documents.read_as(Municipality, text))
    with application():
        facilities.put_municipality(town.stored(), audit.account(None), clock.now)
    click.echo(f"{town.code}: imported")


@municipality.command("defaults")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--preview", is_flag=True, help="Only say what would change.")
def defaults(code: str, file: Path, preview: bool) -> None:
    """Let what the municipality says for its rooms count from the file's date on.

    The file has `valid_from` and any sections of a rule book. Rooms whose own files leave a
    setting out follow it. Says for each room which settings change and how many bookings would
    no longer fit; no booking is ended.
    """
    (said,) = read_all((file,), rules.read)
    with application():
        if code not in reads.towns():
            raise click.UsageError(f"municipality {code} is not known")
        if said.valid_from < clock.today():
            raise click.UsageError("valid_from must not lie in the past: what has been stays")
        effects = rule_defaults.effects(code, said, clock.now())
        for one in effects:
            _say(one)
        if any(one.broken for one in effects):
            raise click.ClickException("nothing is changed")
        if not preview:
            _put(code, said)


def _say(one: Effect) -> None:
    if one.broken is not None:
        for mistake in one.broken.mistakes:
            click.echo(f"{one.code}: {mistake.sentence()}", err=True)
    elif not one.previews:
        click.echo(f"{one.code}: nothing changes")
    for seen in one.previews:
        names = ", ".join(c.path for c in seen.changes if c.path != "valid_from")
        touched = sum(day.differs for day in seen.days)
        click.echo(
            f"{one.code}: from {seen.days[0].date}: {names}; {touched} of the first"
            f" {len(seen.days)} days, {len(seen.misfits)} bookings would no longer fit"
        )


def _put(code: str, said: Defaults) -> None:
    changed = facilities.put_defaults(code, said, audit.account(None), clock.now)
    click.echo(f"{code}: counts from {said.valid_from}; changed: {', '.join(changed) or 'none'}")
