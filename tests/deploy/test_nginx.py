"""The shipped nginx configuration in the real nginx, before the real application."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from reservation.web.marks_of_files import FOR_GOOD
from tests import databases
from tests.deploy import arrangement
from tests.deploy.conftest import Site, behind_nginx
from tests.public.serving import Listener
from tests.test_serve import free_port

pytestmark = pytest.mark.alone
PHONE_COOKIE = "__Host-session=whatever"


def test_only_the_sites_name_is_answered_by_http_2_and_over_tls(site: Site) -> None:
    with closing(site.front.socket("reservation.example.jp", ["h2", "http/1.1"])) as line:
        assert line.selected_alpn_protocol() == "h2"
        assert line.version() == "TLSv1.3"
    with pytest.raises(ssl.SSLError):
        site.front.socket("elsewhere.example.jp", ["http/1.1"])
    plain = http.client.HTTPConnection("127.0.0.1", site.front.redirect_port, timeout=10)
    with closing(plain):
        plain.request("GET", "/my?x=1", headers={"Host": "reservation.example.jp"})
        answer = plain.getresponse()
        assert (answer.status, answer.getheader("Location")) == (
            301,
            "https://reservation.example.jp/my?x=1",
        )


def test_a_second_of_many_askers_is_one_request_to_the_pages(site: Site) -> None:
    for path, rule in (("/vacancy.json", "/vacancy.json"), ("/?complaint=cough", "/")):
        next_second()
        before = site.asked(rule)
        with ThreadPoolExecutor(16) as crowd:
            answers = list(crowd.map(site.front.get, [path] * 16))
        assert [one.status for one in answers] == [200] * 16
        assert site.asked(rule) == before + 1


def test_what_is_kept_is_new_after_two_seconds(site: Site, acting: Callable[[str], str]) -> None:
    first = site.front.get("/vacancy.json")
    acting("さくら")
    end = time.monotonic() + 3
    while (now := site.front.get("/vacancy.json")).headers["ETag"] == first.headers["ETag"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert json.loads(now.text)["version"] > json.loads(first.text)["version"]
    assert now.headers["Reservation-Now"] > first.headers["Reservation-Now"]


def test_after_a_silence_nobody_is_handed_an_old_board(
    site: Site, acting: Callable[[str], str]
) -> None:
    """An answer may be old for as long as a second person asks, never because nobody asked."""
    first = site.front.get("/vacancy.json")
    acting("はな")
    time.sleep(4)
    assert site.front.get("/vacancy.json").headers["ETag"] != first.headers["ETag"]


def test_who_has_the_state_is_answered_304_by_the_cache(site: Site) -> None:
    first = site.front.get("/vacancy.json")
    again = site.front.get("/vacancy.json", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Reservation-Now"]
    packed = site.front.get("/vacancy.json", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) < len(first.body) / 2
    weak = site.front.get(
        "/vacancy.json", Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"]
    )
    assert weak.status == 304


def test_nobody_s_page_is_kept(site: Site) -> None:
    next_second()
    for path, rule in (("/my", "/my"), ("/signin", "/signin"), ("/staff/", "/staff/")):
        before = site.asked(rule)
        answers = [site.front.get(path) for _ in range(2)]
        assert {one.headers["Cache-Control"] for one in answers} <= {"no-store"}
        assert site.asked(rule) == before + 2 or answers[0].status == 404
    before = site.asked("/")
    for _ in range(2):
        assert site.front.get("/", Cookie=PHONE_COOKIE).status == 200
    assert site.asked("/") == before + 2
    # What a browser with a cookie was shown is nobody else's either.
    assert site.front.get("/").status == 200
    assert site.asked("/") == before + 3


def test_the_bytes_are_the_same_for_who_brings_a_cookie(site: Site) -> None:
    next_second()
    before = site.asked("/vacancy.json")
    plain = site.front.get("/vacancy.json")
    with_cookie = site.front.get("/vacancy.json", Cookie=PHONE_COOKIE)
    assert plain.body == with_cookie.body
    assert site.asked("/vacancy.json") == before + 1


def test_languages_are_kept_apart(site: Site) -> None:
    def language(text: str) -> str:
        page = site.front.get("/", Accept_Language=text).text
        found = re.search(r'<html[^>]* lang="(\w+)', page)
        assert found is not None
        return found.group(1)

    assert [language(one) for one in ("ja", "en", "ja", "en")] == ["ja", "en", "ja", "en"]


def test_headers_of_the_pages_arrive_and_claims_of_a_browser_do_not(site: Site) -> None:
    answer = site.front.get(
        "/signin",
        X_Forwarded_Proto="http",
        X_Forwarded_Host="evil.example.org",
        X_Forwarded_For="10.0.0.1",
        X_Forwarded_Prefix="/evil",
    )
    assert answer.status == 200
    assert "evil" not in answer.text
    for name in ("Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "X-Request-Id"):
        assert answer.headers[name]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie


def test_files_are_kept_for_a_year_and_here_too(site: Site) -> None:
    found = re.search(r'"(/static/js/app\.js\?v=\w+)"', site.front.get("/signin").text)
    assert found is not None
    before = site.asked("/static/<path:filename>")
    answers = [site.front.get(found.group(1), Cookie=PHONE_COOKIE) for _ in range(3)]
    assert {one.headers["Cache-Control"] for one in answers} == {FOR_GOOD}
    assert site.asked("/static/<path:filename>") == before + 1
    assert site.front.get("/static/js/app.js").headers["Cache-Control"] == "no-cache"


def test_the_stream_comes_through_at_once(site: Site, acting: Callable[[str], str]) -> None:
    warm = Listener(site.front, "m/131156")
    assert warm.next(10) is not None
    warm.close()
    begun = time.monotonic()
    listener = Listener(site.front, "m/131156")
    first = listener.next(2)
    assert first is not None
    assert time.monotonic() - begun < 1
    assert listener.response.getheader("Content-Encoding") is None
    acting("もも")
    changed = listener.next(2)
    assert changed is not None
    assert changed.id != first.id
    listener.close()
    assert site.front.get("/live?topic=elsewhere/1").status == 404
    assert site.front.get("/live?topic=m/999999").status == 404


def test_a_photo_comes_through_and_what_is_too_large_is_said_in_words(site: Site) -> None:
    path, kind = f"/my/bookings/{'0' * 32}/photos", "multipart/form-data; boundary=x"
    form = {"method": "POST", "Content_Type": kind}
    begin = '--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
    photo = f"{begin}{'x' * 5_000_000}\r\n--x--\r\n"
    assert site.front.get(path, body=photo, **form).status in (303, 400)
    large = site.front.get(path, body="x" * 9_800_000, **form)
    assert (large.status, "送ったものが大きすぎます。" in large.text) == (413, True)
    for where, size in ((path, 10_600_000), ("/my/home", 2_200_000)):
        refused = site.front.get(where, body="x" * size, **form)
        assert refused.status == 413
        assert refused.headers["Cache-Control"] == "no-store"
        assert "03-0000-0000" in refused.text


def test_for_who_watches_only_from_this_machine(site: Site, tmp_path: Path) -> None:
    assert site.front.get("/readyz").status in (200, 503)
    everywhere = {"    allow 127.0.0.1;\n    allow ::1;\n    deny": "    deny"}
    with arrangement.nginx(tmp_path, [free_port()], free_port(), **everywhere) as front:
        assert [front.get(path).status for path in ("/readyz", "/metrics")] == [403, 403]


def test_when_nothing_answers_the_page_has_the_telephone_number(tmp_path: Path) -> None:
    with arrangement.nginx(tmp_path, [free_port()], free_port()) as front:
        answer = front.get("/my")
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "03-0000-0000" in answer.text
        assert "ただいまつながりません" in answer.text


def test_a_503_of_the_application_is_passed_on_with_its_page(tmp_path: Path) -> None:
    """The pages run, their database does not answer."""
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/away"
    environ = behind_nginx(tmp_path, database_url=nowhere)
    pages = free_port()
    words = arrangement.command("pages", pages)
    with (
        arrangement.started(words, environ, tmp_path / "pages.log", pages),
        arrangement.nginx(tmp_path, [pages], free_port()) as front,
    ):
        for path in ("/", "/vacancy.json"):
            answer = front.get(path)
            assert answer.status == 503, path
            assert answer.headers["Retry-After"]
            assert answer.headers["X-Request-Id"], "the application's own page"


def test_a_node_that_has_ended_is_left_out(site: Site, tmp_path: Path) -> None:
    with arrangement.nginx(tmp_path, [free_port(), site.pages_port], free_port()) as front:
        assert [front.get("/healthz").status for _ in range(6)] == [200] * 6
        # What has not been sent to a node that refuses the connection may be sent to the next.
        assert front.get("/signin", method="POST").status == 400


def test_a_restart_of_the_pages_finishes_what_was_accepted(tmp_path: Path) -> None:
    """As a unit is stopped: SIGTERM while a form waits for the database."""
    environ, pages = behind_nginx(tmp_path), free_port()
    databases.close(databases.make_app(tmp_path))
    words = arrangement.command("pages", pages)
    with (
        arrangement.started(words, environ, tmp_path / "pages.log", pages) as process,
        arrangement.nginx(tmp_path, [pages], free_port()) as front,
        ThreadPoolExecutor(1) as person,
        closing(sqlite3.connect(tmp_path / "reservation.sqlite", isolation_level=None)) as other,
    ):
        form = front.get("/signin")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
        assert token is not None
        fields = urlencode({"csrf_token": token.group(1), "mail": "sakura@example.org"})
        other.execute("BEGIN IMMEDIATE")
        sent = person.submit(
            front.get,
            "/signin",
            method="POST",
            body=fields,
            Content_Type="application/x-www-form-urlencoded",
            Cookie=form.headers["Set-Cookie"].partition(";")[0],
            Origin="https://reservation.example.jp",
            Referer="https://reservation.example.jp/signin",
        )
        time.sleep(1)
        process.terminate()
        time.sleep(1)
        assert not sent.done()
        other.execute("ROLLBACK")
        assert sent.result(20).status == 303
        assert process.wait(20) == 0


def next_second() -> None:
    """Wait until what is kept is older than it may be."""
    time.sleep(3.1)
