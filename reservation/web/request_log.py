"""One line per request: the rule, never the address, since an address may carry a secret link."""

from flask import Flask, Response, g, request

from reservation import clock, logs, meters
from reservation.web import access


def init_app(app: Flask) -> None:
    """Number the requests and write their lines."""

    @app.before_request
    def begin() -> None:
        g.request_id = logs.new_request_id()
        g.begun = clock.monotonic()

    @app.after_request
    def end(response: Response) -> Response:
        # An untrusted host name ends a request before it has begun.
        if "begun" in g:
            response.headers["X-Request-Id"] = g.request_id
            spent = clock.monotonic() - g.begun
            meters.request(access.kind_of_request() or "none", response.status_code, spent)
            logs.get().info(
                "request",
                method=request.method,
                rule=request.url_rule.rule if request.url_rule else "(none)",
                status=response.status_code,
                ms=round(spent * 1000),
            )
        return response
