"""A municipality of any size, for measuring."""

import sys
from datetime import datetime
from time import monotonic

import click

from reservation import clock
from reservation.cli.application import application
from reservation.demo import bulk
from reservation.demo.bulk import Size


@click.command()
@click.option("--facilities", default=5, show_default=True, type=click.IntRange(1, 5000))
@click.option("--families", default=500, show_default=True, type=click.IntRange(1, 500_000))
@click.option("--years", default=1, show_default=True, type=click.IntRange(0, 10))
@click.option("--seed", default=1, show_default=True, help="The same number, the same rows.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last one.")
def seed(facilities: int, families: int, years: int, seed: int, until: datetime | None) -> None:
    """Write a sample municipality with its past: the same every time, never in production."""
    with application() as app:
        if app.extensions["settings"].mode == "production":
            click.echo("Sample families do not belong in a production database.", err=True)
            sys.exit(1)
        begun = monotonic()
        today = until.date() if until else clock.today()
        try:
            code = bulk.make(Size(facilities, families, years, seed), today)
        except bulk.Known as known:
            click.echo(f"Municipality {known} is there already: choose another --seed.", err=True)
            sys.exit(1)
        click.echo(f"{code}: {monotonic() - begun:.0f} s")
