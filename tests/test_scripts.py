import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_sound_bash(script: Path) -> None:
    checked = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_stamp_of_this_lock_lets_the_start_skip_pip(tmp_path: Path) -> None:
    """The stub of pip fails loudly, so that a needless call shows."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "app.txt").write_text("a==1\n")
    (tmp_path / "pyproject.toml").write_text("")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "$*" >> calls\n')
    python.chmod(0o755)
    start = f"set -eu; . {ROOT}/scripts/environment.sh; use_lock requirements/app.txt"

    def pip_calls() -> int:
        subprocess.run(["bash", "-c", start], cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "calls").read_text().count("pip install")

    assert pip_calls() == 2
    assert pip_calls() == 2
    (tmp_path / "requirements" / "app.txt").write_text("a==2\n")
    assert pip_calls() == 4


def test_a_failed_installation_stops_and_leaves_no_stamp(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "app.txt").write_text("a==1\n")
    (tmp_path / "pyproject.toml").write_text("")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "no such version" >&2; exit 1\n')
    python.chmod(0o755)
    # As in check.sh, which does not stop at the first failure by itself.
    start = f"set -u; . {ROOT}/scripts/environment.sh; use_lock requirements/app.txt; echo went on"
    done = subprocess.run(
        ["bash", "-c", start], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Could not install what requirements/app.txt lists." in done.stderr
    assert not (tmp_path / ".venv" / "stamp").exists()
