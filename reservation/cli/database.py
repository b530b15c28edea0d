"""The database's steps."""

import sys

import click
import flask_migrate
from sqlalchemy.exc import DBAPIError

from reservation.cli.application import application
from reservation.services import installation
from reservation.store.db import db, is_transient
from reservation.store.migrations import current, differences, head


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail unless the tables are current.")
def migrate(check: bool) -> None:
    """Bring the database's tables to this version."""
    with application() as app:
        if not check:
            installation.may_migrate()
            _upgrade()
            installation.settle_mode(app.extensions["settings"].mode)
        with db.engine.connect() as connection:
            have, found = current(connection), differences(connection)
        if have != head():
            click.echo(f"The database stands at {have or 'nothing'}, this version needs {head()}.")
            sys.exit(1)
        for line in found:
            click.echo(line)
        sys.exit(1 if found else 0)


def _upgrade() -> None:
    """All steps or none; one sentence where the tables are at work just now."""
    try:
        flask_migrate.upgrade()
    except DBAPIError as error:
        if not is_transient(error):
            raise
        click.echo(
            "The tables are at work: nothing was changed. Run it again in a moment.", err=True
        )
        sys.exit(1)
