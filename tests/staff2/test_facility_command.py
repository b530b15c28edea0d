"""Rule books as files: checked with line and field, imported whole or not at all, exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

import reservation
from reservation.cli import main
from reservation.domain.rulebook import documents
from reservation.store.db import read
from reservation.store.tables.places import Facility, Municipality, RuleBookRow
from tests.databases import both_databases, environ
from tests.town import SUGINAMI, book

DEMO = Path(reservation.__file__).parent / "demo" / "suginami"


@pytest.fixture
def run(context, monkeypatch):
    """``run("facility", "list")`` against the test's database."""
    settings = context.extensions["settings"]
    values = environ(settings.instance, database_url=settings.database_url)
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    def command(*words, code=0):
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code == code, result.output
        return result.output

    return command


def count(table):
    with read() as db:
        return db.scalar(select(func.count()).select_from(table))


def file(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@both_databases
def test_what_is_exported_is_imported_again(town, run, tmp_path):
    out = tmp_path / "seeds.yaml"
    assert "seeds" in run("facility", "export", "seeds", "--to", out)
    assert "seeds: unchanged" in run("facility", "import", out)
    changed = out.read_text("utf-8").replace("official_capacity: 6", "official_capacity: 5")
    later = changed.replace("valid_from: 2026-04-01", "valid_from: 2026-12-01")
    said = run("facility", "import", file(tmp_path, "later.yaml", later))
    assert "seeds: imported, in force from 2026-12-01" in said
    exported = documents.read(run("facility", "export", "seeds"))
    assert (exported.places.official_capacity, count(RuleBookRow)) == (5, 3)
    assert "131156 seeds しーず version 2, in force since 2026-04-01" in run("facility", "list")


def test_a_mistake_in_one_file_imports_none(town, run, tmp_path):
    good = file(tmp_path, "new.yaml", documents.write(book("new")))
    text = documents.write(book("bad")).replace("official_capacity: 6", "official_capacity: many")
    bad = file(tmp_path, "bad.yaml", text)
    line = 1 + text.splitlines().index(
        next(one for one in text.splitlines() if "official_capacity" in one)
    )
    said = run("facility", "import", good, bad, code=1)
    assert "bad.yaml" in said
    assert f"{line}" in said
    assert "places.official_capacity" in said
    assert "many" in said
    assert count(Facility) == 2
    assert "places.official_capacity" in run("facility", "check", bad, code=1)
    assert "new in force from 2026-04-01" in run("facility", "check", good)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"- a\n- b\n", b"code: [", b"code: x\n"])
def test_what_is_no_rule_book_is_said_and_not_a_traceback(town, run, tmp_path, content):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    assert "x.yaml" in run("facility", "import", path, code=1)


def test_codes_that_are_not_there(town, run, tmp_path):
    good = file(tmp_path, "new.yaml", documents.write(book("new")))
    assert "999999 is not known" in run(
        "facility", "import", good, "--municipality", "999999", code=2
    )
    assert "nowhere is not known" in run("facility", "export", "nowhere", code=2)
    run("facility", "import", tmp_path / "missing.yaml", code=2)


def test_a_municipality_and_its_rooms_from_files(context, run):
    rooms = [DEMO / f"{code}.yaml" for code in ("seeds", "rabbit")]
    assert "there is none yet" in run("facility", "import", *rooms, code=2)
    assert f"{SUGINAMI}: imported" in run("municipality", "import", DEMO / "municipality.yaml")
    run("facility", "import", *rooms)
    assert (count(Municipality), count(Facility)) == (1, 2)
    run("municipality", "import", rooms[0], code=1)


TOWN = "valid_from: 2026-12-01\nbooking:\n  hold_minutes: 8\n"


def test_a_room_says_less_and_its_municipality_the_rest(town, run, tmp_path):
    lines = documents.write(book("new")).splitlines(keepends=True)
    short = file(tmp_path, "new.yaml", "".join(one for one in lines if "hold_minutes" not in one))
    run("facility", "import", short)
    said = file(tmp_path, "town.yaml", TOWN)
    seen = run("municipality", "defaults", SUGINAMI, said, "--preview")
    assert "seeds: nothing changes" in seen
    assert "new: from 2026-12-01: booking.hold_minutes; 0 of the first 14 days" in seen
    assert "#   hold_minutes: 10" in run("facility", "export", "new")
    assert "changed: new" in run("municipality", "defaults", SUGINAMI, said)
    exported = run("facility", "export", "new")
    assert "#   hold_minutes: 8" in exported
    again = file(tmp_path, "again.yaml", exported)
    assert "new: unchanged" in run("facility", "import", again)
    assert "new in force from 2026-12-01" in run("facility", "check", again, "--defaults", said)


def test_defaults_with_a_mistake_a_past_day_or_no_town_change_nothing(town, run, tmp_path):
    wrong = file(tmp_path, "wrong.yaml", TOWN.replace("8", "99"))
    assert "booking.hold_minutes" in run("municipality", "defaults", SUGINAMI, wrong, code=1)
    past = file(tmp_path, "past.yaml", TOWN.replace("2026-12-01", "2026-11-22"))
    assert "in the past" in run("municipality", "defaults", SUGINAMI, past, code=2)
    good = file(tmp_path, "good.yaml", TOWN)
    assert "999999 is not known" in run("municipality", "defaults", "999999", good, code=2)


def test_defaults_that_break_a_room_are_said_with_that_room(town, run, tmp_path):
    lines = documents.write(book("new")).splitlines(keepends=True)
    first = next(n for n, one in enumerate(lines) if one.startswith("  closes:"))
    short = file(tmp_path, "new.yaml", "".join(lines[:first] + lines[first + 3 :]))
    run("facility", "import", short)
    late = TOWN + "  closes: {days_before: 9, at: 7:00}\n  opens: {days_before: 10, at: 7:00}\n"
    said = run("municipality", "defaults", SUGINAMI, file(tmp_path, "l.yaml", late), code=1)
    assert "new: " in said
    assert "nothing is changed" in said


def test_what_a_file_would_change_is_said_setting_by_setting(town, run, tmp_path):
    out = tmp_path / "seeds.yaml"
    run("facility", "export", "seeds", "--to", out)
    assert run("facility", "diff", out) == ""
    text = out.read_text("utf-8").replace("hold_minutes: 10", "hold_minutes: 8")
    other = file(tmp_path, "other.yaml", text.replace("at: 7:00", "at: 7:30"))
    said = run("facility", "diff", other, code=1)
    assert "booking.hold_minutes: 10 -> 8\n" in said
    assert "cancelling.until.at: 7:00 -> 7:30\n" in said
    assert run("facility", "diff", out, other, code=1) == said
