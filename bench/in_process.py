"""hold() from the threads of one process: started by bench.booking, told what to hold by a line."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import click
from flask import Flask

from reservation import clock, create_app
from reservation.domain.values import Complaint
from reservation.services import audit, holds
from reservation.services.children import Wanted


def main(threads: int) -> None:
    """Say "ready", read a JSON list of (family, guardian, child, facility, day), hold them all."""
    app = create_app()
    with app.app_context():
        click.echo("ready")
        sys.stdout.flush()
        asks = json.loads(sys.stdin.readline())
        begun, cpu = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda ask: _hold(app, ask), asks))
    click.echo(
        json.dumps(
            {
                "seconds": time.perf_counter() - begun,
                "cpu": time.process_time() - cpu,
                "longest_ms": 1000 * max(took for _, took in found),
                "held": sum(held for held, _ in found),
            }
        )
    )


def _hold(app: Flask, ask: list[Any]) -> tuple[bool, float]:
    family, guardian, child, facility, day = ask
    wanted = Wanted(
        child_id=child,
        facility_id=facility,
        care_day=date.fromisoformat(day),
        complaint=Complaint.FEVER,
    )
    begun = time.perf_counter()
    with app.app_context():
        outcome = holds.hold(wanted, audit.guardian(guardian, family), None, clock.now)
    return outcome.code == "held", time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]))
