"""Forms sent by the page's script (static/js/sending.js), which asks again until it knows.

Where a redirect leads is told in a header, and the page goes there itself: a script that followed
it would load the next page twice, the second time without the word about the act.
"""

from flask import Flask, Response, request

BY_SCRIPT = "X-Sent-By-Script"
LEADS_TO = "X-Leads-To"


def init_app(app: Flask) -> None:
    """Answer a script's form with 204 and an address where a browser would get a redirect."""

    @app.after_request
    def lead(response: Response) -> Response:
        if BY_SCRIPT in request.headers and response.location and response.status_code < 400:
            response.headers[LEADS_TO] = response.headers.pop("Location")
            response.status_code = 204
            response.set_data(b"")
        return response


def to_send_again() -> list[tuple[str, str]]:
    """The fields of this request's form, if sending it twice is safe: it carries an act's key.

    A file cannot be handed back. Its own token stays in it, fresh or not, so that nobody else's
    form gets one from here.
    """
    if request.method != "POST" or not request.form.get("key") or request.files:
        return []
    return list(request.form.items(multi=True))
