"""Is the process alive, and can the installation do its work?"""

from flask import Response, jsonify

from reservation import clock
from reservation.reads import readiness
from reservation.web.public import bp


@bp.get("/healthz")
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/readyz")
def readyz() -> Response:
    lines = readiness.look(clock.now)
    answer = jsonify({line.name: {"ok": line.ok, "words": line.words} for line in lines})
    answer.status_code = 200 if all(line.ok or not line.stops for line in lines) else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer
