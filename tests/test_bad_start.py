"""What stands in the way of a start is one sentence and a refusal, and nothing is lost."""

from __future__ import annotations

import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from reservation import clock
from reservation.cli import main
from reservation.services import facilities
from reservation.store.db import write
from tests import databases
from tests.databases import both_databases, environ
from tests.test_serve import answers, children, free_port
from tests.town import MUNICIPALITY, OPERATOR, Town

COMMAND = [sys.executable, "-m", "reservation"]


def runs(env: dict[str, str], *arguments: str) -> tuple[int, list[str]]:
    """Exit code and what is said on standard error, by lines."""
    done = subprocess.run(
        [*COMMAND, *arguments], env={**os.environ, **env}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.splitlines()


def says(env: dict[str, str], command: str) -> tuple[int, list[str]]:
    """The same inside this process, where starting Python anew would prove nothing more."""
    answer = CliRunner().invoke(main, [command], env=env)
    return answer.exit_code, answer.stderr.splitlines()


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A folder with a database at head and one municipality."""
    app = databases.make_app(tmp_path)
    with app.app_context():
        facilities.put_municipality(MUNICIPALITY, OPERATOR, clock.now)
    databases.close(app)
    return tmp_path


@contextmanager
def serving(folder: Path, *, limit: int = 0) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`reservation serve` over that folder, with a limit on the size of its files."""
    port = free_port()
    env = {**os.environ, **environ(folder, port=str(port), base_url=f"http://127.0.0.1:{port}")}

    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    begin: Callable[[], None] | None = narrow if limit else None
    with subprocess.Popen([*COMMAND, "serve"], env=env, preexec_fn=begin) as process:
        try:
            answers(f"http://127.0.0.1:{port}/healthz", 60)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@localhost/x", "must be sqlite"),
        ("postgresql://nobody@127.0.0.1:1/none", "does not answer"),
        ("sqlite:////no/such/folder/x.sqlite", "No such file"),
    ],
)
def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path, url: str, words: str) -> None:
    code, said = says(environ(tmp_path, database_url=url), "serve")
    assert code
    assert len({re.sub("RESERVATION_(DIRECT_)?", "", line) for line in said}) == 1, said
    assert words in said[0]


def test_a_file_that_is_no_database_is_one_sentence_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "reservation.sqlite"
    file.write_bytes(b"a letter to the office " * 400)
    said = [runs(environ(tmp_path), "serve")]
    said += [says(environ(tmp_path), command) for command in ("scheduler", "migrate")]
    for code, sentences in said:
        assert (code, len(sentences)) == (1, 1), sentences
        assert "is not a database" in sentences[0]
    assert file.read_bytes().startswith(b"a letter")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("update alembic_version set version_num = '7fa0fe24db40'", "run `reservation migrate`"),
        ("update alembic_version set version_num = 'of2031'", "start the newer version"),
        ("delete from alembic_version", "no tables yet"),
    ],
)
def test_tables_of_another_version_are_refused(instance: Path, change: str, words: str) -> None:
    with closing(sqlite3.connect(instance / "reservation.sqlite")) as connection:
        connection.execute(change)
        connection.commit()
    commands = ["serve", "scheduler"] + (["migrate"] if "2031" in change else [])
    for command in commands:
        code, said = says(environ(instance), command)
        assert (code, len(said)) == (1, 1), said
        assert words in said[0]


@both_databases
def test_pages_that_run_already_answer_503_with_the_number(
    town: Town, client: FlaskClient, context: Flask
) -> None:
    def rename(old: str, new: str) -> None:
        with write() as db:
            db.execute(text(f"alter table {old} rename to {new}"))

    assert client.get("/signin").status_code == 200
    with write() as db:
        version = db.scalar(text("select version_num from alembic_version"))
        db.execute(text("update alembic_version set version_num = 'of2031'"))
    rename("facility", "room")
    try:
        answer = client.get("/m/131156/facilities/seeds")
        assert answer.status_code == 503
        assert "03-0000-0000" in answer.text
    finally:
        rename("room", "facility")
        with write() as db:
            db.execute(text("update alembic_version set version_num = :v"), {"v": version})


@pytest.mark.alone
def test_a_second_server_is_refused_and_commands_work_beside(instance: Path) -> None:
    with serving(instance) as (process, url):
        code, said = runs(environ(instance, port=str(free_port())), "serve")
        assert (code, len(said)) == (1, 1), said
        assert "Another server works on this database" in said[0]
        assert answers(f"{url}/healthz") == "ok\n"
        copy = subprocess.run(
            [*COMMAND, "backup"], env={**os.environ, **environ(instance)}, capture_output=True,
            text=True, check=True,
        ).stdout.strip()  # fmt: skip
        assert runs(environ(instance), "check", "--invariants") == (0, [])
        code, said = runs(environ(instance), "restore", copy)
        assert (code, len(said)) == (1, 1), said
        assert answers(f"{url}/healthz") == "ok\n"
        under = children(process.pid)
        assert len(under) == 2
        process.kill()
        process.wait(20)
        with serving(instance) as (_process, second):
            assert answers(f"{second}/healthz") == "ok\n"
            end = time.monotonic() + 15
            while any(Path(f"/proc/{pid}").exists() for pid in under) and time.monotonic() < end:
                time.sleep(0.1)
            assert [pid for pid in under if Path(f"/proc/{pid}").exists()] == []


def asks_for_a_code(url: str, mail: str) -> tuple[int, str]:
    """Status and page after asking for a sign-in code."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    try:
        page = opener.open(f"{url}/signin").read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, page
        form = urllib.parse.urlencode({"csrf_token": token[1], "mail": mail}).encode()
        with opener.open(f"{url}/signin", form) as answer:
            return int(answer.status), ""
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code), error.read().decode()


@pytest.mark.alone
def test_a_full_disk_is_503_with_the_number_and_keeps_what_was_answered(instance: Path) -> None:
    file = instance / "reservation.sqlite"
    answered: list[str] = []
    with serving(instance, limit=file.stat().st_size + 100_000) as (_process, url):
        status, page = 200, ""
        while status == 200:
            mail = f"family{len(answered)}@example.org"
            status, page = asks_for_a_code(url, mail)
            answered += [mail] if status == 200 else []
            assert len(answered) < 2000
        assert status == 503
        assert "03-0000-0000" in page
        assert answers(f"{url}/healthz") == "ok\n"
    with closing(sqlite3.connect(file)) as connection:
        kept = {row[0] for row in connection.execute("select address from outbox")}
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert answered
    assert set(answered) <= kept
    with serving(instance) as (_process, url):
        assert asks_for_a_code(url, "after@example.org")[0] == 200
