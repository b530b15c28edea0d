"""The files of deploy/ that no test starts: what can be known of them by reading."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from reservation import settings
from tests.conftest import missing
from tests.deploy import arrangement
from tests.deploy.arrangement import DEPLOY, ROOT

UNITS = sorted(path.stem.removeprefix("reservation-") for path in DEPLOY.rglob("*.service"))
SECRETS = {
    "RESERVATION_SECRET_KEY=": "RESERVATION_SECRET_KEY=test-secret-key-test-secret-key-test",
    "RESERVATION_DATA_KEY=": f"RESERVATION_DATA_KEY={settings.new_data_key()}",
}


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_starts_a_program_that_is_there(unit: str) -> None:
    program = arrangement.command(unit)[0]
    assert Path(program).exists()


def test_systemd_reads_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        missing("systemd", "no systemd-analyze")
    shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    for path in (tmp_path / "units").glob("*.service"):
        here = str(Path(arrangement.command("scheduler")[0]).parent)
        path.write_text(path.read_text("utf-8").replace("/opt/reservation/.venv/bin", here))
    env = {"SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:", "PATH": "/usr/bin:/bin"}
    names = [str(path) for path in (tmp_path / "units").glob("*.*er*") if path.is_file()]
    assert len(names) == len(UNITS) + 1
    read = ["systemd-analyze", "verify", *names]
    told = subprocess.run(read, env=env, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    for unit in UNITS:
        path = str(tmp_path / "units" / f"reservation-{unit}.service")
        # Below 2.0 of 10 is what systemd itself calls OK.
        judge = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", path]
        judged = subprocess.run(judge, env=env, capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stdout[-300:]


def test_the_example_of_the_environment_is_that_of_a_production() -> None:
    text = arrangement.changed((DEPLOY / "environment.example").read_text("utf-8"), **SECRETS)
    environ = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert settings.problems(environ) == []
    loaded = settings.load(environ)
    assert loaded.mode == "production"
    assert loaded.proxy_hops == 1
    assert loaded.database_url != loaded.direct_database_url


def test_containers_run_what_the_units_run() -> None:
    """But for folder, address, and one worker per container."""
    compose = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text("utf-8"))
    services = compose["services"]
    assert services["pages"]["deploy"]["replicas"] == 2
    for name in ("pages", "stream", "scheduler"):
        words = arrangement.command(name)
        words[0] = Path(words[0]).name
        if "--host" in words:
            words[words.index("--host") + 1] = "0.0.0.0"
            words[words.index("--workers") + 1] = "1"
        assert services[name]["command"] == words
    assert set(services) >= {"postgres", "pool", "tables", "proxy"}


def test_the_container_file_copies_what_is_there() -> None:
    text = (DEPLOY / "container/Containerfile").read_text("utf-8")
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", text, re.MULTILINE))
    compose = (DEPLOY / "container/compose.yaml").read_text("utf-8")
    assert set(re.findall(r"target: (\w+)", compose)) == stages
    for words in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        sources = words.split()[:-1]
        assert [one for one in sources if not (ROOT / one).exists()] == []


def test_the_pool_of_the_containers_differs_by_names_only() -> None:
    def settings_of(name: str) -> dict[str, str]:
        lines = (DEPLOY / name).read_text("utf-8").splitlines()
        return dict(line.split(" = ", 1) for line in lines if " = " in line)

    plain, contained = (
        settings_of("pgbouncer/pgbouncer.ini"),
        settings_of("container/pgbouncer.ini"),
    )
    for name in ("pool_mode", "default_pool_size", "max_client_conn", "query_wait_timeout"):
        assert plain[name] == contained[name]
