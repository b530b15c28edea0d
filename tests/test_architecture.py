"""The house's shape: floors, sizes, the clock, doors, excuses, and what must not lie here."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from reservation.web import access

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "reservation"
CODE = sorted(path for path in HOUSE.rglob("*.py") if "migrations/versions" not in path.as_posix())
TESTS = sorted((ROOT / "tests").rglob("*.py"))

FLOORS = {
    0: {"settings", "clock", "i18n", "logs", "failpoints", "meters"},
    1: {"domain"},
    2: {"store", "channels", "messages"},
    3: {"services", "reads", "figures"},
    4: {"web", "jobs", "cli", "live", "demo"},
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
# The front door and the command's entry join all floors; `seed` and the like stand on top.
FRONT = {"__init__", "__main__"}
# Rooms of one floor that may not look into each other.
APART = {"services": {"reads"}, "reads": {"services"}, "figures": {"services"}}
OURS_IN_DOMAIN = {"domain"}
FOREIGN_TO_DOMAIN = {"flask", "sqlalchemy", "alembic", "flask_babel", "os", "socket", "requests"}
WALL_CLOCK = re.compile(
    r"datetime\.(now|utcnow|today)\(|date\.today\(|\btime\.(time|time_ns|monotonic)\("
)
EXCUSES = {
    "E402 -- views join their blueprint",
    "PLC0415 -- optional driver",
    "PLC0415 -- slow to load and seldom needed",
    "DTZ001 -- a naive instant, on purpose",
    "N802 -- the name that message extraction looks for",
}
MAX_LINES = 300
MAX_FUNCTION = 50


def room(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of each import, `from a import b` as a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def ours(name: str) -> str | None:
    """The room that an import names; `reservation.create_app` is the front door."""
    parts = name.split(".")
    if parts[0] != "reservation":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in FLOOR else "front"


def climbs(path: Path) -> list[str]:
    """The imports of one file that go up, or sideways where that is not done."""
    here, wrong = room(path), []
    for line, name in imports(path):
        there = ours(name)
        if there is None or here in FRONT:
            continue
        if there == "front":
            allowed = FLOOR[here] == 4
        elif FLOOR[here] == 0:
            allowed = FLOOR[there] == 0
        elif here == "domain":
            allowed = there == "domain"
        else:
            allowed = FLOOR[there] <= FLOOR[here] and there not in APART.get(here, set())
        if not allowed:
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    return wrong


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{names(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if pattern.search(line)
    ]


def tracked() -> list[Path]:
    """Every file under version control, or about to be; all files where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.split("\n")  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        listed = [names(path) for path in ROOT.rglob("*") if ".venv" not in path.parts]
    return [ROOT / one for one in listed if one and (ROOT / one).is_file()]


def test_every_room_has_a_floor() -> None:
    rooms = {room(path) for path in CODE} - FRONT
    assert rooms - set(FLOOR) == set()


def test_imports_go_down_only() -> None:
    assert [wrong for path in CODE for wrong in climbs(path)] == []


def test_an_import_that_goes_up_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "HOUSE", tmp_path)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    for here, text in (
        ("domain", "from reservation import clock\n"),
        ("store", "from reservation.services.bookings import hold\n"),
        ("services", "import reservation.reads.board\n"),
        ("clock", "from reservation.store import db\n"),
    ):
        (tmp_path / here).mkdir()
        (tmp_path / here / "x.py").write_text(text)
        assert len(climbs(tmp_path / here / "x.py")) == 1


def test_the_domain_knows_no_framework_no_database_and_no_machine() -> None:
    wrong = [
        f"{names(path)}:{line} imports {name}"
        for path in CODE
        if room(path) == "domain"
        for line, name in imports(path)
        if name.split(".")[0] in FOREIGN_TO_DOMAIN
    ]
    assert wrong == []


def test_only_the_clock_reads_the_time() -> None:
    assert lines_with(WALL_CLOCK, [path for path in CODE if path.name != "clock.py"]) == []


def test_the_shared_session_stays_in_the_store() -> None:
    """Acts use write(), questions read(). Error pages and commands may only give it back."""
    found = lines_with(
        re.compile(r"\bdb\.session\b(?!\.(rollback|remove)\(\))"),
        [path for path in CODE if room(path) != "store"],
    )
    assert found == []


def test_no_file_is_too_long() -> None:
    long = {names(path): path.read_text().count("\n") for path in CODE}
    assert {name: lines for name, lines in long.items() if lines > MAX_LINES} == {}


def test_no_function_is_too_long() -> None:
    long = [
        f"{names(path)}:{node.lineno} {node.name}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION
    ]
    assert long == []


def test_every_excuse_is_on_the_list() -> None:
    marks = re.compile(r"#\s*(?:noqa|type:\s*ignore)(.*)$")
    wrong = []
    for path in [*CODE, *TESTS]:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text().split("\n"), 1):
            found = marks.search(line)
            if found and not _excused(line, found.group(1)):
                wrong.append(f"{names(path)}:{number}: {line.strip()}")
    assert wrong == []


def _excused(line: str, rest: str) -> bool:
    # A type that a library lacks is excused by naming the rule; anything else by a known reason.
    if "type: ignore[" in line:
        return True
    return rest.removeprefix(":").strip() in EXCUSES


def test_every_template_is_rendered_or_included_by_somebody() -> None:
    templates = HOUSE / "templates"
    text = "\n".join(
        path.read_text() for path in [*CODE, *templates.rglob("*.html"), *templates.rglob("*.txt")]
    )
    idle = []
    for path in sorted(templates.rglob("*.*")):
        name = path.relative_to(templates).as_posix()
        # Error pages and messages are found by their code and kind.
        found_by_code = name.split("/")[0] in ("errors", "messages")
        if not found_by_code and f'"{name}"' not in text and f"'{name}'" not in text:
            idle.append(name)
    assert idle == []


def test_every_endpoint_has_a_guard(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {one for one in endpoints if access.kind_of(app, one) is None} == set()


def test_no_test_is_skipped_or_cannot_fail() -> None:
    pattern = re.compile(r"pytest\.mark\.(skip|xfail)\b|^\s*assert True\b")
    assert lines_with(pattern, [path for path in TESTS if path != Path(__file__)]) == []


def test_the_tree_names_no_machine_and_no_registry() -> None:
    machine = re.compile(r"(^|[\s\"'=(:])/(?:work|farm|root|home/\w+)/")
    registry = re.compile(
        r"https?://[^\s\"']*(?:py" r"pi|npm" r"js|python" r"hosted|regi" r"stry)[^\s\"']*", re.I
    )
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if path != Path(__file__):
            found += [f"{names(path)}: {m.group(0)}" for m in machine.finditer(text)]
            found += [f"{names(path)}: {m.group(0)}" for m in registry.finditer(text)]
    assert found == []


def test_the_locks_hold_hashes_and_no_address() -> None:
    for lock in ("app", "test"):
        text = (ROOT / "requirements" / f"{lock}.txt").read_text()
        packages = re.findall(r"^[a-z0-9][^\n]*==", text, re.M)
        assert len(packages) > 20
        assert text.count("--hash=sha256:") >= len(packages)
        assert "://" not in text
