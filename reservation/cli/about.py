"""What runs here, and with which settings."""

import sys

import click

import reservation
from reservation import settings as all_settings


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(reservation.__version__)


@click.command()
def settings() -> None:
    """Print each setting, its value and where it came from; secrets are masked."""
    for one in all_settings.explain():
        click.echo(f"{one.name}={one.value}  [{one.source}]\n    {one.about}")
    found = all_settings.problems()
    for problem in found:
        click.echo(problem, err=True)
    sys.exit(1 if found else 0)
