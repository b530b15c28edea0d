"""The demo: a sample municipality that is there with one command."""

import os
import sys
from pathlib import Path
from time import monotonic

import click
import flask_migrate
from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.engine import make_url

from reservation import clock, logs
from reservation import settings as all_settings
from reservation.cli.application import application
from reservation.cli.running import run_server, the_only_server
from reservation.demo import seeding
from reservation.demo.accounts import ACCOUNTS, PASSWORD, TOTP_SECRET
from reservation.services import installation
from reservation.settings import Settings
from reservation.store.db import db
from reservation.store.tables.records import Installation


@click.command()
@click.option("--reset", is_flag=True, help="Throw the demo's data away and start over.")
@click.option("--only-fill", is_flag=True, hidden=True, help="Make the data and do not serve.")
def demo(reset: bool, only_fill: bool) -> None:
    """Serve a sample municipality with families, three months of history, and tomorrow."""
    settings = prepare()
    with the_only_server(settings):
        try:
            with application(settings) as app:
                logs.set_up("warning")  # three months of acts are no news
                fill(app, reset=reset)
                logs.set_up(settings.log_level)
        except seeding.TooEarly as early:
            newest = early.args[0].astimezone(clock.TOKYO)
            words = f"The demo's newest entry is of {newest:%Y-%m-%d %H:%M}, later than this start."
            click.echo(f"{words} Start over with --reset.", err=True)
            sys.exit(1)
        greet(settings)
        if not only_fill:
            run_server(settings)


def prepare() -> Settings:
    """The settings of the demo: mode demo, keys made on the first start, the port's address.

    What is decided here goes into the environment, so that the scheduler reads the same.
    """
    os.environ["RESERVATION_MODE"] = "demo"
    instance = Path(os.environ.get("RESERVATION_INSTANCE") or all_settings.default_instance())
    if not {"RESERVATION_SECRET_KEY", "RESERVATION_DATA_KEY"} <= set(os.environ):
        all_settings.make_keys(instance)
    settings = all_settings.load()
    if settings.base_url == Settings.base_url and settings.port != Settings.port:
        os.environ["RESERVATION_BASE_URL"] = f"http://127.0.0.1:{settings.port}"
        settings = all_settings.load()
    return settings


def fill(app: Flask, *, reset: bool = False) -> None:
    """Bring tables and data up to now; with ``reset`` from nothing."""
    begun = monotonic()
    if reset or _is_half_made():
        empty()
    flask_migrate.upgrade()
    installation.settle_mode(app.extensions["settings"].mode)
    if seeding.is_missing(clock.now):
        click.echo("Making the sample data …")
    filled = seeding.fill(clock.now)
    if filled:
        click.echo(f"{filled.first} – {filled.last}, {monotonic() - begun:.0f} s")


def empty() -> None:
    """Drop all tables of a demo. Raises WrongMode for any other database."""
    known = inspect(db.engine).get_table_names()
    if Installation.__tablename__ in known:
        with db.engine.connect() as connection:
            mode = connection.scalar(
                select(Installation.value).where(Installation.name == installation.MODE)
            )
        if mode not in (None, "demo"):
            raise installation.WrongMode(f"This database was made for {mode}: it is not touched.")
    elif known:
        raise installation.WrongMode("This database is not the demo's: it is not touched.")
    url = make_url(str(db.engine.url))
    db.engine.dispose()
    if url.get_backend_name() == "sqlite" and url.database:
        for ending in ("", "-wal", "-shm"):
            Path(url.database + ending).unlink(missing_ok=True)
    else:
        flask_migrate.downgrade(revision="base")


def greet(settings: Settings) -> None:
    """Print where the demo is and who may come in."""
    click.echo(f"\n  {settings.base_url}\n")
    for one in ACCOUNTS:
        click.echo(f"  {one.mail:28} {one.label}")
    click.echo(f"\n  staff: password {PASSWORD}, TOTP {TOTP_SECRET}; or one click:")
    click.echo(f"  {settings.base_url}/signin   {settings.base_url}/staff/sign-in\n")


def _is_half_made() -> bool:
    known = inspect(db.engine).get_table_names()
    return Installation.__tablename__ in known and seeding.is_half_made()
