"""Static files may be kept for a year, because their address changes with their content."""

import re

from flask.testing import FlaskClient

from reservation.web.marks_of_files import FOR_GOOD


def test_an_address_on_a_page_carries_a_mark_and_its_answer_is_kept(client: FlaskClient) -> None:
    page = client.get("/signin").text
    address = re.search(r'src="(/static/js/app\.js\?v=[0-9a-f]{12})"', page)
    assert address is not None, "no marked address on the page"
    with client.get(address.group(1)) as answer:
        assert answer.headers["Cache-Control"] == FOR_GOOD
        assert "Set-Cookie" not in answer.headers
        tag = answer.headers["ETag"]
    with client.get(address.group(1), headers={"If-None-Match": tag}) as again:
        assert again.status_code == 304
        assert again.headers["Cache-Control"] == FOR_GOOD


def test_another_version_s_mark_is_asked_again(client: FlaskClient) -> None:
    for query in ("", "?v=", "?v=000000000000"):
        with client.get(f"/static/js/app.js{query}") as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/js/none.js?v=").status_code == 404
