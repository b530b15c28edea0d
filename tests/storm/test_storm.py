"""The drill itself: a short storm holds, a planted defect does not, and production has neither.

The long runs and the whole gate have their commands (docs/reliability.md).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.databases import both_databases
from tests.postgres import Missing
from tests.storm import drill, last_place, machine, plants

pytestmark = pytest.mark.alone
SHORT = ["--seconds", "8", "--clients", "6", "--families", "48", "--workers", "2"]
NAMES = {"sqlite": "sqlite", "postgres": "postgresql"}


def storm(*more: str) -> dict[str, object]:
    try:
        return drill.run(drill.parse([*SHORT, *more]))
    except Missing as error:
        missing("postgres", str(error))
        raise


@both_databases
def test_a_short_storm_breaks_nothing(database: str) -> None:
    report = storm("--database", NAMES[database], "--seed", "3", "--points", "0.01")
    assert report["broken"] == {}, report
    assert report["attempts"]
    assert report["kills"]


@pytest.mark.parametrize(
    ("plant", "rule"),
    [("no_idempotency", "H3 a replay answers the same"),
     ("silent_expiry", "I4 the state is the last one audited")],
)  # fmt: skip
def test_a_planted_defect_is_found(plant: str, rule: str) -> None:
    for seed in ("1", "2", "3"):
        report = storm("--plant", plant, "--seed", seed, "--points", "0", "--every", "60")
        if report["broken"]:
            break
    assert rule in report["broken"]  # type: ignore[operator]


@both_databases
def test_the_last_places_have_as_many_winners(database: str, tmp_path: Path) -> None:
    try:
        with (
            machine.folder() as folder,
            last_place.field_of(NAMES[database], folder) as (app, town),
        ):
            tally = last_place.race(app, town, 10, 60, seed=1)
    except Missing as error:
        missing("postgres", str(error))
    assert tally.rounds
    assert tally.wrong == []


def test_no_defect_can_be_planted_in_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = plants.settings.load
    named = machine.environ(tmp_path) | {
        "RESERVATION_MODE": "production", "RESERVATION_BASE_URL": "https://byoji.example.jp",
        "RESERVATION_SMTP_HOST": "mail.example.jp",
    }  # fmt: skip
    monkeypatch.setattr(plants.settings, "load", lambda: real(named))
    monkeypatch.setenv(plants.NAME, "no_lock")
    with pytest.raises(RuntimeError, match="refused in production"):
        plants.apply()


@pytest.mark.parametrize("plant", sorted(plants.PLANTS))
def test_every_plant_finds_the_names_it_changes(plant: str, tmp_path: Path) -> None:
    """In a process of its own: what is planted stays."""
    named = machine.environ(tmp_path) | {plants.NAME: plant}
    command = "from tests.storm import plants; plants.apply()"
    subprocess.run([sys.executable, "-c", command], env=named, cwd=machine.ROOT, check=True)
