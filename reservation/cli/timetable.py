"""The clock's work."""

import os
import signal
import sys
import threading
from types import FrameType

import click

from reservation import create_app, jobs
from reservation.services import installation
from reservation.store.leader import leader


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
def scheduler(with_parent: bool) -> None:
    """Turn the timetable; several may run, one at a time works."""
    app = create_app()
    settings = app.extensions["settings"]
    with app.app_context():
        installation.settle_mode(settings.mode)
    runner = jobs.Runner(app, leader(settings))

    def stop(_number: int, _frame: FrameType | None) -> None:
        runner.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if with_parent:
        # The parent holds the other end: it closes however the parent ends, even by kill -9.
        threading.Thread(target=_follow, args=[runner], daemon=True).start()
    runner.turn()


@click.command()
@click.argument("name", type=click.Choice([job.name for job in jobs.JOBS]))
def job(name: str) -> None:
    """Run one job now and print how many things it did."""
    try:
        click.echo(jobs.run(create_app(), jobs.find(name)))
    except Exception as error:  # the log has the place; the words may hold a family's values
        click.echo(f"{name}: {type(error).__name__}", err=True)
        sys.exit(1)


def _follow(runner: jobs.Runner) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    runner.stop()
