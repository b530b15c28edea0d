import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from reservation.store.db import Unavailable
from reservation.web import access


def test_healthz_answers_without_asking_the_database(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_every_answer_forbids_what_comes_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/healthz", "/no-such-page"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_an_unknown_page_answers_in_japanese_with_the_number_of_the_request(
    client: FlaskClient,
) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert '<html lang="ja">' in answer.text
    assert "ページが見つかりません" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_wrong_method_tells_the_right_one(client: FlaskClient) -> None:
    answer = client.delete("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_host_name_that_is_not_ours_is_refused(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_database_that_is_away_answers_503_and_when_to_try_again(app: Flask) -> None:
    with app.test_request_context("/"):
        answer = app.make_response(app.handle_user_exception(Unavailable("away")))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "お急ぎのときは、お電話ください" in answer.get_data(as_text=True)


def test_an_endpoint_without_a_guard_stops_the_start() -> None:
    house = Flask("house")
    open_door = Blueprint("open_door", __name__)
    open_door.get("/")(lambda: "come in")
    house.register_blueprint(open_door)
    with pytest.raises(access.Unguarded, match="open_door"):
        access.require_guards(house)
    access.guard(open_door, "public")
    access.require_guards(house)


def test_a_guard_whose_check_nobody_wrote_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_checks", {})
    house = Flask("house")
    door = access.guard(Blueprint("door", __name__), "staff")
    door.get("/")(lambda: "come in")
    house.register_blueprint(door)
    with pytest.raises(access.Unguarded, match="staff"):
        access.require_guards(house)


def test_a_guard_lets_nobody_in_whom_its_check_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_checks", {"staff": lambda: ("no", 404)})
    house = Flask("house")
    door = access.guard(Blueprint("door", __name__), "staff")
    door.get("/")(lambda: "come in")
    house.register_blueprint(door)
    access.require_guards(house)
    assert house.test_client().get("/").status_code == 404


@pytest.mark.browser
def test_a_phone_with_japanese_letters_opens_the_page(page: Page) -> None:
    page.goto("/no-such-page")
    assert page.locator("h1").inner_text() == "ページが見つかりません"
    # Without a Japanese font every sign is the same box and every picture proves nothing.
    drawn = page.evaluate(
        """() => ["空", "満"].map(sign => {
            const canvas = document.createElement("canvas");
            const pen = canvas.getContext("2d");
            pen.font = "40px sans-serif";
            pen.fillText(sign, 10, 50);
            return canvas.toDataURL();
        })"""
    )
    assert drawn[0] != drawn[1]


@pytest.mark.browser
def test_no_page_is_wider_than_the_screen(page: Page, desk_page: Page) -> None:
    for screen in (page, desk_page):
        screen.goto("/no-such-page")
        wide = "document.documentElement.scrollWidth <= window.innerWidth"
        assert screen.evaluate(wide)
