"""Is everything in order, and is there a copy of it?"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from reservation import clock
from reservation import settings as all_settings
from reservation.cli.application import application
from reservation.cli.running import the_only_server
from reservation.reads import integrity, readiness
from reservation.services import keeping
from reservation.store import backups

Answer = TypeVar("Answer")


@click.command()
@click.option("--invariants", is_flag=True, help="Only the rules that must always hold.")
def check(invariants: bool) -> None:
    """Look at settings, tables and rules of this installation; fail when something is wrong."""
    found = [] if invariants else all_settings.problems()
    if not found:
        with application():
            found += [f"{one.rule}: {one.rows}" for one in integrity.check(clock.now)]
            if not invariants:
                lines = readiness.look(clock.now)
                found += [f"{one.name}: {one.words}" for one in lines if not one.ok]
    for sentence in found:
        click.echo(sentence)
    click.echo("All is in order." if not found else f"{len(found)} found.")
    sys.exit(1 if found else 0)


@click.command()
@click.option("--to", type=click.Path(path_type=Path), help="Folder; else backups in instance.")
@click.option("--keep", default=backups.KEPT, show_default=True, help="Copies to keep.")
def backup(to: Path | None, keep: int) -> None:
    """Copy the database while it is at work, check the copy, and drop the oldest."""
    settings = all_settings.load()
    folder = to or settings.instance / "backups"
    with application(settings):
        click.echo(_told(lambda: keeping.copy(settings, folder, keep, clock.now)))


@click.command()
@click.argument("copy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Rehearse in a scratch database.")
def restore(copy: Path, only_check: bool) -> None:
    """Put a copy in the place of the database; queued mail is dropped, nothing is sent twice."""
    settings = all_settings.load()
    url = settings.direct_database_url
    if only_check:
        tried = _told(lambda: backups.rehearse(url, copy, settings.instance))
        for table, count in tried.rows.items():
            click.echo(f"{table}: {count}" + (f" (now {tried.now[table]})" if tried.now else ""))
        if tried.now:
            with application(settings):
                keeping.note(backups.REHEARSED, clock.now)
        return
    with the_only_server(settings):
        rows = _told(lambda: backups.restore(url, copy))
    for table, count in rows.items():
        click.echo(f"{table}: {count}")


def _told(act: Callable[[], Answer]) -> Answer:
    """The act's answer; a bad backup is one sentence and a failure, not a traceback."""
    try:
        return act()
    except backups.BadBackup as error:
        click.echo(str(error), err=True)
        sys.exit(1)
