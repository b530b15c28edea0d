"""Is the process alive? Asks nobody else."""

from flask import Response

from reservation.web.public import bp


@bp.get("/healthz")
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
