"""The command `reservation`: one file per subject, one line here per command."""

import sys

import click

from reservation.cli import database, keeping, running, timetable
from reservation.cli.about import settings, version
from reservation.cli.demo import demo
from reservation.cli.facility import facility
from reservation.cli.municipality import municipality
from reservation.cli.seed import seed
from reservation.cli.sentences import sentences
from reservation.cli.staff import staff
from reservation.settings import SettingsError


class _Plain(click.Group):
    """Tells what stands in the way of a start as sentences, not as a traceback."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except Exception as error:
            found = sentences(error)
            if not found:
                raise
            for sentence in found:
                click.echo(sentence, err=True)
            sys.exit(2 if isinstance(error, SettingsError) else 1)


@click.group(cls=_Plain)
def main() -> None:
    """Booking of sick-child day care."""


main.add_command(demo)
main.add_command(version)
main.add_command(settings)
main.add_command(database.migrate)
main.add_command(running.serve)
main.add_command(running.publisher)
main.add_command(timetable.scheduler)
main.add_command(timetable.job)
main.add_command(keeping.check)
main.add_command(keeping.backup)
main.add_command(keeping.restore)
main.add_command(seed)
main.add_command(staff)
main.add_command(facility)
main.add_command(municipality)
