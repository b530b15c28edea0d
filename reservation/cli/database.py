"""The database's steps."""

import sys

import click
import flask_migrate

from reservation.cli.application import application
from reservation.services import installation
from reservation.store.db import db
from reservation.store.migrations import current, differences, head


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail unless the tables are current.")
def migrate(check: bool) -> None:
    """Bring the database's tables to this version."""
    with application() as app:
        if not check:
            installation.may_migrate()
            flask_migrate.upgrade()
            installation.settle_mode(app.extensions["settings"].mode)
        with db.engine.connect() as connection:
            have, found = current(connection), differences(connection)
        if have != head():
            click.echo(f"The database stands at {have or 'nothing'}, this version needs {head()}.")
            sys.exit(1)
        for line in found:
            click.echo(line)
        sys.exit(1 if found else 0)
