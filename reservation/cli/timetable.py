"""The clock's work."""

import os
import signal
import sys
import threading

import click

from reservation import jobs
from reservation.cli.application import application
from reservation.services import installation
from reservation.store.leader import leader


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
def scheduler(with_parent: bool) -> None:
    """Turn the timetable; several may run, one at a time works."""
    with application() as app:
        settings = app.extensions["settings"]
        installation.be_ready(settings.mode)
        runner = jobs.Runner(app, leader(settings))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: runner.stop())
        if with_parent:
            # The parent holds the other end: it closes however the parent ends, even by kill -9.
            threading.Thread(target=_follow, args=[runner], daemon=True).start()
        runner.turn()


@click.command()
@click.argument("name", type=click.Choice([job.name for job in jobs.JOBS]))
def job(name: str) -> None:
    """Run one job now and print how many things it did."""
    try:
        with application() as app:
            click.echo(jobs.run(app, jobs.find(name)))
    except Exception as error:  # the log has the place; the words may hold a family's values
        click.echo(f"{name}: {type(error).__name__}", err=True)
        sys.exit(1)


def _follow(runner: jobs.Runner) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    runner.stop()
